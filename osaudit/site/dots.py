"""The cells of a model as a small picture: a column a criterion, a line a facet, a shape and a colour an outcome.

`reports/site/shared.js` draws the same from the same letters; a browser test holds the two together.
"""

from __future__ import annotations

import functools

from markupsafe import Markup

from osaudit.render.html import macro
from osaudit.render.words import MARKS, NOTHING
from osaudit.site.board import OUTCOMES
from osaudit.site.frame import View
from osaudit.verdict import FACETS

SHAPES = {
    "p": "M{x} {y}h{w}",
    "a": "M{x} {u}a3 3 0 0 0 0 6z",
    "f": "M{x} {y}h{w}",
    "r": "M{x} {u}l3 3-3 3-3-3z",
    "n": "M{x} {y}h{w}",
    "x": "M{l} {y}h{d}",
}
"""A dot's path about its middle, x and y; `u` is 3 above it, `l` 2 to its left.

Neighbours in a line that are dashes are one line: the style sheet dashes it by 8, so that a dot stands at each. `w` and
`d` are its length, to a little beyond the last dot's middle and to its end.
"""
_RUNS = frozenset("pfnx")

_REMEMBERED = 20_000
"""So many models' letters are remembered as drawn: many models have the same."""


@functools.lru_cache(_REMEMBERED)
def dot_paths(dots: str) -> list[tuple[str, str]]:
    """A path an outcome, as (outcome, path), in a field of 80 by 32."""
    paths: dict[str, list[str]] = {}
    for line in range(len(FACETS)):
        letters, at = dots[line :: len(FACETS)], 0
        while at < len(letters):
            letter, run = letters[at], 1
            while letter in _RUNS and letters[at + run : at + run + 1] == letter:
                run += 1
            if letter in SHAPES:
                x, y = 4 + 8 * at, 4 + 8 * line
                more = 8 * (run - 1)
                shape = SHAPES[letter].format(x=x, y=y, u=y - 3, l=x - 2, w=more + 1, d=more + 4)
                paths.setdefault(letter, []).append(shape)
            at += run
    return [(OUTCOMES[letter], "".join(paths[letter])) for letter in SHAPES if letter in paths]


@functools.lru_cache(_REMEMBERED)
def dots_drawn(dots: str) -> Markup:
    """The picture, as a piece of a page; nothing for no letters."""
    return macro("site/rows.html.j2", "dots", dot_paths(dots)) if dots else Markup()


@functools.lru_cache(_REMEMBERED)
def tally_words(dots: str) -> str:
    """How many cells have each outcome, in words."""
    words = {letter: (NOTHING if name == "nothing" else MARKS[name]).word for letter, name in OUTCOMES.items()}  # type: ignore[index] # the others are outcomes
    counts = [f"{dots.count(letter)} {word}" for letter, word in words.items() if letter in dots]
    return f"{len(dots)} cells: {', '.join(counts)}"


def legend() -> list[View]:
    """Each outcome's dot, word and meaning."""
    marks = {letter: NOTHING if name == "nothing" else MARKS[name] for letter, name in OUTCOMES.items()}  # type: ignore[index] # as above
    return [
        {
            "letter": letter,
            "kind": OUTCOMES[letter],
            "word": mark.word,
            "meaning": mark.meaning,
            "dot": dots_drawn(letter),
        }
        for letter, mark in marks.items()
    ]
