"""Tables (booktabs) and figures (PDF) for a paper, and a small paper that shows them all."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import Any

from osaudit.render.neutral import plain
from osaudit.site.board import Row, rows
from osaudit.site.options import Site
from osaudit.site.tallies import Tally
from osaudit.site.writer import Made
from osaudit.sweep.querying import plain_value
from osaudit.verdict import LADDER

RANKED = 25
_ROWS = 60
"""A table longer than a page is cut, and says so: the CSV beside the picture has every row."""
_HEADS = {
    "score_low": "score",
    "share_low": "low",
    "share_high": "high",
    "pass_share": "share",
    "not_applicable": "n/a",
}


def paper(site: Site, tallies: Sequence[Tally]) -> Iterator[Made]:
    """`latex/tables/*.tex`, `latex/figures/*.pdf` and `latex/paper.tex`."""
    from osaudit.site.charts import pdf_of  # noqa: PLC0415 - it takes a while to load

    yield Made("latex/tables/ranking.tex", ranking_table(site).encode())
    for tally in tallies:
        yield Made(f"latex/tables/{tally.id}.tex", table_of(tally).encode())
        path, key = f"latex/figures/{tally.id}.pdf", site.key("pdf", tally)
        yield site.former.keep(path, key) if site.former.kept(path, key) else Made(path, pdf_of(tally), key)
    yield Made("latex/paper.tex", _paper(site, tallies).encode())


@functools.cache
def _encoder() -> Any:  # noqa: ANN401 - an extra's
    from pylatexenc.latexencode import UnicodeToLatexEncoder  # noqa: PLC0415 - an extra, which papers alone need

    return UnicodeToLatexEncoder(unknown_char_policy="replace", unknown_char_warning=False)


def tex(text: str, limit: int = 80) -> str:
    """A stranger's words as LaTeX text: no command, comment, parameter or formula comes of them."""
    found: str = _encoder().unicode_to_latex(plain(text, limit))
    return found


def table_of(tally: Tally) -> str:
    """A tally as a table: `booktabs` is the only package that it needs."""
    numeric = {at for at in range(len(tally.columns)) if tally.rows and all(_is_number(row[at]) for row in tally.rows)}
    align = "".join("r" if at in numeric else "l" for at in range(len(tally.columns)))
    heads = [tex(_HEADS.get(name, name.replace("_", " "))) for name in tally.columns]
    rows = [[_cell(name, value) for name, value in zip(tally.columns, row, strict=True)] for row in tally.rows[:_ROWS]]
    more = len(tally.rows) - _ROWS
    caption = f"{tally.title}. {tally.says}" + (f" The first {_ROWS} of {len(tally.rows):,} rows." if more > 0 else "")
    return _table(tally.id, tex(caption, 600), align, heads, rows)


def ranking_table(site: Site) -> str:
    """The first of the ranking."""
    heads = ["rank", "model", "label", "rests on", "score", "licence"]
    found = list(rows(site.connection, "stand = 'ranked' AND place <= ?", RANKED))
    of = f"The first {len(found):,} of {site.summary.stands['ranked']:,} ranked models"
    caption = f"{of}; scores are ranges, reviews as 0 and as 1."
    return _table("ranking", tex(caption, 400), "rlllrl", heads, [_ranked(row) for row in found])


def _ranked(row: Row) -> list[str]:
    label = next((name for known, name in LADDER.items() if known == row.label), row.label) + (
        " (candidate)" if row.candidate else ""
    )
    score = f"{row.low:.0f}" if row.low == row.high else f"{row.low:.0f}--{row.high:.0f}"
    return [
        str(row.rank),
        tex(row.model),
        tex(label),
        tex(row.basis),
        score,
        tex(row.spdx or row.licence_name or "none"),
    ]


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _cell(name: str, value: Any) -> str:  # noqa: ANN401 - a cell
    if value is None:
        return "--"
    if isinstance(value, float):
        return f"{value * 100:.1f}\\,\\%" if "share" in name else f"{value:.1f}"
    if isinstance(value, int) and name != "year":
        return f"{value:,}"
    return tex(str(plain_value(value)))


def _table(name: str, caption: str, align: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [" & ".join(row) + r" \\" for row in rows] or [rf"\multicolumn{{{len(heads)}}}{{l}}{{none}} \\"]
    return "\n".join(
        [
            r"\begin{table}[htbp]",
            r"\centering",
            r"\small",
            rf"\caption{{{caption}}}",
            rf"\label{{tab:{name}}}",
            rf"\begin{{tabular}}{{@{{}}{align}@{{}}}}",
            r"\toprule",
            " & ".join(heads) + r" \\",
            r"\midrule",
            *lines,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def _paper(site: Site, tallies: Sequence[Tally]) -> str:
    """A document that holds every table and figure, to take from."""
    figures = [
        "\n".join(
            [
                r"\begin{figure}[htbp]",
                r"\centering",
                rf"\includegraphics[width=\linewidth]{{figures/{one.id}.pdf}}",
                rf"\caption{{{tex(f'{one.title}. {one.says}', 600)}}}",
                rf"\label{{fig:{one.id}}}",
                r"\end{figure}",
            ]
        )
        for one in tallies
    ]
    return "\n".join(
        [
            r"\documentclass{article}",
            r"\usepackage[utf8]{inputenc}",
            r"\usepackage[T1]{fontenc}",
            r"\usepackage{booktabs}",
            r"\usepackage{graphicx}",
            r"\usepackage[margin=2cm]{geometry}",
            r"\begin{document}",
            rf"\section*{{{tex(site.options.title, 200)}}}",
            *(rf"\input{{tables/{name}}}" for name in ("ranking", *(one.id for one in tallies))),
            *figures,
            r"\end{document}",
            "",
        ]
    )
