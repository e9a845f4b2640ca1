"""SQL over a store, read only: DuckDB sees the parts as tables, and neither files, network nor settings.

A table shows each model's newest row. `all_models`, `all_cells`, ... show the older ones as well: former commits, packs
and versions.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from osaudit.errors import OsauditError, UsageError
from osaudit.sweep.columns import NAMES, TABLES, Table
from osaudit.sweep.parts import path_of, schema_of
from osaudit.sweep.place import Place
from osaudit.sweep.storage import Contents, look_through, require_store

MAX_SQL = 100_000
_SETTINGS = (
    "SET temp_directory = ''",
    "SET enable_progress_bar = false",
    "SET python_enable_replacements = false",
    "SET enable_external_access = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET lock_configuration = true",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gives: its columns, and its rows as Python values."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


@contextmanager
def connected(
    place: Place, contents: Contents | None = None, beside: Mapping[str, Place] | None = None
) -> Iterator[Any]:
    """Open a store for queries of our own; UsageError where there is none. Tables of others begin with their names."""
    import duckdb  # noqa: PLC0415 - an extra, which a store alone needs

    stores = {"": place, **{f"{name}_": other for name, other in (beside or {}).items()}}
    connection = duckdb.connect(":memory:")
    try:
        for prefix, store in stores.items():
            require_store(store)
            found = contents if contents and store is place else look_through(store, light=True)
            for table in NAMES:
                connection.register(f"{prefix}all_{table}", _dataset(store, found, table))
        for sql in _SETTINGS:
            connection.execute(sql)
        for prefix in stores:
            _make_views(connection, prefix)
        yield connection
    finally:
        connection.close()


def _dataset(place: Place, contents: Contents, table: Table) -> Any:  # noqa: ANN401 - PyArrow has no types
    import pyarrow as pa  # noqa: PLC0415 - as above
    import pyarrow.dataset as ds  # noqa: PLC0415

    files = [place.full(path_of(table, file)) for file in contents.files(table)]
    if not files:
        return pa.Table.from_pylist([], schema=schema_of(table))
    return ds.dataset(files, schema=schema_of(table), format="parquet", filesystem=place.arrow)


def _make_views(connection: Any, prefix: str) -> None:  # noqa: ANN401 - DuckDB's connection
    """Show each model's newest row: nothing is compared where no model has two."""
    old = f"{prefix}superseded"
    connection.execute(
        f"CREATE TABLE {old} AS SELECT model AS old_model, seq AS old_seq FROM (SELECT model, seq, "  # noqa: S608 - our own
        f"max(seq) OVER (PARTITION BY model) AS newest FROM {prefix}all_models) WHERE seq < newest"
    )
    (older,) = connection.execute(f"SELECT count(*) FROM {old}").fetchone()  # noqa: S608 - as above
    newest = f" ANTI JOIN {old} ON model = old_model AND seq = old_seq" if older else ""
    for table in NAMES:
        connection.execute(f"CREATE VIEW {prefix}{table} AS SELECT * FROM {prefix}all_{table}{newest}")  # noqa: S608


def query(place: Place, sql: str) -> Answer:
    """Answer one SELECT over a store; UsageError for SQL that is none, or reads or writes anything else."""
    import duckdb  # noqa: PLC0415 - as above

    if len(sql) > MAX_SQL:
        raise UsageError(f"the query is over {MAX_SQL} characters: is it one?")
    with connected(place) as connection:
        try:
            statements = connection.extract_statements(sql)
            if len(statements) != 1 or statements[0].type not in _readers(duckdb):
                raise UsageError("one SELECT is answered, and nothing else: a store is read and never written")
            cursor = connection.execute(statements[0])
            return Answer(tuple(one[0] for one in cursor.description or ()), cursor.fetchall())
        except duckdb.PermissionException as error:
            raise UsageError(f"a query reads the store's own tables alone: {_line(error)}") from error
        except (duckdb.IOException, duckdb.InvalidInputException, OSError) as error:
            raise OsauditError(
                f"{place.name}: it could not be read ({_line(error)}): see `osaudit store check {place.name}`",
                kind="store",
            ) from error
        except duckdb.Error as error:
            raise UsageError(f"the query cannot be answered: {_line(error)}; tables: {', '.join(TABLES)}") from error


def _readers(duckdb: Any) -> frozenset[Any]:  # noqa: ANN401 - a module
    return frozenset({duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN})


def plain_value(value: Any) -> Any:  # noqa: ANN401 - a cell
    """A cell as JSON has it: times as ISO 8601, what JSON does not know as text."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case dt.datetime():
            return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value.tzinfo else value.isoformat()
        case list() | tuple():
            return [plain_value(one) for one in value]
        case dict():
            return {str(key): plain_value(one) for key, one in value.items()}
        case _:
            return str(value)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
