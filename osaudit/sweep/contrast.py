"""What two stores say differently of the same models: commits, labels, licences, and every cell's outcome."""

from __future__ import annotations

from osaudit.sweep.place import Place
from osaudit.sweep.querying import Answer, connected

_FIELDS = ("status", "commit", "label", "label_at_best", "licence", "gated", "packs", "tool")
_GONE = (
    "SELECT model, 'there' AS what, 'yes' AS before, 'no' AS after FROM models "
    "WHERE model NOT IN (SELECT model FROM other_models)"
)
_NEW = "SELECT model, 'there', 'no', 'yes' FROM other_models WHERE model NOT IN (SELECT model FROM models)"
_COLUMNS = ("model", "what", "before", "after")


def diff(before: Place, after: Place) -> Answer:
    """Compare the newest rows of two stores; models that only one has are `there`."""
    with connected(before, beside={"other": after}) as connection:
        parts = [_GONE, _NEW]
        parts += [
            f'SELECT a.model, \'{field}\', CAST(a."{field}" AS VARCHAR), CAST(b."{field}" AS VARCHAR) FROM models a '  # noqa: S608 - our own names
            f'JOIN other_models b ON a.model = b.model WHERE a."{field}" IS DISTINCT FROM b."{field}"'
            for field in _FIELDS
        ]
        parts.append(
            "SELECT coalesce(a.model, b.model), coalesce(a.pack, b.pack) || ':' || coalesce(a.criterion, b.criterion) "
            "|| '/' || coalesce(a.facet, b.facet), a.outcome, b.outcome FROM "
            "(SELECT * FROM cells WHERE model IN (SELECT model FROM other_models)) a FULL JOIN "
            "(SELECT * FROM other_cells WHERE model IN (SELECT model FROM models)) b ON a.model = b.model "
            "AND a.pack = b.pack AND a.criterion = b.criterion AND a.facet = b.facet "
            "WHERE a.outcome IS DISTINCT FROM b.outcome"
        )
        rows = connection.execute(f"{' UNION ALL '.join(parts)} ORDER BY 1, 2").fetchall()
    return Answer(_COLUMNS, rows)
