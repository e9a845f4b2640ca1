"""How far a long run is: a bar on a terminal, a line every ten seconds elsewhere, or JSON, a line an event."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from osaudit.cli.saying import say, say_event, say_over

if TYPE_CHECKING:
    from osaudit.sweep.judging import Done
    from osaudit.sweep.sweeping import Tally

EVERY = 10.0
"""Seconds between two lines, where there is no terminal."""
_ON_TERMINAL = 0.2
_BAR = 24


class Counted(Protocol):
    """How many models are done, and how many of these could not be judged; those skipped are not among them."""

    @property
    def done(self) -> int: ...  # noqa: D102 - as the class says
    @property
    def failed(self) -> int: ...  # noqa: D102 - likewise
    @property
    def skipped(self) -> int: ...  # noqa: D102 - likewise


@dataclass(slots=True)
class Count:
    """Models as they come."""

    done: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass(slots=True)
class Progress:
    """Tells of many models on stderr. `total` is 0 where nobody knows how many models come."""

    total: int
    form: str = "text"
    quiet: bool = False
    clock: Callable[[], float] = time.monotonic
    terminal: bool = field(default_factory=lambda: sys.stderr.isatty())  # noqa: PLW0108 - stderr as it is then
    _begun: float = 0.0
    _shown: float = 0.0
    _failures: int = 0

    def __post_init__(self) -> None:
        """Begin now."""
        self._begun = self._shown = self.clock()

    def __call__(self, tally: Tally, done: Done | None) -> None:
        """Tell of a model that is done, or of a chunk that was written (None), where it is time to."""
        if self.quiet:
            return
        if done is None:
            if self.form == "json":
                self._event("chunk", tally, written=tally.written, chunks=tally.chunks)
            return
        if done.error and self.form == "json":
            self._event("failed", tally, model=done.name, kind=done.error, message=done.message)
        self.step(tally)

    def step(self, counted: Counted) -> None:
        """Tell how far it is, where it is time to."""
        every = _ON_TERMINAL if self._draws else EVERY
        if not self.quiet and self.clock() - self._shown >= every:
            self._shown = self.clock()
            self._tell(counted)

    def aside(self, words: str) -> None:
        """Tell a line of its own; on a terminal the bar makes room."""
        if self._draws and not self.quiet:
            say_over("", last=False)
        say(words)

    @property
    def _draws(self) -> bool:
        return self.terminal and self.form == "text"

    @property
    def seconds(self) -> float:
        """How long it runs."""
        return self.clock() - self._begun

    def _tell(self, tally: Counted) -> None:
        if self.form == "json":
            self._event("progress", tally, done=tally.done, failed=tally.failed, rate=round(self._rate(tally), 2))
        elif self.terminal:
            say_over(self._line(tally), last=False)
        else:
            say(self._line(tally), prefix="")

    def _line(self, tally: Counted) -> str:
        rate, came = self._rate(tally), tally.done + tally.skipped
        words = f"{came:,}{f'/{self.total:,}' if self.total else ''} models, {rate:.1f}/s, {tally.failed:,} failed"
        if not self.total:
            return words
        share = min(1.0, came / self.total)
        left = (self.total - came) / rate if rate else 0.0
        bar = f"[{'#' * int(_BAR * share):<{_BAR}}] " if self.terminal else ""
        return f"{bar}{share:4.0%} {words}, {shown_time(left)} to go"

    def _rate(self, tally: Counted) -> float:
        return tally.done / self.seconds if self.seconds > 0 else 0.0

    def end(self, tally: Counted) -> None:
        """Leave the bar's line."""
        if self._draws and not self.quiet:
            say_over(self._line(tally), last=True)
        elif self.form == "json" and not self.quiet:
            self._event("end", tally, done=tally.done, failed=tally.failed, skipped=tally.skipped)

    def _event(self, event: str, tally: Counted, **values: object) -> None:
        say_event(json_line(event=event, seconds=round(self.seconds, 3), models=tally.done, **values))


def json_line(**values: object) -> str:
    """One line of JSON that commands no terminal and no log."""
    from osaudit.jsontext import shown  # noqa: PLC0415 - where nothing is told, it is not needed

    return shown(json.dumps(values, ensure_ascii=True))


def shown_time(seconds: float) -> str:
    """A time as people write it."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"


class JsonLog(logging.Formatter):
    """Log records as JSON, a line each."""

    def format(self, record: logging.LogRecord) -> str:
        """Give a record as one line."""
        return json_line(event="log", level=record.levelname.lower(), message=record.getMessage())
