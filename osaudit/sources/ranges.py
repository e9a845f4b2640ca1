"""Files by range and in whole, for the probe: of a folder, of the Hub at one commit, or of what was fetched before.

The Hub is asked over the client's own session, as for `osaudit.sources.hub`. A download resumes where it was cut.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from osaudit.errors import OsauditError, UsageError
from osaudit.evidence import ModelRef, RepoFile
from osaudit.files import is_safe_path
from osaudit.frozen import dataclass
from osaudit.sources import client, refusal
from osaudit.sources.budget import Until
from osaudit.sources.folder import cached_as, fetch_folder, walk
from osaudit.sources.hf_cache import cache_folder
from osaudit.sources.record import MAX_FILES, lfs_sha256, parse_json
from osaudit.sources.redirects import BarredError
from osaudit.sources.refs import is_commit, is_hub_id
from osaudit.sources.store import default_root
from osaudit.sources.waiting import BUSY, pause_before

if TYPE_CHECKING:
    import httpx2

Told = Callable[[str, int, int], None]

_LISTING_LIMIT = 256 * 1024 * 1024
_ERROR_BODY = 64 * 1024
_FIRST_ERROR = 400
_WHOLE = 200
_PARTIAL = 206
_UNSATISFIABLE = 416
_CHUNK = 1024 * 1024
_TRIES = 5
_ANSWER = 180.0  # seconds for a listing or a part of a file
_DOWNLOAD = 24 * 3600.0  # and for a whole file, which resumes where it stopped
_LISTING = ".osaudit-listing.json"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a repository cannot be looked at: `kind` is missing, gated, disabled, unreachable or revision."""

    name: str
    kind: str
    because: str


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """The files of a folder. `commit` and hashes are known for a snapshot of a Hugging Face cache, and a download."""

    folder: Path
    name: str
    commit: str | None
    files: tuple[RepoFile, ...]
    complete: bool
    git_oids: Mapping[str, str] = field(default_factory=dict)

    def read(self, path: str, start: int, length: int) -> bytes:
        """Read a range; OsauditError where the file cannot be read."""
        try:
            with (self.folder / path).open("rb") as file:
                file.seek(start)
                return file.read(length)
        except OSError as error:
            raise OsauditError(f"{path} cannot be read: {error.strerror}") from error

    def fetch(self, paths: tuple[str, ...], told: Told) -> Path:  # noqa: ARG002 - the interface
        """They are here."""
        return self.folder


def open_folder(path: Path) -> FolderFiles | Refusal:
    """List a folder; a Refusal where there is none."""
    root = path.expanduser()
    if not root.is_dir():
        return Refusal(str(path)[:300], "missing", "There is no such folder: name a folder with a model's files.")
    cached = cached_as(root)
    found = walk(root, is_cached=cached is not None)
    name = cached[0].repo if cached else fetch_folder(root).ref.repo
    return FolderFiles(root.resolve(), name, cached[1] if cached else None, found.listed.entries, found.listed.complete)


@dataclass(frozen=True, slots=True)
class HubFiles:
    """A repository of the Hub at one commit."""

    ref: ModelRef
    commit: str
    files: tuple[RepoFile, ...]
    complete: bool
    git_oids: Mapping[str, str]
    folder: Path | None = None
    timeout: float = 30.0
    sleep: Callable[[float], None] = time.sleep

    @property
    def name(self) -> str:
        """The repository's id."""
        return self.ref.repo

    def read(self, path: str, start: int, length: int) -> bytes:
        """GET a range of a file at the commit; OsauditError where the Hub does not give it."""
        if length <= 0:
            return b""
        found: list[bytes] = []
        self._stream(path, start, start + length - 1, found.append)
        return b"".join(found)[:length]

    def fetch(self, paths: tuple[str, ...], told: Told) -> Path:
        """Download the files to the cache, each from where it was cut; hashes are for the caller to verify."""
        folder = default_root() / "probe" / self.ref.repo.replace("/", "--") / self.commit
        sizes = {file.path: file.size or 0 for file in self.files}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / _LISTING).write_text(json.dumps(_listing_out(self)), encoding="utf-8")
            for path in paths:
                self._download(path, folder / path, sizes[path], told)
        except OSError as error:
            raise OsauditError(f"{path}: cannot be stored in {folder}: {error.strerror}") from error
        return folder

    def _download(self, path: str, target: Path, size: int, told: Told) -> None:
        if target.is_file() and target.stat().st_size == size:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        if part.is_file() and part.stat().st_size > size:
            part.unlink()
        with part.open("ab") as file:
            done = file.tell()

            def write(data: bytes) -> None:
                nonlocal done
                file.write(data)
                done += len(data)
                told(path, done, size)

            if done < size or size == 0:
                self._stream(path, done, None, write)
        part.replace(target)

    def _stream(self, path: str, start: int, end: int | None, write: Callable[[bytes], None]) -> None:
        """GET from `start` (to `end`, inclusive), again from where it stopped while the Hub is busy or cuts off."""
        url = f"{client.endpoint()}/{self.ref.path}/resolve/{self.commit}/{quote(path)}"
        attempt, place = 0, start
        while True:
            attempt += 1
            before = place
            outcome = self._once(url, place, end, write)
            if outcome.status is not None and outcome.status not in BUSY:
                return
            place += outcome.got
            attempt = 1 if place > before else attempt
            if attempt >= _TRIES:
                raise OsauditError(
                    f"{self.ref.path}: {path} could not be had ({outcome.why}): try again, and it resumes"
                )
            self.sleep(pause_before(attempt, outcome.status, outcome.headers))

    def _once(
        self, url: str, start: int, end: int | None, write: Callable[[bytes], None], *, is_file: bool = True
    ) -> _Outcome:
        headers = dict(client.request_headers())
        if start or end is not None:
            headers["range"] = f"bytes={start}-{'' if end is None else end}"
        got = 0
        try:
            whole = _DOWNLOAD if is_file and end is None else _ANSWER
            until = Until(time.monotonic() + whole)
            with client.ask(url, headers, wait=self.timeout, until=until, is_file=is_file) as response:
                known = {name.lower(): value for name, value in response.headers.items()}
                if response.status_code == _UNSATISFIABLE:
                    return _Outcome(response.status_code, known, 0, "")
                if response.status_code >= _FIRST_ERROR:
                    return self._refused(response, known)
                if response.status_code not in {_WHOLE, _PARTIAL}:
                    return _Outcome(None, known, 0, f"the Hub answers {response.status_code} in place of the content")
                skip = start if "range" in headers and response.status_code != _PARTIAL else 0
                left = None if end is None else end - start + 1
                for chunk in response.iter_bytes(_CHUNK):
                    data, skip = chunk[skip:], max(0, skip - len(chunk))
                    data = data if left is None else data[: left - got]
                    write(data)
                    got += len(data)
                    if left is not None and got >= left:
                        break
        except BarredError as error:
            raise OsauditError(f"{self.ref.path}: {url} is not followed: {error}") from error
        except client.network_errors() as error:
            return _Outcome(None, {}, got, (str(error).splitlines() or [type(error).__name__])[0][:200])
        expected = known.get("content-length", "")
        whole = left if left is not None else int(expected) if expected.isdigit() else got
        if end is None and got < whole:
            return _Outcome(None, known, got, "the answer was cut off")
        return _Outcome(response.status_code, known, got, "")

    def _refused(self, response: httpx2.Response, headers: Mapping[str, str]) -> _Outcome:
        if response.status_code in BUSY:
            return _Outcome(response.status_code, headers, 0, f"the Hub is busy ({response.status_code})")
        raise _refusal_of(self.ref, response, headers)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """One answer: its status (None where none came whole), how many bytes were written, and what went wrong."""

    status: int | None
    headers: Mapping[str, str]
    got: int
    why: str


class _Refused(OsauditError):  # noqa: N818 - it is what it names
    """A refusal with its kind."""

    def __init__(self, message: str, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


def _refusal_of(ref: ModelRef, response: httpx2.Response, headers: Mapping[str, str]) -> _Refused:
    body = response.read()[:_ERROR_BODY]
    with_token = client.has_token(client.request_headers())
    why = refusal.meaning(response.status_code, headers, body, with_token=with_token)
    message = str(refusal.error_for(why, ref, response.status_code, headers, with_token=with_token))
    kinds = {"no such file": "missing", "bad revision": "revision", "bad token": "gated", "refused": "gated"}
    return _Refused(message, kinds.get(why, why))


def open_hub(
    ref: ModelRef, *, timeout: float = 30.0, offline: bool = False, sleep: Callable[[float], None] = time.sleep
) -> HubFiles | FolderFiles | Refusal:
    """Resolve the commit and list the files with sizes and hashes, and see that they can be read."""
    if not is_hub_id(ref.repo):
        raise UsageError(f"{ref.repo[:200]!r} is no Hub id: write org/name")
    if offline or client.is_offline():
        return _fetched_before(ref)
    client.load_client()
    try:
        found = _listed(ref, timeout, sleep)
        first = next((file for file in found.files if file.size), None)
        if first is not None:
            weights = max(found.files, key=lambda file: file.size or 0)
            found.read(weights.path, 0, 1)
    except _Refused as error:
        return Refusal(ref.repo, error.kind, _sentence(str(error)))
    except OsauditError as error:
        return Refusal(ref.repo, "unreachable", _sentence(str(error)))
    return found


def _sentence(words: str) -> str:
    return words if words.endswith(".") else f"{words}."


def _listed(ref: ModelRef, timeout: float, sleep: Callable[[float], None]) -> HubFiles:
    """One request to the API: commit, paths, sizes, hashes. One more where a gate hides the revision's record."""
    revision = quote(ref.revision or "main", safe="")
    asked = HubFiles(ref, "0" * 40, (), complete=False, git_oids={}, timeout=timeout, sleep=sleep)
    plain = f"{client.endpoint()}/api/models/{ref.repo}"
    try:
        record = _record(asked, f"{plain}/revision/{revision}?blobs=true")
    except _Refused as error:
        if error.kind != "gated" or ref.revision not in {None, "main"}:
            raise
        record = _record(asked, f"{plain}?blobs=true")
    commit, name = record.get("sha"), record.get("id")
    if record.get("disabled") is True:
        raise _Refused(f"{ref.path}: the Hub has disabled this repository", "disabled")
    if not isinstance(commit, str) or not is_commit(commit):
        raise OsauditError(f"{ref.path}: the Hub's record names no commit, so nothing can be pinned: try again later")
    moved = name if isinstance(name, str) and is_hub_id(name) else ref.repo
    siblings = record.get("siblings")
    entries = siblings[:MAX_FILES] if isinstance(siblings, list) else []
    read = [entry for entry in map(_entry, entries) if entry]
    return HubFiles(
        ModelRef(moved, ref.revision),
        commit,
        tuple(file for file, _ in read),
        complete=len(read) == len(entries) and isinstance(siblings, list),
        git_oids={file.path: oid for file, oid in read if oid and file.sha256 is None},
        timeout=timeout,
        sleep=sleep,
    )


def _record(asked: HubFiles, url: str) -> Mapping[str, Any]:
    found: list[bytes] = []
    held = 0

    def write(data: bytes) -> None:
        nonlocal held
        held += len(data)
        if held > _LISTING_LIMIT:
            raise OsauditError(f"{asked.ref.path}: the Hub's record is too large to read")
        found.append(data)

    attempt = 0
    while True:
        attempt += 1
        found.clear()
        held = 0
        outcome = asked._once(url, 0, None, write, is_file=False)  # noqa: SLF001 - the same request, to another address
        if outcome.status is not None and outcome.status not in BUSY:
            break
        if attempt >= _TRIES - 2 * (outcome.status is None):
            raise OsauditError(f"{asked.ref.path}: the Hub at {client.endpoint()} does not answer ({outcome.why})")
        asked.sleep(pause_before(attempt, outcome.status, outcome.headers))
    try:
        record = parse_json(b"".join(found))
    except ValueError:
        record = None
    if not isinstance(record, dict):
        raise OsauditError(f"{asked.ref.path}: {client.endpoint()} answers with no record: check HF_ENDPOINT")
    return record


def _entry(entry: Any) -> tuple[RepoFile, str | None] | None:  # noqa: ANN401 - JSON
    """One listed file with its git id; None where its name could lead out of the repository."""
    match entry:
        case {"rfilename": str(path)} if is_safe_path(path):
            lfs = entry.get("lfs")
            size = lfs.get("size", entry.get("size")) if isinstance(lfs, dict) else entry.get("size")
            oid = entry.get("blobId")
            known = size if type(size) is int and size >= 0 else None
            file = RepoFile(path, known, lfs_sha256(lfs))
            return file, oid if isinstance(oid, str) and is_commit(oid) else None
        case _:
            return None


def _fetched_before(ref: ModelRef) -> FolderFiles | Refusal:
    """What was downloaded before, by the probe or by the Hub's client."""
    own = default_root() / "probe" / ref.repo.replace("/", "--")
    cache = cache_folder() / f"models--{ref.repo.replace('/', '--')}"
    commit = ref.revision if ref.revision and is_commit(ref.revision) else _pointed(cache, ref.revision or "main")
    candidates = [own / commit] if commit else sorted(own.glob("*"), key=lambda path: -path.stat().st_mtime)
    for folder in candidates:
        if (folder / _LISTING).is_file():
            return _download_in(folder, ref)
    if commit and (cache / "snapshots" / commit).is_dir():
        return open_folder(cache / "snapshots" / commit)
    told = "Nothing of it is stored on this machine: probe it once without --offline, or name a local folder."
    return Refusal(ref.repo, "missing", told)


def _pointed(cache: Path, revision: str) -> str | None:
    path = cache / "refs" / revision
    if not is_safe_path(revision) or not path.is_file():
        return None
    text = path.read_text(encoding="ascii", errors="replace").strip()
    return text if is_commit(text) else None


def _download_in(folder: Path, ref: ModelRef) -> FolderFiles:
    listing = json.loads((folder / _LISTING).read_text(encoding="utf-8"))
    there = [row for row in listing["files"] if (folder / row[0]).is_file() and is_safe_path(row[0])]
    files = tuple(RepoFile(path, size, sha256) for path, size, sha256 in there)
    oids = {path: oid for path, oid in listing["git_oids"].items() if any(file.path == path for file in files)}
    return FolderFiles(folder, ref.repo, folder.name, files, complete=False, git_oids=oids)


def _listing_out(repository: HubFiles) -> dict[str, Any]:
    rows = [[file.path, file.size, file.sha256] for file in repository.files]
    return {"files": rows, "git_oids": dict(repository.git_oids)}
