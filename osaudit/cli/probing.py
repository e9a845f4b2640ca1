"""Running the probe: the options that `probe`, `audit` and `collect` share, and from a name to a run."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from osaudit.audit import is_folder
from osaudit.cli.looking import Looking
from osaudit.cli.saying import say_over
from osaudit.errors import UsageError
from osaudit.evidence import Evidence, Seen
from osaudit.frozen import dataclass
from osaudit.proberun import LEVELS, MAX_DOWNLOAD, Level, ProbeRun

if TYPE_CHECKING:
    from osaudit.probe.runs import Options

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?", re.IGNORECASE)
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_ONE_AT_A_TIME = threading.Lock()  # figures of two models that run beside each other would be neither's


class Size(click.ParamType[int]):
    """A number of bytes: 500MB, 8G, 16GiB."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read it; a usage error where it is none."""
        if isinstance(value, int):
            return value
        found = _SIZE.fullmatch(str(value).strip())
        if found is None:
            self.fail(f"{str(value)[:40]!r} is no size: write 500MB, 8GB or 16GiB", param, ctx)
        base = 1024 if found.group(3) else 1000
        return int(float(found.group(1)) * base ** _POWERS[found.group(2).upper()])


PROBE_OPTIONS: tuple[Callable[[Callable[..., object]], Callable[..., object]], ...] = (
    click.option("--max-download", type=Size(), default=MAX_DOWNLOAD, help="The most to download.  [default: 5GB]"),
    click.option("--max-memory", type=Size(), help="The most memory to use.  [default: 80% of what is free]"),
    click.option(
        "--device",
        type=click.Choice(("auto", "cpu", "cuda", "mps")),
        default="auto",
        show_default=True,
        help="What the model runs on.",
    ),
    click.option(
        "--warm-runs", type=click.IntRange(1, 1000), default=10, show_default=True, help="Measured runs, warm."
    ),
    click.option(
        "--cold-runs", type=click.IntRange(0, 100), default=3, show_default=True, help="Measured starts, cold."
    ),
    click.option(
        "--wall", type=click.FloatRange(1, 86400), default=1800.0, show_default=True, help="Seconds a process may run."
    ),
)

REQUEST_TIMEOUT = 30.0
"""Seconds that the probe waits for the network, where it is part of an audit."""


@dataclass(frozen=True, slots=True)
class Probing:
    """How to run the weights: the options that `probe`, `audit` and `collect` share, by click's names."""

    max_download: int = MAX_DOWNLOAD
    max_memory: int | None = None
    device: str = "auto"
    warm_runs: int = 10
    cold_runs: int = 3
    wall: float = 1800.0

    def up_to(self, level: Level) -> Options:
        """The probe's own options."""
        from osaudit.probe.runs import Options  # noqa: PLC0415 - an audit without it does not load the probe

        return Options(
            level=level,
            device=self.device,
            max_download=self.max_download,
            max_memory=self.max_memory,
            wall=self.wall,
            cold=self.cold_runs,
            warm=self.warm_runs,
        )


def probe_options(command: Callable[..., object]) -> Callable[..., object]:
    """Add the options of `Probing` to a command."""
    for option in reversed(PROBE_OPTIONS):
        command = option(command)
    return command


def audit_probe_options(command: Callable[..., object]) -> Callable[..., object]:
    """Add `--probe`, and the options of `Probing`, to a command that looks at more than the weights."""
    level = click.option(
        "--probe",
        type=click.Choice(LEVELS),
        help="Try whether the weights run as well, up to this level; exit 3 where that could not be told.",
    )
    return level(probe_options(command))


def split(options: dict[str, object]) -> tuple[Looking, Probing, Level | None]:
    """Sort the values of a command that has the options of `Looking` and of `--probe`."""
    own = {key: options[key] for key in Probing.__dataclass_fields__}
    level: Level | None = options["probe"]  # type: ignore[assignment] # one of click's choices
    looking = {key: value for key, value in options.items() if key not in own and key != "probe"}
    return Looking(**looking), Probing(**own), level  # type: ignore[arg-type] # click's values, by the same names


def probed(named: str, options: Options, looking: Looking) -> ProbeRun:
    """Probe a Hub id, a Hub URL or a folder, one at a time."""
    from osaudit.probe.ladder import climb, refused  # noqa: PLC0415 - an audit without it does not load the probe
    from osaudit.sources.environment import require_environment  # noqa: PLC0415 - help needs none of these
    from osaudit.sources.ranges import FolderFiles, HubFiles, Refusal, open_folder, open_hub  # noqa: PLC0415
    from osaudit.sources.refs import parse_ref  # noqa: PLC0415

    revision = looking.revision
    if is_folder(named) and revision:
        raise UsageError("--revision names a revision on the Hub, and a folder has none: leave it out")
    with _ONE_AT_A_TIME:
        found: HubFiles | FolderFiles | Refusal
        if is_folder(named):
            found = open_folder(Path(named))
        else:
            ref = parse_ref(named, revision=revision)
            if ref.kind == "dataset":
                raise UsageError(f"{named[:200]!r} is a data set, which has no weights to probe")
            revision = ref.revision
            require_environment(keeps=False)
            found = open_hub(ref, timeout=looking.timeout, offline=looking.offline)
        if isinstance(found, Refusal):
            return refused(found.name, revision, options.level, found.kind, found.because)
        return climb(found, options, revision=revision, told=_progress(quiet=looking.quiet))


def with_probe(evidence: Evidence, named: str, options: Options, looking: Looking) -> Evidence:
    """Put a run of the probe at the very commit of the evidence into it."""
    looking = replace(looking, timeout=REQUEST_TIMEOUT)  # what reading may take is no bound of the probe's downloads
    if is_folder(named):
        return replace(evidence, probe=Seen(probed(named, options, replace(looking, revision=None))))
    commit = evidence.commit.value if isinstance(evidence.commit, Seen) else None
    run = probed(evidence.ref.path, options, replace(looking, revision=commit or evidence.ref.revision))
    return replace(evidence, probe=Seen(replace(run, revision=evidence.ref.revision)))


def exit_code(run: ProbeRun) -> int:
    """0 where all asked-for levels passed, 1 where one failed, 3 where one could not be looked at."""
    asked = run.levels[: LEVELS.index(run.asked) + 1]
    if run.level("access").outcome != "pass":
        return 3
    if any(result.outcome == "fail" for result in asked):
        return 1
    return 0 if all(result.outcome == "pass" for result in asked) else 3


def _progress(*, quiet: bool) -> Callable[[str, int, int], None]:
    shown_at = [0]

    def told(path: str, done: int, size: int) -> None:
        step = max(size // 100, 1)
        if quiet or not sys.stderr.isatty() or (done < size and done - shown_at[0] < step):
            return
        shown_at[0] = 0 if done >= size else done
        share = done / size if size else 1.0
        say_over(f"{path[:70]}  {share:.0%} of {size / 1e6:,.0f} MB", last=done >= size)

    return told
