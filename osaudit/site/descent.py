"""Families: which models were made from which, by the lineage that the store's edges tell, as a table of the board.

A model's family is named by the end of its chain: its parent's parent's parent, whichever was named first. A merge has
several parents, and belongs to the family of the first by name; the page of each shows the step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from osaudit.site.board import Connection

BATCH = 10_000
_STEPS = "SELECT child, min(parent) FROM edges WHERE child <> parent GROUP BY 1 ORDER BY 1"
_EDGES = """
CREATE TABLE steps AS
SELECT *, md5(concat_ws(chr(31), child, parent, coalesce(relation, ''), coalesce(named_by, ''),
  coalesce(confidence, ''), CAST(dropped AS VARCHAR), coalesce(parent_licence, ''),
  CAST(parent_seen AS VARCHAR))) AS told
FROM (
  SELECT child, parent, min(relation) AS relation, min(named_by) AS named_by, min(confidence) AS confidence,
    list_sort(list_distinct(flatten(list(coalesce(dropped, []))))) AS dropped,
    max(parent_licence) AS parent_licence, bool_or(coalesce(parent_seen, false)) AS parent_seen
  FROM edges WHERE child <> parent GROUP BY 1, 2
)
"""
_STEP = "child, parent, relation, named_by, confidence, dropped, parent_licence, parent_seen"


@dataclass(frozen=True, slots=True)
class Step:
    """`child` was made from `parent`; `dropped` are the parent's terms that the child does not carry."""

    child: str
    parent: str
    relation: str
    named_by: str
    confidence: str
    dropped: tuple[str, ...]
    parent_licence: str
    parent_seen: bool


def lay_out_families(connection: Connection) -> None:
    """Make the tables `steps` (an edge once, whoever told of it) and `families` (`member`, `root`)."""
    import pyarrow as pa  # noqa: PLC0415 - an extra, which a site alone needs

    connection.execute(_EDGES)
    parents = dict(connection.execute(_STEPS).fetchall())
    roots = roots_of(parents)
    table = pa.table({"member": list(roots), "root": list(roots.values())}, schema=_schema(pa))
    connection.register("families_read", table)
    connection.execute("CREATE TABLE families AS SELECT member, root FROM families_read")
    connection.unregister("families_read")


def _schema(pa: Connection) -> Connection:
    return pa.schema([("member", pa.string()), ("root", pa.string())])


def roots_of(parents: Mapping[str, str]) -> dict[str, str]:
    """The end of each model's chain, of which it is a member too; a ring ends at the first of its names."""
    roots: dict[str, str] = {}
    for start in parents:
        chain: list[str] = []
        at = start
        seen: set[str] = set()
        while at in parents and at not in roots and at not in seen:
            seen.add(at)
            chain.append(at)
            at = parents[at]
        end = min(chain[chain.index(at) :]) if at in seen else roots.get(at, at)
        for one in chain:
            roots[one] = end
        roots.setdefault(end, end)
    return roots


def steps_of(connection: Connection, roots: list[str], most: int) -> Iterator[tuple[str, Step]]:
    """The steps of some families, each with its root: those that drop terms first, `most` of each family."""
    sql = (
        f"SELECT root, {_STEP} FROM steps s JOIN families f ON s.child = f.member WHERE root IN (SELECT unnest(?)) "
        "QUALIFY row_number() OVER (PARTITION BY root ORDER BY len(dropped) > 0 DESC, parent, child) <= ? "
        "ORDER BY root, parent, child"
    )
    for root, *values in connection.execute(sql, [roots, most]).fetchall():
        child, parent, relation, named_by, confidence, dropped, licence, seen = values
        terms = tuple(dropped or ())
        yield root, Step(child, parent, relation or "", named_by or "", confidence or "", terms, licence or "", seen)
