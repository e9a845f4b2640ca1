"""Attestations laid over verdicts: a person's answer stands, and the machine's is kept beside it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from osaudit.attest.entries import ANY_COMMIT, Attestation, Attestations
from osaudit.attest.signature import SIGNED_BY
from osaudit.evidence import Where
from osaudit.frozen import dataclass
from osaudit.packs import DEFAULT_PACK
from osaudit.verdict import Answer, Attested, Basis, Finding, Verdict

OVERRIDING_WORDS = 8
"""The least words of a reason that stands against a licence's text or a base model's terms."""
_BY_TEXT: frozenset[Basis] = frozenset({"osi-stated", "licence text"})

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
        (*notices, *(_unused(entry, given) for entry in left), *_cautions(_counted(found, given), given)),
    )


def _counted(found: Iterable[tuple[Verdict, object]], given: Attestations) -> tuple[Attestation, ...]:
    """The entries that changed a cell, each once."""
    ids = {verdict.attestation.id for verdict, _ in found if verdict.attestation}
    return tuple(entry for entry in given.entries if entry.id in ids)


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
    by_twin = cell != f"{entry.criterion}/{entry.facet}"  # told once, at the cell that the entry names
    lacking = _lacking(entry, verdict)
    if lacking:
        words = f"The attestation {entry.id} of {cell} by {entry.who} changes nothing: {lacking}. {machine.because}"
        return verdict, () if by_twin else (Finding("attestation-needs-override", words, places[:1]),)
    words = f"{entry.who} attests this ({entry.date}): {entry.reason.rstrip('.')}."
    answer = Answer(entry.outcome, words, places[:1], "attested", counted=entry.outcome != "not_applicable")
    record = Attested(
        entry.id,
        entry.who,
        entry.date,
        entry.expires,
        entry.reason,
        entry.evidence,
        machine,
        overrides=bool(entry.overrides),
        any_commit=entry.commit == ANY_COMMIT,
        signed=given.signature.startswith(SIGNED_BY),
    )
    attested = replace(verdict, answer=answer, attestation=record)
    if by_twin or machine.outcome in {"review", entry.outcome}:
        return attested, ()
    words = f"{cell}: {entry.who} attests {entry.outcome}, where the machine found {machine.outcome}: {machine.because}"
    return attested, (
        Finding("attestation-overrides", words, (*places[:1], *machine.where[:2]), "attestation.overrides"),
    )


def _lacking(entry: Attestation, verdict: Verdict) -> str:
    """What a person's word lacks to stand against a fail of the terms; nothing where it stands."""
    machine = verdict.answer
    if machine.outcome != "fail" or entry.outcome == "fail":
        return ""
    if verdict.facet in {"data", "training"} and machine.basis not in _BY_TEXT:
        return ""  # what was not found may be found by a person
    if entry.overrides != "fail":
        return "the machine's fail rests on terms, and the entry does not say `overrides: fail`"
    words = len(entry.reason.split())
    if words < OVERRIDING_WORDS:
        return f"what stands against terms needs a reason of {OVERRIDING_WORDS} words or more, and this has {words}"
    return ""


def _cautions(entries: Iterable[Attestation], given: Attestations) -> Iterable[Finding]:
    """What makes a person's word weak: nobody signed the file, or it is for whatever commit."""
    used = tuple(entries)
    if used and not given.signature.startswith(SIGNED_BY):
        words = f"The attestations in {given.file} are {given.signature}: nothing proves who wrote them"
        yield Finding("attestation-unsigned", f"{words}.", (_place(used[0], given),))
    for entry in used:
        if entry.commit == ANY_COMMIT:
            words = f"The attestation {entry.id} of {entry.cell} by {entry.who} is for any commit"
            yield Finding("attestation-any-commit", f"{words}, seen or not.", (_place(entry, given),))


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
