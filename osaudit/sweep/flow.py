"""Many models on one machine: threads fetch, processes read and judge, and what comes is handed on as it is done.

Nothing is held but what is in hand, so that memory does not grow with the number of models. Where the network or the
Hub is gone, models wait for it; they are not counted as failures one after the other.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from osaudit.audit import IN_HAND, Run, run_of
from osaudit.errors import OsauditError
from osaudit.sources.pace import Pace
from osaudit.sweep.judging import Done, How, See, Wanted, look_at, packed
from osaudit.workers import FEW, MANY

TRIES = 3
"""How often a model that gets no answer is tried while others do."""

SEGMENT = 20_000
"""Models after which the processes are started anew, so that nothing that they hold can grow."""

_ROW = 6
"""Models in a row without an answer, after which it is the Hub and not the model."""

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a Hub that answers nobody is waited for: in seconds, where it answered before and where it never did."""

    seconds: float = 1800.0
    at_first: float = 60.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class _Outage:
    """How many models in a row got no answer, since when nobody does, and how often each was tried while others did."""

    patience: Patience
    row: int = 0
    since: float | None = None
    pause: float = _FIRST_PAUSE
    ever: bool = False
    tries: dict[str, int] = field(default_factory=dict)

    @property
    def lasts(self) -> bool:
        """Whether nobody seems to be answered: one model asks for all, until it is."""
        return self.row >= _ROW

    def over(self, name: str) -> None:
        """Somebody was answered."""
        self.row, self.since, self.pause, self.ever = 0, None, _FIRST_PAUSE, True
        self.tries.pop(name, None)

    def gives_up(self, name: str) -> bool:
        """Count a model that was not answered, and tell whether others are and it was tried often enough."""
        self.row += 1
        if self.lasts:
            self.tries.clear()
            return False
        self.tries[name] = self.tries.get(name, 0) + 1
        return self.tries[name] >= TRIES

    def wait(self, why: str) -> None:
        """Wait a little longer each time; OsauditError when it was long enough."""
        now = self.patience.clock()
        self.since = now if self.since is None else self.since
        most = self.patience.seconds if self.ever else min(self.patience.seconds, self.patience.at_first)
        if now - self.since + self.pause > most:
            raise OsauditError(
                f"the Hub answers nobody for {now - self.since:.0f} s ({why}): what is done stays, go on with --resume",
                kind="unanswered",
            )
        _log.warning("%s; waiting %.3g s for the Hub", why, self.pause)
        self.patience.sleep(self.pause)
        self.pause = min(_LONGEST_PAUSE, self.pause * 2)


def flow(
    wanted: Iterable[Wanted], see: See, how: How, pace: Pace, *, many: bool, patience: Patience | None = None
) -> Iterator[Done]:
    """Look at models and judge them; yield each as it is done, in no order.

    `many`: whether other processes are worth their start. OsauditError where the Hub answers nobody for longer than the
    patience: who was not answered is not told of, and is there for the next run.
    """
    models, again, outage = iter(wanted), deque[Wanted](), _Outage(patience or Patience())
    data = packed(how)
    while True:
        first = again.popleft() if again else next(models, None)
        if first is None:
            return
        again.appendleft(first)  # now that there is work for them, processes are started
        with run_of(MANY if many else FEW - 1) as shared, _hands() as pool:
            submit = partial(_submit, pool, see, replace(shared, pace=pace), data)
            worn = shared.workers.broken.is_set if shared.workers else bool
            yield from _segment(models, again, submit, worn, outage)


def _submit(pool: ThreadPoolExecutor, see: See, run: Run, data: bytes, wanted: Wanted) -> Future[Done]:
    return pool.submit(look_at, wanted, see, run, data)


def _segment(
    models: Iterator[Wanted],
    again: deque[Wanted],
    submit: Callable[[Wanted], Future[Done]],
    worn: Callable[[], bool],
    outage: _Outage,
) -> Iterator[Done]:
    """Do so many models with the same processes, or until one of these was killed; `again` are those to begin with."""
    under_way: dict[Future[Done], Wanted] = {}
    last, taken = "", 0
    while True:
        if outage.lasts and not under_way:
            outage.wait(last)
        most = IN_HAND if not outage.lasts else 0 if under_way else 1
        while len(under_way) < most and taken < SEGMENT and not worn():
            following = again.popleft() if again else next(models, None)
            if following is None:
                break
            taken += 1
            under_way[submit(following)] = following
        if not under_way:
            return
        for future in wait(under_way, return_when=FIRST_COMPLETED).done:
            model, done = under_way.pop(future), future.result()
            if not done.again:
                outage.over(model.name)
                yield done
            elif outage.gives_up(model.name):
                outage.tries.pop(model.name)
                yield done
            else:
                again.append(model)
                last = done.message


@contextmanager
def _hands() -> Iterator[ThreadPoolExecutor]:
    pool, waits = ThreadPoolExecutor(IN_HAND, thread_name_prefix="osaudit-sweep"), True
    try:
        yield pool
    except (KeyboardInterrupt, GeneratorExit):
        waits = False
        raise
    finally:
        pool.shutdown(wait=waits, cancel_futures=True)
