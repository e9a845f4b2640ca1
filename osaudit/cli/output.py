"""Where reports go: stdout, or files that are whole or not there."""

from __future__ import annotations

import logging
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import click

from osaudit.cli.saying import say
from osaudit.errors import UsageError, meant
from osaudit.render import FORMAT_BY_SUFFIX, RENDERERS, Options
from osaudit.verdict import Failure, Scorecard

FORMATS = tuple(RENDERERS)
_SEVERAL = 2
_NOT_A_NAME = re.compile(r"[^\w.@-]+")

_log = logging.getLogger("osaudit")


class Form(click.Choice[str]):
    """A choice of formats, each by its name or its suffix: `markdown` is `md` too."""

    def __init__(self, choices: Iterable[str], suffixes: Mapping[str, str] = FORMAT_BY_SUFFIX) -> None:
        super().__init__(tuple(choices))
        self.suffixes = suffixes

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take a format; a usage error that names the nearest where it is none."""
        word = str(value).lower()
        word = self.suffixes.get(f".{word}", word)
        if word not in self.choices:
            near = meant(word, self.choices) or f": it is one of {', '.join(self.choices)}"
            self.fail(f"no format is called {str(value)[:40]!r}{near}", param, ctx)
        return word


def format_option(
    forms: Iterable[str] = FORMATS,
    default: str | None = None,
    words: str = "The report's format; else by the file's suffix, else text.",
) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Add `--format` to a command, which takes it as `form`."""
    choice, shown = Form(forms), default is not None
    return click.option("-f", "--format", "form", type=choice, default=default, show_default=shown, help=words)


OUTPUTS = click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FILE",
    help="Write a report, or one a model into FOLDER/; may be repeated. - is stdout.",
)
PRINTED = format_option(("text", "json"), "text", "How to print it.")


def formats_of(outputs: Sequence[str], named: str | None, *, folders: bool = False) -> tuple[tuple[str, str], ...]:
    """Pair each output with its format: the one named, else its suffix's; `-` is stdout. Checked before any work.

    A folder, where one is taken, ends in a slash: it gets one report a model.
    """
    if not outputs:
        return (("-", named or "text"),)
    checked = [_checked(output, folders=folders) for output in outputs]
    return tuple((output, named or ("text" if output.endswith("/") else _by_suffix(output))) for output in checked)


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


def _checked(output: str, *, folders: bool) -> str:
    if output == "-":
        return output
    if not output or "\0" in output:
        raise UsageError(f"{output!r} cannot be a file's name: name another, or - for stdout")
    path = Path(output)
    is_folder = path.is_dir() or output.endswith("/")
    if is_folder and not folders:
        raise UsageError(f"{output} is a folder: name a file")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"{output}: the folder {path.parent} does not exist; make it first")
    if is_folder and path.exists() and not path.is_dir():
        raise UsageError(f"{output} is no folder: leave the slash out, or name another")
    return f"{output.rstrip('/')}/" if is_folder else output


def write_reports(
    cards: Sequence[Scorecard],
    targets: Sequence[tuple[str, str]],
    failures: Sequence[Failure] = (),
    config: Mapping[str, str | None] | None = None,
    options: Options | None = None,
) -> None:
    """Render first, all of them, then write: a failure leaves no half-written report.

    JSON lists the models that could not be judged as well; where none could, stdout alone is written. `options` are
    those of a report beside what the output can show.
    """
    given = replace(options or Options(), failures=tuple(failures), config=config)
    shown = terminal()
    rendered: list[tuple[str, str]] = []
    for output, form in targets:
        options = replace(given, colour=shown.colour, width=shown.width) if output == "-" else given
        if output.endswith("/"):
            rendered += _one_a_model(output, cards, form, replace(options, failures=()))
        elif cards or (output == "-" and form == "json"):
            rendered.append((output, RENDERERS[form](cards, options)))
    for output, text in rendered:
        emit(output, text)


def _one_a_model(folder: str, cards: Sequence[Scorecard], form: str, options: Options) -> list[tuple[str, str]]:
    """Render a report a model, under file names that stay in the folder and differ."""
    suffix = next(suffix for suffix, known in FORMAT_BY_SUFFIX.items() if known == form and suffix != ".htm")
    try:
        Path(folder).mkdir(exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make the folder {folder}: {error.strerror or error}") from error
    named: dict[str, Scorecard] = {}
    for card in cards:
        name = _NOT_A_NAME.sub("_", card.model.replace("/", "--"))[:150].lstrip(".") or "model"
        name = f"{name}@{(card.commit or 'none')[:12]}" if name in named else name
        while name in named:
            name += "_"
        named[name] = card
    reports = [(f"{folder}{name}{suffix}", RENDERERS[form]([card], options)) for name, card in named.items()]
    return reports if form != "html" or len(cards) < _SEVERAL else [*reports, _index(folder, named)]


def _index(folder: str, named: Mapping[str, Scorecard]) -> tuple[str, str]:
    """The ranked table of the models, which links the reports that stand beside it."""
    from osaudit.render.html import render_summary_html  # noqa: PLC0415 - this format was asked for

    name = "index"
    while name in named:
        name += "_"
    links = {at: f"{quote(one)}.html" for at, one in enumerate(named)}
    return f"{folder}{name}.html", render_summary_html(list(named.values()), links)


def emit(output: str, text: str) -> None:
    """Write a text to stdout (`-`) or, atomically, to a file; UsageError where it cannot be written."""
    if output == "-":
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    save(Path(output), text)
    if _log.isEnabledFor(logging.WARNING):  # -q leaves errors alone
        say(f"wrote {output}", prefix="")


def told(lines: Iterable[str]) -> bool:
    """Write lines to stderr, each as one line, and say whether there were any."""
    found = list(lines)
    for line in found:
        say(line)
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


def save_bytes(path: Path, data: bytes) -> None:
    """Write bytes to a file that is whole or not there; UsageError where it cannot be written."""
    try:
        handle, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
        os.close(handle)
        temporary = Path(name)
        try:
            temporary.write_bytes(data)
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
    """Tell whether to colour, as no-color.org and force-color.org have it: an empty value says nothing."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def _width() -> int:
    return max(40, min(shutil.get_terminal_size((100, 24)).columns, 140))
