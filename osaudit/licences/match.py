"""Matching: where in a row of words the known texts stand, whole or in part."""

from __future__ import annotations

import bisect
import itertools
from collections import Counter
from collections.abc import Iterable

from osaudit.frozen import dataclass
from osaudit.licences.heads import agrees, benign_words
from osaudit.licences.index import Index, KnownText, Segment, digest
from osaudit.licences.notices import MAX_NAME_WORDS, are_notices, is_name
from osaudit.licences.tokens import Words, shingles

MAX_NOTICE_WORDS = 40
MAX_TRIES = 20_000
MAX_FOUND = 12
_CANDIDATES = 30
_LEAST_OF_TEXT = 0.5
_LEAST_OF_PIECE = 0.25
_PIECE = 0.8
_LEAST_ROWS = 12
_ROW = 6


@dataclass(frozen=True, slots=True)
class Found:
    """A known text in a row of words: `covered` are the positions of the words that it accounts for."""

    text: KnownText
    start: int
    end: int
    covered: frozenset[int]
    share_of_known: float
    missing: int


def whole_texts(words: Words, index: Index) -> list[Found]:
    """Find the known texts that stand in the words whole and in order, the longest at each place."""
    found: list[Found] = []
    anchors = shingles(words.words, 4)
    digests: dict[tuple[int, int], str] = {}
    tries = position = 0
    while position < len(anchors) and len(found) < MAX_FOUND and tries < MAX_TRIES:
        end = None
        for number in index.anchors.get(anchors[position], ()):
            tries += 1
            text = index.texts[number]
            end = _end_of(text.segments, position, words, anchors, digests)
            if end is not None:
                found.append(Found(text, position, end, frozenset(range(position, end)), 1.0, 0))
                break
        position = end if end is not None else position + 1
    return found


def likely_texts(words: Words, index: Index, whole: Iterable[Found]) -> list[Found]:
    """Find the known texts that the words resemble, the fullest first; those that stand there whole among them.

    A text counts only where the words' head agrees with what the licence calls itself.
    """
    candidates = [
        *(one for one in whole if agrees(words, one.start, one.text.key, whole=True)),
        *_partial_texts(words, index),
    ]
    free = set(range(len(words.words)))
    found: list[Found] = []
    while candidates and len(found) < MAX_FOUND:
        scored = [(one.share_of_known + len(one.covered & free) / len(free), one) for one in candidates if free]
        best = max(scored, key=lambda pair: pair[0], default=None)
        if best is None or (found and len(best[1].covered & free) < len(best[1].covered) / 2):
            return found
        found.append(best[1])
        free -= set(range(best[1].start, best[1].end))
        candidates = [one for one in candidates if len(one.covered & free) >= len(one.covered) / 2]
    return found


def leftovers(words: Words, found: list[Found]) -> list[tuple[int, int]]:
    """Return the stretches of words that neither a text nor a heading or notice of its licence accounts for."""
    covered = frozenset().union(*(one.covered for one in found)) if found else frozenset()
    keys = tuple(sorted({one.text.key for one in found}))
    return [
        (start, end)
        for start, end in _gaps(len(words.words), covered)
        if not (found and benign_words(words, start, end, keys))
    ]


def _end_of(
    segments: tuple[Segment, ...],
    position: int,
    words: Words,
    anchors: tuple[int, ...],
    digests: dict[tuple[int, int], str],
) -> int | None:
    for segment in segments:
        start = _start_of(segment, position, words, anchors)
        end = None if start is None else words.after_letters(start, segment.letters)
        if start is None or end is None:
            return None
        if (start, end) not in digests:
            digests[start, end] = digest(words.words[start:end])
        if digests[start, end] != segment.digest:
            return None
        position = end
    return position


def _start_of(segment: Segment, position: int, words: Words, anchors: tuple[int, ...]) -> int | None:
    """Where the segment begins: at once, or after what its slot may hold."""
    least, most = {"": (0, 0), "name": (1, MAX_NAME_WORDS), "notice": (0, MAX_NOTICE_WORDS)}[segment.gap]
    for start in range(position + least, min(position + most + 1, len(anchors))):
        if anchors[start] != segment.anchor:
            continue
        slot = words.between(position, start)
        if start == position or (is_name(slot) if segment.gap == "name" else are_notices(slot)):
            return start
    return None


def _partial_texts(words: Words, index: Index) -> list[Found]:
    """The known texts of which enough stands in the words, and whose head agrees."""
    rows = shingles(words.words, _ROW)
    known, last = index.rows, len(index.rows)
    places: dict[tuple[int, ...], list[int]] = {}
    for at, row in enumerate(rows):
        found_at = bisect.bisect_left(known, row)
        if found_at < last and known[found_at] == row and (owner_set := index.owner_sets[index.owners[found_at]]):
            places.setdefault(owner_set, []).append(at)
    shared: Counter[int] = Counter()
    for owner_set, positions in places.items():
        distinct = len({rows[at] for at in positions})
        for number in owner_set:
            shared[number] += distinct
    found = (
        _partial(words, index.texts[number], count, [at for owned, at in places.items() if number in owned])
        for number, count in shared.most_common(_CANDIDATES)
    )
    return [one for one in found if one is not None]


def _partial(words: Words, text: KnownText, count: int, places: list[list[int]]) -> Found | None:
    share = min(1.0, count / text.shingles)
    if count < _LEAST_ROWS or share < _LEAST_OF_PIECE:
        return None
    start = min(min(positions) for positions in places)
    if not agrees(words, start, text.key):
        return None
    covered = frozenset(at + offset for positions in places for at in positions for offset in range(_ROW))
    if share < _LEAST_OF_TEXT and len(covered) < _PIECE * len(words.words):
        return None
    missing = max(0, text.words - len(covered))
    return Found(text, start, max(covered) + 1, covered, share, missing)


def _gaps(length: int, covered: frozenset[int]) -> list[tuple[int, int]]:
    """The stretches of range(length) that are not covered."""
    edges = [-1, *sorted(covered), length]
    return [(low + 1, high) for low, high in itertools.pairwise(edges) if high - low > 1]
