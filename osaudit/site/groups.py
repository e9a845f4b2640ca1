"""Models by what they share, a publisher or a licence: an index with the share of each label, and a page for each."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from osaudit.render.neutral import plain
from osaudit.render.words import RUNGS
from osaudit.site.board import Row, rows
from osaudit.site.dots import dots_drawn, tally_words
from osaudit.site.frame import View, page, paged
from osaudit.site.naming import model_page
from osaudit.site.options import Site
from osaudit.site.rowviews import label_of, label_view, licence_words, score_view
from osaudit.site.symbols import badges_defined
from osaudit.site.writer import Made
from osaudit.verdict import UNTOLD

INDEX = 200
"""Rows on a page of an index, and of models on a group's page."""
FIRST = 50
"""Models on a group's page of a large site; the ranking, which the page leads to, has all."""
_FEW = 50
_LABELS = ", ".join(f"count(*) FILTER (stand = 'ranked' AND label = '{rung}')" for rung in reversed(tuple(RUNGS)))


@dataclass(frozen=True, slots=True)
class Group:
    """Models that share a value: how many, how many of each label from the highest, how many have no rank."""

    value: str
    name: str
    count: int
    labels: tuple[int, ...]
    apart: int
    digest: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What models are grouped by: the board's column and the one of its names, the pages, and what is said there.

    `many`: there may be nearly as many as models, so that a large site's pages of them are brief.
    """

    column: str
    name: str
    template: str
    room: str
    page_of: Callable[[str], str]
    more: Callable[[Site, Group, Sequence[Row]], View]
    many: bool = False


def make_groups(site: Site, kind: Kind) -> Iterator[Made]:
    """The index, then each group's page."""
    found = groups(site, kind)
    for number, (start, end) in paged(len(found), INDEX).items():
        path = index_page(kind, number)
        view = {
            "rows": [group_view(kind, one) for one in found[start:end]],
            "count": len(found),
            "page": number,
            "pages": len(paged(len(found), INDEX)),
            "before": index_page(kind, number - 1) if number > 1 else "",
            "after": index_page(kind, number + 1) if end < len(found) else "",
            "labels": labels(),
        }
        yield Made(path, page(site, f"{kind.template}s.html.j2", path, view=view))
    stale = []
    for one in found:
        path, key = kind.page_of(one.value), _key(site, kind, one)
        if site.former.kept(path, key):
            yield site.former.keep(path, key)
        else:
            stale.append(one)
    for at in range(0, len(stale), _FEW):
        yield from _pages(site, kind, stale[at : at + _FEW])


def listed(site: Site) -> int:
    """How many models, or steps between them, a page lists."""
    return FIRST if site.large else INDEX


def index_page(kind: Kind, number: int) -> str:
    """The index's page of a number."""
    return f"{kind.room}/index.html" if number == 1 else f"{kind.room}/index-{number}.html"


def _key(site: Site, kind: Kind, group: Group) -> str:
    return site.key(site.large, kind.column, group.value, group.name, group.digest)


def groups(site: Site, kind: Kind) -> list[Group]:
    """Every group, the largest first."""
    sql = (
        f"SELECT {kind.column}, min({kind.name}), count(*), {_LABELS}, count(*) FILTER (stand <> 'ranked'), "
        f"md5(string_agg(listed, ';' ORDER BY place)) FROM board WHERE {kind.column} <> '' "
        f"GROUP BY 1 ORDER BY 3 DESC, lower({kind.column}), 1"
    )
    return [
        Group(value, name or value, count, tuple(rest[:-2]), rest[-2], rest[-1])
        for value, name, count, *rest in site.connection.execute(sql).fetchall()
    ]


def _pages(site: Site, kind: Kind, found: Sequence[Group]) -> Iterator[Made]:
    """The pages of some groups, with the first models of each."""
    by_value = {one.value: one for one in found}
    where = (
        f"place IN (SELECT place FROM board WHERE {kind.column} IN (SELECT unnest(?)) "
        f"QUALIFY row_number() OVER (PARTITION BY {kind.column} ORDER BY place) <= {listed(site)})"
    )
    models: dict[str, list[Row]] = {}
    for row in rows(site.connection, where, list(by_value)):
        models.setdefault(getattr(row, kind.column), []).append(row)
    for value, group in by_value.items():
        path = kind.page_of(value)
        view = group_view(kind, group) | {
            "labels": labels(),
            "symbols": badges_defined(map(label_of, models[value])),
            "models": [line_view(row) for row in models[value]],
            "left": group.count - len(models[value]),
            **kind.more(site, group, models[value]),
        }
        data = page(site, f"{kind.template}.html.j2", path, dated=False, brief=kind.many and site.large, view=view)
        yield Made(path, data, _key(site, kind, group))


def group_view(kind: Kind, group: Group) -> View:
    """A group in an index: its name, how many models, the share of each label."""
    counts = [*zip(reversed(tuple(RUNGS)), group.labels, strict=True), ("untold", group.apart)]
    words = {"untold": "no rank"} | {str(rung): name for rung, name in RUNGS.items()}
    return {
        "name": plain(group.name, 120),
        "value": plain(group.value, 120),
        "href": kind.page_of(group.value),
        "count": f"{group.count:,}",
        "shares": [
            {"id": rung, "count": count, "words": f"{words[rung]}: {count:,}"} for rung, count in counts if count
        ],
        "words": "; ".join(f"{words[rung]}: {count:,}" for rung, count in counts if count),
    }


def labels() -> list[View]:
    """The labels, the highest first, for the key of the bars."""
    return [
        *({"id": rung, "words": name} for rung, name in reversed(tuple(RUNGS.items()))),
        {"id": "untold", "words": UNTOLD},
    ]


def line_view(row: Row) -> tuple[object, ...]:
    """A model in a short list: its page, its name, then the list's cells, each drawn."""
    score = score_view(row)
    licence = licence_words(row) if row.stand != "failed" else ""
    return (
        model_page(row.model),
        plain(row.model, 200),
        label_view(row)["named"],
        score["score"],
        score["bar"] if score["score"] else "",
        dots_drawn(row.dots),
        tally_words(row.dots) if row.dots else "",
        licence,
    )


def tops(site: Site, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401 - DuckDB's values
    """A few rows of an answer."""
    return list(itertools.islice(site.connection.execute(sql, list(parameters)).fetchall(), INDEX))
