"""A repository's history on the Hub as a source: which commits touched files that hold terms, and what stood there.

What it costs: one API request for each 1,000 commits listed, one for the file list of each commit walked (more where
it holds over 1,000 files; the Hub lists no commits by path, and a licence that came and went shows in no other way),
then for each state what an audit costs, less the texts whose blob was read at another commit before. A base or data
set is looked at once. An owner may rewrite or squash a branch on the Hub: the history is the one that it shows now.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias, TypeVar

from osaudit.errors import OsauditError, OutOfTimeError
from osaudit.evidence import Evidence, Fact, LicenceText, ModelRef, Past, PastTerms, Seen, Unknown
from osaudit.files import card_path, is_licence_like, is_safe_path, is_text, link_target, texts_to_read
from osaudit.frozen import dataclass
from osaudit.licences.quotes import clip
from osaudit.snapshot import FetchedText, Snapshot
from osaudit.sources.collect import collect
from osaudit.sources.hub import HubSource
from osaudit.sources.refs import is_commit

_PAGE = 1000  # what the Hub puts on one page, of commits and of files
_MAX_FILES = 10_000
_MAX_TITLE = 200
_THREADS = 8
_MAX_PAST = 32
_MAX_QUOTE = 160

Tree: TypeAlias = Mapping[str, str]
S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of the branch: `date` is ISO 8601 in UTC, empty where it cannot be read; `subject` its first line."""

    sha: str
    date: str
    subject: str


@dataclass(frozen=True, slots=True)
class Touch:
    """A file that may hold terms, and what the commit did to it."""

    path: str
    how: Literal["added", "changed", "removed"]


@dataclass(frozen=True, slots=True)
class State:
    """The repository as a commit left it; the oldest commit walked adds whatever is there."""

    commit: Commit
    touched: tuple[Touch, ...]

    @property
    def beyond_card(self) -> bool:
        """Whether a file of terms was touched, not the card alone."""
        return any(card_path((touch.path,)) is None for touch in self.touched)


@dataclass(frozen=True, slots=True)
class Walk:
    """The commits walked, oldest first, and the blob ids of each one's text files by path.

    `complete`: they begin with the branch's first commit. `deep`: files in folders were listed too.
    """

    ref: ModelRef
    commits: tuple[Commit, ...]
    trees: tuple[Tree, ...]
    complete: bool
    deep: bool


def walk(source: HubSource, ref: ModelRef, max_commits: int) -> Walk:
    """Walk the newest commits that lead to the revision; OsauditError where there are none, or no list of them."""
    listed, complete = source.entries(ref, "commits", enough=max_commits, query=f"limit={min(max_commits, _PAGE)}")
    commits = tuple(commit for entry in reversed(listed) if (commit := _commit(entry)))
    if not commits:
        raise OsauditError(f"{ref.path}: the Hub lists no commits of it, so there is no history to read")
    pinned = [ModelRef(ref.repo, commit.sha, ref.kind) for commit in commits]
    deep = _deep_trees(source, pinned)
    trees = deep or _on_threads(lambda at: _root(source, at), pinned)
    return Walk(ref, commits, trees, complete and len(commits) == len(listed), deep=deep is not None)


def _commit(entry: Any) -> Commit | None:  # noqa: ANN401 - JSON
    match entry:
        case {"id": str(sha)} if is_commit(sha):
            title = entry.get("title")
            lines = title[: 2 * _MAX_TITLE].splitlines() if isinstance(title, str) else []
            return Commit(sha, _utc(entry.get("date")), lines[0].strip()[:_MAX_TITLE] if lines else "")
        case _:
            return None


def _utc(date: object) -> str:
    try:
        moment = datetime.fromisoformat(date) if isinstance(date, str) else None
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment and moment.tzinfo else ""
    except (ValueError, OverflowError):
        return ""


def _deep_trees(source: HubSource, pinned: Sequence[ModelRef]) -> tuple[Tree, ...] | None:
    """List the files of each commit in all folders; None where a page does not hold them, as the newest tells first."""
    whole = functools.partial(_tree, source, enough=_PAGE, query="recursive=true")
    newest, is_whole = whole(pinned[-1])
    if not is_whole:
        return None
    older = _on_threads(whole, pinned[:-1])
    return (*(tree for tree, _ in older), newest) if all(fits for _, fits in older) else None


def _root(source: HubSource, ref: ModelRef) -> Tree:
    tree, is_whole = _tree(source, ref, enough=_MAX_FILES, query="recursive=false")
    if not is_whole:
        raise OsauditError(f"{ref.path}: over {_MAX_FILES:,} files at its root at {ref.revision}: too many to walk")
    return tree


def _tree(source: HubSource, ref: ModelRef, *, enough: int, query: str) -> tuple[Tree, bool]:
    """List the text files of a commit with their blob ids, and tell whether these are all."""
    entries, is_whole = source.entries(ref, "tree", enough=enough, query=query)
    files = (
        (entry["path"], entry["oid"])
        for entry in entries
        if isinstance(entry, dict) and isinstance(entry.get("path"), str) and isinstance(entry.get("oid"), str)
        if entry.get("type") == "file"
    )
    return {path: oid for path, oid in files if _is_kept(path)}, is_whole


@functools.lru_cache(maxsize=20_000)
def _is_kept(path: str) -> bool:
    return is_safe_path(path) and (is_text(path) or is_licence_like(path))


@functools.lru_cache(maxsize=20_000)
def _may_hold_terms(path: str) -> bool:
    """Tell whether an audit reads the file as terms, or would if it were a text."""
    return is_licence_like(path) and (not is_text(path) or bool(texts_to_read([path], None)))


def states(walked: Walk, linked: Sequence[str] = ()) -> tuple[State, ...]:
    """List the commits that touched the card or a file of terms, oldest first; `linked` are further paths of such.

    The oldest commit walked is always there, for it shows what stood before.
    """
    found: list[State] = []
    before: Tree = {}
    for commit, tree in zip(walked.commits, walked.trees, strict=True):
        watched = {card_path(tuple(tree)), *linked}
        now = {path: oid for path, oid in tree.items() if path in watched or _may_hold_terms(path)}
        touched = tuple(_touches(before, now))
        if touched or not found:
            found.append(State(commit, touched))
        before = now
    return tuple(found)


def _touches(before: Tree, now: Tree) -> Iterator[Touch]:
    for path in sorted({*before, *now}):
        if path not in before:
            yield Touch(path, "added")
        elif path not in now:
            yield Touch(path, "removed")
        elif before[path] != now[path]:
            yield Touch(path, "changed")


def look_at(
    walked: Walk, *, source: HubSource, read: Callable[[Snapshot], Evidence], depth: int
) -> tuple[tuple[State, Evidence], ...]:
    """Collect the evidence of each state as an audit of its commit does; bases and data sets are those of today."""
    look = _looker(source, walked, read, depth)
    seen = _looked(look, states(walked))
    # A card may link a licence whose name promises none: only now is it known which commits touched that file.
    found = states(walked, [path for evidence in seen.values() for path in _linked(evidence)])
    seen |= _looked(look, [state for state in found if state.commit.sha not in seen])
    return tuple((state, seen[state.commit.sha]) for state in found)


def look_back(
    ref: ModelRef, *, source: HubSource, read: Callable[[Snapshot], Evidence], max_commits: int
) -> Fact[Past]:
    """Look at the terms that the repository had before the revision; Unknown where its history cannot be seen."""
    try:
        walked = walk(source, ref, max_commits)
        looked = look_at(walked, source=source, read=read, depth=0)
    except OutOfTimeError:
        raise
    except OsauditError as error:
        return Unknown(f"the repository's history could not be looked at: {error}")
    return Seen(_past(walked, looked))


def _past(walked: Walk, looked: Sequence[tuple[State, Evidence]]) -> Past:
    """Keep of each state but the newest what it said of the licence, where the next one says something else."""
    readable = [(state, evidence) for state, evidence in looked if not isinstance(evidence.card, Unknown)]
    kept: list[PastTerms] = []
    for (state, evidence), (following, after) in itertools.pairwise(readable):
        if _said(evidence) != _said(after):
            texts = tuple(_slim(text) for text in evidence.licence_texts)
            commit, until = state.commit, following.commit.sha
            kept.append(PastTerms(commit.sha, commit.date, until, evidence.licence_claims, texts))
    whole = walked.complete and walked.deep and len(readable) == len(looked) and len(kept) <= _MAX_PAST
    return Past(tuple(kept[-_MAX_PAST:]), whole)


def _said(evidence: Evidence) -> tuple[object, ...]:
    """What a state says of the licence, whatever lines and commits it stands at."""
    claims = {(claim.component, claim.source, claim.name, claim.keys) for claim in evidence.licence_claims}
    return claims, {(text.where.path, text.where.sha256, text.matches) for text in evidence.licence_texts}


def _slim(text: LicenceText) -> LicenceText:
    """An earlier text by its hashes and first words: its clauses are those of the licence that it was found to be."""
    words = text.text.value if isinstance(text.text, Seen) else ""
    first = " ".join(next(filter(None, map(str.strip, words.splitlines())), "").split())
    place = replace(text.where, quote=text.where.quote or clip(first, _MAX_QUOTE) or None)
    left_out = Unknown("of an earlier text the hash alone is kept")
    return replace(text, where=place, text=left_out, residue=(), restrictions=(), clauses=())


def _linked(evidence: Evidence) -> list[str]:
    return [link_target(claim.name) for claim in evidence.licence_claims if claim.source == "licence link"]


def _looked(look: Callable[[str], Evidence], wanted: Sequence[State]) -> dict[str, Evidence]:
    """Look at each commit: at the newest alone, so that the others find its texts and bases there."""
    commits = [state.commit.sha for state in reversed(wanted)]
    newest = [look(sha) for sha in commits[:1]]
    return dict(zip(commits, (*newest, *_on_threads(look, commits[1:])), strict=True))


def _looker(
    source: HubSource, walked: Walk, read: Callable[[Snapshot], Evidence], depth: int
) -> Callable[[str], Evidence]:
    opened = _opener(source, walked)
    read_once = _remembered(read, lambda snapshot: (snapshot.ref, snapshot.commit))

    def look(sha: str) -> Evidence:
        target = ModelRef(walked.ref.repo, sha, walked.ref.kind)
        return collect(target, open_snapshot=opened, read=read_once, depth=depth)

    return look


def _opener(source: HubSource, walked: Walk) -> Callable[[ModelRef], Snapshot]:
    """Open repositories by way of the source, asking for no blob of the walked one and for no other one twice."""
    trees = {commit.sha: tree for commit, tree in zip(walked.commits, walked.trees, strict=True)}
    texts: dict[tuple[str, str], Fact[FetchedText]] = {}
    once = _remembered(source.fetch, lambda ref: ref)

    def opened(ref: ModelRef) -> Snapshot:
        tree = trees.get(ref.revision or "", {}) if ref.repo == walked.ref.repo else {}
        if not tree:
            return once(ref)
        known = {path: texts[path, oid] for path, oid in tree.items() if (path, oid) in texts}
        snapshot = source.fetch(ref, known)
        read = {path: text for path, text in snapshot.texts.items() if path in tree and isinstance(text, Seen)}
        texts.update({(path, tree[path]): text for path, text in read.items()})
        return snapshot

    return opened


def _remembered(function: Callable[[S], T], key: Callable[[S], Hashable]) -> Callable[[S], T]:
    """Give a function that answers the same question but once, be it by an OsauditError."""
    known: dict[Hashable, T | OsauditError] = {}

    def remembered(value: S) -> T:
        at = key(value)
        if at not in known:
            try:
                known[at] = function(value)
            except OutOfTimeError:
                raise
            except OsauditError as error:
                known[at] = error
        found = known[at]
        if isinstance(found, OsauditError):
            raise OsauditError(str(found), exit_code=found.exit_code)
        return found

    return remembered


def _on_threads(function: Callable[[S], T], values: Sequence[S]) -> tuple[T, ...]:
    """Map on threads, in order; the first failure ends it, and what has not begun is left."""
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="osaudit-history") as pool:
        futures = [pool.submit(function, value) for value in values]
        try:
            return tuple(future.result() for future in futures)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
