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
from osaudit.site.board import slices
from osaudit.site.fields import DATA_SCHEMA, NARROW, WIDE, Field, described, schema
from osaudit.site.options import Site
from osaudit.site.writer import Made
from osaudit.sweep.parts import arrow_types
from osaudit.sweep.tabular import cell_text

_GROUP = 20_000
"""Rows of a group of the Parquet file: a reader over the network takes a group's columns at a time."""
_WORDS = 50_000
"""Texts that are remembered in the form that a spreadsheet may have."""
_SLICE = 5_000
_PART = 1_048_576
_MOMENT = "strftime(make_timestamp({0} * 1000000), '%Y-%m-%dT%H:%M:%SZ')"


def make(site: Site) -> Iterator[Made]:
    """The rows in each form, their schema, and their columns. The object is made of the lines that were written."""
    yield Made("data/models.csv", _csv(site))
    yield Made("data/models.parquet", _parquet(site))
    yield Made("data/models.jsonl", _lines(site))
    yield Made("data/models.json", _document(site))
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
    return ", ".join(f'{sql(one)} AS "{one.name}"' for one in columns)


def _csv_sql(one: Field) -> str:
    """A cell as text; none where there is nothing."""
    match one.kind:
        case "time":
            return _MOMENT.format(one.sql)
        case "truth":
            return f"CASE {one.sql} WHEN true THEN 'true' WHEN false THEN 'false' END"
        case "texts":
            return f"array_to_string({one.sql}, ';')"
        case "whole" | "number":
            return f"CAST({one.sql} AS VARCHAR)"
        case _:
            return one.sql


_STRANGE = frozenset(one.name for one in WIDE if one.kind in {"text", "texts"} and not one.words)
"""The columns with words that strangers wrote."""
_HARMLESS = r"[A-Za-z0-9][A-Za-z0-9._/-]{0,400}"
"""What no spreadsheet, log or terminal takes for anything, and needs no quotes: most names are so."""


@functools.lru_cache(_WORDS)
def _cell(text: str) -> str:
    """A stranger's words as a cell of RFC 4180."""
    cell = csv_cell(text) if text else text
    return '"' + cell.replace('"', '""') + '"' if any(one in cell for one in ',"\r\n') else cell


def _csv(site: Site) -> Iterator[bytes]:
    """RFC 4180 but for the line's end, some thousand lines at a time. Only what strangers wrote is looked at."""
    import pyarrow.compute as pc  # noqa: PLC0415 - an extra, which a site alone needs

    yield (",".join(one.name for one in WIDE) + "\n").encode()
    for found in slices(site.connection, _selected(WIDE, _csv_sql), _SLICE):
        table = found.to_arrow_table()
        cells = [_column(table.column(name), strange=name in _STRANGE) for name in table.column_names]
        lines = pc.binary_join_element_wise(*cells, ",", null_handling="replace", null_replacement="")
        yield ("\n".join(lines.to_pylist()) + "\n").encode()


def _column(column: Any, *, strange: bool) -> Any:  # noqa: ANN401 - PyArrow has no types
    """A column's cells, each text of strangers made harmless once."""
    import pyarrow as pa  # noqa: PLC0415 - as above
    import pyarrow.compute as pc  # noqa: PLC0415 - as above

    if not strange or pc.all(pc.match_substring_regex(column, f"^(?:{_HARMLESS})?$")).as_py() is not False:
        return column.cast(pa.string())
    coded = column.combine_chunks().dictionary_encode()
    words = pa.array([_cell(text) for text in coded.dictionary.to_pylist()], pa.string())
    return words.take(coded.indices)


def _json_sql(one: Field) -> str:
    return _MOMENT.format(one.sql) if one.kind == "time" else one.sql


def _lines(site: Site) -> Iterator[bytes]:
    names = [one.name for one in NARROW]
    for found in slices(site.connection, _selected(NARROW, _json_sql), _SLICE):
        text = b"".join(orjson.dumps(dict(zip(names, row, strict=True))) + b"\n" for row in found.fetchall())
        plain = text.isascii() and b"#" not in text and b"\x7f" not in text
        yield text if plain else shown(text.decode()).encode()


def _document(site: Site) -> Iterator[bytes]:
    """The same rows as one object, a line a row."""
    yield shown(json.dumps(head(site), ensure_ascii=False)).encode()[:-1] + b', "models": [\n'
    with (site.former.root / "data" / "models.jsonl").open("rb") as lines:
        part = lines.read(_PART)
        while part:
            after = lines.read(_PART)
            yield (part if after else part.rstrip(b"\n")).replace(b"\n", b",\n")
            part = after
    yield b"\n]}\n"


def _parquet(site: Site) -> bytes:
    """Zstandard, a group of rows at a time; the words of a column's meaning stand in its metadata."""
    import pyarrow as pa  # noqa: PLC0415 - an extra, which a site alone needs
    import pyarrow.parquet as pq  # noqa: PLC0415 - as above

    types = arrow_types()
    form = pa.schema([pa.field(one.name, types[one.kind], metadata={"what": one.what}) for one in WIDE])
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, form, compression="zstd") as writer:
        for found in slices(site.connection, _selected(WIDE, lambda one: one.sql), _GROUP):
            table = found.to_arrow_table()
            arrays = [_cast(array, field.type) for array, field in zip(table.columns, form, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=form), row_group_size=_GROUP)
    return sink.getvalue()


def _cast(array: Any, kind: Any) -> Any:  # noqa: ANN401 - PyArrow has no types
    """A column in its type; seconds are times by way of whole numbers."""
    import pyarrow as pa  # noqa: PLC0415 - as above

    return array.cast(pa.int64()).cast(kind) if pa.types.is_timestamp(kind) else array.cast(kind)
