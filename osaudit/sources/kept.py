"""What one run has looked at: a base or data set that many models name is fetched and read once for all of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future

from osaudit.errors import OsauditError
from osaudit.evidence import Evidence, ModelRef

MAX_KEPT = 512
"""Repositories whose evidence is kept; some ten to a hundred kilobytes each."""


class Kept:
    """The evidence of the repositories that a run looked at last; one object serves many threads.

    All models of a run are so judged by the same look at what they share. A failure is told to those who wait for it
    and kept for nobody: the next one tries again.
    """

    def __init__(self, size: int = MAX_KEPT) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._known: OrderedDict[ModelRef, Future[Evidence]] = OrderedDict()

    def get(self, ref: ModelRef, look: Callable[[], Evidence]) -> Evidence:
        """Return what is known of a repository, or look: once, however many ask. Whatever `look` raises is raised."""
        with self._lock:
            known = self._known.get(ref)
            mine = known is None
            future = self._known[ref] = known or Future()
            self._known.move_to_end(ref)
        if mine:
            self._fill(ref, future, look)
        return future.result()

    def _fill(self, ref: ModelRef, future: Future[Evidence], look: Callable[[], Evidence]) -> None:
        try:
            future.set_result(look())
        except BaseException as error:
            with self._lock:
                self._known.pop(ref, None)
            told = error if isinstance(error, Exception) else OsauditError(f"{ref.path}: looking at it was broken off")
            future.set_exception(told)
            raise
        with self._lock:
            while len(self._known) > self._size:
                self._known.popitem(last=False)
