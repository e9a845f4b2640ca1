"""From a name to evidence: the repository, then the data sets and bases that its evidence names, nested in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from osaudit.errors import OsauditError, OutOfTimeError, UnansweredError
from osaudit.evidence import NOT_LOOKED, Evidence, Fact, ModelRef, Seen, Unknown
from osaudit.frozen import dataclass
from osaudit.snapshot import Snapshot
from osaudit.sources.folder import fetch_folder
from osaudit.sources.kept import Kept
from osaudit.sources.refs import is_hub_id

Looked: TypeAlias = Mapping[ModelRef, Fact[Evidence]]


@dataclass(frozen=True, slots=True)
class _Look:
    """How one run looks at a repository, and how far it goes."""

    open_snapshot: Callable[[ModelRef], Snapshot]
    read: Callable[[Snapshot], Evidence]
    kept: Kept
    max_related: int
    threads: int

    def at(self, ref: ModelRef) -> Evidence:
        """Look at a repository, or at what this run saw of it before."""
        return self.kept.get(ref, lambda: self.read(self.open_snapshot(ref)))


def collect(  # noqa: PLR0913 - how to look, and three bounds that have their defaults
    target: ModelRef | Path,
    *,
    open_snapshot: Callable[[ModelRef], Snapshot],
    read: Callable[[Snapshot], Evidence],
    kept: Kept | None = None,
    depth: int = 1,
    max_related: int = 16,
    threads: int = 8,
    linked: Callable[[Evidence], Evidence] | None = None,
) -> Evidence:
    """Collect the evidence of a repository or folder, with `depth` levels of its bases and their data sets.

    OsauditError where the repository itself cannot be looked at, or the time for it is used up; one that it names and
    that cannot be looked at becomes an Unknown. Each repository is fetched once by all who share `kept`. At most
    `max_related` bases and as many data sets are looked at, on `threads` threads. `linked` adds to the whole what the
    code repositories hold that the card links.
    """
    look = _Look(open_snapshot, read, kept or Kept(), max_related, threads)
    root = read(fetch_folder(target)) if isinstance(target, Path) else look.at(target)
    whole = _nested(root, _look_around(look, root, depth), depth, frozenset({_key(root)}))
    return linked(whole) if linked else whole


def _look_around(look: _Look, root: Evidence, depth: int) -> Looked:
    """Look at everything that is named within `depth` levels, one level after the other."""
    looked: dict[ModelRef, Fact[Evidence]] = {}
    level = [root]
    for _ in range(depth):
        named = dict.fromkeys(ref for evidence in level for ref in _named(evidence))
        new = _within([ref for ref in named if ref not in looked and ref != _key(root)], looked, look.max_related)
        looked.update(zip(new, _look_at(look, new), strict=True))
        level = [fact.value for ref in new if ref.kind == "model" and isinstance(fact := looked[ref], Seen)]
    return looked


def _within(refs: list[ModelRef], looked: Looked, bound: int) -> list[ModelRef]:
    """Keep to the bound for each kind, so that many data sets never hide a base."""
    within: list[ModelRef] = []
    for kind in ("model", "dataset"):
        left = max(0, bound - sum(ref.kind == kind for ref in looked))
        within += [ref for ref in refs if ref.kind == kind][:left]
    return within


def _look_at(look: _Look, refs: list[ModelRef]) -> Iterable[Fact[Evidence]]:
    if look.threads < 2 or len(refs) < 2:  # noqa: PLR2004 - nothing to share out
        return [_one(look, ref) for ref in refs]
    with ThreadPoolExecutor(min(look.threads, len(refs)), thread_name_prefix="osaudit-collect") as pool:
        return list(pool.map(lambda ref: _one(look, ref), refs))


def _one(look: _Look, ref: ModelRef) -> Fact[Evidence]:
    try:
        return Seen(look.at(ref))
    except OutOfTimeError:
        raise
    except UnansweredError:
        return Unknown(f"{ref.path} could not be looked at: the Hub did not answer")
    except OsauditError as error:
        return Unknown(str(error))


def _named(evidence: Evidence) -> list[ModelRef]:
    """List the repositories that the evidence names and the Hub could have, data sets first."""
    datasets = [ModelRef(use.name, kind="dataset") for use in evidence.datasets]
    return [ref for ref in (*datasets, *(ModelRef(base.name) for base in evidence.bases)) if is_hub_id(ref.repo)]


def _nested(evidence: Evidence, looked: Looked, depth: int, above: frozenset[ModelRef]) -> Evidence:
    """Put what was looked at where it is named; `above` holds the models on the way from the root."""
    if depth < 1:
        return evidence
    datasets = tuple(
        replace(use, evidence=_found(ModelRef(use.name, kind="dataset"), use.evidence, looked, above))
        for use in evidence.datasets
    )
    bases = tuple(
        replace(base, evidence=_deeper(_found(ModelRef(base.name), base.evidence, looked, above), looked, depth, above))
        for base in evidence.bases
    )
    return replace(evidence, datasets=datasets, bases=bases)


def _found(ref: ModelRef, known: Fact[Evidence], looked: Looked, above: frozenset[ModelRef]) -> Fact[Evidence]:
    if isinstance(known, Seen):
        return known
    if not is_hub_id(ref.repo):
        if known != NOT_LOOKED:
            return known
        return Unknown(f"{ref.repo[:100]!r} is not a Hub id")
    if ref in above:
        return Unknown(f"{ref.path} is named in a circle")
    return looked.get(ref, Unknown(f"{ref.path} was not looked into: too many repositories are named"))


def _deeper(fact: Fact[Evidence], looked: Looked, depth: int, above: frozenset[ModelRef]) -> Fact[Evidence]:
    """Nest what a base names in turn; a model that a moved name leads back to closes a circle as well."""
    if not isinstance(fact, Seen):
        return fact
    key = _key(fact.value)
    if key in above:
        return Unknown(f"{key.path} is named in a circle")
    return replace(fact, value=_nested(fact.value, looked, depth - 1, above | {key}))


def _key(evidence: Evidence) -> ModelRef:
    return ModelRef(evidence.ref.repo, kind=evidence.ref.kind)
