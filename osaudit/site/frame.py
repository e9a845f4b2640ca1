"""The frame that every page stands in: title, ways to the other pages, date; and how a template becomes bytes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypeAlias

from osaudit.render.html import page as filled
from osaudit.render.neutral import plain
from osaudit.site.options import Site

View: TypeAlias = dict[str, Any]

NAV: tuple[tuple[str, str], ...] = (
    ("index.html", "Ranking"),
    ("publishers/index.html", "Publishers"),
    ("licences/index.html", "Licences"),
    ("families/index.html", "Families"),
    ("criteria/index.html", "Criteria"),
    ("trends.html", "Trends"),
    ("methodology.html", "Method"),
    ("accuracy.html", "Accuracy"),
    ("disputes.html", "Disputes"),
    ("data.html", "Data"),
)
"""The ways on every page: a page from the site's root, and its name."""
_BRIEF, _SHORT = 4, 60
"""The ways, and the letters of the title, that a brief page has."""


def page(site: Site, template: str, path: str, *, dated: bool = True, brief: bool = False, **values: object) -> bytes:
    """Fill a template of `reports/site` for the page at `path`: `site` is the frame's view, the rest its own.

    `dated`: with the site's date, which a page that is kept from build to build cannot have; `brief`: with the first
    ways alone, for the many pages of a large site.
    """
    view = frame(site, path, dated=dated, brief=brief)
    return filled(f"site/{template}", site=view, **values).encode("utf-8", "replace")


def frame(site: Site, path: str, *, dated: bool = True, brief: bool = False) -> View:
    """What the frame shows on the page at `path`."""
    tools = ", ".join(f"osaudit {plain(tool, 40)}" for tool in site.summary.tools) or "osaudit"
    return {
        "title": plain(site.options.title, _SHORT if brief else 120),
        "root": "../" * path.count("/"),
        "brief": brief,
        "nav": [_entry(entry, path) for entry in (NAV[:_BRIEF] if brief else NAV)],
        "date": date_words(site.made_at) if dated else "",
        "tools": "" if brief else tools,
        "sources": "" if brief else plain(site.options.sources, 600),
    }


def _entry(entry: tuple[str, str], path: str) -> View:
    href, words = entry
    room = href.rpartition("/")[0]
    here = path == href or (bool(room) and path.startswith(f"{room}/"))
    return {"href": href, "words": words, "here": here or (href == "index.html" and path.startswith("ranking/"))}


def date_words(seconds: int | None) -> str:
    """A time in seconds since 1970 as its day in UTC, `2026-11-30`; nothing where there is none."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%d") if seconds is not None else ""


def share_words(count: int, of: int) -> str:
    """A share in per cent with one decimal at most."""
    return f"{100 * count / of:.1f}".removesuffix(".0") + " %" if of else "–"


def compact(number: float | None, unit: str = "") -> str:
    """A number in few signs, `7.2B`; nothing where there is none. The script's `compact` gives the same."""
    if number is None:
        return ""
    for size, letter in ((1e12, "T"), (1e9, "B" if not unit else "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            shown = f"{number / size:.1f}".removesuffix(".0")
            return f"{shown} {letter}{unit}" if unit else f"{shown}{letter}"
    return f"{number:g} {unit}".strip()


def paged(count: int, size: int) -> Mapping[int, tuple[int, int]]:
    """Pages from 1, each with its first and last row from 0; one where there is none."""
    return {at + 1: (at * size, min(count, (at + 1) * size)) for at in range(max(1, -(-count // size)))}
