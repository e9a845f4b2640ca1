"""In which script a text is written: what no table of words knows can be told from what has no bearing."""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import lru_cache

MIN_LETTERS = 12
MAX_LETTERS = 2_000
SHARE = 0.6

READ = frozenset(
    {
        *(
            "latin",
            "cyrillic",
            "cjk",
            "hiragana",
            "katakana",
            "hangul",
            "arabic",
            "devanagari",
            "greek",
            "hebrew",
            "thai",
        ),
        "fullwidth",
    }
)
"""The scripts in which the tables of words on terms have a language."""


def unread_script(text: str, read: frozenset[str] = READ) -> str | None:
    """Name the script of a text that is mostly in one of which no table knows a word; None for all others."""
    if text.isascii():
        return None
    letters = [letter for letter in text[:MAX_LETTERS] if letter.isalpha()]
    if len(letters) < MIN_LETTERS:
        return None
    script, count = Counter(map(_script, letters)).most_common(1)[0]
    return script if script not in read and count >= SHARE * len(letters) else None


@lru_cache(maxsize=4_096)
def _script(letter: str) -> str:
    return unicodedata.name(letter, "unknown").split(maxsplit=1)[0].lower()
