"""Where a store lies: a folder of this machine, or an address that fsspec knows (`s3://`, `gs://`, `hf://`, `memory://`).

A file is whole or not there: on a disk by a temporary file, fsync and rename, elsewhere by one upload, which object
stores show when it is done.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from osaudit.errors import OsauditError, UsageError

TEMPORARY = ".tmp-"
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{1,20}://")
_FULL = {errno.ENOSPC, errno.EDQUOT}
_OBJECTS = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "oss", "obs", "hf"})
"""Object stores have no folders, and a bucket is its owner's to make: there to make one would make a bucket."""


class Place(Protocol):
    """A folder of files; paths are relative to it and have slashes."""

    @property
    def name(self) -> str:
        """How the user named it."""
        ...

    @property
    def arrow(self) -> Any:  # noqa: ANN401 - PyArrow has no types
        """The file system that PyArrow reads it by; None for its own."""
        ...

    def full(self, path: str) -> str:
        """The path as that file system knows it."""
        ...

    def write(self, path: str, data: bytes) -> None:
        """Write a file that is whole or not there; OsauditError where it cannot be written."""
        ...

    def read(self, path: str) -> bytes:
        """Read a file; OSError where it cannot be read."""
        ...

    def files(self, folder: str) -> list[str]:
        """The names of a folder's files, sorted; none where there is no such folder."""
        ...

    def move(self, path: str, to: str) -> None:
        """Give a file another path."""
        ...

    def remove(self, path: str) -> None:
        """Take a file away, where it is there."""
        ...


def place_of(named: str) -> Place:
    """The place that a user names; UsageError where it is none, or its protocol is not installed."""
    if not named or "\0" in named:
        raise UsageError(f"{named!r} cannot be a store's name: name a folder")
    return _remote(named) if _ADDRESS.match(named) else Folder(Path(named).expanduser().absolute(), named)


def _refused(place: str, path: str, error: OSError) -> OsauditError:
    """Say that nothing can be written, and that what is there stays."""
    if error.errno in _FULL:
        return OsauditError(
            f"{place}: no space is left for {path}: free some and go on with --resume; what was written before is kept",
            kind="disk-full",
        )
    why = error.strerror or str(error)
    return OsauditError(
        f"{place}: {path} cannot be written: {why}; what was written before is kept: mend it and go on with --resume",
        kind="store",
    )


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of this machine."""

    root: Path
    name: str

    @property
    def arrow(self) -> Any:  # noqa: ANN401 - PyArrow has no types
        """PyArrow's own."""
        return None

    def full(self, path: str) -> str:
        """The absolute path."""
        return str(self.root / path)

    def write(self, path: str, data: bytes) -> None:
        """Write beside, sync, rename, and sync the folder, so that a power cut finds the file whole or not there."""
        target = self.root / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=TEMPORARY)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).chmod(0o644)
                Path(name).replace(target)
            except BaseException:
                with contextlib.suppress(OSError):
                    Path(name).unlink(missing_ok=True)
                raise
            _sync(target.parent)
        except OSError as error:
            raise _refused(self.name, path, error) from error

    def read(self, path: str) -> bytes:
        """Read a file."""
        return (self.root / path).read_bytes()

    def files(self, folder: str) -> list[str]:
        """The names of a folder's files."""
        return sorted(_names(self.root / folder))

    def move(self, path: str, to: str) -> None:
        """Rename."""
        target = self.root / to
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).replace(target)
        except OSError as error:
            raise _refused(self.name, to, error) from error

    def remove(self, path: str) -> None:
        """Unlink."""
        with contextlib.suppress(FileNotFoundError):
            (self.root / path).unlink()


def _sync(folder: Path) -> None:
    """Write a folder's entries to the disk; not every system lets a folder be opened."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _names(folder: Path) -> Iterator[str]:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        yield from (entry.name for entry in entries if entry.is_file())


@dataclass(frozen=True, slots=True)
class Remote:
    """A folder that fsspec reaches."""

    system: Any  # fsspec has no types
    root: str
    name: str

    @property
    def arrow(self) -> Any:  # noqa: ANN401 - PyArrow has no types
        """Fsspec's, which PyArrow takes as it is."""
        return self.system

    def full(self, path: str) -> str:
        """The path without the protocol."""
        return f"{self.root}/{path}"

    def write(self, path: str, data: bytes) -> None:
        """Upload at once."""
        try:
            self._make_folder(path)
            self.system.pipe_file(self.full(path), data)
        except OSError as error:
            raise _refused(self.name, path, error) from error

    def read(self, path: str) -> bytes:
        """Download."""
        data: bytes = self.system.cat_file(self.full(path))
        return data

    def files(self, folder: str) -> list[str]:
        """List a folder anew."""
        self.system.invalidate_cache()
        try:
            entries = self.system.ls(self.full(folder), detail=True)
        except FileNotFoundError:
            return []
        return sorted(str(one["name"]).rpartition("/")[2] for one in entries if one["type"] == "file")

    def move(self, path: str, to: str) -> None:
        """Copy, then remove."""
        self._make_folder(to)
        self.system.mv(self.full(path), self.full(to))

    def _make_folder(self, path: str) -> None:
        if not _OBJECTS & {self.name.partition(":")[0]}:
            self.system.makedirs(self.full(path).rpartition("/")[0], exist_ok=True)

    def remove(self, path: str) -> None:
        """Delete."""
        with contextlib.suppress(FileNotFoundError):
            self.system.rm_file(self.full(path))


def _remote(named: str) -> Remote:
    try:
        import fsspec  # noqa: PLC0415 - few stores lie elsewhere

        system, root = fsspec.core.url_to_fs(named)
    except ImportError as error:
        protocol = named.partition(":")[0]
        raise UsageError(
            f"{named[:200]}: {protocol}:// needs a package that is not installed ({error}): install it"
        ) from error
    except ValueError as error:
        raise UsageError(f"{named[:200]} is no address of a store: {error}") from error
    return Remote(system, root.rstrip("/"), named)
