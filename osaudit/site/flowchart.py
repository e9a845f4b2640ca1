"""A flow between two columns of names: bands as wide as what they count, drawn with matplotlib's paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from osaudit.render.neutral import plain
from osaudit.site.drawing import Canvas, colour
from osaudit.site.tallies import DROPS, KEEPS, NOT_READ, OTHERS, UNKNOWN, Tally

_TONES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        DROPS: ("the base's terms are dropped", "rung-unlicensed"),
        KEEPS: ("no term is dropped", "rung-open-source-ai"),
        NOT_READ: ("the base's licence is not known", "rung-untold"),
    }
)
_LEFT, _RIGHT = 0.0, 1.0
_NODE = 0.018
_GAP = 0.035
"""Between two names, of the whole height."""
_NAME = 34
Span = tuple[float, float]


def draw_flow(drawn: Canvas, tally: Tally) -> None:
    """Draw a tally of (from, to, kind, count)."""
    axes = drawn.add_subplot()
    axes.set_title(tally.title)
    axes.set_axis_off()
    bases, owns = (_spans(tally, side) for side in (0, 1))
    starts, ends = ({name: span[0] for name, span in spans.items()} for spans in (bases, owns))
    unit = _unit(tally, max(len(bases), len(owns)))
    for base, own, kind, count in sorted(tally.rows, key=lambda row: _order(row, list(bases), list(owns))):
        thick = count * unit
        axes.add_patch(_band((starts[base], ends[own]), thick, _TONES[kind][1]))
        starts[base] += thick
        ends[own] += thick
    for x, spans, align in ((_LEFT, bases, "right"), (_RIGHT, owns, "left")):
        _names(axes, x, spans, align, tally)
    axes.set_xlim(-0.75, 1.75)
    axes.set_ylim(1.02, -0.06)
    axes.text(_LEFT, -0.03, "licence of the base", ha="right", va="bottom", fontsize=8, color=colour("soft"))
    axes.text(
        _RIGHT, -0.03, "licence of what was made from it", ha="left", va="bottom", fontsize=8, color=colour("soft")
    )
    _legend(drawn, {row[2] for row in tally.rows})


def _unit(tally: Tally, names: int) -> float:
    """The height of one link, so that the longer column fills the whole."""
    return (1 - _GAP * max(0, names - 1)) / tally.of


def _spans(tally: Tally, side: int) -> dict[str, Span]:
    """Where each name of a column begins and ends, the most frequent first, the rest and the unknown last."""
    counts: dict[str, int] = {}
    for row in tally.rows:
        counts[row[side]] = counts.get(row[side], 0) + row[3]
    other = len({row[1 - side] for row in tally.rows})
    unit = _unit(tally, max(len(counts), other))
    spans: dict[str, Span] = {}
    at = 0.0
    for name in sorted(counts, key=lambda one: (one in {OTHERS, UNKNOWN}, one == UNKNOWN, -counts[one], one)):
        spans[name] = (at, at + counts[name] * unit)
        at += counts[name] * unit + _GAP
    return spans


def _order(row: Sequence[Any], bases: list[str], owns: list[str]) -> tuple[int, int, int]:
    return bases.index(row[0]), owns.index(row[1]), list(_TONES).index(row[2])


def _band(begins: Span, thick: float, token: str) -> Any:  # noqa: ANN401 - an extra's
    from matplotlib.patches import PathPatch  # noqa: PLC0415 - as in drawing
    from matplotlib.path import Path  # noqa: PLC0415 - as above

    left, right, middle = _LEFT + _NODE, _RIGHT - _NODE, (_LEFT + _RIGHT) / 2
    top, end = begins
    points = [
        (left, top), (middle, top), (middle, end), (right, end), (right, end + thick), (middle, end + thick),
        (middle, top + thick), (left, top + thick), (left, top),
    ]  # fmt: skip
    codes = [Path.MOVETO, *(Path.CURVE4,) * 3, Path.LINETO, *(Path.CURVE4,) * 3, Path.CLOSEPOLY]
    return PathPatch(Path(points, codes), facecolor=colour(token), alpha=0.62, edgecolor="none")


def _names(axes: Any, x: float, spans: Mapping[str, Span], align: str, tally: Tally) -> None:  # noqa: ANN401 - as above
    from matplotlib.patches import Rectangle  # noqa: PLC0415 - as in drawing

    side = 0 if align == "right" else 1
    for name, (top, end) in spans.items():
        begins = x if side == 0 else x - _NODE
        axes.add_patch(Rectangle((begins, top), _NODE, end - top, facecolor=colour("ink"), edgecolor="none"))
        count = sum(row[3] for row in tally.rows if row[side] == name)
        at = x - 0.02 if side == 0 else x + 0.02
        words = f"{plain(name, _NAME)} ({count:,})"
        axes.text(at, (top + end) / 2, words, ha=align, va="center", fontsize=8)


def _legend(drawn: Canvas, kinds: set[str]) -> None:
    from matplotlib.patches import Patch  # noqa: PLC0415 - as in drawing

    patches = [Patch(facecolor=colour(token), label=name) for kind, (name, token) in _TONES.items() if kind in kinds]
    drawn.legend(handles=patches, loc="outside lower left", ncols=3, handlelength=1, handleheight=1, columnspacing=1.2)
