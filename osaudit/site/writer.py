"""The site's folder: its files are whole or not there, left alone where they are right, taken away when done with.

`.osaudit-site` tells, a line a file, what the last build wrote: the content's SHA-256 and the key of what it was made
from. A page whose key is the same is not made again. A file that was written, moved or changed after that list was is
read, and made anew where it is another. A folder without the list that holds anything is somebody else's.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from osaudit.errors import OsauditError, UsageError

MANIFEST = ".osaudit-site"
_JOURNAL = ".osaudit-site.part"
_LOCK = ".osaudit-site.lock"
_OURS = frozenset({MANIFEST, _JOURNAL, _LOCK})
_HEAD = "osaudit site 1"
_TEMPORARY = ".osaudit-tmp-"


@dataclass(frozen=True, slots=True)
class Made:
    """A file of the site. `path` is relative, with slashes; `data` is None where the file of the last build is kept.

    `data` may be parts, of which one is held at a time. `key` names all that it was made from; a file without one is
    made in every build, and written where it differs. `shared`: many files have this content, and may be one on the
    disk, under many names.
    """

    path: str
    data: bytes | Iterable[bytes] | None
    key: str = ""
    shared: bool = False


_DIGEST = 32
Record: TypeAlias = bytes
"""What the list tells of a file: the 32 bytes of its SHA-256, then those of its key."""


@dataclass(frozen=True, slots=True)
class Former:
    """What the last build wrote: a record by path; `since` is when its list was written and changed, in nanoseconds."""

    root: Path
    files: Mapping[str, Record] = field(default_factory=dict)
    since: tuple[int, int] = (0, 0)
    _folders: dict[str, dict[str, bool]] = field(default_factory=dict, compare=False, repr=False)

    def digest(self, path: str) -> str:
        """The SHA-256 of a file of the last build, in hexadecimal; nothing where there was none."""
        return self.files.get(path, b"")[:_DIGEST].hex()

    def key(self, path: str) -> str:
        """What a file of the last build was made from."""
        return self.files.get(path, b"")[_DIGEST:].hex()

    def kept(self, path: str, key: str) -> bool:
        """Whether the file of the last build was made from the same, is still there, and still what was written."""
        told = self.files.get(path)
        return told is not None and bool(key) and told[_DIGEST:].hex() == key and self.is_there(path)

    def is_there(self, path: str) -> bool:
        """Whether a file of the last build lies there as it was written.

        A folder is looked through once; only what was touched after the list was written is read.
        """
        folder, _, name = path.rpartition("/")
        names = self._folders.get(folder)
        if names is None:
            names = self._folders[folder] = _looked_through(self.root / folder, self.since)
        touched = names.get(name)
        if touched:
            touched = names[name] = not _is_same(self.root / path, self.digest(path))
        return touched is False

    def keep(self, path: str, key: str) -> Made:
        """The file of the last build."""
        return Made(path, None, key)


def _looked_through(folder: Path, since: tuple[int, int]) -> dict[str, bool]:
    """The files of a folder, no link among them, and whether each was touched since."""
    names = {}
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        for entry in entries:
            told = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(told.st_mode):
                names[entry.name] = told.st_mtime_ns > since[0] or told.st_ctime_ns > since[1]
    return names


def _is_same(path: Path, digest: str) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a site's files: how many there are, how many of these were written, how many were taken away."""

    files: int
    written: int
    removed: int


@contextmanager
def opened(out: Path) -> Iterator[Former]:
    """Hold a folder for one build and tell what the last one wrote.

    UsageError where the folder holds something else than a site, or another build is at it.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - an extra, which a site alone needs

    _require_ours(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with FileLock(out / _LOCK, timeout=0):
            yield Former(out, {**_told(out / MANIFEST), **_told(out / _JOURNAL)}, _times(out / MANIFEST))
    except Timeout as error:
        raise UsageError(f"{out}: another build writes there: wait for it, or name another folder") from error
    except OSError as error:
        raise OsauditError(f"{out}: it cannot be written: {error.strerror or error}", kind="site") from error


def _require_ours(out: Path) -> None:
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise UsageError(f"{out} is no folder: name one that is empty, or a former site")
    there = {one.name for one in out.iterdir()} if out.is_dir() else set()
    if there and not there & _OURS:
        raise UsageError(f"{out} holds other files than a site's ({min(there)[:60]}): name an empty folder")


def _times(path: Path) -> tuple[int, int]:
    try:
        told = path.stat(follow_symlinks=False)
    except OSError:
        return 0, 0
    return told.st_mtime_ns, told.st_ctime_ns


def _told(path: Path) -> dict[str, Record]:
    """The lines of a list; one that is cut off, or of another version, tells of no file that can be kept."""
    found: dict[str, Record] = {}
    if not path.is_file():
        return found
    with path.open(encoding="utf-8", errors="replace") as lines:
        known = next(lines, "").rstrip("\n") == _HEAD
        for line in lines:
            digest, _, rest = line.rstrip("\n").partition(" ")
            key, _, named = rest.partition(" ")
            if is_plain(named):
                try:
                    found[named] = bytes.fromhex(digest + key) if known else b""
                except ValueError:
                    found[named] = b""
    return found


def is_plain(path: str) -> bool:
    """Whether a path stays below the site's folder."""
    parts = path.split("/")
    return "\n" not in path and "\0" not in path and "" not in parts and "." not in parts and ".." not in parts


def write(former: Former, files: Iterable[Made]) -> Written:
    """Write a site's files and take away what the last build had besides; give what was done."""
    root = former.root
    now: dict[str, Record] = {}
    writing = _Writing(former, str(root))
    with (root / _JOURNAL).open("w", encoding="utf-8") as journal:
        print(_HEAD, file=journal)
        for made in files:
            if not is_plain(made.path) or made.path in now:
                raise ValueError(f"no path of a site, or there twice: {made.path!r}")
            if made.data is None:
                now[made.path] = former.files[made.path]
                continue
            digest = writing.put(made)
            now[made.path] = bytes.fromhex(digest + made.key)
            # noted at once: a build that is cut off leaves none unknown
            journal.write(f"{digest} {made.key} {made.path}\n")
    gone = [path for path in former.files if path not in now]
    for path in gone:
        _remove(root, path)
    _replace(f"{root}/{MANIFEST}", _listed(now), durable=True)
    (root / _JOURNAL).unlink()
    return Written(len(now), writing.written, len(gone))


def _listed(now: Mapping[str, Record]) -> Iterator[bytes]:
    yield f"{_HEAD}\n".encode()
    for path in sorted(now):
        told = now[path]
        yield f"{told[:_DIGEST].hex()} {told[_DIGEST:].hex()} {path}\n".encode()


class _Writing:
    """What one build has written: the folders that it knows to be there, and a file of each shared content."""

    def __init__(self, former: Former, root: str) -> None:
        self.former, self.root = former, root
        self.folders: set[str] = set()
        self.links: dict[str, str] = {}
        self.written = 0

    def put(self, made: Made) -> str:
        """Write a file where its content is not there yet; give the content's hash."""
        told, path = self.former.digest(made.path), f"{self.root}/{made.path}"
        data = made.data
        if isinstance(data, bytes):
            digest = hashlib.sha256(data).hexdigest()
            if told == digest and self.former.is_there(made.path):
                return digest
            self._make_room(made.path)
            if not (made.shared and digest in self.links and _link(self.links[digest], path)):
                _replace(path, (data,))
                if made.shared:
                    self.links[digest] = path
        else:
            self._make_room(made.path)
            there = bool(told) and self.former.is_there(made.path)
            digest = _replace(path, data or (), unless=told if there else "")
            if there and digest == told:
                return digest
        self.written += 1
        return digest

    def _make_room(self, path: str) -> None:
        folder = path.rpartition("/")[0]
        if folder and folder not in self.folders:
            _make_folder(self.former.root, self.former.root / folder)
            self.folders.add(folder)


def _link(there: str, path: str) -> bool:
    """Give a file a further name, in place of what has it; False where the disk has no more names, or none at all."""
    try:
        try:
            os.link(there, path)
        except FileExistsError:
            Path(path).unlink()
            os.link(there, path)
    except OSError:
        return False
    return True


def _make_folder(root: Path, folder: Path) -> None:
    """Make a folder of the site; a link in its place, which leads elsewhere, is refused."""
    at = root
    for part in folder.relative_to(root).parts:
        at /= part
        if at.is_symlink():
            raise UsageError(f"{at} is a link: a site's folders are folders")
        at.mkdir(exist_ok=True)


def _replace(path: str, parts: Iterable[bytes], *, unless: str = "", durable: bool = False) -> str:
    """Put a file of these parts in place of what is there, but where its SHA-256 is `unless`; give that hash."""
    folder, _, name = path.rpartition("/")
    temporary = f"{folder}/{_TEMPORARY}{name[:60]}"
    digest = hashlib.sha256()
    try:
        with open(temporary, "wb", buffering=0) as file:  # noqa: PTH123 - a site has a hundred thousand files
            for part in parts:
                digest.update(part)
                _write_all(file, part)
            if durable:
                os.fsync(file.fileno())
        if unless and digest.hexdigest() == unless:
            os.unlink(temporary)  # noqa: PTH108 - as above
        else:
            os.replace(temporary, path)  # noqa: PTH105 - as above
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108 - as above
        raise
    return digest.hexdigest()


def _write_all(file: io.FileIO, part: bytes) -> None:
    """Write bytes whole: a file without a buffer may take fewer than it is given."""
    left = memoryview(part)
    while left:
        left = left[file.write(left) :]


def _remove(root: Path, path: str) -> None:
    """Take a file away, and the folders that are empty without it."""
    whole = root / path
    whole.unlink(missing_ok=True)
    for folder in whole.parents:
        if folder == root:
            return
        with contextlib.suppress(OSError):
            folder.rmdir()
