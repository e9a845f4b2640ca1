"""The lineage as a drawing: a tree of boxes, one a line, with the terms that a step drops on the line between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from osaudit.render.neutral import plain
from osaudit.verdict import Lineage, LineageEdge, LineageNode

_ROW, _STEP, _BOX, _MARGIN = 74, 22, 46, 8
"""Pixels: a line's height, a level's indent, a box's height, the margin."""
_DEEPEST = 6
_NAME, _TERMS = 44, 46


@dataclass(frozen=True, slots=True)
class Box:
    """A model of the chain as it is drawn: its corner in pixels, its words, and whether it was read."""

    x: int
    y: int
    name: str
    full: str
    licence: str
    seen: bool


@dataclass(frozen=True, slots=True)
class Tie:
    """A step from a model to the one it was made from: its path, what it is, what it drops."""

    path: str
    x: int
    y: int
    words: str
    drops: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """Boxes and ties, and the height of the whole in pixels."""

    boxes: tuple[Box, ...]
    ties: tuple[Tie, ...]
    height: int


def graph(lineage: Lineage) -> Graph | None:
    """Lay the chain out; None where nothing is known of one."""
    if not lineage.edges:
        return None
    nodes = {node.id: node for node in lineage.nodes}
    placed = _placed(lineage)
    boxes = {name: _box(name, nodes.get(name), at, depth) for at, (name, depth) in enumerate(placed.items())}
    ties = tuple(_tie(edge, boxes) for edge in lineage.edges if edge.child in boxes and edge.parent in boxes)
    return Graph(tuple(boxes.values()), ties, len(boxes) * _ROW + _MARGIN)


def _placed(lineage: Lineage) -> Mapping[str, int]:
    """Each model once, beneath the first that was made from it, with its depth."""
    below: dict[str, list[str]] = {}
    for edge in lineage.edges:
        below.setdefault(edge.child, []).append(edge.parent)
    parents = {edge.parent for edge in lineage.edges}
    roots = [edge.child for edge in lineage.edges if edge.child not in parents] or [lineage.edges[0].child]
    placed: dict[str, int] = {}
    waiting = [(root, 0) for root in reversed(dict.fromkeys(roots))]
    while waiting:
        name, depth = waiting.pop()
        if name not in placed:
            placed[name] = min(depth, _DEEPEST)
            waiting += [(parent, depth + 1) for parent in reversed(below.get(name, []))]
    return placed


def _box(name: str, node: LineageNode | None, at: int, depth: int) -> Box:
    licence = plain(node.licence, 200) if node and node.licence else "no licence known"
    seen = bool(node and node.seen)
    words = licence if seen else f"{licence}; not seen"
    return Box(
        _MARGIN + depth * _STEP, _MARGIN + at * _ROW, _cut(name, _NAME - 3 * depth), plain(name, 300), words, seen
    )


def _cut(words: str, most: int) -> str:
    shown = plain(words, 300)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def _tie(edge: LineageEdge, boxes: Mapping[str, Box]) -> Tie:
    child, parent = boxes[edge.child], boxes[edge.parent]
    x, start, end = child.x + _STEP // 2, child.y + _BOX, parent.y + _BOX // 2
    reach = max(parent.x, x)
    path = f"M{x} {start}V{end}H{reach}" if end > start else f"M{x} {child.y}V{end}H{reach}"
    told = f"{plain(edge.relation, 40)}, drops {_list(edge.dropped)}" if edge.dropped else plain(edge.relation, 40)
    return Tie(path, parent.x + 2, parent.y - 6, _cut(told, _TERMS), bool(edge.dropped))


def _list(terms: Sequence[str]) -> str:
    return "; ".join(plain(term, 80) for term in terms)
