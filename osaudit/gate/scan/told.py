"""A scan as the published JSON object (reports/scan.schema.json), and as lines for a reader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from osaudit import __version__
from osaudit.gate.scan.adopted import Adopted, Found, Spot, Unresolved

SCAN_SCHEMA = 1
_MOST_LINES = 200


def adopted_to_dict(scanned: Adopted, changed_since: str | None = None) -> dict[str, Any]:
    """Return the published shape of a scan."""
    return {
        "schema": SCAN_SCHEMA,
        "tool": {"name": "osaudit", "version": __version__},
        "changed_since": changed_since,
        "files": scanned.files,
        "found": [_found(one) for one in scanned.found],
        "unresolved": [_unresolved(one) for one in scanned.unresolved],
        "unread": [{"path": one.path, "why": one.why} for one in scanned.unread],
        "left_out": [{"path": one.path, "why": one.why} for one in scanned.left_out],
    }


def _found(one: Found) -> dict[str, Any]:
    return {
        "model": one.model,
        "kind": one.kind,
        "revision": one.revision,
        "pinned": one.pinned,
        **_place(one.spot),
        "how": one.how,
        "assumed": one.assumed or None,
        "written": None if one.written is None else _place(one.written),
        "cell": _cell(one.spot),
    }


def _unresolved(one: Unresolved) -> dict[str, Any]:
    told = {"how": one.how, "why": one.why, "variable": one.variable or None, "cell": _cell(one.spot)}
    return {**_place(one.spot), **told}


def _place(spot: Spot) -> dict[str, Any]:
    return {"path": spot.path, "line": spot.line, "column": spot.column}


def _cell(spot: Spot) -> dict[str, int] | None:
    return {"number": spot.cell, "line": spot.cell_line} if spot.cell else None


def adopted_lines(scanned: Adopted, changed_since: str | None = None) -> Iterator[str]:
    """Give a scan's lines: what is found, what is open, what was not read, and a sum."""
    for one in scanned.found:
        name = f"datasets/{one.model}" if one.kind == "dataset" else one.model
        asked = f"@{one.revision}" if one.revision else ""
        pinned = "" if one.pinned else ", not pinned"
        assumed = f"; {one.assumed}" if one.assumed else ""
        yield f"{_at(one.spot)}: {name}{asked} ({one.how}{pinned}{assumed})"
    if scanned.unresolved:
        yield ""
        yield "Not told by the code:"
        yield from (f"{_at(one.spot)}: {one.how}: {one.why}" for one in scanned.unresolved[:_MOST_LINES])
        yield from _more(len(scanned.unresolved))
    if scanned.unread:
        yield ""
        yield "Not read:"
        yield from (f"{one.path or 'the tree'}: {one.why}" for one in scanned.unread[:_MOST_LINES])
        yield from _more(len(scanned.unread))
    if scanned.left_out:
        yield ""
        yield f"Left out as others' code: {', '.join(one.path for one in scanned.left_out[:_MOST_LINES])}"
    yield ""
    yield _sum(scanned, changed_since)


def _more(count: int) -> Iterator[str]:
    if count > _MOST_LINES:
        yield f"... and {count - _MOST_LINES} more: --format json has them all"


def _at(spot: Spot) -> str:
    cell = f" (cell {spot.cell}, line {spot.cell_line})" if spot.cell else ""
    return f"{spot.path}:{spot.line}:{spot.column}{cell}"


def _sum(scanned: Adopted, changed_since: str | None) -> str:
    models = {one.model for one in scanned.found if one.kind == "model"}
    datasets = {one.model for one in scanned.found if one.kind == "dataset"}
    loose = {one.model for one in scanned.found if one.kind == "model" and not one.pinned}
    since = f" that {changed_since} does not have" if changed_since else ""
    sums = (
        f"{_count(len(models), 'model')} ({len(loose)} not pinned to a commit) and {_count(len(datasets), 'data set')}"
    )
    left = f"{len(scanned.unresolved)} not told by the code, {len(scanned.unread)} not read"
    return f"{sums}{since}, in {_count(scanned.files, 'file')}; {left}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
