"""The Hub as a source: one API request settles the commit, then each text is one plain GET at that commit.

The only importer of huggingface_hub, and it imports it late. Nothing is read from a mutable ref, nothing old is
returned in place of a refusal, and `config` comes from the API: a GET of config.json would count as a download.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar
from urllib.parse import quote

from osaudit.errors import OsauditError, UsageError
from osaudit.evidence import Absent, Fact, Files, ModelRef, Seen, Unknown
from osaudit.files import ggufs_to_read, names_base, to_read, weight_format
from osaudit.gguf import HEAD_BYTES
from osaudit.licences.families import shared_types
from osaudit.snapshot import FetchedText, GgufWords, Snapshot
from osaudit.sources import client, refusal
from osaudit.sources.hf_cache import fetch_hf_cache
from osaudit.sources.record import EXPAND, files_of, listing, next_page, parse_json, snapshot_of
from osaudit.sources.refs import is_hub_id
from osaudit.sources.store import Store
from osaudit.sources.text import READ_LIMIT, as_gguf, as_text, is_web_page
from osaudit.sources.waiting import BUSY, pause_before

if TYPE_CHECKING:
    import httpx2

Listing: TypeAlias = Literal["commits", "tree"]

RECORD_LIMIT = 64 * 1024 * 1024

_ERROR_BODY = 64 * 1024
_FIRST_ERROR = 400
_UNREACHABLE_TRIES = 3
_log = logging.getLogger(__name__)
_T = TypeVar("_T", dict[str, Any], list[Any])
_SHAPES = {"dict": "object", "list": "list"}


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back: header names in lower case, the body bounded, the commits that it says it is of."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    truncated: bool
    commits: frozenset[str]

    @property
    def is_busy(self) -> bool:
        return self.status in BUSY


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why no whole answer came; `is_down` where not even a connection did."""

    why: str
    is_down: bool


@dataclass(frozen=True, slots=True)
class HubFile:
    """One text of a repository at a commit; `ref` has the name that the Hub gives the repository now."""

    ref: ModelRef
    commit: str
    path: str
    text: FetchedText


@dataclass(frozen=True, slots=True)
class HubSource:
    """Settings of the Hub source; one object serves many threads, over the client's one pooled session.

    `timeout` bounds each wait for the network and `deadline` a whole answer, in seconds; `patience` bounds the pauses
    between the `tries` of one request; `turns` is entered for each. Token, endpoint and proxies are those of
    huggingface_hub's environment.
    """

    store: Store | None = None
    offline: bool = False
    timeout: float = 20.0
    deadline: float = 180.0
    tries: int = 5
    patience: float = 330.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    turns: AbstractContextManager[object] = field(default_factory=nullcontext)

    def fetch(self, ref: ModelRef, known: Mapping[str, Fact[FetchedText]] | None = None) -> Snapshot:
        """Fetch the repository at the commit that `ref` means now; OsauditError where it cannot be judged.

        `known` are texts of that very commit, which are not asked for again.
        """
        _check_id(ref)
        if self.offline or client.is_offline():
            return (self.store.newest(ref) if self.store else None) or fetch_hf_cache(ref)
        client.load_client()
        headers = client.request_headers()
        fresh = snapshot_of(ref, _record(self, ref, headers))
        if fresh.ref.repo != ref.repo:
            _log.info("%s is now %s", ref.path, fresh.ref.path)
        snapshot, stored = _with_texts(self, fresh, headers, known or {})
        if self.store:
            if snapshot != stored:
                self.store.save(snapshot)
            self.store.point(ref, snapshot)
        return snapshot

    def hashed_files(self, ref: ModelRef, commit: str) -> Fact[Files]:
        """List the files at the commit with their sizes and hashes; Unknown where the Hub does not tell.

        An API request of its own, which the first cannot be joined to: the Hub gives hashes or `expand`, not both.
        """
        client.load_client()
        headers, plain = client.request_headers(), f"{client.endpoint()}/api/{ref.kind}s/{ref.repo}"
        try:
            for url in (f"{plain}/revision/{commit}?blobs=true", f"{plain}?blobs=true"):  # a gate hides the first alone
                answer = _get(self, ref, url, headers, RECORD_LIMIT)
                record = _json(ref, answer, dict) if answer.status < _FIRST_ERROR else {}
                if record.get("sha") == commit:
                    return files_of(record, (listing(ref, commit),))
        except OsauditError as error:
            return Unknown(str(error))
        return Unknown(f"{ref.path}: the Hub does not list sizes and hashes at {commit[:12]} ({answer.status})")

    def file(self, ref: ModelRef, path: str) -> HubFile:
        """Fetch one text at the commit that `ref` means now; OsauditError where there is none to read."""
        _check_id(ref)
        if self.offline or client.is_offline():
            snapshot = (self.store.newest(ref) if self.store else None) or fetch_hf_cache(ref)
            fact = snapshot.texts.get(path, Unknown("it was not fetched before"))
        else:
            client.load_client()
            headers = client.request_headers()
            snapshot = snapshot_of(ref, _record(self, ref, headers))
            fact = _listed_text(self, snapshot, path, headers)
        match fact:
            case Seen(text, _):
                return HubFile(snapshot.ref, _commit(snapshot), path, text)
            case Unknown(why):
                raise OsauditError(f"{snapshot.ref.path}: {path} could not be read: {why}")
            case _:
                raise OsauditError(f"{snapshot.ref.path}: there is no file {path} at {_commit(snapshot)}")

    def entries(self, ref: ModelRef, listing: Listing, *, enough: int, query: str = "") -> tuple[tuple[Any, ...], bool]:
        """List the commits up to the revision, newest first, or its files; also tell whether these are all.

        One request a page, until the Hub names no further page or `enough` entries are there. No more are returned.
        """
        _check_id(ref)
        if self.offline or client.is_offline():
            raise OsauditError(
                f"{ref.path}: the Hub's {listing} cannot be listed offline: leave out --offline (and HF_HUB_OFFLINE)"
            )
        client.load_client()
        headers, url = client.request_headers(), _listing_url(ref, listing)
        entries: list[Any] = []
        following: str | None = query
        while following is not None and len(entries) < enough:
            answer = _get(self, ref, f"{url}?{following}", headers, RECORD_LIMIT)
            if answer.status >= _FIRST_ERROR:
                raise _refused(ref, answer, headers)
            page = _json(ref, answer, list)
            entries += page
            following = next_page(answer.headers) if page else None
        return tuple(entries[:enough]), following is None and len(entries) <= enough


def _check_id(ref: ModelRef) -> None:
    if not is_hub_id(ref.repo):
        raise UsageError(f"{ref.repo[:200]!r} is no Hub id: write org/name")


def _record(source: HubSource, ref: ModelRef, headers: Mapping[str, str]) -> Mapping[str, Any]:
    """Ask for the repository's record at the revision: the one API request."""
    answer = _get(source, ref, _record_url(ref, ref.revision), headers, RECORD_LIMIT)
    if answer.status < _FIRST_ERROR:
        return _json(ref, answer, dict)
    why = refusal.meaning(answer.status, answer.headers, answer.body, with_token=client.has_token(headers))
    record = _ungated_record(source, ref, headers) if why == "gated" and ref.revision else None
    if record is None:
        raise _refused(ref, answer, headers)
    return record


def _refused(ref: ModelRef, answer: _Answer, headers: Mapping[str, str]) -> OsauditError:
    with_token = client.has_token(headers)
    why = refusal.meaning(answer.status, answer.headers, answer.body, with_token=with_token)
    return refusal.error_for(why, ref, answer.status, answer.headers, with_token=with_token)


def _record_url(ref: ModelRef, revision: str | None) -> str:
    at = f"/revision/{quote(revision, safe='')}" if revision else ""
    return f"{client.endpoint()}/api/{ref.kind}s/{ref.repo}{at}?{'&'.join(f'expand={key}' for key in EXPAND[ref.kind])}"


def _ungated_record(source: HubSource, ref: ModelRef, headers: Mapping[str, str]) -> Mapping[str, Any] | None:
    """Ask for the default branch's record, which a gate leaves open; None unless it is the revision asked for."""
    answer = _get(source, ref, _record_url(ref, None), headers, RECORD_LIMIT)
    record = _json(ref, answer, dict) if answer.status < _FIRST_ERROR else {}
    return record if ref.revision in {"main", record.get("sha")} else None


def _listing_url(ref: ModelRef, listing: Listing) -> str:
    return f"{client.endpoint()}/api/{ref.kind}s/{ref.repo}/{listing}/{quote(ref.revision or 'main', safe='')}"


def _json(ref: ModelRef, answer: _Answer, shape: type[_T]) -> _T:
    """Read the answer as an object or a list; OsauditError where it is none."""
    if answer.truncated:
        raise OsauditError(f"{ref.path}: the Hub's record is over {RECORD_LIMIT // 2**20} MB, too large to read")
    try:
        record = parse_json(answer.body)
    except ValueError:
        record = None
    if isinstance(record, shape):
        return record
    what = "a web page" if answer.body.lstrip()[:1] == b"<" else f"no JSON {_SHAPES[shape.__name__]}"
    raise OsauditError(
        f"{ref.path}: {client.endpoint()} answers with {what} where the Hub sends a record: "
        "check HF_ENDPOINT, and whether a proxy or a login page stands between"
    )


def _with_texts(
    source: HubSource, fresh: Snapshot, headers: Mapping[str, str], known: Mapping[str, Fact[FetchedText]]
) -> tuple[Snapshot, Snapshot | None]:
    """Add the texts, those known or stored for this commit and the others by one GET each; also what was stored."""
    stored = source.store.load(fresh.ref, _commit(fresh)) if source.store else None
    known = {**known, **_still_known(stored, with_token=client.has_token(headers))}
    texts = {path: known.get(path) or _text(source, fresh, path, headers) for path in _wanted(fresh)}
    first, *more = _ggufs(source, fresh, stored, headers) or (Absent(),)
    return replace(fresh, texts=texts, gguf=first, more_gguf=tuple(more)), stored


def _ggufs(
    source: HubSource, fresh: Snapshot, stored: Snapshot | None, headers: Mapping[str, str]
) -> tuple[Fact[GgufWords], ...]:
    """Read the heads of GGUF files, one for each model that their names tell apart; a failure ends no audit.

    Only where the record names no base, and where there are no other weights, whose settings the record tells.
    """
    if fresh.ref.kind != "model" or names_base(_object(fresh.card_data), _object(fresh.config)):
        return ()
    paths = [file.path for file in fresh.files.value.entries] if isinstance(fresh.files, Seen) else []
    if any(weight_format(other) not in {None, "gguf"} for other in paths):
        return ()
    kept = {fact.value.path: fact for fact in (stored.heads if stored else ()) if isinstance(fact, Seen)}
    return tuple(kept.get(path) or _head(source, fresh, path, headers) for path in ggufs_to_read(paths))


def _head(source: HubSource, fresh: Snapshot, path: str, headers: Mapping[str, str]) -> Fact[GgufWords]:
    try:
        answer = _file(source, fresh, path, {**headers, "range": f"bytes=0-{HEAD_BYTES - 1}"}, HEAD_BYTES)
    except OsauditError as error:
        return Unknown(str(error))
    return answer if isinstance(answer, Unknown) else as_gguf(path, answer.body)


def _still_known(stored: Snapshot | None, *, with_token: bool) -> Mapping[str, Fact[FetchedText]]:
    """Pick the stored texts that still hold: what was refused may be open by now, to a token above all."""
    texts = stored.texts if stored else {}
    return {path: text for path, text in texts.items() if not refusal.may_change(text, with_token=with_token)}


def _wanted(snapshot: Snapshot) -> tuple[str, ...]:
    if not isinstance(snapshot.files, Seen):
        return ()
    paths = [file.path for file in snapshot.files.value.entries]
    return to_read(paths, _object(snapshot.card_data), _object(snapshot.config), shared_types())


def _object(fact: Fact[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    return fact.value if isinstance(fact, Seen) else None


def _commit(snapshot: Snapshot) -> str:
    if not isinstance(snapshot.commit, Seen):
        raise TypeError("a snapshot from the Hub has a commit")
    return snapshot.commit.value


def _listed_text(source: HubSource, snapshot: Snapshot, path: str, headers: Mapping[str, str]) -> Fact[FetchedText]:
    """GET one file, unless the whole list of files says that there is none of that name."""
    files = snapshot.files.value if isinstance(snapshot.files, Seen) else None
    if files and files.complete and all(file.path != path for file in files.entries):
        return Absent()
    return _text(source, snapshot, path, headers)


def _text(source: HubSource, snapshot: Snapshot, path: str, headers: Mapping[str, str]) -> Fact[FetchedText]:
    """GET one text at the snapshot's commit."""
    answer = _file(source, snapshot, path, headers, READ_LIMIT)
    if isinstance(answer, Unknown):
        return answer
    if is_web_page(path, answer.body):
        return Unknown(f"{refusal.REFUSED}a web page came in place of the file")
    return as_text(path, answer.body, truncated=answer.truncated)


def _file(
    source: HubSource, snapshot: Snapshot, path: str, headers: Mapping[str, str], limit: int
) -> _Answer | Unknown:
    """GET one file at the snapshot's commit; OsauditError where the Hub fails, Unknown where it refuses the file."""
    ref, commit = snapshot.ref, _commit(snapshot)
    answer = _get(source, ref, f"{client.endpoint()}/{ref.path}/resolve/{commit}/{quote(path)}", headers, limit)
    with_token = client.has_token(headers)
    if answer.status >= _FIRST_ERROR:
        why = refusal.meaning(answer.status, answer.headers, answer.body, with_token=with_token, of_file=True)
        unread = refusal.unread(why, answer.status, gate=snapshot.gated, with_token=with_token)
        if unread is None:
            raise refusal.error_for(
                why, replace(ref, revision=commit), answer.status, answer.headers, with_token=with_token
            )
        return unread
    if answer.commits - {commit}:
        raise OsauditError(f"{ref.path}: the Hub serves {path} from another commit than {commit}: try again later")
    return answer


def _get(source: HubSource, ref: ModelRef, url: str, headers: Mapping[str, str], limit: int) -> _Answer:
    """GET, again and again while the Hub is busy, as often and as long as the settings allow."""
    waited, attempt = 0.0, 0
    while True:
        attempt += 1
        with source.turns:
            outcome = _once(source, url, headers, limit)
        if isinstance(outcome, _Answer) and not outcome.is_busy:
            return outcome
        pause = _pause(attempt, outcome)
        tries = _UNREACHABLE_TRIES if isinstance(outcome, _Trouble) and outcome.is_down else source.tries
        if attempt >= tries or waited + pause > source.patience:
            raise _given_up(ref, outcome, attempt, pause)
        _log.warning("%s: %s; asking again in %.3g s", ref.path, _told(outcome), pause)
        source.sleep(pause)
        waited += pause


def _pause(attempt: int, outcome: _Answer | _Trouble) -> float:
    if isinstance(outcome, _Trouble):
        return pause_before(attempt, None, {})
    return pause_before(attempt, outcome.status, outcome.headers)


def _told(outcome: _Answer | _Trouble) -> str:
    if isinstance(outcome, _Trouble):
        return f"the Hub at {client.endpoint()} does not answer ({outcome.why})"
    return f"the Hub is busy ({outcome.status})"


def _given_up(ref: ModelRef, outcome: _Answer | _Trouble, attempt: int, pause: float) -> OsauditError:
    told = f"{ref.path}: {_told(outcome)} after {attempt} {'try' if attempt == 1 else 'tries'}"
    if isinstance(outcome, _Trouble):
        return OsauditError(f"{told}: check the network, the proxy and HF_ENDPOINT, or use --offline")
    if outcome.status == 429:  # noqa: PLR2004 - Too Many Requests
        limit = f"it asks to wait {pause:.0f} s more: try again later, or set HF_TOKEN for a higher rate limit"
        return OsauditError(f"{told}, {limit}")
    return OsauditError(f"{told}: try again later")


def _once(source: HubSource, url: str, headers: Mapping[str, str], limit: int) -> _Answer | _Trouble:
    """Send one request over the client's session and read a bounded answer."""
    import httpx2  # noqa: PLC0415 - a heavy import, needed only here

    _log.info("GET %s", url)
    ask = client.session().stream
    try:
        with ask("GET", url, headers=headers, timeout=source.timeout, follow_redirects=True) as response:
            body, truncated = _body(source, response, limit if response.status_code < _FIRST_ERROR else _ERROR_BODY)
    except (httpx2.ConnectError, httpx2.UnsupportedProtocol, httpx2.InvalidURL) as error:
        return _Trouble(_reason(error), is_down=True)
    except (httpx2.RequestError, OSError) as error:
        return _Trouble(_reason(error), is_down=False)
    except UnicodeEncodeError as error:
        raise OsauditError("HF_TOKEN holds characters that no token has: set it again, or unset it") from error
    commits = (step.headers.get("x-repo-commit", "") for step in (*response.history, response))
    return _Answer(response.status_code, dict(response.headers), body, truncated, frozenset(filter(None, commits)))


def _body(source: HubSource, response: httpx2.Response, limit: int) -> tuple[bytes, bool]:
    """Read up to `limit` bytes, and tell whether there was more."""
    start, chunks, size = source.clock(), [], 0
    for chunk in response.iter_bytes():
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            break
        if source.clock() - start > source.deadline:
            raise TimeoutError(f"the answer took over {source.deadline:.0f} s")
    return b"".join(chunks)[:limit], size > limit


def _reason(error: Exception) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0][:200]
