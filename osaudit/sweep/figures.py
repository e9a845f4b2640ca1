"""A study's figures as text, CSV and LaTeX."""

from __future__ import annotations

from collections.abc import Sequence

from osaudit.render.neutral import plain
from osaudit.sweep.querying import Answer
from osaudit.sweep.study import Figure
from osaudit.sweep.tabular import as_csv, as_json

_COLUMNS = ("group", "what", "value", "count", "of", "low", "high", "published")
_LATEX = {sign: f"\\{sign}" for sign in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def figures_as(figures: Sequence[Figure], form: str) -> str:
    """Write figures in a form: text, csv, json or latex."""
    match form:
        case "csv":
            return as_csv(_answer(figures))
        case "json":
            return as_json(_answer(figures))
        case "latex":
            return _latex(figures)
        case _:
            return _text(figures)


def _answer(figures: Sequence[Figure]) -> Answer:
    return Answer(_COLUMNS, [tuple(getattr(one, name) for name in _COLUMNS) for one in figures])


def _text(figures: Sequence[Figure]) -> str:
    lines: list[str] = []
    for number, one in enumerate(figures):
        if not number or figures[number - 1].group != one.group:
            lines += ["", one.group] if lines else [one.group]
        lines.append(f"  {plain(one.what, 90):<84}  {_told(one)}")
        lines += [f"    published: {one.published}"] if one.published else []
    return "\n".join(lines) + "\n"


def _told(one: Figure) -> str:
    if one.low is None or one.high is None:
        return f"{one.value:.3f}" + (f"  (of {one.of:,})" if one.of is not None else "")
    if not one.of:
        return "none to count"
    return f"{one.value:6.1%}  [{one.low:.1%} to {one.high:.1%}]  {one.count:,} of {one.of:,}"


def _latex(figures: Sequence[Figure]) -> str:
    rows = [
        " & ".join(_escaped(cell) for cell in (one.group, plain(one.what, 80), _told(one), one.published)) + r" \\"
        for one in figures
    ]
    return "\n".join(
        [
            r"\begin{tabular}{llll}",
            r"\hline",
            r"group & figure & value & published \\",
            r"\hline",
            *rows,
            r"\hline",
            r"\end{tabular}",
            "",
        ]
    )


def _escaped(text: str) -> str:
    return "".join(_LATEX.get(sign, sign) for sign in text)
