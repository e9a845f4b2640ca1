"""Many models in one run, told as they come: the library's door does the work."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

from osaudit.audit import Asking, Run, audit_each
from osaudit.cli.saying import say, say_lines
from osaudit.errors import OsauditError
from osaudit.evidence import Evidence
from osaudit.verdict import Failure, Scorecard

_T = TypeVar("_T")


def audit_all(
    models: Sequence[_T], name: Callable[[_T], str], see: Callable[[_T, Run], Evidence], asked: Asking, *, quiet: bool
) -> tuple[list[Scorecard], list[Failure]]:
    """Audit the models in order; the second value lists those that could not be judged.

    That is told on stderr; where the run has one model alone, an OsauditError is raised of it.
    """
    cards: list[Scorecard] = []
    failures: list[Failure] = []
    for number, outcome in enumerate(audit_each(models, name, see, asked), 1):
        if len(models) > 1 and sys.stderr.isatty() and not quiet:
            say(f"{number}/{len(models)} {name(models[number - 1])}", prefix="")
        if isinstance(outcome, Scorecard):
            cards.append(outcome)
            continue
        if outcome.trace and os.environ.get("OSAUDIT_DEBUG"):
            say_lines(outcome.trace)
        if len(models) == 1:
            raise OsauditError(outcome.message, exit_code=outcome.exit, kind=outcome.kind)
        say(outcome.message)
        failures.append(outcome)
    if failures:
        say(f"{len(failures)} of {len(models)} models could not be judged")
    return cards, failures
