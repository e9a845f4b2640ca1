"""Duties and risks that the licences bring: of the model, of what it was made from, and what its publisher adds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field

from osaudit.checks.added import added_words
from osaudit.checks.cards import card_place, quoted
from osaudit.checks.case import Case
from osaudit.checks.ruling import clauses_of
from osaudit.checks.sightings import Sighting
from osaudit.evidence import Where
from osaudit.frozen import dataclass
from osaudit.licences.grants import load_vocabulary
from osaudit.licences.table import Licence
from osaudit.once import once_for_each
from osaudit.verdict import Duty, Finding

MAX_WORDS = 6
"""Restricting words of an unknown text, or of a publisher, that are listed one by one."""


@dataclass(frozen=True, slots=True)
class Governed:
    """A licence that binds, the places where it shows, and its text's sighting where there is one."""

    licence: Licence
    where: tuple[Where, ...]
    sighting: Sighting | None = None

    def place(self, criterion: int = 0) -> tuple[Where, ...]:
        """The clause that decides a criterion, as found in the text; else where the licence shows."""
        clauses = clauses_of(self.sighting.text, self.licence.key, criterion) if self.sighting else ()
        return tuple(clause.where for clause in clauses[:1]) or self.where


@once_for_each
def governing(case: Case) -> tuple[Governed, ...]:
    """The licences that bind a user of the model, those of its bases included."""
    found = [*own_licences(case)]
    for parent in case.parents:
        if parent.case:
            found.extend(governing(parent.case))
        elif parent.family and parent.confirmed:
            found.append(Governed(parent.family, (parent.base.where,)))
    return tuple(found)


@once_for_each
def own_licences(case: Case) -> tuple[Governed, ...]:
    """The licences of the model's own weights."""
    return tuple(_own_licences(case))


def _own_licences(case: Case) -> Iterable[Governed]:
    for licence in case.weights.licences:
        telling = [one for one in case.weights.governing if licence.key in one.keys]
        text = next((one for one in telling if one.text), None)
        places = tuple(one.where for one in telling[:1]) or case.weights.where[:1]
        yield Governed(licence, places, text)


@dataclass(slots=True)
class _Merged:
    """One duty or risk that several licences bring: its vocabulary's id and note, their clauses, and whose they are."""

    id: str
    note: str
    clauses: dict[str, None] = field(default_factory=dict)
    of: list[Governed] = field(default_factory=list)

    @property
    def where(self) -> tuple[Where, ...]:
        """Where the licences show that bring it."""
        return tuple(dict.fromkeys([place for one in self.of for place in one.where]))

    def told(self, text: str) -> str:
        """The vocabulary's words, the note and the clauses in a sentence."""
        more = f" {self.note[:1].upper()}{self.note[1:].rstrip('.')}." if self.note else ""
        return f"{text.rstrip('.')}{'.' + more.rstrip('.') if more else ''} ({'; '.join(self.clauses)})."


def obligations(case: Case) -> tuple[Duty, ...]:
    """Duties to keep, one line for what several licences ask; an unknown licence says so, and is never silent."""
    bound = governing(case)
    if len(bound) == 1:
        places = tuple(dict.fromkeys(bound[0].where))
        found = [
            Duty(kind, words, places, rule, uses, who) for kind, words, rule, uses, who in _duties_of(bound[0].licence)
        ]
    else:
        found = _merged_duties(bound)
    return (*found, *_unknown(case), *_added(case))


@once_for_each
def _duties_of(licence: Licence) -> tuple[tuple[str, str, str, tuple[str, ...], str], ...]:
    """The duties of a licence that binds alone, without their places."""
    found = _merged_duties((Governed(licence, ()),))
    return tuple((duty.kind, duty.because, duty.rule, duty.uses, duty.who) for duty in found)


def _merged_duties(bound: Iterable[Governed]) -> list[Duty]:
    merged: dict[tuple[str, str, tuple[str, ...], str], _Merged] = {}
    for one in bound:
        for due in one.licence.duties:
            entry = merged.setdefault((due.id, due.note, due.uses, due.who), _Merged(due.id, due.note))
            entry.clauses[f"{one.licence.name}, {due.clause}"] = None
            entry.of.append(one)
    words = load_vocabulary().duties
    return [
        Duty(entry.id, entry.told(words[entry.id].text), entry.where, f"clause-table.duties.{entry.id}", uses, who)
        for (_, _, uses, who), entry in merged.items()
    ]


def _unknown(case: Case) -> Iterable[Duty]:
    """An unknown licence's restricting words; a base that could not be seen; a licence whose duties were not read."""
    kind = load_vocabulary().duties["not-known"]
    for one in (case, *_seen_bases(case)):
        terms = one.weights
        if terms.state in {"unrecognised", "unseen"} and not terms.licences:
            texts = [sighting.text for sighting in terms.governing if sighting.text]
            hits = tuple(hit.where for text in texts for hit in text.restrictions)[:MAX_WORDS]
            more = f" It holds words that restrict: {quoted(hits[0])}." if hits else ""
            name = terms.name[:1].upper() + terms.name[1:]
            yield Duty(
                "not-known", f"{kind.text} {name}.{more}", hits or terms.where[:2], "licence-not-known", (), kind.who
            )
    for licence in {one.licence.key: one.licence for one in governing(case)}.values():
        if not licence.duties and licence.verified == "secondary":
            words = f"What {licence.name} asks for is not known: the clause table holds no duties of it."
            yield Duty("not-known", words, case.weights.where[:1], "clause-table-no-duties", (), kind.who)
    for parent in case.parents:
        if parent.case is None and parent.family is None and not parent.same_owner:
            words = f"What {parent.base.name} hands down is not known: it was not seen."
            yield Duty("not-known", words, (parent.base.where,), "base-not-seen", (), kind.who)


def _seen_bases(case: Case) -> Iterable[Case]:
    for parent in case.parents:
        if parent.case:
            yield parent.case
            yield from _seen_bases(parent.case)


def _added(case: Case) -> Iterable[Duty]:
    """What card, gate and policies add, also where a cell fails anyway."""
    kind = load_vocabulary().duties["publisher-adds"]
    for word in added_words(case)[:MAX_WORDS]:
        yield Duty("publisher-adds", f"{word.source} adds: {word.quote}.", (word.where,), word.rule, (), kind.who)


def dangers(case: Case) -> tuple[Finding, ...]:
    """The risks that licences bring, one line for what several share."""
    bound = governing(case)
    if len(bound) == 1:
        places = tuple(dict.fromkeys(bound[0].where))
        found = [Finding(kind, words, places, rule) for kind, words, rule in _dangers_of(bound[0].licence)]
    else:
        found = _merged_dangers(bound)
    return (*found, *_unknown_risks(case))


@once_for_each
def _dangers_of(licence: Licence) -> tuple[tuple[str, str, str], ...]:
    """The risks of a licence that binds alone, without their places."""
    return tuple((one.kind, one.because, one.rule) for one in _merged_dangers((Governed(licence, ()),)))


def _merged_dangers(bound: Iterable[Governed]) -> list[Finding]:
    merged: dict[tuple[str, str], _Merged] = {}
    for one in bound:
        for risk in one.licence.risks:
            entry = merged.setdefault((risk.id, risk.note), _Merged(risk.id, risk.note))
            entry.clauses[f"{one.licence.name}, {risk.clause}"] = None
            entry.of.append(one)
    words = load_vocabulary().risks
    return [
        Finding(
            entry.id,
            entry.told(f"{words[entry.id][:1].upper()}{words[entry.id][1:]}."),
            entry.where,
            f"clause-table.risks.{entry.id}",
        )
        for entry in merged.values()
    ]


def _unknown_risks(case: Case) -> Iterable[Finding]:
    if case.weights.state in {"unrecognised", "unseen"} and not case.weights.licences:
        words = "What may change or go wrong under the licence is not known: the clause table does not know it."
        yield Finding("not-known", words, case.weights.where[:1] or card_place(case.evidence), "licence-not-known")
