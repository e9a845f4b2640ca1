"""What is told on stderr, and lines for stdout: strangers' words among them are printable, and command no log."""

from __future__ import annotations

import logging
import traceback

import click


def say(words: str, *, prefix: str = "osaudit: ") -> None:
    """Tell one line."""
    click.echo(_said(f"{prefix}{words}"), err=True)


def say_lines(text: str) -> None:
    """Tell several lines, each as it is indented."""
    from osaudit.render.neutral import lines  # noqa: PLC0415 - where nothing is told, it is not needed

    click.echo(lines(text), err=True)


def show_lines(text: str) -> None:
    """Write lines to stdout, their columns kept."""
    from osaudit.render.neutral import lines  # noqa: PLC0415 - likewise

    click.echo(lines(text))


def say_event(line: str) -> None:
    """Tell an event as one line of JSON, which escapes what no log may see by itself."""
    from osaudit.jsontext import shown  # noqa: PLC0415 - where nothing is told, it is not needed

    click.echo(shown(line), err=True)


def say_over(words: str, *, last: bool) -> None:
    """Tell how far something is, on a terminal: each such line stands in the place of the one before."""
    click.echo(f"\r\x1b[K{_said(words)}", err=True, nl=last)


def say_trace(error: BaseException) -> None:
    """Tell where an error came from."""
    say_lines("".join(traceback.format_exception(error)))


def _said(words: str) -> str:
    from osaudit.render.neutral import said  # noqa: PLC0415 - where nothing is told, it is not needed

    return said(words)


class LogLines(logging.Formatter):
    """Log records as lines like any other that is told."""

    def format(self, record: logging.LogRecord) -> str:
        """Give a record as one line."""
        return _said(f"osaudit: {record.getMessage()}")
