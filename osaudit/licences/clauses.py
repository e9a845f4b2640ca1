"""Clauses: where in a licence text the clause stands that decides a criterion.

The index knows each deciding clause by the hash of its words, so that it is found in whatever way a copy is numbered,
wrapped or marked up. In a text that differs, a clause whose words differ too is looked for by its number.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from osaudit.licences.index import ClauseMark, Index, digest
from osaudit.licences.references import items_of, outline_and_places
from osaudit.licences.table import load_table
from osaudit.licences.words import Words, shingles, words_of

MAX_QUOTE = 480
_LEAST_WORDS = 6
_EDGE = 4


@dataclass(frozen=True, slots=True)
class ClauseHit:
    """The clause on which the table's verdict of `key` under `criterion` rests, found in a text.

    `verbatim`: its words are those of a text of the licence that the index knows.
    """

    key: str
    criterion: int
    clause: str
    verbatim: bool
    lines: tuple[int, int]
    quote: str


def clause_marks(key: str, text: str) -> Iterator[ClauseMark]:
    """Find, in a licence's own text, the clauses that decide what it fails or leaves in doubt."""
    licence = load_table().get(key)
    for verdict in licence.osd if licence else ():
        if verdict.v == "pass":
            continue
        for item, (start, end) in outline_and_places(verdict.clause, text):
            row = words_of(text[start:end], with_notices=True).words
            # its number is no part of it: a copy may be numbered otherwise
            row = tuple(itertools.dropwhile(str.isdigit, row))
            if len(row) >= _LEAST_WORDS:
                yield ClauseMark(
                    key, verdict.criterion, item, sum(map(len, row)), digest(row), shingles(row[:_EDGE], _EDGE)[0]
                )


def clauses_in(text: str, words: Words, key: str, index: Index) -> tuple[ClauseHit, ...]:
    """Find the deciding clauses of a licence in a text, each once; those that are not found are left out."""
    marks = index.clauses.get(key, ())
    if not marks:
        return ()
    raw = text.replace("\r\n", "\n").replace("\r", "\n")
    hits: dict[tuple[int, str], ClauseHit] = {}
    wanted = {mark.anchor for mark in marks}
    places: dict[int, list[int]] = {}
    for at, anchor in enumerate(shingles(words.words, _EDGE)):
        if anchor in wanted:
            places.setdefault(anchor, []).append(at)
    for mark in marks:
        name = (mark.criterion, mark.item)
        if name in hits:
            continue
        for start in places.get(mark.anchor, ()):
            end = words.after_letters(start, mark.letters)
            if end is not None and digest(words.words[start:end]) == mark.digest:
                lines = words.lines(start, end)
                quote = _quote(raw, lines, words.words[start:end])
                hits[name] = ClauseHit(key, mark.criterion, mark.item, verbatim=True, lines=lines, quote=quote)
                break
    return tuple(sorted(hits.values(), key=lambda hit: (hit.criterion, hit.lines)))


def differing_clauses(text: str, key: str, found: tuple[ClauseHit, ...]) -> tuple[ClauseHit, ...]:
    """Find by their numbers the deciding clauses that a variant does not hold in the licence's own words."""
    licence = load_table().get(key)
    raw = text.replace("\r\n", "\n").replace("\r", "\n")
    seen = {(hit.criterion, hit.clause) for hit in found}
    hits: list[ClauseHit] = []
    for verdict in licence.osd if licence else ():
        if verdict.v == "pass" or all((verdict.criterion, item) in seen for item in items_of(verdict.clause)):
            continue
        for item, (start, end) in outline_and_places(verdict.clause, raw):
            if (verdict.criterion, item) not in seen:
                lines = (raw.count("\n", 0, start) + 1, raw.count("\n", 0, max(start, end - 1)) + 1)
                quote = raw[start:end][:MAX_QUOTE].strip()
                hits.append(ClauseHit(key, verdict.criterion, item, verbatim=False, lines=lines, quote=quote))
    return tuple(hits)


def _quote(raw: str, lines: tuple[int, int], row: tuple[str, ...]) -> str:
    """The words of the text itself, from the clause's first word to its last, bounded."""
    stretch = "\n".join(raw.split("\n")[lines[0] - 1 : lines[1]])
    first = _edge(row[:_EDGE]).search(stretch)
    start = first.start() if first else 0
    # a label at the line's beginning belongs to the clause
    line_start = stretch.rfind("\n", 0, start) + 1
    start = line_start if start - line_start <= len("## (viii). ") else start
    ends = [match.end() for match in _edge(row[-_EDGE:]).finditer(stretch, first.end() if first else 0)]
    end = ends[-1] + 1 if ends else len(stretch)
    return stretch[start : min(end, start + MAX_QUOTE)].strip()


def _edge(row: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(r"\W{0,12}".join(re.escape(word) for word in row), re.IGNORECASE)
