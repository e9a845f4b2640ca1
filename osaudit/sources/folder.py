"""A folder in the Hub's layout as a source: a checkout, a download, or a snapshot inside the Hugging Face cache.

Nothing outside the folder is read, but for the blobs that a Hugging Face cache keeps beside its snapshots. A link is
followed once, when the folder is listed; what it led to is then opened by no link.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from osaudit.compiled import regex
from osaudit.errors import OsauditError
from osaudit.evidence import Absent, Fact, Files, ModelRef, RepoFile, Seen, Unknown, Where
from osaudit.files import card_path, ggufs_to_read, is_safe_path, settings_to_read, texts_to_read
from osaudit.frozen import dataclass
from osaudit.gguf import HEAD_BYTES
from osaudit.snapshot import FetchedText, GgufWords, Snapshot
from osaudit.sources.opening import is_real_folder, open_regular
from osaudit.sources.record import MAX_FILES, listing, parse_json
from osaudit.sources.refs import is_commit, is_hub_id
from osaudit.sources.tensors import parameters_in
from osaudit.sources.text import READ_LIMIT, as_gguf, as_text

_MAX_DEPTH = 24
_SKIPPED = frozenset({".git", ".cache", ".hg", ".svn", "__pycache__"})  # of tools, not of the repository
_CACHED = regex(r"(model|dataset)s--(.+)")
_LINK = regex(r"(?m)^license_link:[ \t]*['\"]?([^'\"\r\n]{1,500})")  # a hint at what to read, not a reading
_LINK_WITHIN = 100_000
_BLOB_SHA256 = regex(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Found:
    """The regular files of a folder by their path in it; `complete` is False where something was left out."""

    real: Mapping[str, Path]
    listed: Files


def fetch_folder(path: Path | str) -> Snapshot:
    """Read the folder; OsauditError where there is none. In a Hugging Face cache, id and commit come from its path."""
    root = Path(path)
    if not root.is_dir():
        raise OsauditError(f"{_shown(root.name)}: no such folder: name a folder with a model's files")
    ref, commit = cached_as(root) or (ModelRef(_shown(root.resolve().name) or "folder"), None)
    found = walk(root, is_cached=commit is not None)
    return snapshot_of_files(ref, commit, found, "folder")


def cached_as(root: Path) -> tuple[ModelRef, str] | None:
    """Read repository and commit off a path of the form `models--org--name/snapshots/<commit>`, no link among them."""
    named = Path(os.path.abspath(root))  # noqa: PTH100 - resolving would follow links, and they are what is asked about
    parts = named.parts[-3:]
    match = _CACHED.fullmatch(parts[0]) if len(parts) == 3 and parts[1] == "snapshots" else None  # noqa: PLR2004
    repo = match.group(2).replace("--", "/") if match else ""
    if match is None or not is_hub_id(repo) or not is_commit(parts[2]):
        return None
    if not (is_real_folder(named) and is_real_folder(named.parent)):
        return None
    return ModelRef(repo, None, "model" if match.group(1) == "model" else "dataset"), parts[2]


def snapshot_of_files(ref: ModelRef, commit: str | None, found: Found, source: Literal["folder", "cache"]) -> Snapshot:
    """Read texts, configuration and parameter counts of the files found."""
    no_record = Unknown("a local copy holds no record of the Hub")
    paths = [file.path for file in found.listed.entries]
    texts = texts_to_read(paths, _card_links(found.real.get(card_path(paths) or "")))
    wanted = (*texts, *(settings_to_read(paths) if ref.kind == "model" else ()))
    heads = [_gguf(path, found.real) for path in ggufs_to_read(paths)] if ref.kind == "model" else []
    return Snapshot(
        ref=ref,
        source=source,
        commit=Absent() if commit is None else Seen(commit),
        last_modified=no_record,
        files=Seen(found.listed, (listing(ref, commit),)),
        gated=no_record,
        card_data=no_record,
        config=_config(ref, commit, found.real.get("config.json")),
        parameters=parameters_in(found.real) if ref.kind == "model" else Absent(),
        texts={path: _text(path, found.real.get(path)) for path in wanted},
        gguf=heads[0] if heads else Absent(),
        more_gguf=tuple(heads[1:]),
    )


def walk(root: Path, *, is_cached: bool) -> Found:
    """List the folder's files in order, without leaving it."""
    top = root.resolve()
    blobs = top.parent.parent / "blobs"
    homes = [top, blobs] if is_cached and is_real_folder(blobs) else [top]
    real: dict[str, Path] = {}
    entries: list[RepoFile] = []
    left_out = is_cached  # a cached snapshot holds what was once asked for
    for path, entry in _entries(root, "", 0):
        target = _inside(entry, homes) if entry and len(entries) < MAX_FILES else None
        if target is None:
            left_out = True
            continue
        real[path] = target
        is_blob = is_cached and _BLOB_SHA256.fullmatch(target.name)
        entries.append(RepoFile(path, target.stat().st_size, target.name if is_blob else None))
    entries.sort(key=lambda file: file.path)
    return Found(real, Files(tuple(entries), complete=not left_out))


def _entries(folder: Path, prefix: str, depth: int) -> Iterator[tuple[str, os.DirEntry[str] | None]]:
    """Yield every file's path; with None in place of the entry where it cannot be looked into."""
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError:
        yield prefix, None
        return
    for entry in entries:
        path = f"{prefix}{entry.name}"
        if not _is_name(path) or depth > _MAX_DEPTH:
            yield prefix, None
        elif not entry.is_dir(follow_symlinks=False):
            yield path, entry
        elif entry.name not in _SKIPPED:
            yield from _entries(folder / entry.name, f"{path}/", depth + 1)


def _is_name(path: str) -> bool:
    """Tell whether the path can be written down: safe, and no bytes that are not UTF-8."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return is_safe_path(path)


def _inside(entry: os.DirEntry[str], homes: list[Path]) -> Path | None:
    """Follow the entry to a regular file inside one of the homes; None for everything else."""
    try:
        target = Path(entry.path).resolve(strict=True)
        is_file = stat.S_ISREG(target.stat().st_mode)
    except (OSError, RuntimeError):
        return None
    return target if is_file and any(target.is_relative_to(home) for home in homes) else None


def _text(path: str, real: Path | None) -> Fact[FetchedText]:
    if real is None:
        return Unknown("listed, but not in the local copy")
    data = read_bounded(real, READ_LIMIT)
    if isinstance(data, Unknown):
        return data
    return as_text(path, data[:READ_LIMIT], truncated=len(data) > READ_LIMIT)


def _gguf(path: str, real: Mapping[str, Path]) -> Fact[GgufWords]:
    if path not in real:
        return Absent()
    data = read_bounded(real[path], HEAD_BYTES)
    return data if isinstance(data, Unknown) else as_gguf(path, data)


def read_bounded(path: Path, limit: int) -> bytes | Unknown:
    """Read up to one byte more than the limit of a resolved path, so that the caller sees whether there was more."""
    try:
        with open_regular(path) as file:
            return file.read(limit + 1)
    except OSError as error:
        return Unknown(f"cannot be read: {error.strerror}")


def _card_links(card: Path | None) -> Mapping[str, str]:
    """Find the licence file that the card's front matter points to; it may have any name."""
    data = read_bounded(card, _LINK_WITHIN) if card else b""
    link = _LINK.search(data.decode("utf-8", "replace")) if isinstance(data, bytes) else None
    return {"license_link": link.group(1).strip()} if link else {}


def _config(ref: ModelRef, commit: str | None, real: Path | None) -> Fact[Mapping[str, Any]]:
    where = Where(ref.path, commit, "config.json")
    if real is None:
        return Absent((where,))
    data = read_bounded(real, READ_LIMIT)
    if isinstance(data, Unknown):
        return data
    if len(data) > READ_LIMIT:
        return Unknown(f"config.json is over {READ_LIMIT // 2**20} MB")
    try:
        config = parse_json(data)
    except ValueError:
        return Unknown("config.json is no JSON")
    if not isinstance(config, dict):
        return Unknown("config.json holds no object")
    place = Where(ref.path, commit, "config.json", sha256=hashlib.sha256(data).hexdigest())
    return Seen(config, (place,))


def _shown(name: str) -> str:
    """Make a file name printable."""
    return "".join(sign if sign.isprintable() else "?" for sign in os.fsencode(name).decode("utf-8", "replace"))[:200]
