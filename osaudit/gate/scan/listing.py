"""Which files of a tree are read: no vendored code, nothing that git ignores, no link, nothing too large."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pathspec

from osaudit.errors import OsauditError
from osaudit.gate.scan import gitread
from osaudit.gate.scan.adopted import Unread

SILENT = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        "__pycache__",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".ipynb_checkpoints",
        ".cache",
    }
)
VENDORED = frozenset(
    {
        "node_modules",
        "bower_components",
        "site-packages",
        "dist-packages",
        "vendor",
        "vendored",
        "_vendor",
        "third_party",
    }
    | {"third-party", "thirdparty", ".venv", "venv", "virtualenv", ".tox", ".nox", ".eggs", "__pypackages__"}
)

_OTHERS = "vendored or installed code: name the folder itself to scan it"
_LINK = "a link, which is not followed"
_NAMES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in {
        "notebook": r".*\.ipynb",
        "python": r".*\.pyw?",
        "yaml": r".*\.ya?ml",
        "json": r".*\.(?:jsonc?|json5)",
        "toml": r".*\.toml",
        "ini": r".*\.(?:cfg|ini)",
        "dotenv": r"\.env|\.env\..*|.*\.env",
        "shell": r".*\.(?:sh|bash|zsh|ksh|command|slurm|sbatch)",
        "dockerfile": r"(?:Dockerfile|Containerfile)(?:\..*)?|.*\.(?:Dockerfile|Containerfile)",
        "modelfile": r"Modelfile(?:\..*)?|.*\.Modelfile",
        "makefile": r"(?:GNU)?Makefile(?:\..*)?|.*\.mk",
        "procfile": r"Procfile(?:\..*)?",
        "list": r".*requirements.*\.(?:txt|in)|environment\.txt",
    }.items()
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a scan: bytes of one file and of one notebook, files, and folders within each other."""

    file_bytes: int = 2 * 1024 * 1024
    notebook_bytes: int = 32 * 1024 * 1024
    files: int = 200_000
    depth: int = 60

    def of(self, kind: str) -> int:
        """The bytes that a file of a kind may have."""
        return self.notebook_bytes if kind == "notebook" else self.file_bytes


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a tree that can adopt something, by kind; every path that there is; what was left out, and why."""

    kinds: dict[str, str]
    paths: frozenset[str]
    unread: tuple[Unread, ...]


def kind_of(path: str) -> str:
    """The kind of file that a name promises; nothing where it promises none that is read."""
    name = path.rpartition("/")[2]
    return next((kind for kind, pattern in _NAMES if pattern.fullmatch(name)), "")


def list_tree(root: Path, limits: Limits) -> Listing:
    """List the files below a folder; OsauditError where it cannot be listed."""
    told = gitread.listed(root) if _has_git(root) else None
    unread: list[Unread] = []
    paths = list(_present(root, told, unread) if told else _walked(root, limits, unread))
    listing = sift(paths, limits)
    return Listing(listing.kinds, listing.paths, (*listing.unread, *_settled(root, unread, listing.kinds)))


def _settled(root: Path, unread: list[Unread], kinds: Mapping[str, str]) -> tuple[Unread, ...]:
    """Leave out links that lead to a file which is read itself."""

    def leads_there(path: str) -> bool:
        try:
            return (root / path).resolve().relative_to(root).as_posix() in kinds
        except (OSError, ValueError, RuntimeError):
            return False

    return tuple(one for one in unread if one.why != _LINK or not leads_there(one.path))


def sift(paths: Iterator[str] | Sequence[str], limits: Limits) -> Listing:
    """Leave out what is vendored, and tell the kinds of the rest."""
    every = [path for path in paths if _is_name(path)]
    homes = {path.rpartition("/")[0] for path in every if path.rpartition("/")[2] == "pyvenv.cfg"}
    left: dict[str, str] = {}
    kinds: dict[str, str] = {}
    over = False
    for path in every:
        parts = path.split("/")[:-1]
        folders = ["/".join(parts[: at + 1]) for at in range(len(parts))]
        out = next(
            (folder for part, folder in zip(parts, folders, strict=True) if _is_left_out(part, folder, homes)), None
        )
        kind = kind_of(path)
        if out is not None:
            if kind and out.rpartition("/")[2] not in SILENT:
                left[out] = _OTHERS
        elif kind and len(kinds) >= limits.files:
            over = True
        elif kind:
            kinds[path] = kind
    told = [Unread(path, why, left_out=True) for path, why in left.items()]
    if over:
        told.append(Unread("", f"more than {limits.files:,} files: name a folder in it"))
    within = {path[: found.start()] for path in every for found in re.finditer("/", path)}
    return Listing(kinds, frozenset({*every, *within}), tuple(told))


def read_bytes(root: Path, path: str, limit: int) -> bytes | Unread:
    """Read a file that is plain and no larger than the limit; why it was not, where it is not."""
    try:
        handle = os.open(root / path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        return Unread(path, f"it cannot be opened: {error.strerror or error}")
    except ValueError:
        return Unread(path, "its name cannot be")
    with os.fdopen(handle, "rb") as file:
        held = os.fstat(file.fileno())
        if not stat.S_ISREG(held.st_mode):
            return Unread(path, "it is no plain file")
        if held.st_size > limit:
            return too_large(path, held.st_size, limit)
        try:
            data = file.read(limit + 1)
        except OSError as error:
            return Unread(path, f"it cannot be read: {error.strerror or error}")
    return too_large(path, len(data), limit) if len(data) > limit else data


def too_large(path: str, size: int, limit: int) -> Unread:
    """What is told of a file over the limit."""
    return Unread(path, f"{size / 1e6:.1f} MB, over the limit of {limit / 1e6:.1f} MB")


def _is_name(path: str) -> bool:
    return "\n" not in path and len(path) < 4096 and not {"..", ""} & set(path.split("/"))  # noqa: PLR2004 - PATH_MAX


def _is_left_out(part: str, folder: str, homes: set[str]) -> bool:
    return part in SILENT or part in VENDORED or folder in homes or part.endswith(".egg-info")


def _has_git(root: Path) -> bool:
    import shutil  # noqa: PLC0415 - a look on PATH

    return shutil.which("git") is not None and any((folder / ".git").exists() for folder in (root, *root.parents))


def _present(root: Path, paths: list[str], unread: list[Unread]) -> Iterator[str]:
    """What of the list is on disk as a plain file, and behind no link."""
    linked = {"": False}
    for path in paths:
        if not _is_name(path) or _behind_link(root, path.rpartition("/")[0], linked):
            continue
        try:
            mode = (root / path).lstat().st_mode
        except (OSError, ValueError):
            continue
        if stat.S_ISREG(mode):
            yield path
        elif stat.S_ISLNK(mode) and kind_of(path):
            unread.append(Unread(path, _LINK))


def _behind_link(root: Path, folder: str, linked: dict[str, bool]) -> bool:
    if folder not in linked:
        above = _behind_link(root, folder.rpartition("/")[0], linked)
        linked[folder] = above or (root / folder).is_symlink()
    return linked[folder]


def _walked(root: Path, limits: Limits, unread: list[Unread]) -> Iterator[str]:
    """Walk a folder without following links, and leave out what its `.gitignore` files say."""
    stack: list[tuple[str, tuple[tuple[str, pathspec.GitIgnoreSpec], ...]]] = [("", ())]
    count = 0
    while stack:
        folder, specs = stack.pop()
        specs = (*specs, *_ignores(root, folder))
        try:
            with os.scandir(root / folder) as scanned:
                entries = sorted(scanned, key=lambda one: one.name)
        except OSError as error:
            if not folder:
                raise OsauditError(f"{root.name or root} cannot be listed: {error.strerror or error}") from error
            unread.append(Unread(folder, f"it cannot be listed: {error.strerror or error}"))
            continue
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            count += 1
            if count > limits.files * 5:
                unread.append(Unread("", f"more than {limits.files * 5:,} entries: name a folder in it"))
                return
            if _ignored(path + "/" * entry.is_dir(follow_symlinks=False), specs) or entry.name in SILENT:
                continue
            if entry.is_file(follow_symlinks=False):
                yield path
            elif why := _not_entered(entry, root / path, path.count("/") >= limits.depth):
                if kind_of(path) or entry.is_dir(follow_symlinks=False):
                    unread.append(Unread(path, why, left_out=why == _OTHERS))
            else:
                stack.append((path, specs))


def _not_entered(entry: os.DirEntry[str], path: Path, deep: bool) -> str:  # noqa: FBT001 - one caller
    """Why a thing that is no file is left out; nothing where it is a folder to look into."""
    if entry.is_symlink():
        return _LINK
    if not entry.is_dir(follow_symlinks=False):
        return "it is no plain file"
    if deep:
        return "it lies in too many folders"
    vendored = entry.name in VENDORED or (path / "pyvenv.cfg").is_file()
    return _OTHERS if vendored else ""


def _ignores(root: Path, folder: str) -> Iterator[tuple[str, pathspec.GitIgnoreSpec]]:
    path = f"{folder}/.gitignore" if folder else ".gitignore"
    if not (root / path).is_file():
        return
    held = read_bytes(root, path, 1024 * 1024)
    if isinstance(held, bytes):
        try:
            yield folder, pathspec.GitIgnoreSpec.from_lines(held.decode("utf-8", "replace").splitlines()[:5000])
        except ValueError:
            return


def _ignored(path: str, specs: tuple[tuple[str, pathspec.GitIgnoreSpec], ...]) -> bool:
    for folder, spec in reversed(specs):
        verdict = spec.check_file(path[len(folder) + 1 :] if folder else path).include
        if verdict is not None:
            return bool(verdict)
    return False
