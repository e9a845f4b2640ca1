"""From one model to its rows: the work of a chunk, the same in a thread, in another process and on another machine."""

from __future__ import annotations

import functools
import pickle
import traceback
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, TypeAlias

from osaudit import __version__
from osaudit.audit import Asking, Run, now
from osaudit.errors import BusyError, OsauditError, OutOfTimeError, UnansweredError, bug
from osaudit.evidence import Evidence
from osaudit.frozen import dataclass
from osaudit.gate.assess import not_judged, unmet
from osaudit.gate.conditions import Conditions
from osaudit.sweep.rows import NOT_LISTED, Keep, Listed, ModelRows, failed_rows, judged_rows, packs_of
from osaudit.verdict import Failure, Scorecard

See: TypeAlias = Callable[[str, Run], Evidence]

UNANSWERED = "unanswered"
"""The kind of a failure that the network or a busy Hub made: it is tried again."""
PASSING = frozenset({UNANSWERED, "not-judged", "bug", "system"})
"""Kinds of failures that may pass: `--resume` tries those models again."""


@dataclass(frozen=True, slots=True)
class How:
    """What is asked of each model, held to which conditions, and what is kept of it."""

    asked: Asking
    conditions: Conditions = field(default_factory=Conditions)
    keep: Keep = "evidence"
    hashes: bool = False

    @property
    def packs(self) -> str:
        """The packs as the store's key has them, and the attestations that were laid over them."""
        packs = packs_of((pack.id, pack.version) for pack in self.asked.packs)
        given = self.asked.given
        return f"{packs} attestations@{given.sha256[:12]}" if given else packs


@dataclass(frozen=True, slots=True)
class Wanted:
    """A model to look at: the name asked for, and what a list told of it: its head, or the whole record."""

    name: str
    listed: Listed = NOT_LISTED
    head: str | None = None
    record: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A model that is done: its rows, and what the summary tells of it.

    `label` is empty and `error` the failure's kind where it could not be judged; `open` says that it was judged, and
    that something asked for could not be told; `again` that it may be tried again.
    """

    name: str
    rows: ModelRows
    label: str = ""
    error: str = ""
    message: str = ""
    misses: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    again: bool = False
    exit: int = 0


def packed(how: How) -> bytes:
    """What is asked as bytes: unpacked once in each process."""
    return pickle.dumps(how)


@functools.lru_cache(maxsize=2)
def unpacked(data: bytes) -> How:
    """Read what `packed` wrote."""
    how: How = pickle.loads(data)  # noqa: S301 - what this very program wrote
    return how


def look_at(wanted: Wanted, see: See, run: Run, data: bytes) -> Done:
    """Look at a model and judge it; what fails, be it a bug, is told of this model alone."""
    try:
        evidence = see(wanted.name, run)
        workers = run.workers
        if workers is None or workers.pool is None:
            return judge_one(data, evidence, wanted)
        return workers.do(judge_one, data, evidence, wanted)
    except Exception as error:  # noqa: BLE001 - the boundary of one model
        return failed(wanted, error, unpacked(data))


def judge_one(data: bytes, evidence: Evidence, wanted: Wanted, saved: bytes = b"", sha256: str = "") -> Done:
    """Judge one model's evidence, and make its rows.

    `saved` is its text where it was saved, `sha256` its digest where that was computed.
    """
    how = unpacked(data)
    card = how.asked.judge(evidence, sha256)
    rows = judged_rows(
        card,
        evidence,
        packs=how.packs,
        asked=wanted.name,
        listed=wanted.listed,
        keep=how.keep,
        saved=saved,
        hashes=how.hashes,
    )
    return _done(wanted.name, card, rows, how.conditions)


def _done(name: str, card: Scorecard, rows: ModelRows, conditions: Conditions) -> Done:
    misses = tuple(one.message for one in unmet(card, conditions) if one.fails)
    unsettled = tuple(one.message for one in not_judged(card, conditions))
    return Done(name, rows, card.label.id, misses=misses, open=unsettled)


def failed(wanted: Wanted, error: Exception, how: How, depth: str = "full") -> Done:
    """The row of a model that could not be judged, by what was raised."""
    told = error if isinstance(error, OsauditError) else bug(error)
    passes = isinstance(error, UnansweredError | BusyError | OutOfTimeError)
    kind = UNANSWERED if passes else told.kind
    trace = "" if isinstance(error, OsauditError) else "".join(traceback.format_exception(error))
    message = str(told) if isinstance(error, OsauditError) else f"{wanted.name}: {told}"
    failure = Failure(wanted.name, None, kind, message, told.exit_code, trace)
    rows = failed_rows(failure, packs=how.packs, tool=__version__, depth=depth, at=now())
    return Done(wanted.name, rows, error=kind, message=message, again=passes, exit=told.exit_code)
