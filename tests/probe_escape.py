"""A program that tries to get out of the cage, run inside by its text. It writes down what came of each attempt.

Its attempts are harmless where they succeed: they are at a folder, sockets and a process of the test's own. Mounts are
only touched in a mount namespace of its own, and foreign processes only seen in a process namespace of its own, since
without these an attempt of root's would be at the machine itself.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import platform
import signal
import socket
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

AT = json.loads(sys.argv[1])
OUTSIDE, KEPT = AT["outside"], AT["outside"] + "/kept"
LIBC = ctypes.CDLL(None, use_errno=True)
INTEL = platform.machine() == "x86_64"
MOUNT_SETATTR, OPEN_TREE, CLONE3, IO_URING_SETUP = 442, 428, 435, 425
PTRACE, UNSHARE, SETNS, ADD_KEY, BPF, PERF, USERFAULT, SECRET, CLONE = (
    (101, 272, 308, 248, 321, 298, 323, 447, 56) if INTEL else (117, 97, 268, 217, 280, 241, 282, 447, 220)
)
VM_WRITE, BY_HANDLE = (311, 304) if INTEL else (271, 265)
NEWUSER, NEWNS = 0x10000000, 0x20000


def is_apart(kind: str) -> bool:
    """Whether this process is in a namespace of its own; False where that cannot be seen."""
    with contextlib.suppress(OSError):
        return os.readlink(f"/proc/self/ns/{kind}") != AT["namespaces"][kind]
    return False


OWN_MOUNTS, OWN_PROCESSES = is_apart("mnt"), is_apart("pid")


def call(number: int, *arguments: Any) -> int:
    ctypes.set_errno(0)
    result: int = LIBC.syscall(
        ctypes.c_long(number), *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments)
    )
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def at_own_mounts(action: Callable[[], None]) -> Callable[[], None]:
    def attempt() -> None:
        if not OWN_MOUNTS:
            raise OSError(0, "not tried: these are the machine's own mounts")
        action()

    return attempt


def mount(source: bytes, target: bytes, kind: bytes | None, flags: int) -> None:
    if LIBC.mount(source, target, kind, ctypes.c_ulong(flags), None) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def write(path: str) -> None:
    with Path(path).open("a") as file:
        file.write("was here")


def make_writable(*, recursive: bool) -> None:
    wanted = (ctypes.c_uint64 * 4)(0, 1, 0, 0)
    call(MOUNT_SETATTR, -100, b"/", 0x8000 if recursive else 0, wanted, 32)
    write(OUTSIDE + "/mount_setattr")


def remount() -> None:
    mount(b"none", b"/", None, 0x20 | 0x1000)
    write(OUTSIDE + "/remount")


def unmount() -> None:
    for place in (os.environ["OSAUDIT_WORKSPACE"], "/proc", "/dev/shm"):  # noqa: S108 - the system's
        if LIBC.umount2(place.encode(), 2) == 0:
            return
    raise OSError(ctypes.get_errno(), "umount2")


def in_a_child(action: Callable[[], None]) -> None:
    """What changes the process for good is tried in another."""
    child = os.fork()
    if child == 0:
        try:
            action()
        except BaseException:  # noqa: BLE001 - a child of fork never returns
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        raise OSError(0, "the child failed")


def new_namespaces() -> None:
    """Become root of a user namespace below, and make the mounts writable there."""
    user, group = os.getuid(), os.getgid()
    call(UNSHARE, NEWUSER | NEWNS)
    if LIBC.mount(b"none", b"/", None, ctypes.c_ulong(0x4000 | 0x40000), None) < 0:  # private: nothing reaches others
        raise OSError(0, "mounts would be shared")
    for name, line in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
        with contextlib.suppress(OSError):
            Path("/proc/self", name).write_text(line)
    for action in (remount, lambda: make_writable(recursive=True), lambda: make_writable(recursive=False), unmount):
        with contextlib.suppress(OSError):
            action()
    write(OUTSIDE + "/namespaces")


def cloned() -> None:
    child = call(CLONE, NEWUSER | NEWNS | signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)  # it would go on as the one above
    if os.waitpid(child, 0)[1]:
        raise OSError(0, "the child failed")


def processes() -> list[str]:
    if not OWN_PROCESSES:
        return [str(pid) for pid in (AT["victim"], os.getppid())]
    return [name for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]


def through_proc(where: str) -> None:
    for pid in processes():
        with contextlib.suppress(OSError):
            write(f"/proc/{pid}/{where}{OUTSIDE}/through-proc")
            return
    raise OSError(0, "no process lets through")


def other_handles() -> None:
    """Write through what another process holds open."""
    for pid in processes():
        with contextlib.suppress(OSError):
            for name in os.listdir(f"/proc/{pid}/fd"):
                os.close(os.open(f"/proc/{pid}/fd/{name}", os.O_WRONLY | os.O_NONBLOCK))
                return
    raise OSError(0, "no handle could be had")


def own_handles() -> None:
    """Use what was left open; the handle of the listing itself is not one."""
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2:
            with contextlib.suppress(OSError):
                os.fstat(int(name))
                return
    raise OSError(0, "nothing was left open")


def join_others() -> None:
    for pid in processes():
        for kind in ("user", "mnt", "net"):
            with contextlib.suppress(OSError):
                handle = os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY)
                if os.readlink(f"/proc/{pid}/ns/{kind}") != os.readlink(f"/proc/self/ns/{kind}"):
                    call(SETNS, handle, 0)
                    return
    raise OSError(0, "none could be joined")


def trace() -> None:
    for pid in (AT["victim"], os.getppid()):
        with contextlib.suppress(OSError):
            call(PTRACE, 0x4206, pid, 0, 0)  # PTRACE_SEIZE stops nothing
            return
    raise OSError(0, "none could be traced")


def write_memory() -> None:
    for pid in (AT["victim"], os.getppid()):
        with contextlib.suppress(OSError):
            os.close(os.open(f"/proc/{pid}/mem", os.O_WRONLY))
            return
    word = ctypes.create_string_buffer(b"x")
    vector = (ctypes.c_uint64 * 2)(ctypes.addressof(word), 1)
    call(VM_WRITE, AT["victim"], vector, 1, vector, 1, 0)


def signal_others() -> None:
    os.kill(AT["victim"], signal.SIGUSR1)


def signal_keeper() -> None:
    os.kill(os.getppid(), 0)  # it is there; what may be sent to it is asked in its own test
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.getppid() != 1:
            os.kill(os.getppid(), signal.SIGCONT)
            return
    raise OSError(0, "not reached")


def connect(family: int, kind: int, address: Any) -> None:
    with socket.socket(family, kind) as sock:
        sock.settimeout(2)
        sock.connect(address)
        sock.send(b"secret")


def send_from_a_pair() -> None:
    one, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    one.sendto(b"secret", AT["datagrams"])


def open_devices() -> None:
    for place in Path("/dev").iterdir():
        if place.is_block_device():
            os.close(os.open(place, os.O_RDONLY | os.O_NONBLOCK))
            return
    raise OSError(0, "no disk's device")


def make_a_device() -> None:
    os.mknod("device", 0o60600, os.makedev(7, 0))


def set_the_system() -> None:
    for place in ("/proc/sys/kernel/hostname", "/proc/sysrq-trigger", "/sys/kernel/mm/transparent_hugepage/enabled"):
        with contextlib.suppress(OSError):
            os.close(os.open(place, os.O_WRONLY))
            return
    raise OSError(0, "nothing could be opened")


def open_by_number() -> None:
    handle = (ctypes.c_char * 16)(*struct.pack("<IiQ", 8, 1, 2))
    root = os.open("/", os.O_RDONLY)
    call(BY_HANDLE, root, handle, 0)


ATTEMPTS: dict[str, dict[str, Callable[[], Any]]] = {
    "files": {
        "write": lambda: write(OUTSIDE + "/written"),
        "append": lambda: write(KEPT),
        "truncate": lambda: os.truncate(KEPT, 0),
        "unlink": lambda: os.unlink(KEPT),
        "rename": lambda: os.rename(KEPT, OUTSIDE + "/renamed"),
        "rename-in": lambda: os.rename("mine", OUTSIDE + "/moved"),
        "link": lambda: os.link(KEPT, "linked"),
        "mkdir": lambda: os.mkdir(OUTSIDE + "/folder"),
        "symlink": lambda: os.symlink("kept", OUTSIDE + "/symlink"),
        "mkfifo": lambda: os.mkfifo(OUTSIDE + "/fifo"),
        "chmod": lambda: os.chmod(KEPT, 0o600),
        "chown": lambda: os.chown(KEPT, os.getuid(), os.getgid()),
        "utime": lambda: os.utime(KEPT, (1, 1)),
        "setxattr": lambda: os.setxattr(KEPT, "user.mark", b"x"),
        "home": lambda: write(AT["home"] + "/written"),
        "through-a-link": lambda: (os.symlink(OUTSIDE, "there"), write("there/linked")),
        "mount_setattr": at_own_mounts(lambda: make_writable(recursive=True)),
        "mount_setattr-root": at_own_mounts(lambda: make_writable(recursive=False)),
        "remount": at_own_mounts(remount),
        "unmount": at_own_mounts(unmount),
        "tmpfs": at_own_mounts(lambda: mount(b"t", b"tmp", b"tmpfs", 0)),
        "open_tree": lambda: call(OPEN_TREE, -100, b"/", 1),
        "chroot": lambda: in_a_child(lambda: os.chroot(".")),
        "namespaces": lambda: in_a_child(new_namespaces),
        "proc-root": lambda: through_proc("root"),
        "proc-cwd": lambda: through_proc("cwd/../../../.."),
        "proc-handles": other_handles,
        "own-handles": own_handles,
        "setns": join_others,
        "devices": open_devices,
        "mknod": make_a_device,
        "settings": set_the_system,
        "by-handle": open_by_number,
    },
    "processes": {
        "ptrace": trace,
        "memory": write_memory,
        "signal": signal_others,
        "signal-keeper": signal_keeper,
    },
    "unix": {
        "unix": lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, AT["stream"]),
        "unix-datagram": lambda: connect(socket.AF_UNIX, socket.SOCK_DGRAM, AT["datagrams"]),
        "pair": send_from_a_pair,
    },
    "network": {
        "abstract": lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + AT["abstract"]),
        "tcp": lambda: connect(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", AT["tcp"])),
        "udp": lambda: connect(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", AT["udp"])),
    },
    "kernel": {
        "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close(),
        "clone": cloned,
        "add_key": lambda: call(ADD_KEY, b"user", b"osaudit-test", b"x", 1, -2),  # the process's own keyring
        "bpf": lambda: call(BPF, 0, (ctypes.c_uint32 * 16)(1, 4, 4, 1), 64),
        "perf": lambda: call(PERF, (ctypes.c_uint64 * 16)(1 | 128 << 32), 0, -1, -1, 0),
        "userfaultfd": lambda: os.close(call(USERFAULT, 1)),
        "io_uring": lambda: os.close(call(IO_URING_SETUP, 1, (ctypes.c_uint32 * 30)())),
        "memfd_secret": lambda: os.close(call(SECRET, 0)),
        "memfd": lambda: os.close(os.memfd_create("x")),
    },
}


def tried(action: Callable[[], Any]) -> str:
    try:
        action()
    except OSError as error:
        return f"{type(error).__name__}: {error.strerror}"
    return "done"


if __name__ == "__main__":
    Path("mine").write_text("x")
    for family, attempts in ATTEMPTS.items():
        for name, action in attempts.items():
            told = {"event": "tried", "family": family, "name": name, "told": tried(action)}
            with Path("out.jsonl").open("a") as out:
                out.write(json.dumps(told) + "\n")
