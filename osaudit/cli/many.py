"""Many models in one run: some at once, what they share looked at once, and no failure that loses the others."""

from __future__ import annotations

import functools
import os
import pickle
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from osaudit.cli.asking import Asking
from osaudit.cli.looking import Run
from osaudit.cli.saying import say, say_trace
from osaudit.errors import OsauditError, bug
from osaudit.evidence import Evidence
from osaudit.render import Failure
from osaudit.verdict import Scorecard

FETCHES = 16
"""Requests made at once: what the Hub takes well."""

IN_HAND = 2 * FETCHES
"""Models in hand: those beyond the fetches are read or judged meanwhile, so that no fetch waits for the processor."""

_T = TypeVar("_T")


@contextmanager
def run_of(models: int) -> Iterator[Run]:
    """Set up what so many models share."""
    from osaudit.sources.kept import Kept  # noqa: PLC0415 - help does without, and so does a single model
    from osaudit.workers import workers_for  # noqa: PLC0415

    with workers_for(models) as workers:
        yield Run(workers, Kept(), threading.BoundedSemaphore(FETCHES))


def audit_all(
    models: Sequence[_T], name: Callable[[_T], str], see: Callable[[_T, Run], Evidence], asked: Asking, *, quiet: bool
) -> tuple[list[Scorecard], list[Failure]]:
    """Audit the models in order; the second value lists those that could not be judged.

    That is told on stderr; where the run has one model alone, its OsauditError is raised.
    """
    if len(models) == 1:
        only = _attempt(name(models[0]), lambda: asked.judge(see(models[0], Run())))
        if isinstance(only, OsauditError):
            raise only
        return [only], []
    cards: list[Scorecard] = []
    failures: list[Failure] = []
    with run_of(len(models)) as run, _hands(min(IN_HAND, len(models) or 1)) as pool:
        judge = judge_in(run, asked)
        outcomes = pool.map(lambda model: _attempt(name(model), lambda: judge(see(model, run))), models)
        for number, (model, outcome) in enumerate(zip(models, outcomes, strict=True), 1):
            if sys.stderr.isatty() and not quiet:
                say(f"{number}/{len(models)} {name(model)}", prefix="")
            if isinstance(outcome, OsauditError):
                say(str(outcome))
                failures.append(Failure(name(model), None, outcome.kind, str(outcome), outcome.exit_code))
            else:
                cards.append(outcome)
    if failures:
        say(f"{len(failures)} of {len(models)} models could not be judged")
    return cards, failures


@contextmanager
def _hands(count: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that are waited for, but by nobody who breaks off."""
    pool, waits = ThreadPoolExecutor(count), True
    try:
        yield pool
    except KeyboardInterrupt:
        waits = False
        raise
    finally:
        pool.shutdown(wait=waits, cancel_futures=True)


def judge_in(run: Run, asked: Asking) -> Callable[[Evidence], Scorecard]:
    """Judge where the run's work is done; what is asked is handed over as bytes, and read once in each process."""
    workers = run.workers
    if workers is None or workers.pool is None:
        return asked.judge
    data = pickle.dumps(asked)
    return lambda evidence: workers.do(_judged, data, evidence)


def _judged(asked: bytes, evidence: Evidence) -> Scorecard:
    return _asked(asked).judge(evidence)


@functools.lru_cache(maxsize=1)
def _asked(data: bytes) -> Asking:
    asked: Asking = pickle.loads(data)  # noqa: S301 - what this very program wrote
    return asked


def _attempt(model: str, audit: Callable[[], Scorecard]) -> Scorecard | OsauditError:
    """Audit one model; its failure is returned, be it trouble that was expected or a bug."""
    try:
        return audit()
    except OsauditError as error:
        return error
    except Exception as error:  # noqa: BLE001 - the boundary of one model
        if os.environ.get("OSAUDIT_DEBUG"):
            say_trace(error)
        return OsauditError(f"{model}: {bug(error)}")
