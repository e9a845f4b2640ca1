"""What changed since the sweep before: against the older rows of the same store, or against another store.

A change is one that a reader would see: another label, score, licence or fate. Whether the repository moved or osaudit
did is told apart: the first is a change of the commit, the second of the version, the readers or the packs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeAlias

from osaudit.site.downloads import csv_of, date_of, json_of
from osaudit.site.options import Site
from osaudit.site.writer import Made
from osaudit.verdict import LADDER

CHANGES_SCHEMA = 1
What: TypeAlias = Literal["new", "gone", "changed"]
Why: TypeAlias = Literal["", "repository", "osaudit", "both", "other"]


@dataclass(frozen=True, slots=True)
class Change:
    """A model that is new, gone, or other than before.

    `moved` is by how many rungs the label went up, or with a minus down. `why`: what is another, the repository's
    commit or osaudit (version, readers or packs). Times are seconds since 1970.
    """

    model: str
    what: What
    why: Why
    moved: int
    label_before: str | None
    label_after: str | None
    low_before: float | None
    low_after: float | None
    high_before: float | None
    high_after: float | None
    licence_before: str | None
    licence_after: str | None
    status_before: str | None
    status_after: str | None
    commit_before: str | None
    commit_after: str | None
    seen_before: int | None
    seen_after: int | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed: `compared` models have an older row; `since` is when the newest of these was looked at, or None."""

    since: int | None
    compared: int
    found: tuple[Change, ...]

    def count(self, what: What) -> int:
        """How many models are so."""
        return sum(one.what == what for one in self.found)


COLUMNS: tuple[str, ...] = tuple(one.name for one in fields(Change))
_RUN = 1_000_000_000
_RUNGS = f"[{', '.join(repr(label) for label in LADDER)}]"
_OLDER = f"""
CREATE OR REPLACE TEMP TABLE older AS
SELECT o.* FROM all_models o JOIN models n ON n.model = o.model AND o.seq // {_RUN} < n.seq // {_RUN}
QUALIFY row_number() OVER (PARTITION BY o.model ORDER BY o.seq DESC) = 1
"""
_FIRST = f"""
CREATE OR REPLACE TEMP TABLE fresh AS
SELECT model FROM all_models GROUP BY model
HAVING min(seq) // {_RUN} = (SELECT max(seq) // {_RUN} FROM all_models)
AND min(seq) // {_RUN} > (SELECT min(seq) // {_RUN} FROM all_models)
"""
_RUNG = "list_position(" + _RUNGS + ", CASE WHEN {0}.determined IS NOT false THEN {0}.label END)"
_MOVED = "o.commit IS DISTINCT FROM n.commit"
_OTHER = "(o.tool, o.readers, o.packs) IS DISTINCT FROM (n.tool, n.readers, n.packs)"
_CHANGED = f"""
SELECT coalesce(n.model, o.model) AS model,
  CASE WHEN o.model IS NULL THEN 'new' WHEN n.model IS NULL THEN 'gone' ELSE 'changed' END AS what,
  CASE WHEN o.model IS NULL OR n.model IS NULL THEN ''
    WHEN {_MOVED} AND {_OTHER} THEN 'both' WHEN {_MOVED} THEN 'repository' WHEN {_OTHER} THEN 'osaudit' ELSE 'other' END
    AS why,
  coalesce({_RUNG.format("n")} - {_RUNG.format("o")}, 0) AS moved,
  o.label, n.label, o.score_low, n.score_low, o.score_high, n.score_high, o.licence, n.licence, o.status, n.status,
  o.commit, n.commit, CAST(epoch(o.collected_at) AS BIGINT), CAST(epoch(n.collected_at) AS BIGINT)
FROM older o FULL JOIN (SELECT * FROM models WHERE {{some}}) n ON n.model = o.model
WHERE o.model IS NULL OR n.model IS NULL OR (o.status, o.label, o.score_low, o.score_high, o.licence)
  IS DISTINCT FROM (n.status, n.label, n.score_low, n.score_high, n.licence)
ORDER BY abs(moved) DESC, what, model
"""


def changes_of(site: Site) -> Changes:
    """Compare the newest rows with those of the sweep before, or of the store that `--since` names."""
    connection = site.connection
    if site.options.since is not None:
        connection.execute("CREATE OR REPLACE TEMP TABLE older AS SELECT * FROM since_models")
        some = "true"
    else:
        connection.execute(_OLDER)
        connection.execute(_FIRST)
        some = "model IN (FROM older SELECT model) OR model IN (FROM fresh SELECT model)"
    since, compared = connection.execute(
        "SELECT CAST(epoch(max(o.collected_at)) AS BIGINT), count(*) FROM older o JOIN models n ON n.model = o.model"
    ).fetchone()
    rows = connection.execute(_CHANGED.format(some=some)).fetchall()
    return Changes(since, compared, tuple(Change(*row) for row in rows))


def make(site: Site) -> Iterator[Made]:
    """`data/changes.json` and `data/changes.csv`."""
    told = changes_of(site)
    yield Made("data/changes.json", json_of(_document(told)))
    yield Made("data/changes.csv", csv_of(COLUMNS, (_row(one) for one in told.found)).encode())


def _row(one: Change) -> list[Any]:
    return [_shown(name, getattr(one, name)) for name in COLUMNS]


def _shown(name: str, value: Any) -> Any:  # noqa: ANN401 - a cell
    return date_of(value) if name.startswith("seen_") and value is not None else value


def _document(told: Changes) -> dict[str, Any]:
    return {
        "schema": CHANGES_SCHEMA,
        "since": None if told.since is None else date_of(told.since),
        "compared": told.compared,
        "counts": {what: told.count(what) for what in ("new", "gone", "changed")}
        | {"up": sum(one.moved > 0 for one in told.found), "down": sum(one.moved < 0 for one in told.found)},
        "changes": [dict(zip(COLUMNS, _row(one), strict=True)) for one in told.found],
    }
