"""Clauses: where in a licence text the clause stands that decides a criterion.

The index knows each deciding clause by the hash of its words, so that it is found in whatever way a copy is numbered,
wrapped or marked up. In a text that differs, a clause whose words differ too is looked for by its number.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from osaudit.frozen import dataclass
from osaudit.licences.deciding import Finder
from osaudit.licences.index import ClauseMark, Index, digest
from osaudit.licences.locators import locators_of
from osaudit.licences.outline import Span
from osaudit.licences.quotes import MAX_QUOTE, between, opening
from osaudit.licences.references import items_of, outline_and_places
from osaudit.licences.table import load_table
from osaudit.licences.tokens import Words, shingles, words_of

_LEAST_WORDS = 6
_EDGE = 4


@dataclass(frozen=True, slots=True)
class FlagHit:
    """The sentence on which a flag of the table's entry `key` rests, found in a text."""

    key: str
    flag: str
    clause: str
    lines: tuple[int, int]
    quote: str


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


def clauses_in(finder: Finder, words: Words, key: str, index: Index) -> tuple[ClauseHit, ...]:
    """Find the deciding clauses of a licence in a text, each once; those that are not found are left out."""
    marks = index.clauses.get(key, ())
    if not marks:
        return ()
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
                span = _span(finder.text, words.lines(start, end), words.words[start:end])
                hits[name] = _hit(finder, key, mark.criterion, mark.item, span, verbatim=True)
                break
    return tuple(sorted(hits.values(), key=lambda hit: (hit.criterion, hit.lines)))


def differing_clauses(finder: Finder, key: str, found: tuple[ClauseHit, ...]) -> tuple[ClauseHit, ...]:
    """Find by their numbers the deciding clauses that a variant does not hold in the licence's own words."""
    licence = load_table().get(key)
    seen = {(hit.criterion, hit.clause) for hit in found}
    hits: list[ClauseHit] = []
    for verdict in licence.osd if licence else ():
        if verdict.v == "pass" or all((verdict.criterion, item) in seen for item in items_of(verdict.clause)):
            continue
        for item, span in outline_and_places(verdict.clause, finder.text):
            if (verdict.criterion, item) not in seen:
                hits.append(_hit(finder, key, verdict.criterion, item, span, verbatim=False))
    return tuple(hits)


def deciding_clauses(finder: Finder, key: str, found: tuple[ClauseHit, ...]) -> tuple[ClauseHit, ...]:
    """Add, in a text that is the licence word for word, the sentences that decide each criterion, passes included."""
    licence, hits = load_table().get(key), list(found)
    if licence is None:
        return found
    for criterion, locators in locators_of(key).criteria.items():
        shown = [hit.lines for hit in found if hit.criterion == criterion]
        for locator in locators:
            place = finder.find(locator)
            if place and not any(first <= place.lines[0] <= last for first, last in shown):
                clause = locator.clause or licence.verdict(criterion).clause
                hits.append(ClauseHit(key, criterion, clause, verbatim=True, lines=place.lines, quote=place.quote))
    return tuple(sorted(hits, key=lambda hit: hit.criterion))


def flags_in(finder: Finder, key: str) -> tuple[FlagHit, ...]:
    """Find the sentences on which the flags of a licence rest."""
    told = ((flag, finder.find(locator)) for flag, rows in locators_of(key).flags.items() for locator in rows)
    return tuple(FlagHit(key, flag, place.locator.clause, place.lines, place.quote) for flag, place in told if place)


def _hit(finder: Finder, key: str, criterion: int, item: str, span: Span, *, verbatim: bool) -> ClauseHit:
    """Quote of a clause the sentence that decides, else its beginning."""
    locators = locators_of(key).criteria.get(criterion, ())
    for locator in sorted(locators, key=lambda one: one.clause != item):
        place = finder.find(locator, within=span)
        if place:
            return ClauseHit(key, criterion, item, verbatim=verbatim, lines=place.lines, quote=place.quote)
    quote = opening(finder.text, finder.parts(span)) or between(finder.text, *span, MAX_QUOTE)
    return ClauseHit(key, criterion, item, verbatim=verbatim, lines=finder.lines(span), quote=quote)


def _span(raw: str, lines: tuple[int, int], row: tuple[str, ...]) -> Span:
    """The stretch of the text from the clause's first word to its last."""
    rows = raw.split("\n")
    before = sum(len(line) + 1 for line in rows[: lines[0] - 1])
    stretch = "\n".join(rows[lines[0] - 1 : lines[1]])
    first = _edge(row[:_EDGE]).search(stretch)
    start = first.start() if first else 0
    # a label at the line's beginning belongs to the clause
    line_start = stretch.rfind("\n", 0, start) + 1
    start = line_start if start - line_start <= len("## (viii). ") else start
    ends = [match.end() for match in _edge(row[-_EDGE:]).finditer(stretch, first.end() if first else 0)]
    end = ends[-1] + 1 if ends else len(stretch)
    return before + start, before + min(end, len(stretch))


def _edge(row: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(r"\W{0,12}".join(re.escape(word) for word in row), re.IGNORECASE)
