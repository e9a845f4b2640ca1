"""Every check, asked of built evidence: tests/cases/<check>/<outcome>*.yaml, one case a YAML document."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from evidence_builder import evidence_of

from osaudit.checks import CHECKS
from osaudit.checks.case import Case, build_case
from osaudit.licences.table import load_table
from osaudit.packs import CheckCall, load_pack, pack_ids
from osaudit.verdict import Answer, Basis, Outcome

CASES = Path(__file__).parent / "cases"
OUTCOMES = get_args(Outcome)


def _cases() -> Iterator[Any]:
    for path in sorted(CASES.glob("*/*.yaml")):
        name = f"{path.parent.name}/{path.stem}"
        for number, case in enumerate(yaml.safe_load_all(path.read_text(encoding="utf-8")), 1):
            yield pytest.param(path, case, id=f"{name}-{number}")


def outcome_of(path: Path) -> str:
    return next((outcome for outcome in OUTCOMES if path.stem.startswith(outcome)), "")


def covered(check: str) -> set[str]:
    """The outcomes that a check has cases for."""
    return {outcome_of(path) for path in (CASES / check).glob("*.yaml")}


def calls() -> tuple[CheckCall, ...]:
    """Every check as some pack asks for it."""
    return tuple(call for pack in pack_ids() for _, _, cell in load_pack(pack).cells for call in cell.checks)


@pytest.mark.parametrize(("path", "case"), list(_cases()))
def test_a_case_gets_its_answer(path: Path, case: dict[str, Any]) -> None:
    assert case["what"], "a case says what it shows"
    built = build_case(evidence_of(case), load_table())
    again = build_case(evidence_of(case), load_table())
    answer = CHECKS[path.parent.name](built, **case.get("args", {}))

    assert answer.outcome == case.get("expect", answer.outcome) == outcome_of(path), answer.because
    assert case["says"].lower() in answer.because.lower()
    assert_well_formed(answer)
    assert answer.outcome != "pass" or answer.where, "no pass without a place"
    assert built == again, "a check left its case changed"


def assert_well_formed(answer: Answer) -> None:
    assert answer.outcome in OUTCOMES
    assert answer.basis in get_args(Basis)
    assert answer.because == answer.because.strip(), answer.because
    assert answer.because.endswith("."), answer.because
    assert not answer.because.endswith(".."), answer.because
    assert len(answer.because) > len("No."), answer.because
    assert all(place.repo and place.path for place in answer.where)


@functools.cache
def _given() -> dict[str, set[str]]:
    """The outcomes that each check gives on the evidence of every case, asked as the packs ask."""
    built: list[Case] = [build_case(evidence_of(param.values[1]), load_table()) for param in _cases()]
    asked = list({repr(call): call for call in calls()}.values())
    given: dict[str, set[str]] = {}
    for call in asked:
        outcomes = {CHECKS[call.name](case, **call.arguments).outcome for case in built}
        given.setdefault(call.name, set()).update(outcomes)
    return given


@pytest.mark.parametrize("name", list(CHECKS))
def test_a_check_has_a_case_for_every_outcome_it_gives(name: str) -> None:
    assert covered(name), f"{name} has no case: add tests/cases/{name}/pass.yaml and the others that it can give"
    assert _given()[name] <= covered(name)


def test_a_case_folder_has_a_check_and_its_files_an_outcome() -> None:
    assert {path.name for path in CASES.iterdir()} <= set(CHECKS)
    assert not [path for path in CASES.glob("*/*") if path.suffix != ".yaml" or not outcome_of(path)]


@pytest.mark.parametrize("pack", pack_ids())
def test_a_pack_asks_for_known_checks_with_the_arguments_they_take(pack: str) -> None:
    for criterion, facet, cell in load_pack(pack).cells:
        assert cell.checks, (criterion.id, facet)
        for call in cell.checks:
            assert call.name in CHECKS, f"{pack}: {criterion.id}/{facet} asks for the unknown check {call.name}"
            inspect.signature(CHECKS[call.name]).bind(object(), **call.arguments)


def test_every_check_is_in_a_pack() -> None:
    assert {call.name for call in calls()} == set(CHECKS)


@pytest.mark.parametrize("name", list(CHECKS))
def test_a_checks_docstring_is_its_question(name: str) -> None:
    words = (inspect.getdoc(CHECKS[name]) or "").splitlines()[0]
    assert words.endswith("?") or name == "does-not-apply"
