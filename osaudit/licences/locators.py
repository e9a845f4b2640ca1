"""Locators: the key words by which the sentence that decides is found in any copy of a licence's text.

`criteria/locators/<key>.yaml` gives, for each criterion and each flag of an entry of the clause table, the number or
heading of a clause and a few key words, never the licence's prose. The sentence of that clause that holds all of the
words is the one; in a copy that has lost its numbers, or counts otherwise, the words alone find it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from osaudit.compiled import regex
from osaudit.errors import UsageError
from osaudit.frozen import dataclass
from osaudit.yamlfile import own_tables

MAX_PHRASES = 5
MAX_PHRASE = 40
_APART = regex(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Locator:
    """Where the deciding sentence stands: `clause` in the text, and `words` that it holds; none for the whole text."""

    clause: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Locators:
    """The locators of one licence, by criterion and by flag."""

    criteria: Mapping[int, tuple[Locator, ...]]
    flags: Mapping[str, tuple[Locator, ...]]


_NONE = Locators(MappingProxyType({}), MappingProxyType({}))


def plain(text: str) -> str:
    """A text's letters and digits in lower case, single spaces for all that stands between them."""
    return _APART.sub(" ", text.casefold()).strip()


def holds(quote: str, locator: Locator) -> bool:
    """Whether a quote holds the words of a locator."""
    row = plain(quote)
    return all(plain(phrase) in row for phrase in locator.words)


@functools.cache
def load_locators() -> Mapping[str, Locators]:
    """Read `criteria/locators/`, once a process."""
    found: dict[str, Locators] = {}
    for name, raw in own_tables("locators").items():
        try:
            for key in (raw["key"], *raw.get("also", ())):
                found[key] = Locators(
                    MappingProxyType({int(name): _rows(rows) for name, rows in (raw.get("criteria") or {}).items()}),
                    MappingProxyType({str(name): _rows(rows) for name, rows in (raw.get("flags") or {}).items()}),
                )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UsageError(f"The locators in {name} cannot be read: {error}") from error
    return MappingProxyType(found)


def locators_of(key: str) -> Locators:
    """The locators of one licence; none where the table has none for it."""
    return load_locators().get(key, _NONE)


def _rows(rows: Iterable[Mapping[str, Any]] | Mapping[str, Any]) -> tuple[Locator, ...]:
    each: Sequence[Mapping[str, Any]] = [rows] if isinstance(rows, Mapping) else list(rows)
    return tuple(_locator(row) for row in each)


def _locator(row: Mapping[str, Any]) -> Locator:
    words = tuple(str(word) for word in row["words"])
    if not words or len(words) > MAX_PHRASES or any(len(word) > MAX_PHRASE or not plain(word) for word in words):
        raise ValueError(f"a locator has 1 to {MAX_PHRASES} key words of at most {MAX_PHRASE} characters: {words}")
    return Locator(str(row.get("clause", "")), words)
