"""The kinds of figures that papers give, on a store: shares with confidence intervals, beside the published ones.

A share's interval is Wilson's (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927), at 95 %. The models of a store are whatever
was swept: a figure speaks of all models of the Hub where a store is a random sample of it, and of the store otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from osaudit.sweep.place import Place
from osaudit.sweep.querying import connected
from osaudit.verdict import FACETS

Z = 1.959963984540054
"""The normal distribution's quantile for 95 %."""
TOP = 50
FACTORS = (0.0, 0.5, 2.0)
"""By what a facet's weight is multiplied, where the ranks' sensitivity is looked at."""
_LINEAGE = "conflict.kind IN ('lineage-drops-terms', 'lineage-may-drop-terms')"
_TEXT = "('tag-text', 'card-text', 'card-tag', 'text-text', 'card-restriction', 'policy-adds-terms')"
_PERMISSIVE = (
    "list_has_any(tags, ['mit', 'apache-2.0', 'bsd', 'bsd-2-clause', 'bsd-3-clause', 'isc', 'unlicense', 'cc0-1.0', "
    "'zlib', 'bsl-1.0', 'cc-by-4.0'])"
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: a share with its count, or a number; `low` and `high` are the interval of a share, as shares.

    `published` is what somebody else found, of other models and by another method, with its source.
    """

    group: str
    what: str
    value: float
    count: int | None = None
    of: int | None = None
    low: float | None = None
    high: float | None = None
    published: str = ""


def wilson(count: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    if not of:
        return 0.0, 1.0
    share, z2 = count / of, Z * Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z / (1 + z2 / of) * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def share(group: str, what: str, count: int, of: int, published: str = "") -> Figure:
    """A share with its interval."""
    return Figure(group, what, count / of if of else 0.0, count, of, *wilson(count, of), published)


_CONTRADICTED = (
    f"count(*) FILTER ({_PERMISSIVE} AND EXISTS (FROM findings f WHERE f.model = models.model "
    f"AND f.sort = 'conflict' AND f.kind IN {_TEXT}))"
)

_SHARES: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "licences",
        "models without a licence text",
        "count(*) FILTER (licence_texts = 0)",
        "count(*)",
        "95.8 % (arXiv 2602.08816)",
    ),
    ("licences", "models without any licence", "count(*) FILTER (label = 'unlicensed')", "count(*)", ""),
    (
        "licences",
        "models with a permissive tag that text, card or policy contradict",
        _CONTRADICTED,
        f"count(*) FILTER ({_PERMISSIVE})",
        "",
    ),
    ("licences", "models behind a gate", "count(*) FILTER (gated IN ('auto', 'manual'))", "count(*)", ""),
)
_EDGES: tuple[tuple[str, str, str, str], ...] = (
    (
        "links to a model that drop terms of it, of those whose model was seen",
        "count(*) FILTER (len(dropped) > 0)",
        "count(*)",
        "35.5 % of links from models to applications (arXiv 2509.09873)",
    ),
)


def study(place: Place, top: int = 10) -> list[Figure]:
    """Compute every figure over the newest rows of the models that were judged; `top` bounds each list."""
    with connected(place) as connection:
        return [
            *_licences(connection),
            *_lineage(connection),
            *_labels(connection),
            *_by(connection, "owner", "owner", top),
            *_by(connection, "task", "task", top),
            *_by(connection, "year", "year(coalesce(created_at, last_modified))", top),
            *_sensitivity(connection),
        ]


def _licences(connection: Any) -> Iterator[Figure]:  # noqa: ANN401 - DuckDB's connection
    for group, what, count, of, published in _SHARES:
        sql = f"SELECT {count}, {of} FROM models WHERE status = 'judged'"  # noqa: S608 - our own words
        number, whole = connection.execute(sql).fetchone()
        yield share(group, what, number, whole, published)


def _lineage(connection: Any) -> Iterator[Figure]:  # noqa: ANN401 - as above
    for what, count, of, published in _EDGES:
        sql = f"SELECT {count}, {of} FROM edges WHERE parent_seen"  # noqa: S608 - our own words
        number, whole = connection.execute(sql).fetchone()
        yield share("lineage", what, number, whole, published)
    sql = (
        "SELECT relation, count(*) FILTER (len(dropped) > 0), count(*) FROM edges WHERE parent_seen "
        "GROUP BY 1 ORDER BY 1"
    )
    for relation, dropped, seen in connection.execute(sql).fetchall():
        yield share("lineage", f"links of the kind {relation} that drop terms", dropped, seen)
    sql = (
        "SELECT count(*) FILTER (EXISTS (FROM findings conflict WHERE conflict.model = models.model "  # noqa: S608
        f"AND conflict.sort = 'conflict' AND {_LINEAGE})), count(*) FROM models "
        "WHERE status = 'judged' AND len(bases) > 0"
    )
    count, of = connection.execute(sql).fetchone()
    published = "89.7 % of derivatives have conflicts (LISCAN.AI)"
    yield share("lineage", "derivatives that drop terms of what they were made from", count, of, published)


def _labels(connection: Any) -> Iterator[Figure]:  # noqa: ANN401 - as above
    (of,) = connection.execute("SELECT count(*) FROM models WHERE status = 'judged'").fetchone()
    sql = "SELECT label, count(*) FROM models WHERE status = 'judged' GROUP BY 1 ORDER BY 2 DESC, 1"
    for label, count in connection.execute(sql).fetchall():
        yield share("label", label, count, of)


def _by(connection: Any, name: str, column: str, top: int) -> Iterator[Figure]:  # noqa: ANN401 - as above
    """The share of Open Weights and better among the models of each of the most frequent values."""
    sql = (
        f"SELECT CAST({column} AS VARCHAR), count(*) FILTER (label NOT IN ('not-available', 'unlicensed', "  # noqa: S608
        f"'weights-available')), count(*) FROM models WHERE status = 'judged' AND {column} IS NOT NULL "
        f"GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT {int(top)}"
    )
    for value, count, of in connection.execute(sql).fetchall():
        yield share(f"open weights by {name}", value or "(none)", count, of)


def _sensitivity(connection: Any) -> Iterator[Figure]:  # noqa: ANN401 - as above
    """How ranks move where one facet weighs more or less: Spearman's correlation, and how much of the top stays."""
    connection.execute(
        "CREATE TEMP TABLE sums AS SELECT model, facet, sum(weight) AS whole, sum(weight * CASE outcome "
        "WHEN 'pass' THEN 1.0 WHEN 'partial' THEN 0.5 ELSE 0.0 END) AS got FROM cells "
        "WHERE pack = 'osd' AND (outcome <> 'not_applicable' OR counted) GROUP BY ALL"
    )
    (models,) = connection.execute("SELECT count(DISTINCT model) FROM sums").fetchone()
    if models < 2:  # noqa: PLR2004 - one model has no rank
        return
    for facet in FACETS:
        for factor in FACTORS:
            sql = (
                "WITH scores AS (SELECT model, sum(got) / sum(whole) AS plain, "  # noqa: S608 - our own words
                f"sum(got * CASE facet WHEN '{facet}' THEN {factor} ELSE 1 END) / "
                f"nullif(sum(whole * CASE facet WHEN '{facet}' THEN {factor} ELSE 1 END), 0) AS other "
                "FROM sums GROUP BY model), "
                f"ranks AS (SELECT model, {_rank('plain')} AS a, {_rank('other')} AS b FROM scores) "
                f"SELECT corr(a, b), count(*) FILTER (a <= {TOP} AND b <= {TOP}), "
                f"count(*) FILTER (a <= {TOP}) FROM ranks"
            )
            correlation, stay, first = connection.execute(sql).fetchone()
            words = f"the facet {facet} weighs {factor:g} times as much"
            if correlation is not None and math.isfinite(correlation):
                yield Figure("ranks", f"Spearman's correlation where {words}", correlation, of=models)
            yield share("ranks", f"of the first {TOP} that stay there where {words}", stay, first)


def _rank(column: str) -> str:
    """The rank by a column, the highest first; those that are equal share the mean of their ranks."""
    return f"(rank() OVER (ORDER BY {column} DESC)) + (count(*) OVER (PARTITION BY {column}) - 1) / 2.0"
