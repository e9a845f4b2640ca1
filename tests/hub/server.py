"""A Hub on the loopback interface: `with LoopbackHub() as hub`, HF_ENDPOINT = hub.endpoint, and the client is served.

It keeps a log of requests, and can be told to be slow or to fail. LFS files are served from a second port, as the Hub
serves them from another origin.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Literal, Self
from urllib.parse import parse_qs, unquote, urlsplit

from . import routes
from .repos import Content, Repo, Shelf
from .routes import Reply, Request, View

FaultKind = Literal["status", "truncate", "html", "malformed", "reset", "altered", "drip-head", "drip-body", "silent"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A request that was answered: `status` 0 where the connection was cut; `token` is absent, valid or invalid."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    status: int
    token: str
    origin: str


@dataclass(slots=True)
class Fault:
    """What goes wrong with requests whose target holds `match`: the first `times` of them, all where it is None.

    `altered` sends what `alter` makes of the right answer; the drips send a byte each `pace` seconds, of the head or of
    the body; `silent` never answers.
    """

    match: str
    kind: FaultKind = "status"
    times: int | None = None
    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b'{"error": "busy"}'
    alter: Callable[[Reply], Reply] = lambda reply: reply
    pace: float = 0.02


def rate_limited(seconds: int) -> dict[str, str]:
    """The headers that the Hub sends with a 429."""
    return {
        "RateLimit": f'"api";r=0;t={seconds}',
        "RateLimit-Policy": '"fixed window";"api";q=500;w=300',
        "Retry-After": str(seconds),
    }


class LoopbackHub:
    """The server, started by `with`. Everything that a test sets is a plain attribute."""

    def __init__(self, shelf: routes.Shelf | None = None) -> None:
        self.shelf: Any = Shelf() if shelf is None else shelf
        self.tokens: frozenset[str] | None = None
        self.latency = 0.0
        self.hops = True
        self.gate_revisions = False
        self.log: list[Entry] = []
        self.crashes: list[str] = []
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._servers: dict[str, _Server] = {}

    def __enter__(self) -> Self:
        self._servers = {origin: _Server(self, origin) for origin in ("hub", "storage")}
        for server in self._servers.values():
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers.values():
            server.shutdown()
            server.server_close()

    @property
    def endpoint(self) -> str:
        return self._address("hub")

    @property
    def view(self) -> View:
        return View(self.shelf, self.tokens, self.endpoint, self._address("storage"), self.hops, self.gate_revisions)

    def _address(self, origin: str) -> str:
        return f"http://127.0.0.1:{self._servers[origin].server_address[1]}"

    def add_model(self, repo_id: str, files: Mapping[str, Content], **settings: Any) -> Repo:
        """Put a model on the shelf; `record` holds the API's fields, other settings are those of `Repo`."""
        return self._add("model", repo_id, files, settings)

    def add_dataset(self, repo_id: str, files: Mapping[str, Content], **settings: Any) -> Repo:
        """Put a data set on the shelf."""
        return self._add("dataset", repo_id, files, settings)

    def _add(self, kind: str, repo_id: str, files: Mapping[str, Content], settings: dict[str, Any]) -> Repo:
        repo: Repo = self.shelf.add(kind, repo_id, files, record=settings.pop("record", {}))
        for name, value in settings.items():
            setattr(repo, name, value)
        return repo

    def fault(self, match: str, kind: FaultKind = "status", **settings: Any) -> None:
        """Let requests fail whose target holds `match`; the fault added last is looked at first."""
        with self._lock:
            self._faults.insert(0, Fault(match, kind, **settings))

    def heal(self) -> None:
        """Take all faults away."""
        with self._lock:
            self._faults.clear()

    def counts(self) -> Counter[str]:
        """Count the requests logged so far: `api`, `file`, and `hop` for what a redirect of either led to."""
        return Counter(_sort(entry) for entry in self.log)

    def take_log(self) -> list[Entry]:
        """Give the log so far, and start a new one."""
        with self._lock:
            taken, self.log = self.log, []
        return taken

    def due_fault(self, target: str) -> Fault | None:
        """Give the fault that this request meets, and count it."""
        with self._lock:
            fault = next((fault for fault in self._faults if fault.match in target and fault.times != 0), None)
            if fault and fault.times:
                fault.times -= 1
            return fault

    def record(self, request: Request, status: int, origin: str) -> None:
        """Write the request into the log."""
        known = self.tokens is None or request.token in self.tokens
        token = "absent" if request.token is None else "valid" if known else "invalid"
        with self._lock:
            self.log.append(Entry(request.method, unquote(request.path), request.query, status, token, origin))


def _sort(entry: Entry) -> str:
    if entry.path.startswith(("/api/resolve-cache/", "/lfs/")):
        return "hop"
    return "api" if entry.path.startswith("/api/") else "file"


class _Server(ThreadingHTTPServer):
    """One origin. It closes the connections that clients keep open when it is closed itself."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, hub: LoopbackHub, origin: str) -> None:
        self.hub, self.origin = hub, origin
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent: a client that hangs up is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    server: _Server
    _fault_pages: ClassVar[Mapping[str, Reply]] = {
        "html": Reply(200, b"<!DOCTYPE html><html><body>Log in</body></html>", {"Content-Type": "text/html"}),
        "malformed": Reply(200, b'{"id": ', {"Content-Type": "application/json"}),
    }

    def do_GET(self) -> None:
        """Answer a request of any method."""
        hub, request = self.server.hub, self._request()
        if hub.latency:
            time.sleep(hub.latency)
        fault = hub.due_fault(self.path)
        if fault and fault.kind == "reset":
            hub.record(request, 0, self.server.origin)
            self._reset()
            return
        if fault and fault.kind == "silent":
            hub.record(request, 0, self.server.origin)
            self._be_silent()
            return
        reply = self._fault_reply(fault) or self._answer(request)
        if fault and fault.kind == "altered":
            reply = fault.alter(reply)
        hub.record(request, reply.status, self.server.origin)
        if fault and fault.kind in {"drip-head", "drip-body"}:
            self._drip(reply, fault)
            return
        self._send(reply, cut=bool(fault) and fault.kind == "truncate")

    do_HEAD = do_GET  # noqa: N815 - http.server's names
    do_POST = do_GET  # noqa: N815 - likewise

    def _request(self) -> Request:
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length") or 0))
        return Request(self.command, url.path, parse_qs(url.query), headers, body)

    def _answer(self, request: Request) -> Reply:
        try:
            return routes.answer(self.server.hub.view, request)
        except Exception as error:  # noqa: BLE001 - a bug in the double must show in the test, not in a thread
            self.server.hub.crashes.append(f"{request.path}: {error!r}")
            return Reply(500, b"the loopback Hub crashed")

    def _fault_reply(self, fault: Fault | None) -> Reply | None:
        if fault and fault.kind == "status":
            return Reply(fault.status, fault.body, {"Content-Type": "application/json", **fault.headers})
        return self._fault_pages.get(fault.kind) if fault else None

    def _send(self, reply: Reply, *, cut: bool) -> None:
        self.send_response_only(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if "Connection" in reply.headers:  # the body ends where the connection does
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body[: len(reply.body) // 2] if cut else reply.body)
        self.wfile.flush()
        self.close_connection = self.close_connection or cut

    def _drip(self, reply: Reply, fault: Fault) -> None:
        """Send the whole answer, a byte at a time from the head or from the body on."""
        lines = [f"HTTP/1.1 {reply.status} OK", *(f"{name}: {value}" for name, value in reply.headers.items())]
        head = "\r\n".join([*lines, f"Content-Length: {len(reply.body)}", "Connection: close", "", ""]).encode()
        at_once = b"" if fault.kind == "drip-head" else head
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.sendall(at_once)
            for byte in (head + reply.body)[len(at_once) :]:
                self.connection.sendall(bytes([byte]))
                time.sleep(fault.pace)

    def _be_silent(self) -> None:
        """Answer nothing until the client hangs up."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.recv(1)

    def _reset(self) -> None:
        """Cut the connection so that the client sees a reset, not an end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's signature
        """Stay silent: the Hub keeps its own log."""
