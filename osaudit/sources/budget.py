"""The time that looking at one model may take: a budget that its threads share, and the moment a request must end."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from osaudit.frozen import dataclass

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Until:
    """The moment by which something has to be over, on the clock that it is read off."""

    moment: float
    clock: Clock = time.monotonic

    @property
    def left(self) -> float:
        """The seconds that are left: 0 or fewer when it is over."""
        return self.moment - self.clock()


class Budget:
    """So many seconds of waiting for answers. Time counts while at least one of the threads waits, and counts once."""

    def __init__(self, seconds: float = math.inf, clock: Clock = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._spent, self._since, self._waiting = 0.0, 0.0, 0

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count the time that is spent inside."""
        with self._lock:
            if not self._waiting:
                self._since = self._clock()
            self._waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1
                if not self._waiting:
                    self._spent += self._clock() - self._since

    @property
    def left(self) -> float:
        """The seconds that are left: 0 or fewer when it is used up."""
        if math.isinf(self.seconds):
            return self.seconds
        with self._lock:
            running = self._clock() - self._since if self._waiting else 0.0
            return self.seconds - self._spent - running
