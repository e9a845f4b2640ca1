"""What a publisher adds to the licence in card, gate and policies, each with its place, whatever the cells say."""

from __future__ import annotations

from collections.abc import Iterable

from osaudit.checks.cards import quoted, rule_of, statements
from osaudit.checks.case import Case
from osaudit.checks.flagged import FLAG_CRITERIA, touches
from osaudit.checks.licence import FIELDS_OF_USE, restricting_words, unclear_words, words_in_prompt, words_touch
from osaudit.evidence import StatementKind, Where
from osaudit.frozen import dataclass
from osaudit.licences.table import CRITERIA
from osaudit.once import once_for_each


@dataclass(frozen=True, slots=True)
class AddedWord:
    """Words of a publisher beside the licence: which criteria they touch, a quotation, the place, and the rule."""

    source: str
    quote: str
    where: Where
    criteria: frozenset[int]
    rule: str


_OPEN: tuple[StatementKind, ...] = ("requirement", "unclear-terms", "unread-terms")
"""What the card asks for besides, what no rule understands of it, and what speaks of terms and was not read."""


@once_for_each
def added_words(case: Case) -> tuple[AddedWord, ...]:
    """Words of the card, the gate and the use policies that restrict and are not the settled licence's own."""
    found = (*_of_card(case), *_of_gate(case), *_of_policies(case))
    return tuple(word for word in dict.fromkeys(found) if word.criteria)


def _of_card(case: Case) -> Iterable[AddedWord]:
    for said in restricting_words(case):
        touched = frozenset(n for n in CRITERIA if words_touch(case, said, n))
        if "study" in said.about and not limits_purpose(case):
            touched |= {FIELDS_OF_USE}  # a licence that closes some fields leaves trade open, and these words do not
        yield AddedWord("The card", quoted(said.where), said.where, touched, rule_of(said))
    for kind in _OPEN:
        for said in unclear_words(case) if kind == "unclear-terms" else statements(case.evidence.card, kind):
            if said.subject in {"weights", "any"}:
                touched = frozenset({FIELDS_OF_USE})
                if kind == "unclear-terms":
                    touched = frozenset(n for n in CRITERIA if touches(said.value, n))
                yield AddedWord("The card", quoted(said.where), said.where, touched, rule_of(said))


def limits_purpose(case: Case) -> bool:
    """Whether the settled licence itself leaves some purposes alone, so that words on them repeat it."""
    return case.weights.settled and any(
        limit.id == "purpose" for licence in case.weights.licences for limit in licence.limits
    )


def _of_gate(case: Case) -> Iterable[AddedWord]:
    for criterion in CRITERIA:
        for place in words_in_prompt(case, criterion):
            yield AddedWord("The gate", quoted(place), place, frozenset({criterion}), "gate-prompt")


def _of_policies(case: Case) -> Iterable[AddedWord]:
    """A policy that the settled licence refers to is its own; any other adds."""
    licences = case.weights.licences
    if case.weights.settled and any(licence.flags.get("acceptable_use_policy") for licence in licences):
        return
    for text in case.evidence.licence_texts:
        if text.component == "policy":
            for hit in text.restrictions:
                if FLAG_CRITERIA.get(hit.flag, True):
                    touched = frozenset(n for n in CRITERIA if touches(hit.flag, n))
                    yield AddedWord(text.where.path, quoted(hit.where), hit.where, touched, f"restriction.{hit.flag}")
