"""A text as its row of words: what remains when case, punctuation, markup, wrapping and notices are left aside.

Words are never dropped silently: comments, link targets and code fences keep theirs, so that nothing can hide in them.
Left aside are marks alone, list numbers, tags of HTML, the scheme of an address, and lines that are nothing but a
copyright notice (`osaudit.licences.notices` is strict about what such a line is).
"""

from __future__ import annotations

import bisect
import html
import itertools
import re
import unicodedata
import zlib
from functools import cache, lru_cache

from osaudit.compiled import regex
from osaudit.frozen import dataclass
from osaudit.licences.notices import NOTICE_LINE, is_notice, restricts

MAX_TEXT = 600_000

_FORMAT = regex("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe]")
_ENTITY = regex(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,10});")
_TAG = regex(
    r"</?(?:a|b|i|u|p|br|hr|h[1-6]|em|strong|small|sup|sub|code|pre|tt|ul|ol|li|dl|dt|dd|div|span|center|font|img|"
    r"blockquote|section|article|main|table|thead|tbody|tr|td|th|details|summary|html|head|body|title)"
    r"(?=[\s/>])[^<>]{0,300}>",
    re.IGNORECASE,
)
_HIDES = regex(
    r"hidden|display|visib|opacity|line-through|font-size|color|strike|delet|struck|\b(?:alt|title|content|value|label|placeholder|aria-\w+|data-\w+)\s*=\s*[\"']?\s*\w",
    re.IGNORECASE,
)
# strokes that are laid over letters
_STRUCK = regex("[\u0334-\u0338\u20d2\u20d3\u20e5\u20e6\u20eb\u20e0]+")
_FENCE = regex(
    r"^([ \t>]*)(?:`{3,}|~{3,})[ \t]*(?:text|txt|plain|plaintext|license|licence|md|markdown)?[ \t]*$", re.MULTILINE
)
_LINK = regex(r"\[([^\[\]]{1,200})\]\(<?([^()<>]{1,300})>?\)")
# a line may break within a long address
_SCHEME = regex(r"\bh\s?t\s?t\s?p\s?s?\s?:\s?/\s?/\s?(?:w\s?w\s?w\s?\.\s?)?", re.IGNORECASE)
_MARKS = str.maketrans(dict.fromkeys('*_#>|~"“”„«»=', " ") | dict.fromkeys("'’‘`´ʼ\\", None))
_WORD = regex(
    r"(?:(?<=\s)|^)\(?(?:\d{1,2}|[a-z]|[ivx]{2,5})[.)](?=\s|$)|([^\W_]+|\+\+|[\U0001f000-\U0001faff\u2600-\u27bf])"
)
# a number after one of these is part of the sentence, not of a list
_NUMBERED = frozenset(
    {
        *("version", "versions", "v", "release", "section", "sections", "clause", "clauses", "article"),
        *("articles", "paragraph", "paragraphs", "exhibit", "schedule", "appendix", "annex", "part"),
        *("chapter", "than", "least", "top", "no", "number"),
    }
)
_SPELLINGS = {"licence": "license", "licences": "licenses", "licenced": "licensed", "sublicence": "sublicense"}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, each with its offset in `cleaned`, which has the text's own lines.

    `ends` counts the letters up to each word's end; `notices` are the positions in `words` before which a copyright
    line was left aside.
    """

    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    cleaned: str
    breaks: tuple[int, ...]
    notices: frozenset[int]
    cut: bool

    def line(self, position: int) -> int:
        """Return the 1-based line of a word."""
        return bisect.bisect_left(self.breaks, self.starts[position]) + 1

    def lines(self, start: int, end: int) -> tuple[int, int]:
        """Return the lines of the words from `start` up to and without `end`."""
        return self.line(start), self.line(max(start, end - 1))

    def after_letters(self, start: int, letters: int) -> int | None:
        """Return the position after so many letters from a word's begin on, None where that is within a word."""
        goal = letters + (self.ends[start - 1] if start else 0)
        at = bisect.bisect_left(self.ends, goal)
        return at + 1 if at < len(self.ends) and self.ends[at] == goal else None

    def between(self, start: int, end: int) -> str:
        """Return the cleaned text of the words from `start` up to and without `end`."""
        return self.cleaned[self.starts[start] : self.starts[end - 1] + len(self.words[end - 1])] if start < end else ""


def words_of(text: str, *, with_notices: bool = False) -> Words:
    """Take a text apart into its words; lines that are copyright notices are left aside unless asked for."""
    cleaned = _clean(text[:MAX_TEXT])
    cleaned, notice_offsets = (cleaned, []) if with_notices else _without_notices(cleaned)
    words: list[str] = []
    starts: list[int] = []
    lowered = cleaned.lower()
    for match in _WORD.finditer(lowered if len(lowered) == len(cleaned) else _lower(cleaned)):
        word = match[1]
        if word is None:
            if not words or words[-1] not in _NUMBERED:
                continue
            word = match[0].strip("().")
        words.append(_SPELLINGS.get(word, word))
        starts.append(match.start())
    breaks = tuple(match.start() for match in regex("\n").finditer(cleaned))
    notices = frozenset(bisect.bisect_left(starts, offset) for offset in notice_offsets)
    ends = tuple(itertools.accumulate(len(word) for word in words))
    return Words(tuple(words), tuple(starts), ends, cleaned, breaks, notices, len(text) > MAX_TEXT)


def words_with_notices(text: str, words: Words) -> Words:
    """Return a text's words with its copyright lines, given its words without them."""
    return words_of(text, with_notices=True) if words.notices else words


def row_of(phrase: str) -> tuple[str, ...]:
    """Return the words of a short phrase such as a title."""
    return words_of(phrase).words


@lru_cache(maxsize=8)  # one text's rows are asked for more than once
def shingles(words: tuple[str, ...], width: int) -> tuple[int, ...]:
    """Return the 64-bit hash of each row of `width` words (4 or 6), in order."""
    known = {word: _word_id(word) for word in set(words)}
    ids = [known[word] for word in words]
    if width == _ANCHOR:
        return tuple(
            (a * _K[0] + b * _K[1] + c * _K[2] + d * _K[3]) & _MASK
            for a, b, c, d in zip(ids, ids[1:], ids[2:], ids[3:], strict=False)
        )
    return tuple(
        (a * _K[0] + b * _K[1] + c * _K[2] + d * _K[3] + e * _K[4] + f * _K[5]) & _MASK
        for a, b, c, d, e, f in zip(ids, ids[1:], ids[2:], ids[3:], ids[4:], ids[5:], strict=False)
    )


_ANCHOR = 4
_MASK = (1 << 64) - 1
_K = (
    0x9E3779B97F4A7C15,
    0xC2B2AE3D27D4EB4F,
    0x165667B19E3779F9,
    0xD6E8FEB86659FD93,
    0xA0761D6478BD642F,
    0xE7037ED1A0B428DB,
)


@cache
def _known_word_id(word: str) -> int:
    raw = word.encode("utf-8", "surrogatepass")
    return (zlib.crc32(raw) << 32 | zlib.crc32(raw, 0x5BD1E995)) | 1


def _word_id(word: str) -> int:
    # long words are rare and could fill the cache
    return _known_word_id(word) if len(word) < 24 else _known_word_id.__wrapped__(word)  # noqa: PLR2004


def _lower(text: str) -> str:
    """Lower-case letter by letter where the whole would change its length."""
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def _clean(text: str) -> str:
    """Leave markup aside; the line breaks stay as they are."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = _FORMAT.sub("", unicodedata.normalize("NFKC", _STRUCK.sub(" struckthrough ", text)))
    if "<" in text:
        text = _TAG.sub(_tag_text, text)
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match[0]).replace("\n", " "), text)
    if "```" in text or "~~~" in text:
        text = _FENCE.sub(r"\1", text)
    if "~~" in text:
        text = text.replace("~~", " struckthrough ")
    if "](" in text:
        text = _LINK.sub(_link_text, text)
    if "//" in text or "/\n/" in text or ":\n/" in text:
        text = _SCHEME.sub(lambda match: "\n" * match[0].count("\n"), text)
    return text.translate(_MARKS)


def _tag_text(match: re.Match[str]) -> str:
    """A tag says nothing, unless it hides or strikes out what it holds, or its attributes have words of a licence."""
    return match[0] if _HIDES.search(match[0]) or restricts(match[0]) else " "


def _link_text(match: re.Match[str]) -> str:
    """A link that shows its own address says it once; any other keeps text and address."""
    shown, address = (regex(r"https?://(?:www\.)?|/$|[*_`]").sub("", "".join(part.split())) for part in match.groups())
    if shown == address:
        return f" {match[1]} " + "\n" * match[2].count("\n")
    return f" {match[1]} {match[2]} "


def _without_notices(text: str) -> tuple[str, list[int]]:
    """Blank the lines that are nothing but a copyright notice, and say where they stood."""
    offsets: list[int] = []
    pieces: list[str] = []
    done = 0
    for match in NOTICE_LINE.finditer(text):
        if is_notice(match[0]):
            pieces += [text[done : match.start()], " " * len(match[0])]
            offsets.append(match.start())
            done = match.end()
    return "".join((*pieces, text[done:])), offsets
