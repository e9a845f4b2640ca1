"""What the pictures show, as tables: each picture is drawn from one, which lies beside it as CSV.

A tally counts the newest row of each model that was judged. Orders are total: the same store gives the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from osaudit.sweep.study import wilson
from osaudit.sweep.tabular import cell_text
from osaudit.verdict import BASES, FACETS, LADDER

PUBLISHERS = 15
LICENCES = 8
POINTS = 400
"""Up to so many models are shown one by one; more are gathered by decade of downloads and tenth of the score."""
UNTOLD_ID = "could-not-be-told"
"""The id, in data, of a label that a partial file list leaves open."""
OTHERS = "others"
UNKNOWN = "not known"
NOT_READ, DROPS, KEEPS = "base not read", "drops terms", "drops none"
_NOT_SEEN = "not seen"
"""What an edge has for the licence of a base that was not read."""
CRITERIA = tuple(f"OSD-{number}" for number in range(1, 11))

_LABEL = f"CASE WHEN determined IS false THEN '{UNTOLD_ID}' ELSE label END"
_JUDGED = "FROM models WHERE status = 'judged'"


@dataclass(frozen=True, slots=True)
class Tally:
    """A table of counts: its file's name, its title, what it says and of what, its columns and rows.

    `of` is how many models, links or cells were counted; with none, the picture says so.
    """

    id: str
    title: str
    says: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    of: int

    def as_csv(self) -> str:
        """The rows as CSV, no cell of which is a formula of a spreadsheet."""
        import csv  # noqa: PLC0415 - a page is drawn without it
        import io  # noqa: PLC0415 - as above

        sink = io.StringIO()
        writer = csv.writer(sink, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows([cell_text(value) for value in row] for row in self.rows)
        return sink.getvalue()


def _by_ladder(label: str | None) -> int:
    return [UNTOLD_ID, *LADDER].index(label or UNTOLD_ID)


def _shares(counted: Sequence[tuple[Any, str, int]]) -> tuple[tuple[Any, ...], ...]:
    """Lay the share of its group and Wilson's 95 % interval beside each count."""
    of: dict[Any, int] = {}
    for group, _, count in counted:
        of[group] = of.get(group, 0) + count
    return tuple(
        (group, label, count, of[group], *(round(one, 6) for one in (count / of[group], *wilson(count, of[group]))))
        for group, label, count in counted
    )


_SHARE = ("models", "of", "share", "share_low", "share_high")


def labels_by_year(connection: Any) -> Tally:  # noqa: ANN401 - DuckDB's connection
    """Shares of the labels by the year that a model was made in, or changed last in where no list told the former."""
    rows = connection.execute(
        f"SELECT year(coalesce(created_at, last_modified)) AS y, {_LABEL} AS l, count(*) {_JUDGED} "
        "AND coalesce(created_at, last_modified) IS NOT NULL GROUP BY ALL"
    ).fetchall()
    rows = sorted(rows, key=lambda row: (row[0], _by_ladder(row[1])))
    return Tally(
        "labels-by-year",
        "Labels by year",
        "Models by the year they were made in, or last changed in where no list told when they were made.",
        ("year", "label", *_SHARE),
        _shares(rows),
        sum(row[2] for row in rows),
    )


def labels_by_publisher(connection: Any) -> Tally:  # noqa: ANN401 - as above
    """Labels of the publishers with most models; the rest are one row."""
    first = connection.execute(
        f"SELECT owner, count(*) {_JUDGED} AND owner <> '' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {PUBLISHERS}"
    ).fetchall()
    order = [owner for owner, _ in first]
    rows = connection.execute(
        f"SELECT CASE WHEN list_contains(?, owner) THEN owner END AS o, {_LABEL} AS l, count(*) {_JUDGED} GROUP BY ALL",
        [order],
    ).fetchall()
    rows = [(owner or OTHERS, label, count) for owner, label, count in rows]
    rows.sort(key=lambda row: ([*order, OTHERS].index(row[0]), _by_ladder(row[1])))
    return Tally(
        "labels-by-publisher",
        "Labels by publisher",
        f"The {PUBLISHERS} publishers with most models, and all others.",
        ("publisher", "label", *_SHARE),
        _shares(rows),
        sum(row[2] for row in rows),
    )


def openness_by_downloads(connection: Any) -> Tally:  # noqa: ANN401 - as above
    """Score against the downloads of the last 30 days: a row a model, or a row a field of a grid."""
    told = f"{_JUDGED} AND ranked AND downloads IS NOT NULL AND score_low IS NOT NULL"
    (of,) = connection.execute(f"SELECT count(*) {told}").fetchone()
    single = of <= POINTS
    if single:
        columns = ("model", "label", "downloads", "score_low", "score_high")
        rows = connection.execute(
            f"SELECT model, {_LABEL}, downloads, score_low, score_high {told} ORDER BY downloads DESC, model"
        ).fetchall()
    else:
        columns = ("downloads_from", "downloads_below", "score_from", "score_to", "models")
        rows = connection.execute(
            "SELECT CASE WHEN d < 0 THEN 0 ELSE CAST(pow(10, d / 2.0) AS BIGINT) END, "
            "CAST(pow(10, (d + 1) / 2.0) AS BIGINT), s * 10, s * 10 + 10, n FROM (SELECT CASE WHEN downloads < 1 "
            "THEN -1 ELSE CAST(floor(2 * log10(downloads) + 1e-9) AS INTEGER) END AS d, "
            f"CAST(least(9, floor(score_low / 10)) AS INTEGER) AS s, count(*) AS n {told} GROUP BY ALL) ORDER BY d, s"
        ).fetchall()
    what = "A dot a model, its bar up to the score if every review passed." if single else "Models in each field."
    return Tally(
        "openness-by-downloads",
        "Openness against downloads",
        f"Score, reviews counted as 0, against downloads of the last 30 days. {what}",
        columns,
        tuple(rows),
        of,
    )


def _licence_name(name: str | None) -> str:
    """A licence's name without how it is known."""
    found = (name or "").partition(" (told by")[0]
    return UNKNOWN if found in {"", _NOT_SEEN} else found


def licence_drift(connection: Any) -> Tally:  # noqa: ANN401 - as above
    """From a base's licence to the licence of what was made from it, a link each."""
    unread = f"coalesce(e.parent_licence, '{_NOT_SEEN}') = '{_NOT_SEEN}'"
    rows = connection.execute(
        "SELECT e.parent_licence, m.licence_name, CASE WHEN len(e.dropped) > 0 THEN "
        f"'{DROPS}' WHEN {unread} THEN '{NOT_READ}' ELSE '{KEEPS}' END "
        "AS d, "
        "count(*) FROM (SELECT DISTINCT child, parent, parent_licence, dropped, parent_seen FROM edges "
        "WHERE child = model) e JOIN models m ON m.model = e.child WHERE m.status = 'judged' GROUP BY ALL"
    ).fetchall()
    links: dict[tuple[str, str, str], int] = {}
    for base, own, drops, count in rows:
        key = (_licence_name(base), _licence_name(own), drops)
        links[key] = links.get(key, 0) + count
    kept = [_frequent(links, side) for side in (0, 1)]
    merged: dict[tuple[str, str, str], int] = {}
    for (base, own, drops), count in links.items():
        key = (base if base in kept[0] else OTHERS, own if own in kept[1] else OTHERS, drops)
        merged[key] = merged.get(key, 0) + count
    found = sorted(((*key, count) for key, count in merged.items()), key=lambda row: (-row[3], row[:3]))
    return Tally(
        "licence-drift",
        "Licence drift along lineage",
        "Links from a base's licence (left) to the licence of what was made from it (right).",
        ("base_licence", "licence", "terms", "links"),
        tuple(found),
        sum(row[3] for row in found),
    )


def _frequent(links: dict[tuple[str, str, str], int], side: int) -> set[str]:
    counts: dict[str, int] = {}
    for key, count in links.items():
        counts[key[side]] = counts.get(key[side], 0) + count
    named = sorted(counts, key=lambda name: (-counts[name], name))
    return set(named if len(named) <= LICENCES + 1 else named[:LICENCES])


def basis_shares(connection: Any) -> Tally:  # noqa: ANN401 - as above
    """What labels, licences and the cells of each facet rest on."""
    rows = connection.execute(
        f"SELECT 'label' AS w, label_basis AS b, count(*) {_JUDGED} GROUP BY ALL UNION ALL "
        f"SELECT 'licence', licence_basis, count(*) {_JUDGED} AND licence_basis IS NOT NULL GROUP BY ALL UNION ALL "
        "SELECT 'cells: ' || facet, basis, CAST(sum(cells) AS BIGINT) FROM cell_counts "
        "WHERE outcome <> 'not_applicable' GROUP BY ALL"
    ).fetchall()
    order = ["label", "licence", *(f"cells: {facet}" for facet in FACETS)]
    rows = [(what, basis or "inferred", count) for what, basis, count in rows]
    rows.sort(key=lambda row: (order.index(row[0]), BASES.index(row[1])))
    (of,) = connection.execute(f"SELECT count(*) {_JUDGED}").fetchone()
    return Tally(
        "basis-shares",
        "What verdicts rest on",
        "The weakest thing that a label, a licence or a cell rests on.",
        ("what", "basis", "count", *_SHARE[1:]),
        _shares(rows),
        of,
    )


def criteria_heat(connection: Any) -> Tally:  # noqa: ANN401 - as above
    """How each of the forty cells came out."""
    outcomes = ("pass", "partial", "fail", "not_applicable", "review")
    counts = ", ".join(f"coalesce(CAST(sum(cells) FILTER (outcome = '{one}') AS BIGINT), 0)" for one in outcomes)
    found = {
        (criterion, facet): row
        for criterion, facet, *row in connection.execute(
            f"SELECT criterion, facet, {counts} FROM cell_counts GROUP BY ALL"
        ).fetchall()
    }
    rows = []
    for criterion in CRITERIA:
        for facet in FACETS:
            row = found.get((criterion, facet), [0] * len(outcomes))
            asked = sum(row) - row[outcomes.index("not_applicable")]
            shares = (row[0] / asked, *wilson(row[0], asked)) if asked else (None, None, None)
            rows.append((criterion, facet, *row, asked, *(one if one is None else round(one, 6) for one in shares)))
    return Tally(
        "criteria",
        "Criteria by facet",
        "Share of models that pass each cell, of those that it applies to; open: the share that a person must look at.",
        ("criterion", "facet", *outcomes, "asked", "pass_share", "pass_low", "pass_high"),
        tuple(rows),
        sum(row[7] for row in rows),
    )


TALLIES: tuple[Callable[[Any], Tally], ...] = (
    labels_by_year,
    labels_by_publisher,
    openness_by_downloads,
    licence_drift,
    basis_shares,
    criteria_heat,
)


def counted(connection: Any) -> None:  # noqa: ANN401 - as above
    """Make the table `cell_counts`: how many cells came out how, on what basis. It is counted once for all who ask."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS cell_counts AS SELECT criterion, facet, outcome, counted, basis, count(*) AS cells "
        "FROM cells WHERE pack = 'osd' GROUP BY ALL"
    )


def tallied(connection: Any) -> tuple[Tally, ...]:  # noqa: ANN401 - as above
    """Every tally of a store, in the order of the pictures."""
    counted(connection)
    return tuple(tally(connection) for tally in TALLIES)
