"""Places as JSON and back: the one shape that a place has in everything that is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from osaudit.evidence import Where


def places_out(where: Sequence[Where]) -> list[dict[str, Any]]:
    """Return the published shape of places."""
    return [
        {
            "repo": place.repo,
            "commit": place.commit,
            "path": place.path,
            "lines": None if place.lines is None else list(place.lines),
            "pointer": place.pointer,
            "quote": place.quote,
            "sha256": place.sha256,
            "url": place.url,
        }
        for place in where
    ]


def places_in(data: list[dict[str, Any]]) -> tuple[Where, ...]:
    """Read what `places_out` wrote."""
    return tuple(Where(**{**place, "lines": _span(place["lines"])}) for place in data)


def _span(lines: list[int] | None) -> tuple[int, int] | None:
    return None if lines is None else (int(lines[0]), int(lines[1]))
