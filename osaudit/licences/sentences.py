"""Sentences of a text with the lines that they stand on: enough for the phrases of a licence or a card."""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections.abc import Iterator

from osaudit.compiled import regex
from osaudit.frozen import dataclass
from osaudit.licences.quotes import clip

MAX_TEXT = 600_000
MAX_SENTENCE = 1_500
MAX_QUOTE = 400

# a sentence ends at a full stop before a space, at a CJK stop, at an empty line, a list item, a heading or a table cell
_END = regex(
    r"(?<=[.!?])[\"”')*_\]]{0,3}(?=\s)|[。！？；]|\n[ \t>]*\n"
    r"|^[ \t]{0,3}#{1,6}[ \t][^\n]{0,200}\n"
    r"|\n(?=[ \t>]*(?:[-*+•●◦][ \t]|\(?(?:\d{1,2}|[a-zA-Z]|[ivxIVX]{1,4})[.)]\s|#{1,6}[ \t]|\|))|\|",
    re.MULTILINE,
)
_ABBREVIATION = regex(
    r"(?:\b(?:e\.g|i\.e|Inc|Ltd|Co|Corp|vs|cf|No|Sec|Art|U\.S|etc|v|ver|approx)|\b[A-Z]|\s\(?[0-9a-z]{1,2})\.$"
)
_MARKUP = regex(r"[*_`#>~]+|</?[a-zA-Z][^<>]{0,200}>")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: `plain` in lower case and without markup, `quote` as it stands, bounded; lines are 1-based.

    Of what is too long for one, a piece: `begins` and `ends` tell whether its edges are the sentence's own.
    """

    plain: str
    quote: str
    lines: tuple[int, int]
    start: int
    end: int
    begins: bool = True
    ends: bool = True


def sentences(text: str) -> Iterator[Sentence]:
    """Split a text into sentences."""
    text = text[:MAX_TEXT].replace("\r\n", "\n").replace("\r", "\n")
    breaks = [match.start() for match in regex("\n").finditer(text)]
    for start, end, begins, ends in _spans(text):
        raw = text[start:end]
        stripped = raw.strip()
        if not stripped:
            continue
        low = start + raw.index(stripped[0])
        high = low + len(stripped)
        lines = (bisect.bisect_left(breaks, low) + 1, bisect.bisect_left(breaks, high - 1) + 1)
        yield Sentence(_plain(stripped), clip(stripped, MAX_QUOTE), lines, low, high, begins, ends)


def _spans(text: str) -> Iterator[tuple[int, int, bool, bool]]:
    start = 0
    for match in _END.finditer(text):
        end = match.end()
        if end <= start or _ABBREVIATION.search(text, max(start, match.start() - 12), match.start()):
            continue
        yield from _bounded(text, start, end)
        start = end
    yield from _bounded(text, start, len(text))


def _bounded(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool, bool]]:
    """Cut what never ends into pieces that overlap, so that no phrase falls between two of them."""
    first = start
    while end - start > MAX_SENTENCE:
        yield start, start + MAX_SENTENCE, start == first, False
        start = _word_at(text, start + MAX_SENTENCE - 300)
    yield start, end, start == first, True


def _word_at(text: str, at: int) -> int:
    """The beginning of the next word, where one is near."""
    near = text.find(" ", at, at + 40)
    return near + 1 if near >= 0 else at


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", _MARKUP.sub("", text)).translate(_QUOTES).lower()
    return " ".join(folded.split())


_QUOTES = str.maketrans("’‘“”–—‐‑", "''\"\"----")
