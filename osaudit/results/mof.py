"""Model Openness Framework 1.0: the class that the components make, with its progress as a range."""

from __future__ import annotations

from collections.abc import Iterable

from osaudit.checks.case import Case
from osaudit.mof.classes import MofClass, classify
from osaudit.mof.components import CLASSES, COMPONENTS, Kind
from osaudit.mof.licences import NOT_LISTED
from osaudit.mof.remarks import remarks
from osaudit.packs import Pack
from osaudit.results.cells import listed, worst_of
from osaudit.verdict import Finding, Label, Outcome, PackResult, Part, Verdict

_PREFIX = "MOF-"


def result(case: Case, pack: Pack, verdicts: tuple[Verdict, ...], label: Label) -> PackResult:  # noqa: ARG001 - the table's form
    """Classify by the components that are there under open licences: without and with those open to review."""
    states = {kind.name: _state(kind, verdicts) for kind in COMPONENTS if kind.required}
    sure = frozenset(name for name, state in states.items() if state == "pass")
    maybe = frozenset(name for name, state in states.items() if state == "review")
    low, high = classify(sure), classify(sure | maybe)
    steps = tuple(_step(level, low, high, maybe) for level in CLASSES)
    name = CLASSES.get(low.level, "No class")
    if high.level and high.level != low.level:
        name += f" (at best {CLASSES[high.level]})"
    return PackResult(pack.id, _outcome(low, high), name, _because(low, high, maybe), steps, _remarks(sure, verdicts))


def _state(kind: Kind, verdicts: tuple[Verdict, ...]) -> Outcome:
    """A component counts where it is there and its licence is open; it may where nothing fails and a cell is open."""
    cells = [verdict.answer.outcome for verdict in verdicts if verdict.criterion == f"{_PREFIX}{kind.id}"]
    return worst_of(cells) if cells else "fail"


def _outcome(low: MofClass, high: MofClass) -> Outcome:
    if low.level:
        return "pass" if low.level == 1 else "partial"
    return "review" if high.level else "fail"


def _step(level: int, low: MofClass, high: MofClass, maybe: frozenset[str]) -> Part:
    there, asked = low.counts[level]
    lacking = [name for name in low.missing[level] if name not in maybe]
    opens = [name for name in low.missing[level] if name in maybe]
    words = [f"{there} of {asked} components are there under open licences."]
    if there and not low.progress[level] and level + 1 in CLASSES:
        words.append(f"They count for nothing here until {CLASSES[level + 1]} is reached.")
    words += [f"Lacking: {listed(lacking, 14)}."] if lacking else []
    words += [f"Open to review: {listed(opens, 14)}."] if opens else []
    outcome: Outcome = "pass" if not low.missing[level] else "fail" if lacking else "review"
    return Part(CLASSES[level], outcome, " ".join(words), low.progress[level], high.progress[level])


def _because(low: MofClass, high: MofClass, maybe: frozenset[str]) -> str:
    following = next((level for level in CLASSES if low.missing[level]), None)
    if following is None:
        return "All components of every class are there under open licences."
    lacking = [name for name in low.missing[following] if name not in maybe]
    words = f"{CLASSES[following]} lacks {listed(lacking)}." if lacking else ""
    opens = [name for name in low.missing[following] if name in maybe]
    if opens:
        words = f"{words} A person has to look at {listed(opens)}.".strip()
    best = f" At best {CLASSES[high.level]}." if high.level and high.level != low.level else ""
    return words + best


def _remarks(sure: frozenset[str], verdicts: tuple[Verdict, ...]) -> tuple[Finding, ...]:
    present = {kind.name for kind in COMPONENTS if _present(kind, verdicts)}
    told = [Finding(kind, words, rule=f"mof.{kind}") for kind, words in remarks(sure, present)]
    return (*told, *_warnings(verdicts))


def _present(kind: Kind, verdicts: tuple[Verdict, ...]) -> bool:
    cells = (v for v in verdicts if v.criterion == f"{_PREFIX}{kind.id}" and v.facet != "licence")
    return any(cell.answer.outcome == "pass" for cell in cells)


def _warnings(verdicts: tuple[Verdict, ...]) -> Iterable[Finding]:
    """Licences that are open and made for another type of content pass with a warning."""
    names = {f"{_PREFIX}{kind.id}": kind.name for kind in COMPONENTS if _present(kind, verdicts)}
    for verdict in verdicts:
        answer = verdict.answer
        name = names.get(verdict.criterion)
        if name and verdict.facet == "licence" and answer.outcome == "pass" and NOT_LISTED in answer.because:
            yield Finding(
                "licence-of-another-type", f"{name}: {answer.because}", answer.where[:1], "mof.licence-of-another-type"
            )
