"""judge(): forty cells, the score, the label's ladder, and the laws that no evidence may break."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from evidence_builder import evidence_of
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from made_evidence import FLAGS, cases, licensed_cases
from test_checks import assert_well_formed, covered

from osaudit.checks import CHECKS
from osaudit.checks.case import Case, build_case
from osaudit.codec import digest, dump
from osaudit.errors import UsageError
from osaudit.evidence import Base, Evidence, Restriction, Seen, Statement, Unknown, Where
from osaudit.judge import judge, score
from osaudit.label import RUNGS, label
from osaudit.licences.table import Licence, load_table
from osaudit.packs import CheckCall, Pack, load_pack
from osaudit.render.json import render_json
from osaudit.verdict import FACETS, Answer, LabelId, Outcome, Scorecard, Verdict

WEIGHTS = """
    4 5 4 1 3 4 3 1 1 2
    2 9 2 0 1 2 1 1 1 1
    1 9 2 1 1 2 1 0 1 1
    3 2 4 2 5 7 3 2 3 2
"""
"""RUBRIC's facet weights: a row a facet, a column a criterion."""

OPEN = {"tag": "apache-2.0", "library": "transformers", "pipeline": "text-generation"}
LAWS = settings(
    max_examples=int(os.environ.get("OSAUDIT_EXAMPLES", "100")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def judged(**case: Any) -> Scorecard:
    return judge(evidence_of(case), load_pack(), load_table())


def outcome(card: Scorecard, cell: str) -> Outcome:
    return answer(card, cell).outcome


def answer(card: Scorecard, cell: str) -> Answer:
    """The answer of a cell named as the rubric names it: `L6`, `W1`, `D2`, `T2`."""
    facet = {"W": "weights", "D": "data", "T": "training", "L": "licence"}[cell[0]]
    return next(v.answer for v in card.verdicts if (v.criterion, v.facet) == (f"OSD-{cell[1:]}", facet))


def rung(card: Scorecard) -> int:
    return RUNGS.index(card.label.id)


# --- cells and weights


def test_all_forty_cells_in_order() -> None:
    expected = [(f"OSD-{number}", facet) for number in range(1, 11) for facet in FACETS]
    for case in ({}, OPEN, {"card": "unread", "files": "unknown", "gate": "unknown"}):
        assert [(v.criterion, v.facet) for v in judged(**case).verdicts] == expected


def test_the_weights_are_the_rubrics() -> None:
    rows = [[int(weight) for weight in line.split()] for line in WEIGHTS.strip().splitlines()]
    asked = {(criterion.id, facet): cell.weight for criterion, facet, cell in load_pack().cells}
    assert asked == {
        (f"OSD-{n}", facet): row[n - 1] for facet, row in zip(FACETS, rows, strict=True) for n in range(1, 11)
    }
    assert sum(asked.values()) == 100


def test_the_gate_is_the_rubrics() -> None:
    pack = load_pack()
    assert pack.gate_criteria == {"OSD-1", "OSD-3", "OSD-5", "OSD-6", "OSD-7"}
    assert pack.gate_facets == {"licence", "weights"}


# --- the same evidence, the same bytes


def test_the_same_evidence_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    case = {
        **OPEN,
        "texts": [{"key": "llama2"}, {"path": "USE_POLICY.md", "component": "policy", "restrictions": FLAGS}],
        "bases": [{"name": "else/base-lm", "is": {"tag": "gemma"}}, {"name": "third/base-lm", "unseen": "gated"}],
        "datasets": [{"name": "acme/corpus", "is": {"tag": "cc-by-4.0"}}, {"name": "acme/chat", "unseen": "gone"}],
    }
    here = render_json([judged(**case)])
    assert here == render_json([judged(**case)])
    saved = tmp_path / "evidence.json"
    saved.write_text(dump(evidence_of(case)), encoding="utf-8")
    program = (
        "import sys, pathlib; from osaudit.codec import load; from osaudit.judge import judge; "
        "from osaudit.packs import load_pack; from osaudit.licences.table import load_table; "
        "from osaudit.render.json import render_json; "
        "text = pathlib.Path(sys.argv[1]).read_text(encoding='utf-8'); "
        "sys.stdout.write(render_json([judge(load(text), load_pack(), load_table())]))"
    )
    for seed in ("1", "4711"):
        there = subprocess.run(
            [sys.executable, "-c", program, str(saved)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            cwd=Path(__file__).parent.parent,
            capture_output=True,
            check=True,
        )
        assert there.stdout.decode() == here


def test_the_digest_leaves_the_time_out() -> None:
    evidence = evidence_of({**OPEN, "bases": [{"name": "else/base-lm", "is": {"tag": "mit"}}]})
    base = evidence.bases[0]
    assert isinstance(base.evidence, Seen)
    older = replace(base, evidence=Seen(replace(base.evidence.value, collected_at="2001-01-01T00:00:00Z")))
    later = replace(evidence, collected_at="2031-01-01T00:00:00Z", bases=(older,))
    assert digest(later) == digest(evidence)
    assert digest(replace(evidence, source="folder")) != digest(evidence)
    first, second = judge(evidence, load_pack(), load_table()), judge(later, load_pack(), load_table())
    assert replace(second, collected_at=first.collected_at) == first


# --- the label's ladder

CODE = {
    "config": {"remote_code": True},
    "files": ["model.safetensors", "config.json", "tokenizer.json", "modeling_tiny.py"],
}
CLOSED_CODE = {**CODE, "texts": [{"path": "LICENSE-CODE", "component": "code", "key": "cc-by-nc-4.0"}]}
SHARE_ALIKE = {"bases": [{"name": "else/base-lm", "is": {"tag": "cc-by-sa-4.0"}}]}
LADDER: list[tuple[str, dict[str, Any], LabelId, str]] = [
    ("no weights", {**OPEN, "files": ["config.json"]}, "not-available", "Publish the weight files"),
    ("nothing said", {"library": "transformers"}, "unlicensed", "State a licence"),
    (
        "a licence that closes uses",
        {**OPEN, "tag": "llama2"},
        "weights-available",
        "Meet No discrimination against persons or groups (OSD-5)",
    ),
    (
        "a gate that a person opens",
        {**OPEN, "gate": "manual"},
        "weights-available",
        "Have a person answer Free redistribution (OSD-1), weights",
    ),
    ("all met, and not approved", {**OPEN, "tag": "openmdw-1.0"}, "weights-available", "not on OSI's list"),
    ("a family tag", {**OPEN, "tag": "gpl"}, "weights-available", "Make certain the licence of the weights"),
    ("nothing loads them", {"tag": "mit", "files": ["model.npz"]}, "weights-available", "Name the open library"),
    ("its own code is closed", {**OPEN, **CLOSED_CODE}, "weights-available", "code in the repository"),
    ("a base under a content licence", {**OPEN, **SHARE_ALIKE}, "weights-available", "Build on a model under"),
    ("approved", OPEN, "open-weights", "Publish the code and settings"),
    ("a form that opens by itself", {**OPEN, "gate": "auto"}, "open-weights", "Publish the code and settings"),
    ("approved, and so is its own code", {**OPEN, **CODE}, "open-weights", "Publish the code and settings"),
]


@pytest.mark.parametrize(("case", "reached", "block"), [pytest.param(*row[1:], id=row[0]) for row in LADDER])
def test_the_highest_rung_whose_conditions_hold(case: dict[str, Any], reached: LabelId, block: str) -> None:
    card = judged(**case)
    assert card.label.id == reached
    assert any(block in words for words in card.label.blocks), card.label.blocks
    assert card.label.determined
    assert not card.label.candidate


def _attested(card: Scorecard, cells: Mapping[str, Outcome]) -> tuple[Verdict, ...]:
    """The verdicts after a person answered some cells."""
    asked = {("OSD-" + cell[1:], {"D": "data", "T": "training"}[cell[0]]): result for cell, result in cells.items()}
    return tuple(
        replace(v, answer=Answer(asked[v.criterion, v.facet], "A person attests it.", (), "attested"))
        if (v.criterion, v.facet) in asked
        else v
        for v in card.verdicts
    )


def test_the_open_rungs_are_candidates_and_take_a_persons_word() -> None:
    case = build_case(evidence_of(OPEN), load_table())
    card = judged(**OPEN)
    pack = load_pack()
    system = label(case, _attested(card, {"T2": "pass", "D2": "pass"}), pack)
    assert (system.id, system.candidate) == ("open-source-ai", True)
    assert system.blocks
    every = dict.fromkeys(("T2", "D1", "D2", "D3", "D5", "D6"), "pass")
    data = label(case, _attested(card, every), pack)
    assert (data.id, data.candidate, data.blocks) == ("open-source-ai-open-data", True, ())
    half = label(case, _attested(card, {"T2": "pass", "D2": "partial"}), pack)
    assert (half.id, half.candidate) == ("open-weights", False)


def test_at_best_is_the_rung_if_every_review_passed() -> None:
    linked = {"kind": "training-code", "value": "https://code.example/train"}
    data = [{"name": "acme/corpus", "role": "pre-training", "is": {"tag": "cc0-1.0"}}]
    card = judged(**OPEN, statements=[linked], datasets=data)
    assert (card.label.id, card.label.at_best) == ("open-weights", "open-source-ai-open-data")
    assert judged(**OPEN).label.at_best == "open-weights"
    assert judged(**{**OPEN, "gate": "manual"}).label.at_best == "open-weights"
    assert judged(**{**OPEN, "tag": "llama2"}).label.at_best == "weights-available"
    assert judged(**{**OPEN, "tag": "gpl"}).label.at_best == "open-weights"
    assert judged(**{**OPEN, "tag": "cc"}).label.at_best == "weights-available"


@pytest.mark.parametrize("case", [{"files": "unknown"}, {"partial": True, "files": ["config.json"]}])
def test_a_list_known_to_be_partial_leaves_the_lowest_rungs_open(case: dict[str, Any]) -> None:
    found = judged(**{**OPEN, **case}).label
    assert (found.id, found.determined, found.at_best) == ("not-available", False, "open-weights")


@pytest.mark.parametrize("case", [{"card": "unread"}, {"files": "unknown"}])
def test_what_was_refused_makes_the_audit_incomplete(case: dict[str, Any]) -> None:
    assert judged(**OPEN, **case).incomplete
    assert not judged(**OPEN).incomplete


def test_a_gated_model_without_access_is_judged_from_the_record_and_never_open() -> None:
    card = judged(tag="apache-2.0", library="transformers", card="unread", gate="auto")
    assert (card.label.id, card.label.at_best, card.incomplete) == ("weights-available", "open-source-ai", True)
    assert outcome(card, "L6") == "review"
    assert outcome(judged(tag="llama2", card="unread", gate="manual"), "L6") == "fail"


def test_the_licence_of_each_component() -> None:
    card = judged(
        texts=[{"path": "LICENSE-MODEL", "component": "weights", "key": "llama2"}, {"path": "LICENSE", "key": "mit"}],
        datasets=[{"name": "acme/corpus", "is": {"tag": "cc-by-4.0"}}],
    )
    found = dict(card.licences)
    assert {name: licence.key for name, licence in found.items()} == {
        "weights": "llama2",
        "code": "mit",
        "data": "cc-by-4.0",
    }
    assert found["weights"].basis == "licence text"
    assert found["data"].basis == "declared by publisher"
    assert found["weights"].steps[-1].startswith("The text LICENSE")
    assert dict(judged(tag="other", license_name="acme").licences)["weights"].key is None


def test_the_unseen_are_listed_bases_of_bases_among_them() -> None:
    deep = {"tag": "mit", "bases": [{"name": "third/base-lm", "unseen": "gone"}]}
    card = judged(
        **OPEN,
        bases=[{"name": "else/base-lm", "is": deep}],
        datasets=[{"name": "acme/corpus", "unseen": "gated"}],
        unseen=[{"what": "a paper", "why": "osaudit reads none"}],
    )
    assert [item.what for item in card.unseen] == [
        "a paper",
        "the base model third/base-lm",
        "the data set acme/corpus",
    ]
    assert not [finding for finding in card.conflicts if finding.kind.startswith("lineage")]


# --- packs of a user's own


def _pack(**changes: Any) -> Pack:
    return replace(load_pack(), **changes)


def test_a_pack_without_a_gate_or_without_criterion_2_opens_nothing() -> None:
    case = build_case(evidence_of(OPEN), load_table())
    nothing = _pack(gate_criteria=frozenset(), gate_facets=frozenset())
    assert label(case, judged(**OPEN).verdicts, nothing).id == "weights-available"
    without = tuple(v for v in judged(**OPEN).verdicts if v.criterion != "OSD-2")
    assert label(case, without, load_pack()).id == "open-weights"
    assert label(case, (), load_pack()).id == "weights-available"


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (CheckCall("weights-perfect", {}), "'weights-perfect'"),
        (CheckCall("weights-published", {"criterion": 1}), "which it does not take"),
        (CheckCall("data-licences-permit", {}), "without criterion"),
        (CheckCall("data-licences-permit", {"criterion": 11}), "criterion: 11"),
        (CheckCall("data-licences-permit", {"criterion": True}), "criterion: True"),
        (CheckCall("data-licences-permit", {"criterion": "1"}), "criterion: '1'"),
        (CheckCall("licence-permits", {"component": "x", "criterion": 1, "settled_by": "naming"}), "settled_by"),
        (CheckCall("does-not-apply", {"because": 5}), "because: 5"),
        (CheckCall("does-not-apply", {"because": ""}), "because"),
    ],
)
def test_a_pack_that_asks_wrongly_is_told_in_one_line(call: CheckCall, says: str) -> None:
    pack = load_pack()
    first = pack.criteria[0]
    cells = {**first.cells, "weights": replace(first.cells["weights"], checks=(call,))}
    wrong = replace(pack, criteria=(replace(first, cells=cells), *pack.criteria[1:]))
    with pytest.raises(UsageError) as caught:
        judge(evidence_of(OPEN), wrong, load_table())
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


# --- laws


@LAWS
@given(case=cases)
def test_law_every_cell_answers_in_words_and_no_pass_stands_without_a_place(case: dict[str, Any]) -> None:
    card = judged(**case)
    assert len(card.verdicts) == 40
    for verdict in card.verdicts:
        assert_well_formed(verdict.answer)
        assert verdict.answer.outcome != "pass" or verdict.answer.where
    for finding in (*card.conflicts, *card.obligations, *card.risks):
        assert finding.because.endswith("."), finding
    assert all(finding.where for finding in card.conflicts)
    assert all(words.strip() for words in card.label.blocks)
    assert rung(card) <= RUNGS.index(card.label.at_best)
    assert card.label.blocks or card.label.id == RUNGS[-1]


@LAWS
@given(case=cases)
def test_law_a_check_gives_no_outcome_that_has_no_case_and_leaves_its_case_as_it_was(case: dict[str, Any]) -> None:
    built, again = build_case(evidence_of(case), load_table()), build_case(evidence_of(case), load_table())
    for _, _, cell in load_pack().cells:
        for call in cell.checks:
            assert CHECKS[call.name](built, **call.arguments).outcome in covered(call.name), call.name
    assert built == again


@LAWS
@given(case=cases)
def test_law_the_score_is_a_range(case: dict[str, Any]) -> None:
    found = judged(**case).score
    assert 0 <= found.low <= found.high <= 100


@LAWS
@given(case=cases, data=st.data())
def test_law_a_review_that_passes_moves_the_low_end_up_and_never_past_the_high(
    case: dict[str, Any], data: st.DataObject
) -> None:
    card = judged(**case)
    settled = tuple(
        replace(v, answer=replace(v.answer, outcome="pass"))
        if v.answer.outcome == "review" and data.draw(st.booleans())
        else v
        for v in card.verdicts
    )
    assert card.score.low <= score(settled).low <= card.score.high
    assert score(settled).high == card.score.high


@LAWS
@given(case=cases, data=st.data())
def test_law_a_fail_in_any_gate_cell_caps_the_label(case: dict[str, Any], data: st.DataObject) -> None:
    built, card, pack = build_case(evidence_of(case), load_table()), judged(**case), load_pack()
    gate = [v for v in card.verdicts if v.criterion in pack.gate_criteria and v.facet in pack.gate_facets]
    failing = data.draw(st.sampled_from(gate))
    verdicts = tuple(
        replace(v, answer=replace(v.answer, outcome="fail" if v == failing else "pass")) for v in card.verdicts
    )
    found = label(built, verdicts, pack)
    assert RUNGS.index(found.id) <= RUNGS.index(found.at_best) <= RUNGS.index("weights-available")


def _said(flag: str, path: str = "README.md") -> Where:
    return Where("acme/tiny-lm", None, path, (7, 7), quote=f"words on {flag}")


def _more_restricted(evidence: Evidence, how: str, flag: str) -> Evidence:
    card, gate = evidence.card, evidence.gate
    if how == "card" and isinstance(card, Seen):
        said = Statement("restriction", flag, "any", "high", _said(flag))
        return replace(
            evidence, card=replace(card, value=replace(card.value, statements=(*card.value.statements, said)))
        )
    if how == "gate" and isinstance(gate, Seen):
        return replace(evidence, gate=replace(gate, value=replace(gate.value, mode="manual")))
    if how == "eu" and isinstance(gate, Seen):
        return replace(evidence, gate=replace(gate, value=replace(gate.value, eu_disallowed=True)))
    if how == "text":
        hit = Restriction(flag, _said(flag, "LICENSE"))
        texts = tuple(replace(text, restrictions=(*text.restrictions, hit)) for text in evidence.licence_texts)
        return replace(evidence, licence_texts=texts)
    return evidence


@LAWS
@given(case=licensed_cases, how=st.sampled_from(["card", "text", "gate", "eu"]), flag=st.sampled_from(FLAGS))
def test_law_a_further_restriction_never_raises(case: dict[str, Any], how: str, flag: str) -> None:
    evidence = evidence_of(case)
    _assert_no_higher(_more_restricted(evidence, how, flag), evidence)


def _assert_no_higher(changed: Evidence, evidence: Evidence) -> None:
    before, after = judge(evidence, load_pack(), load_table()), judge(changed, load_pack(), load_table())
    assert rung(after) <= rung(before), (before.label, after.label)
    assert after.score.low <= before.score.low, _raised(before, after)


def _raised(before: Scorecard, after: Scorecard) -> list[tuple[str, str, str, str]]:
    return [
        (v.criterion, v.facet, v.answer.outcome, w.answer.outcome)
        for v, w in zip(before.verdicts, after.verdicts, strict=True)
        if v.answer.outcome != w.answer.outcome
    ]


def _standing(licence: Licence) -> tuple[int, ...]:
    """How a licence stands by the rubric under each criterion (3 pass, 2 settled partly, 1 open, 0 fail)."""
    settled = {
        1: licence.flags.get("user_threshold") or licence.flags.get("revenue_threshold"),
        4: licence.flags.get("naming_or_attribution"),
        5: licence.flags.get("scaled_duty"),
        7: licence.flags.get("restriction_flow_down"),
        9: licence.flags.get("output_use_restriction"),
    }
    marks = []
    for number in range(1, 11):
        v = licence.verdict(number).v
        mark = 3 if v == "pass" else 0 if v == "fail" else 2 if settled.get(number) else 1
        if number == 2 and licence.category in {"content/data licence", "data licence"}:
            mark = 2  # has no source form: the cell leaves the score
        if number == 2 and licence.category == "copyleft":
            mark = 1
        marks.append(mark)
    return (*marks, int(licence.osi.approved), int(not licence.flags.get("geographic_exclusion")))


_PLAIN_KEYS = [
    licence.key
    for licence in load_table().licences
    if licence.category not in {"family tag", "no licence information"} and licence.key not in {"openrail", "jais"}
]
_STANDING = {key: _standing(licence) for key in _PLAIN_KEYS if (licence := load_table().get(key))}


@st.composite
def _stricter_pairs(draw: st.DrawFn) -> tuple[str, str]:
    free = draw(st.sampled_from(_PLAIN_KEYS))
    stricter = [
        key
        for key in _PLAIN_KEYS
        if all(b <= a for a, b in zip(_STANDING[free], _STANDING[key], strict=True)) and key != free
    ]
    return free, draw(st.sampled_from(stricter or [free]))


@LAWS
@given(case=cases, pair=_stricter_pairs(), as_=st.sampled_from(["tag", "text", "both", "base", "code", "data"]))
def test_law_stricter_terms_never_raise(case: dict[str, Any], pair: tuple[str, str], as_: str) -> None:
    plain = {key: value for key, value in case.items() if key not in {"tag", "license_name", "license_link", "texts"}}
    if isinstance(case.get("files"), list):  # the whole path, under approved terms alone, waits for a person
        plain["files"] = [path for path in case["files"] if path != "preprocess.py"]

    def under(key: str) -> Evidence:
        changes: dict[str, Any] = {
            "tag": {"tag": key},
            "text": {"texts": [{"key": key}]},
            "both": {"tag": key, "texts": [{"key": key}]},
            "base": {"tag": "mit", "bases": [{"name": "else/base-lm", "is": {"tag": key}}]},
            "code": {"tag": "mit", "texts": [{"key": key, "path": "LICENSE-CODE", "component": "code"}]},
            "data": {"tag": "mit", "datasets": [{"name": "acme/corpus", "is": {"tag": key}}]},
        }[as_]
        return evidence_of({**plain, **changes})

    _assert_no_higher(under(pair[1]), under(pair[0]))


def _hidden(evidence: Evidence, what: str) -> Evidence:
    """The same, but one thing could not be looked at."""
    why, files, gate = Unknown("it could not be looked at"), evidence.files, evidence.gate
    if what in {"files", "card", "gate", "config"}:
        return replace(evidence, **{what: why})
    if what == "part of the list" and isinstance(files, Seen):
        return replace(evidence, files=replace(files, value=replace(files.value, complete=False)))
    if what == "prompt" and isinstance(gate, Seen):
        return replace(evidence, gate=replace(gate, value=replace(gate.value, prompt=why)))
    if what == "data":
        return replace(evidence, datasets=tuple(replace(use, evidence=why) for use in evidence.datasets))
    if what == "bases":
        return replace(evidence, bases=tuple(replace(b, evidence=why) if _is_sure(b) else b for b in evidence.bases))
    return evidence


def _is_sure(base: Base) -> bool:
    return base.confidence == "high" and not base.name.startswith("acme/")


@LAWS
@given(
    case=cases,
    what=st.sampled_from(["files", "part of the list", "card", "gate", "prompt", "config", "data", "bases"]),
)
def test_law_what_could_not_be_looked_at_never_raises(case: dict[str, Any], what: str) -> None:
    """An unseen base of another owner, named for sure, opens criterion 3 of the weights, and holds the label down."""
    evidence = evidence_of(case)
    if what == "bases":
        hidden = judge(_hidden(evidence, what), load_pack(), load_table())
        assert rung(hidden) <= rung(judge(evidence, load_pack(), load_table()))
        return
    papers = [row for row in case.get("statements", ()) if row["kind"] == "paper"]
    assume(what != "card" or not papers)  # a paper that was cited is for a person, and nobody knows then that one was
    assume(what != "files" or "adapter_config.json" not in case.get("files", ()))  # nobody knows then that it adapts
    _assert_no_higher(_hidden(evidence, what), evidence)


def test_the_case_files_judge_without_a_crash() -> None:
    for path in sorted((Path(__file__).parent / "cases").glob("*/*.yaml")):
        for case in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            assert len(json.loads(render_json([judged(**case)]))["verdicts"]) == 40


def test_a_case_is_frozen() -> None:
    built: Case = build_case(evidence_of(OPEN), load_table())
    with pytest.raises(AttributeError):
        built.evidence = evidence_of({})  # type: ignore[misc]


# --- words that no rule understands


@pytest.mark.parametrize(
    ("kind", "value", "cells"),
    [
        ("unclear-terms", "terms", "W6 L6"),
        ("unclear-terms", "trade", "W1 W6 L1 L6"),
        ("unclear-terms", "persons", "L5"),
        ("unclear-terms", "places", "L5"),
        ("unclear-terms", "consent", "W7 L7"),
        ("unclear-terms", "registration", "W7 L7"),
        ("unclear-terms", "no_derivatives", "L3"),
        ("unread-terms", "TERMS.odt", "W6 L6"),
    ],
)
def test_words_that_no_rule_understands_hold_the_label_and_are_quoted(kind: str, value: str, cells: str) -> None:
    open_ = judged(**OPEN)
    card = judged(**OPEN, statements=[{"kind": kind, "value": value, "quote": "Whoso would, let them ask."}])
    assert open_.label.id == "open-weights"
    assert card.label.id == "weights-available"
    assert card.label.at_best == "open-weights"
    gate = "W1 W3 W5 W6 W7 L1 L3 L5 L6 L7"
    reviewed = {cell for cell in gate.split() if outcome(card, cell) == "review"}
    assert reviewed == set(cells.split())
    for cell in reviewed:
        assert [place.quote for place in answer(card, cell).where] == ["Whoso would, let them ask."]
    assert card.conflicts == open_.conflicts


@pytest.mark.parametrize("kind", ["words-not-understood", "hidden-words"])
def test_words_on_terms_without_force_are_a_risk_and_hold_nothing(kind: str) -> None:
    said = {"kind": kind, "quote": "Terms are a fine thing."}
    card = judged(**OPEN, statements=[said])
    assert card.label.id == "open-weights"
    [risk] = [finding for finding in card.risks if finding.kind == kind]
    assert "Terms are a fine thing." in risk.because
    assert risk.rule == f"words.{kind}"


def test_every_conflict_obligation_and_risk_names_its_rule() -> None:
    kinds = set()
    for path in sorted((Path(__file__).parent / "cases").glob("*/*.yaml")):
        for case in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            card = judge(evidence_of(case), load_pack(), load_table())
            for finding in (*card.conflicts, *card.obligations, *card.risks):
                assert finding.rule, finding
                kinds.add(finding.kind)
    assert {"card-restriction", "policy-adds-terms", "lineage-drops-terms", "tag-text", "text-text"} <= kinds
