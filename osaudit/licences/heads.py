"""Heads: what a licence calls itself, and whether the head of a text agrees with it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from osaudit.errors import UsageError
from osaudit.frozen import dataclass
from osaudit.licences.notices import is_notice
from osaudit.licences.spdx import spdx_list
from osaudit.licences.table import load_table
from osaudit.licences.tokens import Words, row_of
from osaudit.yamlfile import own_table

HEAD_WORDS = 32
VERSION_WORDS = 140
_LEAD_WORDS = 14
_MAX_NOTICE = 24
_FIRST_WORDS = 4
_SHORT_TEXT = 500
_GENERIC = (
    "license",
    "the license",
    "license text",
    "license agreement",
    "software license",
    "code license",
    "model license",
)
# further headings, which tell the licence less surely than its own: they count above its whole text alone
_ALSO_CALLED = {
    "mit": ("MIT License (Expat)", "The Expat License", "Expat", "https://opensource.org/licenses/MIT"),
    "bsd-2-clause": ("BSD License",),
    "bsd-3-clause": ("BSD License",),
    "apache-2.0": ("Apache License",),
}
_TITLE_WORDS = frozenset({"license", "agreement", "terms"})
_RUNNING = frozenset(
    {"the", "a", "an", "this", "on", "under", "of", "by", "with", "from", "to", "and", "or", "as", "per", "in"}
)
_GENERIC_ROWS = tuple(row_of(phrase) for phrase in _GENERIC)

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """The headings that a licence goes by, as rows of words, longest first."""

    titles: tuple[Row, ...]
    versions: tuple[Row, ...]
    title_required: bool


@functools.cache
def load_listed() -> Mapping[str, Any]:
    """Read `criteria/licence-texts.yaml`: the files that the index is made from, and headings of SPDX licences."""
    listed = own_table("licence-texts.yaml")
    try:
        return {"titles": listed["titles"], "texts": listed["texts"]}
    except (KeyError, TypeError) as error:
        raise UsageError(f"licence-texts.yaml cannot be read: {error}") from error


@functools.cache
def head_of(key: str) -> Head:
    """Return what the text of a key must say in its head."""
    licence = load_table().get(key)
    spdx = spdx_list().by_id(licence.spdx if licence and licence.spdx else key)
    names = [spdx.name, f"The {spdx.name}", spdx.id] if spdx else []
    if licence is None:
        titles = load_listed()["titles"].get(key, names)
        return Head(_rows([*titles, *names]), (), title_required=bool(titles))
    marks = licence.marks
    return Head(_rows([*marks.titles, *names]), _rows(marks.versions), marks.title_required)


def agrees(words: Words, start: int, key: str, *, whole: bool = False) -> bool:
    """Whether the head of a text that resembles a licence names that licence and version, and no other.

    A licence that has no heading of its own (MIT, BSD) is refused under somebody else's heading; where its text stands
    there `whole`, the heading right above it counts alone.
    """
    head = head_of(key)
    low = max(0, start - _LEAD_WORDS)
    reach = len(words.words) if len(words.words) < _SHORT_TEXT else low + VERSION_WORDS
    if head.versions and not any(_places(words.words, version, low, reach) for version in head.versions):
        return False
    if head.title_required:
        places = (at for title in head.titles for at in _places(words.words, title, low, low + HEAD_WORDS, alike=True))
        return any(_heads(words, at) for at in places)
    return not _foreign(words, start, key) and (whole or not _foreign(words, _first_line(words), key))


def benign_words(words: Words, start: int, end: int, keys: tuple[str, ...]) -> bool:
    """Whether a stretch is nothing but headings of the keys, a bare "License" and copyright notices."""
    titles = _all_titles(keys)
    at = start
    while at < end:
        width = _notice(words, at, end) or next(
            (len(title) for title in titles if words.words[at : at + len(title)] == title and at + len(title) <= end), 0
        )
        if not width:
            return False
        at += width
    return True


@functools.cache
def _all_titles(keys: tuple[str, ...]) -> tuple[Row, ...]:
    own = {title for key in keys for title in head_of(key).titles}
    for key in keys:
        licence = load_table().get(key)
        spdx = licence.spdx if licence else key
        own.add(row_of(f"SPDX-License-Identifier: {spdx}"))
        own.update(row_of(phrase) for phrase in _ALSO_CALLED.get(key, ()))
    return tuple(sorted(own | {row_of(phrase) for phrase in _GENERIC}, key=len, reverse=True))


def _notice(words: Words, at: int, end: int) -> int:
    """How many words from here on are one copyright notice that stands in running text."""
    if words.words[at] not in {"copyright", "c", "portions", "all"} and not words.between(at, at + 1).startswith("©"):
        return 0
    for stop in range(min(end, at + _MAX_NOTICE), at, -1):
        if is_notice(words.between(at, stop)):
            return stop - at
    return 0


def _foreign(words: Words, start: int, key: str) -> bool:
    """Whether the words before a place are a heading that is not the licence's own."""
    before = words.words[max(0, start - _LEAD_WORDS) : start]
    if before not in _GENERIC_ROWS:
        before = next(
            (
                before[: -len(row)]
                for row in _GENERIC_ROWS
                if before[-len(row) :] == row and _begins_line(words, start - len(row))
            ),
            before,
        )
    if "modified" in before:
        return True
    own = {word for title in head_of(key).titles for word in title[:2]} | {key.partition("-")[0]}
    own -= _TITLE_WORDS | _RUNNING
    return bool(_TITLE_WORDS & set(before)) and before not in _GENERIC_ROWS and not own & set(before)


def _heads(words: Words, at: int) -> bool:
    """Whether a title stands as a heading, and not in a sentence that mentions another licence."""
    if at and words.words[at - 1] in _RUNNING:
        return False
    return at < _FIRST_WORDS or _begins_line(words, at) or is_notice(_line_before(words, at))


def _first_line(words: Words) -> int:
    """The position behind the text's first line."""
    line = words.line(0)
    return next((at for at in range(min(len(words.words), _LEAD_WORDS)) if words.line(at) != line), _LEAD_WORDS)


def _begins_line(words: Words, at: int) -> bool:
    return not any(char.isalnum() for char in _line_before(words, at))


def _line_before(words: Words, at: int) -> str:
    return words.cleaned[words.cleaned.rfind("\n", 0, words.starts[at]) + 1 : words.starts[at]]


def _rows(phrases: list[str] | tuple[str, ...]) -> tuple[Row, ...]:
    return tuple(sorted({row_of(phrase) for phrase in phrases} - {()}, key=lambda row: (-len(row), row)))


def _places(words: Row, phrase: Row, low: int, high: int, *, alike: bool = False) -> list[int]:
    """Where a phrase stands; `alike` allows for one misspelt word."""
    width = len(phrase)
    places = range(low, min(high, len(words) - width + 1))
    exact = [at for at in places if words[at : at + width] == phrase]
    return exact or [at for at in places if alike and width > 2 and _alike(words[at : at + width], phrase)]  # noqa: PLR2004


def _alike(row: Row, phrase: Row) -> bool:
    """Whether two rows are the same but for one misspelt long word; numbers never differ."""
    differing = [(left, right) for left, right in zip(row, phrase, strict=True) if left != right]
    if len(differing) != 1:
        return False
    left, right = differing[0]
    long_words = min(len(left), len(right)) > 4 and left.isalpha() and right.isalpha()  # noqa: PLR2004
    return long_words and len(left) == len(right) and sum(a != b for a, b in zip(left, right, strict=True)) <= 2  # noqa: PLR2004
