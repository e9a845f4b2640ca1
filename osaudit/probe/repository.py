"""A repository as the probe sees it: a list of files, ranges of their bytes, and the folder where they are at hand."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from osaudit.evidence import RepoFile, Where

_WINDOWS = (4 * 1024, 1024 * 1024)


class Repository(Protocol):
    """What a source hands to the probe. `read` gives fewer bytes than asked for only at the end of the file.

    `git_oids` are the git blob ids of files that are not in LFS; `folder` is where all files are at hand, if they are.
    """

    @property
    def name(self) -> str:
        """The repository's id, or the folder's name."""

    @property
    def commit(self) -> str | None:
        """The commit, 40 hex digits; None for a folder."""

    @property
    def files(self) -> tuple[RepoFile, ...]:
        """The listed files, with their sizes, and their hashes where the listing gives them."""

    @property
    def complete(self) -> bool:
        """False where the list is known to leave files out."""

    @property
    def git_oids(self) -> Mapping[str, str]:
        """The git blob ids that the listing gives."""

    @property
    def folder(self) -> Path | None:
        """The folder with all files, where they are on this machine."""

    def read(self, path: str, start: int, length: int) -> bytes:
        """Read a range of a file's bytes; OsauditError where it cannot be had."""

    def fetch(self, paths: tuple[str, ...], told: Callable[[str, int, int], None]) -> Path:
        """Bring the files to this machine, tell (path, bytes so far, bytes in all), and return their folder."""


class Damage(Exception):  # noqa: N818 - it is what it names
    """A file is not what it should be: the failure class, a sentence, and the tensor or value that shows it."""

    def __init__(self, failure: str, because: str, path: str, quote: str | None = None) -> None:
        super().__init__(because)
        self.failure = failure
        self.because = because
        self.path = path
        self.quote = quote


class RangeFile(io.RawIOBase):
    """A file of a repository as a seekable stream of ranges, read in windows and bounded in all."""

    def __init__(self, repository: Repository, path: str, size: int, budget: int = 64 * 1024 * 1024) -> None:
        super().__init__()
        self._repository, self._path, self._size = repository, path, size
        self._place, self._start, self._window, self._budget = 0, 0, b"", budget
        self._wanted = 32 * _WINDOWS[0]

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The place in the file."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; nothing is read."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(0, origin + offset)
        return self._place

    def read(self, size: int | None = -1) -> bytes:
        """Read from the window, or the next range."""
        rest = max(0, self._size - self._place)
        length = rest if size is None or size < 0 else min(size, rest)
        if length == 0:
            return b""
        if not self._start <= self._place <= self._place + length <= self._start + len(self._window):
            self._load(length)
        skipped = self._place - self._start
        data = self._window[skipped : skipped + length]
        self._place += len(data)
        return data

    def readline(self, size: int | None = -1) -> bytes:
        """Read to the next line feed, as pickles of protocol 0 need."""
        limit = _WINDOWS[1] if size is None or size < 0 else size
        data = self.read(limit)
        end = data.find(b"\n") + 1
        if end:
            self._place -= len(data) - end
            return data[:end]
        return data

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override] # the buffers that zipfile passes
        """Fill the buffer."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _load(self, length: int) -> None:
        """Read the next range: a longer one where reading goes on, a short one behind a jump."""
        goes_on = self._start <= self._place <= self._start + len(self._window)
        low, high = _WINDOWS
        wanted = max(length, self._wanted)
        self._wanted = min(2 * wanted, high) if goes_on else low
        if not goes_on:
            wanted = max(length, low)
        self._budget -= wanted
        if self._budget < 0:
            raise Damage("unreadable", f"{self._path} has no header of a sane size", self._path)
        self._start = self._place
        self._window = self._repository.read(self._path, self._start, min(wanted, self._size - self._start))


def place(repository: Repository, path: str, quote: str | None = None) -> Where:
    """The place of a file of the repository, with the tensor or value that it shows."""
    sha256 = next((file.sha256 for file in repository.files if file.path == path), None)
    url = f"https://huggingface.co/{repository.name}/blob/{repository.commit}/{path}" if repository.commit else None
    return Where(repository.name, repository.commit, path, quote=quote, sha256=sha256, url=url)


def sized(repository: Repository) -> Mapping[str, int]:
    """The files whose size is known, by path."""
    return {file.path: file.size for file in repository.files if file.size is not None}


def read_whole(repository: Repository, path: str, limit: int) -> bytes:
    """Read a small file; Damage where it is over the limit."""
    data = repository.read(path, 0, limit + 1)
    if len(data) > limit:
        raise Damage("unreadable", f"{path} is over {limit // 2**20} MB, which no such file is", path)
    return data


def chunks(path: Path, size: int = 4 * 1024 * 1024) -> Iterator[bytes]:
    """A file's bytes, in order."""
    with path.open("rb") as file:
        while data := file.read(size):
            yield data
