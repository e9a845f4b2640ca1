"""Stubs: a file that is named for a licence, holds none, and tells by name which licence its model is under.

Such a file is its publisher's word, as a tag is. It is taken at that word where the licence closes something, and where
it is the only one that the file names for the weights or for all; a name that would open leaves the file a text that
nobody knows.
Where the file has words with force that no rule understands, card or tag have to name the same licence.
"""

from __future__ import annotations

from collections.abc import Iterable

from osaudit.evidence import Component, LicenceClaim, LicenceText, Statement
from osaudit.files import licence_component
from osaudit.licences.names import names_in
from osaudit.licences.table import load_table
from osaudit.reading.licensing.claims import read_claims
from osaudit.reading.licensing.pages import page_of, page_terms
from osaudit.reading.page.places import Document
from osaudit.reading.page.subjects import Own

MAX_STUB = 400
"""Words: what is longer is a licence of its own, whichever it mentions."""

_CLOSING = (1, 3, 5, 6, 7)
"""Criteria of the Open Source Definition of which one failed keeps the label at Weights Available."""


def named_by_stub(
    doc: Document, text: LicenceText, component: Component, own: Own, elsewhere: Iterable[LicenceClaim]
) -> LicenceClaim | None:
    """The closing licence that a file names as its model's; None where the file is more than a name, or names several.

    `text` is what the file was identified as, `elsewhere` are the claims of card and tag; the claim that is returned
    `links` to the file itself.
    """
    part = licence_component(doc.path)
    if text.matches or part in {"docs", "policy"} or len(doc.text.split(maxsplit=MAX_STUB)) > MAX_STUB:
        return None
    page = page_of(doc, own, text)
    told = [one for one in read_claims(page.layout, page.passages, own) if one.component in {"any", "weights", part}]
    keys = {one.keys for one in told}
    if len(keys) != 1 or not _closes(next(iter(keys))):
        return None
    borne_out = any(one.keys in keys for one in elsewhere)
    if not borne_out and any(_is_not_understood(one, told[0].keys) for one in page_terms(page, own)):
        return None
    own_part = component if part == "any" else part
    return LicenceClaim(own_part, "file header", told[0].name, told[0].keys, told[0].where, links=doc.path)


def _is_not_understood(said: Statement, keys: tuple[str, ...]) -> bool:
    """Whether words of the file have force and no rule understands them; where the licence is found says nothing."""
    named = {key for hit in names_in(said.where.quote or "") for key in hit.keys}
    return said.kind == "unclear-terms" and named != set(keys)


def _closes(keys: tuple[str, ...]) -> bool:
    licence = load_table().get(keys[0]) if len(keys) == 1 else None
    return licence is not None and any(licence.verdict(number).v == "fail" for number in _CLOSING)
