"""The conditions of a CI gate: which cell is meant, and which conditions a scorecard does not meet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from samples import CANDIDATE, CHAT, TINY

from osaudit.errors import UsageError
from osaudit.gate.assess import unmet
from osaudit.gate.cells import parse_cell
from osaudit.gate.conditions import CellAsked, Conditions
from osaudit.label import RUNGS
from osaudit.verdict import Score, Scorecard


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("OSD-6", ("OSD-6", None)),
        ("osd-6", ("OSD-6", None)),
        ("C6", ("OSD-6", None)),
        ("6", ("OSD-6", None)),
        (" 10 ", ("OSD-10", None)),
        ("06", ("OSD-6", None)),
        ("C6-L", ("OSD-6", "licence")),
        ("c6-w", ("OSD-6", "weights")),
        ("2-D", ("OSD-2", "data")),
        ("2/t", ("OSD-2", "training")),
        ("OSD-6/licence", ("OSD-6", "licence")),
        ("OSD-10/Weights", ("OSD-10", "weights")),
    ],
)
def test_a_cell_is_named_in_any_of_its_ways(text: str, cell: tuple[str, str | None]) -> None:
    assert parse_cell(text) == CellAsked(*cell)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "OSD",
        "0",
        "11",
        "OSD-0",
        "C",
        "6-",
        "6-X",
        "6/weight",
        "OSD-6/licence/x",
        "6 7",
        "six",
        "OSD-6\nOSD-7",
        "-6",
        "6.5",
    ],
)
def test_what_names_no_cell_is_told_in_one_line(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_cell(text)
    assert repr(text) in str(caught.value)
    assert "\n" not in str(caught.value)


def misses(card: Scorecard, **conditions: Any) -> list[str]:
    conditions["fail_on"] = tuple(CellAsked(*cell) for cell in conditions.get("fail_on", ()))
    return [f"{card.model}: {one.message}" for one in unmet(card, Conditions(**conditions)) if one.fails]


def test_nothing_asked_is_nothing_missed() -> None:
    assert misses(CHAT) == []


@pytest.mark.parametrize(("least", "met"), [(31.0, True), (30.9, True), (31.1, False), (58.0, False), (0.0, True)])
def test_the_score_is_held_by_its_low_end(least: float, met: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert CHAT.score == Score(31.0, 58.25)
    assert (misses(CHAT, fail_under=least) == []) is met
    assert all("low end is 31, under" in line for line in misses(CHAT, fail_under=least))


@pytest.mark.parametrize("least", RUNGS)
def test_the_label_is_held_by_the_rung_itself_not_by_what_it_could_be(least: Any) -> None:
    assert (misses(TINY, min_label=least) == []) is (RUNGS.index(least) <= RUNGS.index("open-weights"))
    at_best = replace(TINY, label=replace(TINY.label, at_best="open-source-ai-open-data"))
    assert misses(at_best, min_label=least) == misses(TINY, min_label=least)
    assert misses(CANDIDATE, min_label="open-source-ai") == []


def test_a_criterion_is_held_in_all_its_facets_and_a_cell_alone() -> None:
    # OSD-1 of CHAT: weights fail, data review, training review, licence fail
    assert [line.split()[1] for line in misses(CHAT, fail_on=(("OSD-1", None),))] == [
        f"OSD-1/{facet}" for facet in ("weights", "data", "training", "licence")
    ]
    assert [line.split()[1] for line in misses(CHAT, fail_on=(("OSD-1", "data"),))] == ["OSD-1/data"]
    assert misses(CHAT, fail_on=(("OSD-2", "training"),))[0].startswith("acme/tiny-lm-chat: OSD-2/training is fail: ")
    assert misses(CHAT, fail_on=(("OSD-2", "licence"), ("OSD-3", "weights"))) == []


def test_a_review_is_no_pass_unless_it_is_asked_to_be() -> None:
    cells = (("OSD-1", None),)
    passing = misses(CHAT, fail_on=cells, unknown="warn")
    assert [line.split()[1] for line in passing] == ["OSD-1/weights", "OSD-1/licence"]
    assert misses(CHAT, fail_on=(("OSD-1", "data"),), unknown="warn") == []


def test_partial_and_what_does_not_apply_are_no_fail() -> None:
    assert misses(CHAT, fail_on=(("OSD-4", None),)) == []
    assert misses(TINY, fail_on=(("OSD-4", "data"),)) == []


def test_what_was_not_published_fails_the_cell_that_is_asked_for_it() -> None:
    assert misses(TINY, fail_on=(("OSD-1", "data"),))
    assert not any("OSD-1/data" in line for line in misses(TINY, fail_on=(("OSD-1", None),)))


def test_every_condition_is_asked_and_each_gives_its_line() -> None:
    lines = misses(CHAT, fail_under=90.0, min_label="open-weights", fail_on=(("OSD-6", "licence"),))
    assert len(lines) == 3
    assert all(line.startswith("acme/tiny-lm-chat: ") for line in lines)


def test_a_least_score_that_is_no_number_is_never_met() -> None:
    assert misses(CHAT, fail_under=float("nan"))


def test_a_cell_that_the_scorecard_does_not_have_is_not_met() -> None:
    without = replace(CHAT, verdicts=tuple(v for v in CHAT.verdicts if v.criterion != "OSD-6"))
    assert misses(without, fail_on=(("OSD-6", None),))
