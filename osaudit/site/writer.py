"""The site's folder: its files are whole or not there, left alone where they are right, taken away when done with.

`.osaudit-site` tells, a line a file, what the last build wrote: the content's SHA-256 and the key of what it was made
from. A page whose key is the same is not made again. A folder without it that holds anything is somebody else's.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

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

    `key` names all that it was made from; a file without one is made in every build, and written where it differs.
    `shared`: many files have this content, and may be one on the disk, under many names.
    """

    path: str
    data: bytes | None
    key: str = ""
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Former:
    """What the last build wrote: by path, the content's SHA-256 and the key."""

    root: Path
    files: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    folders: dict[str, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    def kept(self, path: str, key: str) -> bool:
        """Whether the file of the last build was made from the same, and is still there."""
        told = self.files.get(path)
        return bool(key) and told is not None and told[1] == key and self._is_there(path)

    def _is_there(self, path: str) -> bool:
        """Whether a file lay there when its folder was first asked for: a folder of many files is read once."""
        folder, _, name = path.rpartition("/")
        names = self.folders.get(folder)
        if names is None:
            names = self.folders[folder] = frozenset(_names(self.root / folder))
        return name in names

    def keep(self, path: str, key: str) -> Made:
        """The file of the last build."""
        return Made(path, None, key)


def _names(folder: Path) -> Iterator[str]:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        yield from (entry.name for entry in entries if entry.is_file(follow_symlinks=False))


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
            yield Former(out, {**_told(out / MANIFEST), **_told(out / _JOURNAL)})
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


def _told(path: Path) -> dict[str, tuple[str, str]]:
    """The lines of a manifest; one that is cut off, or of another version, tells of no file that can be kept."""
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    known = lines[:1] == [_HEAD]
    found: dict[str, tuple[str, str]] = {}
    for line in lines[1:]:
        digest, _, rest = line.partition(" ")
        key, _, named = rest.partition(" ")
        if named and _is_plain(named):
            found[named] = (digest, key if known else "")
    return found


def _is_plain(path: str) -> bool:
    """Whether a path stays below the site's folder."""
    parts = PurePosixPath(path).parts
    return bool(parts) and path == "/".join(parts) and not path.startswith("/") and ".." not in parts


def write(former: Former, files: Iterable[Made]) -> Written:
    """Write a site's files and take away what the last build had besides; give what was done."""
    root = former.root
    now: dict[str, tuple[str, str]] = {}
    written = 0
    folders: set[Path] = set()
    links: dict[str, Path] = {}
    with (root / _JOURNAL).open("w", encoding="utf-8") as journal:
        print(_HEAD, file=journal)
        for made in files:
            if not _is_plain(made.path) or "\n" in made.path or made.path in now:
                raise ValueError(f"no path of a site, or there twice: {made.path!r}")
            digest, done = _put(former, made, folders, links)
            written += done
            now[made.path] = (digest, made.key)
            print(
                digest, made.key, made.path, file=journal
            )  # noted at once: a build that is cut off leaves none unknown
    gone = [path for path in former.files if path not in now]
    for path in gone:
        _remove(root, path)
    text = "".join(f"{digest} {key} {path}\n" for path, (digest, key) in sorted(now.items()))
    _replace(root / MANIFEST, f"{_HEAD}\n{text}".encode(), durable=True)
    (root / _JOURNAL).unlink()
    return Written(len(now), written, len(gone))


def _put(former: Former, made: Made, folders: set[Path], links: dict[str, Path]) -> tuple[str, bool]:
    """Write a file where its content is not there yet; give the content's hash, and whether it was written.

    `links` has a file of each shared content that this build wrote.
    """
    told = former.files.get(made.path, ("", ""))
    if made.data is None:
        return told[0], False
    digest = hashlib.sha256(made.data).hexdigest()
    path = former.root / made.path
    if told[0] == digest and _is_there(path, len(made.data)):
        return digest, False
    if path.parent not in folders:
        _make_folder(former.root, path.parent)
        folders.add(path.parent)
    if not (made.shared and digest in links and _link(links[digest], path)):
        _replace(path, made.data)
        if made.shared:
            links[digest] = path
    return digest, True


def _link(there: Path, path: Path) -> bool:
    """Give a file a further name, in place of what has it; False where the disk has no more names, or none at all."""
    try:
        path.unlink(missing_ok=True)
        os.link(there, path)
    except OSError:
        return False
    return True


def _is_there(path: Path, size: int) -> bool:
    try:
        return path.stat(follow_symlinks=False).st_size == size and not path.is_symlink()
    except OSError:
        return False


def _make_folder(root: Path, folder: Path) -> None:
    """Make a folder of the site; a link in its place, which leads elsewhere, is refused."""
    at = root
    for part in folder.relative_to(root).parts:
        at /= part
        if at.is_symlink():
            raise UsageError(f"{at} is a link: a site's folders are folders")
        at.mkdir(exist_ok=True)


def _replace(path: Path, data: bytes, *, durable: bool = False) -> None:
    temporary = path.with_name(f"{_TEMPORARY}{path.name[:60]}")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _remove(root: Path, path: str) -> None:
    """Take a file away, and the folders that are empty without it."""
    whole = root / path
    whole.unlink(missing_ok=True)
    for folder in whole.parents:
        if folder == root:
            return
        with contextlib.suppress(OSError):
            folder.rmdir()
