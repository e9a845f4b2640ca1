"""Whose model the lines under a heading speak of: this card's, or one whose card was copied into it."""

from __future__ import annotations

from functools import lru_cache

from osaudit.compiled import regex
from osaudit.frozen import dataclass
from osaudit.reading.page.hints import Hints, folded, has_any
from osaudit.reading.page.subjects import Own, foreign_in

_CARD = regex(r"(?i)\bmodel card\b|\bcard for\b")
_OTHERS = regex(r"(?i)\b(?:base|original|parent|teacher|previous|other|baseline) (?:model|card|version)s?\b")
_OTHERS_HINTS = Hints(("base", "original", "parent", "teacher", "previous", "other"))
_PAST = regex(r"(?i)\bchange ?log\b|\brelease notes\b|\bprevious\b|\bhistory\b")


@dataclass(frozen=True, slots=True)
class Under:
    """The heading that a line stands under; `copied`: all that follows is another model's card."""

    title: str = ""
    others: bool = False
    copied: bool = False


def enter(title: str, before: Under, own: Own) -> Under:
    """Step under the next heading."""
    others = speaks_of_others(title, own)
    copied = others if _CARD.search(title) else before.copied
    return Under(title, others or copied or _PAST.search(title) is not None, copied)


@lru_cache(maxsize=1_024)  # several readers step under the same headings
def speaks_of_others(text: str, own: Own) -> bool:
    """Tell whether words name another account's model, or the one that this was made from."""
    return foreign_in(text, own) is not None or speaks_of_a_base(text)


def speaks_of_a_base(text: str) -> bool:
    """Tell whether words are about "the base model", "the original model" and their like."""
    return has_any(folded(text), _OTHERS_HINTS) and _OTHERS.search(text) is not None
