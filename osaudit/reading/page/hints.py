"""Hints: pieces of words without one of which a pattern cannot match.

Most sentences have none, and looking for a piece of a word costs a small part of what searching for a pattern does.
Many readers ask the same sentence: where there are many sentences, one pass of one automaton answers all of them.
"""

from __future__ import annotations

import itertools
import threading
from functools import lru_cache
from typing import Any

import ahocorasick

from osaudit.folding import folded as folded  # noqa: PLC0414 - read with the hints

FEW = 4_000
"""Questions that are answered one by one, before an automaton is made: a single card asks no more."""
MAX_REMEMBERED = 8_192
"""Sentences: one reader goes over a whole card, and then the next."""

_asked = itertools.count()
_learning = threading.Lock()
_known: list[tuple[str, ...]] = []
_bits: dict[int, int] = {}
"""The bit of each set of hints by the id of its tuple, which `_known` keeps."""


def has_any(plain: str, hints: tuple[str, ...]) -> bool:
    """Tell whether one of the hints stands in a folded text."""
    bit = _bits.get(id(hints))
    if bit is not None:
        return _bits_in(plain, len(_known)) & bit != 0
    if next(_asked) > FEW:
        _learn(hints)
    for hint in hints:  # noqa: SIM110 - a generator would cost more than the search
        if hint in plain:
            return True
    return False


def _learn(hints: tuple[str, ...]) -> None:
    """Take in a set of hints; what was told of sentences by fewer sets is not asked for again."""
    with _learning:
        if id(hints) not in _bits:
            _known.append(hints)
            _bits[id(hints)] = 1 << (len(_known) - 1)


@lru_cache(maxsize=MAX_REMEMBERED)
def _bits_in(plain: str, sets: int) -> int:
    """Tell which of the first so many sets of hints stand in a folded text."""
    found = 0
    for _, bits in _automaton(sets).iter(plain):
        found |= bits
    return found


@lru_cache(maxsize=4)
def _automaton(sets: int) -> Any:  # noqa: ANN401 - a C type without stubs
    """The automaton of the first so many sets of hints; each hint tells the sets that it is in."""
    told: dict[str, int] = {}
    for number, hints in enumerate(_known[:sets]):
        for hint in hints:
            told[hint] = told.get(hint, 0) | 1 << number
    automaton = ahocorasick.Automaton()
    for hint, bits in told.items():
        automaton.add_word(hint, bits)
    automaton.make_automaton()
    return automaton
