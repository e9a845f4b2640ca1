"""The site's data as files: every number that stands on a page, as CSV, Parquet, JSON and JSON lines.

The rows are gone through once, some thousands in memory at a time beside the files' own bytes.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Any

import orjson

from osaudit.jsontext import indented, shown
from osaudit.site.board import BATCH, Row, rows
from osaudit.site.fields import DATA_SCHEMA, NARROW, WIDE, Field, described, schema
from osaudit.site.options import Site
from osaudit.site.writer import Made
from osaudit.sweep.columns import Kind
from osaudit.sweep.querying import plain_value
from osaudit.sweep.tabular import cell_text


def make(site: Site) -> Iterator[Made]:
    """The rows in each form, their schema, and their columns."""
    forms = (_Csv(WIDE), _Parquet(WIDE), _Lines(NARROW))
    for batch in _batches(rows(site.connection)):
        for form in forms:
            form.add(batch)
    table, parquet, lines = forms
    yield Made("data/models.csv", table.done())
    yield Made("data/models.parquet", parquet.done())
    told = lines.done()
    yield Made("data/models.jsonl", told)
    yield Made("data/models.json", _document(site, told))
    yield Made("data/models.schema.json", f"{indented(schema(), 2)}\n".encode())
    yield Made("data/columns.csv", csv_of(("column", "type", "files", "what"), described()).encode())


def _batches(found: Iterator[Row]) -> Iterator[Sequence[Row]]:
    while batch := tuple(islice(found, BATCH)):
        yield batch


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


def date_of(seconds: int) -> str:
    """A time as ISO 8601 in UTC."""
    import datetime as dt  # noqa: PLC0415 - one of few

    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _document(site: Site, lines: bytes) -> bytes:
    """The same rows as one object, a line a row."""
    told = shown(json.dumps(head(site), ensure_ascii=False)).encode()
    return b"".join((told[:-1], b', "models": [\n', lines.rstrip(b"\n").replace(b"\n", b",\n"), b"\n]}\n"))


class _Csv:
    def __init__(self, columns: Sequence[Field]) -> None:
        self._columns = columns
        self._sink = io.StringIO()
        self._writer = csv.writer(self._sink, lineterminator="\n")
        self._writer.writerow([one.name for one in columns])

    def add(self, batch: Sequence[Row]) -> None:
        """Add rows."""
        self._writer.writerows([_text(one.value(row)) for one in self._columns] for row in batch)

    def done(self) -> bytes:
        """The file."""
        return self._sink.getvalue().encode()


def _text(value: Any) -> str:  # noqa: ANN401 - a cell
    """A cell; most are empty, or one of our own words."""
    return (
        "" if value is None else _WORDS.get(value) or cell_text(value) if isinstance(value, str) else cell_text(value)
    )


_WORDS: Mapping[str, str] = MappingProxyType({word: word for one in WIDE for word in one.words})


class _Lines:
    def __init__(self, columns: Sequence[Field]) -> None:
        self._columns = columns
        self._parts: list[bytes] = []

    def add(self, batch: Sequence[Row]) -> None:
        """Add rows."""
        text = b"\n".join(
            orjson.dumps({one.name: plain_value(one.value(row)) for one in self._columns}) for row in batch
        )
        self._parts.append(shown(text.decode()).encode() + b"\n")

    def done(self) -> bytes:
        """The file."""
        return b"".join(self._parts)


class _Parquet:
    def __init__(self, columns: Sequence[Field]) -> None:
        import pyarrow as pa  # noqa: PLC0415 - an extra, which a site alone needs
        import pyarrow.parquet as pq  # noqa: PLC0415 - as above

        types: Mapping[Kind, Any] = {
            "text": pa.string(), "texts": pa.list_(pa.string()), "whole": pa.int64(), "number": pa.float64(),
            "truth": pa.bool_(), "time": pa.timestamp("s", tz="UTC"),
        }  # fmt: skip
        self._columns = columns
        self._schema = pa.schema([pa.field(one.name, types[one.kind], metadata={"what": one.what}) for one in columns])
        self._sink = io.BytesIO()
        self._writer = pq.ParquetWriter(self._sink, self._schema, compression="zstd")
        self._held: list[Any] = []

    def add(self, batch: Sequence[Row]) -> None:
        """Add rows."""
        import pyarrow as pa  # noqa: PLC0415 - as above

        arrays = [
            pa.array([one.value(row) for row in batch], field.type)
            for one, field in zip(self._columns, self._schema, strict=True)
        ]
        self._held.append(pa.Table.from_arrays(arrays, schema=self._schema))
        if len(self._held) * BATCH >= _GROUP:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa  # noqa: PLC0415 - as above

        if self._held:
            self._writer.write_table(pa.concat_tables(self._held))
            self._held = []

    def done(self) -> bytes:
        """The file."""
        self._flush()
        self._writer.close()
        return self._sink.getvalue()


_GROUP = 20_000
"""Rows of a group of the Parquet file: a reader over the network takes a group's columns at a time."""
