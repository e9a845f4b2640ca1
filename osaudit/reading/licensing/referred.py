"""A licence section that names no licence of its own: it sends the reader to a base model's terms, or to a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from osaudit.compiled import regex
from osaudit.evidence import LicenceClaim
from osaudit.licences.names import names_in
from osaudit.licences.table import load_table
from osaudit.reading.licensing.badges import MAX_NAME
from osaudit.reading.page.card import Layout
from osaudit.reading.page.markdown import Link
from osaudit.reading.page.subjects import Own, Passage, place

_INHERITS = regex(
    r"(?i)\b(?:inherits?|inherited|same|follows?|retains?|subject to|refer to|governed by)\b"
    r"[^.;]{0,60}\blicen[cs]"
    r"|\blicen[cs]\w*[^.;]{0,40}\b(?:inherit\w*|same as|(?:of|from|by) the (?:base|original|parent))"
)
_LICENCE = regex(r"(?i)licen[cs]e|\bterms\b")
_CLOSING = (5, 6)
"""Criteria of the Open Source Definition: no licence that fails one of them lets a label rise."""
_NONE = regex(r"(?i)\b(?:no|not|without|unknown|none|n/a|needed|tbd|todo|data ?sets?|data|code)\b")


def referred(layout: Layout, passages: Iterable[Passage], own: Own) -> Iterator[LicenceClaim]:
    """Name the first terms that the card's licence section points to; for a card that states no licence otherwise.

    What they say is not known from the words, so that they open nothing; a licence is stated all the same. The one
    licence that they name is taken at its word where it closes fields of use or discriminates.
    """
    for passage in passages if own.kind == "model" else ():
        if passage.topic != "licence" or passage.sentence.kind == "heading" or _NONE.search(passage.text):
            continue
        linked = any(_leads_to_terms(link) for link in passage.sentence.links)
        if linked or _INHERITS.search(passage.text):
            name = passage.text.strip()[:MAX_NAME]
            yield LicenceClaim("any", "card statement", name, _closing(passage.text), place(layout, passage))
            return


def _closing(text: str) -> tuple[str, ...]:
    named = {key for hit in names_in(text) for key in hit.keys}
    licence = load_table().get(next(iter(named))) if len(named) == 1 else None
    return (licence.key,) if licence and any(licence.verdict(number).v == "fail" for number in _CLOSING) else ()


def _leads_to_terms(link: Link) -> bool:
    return _LICENCE.search(link.text) is not None and regex(r"(?i)https?://").match(link.url) is not None
