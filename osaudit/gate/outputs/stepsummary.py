"""The gate's result as Markdown, for a job's summary or a pull request: what fails first, within the room there is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from osaudit.gate.findings import GateFinding, GateReport, GateRow, Result
from osaudit.gate.outputs import OutputOptions
from osaudit.gate.outputs.telling import (
    GENERAL,
    adopted_words,
    commit_of,
    conditions_lines,
    findings_of,
    judged_words,
    label_of,
    model_words,
    policy_words,
    ruled_words,
    source_words,
    spot_words,
    told_words,
    verdict_words,
    worst_first,
)
from osaudit.render.neutral import markdown_text, markup_text, unordered, web_url
from osaudit.render.words import short
from osaudit.where import Where

MAX_BYTES = 1_000_000
"""GitHub takes 1 MiB (1,048,576 bytes) of summary from a step, and drops the whole of one that is longer."""

_MARKS: dict[Result, str] = {"error": "not judged", "fail": "fails", "pass": "passes"}
_REASON = 400
_SENTENCE = 1_000
_PLACES = 3
_FINDINGS = 40


def render_step_summary(report: GateReport, options: OutputOptions, limit: int = MAX_BYTES) -> str:
    """Return the verdict, the policy, a row a model and the findings of those that fail, in at most `limit` bytes.

    What finds no room is counted, rows and details each by themselves.
    """
    rows = worst_first(report)
    lines = [*_head(report, options), *_general(report.general)]
    table, room = _fitting((_row(row) for row in rows), limit - _size("\n".join([*lines, _TABLE])) - _RESERVE)
    bad = [row for row in rows if row.result != "pass"]
    good = [row for row in rows if row.result == "pass" and findings_of(row)]
    details, room = _fitting((_details(row) for row in bad), room)
    notes, _ = _fitting((_details(row) for row in good), room if len(details) == len(bad) else 0)
    if table:
        lines += [_TABLE, *table, ""]
    lines += _left(len(rows) - len(table), "row", "of models")
    lines += details
    lines += _left(len(bad) - len(details), "model", "not passed, with what was found,")
    if notes:
        lines += [f"<details><summary>What is told of {len(notes)} that pass</summary>\n", *notes, "</details>", ""]
    lines += _left(len(good) - len(notes), "model", "passed, with what was found,")
    return unordered("\n".join(lines).rstrip("\n")) + "\n"


_TABLE = "| | Model | Commit | Label | First reason | Adopted in |\n| --- | --- | --- | --- | --- | --- |"
_RESERVE = 2_000
"""Bytes kept for the lines that count what found no room, and for orders to a log that are broken at the end."""


def _fitting(pieces: Iterable[str], room: int) -> tuple[list[str], int]:
    """Take pieces from the front, whole ones, as far as the bytes go; give the bytes that are left."""
    taken = []
    for piece in pieces:
        cost = _size(unordered(piece)) + 1
        if cost > room:
            break
        room -= cost
        taken.append(piece)
    return taken, room


def _head(report: GateReport, options: OutputOptions) -> Iterable[str]:
    yield f"### osaudit gate: {_RESULT[report.result]}\n"
    yield f"{_text(verdict_words(report, options), 600)}\n"
    conditions = tuple(conditions_lines(report))
    yield f"<details><summary>Policy {markup_text(policy_words(report))}: {len(conditions)} conditions</summary>\n"
    yield from (f"- {_text(line, 3_000)}" for line in conditions[:200])
    yield from _left(len(conditions) - 200, "condition", "")
    yield "\n</details>\n"


_RESULT: dict[Result, str] = {"pass": "passed", "fail": "not passed", "error": "could not judge everything"}


def _general(findings: Sequence[GateFinding]) -> Iterable[str]:
    if findings:
        yield f"**{GENERAL.capitalize()}**\n"
        yield from (_finding(one, "", set()) for one in findings[:_FINDINGS])
        yield from _left(len(findings) - _FINDINGS, "finding", "")
        yield ""


def _row(row: GateRow) -> str:
    failing = [one for one in findings_of(row) if one.fails]
    reason = _text(ruled_words(failing[0], _REASON), _REASON + 900) if failing else "–"
    more = f" (and {len(failing) - 1} more)" if len(failing) > 1 else ""
    places = row.adoption.places
    beside = f" and {len(places) - 1} more" if len(places) > 1 else ""
    cells = (
        f"**{_MARKS[row.result]}**" if row.result != "pass" else _MARKS[row.result],
        _text(model_words(row), 200),
        f"`{_text(short(commit_of(row)), 40)}`" if commit_of(row) else "–",
        _text(label_of(row), 120),
        reason + more,
        _text(spot_words(places[0]), 200) + beside if places else "–",
    )
    return f"| {' | '.join(cells)} |"


def _details(row: GateRow) -> str:
    found = findings_of(row)
    lines = [f"#### {_text(model_words(row), 300)}: {_MARKS[row.result]}\n", f"{_text(judged_words(row), 300)}\n"]
    if row.adoption.places:
        lines.append(f"Adopted in {_text(adopted_words(row), 1_000)}\n")
    told: set[Where] = set()
    lines += [_finding(one, row.adoption.model, told) for one in found[:_FINDINGS]]
    lines += _left(len(found) - _FINDINGS, "finding", "")
    return "\n".join([*lines, ""])


def _finding(finding: GateFinding, home: str, told: set[Where]) -> str:
    sort = "waived" if finding.waived else finding.severity
    places = "".join(f"\n  - {_place(where, home, told)}" for where in finding.where[:_PLACES])
    more = len(finding.where) - _PLACES
    beside = f"\n  - and {more} more places" if more > 0 else ""
    return f"- **{sort}** {_text(told_words(finding, _SENTENCE), _SENTENCE + 900)}{places}{beside}"


def _place(where: Where, home: str, told: set[Where]) -> str:
    url = None if where in told else web_url(where.url)
    words = _text(source_words(where, home, told), 700)
    return f"{words} ([open](<{url}>))" if url else words


def _left(count: int, what: str, whose: str) -> list[str]:
    if count <= 0:
        return []
    many = "" if count == 1 else "s"
    return [f"\n_{count} more {what}{many} {whose}".rstrip() + " found no room here: the JSON report holds all._\n"]


def _text(text: str, limit: int) -> str:
    return markdown_text(text, limit)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
