"""A model's badge: a drawing of our own, and the same for shields.io's endpoint (shields.io/badges/endpoint-badge).

A badge tells the label and what it rests on, no name and no date: so it stays the same until the verdict changes, and
one drawing serves all models of a label.
"""

from __future__ import annotations

import functools
import json
import unicodedata
from collections.abc import Iterator, Mapping
from html import escape
from types import MappingProxyType

from osaudit.render.neutral import plain
from osaudit.site.board import slices
from osaudit.site.naming import file_name
from osaudit.site.options import Site
from osaudit.site.writer import Made
from osaudit.verdict import LADDER, UNTOLD

LEFT = "openness"
_COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "not-available": "#5f5b53",
        "unlicensed": "#a03b1c",
        "weights-available": "#8a5a00",
        "open-weights": "#1f6596",
        "open-source-ai": "#1a6a39",
        "open-source-ai-open-data": "#0d5c4a",
    }
)
"""Each has 4.5 to 1 against white or more (WCAG 2.2, 1.4.3)."""
_OTHER = "#5f5b53"
_REMEMBERED = 1_000
_SLICE = 10_000
_WIDE, _NARROW, _USUAL = 8.4, 3.9, 6.5
"""Widths of letters at 11 px: bounds of what system fonts have; the text is stretched to the sum."""


def badge_paths(model: str) -> tuple[str, str]:
    """Where a model's drawing and endpoint lie, from the site's root."""
    name = file_name(model)
    return f"badges/{name}.svg", f"badges/{name}.json"


def make(site: Site) -> Iterator[Made]:
    """Two files a model; those that are there already are not made again."""
    keys: dict[tuple[str, str, str], str] = {}
    for found in slices(site.connection, "model, stand, label, candidate, basis", _SLICE):
        for model, *verdict in found.fetchall():
            told = message_of(*verdict)
            key = keys.get(told) or keys.setdefault(told, site.key("badge", *told))
            svg, endpoint = badge_paths(model)
            for path, data in ((svg, drawn), (endpoint, endpoint_of)):
                kept = site.former.kept(path, key)
                yield site.former.keep(path, key) if kept else Made(path, data(*told), key, shared=True)


@functools.lru_cache(_REMEMBERED)
def message_of(stand: str, label: str, candidate: bool, basis: str) -> tuple[str, str, str]:  # noqa: FBT001 - a row's values
    """What a badge says, its colour, and the sentence behind it."""
    if stand in {"listed", "failed"}:
        what = "not read" if stand == "listed" else "could not be judged"
        return what, _OTHER, f"openness by osaudit: {what}"
    if stand == "untold":
        return UNTOLD.lower(), _OTHER, f"openness by osaudit: {UNTOLD.lower()}"
    name = _label(label)
    said = f"{name} (candidate)" if candidate else name
    return said, _COLOURS.get(label, _OTHER), f"openness by osaudit: {said}, which rests on: {plain(basis, 60)}"


def _label(label: str) -> str:
    return next((name for known, name in LADDER.items() if known == label), plain(label, 40))


@functools.lru_cache(_REMEMBERED)
def drawn(message: str, colour: str, sentence: str) -> bytes:
    """A flat badge of 20 px as SVG."""
    left, right = _width(LEFT), _width(message)
    whole = left + right + 20
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img" aria-labelledby="t">\
<title id="t">{escape(sentence)}</title>\
<path d="M3 0h{left + 7}v20H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" fill="#35322d"/>\
<path d="M{left + 10} 0h{right + 7}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{right + 7}z" fill="{colour}"/>\
<g fill="#fff" font-family="Verdana,'DejaVu Sans',Geneva,sans-serif" font-size="11" aria-hidden="true">\
<text x="5" y="14" textLength="{left}" lengthAdjust="spacingAndGlyphs">{escape(LEFT)}</text>\
<text x="{left + 15}" y="14" textLength="{right}" lengthAdjust="spacingAndGlyphs">{escape(message)}</text></g></svg>
""".encode()


@functools.lru_cache(_REMEMBERED)
def endpoint_of(message: str, colour: str, _: str) -> bytes:
    """The answer that shields.io draws: schema version 1."""
    data = {"schemaVersion": 1, "label": LEFT, "message": message, "color": colour, "cacheSeconds": 86_400}
    return f"{json.dumps(data, ensure_ascii=True)}\n".encode()


def _width(text: str) -> int:
    """About how wide a text is at 11 px, in pixels."""
    return round(sum(_letter(one) for one in text))


def _letter(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in {"W", "F"} or unicodedata.combining(letter):
        return 0.0 if unicodedata.combining(letter) else 11.0
    return _WIDE if letter in "mwMW" else _NARROW if letter in " iljtfrI.,:;'()|!" else _USUAL
