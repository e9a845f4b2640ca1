"""What further definitions make of the same evidence, and the laws that hold between them."""

from __future__ import annotations

from typing import Any

import pytest
from evidence_builder import evidence_of
from hypothesis import HealthCheck, given, settings
from made_evidence import cases
from test_checks import assert_well_formed

from osaudit.judge import judge
from osaudit.label import RUNGS
from osaudit.licences.table import load_table
from osaudit.packs import load_pack, load_packs, pack_ids
from osaudit.results import RESULTS
from osaudit.verdict import LabelId, Outcome, PackResult, Part, Scorecard

OPEN = {"tag": "apache-2.0", "library": "transformers", "pipeline": "text-generation"}
MAIN, FURTHER = load_packs(["all"])
LAWS = settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
HOLDS: dict[Outcome, str] = {
    "pass": "holds",
    "partial": "holds",
    "not_applicable": "holds",
    "review": "open",
    "fail": "fails",
}


def judged(**case: Any) -> Scorecard:
    return judge(evidence_of(case), MAIN, load_table(), FURTHER)


def result(card: Scorecard, pack: str) -> PackResult:
    return next(found for found in card.results if found.pack == pack)


def part(found: PackResult, name: str) -> Part:
    return next(one for one in found.progress if one.name.startswith(name))


# --- packs side by side


def test_every_pack_of_the_projects_has_a_kind_of_result_and_all_asks_them_all() -> None:
    assert {pack.kind for pack in FURTHER} <= set(RESULTS)
    assert [MAIN.id, *(pack.id for pack in FURTHER)] == ["osd", *(name for name in pack_ids() if name != "osd")]
    assert load_packs([]) == (MAIN, ())
    assert load_packs(["osd", "mof", "mof"])[1] == (load_pack("mof"),)


def test_further_packs_leave_the_forty_cells_label_and_score_as_they_were() -> None:
    for case in ({}, OPEN, {"tag": "llama2", "gate": "manual"}):
        alone, beside = judge(evidence_of(case), MAIN, load_table()), judged(**case)
        assert beside.verdicts[:40] == alone.verdicts
        assert (beside.label, beside.score, beside.conflicts) == (alone.label, alone.score, alone.conflicts)
        assert [found.pack for found in beside.results] == [pack.id for pack in FURTHER]
        assert alone.results == ()


def test_a_cell_that_says_it_asks_the_same_asks_the_same() -> None:
    by_cell = {f"{row.id}/{facet}": cell for row, facet, cell in MAIN.cells}
    twins = [cell for pack in FURTHER for _, _, cell in pack.cells if cell.same_as]
    assert twins
    for cell in twins:
        assert cell.checks == by_cell[cell.same_as].checks


def test_component_and_kind_names_of_the_mof_pack_are_the_checks_own() -> None:
    card = judged(**OPEN)
    assert sum(verdict.pack == "mof" for verdict in card.verdicts) == 31


# --- OSAID


@pytest.mark.parametrize(
    ("case", "failing"),
    [
        ({**OPEN, "tag": "llama2"}, {"Data information", "Code", "Parameters", "Freedom to use", "Freedom to share"}),
        ({**OPEN, "tag": "bigscience-bloom-rail-1.0"}, {"Parameters", "Freedom to use"}),
        (OPEN, {"Data information", "Code"}),
    ],
)
def test_osaid_tells_which_element_fails(case: dict[str, Any], failing: set[str]) -> None:
    found = result(judged(**case), "osaid")
    assert found.name == "Not met"
    assert failing <= {one.name for one in found.progress if one.outcome == "fail"}


def test_osaid_does_not_fail_a_missing_data_set_alone_and_fails_silence() -> None:
    code = [{"kind": "training-code", "value": "https://code.example/acme/train"}]
    named = {"kind": "training-data", "value": "named", "quote": "the Tiny Corpus"}
    told = result(judged(**OPEN, statements=[*code, named]), "osaid")
    assert part(told, "Data information").outcome == "partial"
    assert told.outcome == "review"
    assert "Data information" in told.because
    silent = result(judged(**OPEN, statements=code), "osaid")
    assert part(silent, "Data information").outcome == "fail"


def test_osaid_lists_the_classes_of_data_and_what_a_person_must_decide() -> None:
    card = judged(
        **OPEN,
        statements=[{"kind": "training-code", "value": "https://code.example/acme/train"}],
        datasets=[
            {"name": "acme/free", "role": "pre-training", "is": {"tag": "cc-by-4.0"}},
            {"name": "acme/closed", "is": {"tag": "cc-by-nc-4.0"}},
            {"name": "acme/asked", "is": {"tag": "mit", "gate": "manual"}},
            {"name": "acme/gone", "unseen": "it is not there"},
        ],
    )
    remarks = result(card, "osaid").remarks
    classes = {one.because.split(" data")[0]: one.because for one in remarks if one.kind == "data-class"}
    assert "acme/free" in classes["Open"]
    assert "acme/closed" in classes["Public"]
    assert "acme/asked" in classes["Obtainable"]
    assert any("acme/gone" in one.because for one in remarks)
    assert [one for one in remarks if one.kind == "for-a-person"]


# --- G7


def climbed(card: Scorecard) -> tuple[LabelId, LabelId]:
    """The rung that the cells of the G7's pack make by themselves, without and with the reviews."""
    rungs = {"G7-WEIGHTS-AVAILABLE": 2, "G7-OPEN-WEIGHTS": 3, "G7-OPEN-SOURCE-AI": 4, "G7-OPEN-DATA": 5}
    low = high = len(RUNGS) - 1
    for verdict in card.verdicts:
        if verdict.pack == "g7":
            name = verdict.criterion.partition(".")[0]
            rung = 1 if (name, verdict.facet) == ("G7-WEIGHTS-AVAILABLE", "weights") else rungs[name]
            state = HOLDS[verdict.answer.outcome]
            if rung > 3 and verdict.answer.outcome in {"partial", "not_applicable"}:
                state = "fails"
            low = min(low, rung - 1) if state != "holds" else low
            high = min(high, rung - 1) if state == "fails" else high
    return RUNGS[low], RUNGS[high]


@LAWS
@given(case=cases)
def test_law_the_g7s_conditions_make_the_label(case: dict[str, Any]) -> None:
    card = judged(**case)
    low, high = climbed(card)
    unread = any(v.criterion == "G7-OPEN-DATA" and v.answer.outcome == "review" for v in card.verdicts)
    assert low == card.label.id
    assert high == card.label.at_best or (unread and RUNGS.index(high) > RUNGS.index(card.label.at_best))
    assert result(card, "g7").name.startswith(card.label.name)


# --- MOF


def test_mof_counts_a_component_that_is_there_and_openly_licensed() -> None:
    found = result(judged(**OPEN, sections=["uses", "limitations"]), "mof")
    steps = [(one.low, one.high) for one in found.progress]
    assert found.name == "No class"
    assert steps[0] == (50.0, 50.0)  # architecture, weights and card
    assert steps[1:] == [(0.0, 0.0), (0.0, 0.0)]
    closed = result(judged(**{**OPEN, "tag": "llama2"}, sections=["uses"]), "mof")
    assert closed.progress[0].low == 16.67
    warned = [one.because for one in found.remarks if one.kind == "licence-of-another-type"]
    assert any(words.startswith("Model parameters (Final): Apache-2.0 is open") for words in warned)


def test_mof_needs_no_more_than_what_was_seen_for_class_iii() -> None:
    open_docs = {
        **OPEN,
        "files": ["model.safetensors", "config.json", "tokenizer.json", "technical_report.pdf", "eval_results.json"],
        "sections": ["uses"],
        "datasets": [{"name": "acme/corpus", "role": "pre-training", "is": {"tag": "cc0-1.0", "sections": ["uses"]}}],
    }
    found = result(judged(**open_docs), "mof")
    assert found.name.startswith("Class III")
    assert found.outcome == "partial"


# --- EU


@pytest.mark.parametrize(
    ("case", "licence", "whole"),
    [
        (OPEN, "pass", "review"),
        ({**OPEN, "tag": "llama2"}, "fail", "fail"),
        ({**OPEN, "tag": "cc-by-nc-4.0"}, "fail", "fail"),
        ({**OPEN, "tag": "creativeml-openrail-m"}, "review", "review"),
        ({**OPEN, "gate": {"mode": "auto", "prompt": "x", "eu_disallowed": True}}, "fail", "fail"),
        ({**OPEN, "gate": "auto"}, "pass", "review"),
        ({**OPEN, "gate": "manual"}, "review", "review"),
        ({"library": "transformers"}, "fail", "fail"),
    ],
)
def test_eu_combines_paragraphs_to_limbs(case: dict[str, Any], licence: Outcome, whole: Outcome) -> None:
    found = result(judged(**case), "eu-ai-act")
    assert part(found, "Licence limb").outcome == licence
    assert part(found, "Monetisation limb").outcome in {"review", "fail"}
    assert found.outcome == whole


def test_eu_is_not_the_open_source_definition() -> None:
    """A RAIL licence fails criterion 6, and is arguable under paragraph 84 (pitfall 19)."""
    card = judged(**{**OPEN, "tag": "creativeml-openrail-m"})
    osd = next(v for v in card.verdicts if (v.criterion, v.facet) == ("OSD-6", "licence"))
    eu = next(v for v in card.verdicts if v.criterion == "EU-84")
    assert (osd.answer.outcome, eu.answer.outcome) == ("fail", "review")


def test_eu_always_tells_what_still_binds_with_dates_and_gives_no_advice() -> None:
    for case in ({}, OPEN, {"tag": "llama2"}):
        remarks = {one.kind: one.because for one in result(judged(**case), "eu-ai-act").remarks}
        assert {"still-binds", "exempted", "systemic-risk", "dates", "not-advice"} <= set(remarks)
        words = " ".join(remarks.values())
        assert "2 August 2026" in words
        assert not any(advice in words.lower() for advice in ("you should", "you must", "we recommend", "is compliant"))
    binding = [one.because for one in result(judged(**OPEN), "eu-ai-act").remarks if one.kind == "still-binds"]
    assert ["53(1)(c)" in binding[0], "53(1)(d)" in binding[1]] == [True, True]


# --- laws


@LAWS
@given(case=cases)
def test_law_every_cell_of_every_pack_answers_in_words_and_no_pass_stands_without_a_place(case: dict[str, Any]) -> None:
    card = judged(**case)
    assert len(card.verdicts) == 40 + 14 + 31 + 21 + 10
    for verdict in card.verdicts:
        assert_well_formed(verdict.answer)
        assert verdict.answer.outcome != "pass" or verdict.answer.where
    for found in card.results:
        assert found.name
        assert found.because.endswith(".")
        assert all(one.because.endswith(".") or not one.because for one in found.progress), found.progress
        assert all(remark.because.endswith((".", "?")) for remark in found.remarks)
        for one in found.progress:
            assert one.low is None or (one.high is not None and 0 <= one.low <= one.high <= 100)
        assert "compliant" not in f"{found.name} {found.because}".lower()
        assert "certified" not in f"{found.name} {found.because}".lower()


@LAWS
@given(case=cases)
def test_law_a_licence_that_osi_does_not_approve_meets_no_definition_of_open_source(case: dict[str, Any]) -> None:
    card = judged(**case)
    closed = any(v.criterion == "OSD-6" and v.answer.outcome == "fail" and v.facet == "licence" for v in card.verdicts)
    if closed:
        assert result(card, "osaid").outcome == "fail"
        assert result(card, "g7").outcome == "fail"
