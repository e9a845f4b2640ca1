"""One fact that keeps a facet open is one cell in review: the others wait for it, and nothing is closed by that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from evidence_builder import evidence_of
from hypothesis import given
from made_evidence import cases
from test_judge import LAWS, judged

from osaudit.attest.entries import Attestation, Attestations
from osaudit.attest.questions import questions
from osaudit.errors import UsageError
from osaudit.gate.assess import unmet
from osaudit.gate.conditions import CellAsked, Conditions, Setting
from osaudit.holding import misfits
from osaudit.judge import judge, score
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.render.json import render_json
from osaudit.render.jsonread import scorecards_from_json
from osaudit.render.markdown import render_markdown
from osaudit.render.text import render_text
from osaudit.verdict import Scorecard, Verdict

OPEN = {"tag": "apache-2.0", "library": "transformers", "pipeline": "text-generation"}
GONE = {"name": "acme/gone", "unseen": "no such repository"}
SEEN = {"name": "acme/there", "is": {"tag": "odc-by"}}
NAMED = {"statements": [{"kind": "training-data", "value": "named", "subject": "data"}]}
AFTER = ["OSD-3", "OSD-5", "OSD-6", "OSD-7", "OSD-8", "OSD-9", "OSD-10"]


def of(card: Scorecard) -> dict[str, Verdict]:
    return {one.criterion: one for one in card.verdicts if one.facet == "data"}


@pytest.mark.parametrize(
    "case",
    [
        {"datasets": [GONE]},
        {"datasets": [GONE, {"name": "acme/lost", "unseen": "it was refused"}]},
        {"card": "unread"},
        NAMED,
    ],
)
def test_what_could_not_be_looked_at_is_asked_once(case: dict[str, Any]) -> None:
    card = judged(**{**OPEN, **case})
    cells = of(card)
    assert cells["OSD-1"].answer.outcome == "review"
    assert cells["OSD-1"].weight == 11
    waiting = [criterion for criterion, one in cells.items() if one.answer.waits_for]
    assert waiting == AFTER
    for criterion in waiting:
        answer = cells[criterion].answer
        assert (answer.outcome, answer.counted, cells[criterion].weight) == ("not_applicable", False, 0)
        assert answer.waits_for == "OSD-1/data"
        assert answer.is_open
    assert sum(one.weight for one in card.verdicts) == 100


@pytest.mark.parametrize("sets", [[SEEN], [SEEN, GONE], [{"name": "acme/crawl", "is": {"tag": "odc-by"}}]])
def test_what_was_seen_is_asked_cell_by_cell(sets: list[dict[str, Any]]) -> None:
    """A set that was seen answers some of the questions, so that each cell has its own."""
    cells = of(judged(**OPEN, datasets=[*sets, {"name": "acme/common-crawl", "is": {"tag": "odc-by"}}]))
    assert not [one for one in cells.values() if one.answer.waits_for]


@LAWS
@given(case=cases)
def test_law_the_score_is_as_wide_and_the_label_as_it_was(case: dict[str, Any]) -> None:
    """The scorecard with its cells asked once is the one in which each open cell was a review of its own."""
    card = judged(**case)
    weights = {(row.id, facet): cell.weight for row, facet, cell in load_pack().cells}
    apart = tuple(
        replace(
            one,
            weight=weights[one.criterion, one.facet],
            answer=replace(one.answer, outcome="review", counted=True, waits_for="")
            if one.answer.waits_for
            else one.answer,
        )
        for one in card.verdicts
    )
    assert score(apart) == card.score
    assert list(misfits(card)) == []
    assert list(misfits(replace(card, verdicts=apart))) == []
    waiting = [one for one in card.verdicts if one.answer.waits_for]
    first = {f"{one.criterion}/{one.facet}": one for one in card.verdicts}
    assert all(first[one.answer.waits_for].answer.outcome == "review" for one in waiting)


def test_the_saved_scorecard_keeps_it() -> None:
    card = judged(**OPEN, datasets=[GONE])
    assert scorecards_from_json(render_json([card])) == (card,)
    assert '"waits_for"' not in render_json([judged(**OPEN, datasets=[SEEN])])


@pytest.mark.parametrize("facet", ["data", None])
@pytest.mark.parametrize(("unknown", "severity"), [("fail", "error"), ("warn", "warning")])
def test_a_gate_takes_a_waiting_cell_for_the_open_one_that_it_is(
    facet: str | None, unknown: Setting, severity: str
) -> None:
    asked = Conditions(fail_on=(CellAsked("OSD-6", facet),), unknown=unknown)
    found = [one for one in unmet(judged(**OPEN, datasets=[GONE]), asked) if one.rule == "OSD-6/data"]
    assert [one.severity for one in found] == [severity]
    assert "open with OSD-1/data" in found[0].message


def test_one_question_is_asked_of_a_person_and_one_answer_gives_each_cell_its_own() -> None:
    card = judged(**OPEN, datasets=[GONE])
    found = questions([one for one in card.verdicts if one.answer.is_open], card.label)
    [question] = [one for one in found if one.first.criterion == "OSD-1"]
    assert [one.criterion for one in question.cells] == ["OSD-1", *AFTER]


def test_a_first_cell_that_a_person_answered_is_waited_for_no_more() -> None:
    entry = Attestation(
        *("a", "acme/tiny-lm", "any", "", "OSD-1", "data", "pass", "It was read.", "https://acme.example/a"),
        *("A. Person", "2026-11-01", "2027-11-01"),
    )
    told = Attestations((entry,), "a.yaml", "0" * 64, "not signed", "2026-11-30")
    card = judge(evidence_of({**OPEN, "datasets": [GONE]}), load_pack(), load_table(), given=told)
    cells = of(card)
    assert cells["OSD-1"].answer.outcome == "pass"
    assert cells["OSD-1"].weight == 2
    assert {cells[criterion].answer.outcome for criterion in AFTER} == {"review"}


def test_reports_say_what_waits_for_what() -> None:
    card = judged(**OPEN, datasets=[GONE])
    for drawn in (render_text([card]), render_markdown([card])):
        plain = " ".join(drawn.split())
        assert "11 points with those of 7 cells that wait for it" in plain
        assert "waits: open for the same fact as the facet's cell in review" in plain


@pytest.mark.parametrize("first", ["OSD-9/data", "OSD-99/data", "ACME-2/data"])
def test_a_users_pack_says_what_comes_first_among_its_own_cells(tmp_path: Path, first: str) -> None:
    cell = "question: Is it?, weight: 1, passes: It is., remedy: Do., checks: [{check: card-published}]"
    pack = tmp_path / "acme.yaml"
    pack.write_text(
        "id: acme\nname: Acme\nversion: '1'\ndefinition: Ours\ncriteria:\n"
        f"  - {{id: ACME-1, title: One, demands: All., cells: {{data: {{{cell}}}}}}}\n"
        f"  - {{id: ACME-2, title: Two, demands: All., cells: {{data: {{{cell}, after: {first}}}}}}}\n",
        encoding="utf-8",
    )
    with pytest.raises(UsageError, match=r"after: .* is no cell of it that comes first"):
        load_pack(str(pack))
