"""The audit's results, and what the card states of the model's making, as annotations with their places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from osaudit.bom.identifiers import clean, told_places
from osaudit.bom.making import Stated, stated_words
from osaudit.verdict import Finding, GoverningLicence, Scorecard, Verdict

NoteKind: TypeAlias = Literal[
    "label", "licence", "verdict", "conflict", "obligation", "risk", "unseen", "cost", "hyperparameter"
]

STATED = frozenset({"cost", "hyperparameter"})  # the card's words, and no result of the audit

MAX_FINDINGS = 50


@dataclass(frozen=True, slots=True)
class Note:
    """One result or statement, in words."""

    kind: NoteKind
    text: str


def notes_of(card: Scorecard) -> tuple[Note, ...]:
    """The label first, then licences, verdicts, findings, and what was not seen."""
    return tuple(Note(kind, clean(text)) for kind, text in _sentences(card))


def notes_on_making(costs: Iterable[Stated], settings: Sequence[Stated]) -> tuple[Note, ...]:
    """What the card states of costs and hyperparameters."""
    told = stated_words(costs, settings)
    return tuple(Note("cost" if on_cost else "hyperparameter", clean(text)) for on_cost, text in told)


def _sentences(card: Scorecard) -> Iterator[tuple[NoteKind, str]]:
    yield "label", _label(card)
    for component, licence in card.licences:
        yield "licence", _licence(component, licence)
    for verdict in card.verdicts:
        yield "verdict", _verdict(verdict)
    findings: tuple[tuple[NoteKind, tuple[Finding, ...]], ...] = (
        ("conflict", card.conflicts),
        ("obligation", card.obligations),
        ("risk", card.risks),
    )
    for kind, found in findings:
        for finding in found[:MAX_FINDINGS]:
            yield kind, f"{kind.capitalize()} ({finding.kind}): {finding.because}{_at(told_places(finding.where))}"
    for item in card.unseen[:MAX_FINDINGS]:
        yield "unseen", f"Not seen: {item.what}: {item.why}"


def _label(card: Scorecard) -> str:
    packs = ", ".join(f"{pack.definition} (pack {pack.id} {pack.version})" for pack in card.packs)
    standing = "candidate, for a person to attest" if card.label.candidate else f"at best {card.label.at_best}"
    figures = f"score {card.score.low:g} to {card.score.high:g} of 100"
    incomplete = " The audit is incomplete: files were refused." if card.incomplete else ""
    words = f"Label: {card.label.name} ({standing}); {figures}, by {packs or 'no pack'}."
    return f"{words} Evidence sha256 {card.evidence_sha256}.{incomplete}"


def _licence(component: str, licence: GoverningLicence) -> str:
    settled = "certain" if licence.settled else "not certain"
    steps = f" {' '.join(licence.steps)}" if licence.steps else ""
    return f"Licence of the {component}: {licence.name} ({licence.basis}, {settled}).{steps}"


def _verdict(verdict: Verdict) -> str:
    answer = verdict.answer
    words = f"{verdict.pack} {verdict.criterion} {verdict.facet}: {answer.outcome}. {answer.because}"
    return f"{words} Basis: {answer.basis}.{_at(told_places(answer.where))}"


def _at(places: str) -> str:
    return f" Seen at: {places}." if places else ""
