"""The levels above structure: estimate, fetch, load, infer, perform, in caged processes."""

from __future__ import annotations

import contextlib
import math
import statistics
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from osaudit.evidence import RepoFile
from osaudit.frozen import dataclass
from osaudit.probe import machine
from osaudit.probe.backends import Choice, fallback, needed_files
from osaudit.probe.cage import Caged, Limits, run_worker, workspace
from osaudit.probe.endings import ended_badly
from osaudit.probe.estimate import estimate, refusal
from osaudit.probe.integrity import Told, failed, verify_hashes
from osaudit.probe.inventory import Inventory
from osaudit.probe.repository import Damage, Repository, place
from osaudit.probe.structure import shard_with
from osaudit.proberun import MAX_DOWNLOAD, Estimate, Figure, Level, LevelResult, Machine, ProbeRun, with_levels

_SPARE = 0.8
_NOT_POSSIBLE = {"not-possible", "dependency-missing", "cage-broken"}
_CRASHES = {"segfault", "crashed"}
_RUN_LEVELS: tuple[Level, ...] = ("loads", "infers", "performs")


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for. `max_memory` None: what the machine can spare. `cold` and `warm` are numbers of runs."""

    level: Level = "structure"
    device: str = "auto"
    max_download: int = MAX_DOWNLOAD
    max_memory: int | None = None
    wall: float = 1800.0
    cold: int = 3
    warm: int = 10
    prompt_tokens: int = 256
    new_tokens: int = 64


@dataclass(frozen=True, slots=True)
class AtHand:
    """A repository whose needed files were brought to this machine."""

    origin: Repository
    folder: Path
    files: tuple[RepoFile, ...]

    @property
    def name(self) -> str:
        """The origin's."""
        return self.origin.name

    @property
    def commit(self) -> str | None:
        """The origin's."""
        return self.origin.commit

    @property
    def complete(self) -> bool:
        """The origin's."""
        return self.origin.complete

    @property
    def git_oids(self) -> Mapping[str, str]:
        """The origin's."""
        return self.origin.git_oids

    def read(self, path: str, start: int, length: int) -> bytes:
        """Read from the folder."""
        with (self.folder / path).open("rb") as file:
            file.seek(start)
            return file.read(length)

    def fetch(self, paths: tuple[str, ...], told: Callable[[str, int, int], None]) -> Path:  # noqa: ARG002 - the interface
        """They are here."""
        return self.folder


@dataclass(frozen=True, slots=True)
class Running:
    """How the model is run, and who is told of progress."""

    options: Options
    told: Told


def run_model(
    run: ProbeRun, repository: Repository, inventory: Inventory, choice: Choice, running: Running
) -> ProbeRun:
    """Do the levels from `loads` up; where one library itself crashes, the next that reads the format is tried."""
    tried = _run(run, repository, inventory, choice, running)
    second = fallback(choice)
    last = tried.levels[-1]
    if second is None or last.failure not in _CRASHES:
        return tried
    again = _run(replace(run, backend=second.backend), repository, inventory, second, running)
    note = f"{choice.backend} ended at {last.level} ({last.failure}), which {second.backend} was tried after"
    return replace(again, notes=(*again.notes, note))


def _run(run: ProbeRun, repository: Repository, inventory: Inventory, choice: Choice, running: Running) -> ProbeRun:
    if choice.backend is None:
        return with_levels(run, _not_tried(f"{choice.because}.", "no-backend"))
    if choice.lacking:
        words = f"Running it needs more libraries: install osaudit[{choice.lacking}]."
        return with_levels(run, _not_tried(words, "extra-missing"))
    needs, options = estimate(repository, inventory, choice), running.options
    run = replace(run, estimate=needs)
    limit = options.max_memory or int(machine.memory_available() * _SPARE)
    why = refusal(
        needs,
        max_download=options.max_download,
        max_memory=limit,
        free_disk=machine.disk_free(repository.folder or Path.home()),
        asked_memory=options.max_memory is not None,
    )
    if why:
        return with_levels(run, _not_tried(f"Too large: {why}.", "too-large"))
    at_hand = _fetched(repository, needed_files(repository, inventory, choice), running.told)
    if isinstance(at_hand, LevelResult):
        return replace(run, levels=(run.levels[0], at_hand))
    return _measured(run, at_hand, inventory, _Job(choice, needs, limit, options))


def _not_tried(because: str, reason: str) -> LevelResult:
    return LevelResult("loads", "not_attempted", because[:1].upper() + because[1:], reason)


def _fetched(repository: Repository, paths: tuple[str, ...], told: Told) -> Repository | LevelResult:
    """Bring the files here where they are not, and verify each against the listing's hash."""
    if repository.folder is not None:
        return repository
    folder = repository.fetch(paths, told)
    listed = tuple(file for file in repository.files if file.path in set(paths))
    at_hand = AtHand(repository, folder, listed)
    try:
        verify_hashes(at_hand, told)
    except Damage as damage:
        (folder / damage.path).unlink(missing_ok=True)
        return failed("integrity", repository, damage)
    return at_hand


@dataclass(frozen=True, slots=True)
class _Job:
    choice: Choice
    needs: Estimate
    memory: int
    options: Options

    def limits(self, wall: float) -> Limits:
        space = 0 if machine.has_gpu() else 2 * self.memory + 2 * self.needs.memory + 16_000_000_000
        return Limits(memory=self.memory, address_space=space, wall=wall)

    def spec(self, folder: Path, mode: str) -> dict[str, Any]:
        levels = _RUN_LEVELS[: _RUN_LEVELS.index(self.options.level) + 1]
        return {
            "kind": "run",
            "backend": self.choice.backend,
            "folder": str(folder.resolve()),
            "file": self.choice.file,
            "levels": list(levels),
            "mode": mode,
            "device": self.options.device,
            "runs": self.options.warm,
            "prompt_tokens": self.options.prompt_tokens,
            "new_tokens": self.options.new_tokens,
        }


def _measured(run: ProbeRun, repository: Repository, inventory: Inventory, job: _Job) -> ProbeRun:
    """Run the worker once, warm; then, where figures are asked for, from cold."""
    model = repository.folder or Path()
    load_before = machine.load_average()
    with workspace() as folder:
        caged = run_worker(folder, job.spec(model, "warm"), job.limits(job.options.wall))
    asked = list(_RUN_LEVELS[: _RUN_LEVELS.index(job.options.level) + 1])
    passed = [event for event in caged.events if event.get("event") == "passed"]
    passed = [event for event, level in zip(passed, asked, strict=False) if event.get("level") == level]
    results = [_passed(event) for event in passed]
    if len(results) < len(asked):
        results.append(_stopped(repository, inventory, caged, asked[len(results)]))
    answer = next((str(event["answer"])[:500] for event in passed if event.get("answer") is not None), None)
    figures = _figures(event for event in caged.events if event.get("event") == "figures")
    run = replace(with_levels(run, *results), cage=caged.cage, answer=answer, machine=_machine(caged, load_before))
    if job.options.level != "performs" or results[-1].outcome != "pass":
        return run
    cold = _cold(repository, job)
    return _told_of_performing(replace(run, figures=(*cold, *figures)), job)


def _passed(event: Mapping[str, Any]) -> LevelResult:
    notes = tuple(str(note)[:400] for note in event.get("notes", []))[:20]
    return LevelResult(event["level"], "pass", str(event.get("because", ""))[:600], notes=notes)


def _stopped(repository: Repository, inventory: Inventory, caged: Caged, level: Level) -> LevelResult:
    failure, because, quote, path = ended_badly(caged)
    outcome = "not_attempted" if failure in _NOT_POSSIBLE else "fail"
    shown = path or shard_with(inventory, quote)
    where = (place(repository, shown or "", quote),) if shown or quote else ()
    return LevelResult(level, outcome, because, failure, where)  # type: ignore[arg-type] # one of the outcomes


def _figures(events: Any) -> tuple[Figure, ...]:  # noqa: ANN401 - an iterator of what the worker wrote
    found = []
    for event in events:
        for one in event.get("figures", [])[:100]:
            with contextlib.suppress(KeyError, TypeError, ValueError):  # a stranger's word
                value, low, high = (_finite(one[key]) for key in ("value", "low", "high"))
                found.append(Figure(str(one["id"])[:40], value, str(one["unit"])[:20], low, high, int(one["runs"])))
    return tuple(found)


def _finite(number: Any) -> float:  # noqa: ANN401 - a stranger's word
    if not math.isfinite(float(number)):
        raise ValueError("a figure is a number")
    return float(number)


def _cold(repository: Repository, job: _Job) -> tuple[Figure, ...]:
    """Start a few processes whose files are not in the page cache: from the process's start to the first token."""
    model = repository.folder or Path()
    paths = tuple((model / file.path).resolve() for file in repository.files)
    runs: list[tuple[Figure, ...]] = []
    overheads = []
    for _ in range(job.options.cold):
        with workspace() as folder:
            caged = run_worker(folder, job.spec(model, "cold"), job.limits(job.options.wall), evict=paths)
        runs.append(_figures(event for event in caged.events if event.get("event") == "figures"))
        overheads.append(caged.overhead)
    by_id: dict[str, list[Figure]] = {}
    for figure in (figure for figures in runs for figure in figures):
        by_id.setdefault(figure.id, []).append(figure)
    found = [_joined(name, figures) for name, figures in by_id.items()]
    if overheads:
        found.append(
            Figure("cage_overhead", statistics.median(overheads), "s", min(overheads), max(overheads), len(overheads))
        )
    return tuple(found)


def _joined(name: str, figures: list[Figure]) -> Figure:
    values = [figure.value for figure in figures]
    return Figure(name, statistics.median(values), figures[0].unit, min(values), max(values), len(values))


def _told_of_performing(run: ProbeRun, job: _Job) -> ProbeRun:
    """Put the level's sentence together from its figures."""
    chosen = ("cold_start", "decode", "sentences_per_second", "items_per_second", "seconds_per_image")
    known = {figure.id: figure for figure in run.figures}
    words = [f"{name.replace('_', ' ')} {known[name].value:.3g} {known[name].unit}" for name in chosen if name in known]
    short = job.options.warm < 10 or job.options.cold < 3  # noqa: PLR2004 - as LLM-Perf
    notes = ["fewer runs than the definition asks for (3 cold, 10 warm)"] if short else []
    if job.options.cold and "cold_start" not in known:
        notes.append("no cold start came to its end")
    if run.machine and run.machine.noisy:
        notes.append(f"noisy: a load average of {run.machine.load_average:.1f} on {run.machine.cores} cores")
    last = replace(run.levels[-1], because=f"Measured: {', '.join(words)}.", notes=tuple(notes))
    return replace(run, levels=(*run.levels[:-1], last))


def _machine(caged: Caged, load_before: float) -> Machine | None:
    told = next((event for event in caged.events if event.get("event") == "machine"), None)
    if told is None:
        return None
    load, cores = max(load_before, machine.load_average()), machine.cores()
    return Machine(
        cpu=machine.cpu(),
        cores=cores,
        memory_bytes=machine.memory_total(),
        system=machine.system(),
        python=str(told["python"])[:20],
        device=str(told["device"])[:20],
        dtype=str(told["dtype"])[:20],
        libraries=tuple((str(name)[:40], str(version)[:40]) for name, version in told["libraries"]),
        load_average=round(load, 2),
        noisy=load > cores,
    )
