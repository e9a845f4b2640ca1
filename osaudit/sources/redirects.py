"""Where an answer may come from: the rules for a redirect, and for the address that a host's name stands for."""

from __future__ import annotations

import ipaddress
import socket
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

from osaudit.frozen import dataclass

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class BarredError(Exception):
    """An answer that would come from where none is taken; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port of an address, the port filled in."""

    scheme: str
    host: str
    port: int | None


def origin_of(url: str) -> Origin:
    """Read an address's origin; ValueError where it is none."""
    parts: SplitResult = urlsplit(url)
    return Origin(
        parts.scheme.lower(), (parts.hostname or "").rstrip(".").lower(), parts.port or _PORTS.get(parts.scheme)
    )


def barred(endpoint: Origin, to: Origin, *, is_file: bool, is_inner_endpoint: bool) -> str | None:
    """Say why a redirect to another address is not followed; None where it is.

    The Hub itself may lead from one of its pages to another. To another host it may lead for a file's body alone, over
    https unless the Hub is asked over http, and to no machine of the user's own network unless the Hub is one.
    """
    if to.scheme not in _PORTS or not to.host:
        return "it leads to no web address"
    if to.scheme == "http" and endpoint.scheme != "http":
        return f"it leads to {to.host} without https"
    if _is_same_host(endpoint, to):
        return None
    if not is_file:
        return f"it leads to another host, {to.host}, and only a file may come from there"
    address = literal(to.host)
    if not is_inner_endpoint and (is_local_name(to.host) or (address is not None and is_inner(address))):
        return f"it leads into the local network ({to.host})"
    return None


def _is_same_host(endpoint: Origin, to: Origin) -> bool:
    is_upgrade = (endpoint.scheme, endpoint.port, to.scheme, to.port) == ("http", 80, "https", 443)
    return endpoint.host == to.host and (endpoint.port == to.port or is_upgrade)


def is_local_name(host: str) -> bool:
    """Tell whether the name means this machine wherever it is looked up."""
    return host == "localhost" or host.endswith(".localhost")


def literal(host: str) -> Address | None:
    """Read a host that is an address in itself, in any of the ways that it can be written; None for a name."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))  # 127.1, 0x7f000001, 2130706433
    except (OSError, ValueError):
        return None


def is_inner(address: Address) -> bool:
    """Tell whether an address is no public one: loopback, link-local, private, reserved."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_inner(inner)
    return not address.is_global or address.is_multicast
