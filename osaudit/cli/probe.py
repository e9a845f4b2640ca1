"""`osaudit probe`: do the published weights actually run?"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import click

from osaudit.cli.looking import is_folder
from osaudit.cli.output import emit, formats_of
from osaudit.errors import UsageError
from osaudit.probe.ladder import climb, refused
from osaudit.probe.result import LEVELS, Level, ProbeRun, exit_code, to_json
from osaudit.probe.runs import MAX_DOWNLOAD, Options

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?", re.IGNORECASE)
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}


class _Size(click.ParamType[int]):
    """A number of bytes: 500MB, 8G, 16GiB."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        found = _SIZE.fullmatch(str(value).strip())
        if found is None:
            self.fail(f"{str(value)[:40]!r} is no size: write 500MB, 8GB or 16GiB", param, ctx)
        base = 1024 if found.group(3) else 1000
        return int(float(found.group(1)) * base ** _POWERS[found.group(2).upper()])


@click.command()
@click.argument("model", metavar="MODEL|FOLDER")
@click.option("--level", type=click.Choice(LEVELS), default="structure", show_default=True, help="How far to climb.")
@click.option("--format", "form", type=click.Choice(("text", "json")), help="Else by the file's suffix, else text.")
@click.option("-o", "--output", metavar="FILE", default="-", help="Write there; - is stdout.")
@click.option("--max-download", type=_Size(), default=MAX_DOWNLOAD, help="The most to download.  [default: 5GB]")
@click.option("--max-memory", type=_Size(), help="The most memory to use.  [default: 80% of what is free]")
@click.option(
    "--device",
    type=click.Choice(("auto", "cpu", "cuda", "mps")),
    default="auto",
    show_default=True,
    help="What the model runs on.",
)
@click.option("--warm-runs", type=click.IntRange(1, 1000), default=10, show_default=True, help="Measured runs, warm.")
@click.option("--cold-runs", type=click.IntRange(0, 100), default=3, show_default=True, help="Measured starts, cold.")
@click.option(
    "--wall", type=click.FloatRange(1, 86400), default=1800.0, show_default=True, help="Seconds a process may run."
)
@click.option("--revision", metavar="REV", help="A branch, tag or commit; else the default branch.")
@click.option("--offline", is_flag=True, help="Use what was fetched before; ask no network.")
@click.option("--timeout", type=click.FloatRange(1, 600), default=30.0, show_default=True, help="Seconds a request.")
@click.option("-q", "--quiet", is_flag=True, help="Nothing on stderr but errors.")
def probe(  # noqa: PLR0913 - a table of options
    *,
    model: str,
    level: Level,
    form: str | None,
    output: str,
    max_download: int,
    max_memory: int | None,
    device: str,
    warm_runs: int,
    cold_runs: int,
    wall: float,
    revision: str | None,
    offline: bool,
    timeout: float,
    quiet: bool,
) -> int:
    """Try whether the published weights run: access, integrity, structure, loads, infers, performs.

    Up to `structure` nothing is downloaded but headers. Above it the model runs in a caged process, without network.

    Exit codes: 0 every level asked for passed, 1 one failed, 3 one could not be looked at (missing, gated, too
    large, an extra not installed).
    """
    form = form or ("json" if output.endswith(".json") else "text")
    formats_of((output,), "text")
    options = Options(
        level=level,
        device=device,
        max_download=max_download,
        max_memory=max_memory,
        wall=wall,
        cold=cold_runs,
        warm=warm_runs,
    )
    run = probed(model, options, revision=revision, offline=offline, timeout=timeout, quiet=quiet)
    emit(output, _rendered(run, form))
    return exit_code(run)


def probed(
    named: str, options: Options, *, revision: str | None, offline: bool, timeout: float, quiet: bool
) -> ProbeRun:
    """Probe a Hub id, a Hub URL or a folder."""
    from osaudit.sources.ranges import FolderFiles, HubFiles, Refusal, open_folder, open_hub  # noqa: PLC0415 - help needs none of these
    from osaudit.sources.refs import parse_ref  # noqa: PLC0415

    if is_folder(named) and revision:
        raise UsageError("--revision names a revision on the Hub, and a folder has none: leave it out")
    found: HubFiles | FolderFiles | Refusal
    if is_folder(named):
        found = open_folder(Path(named))
    else:
        ref = parse_ref(named, revision=revision)
        if ref.kind == "dataset":
            raise UsageError(f"{named[:200]!r} is a data set, which has no weights to probe")
        revision = ref.revision
        found = open_hub(ref, timeout=timeout, offline=offline)
    if isinstance(found, Refusal):
        return refused(found.name, revision, options.level, found.kind, found.because)
    return climb(found, options, revision=revision, told=_progress(quiet=quiet))


def _rendered(run: ProbeRun, form: str) -> str:
    if form == "json":
        return json.dumps(to_json(run), ensure_ascii=False, indent=1) + "\n"
    from osaudit.probe.text import text  # noqa: PLC0415 - one of two

    return text(run)


def _progress(*, quiet: bool):  # type: ignore[no-untyped-def] # noqa: ANN202 - a function of a path and two counts
    shown_at = [0]

    def told(path: str, done: int, size: int) -> None:
        step = max(size // 100, 1)
        if quiet or not sys.stderr.isatty() or (done < size and done - shown_at[0] < step):
            return
        shown_at[0] = 0 if done >= size else done
        share = done / size if size else 1.0
        click.echo(f"\r\x1b[K{path[:70]}  {share:.0%} of {size / 1e6:,.0f} MB", err=True, nl=done >= size)

    return told
