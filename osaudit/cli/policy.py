"""`osaudit policy`: say in words what a policy demands, and write one to start from."""

from __future__ import annotations

from pathlib import Path

import click

from osaudit.cli.adopting import files_for, policy_in_force
from osaudit.cli.output import PRINTED, emit
from osaudit.errors import UsageError
from osaudit.resources import data_path

READY = ("osi-strict", "commercial-use", "research")


@click.group()
def policy() -> None:
    """Explain and write the policy that `osaudit gate` holds models to."""


@policy.command()
@click.argument("named", required=False, metavar="[FILE]")
@PRINTED
@click.option("-o", "--output", default="-", show_default=True, metavar="FILE", help="Where it goes.")
def explain(*, named: str | None, form: str, output: str) -> int:
    """Say what a policy demands: a file's, a ready-made one's, or the settings' [gate]."""
    from osaudit.render.json import json_text  # noqa: PLC0415 - help needs neither
    from osaudit.render.neutral import plain  # noqa: PLC0415

    told = policy_in_force(named, files_for(None), no_conditions=False).told
    if form == "json":
        rows = [{"key": key, "words": words} for key, words in told.conditions]
        emit(output, json_text({"source": told.source, "sha256": told.sha256, "conditions": rows}))
        return 0
    lines = [f"{plain(told.source)} ({told.sha256[:12]})"]
    lines += [f"  {key:<12} {plain(words)}" for key, words in told.conditions]
    emit(output, "\n".join(lines) + "\n")
    return 0


@policy.command()
@click.argument("name", type=click.Choice(READY), default="commercial-use")
@click.option("-o", "--output", default="osaudit.toml", show_default=True, metavar="FILE", help="- is stdout.")
def init(*, name: str, output: str) -> int:
    """Write a commented policy to start from; nothing that is there is overwritten."""
    if output != "-" and Path(output).exists():
        raise UsageError(f"{output} is there already: name another file with -o, or - for stdout")
    emit(output, data_path("criteria", "policies", f"{name}.toml").read_text(encoding="utf-8") + _comments())
    return 0


def _comments() -> str:
    return data_path("criteria", "policies", "keys.txt").read_text(encoding="utf-8")
