"""The cache on disk: whole snapshots, one file a commit, and what each revision asked for meant when last seen.

A file's first line holds its schema and the sha256 of the rest: what is cut, damaged or of another schema counts as
not stored. That finds accidents; who can write here can write both, so that no text is believed before
`osaudit.sources.vouching` has held it to the Hub's list. Writing is atomic, and failing to write never fails an audit.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import platformdirs

from osaudit import codec
from osaudit.errors import UsageError
from osaudit.evidence import ModelRef, Seen
from osaudit.frozen import dataclass
from osaudit.shapes import ShapeError
from osaudit.snapshot import Snapshot
from osaudit.sources.refs import is_commit, is_hub_id, parse_ref

SCHEMA = 2
MAX_BYTES = 256 * 1024 * 1024

_log = logging.getLogger(__name__)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def default_root() -> Path:
    """Give the cache's folder: `OSAUDIT_CACHE`, else the user's cache folder for osaudit."""
    named = os.environ.get("OSAUDIT_CACHE")
    return Path(named).expanduser() if named else platformdirs.user_cache_path("osaudit")


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of snapshots. Threads and processes may share one."""

    root: Path
    now: Callable[[], datetime] = _utc_now

    def load(self, ref: ModelRef, commit: str) -> Snapshot | None:
        """Give the stored snapshot of the repository at the commit, or None; its `ref` is the one passed."""
        if not (is_hub_id(ref.repo) and is_commit(commit)):
            return None
        snapshot = _structured(read_json(self._folder(ref) / f"{commit}.json"))
        if snapshot is None or snapshot.commit != Seen(commit) or snapshot.ref != _bare(ref):
            return None
        return replace(snapshot, ref=ref)

    def save(self, snapshot: Snapshot) -> None:
        """Store the snapshot under its commit."""
        if not (isinstance(snapshot.commit, Seen) and is_hub_id(snapshot.ref.repo)):
            return
        data = codec.shapes().write(Snapshot, replace(snapshot, ref=_bare(snapshot.ref)))
        write_json(self._folder(snapshot.ref) / f"{snapshot.commit.value}.json", data)

    def point(self, asked: ModelRef, snapshot: Snapshot) -> None:
        """Remember which repository and commit `asked` meant now."""
        if isinstance(snapshot.commit, Seen) and is_hub_id(asked.repo):
            seen_at = self.now().isoformat(timespec="seconds")
            data = {"repo": snapshot.ref.repo, "commit": snapshot.commit.value, "seen_at": seen_at}
            write_json(self._pointer(asked), {"asked": [asked.path, _revision(asked)], **data})

    def newest(self, asked: ModelRef) -> Snapshot | None:
        """Give the newest stored snapshot that `asked` meant, or None: what is stored is all that is looked at."""
        data = read_json(self._pointer(asked)) if is_hub_id(asked.repo) else None
        match data:
            case {"asked": [asked.path, revision], "repo": str(repo), "commit": str(commit), "seen_at": str(seen_at)}:
                if revision != _revision(asked):
                    return None
                _log.info("%s: as seen at %s", asked.path, seen_at)
                found = self.load(ModelRef(repo, asked.revision, asked.kind), commit)
            case _:
                found = self.load(asked, asked.revision or "")
        return replace(found, source="cache") if found else None

    def knows(self, named: str) -> bool:
        """Whether some state of a model is stored; no name of a model, or a folder's, is none."""
        try:
            ref = parse_ref(named)
        except UsageError:
            return False
        return is_hub_id(ref.repo) and self._folder(ref).is_dir()

    def _folder(self, ref: ModelRef) -> Path:
        return self.root / f"{ref.kind}s" / ref.repo.replace("/", "--")

    def _pointer(self, ref: ModelRef) -> Path:
        # A revision may hold slashes and be long: its hash is a file name everywhere.
        return self._folder(ref) / "refs" / f"{hashlib.sha256(_revision(ref).encode()).hexdigest()[:32]}.json"


def _bare(ref: ModelRef) -> ModelRef:
    return ModelRef(ref.repo, None, ref.kind)


def _revision(ref: ModelRef) -> str:
    return ref.revision or "main"


def _structured(data: Any) -> Snapshot | None:  # noqa: ANN401 - JSON
    if data is None:
        return None
    try:
        found: Snapshot = codec.shapes().read(Snapshot, data)
    except (ShapeError, RecursionError) as error:
        _log.info("a stored snapshot is damaged and left aside: %s", type(error).__name__)
        return None
    return found


def read_json(path: Path) -> Any:  # noqa: ANN401 - JSON
    """Read a stored file's JSON; None where there is none, or not the one that was written."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        head, _, body = path.read_bytes().partition(b"\n")
        told = json.loads(head)
        if told != _head(body):
            if isinstance(told, dict) and told.get("schema") == SCHEMA:
                _log.warning("%s in the cache is damaged, or was changed, and is left aside", path)
            return None
        return json.loads(body)
    except (OSError, ValueError, RecursionError):
        return None


def write_json(path: Path, data: Any) -> None:  # noqa: ANN401 - JSON
    """Store JSON under its sha256."""
    try:
        body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    except (ValueError, RecursionError) as error:
        _log.warning("the cache in %s cannot be written (%s): this audit is not kept", path.parent, error)
        return
    write_whole(path, json.dumps(_head(body)).encode() + b"\n" + body)


def write_whole(path: Path, data: bytes) -> None:
    """Write beside the file and rename, so that a reader sees the old file or the new one, whole."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        _log.warning("the cache in %s cannot be written (%s): this audit is not kept", path.parent, error)


def _head(body: bytes) -> dict[str, Any]:
    return {"schema": SCHEMA, "sha256": hashlib.sha256(body).hexdigest()}
