"""Which models are asked for: names, lines of a file, and rows of Parquet, CSV or JSONL with their columns mapped."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from osaudit.audit import is_folder
from osaudit.errors import UsageError
from osaudit.sources.refs import parse_ref
from osaudit.sweep.judging import Wanted
from osaudit.sweep.listing import listed_of
from osaudit.sweep.rows import NOT_LISTED, Listed

MAX_LINE = 10_000
"""Bytes of a line: longer ones are no names."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "model_id", "modelId", "model", "repo_id", "hf_id", "name"),
    "sha": ("sha", "commit", "revision"),
    "downloads": ("downloads",),
    "likes": ("likes",),
    "createdAt": ("createdAt", "created_at"),
    "pipeline_tag": ("pipeline_tag", "task"),
    "library_name": ("library_name", "library"),
}
"""What is read of a table's rows, and the names of columns that hold it; those of `hub-stats` among them."""

_MOST_SHARDS = 9999


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several parts of all models: which part a model is in hangs on its name alone."""

    number: int = 1
    of: int = 1

    def holds(self, name: str) -> bool:
        """Whether a model is in this part."""
        return self.of == 1 or int(hashlib.sha256(name.encode()).hexdigest()[:12], 16) % self.of == self.number - 1


def shard_of(text: str) -> Shard:
    """Read `i/n`; UsageError where it is none."""
    number, slash, count = text.partition("/")
    if not (slash and number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count) <= _MOST_SHARDS):
        raise UsageError(f"--shard {text[:40]!r} is no part: write i/n, such as 1/8")
    return Shard(int(number), int(count))


def mapping_of(pairs: Iterable[str]) -> dict[str, str]:
    """Read `field=column` pairs; UsageError where the field is none that is read."""
    found: dict[str, str] = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not (equals and column and field in FIELDS):
            raise UsageError(f"--column {pair[:80]!r}: write FIELD=COLUMN with one of {', '.join(FIELDS)}")
        found[field] = column
    return found


def once(wanted: Iterable[Wanted], shard: Shard) -> Iterator[Wanted]:
    """Give each model of a shard once, under the name that the Hub has for what is asked; UsageError never.

    What is no name at all is handed on as it is: it becomes a row that says so.
    """
    known: set[bytes] = set()
    for one in wanted:
        name = plain_name(one.name)
        key = hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=12).digest()
        if key in known or not shard.holds(name):
            continue
        known.add(key)
        yield replace(one, name=name)


def plain_name(named: str) -> str:
    """A Hub id, `id@revision` or a folder for whatever names one; the text itself where it names none."""
    if is_folder(named):
        return named
    try:
        ref = parse_ref(named)
    except UsageError:
        return named[:300]
    return f"{ref.path}@{ref.revision}" if ref.revision else ref.path


def names_in(path: str, columns: Mapping[str, str], stdin: IO[bytes] | None = None) -> Iterator[Wanted]:
    """Read the models that a file names; UsageError where it cannot be read or has no column of names.

    By its suffix it is Parquet, CSV or JSONL; any other is text, a name a line, `#` for a comment. `-` is `stdin`.
    """
    if path == "-":
        if stdin is None:
            raise UsageError("- is standard input, and there is none")
        yield from _lines(stdin, "standard input")
        return
    suffix = Path(path).suffix.lower()
    try:
        if suffix == ".parquet":
            yield from _rows(_parquet(path, columns), columns, path)
            return
        with Path(path).open("rb") as file:
            match suffix:
                case ".csv":
                    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
                    yield from _rows(csv.DictReader(text), columns, path)
                case ".jsonl" | ".ndjson":
                    yield from _rows(_json_lines(file, path), columns, path)
                case _:
                    yield from _lines(file, path)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    except csv.Error as error:
        raise UsageError(f"{path} is no CSV: {error}") from error


def _lines(file: IO[bytes], name: str) -> Iterator[Wanted]:
    for number, line in enumerate(iter(lambda: file.readline(MAX_LINE + 1), b""), 1):
        if len(line) > MAX_LINE:
            raise UsageError(f"{name}, line {number}: it is over {MAX_LINE} bytes, no name: is it a list of models?")
        word = line.decode("utf-8", "replace").removeprefix("\ufeff").partition("#")[0].strip()
        if word:
            yield Wanted(word)


def _json_lines(file: IO[bytes], path: str) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{path}, line {number}: it is no JSON") from error
        if not isinstance(row, dict):
            raise UsageError(f"{path}, line {number}: it is no JSON object")
        yield row


def _parquet(path: str, columns: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    import pyarrow as pa  # noqa: PLC0415 - an extra
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        with pq.ParquetFile(path) as file:
            names = set(file.schema_arrow.names)
            read = [column for column in _sought(columns) if column in names]
            if not names.intersection(_candidates("id", columns)):
                raise UsageError(_no_names(path, sorted(names)))
            for batch in file.iter_batches(2000, columns=read):
                yield from batch.to_pylist()
    except pa.ArrowException as error:
        raise UsageError(f"{path} is no whole Parquet file: {str(error).splitlines()[0][:160]}") from error


def _sought(columns: Mapping[str, str]) -> list[str]:
    return [name for field in FIELDS for name in _candidates(field, columns)]


def _candidates(field: str, columns: Mapping[str, str]) -> tuple[str, ...]:
    return (columns[field],) if field in columns else FIELDS[field]


def _rows(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, str], path: str) -> Iterator[Wanted]:
    for row in rows:
        name = _of(row, "id", columns)
        if not isinstance(name, str) or not name.strip():
            if not any(column in row for column in _candidates("id", columns)):
                raise UsageError(_no_names(path, list(row)))
            continue
        told = {field: _of(row, field, columns) for field in FIELDS}
        yield Wanted(name.strip(), _listed(told))


def _of(row: Mapping[str, Any], field: str, columns: Mapping[str, str]) -> Any:  # noqa: ANN401 - a cell of a stranger's
    return next((row[name] for name in _candidates(field, columns) if row.get(name) not in (None, "")), None)


def _listed(told: Mapping[str, Any]) -> Listed:
    """What the row tells, as far as it can be used: numbers may stand as text."""
    numbers = {field: int(told[field]) for field in ("downloads", "likes") if _is_number(told[field])}
    times = {"createdAt": str(told["createdAt"])} if told["createdAt"] else {}
    found = listed_of({**told, **numbers, **times})
    return found if found != Listed() else NOT_LISTED


def _is_number(value: object) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, str) and value.isdecimal())


def _no_names(path: str, columns: Iterable[str]) -> str:
    shown = ", ".join(str(one)[:40] for one in list(columns)[:12])
    return f"{path}: no column names models (it has {shown}): say which with --column id=COLUMN"
