"""The index of known licence texts: hashes alone, no texts. Built by `python -m osaudit.licences.build`."""

from __future__ import annotations

import array
import functools
import hashlib
import json
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from osaudit.errors import UsageError
from osaudit.frozen import dataclass
from osaudit.resources import data_path

# what may stand before a segment: nothing, a name in a template's slot, or a copyright notice that may be absent
Gap: TypeAlias = Literal["", "name", "notice"]

MAGIC = b"osaudit licence index 1\n"
DIGEST_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of words between two slots: their letters, their hash, the hash of the first four, the slot before it."""

    letters: int
    digest: str
    anchor: int
    gap: Gap


@dataclass(frozen=True, slots=True)
class KnownText:
    """One known text of a licence. `shingles` counts its distinct six-word rows, 0 where only the hash is kept."""

    key: str
    segments: tuple[Segment, ...]
    words: int
    shingles: int


@dataclass(frozen=True, slots=True)
class ClauseMark:
    """A deciding clause in one known text: the criterion, how the table names it, its letters, hash and first words."""

    key: str
    criterion: int
    item: str
    letters: int
    digest: str
    anchor: int


@dataclass(frozen=True, slots=True)
class Index:
    """All known texts. `rows` holds the sorted six-word hashes, `owners` which set of texts each one stands in."""

    version: str
    texts: tuple[KnownText, ...]
    anchors: Mapping[int, tuple[int, ...]]
    rows: array.array[int]
    owners: array.array[int]
    owner_sets: tuple[tuple[int, ...], ...]
    clauses: Mapping[str, tuple[ClauseMark, ...]]


def digest(words: tuple[str, ...] | list[str]) -> str:
    """Return the hash of a row of words: of their letters, for a line may break within a long word."""
    return hashlib.sha256("".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST_LENGTH]


@functools.cache
def load_index() -> Index:
    """Read the project's index, once a process."""
    try:
        return index_from(_path().read_bytes())
    except (OSError, ValueError, KeyError, IndexError, TypeError, zlib.error) as error:
        raise UsageError(f"The licence index {_path()} cannot be read ({error}); build it again.") from error


@functools.cache
def index_version() -> str:
    """Return the version of the project's index, which is a hash of its file; nothing of it is decoded."""
    try:
        return _version(_path().read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"The licence index {_path()} cannot be read ({error}); build it again.") from error


def _path() -> Path:
    return data_path("criteria", "licences.idx")


def _version(data: bytes) -> str:
    if not data.startswith(MAGIC):
        raise ValueError("not a licence index of this version")
    return hashlib.sha256(data).hexdigest()[:12]


def index_from(data: bytes) -> Index:
    """Decode an index; raises ValueError where it is none."""
    version = _version(data)
    size = int.from_bytes(data[len(MAGIC) : len(MAGIC) + 4], "little")
    start = len(MAGIC) + 4
    meta: dict[str, Any] = json.loads(zlib.decompress(data[start : start + size]))
    rows, owners = array.array("Q"), array.array("H")
    split = start + size + 8 * meta["rows"]
    rows.frombytes(data[start + size : split])
    owners.frombytes(data[split:])
    if sys.byteorder == "big":
        rows.byteswap()
        owners.byteswap()
    texts = tuple(
        KnownText(key, tuple(Segment(*segment) for segment in segments), words, count)
        for key, segments, words, count in meta["texts"]
    )
    clauses = [ClauseMark(*mark) for mark in meta["clauses"]]
    return make_index(texts, rows, owners, meta["owner_sets"], clauses, version)


def make_index(
    texts: tuple[KnownText, ...],
    rows: array.array[int],
    owners: array.array[int],
    owner_sets: list[list[int]],
    clauses: list[ClauseMark],
    version: str,
) -> Index:
    """Put the parts of an index together."""
    anchors: dict[int, list[int]] = {}
    for number, text in enumerate(texts):
        anchors.setdefault(text.segments[0].anchor, []).append(number)
    by_key: dict[str, list[ClauseMark]] = {}
    for mark in clauses:
        by_key.setdefault(mark.key, []).append(mark)
    # the longest first, so that a whole text wins over its own beginning
    ordered = {
        anchor: tuple(sorted(numbers, key=lambda number: -texts[number].words)) for anchor, numbers in anchors.items()
    }
    return Index(
        version,
        texts,
        MappingProxyType(ordered),
        rows,
        owners,
        tuple(tuple(owner_set) for owner_set in owner_sets),
        MappingProxyType({key: tuple(marks) for key, marks in by_key.items()}),
    )


def encode(index: Index) -> bytes:
    """Encode an index for its file; the same texts give the same bytes."""
    meta = {
        "texts": [
            [text.key, [[s.letters, s.digest, s.anchor, s.gap] for s in text.segments], text.words, text.shingles]
            for text in index.texts
        ],
        "rows": len(index.rows),
        "owner_sets": index.owner_sets,
        "clauses": [
            [m.key, m.criterion, m.item, m.letters, m.digest, m.anchor]
            for marks in index.clauses.values()
            for m in marks
        ],
    }
    packed = zlib.compress(json.dumps(meta, separators=(",", ":"), sort_keys=True).encode(), 9)
    rows, owners = array.array("Q", index.rows), array.array("H", index.owners)
    if sys.byteorder == "big":
        rows.byteswap()
        owners.byteswap()
    return MAGIC + len(packed).to_bytes(4, "little") + packed + rows.tobytes() + owners.tobytes()


def leave_out(index: Index, key: str) -> Index:
    """Return the index as if a licence were unknown to it."""
    numbers = [number for number, text in enumerate(index.texts) if text.key != key]
    renumbered = {old: new for new, old in enumerate(numbers)}
    return make_index(
        tuple(index.texts[number] for number in numbers),
        index.rows,
        index.owners,
        [[renumbered[number] for number in owners if number in renumbered] for owners in index.owner_sets],
        [mark for other, marks in index.clauses.items() if other != key for mark in marks],
        f"{index.version} without {key}",
    )
