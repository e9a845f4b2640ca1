"""Duties as a checklist, the notice to paste, risks by their grade, and the day to look again: picked, never judged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal, TypeAlias

from osaudit.decision import Decision
from osaudit.licences.grants import load_vocabulary
from osaudit.render.neutral import plain, web_url
from osaudit.render.usewords import use_name
from osaudit.render.words import licence_words
from osaudit.verdict import Duty, Finding, Scorecard

Grade: TypeAlias = Literal["high", "medium", "low"]

GRADES: Mapping[Grade, str] = MappingProxyType(
    {
        "high": "can take the right to use it away, or is not known at all",
        "medium": "can cost money, or change what holds",
        "low": "to know of",
    }
)
_GRADED: Mapping[str, Grade] = MappingProxyType(
    {
        "not-known": "high",
        "no-licence": "high",
        "revocable": "high",
        "remote-restriction": "high",
        "outputs-destroyed": "high",
        "outputs-owner": "high",
        "terms-may-change": "medium",
        "use-latest": "medium",
        "indemnity": "medium",
        "ends-on-ip-suit": "medium",
        "generated-data": "medium",
        "words-not-understood": "medium",
        "hidden-words": "high",
        "owner-relicensed": "medium",
        "secondary-source": "medium",
        "no-licence-text": "medium",
        "gated": "medium",
        "attestation-unsigned": "medium",
        "attestation-any-commit": "medium",
        "ends-on-breach": "low",
        "ends-on-patent-suit": "low",
        "no-patent-grant": "low",
        "forum": "low",
        "earlier-terms": "low",
    }
)
MUTABLE = frozenset({"terms-may-change", "remote-restriction", "use-latest", "gated", "revocable"})
"""The risks by which terms may be others tomorrow."""
YEAR, QUARTER = timedelta(days=365), timedelta(days=90)

_PRESCRIBED = re.compile(r"“([^”]{3,400})”")
_SAYS = frozenset({"display-wording", "notice-file"})


@dataclass(frozen=True, slots=True)
class Group:
    """Duties that the same uses bring on: those uses in words, and the duties."""

    when: str
    duties: tuple[Duty, ...]


def checklist(duties: Sequence[Duty]) -> tuple[Group, ...]:
    """Group the duties by what brings them on, those of every use first."""
    every = len(load_vocabulary().uses) - 2
    groups: dict[str, list[Duty]] = {}
    for duty in sorted(duties, key=lambda one: bool(one.uses) and len(one.uses) < every):
        whole = not duty.uses or len(duty.uses) >= every
        when = "Whatever it is used for" if whole else "; ".join(use_name(use) for use in duty.uses)
        groups.setdefault(when, []).append(duty)
    return tuple(Group(when, tuple(found)) for when, found in groups.items())


def notice(card: Scorecard) -> str:
    """Return the lines for a notice file: model, commit, licence, source, and the words that a licence prescribes."""
    licence = next((one for name, one in card.licences if name == "weights"), None)
    if licence is None or licence.key is None:
        return ""
    lines = [f"This product uses {plain(card.model, 300)}" + (f", commit {plain(card.commit)}" if card.commit else "")]
    lines.append(f"Licence: {licence_words(licence)}")
    address = next((web_url(where.url) for where in licence.where if where.url), None)
    lines += [f"Licence as seen at: {address}"] if address else []
    lines += [words for duty in card.obligations for words in prescribed(duty)]
    return "\n".join(dict.fromkeys(lines))


def prescribed(duty: Duty) -> Iterable[str]:
    """Give the lines that a duty asks to be shown, as far as its words tell them; none where it asks for none."""
    if duty.kind not in _SAYS:
        return
    found = _PRESCRIBED.findall(plain(duty.because))
    yield from found or [f"[The line prescribed by {_clause(duty)}: copy it from the licence's text]"]


def _clause(duty: Duty) -> str:
    last = re.search(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)[.]?$", plain(duty.because))
    return last[1] if last else "the licence"


def graded(risks: Sequence[Finding]) -> tuple[tuple[Grade, tuple[Finding, ...]], ...]:
    """Sort risks by their grade, the highest first; one of a kind that is not graded is medium."""
    order: tuple[Grade, ...] = tuple(GRADES)
    groups = ((grade, tuple(risk for risk in risks if _GRADED.get(risk.kind, "medium") == grade)) for grade in order)
    return tuple((grade, found) for grade, found in groups if found)


def check_again(card: Scorecard, decision: Decision | None = None, max_age: int | None = None) -> tuple[str, str]:
    """Return the day (ISO 8601) by which to look again, and why then; two empty strings where no day is known.

    The nearest of: a year after the evidence was collected, or `max_age` days; a quarter where terms may change; the
    end of an attestation; the end of the decision.
    """
    seen = _day(card.collected_at)
    days: list[tuple[date, str]] = []
    if seen:
        age = timedelta(days=max_age) if max_age is not None else YEAR
        days.append((seen + age, f"the evidence is then {age.days} days old"))
        if any(risk.kind in MUTABLE for risk in card.risks):
            days.append((seen + QUARTER, f"terms may change, and were last seen {QUARTER.days} days before"))
    for verdict in card.verdicts:
        end = _day(verdict.attestation.expires) if verdict.attestation else None
        days += [(end, "an attestation that counts here expires")] if end else []
    if decision is not None:
        days.append((decision.valid_until, "the decision is valid until then"))
    if not days:
        return "", ""
    first, because = min(days)
    return first.isoformat(), because


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
