"""The ranking's pages as a browser without script shows them: those ranked, and apart those that have no rank."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from osaudit.licences.grants import load_vocabulary
from osaudit.render.html import macro
from osaudit.render.usewords import ANSWERS as ANSWER_WORDS
from osaudit.render.words import RUNGS
from osaudit.site.board import ANSWERS, Stand, rows
from osaudit.site.dots import legend
from osaudit.site.frame import View, page, paged, share_words
from osaudit.site.options import Site
from osaudit.site.rowviews import KINDS, SHOWN_USES, row_view, use_drawn
from osaudit.site.writer import Made

PAGE = 50
"""Rows on a page."""
FIRST = 40
"""Pages of a stand that a large site has for those who run no script."""
ROOMS: dict[Stand, tuple[str, str, str]] = {
    "ranked": (
        "index.html",
        "Ranked",
        "By label, then by the score; models that differ in neither share a rank. Each verdict names what it rests on.",
    ),
    "untold": (
        "untold.html",
        "Could not be told",
        "What was seen of these (a partial file list, refused files) does not settle even the lowest labels: no rank.",
    ),
    "listed": (
        "listed.html",
        "Only listed",
        "Of these the Hub's list alone was read, and no text: no label above Weights Available is given, and no rank.",
    ),
    "failed": (
        "failed.html",
        "Could not be judged",
        "These were asked for, and could not be looked at. They have no rank.",
    ),
}
"""Where models stand: the page, its name, and what it says of them."""
HEADS: dict[Stand, str] = {
    "ranked": "Models by openness",
    "untold": "Models of which it could not be told",
    "listed": "Models that were only listed",
    "failed": "Models that could not be judged",
}
_COLUMNS = 9


def page_of(stand: Stand, number: int) -> str:
    """The page of a number, from the site's root."""
    first = ROOMS[stand][0]
    return first if number == 1 else f"ranking/{first.removesuffix('.html').replace('index', 'page')}-{number}.html"


def make(site: Site) -> Iterator[Made]:
    """The page that compares, and one for each fifty rows of each stand; a large site's first pages alone.

    The script pages through all rows, and so does whoever opens the data; a page of rows is some 150 kB.
    """
    yield Made("compare.html", page(site, "compare.html.j2", "compare.html"))
    has = present(site)
    first = 1
    for stand, count in site.summary.stands.items():
        if count or stand == "ranked":
            pages = paged(count, PAGE)
            made = min(len(pages), FIRST) if site.large else len(pages)
            for number, (start, end) in itertools.islice(pages.items(), made):
                where = "stand = ? AND place BETWEEN ? AND ?"
                found = list(rows(site.connection, where, stand, first + start, first + end - 1))
                path = page_of(stand, number)
                view = _view(site, stand, number, (len(pages), made)) | {
                    "rows": [row_view(row) for row in found],
                    "has": has,
                }
                yield Made(path, page(site, "ranking.html.j2", path, view=view))
        first += count


def present(site: Site) -> View:
    """Which of the columns that a store may lack hold anything."""
    sql = (
        "SELECT count(downloads) > 0, count(coalesce(parameters, weight_bytes)) > 0, "
        "count(*) FILTER (level <> '') > 0, count(*) FILTER (task <> '') > 0 FROM board"
    )
    return dict(zip(("downloads", "size", "probe", "task"), site.connection.execute(sql).fetchone(), strict=True))


def _view(site: Site, stand: Stand, number: int, pages: tuple[int, int]) -> View:
    of, made = pages
    return {
        "title": "" if (stand, number) == ("ranked", 1) else f"{HEADS[stand]}, page {number}",
        "head": HEADS[stand],
        "lede": ROOMS[stand][2],
        "stand": stand,
        "stands": _stands(site, stand),
        "labels": labels(site) if stand == "ranked" else [],
        "shares_words": _shares(site),
        "page": number,
        "pages": of,
        "before": page_of(stand, number - 1) if number > 1 else "",
        "after": page_of(stand, number + 1) if number < made else "",
        "legend": legend(),
        "uses": [{"id": use, "words": load_vocabulary().uses[use].name} for use in SHOWN_USES],
        "answers": answers(),
        "blank": blank(),
        "blank_use": use_drawn(SHOWN_USES[0], "review", ""),
        "width": _COLUMNS,
    }


def _stands(site: Site, here: Stand) -> list[View]:
    return [
        {"href": ROOMS[stand][0], "words": ROOMS[stand][1], "count": f"{count:,}", "here": stand == here}
        for stand, count in site.summary.stands.items()
        if count or stand in {"ranked", here}
    ]


def labels(site: Site) -> list[View]:
    """How many ranked models have each label, the highest first."""
    return [{"id": rung, "words": RUNGS[rung], "count": site.summary.labels[rung]} for rung in reversed(tuple(RUNGS))]


def _shares(site: Site) -> str:
    of = sum(site.summary.labels.values())
    return "; ".join(f"{one['words']}: {one['count']}, {share_words(one['count'], of)}" for one in labels(site))


def answers() -> list[View]:
    """What the marks beside a use mean."""
    return [{"kind": KINDS[letter], "words": ANSWER_WORDS[answer]} for letter, answer in _known().items()]


def _known() -> dict[str, Any]:
    return {letter: answer for letter, answer in ANSWERS.items() if answer}


def blank() -> View:
    """A row without words, which the script fills: the one form of a row, written once."""
    texts = (
        "rank",
        "owner",
        "name",
        "facts",
        "score",
        "tally",
        "licence",
        "licence_basis",
        "reviews",
        "downloads",
        "size",
    )
    view: View = dict.fromkeys((*texts, "probe", "date", "label_words", "dots_raw"), "")
    shown = dict.fromkeys(("href", "licence_href", "flags"), "-")
    pieces = {"named": ("untold", "", "-", "-"), "bar": (0, 0), "dots": ([("pass", "")],)}
    return view | shown | {"uses": []} | {name: macro("site/rows.html.j2", name, *of) for name, of in pieces.items()}
