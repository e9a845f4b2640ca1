"""From what a user names to evidence: a Hub id, a Hub URL, or a folder."""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from osaudit.cli.environment import require_environment
from osaudit.cli.saying import LogLines
from osaudit.cli.used import tell_settings
from osaudit.errors import OsauditError, UsageError
from osaudit.evidence import Evidence

if TYPE_CHECKING:
    from osaudit.snapshot import Snapshot
    from osaudit.sources.hub import HubSource
    from osaudit.sources.kept import Kept
    from osaudit.workers import Workers

MAX_COMMITS = 200
"""How many commits --history walks."""

HUB_OPTIONS: Mapping[str, Callable[[Callable[..., object]], Callable[..., object]]] = {
    "revision": click.option("--revision", metavar="REV", help="A branch, tag or commit; else the default branch."),
    "offline": click.option("--offline", is_flag=True, help="Use what was fetched before; ask no network."),
    "no_cache": click.option("--no-cache", is_flag=True, help="Fetch everything anew and keep nothing."),
    "depth": click.option(
        "--depth", type=click.IntRange(0, 8), default=4, show_default=True, help="Levels of base models."
    ),
    "timeout": click.option(
        "--timeout",
        type=click.FloatRange(0, 86400, min_open=True),
        default=120.0,
        show_default=True,
        help="Seconds to wait for the Hub's answers in all, for each model; waiting that it asks for is not counted.",
    ),
    "quiet": click.option("-q", "--quiet", is_flag=True, help="Nothing on stderr but errors."),
    "verbose": click.option("-v", "--verbose", is_flag=True, help="Each request on stderr."),
}


@dataclass(frozen=True, slots=True)
class Looking:
    """How to look: the options that `audit` and `collect` share."""

    revision: str | None = None
    offline: bool = False
    no_cache: bool = False
    depth: int = 4
    timeout: float = 120.0
    quiet: bool = False
    verbose: bool = False
    history: bool = False


def hub_options(command: Callable[..., object]) -> Callable[..., object]:
    """Add the options of `Looking` to a command."""
    return looking_options(*HUB_OPTIONS)(command)


def hub_options_without_revision(command: Callable[..., object]) -> Callable[..., object]:
    """Add them to a command whose input names the revisions itself."""
    return looking_options(*(name for name in HUB_OPTIONS if name != "revision"))(command)


def looking_options(*names: str) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Add some of the options of `Looking` to a command, by their names."""

    def add(command: Callable[..., object]) -> Callable[..., object]:
        for name in reversed(tuple(HUB_OPTIONS)):
            command = HUB_OPTIONS[name](command) if name in names else command
        return command

    return add


def history_option(command: Callable[..., object]) -> Callable[..., object]:
    """Add `--history` to a command that looks at one repository."""
    return click.option(
        "--history",
        is_flag=True,
        help=f"Also read the terms that the newest {MAX_COMMITS} commits had; each costs a request.",
    )(command)


def set_up_log(looking: Looking) -> None:
    """Send warnings, and with -v each request, to stderr."""
    level = logging.ERROR if looking.quiet else logging.INFO if looking.verbose else logging.WARNING
    handler = logging.StreamHandler()
    handler.setFormatter(LogLines())
    logger = logging.getLogger("osaudit")
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False
    tell_settings()


def now() -> str:
    """The time in UTC, to the second; SOURCE_DATE_EPOCH where it is set."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def is_folder(named: str) -> bool:
    """Whether the user means a folder: `.`, a path that starts with `.`, `/` or `~`, or one with a drive letter."""
    return named.startswith((".", "/", "~")) or bool(Path(named).drive)


def hub_source(looking: Looking, turns: AbstractContextManager[object] | None = None) -> HubSource:
    """Set up the Hub as a source for one model, with its cache on disk; each request takes one of the turns."""
    from osaudit.sources.budget import Budget  # noqa: PLC0415 - help needs none of these
    from osaudit.sources.hub import HubSource  # noqa: PLC0415
    from osaudit.sources.store import Store, default_root  # noqa: PLC0415

    require_environment(keeps=not looking.no_cache)
    store = None if looking.no_cache else Store(default_root())
    budget = Budget(looking.timeout)
    return HubSource(store=store, budget=budget, offline=looking.offline, turns=turns or nullcontext())


@dataclass(frozen=True, slots=True)
class Run:
    """What the models of one run share: who works, what was looked at before, how many requests are made at once."""

    workers: Workers | None = None
    kept: Kept | None = None
    turns: AbstractContextManager[object] = field(default_factory=nullcontext)


def look(named: str, looking: Looking, run: Run | None = None) -> Evidence:
    """Collect the evidence of one model, by itself or as one of a run's; OsauditError where it cannot be had."""
    from osaudit.reading import read_snapshot  # noqa: PLC0415 - help needs none of these
    from osaudit.sources.collect import collect  # noqa: PLC0415
    from osaudit.sources.refs import parse_ref  # noqa: PLC0415

    run = run or Run()
    moment = now()
    source = hub_source(looking, run.turns)
    if is_folder(named) and looking.revision:
        raise UsageError("--revision names a revision on the Hub, and a folder has none: leave it out")
    if is_folder(named) and looking.history:
        raise UsageError("--history walks the commits of a repository on the Hub, and a folder has none: leave it out")
    target = Path(named).expanduser() if is_folder(named) else parse_ref(named, revision=looking.revision)
    read = functools.partial(read_snapshot, collected_at=moment)
    if run.workers:
        read = functools.partial(run.workers.do, read)
    evidence = collect(target, open_snapshot=source.fetch, read=read, kept=run.kept, depth=looking.depth)
    return _with_past(evidence, source, read) if looking.history else evidence


def look_at_model(named: str, looking: Looking, run: Run | None = None) -> Evidence:
    """Collect the evidence of what has to be a model.

    UsageError for a data set, of which the criteria ask nothing; OsauditError for a folder that holds no model.
    """
    from osaudit.evidence import Seen  # noqa: PLC0415 - help needs none of these
    from osaudit.files import weight_format  # noqa: PLC0415
    from osaudit.sources.refs import parse_ref  # noqa: PLC0415

    if not is_folder(named) and parse_ref(named).kind == "dataset":
        raise UsageError(f"{named[:200]} is a data set, and models are audited: name a model that was trained on it")
    evidence = look(named, looking, run)
    entries = evidence.files.value.entries if isinstance(evidence.files, Seen) else ()
    holds = isinstance(evidence.card, Seen) or evidence.licence_texts or isinstance(evidence.config, Seen)
    if is_folder(named) and not (holds or any(weight_format(file.path) for file in entries)):
        raise OsauditError(
            f"{named[:200]}: no card, licence, settings or weights are in this folder: name one with a model's files"
        )
    return evidence


def _with_past(evidence: Evidence, source: HubSource, read: Callable[[Snapshot], Evidence]) -> Evidence:
    """Add the terms that the repository had before the commit that was looked at."""
    from osaudit.evidence import ModelRef, Seen  # noqa: PLC0415 - few ask for it
    from osaudit.sources.history import look_back  # noqa: PLC0415

    commit = evidence.commit.value if isinstance(evidence.commit, Seen) else evidence.ref.revision
    pinned = ModelRef(evidence.ref.repo, commit, evidence.ref.kind)
    return replace(evidence, past=look_back(pinned, source=source, read=read, max_commits=MAX_COMMITS))
