"""What the publisher declares and what the audit concludes, as SPDX licence expressions.

A conclusion is asserted only where nothing is left to a person: one licence, uncontradicted by text, tag, card, gate,
policy and bases. Terms that bases hand down are joined to the model's own with AND.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from osaudit.bom.identifiers import MAX_PLACES, clean, local_id, told
from osaudit.checks.case import Case, DataSource, Parent
from osaudit.checks.code import Code
from osaudit.checks.licence import bases_seen, card_adds_no_terms, parent_answer, policies_add_no_terms
from osaudit.checks.ruling import ruling, worst
from osaudit.checks.sightings import NOTHING_SAID
from osaudit.checks.terms import Terms
from osaudit.evidence import Component, Evidence, LicenceClaim
from osaudit.licences.table import CRITERIA, Licence, LicenceTable
from osaudit.licences.worded import Choices

NONE = "NONE"
NOASSERTION = "NOASSERTION"
PREFIX = "LicenseRef-osaudit-"
MAX_TERMS = 16

_TAGS = (("front matter",), ("licence name",))
_WORDS = (("card statement", "badge", "file header"), ("gate prompt",))


@dataclass(frozen=True, slots=True)
class Reference:
    """A licence without an SPDX id: what it is called, where it was met, and where more of it stands."""

    id: str
    name: str
    places: tuple[str, ...] = ()
    see_also: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """A reference to the text, which is not passed on."""
        met = f" It was met at: {'; '.join(self.places)}." if self.places else ""
        return f"{self.name}. The text itself is not part of this document.{met}"


@dataclass(frozen=True, slots=True)
class Licensing:
    """The licence of one part: two expressions (or NONE, NOASSERTION), how they came about, and what they refer to."""

    declared: str = NOASSERTION
    concluded: str = NOASSERTION
    comment: str = ""
    references: tuple[Reference, ...] = ()


UNSAID = Licensing()


@dataclass(frozen=True, slots=True)
class _Found:
    """An expression with what it refers to, or NONE or NOASSERTION with the reasons."""

    expression: str
    references: tuple[Reference, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def stands(self) -> bool:
        return self.expression not in {NONE, NOASSERTION}


@functools.cache
def expressions() -> Any:  # noqa: ANN401 - license-expression is untyped
    """The parser of SPDX expressions, which knows the ids that the validators of all forms know."""
    from license_expression import get_spdx_licensing  # noqa: PLC0415 slow to import, needed for a document alone

    return get_spdx_licensing()


def reference_id(key: str) -> str:
    """Return the LicenseRef of a key of the clause table."""
    return PREFIX + key.replace("+", "-plus")


def model_licensing(case: Case) -> Licensing:
    """The licence of a model's weights."""
    return _licensing(_declared(case.evidence, "weights", case.weights, case.table), _concluded(case), case.weights)


def data_licensing(source: DataSource, table: LicenceTable) -> Licensing:
    """The licence of a data set; nothing is asserted of one that was not seen."""
    if source.evidence is None or source.terms is None:
        return Licensing(comment="The data set's repository was not seen.")
    terms = source.terms
    return _licensing(_declared(source.evidence, "data", terms, table), _own(terms, table), terms)


def code_licensing(code: Code, table: LicenceTable) -> Licensing:
    """The licence of a repository of source code: that at its root; several texts that are known hold together."""
    terms = next((terms for folder, terms in code.folders if not folder), None)
    if code.evidence is None or terms is None:
        return Licensing(comment="The repository was not seen.")
    several = terms.state == "several" and all(sighting.exact for sighting in terms.governing) and not terms.rivals
    found = _own(terms, table)
    if several and not terms.unread:
        places = tuple(told(place) for place in terms.where)
        found = _chosen((tuple(licence.key for licence in terms.licences),), table, places)
    return _licensing(found, found, terms)


def _licensing(declared: _Found, concluded: _Found, terms: Terms) -> Licensing:
    words = " ".join((*concluded.reasons, *terms.steps))
    references = _merged((*declared.references, *concluded.references))
    return Licensing(declared.expression, concluded.expression, clean(words), references)


def _merged(references: Iterable[Reference]) -> tuple[Reference, ...]:
    merged: dict[str, Reference] = {}
    for reference in references:
        known = merged.get(reference.id, reference)
        places = tuple(dict.fromkeys((*known.places, *reference.places)))
        merged[reference.id] = Reference(known.id, known.name, places[:MAX_PLACES], known.see_also)
    return tuple(merged.values())


def merge_references(parts: Iterable[Licensing]) -> tuple[Reference, ...]:
    """All licences without an SPDX id of a document, each once, by id."""
    merged = _merged(reference for licensing in parts for reference in licensing.references)
    return tuple(sorted(merged, key=lambda reference: reference.id))


def _concluded(case: Case) -> _Found:
    """The model's own licence, with those that its bases hand down, unless something is for a person to decide."""
    own = _own(case.weights, case.table)
    if not own.stands:
        return own
    doubt = next(_doubts(case), None)
    if doubt:
        return _Found(NOASSERTION, reasons=(doubt,))
    handed = [(parent, _concluded(parent.case)) for parent in case.parents if parent.case and _bears(case, parent)]
    unclear = tuple(parent.base.name for parent, found in handed if not found.stands)
    if unclear:
        words = f"The terms that {', '.join(unclear)} hands down are not certain."
        return _Found(NOASSERTION, reasons=(words,))
    return _joined(own, handed)


def _joined(own: _Found, handed: list[tuple[Parent, _Found]]) -> _Found:
    expressions = tuple(dict.fromkeys((own.expression, *(found.expression for _, found in handed))))
    terms = tuple(
        dict.fromkeys(term for one in expressions for term in ((one,) if " OR " in one else one.split(" AND ")))
    )
    references = (*own.references, *(reference for _, found in handed for reference in found.references))
    reasons = tuple(f"The terms of {parent.base.name} come along." for parent, _ in handed)
    return _Found(_all_of(terms), references, reasons)


def _own(terms: Terms, table: LicenceTable) -> _Found:
    if terms.state == "silent":
        return _Found(NONE)
    if not terms.settled or not (len(terms.licences) == 1 or terms.choices):
        unread = tuple(f"{item.what} was not read: {item.why.rstrip('.')}." for item in terms.unread)
        return _Found(NOASSERTION, reasons=(f"Not certain: {terms.name}.", *unread))
    places = tuple(told(place) for place in terms.where)
    return _chosen(terms.choices, table, places) if terms.choices else _term(terms.licences[0], places)


def _doubts(case: Case) -> Iterator[str]:
    """Whatever the engine leaves to a person about which terms hold."""
    for check in (bases_seen, policies_add_no_terms):
        answer = check(case)
        if answer.outcome == "review":
            yield answer.because
    for number in CRITERIA:  # each reads the gate's prompt anew, so one doubt is enough
        answer = card_adds_no_terms(case, number)
        if answer.outcome == "review":
            yield answer.because
    for parent in case.parents:
        if _bears(case, parent) and (parent.case is None or parent.base.confidence != "high"):
            yield f"It may carry the terms of {parent.base.name}, and that is for a person to confirm."


def _bears(case: Case, parent: Parent) -> bool:
    """Whether a base's terms fail, or are in doubt, where the model's own do not already."""
    open_to = (n for n in CRITERIA if n != 2 and ruling(case.weights, n).outcome != "fail")  # noqa: PLR2004 - OSD 2
    answers = [parent_answer(parent, number) for number in open_to]
    return bool(answers) and worst(answers).outcome in {"fail", "review"}


def _declared(evidence: Evidence, component: Component, terms: Terms, table: LicenceTable) -> _Found:
    """The publisher's own word: the tag, else the text beside the files, else what card and gate say."""
    tagged = _first_claimed(evidence, component, table, _TAGS)
    if tagged:
        return tagged
    if terms.state == "read":
        return _term(terms.licences[0], tuple(told(place) for place in terms.where))
    found = _first_claimed(evidence, component, table, _WORDS)
    return found or _Found(NONE if terms.state == "silent" else NOASSERTION)


def _first_claimed(
    evidence: Evidence, component: Component, table: LicenceTable, ranks: tuple[tuple[str, ...], ...]
) -> _Found | None:
    """All licences that the claims of the first rank with any claim name."""
    for sources in ranks:
        claims = [c for c in evidence.licence_claims if c.component in {component, "any"} and c.source in sources]
        found = [_claimed(claim, table) for claim in claims if _says_something(claim)]
        if found:
            expressions = tuple(dict.fromkeys(item.expression for item in found))[:MAX_TERMS]
            return _Found(_all_of(expressions), tuple(reference for item in found for reference in item.references))
    return None


def _says_something(claim: LicenceClaim) -> bool:
    if claim.keys:
        return not set(claim.keys) <= NOTHING_SAID
    return claim.source in {"front matter", "licence name"} and claim.name.strip().casefold() not in NOTHING_SAID


def _claimed(claim: LicenceClaim, table: LicenceTable) -> _Found:
    """A claim's licences, joined as its words join them; several without a word between them hold together."""
    place = (told(claim.where),)
    return _chosen(claim.choices or (claim.keys,), table, place) if claim.keys else _named(claim.name, place)


def _chosen(choices: Choices, table: LicenceTable, places: tuple[str, ...]) -> _Found:
    """Join the licences of an expression: AND within each alternative, OR between them."""
    terms = [[_keyed(key, table, places) for key in choice] for choice in choices]
    references = tuple(reference for choice in terms for term in choice for reference in term.references)
    joined = tuple(dict.fromkeys(_all_of(tuple(dict.fromkeys(t.expression for t in choice))) for choice in terms))
    return _Found(" OR ".join(joined), references)


def _all_of(expressions: tuple[str, ...]) -> str:
    if len(expressions) == 1:
        return expressions[0]
    return " AND ".join(f"({one})" if " OR " in one else one for one in expressions)


def _keyed(key: str, table: LicenceTable, places: tuple[str, ...]) -> _Found:
    licence = table.get(key)
    return _term(licence, places) if licence else _named(key, places)


def _term(licence: Licence, places: tuple[str, ...]) -> _Found:
    if licence.spdx and licence.spdx in expressions().known_symbols:
        return _Found(licence.spdx)
    see_also = tuple(source.split()[0] for source in licence.sources if source.startswith(("https://", "http://")))
    return _Found(
        reference_id(licence.key), (Reference(reference_id(licence.key), clean(licence.name), places, see_also),)
    )


def _named(name: str, places: tuple[str, ...]) -> _Found:
    """A licence that no table knows, under the publisher's own name for it."""
    shown = clean(name, 200)
    reference = Reference(PREFIX + local_id("named", shown), f"The publisher's “{shown}”", places)
    return _Found(reference.id, (reference,))
