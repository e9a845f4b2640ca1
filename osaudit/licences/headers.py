"""Headers: what a file says of its licence by name, in an SPDX line or a sentence, and the comment it opens with."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from osaudit.compiled import regex
from osaudit.frozen import dataclass
from osaudit.licences.expressions import tag_of
from osaudit.licences.names import names_in
from osaudit.licences.notices import is_notice
from osaudit.licences.table import load_table
from osaudit.licences.worded import Choices

MAX_NAMED = 12
MAX_HEADER = 100_000

_SAYS_NOTHING = frozenset({"other", "unknown", "none"})
_IDENTIFIER = regex(r"SPDX-License-Identifier:[ \t]*([^\n]{1,400})", re.IGNORECASE)
_CLOSING = regex(r"[\s*/#;\"'`%!>)\]}-]*$")
_SHORT_LINE = regex(r"SPDX-[A-Za-z-]+:[^\n]*", re.IGNORECASE)
_COMMENT = regex(r"[ \t]*(?:#(?!!)|//+|--+|;+|%+|\"|')[ \t]?", re.MULTILINE)
_BLOCKS = (("/*", "*/"), ("<!--", "-->"), ('"""', '"""'), ("'''", "'''"), ("{-", "-}"), ("(*", "*)"))
_PREAMBLE = regex(r"\A(?:\ufeff?#![^\n]*\n|[ \t]*#[^\n]{0,10}coding[^\n]*\n|<\?[^\n]*\n|[ \t]*\n)*")
_CODE = regex(
    r"(?i)\.(?:py|pyi|sh|bash|js|mjs|ts|c|cc|cpp|h|hpp|cu|cuh|rs|go|java|kt|lua|r|jl|rb|pl|sql|ya?ml|toml|cfg)$"
)


@dataclass(frozen=True, slots=True)
class Named:
    """A licence that a file names for itself or for others; `identifier`: in an SPDX line, which is of the file."""

    name: str
    keys: tuple[str, ...]
    choices: Choices
    span: tuple[int, int]
    identifier: bool


def named_in(text: str) -> tuple[Named, ...]:
    """List the licences that a text names, in order; no name is a licence text."""
    found = [*_identifiers(text), *_sentences(text)]
    unique: dict[tuple[str, ...], Named] = {}
    for one in sorted(found, key=lambda named: (not named.identifier, named.span)):
        unique.setdefault(one.keys or (one.name,), one)
    return tuple(sorted(unique.values(), key=lambda named: named.span))[:MAX_NAMED]


@functools.lru_cache(maxsize=64)  # many repositories hold the same text
def is_name_alone(text: str) -> bool:
    """Whether a text is an SPDX line and notices, and nothing that could be a term of its own."""
    if not _IDENTIFIER.search(text):
        return False
    lines = [line.strip(" \t#*/;<>!-") for line in text.splitlines()]
    told = [line for line in lines if line and not is_notice(line)]
    return bool(told) and all(_SHORT_LINE.fullmatch(line) for line in told)


def names_that_bind(text: str) -> tuple[Named, ...]:
    """The licences with restrictions that a notice or a short text names: such a name may lower, and never frees."""
    return tuple(one for one in named_in(text) if one.keys and not one.identifier and any(map(_restricts, one.keys)))


def _restricts(key: str) -> bool:
    licence = load_table().get(key)
    return licence is not None and not (licence.osi.approved or licence.permissive) and key not in _SAYS_NOTHING


def header_of(path: str, text: str) -> tuple[str, int] | None:
    """Return the comment that a code file opens with, its signs left out, and the lines above it; None for none.

    The lines stay what they are, so that a place in the header is one in the file.
    """
    if not _CODE.search(path):
        return None
    start = _PREAMBLE.match(text)
    at = start.end() if start else 0
    rest = text[at : at + MAX_HEADER]
    header = _block(rest) or _lines(rest)
    return (header, text.count("\n", 0, at)) if header else None


def _block(rest: str) -> str | None:
    for opening, closing in _BLOCKS:
        if rest.startswith(opening):
            end = rest.find(closing, len(opening))
            inner = rest[len(opening) : end] if end > 0 else ""
            return regex(r"(?m)^[ \t]*\*[ \t]?").sub("", inner)
    return None


def _lines(rest: str) -> str | None:
    kept: list[str] = []
    for line in rest.split("\n"):
        sign = _COMMENT.match(line)
        if sign is None or not sign.group().strip():
            break
        kept.append(line[sign.end() :])
    return "\n".join(kept) or None


def _identifiers(text: str) -> Iterator[Named]:
    for found in _IDENTIFIER.finditer(text):
        name = _CLOSING.sub("", found.group(1))
        name = name if name.count("(") == name.count(")") else f"{name})"
        tag = tag_of(name)
        yield Named(name, tag.keys, tag.choices, found.span(), identifier=True)


def _sentences(text: str) -> Iterator[Named]:
    taken = [found.span() for found in _IDENTIFIER.finditer(text)]
    for hit in names_in(text):
        if not any(start <= hit.start < end for start, end in taken):
            yield Named(hit.matched, hit.keys, (), (hit.start, hit.end), identifier=False)
