"""The one expected failure: a line that says what happened and what to do, with the exit code that it ends in."""

from __future__ import annotations


class OsauditError(Exception):
    """Expected trouble. `exit_code` is 2 for wrong usage or configuration, 3 where nothing could be judged."""

    def __init__(self, message: str, *, exit_code: int = 3) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class UnansweredError(OsauditError):
    """Nobody answered: what the network says of it is for the user, and no reason for a verdict."""


class UsageError(OsauditError):
    """Wrong usage, configuration or input file (exit 2)."""

    def __init__(self, message: str) -> None:
        super().__init__(message, exit_code=2)


def bug(error: Exception) -> OsauditError:
    """Tell of a failure that nobody expected, in one line."""
    words = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return OsauditError(f"this is a bug in osaudit, not in your input ({words}); OSAUDIT_DEBUG=1 shows where")
