"""Licence claims that stand in no sentence of a card: its badges, and a line of metadata out of its place."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from osaudit.compiled import regex
from osaudit.evidence import Component, LicenceClaim
from osaudit.licences.expressions import tag_of
from osaudit.licences.names import keys_of_tag, names_in
from osaudit.reading.page.card import Layout
from osaudit.reading.page.subjects import Own

MAX_CLAIMS = 40
MAX_NAME = 160

_BADGE = regex(
    r"(?i)img\.shields\.io/badge/(?:(?P<part>[a-z]+)(?:[_ ]|%20)+)?licen[sc]e(?:-|%20|:|_)+(?P<name>[^)\s\"'<>?]{1,80})"
)
_METADATA = regex(r"(?m)^licen[cs]e:[ \t]*[\"']?(?P<name>[a-z][a-z0-9.+-]{1,60})[\"']?[ \t]*\r?$")


def misplaced(layout: Layout, own: Own) -> Iterator[LicenceClaim]:
    """Read the licence's line of metadata that stands where the Hub does not look for any, code aside."""
    code = [(block.start, block.end) for block, _ in layout.blocks if block.kind == "code"]
    for number, found in enumerate(_METADATA.finditer(layout.card.text, layout.body)):
        if number >= MAX_CLAIMS:
            return
        keys = keys_of_tag(found.group("name"))
        if keys and not any(start <= found.start() < end for start, end in code):
            where = layout.card.where(*found.span())
            part: Component = "data" if own.kind == "dataset" else "any"
            yield LicenceClaim(part, "card statement", found.group("name"), keys, where)


def badges(layout: Layout) -> Iterator[LicenceClaim]:
    """Read licence badges: their name is in the image's address."""
    parts: dict[str, Component] = {
        "code": "code",
        "model": "weights",
        "weight": "weights",
        "weights": "weights",
        "data": "data",
    }
    if "/badge/" not in layout.card.text.lower():
        return
    for number, found in enumerate(_BADGE.finditer(layout.card.text, layout.body)):
        if number >= MAX_CLAIMS:
            return
        words = unquote(found.group("name")).replace("--", "\0").split("-")
        name = regex(r"[_\s]+").sub(" ", " ".join(words[:-1] or words)).replace("\0", "-").strip()
        tag = tag_of(name)
        keys = tag.keys or next((hit.keys for hit in names_in(f"License: {name}")), ())
        if name and not regex(r"(?i)model[ _]agreement|custom|other|click").fullmatch(name):
            part = parts.get((found.group("part") or "").lower(), "any")
            yield LicenceClaim(part, "badge", name[:MAX_NAME], keys, layout.card.where(*found.span()), tag.choices)
