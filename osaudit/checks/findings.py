"""What stands beside the verdicts: conflicts between sources, and risks to know."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from osaudit.checks.cards import card_place, quoted, statements
from osaudit.checks.case import Case, Parent
from osaudit.checks.duties import dangers, governing
from osaudit.checks.licence import parent_answer, restricting_words
from osaudit.checks.lineage import dropped_terms, told
from osaudit.checks.past import freer_since, stricter_since
from osaudit.checks.ruling import ruling, touches
from osaudit.evidence import Seen
from osaudit.licences.names import names_in
from osaudit.licences.restrictions import restrictions_in
from osaudit.licences.services import restricts_output, service_in_name
from osaudit.licences.table import CRITERIA
from osaudit.verdict import Finding

_NOT_OF_USES = frozenset({"geographic_exclusion", "user_threshold", "revenue_threshold", "registration_required"})


def conflicts(case: Case) -> tuple[Finding, ...]:
    """Sources that contradict each other, each with both places."""
    found = [*case.weights.conflicts, *_added_words(case), *_policies(case), *_lineage(case), *stricter_since(case)]
    return tuple(dict.fromkeys(found))


def _added_words(case: Case) -> Iterable[Finding]:
    """Card or gate restrict what the licence permits."""
    for statement in restricting_words(case):
        touched = [n for n in range(1, 11) if touches(statement.value, n) and ruling(case.weights, n).outcome == "pass"]
        if touched:
            words = f"The card adds words on what may be done that {case.weights.name} does not have"
            places = (statement.where, *case.weights.where[:1])
            yield Finding("card-restriction", f"{words}: {quoted(statement.where)}.", places)


def _policies(case: Case) -> Iterable[Finding]:
    for text in case.evidence.licence_texts:
        if text.component != "policy":
            continue
        for hit in text.restrictions:
            if _adds(case, hit.flag):
                words = f"{text.where.path} adds a limit that {case.weights.name} does not have"
                yield Finding(
                    "policy-adds-terms", f"{words}: {quoted(hit.where)}.", (hit.where, *case.weights.where[:1])
                )
                break


def _adds(case: Case, flag: str) -> bool:
    """Whether a policy's words of a kind go beyond the licence: it passes there, or its own text has none of them.

    A policy is there to close uses; what it says of persons, places and numbers belongs into the licence.
    """
    if any(touches(flag, n) and ruling(case.weights, n).outcome == "pass" for n in CRITERIA):
        return True
    if flag not in _NOT_OF_USES:
        return False
    texts = [
        text.text.value
        for sighting in case.weights.governing
        if (text := sighting.text) and isinstance(text.text, Seen)
    ]
    return bool(texts) and not any(flag in _flags_in(text) for text in texts)


@functools.lru_cache(maxsize=16)
def _flags_in(text: str) -> frozenset[str]:
    return frozenset(hit.flag for hit in restrictions_in(text))


def _lineage(case: Case) -> Iterable[Finding]:
    for parent in case.foreign_parents:
        dropped = dropped_terms(case, parent)
        if dropped:
            yield _dropped(case, parent, dropped)


def _dropped(case: Case, parent: Parent, dropped: tuple[int, ...]) -> Finding:
    """Name each clause that the model does not carry on. A base known by a guess alone says so in the kind."""
    clauses = "; ".join(told(parent, number) for number in dropped)
    sure = parent.base.confidence == "high"
    made = "is made from" if sure else "seems to be made from"
    words = f"{case.evidence.ref.repo} names {case.weights.name} and {made} {parent.base.name}, whose terms come along"
    places = (*case.weights.where[:1], parent.base.where, *parent_answer(parent, dropped[0]).where)
    kind = "lineage-drops-terms" if sure else "lineage-may-drop-terms"
    return Finding(kind, f"{words} and are not carried on: {clauses}.", places)


def risks(case: Case) -> tuple[Finding, ...]:
    """What may change or go wrong though the criteria are met; no part of the score."""
    found = [*dangers(case), *_tables_own(case)]
    if case.weights.state == "declared" and not case.weights.unread:
        words = "The licence is declared by a name alone: there is no licence text in the repository."
        found.append(Finding("no-licence-text", words, case.weights.where[:1]))
    if case.weights.state == "silent":
        found.append(
            Finding("no-licence", "No licence is stated, which leaves all rights reserved.", card_place(case.evidence))
        )
    found.extend(_gate(case))
    found.extend(freer_since(case))
    found.extend(_generated(case))
    return tuple(dict.fromkeys(found))


def _tables_own(case: Case) -> Iterable[Finding]:
    """What the clause table rests on, where that is less than the text."""
    for one in governing(case):
        if one.licence.verified == "secondary" and one.licence.g7_ceiling != "review":
            words = f"{one.licence.name}: the clause table rests on reports of the text."
            yield Finding("secondary-source", words, one.where)


def _gate(case: Case) -> Iterable[Finding]:
    match case.evidence.gate:
        case Seen(gate, where) if gate.mode != "open":
            yield Finding("gated", "A gate stands before the files, and its terms may change.", where)
        case _:
            return


def _output_limits(case: Case, name: str) -> str | None:
    """The licence of that name and what it says of outputs, where it restricts them."""
    named = (case.table.get(key) for hit in names_in(name) for key in hit.keys)
    told = ((licence.name, licence.flags.get("output_use_restriction")) for licence in named if licence)
    return next((f"the {title}: {limits}" for title, limits in told if limits), None)


def _generated(case: Case) -> Iterable[Finding]:
    """Training data that a model generated whose terms restrict what its output may be used for."""
    owner = case.evidence.ref.repo.partition("/")[0].casefold()
    seen = ((source.use.name, source.evidence.card) for source in case.training_data if source.evidence)
    cards = [("The card", case.evidence.card), *((f"The card of the data set {name}", card) for name, card in seen)]
    for whose, card in cards:
        for said in statements(card, "generated-data"):
            terms = restricts_output(said.value, owner)
            limits = None if terms else _output_limits(case, said.value)
            if limits:
                yield Finding(
                    "generated-data", f"{whose} says that generated data is subject to {limits}.", (said.where,)
                )
            elif terms:
                words = f"{whose} says that {said.value} generated data, and terms restrict the use of its output"
                yield Finding("generated-data", f"{words}. {terms}.", (said.where,))
    for source in case.training_data:
        service = service_in_name(source.use.name)
        if service and owner not in service.publishers:
            words = f"The name of the data set {source.use.name} tells of output of {service.name}"
            yield Finding("generated-data", f"{words}: {service.told}.", (source.use.where,))
