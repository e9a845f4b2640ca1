"""The command line: the only place that knows flags, prints, and exits."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

import click

from osaudit import __version__
from osaudit.cli.commands import COMMANDS as COMMANDS
from osaudit.cli.commands import SUMMARIES as SUMMARIES
from osaudit.cli.commands import Commands, config_options
from osaudit.cli.saying import say, say_trace
from osaudit.errors import OsauditError, bug
from osaudit.garbage import collect_seldom

_HELP = """Audit how open an AI model really is, and quote the evidence for each verdict.

\b
osaudit audit mistralai/Mistral-7B-v0.1
osaudit audit ORG/NAME -o report.html -o report.json
osaudit audit ORG/NAME --fail-on OSD-6 --fail-under 60

Exit codes: 0 the conditions asked for are met, 1 they are not, 2 wrong usage or configuration,
3 could not judge (missing, gated, network, bad revision).
"""


def _show_version(context: click.Context, _: click.Parameter, asked: bool) -> None:  # noqa: FBT001 - click calls it
    """Print what this installation is, and end."""
    if asked and not context.resilient_parsing:
        from osaudit.built import built_lines  # noqa: PLC0415 - nothing else asks

        click.echo("\n".join((f"osaudit, version {__version__}", *built_lines())))
        context.exit()


@click.command(
    cls=Commands, help=_HELP, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    allow_from_autoenv=False,
    callback=_show_version,
    help="Show the version, the source commit and the hash of the installed RECORD.",
)
def cli(**_: object) -> None:
    """Call a command, which reads its settings first; the help text stands above."""


config_options(cli, exposed=True)

INTERRUPTED = 128 + signal.SIGINT
CUT_OFF = 141
"""What a shell tells of a program that writes to a closed pipe (128 + SIGPIPE): no verdict is told by it."""


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    collect_seldom()
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
    except SystemExit as ended:  # no command exits by itself: click does, where a pipe is closed or a shell completes
        return int(ended.code or 0) if "_OSAUDIT_COMPLETE" in os.environ else _cut_off()
    except BrokenPipeError:
        return _cut_off()
    except OSError as error:
        return _told(f"the system refused: {error}", 3, argv, "system")
    except Exception as error:  # noqa: BLE001 - the outermost boundary: no user sees a traceback unasked
        return _ended(error, argv)
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


def _ended(error: Exception, argv: Sequence[str]) -> int:
    match error:
        case click.exceptions.Exit(exit_code=code):
            return int(code)
        case click.Abort():
            return _told("interrupted", INTERRUPTED)
        case click.ClickException():
            return _usage(error, argv)
        case OsauditError():
            return _told(str(error), error.exit_code, argv, error.kind)
        case _:
            return _bug(error, argv)


def _bug(error: Exception, argv: Sequence[str]) -> int:
    if os.environ.get("OSAUDIT_DEBUG"):
        say_trace(error)
    return _told(str(bug(error)), 3, argv, "bug")


def _usage(error: click.ClickException, argv: Sequence[str]) -> int:
    hint = ""
    if isinstance(error, click.UsageError) and error.ctx is not None:
        hint = f" (see `{error.ctx.command_path} --help`)"
    return _told(f"{error.format_message()}{hint}", 2, argv, "usage")


def _told(message: str, code: int, argv: Sequence[str] = (), kind: str = "") -> int:
    """Tell one line on stderr; on stdout as well, as JSON, where that was to come there."""
    if kind and wants_json(argv):
        from osaudit.render.json import error_to_dict, json_text  # noqa: PLC0415 - help needs neither
        from osaudit.verdict import Failure  # noqa: PLC0415

        sys.stdout.write(json_text(error_to_dict(Failure("", None, kind, " ".join(message.split()), code))))
        sys.stdout.flush()
    say(message)
    return code


def wants_json(argv: Sequence[str]) -> bool:
    """Whether JSON was to come on stdout: what was called may be wrong, so its words alone are looked at."""
    pairs = list(zip(argv, [*argv[1:], ""], strict=True))
    formats = [after for word, after in pairs if word in {"-f", "--format"}]
    formats += [word.removeprefix("--format=") for word in argv if word.startswith("--format=")]
    outputs = [after for word, after in pairs if word in {"-o", "--output"}]
    outputs += [word.removeprefix("--output=") for word in argv if word.startswith("--output=")]
    return formats[-1:] == ["json"] and (not outputs or "-" in outputs)
