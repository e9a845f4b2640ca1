"""Hints: pieces of words without one of which a pattern cannot match.

Most sentences have none, and looking for a piece of a word costs a small part of what searching for a pattern does.
"""

from __future__ import annotations

from osaudit.folding import folded as folded  # noqa: PLC0414 - read with the hints


def has_any(plain: str, hints: tuple[str, ...]) -> bool:
    """Tell whether one of the hints stands in a folded text."""
    for hint in hints:  # noqa: SIM110 - a generator would cost more than the search
        if hint in plain:
            return True
    return False
