"""The pictures, each drawn from its tally: nothing is counted here."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from osaudit.render.neutral import plain
from osaudit.site.drawing import Canvas, as_pdf, as_svg, canvas, colour
from osaudit.site.flowchart import draw_flow
from osaudit.site.tallies import CRITERIA, UNTOLD_ID, Tally
from osaudit.verdict import BASES, FACETS, LADDER, UNTOLD

WIDTH = 7.2
"""Inches: a column of a page at 100 % and the text of a paper."""
_NAME = 28
_PALE = 0.45
_HALF = 0.5
_NARROW = 0.055
"""A share below this has no room for its number."""

RUNGS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {UNTOLD_ID: (UNTOLD, "rung-untold"), **{label: (name, f"rung-{label}") for label, name in LADDER.items()}}
)
"""Each label's name and the token of its colour, lowest first."""
_BASES: Mapping[str, tuple[str, str]] = MappingProxyType(
    dict(
        zip(
            BASES,
            (
                ("OSI stated", "rung-open-source-ai-open-data"),
                ("licence text", "rung-open-source-ai"),
                ("declared by publisher", "rung-weights-available"),
                ("inferred", "rung-untold"),
                ("attested", "rung-open-weights"),
            ),
            strict=True,
        )
    )
)
_CRITERIA = (
    "redistribution", "source", "derived works", "integrity", "persons", "fields", "distribution", "product",
    "other works", "technology",
)  # fmt: skip


def _luminance(value: str) -> float:
    """Relative luminance of a colour (WCAG 2.2), 0 to 1."""
    parts = [int(value[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)  # noqa: PLR2004 - WCAG's
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _bars(
    drawn: Canvas,
    groups: Sequence[Any],
    rows: Mapping[tuple[Any, str], tuple[int, int]],
    kinds: Mapping[str, tuple[str, str]],
    names: Sequence[str],
    title: str,
) -> None:
    """Stacked bars, one a group: rows are (count, of) by group and kind."""
    axes = drawn.add_subplot()
    left = dict.fromkeys(groups, 0.0)
    present = [kind for kind in kinds if any((group, kind) in rows for group in groups)]
    for kind in present:
        name, token = kinds[kind]
        shares = [(count / of if of else 0.0) for count, of in (rows.get((group, kind), (0, 0)) for group in groups)]
        axes.barh(
            range(len(groups)), shares, left=list(left.values()), height=0.72, color=colour(token), label=name,
            edgecolor=colour("sheet"), linewidth=0.8,
        )  # fmt: skip
        for place, (group, share) in enumerate(zip(groups, shares, strict=True)):
            if share >= _NARROW:
                _number(axes, left[group] + share / 2, place, f"{share * 100:.0f}", token)
            left[group] += share
    axes.set_yticks(range(len(groups)), names)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_color(colour("rule"))
    drawn.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    _legend(drawn, *axes.get_legend_handles_labels())


def _legend(drawn: Canvas, handles: Sequence[Any], names: Sequence[str]) -> None:
    """Below the picture, read by rows, as the bars are: matplotlib fills a legend by columns."""
    columns = min(3, len(names)) or 1
    order = [at for column in range(columns) for at in range(column, len(names), columns)]
    drawn.legend(
        [handles[at] for at in order], [names[at] for at in order], loc="outside lower left", ncols=columns,
        handlelength=1, handleheight=1, columnspacing=1.2,
    )  # fmt: skip


def _number(axes: Any, x: float, y: float, text: str, token: str) -> None:  # noqa: ANN401 - an extra's
    """A number on a bar; it is in the page's ink or sheet, whichever is read better on both schemes' colours."""
    ink = "on-pale" if _luminance(colour(token)) > 0.25 else "on-deep"  # noqa: PLR2004 - half of the eye's range
    axes.text(x, y, text, ha="center", va="center_baseline", fontsize=8, color=colour(ink))


def _labels(drawn: Canvas, tally: Tally) -> None:
    groups = list(dict.fromkeys(row[0] for row in tally.rows))
    rows = {(group, label): (count, of) for group, label, count, of, *_ in tally.rows}
    totals = {row[0]: row[3] for row in tally.rows}
    names = [f"{plain(str(group), _NAME)}  ({totals[group]:,})" for group in groups]
    _bars(drawn, groups, rows, RUNGS, names, tally.title)


def _basis(drawn: Canvas, tally: Tally) -> None:
    groups = list(dict.fromkeys(row[0] for row in tally.rows))
    rows = {(group, basis): (count, of) for group, basis, count, of, *_ in tally.rows}
    totals = {row[0]: row[3] for row in tally.rows}
    _bars(drawn, groups, rows, _BASES, [f"{group}  ({totals[group]:,})" for group in groups], tally.title)


def _downloads(drawn: Canvas, tally: Tally) -> None:
    axes = drawn.add_subplot()
    axes.set_title(tally.title)
    axes.set_ylim(-3, 103)
    axes.grid(color=colour("rule"), linewidth=0.6)
    axes.set_ylabel("score, reviews as 0")
    axes.set_xlabel("downloads of the last 30 days")
    if tally.columns[0] == "model":
        _dots(axes, tally)
    else:
        _fields(axes, tally)


def _decades(axes: Any, low: float, high: float) -> None:  # noqa: ANN401 - an extra's
    """Powers of ten as a scale reads them; what has no download stands a decade below one."""
    words = ["0", "1", "10", "100", "1k", "10k", "100k", "1M", "10M", "100M", "1G", "10G"]
    first, last = math.floor(low), max(math.ceil(high), math.floor(low) + 1)
    axes.set_xlim(low - 0.3, max(high, last) + 0.2)
    axes.set_xticks(range(first, last + 1), [words[min(at + 1, len(words) - 1)] for at in range(first, last + 1)])


def _dots(axes: Any, tally: Tally) -> None:  # noqa: ANN401 - as above
    at = {row[0]: math.log10(row[2]) if row[2] > 0 else -1.0 for row in tally.rows}
    for label, (name, token) in RUNGS.items():
        rows = [row for row in tally.rows if row[1] == label]
        if not rows:
            continue
        xs, low, high = [at[row[0]] for row in rows], [row[3] for row in rows], [row[4] for row in rows]
        axes.vlines(xs, low, high, color=colour("strong"), linewidth=0.7, alpha=_PALE, zorder=1)
        axes.scatter(
            xs, low, s=26, color=colour(token), edgecolor=colour("sheet"), linewidth=0.6, label=name, zorder=2,
            marker="o" if label.startswith("open") else "s",
        )  # fmt: skip
    _decades(axes, min(at.values()), max(at.values()))
    _legend(axes.figure, *axes.get_legend_handles_labels())


def _fields(axes: Any, tally: Tally) -> None:  # noqa: ANN401 - as above
    most = max(row[4] for row in tally.rows)
    at = [math.log10(row[0]) if row[0] > 0 else -1.0 for row in tally.rows]
    for x, row in zip(at, tally.rows, strict=True):
        depth = math.log1p(row[4]) / math.log1p(most)
        axes.add_patch(_box(x, row[2], 0.5 if x >= 0 else 0.9, row[3] - row[2], depth))
        axes.text(x + (0.25 if x >= 0 else 0.45), (row[2] + row[3]) / 2, _short(row[4]), ha="center", va="center",
                  fontsize=6.5, color=_ink_on(depth))  # fmt: skip
    _decades(axes, min(at), max(at) + 0.5)


def _short(count: int) -> str:
    return f"{count / 1000:.0f}k" if count >= 10_000 else f"{count:,}"  # noqa: PLR2004 - five digits have no room


def _box(x: float, y: float, width: float, height: float, depth: float) -> Any:  # noqa: ANN401 - an extra's
    """A field as deep as a share, 0 to 1; no field has a depth on which neither dark nor pale words are read well."""
    from matplotlib.patches import Rectangle  # noqa: PLC0415 - as in drawing

    shade = 0.05 + 0.74 * depth if depth <= _HALF else 0.65 + 0.7 * (depth - _HALF)
    return Rectangle(
        (x, y), width, height, facecolor=colour("rung-open-source-ai-open-data"), alpha=shade, edgecolor="none"
    )


def _ink_on(depth: float) -> str:
    return colour("on-deep" if depth > _HALF else "ink")


def _heat(drawn: Canvas, tally: Tally) -> None:
    """A map of ten rows by four facets: the deeper, the more pass; none is asked where a field is hatched."""
    axes = drawn.add_subplot()
    axes.set_title(tally.title)
    at = {name: place for place, name in enumerate(tally.columns)}
    for row in tally.rows:
        x, y = FACETS.index(row[0 + 1]), CRITERIA.index(row[0])
        share, asked = row[at["pass_share"]], row[at["asked"]]
        if asked:
            axes.add_patch(_box(x + 0.02, y + 0.03, 0.96, 0.94, share))
            ink = _ink_on(share)
            axes.text(x + 0.5, y + 0.42, f"{share * 100:.0f} %", ha="center", va="center", color=ink)
            review = row[at["review"]] / asked
            axes.text(x + 0.5, y + 0.76, f"open {review * 100:.0f} %", ha="center", va="center", fontsize=7, color=ink)
        else:
            axes.text(x + 0.5, y + 0.5, "not asked", ha="center", va="center", fontsize=7, color=colour("soft"))
    axes.set_xlim(0, len(FACETS))
    axes.set_ylim(len(CRITERIA), 0)
    axes.set_xticks([place + 0.5 for place in range(len(FACETS))], FACETS)
    axes.set_yticks(
        [place + 0.5 for place in range(len(CRITERIA))],
        [f"{number + 1} {word}" for number, word in enumerate(_CRITERIA)],
    )
    axes.tick_params(length=0, top=False)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _nothing(drawn: Canvas, tally: Tally) -> None:
    """A picture that says that nothing was counted."""
    axes = drawn.add_subplot()
    axes.set_title(tally.title)
    axes.set_axis_off()
    axes.text(0.5, 0.5, _NONE.get(tally.id, "No model of this kind is in the sweep."), ha="center", va="center",
              color=colour("soft"), transform=axes.transAxes)  # fmt: skip


_NONE: Mapping[str, str] = MappingProxyType(
    {
        "openness-by-downloads": "No list told downloads: this sweep was asked for models by their names.",
        "labels-by-year": "Nothing tells when the models of this sweep were made or changed.",
        "licence-drift": "No model of this sweep names a base.",
    }
)
_DRAW: Mapping[str, Callable[[Canvas, Tally], None]] = MappingProxyType(
    {
        "labels-by-year": _labels,
        "labels-by-publisher": _labels,
        "openness-by-downloads": _downloads,
        "licence-drift": draw_flow,
        "basis-shares": _basis,
        "criteria": _heat,
    }
)


def _height(tally: Tally) -> float:
    """Inches that a picture needs."""
    groups = len({row[0] for row in tally.rows})
    match tally.id:
        case _ if not tally.of:
            return 1.6
        case "criteria":
            return 5.4
        case "openness-by-downloads":
            return 4.4
        case "licence-drift":
            return max(2.6, 0.36 * max(groups, len({row[1] for row in tally.rows})) + 1.4)
        case _:
            return 1.2 + 0.3 * groups


def _drawn(drawn: Canvas, tally: Tally) -> None:
    (_DRAW[tally.id] if tally.of else _nothing)(drawn, tally)


def svg_of(tally: Tally) -> str:
    """A tally's picture as SVG."""
    with canvas(WIDTH, _height(tally)) as drawn:
        _drawn(drawn, tally)
        return as_svg(drawn, tally.title, tally.says)


def pdf_of(tally: Tally) -> bytes:
    """A tally's picture as PDF, for a paper."""
    with canvas(WIDTH, _height(tally)) as drawn:
        _drawn(drawn, tally)
        return as_pdf(drawn)
