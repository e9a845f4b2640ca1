"""`osaudit scan`: which models a code base adopts, and where."""

from __future__ import annotations

from pathlib import Path

import click

from osaudit.cli.output import PRINTED, emit
from osaudit.cli.saying import show_lines


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default=".", required=False)
@PRINTED
@click.option("-o", "--output", default="-", show_default=True, metavar="FILE", help="Where it goes.")
@click.option(
    "--changed-since",
    metavar="REV",
    help="Only models that were not adopted, or not at that revision, where this branch left REV; for pull requests.",
)
def scan(*, path: Path, form: str, output: str, changed_since: str | None) -> int:
    """Find the models that the code, settings and commands in PATH adopt: file, line, revision, pinned or not.

    Nothing in PATH is run or obeyed, and no network is needed. What the code alone does not tell is listed too.
    """
    from osaudit.gate.scan import scan as scanned  # noqa: PLC0415 - help needs none of these
    from osaudit.gate.scan.told import adopted_lines, adopted_to_dict  # noqa: PLC0415
    from osaudit.render.json import json_text  # noqa: PLC0415
    from osaudit.render.neutral import lines  # noqa: PLC0415

    adopted = scanned(path, changed_since=changed_since)
    if form == "json":
        emit(output, json_text(adopted_to_dict(adopted, changed_since)))
    elif output == "-":
        show_lines("\n".join(_one_line(line) for line in adopted_lines(adopted, changed_since)))
    else:
        emit(output, lines("\n".join(_one_line(line) for line in adopted_lines(adopted, changed_since))) + "\n")
    return 0


def _one_line(words: str) -> str:
    """A name of a file, or of a model, may hold line ends."""
    return " ".join(words.split())
