"""Hints: pieces of words without one of which a pattern cannot match.

Most sentences have none, and looking for a piece of a word costs a small part of what searching for a pattern does.
Many readers ask the same sentence: one pass of one automaton, when a passage is made, answers all of them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, Self

import ahocorasick

from osaudit.folding import folded as folded  # noqa: PLC0414 - read with the hints
from osaudit.licences import called

_known: list[Hints] = []


class Hints(tuple[str, ...]):  # noqa: SLOT001 - a tuple with a number
    """A set of hints; `bit` is where `met` tells of it, and `LATE` that of sets made when the automaton stood."""

    bit: int

    def __new__(cls, words: Iterable[str]) -> Self:
        """Take the set in."""
        made = super().__new__(cls, words)
        made.bit = LATE if _automaton.cache_info().currsize else 1 << len(_known)
        if made.bit != LATE:
            _known.append(made)
        return made

    def stand_in(self, plain: str) -> bool:
        """Tell whether one of them stands in a folded text, where they are many."""
        return next(_automaton_of(self).iter(plain), None) is not None


LATE = 1 << 200


@functools.cache
def of_families() -> Hints:
    """Return the hints of the names of families of models."""
    return Hints(called.hints())


def met(plain: str) -> int:
    """Tell which sets of hints stand in a folded text: a bit for each."""
    found = LATE
    for _, bits in _automaton().iter(plain):
        found |= bits
    return found


def has_any(plain: str, hints: tuple[str, ...]) -> bool:
    """Tell whether one of the hints stands in a folded text."""
    for hint in hints:  # noqa: SIM110 - a generator would cost more than the search
        if hint in plain:
            return True
    return False


@functools.cache
def _automaton_of(hints: tuple[str, ...]) -> Any:  # noqa: ANN401 - a C type without stubs
    automaton = ahocorasick.Automaton()
    for hint in hints:
        automaton.add_word(hint, None)
    automaton.make_automaton()
    return automaton


@functools.cache
def _automaton() -> Any:  # noqa: ANN401 - a C type without stubs
    """The automaton of all sets of hints; each hint tells the sets that it is in."""
    of_families()
    told: dict[str, int] = {}
    for hints in _known:
        for hint in hints:
            told[hint] = told.get(hint, 0) | hints.bit
    automaton = ahocorasick.Automaton()
    for hint, bits in told.items():
        automaton.add_word(hint, bits)
    automaton.make_automaton()
    return automaton
