"""A store's parts: a Parquet file a table for each chunk. That of `models` is written last and makes the chunk count.

Each part says in its metadata what it is of, by whom it was written and under which schema; that of `models` names its
chunk's other parts with their sizes and hashes. There is no list of parts that could be lost or be wrong.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from osaudit import __version__
from osaudit.errors import OsauditError
from osaudit.frozen import dataclass
from osaudit.sweep.columns import STORE_SCHEMA, TABLES, Kind, Table
from osaudit.sweep.place import Place

Row: TypeAlias = tuple[Any, ...]
"""A row in its table's order of columns, without `seq`."""
Rows: TypeAlias = Mapping[Table, Sequence[Row]]

KEY = b"osaudit"
CHUNKS_A_RUN = 10**9
_NAME = re.compile(r"part-r(\d{6,12})-s(\d{4,})of(\d{4,})-c(\d{6,9})\.parquet")
LARGE: tuple[Table, ...] = ("evidence",)
"""Tables whose rows are large: they are written and read a few at a time."""
_LARGE, _ROWS = 32, 100_000


class DamagedError(OsauditError):
    """A part is not what a store's part is; `why` is for the user."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path}: {why}", kind="store")
        self.path, self.why = path, why


class NewerError(OsauditError):
    """A part was written by a newer osaudit."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Which chunk of which run, and of which of its shards."""

    run: int
    number: int
    shard: int = 1
    shards: int = 1

    @property
    def file(self) -> str:
        """The name of its parts; names sort as runs follow each other."""
        return f"part-r{self.run:06d}-s{self.shard:04d}of{self.shards:04d}-c{self.number:06d}.parquet"

    @property
    def seq(self) -> int:
        """What its rows carry: the newest row of a model has the highest, whatever the clock said."""
        return self.run * CHUNKS_A_RUN + self.number


def chunk_of(file: str) -> Chunk | None:
    """Read a part's name; None where it is no part's."""
    found = _NAME.fullmatch(file)
    if found is None:
        return None
    run, shard, shards, number = map(int, found.groups())
    return Chunk(run, number, shard, shards)


@dataclass(frozen=True, slots=True)
class Told:
    """What the part of `models` says of its chunk: its rows, and its other parts as (rows, bytes, sha256)."""

    chunk: Chunk
    rows: int
    tool: str
    parts: Mapping[Table, tuple[int, int, str]]
    replaces: tuple[str, ...] = ()


def path_of(table: Table, file: str) -> str:
    """Where a part lies in its store."""
    return f"{table}/{file}"


def arrow_types() -> Mapping[Kind, Any]:
    """PyArrow's types of the kinds of columns."""
    import pyarrow as pa  # noqa: PLC0415 - an extra, which a store alone needs

    return {
        "text": pa.string(),
        "texts": pa.list_(pa.string()),
        "whole": pa.int64(),
        "number": pa.float64(),
        "truth": pa.bool_(),
        "time": pa.timestamp("s", tz="UTC"),
    }


def schema_of(table: Table) -> Any:  # noqa: ANN401 - PyArrow has no types
    """The table's PyArrow schema."""
    import pyarrow as pa  # noqa: PLC0415 - as above

    types = arrow_types()
    return pa.schema([pa.field(column.name, types[column.kind]) for column in TABLES[table]])


def write_chunk(place: Place, chunk: Chunk, rows: Rows, replaces: Sequence[str] = ()) -> None:
    """Write a chunk's parts, that of `models` last: cut off at any moment, the chunk is there or not.

    OsauditError where it cannot be written. A chunk that is there already stays as it is.
    """
    if chunk.file in place.files("models"):
        return
    tables = {name: _table(name, rows[name], chunk.seq) for name in TABLES if rows.get(name)}
    write_tables(place, chunk, tables, replaces)


def write_tables(place: Place, chunk: Chunk, tables: Mapping[Table, Any], replaces: Sequence[str] = ()) -> None:
    """Write a chunk's parts from PyArrow tables, that of `models` last."""
    own = {"schema": STORE_SCHEMA, "tool": __version__, "run": chunk.run, "chunk": chunk.number}
    parts: dict[str, tuple[int, int, str]] = {}
    for name, table in tables.items():
        if name != "models":
            data = encoded(name, [table], {**own, "table": name})
            place.write(path_of(name, chunk.file), data)
            parts[name] = (table.num_rows, len(data), hashlib.sha256(data).hexdigest())
    told = {**own, "table": "models", "parts": parts, "replaces": list(replaces)}
    place.write(path_of("models", chunk.file), encoded("models", [tables["models"]], told))


def _table(name: Table, rows: Sequence[Row], seq: int) -> Any:  # noqa: ANN401 - PyArrow has no types
    """Turn rows, which are without `seq`, into columns."""
    import pyarrow as pa  # noqa: PLC0415 - as above

    schema = schema_of(name)
    found = list(zip(*rows, strict=True))
    found.insert(schema.get_field_index("seq"), (seq,) * len(rows))
    columns = [pa.array(values, field.type) for field, values in zip(schema, found, strict=True)]
    return pa.Table.from_arrays(columns, schema=schema)


def encoded(name: Table, tables: Iterable[Any], told: Mapping[str, Any]) -> bytes:
    """A part's bytes from PyArrow tables, which are taken one after the other; `told` is what it says of itself."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - as above

    schema = schema_of(name).with_metadata({KEY: json.dumps(told, sort_keys=True).encode()})
    large = name in LARGE
    sink = io.BytesIO()
    with pq.ParquetWriter(
        sink, schema, compression="zstd", write_page_checksum=True, use_dictionary=not large, write_statistics=not large
    ) as writer:
        for table in tables:
            writer.write_table(
                table.replace_schema_metadata(schema.metadata), row_group_size=_LARGE if large else _ROWS
            )
    return sink.getvalue()


def read_told(place: Place, table: Table, file: str) -> Told:
    """Read what a part says of itself; DamagedError where it is none of ours, NewerError where it is of a newer one."""
    import pyarrow as pa  # noqa: PLC0415 - as above
    import pyarrow.parquet as pq  # noqa: PLC0415

    path, chunk = path_of(table, file), chunk_of(file)
    if chunk is None:
        raise DamagedError(path, "it is no part of a store by its name")
    try:
        metadata = pq.read_metadata(place.full(path), filesystem=place.arrow)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DamagedError(path, f"it is no whole Parquet file ({_line(error)})") from error
    try:
        told = json.loads((metadata.metadata or {})[KEY])
        schema = told["schema"]
        if isinstance(schema, int) and schema > STORE_SCHEMA:
            raise NewerError(
                f"{place.name}: {path} is of schema {schema}, and {STORE_SCHEMA} is known here: use a newer osaudit"
            )
        parts = {name: (int(rows), int(size), str(sha)) for name, (rows, size, sha) in told.get("parts", {}).items()}
        fits = told["table"] == table and metadata.schema.to_arrow_schema().names == schema_of(table).names
        found = Told(chunk, metadata.num_rows, str(told["tool"]), parts, tuple(told.get("replaces", ())))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DamagedError(path, "it is a Parquet file that osaudit did not write") from error
    if not fits or set(parts) - set(TABLES):
        raise DamagedError(path, "its columns are not those of a store")
    return found


def require_whole(place: Place, path: str, size: int, sha256: str) -> None:
    """Hold a part to what the part of `models` says of it; DamagedError where it is another."""
    try:
        data = place.read(path)
    except OSError as error:
        raise DamagedError(path, f"it cannot be read ({error.strerror or _line(error)})") from error
    if len(data) != size or hashlib.sha256(data).hexdigest() != sha256:
        raise DamagedError(path, "it is not what was written: its hash is another")


def read_table(place: Place, table: Table, file: str, columns: Sequence[str] | None = None) -> Any:  # noqa: ANN401 - PyArrow
    """Read a part, its pages held to their checksums; DamagedError where it is damaged."""
    import pyarrow as pa  # noqa: PLC0415 - as above
    import pyarrow.parquet as pq  # noqa: PLC0415

    path = path_of(table, file)
    try:
        return pq.read_table(
            place.full(path),
            columns=columns,
            filesystem=place.arrow,
            page_checksum_verification=True,
            partitioning=None,
        )
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DamagedError(path, f"it cannot be read ({_line(error)})") from error


def batches(place: Place, table: Table, file: str, columns: Sequence[str] | None = None) -> Iterator[Any]:
    """Read a part a few rows at a time, as PyArrow's batches; DamagedError where it is damaged."""
    import pyarrow as pa  # noqa: PLC0415 - as above
    import pyarrow.parquet as pq  # noqa: PLC0415

    path = path_of(table, file)
    try:
        with pq.ParquetFile(
            place.full(path), filesystem=place.arrow, page_checksum_verification=True, pre_buffer=False
        ) as part:
            yield from part.iter_batches(_LARGE if table in LARGE else _ROWS, columns=columns)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DamagedError(path, f"it cannot be read ({_line(error)})") from error


def moment(text: str | None) -> dt.datetime | None:
    """Read a time as ISO 8601; None where it is none."""
    if not text:
        return None
    try:
        time = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=dt.UTC)


def _line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:160]
