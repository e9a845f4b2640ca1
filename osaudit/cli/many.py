"""Many models in one run, told as they come: the library's door does the work."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TypeVar

from osaudit.audit import Asking, Run, audit_each
from osaudit.cli.looking import Looking
from osaudit.cli.progress import Count, Progress
from osaudit.cli.saying import say, say_lines
from osaudit.errors import OsauditError
from osaudit.evidence import Evidence
from osaudit.verdict import Failure, Scorecard

_T = TypeVar("_T")


ANONYMOUS, WITH_TOKEN, WINDOW = 500, 1_000, 300
"""API requests that the Hub allows in so many seconds, without a token and with a free account's."""


def tell_budget(models: int, looking: Looking) -> None:
    """Say, before a run that would exceed the Hub's rate limit, how long that makes it; the limit is obeyed."""
    if models <= ANONYMOUS or looking.quiet or looking.offline:
        return
    from osaudit.sources import client  # noqa: PLC0415 - few runs are so large

    if client.is_offline():
        return
    limit = WITH_TOKEN if client.has_token(client.request_headers()) else ANONYMOUS
    waits = -(-models // limit) - 1
    if waits:
        hint = "" if limit == WITH_TOKEN else f" (HF_TOKEN raises it to {WITH_TOKEN:,})"
        say(
            f"{models:,} models take at least as many requests, and the Hub allows {limit:,} in {WINDOW // 60} minutes"
            f"{hint}: this run waits about {waits * WINDOW // 60:,} minutes, and then goes on"
        )


def audit_all(  # noqa: PLR0913 - what a run is made of
    models: Sequence[_T],
    name: Callable[[_T], str],
    see: Callable[[_T, Run], Evidence],
    asked: Asking,
    *,
    quiet: bool,
    near: Callable[[_T], str] = lambda _: "",
    anew: int | None = None,
) -> tuple[list[Scorecard], list[Failure]]:
    """Audit the models in order; the second value lists those that could not be judged.

    That is told on stderr; where the run has one model alone, an OsauditError is raised of it, and `near` tells which
    one may be meant where there is none of that name. `anew`: how many have to be read, where that is not all of them.
    """
    cards: list[Scorecard] = []
    failures: list[Failure] = []
    progress, count = Progress(len(models), quiet=quiet or len(models) == 1), Count()
    for outcome in audit_each(models, name, see, asked, anew):
        count.done += 1
        count.failed += isinstance(outcome, Failure)
        progress.step(count)
        if isinstance(outcome, Scorecard):
            cards.append(outcome)
            continue
        if outcome.trace and os.environ.get("OSAUDIT_DEBUG"):
            say_lines(outcome.trace)
        if len(models) == 1:
            likely = near(models[0]) if outcome.kind == "missing" else ""
            raise OsauditError(f"{outcome.message}{likely}", exit_code=outcome.exit, kind=outcome.kind)
        progress.aside(outcome.message)
        failures.append(outcome)
    progress.end(count)
    if failures:
        say(f"{len(failures)} of {len(models)} models could not be judged")
    return cards, failures
