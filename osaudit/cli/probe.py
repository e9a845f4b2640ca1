"""`osaudit probe`: do the published weights actually run?"""

from __future__ import annotations

import click

from osaudit.cli.looking import Looking
from osaudit.cli.output import emit, format_option, formats_of
from osaudit.cli.probing import Probing, exit_code, probe_options, probed
from osaudit.proberun import LEVELS, Level, ProbeRun


@click.command()
@click.argument("model", metavar="MODEL|FOLDER")
@click.option("--level", type=click.Choice(LEVELS), default="structure", show_default=True, help="How far to climb.")
@format_option(("text", "json"), words="Else by the file's suffix, else text.")
@click.option("-o", "--output", metavar="FILE", default="-", help="Write there; - is stdout.")
@probe_options
@click.option("--revision", metavar="REV", help="A branch, tag or commit; else the default branch.")
@click.option("--offline", is_flag=True, help="Use what was fetched before; ask no network.")
@click.option("--timeout", type=click.FloatRange(1, 600), default=30.0, show_default=True, help="Seconds a wait.")
@click.option("-q", "--quiet", is_flag=True, help="Nothing on stderr but errors.")
def probe(  # noqa: PLR0913 - a table of options
    *,
    model: str,
    level: Level,
    form: str | None,
    output: str,
    revision: str | None,
    offline: bool,
    timeout: float,
    quiet: bool,
    **options: object,
) -> int:
    """Try whether the published weights run: access, integrity, structure, loads, infers, performs.

    Up to `structure` nothing is downloaded but headers. Above it the model runs in a caged process, without network.

    Exit codes: 0 every level asked for passed, 1 one failed, 3 one could not be looked at (missing, gated, too
    large, an extra not installed).
    """
    form = form or ("json" if output.endswith(".json") else "text")
    formats_of((output,), "text")
    probing = Probing(**options)  # type: ignore[arg-type] # click's values, by the same names
    looking = Looking(revision=revision, offline=offline, timeout=timeout, quiet=quiet)
    run = probed(model, probing.up_to(level), looking)
    emit(output, _rendered(run, form))
    return exit_code(run)


def _rendered(run: ProbeRun, form: str) -> str:
    if form == "json":
        from osaudit.render.json import json_text  # noqa: PLC0415 - one of two
        from osaudit.render.probejson import run_to_dict  # noqa: PLC0415 - likewise

        return json_text(run_to_dict(run))
    from osaudit.render.probe import render_probe  # noqa: PLC0415 - likewise

    return render_probe(run)
