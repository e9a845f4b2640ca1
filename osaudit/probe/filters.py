"""The system calls that the cage's worker may not make, as a program for the kernel's filter (seccomp).

Written here, as no Python binding of libseccomp is kept up: the last release of pyseccomp is of January 2021, and that
of libseccomp itself is on no registry. The numbers are those of Linux's `arch/x86/entry/syscalls/syscall_64.tbl` and of
`include/uapi/asm-generic/unistd.h`, which aarch64 uses; from 424 on they are the same everywhere. Which calls are
refused follows Docker's default profile and Flatpak's, and adds whatever could reach out of the cage or hold memory
that no process's size shows.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterator

_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column below; AUDIT_ARCH_* of linux/audit.h

# Number on x86_64, number on aarch64; None where the architecture lacks the call.
_Numbers = dict[str, tuple[int | None, int | None]]
_MOUNTS: _Numbers = {
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "fanotify_init": (300, 262),
}
_PROCESSES: _Numbers = {
    "setns": (308, 268),
    "unshare": (272, 97),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
}
_KERNEL: _Numbers = {
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "acct": (163, 89),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "vhangup": (153, 58),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "uselib": (134, None),
    "lookup_dcookie": (212, 18),
    "nfsservctl": (180, 42),
}
_WORDS: _Numbers = {  # whatever carries words to another process
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "msgget": (68, 186),
    "semget": (64, 190),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "memfd_secret": (447, 447),
}
_HELD_MEMORY: _Numbers = {"memfd_create": (319, 279)}  # memory that no process's size shows
_OWNERS: _Numbers = {  # what Landlock leaves open: a file's mode, owner, times and attributes
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
}
_LOOKED_AT: _Numbers = {"clone": (56, 220), "clone3": (435, 435), "socketpair": (53, 199), "ioctl": (16, 29)}
CALLS: _Numbers = {**_MOUNTS, **_PROCESSES, **_KERNEL, **_WORDS, **_HELD_MEMORY, **_OWNERS, **_LOOKED_AT}
FIRST_UNKNOWN = 467  # what is newer than this list does not exist in the cage; nor does x86's x32 (bit 30)

# linux/bpf_common.h and linux/seccomp.h
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_NUMBER, _ARCH, _ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data; arguments are 8 bytes each, low half first
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_CLONE_NEW = 0x7E020000  # every CLONE_NEW* that clone takes
_UNIX, _KIND, _STREAM, _SEQPACKET = 1, 0xF, 1, 5
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C  # words put into a terminal as if typed


def program(machine: str, *, owners: bool, held_memory: bool) -> bytes:
    """Return the filter for `platform.machine()`, struct sock_filter by struct sock_filter; empty for one not known.

    `owners` refuses changes of a file's mode, owner and times as well, which read-only mounts refuse by themselves;
    `held_memory` refuses memory that is a file without a name, which a GPU's driver may want.
    """
    if machine not in _ARCHITECTURES:
        return b""
    column, architecture = _ARCHITECTURES[machine]
    refused = {**_MOUNTS, **_PROCESSES, **_KERNEL, **_WORDS}
    refused |= _OWNERS if owners else {}
    refused |= _HELD_MEMORY if held_memory else {}
    numbers = [numbers[column] for numbers in refused.values()]
    steps = [
        *((_LOAD, 0, 0, _ARCH), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _KILL)),
        *((_LOAD, 0, 0, _NUMBER), (_AT_LEAST, 0, 1, FIRST_UNKNOWN), _refuse(errno.ENOSYS)),
        *(step for number in numbers if number is not None for step in ((_EQUAL, 0, 1, number), _refuse(errno.EPERM))),
        *_looked_at(column),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("<HBBI", *step) for step in steps)


def _looked_at(column: int) -> Iterator[tuple[int, int, int, int]]:
    """Calls that depend on what they are asked for."""
    numbers = {name: both[column] for name, both in _LOOKED_AT.items()}
    clone3, clone = numbers["clone3"] or 0, numbers["clone"] or 0
    yield from ((_EQUAL, 0, 1, clone3), _refuse(errno.ENOSYS))  # its flags cannot be seen; libraries then use clone
    yield from ((_EQUAL, 0, 4, clone), (_LOAD, 0, 0, _ARGUMENT), (_ANY_BIT, 0, 1, _CLONE_NEW))
    yield from (_refuse(errno.EPERM), (_RETURN, 0, 0, _ALLOW))
    yield from ((_EQUAL, 0, 5, numbers["ioctl"] or 0), (_LOAD, 0, 0, _ARGUMENT + 8))
    yield from ((_EQUAL, 1, 0, _TIOCSTI), (_EQUAL, 0, 1, _TIOCLINUX), _refuse(errno.EPERM), (_RETURN, 0, 0, _ALLOW))
    # Both ends of a pair are the worker's own, but one that is not connected for good can send to any address.
    yield from ((_EQUAL, 0, 8, numbers["socketpair"] or 0), (_LOAD, 0, 0, _ARGUMENT), (_EQUAL, 0, 4, _UNIX))
    yield from ((_LOAD, 0, 0, _ARGUMENT + 8), (_AND, 0, 0, _KIND), (_EQUAL, 2, 0, _STREAM), (_EQUAL, 1, 0, _SEQPACKET))
    yield from (_refuse(errno.EPERM), (_RETURN, 0, 0, _ALLOW))


def _refuse(error: int) -> tuple[int, int, int, int]:
    return _RETURN, 0, 0, _REFUSE | error
