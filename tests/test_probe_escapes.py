"""Programs that try to get out of the cage, in every kind of cage that a system may give."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from osaudit.probe import cage
from osaudit.probe.cage import Caged, Limits, run, workspace
from osaudit.probe.view import view_of

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="the cage is Linux's")]

PROGRAM = Path(__file__).with_name("probe_escape.py").read_text(encoding="utf-8")
ROOM = Limits(memory=10**9, address_space=10**11, wall=60.0)
EVERY = ("locked", "powers", "landlock", "filter")


@dataclass(frozen=True, slots=True)
class Outside:
    """What stands outside the cage for a program to reach: a file, a home, sockets, and a process."""

    folder: Path
    home: Path
    sockets: dict[str, socket.socket]
    victim: subprocess.Popen[bytes]

    def told(self) -> str:
        at: dict[str, Any] = {"outside": str(self.folder), "home": str(self.home), "victim": self.victim.pid}
        at["namespaces"] = {kind: str(Path("/proc/self/ns", kind).readlink()) for kind in ("mnt", "pid")}
        for name, sock in self.sockets.items():
            address = sock.getsockname()
            at[name] = address[1] if isinstance(address, tuple) else os.fsdecode(address).lstrip("\0")
        return json.dumps(at)

    def state(self) -> dict[str, object]:
        """Everything that a program could have changed."""
        found: dict[str, object] = {"victim": self.victim.poll(), "home": sorted(self.home.iterdir())}
        for path in sorted(self.folder.iterdir()):
            told = path.lstat()
            named = os.listxattr(path) if path.is_file() else []
            found[path.name] = (
                told.st_mode,
                told.st_nlink,
                told.st_mtime_ns,
                path.is_file() and path.read_text(),
                named,
            )
        return found

    def heard(self) -> set[str]:
        """The sockets that something came to."""
        found = set()
        for name, sock in self.sockets.items():
            sock.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                if sock.type == socket.SOCK_STREAM:
                    sock.accept()[0].close()
                else:
                    sock.recv(100)
                found.add(name)
        return found


@pytest.fixture
def outside() -> Iterator[Outside]:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="outside-")))
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="home-")))
        (folder / "kept").write_text("kept")
        sockets: dict[str, socket.socket] = {}
        for name, family, kind, address in (
            ("stream", socket.AF_UNIX, socket.SOCK_STREAM, f"{home.parent}/{home.name}/../{folder.name}.stream"),
            ("datagrams", socket.AF_UNIX, socket.SOCK_DGRAM, f"{folder}.datagrams"),
            ("abstract", socket.AF_UNIX, socket.SOCK_STREAM, f"\0{folder.name}"),
            ("tcp", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            ("udp", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
        ):
            sock = stack.enter_context(socket.socket(family, kind))
            sock.bind(address)
            if isinstance(address, str) and address.startswith("/"):
                stack.callback(Path(address).unlink)
            if kind == socket.SOCK_STREAM:
                sock.listen()
            sockets[name] = sock
        victim = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
        stack.callback(victim.wait)
        stack.callback(victim.kill)
        yield Outside(folder, home, sockets, victim)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of cage: its namespaces, its other parts, and the families of attempts that succeed, each a named gap."""

    flags: tuple[str, ...]
    parts: tuple[str, ...] = EVERY
    open: tuple[str, ...] = ()


def without(*parts: str) -> tuple[str, ...]:
    return tuple(part for part in EVERY if part not in parts)


KINDS = {
    "whole": Kind(cage._PROBED),
    "no second user namespace": Kind(cage._PROBED, without("locked")),
    "no Landlock": Kind(cage._PROBED, without("landlock")),
    "no filter": Kind(cage._PROBED, without("filter"), ("kernel",)),
    "namespaces alone": Kind(cage._PROBED, ("locked", "powers"), ("kernel",)),
    "no process namespace": Kind(cage._NO_PROCESSES),
    "no process namespace, no Landlock": Kind(cage._NO_PROCESSES, without("landlock"), ("signals",)),
    "network alone": Kind(cage._NETWORK_ONLY),
    "no namespaces": Kind(()),
    "no namespaces, no filter": Kind((), without("filter"), ("files", "unix", "network", "kernel")),
    "no namespaces, no Landlock": Kind((), without("landlock"), ("files", "signals")),
    "capabilities alone": Kind((), ("powers",), ("files", "unix", "network", "kernel", "signals")),
}
GAPS = {
    "files": "guarded by their permissions alone",
    "unix": "unix sockets of this machine can be connected to",
    "network": "the network is not cut",
    "kernel": "no filter of system calls",
    "signals": "can be sent signals",
}


def held_as(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    if not set(kind.flags) <= set(cage._namespaces()):
        pytest.skip("this system does not allow such namespaces")
    monkeypatch.setattr(cage, "_namespaces", lambda: kind.flags)
    monkeypatch.setattr(cage, "_PARTS", kind.parts)


def escape(outside: Outside, shown: Path | None = None) -> tuple[Caged, set[tuple[str, str]]]:
    """The attempts that succeeded, by their own word."""
    view = view_of({"folder": str(shown)} if shown else {})
    with workspace() as folder:
        held = run(folder, [sys.executable, "-c", PROGRAM, outside.told()], ROOM, view=view)
    assert (held.end, held.code) == ("exit", 0), held.log
    assert len(held.events) > 40
    return held, {(event["family"], event["name"]) for event in held.events if event["told"] == "done"}


@pytest.mark.parametrize("shown", [False, True])
def test_nothing_gets_out_of_the_cage(outside: Outside, shown: bool) -> None:  # noqa: FBT001 - a parameter
    if cage._namespaces() != cage._PROBED:
        pytest.skip("this system does not allow such namespaces")
    before = outside.state()
    held, done = escape(outside, outside.folder if shown else None)
    assert (done, outside.heard()) == (set(), set())
    assert outside.state() == before
    assert (held.cage.network, held.cage.files, held.cage.gaps) == ("cut", "read-only", ())


@pytest.mark.parametrize("name", KINDS)
def test_what_gets_out_of_a_lesser_cage_is_a_named_gap(
    name: str, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = KINDS[name]
    held_as(kind, monkeypatch)
    before = outside.state()
    held, done = escape(outside)
    told = " ".join(held.cage.gaps)
    named = {family for family, words in GAPS.items() if words in told}
    assert named == set(kind.open), held.cage.gaps
    succeeded = {"signals" if family == "processes" else family for family, _ in done}
    assert succeeded <= named, done
    state = outside.state()
    assert state["victim"] is None or "signals" in named
    if "files" not in named:
        assert {**state, "victim": None} == {**before, "victim": None}
    if not {"unix", "network"} & named:
        assert outside.heard() == set()
    if kind.parts == ("powers",):
        assert {"files", "unix", "network", "signals"} <= succeeded  # the attempts are real ones
