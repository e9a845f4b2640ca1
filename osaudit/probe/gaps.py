"""What a system did not give of the cage, each named in the report."""

from __future__ import annotations

from osaudit.frozen import dataclass

_TRUNCATES, _SCOPES = 3, 6  # the versions of Landlock that guard truncating, and abstract sockets and signals


@dataclass(frozen=True, slots=True)
class Held:
    """What was had of the cage. `landlock` is the version of the kernel's, 0 without it."""

    network: bool
    processes: bool
    view: bool
    locked: bool
    powers: bool
    landlock: int
    calls: bool
    bounded: bool

    @property
    def cut(self) -> bool:
        """Whether nothing can be sent over a network: there is none, or no socket can be made."""
        return self.network or self.calls

    @property
    def read_only(self) -> bool:
        """Whether nothing outside the workspace can be written."""
        return (self.view and (self.locked or self.powers)) or (self.landlock >= _TRUNCATES and self.calls)


def gaps_of(held: Held) -> tuple[str, ...]:
    """Name each protection that was not had, and what it leaves open."""
    apart = held.processes or held.landlock >= _SCOPES
    named = {
        "the network is not cut: this system allows neither user namespaces nor a filter of system calls": held.cut,
        "unix sockets of this machine can be connected to: it allows neither a view of its own nor a filter of system "
        "calls": held.calls or (held.view and held.network),
        "files outside the workspace are guarded by their permissions alone": held.read_only,
        "files that others may read are not hidden from the worker": held.view or held.landlock,
        "no process namespace: what the worker leaves behind is looked for and killed one by one": held.processes,
        "other processes of the same user can be sent signals": apart,
        "no second user namespace: the mounts are guarded by the lack of capabilities alone": held.locked
        or not held.view,
        "the worker keeps the capabilities of its caller": held.powers,
        "no filter of system calls: this system or its architecture allows none": held.calls,
        "no Landlock: this kernel has none, or does not allow it": held.landlock,
        "disk use is watched, not fixed": held.view,
        "no bound on the address space: the device's driver reserves more than there is": held.bounded,
    }
    return tuple(words for words, had in named.items() if not had)
