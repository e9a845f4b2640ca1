"""The command line: the only place that knows flags, prints, and exits."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

import click

from osaudit import __version__
from osaudit.errors import OsauditError, bug

COMMANDS: dict[str, str] = {
    "audit": "osaudit.cli.audit:audit",
    "may": "osaudit.cli.may:may",
    "collect": "osaudit.cli.stages:collect",
    "judge": "osaudit.cli.stages:judge",
    "report": "osaudit.cli.stages:report",
    "bom": "osaudit.cli.bom:bom",
    "audit-bom": "osaudit.cli.bom:audit_bom",
    "demo": "osaudit.cli.demo:demo",
    "criteria": "osaudit.cli.criteria:criteria",
    "review": "osaudit.cli.review:review",
    "mof": "osaudit.cli.mof:mof",
    "licence": "osaudit.cli.licence:licence",
    "probe": "osaudit.cli.probe:probe",
    "lineage": "osaudit.cli.lineage:lineage",
    "diff": "osaudit.cli.diff:diff",
    "history": "osaudit.cli.history:history",
}
SUMMARIES: dict[str, str] = {
    "audit": "Audit models: Hub ids, Hub URLs or local folders.",
    "may": "Say what a model may be put to, by whom, and under which conditions.",
    "collect": "Look at a model and save what was seen as evidence.",
    "judge": "Judge saved evidence; needs no network.",
    "report": "Render saved scorecards.",
    "bom": "Write a model's bill of materials: SPDX 2.3, SPDX 3.0.1 or CycloneDX.",
    "audit-bom": "Audit the models that a bill of materials names.",
    "demo": "Audit a bundled set of recorded facts; needs no network.",
    "criteria": "List and explain what is asked.",
    "review": "Answer what is open for a person; writes attestations.",
    "mof": "Classify a component inventory by the Model Openness Framework.",
    "licence": "Identify licence texts; read the clause table.",
    "probe": "Try whether the published weights run.",
    "lineage": "Walk the models that a model was made from.",
    "diff": "Say what changed between two revisions.",
    "history": "Say when a model's terms changed.",
}


class _Commands(click.Group):
    """The sub-commands, each imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - likewise
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - likewise
        with formatter.section("Commands"):
            formatter.write_dl([(name, SUMMARIES[name]) for name in COMMANDS])


_HELP = """Audit how open an AI model really is, and quote the evidence for each verdict.

\b
osaudit audit mistralai/Mistral-7B-v0.1
osaudit audit ORG/NAME -o report.html -o report.json
osaudit audit ORG/NAME --fail-on OSD-6 --fail-under 60

Exit codes: 0 the conditions asked for are met, 1 they are not, 2 wrong usage or configuration,
3 could not judge (missing, gated, network, bad revision).
"""


@click.command(
    cls=_Commands, help=_HELP, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="osaudit", allow_from_autoenv=False)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Read the settings file; the help text stands above."""
    from osaudit.cli.settings import defaults  # noqa: PLC0415 - help does not need the settings file

    ctx.default_map = {**defaults(Path.cwd()), **(ctx.default_map or {})}


INTERRUPTED = 128 + signal.SIGINT
CUT_OFF = 141
"""What a shell tells of a program that writes to a closed pipe (128 + SIGPIPE): no verdict is told by it."""


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    code = run(list(sys.argv[1:] if argv is None else argv))
    if code == INTERRUPTED:
        _leave(code)
    sys.exit(code)


def _leave(code: int) -> None:
    """Exit at once: threads that wait for the network are not waited for, and processes are ended."""
    if "osaudit.probe.cage" in sys.modules:
        from osaudit.probe.cage import break_off  # noqa: PLC0415 - only where something may be caged

        break_off()
    if "multiprocessing.util" in sys.modules:
        import multiprocessing.util  # noqa: PLC0415 - only where there are processes

        for child in multiprocessing.active_children():
            child.kill()
        multiprocessing.util._exit_function()  # type: ignore[attr-defined] # noqa: SLF001 - it alone takes the semaphores away
    sys.stderr.flush()
    os._exit(code)


def run(argv: list[str]) -> int:
    """Run the command line; return the exit code. Every failure becomes one line on stderr."""
    sys.stdout = sys.stdout or _nowhere()  # None where the caller closed it
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # reports are UTF-8, whatever the locale
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        result: Any = cli.main(args=argv, prog_name="osaudit", standalone_mode=False, auto_envvar_prefix="OSAUDIT")
    except (BrokenPipeError, SystemExit):  # no command exits by itself: this is click's way out of a closed pipe
        return _cut_off()
    except OSError as error:
        return _told(f"the system refused: {error}", 3)
    except Exception as error:  # noqa: BLE001 - the outermost boundary: no user sees a traceback unasked
        return _ended(error)
    except KeyboardInterrupt:
        return _told("interrupted", INTERRUPTED)
    return result if isinstance(result, int) else 0


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _cut_off() -> int:
    """Stop where nobody reads any more; nothing may be flushed at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return CUT_OFF


def _ended(error: Exception) -> int:
    match error:
        case click.exceptions.Exit(exit_code=code):
            return int(code)
        case click.Abort():
            return _told("interrupted", INTERRUPTED)
        case click.ClickException():
            return _usage(error)
        case OsauditError():
            return _told(str(error), error.exit_code)
        case _:
            return _bug(error)


def _bug(error: Exception) -> int:
    if os.environ.get("OSAUDIT_DEBUG"):
        traceback.print_exception(error)
    return _told(str(bug(error)), 3)


def _usage(error: click.ClickException) -> int:
    hint = ""
    if isinstance(error, click.UsageError) and error.ctx is not None:
        hint = f" (see `{error.ctx.command_path} --help`)"
    return _told(f"{error.format_message()}{hint}", 2)


def _told(message: str, code: int) -> int:
    click.echo(f"osaudit: {' '.join(message.split())}", err=True)
    return code
