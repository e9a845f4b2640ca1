"""The sentence that decides, found by a locator in a text: in its clause first, then anywhere."""

from __future__ import annotations

import functools

from osaudit.compiled import regex
from osaudit.folding import folded
from osaudit.frozen import dataclass
from osaudit.licences.locators import Locator, plain
from osaudit.licences.outline import Outline, Span, outline_of
from osaudit.licences.quotes import LEFT_OUT, of_sentence
from osaudit.licences.references import place_of
from osaudit.licences.sentences import Sentence, sentences

MAX_ITEMS = 40
MAX_LEAD = 400
_ITEM = regex(r"[*_]{0,2}(?:[-*•●◦–]|\(?(?:[a-zA-Z]|\d{1,2}|[ivxIVX]{1,4})[.)])\s")


@dataclass(frozen=True, slots=True)
class Located:
    """A sentence that was found: by which locator, on which lines (1-based), and its words as a report quotes them."""

    locator: Locator
    lines: tuple[int, int]
    quote: str


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
        first = _first_letter(self.text, sentence.start, sentence.end, folded(needle.replace(" ", "")))
        quote = of_sentence(self.text, sentence, sentence.start if first is None else first)
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


def _first_letter(text: str, start: int, end: int, letters: str) -> int | None:
    """Find where some folded letters and digits begin in a stretch, whatever parts them; None where they do not."""
    places = [at for at in range(start, end) if text[at].isalnum()]
    found = folded("".join(text[at] for at in places)).find(letters)
    return None if found < 0 else places[found]
