"""Words in the form in which rules compare them; what is quoted keeps its own.

Compatibility letters, invisible characters, hyphens, letters of other scripts inside Latin words, letters set apart and
text set backwards are what a reader does not see and a search misses. Plain ASCII takes the way past all of it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from osaudit.compiled import regex
from osaudit.reading.page.confusables import LATIN_FORMS, LOOKALIKES

MAX_REMEMBERED = 4_096
MIN_HIDDEN = 4  # letters of a word that counts as hidden
MIN_APART = 8
MIN_WORD = 3

INVISIBLE, STROKES, SCRIPTS = (
    "characters that nobody sees inside a word",
    "strokes over letters",
    "letters of other scripts",
)
BACKWARDS, APART, COMMENT = "text set backwards", "letters set apart", "a comment inside a word"

_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\U0001bca0-\U0001bca3\U000e0000-\U000e0fff"
)
_VOWELS = "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u0652\u0670"
"""Points of Hebrew and Arabic, and the stroke that lengthens a word: most writers leave them out."""
_MARKS = "\u0300-\u036f\u0489\u1ab0-\u1aff\u20d0-\u20f0"
_HYPHENS = "\u2010-\u2013\u2043\u2212\ufe63\uff0d"
_FORMS = "\u2100-\u214f\u24b6-\u24e9\ufb00-\ufb06\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff"
_ALIKE = "".join(map(chr, LOOKALIKES))
_SMALL = "".join(map(chr, LATIN_FORMS))

_ODD = regex(f"[{_IGNORABLE}{_MARKS}{_VOWELS}{_HYPHENS}{_FORMS}{_SMALL}{_ALIKE}]")
_UNSEEN = regex(f"(?<![^\\x00-\\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\\x00-\\x7f])|(?![\u200c\u200d])[{_IGNORABLE}]")
_INSIDE = regex(f"[A-Za-z][{_IGNORABLE}]+[A-Za-z]")
_STACKED = regex(f"(?<=[A-Za-z])[{_MARKS}]+")
_POINTED = regex(f"[{_VOWELS}]+")
_BETWEEN = regex(f"(?<=[^\\W\\d_])[{_HYPHENS}](?=[^\\W\\d_])|(?<=\\b[Nn][Oo][Nn])[{_HYPHENS}\u2014]")
_DRESSED = regex(f"[{_FORMS}]")
_BACKWARDS = regex("\u202e([^\u202c\u202d\u2069]*)")
_LETTERS = regex(r"[^\W\d_]+")
_ASCII_LETTER = regex("[A-Za-z]")
_WITHIN = regex(r"[^\x00-\x7f].*[A-Za-z]")  # "GPTом" is a word of its own language
_MAY_BE_APART = regex(r" \S {1,4}\S {1,4}\S ")
_SPREAD = regex(r"(?<![^\W_])[^\W\d_](?: {1,4}(?:[^\W\d_]|[-\u2013])(?![^\W_])){5,}")
_SPLIT = regex(r"[A-Za-z]{2}<!--[^>]{0,200}-->[a-z]{2}")


def normal_form(text: str) -> str:
    """Write words as a reader sees them: one form for a letter, a hyphen and a word, and nothing that is not seen."""
    return text if text.isascii() else _normal(text)[0]


def hidden_in(text: str) -> str | None:
    """Tell what was done to hide words from a search, if anything was: a style, or a slip between words, is nothing."""
    return None if text.isascii() else _normal(text)[1]


@lru_cache(maxsize=MAX_REMEMBERED)
def _normal(text: str) -> tuple[str, str | None]:
    if not _ODD.search(text):
        return text, None
    done: list[str] = []
    if "\u202e" in text:
        text = _BACKWARDS.sub(lambda found: found.group(1)[::-1], text)
        done.append(BACKWARDS)
    if _INSIDE.search(text):
        done.append(INVISIBLE)
    text = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    text = _POINTED.sub("", text)
    stripped = _STACKED.sub("", text)
    if stripped != text and "\u0336" not in text:  # a line through words is a style
        done.append(STROKES)
    text = _BETWEEN.sub("-", stripped)
    text = _DRESSED.sub(_undressed, text)
    latin, mixed = _latin(text)
    if mixed:
        done.append(SCRIPTS)
    return latin, done[0] if done else None


def _undressed(found: re.Match[str]) -> str:
    """Give the plain letters of a compatibility form; signs that are no letters stay."""
    plain = unicodedata.normalize("NFKC", found.group())
    return plain if plain.isalnum() and found.group() not in "\u2116\u2122" else found.group()


def _latin(text: str) -> tuple[str, bool]:
    """Write in Latin letters the words that mix scripts, or look Latin among Latin words; tell where scripts mix."""
    letters = {letter for word in _LETTERS.findall(text) if not word.isascii() for letter in word}
    foreign = any(
        not letter.isascii() and ord(letter) not in LOOKALIKES and not _is_latin(letter) for letter in letters
    )
    among = not foreign and _ASCII_LETTER.search(text) is not None
    words: list[tuple[str, bool]] = []

    def written(found: re.Match[str]) -> str:
        words.append(_in_latin(found.group(), among=among))
        return words[-1][0]

    text = _LETTERS.sub(written, text)
    return text, any(mixed for _, mixed in words)


def _in_latin(word: str, *, among: bool) -> tuple[str, bool]:
    """Write one word; `among`: it stands among Latin words, and no letter of the text can only be another script's."""
    if word.isascii():
        return word, False
    dressed = word.translate(LATIN_FORMS)
    latin = dressed.translate(LOOKALIKES)
    if dressed.isascii() or not latin.isascii() or all(map(_is_latin, dressed)):
        return (dressed if dressed.isascii() else word), False
    if _ASCII_LETTER.search(dressed) and (among or _WITHIN.search(dressed)):
        return latin, len(latin) >= MIN_HIDDEN
    return (latin, len(latin) >= MIN_HIDDEN) if among and len(word) >= MIN_WORD else (word, False)


@lru_cache(maxsize=1_024)
def _is_latin(letter: str) -> bool:
    return letter.isascii() or unicodedata.name(letter, "").startswith("LATIN")


def together(raw: str) -> str:
    """Join letters that are set apart, as in "N O   E N T R Y": a wider gap parts words."""
    return _SPREAD.sub(_joined, raw) if _MAY_BE_APART.search(f" {raw} ") else raw


def _joined(found: re.Match[str]) -> str:
    return " ".join(regex(r"\s").sub("", word) for word in regex(r" {2,}").split(found.group()))


def hidden_by_marks(raw: str) -> tuple[int, int, str] | None:
    """Find the first words of a raw text that are hidden by gaps or comments: their span, and what was done."""
    if "<!--" in raw and (split := _SPLIT.search(raw)):
        return split.start(), split.end(), COMMENT
    for found in _SPREAD.finditer(raw) if _MAY_BE_APART.search(raw) else ():
        letters = regex(r"[\W\d_]").sub("", found.group()).lower()
        if len(letters) >= MIN_APART and len(set(letters)) < len(letters) and regex("[aeiouy]").search(letters):
            return found.start(), found.end(), APART
    return None
