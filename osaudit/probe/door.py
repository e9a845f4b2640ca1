"""What shuts the cage: calls to the kernel, for the keeper alone, which loads this by its path. Standard library only.

Each part says whether it was had: what a system does not give is named in the report, and the rest still holds.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import stat
import sys
from collections.abc import Callable
from typing import Any

_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_BIND, _MS_REC = 1, 2, 4, 8, 0x1000, 0x4000  # linux/mount.h
_MNT_DETACH = 2
_MOUNT_SETATTR, _PIVOT_ROOT = 442, {"x86_64": 155, "aarch64": 41}
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_CLONE_NEWNS, _CLONE_NEWUSER = 0x20000, 0x10000000
_PDEATHSIG, _DUMPABLE, _SECCOMP, _BOUNDING_DROP, _SECUREBITS, _NO_NEW_PRIVS, _AMBIENT = 1, 4, 22, 24, 28, 38, 47
_AMBIENT_CLEAR, _FILTER_MODE = 4, 2
_NO_ROOT_EVER = 0xEF  # linux/securebits.h: every bit that takes root's and set-uid's powers, each locked
_CAPABILITIES_3 = 0x20080522
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE, _IOCTL = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14, 1 << 15
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
_READS = _EXECUTE | _READ_FILE | _READ_DIR
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}  # linux/landlock.h, by version
_TCP, _SCOPES = (4, 3), (6, 3)  # since which version, and all of it: bind and connect; abstract sockets and signals

_SHARED = "/dev/shm"  # noqa: S108 - the cage's own, in the bounded workspace

_libc = ctypes.CDLL(None, use_errno=True)


class _Attributes(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns"))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


class _Rule(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _call(number: int, *arguments: Any) -> int:  # noqa: ANN401 - whatever ctypes passes on
    wide = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    return _checked(_libc.syscall(ctypes.c_long(number), *wide))


def _prctl(option: int, *arguments: int) -> int:
    values = [ctypes.c_ulong(one) for one in (*arguments, 0, 0, 0, 0)[:4]]
    return _checked(_libc.prctl(ctypes.c_int(option), *values))


def _mount(source: str, target: str, kind: str | None = None, flags: int = 0, data: str = "") -> None:
    names = [None if one is None else os.fsencode(one) for one in (source, target, kind)]
    _checked(_libc.mount(*names, ctypes.c_ulong(flags), data.encode() or None))


def _set(target: str, wanted: int, unwanted: int = 0, flags: int = 0) -> None:
    """Set and clear attributes of a mount, which have the numbers of the flags."""
    attributes = _Attributes(wanted, unwanted, 0, 0)
    size = ctypes.sizeof(attributes)
    _call(_MOUNT_SETATTR, _AT_FDCWD, os.fsencode(target), flags, ctypes.byref(attributes), size)


def hide_from_peers() -> None:
    """Let no process of the same user look into this one, or take hold of it."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            _prctl(_DUMPABLE, 0)


def end_with_parent() -> None:
    """Die with the process that started this one."""
    if sys.platform == "linux" and os.getpid() != 1:
        with contextlib.suppress(OSError):
            _prctl(_PDEATHSIG, signal.SIGKILL)


def enter_view(workspace: str, view: dict[str, Any]) -> bool:
    """Make a new root of what the view shows, read-only, and a bounded workspace; False where it cannot be had."""
    host = os.open(workspace, os.O_RDONLY | os.O_DIRECTORY)
    entered = False
    try:
        _mount("tmpfs", workspace, "tmpfs", _MS_NOSUID | _MS_NODEV, "size=8m,nr_inodes=20000,mode=755")
        entered = True
        _furnish(workspace, view)
        _add_workspace(workspace, f"{workspace}{workspace}", host, view)
        _set(workspace, _MS_RDONLY | _MS_NOSUID | _MS_NODEV, flags=_AT_RECURSIVE)
        _add_devices(workspace, view["devices"])
        for place in (workspace, _SHARED):
            _set(f"{workspace}{place}", 0, _MS_RDONLY)
        os.chdir(workspace)
        _call(_PIVOT_ROOT[os.uname().machine], b".", b".")
        _checked(_libc.umount2(b".", _MNT_DETACH))
        os.chdir("/")
    except (OSError, KeyError):
        if entered:
            os.chdir("/")
            _libc.umount2(os.fsencode(workspace), _MNT_DETACH)
        return False
    finally:
        os.close(host)
    return True


def _furnish(root: str, view: dict[str, Any]) -> None:
    for path in (*view["shown"], "/proc"):
        target = root + path
        if os.path.islink(path):  # noqa: PTH114 - as few imports as can be
            _make_parent(target)
            os.symlink(os.readlink(path), target)  # noqa: PTH115, PTH211
        else:
            _stand_in(path, target)
            _mount(path, target, flags=_MS_BIND | _MS_REC)
    os.mkdir(f"{root}/dev")  # noqa: PTH102
    for path in view["devices"]:
        _stand_in(path, root + path)
    for name, target in (("fd", "fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        os.symlink(f"/proc/self/{target}", f"{root}/dev/{name}")  # noqa: PTH211
    for path in (_SHARED, "/tmp", "/run", "/var/tmp"):  # noqa: S108 - empty ones
        os.makedirs(root + path, exist_ok=True)  # noqa: PTH103


def _make_parent(target: str) -> None:
    os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120


def _stand_in(path: str, target: str) -> None:
    """Make an empty folder, or an empty file, for something to be mounted on."""
    if stat.S_ISDIR(os.stat(path).st_mode):  # noqa: PTH116
        os.makedirs(target, exist_ok=True)  # noqa: PTH103
    else:
        _make_parent(target)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600))


def _add_workspace(root: str, place: str, host: int, view: dict[str, Any]) -> None:
    """A workspace in memory, bounded; what was put into the real one stands in it, read-only."""
    os.makedirs(place, exist_ok=True)  # noqa: PTH103
    bound = f"size={view['disk']},nr_inodes={view['files']},mode=700"
    _mount("tmpfs", place, "tmpfs", _MS_NOSUID | _MS_NODEV, bound)
    for name in (*view["empty"], "shm"):
        os.mkdir(f"{place}/{name}", 0o700)  # noqa: PTH102
    for name in view["given"]:
        given = f"/proc/self/fd/{host}/{name}"
        _stand_in(given, f"{place}/{name}")
        _mount(given, f"{place}/{name}", flags=_MS_BIND | _MS_REC)
    _mount(f"{place}/shm", f"{root}{_SHARED}", flags=_MS_BIND)


def _add_devices(root: str, paths: list[str]) -> None:
    for path in paths:
        _mount(path, root + path, flags=_MS_BIND)
        _set(root + path, _MS_RDONLY | _MS_NOSUID | _MS_NOEXEC)


def shut(spec: dict[str, Any], proc: int, *, seen: bool) -> dict[str, Any]:
    """Shut the door behind this process, which is about to become the worker; return what was had of each part."""
    had: dict[str, Any] = {"locked": False, "powers": False, "landlock": 0, "filter": False}
    if sys.platform != "linux":
        return had
    parts: dict[str, Callable[[], Any]] = {
        "locked": lambda: bool(spec["namespaces"]) and _lock_mounts(proc, spec["user"], spec["group"]),
        "powers": _drop_powers,
        "landlock": lambda: _landlock(spec, seen=seen),
        "filter": lambda: _filter(bytes.fromhex(spec["filters"]["mounts" if seen else "plain"])),
    }
    for name, part in parts.items():
        if name in spec["parts"]:
            with contextlib.suppress(OSError):
                had[name] = part()
        if name == "powers":
            end_with_parent()  # forgotten where powers change
    return had


def _lock_mounts(proc: int, user: int, group: int) -> bool:
    """Enter a user namespace below the one that owns the mounts: from there they are fixed."""
    outer_user, outer_group = os.getuid(), os.getgid()
    _checked(_libc.unshare(ctypes.c_int(_CLONE_NEWUSER | _CLONE_NEWNS)))
    lines = (("setgroups", "deny"), ("uid_map", f"{user} {outer_user} 1"), ("gid_map", f"{group} {outer_group} 1"))
    for name, line in lines:
        handle = os.open(f"self/{name}", os.O_WRONLY, dir_fd=proc)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)
    return True


def _drop_powers() -> bool:
    """Drop every capability, from the bounding set too, and take on no new ones for good."""
    _prctl(_NO_NEW_PRIVS, 1)
    with contextlib.suppress(OSError):  # who has none to begin with may not even drop them
        _prctl(_SECUREBITS, _NO_ROOT_EVER)
        _prctl(_AMBIENT, _AMBIENT_CLEAR)
        for number in range(64):
            _prctl(_BOUNDING_DROP, number)
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_3, 0)
    _checked(_libc.capset(header, (ctypes.c_uint32 * 6)()))
    return True


def _landlock(spec: dict[str, Any], *, seen: bool) -> int:
    """Confine files, TCP and signals as far as the kernel's Landlock goes; its version, 0 without it."""
    version = _call(_LANDLOCK_CREATE, None, 0, 1)
    rights = _RIGHTS[max(one for one in _RIGHTS if one <= version)]
    handled = (ctypes.c_uint64 * 3)(rights, *(every if version >= since else 0 for since, every in (_TCP, _SCOPES)))
    rules = _call(_LANDLOCK_CREATE, ctypes.byref(handled), 8 * (1 + (version >= _TCP[0]) + (version >= _SCOPES[0])), 0)
    view = spec["view"]
    reads = ["/"] if seen else [*view["shown"], "/proc"]
    writes = [spec["workspace"], _SHARED] if seen else [spec["workspace"]]
    for allowed, paths in ((_READS, reads), (rights, writes), (_OF_FILES & rights & ~_EXECUTE, view["devices"])):
        for path in paths:
            _allow(rules, path, allowed)
    _call(_LANDLOCK_RESTRICT, rules, 0)
    os.close(rules)
    return version


def _allow(rules: int, path: str, allowed: int) -> None:
    handle = os.open(path, os.O_PATH)
    try:
        of_it = allowed if stat.S_ISDIR(os.fstat(handle).st_mode) else allowed & _OF_FILES
        _call(_LANDLOCK_ADD, rules, 1, ctypes.byref(_Rule(of_it, handle)), 0)
    finally:
        os.close(handle)


def _filter(steps: bytes) -> bool:
    """Let the kernel refuse the calls that the program names, for good."""
    if not steps:
        return False
    program = _Program(len(steps) // 8, steps)
    _checked(_libc.prctl(_SECCOMP, ctypes.c_ulong(_FILTER_MODE), ctypes.byref(program), 0, 0))
    return True


def limit(kind: int, wanted: int) -> None:
    """Lower a limit for good; one that is lower already stays."""
    with contextlib.suppress(OSError, ValueError):
        hard = resource.getrlimit(kind)[1]
        low = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (low, low))
