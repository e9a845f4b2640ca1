"""The cage: a worker in a child process without network, stdin, or a file that it could change outside its workspace.

The parent sleeps on one pipe until the keeper says how it went. `docs/security-cage.md` tells the whole of it.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import platform
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, Literal

from osaudit.errors import OsauditError
from osaudit.frozen import dataclass
from osaudit.probe import machine
from osaudit.probe.filters import program
from osaudit.probe.gaps import Held, gaps_of
from osaudit.probe.view import view_of
from osaudit.proberun import Cage

End = Literal["exit", "signal", "timeout", "memory", "processes", "disk", "keeper"]

MAX_PROCESSES = 64
MAX_DISK = 256 * 1024 * 1024
_MAX_FILES = 16_384
_EMPTY = ("home", "hf", "tmp")
_PARTS = ("locked", "powers", "landlock", "filter")
_GRACE = 15.0
_OUT_LIMIT = 16 * 1024 * 1024
_LOG_LIMIT = 4000
_KEEPER = Path(__file__).with_name("keeper.py")
_PROBED = ("-r", "-n", "-m", "-p", "-f", "--mount-proc", "--kill-child", "-i")
_NO_PROCESSES = ("-r", "-n", "-m", "-i")
_NETWORK_ONLY = ("-r", "-n")
_PASSED = (
    *("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TZ"),
    *("OMP_NUM_THREADS", "MKL_NUM_THREADS", "CUDA_VISIBLE_DEVICES", "CUDA_HOME", "HSA_OVERRIDE_GFX_VERSION"),
)
_HF = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "DIFFUSERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUNBUFFERED": "1",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What the worker may use: bytes of memory, of address space (0: as it likes) and of disk, and seconds."""

    memory: int
    address_space: int
    wall: float
    processes: int = MAX_PROCESSES
    disk: int = MAX_DISK


@dataclass(frozen=True, slots=True)
class Caged:
    """How a worker ended, what it wrote, the end of its log, and how it was held.

    `cpu` and `seconds` are its own; `overhead` are the seconds that the cage took beside it.
    """

    end: End
    code: int
    events: tuple[Mapping[str, Any], ...]
    log: str
    peak: int
    cpu: float
    seconds: float
    left: int
    overhead: float
    cage: Cage


@dataclass(frozen=True, slots=True)
class _Open:
    """What this process has to clear away before it leaves, from whichever thread."""

    keepers: set[subprocess.Popen[bytes]] = field(default_factory=set)
    workspaces: set[Path] = field(default_factory=set)
    leaving: threading.Event = field(default_factory=threading.Event)


_open = _Open()


@contextlib.contextmanager
def workspace() -> Iterator[Path]:
    """Make the one folder that the worker may write to, and remove it."""
    folder = Path(tempfile.mkdtemp(prefix="osaudit-probe-")).resolve()
    _open.workspaces.add(folder)
    try:
        for name in _EMPTY:
            (folder / name).mkdir()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _open.workspaces.discard(folder)


def break_off(patience: float = 5.0) -> None:
    """End every worker of a program that is leaving, and wait `patience` seconds for their workspaces to be removed.

    Each is removed by the thread that made it, whose worker ends with the keeper.
    """
    _open.leaving.set()
    for keeper in tuple(_open.keepers):
        _kill(keeper)
    until = time.monotonic() + patience
    while _open.workspaces and time.monotonic() < until:
        time.sleep(0.02)


def run_worker(folder: Path, job: Mapping[str, Any], limits: Limits, evict: tuple[Path, ...] = ()) -> Caged:
    """Run the probe's worker on a job."""
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    bootstrap = "from osaudit.probe.worker import main; main()"
    return run(folder, [sys.executable, "-P", "-s", "-c", bootstrap], limits, evict=evict, view=view_of(job))


def run(
    folder: Path,
    command: list[str],
    limits: Limits,
    *,
    evict: tuple[Path, ...] = (),
    view: Mapping[str, list[str]] | None = None,
) -> Caged:
    """Run a command in the cage, with `folder` as its workspace, and sleep until it ended.

    `view` is what it is shown beside its workspace; without one, what Python itself needs.
    """
    flags = _namespaces()
    out, log = folder / "out.jsonl", folder / "log.txt"
    for file in (out, log):
        file.unlink(missing_ok=True)
    spec = {
        "workspace": str(folder),
        "namespaces": bool(flags),
        "mounts": "-m" in flags,
        "parts": _PARTS,
        "command": command,
        "environment": _environment(folder),
        "memory": limits.memory,
        "address_space": limits.address_space,
        "processes": limits.processes,
        "wall": limits.wall,
        "cpu": int(limits.wall * machine.cores()) + 60,
        "evict": [str(path) for path in evict],
        "user": os.getuid(),
        "group": os.getgid(),
        "filters": _filters(),
        "view": {
            **(view or view_of({})),
            "disk": limits.disk,
            "files": _MAX_FILES,
            "empty": _EMPTY,
            "given": sorted(path.name for path in folder.iterdir() if path.name not in _EMPTY),
        },
    }
    (folder / "cage.json").write_text(json.dumps(spec), encoding="utf-8")
    prefix = [_unshare(), *flags, "--"] if flags else []
    started = time.perf_counter()
    report = _kept([*prefix, sys.executable, "-I", str(_KEEPER), str(folder / "cage.json")], limits.wall + _GRACE)
    return Caged(
        end=report.get("end", "keeper"),
        code=int(report.get("code", 0)),
        events=_events(out),
        log=_tail(log),
        peak=int(report.get("peak", 0)),
        cpu=float(report.get("cpu", 0.0)),
        seconds=float(report.get("seconds", 0.0)),
        left=int(report.get("left", 0)),
        overhead=max(0.0, time.perf_counter() - started - float(report.get("seconds", 0.0))),
        cage=_told(flags, limits, report),
    )


def _kept(command: list[str], wall: float) -> Mapping[str, Any]:
    """Start the keeper and sleep on its output; whatever happens here, nothing of it stays alive."""
    if _open.leaving.is_set():
        raise OsauditError("the probe was interrupted")
    keeper = subprocess.Popen(  # noqa: S603 - our own program
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={"PATH": os.environ.get("PATH", os.defpath)},
    )
    _open.keepers.add(keeper)
    if _open.leaving.is_set():
        _kill(keeper)
    try:
        out, _ = keeper.communicate(timeout=wall)
    except subprocess.TimeoutExpired:
        return {"end": "timeout"}
    finally:
        _kill(keeper)
        keeper.wait()
        _open.keepers.discard(keeper)
    try:
        report = json.loads(out[:100_000])
    except ValueError:
        return {"end": "keeper", "code": keeper.returncode}
    return report if isinstance(report, dict) else {}


def _kill(keeper: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(keeper.pid, signal.SIGKILL)


def _environment(folder: Path) -> dict[str, str]:
    """Private homes, no token, and the same libraries as here."""
    passed = {name: os.environ[name] for name in _PASSED if name in os.environ}
    places = [str(Path(__file__).resolve().parents[2]), *(path for path in sys.path if path and Path(path).exists())]
    return {
        **passed,
        **_HF,
        "HOME": str(folder / "home"),
        "HF_HOME": str(folder / "hf"),
        "TMPDIR": str(folder / "tmp"),
        "XDG_CACHE_HOME": str(folder / "home"),
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(places)),
        "OSAUDIT_WORKSPACE": str(folder),
    }


def _unshare() -> str:
    return shutil.which("unshare") or ""


@functools.cache
def _namespaces() -> tuple[str, ...]:
    """The namespaces that this system lets us have, tried once: all, the network alone, or none."""
    if not _unshare():
        return ()
    for flags in (_PROBED, _NO_PROCESSES, _NETWORK_ONLY):
        command = [_unshare(), *flags, "--", "true"]
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            tried = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=False)  # noqa: S603
            if tried.returncode == 0:
                return flags
    return ()


def _filters() -> dict[str, str]:
    """The filters of system calls: behind read-only mounts, and for want of them."""
    kept = {"held_memory": not machine.has_gpu()}
    return {
        "mounts": program(platform.machine(), owners=False, **kept).hex(),
        "plain": program(platform.machine(), owners=True, **kept).hex(),
    }


def _told(flags: tuple[str, ...], limits: Limits, report: Mapping[str, Any]) -> Cage:
    had = report.get("had") or {}
    held = Held(
        network="-n" in flags,
        processes="-p" in flags,
        view=bool(report.get("seen")),
        locked=bool(had.get("locked")),
        powers=bool(had.get("powers")),
        landlock=int(had.get("landlock", 0)),
        calls=bool(had.get("filter")),
        bounded=bool(limits.address_space),
    )
    return Cage(
        network="cut" if held.cut else "open",
        files="read-only" if held.read_only else "writable",
        processes="own namespace" if held.processes else "own session",
        memory_limit=limits.memory,
        wall_seconds=limits.wall,
        gaps=gaps_of(held),
    )


def _events(path: Path) -> tuple[Mapping[str, Any], ...]:
    """What the worker wrote, a JSON object a line; a last line that was cut is left out."""
    found = []
    for line in _read(path, _OUT_LIMIT).splitlines():
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict):
            found.append(event)
    return tuple(found)


def _tail(path: Path) -> str:
    return _read(path, _LOG_LIMIT, end=True).decode("utf-8", "replace")


def _read(path: Path, most: int, *, end: bool = False) -> bytes:
    """The beginning or the end of a plain file; nothing of a link or a pipe, which the worker may have made of it."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:  # noqa: PTH123 - a handle
            told = os.fstat(file.fileno())
            if not stat.S_ISREG(told.st_mode):
                return b""
            file.seek(max(0, told.st_size - most) if end else 0)
            return file.read(most)
    except OSError:
        return b""
