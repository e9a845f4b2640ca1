"""A place that a reader can look up again: what every fact, answer and finding points to."""

from __future__ import annotations

from osaudit.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Where:
    """One place that a reader can look up again.

    `repo` is `org/name`, `datasets/org/name`, or a folder's name; `commit` is 40 hex digits (None for a folder);
    `lines` are 1-based and inclusive; `pointer` is an RFC 6901 pointer into the front matter or the API record;
    `sha256` is that of the whole file's bytes.
    """

    repo: str
    commit: str | None
    path: str
    lines: tuple[int, int] | None = None
    pointer: str | None = None
    quote: str | None = None
    sha256: str | None = None
    url: str | None = None
