"""The gate's result for a terminal: what is asked, then each model with its findings; or a line a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from osaudit.gate.findings import GateFinding, GateReport, GateRow, Result
from osaudit.gate.outputs import OutputOptions
from osaudit.gate.outputs.telling import (
    GENERAL,
    adopted_words,
    conditions_lines,
    findings_of,
    judged_words,
    model_words,
    policy_words,
    ruled_words,
    source_words,
    spot_words,
    told_words,
    verdict_words,
    worst_first,
)
from osaudit.render.neutral import unordered, web_url
from osaudit.render.wrap import wrap
from osaudit.where import Where

Pen: TypeAlias = Callable[[str, str], str]

NARROWEST = 40
_PLACES = 3
_REASON = 300
_HEADS: dict[Result, str] = {"error": "ERROR", "fail": "FAIL ", "pass": "PASS "}
_INK = {"error": "35", "fail": "31", "warning": "33", "note": "2", "pass": "32", "waived": "36", "bold": "1"}


def render_gate_text(report: GateReport, options: OutputOptions) -> str:
    """Return the run in lines; strangers' words among them are printable, and command no log."""
    pen = _coloured if options.colour else _uncoloured
    lines = _summary(report, options, pen) if options.summary else _whole(report, options, pen)
    return unordered("\n".join(lines)) + "\n"


def _whole(report: GateReport, options: OutputOptions, pen: Pen) -> Iterable[str]:
    width = max(options.width, NARROWEST)
    yield from (pen(line, report.result) for line in wrap(verdict_words(report, options), width))
    yield from wrap(f"Policy: {policy_words(report)}", width)
    for line in conditions_lines(report) if report.policy.conditions else ("no condition is in force",):
        yield from _indented(line, 2, width)
    for row in worst_first(report):
        yield ""
        head = f"{_HEADS[row.result]} {model_words(row)}: {judged_words(row)}"
        first, *rest = _hanging(head, 6, width)
        yield pen(first, row.result)
        yield from rest
        if row.adoption.places:
            yield from _indented(f"adopted in {adopted_words(row)}", 6, width)
        yield from _findings(findings_of(row), row.adoption.model, width, pen)
    if report.general:
        yield ""
        yield pen(GENERAL.capitalize(), "bold")
        yield from _findings(report.general, "", width, pen)


def _findings(findings: Iterable[GateFinding], home: str, width: int, pen: Pen) -> Iterable[str]:
    told: set[Where] = set()
    for one in findings:
        sort = "waived" if one.waived else one.severity
        first, *rest = _indented(told_words(one), 10, width)
        yield f"  {pen(f'{sort:<8}', sort)}{first[10:]}"
        yield from rest
        for where in one.where[:_PLACES]:
            url = None if where in told else web_url(where.url)
            yield from _indented(source_words(where, home, told), 12, width)
            if url:  # whole, so that it can be followed
                yield f"{' ' * 12}{url}"
        if len(one.where) > _PLACES:
            yield from _indented(f"and {len(one.where) - _PLACES} more places", 12, width)


def _summary(report: GateReport, options: OutputOptions, pen: Pen) -> Iterable[str]:
    """A line a model, the worst first: those that fail with the first reason and the place."""
    for row in worst_first(report):
        told = f"{model_words(row)}: {judged_words(row)}{_reasons(findings_of(row))}{_spots(row)}"
        yield f"{pen(_HEADS[row.result], row.result)} {told}"
    for one in report.general:
        if one.fails:
            spot = f" [{spot_words(one.at)}]" if one.at else ""
            yield f"{pen(_HEADS['fail'], 'fail')} {GENERAL}{_reasons([one])}{spot}"
    yield f"Policy: {policy_words(report)}: {'; '.join(conditions_lines(report)) or 'no condition is in force'}"
    yield pen(verdict_words(report, options), report.result)


def _reasons(findings: Iterable[GateFinding]) -> str:
    failing = [one for one in findings if one.fails]
    if not failing:
        return ""
    more = f" (and {len(failing) - 1} more)" if len(failing) > 1 else ""
    return f" – {ruled_words(failing[0], _REASON)}{more}"


def _spots(row: GateRow) -> str:
    places = row.adoption.places
    if row.result == "pass" or not places:
        return ""
    more = f" and {len(places) - 1} more" if len(places) > 1 else ""
    return f" [{spot_words(places[0])}{more}]"


def _indented(text: str, indent: int, width: int) -> list[str]:
    return [" " * indent + line for line in wrap(text, max(width - indent, NARROWEST // 2))]


def _hanging(text: str, indent: int, width: int) -> list[str]:
    """Wrap a line whose further lines stand `indent` columns to the right."""
    first, *rest = wrap(text, max(width - indent, NARROWEST // 2))
    return [first, *(" " * indent + line for line in rest)]


def _coloured(text: str, ink: str) -> str:
    return f"\x1b[{_INK[ink]}m{text}\x1b[0m"


def _uncoloured(text: str, _: str) -> str:
    return text
