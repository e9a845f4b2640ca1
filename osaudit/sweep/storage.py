"""A store as a whole: which chunks count, what is known of which model, and what has to be set aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from osaudit.errors import OsauditError, UsageError
from osaudit.sweep.columns import NAMES, Table
from osaudit.sweep.parts import (
    DamagedError,
    Told,
    chunk_of,
    path_of,
    read_table,
    read_told,
    require_whole,
)
from osaudit.sweep.place import TEMPORARY, Folder, Place

ASIDE = "aside"
_KNOWN = ("model", "commit", "asked", "revision", "seq", "status", "depth", "packs", "tool", "error", "evidence_sha256")


@dataclass(frozen=True, slots=True)
class Damage:
    """Files that are no part of the store, or are damaged: all parts of a chunk go together."""

    files: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What lies in a store: the chunks that count by their file's name, what is damaged, and what a cut-off left."""

    chunks: Mapping[str, Told]
    damaged: tuple[Damage, ...] = ()
    left_over: tuple[str, ...] = ()

    def files(self, table: Table) -> list[str]:
        """The parts of a table that count, oldest first."""
        return [file for file, told in self.chunks.items() if table == "models" or table in told.parts]

    def rows(self, table: Table) -> int:
        """How many rows these have."""
        if table == "models":
            return sum(told.rows for told in self.chunks.values())
        return sum(told.parts[table][0] for told in self.chunks.values() if table in told.parts)

    @property
    def next_run(self) -> int:
        """A run that comes after all that are there, whatever the clock says."""
        return max((told.chunk.run for told in self.chunks.values()), default=0) + 1


@dataclass(frozen=True, slots=True)
class Known:
    """What a store knows of a model: the newest row's commit and key."""

    commit: str | None
    seq: int
    status: str
    depth: str
    packs: str
    tool: str
    error: str | None
    evidence: str | None


def require_store(place: Place, *, new: bool = False) -> None:
    """Raise a UsageError where a place holds something else than a store; `new`: where it may be empty."""
    parts = place.files("models")
    if parts or (new and not isinstance(place, Folder)):
        return
    if not new:
        raise UsageError(f"{place.name}: no store is there: make one with `osaudit sweep MODEL... -o {place.name}`")
    if isinstance(place, Folder) and place.root.exists():
        if not place.root.is_dir():
            raise UsageError(f"{place.name} is a file, and a store is a folder: name another")
        others = [one.name for one in place.root.iterdir() if not _is_ours(one.name)]
        if others:
            raise UsageError(f"{place.name} holds other files than a store's ({others[0][:60]}): name another folder")


def _is_ours(name: str) -> bool:
    return name in NAMES or name == ASIDE or name.startswith((".lock-", TEMPORARY))


def look_through(place: Place, *, deep: bool = False, light: bool = False) -> Contents:
    """See what lies in a store; NewerError where a newer osaudit wrote it.

    `deep`: hold each part to its hash; `light`: the parts of `models` alone are opened.
    """
    chunks: dict[str, Told] = {}
    damaged: list[Damage] = []
    there = {table: set(place.files(table)) for table in NAMES}
    left = [path_of(table, name) for table in NAMES for name in sorted(there[table]) if name.startswith(TEMPORARY)]
    for file in sorted(name for name in there["models"] if not name.startswith(TEMPORARY)):
        try:
            told = read_told(place, "models", file)
            if not light:
                _require_parts(place, told, there, deep=deep)
        except DamagedError as error:
            damaged.append(Damage(_together(file, there), str(error)))
            continue
        chunks[file] = told
    replaced = {file for told in chunks.values() for file in told.replaces}
    left += [path for file in sorted(replaced & set(chunks)) for path in _together(file, there)]
    chunks = {file: told for file, told in chunks.items() if file not in replaced}
    known = {name for damage in damaged for name in damage.files}
    for table in NAMES:
        for name in sorted(there[table] - there["models"]):
            path = path_of(table, name)
            if name.startswith(TEMPORARY) or path in known:
                continue
            if chunk_of(name) is None:
                damaged.append(Damage((path,), f"{path}: it is no part of a store by its name"))
            else:
                left.append(path)
    return Contents(chunks, tuple(damaged), tuple(left))


def require_sound(place: Place, tables: Iterable[Table]) -> Contents:
    """See what lies in a store, and hold the parts of some tables to what was written.

    UsageError where there is no store; OsauditError names the first part that is damaged or missing.
    """
    require_store(place)
    contents = look_through(place)
    wanted = set(tables)
    if contents.damaged:
        raise _unsound(place, contents.damaged[0].why)
    try:
        for file, told in contents.chunks.items():
            read_table(place, "models", file)
            for table, (_, size, sha256) in told.parts.items():
                if table in wanted:
                    require_whole(place, path_of(table, file), size, sha256)
    except DamagedError as error:
        raise _unsound(place, str(error)) from error
    return contents


def _unsound(place: Place, why: str) -> OsauditError:
    more = f"see `osaudit store check {place.name}`, then sweep on with --resume"
    return OsauditError(f"{place.name}: {why}; {more}", kind="store")


def _together(file: str, there: Mapping[Table, set[str]]) -> tuple[str, ...]:
    return tuple(path_of(table, file) for table in reversed(NAMES) if file in there[table])


def _require_parts(place: Place, told: Told, there: Mapping[Table, set[str]], *, deep: bool) -> None:
    """Hold a chunk to its other parts: they are there, and with `deep` what was written."""
    file = told.chunk.file
    for table, (rows, size, sha256) in told.parts.items():
        path = path_of(table, file)
        if file not in there[table]:
            raise DamagedError(path, "it is missing")
        if deep:
            require_whole(place, path, size, sha256)
        if read_told(place, table, file).rows != rows:
            raise DamagedError(path, "it has not the rows that were written")
    if deep:
        read_table(place, "models", file)


def tidy(place: Place, contents: Contents, shard: tuple[int, int] | None = None) -> tuple[str, ...]:
    """Take away what cut-off runs left, and set aside what is damaged; tell of the latter, a line each.

    `shard`: only what is that shard's own, since others may be writing.
    """
    for path in contents.left_over:
        if _is_of(path, shard):
            place.remove(path)
    lines = []
    for damage in contents.damaged:
        for path in damage.files:
            place.move(path, f"{ASIDE}/{path.replace('/', '-')}")
        lines.append(f"{damage.why}; set aside in {ASIDE}/, and done again")
    return tuple(lines)


def _is_of(path: str, shard: tuple[int, int] | None) -> bool:
    if shard is None or shard == (1, 1):
        return True
    chunk = chunk_of(path.rpartition("/")[2])
    return chunk is not None and (chunk.shard, chunk.shards) == shard


def known_models(place: Place, contents: Contents) -> dict[str, Known]:
    """The newest row of each model, by every name that it was asked for by.

    DamagedError names the part that cannot be read.
    """
    found: dict[str, Known] = {}
    for row in rows_of(place, contents, "models", _KNOWN):
        model, commit, asked, revision, seq, *rest = row
        at = f"@{revision}" if revision else ""
        known = Known(commit, seq, *rest)
        for name in {f"{model}{at}", asked or f"{model}{at}"}:
            if name not in found or found[name].seq <= seq:
                found[name] = known
    return found


def rows_of(place: Place, contents: Contents, table: Table, columns: Iterable[str]) -> Iterable[tuple[Any, ...]]:
    """The rows of a table's parts that count, oldest first, as tuples."""
    names = list(columns)
    for file in contents.files(table):
        read = read_table(place, table, file, names)
        yield from zip(*(read.column(name).to_pylist() for name in names), strict=True)


def opened(place: Place, shard: tuple[int, int] | None = None) -> tuple[Contents, dict[str, Known], tuple[str, ...]]:
    """Open a store to go on with it: what counts, what is known, and what was set aside. The store is held."""
    lines: tuple[str, ...] = ()
    for _ in range(3):
        contents = look_through(place)
        lines += tidy(place, contents, shard)
        try:
            return contents, known_models(place, contents), lines
        except DamagedError as error:  # a page whose checksum does not fit: its chunk goes with it
            file = error.path.rpartition("/")[2]
            there = {table: set(place.files(table)) for table in NAMES}
            lines += tidy(place, Contents({}, (Damage(_together(file, there), str(error)),)))
    raise OsauditError(f"{place.name}: its parts cannot be read: check the disk", kind="store")
