"""The cells of a model as a small picture: a column a criterion, a line a facet, a shape and a colour an outcome.

`reports/site/shared.js` draws the same from the same letters; a browser test holds the two together.
"""

from __future__ import annotations

import functools

from osaudit.render.words import MARKS, NOTHING
from osaudit.site.board import OUTCOMES
from osaudit.site.frame import View
from osaudit.verdict import FACETS

SHAPES = {
    "p": "M{x} {y}h0",
    "a": "M{x} {u}a3 3 0 0 0 0 6z",
    "f": "M{x} {y}h0",
    "r": "M{x} {u}l3 3-3 3-3-3z",
    "n": "M{x} {y}h0",
    "x": "M{l} {y}h4",
}
"""A dot's path about its middle, x and y; `u` is 3 above it, `l` 2 to its left. Lines' ends make the shapes."""

_REMEMBERED = 20_000
"""So many models' letters are remembered as drawn: many models have the same."""


@functools.lru_cache(_REMEMBERED)
def dot_paths(dots: str) -> list[tuple[str, str]]:
    """A path an outcome, as (outcome, path), in a field of 80 by 32."""
    paths: dict[str, list[str]] = {}
    for at, letter in enumerate(dots):
        if letter in SHAPES:
            x, y = 4 + 8 * (at // len(FACETS)), 4 + 8 * (at % len(FACETS))
            paths.setdefault(letter, []).append(SHAPES[letter].format(x=x, y=y, u=y - 3, l=x - 2))
    return [(OUTCOMES[letter], "".join(paths[letter])) for letter in SHAPES if letter in paths]


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
            "path": dot_paths(letter),
        }
        for letter, mark in marks.items()
    ]
