"""Identify a licence text: which licence, exact or variant, and which words are left over.

`exact` is an equality of hashes: every word of the text and of a known text of the licence stand in each other in
order. Leftover words anywhere in the file, one is enough, make every match in it a `variant`, which is for review.
"""

from __future__ import annotations

import functools
from dataclasses import replace

from osaudit.evidence import TextMatch
from osaudit.frozen import dataclass
from osaudit.licences import fallback
from osaudit.licences.clauses import ClauseHit, FlagHit, clauses_in, deciding_clauses, differing_clauses, flags_in
from osaudit.licences.deciding import Finder
from osaudit.licences.index import Index, load_index
from osaudit.licences.match import Found, leftovers, likely_texts, whole_texts
from osaudit.licences.restrictions import RestrictionHit, restrictions_in
from osaudit.licences.spdx import spdx_list
from osaudit.licences.table import load_table
from osaudit.licences.tokens import Words, words_of, words_with_notices

MAX_RESIDUE = 12
MAX_CLAUSES = 80
MAX_SNIPPET = 160
MAX_REMEMBERED = 100_000  # characters
_LEAST_WORDS = 12


@dataclass(frozen=True, slots=True)
class Identified:
    """What a text was found to be.

    `residue_words` counts the words that stand in the text or in a matched licence and not in the other; `residue`
    shows where, bounded. `restrictions` and `clauses` are found in the text as it stands.
    """

    matches: tuple[TextMatch, ...]
    residue_words: int
    residue: tuple[str, ...]
    restrictions: tuple[RestrictionHit, ...] = ()
    clauses: tuple[ClauseHit, ...] = ()
    flags: tuple[FlagHit, ...] = ()


def identify(text: str) -> Identified:
    """Identify the licences that a text holds."""
    return _remembered(text) if len(text) <= MAX_REMEMBERED else _identify(text)


@functools.lru_cache(maxsize=256)  # many repositories hold the same text
def _remembered(text: str) -> Identified:
    return _identify(text)


def _identify(text: str) -> Identified:
    index, words = load_index(), words_of(text)
    named = _name(text, words, index)
    exact = bool(named.matches) and all(match.match == "exact" for match in named.matches)
    if not named.matches:
        return replace(named, restrictions=restrictions_in(text))
    spelled, finder = words_with_notices(text, words), Finder(text)
    clauses: list[ClauseHit] = []
    for match in named.matches:
        found = clauses_in(finder, spelled, match.key, index)
        of_its_own = deciding_clauses if exact else _with_differing
        clauses += of_its_own(finder, match.key, found)
    return replace(
        named,
        restrictions=() if exact else restrictions_in(text),
        clauses=tuple(clauses[:MAX_CLAUSES]),
        flags=tuple(hit for match in named.matches for hit in flags_in(finder, match.key)) if exact else (),
    )


def _with_differing(finder: Finder, key: str, found: tuple[ClauseHit, ...]) -> tuple[ClauseHit, ...]:
    return (*found, *differing_clauses(finder, key, found))


def name_text(text: str, index: Index) -> Identified:
    """Identify the licences that a text holds by an index, without looking into their clauses."""
    return _name(text, words_of(text), index)


def _name(text: str, words: Words, index: Index) -> Identified:
    count = len(words.words)
    if count < _LEAST_WORDS:
        return Identified((), count, (_snippet(words, 0, count),) if count else ())
    whole = whole_texts(words, index)
    if _accounts_for_all(words, whole):
        return _exact(words, whole)
    # a line may break behind what looks like a notice: then the text is read with its notices
    spelled = words_with_notices(text, words)
    if spelled is not words and _accounts_for_all(spelled, again := whole_texts(spelled, index)):
        return _exact(spelled, again)
    found = likely_texts(words, index, whole)
    if not found:
        known = frozenset(one.key for one in index.texts)
        return Identified(fallback.proposals(text, known), count, (_snippet(words, 0, count),))
    return _variant(words, sorted(found, key=lambda one: one.start), leftovers(words, found))


def _accounts_for_all(words: Words, whole: list[Found]) -> bool:
    return bool(whole) and not words.cut and not leftovers(words, whole)


def _exact(words: Words, whole: list[Found]) -> Identified:
    return Identified(tuple(_match(one, words, "exact", 0) for one in whole), 0, ())


def _variant(words: Words, found: list[Found], stretches: list[tuple[int, int]]) -> Identified:
    left = sum(end - start for start, end in stretches) + words.cut
    missing = sum(one.missing for one in found)
    notes = [_snippet(words, start, end) for start, end in stretches[:MAX_RESIDUE]]
    if missing:
        notes.append(f"[about {missing} words of the licence are missing or changed]")
    if words.cut:
        notes.append("[the text is longer than was read]")
    if not (left or missing):
        notes.append("[the words stand in another order]")
    matches = tuple(_match(one, words, "variant", left) for one in found)
    return Identified(matches, max(1, left + missing), tuple(notes))


def _match(one: Found, words: Words, kind: str, left: int) -> TextMatch:
    key = one.text.key
    licence = load_table().get(key)
    row = spdx_list().by_id(key) if licence is None else None
    of_text = len(one.covered) / max(1, len(one.covered) + left)
    cover = 1.0 if kind == "exact" else min(one.share_of_known, of_text, 0.999)
    return TextMatch(
        key=key,
        spdx=licence.spdx if licence else row.id if row else None,
        match="exact" if kind == "exact" else "variant",
        cover=round(cover, 3),
        lines=words.lines(one.start, one.end),
    )


def _snippet(words: Words, start: int, end: int) -> str:
    return " ".join(words.between(start, end).split())[:MAX_SNIPPET]
