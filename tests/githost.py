"""A host of git on the loopback interface: made repositories, served by `git http-backend` over smart HTTP.

The program reaches it as its user would: by `url.<base>.insteadOf` in the user's own settings, so that what a card
writes stays `https://github.com/...`.
"""

from __future__ import annotations

import hashlib
import http.server
import json
import os
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

HOSTS = ("github.com", "gitlab.com", "codeberg.org", "bitbucket.org", "huggingface.co", "git.example.org")
FILE, LINK, SUBMODULE, RUNS = "100644", "120000", "160000", "100755"
_SERVED = {"uploadpack.allowFilter": "true", "uploadpack.allowAnySHA1InWant": "true"}


@dataclass(frozen=True)
class Entry:
    """A tree's entry: content, or the commit of a submodule."""

    content: bytes | str
    mode: str = FILE


class GitHost:
    """Serves what is added to it; `asked` are the requests, by method, path and service."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.asked: list[tuple[str, str]] = []
        self.headers: list[Mapping[str, str]] = []
        self.redirects: dict[str, str] = {}
        self.refused: dict[str, int] = {}
        self.silent: set[str] = set()
        self.filters = True
        self._lock = threading.Lock()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.ends = threading.Event()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def settings(self, more: str = "") -> Path:
        """The settings of a user who reaches all hosts here."""
        rows = [f'[url "{self.endpoint}/{host}/"]\n\tinsteadOf = https://{host}/' for host in HOSTS]
        path = self.root / "gitconfig"
        path.write_text("\n".join([*rows, more, ""]), encoding="utf-8")
        return path

    def environment(self, more: str = "") -> dict[str, str]:
        """The variables with which the program speaks to this host."""
        return {"GIT_CONFIG_GLOBAL": str(self.settings(more)), "OSAUDIT_GIT_PROTOCOLS": "http"}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ends.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def folder(self, repo: str) -> Path:
        return self.root / "served" / f"{repo}.git"

    def add(self, repo: str, files: Mapping[str, bytes | str | Entry], *, ref: str = "refs/heads/main") -> str:
        """Add a commit of these files to a repository (`github.com/org/name`), and return its id."""
        folder = self.folder(repo)
        if not folder.is_dir():
            folder.mkdir(parents=True)
            run_git(folder, "init", "--quiet", "--bare", "--template=", ".")
            run_git(folder, "symbolic-ref", "HEAD", "refs/heads/main")
        stream = b"".join(_stream(files, ref))
        run_git(
            folder,
            "-c",
            "core.compression=1",
            "-c",
            "core.bigFileThreshold=1m",
            "fast-import",
            "--quiet",
            "--force",
            given=stream,
        )
        for key, value in _SERVED.items():
            run_git(folder, "config", key, value if self.filters else "false")
        return run_git(folder, "rev-parse", ref).decode().strip()

    def note(self, method: str, path: str, headers: Mapping[str, str]) -> None:
        with self._lock:
            self.asked.append((method, path))
            self.headers.append(dict(headers))

    def questions(self, repo: str = "") -> dict[str, int]:
        """How many `ls-remote`s and fetches were asked of a repository, or of all: each begins with one request."""
        counts = {"listed": 0, "fetched": 0}
        with self._lock:
            for method, path in self.asked:
                if f"/{repo}" in path:
                    counts["listed"] += method == "GET"
                    counts["fetched"] += method == "POST"
        return counts


def _stream(files: Mapping[str, bytes | str | Entry], ref: str) -> Iterator[bytes]:
    """The input of `git fast-import`, always the same for the same files."""
    yield f"commit {ref}\ncommitter Nobody <nobody@example.org> 1764547200 +0000\ndata 4\nmade\ndeleteall\n".encode()
    for path, given in files.items():
        entry = given if isinstance(given, Entry) else Entry(given)
        name = json.dumps(path, ensure_ascii=False).encode() if not path.isprintable() else path.encode()
        if entry.mode == SUBMODULE:
            yield b"M 160000 " + str(entry.content).encode() + b" " + name + b"\n"
            continue
        content = entry.content.encode() if isinstance(entry.content, str) else entry.content
        yield b"M " + entry.mode.encode() + b" inline " + name + b"\ndata " + str(len(content)).encode() + b"\n"
        yield content
        yield b"\n"
    yield b"\ndone\n"


def run_git(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(["git", *arguments], cwd=folder, env=env, input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


def write_tree(
    host: GitHost, repo: str, entries: Iterable[tuple[str, str, bytes]], ref: str = "refs/heads/main"
) -> str:
    """Add a commit whose one folder has entries (mode, name, content) of any name, as no tool would write them."""
    folder = host.folder(repo)
    if not folder.is_dir():
        host.add(repo, {"README.md": "x\n"})
    rows = []
    for mode, name, content in entries:
        oid = run_git(folder, "hash-object", "-w", "--stdin", given=content).decode().strip()
        rows.append(mode.lstrip("0").encode() + b" " + name.encode() + b"\0" + bytes.fromhex(oid))
    tree = write_object(folder, "tree", b"".join(sorted(rows, key=lambda row: row.split(b" ", 1)[1])))
    text = f"tree {tree}\nauthor N <n@e.org> 1764547200 +0000\ncommitter N <n@e.org> 1764547200 +0000\n\nmade\n"
    commit = write_object(folder, "commit", text.encode())
    run_git(folder, "update-ref", ref, commit)
    return commit


def write_object(folder: Path, kind: str, data: bytes) -> str:
    oid = run_git(folder, "hash-object", "-t", kind, "-w", "--stdin", "--literally", given=data).decode().strip()
    assert oid == hashlib.sha1(f"{kind} {len(data)}\0".encode() + data).hexdigest()  # noqa: S324 - git's own
    return oid


@contextmanager
def git_host(root: Path) -> Iterator[GitHost]:
    with GitHost(root) as host:
        yield host


def _backend() -> str:
    return str(Path(run_git(Path("/"), "--exec-path").decode().strip()) / "git-http-backend")


def _handler(host: GitHost) -> type[http.server.BaseHTTPRequestHandler]:  # noqa: C901 - a class that knows its host
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        backend: ClassVar[list[str]] = []

        def log_message(self, *_: object) -> None:
            return

        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.answer()

        def answer(self) -> None:
            path, _, query = self.path.partition("?")
            body = self.body()
            host.note(self.command, path, dict(self.headers))
            if any(path.startswith(f"/{name}") for name in host.silent):
                host.ends.wait(60)
                self.close_connection = True
                return
            for start, target in host.redirects.items():
                if path.startswith(f"/{start}"):
                    self.reply(302, [("Location", target + self.path.removeprefix(f"/{start}"))], b"")
                    return
            for start, status in host.refused.items():
                if path.startswith(f"/{start}"):
                    more = [("WWW-Authenticate", 'Basic realm="made"')] if status == 401 else []
                    self.reply(status, more, b"")
                    return
            self.reply(*self.ask_git(path, query, body))

        def body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            pieces = []
            while size := int(self.rfile.readline(), 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(pieces)

        def ask_git(self, path: str, query: str, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            Handler.backend = Handler.backend or [_backend()]
            env = {
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(host.root / "served"),
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_CONFIG_GLOBAL": os.devnull,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            }
            done = subprocess.run(Handler.backend, input=body, env=env, capture_output=True, check=False)
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            told = [line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line]
            status = next((int(value[:3]) for name, value in told if name == "Status"), 200)
            return status, [(name, value) for name, value in told if name != "Status"], content

        def reply(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
            try:
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:  # the other side went away
                self.close_connection = True

    return Handler


@dataclass
class Recorded:
    """The recorded repositories, with files of our own in the place of those that were not recorded."""

    folder: Path
    known: dict[str, str] = field(default_factory=dict)

    def serve(self, host: GitHost, repo: str, filling: Mapping[str, str]) -> str:
        """Serve one under `github.com/`, and return its commit; `filling` is by the part that a path plays."""
        from osaudit.reading.making.recipes import part_of  # noqa: PLC0415 - the host itself knows nothing of it

        listed = json.loads((self.folder / repo / "repository.json").read_text(encoding="utf-8"))["files"]
        files: dict[str, Entry] = {}
        for one in listed:
            path, mode = one["path"], one["mode"]
            kept = self.folder / repo / "files" / path
            if mode == SUBMODULE:
                files[path] = Entry(one["oid"], SUBMODULE)
            elif kept.is_file():
                files[path] = Entry(kept.read_bytes(), mode)
            else:
                files[path] = Entry(filling.get(part_of(path) or "", "x\n") + f"# {path}\n", mode)
        return host.add(f"github.com/{repo}", files)
