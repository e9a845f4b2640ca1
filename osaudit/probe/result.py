"""What a probe found: a verdict for each level of the ladder, the figures, the machine and the cage. Pure values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from osaudit.evidence import Where

PROBE_SCHEMA = 1

Level: TypeAlias = Literal["access", "integrity", "structure", "loads", "infers", "performs"]
LevelOutcome: TypeAlias = Literal["pass", "fail", "not_attempted"]

LEVELS: tuple[Level, ...] = ("access", "integrity", "structure", "loads", "infers", "performs")


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


def exit_code(run: ProbeRun) -> int:
    """0 where all asked-for levels passed, 1 where one failed, 3 where one could not be looked at."""
    asked = run.levels[: LEVELS.index(run.asked) + 1]
    if run.level("access").outcome != "pass":
        return 3
    if any(result.outcome == "fail" for result in asked):
        return 1
    return 0 if all(result.outcome == "pass" for result in asked) else 3


def to_json(run: ProbeRun) -> dict[str, Any]:
    """The run as the JSON object that `osaudit probe --format json` prints."""
    return {
        "schema": PROBE_SCHEMA,
        "model": run.model,
        "revision": run.revision,
        "commit": run.commit,
        "asked": run.asked,
        "backend": run.backend,
        "levels": [_level_out(result) for result in run.levels],
        "figures": {figure.id: _figure_out(figure) for figure in run.figures},
        "machine": None if run.machine is None else _machine_out(run.machine),
        "cage": None if run.cage is None else _cage_out(run.cage),
        "estimate": None if run.estimate is None else _estimate_out(run.estimate),
        "answer": run.answer,
        "notes": list(run.notes),
    }


def _level_out(result: LevelResult) -> dict[str, Any]:
    return {
        "level": result.level,
        "outcome": result.outcome,
        "class": result.failure,
        "because": result.because,
        "where": [_place_out(place) for place in result.where],
        "notes": list(result.notes),
    }


def _place_out(place: Where) -> dict[str, Any]:
    return {
        "repo": place.repo,
        "commit": place.commit,
        "path": place.path,
        "lines": None if place.lines is None else list(place.lines),
        "pointer": place.pointer,
        "quote": place.quote,
        "sha256": place.sha256,
        "url": place.url,
    }


def _figure_out(figure: Figure) -> dict[str, Any]:
    return {
        "value": figure.value,
        "unit": figure.unit,
        "low": figure.low,
        "high": figure.high,
        "runs": figure.runs,
    }


def _machine_out(machine: Machine) -> dict[str, Any]:
    return {
        "cpu": machine.cpu,
        "cores": machine.cores,
        "memory_bytes": machine.memory_bytes,
        "system": machine.system,
        "python": machine.python,
        "device": machine.device,
        "dtype": machine.dtype,
        "libraries": dict(machine.libraries),
        "load_average": machine.load_average,
        "noisy": machine.noisy,
    }


def _cage_out(cage: Cage) -> dict[str, Any]:
    return {
        "network": cage.network,
        "files": cage.files,
        "processes": cage.processes,
        "memory_limit": cage.memory_limit,
        "wall_seconds": cage.wall_seconds,
        "gaps": list(cage.gaps),
    }


def _estimate_out(estimate: Estimate) -> dict[str, Any]:
    return {
        "download": estimate.download,
        "disk": estimate.disk,
        "memory": estimate.memory,
        "arithmetic": list(estimate.arithmetic),
    }


def from_json(data: Any) -> ProbeRun:  # noqa: ANN401 - JSON
    """Read what `to_json` wrote; ValueError where it is not that."""
    if not isinstance(data, dict) or data.get("schema") != PROBE_SCHEMA:
        raise ValueError("this is no probe's result of a schema known here")
    try:
        return _run_in(data)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the probe's result is damaged ({error})") from error


def _run_in(data: dict[str, Any]) -> ProbeRun:
    return ProbeRun(
        model=data["model"],
        revision=data["revision"],
        commit=data["commit"],
        asked=data["asked"],
        backend=data["backend"],
        levels=tuple(_level_in(level) for level in data["levels"]),
        figures=tuple(Figure(id=name, **figure) for name, figure in data["figures"].items()),
        machine=None if data["machine"] is None else _machine_in(data["machine"]),
        cage=None if data["cage"] is None else Cage(**{**data["cage"], "gaps": tuple(data["cage"]["gaps"])}),
        estimate=None
        if data["estimate"] is None
        else Estimate(**{**data["estimate"], "arithmetic": tuple(data["estimate"]["arithmetic"])}),
        answer=data["answer"],
        notes=tuple(data["notes"]),
    )


def _level_in(data: dict[str, Any]) -> LevelResult:
    return LevelResult(
        level=data["level"],
        outcome=data["outcome"],
        because=data["because"],
        failure=data["class"],
        where=tuple(_place_in(place) for place in data["where"]),
        notes=tuple(data["notes"]),
    )


def _place_in(data: dict[str, Any]) -> Where:
    lines = data["lines"]
    return Where(**{**data, "lines": None if lines is None else (lines[0], lines[1])})


def _machine_in(data: dict[str, Any]) -> Machine:
    return Machine(**{**data, "libraries": tuple(data["libraries"].items())})
