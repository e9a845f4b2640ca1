"""Readings on disk: what the readers found in a snapshot, so that the same one is not read again by the same readers.

A text of the cache is held to the Hub's list before it is believed; what was read out of it cannot be. A reading is
therefore believed only under this machine's seal: an HMAC-SHA256 (RFC 2104) by a key that stands outside the cache, in
a file that its owner alone can read. Who can write the cache, such as a fork whose pipeline shares it, cannot seal.
Where there is no such key, or a reading does not fit to the byte what was read, nothing is kept, and all is read anew.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import hmac
import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import orjson

from osaudit import codec
from osaudit.built import built
from osaudit.evidence import Evidence, Seen
from osaudit.frozen import dataclass, replace
from osaudit.resources import data_path
from osaudit.shapes import ShapeError
from osaudit.snapshot import Snapshot
from osaudit.sources.sealing import key_of, seal, state_folder
from osaudit.sources.store import MAX_BYTES, Store, default_root, write_whole

MAX_INLINE = 400
MAX_STATES = 4
"""States of the program whose readings are kept; of the older ones they are taken away."""

_PACKAGE = Path(__file__).resolve().parent.parent
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Readings:
    """A folder of readings: `key` seals them, `stamp` tells which state of the program read. Threads may share one."""

    root: Path
    key: bytes
    stamp: str

    @property
    def folder(self) -> Path:
        """Where the readings of this state lie: another key's or another program's are of no use to it."""
        return self.root / self._seal(b"state", self.stamp.encode())[:16]

    def get(
        self, read: Callable[[Snapshot], Evidence], moment: str, hosts: tuple[str, ...], snapshot: Snapshot
    ) -> Evidence:
        """Give the reading of a snapshot, with `moment` as its time: the one that is kept, else a new one, kept now."""
        if snapshot.source not in {"hub", "cache"} or not isinstance(snapshot.commit, Seen):
            return read(snapshot)
        name = self._name(snapshot, hosts)
        path = self.folder / f"{name}.json"
        known = self._load(path, name) if name else None
        if known is not None:
            return replace(known, collected_at=moment)
        found = read(snapshot)
        if name:
            self._save(path, name, found)
        return found

    def _name(self, snapshot: Snapshot, hosts: tuple[str, ...]) -> str:
        """What a reading is found by: all that it is read from, and by what; empty where that has no bytes."""
        try:
            told = orjson.dumps([self.stamp, hosts, codec.shapes().write(Snapshot, snapshot)])
        except (TypeError, RecursionError):  # half of a pair of surrogates, a number of more than 64 bits
            return ""
        return self._seal(b"name", told)

    def _seal(self, what: bytes, told: bytes) -> str:
        return seal(self.key, what, told)

    def _load(self, path: Path, name: str) -> Evidence | None:
        try:
            if path.stat().st_size > MAX_BYTES:
                return None
            head, _, body = path.read_bytes().partition(b"\n")
        except OSError:
            return None
        if not hmac.compare_digest(head, self._seal(name.encode(), body).encode()):
            _log.warning("%s in the cache is damaged, or was changed, and is left aside", path)
            return None
        try:
            found: Evidence = codec.shapes().read(Evidence, orjson.loads(body))
        except (ValueError, RecursionError):
            return None
        return found

    def _save(self, path: Path, name: str, found: Evidence) -> None:
        """Keep a reading, where what is written is to the last field what was read."""
        bare = replace(found, collected_at="")
        try:
            body = orjson.dumps(codec.shapes().write(Evidence, bare))
            if codec.shapes().read(Evidence, orjson.loads(body)) != bare:
                return
        except (TypeError, ShapeError, ValueError, RecursionError):
            return
        if not path.parent.is_dir():
            _leave_the_newest(self.root)
        write_whole(path, self._seal(name.encode(), body).encode() + b"\n" + body)


def open_readings(cache: Path) -> Readings | None:
    """The readings that a cache keeps; None where this machine has no key that is its owner's alone."""
    try:
        return _opened(cache, state_folder())
    except RuntimeError:  # a home that is nobody's
        return None


@functools.lru_cache(maxsize=8)
def _opened(cache: Path, folder: Path) -> Readings | None:
    key = key_of(cache, folder)
    return Readings(cache / "readings", key, _stamp()) if key else None


def unread(models: Sequence[str], *, no_cache: bool) -> int:
    """How many of the models are likely to be read anew: those that the cache does not hold, or all of them.

    Readings that are kept cost less than the processes that would share the reading out; above `MAX_INLINE` models the
    judging alone is worth them.
    """
    if no_cache or len(models) > MAX_INLINE:
        return len(models)
    try:
        readings = open_readings(default_root())
        if readings is None or not readings.folder.is_dir():
            return len(models)
        store = Store(readings.root.parent)
        return sum(not store.knows(model) for model in models)
    except (OSError, RuntimeError):  # a cache that cannot be one: told when the first model is looked at
        return len(models)


@functools.cache
def _stamp() -> str:
    """The state of the program: Python, what is installed, and the size and times of change of each file and table."""
    made = built()
    told = hashlib.sha256(f"{sys.version} {made.version} {made.record_sha256}\n".encode())
    for line in sorted((*_installed(), *_states(_PACKAGE), *_states(data_path("criteria")))):
        told.update(line.encode("utf-8", "surrogateescape"))
    return told.hexdigest()


def _states(folder: Path | str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name != "__pycache__":
                    yield from _states(entry.path)
            elif entry.name.endswith((".py", ".yaml", ".json", ".idx", ".txt", ".toml")):
                seen = entry.stat()
                yield f"{entry.path} {seen.st_size} {seen.st_mtime_ns} {seen.st_ctime_ns}\n"


def _installed() -> Iterator[str]:
    """Every installed package with its version, as its folder's name tells it: the readers call some of them."""
    for folder in sys.path:
        with contextlib.suppress(OSError), os.scandir(folder or ".") as entries:
            yield from (f"{entry.name}\n" for entry in entries if entry.name.endswith((".dist-info", ".egg-info")))


def _leave_the_newest(root: Path) -> None:
    """Take away what former states of the program kept, but for the newest few."""
    try:
        states = sorted(root.iterdir(), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    except OSError:
        return
    for path in states[MAX_STATES - 1 :]:
        shutil.rmtree(path, ignore_errors=True)
