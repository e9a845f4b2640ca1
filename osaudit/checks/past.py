"""Earlier terms of the repository beside those of today: what changed since, and whether it was for the stricter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from osaudit.checks.case import Case
from osaudit.checks.ruling import RANK, ruling
from osaudit.checks.terms import Terms, resolve
from osaudit.evidence import Evidence, PastTerms, Seen, Where
from osaudit.frozen import dataclass, replace
from osaudit.licences.table import CRITERIA
from osaudit.verdict import Finding

_NOTHING_KNOWN = frozenset({"silent", "unseen"})


@dataclass(frozen=True, slots=True)
class Earlier:
    """Terms that once governed the weights: those of the last commit that had them, and the commit that ended them."""

    state: PastTerms
    terms: Terms


def stricter_since(case: Case) -> Iterator[Finding]:
    """Terms that were freer before: a licence text that is gone, or one, or a tag, that gave way to stricter terms."""
    for earlier in _earlier(case):
        kind = _kind(case, earlier)
        if kind:
            words = f"{_told(earlier)} The terms of today are stricter, or not known: {case.weights.name}."
            words = words if kind != "licence-removed" else f"{_told(earlier)} That text is no longer there."
            yield Finding(kind, words, _places(case, earlier), f"past.{kind}")


def freer_since(case: Case) -> Iterator[Finding]:
    """Terms that were others before, and not freer: who has a copy of that time has it under them."""
    for earlier in _earlier(case):
        if _kind(case, earlier) is None and not _is_same(earlier.terms, case.weights):
            words = f"{_told(earlier)} Copies taken before that commit are under those terms."
            yield Finding("earlier-terms", words, _places(case, earlier), "past.earlier-terms")


def _earlier(case: Case) -> Iterable[Earlier]:
    """Each of the terms that governed before and do not today, once, the newest first."""
    past = case.evidence.past
    if not isinstance(past, Seen):
        return []
    states = past.value.states
    found: dict[tuple[object, ...], Earlier] = {_identity(case.weights): Earlier(PastTerms("", "", ""), case.weights)}
    for state in reversed(states):
        terms = resolve(_as_it_was(case.evidence, state), "weights", case.table)
        if terms.state not in _NOTHING_KNOWN:
            found.setdefault(_identity(terms), Earlier(state, terms))
    return list(found.values())[1:]


def _as_it_was(evidence: Evidence, state: PastTerms) -> Evidence:
    return replace(evidence, licence_claims=state.claims, licence_texts=state.texts, unseen=())


def _identity(terms: Terms) -> tuple[object, ...]:
    """What makes terms the same: the licences where they are known, else the texts or the names."""
    if terms.settled:
        return tuple(licence.key for licence in terms.licences), bool(_texts(terms))
    names = tuple(sighting.claim.name for sighting in terms.governing if sighting.claim)
    rivals = tuple(rival.keys for rival in terms.rivals)
    return tuple(licence.key for licence in terms.licences), _texts(terms), names, rivals


def _texts(terms: Terms) -> tuple[str | None, ...]:
    return tuple(sighting.where.sha256 for sighting in terms.governing if sighting.text)


def _kind(case: Case, earlier: Earlier) -> str | None:
    """The kind of conflict that the change makes; None where the terms of today close and leave open no more."""
    before, now = earlier.terms, case.weights
    gone = bool(_texts(before)) and not _texts(now)
    same = _is_same(before, now)
    if gone and (now.state in _NOTHING_KNOWN or (same and before.settled)):
        return "licence-removed"
    if not _is_stricter(before, now) and not (same and not before.settled and not now.settled):
        return None
    return "licence-removed" if gone else "licence-changed" if _texts(before) or _texts(now) else "tag-changed"


def _is_same(before: Terms, now: Terms) -> bool:
    return [licence.key for licence in before.licences] == [licence.key for licence in now.licences]


def _is_stricter(before: Terms, now: Terms) -> bool:
    return any(RANK[ruling(now, number).outcome] < RANK[ruling(before, number).outcome] for number in CRITERIA)


def _told(earlier: Earlier) -> str:
    state, terms = earlier.state, earlier.terms
    name, commit = terms.name, state.until[:12]
    day = f", stated since {state.date[:10]} or before" if state.date else ""
    return f"Until commit {commit} the repository had {name} ({terms.basis}{day})."


def _places(case: Case, earlier: Earlier) -> tuple[Where, ...]:
    """The place of old, at its commit, and that of today; what is gone is told by the commit at which it went."""
    repo = case.evidence.ref.path
    until = earlier.state.until
    ended = Where(repo, until, "file list", url=f"https://huggingface.co/{repo}/commit/{until}")
    return (*earlier.terms.where[:1], ended, *case.weights.where[:1])
