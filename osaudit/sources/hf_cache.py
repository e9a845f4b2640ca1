"""The Hugging Face cache as a source, by its layout on disk: what was downloaded before, at the commit it was of."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from osaudit.errors import OsauditError
from osaudit.evidence import Files, ModelRef, RepoFile, Unknown
from osaudit.files import is_safe_path
from osaudit.snapshot import Snapshot
from osaudit.sources.folder import read_bounded, snapshot_of_files, walk
from osaudit.sources.opening import is_real_folder
from osaudit.sources.record import MAX_FILES, parse_json
from osaudit.sources.refs import is_commit, is_hub_id

_TREE_LIMIT = 64 * 1024 * 1024
_TREE_FORMAT = 1


def cache_folder() -> Path:
    """Give the folder that huggingface_hub would use, from the same environment variables."""
    env = os.environ
    home = env.get("HF_HOME") or str(Path(env.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface")
    named = env.get("HF_HUB_CACHE") or env.get("HUGGINGFACE_HUB_CACHE") or str(Path(home) / "hub")
    return Path(os.path.expandvars(named)).expanduser()


def fetch_hf_cache(ref: ModelRef, cache_dir: Path | None = None) -> Snapshot:
    """Read the cached snapshot that `ref` last meant; OsauditError where there is none."""
    folder = (cache_dir or cache_folder()).resolve() / f"{ref.kind}s--{ref.repo.replace('/', '--')}"
    commit = _commit(folder, ref) if is_hub_id(ref.repo) else None
    root = folder / "snapshots" / (commit or "")
    if commit is None or not (is_real_folder(root) and is_real_folder(root.parent)):
        raise OsauditError(
            f"{ref.path}{f'@{ref.revision}' if ref.revision else ''}: not stored on this machine: "
            "audit it once without --offline (and HF_HUB_OFFLINE), or name a local folder"
        )
    found = walk(root, is_cached=True)
    tree = _tree(folder / "trees" / f"{commit}.json")
    return snapshot_of_files(ref, commit, replace(found, listed=tree) if tree else found, "cache")


def _commit(folder: Path, ref: ModelRef) -> str | None:
    """Find the commit: the one asked for, else what the branch or tag meant when it was last downloaded."""
    revision = ref.revision or "main"
    if is_commit(revision):
        return revision
    data = read_bounded(folder / "refs" / revision, 100) if is_safe_path(revision) else b""
    text = "" if isinstance(data, Unknown) else data.decode("ascii", "replace").strip()
    return text if is_commit(text) else None


def _tree(path: Path) -> Files | None:
    """Read the commit's whole file list, which newer clients keep beside the snapshots."""
    data = read_bounded(path, _TREE_LIMIT)
    if isinstance(data, Unknown) or len(data) > _TREE_LIMIT:
        return None
    try:
        tree = parse_json(data)
    except ValueError:
        return None
    match tree:
        case {"format_version": version, "files": dict(files)} if version == _TREE_FORMAT:
            entries = [_file(name, info) for name, info in list(files.items())[:MAX_FILES]]
            known = tuple(sorted((file for file in entries if file), key=lambda file: file.path))
            return Files(known, complete=len(known) == len(files))
        case _:
            return None


def _file(path: str, info: Any) -> RepoFile | None:  # noqa: ANN401 - JSON
    if not is_safe_path(path) or not isinstance(info, Mapping):
        return None
    size, sha256 = info.get("size"), info.get("lfs_sha256")
    return RepoFile(path, size if isinstance(size, int) else None, sha256 if isinstance(sha256, str) else None)
