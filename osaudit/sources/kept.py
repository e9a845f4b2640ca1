"""What one run has looked at: a base or data set that many models name is fetched and read once for all of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future

from osaudit.errors import OsauditError
from osaudit.evidence import Evidence, ModelRef, Seen

MAX_KEPT = 512
"""Repositories whose evidence is kept."""

MAX_FILES = 400_000
"""Files that these may list together, some 150 bytes each: a large data set lists 100,000."""


class Kept:
    """The evidence of the repositories that a run looked at last; one object serves many threads.

    All who ask at once are answered by one look. A failure is kept for nobody: who waited for it tries again.
    """

    def __init__(self, size: int = MAX_KEPT, files: int = MAX_FILES) -> None:
        self._size, self._most_files = size, files
        self._lock = threading.Lock()
        self._known: OrderedDict[ModelRef, Future[Evidence]] = OrderedDict()
        self._files: dict[ModelRef, int] = {}

    def get(self, ref: ModelRef, look: Callable[[], Evidence]) -> Evidence:
        """Return what is known of a repository, or look: once, however many ask. Whatever `look` raises is raised.

        Who waited for another's look that failed looks once more, or waits for one who does.
        """
        future, mine = self._future(ref)
        if not mine and future.exception() is not None:
            future, mine = self._future(ref)
        if mine:
            self._fill(ref, future, look)
        return future.result()

    def _future(self, ref: ModelRef) -> tuple[Future[Evidence], bool]:
        """What is known or being looked at, or what the caller is to fill."""
        with self._lock:
            known = self._known.get(ref)
            future = self._known[ref] = known or Future()
            self._known.move_to_end(ref)
        return future, known is None

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
            if self._known.get(ref) is future:  # else so much was looked at meanwhile that it is no longer kept
                self._files[ref] = _listed(future.result())
            while len(self._known) > self._size or (
                len(self._known) > 1 and sum(self._files.values()) > self._most_files
            ):
                oldest, _ = self._known.popitem(last=False)
                self._files.pop(oldest, None)


def _listed(evidence: Evidence) -> int:
    return len(evidence.files.value.entries) if isinstance(evidence.files, Seen) else 0
