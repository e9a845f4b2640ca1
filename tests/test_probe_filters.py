"""The filter of system calls, stepped through as the kernel would."""

from __future__ import annotations

import errno
import re
import struct
from pathlib import Path

import pytest

from osaudit.probe.filters import CALLS, FIRST_UNKNOWN, program
from osaudit.probe.gaps import Held, gaps_of

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
HEADERS = {"x86_64": "x86_64-linux-gnu/asm/unistd_64.h", "aarch64": "asm-generic/unistd.h"}
ALLOWED, KILLED = 0x7FFF0000, 0x80000000
EPERM, ENOSYS = 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
READ = {"x86_64": 0, "aarch64": 63}
THREAD = 0x3D0F00  # what glibc passes to clone for a thread


def verdict(machine: str, number: int, *arguments: int, architecture: int | None = None, owners: bool = True) -> int:
    data = struct.pack("<IIQ6Q", number, architecture or ARCHITECTURES[machine], 0, *(*arguments, *[0] * 6)[:6])
    steps = list(struct.iter_unpack("<HBBI", program(machine, owners=owners, held_memory=True)))
    place, held = 0, 0
    while True:
        code, true, false, value = steps[place]
        place += 1
        match code:
            case 0x20:
                (held,) = struct.unpack_from("<I", data, value)
            case 0x54:
                held &= value
            case 0x06:
                return int(value)
            case _:
                holds = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[code]
                place += true if holds else false


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_calls_that_reach_out_are_refused(machine: str) -> None:
    column = list(ARCHITECTURES).index(machine)
    looked_at = {"clone", "clone3", "socketpair", "ioctl"}
    for name, numbers in CALLS.items():
        number = numbers[column]
        if number is not None and name not in looked_at:
            assert verdict(machine, number) == EPERM, name
    assert verdict(machine, READ[machine]) == ALLOWED
    assert verdict(machine, FIRST_UNKNOWN) == verdict(machine, READ[machine] | 1 << 30) == ENOSYS
    assert verdict(machine, READ[machine], architecture=0x40000003) == KILLED  # 32 bits, with numbers of its own
    assert verdict(machine, CALLS["fchmod"][column] or 0, owners=False) == ALLOWED


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_some_calls_depend_on_what_they_ask_for(machine: str) -> None:
    column = list(ARCHITECTURES).index(machine)
    clone, clone3, pair, control = (CALLS[name][column] or 0 for name in ("clone", "clone3", "socketpair", "ioctl"))
    assert verdict(machine, clone3) == ENOSYS
    assert verdict(machine, clone, THREAD) == verdict(machine, clone, 17) == ALLOWED
    assert {verdict(machine, clone, 17 | 1 << bit) for bit in (17, 25, 26, 27, 28, 29, 30)} == {EPERM}
    assert verdict(machine, pair, 1, 1) == verdict(machine, pair, 1, 5 | 0o2000000) == ALLOWED
    assert {verdict(machine, pair, *asked) for asked in ((1, 2), (1, 3), (2, 1), (16, 1))} == {EPERM}
    assert verdict(machine, control, 1, 0x5401) == ALLOWED
    assert {verdict(machine, control, 1, asked) for asked in (0x5412, 0x541C)} == {EPERM}


@pytest.mark.parametrize("machine", HEADERS)
def test_the_numbers_are_those_of_the_kernels_headers(machine: str) -> None:
    header = Path("/usr/include", HEADERS[machine])
    if not header.exists():
        pytest.skip("the kernel's headers are not installed")
    told = {name: int(number) for name, number in re.findall(r"#define __NR_(\w+)\s+(\d+)\s", header.read_text())}
    column = list(HEADERS).index(machine)
    for name, numbers in CALLS.items():
        assert told.get(name, numbers[column]) == numbers[column], name


def test_an_architecture_without_a_table_has_no_filter() -> None:
    assert program("riscv64", owners=True, held_memory=True) == b""


EVERYTHING = {"network", "processes", "view", "locked", "powers", "calls", "bounded"}


def held_by(*lacking: str, landlock: int = 7) -> Held:
    return Held(landlock=landlock, **{name: name not in lacking for name in EVERYTHING})


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (held_by(), ()),
        (held_by("powers"), ("keeps the capabilities",)),
        (
            held_by("powers", "locked", landlock=0),
            ("permissions alone", "second user namespace", "capabilities", "Landlock"),
        ),
        (held_by("view", landlock=2), ("permissions alone", "disk use")),
        (held_by("view", "processes", landlock=5), ("process namespace", "signals", "disk use")),
        (held_by("calls", "network"), ("network is not cut", "unix sockets", "filter of system calls")),
        (held_by("bounded"), ("address space",)),
    ],
)
def test_each_protection_that_is_lacking_is_named(held: Held, words: tuple[str, ...]) -> None:
    told = gaps_of(held)
    assert len(told) == len(words), told
    assert all(any(word in gap for gap in told) for word in words)
