"""The questions left to a person: one for a reason, and none for what follows from the answers to others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from osaudit.attest.questions import Question, follow, questions, reason
from osaudit.verdict import Answer, Facet, Label, Verdict

LABEL = Label("weights-available", "Weights Available", candidate=False, at_best="open-weights", blocks=())
FILES, BASE, WORDS = "No weight file is listed.", "Its base was not seen, so criterion 3 is open.", "“Ask us.” is open."


def cell(number: int, because: str, facet: Facet = "weights") -> Verdict:
    return Verdict("osd", f"OSD-{number}", facet, "May it?", Answer("review", because), 1, "Say it.")


def asked(*cells: Verdict) -> tuple[Question, ...]:
    return questions(cells, LABEL)


def test_cells_of_one_reason_are_one_question() -> None:
    one = asked(cell(1, BASE), cell(3, BASE.replace("3", "1")), cell(6, WORDS))
    assert [len(question.cells) for question in one] == [2, 1]


def test_a_cell_of_several_reasons_asks_nothing_of_its_own() -> None:
    both = cell(1, f"{FILES} {WORDS}")
    found = asked(both, cell(2, FILES), cell(6, WORDS))
    assert [question.first.criterion for question in found] == ["OSD-2", "OSD-6"]
    assert [question.beside for question in found] == [(both,), (both,)]


def test_a_reason_that_is_left_over_is_asked_where_it_stands() -> None:
    rest, both = cell(5, f"{FILES} {WORDS}"), cell(1, f"{FILES} {BASE} {WORDS}")
    found = asked(cell(2, FILES), cell(3, BASE), rest, both)
    assert {question.first.criterion for question in found} == {"OSD-2", "OSD-3", "OSD-5"}
    assert all(both in question.beside for question in found)


def test_words_that_nobody_else_asks_for_are_a_question() -> None:
    assert len(asked(cell(2, FILES), cell(1, f"{FILES} {WORDS}"))) == 2


def test_the_worst_answer_counts_and_none_where_one_is_missing() -> None:
    both = cell(1, f"{FILES} {WORDS}")
    found = asked(both, cell(2, FILES), cell(6, WORDS))
    first, second = (question.first for question in found)
    assert follow(found, {first: "pass", second: "fail"}) == {both: "fail"}
    assert follow(found, {first: "pass", second: "pass"}) == {both: "pass"}
    assert follow(found, {first: "pass"}) == {}


def test_what_reports_say_of_a_licence_is_two_questions() -> None:
    unread = "Reed License is known by reports alone, and its text has to be read."
    closes = f"Reed License, s1: trade is closed. So a card says; {unread}"
    cells = [cell(1, closes), cell(6, closes.replace("s1", "s2")), cell(2, f"Reed License, not read: x. {unread}")]
    assert [len(question.cells) for question in asked(*cells)] == [2, 1]
    assert reason(cells[0]) != reason(cells[2])


@given(st.lists(st.lists(st.sampled_from([FILES, BASE, WORDS]), min_size=1, max_size=3, unique=True), max_size=8))
def test_every_open_cell_is_asked_or_follows(reasons: list[list[str]]) -> None:
    cells = [cell(number + 1, " ".join(words)) for number, words in enumerate(reasons)]
    found = asked(*cells)
    told = {one for question in found for one in question.cells}
    beside = {one for question in found for one in question.beside}
    assert told | beside == set(cells)
    assert not told & beside
    answered = {question.first: "pass" for question in found}
    assert set(follow(found, answered)) == beside
