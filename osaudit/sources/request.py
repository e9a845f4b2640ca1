"""One question to the Hub: asked again while the Hub is busy, given up in time, and believed when it is whole."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import field
from typing import TYPE_CHECKING

from osaudit.errors import BusyError, OsauditError, OutOfTimeError, UnansweredError
from osaudit.evidence import ModelRef
from osaudit.frozen import dataclass
from osaudit.sources import client
from osaudit.sources.blobs import Sums, ids_of, told_id
from osaudit.sources.budget import Budget, Clock, Until
from osaudit.sources.pace import Pace
from osaudit.sources.redirects import BarredError, origin_of
from osaudit.sources.waiting import BUSY, asked_wait, pause_before

if TYPE_CHECKING:
    import httpx2

FIRST_ERROR = 400
WHOLE, PART = 200, 206

_ERROR_BODY = 64 * 1024
_UNREACHABLE_TRIES = 3
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How the Hub is asked; one object serves many threads.

    `timeout` bounds each wait for the network and `deadline` a whole answer from connecting on, `budget` all waiting
    for answers together, in seconds; `patience` bounds the pauses between the `tries` of one request, which the budget
    does not count where the Hub asks for them; `turns` is entered for each, `pace` gives each its moment.
    """

    timeout: float = 20.0
    deadline: float = 60.0
    tries: int = 5
    patience: float = 330.0
    sleep: Callable[[float], None] = time.sleep
    clock: Clock = time.monotonic
    turns: AbstractContextManager[object] = field(default_factory=nullcontext)
    budget: Budget = field(default_factory=Budget)
    pace: Pace | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: header names in lower case, the body bounded by what was asked for.

    `size` and `ids` are those of all that was read of the body, `ids` empty where it went on. `commits` and `told` are
    what the Hub's own answers say that it is of, and what its content's id is.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    size: int
    ids: frozenset[str]
    commits: frozenset[str]
    told: frozenset[str]

    @property
    def is_busy(self) -> bool:
        """Whether to ask again later."""
        return self.status in BUSY

    @property
    def truncated(self) -> bool:
        """Whether more was read than was kept."""
        return self.size > len(self.body)


@dataclass(frozen=True, slots=True)
class Question:
    """An address, and what is taken for an answer to it.

    Of the body `keep` bytes are kept and up to `most` are read, so that its hash is known; `wrong` says why an answer
    that is no refusal cannot be the one asked for.
    """

    url: str
    headers: Mapping[str, str]
    keep: int
    most: int
    is_file: bool
    wrong: Callable[[Answer], str | None]


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why what came, and came again, is not taken for the answer."""

    why: str


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why no whole answer came; `is_down` where not even a connection did."""

    why: str
    is_down: bool


def get(manners: Manners, ref: ModelRef, question: Question) -> Answer | Wrong:
    """GET, again and again while the Hub is busy, as often and as long as the manners allow; once more if it is wrong.

    UnansweredError where the Hub does not answer, OutOfTimeError where the budget is used up.
    """
    waited, attempt, was_wrong = 0.0, 0, False
    while True:
        attempt += 1
        outcome = _in_turn(manners, ref, question)
        if isinstance(outcome, Answer) and not outcome.is_busy:
            why = question.wrong(outcome) if outcome.status < FIRST_ERROR else None
            if why is None:
                return outcome
            outcome = Wrong(why)
        if isinstance(outcome, Wrong) and was_wrong:
            return outcome
        was_wrong = isinstance(outcome, Wrong)
        told = asked_wait(outcome.status, outcome.headers) if isinstance(outcome, Answer) else None
        pause = pause_before(attempt, None, {}) if told is None else told
        tries = _UNREACHABLE_TRIES if isinstance(outcome, _Trouble) and outcome.is_down else manners.tries
        if manners.budget.left <= 0:
            raise _out_of_time(manners, ref)
        if not was_wrong and (attempt >= tries or waited + pause > manners.patience):
            raise _given_up(ref, outcome, attempt, pause)
        _log.warning("%s: %s; asking again in %.3g s", ref.path, _told(outcome), pause)
        _rest(manners, ref, pause, is_told=told is not None)
        waited += pause


def _in_turn(manners: Manners, ref: ModelRef, question: Question) -> Answer | _Trouble | Wrong:
    pace = manners.pace
    if pace is None:
        return _turn(manners, ref, question)
    pace.wait(is_file=question.is_file)
    outcome = _turn(manners, ref, question)
    if isinstance(outcome, Answer):
        pace.heard(outcome.status, outcome.headers, is_file=question.is_file)
    return outcome


def _turn(manners: Manners, ref: ModelRef, question: Question) -> Answer | _Trouble | Wrong:
    with manners.turns, manners.budget.waiting():
        left = manners.budget.left
        if left <= 0:
            raise _out_of_time(manners, ref)
        until = Until(manners.clock() + min(left, manners.deadline), manners.clock)
        return _once(manners, question, until)


def _rest(manners: Manners, ref: ModelRef, pause: float, *, is_told: bool) -> None:
    """Wait before the next try; only what the Hub asks for is free."""
    if is_told:
        manners.sleep(pause)
        return
    if pause >= manners.budget.left:
        raise _out_of_time(manners, ref)
    with manners.budget.waiting():
        manners.sleep(pause)


def _out_of_time(manners: Manners, ref: ModelRef) -> OutOfTimeError:
    return OutOfTimeError(
        f"{ref.path}: {client.endpoint()} did not answer all that was asked within {manners.budget.seconds:g} s: "
        "try again later, or give it longer with --timeout"
    )


def _told(outcome: Answer | _Trouble | Wrong) -> str:
    match outcome:
        case _Trouble(why):
            return f"the Hub at {client.endpoint()} does not answer ({why})"
        case Wrong(why):
            return f"a wrong answer came ({why})"
        case Answer(status):
            return f"the Hub is busy ({status})"


def _given_up(ref: ModelRef, outcome: Answer | _Trouble | Wrong, attempt: int, pause: float) -> OsauditError:
    told = f"{ref.path}: {_told(outcome)} after {attempt} {'try' if attempt == 1 else 'tries'}"
    if not isinstance(outcome, Answer):
        return UnansweredError(f"{told}: check the network, the proxy and HF_ENDPOINT, or use --offline")
    if outcome.status == 429:  # noqa: PLR2004 - Too Many Requests
        limit = f"it asks to wait {pause:.0f} s more: try again later, or set HF_TOKEN for a higher rate limit"
        return BusyError(f"{told}, {limit}")
    return BusyError(f"{told}: try again later")


def _once(manners: Manners, question: Question, until: Until) -> Answer | _Trouble | Wrong:
    """Send one request and read a bounded answer."""
    import httpx2  # noqa: PLC0415 - a heavy import, needed only here

    _log.info("GET %s", question.url)
    try:
        asking = client.ask(question.url, question.headers, wait=manners.timeout, until=until, is_file=question.is_file)
        with asking as response:
            return _read(question, response, until)
    except BarredError as error:
        return Wrong(str(error))
    except httpx2.TooManyRedirects:
        return Wrong("one redirect leads to the next without end")
    except (httpx2.ConnectError, httpx2.UnsupportedProtocol, httpx2.InvalidURL) as error:
        return _Trouble(_reason(error), is_down=True)
    except client.network_errors() as error:
        late = until.left <= 0
        return _Trouble(f"the answer took over {manners.deadline:.3g} s" if late else _reason(error), is_down=False)
    except UnicodeEncodeError as error:
        raise OsauditError("HF_TOKEN holds characters that no token has: set it again, or unset it") from error


def _read(question: Question, response: httpx2.Response, until: Until) -> Answer:
    """Keep what is wanted of the body, and read on to know the hash of the whole."""
    is_error = response.status_code >= FIRST_ERROR
    keep, most = (_ERROR_BODY, _ERROR_BODY) if is_error else (question.keep, question.most)
    length = response.headers.get("content-length", "")
    sums = Sums(int(length) if length.isascii() and length.isdigit() else None)
    kept, held, is_whole = [], 0, True
    for chunk in response.iter_bytes():
        sums.add(chunk)
        kept.append(chunk[: keep - held])
        held += len(kept[-1])
        if sums.size > most:
            is_whole = False
            break
        if until.left <= 0:
            raise TimeoutError
    body = b"".join(kept)
    ids = (sums.ids() if sums.size > len(body) else ids_of(body)) if is_whole else frozenset()
    own = [step for step in (*response.history, response) if origin_of(str(step.url)) == origin_of(client.endpoint())]
    return Answer(
        status=response.status_code,
        headers=dict(response.headers),
        body=body,
        size=sums.size,
        ids=ids,
        commits=frozenset(filter(None, (step.headers.get("x-repo-commit", "") for step in own))),
        told=frozenset(filter(None, (told_id(step.headers) for step in own))),
    )


def _reason(error: Exception) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0][:200]
