"""The possible values of a Python expression, and which binding of a name is meant at a place."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice

from osaudit.gate.scan.adopted import Spot
from osaudit.gate.scan.pymodule import Block, Bound, Module, Scope

MOST = 12
"""Possible values of one expression; more are cut off, and said to be."""


@dataclass(frozen=True, slots=True)
class Text:
    """A string, where it is written, and which default was taken for it."""

    value: str
    spot: Spot
    assumed: str = ""


@dataclass(frozen=True, slots=True)
class Plain:
    """A constant that is no string."""

    value: object


@dataclass(frozen=True, slots=True)
class Gap:
    """What the text does not tell, and why; `variable` is the environment's, where that is what is lacking."""

    why: str
    variable: str = ""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that was imported from outside of the tree, by its dotted name."""

    name: str


@dataclass(frozen=True, slots=True)
class Inner:
    """A module of the tree."""

    module: Module


@dataclass(frozen=True, slots=True)
class Code:
    """A function of the tree; `bound` where its first parameter is given already."""

    scope: Scope
    bound: bool = False


@dataclass(frozen=True, slots=True)
class Class:
    """A class of the tree."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class Made:
    """What a call of a library or of the tree's class makes; no call where it is a method's own object."""

    of: Thing | Class
    call: ast.Call | None = None
    scope: Scope | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """A list, tuple, set or dictionary that is written out."""

    node: ast.List | ast.Tuple | ast.Set | ast.Dict
    scope: Scope


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of a function of the tree."""

    scope: Scope
    name: str


Value = Text | Plain | Gap | Thing | Inner | Code | Class | Made | Shape | Param
Values = tuple[Value, ...]

UNKNOWN = Gap("it is computed when the program runs")
DEEP = Gap("it takes too many steps to follow")


def standing(bindings: list[Bound], line: int | None, block: Block = ()) -> list[Bound]:
    """The bindings that may hold at a place, or in the end: back to the last one that surely happened there."""
    before = [one for one in bindings if line is None or one.line < line or one.how == "param"] or bindings
    arms = dict(block)
    chosen: list[Bound] = []
    for one in reversed(before):
        if any(arms.get(node, arm) != arm for node, arm in one.block):
            continue
        chosen.append(one)
        if one.block == block[: len(one.block)]:
            break
    return chosen[::-1] or before


def marked(value: Value, assumed: str) -> Value:
    """Say of a string which default it is, where nothing says so yet."""
    return replace(value, assumed=assumed) if isinstance(value, Text) and not value.assumed else value


def few(values: Iterable[Value]) -> Values:
    """Take each value once, and so many at the most; more are said to be."""
    held = tuple(dict.fromkeys(islice(values, MOST * 4)))
    return held if len(held) <= MOST else (*held[:MOST], Gap(f"more than {MOST} values are possible"))
