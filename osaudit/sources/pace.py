"""How fast the Hub is asked: no faster than its `RateLimit` headers allow, and not at all while it asks to wait.

The Hub counts API requests and files apart, in fixed windows. What is left of a window is spent as fast as it may be,
and then its end is waited for: who waits for a token waits here, not in a 429.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from osaudit.compiled import regex
from osaudit.sources.waiting import BUSY, asked_wait

_LIMIT = regex(r'"(\w{1,40})"\s*;\s*r\s*=\s*(\d{1,12})\s*;\s*t\s*=\s*(\d{1,9})')
_POLICY = regex(r"q\s*=\s*(\d{1,12})\s*;\s*w\s*=\s*(\d{1,9})")
_LONGEST = 600.0
"""Seconds that one answer can make all wait."""


@dataclass(slots=True)
class _Window:
    """What is left of a window, when it ends, and what the next one holds."""

    left: int
    ends: float
    quota: int


@dataclass(slots=True)
class Pace:
    """The pace of one run; one object serves many threads. `waited` counts seconds spent for the Hub's limits."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    told: Callable[[str, float], None] = lambda _what, _seconds: None
    asked: int = 0
    waited: float = 0.0
    policy: tuple[int, int] | None = None
    _windows: dict[str, _Window] = field(default_factory=dict)
    _until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, *, is_file: bool) -> None:
        """Take a token for a request; wait for one where none is left."""
        while True:
            with self._lock:
                pause, why = self._due("resolvers" if is_file else "api")
                if pause <= 0:
                    self.asked += 1
                    return
            self.told(why, pause)
            self.sleep(pause)
            with self._lock:
                self.waited += pause

    def heard(self, status: int, headers: Mapping[str, str], *, is_file: bool) -> None:
        """Take in what an answer says of limits; keys are in lower case."""
        limit = _LIMIT.search(headers.get("ratelimit", "")[:500])
        policy = _POLICY.search(headers.get("ratelimit-policy", "")[:500])
        now = self.clock()
        with self._lock:
            if policy and not is_file:
                self.policy = int(policy.group(1)), int(policy.group(2))
            if limit:
                self._note("resolvers" if is_file else "api", int(limit.group(2)), now + int(limit.group(3)), policy)
            asked = asked_wait(status, headers) if status in BUSY else None
            if asked is not None:
                self._until = max(self._until, now + min(_LONGEST, asked))

    def _note(self, kind: str, left: int, ends: float, policy: re.Match[str] | None) -> None:
        known = self._windows.get(kind)
        quota = int(policy.group(1)) if policy else known.quota if known else max(left, 1)
        if known and ends <= known.ends + 2:  # the same window: requests under way are counted here and not yet there
            left = min(left, known.left)
        self._windows[kind] = _Window(left, ends, quota)

    def _due(self, kind: str) -> tuple[float, str]:
        now = self.clock()
        if now < self._until:
            return self._until - now, "the Hub asks to wait"
        window = self._windows.get(kind)
        if window is None:
            return 0.0, ""
        if now >= window.ends:
            del self._windows[kind]  # the next answer tells of the new window
            return 0.0, ""
        if window.left <= 0:
            return window.ends - now + 0.5, "the Hub's rate limit is used up"
        window.left -= 1
        return 0.0, ""
