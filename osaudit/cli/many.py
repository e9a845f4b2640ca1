"""Many models in one run: some at once, what they share looked at once, and no failure that loses the others."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import click

from osaudit.cli.looking import Looking, look
from osaudit.errors import OsauditError, bug
from osaudit.evidence import Evidence
from osaudit.verdict import Scorecard

if TYPE_CHECKING:
    from osaudit.sources.kept import Kept
    from osaudit.sources.readers import Reader

_AT_ONCE = 16  # models looked at together; each looks at its bases and data sets on threads of its own
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Run:
    """How the models of one run are looked at: what they share is looked at once, many are read on all cores."""

    reader: Reader | None = None
    kept: Kept | None = None

    def look(self, named: str, looking: Looking) -> Evidence:
        """Collect the evidence of one model; OsauditError where it cannot be had."""
        return look(named, looking, self.reader, self.kept)


def audit_all(
    models: Sequence[_T], name: Callable[[_T], str], audit: Callable[[_T, Run], Scorecard], *, quiet: bool
) -> tuple[list[Scorecard], bool]:
    """Audit the models in order; the second value tells whether one could not be judged.

    That is told on stderr; where the run has one model alone, its OsauditError is raised.
    """
    if len(models) == 1:
        return [audit(models[0], Run())], False
    from osaudit.sources.kept import Kept  # noqa: PLC0415 - help does without, and so does a single model
    from osaudit.sources.readers import reader_for  # noqa: PLC0415

    cards: list[Scorecard] = []
    with reader_for(len(models)) as reader, ThreadPoolExecutor(min(_AT_ONCE, len(models) or 1)) as pool:
        run = Run(reader, Kept())
        outcomes = pool.map(lambda model: _attempt(name(model), lambda: audit(model, run)), models)
        for number, (model, outcome) in enumerate(zip(models, outcomes, strict=True), 1):
            if sys.stderr.isatty() and not quiet:
                click.echo(f"{number}/{len(models)} {name(model)}", err=True)
            if isinstance(outcome, OsauditError):
                click.echo(f"osaudit: {' '.join(str(outcome).split())}", err=True)
            else:
                cards.append(outcome)
    lost = len(models) - len(cards)
    if lost:
        click.echo(f"osaudit: {lost} of {len(models)} models could not be judged", err=True)
    return cards, bool(lost)


def _attempt(model: str, audit: Callable[[], Scorecard]) -> Scorecard | OsauditError:
    """Audit one model; its failure is returned, be it trouble that was expected or a bug."""
    try:
        return audit()
    except OsauditError as error:
        return error
    except Exception as error:  # noqa: BLE001 - the boundary of one model
        if os.environ.get("OSAUDIT_DEBUG"):
            traceback.print_exception(error)
        return OsauditError(f"{model}: {bug(error)}")
