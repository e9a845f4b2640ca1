"""The keeper of the cage: a small process between osaudit and the worker, run by its path, standard library only.

It has the door shut behind the worker, sets limits, watches memory, processes, disk, time and osaudit itself, kills
what is left, and prints one JSON object that says how it went. Where there is a process namespace, it is its process 1.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import select
import signal
import stat
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from osaudit.probe import door
else:
    sys.path.append(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - as few imports as can be
    import door

_SAMPLE_SECONDS = 0.2
_PR_SET_CHILD_SUBREAPER = 36
_MAX_TASKS = 8192  # a user's, in all; the watch over processes is tighter
_OUT, _LOG = "out.jsonl", "log.txt"
_MAX_OUT = 16 * 1024 * 1024
_MAX_ENTRIES = 20_000


def main(spec_path: str) -> None:
    """Hold one worker as the specification says."""
    with open(spec_path, encoding="utf-8") as file:  # noqa: PTH123 - as few imports as can be
        spec: dict[str, Any] = json.load(file)
    os.umask(0o077)
    workspace = spec["workspace"]
    handles = {"beside": os.open(os.path.dirname(workspace), os.O_RDONLY), "host": os.open(workspace, os.O_RDONLY)}  # noqa: PTH120
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        handles["proc"] = os.open("/proc", os.O_RDONLY)
    door.hide_from_peers()
    for path in spec["evict"]:
        _evict(path)
    seen = bool(spec["mounts"]) and door.enter_view(workspace, spec["view"])
    report = {"seen": seen, **_hold(spec, handles, seen=seen)}
    if report["end"] == "orphaned":
        _remove(os.path.basename(workspace), handles["beside"])  # noqa: PTH119
        return
    if seen:
        _bring_back(workspace, handles["host"])
    json.dump(report, sys.stdout)
    sys.stdout.flush()


def _bring_back(workspace: str, host: int) -> None:
    """Copy what the worker told from its workspace in memory to the real one: of a plain file, a bounded part."""
    with contextlib.suppress(OSError):
        handle = os.open(f"{workspace}/{_OUT}", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        if stat.S_ISREG(os.fstat(handle).st_mode):
            copy = os.open(_OUT, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=host)
            with open(handle, "rb") as source, open(copy, "wb") as target:  # noqa: PTH123 - handles
                target.write(source.read(_MAX_OUT))


def _remove(name: str, beside: int) -> None:
    """Remove the workspace, as osaudit is no longer there to do it."""
    with contextlib.suppress(OSError, RecursionError):
        for _, folders, files, handle in os.fwalk(name, topdown=False, dir_fd=beside):
            for file in files:
                os.unlink(file, dir_fd=handle)
            for folder in folders:
                with contextlib.suppress(NotADirectoryError):  # a link to a folder
                    os.rmdir(folder, dir_fd=handle)
        os.rmdir(name, dir_fd=beside)


def _evict(path: str) -> None:
    """Ask the system to forget the file's pages, so that the worker starts cold."""
    with contextlib.suppress(OSError, AttributeError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)


def _hold(spec: dict[str, Any], handles: dict[str, int], *, seen: bool) -> dict[str, Any]:
    started = time.monotonic_ns()
    heard, told = os.pipe()
    worker = os.fork()
    if worker == 0:
        _become_worker(spec, started, {**handles, "told": told}, seen=seen)
    os.close(told)
    with open(heard, "rb") as file:  # noqa: PTH123 - a handle; closed by the worker's start
        words = file.read(10_000)
    ended = _watch(spec, worker, started, seen=seen)
    left = _kill_all(worker)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    had = json.loads(words) if words else {}
    return {**ended, "seconds": (time.monotonic_ns() - started) / 1e9, "left": left, "had": had}


def _become_worker(spec: dict[str, Any], started: int, handles: dict[str, int], *, seen: bool) -> None:
    """Close the door: own session, no stdin, output to a file, limits; then become the worker."""
    try:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDONLY)
        log = os.open(_LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600, dir_fd=handles["host"])
        for target, source in ((0, nothing), (1, log), (2, log)):
            os.dup2(source, target)
        os.chdir(spec["workspace"])
        had = door.shut(spec, handles.get("proc", -1), seen=seen)
        for kind, wanted in (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, spec["view"]["disk"]),
            (resource.RLIMIT_NPROC, _MAX_TASKS),
            (resource.RLIMIT_CPU, spec["cpu"]),
            *(((resource.RLIMIT_AS, spec["address_space"]),) if spec["address_space"] else ()),
        ):
            door.limit(kind, wanted)
        os.write(handles["told"], json.dumps(had).encode())
        os.closerange(3, 4096)  # the keeper's; it has opened no more
        environment = {**spec["environment"], "OSAUDIT_STARTED_NS": str(started)}
        os.execve(spec["command"][0], spec["command"], environment)  # noqa: S606 - no shell is the point
    except BaseException as error:  # noqa: BLE001 - a child of fork never returns
        os.write(2, f"the worker cannot be started: {error}\n".encode())
    os._exit(127)


def _watch(spec: dict[str, Any], worker: int, started: int, *, seen: bool) -> dict[str, Any]:
    """Sleep until the worker ends, waking to look at memory, processes, disk and time."""
    wait = _Waiting(worker)
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
        written = 0 if seen else _written(spec["workspace"], [os.getpid(), worker, *family])
        measured = (held, len(family), written, (time.monotonic_ns() - started) / 1e9)
        reason = "orphaned" if wait.orphaned else _reason(spec, *measured)
        if reason:
            os.kill(worker, signal.SIGKILL)
            used = os.wait4(worker, 0)[2]
            return {"end": reason, "code": 0, "peak": held, "cpu": used.ru_utime + used.ru_stime}
        wait.sleep()


class _Waiting:
    """Sleep until the worker ends, osaudit ends, or it is time to look."""

    def __init__(self, worker: int) -> None:
        self.orphaned = False
        self._poll = select.poll()
        self._poll.register(
            1, 0
        )  # osaudit reads the other end: an error, which needs not be asked for, once it is gone
        if hasattr(os, "pidfd_open"):
            self._poll.register(os.pidfd_open(worker), select.POLLIN)

    def sleep(self) -> None:
        for handle, _ in self._poll.poll(_SAMPLE_SECONDS * 1000):
            self.orphaned = self.orphaned or handle == 1


def _reason(spec: dict[str, Any], held: int, processes: int, written: int, seconds: float) -> str:
    if processes > spec["processes"]:
        return "processes"
    if held > spec["memory"]:
        return "memory"
    if written > spec["view"]["disk"]:
        return "disk"
    return "timeout" if seconds > spec["wall"] else ""


def _written(workspace: str, processes: list[int]) -> int:
    """Bytes in the workspace, or that the processes have written to disks, whichever are more."""
    held = 0
    folders = [workspace]
    for _ in range(_MAX_ENTRIES):
        if not folders:
            break
        with contextlib.suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                held += 512 * entry.stat(follow_symlinks=False).st_blocks
                folders += [entry.path] if entry.is_dir(follow_symlinks=False) else []
    sent = sum(_count(pid, "write_bytes:", "io") for pid in processes)
    return max(held, sent)


def _ended(status: int, peak: int, cpu: float) -> dict[str, Any]:
    if os.WIFSIGNALED(status):
        return {"end": "signal", "code": os.WTERMSIG(status), "peak": peak, "cpu": cpu}
    return {"end": "exit", "code": os.WEXITSTATUS(status), "peak": peak, "cpu": cpu}


def _share(pid: int) -> int:
    """The process's share of the memory that it holds, pages held together divided by those who hold them."""
    return _memory(pid, "Pss:", "smaps_rollup") or _memory(pid, "VmRSS")


def _memory(pid: int, field: str, of: str = "status") -> int:
    """A figure of /proc/PID/status or the like in bytes; 0 where there is none."""
    return 1024 * _count(pid, field, of)


def _count(pid: int, field: str, of: str) -> int:
    with contextlib.suppress(OSError, ValueError), open(f"/proc/{pid}/{of}", "rb") as file:  # noqa: PTH123 - as above
        for line in file:
            if line.startswith(field.encode()):
                return int(line.split()[1])
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
