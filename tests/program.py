"""The program as a user starts it: another process, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
START = ("-c", "from osaudit.cli import main; main()")
PATIENCE = 240


def osaudit(
    *arguments: str, cwd: Path, env: Mapping[str, str] | None = None, text_in: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `osaudit`, as this checkout has it."""
    return run(
        sys.executable, *START, *arguments, cwd=cwd, env={"PYTHONPATH": str(ROOT), **(env or {})}, text_in=text_in
    )


def run(
    *command: str, cwd: Path, env: Mapping[str, str] | None = None, text_in: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with a terminal's width and no terminal."""
    return subprocess.run(
        command,
        cwd=cwd,
        env={**_ours(), "COLUMNS": "100", **(env or {})},
        input=text_in or "",
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def _ours() -> dict[str, str]:
    """The environment without what pytest tells its workers."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}


def commands(group: click.Group, prefix: tuple[str, ...] = ()) -> dict[tuple[str, ...], click.Command]:
    """Every command of the program and its sub-commands, by the words that call it."""
    found: dict[tuple[str, ...], click.Command] = {}
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        found[*prefix, name] = command
        if isinstance(command, click.Group):
            found |= commands(command, (*prefix, name))
    return found
