"""What the loopback Hub answers: requests to replies, by the routes, headers and error codes of the Hub's protocol."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qs, quote, unquote, urlencode

from .repos import Commit, HubFile, Repo, oid

_ID = r"(?P<id>[\w.-]+(?:/[\w.-]+)?)"
_API = r"/api/(?P<kind>model|dataset)s"
_EVERYTHING = (
    "author",
    "cardData",
    "config",
    "createdAt",
    "disabled",
    "downloads",
    "gated",
    "lastModified",
    "library_name",
)
_EVERYTHING += (
    "likes",
    "model-index",
    "pipeline_tag",
    "private",
    "safetensors",
    "sha",
    "siblings",
    "tags",
    "usedStorage",
)


class Shelf(Protocol):
    """Where the repositories stand."""

    def find(self, kind: str, repo_id: str) -> Repo | None: ...

    def moved_to(self, kind: str, repo_id: str) -> str | None: ...

    def ids(self, kind: str) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the routes see it: `path` as sent, header names in lower case."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def token(self) -> str | None:
        return self.headers.get("authorization", "").removeprefix("Bearer ") or None


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, headers and body; `Content-Length` is added when it is sent."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class View:
    """What the routes need to know of the Hub: `tokens` None lets every token pass as valid."""

    shelf: Shelf
    tokens: frozenset[str] | None
    endpoint: str
    storage: str
    hops: bool = True
    gate_revisions: bool = False


def answer(view: View, request: Request) -> Reply:
    """Answer one request."""
    if request.token is not None and view.tokens is not None and request.token not in view.tokens:
        return _error(401, message="Invalid credentials in Authorization header")
    for pattern, methods, route in _ROUTES:
        found = pattern.fullmatch(request.path)
        if found and request.method in methods:
            return route(view, request, {key: unquote(value or "") for key, value in found.groupdict().items()})
    return _error(404, message="Sorry, we can't find the page you are looking for.")


def _json(data: Any, **headers: str) -> Reply:
    return Reply(200, json.dumps(data).encode(), {"Content-Type": "application/json; charset=utf-8", **headers})


def _error(status: int, code: str = "", message: str = "") -> Reply:
    headers = {"Content-Type": "application/json; charset=utf-8", "X-Error-Message": message}
    return Reply(
        status, json.dumps({"error": message}).encode(), {**headers, **({"X-Error-Code": code} if code else {})}
    )


def _repo(view: View, request: Request, found: Mapping[str, str]) -> Repo | Reply:
    """Find the repository, or say what the Hub says in its place."""
    kind = (found.get("kind") or "model").removesuffix("s/")
    repo = view.shelf.find(kind, found["id"])
    if repo is None or (repo.private and request.token not in repo.readers):
        moved = view.shelf.moved_to(kind, found["id"]) if repo is None else None
        if moved:
            return _redirect(request, found["id"], moved)
        return _error(401 if request.token is None else 404, "RepoNotFound", "Repository not found")
    if repo.disabled:
        return _error(403, message="Access to this resource is disabled.")
    return repo


def _redirect(request: Request, old: str, new: str) -> Reply:
    target = request.path.replace(quote(old), quote(new), 1)
    query = f"?{urlencode(request.query, doseq=True)}" if request.query else ""
    return Reply(307, headers={"Location": target + query})


def _gate(view: View, request: Request, repo: Repo) -> Reply | None:
    """Refuse what a gate guards, unless the token's account was granted access."""
    if not (repo.gated and repo.guarded) or request.token in repo.readers:
        return None
    message = f"Access to {repo.kind} {repo.id} is restricted. Visit {view.endpoint}/{repo.id} to ask for access."
    return _error(401 if request.token is None else 403, "GatedRepo", message)


def _commit(repo: Repo, revision: str) -> Commit | Reply:
    return repo.at(revision or "main") or _error(404, "RevisionNotFound", f"Invalid rev id: {revision}")


def _at(view: View, request: Request, found: Mapping[str, str]) -> tuple[Repo, Commit] | Reply:
    repo = _repo(view, request, found)
    if isinstance(repo, Reply):
        return repo
    commit = _commit(repo, found.get("rev", ""))
    return commit if isinstance(commit, Reply) else (repo, commit)


def _info(view: View, request: Request, found: Mapping[str, str]) -> Reply:
    at = _at(view, request, found)
    if isinstance(at, Reply):
        return at
    repo, commit = at
    refused = _gate(view, request, repo) if view.gate_revisions and found.get("rev") else None
    expand, blobs = request.query.get("expand", []), request.query.get("blobs") in (["true"], ["True"])
    if expand and blobs:
        return _error(400, message="expand and blobs cannot be combined")
    return refused or _json(_record(repo, commit, expand, blobs=blobs))


def _record(repo: Repo, commit: Commit, expand: list[str], *, blobs: bool = False) -> dict[str, Any]:
    held: dict[str, Any] = {
        "author": repo.id.partition("/")[0],
        "private": repo.private,
        "downloads": 0,
        "likes": 0,
        "tags": [],
        **{key: value for key, value in commit.record.items() if value is not None},
        "sha": commit.sha,
        "lastModified": commit.date,
        "gated": repo.gated,
        "disabled": repo.disabled,
        "siblings": [_sibling(file, blobs=blobs) for file in commit.files.values()],
        **repo.overrides,
    }
    keys = expand or [key for key in _EVERYTHING if repo.kind == "model" or key not in {"config", "safetensors"}]
    record = {"_id": commit.sha[:24], "id": repo.id, **{key: held[key] for key in keys if key in held}}
    record = {**record, **{key: value for key, value in repo.overrides.items() if key in {"id", *keys}}}
    record = {key: value for key, value in record.items() if value is not ...}
    return record if expand else {**record, "modelId": repo.id}


def _sibling(file: HubFile, *, blobs: bool) -> dict[str, Any]:
    if not blobs:
        return {"rfilename": file.path}
    lfs = {"lfs": {"size": file.size, "sha256": file.sha256, "pointerSize": 134}} if file.sha256 else {}
    return {"rfilename": file.path, "size": file.size, "blobId": oid(file), **lfs}


def _list(view: View, request: Request, found: Mapping[str, str]) -> Reply:
    """List repositories: author, search, filter, limit and cursor; the next page is in the `Link` header."""
    query = request.query
    if "baseModels" in query.get("expand", []):
        return _error(400, message="baseModels cannot be expanded in lists")
    kind, cursor = found["kind"], query.get("cursor", [""])[0]
    limit = min(int(query.get("limit", ["1000"])[0]), 1000)
    repos = [view.shelf.find(kind, repo_id) for repo_id in view.shelf.ids(kind) if repo_id > cursor]
    shown = [repo for repo in repos if repo and not repo.private and _matches(repo, query)]
    page = [_record(repo, repo.head, query.get("expand", [])) for repo in shown[:limit]]
    if len(shown) <= limit:
        return _json(page)
    following = urlencode({**query, "cursor": [shown[limit - 1].id]}, doseq=True)
    return _json(page, Link=f'<{view.endpoint}{request.path}?{following}>; rel="next"')


def _matches(repo: Repo, query: Mapping[str, list[str]]) -> bool:
    tags = repo.head.record.get("tags", [])
    in_author = all(repo.id.startswith(f"{author}/") for author in query.get("author", []))
    in_name = all(word.lower() in repo.id.lower() for word in query.get("search", []))
    return in_author and in_name and all(tag in tags for tag in query.get("filter", []))


def _tree(view: View, request: Request, found: Mapping[str, str]) -> Reply:
    at = _at(view, request, found)
    if isinstance(at, Reply):
        return at
    repo, commit = at
    refused = _gate(view, request, repo)
    if refused:
        return refused
    prefix = f"{found['path'].strip('/')}/" if found.get("path") else ""
    files = [file for path, file in sorted(commit.files.items()) if path.startswith(prefix)]
    if prefix and not files:
        return _error(404, "EntryNotFound", f"{prefix} does not exist")
    deep = request.query.get("recursive", [""])[0].lower() in {"true", "1"}
    entries = [_entry(file) for file in files if deep or "/" not in file.path[len(prefix) :]]
    folders = {file.path[len(prefix) :].partition("/")[0] for file in files if "/" in file.path[len(prefix) :]}
    entries += [
        {"type": "directory", "oid": commit.sha, "size": 0, "path": f"{prefix}{name}"} for name in sorted(folders)
    ]
    return _paged(view, request, entries)


def _paged(view: View, request: Request, entries: list[dict[str, Any]]) -> Reply:
    start, limit = int(request.query.get("cursor", ["0"])[0]), int(request.query.get("limit", ["1000"])[0])
    page = entries[start : start + limit]
    if start + limit >= len(entries):
        return _json(page)
    following = urlencode({**request.query, "cursor": [str(start + limit)]}, doseq=True)
    return _json(page, Link=f'<{view.endpoint}{request.path}?{following}>; rel="next"')


def _entry(file: HubFile) -> dict[str, Any]:
    lfs = {"lfs": {"oid": file.sha256, "size": file.size, "pointerSize": 134}} if file.sha256 else {}
    return {"type": "file", "oid": oid(file), "size": file.size or 0, "path": file.path, **lfs}


def _paths_info(view: View, request: Request, found: Mapping[str, str]) -> Reply:
    at = _at(view, request, found)
    if isinstance(at, Reply):
        return at
    asked = parse_qs(request.body.decode("utf-8", "replace")).get("paths", [])
    return _json([_entry(at[1].files[path]) for path in asked if path in at[1].files])


def _refs(view: View, request: Request, found: Mapping[str, str]) -> Reply:
    repo = _repo(view, request, found)
    if isinstance(repo, Reply):
        return repo
    branches = _named({"main": repo.sha, **repo.refs}, "heads")
    return _json({"branches": branches, "tags": _named(repo.tags, "tags"), "converts": []})


def _named(refs: Mapping[str, str], group: str) -> list[dict[str, str]]:
    return [{"name": name, "ref": f"refs/{group}/{name}", "targetCommit": sha} for name, sha in refs.items()]


def _commits(view: View, request: Request, found: Mapping[str, str]) -> Reply:
    at = _at(view, request, found)
    if isinstance(at, Reply):
        return at
    until = at[0].commits.index(at[1]) + 1
    listed = [
        {"id": commit.sha, "title": commit.title, "message": "", "date": commit.date, "authors": []}
        for commit in reversed(at[0].commits[:until])
    ]
    return _paged(view, request, listed)


def _auth_check(view: View, request: Request, found: Mapping[str, str]) -> Reply:
    repo = _repo(view, request, found)
    return repo if isinstance(repo, Reply) else _gate(view, request, repo) or _json({})


def _headers_of_shards(view: View, request: Request, found: Mapping[str, str]) -> Reply:
    """The index without its weight map, and the header of each shard, at the newest commit."""
    repo = _repo(view, request, found)
    if isinstance(repo, Reply):
        return repo
    files = repo.head.files
    index = files.get(found["path"])
    refused = _gate(view, request, repo)
    if refused or index is None or index.load is None:
        return refused or _error(404, "EntryNotFound", f"{found['path']} does not exist")
    content = json.loads(index.load())
    shards = sorted(set(content.pop("weight_map", {}).values()))
    headers = {shard: _safetensors_header(files[shard].load) for shard in shards if shard in files}
    return _json({"index": content, "headers": headers})


def _safetensors_header(load: Callable[[], bytes] | None) -> Any:
    data = load() if load else b""
    return json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")] or "{}")


def _resolve(view: View, request: Request, found: Mapping[str, str]) -> Reply:
    at = _at(view, request, found)
    if isinstance(at, Reply):
        return at
    repo, commit = at
    refused = _gate(view, request, repo)
    if refused:
        return refused
    file = commit.files.get(found["path"])
    if file is None or file.load is None:
        return _error(404, "EntryNotFound", f"{found['path']} does not exist on {found['rev']}")
    headers = {"X-Repo-Commit": commit.sha, "Accept-Ranges": "bytes"}
    place = f"/{repo.kind}s/{quote(repo.id)}/{commit.sha}/{quote(file.path)}"
    if file.sha256:
        headers |= {"X-Linked-Size": str(file.size), "X-Linked-ETag": f'"{file.sha256}"'}
        return Reply(302, headers={**headers, "Location": f"{view.storage}/lfs{place}"})
    headers["ETag"] = f'"{oid(file)}"'
    if view.hops:
        return Reply(
            307, headers={**headers, "X-Linked-Size": str(file.size), "Location": f"/api/resolve-cache{place}"}
        )
    return _content(request, file, headers)


def _stored(view: View, request: Request, found: Mapping[str, str]) -> Reply:
    """Serve what a redirect of `resolve` points to: behind the gate's back, as signed URLs do."""
    repo = view.shelf.find(found["kind"], found["id"])
    commit = repo.at(found["rev"]) if repo else None
    file = commit.files.get(found["path"]) if commit else None
    if file is None or file.load is None:
        return _error(404, "EntryNotFound", "no such file")
    headers = {"ETag": f'"{file.sha256 or oid(file)}"', "Accept-Ranges": "bytes"}
    return _content(request, file, headers if file.sha256 else {**headers, "X-Repo-Commit": found["rev"]})


def _content(request: Request, file: HubFile, headers: Mapping[str, str]) -> Reply:
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Reply(304, headers=headers)
    data = file.load() if file.load else b""
    asked = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("range", ""))
    headers = {**headers, "Content-Type": "text/plain; charset=utf-8"}
    if not asked or not any(asked.groups()):
        return Reply(200, data, headers)
    start = int(asked[1]) if asked[1] else max(0, len(data) - int(asked[2]))
    end = min(int(asked[2]) if asked[1] and asked[2] else len(data) - 1, len(data) - 1)
    if start > end:
        return Reply(416, headers={**headers, "Content-Range": f"bytes */{len(data)}"})
    return Reply(206, data[start : end + 1], {**headers, "Content-Range": f"bytes {start}-{end}/{len(data)}"})


_READ = frozenset({"GET", "HEAD"})
_ROUTES = tuple(
    (re.compile(pattern), methods, route)
    for pattern, methods, route in (
        (rf"{_API}/?", _READ, _list),
        (rf"{_API}/{_ID}/tree/(?P<rev>[^/]+)(?:/(?P<path>.+))?", _READ, _tree),
        (rf"{_API}/{_ID}/paths-info/(?P<rev>[^/]+)", frozenset({"POST"}), _paths_info),
        (rf"{_API}/{_ID}/refs", _READ, _refs),
        (rf"{_API}/{_ID}/commits/(?P<rev>[^/]+)", _READ, _commits),
        (rf"{_API}/{_ID}/auth-check", _READ, _auth_check),
        (rf"{_API}/{_ID}/safetensors-metadata/(?P<path>.+)", _READ, _headers_of_shards),
        (
            rf"(?:/api/resolve-cache|/lfs)/(?P<kind>model|dataset)s/{_ID}/(?P<rev>[0-9a-f]{{40}})/(?P<path>.+)",
            _READ,
            _stored,
        ),
        (rf"{_API}/{_ID}/revision/(?P<rev>[^/]+)", _READ, _info),
        (rf"{_API}/{_ID}", _READ, _info),
        (rf"/(?P<kind>datasets/)?{_ID}/resolve/(?P<rev>[^/]+)/(?P<path>.+)", _READ, _resolve),
    )
)
