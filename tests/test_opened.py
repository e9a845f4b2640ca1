"""The benchmark on real cards: its list of what was open, and the labels of what came down."""

from __future__ import annotations

import pytest

from benchmarks.opened import BEFORE, FILES, before, labels, tally

pytestmark = pytest.mark.slow

OPEN_AT_0_1_0 = {"model_cards_2023-05": 2155, "model_cards_2023-2026": 95}


def test_the_published_list_holds_what_was_open() -> None:
    listed = before(BEFORE)
    assert {file: sum(one == file for one, _ in listed) for file in FILES} == OPEN_AT_0_1_0


def test_each_label_is_of_a_card_that_was_open() -> None:
    listed = before(BEFORE)
    for file, found in labels().items():
        assert [repo for repo in found if (file, repo) not in listed] == []
        assert {label["found"] for label in found.values()} <= {"right", "wrong"}
        assert all(label["because"] for label in found.values())


def test_what_shares_a_sentence_counts_once_and_what_has_no_label_is_named() -> None:
    found = {"a/a": {"found": "wrong", "by": "x"}, "a/b": {"found": "wrong", "by": "x"}, "a/c": {"found": "right"}}
    assert tally(["a/a", "a/b", "a/c", "a/d"], found) == {"right": 1, "wrong": 1, "unlabelled": ["a/d"]}


def test_most_of_what_came_down_of_recent_cards_came_down_rightly() -> None:
    recent = labels()["model_cards_2023-2026"]
    told = tally(recent, recent)
    assert told["right"] >= 0.4 * (told["right"] + told["wrong"])
