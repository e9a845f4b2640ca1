"""GitHub's annotations: commands of the log that a runner reads, with nothing of a stranger's that it would obey.

A command is a line `::error file=F,line=L,col=C,title=T::MESSAGE`; in the message `%`, carriage return and line feed
are written as `%25`, `%0D`, `%0A`, in a property `:` and `,` as `%3A` and `%2C` besides: what the runner takes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from osaudit.gate.findings import GateFinding, GateReport, GateRow, Place
from osaudit.gate.outputs import OutputOptions
from osaudit.gate.outputs.telling import (
    GENERAL,
    conditions_lines,
    findings_of,
    model_words,
    places_of,
    policy_words,
    ruled_words,
    spot_words,
    told_words,
    verdict_words,
    worst_first,
)
from osaudit.render.neutral import plain, said, unordered

MOST = 10
"""Annotations of a kind that GitHub shows of one step."""

_MESSAGE = 4_000
_REASON = 600


def render_annotations(report: GateReport, options: OutputOptions) -> str:
    """Return a notice with the verdict, an error for each model that fails, a warning for each with one.

    What is waived is a notice of its model's.

    Where more than `MOST` of a kind are due, the last says how many are left out.
    """
    rows = worst_first(report)
    errors = [_of_row("error", row, _failing(findings_of(row))) for row in rows if row.result != "pass"]
    errors += [_of_project("error", one) for one in report.general if one.fails]
    warned = [(row, _warning(findings_of(row))) for row in rows]
    warnings = [_of_row("warning", row, found) for row, found in warned if found]
    warnings += [_of_project("warning", one) for one in _warning(report.general)]
    waived = [(row, [one for one in findings_of(row) if one.waived and one.severity != "note"]) for row in rows]
    notices = [_notice(report, options), *(_of_row("notice", row, found) for row, found in waived if found)]
    lines = [*_most("notice", notices), *_most("error", errors), *_most("warning", warnings)]
    return "\n".join(lines) + "\n"


def _failing(findings: Iterable[GateFinding]) -> list[GateFinding]:
    return [one for one in findings if one.fails]


def _warning(findings: Iterable[GateFinding]) -> list[GateFinding]:
    return [one for one in findings if one.severity == "warning" and not one.waived]


def _notice(report: GateReport, options: OutputOptions) -> str:
    asked = "\n".join(conditions_lines(report)) or "no condition is in force"
    return _command("notice", "", f"{verdict_words(report, options)}\nPolicy {policy_words(report)}\n{asked}")


def _of_row(kind: str, row: GateRow, findings: Sequence[GateFinding]) -> str:
    told = [told_words(one, _REASON) for one in findings]
    places = row.adoption.places
    if len(places) > 1:
        told.append("also adopted in " + ", ".join(spot_words(place) for place in places[1:6]))
    title = f"osaudit gate: {model_words(row)}"
    return _command(kind, _spot(places), "\n".join([model_words(row), *told]), title=title)


def _of_project(kind: str, finding: GateFinding) -> str:
    return _command(kind, _spot(places_of(None, finding)), ruled_words(finding))


def _spot(places: Sequence[Place]) -> str:
    if not places:
        return ""
    return f"file={_property(plain(places[0].path))},line={places[0].line},col={places[0].column},"


def _command(kind: str, spot: str, message: str, title: str = f"osaudit gate: {GENERAL}") -> str:
    lines = [said(line, _MESSAGE) for line in message.split("\n")]
    return f"::{kind} {spot}title={_property(said(title))}::{_data(chr(10).join(lines)[:_MESSAGE])}"


def _most(kind: str, commands: Sequence[str]) -> Sequence[str]:
    if len(commands) <= MOST:
        return commands
    left = len(commands) - MOST + 1
    words = f"{left} more of these are in the report: GitHub shows {MOST} of a step"
    return [*commands[: MOST - 1], _command(kind, "", words)]


def _data(text: str) -> str:
    return unordered(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
