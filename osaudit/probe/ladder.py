"""The ladder: access, integrity, structure, loads, infers, performs, each only where the one below holds."""

from __future__ import annotations

from dataclasses import replace

from osaudit.errors import OsauditError
from osaudit.probe.backends import choose
from osaudit.probe.integrity import Told, check_integrity
from osaudit.probe.repository import Repository
from osaudit.probe.runs import Options, Running, run_model
from osaudit.probe.structure import check_structure
from osaudit.proberun import LEVELS, Level, LevelResult, ProbeRun, with_levels


def refused(name: str, revision: str | None, asked: Level, kind: str, because: str) -> ProbeRun:
    """The run on a repository that cannot be looked at."""
    access = LevelResult("access", "fail", because, kind)
    return _finished(ProbeRun(name, revision, None, asked, None, (access,)))


def climb(repository: Repository, options: Options, *, revision: str | None = None, told: Told) -> ProbeRun:
    """Climb as far as was asked for, and stop at the first level that does not hold."""
    words = "The files are in the folder." if repository.folder else "The files can be read at this commit."
    access = LevelResult("access", "pass", words)
    run = ProbeRun(repository.name, revision, repository.commit, options.level, None, (access,))
    try:
        return _finished(_climb(run, repository, options, told))
    except OsauditError as error:
        done = {result.level for result in run.levels}
        next_level = next(level for level in LEVELS if level not in done)
        return _finished(with_levels(run, LevelResult(next_level, "not_attempted", str(error), "unreachable")))


def _climb(run: ProbeRun, repository: Repository, options: Options, told: Told) -> ProbeRun:
    if options.level == "access":
        return run
    integrity, inventory = check_integrity(repository, told)
    run = with_levels(run, integrity)
    if integrity.outcome == "fail" or options.level == "integrity":
        return run
    choice = choose(repository, inventory)
    run = replace(run, backend=choice.backend)
    structure, cage, _ = check_structure(repository, inventory, choice)
    run = replace(with_levels(run, structure), cage=cage)
    may_go_on = structure.outcome == "pass" or structure.failure == "quantised"
    if not may_go_on or options.level == "structure":
        return run
    return run_model(run, repository, inventory, choice, Running(options, told))


def _finished(run: ProbeRun) -> ProbeRun:
    """List every level: those above the one that stopped, and those not asked for, as not attempted."""
    stop = next((result for result in run.levels if result.outcome != "pass"), None)
    rest = []
    for level in LEVELS[len(run.levels) :]:
        if LEVELS.index(level) > LEVELS.index(run.asked):
            rest.append(LevelResult(level, "not_attempted", "Not asked for.", "not-asked"))
        else:
            because = f"The level below, {stop.level}, did not pass." if stop else "Nothing came of the level below."
            rest.append(LevelResult(level, "not_attempted", because, "level-below"))
    return with_levels(run, *rest)
