"""Needles: pieces of words without which an expression cannot match, derived from its own parse tree.

The idea is RE2's: every match holds one of the strings of each of some sets, so that a text without any of one set
cannot match, and looking for pieces of words costs little. Where nothing can be told of an expression, it is tried on
every text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import ahocorasick

from osaudit.compiled import made
from osaudit.folding import folded

MAX_STRINGS = 96
MAX_CLASS = 6
MAX_SETS = 3
"""Sets of needles of one expression: more rule out hardly more."""
MIN_FURTHER = 3
"""Letters of the needles of any set but the first: shorter ones stand in most sentences."""
_LONG = 4  # letters: a longer needle rules out hardly more

_COMMON = frozenset(
    (
        *("the", "model", "models", "use", "used", "using", "with", "train", "trained", "our", "this", "data", "can"),
        *("are", "text", "code", "not", "from", "all", "put", "end", "more", "other", "form", "but", "have", "has"),
        *("was", "and", "you", "lease"),
    )
)
"""Words that stand in one of fifty sentences of real cards, or more, as most do that have fewer than three letters."""

Strings = frozenset[str]


def needles(pattern: re.Pattern[str]) -> Strings | None:
    """Return folded strings one of which stands in each folded text that the pattern matches; None: none is known."""
    found = requirements(pattern)
    return found[0] if found else None


def requirements(pattern: re.Pattern[str]) -> tuple[Strings, ...]:
    """Return sets of folded strings: of each, one stands in every folded text that the pattern matches; the best first.

    None of them tells anything where there are none.
    """
    found = {_shortest(each) for each in _needed(parser.parse(pattern.pattern, pattern.flags))}
    first, *others = sorted(found, key=_worth, reverse=True) or (frozenset(),)
    telling = (each for each in others if min(map(len, each)) >= MIN_FURTHER)
    return (first, *islice(telling, MAX_SETS - 1)) if first else ()


def _shortest(strings: Strings) -> Strings:
    """Fold the strings, and leave out those that hold another one."""
    plain = {folded(text) for text in strings}
    return frozenset(text for text in plain if not any(other != text and other in text for other in plain))


def _worth(strings: Strings) -> tuple[bool, int, int, tuple[str, ...]]:
    """Rank a set by how rare its strings are, then by the shortest; of equal ones the smaller set is worth more."""
    rare = all(len(text.strip()) >= MIN_FURTHER and text.strip() not in _COMMON for text in strings)
    return rare, min(_LONG, *map(len, strings)), -len(strings), tuple(sorted(strings))


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
        calls: dict[str, list[int]] = {"\0": []}
        always: list[int] = []
        self._further: list[tuple[tuple[str, ...], ...]] = []
        for number, needed in enumerate(_all_needles(name, tuple(patterns))):
            if not needed:
                always.append(number)
            for needle in needed[0] if needed else ():
                calls.setdefault(needle, []).append(number)
            self._further.append(tuple(tuple(strings) for strings in needed[1:]))
        self._always = tuple(always)
        self._automaton = ahocorasick.Automaton()
        for needle, numbers in calls.items():
            self._automaton.add_word(needle, tuple(numbers))
        self._automaton.make_automaton()

    def candidates(self, plain: str) -> Sequence[int]:
        """Number the patterns of each of whose sets a needle stands in a folded text, and those that have none."""
        called: set[int] = set()
        for _, numbers in self._automaton.iter(plain):
            called.update(numbers)
        if not called:
            return self._always
        found = [number for number in called if _holds_each(plain, self._further[number])]
        return sorted((*found, *self._always))


def _holds_each(plain: str, sets: tuple[tuple[str, ...], ...]) -> bool:
    """Tell whether of each set a string stands in the text."""
    for strings in sets:
        for text in strings:
            if text in plain:
                break
        else:
            return False
    return True


def first_needles(name: str, *patterns: re.Pattern[str]) -> tuple[str, ...]:
    """List needles one of which stands in each folded text that one of the patterns matches.

    ValueError where nothing can be told of a pattern.
    """
    each = _all_needles(name, patterns)
    if not all(each):
        raise ValueError(f"an expression of {name} may match a text without any word that it tells")
    return tuple(sorted({needle for sets in each for needle in sets[0]}))


def _all_needles(name: str, patterns: tuple[re.Pattern[str], ...]) -> list[list[list[str]]]:
    """Return each pattern's sets of needles; they are derived anew only where a pattern was changed."""
    source = "\0".join(f"{pattern.flags} {pattern.pattern}" for pattern in patterns).encode()
    found: list[list[list[str]]] = made(
        f"needles of {name}",
        source,
        lambda: [[sorted(strings) for strings in requirements(pattern)] for pattern in patterns],
    )
    return found


def _best(options: Iterable[Strings]) -> Strings | None:
    """Choose the set whose shortest string is longest; of equal ones the smaller set."""
    return max(options, key=_worth, default=None)


def _needed(sequence: Iterable[tuple[Any, Any]]) -> list[Strings]:
    """List the sets of strings one of each of which stands in whatever the sequence matches."""
    options: list[Strings] = []
    run: set[str] = {""}
    for kind, argument in sequence:
        exact = _exact(kind, argument)
        joined = {one + other for one in run for other in exact} if exact is not None else set()
        if exact is not None and len(joined) <= MAX_STRINGS:
            run = joined
            continue
        options += _strings(run)
        run = set(exact) if exact is not None else {""}
        options += _within(kind, argument) if exact is None else ()
    return [*options, *_strings(run)]


def _strings(run: set[str]) -> list[Strings]:
    return [frozenset(run)] if run and "" not in run else []


def _within(kind: Any, argument: Any) -> list[Strings]:  # noqa: ANN401 - sre's own tree
    """Return what an element that is no fixed text needs."""
    if kind is op.BRANCH:
        parts = [_best(_needed(branch)) for branch in argument[1]]
        return [frozenset().union(*(part for part in parts if part))] if all(parts) else []
    if kind is op.SUBPATTERN:
        return _needed(argument[3])
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT) and argument[0] >= 1:
        return _needed(argument[2])
    return _needed(argument) if kind is op.ATOMIC_GROUP else []


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
