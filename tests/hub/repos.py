"""Repositories of the loopback Hub as values, and a shelf of them that tests fill."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

_FRONT_MATTER = re.compile(r"\s*---\r?\n(.*?)\r?\n---\s*(?:\r?\n|$)", re.DOTALL)
_EPOCH = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class HubFile:
    """A listed file. Without `load` it is listed and cannot be served; `sha256` makes it an LFS file."""

    path: str
    size: int | None
    load: Callable[[], bytes] | None
    sha256: str | None = None
    blob_id: str | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """A state of a repository. `record` holds the API's fields for it; `partial`: the file list leaves files out."""

    sha: str
    date: str
    files: Mapping[str, HubFile]
    record: Mapping[str, Any]
    title: str = ""
    partial: bool = False


@dataclass(slots=True)
class Repo:
    """A repository, its newest commit last. A gate guards files from all but `readers` (tokens) where `guarded`.

    `overrides` replaces fields of the API's record whatever they should be; `...` leaves one out.
    """

    kind: str
    id: str
    commits: list[Commit]
    gated: Literal[False, "auto", "manual"] = False
    guarded: bool = True
    disabled: bool = False
    private: bool = False
    readers: frozenset[str] = frozenset()
    refs: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    overrides: dict[str, Any] = field(default_factory=dict)

    @property
    def head(self) -> Commit:
        main = self.refs.get("main")
        return next((commit for commit in self.commits if commit.sha == main), self.commits[-1])

    @property
    def sha(self) -> str:
        return self.head.sha

    def at(self, revision: str) -> Commit | None:
        """Find the commit that a branch, tag or full commit id means."""
        if revision in {"main", "refs/heads/main"}:
            return self.head
        sha = self.refs.get(revision) or self.tags.get(revision) or revision
        return next((commit for commit in self.commits if commit.sha == sha), None)


@dataclass(frozen=True, slots=True)
class Weights:
    """Content-less LFS content for the builder: listed with this size and a made-up sha256."""

    size: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Lfs:
    """LFS content that can be served, from the other origin."""

    data: bytes


Content = str | bytes | Weights | Lfs


@dataclass(slots=True)
class Shelf:
    """Repositories by kind and id, and where those that moved are now."""

    repos: dict[tuple[str, str], Repo] = field(default_factory=dict)
    moves: dict[tuple[str, str], str] = field(default_factory=dict)

    def find(self, kind: str, repo_id: str) -> Repo | None:
        return self.repos.get((kind, repo_id))

    def moved_to(self, kind: str, repo_id: str) -> str | None:
        return self.moves.get((kind, repo_id))

    def ids(self, kind: str) -> list[str]:
        return sorted(repo_id for of, repo_id in self.repos if of == kind)

    def add(self, kind: str, repo_id: str, files: Mapping[str, Content], *, record: Mapping[str, Any] = {}) -> Repo:
        """Make a repository with one commit; `record` adds to or replaces the API's fields."""
        repo = Repo(kind, repo_id, [])
        self.repos[kind, repo_id] = repo
        self.commit(repo, files, record=record)
        return repo

    def commit(
        self, repo: Repo, files: Mapping[str, Content], *, record: Mapping[str, Any] = {}, title: str = ""
    ) -> str:
        """Add a commit that holds exactly these files, and return its sha."""
        listed = {path: _file(path, content) for path, content in files.items()}
        number = len(repo.commits)
        text = repr((repo.kind, repo.id, number, sorted((file.path, oid(file)) for file in listed.values())))
        date = (_EPOCH + dt.timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        card = read_card(listed.get("README.md"))
        fields = {"cardData": card, **record} if card is not None else dict(record)
        sha = hashlib.sha1(text.encode()).hexdigest()  # noqa: S324 - stands for git's
        repo.commits.append(Commit(sha, date, listed, fields, title))
        return sha

    def move(self, kind: str, old: str, new: str) -> None:
        """Rename a repository: the old id redirects."""
        repo = self.repos.pop((kind, old))
        self.repos[kind, new] = repo
        repo.id = new
        self.moves[kind, old] = new


def _file(path: str, content: Content) -> HubFile:
    if isinstance(content, Weights):
        sha256 = hashlib.sha256(f"{path}:{content.size}".encode()).hexdigest()
        return HubFile(path, content.size, None, sha256)
    if isinstance(content, Lfs):
        sha256 = hashlib.sha256(content.data).hexdigest()
        return HubFile(path, len(content.data), lambda: content.data, sha256)
    data = content.encode() if isinstance(content, str) else content
    return HubFile(path, len(data), lambda: data, None, blob_id(data))


def blob_id(data: bytes) -> str:
    """The git blob id of a content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()  # noqa: S324 - git's own hash


def pointer(file: HubFile) -> bytes:
    """What git holds in place of a file that LFS keeps: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md"""
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{file.sha256}\nsize {file.size}\n".encode()


def read_card(readme: HubFile | None) -> dict[str, Any] | None:
    """Parse a card's front matter as the Hub's API gives it: JSON values, None where there is none that parses."""
    if readme is None or readme.load is None:
        return None
    found = _FRONT_MATTER.match(readme.load()[:2_000_000].decode("utf-8", "replace").removeprefix("\ufeff"))
    try:
        data = yaml.load(found.group(1), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) if found else None  # noqa: S506 - safe loaders
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return as_json(data) if isinstance(data, dict) else None


def as_json(value: Any) -> Any:
    """Turn what YAML gives into what JSON holds: dates become text, keys become text."""
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [as_json(item) for item in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def oid(file: HubFile) -> str:
    """The git blob id of a listed file: as recorded, else computed, else made up."""
    if file.blob_id is None and file.sha256:
        return blob_id(pointer(file))
    if file.blob_id is None and file.load:
        return blob_id(file.load())
    return file.blob_id or hashlib.sha1(file.path.encode()).hexdigest()  # noqa: S324 - stands for git's hash
