"""Hints: pieces of words without one of which a pattern cannot match.

Most sentences have none, and looking for a piece of a word costs a small part of what searching for a pattern does.
"""

from __future__ import annotations

import re

# letters that `re.IGNORECASE` takes for others and that `str.lower` leaves alone
_ALIKE = str.maketrans("İıſςᲀᲁᲂᲃᲄᲅᲆ", "iisσвдосттъ")
_ODD = re.compile("[İıſςΣᲀ-ᲆ]")


def folded(text: str) -> str:
    """Lower-case as `re.IGNORECASE` compares; the length stays."""
    if not text.isascii() and _ODD.search(text):
        return text.translate(_ALIKE).lower().translate(_ALIKE)
    return text.lower()


def has_any(plain: str, hints: tuple[str, ...]) -> bool:
    """Tell whether one of the hints stands in a folded text."""
    for hint in hints:  # noqa: SIM110 - a generator would cost more than the search
        if hint in plain:
            return True
    return False
