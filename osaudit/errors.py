"""The one expected failure: a line that says what happened and what to do, with the exit code that it ends in."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class OsauditError(Exception):
    """Expected trouble. `exit_code` is 2 for wrong usage or configuration, 3 where nothing could be judged.

    `kind` is a word for programs: `usage`, `not-judged`, or what the Hub means (`missing`, `gated`, ...).
    """

    def __init__(self, message: str, *, exit_code: int = 3, kind: str = "") -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.kind = kind or ("usage" if exit_code == 2 else "not-judged")  # noqa: PLR2004 - the code of wrong usage


class UnansweredError(OsauditError):
    """Nobody answered: what the network says of it is for the user, and no reason for a verdict."""


class BusyError(OsauditError):
    """The Hub was busy, and stayed so for as long as it was asked again."""


class UsageError(OsauditError):
    """Wrong usage, configuration or input file (exit 2)."""

    def __init__(self, message: str) -> None:
        super().__init__(message, exit_code=2)


class OutOfTimeError(OsauditError):
    """The time for all reading of a model is used up (exit 3): nothing that is still to be read is judged without."""


def bug(error: Exception) -> OsauditError:
    """Tell of a failure that nobody expected, in one line."""
    words = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return OsauditError(
        f"this is a bug in osaudit, not in your input ({words}); OSAUDIT_DEBUG=1 shows where", kind="bug"
    )


def meant(word: str, known: Iterable[str]) -> str:
    """Name the nearest of the known words, as the end of a message; nothing where none is near."""
    by_plain = {one.casefold(): one for one in known}
    near = difflib.get_close_matches(word.casefold(), by_plain, 1)
    return f": is {by_plain[near[0]]!r} meant?" if near else ""
