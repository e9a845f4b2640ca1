"""Attestations laid over verdicts: a person's answer stands, and the machine's is kept beside it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from osaudit.attest.entries import Attestation, Attestations
from osaudit.evidence import Where
from osaudit.packs import DEFAULT_PACK
from osaudit.verdict import Answer, Attested, Finding, Verdict

_WHY = {
    "expired": "expired on {entry.expires}, and changes nothing",
    "not-yet": "begins on {entry.date}, and changes nothing before",
    "other-commit": "is for the commit {entry.commit}, and changes nothing here",
}


@dataclass(frozen=True, slots=True)
class Applied:
    """The verdicts after attestation, the answers that contradict each other, and what was left without effect."""

    verdicts: tuple[Verdict, ...]
    conflicts: tuple[Finding, ...] = ()
    notices: tuple[Finding, ...] = ()


def apply(
    verdicts: tuple[Verdict, ...], given: Attestations, model: str, commit: str | None, same_as: Mapping[str, str]
) -> Applied:
    """Lay the entries that bear on this model at this commit over its verdicts.

    `same_as` leads from a cell (`pack:criterion/facet`) to the default pack's cell that asks the same question.
    """
    standing = [(entry, entry.state(model, commit, given.as_of)) for entry in given.entries]
    applying: dict[str, list[Attestation]] = {}
    for entry, state in standing:
        if state == "applies":
            applying.setdefault(f"{entry.criterion}/{entry.facet}", []).append(entry)
    chosen = [_entries_for(verdict, applying, same_as) for verdict in verdicts]
    found = [_attested(verdict, entries, given) for verdict, entries in zip(verdicts, chosen, strict=True)]
    used = {entry.id for entries in chosen for entry in entries}
    notices = [_notice(entry, state, given) for entry, state in standing if state in _WHY]
    left = (entry for entries in applying.values() for entry in entries if entry.id not in used)
    return Applied(
        tuple(verdict for verdict, _ in found),
        tuple(finding for _, findings in found for finding in findings),
        (*notices, *(_unused(entry, given) for entry in left)),
    )


def _entries_for(
    verdict: Verdict, applying: Mapping[str, Sequence[Attestation]], same_as: Mapping[str, str]
) -> tuple[Attestation, ...]:
    """The entries that name this cell, else those for the default pack's cell that asks the same question."""
    own = f"{verdict.criterion}/{verdict.facet}"
    named = tuple(entry for entry in applying.get(own, ()) if entry.pack in {"", verdict.pack})
    twin = same_as.get(f"{verdict.pack}:{own}", "")
    return named or tuple(entry for entry in applying.get(twin, ()) if entry.pack in {"", DEFAULT_PACK})


def _attested(
    verdict: Verdict, entries: Sequence[Attestation], given: Attestations
) -> tuple[Verdict, tuple[Finding, ...]]:
    """The verdict with a person's answer; where persons disagree, the machine's stays and the conflict is told."""
    if not entries:
        return verdict, ()
    places = tuple(_place(entry, given) for entry in entries)
    cell = f"{verdict.criterion}/{verdict.facet}"
    if len({entry.outcome for entry in entries}) > 1:
        said = "; ".join(f"{entry.who} attests {entry.outcome} ({entry.id})" for entry in entries)
        words = f"The attestations of {cell} disagree, so none of them counts: {said}."
        return verdict, (Finding("attestation-conflict", words, places, "attestation.conflict"),)
    entry, machine = entries[0], verdict.answer
    words = f"{entry.who} attests this ({entry.date}): {entry.reason.rstrip('.')}."
    answer = Answer(entry.outcome, words, places[:1], "attested", counted=entry.outcome != "not_applicable")
    record = Attested(entry.id, entry.who, entry.date, entry.expires, entry.reason, entry.evidence, machine)
    attested = replace(verdict, answer=answer, attestation=record)
    by_twin = cell != f"{entry.criterion}/{entry.facet}"  # told once, at the cell that the entry names
    if by_twin or machine.outcome in {"review", entry.outcome}:
        return attested, ()
    words = f"{cell}: {entry.who} attests {entry.outcome}, where the machine found {machine.outcome}: {machine.because}"
    return attested, (
        Finding("attestation-overrides", words, (*places[:1], *machine.where[:2]), "attestation.overrides"),
    )


def _place(entry: Attestation, given: Attestations) -> Where:
    url = None if entry.evidence.startswith("sha256:") else entry.evidence
    pointer = f"/attestations/{given.entries.index(entry)}"
    return Where("attestations", None, given.file, pointer=pointer, sha256=given.sha256, url=url)


def _notice(entry: Attestation, state: str, given: Attestations) -> Finding:
    words = _WHY[state].format(entry=entry)
    return Finding(
        f"attestation-{state}",
        f"The attestation {entry.id} of {entry.cell} by {entry.who} {words}.",
        (_place(entry, given),),
        f"attestation.{state}",
    )


def _unused(entry: Attestation, given: Attestations) -> Finding:
    words = f"The attestation {entry.id} names {entry.cell}, a cell of no pack that was asked, and changes nothing."
    return Finding("attestation-unused", words, (_place(entry, given),), "attestation.unused")
