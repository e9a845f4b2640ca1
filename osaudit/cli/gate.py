"""The conditions that a user asks for, and whether a scorecard meets them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from osaudit.checks.probe import untold
from osaudit.errors import UsageError, meant
from osaudit.label import RUNGS
from osaudit.proberun import ProbeRun
from osaudit.verdict import FACETS, LabelId, Scorecard, Verdict

_CELL = re.compile(r"(?:OSD-|C)?(?P<number>\d{1,2})(?:[-/](?P<facet>[A-Za-z]+))?", re.IGNORECASE)
_BY_LETTER = {facet[0]: facet for facet in FACETS}
_ENDINGS = ("", *(f"/{facet}" for facet in FACETS))


@dataclass(frozen=True, slots=True)
class Conditions:
    """What has to hold: a least score (the low end), criteria without a fail, a least label."""

    fail_under: float | None = None
    fail_on: tuple[tuple[str, str | None], ...] = ()
    least_label: LabelId | None = None
    review_passes: bool = False


def parse_cell(text: str) -> tuple[str, str | None]:
    """Read `OSD-6`, `6`, `C6-L` or `OSD-6/licence` as criterion id and facet; UsageError where it is none of them."""
    found = _CELL.fullmatch(text.strip())
    facet = (found.group("facet") or "").lower() if found else ""
    if found is None or not 1 <= int(found.group("number")) <= 10 or (facet and facet not in {*FACETS, *_BY_LETTER}):  # noqa: PLR2004 - ten criteria
        near = meant(text.strip(), (f"OSD-{number}{facet}" for number in range(1, 11) for facet in _ENDINGS))
        raise UsageError(
            f"{text!r} is no criterion{near or ': write OSD-1 to OSD-10, or one cell such as OSD-6/licence or C6-L'}"
        )
    return f"OSD-{int(found.group('number'))}", (_BY_LETTER.get(facet, facet) or None)


def unmet(card: Scorecard, conditions: Conditions) -> Iterable[str]:
    """Say which conditions the scorecard does not meet, a line each."""
    if conditions.fail_under is not None and not card.score.low >= conditions.fail_under:  # so that NaN meets nothing
        yield f"{card.model}: the score's low end is {card.score.low:g}, under {conditions.fail_under:g}"
    if (
        conditions.least_label
        and card.label.determined
        and RUNGS.index(card.label.id) < RUNGS.index(conditions.least_label)
    ):
        yield f"{card.model}: {card.label.name} is below the label asked for"
    for criterion, facet in conditions.fail_on:
        if not any(verdict.criterion == criterion and facet in {None, verdict.facet} for verdict in card.verdicts):
            yield f"{card.model}: {criterion}{f'/{facet}' if facet else ''} was not asked"
        for verdict in _failing(card.verdicts, criterion, facet, review_passes=conditions.review_passes):
            yield f"{card.model}: {criterion}/{verdict.facet} is {verdict.answer.outcome}: {verdict.answer.because}"


def unjudged(card: Scorecard) -> Iterable[str]:
    """Say what was to be looked at and could not be, a line each: no gate may take such a report for a whole one."""
    if card.incomplete:
        yield f"{card.model}: the audit is incomplete; the report lists what was not seen"
    if card.probe:
        yield from unprobed(card.model, card.probe)


def untold_label(card: Scorecard, conditions: Conditions) -> Iterable[str]:
    """Say that a least label is asked for and the label could not be told."""
    if conditions.least_label and not card.label.determined:
        yield f"{card.model}: the label could not be told, for the file list that was seen is partial"


def unprobed(model: str, run: ProbeRun) -> Iterable[str]:
    """Say where a run of the probe stopped short of what was asked, if the model is not to blame."""
    stopped = untold(run)
    if stopped:
        why = f"{stopped.level} ({stopped.failure}): {stopped.because}"
        yield f"{model}: the probe was asked for up to {run.asked} and stopped at {why}"


def _failing(
    verdicts: Sequence[Verdict], criterion: str, facet: str | None, *, review_passes: bool
) -> Iterable[Verdict]:
    bad = {"fail"} if review_passes else {"fail", "review"}
    asked = (v for v in verdicts if v.criterion == criterion and facet in {None, v.facet})
    return (v for v in asked if v.answer.outcome in bad or (facet and _is_unpublished(v)))


def _is_unpublished(verdict: Verdict) -> bool:
    """Whether there was nothing to ask of, because it was not published: that meets no condition that asks for it."""
    return verdict.answer.outcome == "not_applicable" and verdict.answer.counted
