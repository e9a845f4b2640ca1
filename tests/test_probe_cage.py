from __future__ import annotations

import json
import os
import resource
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from osaudit.errors import OsauditError
from osaudit.probe import cage
from osaudit.probe.cage import Caged, Limits, run, workspace
from osaudit.probe.endings import ended_badly

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the cage's watchdog reads /proc")

GIGABYTE = 10**9
_CLOSED = ("all", "files")


def hold(program: str, *, memory: int = GIGABYTE, wall: float = 60.0, space: int = 0, processes: int = 64) -> Caged:
    with workspace() as folder:
        held = run(folder, [sys.executable, "-c", program], Limits(memory, space, wall, processes))
    assert not folder.exists()
    return held


@pytest.fixture(params=["all", "files", "network", "none"])
def namespaces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each of the ways in which a system may let us hold a process."""
    allowed = cage._namespaces()
    wanted = {"all": cage._PROBED, "files": cage._NO_PROCESSES, "network": cage._NETWORK_ONLY, "none": ()}[
        request.param
    ]
    if not set(wanted) <= set(allowed):
        pytest.skip("this system does not allow such namespaces")
    monkeypatch.setattr(cage, "_namespaces", lambda: wanted)
    return str(request.param)


def test_what_a_worker_writes_comes_back() -> None:
    told = '{"event": "a"}\n[]\nnonsense\n{"event": "b"}\n{"event": "c'
    held = hold(f"open('out.jsonl', 'w').write({told!r}); print('to the log')")
    assert (held.end, held.code, held.left) == ("exit", 0, 0)
    assert [event["event"] for event in held.events] == ["a", "b"]
    assert held.log == "to the log\n"
    assert held.peak > 0
    assert held.cpu > 0


def test_the_environment_is_bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    held = hold(
        "import json, os, sys, pathlib\n"
        "told = {**os.environ, 'stdin': sys.stdin.read(), 'session': os.getsid(0) == os.getpid(), 'cwd': os.getcwd()}\n"
        "open('out.jsonl', 'w').write(json.dumps(told))"
    )
    told = held.events[0]
    assert "secret" not in json.dumps(told)
    assert told["stdin"] == ""
    assert told["session"] is True
    assert {str(Path(told[name]).parent) for name in ("HOME", "HF_HOME", "TMPDIR")} == {told["cwd"]}
    assert (told["HF_HUB_OFFLINE"], told["TRANSFORMERS_OFFLINE"]) == ("1", "1")


_OUTSIDE = """
import os, socket, sys
def tried(action):
    try:
        action()
    except OSError as error:
        return type(error).__name__
    return "done"
def reach():
    socket.create_connection(("127.0.0.1", int({port})), 2).close()
told = [tried(lambda: open({path!r}, "w").write("x")), tried(lambda: os.unlink({kept!r})), tried(reach)]
import json
open("out.jsonl", "w").write(json.dumps({{"event": "tried", "told": told}}))
"""


def test_nothing_outside_is_changed_or_reached(tmp_path: Path) -> None:
    if cage._namespaces() != cage._PROBED:
        pytest.skip("this system does not allow such namespaces")
    kept = tmp_path / "kept"
    kept.write_text("x")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        held = hold(_OUTSIDE.format(path=str(tmp_path / "new"), kept=str(kept), port=port))
    assert held.events[0]["told"] == ["OSError", "OSError", "OSError"]
    assert (held.cage.network, held.cage.files, held.cage.processes) == ("cut", "read-only", "own namespace")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


# At most 200 processes, each in a session of its own, that wait until they are killed.
_STORM = """
import os, signal
for number in range(200):
    if os.fork() == 0:
        os.setsid()
        open({path!r} + str(number), "w").close() if {write} else None
        signal.pause()
"""


def test_a_fork_storm_ends_with_the_worker(namespaces: str, tmp_path: Path) -> None:
    storm = _STORM.format(path=str(tmp_path / "trace"), write=namespaces in _CLOSED)
    held = hold(storm, processes=1000)
    assert (held.end, held.code) == ("exit", 0), held.log
    assert _alive(str(tmp_path)) == set()
    assert held.left == 200
    assert list(tmp_path.iterdir()) == []


_FORKS = """
import os, time
block = b"x" * {shared}
for number in range(8):
    if os.fork() == 0:
        own = b"y" * {own}
        time.sleep(1)
        os._exit(0)
for number in range(8):
    os.wait()
"""


@pytest.mark.parametrize(("shared", "own", "end"), [(80_000_000, 0, "exit"), (0, 80_000_000, "memory")])
def test_what_forks_share_is_counted_once(shared: int, own: int, end: str) -> None:
    assert hold(_FORKS.format(shared=shared, own=own), memory=4 * 10**8).end == end


def test_a_storm_that_goes_on_is_stopped(namespaces: str, tmp_path: Path) -> None:
    held = hold(_STORM.format(path=str(tmp_path), write=False) + "signal.pause()")
    assert (held.end, ended_badly(held)[0]) == ("processes", "too-many-processes")
    assert _alive(str(tmp_path)) == set()
    assert (held.cage.processes == "own namespace") is (namespaces == "all")


def test_who_leaves_ends_the_workers_and_removes_their_workspaces(
    namespaces: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cage, "_open", cage._Open())
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(hold, "import signal; signal.pause()")
        while not cage._open.keepers:
            time.sleep(0.02)
        (place,) = cage._open.workspaces
        cage.break_off()
        assert not place.exists(), namespaces
        assert held.result(10).end == "keeper"
        with pytest.raises(OsauditError, match="interrupted"):
            pool.submit(hold, "").result(10)
    until = time.monotonic() + 10
    while _alive(str(place)) and time.monotonic() < until:
        time.sleep(0.05)
    assert _alive(str(place)) == set()


def _alive(mark: str) -> set[str]:
    """The processes of this machine whose command holds the mark: one test's own, whatever runs beside it."""
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208 - a glob fails where one ends meanwhile
        try:
            words = Path("/proc", pid, "cmdline").read_bytes()
        except OSError:
            continue
        if mark.encode() in words:
            found.add(pid)
    return found


@pytest.mark.parametrize(
    ("program", "limits", "end", "failure"),
    [
        ("while True: pass", {"wall": 0.3}, "timeout", "timeout"),
        ("import signal; signal.pause()", {"wall": 0.3}, "timeout", "timeout"),
        ("import ctypes; ctypes.string_at(0)", {}, "signal", "segfault"),
        ("import os; os.kill(os.getpid(), 9)", {}, "signal", "killed"),
        ("import os; os.abort()", {}, "signal", "crashed"),
        ("import sys; sys.exit(3)", {}, "exit", "crashed"),
        ("x = b'x' * 10**9; import signal; signal.pause()", {"memory": 3 * 10**8}, "memory", "out-of-memory"),
        ("bytearray(4 * 10**9)", {"space": 10**9}, "exit", "crashed"),
    ],
)
def test_a_bad_end_has_a_name(program: str, limits: dict[str, float], end: str, failure: str) -> None:
    held = hold(program, **limits)  # type: ignore[arg-type]
    assert held.end == end
    named, because, quote, path = ended_badly(held)
    assert (named, quote, path) == (failure, None, None)
    assert because.endswith(".")


def test_the_gaps_are_told(namespaces: str) -> None:
    held = hold("pass")
    told = " ".join(held.cage.gaps)
    assert ("network is not cut" in told) is (namespaces == "none")
    assert ("guarded by their permissions" in told) is (namespaces not in _CLOSED)
    assert "address space" in told


def test_the_parent_sleeps() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF)
    held = hold("import time\nend = time.monotonic() + 2\nwhile time.monotonic() < end: pass")
    after = resource.getrusage(resource.RUSAGE_SELF)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert held.cpu > 10 * spent


def test_a_keeper_that_cannot_start_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cage, "_KEEPER", tmp_path / "nothing.py")
    held = hold("pass")
    assert (held.end, ended_badly(held)[0]) == ("keeper", "cage-broken")
