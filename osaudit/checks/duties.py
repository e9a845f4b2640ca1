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


def governing(case: Case) -> Iterable[Governed]:
    """The licences that bind a user of the model, those of its bases included."""
    yield from own_licences(case)
    for parent in case.parents:
        if parent.case:
            yield from governing(parent.case)
        elif parent.family and parent.confirmed:
            yield Governed(parent.family, (parent.base.where,))


def own_licences(case: Case) -> Iterable[Governed]:
    """The licences of the model's own weights."""
    for licence in case.weights.licences:
        telling = [one for one in case.weights.governing if licence.key in one.keys]
        text = next((one for one in telling if one.text), None)
        places = tuple(one.where for one in telling[:1]) or case.weights.where[:1]
        yield Governed(licence, places, text)


@dataclass(slots=True)
class _Merged:
    """One duty or risk that several licences bring."""

    named: dict[str, None] = field(default_factory=dict)
    where: dict[Where, None] = field(default_factory=dict)


def obligations(case: Case) -> tuple[Duty, ...]:
    """Duties to keep, one line for what several licences ask; an unknown licence says so, and is never silent."""
    merged: dict[tuple[str, str, tuple[str, ...], str], _Merged] = {}
    for one in governing(case):
        for due in one.licence.duties:
            entry = merged.setdefault((due.id, due.note, due.uses, due.who), _Merged())
            entry.named[f"{one.licence.name}, {due.clause}"] = None
            entry.where.update(dict.fromkeys(one.where))
    words = load_vocabulary().duties
    found = [
        Duty(kind, _told(words[kind].text, note, entry), tuple(entry.where), f"clause-table.duties.{kind}", uses, who)
        for (kind, note, uses, who), entry in merged.items()
    ]
    return (*found, *_unknown(case), *_added(case))


def _told(text: str, note: str, entry: _Merged) -> str:
    more = f" {note[:1].upper()}{note[1:].rstrip('.')}." if note else ""
    return f"{text.rstrip('.')}{'.' + more.rstrip('.') if more else ''} ({'; '.join(entry.named)})."


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
    merged: dict[tuple[str, str], _Merged] = {}
    for one in governing(case):
        for risk in one.licence.risks:
            entry = merged.setdefault((risk.id, risk.note), _Merged())
            entry.named[f"{one.licence.name}, {risk.clause}"] = None
            entry.where.update(dict.fromkeys(one.where))
    words = load_vocabulary().risks
    found = [
        Finding(
            kind,
            _told(f"{words[kind][:1].upper()}{words[kind][1:]}.", note, entry),
            tuple(entry.where),
            f"clause-table.risks.{kind}",
        )
        for (kind, note), entry in merged.items()
    ]
    return (*found, *_unknown_risks(case))


def _unknown_risks(case: Case) -> Iterable[Finding]:
    if case.weights.state in {"unrecognised", "unseen"} and not case.weights.licences:
        words = "What may change or go wrong under the licence is not known: the clause table does not know it."
        yield Finding("not-known", words, case.weights.where[:1] or card_place(case.evidence), "licence-not-known")
