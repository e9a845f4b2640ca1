"""Work on all cores: threads fetch many repositories at once, and processes read and judge what they brought.

Reading and judging are work for the processor alone, and one process runs on one core at a time: this one fetches on
its own, the others have a core each. A process has to start, a model to be handed over and back, and each process
remembers for itself what sentences and licence texts said, so that on two cores only a long run is worth one
(`docs/performance.md` has what was measured).
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import field
from multiprocessing.util import Finalize
from typing import ParamSpec, TypeVar

from osaudit.compiled import keep_changed
from osaudit.frozen import dataclass
from osaudit.garbage import collect_seldom

FEW = 16
"""Fewer models than this are worked on where they are fetched: processes take longer to start than they save."""

MANY = 400
"""So many models are worth a process where there are but two cores."""

_TWO = 2

_MOST = 61
"""Processes at the most: Windows cannot wait for more."""

_BEHIND = 5
"""How much the processes yield (as `nice` does): an answer of the network is taken in first, and the next one asked."""

_TURN = 0.0005
"""Seconds after which a thread that computes lets one go on that has an answer; Python's default is ten times that."""

_P = ParamSpec("_P")
_T = TypeVar("_T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Workers:
    """What works: other processes, or this one where there are none."""

    pool: ProcessPoolExecutor | None = None
    broken: threading.Event = field(default_factory=threading.Event)

    def do(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Call a function that stands at the top of a module, with arguments that can be pickled; wait for its result.

        What it raises is raised. Should a process be killed, what it held and all that follows is done in this one, so
        that nothing is lost.
        """
        if self.pool is None or self.broken.is_set():
            return work(*args, **kwargs)
        try:
            return self.pool.submit(work, *args, **kwargs).result()
        except BrokenProcessPool:
            if not self.broken.is_set():
                self.broken.set()
                _log.info("a process ended: what is left is done in this one")
            return work(*args, **kwargs)


@contextmanager
def workers_for(models: int, *, processes: int | None = None) -> Iterator[Workers]:
    """Give what works on so many models: `processes`, of which one gains nothing; else what is worth its start here."""
    count = min(_worth(models) if processes is None else processes if processes >= _TWO else 0, _MOST)
    if models < FEW or not count:
        yield Workers()
        return
    pool = ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"), initializer=_start)
    before = sys.getswitchinterval()
    sys.setswitchinterval(_TURN)
    waits = True
    try:
        with _without_interrupts():  # a process that is starting would tell of it in lines of its own
            for _ in range(count):
                pool.submit(int)
        yield Workers(pool)
    except KeyboardInterrupt:
        waits = False
        raise
    finally:
        sys.setswitchinterval(before)
        pool.shutdown(wait=waits, cancel_futures=True)


def _worth(models: int) -> int:
    """How many processes are worth their start beside this one, which has a core of its own to fetch on."""
    beside = cores() - 1
    return beside if beside > 1 or models >= MANY else 0


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ignore an interrupt, and let the processes that are started meanwhile ignore it from the first."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _start() -> None:
    """Stand behind the parent, leave an interrupt to it, and end with it, however it ends."""
    collect_seldom()
    Finalize(None, keep_changed, exitpriority=0)  # what is registered for the end of a process is not called at its end
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_BEHIND)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
