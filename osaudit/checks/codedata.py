"""What linked code repositories add to what is told of the training data: lists of it, and the words of a README."""

from __future__ import annotations

from osaudit.checks.cards import places, quoted, statements
from osaudit.checks.case import Case
from osaudit.checks.code import Code, Found, at_commit, places_of
from osaudit.evidence import Seen, Statement
from osaudit.frozen import replace
from osaudit.verdict import Answer

_SOURCES = frozenset({"named", "linked", "published"})


def data_with_code(case: Case, before: Answer) -> Answer:
    """Add lists of training data, and sources that are named, in the model's own repositories.

    `before` is the answer without them. A list makes a question of what would be too little, since a person can read
    whether it is whole; a pass needs the data itself, or that person.
    """
    own = [code for code in case.linked if code.is_own]
    lists = [Found(code, one) for code in own for one in code.parts("data") if one.shown]
    if before.outcome == "pass" or statements(case.evidence.card, "data-withheld"):
        return before
    if lists and before.outcome in {"fail", "partial"}:
        words = f"{lists[0].code.name}{at_commit(lists[0].code)} lists training data ({lists[0].file.where.path})"
        because = f"{before.because} {words}, and whether that is the whole of it has to be read."
        return Answer("review", because, (*places_of(lists), *before.where)[:4], "declared by publisher")
    if lists and before.outcome == "review":
        words = f"{lists[0].code.name}{at_commit(lists[0].code)} lists training data: {lists[0].file.where.path}."
        return replace(before, because=f"{before.because} {words}", where=(*before.where, *places_of(lists))[:6])
    return _named(own, before) if before.outcome == "fail" else before


def _named(own: list[Code], before: Answer) -> Answer:
    """Sources that a README names where the card names none."""
    for code in own:
        said = _sources(code)
        if said:
            words = f"{code.name}{at_commit(code)} names sources of the training data, without the whole of what Data"
            sentence = f"{words} Information asks: {quoted(said[0].where)}."
            return Answer("partial", sentence, places(said), "declared by publisher")
    return before


def _sources(code: Code) -> tuple[Statement, ...]:
    card = code.evidence.card if code.evidence else None
    said = card.value.statements if isinstance(card, Seen) else ()
    return tuple(
        one for one in said if one.kind == "training-data" and one.value in _SOURCES and one.confidence == "high"
    )
