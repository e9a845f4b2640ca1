"""One sweep at a time on a store, or one for each shard: a second is refused, and a killed one holds nothing.

On a disk the system's own file locks are held, which end with their process. Object stores have none: there a small
object says who writes, and the user takes it away where its writer is gone.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from osaudit.errors import OsauditError, UsageError
from osaudit.sweep.place import Folder, Place, Remote

WHOLE = (1, 1)
_LOCK = re.compile(r"\.lock-(\d{4,})of(\d{4,})")
_WHO = 200


class HeldError(OsauditError):
    """Somebody else writes to the store (exit 2)."""

    def __init__(self, message: str) -> None:
        super().__init__(message, exit_code=2, kind="locked")


def file_of(shard: tuple[int, int]) -> str:
    """The lock file of a shard; of the whole it is that of the only shard."""
    return f".lock-{shard[0]:04d}of{shard[1]:04d}"


@contextmanager
def locked(place: Place, shard: tuple[int, int] = WHOLE) -> Iterator[None]:
    """Hold a store for a shard, or for the whole; HeldError where somebody holds what overlaps it."""
    match place:
        case Folder():
            with _on_disk(place, shard):
                yield
        case Remote():
            with _elsewhere(place, shard):
                yield
        case _:
            yield


def overlaps(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two shards may hold the same model: those of one division do not, unless they are the same."""
    return one[1] != other[1] or one == other


@contextmanager
def _on_disk(place: Folder, shard: tuple[int, int]) -> Iterator[None]:
    from filelock import FileLock, Timeout  # noqa: PLC0415 - who only reads a store locks nothing

    try:
        place.root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{place.name}: no store can be made there: {error.strerror or error}") from error
    own = place.root / file_of(shard)
    with ExitStack() as stack:
        try:
            stack.enter_context(FileLock(own, timeout=0))
        except Timeout as error:
            raise _held(place, own) from error
        except OSError as error:
            raise UsageError(f"{place.name}: it cannot be locked: {error.strerror or error}") from error
        for other in sorted(place.root.glob(".lock-*")):
            found = _LOCK.fullmatch(other.name)
            if other == own or found is None or not overlaps(shard, (int(found[1]), int(found[2]))):
                continue
            try:
                with FileLock(other, timeout=0):
                    pass
            except Timeout as error:
                raise _held(place, other) from error
        who = own.with_name(f"{own.name}.who")
        who.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
        try:
            yield
        finally:
            who.unlink(missing_ok=True)


def _held(place: Folder, lock: Path) -> HeldError:
    try:
        told = lock.with_name(f"{lock.name}.who").read_text(encoding="utf-8")[:_WHO]
    except (OSError, ValueError):
        told = "another process"
    return HeldError(f"{place.name}: another sweep is writing to it ({told}): wait for it, or name another store")


@contextmanager
def _elsewhere(place: Remote, shard: tuple[int, int]) -> Iterator[None]:
    own = file_of(shard)
    for name in place.files(""):
        found = _LOCK.fullmatch(name)
        if found and overlaps(shard, (int(found[1]), int(found[2]))):
            told = place.read(name)[:_WHO].decode("utf-8", "replace")
            raise HeldError(
                f"{place.name}: another sweep is writing to it, or was broken off ({told}): "
                f"wait for it, or remove {name} there"
            )
    place.write(own, f"process {os.getpid()} on {socket.gethostname()}".encode())
    try:
        yield
    finally:
        place.remove(own)
