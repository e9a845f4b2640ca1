"""Where reports go: stdout, or files that are whole or not there."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from osaudit.errors import UsageError
from osaudit.render import FORMAT_BY_SUFFIX, RENDERERS, Options
from osaudit.verdict import Scorecard

FORMATS = tuple(RENDERERS)

_log = logging.getLogger("osaudit")


def formats_of(outputs: Sequence[str], named: str | None) -> tuple[tuple[str, str], ...]:
    """Pair each output with its format: the one named, else its suffix's; `-` is stdout. Checked before any work."""
    if not outputs:
        return (("-", named or "text"),)
    return tuple((output, named or _by_suffix(output)) for output in map(_checked, outputs))


def _by_suffix(output: str) -> str:
    if output == "-":
        return "text"
    suffix = Path(output).suffix.lower()
    if suffix not in FORMAT_BY_SUFFIX:
        known = ", ".join(FORMAT_BY_SUFFIX)
        raise UsageError(
            f"{output}: no format goes by the suffix {suffix!r}; use one of {known}, or name it with --format"
        )
    return FORMAT_BY_SUFFIX[suffix]


def _checked(output: str) -> str:
    if output == "-":
        return output
    path = Path(output)
    if path.is_dir():
        raise UsageError(f"{output} is a folder: name a file")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"{output}: the folder {path.parent} does not exist; make it first")
    return output


def write_reports(cards: Sequence[Scorecard], targets: Sequence[tuple[str, str]]) -> None:
    """Render first, all of them, then write: a failure leaves no half-written report."""
    options = terminal()
    plain = Options(colour=False, width=100)
    rendered = [(output, RENDERERS[form](cards, options if output == "-" else plain)) for output, form in targets]
    for output, text in rendered:
        emit(output, text)


def emit(output: str, text: str) -> None:
    """Write a text to stdout (`-`) or, atomically, to a file; UsageError where it cannot be written."""
    if output == "-":
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    save(Path(output), text)
    if _log.isEnabledFor(logging.WARNING):  # -q leaves errors alone
        click.echo(f"wrote {output}", err=True)


def told(lines: Iterable[str]) -> bool:
    """Write lines to stderr, each as one line, and say whether there were any."""
    found = [" ".join(line.split()) for line in lines]
    for line in found:
        click.echo(f"osaudit: {line}", err=True)
    return bool(found)


def save(path: Path, text: str) -> None:
    """Write a text to a file that is whole or not there; UsageError where it cannot be written.

    A device or pipe (`/dev/null`, `/dev/stdout`, a shell's `>(...)`) is written to as it is: it must never be replaced.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8", newline="")
            return
        handle, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
        os.close(handle)
        temporary = Path(name)
        try:
            temporary.write_text(text, encoding="utf-8", newline="")
            temporary.chmod(0o644)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error


def terminal() -> Options:
    """What stdout can show."""
    return Options(colour=_colour(), width=_width())


def _colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def _width() -> int:
    return max(40, min(shutil.get_terminal_size((100, 24)).columns, 140))
