"""Made repositories in our own words: what restricts is held, what is harmless is open, and what slips is known."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from benchmarks.evasions import OPEN, measure
from benchmarks.opened import Made, scorecard
from benchmarks.worded import worded

BATCHES = tuple(sorted(path for path in (Path(__file__).parent / "worded").iterdir() if path.is_dir()))
IN_THE_CARD = frozenset({"id", "says", "severity", "title", "front", "open"})
KINDS = {"cases": "plain", "controls": "control"}


@pytest.fixture(params=BATCHES, ids=lambda path: path.name)
def batch(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def _known(batch: Path, name: str) -> set[str]:
    """The cases that are known to come out wrong."""
    return {case["id"] for case in worded(batch / f"{name}.yaml", "") if case["open"]}


def _in_the_card(batch: Path, name: str) -> set[str]:
    """The cases whose words stand in the card, and that need no Hub."""
    listed = yaml.safe_load((batch / f"{name}.yaml").read_text(encoding="utf-8"))
    return {
        short["id"] for short in listed if short.keys() <= IN_THE_CARD and "base_model" not in short.get("front", "")
    }


@pytest.mark.parametrize("name", KINDS)
def test_words_in_a_card_are_read_as_they_are_meant(batch: Path, name: str, licence_texts: Path) -> None:
    assert licence_texts.is_dir()
    wanted = _in_the_card(batch, name)
    made = [case for case in worded(batch / f"{name}.yaml", KINDS[name]) if case["id"] in wanted]
    opened = {
        case["id"]
        for case in made
        if scorecard(Made("made", case["repo"], case["files"]["README.md"], "Apache-2.0")).label.id in OPEN
    }
    wrong = opened if name == "cases" else wanted - opened
    assert len(made) > len(_known(batch, name))
    assert wrong <= _known(batch, name)


@pytest.mark.slow
def test_each_repository_comes_out_as_it_is_meant_or_is_known_not_to(batch: Path, licence_texts: Path) -> None:
    found = measure(batch, licence_texts)
    assert {row[0] for row in found["opened"]} == _known(batch, "cases")
    assert {row[0] for row in found["held"]} == _known(batch, "controls")
