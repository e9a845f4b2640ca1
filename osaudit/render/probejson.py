"""A run of the probe as JSON and back: the object of `osaudit probe --format json`, and `probe` of a scorecard."""

from __future__ import annotations

from typing import Any

from osaudit.proberun import Cage, Estimate, Figure, LevelResult, Machine, ProbeRun
from osaudit.render.places import places_in, places_out

PROBE_SCHEMA = 1


def run_to_dict(run: ProbeRun) -> dict[str, Any]:
    """Return the published shape of a run."""
    return {
        "schema": PROBE_SCHEMA,
        "model": run.model,
        "revision": run.revision,
        "commit": run.commit,
        "asked": run.asked,
        "backend": run.backend,
        "levels": [_level_out(result) for result in run.levels],
        "figures": {figure.id: _figure_out(figure) for figure in run.figures},
        "machine": run.machine and _machine_out(run.machine),
        "cage": run.cage and _cage_out(run.cage),
        "estimate": run.estimate and _estimate_out(run.estimate),
        "answer": run.answer,
        "notes": list(run.notes),
    }


def _level_out(result: LevelResult) -> dict[str, Any]:
    return {
        "level": result.level,
        "outcome": result.outcome,
        "class": result.failure,
        "because": result.because,
        "where": places_out(result.where),
        "notes": list(result.notes),
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


def run_from_dict(data: dict[str, Any]) -> ProbeRun:
    """Read what `run_to_dict` wrote; the data is held to the schema before."""
    cage, estimate = data["cage"], data["estimate"]
    return ProbeRun(
        model=data["model"],
        revision=data["revision"],
        commit=data["commit"],
        asked=data["asked"],
        backend=data["backend"],
        levels=tuple(map(_level_in, data["levels"])),
        figures=tuple(_figure_in(name, figure) for name, figure in data["figures"].items()),
        machine=data["machine"] and _machine_in(data["machine"]),
        cage=cage and Cage(**{**cage, "wall_seconds": float(cage["wall_seconds"]), "gaps": tuple(cage["gaps"])}),
        estimate=estimate and Estimate(**{**estimate, "arithmetic": tuple(estimate["arithmetic"])}),
        answer=data["answer"],
        notes=tuple(data["notes"]),
    )


def _level_in(data: dict[str, Any]) -> LevelResult:
    return LevelResult(
        level=data["level"],
        outcome=data["outcome"],
        because=data["because"],
        failure=data["class"],
        where=places_in(data["where"]),
        notes=tuple(data["notes"]),
    )


def _figure_in(name: str, data: dict[str, Any]) -> Figure:
    numbers = {key: float(data[key]) for key in ("value", "low", "high")}
    return Figure(id=name, unit=data["unit"], runs=data["runs"], **numbers)


def _machine_in(data: dict[str, Any]) -> Machine:
    load = float(data["load_average"])
    return Machine(**{**data, "load_average": load, "libraries": tuple(data["libraries"].items())})
