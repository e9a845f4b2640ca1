from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from osaudit.errors import OsauditError
from osaudit.probe import cage
from osaudit.probe.cage import Caged, Limits, run, workspace
from osaudit.probe.endings import ended_badly

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="the cage's watchdog reads /proc")]

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
    assert ("disk use is watched" in told) is (namespaces not in _CLOSED)
    assert ("no process namespace" in told) is (namespaces != "all")
    assert "address space" in told


_FILL = """
import os, signal
for number in range(48):
    with open(f"f{number}", "wb") as file:
        file.write(bytes(2**20))
signal.pause()
"""
_FILL_WITH_NAMES = """
for number in range(20_000):
    open(f"f{number}", "w").close()
"""


def test_a_disk_is_not_filled(namespaces: str) -> None:
    with workspace() as folder:
        held = run(folder, [sys.executable, "-c", _FILL], Limits(GIGABYTE, 0, 60.0, disk=2**23))
        assert sum(path.stat().st_size for path in folder.iterdir()) < 50 * 2**20
    if namespaces in _CLOSED:
        assert (held.end, held.code) == ("exit", 1)
        assert "No space left" in held.log
        assert "No space left" in hold(_FILL_WITH_NAMES).log
    else:
        assert (held.end, ended_badly(held)[0]) == ("disk", "disk-full")


def test_one_large_file_is_not_written(namespaces: str) -> None:
    with workspace() as folder:
        program = "open('large', 'wb').truncate(2**30)"
        held = run(folder, [sys.executable, "-c", program], Limits(GIGABYTE, 0, 60.0, disk=2**23))
    assert (held.end, held.code) == ("exit", 1), namespaces
    assert "File too large" in held.log


def test_what_is_no_plain_file_does_not_come_back(namespaces: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text('{"event": "not the worker\'s"}\n')
    held = hold(
        f"import os\nfor name in ('out.jsonl', 'log.txt'): os.path.exists(name) and os.unlink(name)\n"
        f"os.symlink({str(kept)!r}, 'out.jsonl'); os.symlink({str(kept)!r}, 'log.txt')"
    )
    assert (held.end, held.events, held.log) == ("exit", (), ""), namespaces


_PARENT = """
import sys
from osaudit.probe import cage
flags = sys.argv[2].split()
cage._namespaces = lambda: tuple(flags)
with cage.workspace() as folder:
    print(folder, flush=True)
    cage.run(folder, [sys.executable, "-c", "while True: pass", sys.argv[1]], cage.Limits(10**9, 0, 300.0))
"""


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_the_worker_ends_with_its_parent(namespaces: str, end: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _PARENT, str(tmp_path), " ".join(cage._namespaces())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        place = Path(parent.stdout.readline().strip())
        mine = str(parent.pid)
        assert until(lambda: bool(_spinning(str(tmp_path)) - {mine}))
        parent.send_signal(end)
        assert parent.wait(10) == -end
    try:
        assert until(lambda: not _alive(str(tmp_path))), namespaces
        assert until(lambda: not place.exists())
    finally:
        for pid in _alive(str(tmp_path)):
            os.kill(int(pid), signal.SIGKILL)


def _spinning(mark: str) -> set[str]:
    """The workers themselves, not the keeper before it became one."""
    return {pid for pid in _alive(mark) if b"while True" in Path("/proc", pid, "cmdline").read_bytes()[:200]}


def until(condition: Callable[[], bool]) -> bool:
    """Whether it comes about, well before the worker's own limit."""
    last = time.monotonic() + 30
    while not condition() and time.monotonic() < last:
        time.sleep(0.05)
    return condition()


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
