"""What a run of the probe found: a verdict for each level of its ladder, the figures, the machine and the cage.

Pure values, and part of the evidence; `osaudit.probe` makes them.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import Literal, TypeAlias

from osaudit.frozen import dataclass
from osaudit.where import Where

Level: TypeAlias = Literal["access", "integrity", "structure", "loads", "infers", "performs"]
LevelOutcome: TypeAlias = Literal["pass", "fail", "not_attempted"]

LEVELS: tuple[Level, ...] = ("access", "integrity", "structure", "loads", "infers", "performs")

MAX_DOWNLOAD = 5_000_000_000
"""Bytes that a run fetches at the most, unless more is asked for."""

_UNITS = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


@dataclass(frozen=True, slots=True)
class LevelResult:
    """One level's verdict.

    `failure` is the failure class of a `fail`, or the kind of reason of a `not_attempted`; None for a `pass`. `where`
    names the file, and in `quote` the tensor or the value, that shows it; `notes` are observations that decide nothing.
    """

    level: Level
    outcome: LevelOutcome
    because: str
    failure: str | None = None
    where: tuple[Where, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure: the median of `runs` runs, with the lowest and the highest."""

    id: str
    value: float
    unit: str
    low: float
    high: float
    runs: int


@dataclass(frozen=True, slots=True)
class Machine:
    """What the figures hold for. `noisy`: the load average was above the number of cores."""

    cpu: str
    cores: int
    memory_bytes: int
    system: str
    python: str
    device: str
    dtype: str
    libraries: tuple[tuple[str, str], ...]
    load_average: float
    noisy: bool


@dataclass(frozen=True, slots=True)
class Cage:
    """How the child process was held; `gaps` says what this system did not allow."""

    network: Literal["cut", "open"]
    files: Literal["read-only", "writable"]
    processes: Literal["own namespace", "own session"]
    memory_limit: int
    wall_seconds: float
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """What running would take, in bytes, and the arithmetic behind it, one line a sum."""

    download: int
    disk: int
    memory: int
    arithmetic: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProbeRun:
    """One run of the probe. Every level is listed, from `access` up."""

    model: str
    revision: str | None
    commit: str | None
    asked: Level
    backend: str | None
    levels: tuple[LevelResult, ...]
    figures: tuple[Figure, ...] = ()
    machine: Machine | None = None
    cage: Cage | None = None
    estimate: Estimate | None = None
    answer: str | None = None
    notes: tuple[str, ...] = field(default=())

    def level(self, name: Level) -> LevelResult:
        """The verdict of one level."""
        return next(result for result in self.levels if result.level == name)


def with_levels(run: ProbeRun, *results: LevelResult) -> ProbeRun:
    """The run with more levels."""
    return replace(run, levels=(*run.levels, *results))


def shown(count: int) -> str:
    """Bytes as people write them."""
    for size, unit in _UNITS:
        if count >= size:
            return f"{count / size:.2f} {unit}"
    return f"{count} bytes"
