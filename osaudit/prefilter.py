"""Needles: pieces of words one of which every match of an expression holds, derived from its own parse tree.

The idea is RE2's: a text without any of them cannot match, and looking for a piece of a word costs little. Where
nothing can be told of an expression, it is tried on every text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import ahocorasick

from osaudit.compiled import made
from osaudit.folding import folded

MAX_STRINGS = 96
MAX_CLASS = 6
_LONG = 4  # letters: a longer needle rules out hardly more

Strings = frozenset[str]


def needles(pattern: re.Pattern[str]) -> Strings | None:
    """Return folded strings one of which stands in each folded text that the pattern matches; None: none is known."""
    found = _needed(parser.parse(pattern.pattern, pattern.flags))
    if not found:
        return None
    plain = {folded(text) for text in found}
    return frozenset(text for text in plain if not any(other != text and other in text for other in plain))


def branches(pattern: str) -> list[str]:
    """Split an expression at the alternatives of its outermost level: it matches where one of them does."""
    found, depth, start, at, opened = [], 0, 0, 0, -1
    while at < len(pattern):
        sign = pattern[at]
        if sign == "\\":
            at += 1
        elif opened >= 0:  # in a class, whose first sign may be the bracket that else closes it
            if sign == "]" and at > opened:
                opened = -1
        elif sign == "[":
            opened = at + 1 + pattern.startswith("^", at + 1)
        elif sign in "()":
            depth += 1 if sign == "(" else -1
        elif sign == "|" and depth == 0:
            found.append(pattern[start:at])
            start = at + 1
        at += 1
    return [*found, pattern[start:]]


class Prefilter:
    """Which of some patterns may match a folded text: one pass of one automaton over it tells."""

    def __init__(self, name: str, patterns: Iterable[re.Pattern[str]]) -> None:
        calls: dict[str, set[int]] = {"\0": set()}
        always = []
        for number, needed in enumerate(_all_needles(name, tuple(patterns))):
            if needed is None:
                always.append(number)
            for needle in needed or ():
                calls.setdefault(needle, set()).add(number)
        self.always = tuple(always)
        self._automaton = ahocorasick.Automaton()
        for needle, numbers in calls.items():
            self._automaton.add_word(needle, tuple(sorted(numbers)))
        self._automaton.make_automaton()

    def candidates(self, plain: str) -> list[int]:
        """Number the patterns one of whose needles stands in a folded text, and those that have none."""
        met = set(self.always)
        for _, numbers in self._automaton.iter(plain):
            met.update(numbers)
        return sorted(met)


def _all_needles(name: str, patterns: tuple[re.Pattern[str], ...]) -> list[list[str] | None]:
    """Return each pattern's needles; they are derived anew only where a pattern was changed."""
    source = "\0".join(f"{pattern.flags} {pattern.pattern}" for pattern in patterns).encode()
    found: list[list[str] | None] = made(
        f"needles of {name}",
        source,
        lambda: [None if (needed := needles(pattern)) is None else sorted(needed) for pattern in patterns],
    )
    return found


def _best(options: Iterable[Strings | None]) -> Strings | None:
    """Choose the set whose shortest string is longest; of equal ones the smaller set."""
    told = [option for option in options if option]
    return max(told, key=lambda option: (min(_LONG, *map(len, option)), -len(option)), default=None)


def _needed(sequence: Iterable[tuple[Any, Any]]) -> Strings | None:
    options: list[Strings | None] = []
    run: set[str] = {""}
    for kind, argument in sequence:
        exact = _exact(kind, argument)
        joined = {one + other for one in run for other in exact} if exact is not None else set()
        if exact is not None and len(joined) <= MAX_STRINGS:
            run = joined
            continue
        options.append(_strings(run))
        run = set(exact) if exact is not None else {""}
        options.append(_within(kind, argument) if exact is None else None)
    options.append(_strings(run))
    return _best(options)


def _strings(run: set[str]) -> Strings | None:
    return frozenset(run) if run and "" not in run else None


def _within(kind: Any, argument: Any) -> Strings | None:  # noqa: ANN401 - sre's own tree
    """Return what an element that is no fixed text needs."""
    if kind is op.BRANCH:
        parts = [_needed(branch) for branch in argument[1]]
        return frozenset().union(*(part for part in parts if part)) if all(parts) else None
    if kind is op.SUBPATTERN:
        return _needed(argument[3])
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT) and argument[0] >= 1:
        return _needed(argument[2])
    return _needed(argument) if kind is op.ATOMIC_GROUP else None


def _exact(kind: Any, argument: Any) -> set[str] | None:  # noqa: ANN401, PLR0911 - sre's own tree, a case a return
    """Return the few texts that an element is; None where it may be many."""
    if kind is op.LITERAL:
        return {chr(argument)}
    if kind in (op.AT, op.ASSERT, op.ASSERT_NOT):
        return {""}
    if kind is op.IN:
        return _of_class(argument)
    if kind is op.SUBPATTERN:
        return _exact_all(argument[3])
    if kind is op.BRANCH:
        told = [_exact_all(branch) for branch in argument[1]]
        return _bounded(set().union(*(one for one in told if one is not None))) if all(told) else None
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT) and argument[1] == 1:
        inner = _exact_all(argument[2])
        return None if inner is None else inner | ({""} if argument[0] == 0 else set())
    return None


def _of_class(items: Sequence[tuple[Any, Any]]) -> set[str] | None:
    found: set[str] = set()
    for kind, value in items:
        if kind is op.LITERAL:
            found.add(chr(value))
        elif kind is op.RANGE and value[1] - value[0] < MAX_CLASS:
            found.update(map(chr, range(value[0], value[1] + 1)))
        else:
            return None
    return found if 0 < len(found) <= MAX_CLASS else None


def _exact_all(sequence: Iterable[tuple[Any, Any]]) -> set[str] | None:
    found = {""}
    for kind, argument in sequence:
        exact = _exact(kind, argument)
        if exact is None:
            return None
        found = {one + other for one in found for other in exact}
        if len(found) > MAX_STRINGS:
            return None
    return found


def _bounded(texts: set[str]) -> set[str] | None:
    return texts if len(texts) <= MAX_STRINGS else None
