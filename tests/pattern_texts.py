"""Texts that a regular expression matches, made from its own parts: each alternative once, then many at random."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from re import _constants as op  # type: ignore[attr-defined]  # the standard library's own parser has no public name
from re import _parser  # type: ignore[attr-defined]  # likewise
from typing import Any

LETTERS = "xyz"
Choose = Callable[[int], int]


def texts_of(pattern: re.Pattern[str], *, tries: int, seed: int = 1) -> Iterator[str]:
    """Make texts from a pattern's parts, and keep those that it does match: what looks around cannot be built."""
    tree = _parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)
    chosen = random.Random(seed)  # noqa: S311 - repeatable, and no secret
    for number in range(tries):
        text = _build(tree, chosen.randrange if number else lambda _: 0)
        if pattern.search(text):
            yield text


def _build(tree: Sequence[Any], choose: Choose) -> str:
    return "".join(_part(kind, value, choose) for kind, value in tree)


def _part(kind: Any, value: Any, choose: Choose) -> str:
    if kind is op.LITERAL:
        return chr(value)
    if kind is op.IN:
        return _one_of(value, choose)
    if kind is op.BRANCH:
        return _build(value[1][choose(len(value[1]))], choose)
    if kind in {op.SUBPATTERN, op.ATOMIC_GROUP}:
        return _build(value[3] if kind is op.SUBPATTERN else value, choose)
    if kind in {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}:
        return _repeated(*value, choose)
    # anchors and what looks around hold no text
    return " x"[choose(2)] if kind in {op.ANY, op.NOT_LITERAL} else ""


def _repeated(least: int, most: int, inner: Sequence[Any], choose: Choose) -> str:
    times = least + choose(min(int(most) - least, 2) + 1)
    return "".join(_build(inner, choose) for _ in range(times))


def _one_of(members: Sequence[Any], choose: Choose) -> str:
    if members[0][0] is op.NEGATE:
        return " "
    kind, value = members[choose(len(members))]
    if kind is op.LITERAL:
        return chr(value)
    if kind is op.RANGE:
        return chr(value[0] + choose(value[1] - value[0] + 1))
    by_class = {
        op.CATEGORY_DIGIT: "7",
        op.CATEGORY_SPACE: " ",
        op.CATEGORY_WORD: LETTERS[choose(3)],
        op.CATEGORY_NOT_WORD: " ",
    }
    return by_class.get(value, "x")
