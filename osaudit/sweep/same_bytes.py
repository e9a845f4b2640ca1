"""Same bytes, other terms: weight files that stand in several repositories, by the hashes that sweeps keep."""

from __future__ import annotations

import json
from pathlib import Path

from osaudit.errors import UsageError
from osaudit.jsontext import shown
from osaudit.sources.weighed import MIN_BYTES, SCHEMA
from osaudit.sweep.place import Place
from osaudit.sweep.querying import Answer, connected

_FILES = (
    "SELECT w.sha256, w.size, w.path, w.model, m.owner, m.licence, m.label, "  # noqa: S608 - our own words
    "coalesce(m.created_at, m.last_modified, m.collected_at) AS since FROM weights w JOIN models m "
    f"ON w.model = m.model WHERE m.status = 'judged' AND w.size >= {MIN_BYTES}"
)


def same_weights(place: Place) -> Answer:
    """Files that several owners publish under different licences, each file's first owner first.

    UsageError where the store keeps no hashes.
    """
    with connected(place) as connection:
        _require_hashes(connection, place)
        cursor = connection.execute(
            f"WITH files AS ({_FILES}), shared AS (SELECT sha256 FROM files GROUP BY 1 "  # noqa: S608 - our own words
            "HAVING count(DISTINCT owner) > 1 AND count(DISTINCT coalesce(licence, '')) > 1) "
            "SELECT sha256, size, path, model, licence, label, since FROM files WHERE sha256 IN (FROM shared) "
            "ORDER BY sha256, since, model"
        )
        return Answer(tuple(one[0] for one in cursor.description), cursor.fetchall())


def write_known(place: Place, path: Path) -> int:
    """Write each hash with its first known owner's model and licence, a JSON object a line; give their number.

    UsageError where the store keeps no hashes, or the file cannot be written.
    """
    with connected(place) as connection:
        _require_hashes(connection, place)
        rows = connection.execute(
            f"WITH files AS ({_FILES}) SELECT sha256, first(model ORDER BY since, model), "  # noqa: S608 - our own words
            "first(licence ORDER BY since, model), first(path ORDER BY since, model) FROM files GROUP BY 1 ORDER BY 1"
        ).fetchall()
    lines = [json.dumps({"schema": SCHEMA, "kind": "known-weights"})]
    lines += [
        shown(json.dumps({"sha256": sha, "model": model, "licence": licence, "path": name}, ensure_ascii=False))
        for sha, model, licence, name in rows
    ]
    try:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
    return len(rows)


def _require_hashes(connection: object, place: Place) -> None:
    (count,) = connection.execute("SELECT count(*) FROM weights").fetchone()  # type: ignore[attr-defined] # DuckDB's
    if not count:
        raise UsageError(f"{place.name} keeps no hashes of weight files: sweep with --hashes")
