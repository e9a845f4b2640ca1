"""Locators: the key words by which the sentence that decides is found in any copy of a licence's text.

`criteria/locators/<key>.yaml` gives, for each criterion and each flag of an entry of the clause table, the number or
heading of a clause and a few key words, never the licence's prose. The sentence of that clause that holds all of the
words is the one; in a copy that has lost its numbers, or counts otherwise, the words alone find it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from osaudit.data import data_path
from osaudit.errors import UsageError
from osaudit.licences.outline import Outline, Span, outline_of
from osaudit.licences.quotes import LEFT_OUT, of_sentence
from osaudit.licences.references import place_of
from osaudit.licences.sentences import Sentence, sentences

MAX_PHRASES = 5
MAX_PHRASE = 40
MAX_ITEMS = 40
MAX_LEAD = 400
_ITEM = re.compile(r"[*_]{0,2}(?:[-*•●◦–]|\(?(?:[a-zA-Z]|\d{1,2}|[ivxIVX]{1,4})[.)])\s")
_APART = re.compile(r"[\W_]+")


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


@dataclass(frozen=True, slots=True)
class Located:
    """A sentence that was found: by which locator, on which lines (1-based), and its words as a report quotes them."""

    locator: Locator
    lines: tuple[int, int]
    quote: str


_NONE = Locators(MappingProxyType({}), MappingProxyType({}))


class Finder:
    """A text's sentences, made ready once for every locator that is asked of it."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n").replace("\r", "\n")
        self._rows = tuple(
            (sentence, f" {plain(self.text[sentence.start : sentence.end])} ") for sentence in sentences(self.text)
        )

    @functools.cached_property
    def _outline(self) -> Outline:
        return outline_of(self.text)

    def find(self, locator: Locator, within: Span | None = None) -> Located | None:
        """Find the sentence of a locator, in its clause first, then anywhere; `within` bounds the search."""
        if not locator.words:
            return None
        needles = [plain(phrase) for phrase in locator.words]
        holding = [sentence for sentence, row in self._rows if all(needle in row for needle in needles)]
        if within is not None:
            holding = [one for one in holding if one.start < within[1] and one.end > within[0]]
        if not holding:
            return None
        chosen = next((one for one in holding if self._is_in(one, locator.clause)), None) if len(holding) > 1 else None
        return self._located(locator, chosen or holding[0], needles[0])

    def parts(self, span: Span) -> tuple[Sentence, ...]:
        """The sentences of a stretch."""
        return tuple(one for one, _ in self._rows if one.start >= span[0] and one.end <= span[1])

    def lines(self, span: Span) -> tuple[int, int]:
        """The lines of a stretch, from 1."""
        start, end = span
        return self.text.count("\n", 0, start) + 1, self.text.count("\n", 0, max(start, end - 1)) + 1

    def _is_in(self, sentence: Sentence, clause: str) -> bool:
        span = self._span(clause)
        return span is not None and span[0] <= sentence.start < span[1]

    @functools.lru_cache(maxsize=64)  # noqa: B019 - lives as long as one text is read
    def _span(self, clause: str) -> Span | None:
        return place_of(clause, self._outline)

    def _located(self, locator: Locator, sentence: Sentence, needle: str) -> Located:
        letters = r"[\W_]*".join(map(re.escape, needle.replace(" ", "")))
        first = re.search(letters, self.text[sentence.start : sentence.end], re.IGNORECASE)
        quote = of_sentence(self.text, sentence, sentence.start + (first.start() if first else 0))
        lead, between = self._lead(sentence)
        if lead is None:
            return Located(locator, sentence.lines, quote)
        gap = f" {LEFT_OUT} " if between else " "
        words = f"{of_sentence(self.text, lead, lead.start)}{gap}{quote}"
        return Located(locator, (lead.lines[0], sentence.lines[1]), words)

    def _lead(self, sentence: Sentence) -> tuple[Sentence | None, int]:
        """The words that an item of a list goes on from ("You agree not to use the Model:"), and the items between."""
        at = next(number for number, (one, _) in enumerate(self._rows) if one is sentence)
        for back in range(at, max(0, at - MAX_ITEMS), -1):
            before = self._rows[back - 1][0]
            if not _ITEM.match(self.text[self._rows[back][0].start :][:8]):
                return None, 0
            if self.text[before.start : before.end].rstrip("*_ ").endswith((":", "：")):
                return (before, at - back) if before.end - before.start <= MAX_LEAD else (None, 0)
        return None, 0


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
    import yaml  # noqa: PLC0415 - as the clause table does

    found: dict[str, Locators] = {}
    for path in sorted(data_path("criteria", "locators").glob("*.yaml")):
        try:
            raw = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
            for key in (raw["key"], *raw.get("also", ())):
                found[key] = Locators(
                    MappingProxyType({int(name): _rows(rows) for name, rows in (raw.get("criteria") or {}).items()}),
                    MappingProxyType({str(name): _rows(rows) for name, rows in (raw.get("flags") or {}).items()}),
                )
        except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise UsageError(f"The locators in {path} cannot be read: {error}") from error
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
