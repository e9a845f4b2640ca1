"""A store compacted: many small parts become few large ones, and rows that a newer one of the same key replaces go.

Each new part names those that it stands for. Cut off at any moment, either the old ones count or the new one does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from osaudit import __version__
from osaudit.sweep.columns import NAMES, STORE_SCHEMA, Table
from osaudit.sweep.parts import Chunk, Told, batches, encoded, path_of, schema_of
from osaudit.sweep.place import Place
from osaudit.sweep.storage import Contents, look_through, rows_of, tidy

MAX_BYTES = 256 * 1024 * 1024
"""Bytes of the parts that are put together as one."""

Old = frozenset[tuple[str, int]]


def compact(place: Place, rows: int) -> tuple[int, int, tuple[str, ...]]:
    """Compact a store that is held; give its chunks before and after, and what was set aside.

    `rows` bounds the models of one part. OsauditError where something cannot be written: the store is then as it was.
    """
    contents = look_through(place)
    lines = tidy(place, contents)
    old = superseded(place, contents)
    made = 0
    for number, group in enumerate(_groups(contents, rows), 1):
        if len(group) == 1 and not old:
            made += 1
            continue
        made += _put_together(place, group, Chunk(contents.next_run, number), old)
    return len(contents.chunks), made, lines


def superseded(place: Place, contents: Contents) -> Old:
    """Rows, by model and seq, of which there is a newer one of the same key: commit, depth, packs and version."""
    newest: dict[tuple[object, ...], int] = {}
    old: set[tuple[str, int]] = set()
    for model, seq, *key in rows_of(place, contents, "models", ("model", "seq", "commit", "depth", "packs", "tool")):
        before = newest.get((model, *key))
        if before is None:
            newest[model, *key] = seq
        elif before != seq:
            old.add((model, min(before, seq)))
            newest[model, *key] = max(before, seq)
    return frozenset(old)


def _groups(contents: Contents, rows: int) -> Iterator[list[Told]]:
    """Consecutive chunks that go into one."""
    group: list[Told] = []
    models = size = 0
    for told in contents.chunks.values():
        own = sum(size for _, size, _ in told.parts.values())
        if group and (models + told.rows > rows or size + own > MAX_BYTES):
            yield group
            group, models, size = [], 0, 0
        group.append(told)
        models, size = models + told.rows, size + own
    if group:
        yield group


def _put_together(place: Place, group: list[Told], chunk: Chunk, old: Old) -> int:
    """Write a group's parts as one chunk, that of `models` last, then take the old away; give 1, the chunk."""
    own = {"schema": STORE_SCHEMA, "tool": __version__, "run": chunk.run, "chunk": chunk.number}
    parts: dict[str, tuple[int, int, str]] = {}
    models = b""
    for table in reversed(NAMES):
        files = [told.chunk.file for told in group if table == "models" or table in told.parts]
        count = [0]
        told = {**own, "table": table}
        if table == "models":
            told = {**told, "parts": parts, "replaces": [one.chunk.file for one in group]}
        data = encoded(table, _kept(place, table, files, old, partial(_add, count)), told)
        if table == "models":
            models = data
        elif count[0]:
            place.write(path_of(table, chunk.file), data)
            parts[table] = (count[0], len(data), hashlib.sha256(data).hexdigest())
    place.write(path_of("models", chunk.file), models)
    for told_of in group:
        for table in NAMES:
            if table == "models" or table in told_of.parts:
                place.remove(path_of(table, told_of.chunk.file))
    return 1


def _add(count: list[int], rows: int) -> None:
    count[0] += rows


def _kept(place: Place, table: Table, files: list[str], old: Old, told: Callable[[int], None]) -> Iterator[Any]:
    """The rows that stay, a batch at a time."""
    import pyarrow as pa  # noqa: PLC0415 - an extra, which a store alone needs

    for file in files:
        for batch in batches(place, table, file):
            found = pa.Table.from_batches([batch]).cast(schema_of(table))
            if old:
                pairs = zip(found["model"].to_pylist(), found["seq"].to_pylist(), strict=True)
                found = found.filter(pa.array([pair not in old for pair in pairs], pa.bool_()))
            told(found.num_rows)
            yield found
