"""Expressions: several licences joined by OR, AND and WITH in one tag, name or header, and what each part means.

OR leaves a choice to whoever receives the model, AND makes all of them hold, WITH adds an exception, which SPDX lists
as a permission. An exception that SPDX does not list makes another licence of it, which no table knows.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence

from osaudit.compiled import regex
from osaudit.frozen import dataclass
from osaudit.licences.names import MAX_TAG, key_of_name, keys_of_tag
from osaudit.licences.spdx import MAX_EXPRESSION, alternatives_of, exception_id
from osaudit.licences.table import load_table
from osaudit.licences.worded import Choices

_OPERATOR = regex(r"(?<![^\s)])(and|or|with)(?![^\s(])|([()])", re.IGNORECASE)
_ID = regex(r"[A-Za-z0-9.:+-]{1,80}")
_PLACEHOLDER = regex(r"L(\d+)")
_REFERENCE = "licenseref-"


@dataclass(frozen=True, slots=True)
class Tag:
    """What a tag, name or header says: its keys, and how an expression joins them (none: as a list, or one alone)."""

    keys: tuple[str, ...]
    choices: Choices = ()


@functools.lru_cache(maxsize=512)
def tag_of(value: str) -> Tag:
    """Read a licence tag: one name, a list, or an expression.

    Parts of an expression that nobody knows keep their id in lower case as their key, so that a report can name them.
    """
    text = unicodedata.normalize("NFKC", value[:MAX_TAG]).strip().strip("\"'`")
    choices = _choices_in(text)
    if not choices:
        reference = _key_of_reference(text)
        return Tag((reference,) if reference else keys_of_tag(value))
    keys = tuple(dict.fromkeys(key for choice in choices for key in choice))
    return Tag(keys, choices if len(keys) > 1 else ())


def tag_of_all(values: Sequence[str]) -> Tag:
    """Read the values of a tag: one may be an expression, several are a list, of which none is known to govern."""
    if len(values) == 1:
        return tag_of(values[0])
    return Tag(tuple(dict.fromkeys(key for value in values for key in tag_of(value).keys)))


def _choices_in(text: str) -> Choices:
    """Read an expression; () where the text is none, or where no part of it is a licence that is known."""
    pieces = [piece.strip() for piece in _OPERATOR.split(text) if piece and piece.strip()]
    if len(text) > MAX_EXPRESSION or len(pieces) < 2 or key_of_name(text):  # noqa: PLR2004 a name alone is no expression
        return ()
    names = [piece for piece in pieces if not _OPERATOR.fullmatch(piece)]
    spelled = (piece if _OPERATOR.fullmatch(piece) else f"L{names.index(piece)}" for piece in pieces)
    found = alternatives_of(" ".join(spelled))
    keys = [[_key_of_part(part, names) for part in choice] for choice in found]
    if not any(key and load_table().get(key) for choice in keys for key in choice):
        return ()
    known = tuple(tuple(key for key in choice if key) for choice in keys)
    return known if all(len(ours) == len(theirs) for ours, theirs in zip(known, keys, strict=True)) else ()


def _key_of_part(part: str, names: Sequence[str]) -> str | None:
    """Give the key of a part, which may have an exception; None where the part is no id and no name."""
    spelled = [names[int(number)] for number in _PLACEHOLDER.findall(part)]
    key = _key_of_reference(spelled[0]) or key_of_name(spelled[0])
    if len(spelled) == 1:
        return key or (spelled[0].casefold() if _ID.fullmatch(spelled[0]) else None)
    if key and exception_id(spelled[1]):
        return key
    return f"{key or spelled[0].casefold()} with {spelled[1].casefold()}" if all(map(_ID.fullmatch, spelled)) else None


def _key_of_reference(name: str) -> str | None:
    """Read a LicenseRef, which a document makes for itself: what it is called may restrict, and can free nothing."""
    if not name.casefold().startswith(_REFERENCE):
        return None
    table = load_table()
    ours = (hub.key for hub in table.hub_ids if hub.licenseref and hub.licenseref.casefold() == name.casefold())
    key = next(ours, None) or key_of_name(name[len(_REFERENCE) :].removeprefix("scancode-"))
    licence = table.get(key) if key else None
    return key if licence and not (licence.osi.approved or licence.permissive) else None
