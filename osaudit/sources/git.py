"""A code repository on a host of git as a source: its files' names at one commit, and the texts that decide something.

One `ls-remote` names the commit; a fetch brings commit and folders without any file; a second one brings the chosen
files by their ids. Nothing is checked out. What was seen is kept in the cache by its commit, and the address's newest
commit for a day: within that time nothing is asked. That the host has no such repository, or more than is read of one,
is kept for an hour.
"""

from __future__ import annotations

import hashlib
import logging
import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from osaudit import codec
from osaudit.codehost import CodeAddress
from osaudit.evidence import Absent, Fact, Files, ModelRef, RepoFile, Seen, Unknown, Where
from osaudit.files import is_safe_path
from osaudit.frozen import dataclass
from osaudit.shapes import ShapeError
from osaudit.snapshot import FetchedText, Snapshot
from osaudit.sources.gitcommand import Bounds, Git, GitError, find_git
from osaudit.sources.sealing import key_of, sealed, unsealed
from osaudit.sources.store import Store, read_json, write_json
from osaudit.sources.text import as_text

FRESH = timedelta(days=1)
"""For so long an address's newest commit is taken from the cache, and its host is not asked."""

REFUSED = timedelta(hours=1)
"""For so long the host is not asked again of what it said that it does not have, or sent too much of."""

SECONDS = 45.0
"""What each of the three questions to a host may take."""

MAX_FILES = 200_000
MAX_BLOBS = 96
MAX_TEXT = 1024 * 1024
MAX_TEXTS = 8 * 1024 * 1024
"""Bytes of all texts of a repository together."""

TREES = 96 * 1024 * 1024
BLOBS = 32 * 1024 * 1024
_TO_LIST = 128 * 1024 * 1024

LINK, SUBMODULE = "120000", "160000"
_TOO_LONG = f"it is longer than {MAX_TEXT // 2**20} MB, and was not read"
_OID = re.compile(r"[0-9a-f]{40}")
_ENTRY = re.compile(rb"(\d{6}) (\w+) ([0-9a-f]{40})\t(.+)", re.DOTALL)
_QUIET = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a repository is wanted: which of its files are read, the most telling first, and which names are kept.

    `version` is that of these two: what was fetched by another is not taken from the cache.
    """

    choose: Callable[[Sequence[str]], Iterable[str]]
    keep: Callable[[str], bool]
    version: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """A repository at its commit: what is to be read of it, and the paths that are links or further repositories.

    Its snapshot lists the names that were wanted, of `listed` in all; the list is complete where all were seen.
    """

    snapshot: Snapshot
    links: tuple[str, ...] = ()
    submodules: tuple[str, ...] = ()
    listed: int = 0


@dataclass(frozen=True, slots=True)
class GitSource:
    """Fetches code repositories. `store` None: nothing is kept; `offline`: what was seen before, and no network."""

    store: Store | None
    offline: bool = False
    seconds: float = SECONDS
    turns: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(4))

    def fetch(self, address: CodeAddress, wanted: Wanted) -> Fetched:
        """Fetch a repository, or take what was seen of it; GitError where neither can be."""
        known = self._kept(address, wanted.version)
        if known is not None:
            return known
        if self.offline:
            raise GitError("it was not seen before, and nothing is asked offline")
        self._refused(address, wanted.version)
        try:
            found = self._fetched(address, wanted)
        except GitError as error:
            self._keep_refusal(address, wanted.version, error)
            raise
        self._keep(address, wanted.version, found)
        return found

    def _fetched(self, address: CodeAddress, wanted: Wanted) -> Fetched:
        with self.turns, tempfile.TemporaryDirectory(prefix="osaudit-git-", dir=self._root()) as made:
            return _Fetching(find_git(), Path(made), address, self.seconds).fetch(wanted)

    def _root(self) -> str | None:
        """The folder in which all is fetched: the cache's own, so that nothing is written elsewhere."""
        if self.store is None:
            return None
        try:
            folder = self.store.root / "linked"
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            return None
        return str(folder)

    def _file(self, address: CodeAddress, commit: str, reader: str) -> Path | None:
        if self.store is None:
            return None
        name = hashlib.sha256(f"{address.repo.casefold()}@{commit}/{reader}".encode()).hexdigest()[:40]
        return self.store.root / "linked" / f"{name}.json"

    def _kept(self, address: CodeAddress, reader: str) -> Fetched | None:
        pointer = self._file(address, f"ref:{address.ref}", reader)
        match self._load(pointer):
            case {"asked": address.key, "commit": str(commit), "seen_at": str(seen_at)} if _OID.fullmatch(commit):
                if not (self.offline or self._is_within(seen_at, FRESH)):
                    return None
            case _:
                return None
        file = self._file(address, commit, reader)
        return _structured(self._load(file), address, commit)

    def _load(self, file: Path | None) -> Any:  # noqa: ANN401 - JSON
        """What is kept in a file under this machine's seal: no host vouches for it when it is used again."""
        key = key_of(self.store.root) if self.store and file else b""
        return unsealed(key, file.name, read_json(file)) if key and file else None

    def _save(self, file: Path, data: Any) -> None:  # noqa: ANN401 - JSON
        key = key_of(self.store.root) if self.store else b""
        if key:
            write_json(file, sealed(key, file.name, data))

    def _refused(self, address: CodeAddress, reader: str) -> None:
        """GitError where its host said within the hour that it has no such repository, or sent too much of it."""
        file = self._file(address, f"refused:{address.ref}", reader)
        match self._load(file):
            case {"asked": address.key, "why": str(why), "seen_at": str(seen_at)} if self._is_within(seen_at, REFUSED):
                raise GitError(why[:300], answered=True)
            case _:
                return

    def _keep_refusal(self, address: CodeAddress, reader: str, error: GitError) -> None:
        file = self._file(address, f"refused:{address.ref}", reader)
        if error.answered and file is not None and self.store is not None:
            seen_at = self.store.now().isoformat(timespec="seconds")
            self._save(file, {"asked": address.key, "why": error.why, "seen_at": seen_at})

    def _is_within(self, seen_at: str, most: timedelta) -> bool:
        try:
            seen = datetime.fromisoformat(seen_at)
        except ValueError:
            return False
        now = self.store.now() if self.store else datetime.now(UTC)
        return seen.tzinfo is not None and timedelta(0) <= now - seen < most

    def _keep(self, address: CodeAddress, reader: str, found: Fetched) -> None:
        commit = found.snapshot.commit
        if self.store is None or not isinstance(commit, Seen):
            return
        file = self._file(address, commit.value, reader)
        pointer = self._file(address, f"ref:{address.ref}", reader)
        if file and pointer:
            self._save(file, codec.shapes().write(Fetched, found))
            seen_at = self.store.now().isoformat(timespec="seconds")
            self._save(pointer, {"asked": address.key, "commit": commit.value, "seen_at": seen_at})


@dataclass(frozen=True, slots=True)
class _Fetching:
    """One fetch, into a bare repository that is made for it and goes away with it."""

    git: Git
    folder: Path
    address: CodeAddress
    seconds: float

    def fetch(self, wanted: Wanted) -> Fetched:
        self.git.read(self.folder, ["init", "--quiet", "--bare", "--template=", "--", "bare"], Bounds(20))
        shutil.rmtree(self.folder / "bare" / "hooks", ignore_errors=True)
        commit = self._commit()
        shallow = ("--depth=1", "--filter=blob:none")
        self._ask([*self._in_bare, "fetch", *_QUIET, *shallow, "--", self.address.url, commit], disk=TREES)
        entries, complete = self._list(commit)
        chosen = self._chosen(entries, wanted)
        texts = self._texts(chosen)
        return Fetched(
            snapshot=self._snapshot(commit, filter(wanted.keep, entries), texts, complete=complete),
            links=tuple(path for path, (mode, _) in entries.items() if mode == LINK)[:MAX_BLOBS],
            submodules=tuple(path for path, (mode, _) in entries.items() if mode == SUBMODULE)[:MAX_BLOBS],
            listed=len(entries),
        )

    @property
    def _in_bare(self) -> tuple[str, ...]:
        return ("--git-dir=bare",)

    def _ask(self, arguments: Sequence[str], *, disk: int, given: bytes = b"") -> bytes:
        return self.git.ask(self.folder, arguments, Bounds(self.seconds, disk=disk), given)

    def _commit(self) -> str:
        """Ask for the commit of the revision that the link names, else of the default branch."""
        ref = self.address.ref
        if _OID.fullmatch(ref):
            return ref
        wanted = ["HEAD", *((f"refs/heads/{ref}", f"refs/tags/{ref}", f"refs/tags/{ref}^{{}}") if ref else ())]
        told = self._ask([*self._in_bare, "ls-remote", "--quiet", "--", self.address.url, *wanted], disk=BLOBS)
        lines = (line.partition("\t") for line in told.decode(errors="replace").splitlines())
        found = {name: oid for oid, _, name in lines if _OID.fullmatch(oid)}
        commit = next((found[name] for name in reversed(wanted) if name in found), None)
        if commit is None:
            raise GitError("its host tells no commit of it: it is empty")
        return commit

    def _list(self, commit: str) -> tuple[dict[str, tuple[str, str]], bool]:
        """List mode and id of each path; whether that is all. A path that leads out, or could, is left out."""
        entries: dict[str, tuple[str, str]] = {}
        arguments = [*self._in_bare, "ls-tree", "-r", "-z", "--full-tree", commit]
        bounds = Bounds(self.seconds, output=_TO_LIST)
        with closing(self.git.entries(self.folder, arguments, bounds)) as listed:
            for at, entry in enumerate(listed):
                if at >= MAX_FILES:
                    return entries, False
                found = _ENTRY.fullmatch(entry)
                path = found.group(4).decode(errors="replace") if found else ""
                if found and path.isprintable() and is_safe_path(path):
                    entries[path] = (found.group(1).decode(), found.group(3).decode())
        return entries, True

    def _chosen(self, entries: Mapping[str, tuple[str, str]], wanted: Wanted) -> dict[str, str]:
        """The plain files that are read, with their ids: no links, no further repositories."""
        plain = [path for path, (mode, _) in entries.items() if mode not in {LINK, SUBMODULE}]
        paths = dict.fromkeys(path for path in wanted.choose(plain) if path in entries)
        return {path: entries[path][1] for path in tuple(paths)[:MAX_BLOBS]}

    def _texts(self, chosen: Mapping[str, str]) -> dict[str, Fact[FetchedText]]:
        """Fetch the chosen files in one go, and read those that are not too long."""
        if not chosen:
            return {}
        ids = "".join(f"{oid}\n" for oid in dict.fromkeys(chosen.values())).encode()
        further = ("--filter=blob:none", "--stdin")
        self._ask([*self._in_bare, "fetch", *_QUIET, *further, "--", self.address.url], disk=TREES + BLOBS, given=ids)
        told = self.git.read(self.folder, [*self._in_bare, "cat-file", "--batch-check"], Bounds(self.seconds), ids)
        sizes = dict(_size(line) for line in told.decode(errors="replace").splitlines())
        short = _within(dict.fromkeys(chosen.values()), sizes)
        content = self._contents(short, sizes)
        return {path: _text(path, oid, sizes, content) for path, oid in chosen.items()}

    def _contents(self, ids: Sequence[str], sizes: Mapping[str, int]) -> dict[str, bytes]:
        given = "".join(f"{oid}\n" for oid in ids).encode()
        most = sum(sizes[oid] + 128 for oid in ids)
        batch = self.git.read(
            self.folder, [*self._in_bare, "cat-file", "--batch"], Bounds(self.seconds, output=most), given
        )
        found: dict[str, bytes] = {}
        at = 0
        for oid in ids:
            head_ends = batch.find(b"\n", at)
            start, end = head_ends + 1, head_ends + 1 + sizes[oid]
            data = batch[start:end]
            if hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest() == oid:
                found[oid] = data
            at = end + 1
        return found

    def _snapshot(
        self,
        commit: str,
        kept: Iterable[str],
        texts: Mapping[str, Fact[FetchedText]],
        *,
        complete: bool,
    ) -> Snapshot:
        ref = ModelRef(self.address.repo, self.address.ref or None, "code")
        where = Where(self.address.repo, commit, "(file list)", url=f"https://{self.address.repo}")
        files = Files(tuple(map(RepoFile, kept)), complete)
        nothing = Absent()
        return Snapshot(
            ref=ref,
            source="git",
            commit=Seen(commit, (where,)),
            last_modified=nothing,
            files=Seen(files, (where,)),
            gated=nothing,
            card_data=nothing,
            config=nothing,
            parameters=nothing,
            texts=texts,
        )


def _within(ids: Iterable[str], sizes: Mapping[str, int]) -> list[str]:
    """Keep those that are short enough, the first ones first, up to the bound of all together."""
    kept, total = [], 0
    for oid in ids:
        size = sizes.get(oid, -1)
        if 0 <= size <= MAX_TEXT and total + size <= MAX_TEXTS:
            kept.append(oid)
            total += size
    return kept


def _size(line: str) -> tuple[str, int]:
    """Read a line of `cat-file --batch-check`: the id, what it is, its size in bytes; -1 where it is no file."""
    oid, kind, size = (*line.split(" "), "", "")[:3]
    return oid, int(size) if kind == "blob" and size.isdigit() else -1


def _text(path: str, oid: str, sizes: Mapping[str, int], content: Mapping[str, bytes]) -> Fact[FetchedText]:
    if sizes.get(oid, -1) > MAX_TEXT:
        return Unknown(_TOO_LONG)
    return as_text(path, content[oid]) if oid in content else Unknown("it was not sent, or is beyond what is read")


def _structured(data: Any, address: CodeAddress, commit: str) -> Fetched | None:  # noqa: ANN401 - JSON
    """Take a stored repository up again, where it is the one that was asked for and its texts are what they say."""
    try:
        found = codec.shapes().read(Fetched, data) if data is not None else None
    except (ShapeError, RecursionError) as error:
        _log.info("a stored repository is damaged and left aside: %s", type(error).__name__)
        return None
    if found is None or found.snapshot.ref.repo.casefold() != address.repo.casefold():
        return None
    told = found.snapshot.commit
    return found if isinstance(told, Seen) and told.value == commit else None
