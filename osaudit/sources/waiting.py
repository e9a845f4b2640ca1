"""How long to wait before the Hub is asked again: what it asks for, else a little longer each time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from osaudit.compiled import regex

BUSY = frozenset({408, 429, 500, 502, 503, 504})

_LIMIT = regex(r'"(\w{1,40})"\s*;\s*r\s*=\s*(\d{1,12})\s*;\s*t\s*=\s*(\d{1,9})')
_SECONDS = regex(r"\d{1,9}")
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 8.0


def pause_before(attempt: int, status: int | None, headers: Mapping[str, str]) -> float:
    """Give the seconds to wait before try number `attempt` (from 1); `status` is None where no answer came."""
    grown: float = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (attempt - 1))
    asked = asked_wait(status, headers) if status is not None else None
    return grown if asked is None else asked


def asked_wait(status: int, headers: Mapping[str, str]) -> float | None:
    """Read the wait that the answer's `RateLimit` or `Retry-After` header asks for; keys are in lower case."""
    limit = _LIMIT.search(headers.get("ratelimit", "")[:500])
    # The Hub sends RateLimit with every answer: it is the reason for a 429 only where nothing is left.
    if status == 429 and limit and int(limit.group(2)) == 0:  # noqa: PLR2004 - Too Many Requests
        return float(limit.group(3)) + 1.0
    return _retry_after(headers.get("retry-after", "").strip(), headers.get("date", ""))


def _retry_after(value: str, date: str) -> float | None:
    if _SECONDS.fullmatch(value):
        return float(value)
    until = _http_date(value)
    if until is None:
        return None
    return max(0.0, (until - (_http_date(date) or datetime.now(UTC))).total_seconds())


def _http_date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value[:100])
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
