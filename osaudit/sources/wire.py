"""The connections to the Hub: each read and write keeps to the request's end, and each name to a public address.

httpx bounds each single wait and never the sum, so that an answer of a byte a second would have no end.
"""

from __future__ import annotations

import functools
import socket
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager
from contextvars import ContextVar
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from typing import Any

import httpcore2
import httpx2

from osaudit.frozen import dataclass
from osaudit.sources.budget import Until
from osaudit.sources.redirects import BarredError, Origin, barred, is_inner, is_local_name, literal, origin_of

_LOOKUP = 20.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """What holds for one request: its end, the Hub that it is sent to, and whether it asks for a file's body."""

    until: Until
    endpoint: Origin
    is_file: bool

    def wait(self, seconds: float | None) -> float:
        """Shorten a wait to what is left; TimeoutException where nothing is."""
        left = self.until.left
        if left <= 0:
            raise httpcore2.ReadTimeout("the whole request took too long")
        return left if seconds is None else min(seconds, left)


_BOUNDS: ContextVar[Bounds | None] = ContextVar("osaudit_bounds", default=None)


@contextmanager
def bounded(bounds: Bounds) -> Iterator[None]:
    """Hold all that this thread sends and reads inside to the bounds."""
    token = _BOUNDS.set(bounds)
    try:
        yield
    finally:
        _BOUNDS.reset(token)


def _wait(seconds: float | None) -> float | None:
    bounds = _BOUNDS.get()
    return bounds.wait(seconds) if bounds else seconds


_TRUSTS_NOBODY = SSLContext(PROTOCOL_TLS_CLIENT)
"""Stands for the environment's certificates, which are read when a connection first asks for them."""


@functools.cache
def _certificates() -> SSLContext:
    context = httpx2.create_ssl_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def guarded_client(max_redirects: int) -> httpx2.Client:
    """Make a client whose connections are guarded; proxies and certificates are those of the environment."""
    client = httpx2.Client(
        verify=_TRUSTS_NOBODY,
        follow_redirects=True,
        max_redirects=max_redirects,
        timeout=None,
        event_hooks={"response": [_check_redirect]},
    )
    # httpx has no public way to its network backend, and setting up its proxies anew would be a second way to do it.
    _guard(client._transport, is_direct=True)  # noqa: SLF001
    for transport in client._mounts.values():  # noqa: SLF001
        if transport is not None:
            _guard(transport, is_direct=False)
    return client


def _guard(transport: Any, *, is_direct: bool) -> None:  # noqa: ANN401 - its pool is no part of its type
    transport._pool._network_backend = _Backend(is_direct=is_direct)  # noqa: SLF001 - as above


def _check_redirect(response: httpx2.Response) -> None:
    """Stop where an answer leads to a place from which none is taken."""
    bounds = _BOUNDS.get()
    if bounds is None or not response.has_redirect_location:
        return
    try:
        to = origin_of(str(response.url.join(response.headers["location"])))
    except (ValueError, httpx2.InvalidURL) as error:
        raise BarredError("it leads to no web address") from error
    inner = _is_inner_endpoint(bounds.endpoint)
    why = barred(bounds.endpoint, to, is_file=bounds.is_file, is_inner_endpoint=inner)
    if why:
        raise BarredError(why)


class _Backend(httpcore2.NetworkBackend):
    """Opens connections; where it is direct, it sees to what address a name leads before it connects."""

    def __init__(self, *, is_direct: bool) -> None:
        self._plain = httpcore2.SyncBackend()
        self._is_direct = is_direct

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        addresses = _looked_up(host, port, _wait(timeout))
        bounds = _BOUNDS.get()
        if self._is_direct and bounds and host.rstrip(".").lower() != bounds.endpoint.host:
            _check_addresses(host, addresses, bounds.endpoint)
        for number, address in enumerate(addresses, 1):
            try:
                stream = self._plain.connect_tcp(address, port, _wait(timeout), local_address, socket_options)
                return _Stream(stream)
            except httpcore2.ConnectError:
                if number == len(addresses):
                    raise
        raise httpcore2.ConnectError(f"{host} has no address")


class _Stream(httpcore2.NetworkStream):
    """A connection on which no wait is longer than what is left of its request."""

    def __init__(self, plain: httpcore2.NetworkStream) -> None:
        self._plain = plain

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._plain.read(max_bytes, _wait(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._plain.write(buffer, _wait(timeout))

    def close(self) -> None:
        self._plain.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        context = _certificates() if ssl_context is _TRUSTS_NOBODY else ssl_context
        return _Stream(self._plain.start_tls(context, server_hostname, _wait(timeout)))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's signature
        return self._plain.get_extra_info(info)


def _check_addresses(host: str, addresses: list[str], endpoint: Origin) -> None:
    found = [literal(address) for address in addresses]
    if any(address is None or is_inner(address) for address in found) and not _is_inner_endpoint(endpoint):
        raise BarredError(f"it leads into the local network ({host})")


@functools.lru_cache(maxsize=64)
def _is_inner_endpoint(endpoint: Origin) -> bool:
    """Tell whether the Hub that the user named is itself in the local network."""
    address = literal(endpoint.host)
    if address is not None or is_local_name(endpoint.host):
        return address is None or is_inner(address)
    try:
        addresses = _looked_up(endpoint.host, endpoint.port or 443, _wait(_LOOKUP))
    except httpcore2.ConnectError:
        return False
    return any((found := literal(address)) is None or is_inner(found) for address in addresses)


def _looked_up(host: str, port: int, timeout: float | None) -> list[str]:
    """Look a name up on a thread of its own, for the system's look-up knows no end; ConnectError where it fails."""
    if literal(host) is not None:
        return [host]
    found: Future[list[str]] = Future()

    def look() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.set_result(list(dict.fromkeys(str(answer[4][0]) for answer in answers)))
        except (OSError, UnicodeError) as error:
            found.set_exception(error)

    threading.Thread(target=look, name="osaudit-lookup", daemon=True).start()
    try:
        return found.result(timeout)
    except FutureTimeoutError as error:
        raise httpcore2.ConnectTimeout(f"{host} could not be looked up in time") from error
    except (OSError, UnicodeError) as error:
        raise httpcore2.ConnectError(str(error)) from error
