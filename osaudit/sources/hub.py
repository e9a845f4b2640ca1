"""The Hub as a source: one API request settles the commit, then each text is one plain GET at that commit.

The only importer of huggingface_hub, and it imports it late. Nothing is read from a mutable ref, nothing old is
returned in place of a refusal, and `config` comes from the API: a GET of config.json would count as a download.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Literal, TypeAlias, TypeVar
from urllib.parse import quote

from osaudit.compiled import regex
from osaudit.contents import weight_format
from osaudit.errors import OsauditError, OutOfTimeError, UsageError
from osaudit.evidence import Absent, Fact, ModelRef, Seen, Unknown
from osaudit.files import ggufs_to_read, names_base, to_read
from osaudit.frozen import dataclass
from osaudit.gguf import HEAD_BYTES
from osaudit.licences.families import shared_types
from osaudit.snapshot import FetchedText, GgufWords, Snapshot
from osaudit.sources import client, refusal
from osaudit.sources.blobs import UNLISTED, Listed, listed_in, mismatch
from osaudit.sources.hf_cache import fetch_hf_cache
from osaudit.sources.record import QUERY, next_page, parse_json, snapshot_of
from osaudit.sources.refs import is_commit, is_hub_id
from osaudit.sources.request import FIRST_ERROR, PART, WHOLE, Answer, Manners, Question, Wrong, get
from osaudit.sources.store import Store
from osaudit.sources.text import READ_LIMIT, as_gguf, as_text, is_web_page
from osaudit.sources.vouching import UNVERIFIED, held

Listing: TypeAlias = Literal["commits", "tree"]

RECORD_LIMIT = 64 * 1024 * 1024
HELD_LIMIT = 64 * 1024 * 1024
"""How much of a text is read so that it can be held to its hash; no more than READ_LIMIT of it is kept."""

_log = logging.getLogger(__name__)
_T = TypeVar("_T", dict[str, Any], list[Any])
_CONTENT_RANGE = regex(r"bytes 0-(\d{1,15})/(\d{1,15})")
_SHAPES = {"dict": "object", "list": "list"}


@dataclass(frozen=True, slots=True)
class HubFile:
    """One text of a repository at a commit; `ref` has the name that the Hub gives the repository now."""

    ref: ModelRef
    commit: str
    path: str
    text: FetchedText


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSource(Manners):
    """Settings of the Hub source; one object serves many threads, over one pooled session.

    Token, endpoint and proxies are those of huggingface_hub's environment. `vouched` tells whether something beside the
    cache, such as a lock file's digests, vouches for what the cache gives offline.
    """

    store: Store | None = None
    offline: bool = False
    vouched: Callable[[Snapshot], bool] = lambda _: False

    def fetch(self, ref: ModelRef, known: Mapping[str, Fact[FetchedText]] | None = None) -> Snapshot:
        """Fetch the repository at the commit that `ref` means now; OsauditError where it cannot be judged.

        `known` are texts of that very commit, which are not asked for again.
        """
        return self.fetch_listed(ref, known)[0]

    def fetch_listed(
        self, ref: ModelRef, known: Mapping[str, Fact[FetchedText]] | None = None
    ) -> tuple[Snapshot, Mapping[str, Listed] | None]:
        """The same, with the ids and sizes of all files in the Hub's list; None for the latter offline."""
        _check_id(ref)
        if self.offline or client.is_offline():
            return self._offline(ref), None
        client.load_client()
        headers = client.request_headers()
        record = _record(self, ref, headers)
        fresh = snapshot_of(ref, record)
        if fresh.ref.repo != ref.repo:
            _log.info("%s is now %s", ref.path, fresh.ref.path)
        listed = listed_in(record)
        snapshot, stored = _with_texts(self, fresh, listed, headers, known or {})
        if self.store:
            if snapshot != stored:
                self.store.save(snapshot)
            self.store.point(ref, snapshot)
        return snapshot, listed

    def head(self, ref: ModelRef) -> str:
        """The commit that `ref` means now, by one request; OsauditError where there is none, or no network."""
        _check_id(ref)
        if self.offline or client.is_offline():
            raise OsauditError(f"{ref.path}: what its head is cannot be asked offline")
        client.load_client()
        return _commit(snapshot_of(ref, _record(self, ref, client.request_headers())))

    def _offline(self, ref: ModelRef) -> Snapshot:
        """What was stored last, unverified unless somebody vouches for it; OsauditError where nothing was."""
        found = (self.store.newest(ref) if self.store else None) or fetch_hf_cache(ref)
        return found if self.vouched(found) else replace(found, unverified=UNVERIFIED)

    def file(self, ref: ModelRef, path: str) -> HubFile:
        """Fetch one text at the commit that `ref` means now; OsauditError where there is none to read."""
        _check_id(ref)
        if self.offline or client.is_offline():
            snapshot = self._offline(ref)
            if snapshot.unverified:
                _log.warning("%s: unverified: %s", ref.path, snapshot.unverified)
            fact = snapshot.texts.get(path, Unknown("it was not fetched before"))
        else:
            client.load_client()
            headers = client.request_headers()
            record = _record(self, ref, headers)
            snapshot = snapshot_of(ref, record)
            fact = _listed_text(self, snapshot, path, listed_in(record).get(path, UNLISTED), headers)
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
            answer = _asked(self, ref, f"{url}?{following}", headers)
            if answer.status >= FIRST_ERROR:
                raise _refused(ref, answer, headers)
            page = _json(ref, answer, list)
            entries += page
            following = next_page(answer.headers) if page else None
        return tuple(entries[:enough]), following is None and len(entries) <= enough


def _check_id(ref: ModelRef) -> None:
    if not is_hub_id(ref.repo):
        raise UsageError(f"{ref.repo[:200]!r} is no Hub id: write org/name")


def _record(source: HubSource, ref: ModelRef, headers: Mapping[str, str]) -> Mapping[str, Any]:
    """Ask for the repository's record at the revision, with the ids of its files: the one API request."""
    answer = _asked(source, ref, _record_url(ref, ref.revision), headers)
    if answer.status < FIRST_ERROR:
        return _at_revision(ref, _json(ref, answer, dict))
    why = refusal.meaning(answer.status, answer.headers, answer.body, with_token=client.has_token(headers))
    record = _ungated_record(source, ref, headers) if why == "gated" and ref.revision else None
    if record is None:
        raise _refused(ref, answer, headers)
    return record


def _at_revision(ref: ModelRef, record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the record; OsauditError where a commit was asked for and it is of another."""
    sha = record.get("sha")
    if ref.revision and is_commit(ref.revision) and isinstance(sha, str) and sha.lower() != ref.revision:
        raise OsauditError(f"{ref.path}: the Hub answers for another commit than {ref.revision}: try again later")
    return record


def _refused(ref: ModelRef, answer: Answer, headers: Mapping[str, str]) -> OsauditError:
    with_token = client.has_token(headers)
    why = refusal.meaning(answer.status, answer.headers, answer.body, with_token=with_token)
    return refusal.error_for(why, ref, answer.status, answer.headers, with_token=with_token)


def _record_url(ref: ModelRef, revision: str | None) -> str:
    at = f"/revision/{quote(revision, safe='')}" if revision else ""
    return f"{client.endpoint()}/api/{ref.kind}s/{ref.repo}{at}?{QUERY}"


def _ungated_record(source: HubSource, ref: ModelRef, headers: Mapping[str, str]) -> Mapping[str, Any] | None:
    """Ask for the default branch's record, which a gate leaves open; None unless it is the revision asked for."""
    answer = _asked(source, ref, _record_url(ref, None), headers)
    record = _json(ref, answer, dict) if answer.status < FIRST_ERROR else {}
    return record if ref.revision in {"main", record.get("sha")} else None


def _listing_url(ref: ModelRef, listing: Listing) -> str:
    return f"{client.endpoint()}/api/{ref.kind}s/{ref.repo}/{listing}/{quote(ref.revision or 'main', safe='')}"


def _json(ref: ModelRef, answer: Answer, shape: type[_T]) -> _T:
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
    source: HubSource,
    fresh: Snapshot,
    listed: Mapping[str, Listed],
    headers: Mapping[str, str],
    known: Mapping[str, Fact[FetchedText]],
) -> tuple[Snapshot, Snapshot | None]:
    """Add the texts, those known or stored for this commit and the others by one GET each; also what was stored."""
    stored = source.store.load(fresh.ref, _commit(fresh)) if source.store else None
    kept = held(stored, fresh, listed, with_token=client.has_token(headers))
    again = held(replace(fresh, texts=known), fresh, listed, with_token=client.has_token(headers))
    texts = {
        path: again.get(path) or kept.get(path) or _text(source, fresh, path, listed.get(path, UNLISTED), headers)
        for path in _wanted(fresh)
    }
    first, *more = _ggufs(source, fresh, listed, headers) or (Absent(),)
    return replace(fresh, texts=texts, gguf=first, more_gguf=tuple(more)), stored


def _ggufs(
    source: HubSource, fresh: Snapshot, listed: Mapping[str, Listed], headers: Mapping[str, str]
) -> tuple[Fact[GgufWords], ...]:
    """Read the heads of GGUF files by range requests, one for each model that their names tell apart.

    A failure ends no audit, and no cache stands for it.

    Only where the record names no base, and where there are no other weights, whose settings the record tells.
    """
    if fresh.ref.kind != "model" or names_base(_object(fresh.card_data), _object(fresh.config)):
        return ()
    paths = [file.path for file in fresh.files.value.entries] if isinstance(fresh.files, Seen) else []
    if any(weight_format(other) not in {None, "gguf"} for other in paths):
        return ()
    return tuple(_head(source, fresh, path, listed, headers) for path in ggufs_to_read(paths))


def _head(
    source: HubSource, fresh: Snapshot, path: str, listed: Mapping[str, Listed], headers: Mapping[str, str]
) -> Fact[GgufWords]:
    wrong = partial(_wrong_head, listed.get(path, UNLISTED))
    try:
        answer = _file(
            source, fresh, path, _Part({**headers, "range": f"bytes=0-{HEAD_BYTES - 1}"}, HEAD_BYTES, HEAD_BYTES, wrong)
        )
    except OutOfTimeError:
        raise
    except OsauditError as error:
        return Unknown(str(error))
    return answer if isinstance(answer, Unknown) else as_gguf(path, answer.body)


def _wrong_head(listed: Listed, answer: Answer) -> str | None:
    """Say why an answer is not the head of the file that was asked for; no hash is known of a head."""
    if answer.status == WHOLE:
        return None
    span = _CONTENT_RANGE.fullmatch(answer.headers.get("content-range", ""))
    if answer.status != PART or span is None:
        return f"the Hub answers {answer.status} in place of the first part"
    last, total = int(span.group(1)), int(span.group(2))
    if last + 1 != min(HEAD_BYTES, total) or answer.size != last + 1 or listed.size not in {None, total}:
        return "what came is not the first part of the file that the Hub lists"
    return None


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


def _listed_text(
    source: HubSource, snapshot: Snapshot, path: str, listed: Listed, headers: Mapping[str, str]
) -> Fact[FetchedText]:
    """GET one file, unless the whole list of files says that there is none of that name."""
    files = snapshot.files.value if isinstance(snapshot.files, Seen) else None
    if files and files.complete and all(file.path != path for file in files.entries):
        return Absent()
    return _text(source, snapshot, path, listed, headers)


def _text(
    source: HubSource, snapshot: Snapshot, path: str, listed: Listed, headers: Mapping[str, str]
) -> Fact[FetchedText]:
    """GET one text at the snapshot's commit; Unknown unless it is the one that the Hub lists."""
    wrong = partial(_wrong_text, listed, path)
    answer = _file(source, snapshot, path, _Part(headers, READ_LIMIT, HELD_LIMIT, wrong))
    return answer if isinstance(answer, Unknown) else as_text(path, answer.body, truncated=answer.truncated)


def _wrong_text(listed: Listed, path: str, answer: Answer) -> str | None:
    """Say why an answer is not the file that the Hub lists under this path."""
    if answer.status != WHOLE:
        return f"the Hub answers {answer.status} in place of the whole file"
    if not answer.ids:
        return f"it is over {HELD_LIMIT // 2**20} MB, too large to be held to its hash"
    if not answer.commits and not listed.id:
        return "the answer names no commit"
    why = mismatch(listed, answer.told, answer.size, answer.ids)
    return "a web page came in place of the file" if why and is_web_page(path, answer.body) else why


@dataclass(frozen=True, slots=True)
class _Part:
    """What is asked for of a file: by which headers, how much of it is kept and read, and what is a wrong answer."""

    headers: Mapping[str, str]
    keep: int
    most: int
    wrong: Callable[[Answer], str | None]


def _file(source: HubSource, snapshot: Snapshot, path: str, part: _Part) -> Answer | Unknown:
    """GET one file at the snapshot's commit; OsauditError where the Hub fails, Unknown where it refuses the file."""
    ref, commit = snapshot.ref, _commit(snapshot)
    url = f"{client.endpoint()}/{ref.path}/resolve/{commit}/{quote(path)}"

    def wrong(answer: Answer) -> str | None:
        return "the Hub serves it from another commit" if answer.commits - {commit} else part.wrong(answer)

    answer = get(source, ref, Question(url, part.headers, part.keep, part.most, is_file=True, wrong=wrong))
    if isinstance(answer, Wrong):
        return Unknown(f"{refusal.REFUSED}{answer.why}")
    with_token = client.has_token(part.headers)
    if answer.status >= FIRST_ERROR:
        why = refusal.meaning(answer.status, answer.headers, answer.body, with_token=with_token, of_file=True)
        unread = refusal.unread(why, answer.status, gate=snapshot.gated, with_token=with_token)
        if unread is None:
            raise refusal.error_for(
                why, replace(ref, revision=commit), answer.status, answer.headers, with_token=with_token
            )
        return unread
    return answer


def _asked(source: HubSource, ref: ModelRef, url: str, headers: Mapping[str, str]) -> Answer:
    """Ask the API; OsauditError where the Hub fails, or sends no whole answer."""
    answer = get(source, ref, Question(url, headers, RECORD_LIMIT, RECORD_LIMIT, is_file=False, wrong=_wrong_record))
    if isinstance(answer, Wrong):
        raise OsauditError(
            f"{ref.path}: {client.endpoint()} sends no record of it ({answer.why}): "
            "check HF_ENDPOINT, and whether a proxy stands between"
        )
    return answer


def _wrong_record(answer: Answer) -> str | None:
    return None if answer.status == WHOLE else f"it answers {answer.status} in place of a whole record"
