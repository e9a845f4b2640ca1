"""Reading on all cores: threads fetch many repositories at once, and one process a core reads what they brought.

Reading is work for the processor alone, and one process runs on one core at a time. A snapshot and its evidence are
some ten kilobytes each, which cost about a millisecond to hand over and back.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Protocol

from osaudit.evidence import Evidence
from osaudit.reading import read_snapshot
from osaudit.snapshot import Snapshot

FEW = 16
"""Fewer models than this are read where they are fetched: other processes take longer to start than they save."""

_log = logging.getLogger(__name__)


class Reader(Protocol):
    """What reads a snapshot: `osaudit.reading.read_snapshot`, or another process that runs it."""

    def __call__(self, snapshot: Snapshot, *, collected_at: str) -> Evidence:
        """Read everything that bears on openness out of one repository's snapshot."""


@contextmanager
def reader_for(models: int, *, processes: int | None = None) -> Iterator[Reader]:
    """Give what reads the snapshots of so many models; `processes` is one a core where it is not given.

    Should a process be killed, what it held and all that follows is read in this one, so that no model is lost.
    """
    count = processes if processes is not None else cores()
    if models < FEW or count < 2:  # noqa: PLR2004 - one core gains nothing
        yield read_snapshot
        return
    pool = ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"), initializer=_start)
    try:
        yield _pooled(pool)
    finally:
        pool.shutdown(cancel_futures=True)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _pooled(pool: ProcessPoolExecutor) -> Reader:
    def read(snapshot: Snapshot, *, collected_at: str) -> Evidence:
        try:
            return pool.submit(read_snapshot, snapshot, collected_at=collected_at).result()
        except BrokenProcessPool:
            _log.info("a reading process ended: %s is read in this one", snapshot.ref.path)
            return read_snapshot(snapshot, collected_at=collected_at)

    return read


def _start() -> None:
    """Leave an interrupt to the parent, and end with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
