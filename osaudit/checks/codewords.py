"""Where a linked code repository says otherwise than the model's own: terms of weights there, words that restrict."""

from __future__ import annotations

from collections.abc import Iterable

from osaudit.checks.cards import quoted, rule_of
from osaudit.checks.code import Code, at_commit, restricting, whole_terms
from osaudit.checks.flagged import touches
from osaudit.checks.ruling import ruling
from osaudit.checks.sightings import is_family
from osaudit.checks.terms import Terms
from osaudit.evidence import Where
from osaudit.frozen import dataclass
from osaudit.licences.table import CRITERIA

FIELDS_OF_USE = 6
SAYS_OTHERWISE = "code-repository-says-otherwise"


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What a repository says against the model's own terms: a sentence, its places, the criteria it closes, a rule."""

    words: str
    where: tuple[Where, ...]
    criteria: frozenset[int]
    rule: str


def otherwise(codes: Iterable[Code], weights: Terms) -> tuple[Otherwise, ...]:
    """What the linked repositories that are this model's close of what its own terms leave open."""
    found = (one for code in codes if code.may_lower for one in _of(code, weights))
    return tuple(one for one in found if one.criteria)


def _of(code: Code, weights: Terms) -> Iterable[Otherwise]:
    name = f"{code.name}{at_commit(code)}"
    open_here = frozenset(number for number in CRITERIA if ruling(weights, number).outcome in {"pass", "partial"})
    told = code.weights
    if told is not None:
        words = f"{name} puts the weights under {told.name}, while the model's own repository names {weights.name}"
        yield Otherwise(
            f"{words}.", told.where[:2], (_closed(told) or _doubted(told)) & open_here, "terms-of-weights-there"
        )
    whole = whole_terms(code)
    if whole is not None and told is None:
        words = f"{name} stands under {whole.name}, while the model's own repository names {weights.name}"
        yield Otherwise(f"{words}.", whole.where[:2], _closed(whole) & open_here, "licence-of-the-code-there")
    for said in restricting(code):
        touched = frozenset(number for number in open_here if touches(said.value, number))
        words = f"{name} has words on what may be done with the model that its licence does not have"
        yield Otherwise(f"{words}: {quoted(said.where)}.", (said.where,), touched, rule_of(said))


def _closed(terms: Terms) -> frozenset[int]:
    """The criteria that terms fail for certain."""
    return frozenset(n for n in CRITERIA if any(licence.verdict(n).v == "fail" for licence in terms.licences))


def _doubted(terms: Terms) -> frozenset[int]:
    """The criteria that terms of weights may close where nobody knows which text they are: use, at least."""
    unknown = terms.state in {"unrecognised", "variant"} or any(map(is_family, terms.licences))
    return frozenset({FIELDS_OF_USE}) if unknown and terms.governing else frozenset()
