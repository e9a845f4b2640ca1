"""A table of a store as one file: CSV, JSON lines or Parquet, a few thousand rows at a time."""

from __future__ import annotations

import csv
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, Literal, TypeAlias

from osaudit.errors import UsageError
from osaudit.jsontext import shown
from osaudit.sweep.columns import Table
from osaudit.sweep.place import Place
from osaudit.sweep.querying import connected, plain_value
from osaudit.sweep.tabular import cell_text

Form: TypeAlias = Literal["csv", "jsonl", "parquet"]
ROWS = 5000


def export(place: Place, table: Table, output: Path, form: Form, *, everything: bool = False) -> int:
    """Write a table's newest rows, or all of them, to a file that is whole or not there; give their number.

    UsageError where the file cannot be written.
    """
    name = f"all_{table}" if everything else table
    with connected(place) as connection:
        reader = connection.sql(f"SELECT * FROM {name}").to_arrow_reader(ROWS)  # noqa: S608 - our own names
        try:
            handle, temporary = tempfile.mkstemp(dir=output.absolute().parent, prefix=f".{output.name}.")
            try:
                with os.fdopen(handle, "wb") as file:
                    count = _WRITERS[form](reader, file)
                Path(temporary).chmod(0o644)
                Path(temporary).replace(output)
            finally:
                Path(temporary).unlink(missing_ok=True)
        except OSError as error:
            raise UsageError(f"cannot write {output}: {error.strerror or error}") from error
    return count


def _csv(reader: Any, file: IO[bytes]) -> int:  # noqa: ANN401 - PyArrow has no types
    import io  # noqa: PLC0415 - one of three

    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer, count = csv.writer(text, lineterminator="\n"), 0
    writer.writerow(reader.schema.names)
    for batch in reader:
        for row in batch.to_pylist():
            writer.writerow([cell_text(value) for value in row.values()])
        count += batch.num_rows
    text.flush()
    text.detach()
    return count


def _jsonl(reader: Any, file: IO[bytes]) -> int:  # noqa: ANN401 - as above
    count = 0
    for batch in reader:
        for row in batch.to_pylist():
            line = json.dumps({name: plain_value(value) for name, value in row.items()}, ensure_ascii=False)
            file.write(shown(line).encode() + b"\n")
        count += batch.num_rows
    return count


def _parquet(reader: Any, file: IO[bytes]) -> int:  # noqa: ANN401 - as above
    import pyarrow.parquet as pq  # noqa: PLC0415 - an extra, which a store alone needs

    count = 0
    with pq.ParquetWriter(file, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)
            count += batch.num_rows
    return count


_WRITERS: Mapping[Form, Callable[[Any, IO[bytes]], int]] = {"csv": _csv, "jsonl": _jsonl, "parquet": _parquet}
