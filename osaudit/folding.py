"""Folded text: in lower case as a pattern that ignores case compares, and of the same length."""

from __future__ import annotations

import re

# letters that `re.IGNORECASE` takes for others and that `str.lower` leaves alone
_ALIKE = str.maketrans("İıſςᲀᲁᲂᲃᲄᲅᲆ", "iisσвдосттъ")
_ODD = re.compile("[İıſςΣᲀ-ᲆ]")


_CAPITALS = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def ascii_lower(text: str) -> str:
    """Lower-case the letters A to Z alone, as `re.IGNORECASE` compares with `re.ASCII`; the length stays."""
    return text.lower() if text.isascii() else text.translate(_CAPITALS)


def folded(text: str) -> str:
    """Lower-case as `re.IGNORECASE` compares; the length stays."""
    if not text.isascii() and _ODD.search(text):
        return text.translate(_ALIKE).lower().translate(_ALIKE)
    return text.lower()
