"""The keeper of the cage: a small process between osaudit and the worker, run by its path, standard library only.

It makes the file system read-only, sets limits, starts the worker, watches memory, processes and time, kills what is
left, and prints one JSON object that says how it went. With a process namespace of its own, it is its process 1.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import select
import signal
import sys
import time
from typing import Any

_SAMPLE_SECONDS = 0.2
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_MS_BIND, _MS_REC = 0x1000, 0x4000
_MOUNT_SETATTR = 442  # on every architecture
_AT_FDCWD, _AT_RECURSIVE, _RDONLY = -100, 0x8000, 0x1
_LOG_BYTES = 1 << 30
_MAX_TASKS = 8192  # a user's, in all; the watch over processes is tighter


class _MountAttributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns", ctypes.c_uint64),
    )


def main(spec_path: str) -> None:
    """Hold one worker as the specification says."""
    with open(spec_path, encoding="utf-8") as file:  # noqa: PTH123 - as few imports as can be
        spec: dict[str, Any] = json.load(file)
    os.umask(0o077)
    report: dict[str, Any] = {"read_only": bool(spec["mounts"]) and _make_read_only(spec["workspace"])}
    _tie_to_parent()
    for path in spec["evict"]:
        _evict(path)
    report.update(_hold(spec))
    json.dump(report, sys.stdout)
    sys.stdout.flush()


def _make_read_only(workspace: str) -> bool:
    """Make every mount read-only but for the workspace; False where the system does not allow it."""
    libc = ctypes.CDLL(None, use_errno=True)
    place = os.fsencode(workspace)
    if libc.mount(place, place, None, ctypes.c_ulong(_MS_BIND | _MS_REC), None) != 0:
        return False
    closed = _set_mount(libc, b"/", _AT_RECURSIVE, _MountAttributes(_RDONLY, 0, 0, 0))
    return closed and _set_mount(libc, place, 0, _MountAttributes(0, _RDONLY, 0, 0))


def _set_mount(libc: ctypes.CDLL, place: bytes, flags: int, attributes: _MountAttributes) -> bool:
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    call: int = libc.syscall(
        ctypes.c_long(_MOUNT_SETATTR),
        ctypes.c_int(_AT_FDCWD),
        ctypes.c_char_p(place),
        ctypes.c_uint(flags),
        ctypes.byref(attributes),
        size,
    )
    return call == 0


def _tie_to_parent() -> None:
    """Die with the parent, and inherit what the worker leaves behind."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        if os.getpid() != 1:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _evict(path: str) -> None:
    """Ask the system to forget the file's pages, so that the worker starts cold."""
    with contextlib.suppress(OSError, AttributeError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)


def _hold(spec: dict[str, Any]) -> dict[str, Any]:
    started = time.monotonic_ns()
    worker = os.fork()
    if worker == 0:
        _become_worker(spec, started)
    ended = _watch(spec, worker, started)
    left = _kill_all(worker)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    return {**ended, "seconds": (time.monotonic_ns() - started) / 1e9, "left": left}


def _become_worker(spec: dict[str, Any], started: int) -> None:
    """Close the door: own session, no stdin, output to a file, limits; then become the worker."""
    try:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDONLY)
        log = os.open(spec["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for target, source in ((0, nothing), (1, log), (2, log)):
            os.dup2(source, target)
        os.closerange(3, 256)
        _limit(resource.RLIMIT_CORE, 0)
        _limit(resource.RLIMIT_FSIZE, _LOG_BYTES)
        _limit(resource.RLIMIT_NPROC, _MAX_TASKS)
        if spec["address_space"]:
            _limit(resource.RLIMIT_AS, spec["address_space"])
        os.chdir(spec["workspace"])
        environment = {**spec["environment"], "OSAUDIT_STARTED_NS": str(started)}
        os.execve(spec["command"][0], spec["command"], environment)  # noqa: S606 - no shell is the point
    except BaseException as error:  # noqa: BLE001 - a child of fork never returns
        os.write(2, f"the worker cannot be started: {error}\n".encode())
    os._exit(127)


def _limit(kind: int, wanted: int) -> None:
    with contextlib.suppress(OSError, ValueError):
        hard = resource.getrlimit(kind)[1]
        low = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (low, low))


def _watch(spec: dict[str, Any], worker: int, started: int) -> dict[str, Any]:
    """Sleep until the worker ends, waking to look at memory, processes and time."""
    handle = os.pidfd_open(worker) if hasattr(os, "pidfd_open") else -1
    peak = 0
    while True:
        pid, status, used = os.wait4(worker, os.WNOHANG)
        if pid:
            peak = max(peak, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024))
            return _ended(status, peak, used.ru_utime + used.ru_stime)
        family = _descendants(worker)
        peak = max(peak, _memory(worker, "VmHWM"))
        held = peak + sum(_memory(pid, "VmRSS") for pid in family)
        if held > spec["memory"] and family:  # forks share pages: each is counted once where it matters
            held = peak + sum(_share(pid) for pid in family)
        reason = _reason(spec, held, len(family), (time.monotonic_ns() - started) / 1e9)
        if reason:
            os.kill(worker, signal.SIGKILL)
            used = os.wait4(worker, 0)[2]
            return {"end": reason, "code": 0, "peak": held, "cpu": used.ru_utime + used.ru_stime}
        if handle >= 0:
            select.select([handle], [], [], _SAMPLE_SECONDS)
        else:
            time.sleep(_SAMPLE_SECONDS)


def _reason(spec: dict[str, Any], held: int, processes: int, seconds: float) -> str:
    if processes > spec["processes"]:
        return "processes"
    if held > spec["memory"]:
        return "memory"
    return "timeout" if seconds > spec["wall"] else ""


def _ended(status: int, peak: int, cpu: float) -> dict[str, Any]:
    if os.WIFSIGNALED(status):
        return {"end": "signal", "code": os.WTERMSIG(status), "peak": peak, "cpu": cpu}
    return {"end": "exit", "code": os.WEXITSTATUS(status), "peak": peak, "cpu": cpu}


def _share(pid: int) -> int:
    """The process's share of the memory that it holds, pages held together divided by those who hold them."""
    return _memory(pid, "Pss:", "smaps_rollup") or _memory(pid, "VmRSS")


def _memory(pid: int, field: str, of: str = "status") -> int:
    """A figure of /proc/PID/status or the like in bytes; 0 where there is none."""
    with contextlib.suppress(OSError, ValueError), open(f"/proc/{pid}/{of}", "rb") as file:  # noqa: PTH123 - as above
        for line in file:
            if line.startswith(field.encode()):
                return int(line.split()[1]) * 1024
    return 0


def _descendants(worker: int) -> list[int]:
    """The processes that the worker started, or left to us."""
    if not os.path.isdir("/proc/self"):  # noqa: PTH112 - as above
        return []
    found: list[int] = []
    open_pids = [os.getpid()]
    while open_pids and len(found) < 4096:  # noqa: PLR2004 - enough to know
        pid = open_pids.pop()
        with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{pid}/children", "rb") as file:  # noqa: PTH123
            children = [int(child) for child in file.read().split()]
            found += children
            open_pids += children
    return [pid for pid in found if pid != worker]


def _kill_all(worker: int) -> int:
    """Kill what the worker left; process 1 of a namespace reaches all of it at once. Returns how many there were."""
    left = len(_descendants(worker))
    for _ in range(100):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(worker, signal.SIGKILL)
        if os.getpid() == 1:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(-1, signal.SIGKILL)
        remaining = _descendants(worker)
        for pid in remaining:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not remaining:
            break
        time.sleep(0.01)
    return left


if __name__ == "__main__":
    main(sys.argv[1])
