"""The site's data as files: every number that stands on a page, as CSV, Parquet, JSON and JSON lines.

DuckDB makes the columns from the board, some thousands of rows at a time; the files' own bytes are held besides.
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import orjson

from osaudit.jsontext import indented, shown
from osaudit.render.neutral import csv_cell
from osaudit.site.board import BATCH
from osaudit.site.fields import DATA_SCHEMA, NARROW, WIDE, Field, described, schema
from osaudit.site.options import Site
from osaudit.site.writer import Made
from osaudit.sweep.parts import arrow_types
from osaudit.sweep.tabular import cell_text

_GROUP = 20_000
"""Rows of a group of the Parquet file: a reader over the network takes a group's columns at a time."""
_WORDS = 50_000
"""Texts that are remembered in the form that a spreadsheet may have."""
_MOMENT = "strftime(make_timestamp({0} * 1000000), '%Y-%m-%dT%H:%M:%SZ')"


def make(site: Site) -> Iterator[Made]:
    """The rows in each form, their schema, and their columns."""
    yield Made("data/models.csv", _csv(site))
    yield Made("data/models.parquet", _parquet(site))
    lines = _lines(site)
    yield Made("data/models.jsonl", lines)
    yield Made("data/models.json", _document(site, lines))
    yield Made("data/models.schema.json", json_of(schema()))
    yield Made("data/columns.csv", csv_of(("column", "type", "files", "what"), described()).encode())


def csv_of(columns: Sequence[str], found: Iterable[Sequence[Any]]) -> str:
    """Rows as CSV; lists are joined by a semicolon, and no text is a formula of a spreadsheet."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell_text(value) for value in row] for row in found)
    return sink.getvalue()


def json_of(data: object) -> bytes:
    """A small document of ours as JSON, in which strangers' words obey nobody."""
    return f"{shown(indented(data, 2))}\n".encode()


def date_of(seconds: int) -> str:
    """A time as ISO 8601 in UTC."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def head(site: Site) -> dict[str, Any]:
    """What the data says of itself as a whole."""
    told = site.summary
    return {
        "schema": DATA_SCHEMA,
        "title": site.options.title,
        "made_at": date_of(site.made_at),
        "tools": list(told.tools),
        "packs": list(told.packs),
        "sources": site.options.sources,
        "counts": {**told.stands, **{f"label:{label}": count for label, count in told.labels.items()}},
    }


def _selected(columns: Sequence[Field], sql: Callable[[Field], str]) -> str:
    told = ", ".join(f'{sql(one)} AS "{one.name}"' for one in columns)
    return f"SELECT {told} FROM board ORDER BY place"


def _batches(site: Site, sql: str) -> Iterator[list[tuple[Any, ...]]]:
    cursor = site.connection.cursor().execute(sql)  # one of its own, so that others ask the store meanwhile
    while found := cursor.fetchmany(BATCH):
        yield found


def _csv_sql(one: Field) -> str:
    match one.kind:
        case "time":
            return _MOMENT.format(one.sql)
        case "truth":
            return f"CASE {one.sql} WHEN true THEN 'true' WHEN false THEN 'false' END"
        case "texts":
            return f"array_to_string({one.sql}, ';')"
        case _:
            return one.sql


@functools.lru_cache(_WORDS)
def _cell(text: str | None) -> str | None:
    return csv_cell(text) if text else text


def _csv(site: Site) -> bytes:
    """RFC 4180 but for the line's end. Only what strangers wrote is looked at."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow([one.name for one in WIDE])
    strange = [at for at, one in enumerate(WIDE) if one.kind in {"text", "texts"} and not one.words]
    for batch in _batches(site, _selected(WIDE, _csv_sql)):
        rows = [list(row) for row in batch]
        for row in rows:
            for at in strange:
                row[at] = _cell(row[at])
        writer.writerows(rows)
    return sink.getvalue().encode()


def _json_sql(one: Field) -> str:
    return _MOMENT.format(one.sql) if one.kind == "time" else one.sql


def _lines(site: Site) -> bytes:
    names = [one.name for one in NARROW]
    parts = []
    for batch in _batches(site, _selected(NARROW, _json_sql)):
        text = b"".join(orjson.dumps(dict(zip(names, row, strict=True))) + b"\n" for row in batch)
        plain = text.isascii() and b"#" not in text and b"\x7f" not in text
        parts.append(text if plain else shown(text.decode()).encode())
    return b"".join(parts)


def _document(site: Site, lines: bytes) -> bytes:
    """The same rows as one object, a line a row."""
    told = shown(json.dumps(head(site), ensure_ascii=False)).encode()
    return b"".join((told[:-1], b', "models": [\n', lines.rstrip(b"\n").replace(b"\n", b",\n"), b"\n]}\n"))


def _parquet(site: Site) -> bytes:
    """Zstandard, a group of rows at a time; the words of a column's meaning stand in its metadata."""
    import pyarrow as pa  # noqa: PLC0415 - an extra, which a site alone needs
    import pyarrow.parquet as pq  # noqa: PLC0415 - as above

    types = arrow_types()
    form = pa.schema([pa.field(one.name, types[one.kind], metadata={"what": one.what}) for one in WIDE])
    sink = io.BytesIO()
    found = site.connection.cursor().sql(_selected(WIDE, lambda one: one.sql))
    with pq.ParquetWriter(sink, form, compression="zstd") as writer:
        for batch in found.to_arrow_reader(_GROUP):
            arrays = [_cast(array, field.type) for array, field in zip(batch.columns, form, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=form), row_group_size=_GROUP)
    return sink.getvalue()


def _cast(array: Any, kind: Any) -> Any:  # noqa: ANN401 - PyArrow has no types
    """A column in its type; seconds are times by way of whole numbers."""
    import pyarrow as pa  # noqa: PLC0415 - as above

    return array.cast(pa.int64()).cast(kind) if pa.types.is_timestamp(kind) else array.cast(kind)
