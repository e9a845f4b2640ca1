"""The Hub's API record of a repository as the facts of a snapshot. Nothing in the record is taken on trust."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeGuard, TypeVar

from osaudit.compiled import regex
from osaudit.errors import OsauditError
from osaudit.evidence import Absent, Fact, Files, GateMode, ModelRef, Parameters, RepoFile, Seen, Unknown, Where
from osaudit.files import is_safe_path
from osaudit.snapshot import Snapshot
from osaudit.sources.refs import is_commit, is_hub_id

QUERY = "blobs=true"
"""What is asked for: all of the record, and the ids and sizes of its files, which the Hub refuses with `expand`."""

MAX_FILES = 100_000
_MAX_COUNT = 10**18
_SHA256 = regex("[0-9a-f]{64}")
_NEXT = regex(r"<[^<>?]*\?([^<>\s]*)>\s*;\s*rel=\"?next\"?")

T = TypeVar("T")


def parse_json(data: bytes) -> Any:  # noqa: ANN401 - JSON
    """Read JSON from strangers; ValueError where it is none, is nested too deeply or holds absurd numbers."""
    try:
        value = json.loads(data)
        return _without_surrogates(value) if b"\\ud" in data or b"\\uD" in data else value
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def next_page(headers: Mapping[str, str]) -> str | None:
    """Read the next page's query off the `Link` header: of its address no more is taken, for the token goes along."""
    found = _NEXT.search(headers.get("link", "")[:4000])
    return found.group(1) if found else None


def _without_surrogates(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Replace half characters, which JSON can spell and UTF-8 cannot."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return value


def snapshot_of(asked: ModelRef, record: Mapping[str, Any]) -> Snapshot:
    """Turn the record into a snapshot without texts; OsauditError where it is disabled or tells no commit."""
    if record.get("disabled") is True:
        raise disabled(asked)
    name, sha = record.get("id"), record.get("sha")
    repo = name if isinstance(name, str) and is_hub_id(name) else asked.repo
    if not isinstance(sha, str) or not is_commit(sha.lower()):
        raise OsauditError(f"{asked.path}: the Hub's record names no commit, so nothing can be pinned: try again later")
    ref, commit = ModelRef(repo, asked.revision, asked.kind), sha.lower()

    def fact(key: str, read: Callable[[Any], T | None]) -> Fact[T]:
        return _fact(key, record, read, (_place(ref, commit, key),))

    return Snapshot(
        ref=ref,
        source="hub",
        commit=Seen(commit),
        last_modified=fact("lastModified", _time),
        files=files_of(record, (listing(ref, commit),), hashed=ref.kind == "model"),
        gated=fact("gated", _gate),
        card_data=fact("cardData", _object),
        config=fact("config", _object) if ref.kind == "model" else Absent(),
        parameters=fact("safetensors", _parameters) if ref.kind == "model" else Absent(),
        base_models=fact("baseModels", _object) if ref.kind == "model" else Absent(),
        texts={},
    )


def _place(ref: ModelRef, commit: str, key: str) -> Where:
    path = f"api/{ref.kind}s/{ref.repo}"
    return Where(ref.path, commit, path, pointer=f"/{key}", url=f"https://huggingface.co/{path}/revision/{commit}")


def listing(ref: ModelRef, commit: str | None) -> Where:
    """The file list at the commit; a reader finds the Hub's at the tree's page."""
    url = f"https://huggingface.co/{ref.path}/tree/{commit}" if commit else None
    return Where(ref.path, commit, "file list", pointer="/siblings" if commit else None, url=url)


def disabled(ref: ModelRef) -> OsauditError:
    """Say that the Hub has closed the repository."""
    return OsauditError(f"{ref.path}: the Hub has disabled this repository: its page may tell why; audit a local copy")


def _fact(key: str, record: Mapping[str, Any], read: Callable[[Any], T | None], where: tuple[Where, ...]) -> Fact[T]:
    value = record.get(key)
    if value is None and key == "gated":
        return Unknown("the Hub's record does not tell whether the files are gated")
    if value is None:
        return Absent(where)
    known = read(value)
    return Unknown(f"the Hub's record holds an unusable {key}") if known is None else Seen(known, where)


def _time(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return None
    return value


def _gate(value: object) -> GateMode | None:
    match value:
        case False:
            return "open"
        case "auto" | "manual" as mode:
            return mode
        case _:
            return None


def _object(value: object) -> Mapping[str, Any] | None:
    return value if isinstance(value, dict) else None


def _parameters(value: object) -> Parameters | None:
    if not isinstance(value, dict):
        return None
    by_dtype = value.get("parameters", {})
    counts = tuple((str(dtype), count) for dtype, count in by_dtype.items()) if isinstance(by_dtype, dict) else ()
    if not all(_is_count(count) for _, count in counts):
        return None
    total = value.get("total", sum(count for _, count in counts) if counts else None)
    return Parameters(total, tuple(sorted(counts))) if _is_count(total) else None


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_COUNT


def files_of(record: Mapping[str, Any], where: tuple[Where, ...], *, hashed: bool = True) -> Fact[Files]:
    """Read a record's file list; `hashed`: with sizes and hashes, where they were asked for."""
    siblings = record.get("siblings")
    if not isinstance(siblings, list):
        return Unknown("the Hub's record lists no files")
    known: dict[str, RepoFile] = {}
    for entry in siblings[:MAX_FILES]:
        file = _file(entry)
        if file:
            known.setdefault(file.path, file if hashed else RepoFile(file.path))
    return Seen(Files(tuple(known.values()), complete=len(known) == len(siblings)), where)


def _file(entry: object) -> RepoFile | None:
    """Read one listed file; None where its name could lead out of the repository."""
    path = entry.get("rfilename") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(path, str) or not is_safe_path(path):
        return None
    size = entry.get("size")
    return RepoFile(path, size if _is_count(size) else None, lfs_sha256(entry.get("lfs")))


def lfs_sha256(lfs: object) -> str | None:
    """Read the hash of a listed file's content; None where there is none, or what is there is no hash."""
    found = lfs.get("sha256") if isinstance(lfs, dict) else None
    return found if isinstance(found, str) and _SHA256.fullmatch(found) else None
