"""A page a criterion: what it asks of each facet, how many models pass, and why the others do not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osaudit.packs import Cell, Criterion, load_pack
from osaudit.render.html import legend
from osaudit.render.neutral import plain
from osaudit.render.words import FACET_HEADS, MARKS, NOTHING
from osaudit.site.board import OUTCOMES
from osaudit.site.frame import View, page
from osaudit.site.naming import criterion_page
from osaudit.site.options import Site
from osaudit.site.tallies import counted
from osaudit.site.writer import Made
from osaudit.verdict import FACETS, Facet

_REASONS = 8
_KINDS = tuple(OUTCOMES.values())
_NAMED = re.compile(r"[\w.-]+/[\w.-]+|\b\d[\d,.]*\b")
_COUNTS = """
SELECT criterion, facet, CASE WHEN outcome = 'not_applicable' AND counted THEN 'nothing' ELSE outcome END,
  CAST(sum(cells) AS BIGINT)
FROM cell_counts GROUP BY ALL
"""
_WHY = """
CREATE TABLE why AS
SELECT * FROM (
  SELECT criterion, facet, outcome, left(split_part(replace(because, 'e.g. ', 'e.g.'), '. ', 1), 300) AS told,
    count(*) AS models
  FROM cells WHERE pack = 'osd' AND outcome IN ('fail', 'review') GROUP BY 1, 2, 3, 4
) QUALIFY row_number() OVER (PARTITION BY criterion, facet, outcome ORDER BY models DESC, told) <= 200
"""


def make(site: Site) -> Iterator[Made]:
    """The grid of all cells, and a page for each criterion of the Open Source Definition."""
    counted(site.connection)
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for criterion, facet, outcome, count in site.connection.execute(_COUNTS).fetchall():
        counts.setdefault((criterion, facet), {})[outcome] = count
    site.connection.execute(_WHY)
    pack = load_pack()
    path = "criteria/index.html"
    view = {
        "definition": pack.definition,
        "of": f"{max((sum(one.values()) for one in counts.values()), default=0):,}",
        "legend": legend(),
        "facets": list(FACET_HEADS.values()),
        "rows": [_row(one, counts) for one in pack.criteria],
    }
    yield Made(path, page(site, "criteria.html.j2", path, view=view))
    for one in pack.criteria:
        path = criterion_page(one.id)
        yield Made(path, page(site, "criterion.html.j2", path, view=_view(site, one, counts)))


def _row(one: Criterion, counts: dict[tuple[str, str], dict[str, int]]) -> View:
    cells = [{"facet": FACET_HEADS[facet], **_shares(counts.get((one.id, facet), {}))} for facet in FACETS]
    return {"id": one.id, "title": one.title, "href": criterion_page(one.id), "cells": cells}


def _shares(counts: dict[str, int]) -> View:
    """The count of each outcome, in the order of the marks."""
    words = {kind: (NOTHING if kind == "nothing" else MARKS[kind]).word for kind in _KINDS}  # type: ignore[index] # the others are outcomes
    shares = [
        {"id": kind, "count": counts[kind], "words": f"{words[kind]} {counts[kind]:,}"}
        for kind in _KINDS
        if counts.get(kind)
    ]
    return {
        "shares": shares,
        "words": ", ".join(str(one["words"]) for one in shares),
        "passes": f"{counts.get('pass', 0):,}",
    }


def _view(site: Site, one: Criterion, counts: dict[tuple[str, str], dict[str, int]]) -> View:
    return {
        "id": one.id,
        "title": one.title,
        "demands": one.demands,
        "query": one.id.lower(),
        "cells": [
            {
                "facet": facet,
                "head": FACET_HEADS[facet],
                "fails": _reasons(site, one.id, facet, "fail"),
                "opens": _reasons(site, one.id, facet, "review"),
                **_cell(cell),
                **_shares(counts.get((one.id, facet), {})),
            }
            for facet, cell in one.cells.items()
        ],
    }


def _cell(cell: Cell) -> View:
    when = (("pass", cell.passes), ("partial", cell.partial), ("fail", cell.fails), ("review", cell.review))
    return {
        "question": cell.question,
        "remedy": cell.remedy,
        "when": [(kind, words) for kind, words in when if words],
    }


def _reasons(site: Site, criterion: str, facet: Facet, outcome: str) -> list[View]:
    """The most frequent first sentences; those that differ in a name or a number alone are one."""
    sql = "SELECT told, models FROM why WHERE criterion = ? AND facet = ? AND outcome = ? ORDER BY models DESC, told"
    merged: dict[str, tuple[str, int]] = {}
    for told, models in site.connection.execute(sql, [criterion, facet, outcome]).fetchall():
        form = _NAMED.sub("…", told)
        first, count = merged.get(form, (told, 0))
        merged[form] = (first if first == told else form, count + models)
    found = sorted(merged.items(), key=lambda one: (-one[1][1], one[0]))[:_REASONS]
    return [{"words": plain(told, 300), "count": f"{count:,}", "href": ""} for _, (told, count) in found]
