"""What stands beside the verdicts: conflicts between sources, and risks to know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from osaudit.checks.cards import card_place, quoted, rule_of, statements, weight_files
from osaudit.checks.case import Case, Parent
from osaudit.checks.codewords import SAYS_OTHERWISE, otherwise
from osaudit.checks.duties import dangers, governing
from osaudit.checks.flagged import touches
from osaudit.checks.licence import parent_answer, restricting_words
from osaudit.checks.lineage import RELICENSED, dropped_terms, told
from osaudit.checks.past import freer_since, stricter_since
from osaudit.checks.ruling import ruling
from osaudit.checks.weights import asks_for_own_code, file_places, own_code_places
from osaudit.contents import weight_format
from osaudit.evidence import Seen, Statement, StatementKind
from osaudit.licences.services import restricts_output, service_in_name
from osaudit.licences.table import CRITERIA
from osaudit.verdict import Finding

PICKLED = frozenset({"pytorch", "pickle"})
"""Formats that `pickle` reads."""
_NOT_OF_USES = frozenset({"geographic_exclusion", "user_threshold", "revenue_threshold", "registration_required"})


def conflicts(case: Case) -> tuple[Finding, ...]:
    """Sources that contradict each other, each with both places."""
    found = [*_differing(case), *case.weights.conflicts, *_added_words(case), *_policies(case), *_lineage(case)]
    found += [*stricter_since(case), *_said_in_code(case)]
    return tuple(dict.fromkeys(found))


def _differing(case: Case) -> Iterable[Finding]:
    """Files of a folder that are not those of the repository that it is said to be."""
    places = case.evidence.differing
    if places:
        names = ", ".join(place.path for place in places[:5]) + (" and more" if len(places) > 5 else "")  # noqa: PLR2004 - told by name
        words = f"The folder is said to be {places[0].repo}, and holds what is not that repository's: {names}."
        yield Finding("folder-differs", words, places[:5], "identity.blob-ids")


def _added_words(case: Case) -> Iterable[Finding]:
    """Card or gate restrict what the licence permits."""
    for statement in restricting_words(case):
        touched = [n for n in range(1, 11) if touches(statement.value, n) and ruling(case.weights, n).outcome == "pass"]
        if touched:
            words = f"The card adds words on what may be done that {case.weights.name} does not have"
            places = (statement.where, *case.weights.where[:1])
            yield Finding("card-restriction", f"{words}: {quoted(statement.where)}.", places, rule_of(statement))


def _said_in_code(case: Case) -> Iterable[Finding]:
    """A code repository that the card names says otherwise of the weights, or stands under terms that close uses."""
    for one in otherwise(case.linked, case.weights):
        yield Finding(SAYS_OTHERWISE, one.words, (*one.where, *case.weights.where[:1]), one.rule)


def _policies(case: Case) -> Iterable[Finding]:
    for text in case.evidence.licence_texts:
        if text.component != "policy":
            continue
        for hit in text.restrictions:
            if _adds(case, hit.flag):
                words = f"{text.where.path} adds a limit that {case.weights.name} does not have"
                places = (hit.where, *case.weights.where[:1])
                yield Finding("policy-adds-terms", f"{words}: {quoted(hit.where)}.", places, rule_of(hit))
                break


def _adds(case: Case, flag: str) -> bool:
    """Whether a policy's words of a kind go beyond the licence: it passes there, or its own text has none of them.

    A policy is there to close uses; what it says of persons, places and numbers belongs into the licence.
    """
    if any(touches(flag, n) and ruling(case.weights, n).outcome == "pass" for n in CRITERIA):
        return True
    if flag not in _NOT_OF_USES:
        return False
    texts = [text for sighting in case.weights.governing if (text := sighting.text) and isinstance(text.text, Seen)]
    return bool(texts) and not any(flag in text.flags for text in texts)


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
    words = (
        f"{case.evidence.ref.repo} names {case.weights.name} and {made} {parent.base.name}, whose terms bind here too"
    )
    places = (*case.weights.where[:1], parent.base.where, *parent_answer(parent, dropped[0]).where)
    kind = "lineage-drops-terms" if sure else "lineage-may-drop-terms"
    return Finding(
        kind, f"{words} and are not carried on: {clauses}.", places, f"base-by-{parent.base.named_by.replace(' ', '-')}"
    )


def _relicensed(case: Case) -> Iterable[Finding]:
    """A base of the same owner under other terms: what is not carried on, he has given up himself."""
    for parent in case.parents:
        dropped = dropped_terms(case, parent) if parent.same_owner else ()
        if dropped and parent.case is not None:
            base = parent.case
            clauses = "; ".join(told(parent, number) for number in dropped)
            words = f"{case.evidence.ref.repo}{_dated(case)} names {case.weights.name}, and {base.evidence.ref.repo}"
            because = f"{words}{_dated(base)}, of the same owner, has {base.weights.name}: {RELICENSED}, {clauses}"
            yield Finding("owner-relicensed", f"{because}.", (*case.weights.where[:1], parent.base.where), "same-owner")


def _dated(case: Case) -> str:
    """The day of a repository's last change, where it is known."""
    changed = case.evidence.last_modified
    return f" (last changed {changed.value[:10]})" if isinstance(changed, Seen) else ""


def risks(case: Case) -> tuple[Finding, ...]:
    """What may change or go wrong though the criteria are met; no part of the score."""
    found = [*dangers(case), *_tables_own(case)]
    if case.weights.state == "declared" and not case.weights.unread:
        words = "The licence is declared by a name alone: there is no licence text in the repository."
        found.append(Finding("no-licence-text", words, case.weights.where[:1], "licence-by-name-alone"))
    if case.weights.state == "silent":
        words = "No licence is stated, which leaves all rights reserved."
        found.append(Finding("no-licence", words, card_place(case.evidence), "licence-silent"))
    found.extend(_relicensed(case))
    found.extend(_not_understood(case))
    found.extend(_gate(case))
    found.extend(_code_on_loading(case))
    found.extend(freer_since(case))
    found.extend(_generated(case))
    return tuple(dict.fromkeys(found))


def _tables_own(case: Case) -> Iterable[Finding]:
    """What the clause table rests on, where that is less than the text."""
    for one in governing(case):
        if one.licence.verified == "secondary" and one.licence.g7_ceiling != "review":
            words = f"{one.licence.name}: the clause table rests on reports of the text."
            yield Finding("secondary-source", words, one.where, "clause-table-secondary")


_NOT_UNDERSTOOD: Mapping[StatementKind, str] = MappingProxyType(
    {
        "words-not-understood": "The card has words on terms that no rule understands",
        "hidden-words": "Words are written so that whoever reads their letters misses them",
    }
)


def _not_understood(case: Case) -> Iterable[Finding]:
    """Words that close nothing that is known, and that an adopter should see."""
    for kind, words in _NOT_UNDERSTOOD.items():
        for said in statements(case.evidence.card, kind):
            yield Finding(kind, f"{words}: {quoted(said.where)}.", (said.where,), rule_of(said))


def _gate(case: Case) -> Iterable[Finding]:
    match case.evidence.gate:
        case Seen(gate, where) if gate.mode != "open":
            yield Finding(
                "gated", "A gate stands before the files, and its terms may change.", where, f"gate.{gate.mode}"
            )
        case _:
            return


def _code_on_loading(case: Case) -> Iterable[Finding]:
    """Loading the weights can run code of the publisher's: that of a pickle, or that of the repository."""
    match case.evidence.files:
        case Seen(listed, where):
            weights = weight_files(listed)
            places = file_places(where, weights[:2])
            if weights and {weight_format(file.path) for file in weights} <= PICKLED:
                words = "The weights are pickles alone, which can run any code when they are loaded."
                yield Finding("pickle-only", words, places, "weights-pickled")
        case _:
            pass
    if asks_for_own_code(case):
        words = "Loading runs code of the repository itself (trust_remote_code)."
        places = own_code_places(case) or card_place(case.evidence)
        yield Finding("remote-code", words, places, "weights-need-own-code")


def _output_limits(case: Case, said: Statement) -> str | None:
    """The licence that the words name and what it says of outputs, where it restricts them."""
    named = map(case.table.get, said.keys)
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
            limits = None if terms else _output_limits(case, said)
            if limits:
                words = f"{whose} says that generated data is subject to {limits}."
                yield Finding("generated-data", words, (said.where,), said.rule or "flag.output_use_restriction")
            elif terms:
                words = f"{whose} says that {said.value} generated data, and terms restrict the use of its output"
                yield Finding("generated-data", f"{words}. {terms}.", (said.where,), said.rule or "output-of-a-service")
    for source in case.training_data:
        service = service_in_name(source.use.name)
        if service and owner not in service.publishers:
            words = f"The name of the data set {source.use.name} tells of output of {service.name}"
            yield Finding("generated-data", f"{words}: {service.told}.", (source.use.where,), f"service.{service.id}")
