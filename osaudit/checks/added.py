"""What a publisher adds to the licence in card, gate and policies, each with its place, whatever the cells say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from osaudit.checks.cards import quoted, short, statements
from osaudit.checks.case import Case
from osaudit.checks.licence import restricting_words, words_in_prompt, words_touch
from osaudit.checks.ruling import FLAG_CRITERIA, touches
from osaudit.evidence import Seen, Where


@dataclass(frozen=True, slots=True)
class AddedWord:
    """Words of a publisher beside the licence: which criteria they touch, a quotation, and the place."""

    source: str
    quote: str
    where: Where
    criteria: frozenset[int]


def added_words(case: Case) -> tuple[AddedWord, ...]:
    """Words of the card, the gate and the use policies that restrict and are not the settled licence's own."""
    found = (*_of_card(case), *_of_gate(case), *_of_policies(case))
    return tuple(word for word in dict.fromkeys(found) if word.criteria)


def _of_card(case: Case) -> Iterable[AddedWord]:
    for said in restricting_words(case):
        touched = frozenset(n for n in range(1, 11) if words_touch(case, said, n))
        yield AddedWord("The card", quoted(said.where), said.where, touched)
    for said in statements(case.evidence.card, "requirement"):
        if said.subject in {"weights", "any"}:
            yield AddedWord("The card", quoted(said.where), said.where, frozenset({6}))


def _of_gate(case: Case) -> Iterable[AddedWord]:
    match case.evidence.gate:
        case Seen(gate, gate_where) if isinstance(gate.prompt, Seen):
            places = gate.prompt.where or gate_where
        case _:
            return
    for criterion in range(1, 11):
        for hit in words_in_prompt(case, criterion):
            if places:
                yield AddedWord("The gate", f"“{short(hit)}”", replace(places[0], quote=hit), frozenset({criterion}))


def _of_policies(case: Case) -> Iterable[AddedWord]:
    """A policy that the settled licence refers to is its own; any other adds."""
    licences = case.weights.licences
    if case.weights.settled and any(licence.flags.get("acceptable_use_policy") for licence in licences):
        return
    for text in case.evidence.licence_texts:
        if text.component == "policy":
            for hit in text.restrictions:
                if FLAG_CRITERIA.get(hit.flag, True):
                    touched = frozenset(n for n in range(1, 11) if touches(hit.flag, n))
                    yield AddedWord(text.where.path, quoted(hit.where), hit.where, touched)
