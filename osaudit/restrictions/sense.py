"""What a sentence says of terms where no rule says that it closes a use: nothing that counts, or words not understood.

Those have force (a question for a person) or have none (a risk).

A topic word (licence, commercial, permission ...) is explained where it stands in a span that a harmless rule covers.
No span explains what stands outside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Literal, NamedTuple

from osaudit.compiled import regex
from osaudit.frozen import dataclass
from osaudit.prefilter import Prefilter, branches

Strength = Literal["force", "topic"]
CLAUSE = regex(r"[.;:!?。；！？]\s|\s[-–—]\s|[()|]|, (?:but|and|however|although|while|which)\b")

NEAR, NEAR_WORDS = 60, 7
SHORT = 60  # letters: a sentence with no room for another clause or subject


class Span(NamedTuple):
    """A stretch of a sentence and the class or rule that found it."""

    start: int
    end: int
    name: str


class Rules:
    """Named patterns of folded text, of which those alone are tried whose needles stand in it.

    `needs`: what a text must have besides before the pattern of that name, which costs more, is tried.
    """

    def __init__(
        self, name: str, named: Mapping[str, re.Pattern[str]], needs: Mapping[str, re.Pattern[str]] | None = None
    ) -> None:
        self.named = tuple(named.items())
        self._needs = tuple((needs or {}).get(each) for each, _ in self.named)
        parts = [(number, part) for number, (_, whole) in enumerate(self.named) for part in branches(whole.pattern)]
        self._whole = tuple(number for number, _ in parts)
        self._parts = tuple(regex(part, self.named[number][1].flags & ~re.UNICODE) for number, part in parts)
        self._prefilter = Prefilter(name, self._parts)

    def may_match(self, plain: str) -> bool:
        """Tell whether one of the patterns stands in a folded text."""
        return any(self._parts[number].search(plain) for number in self._prefilter.candidates(plain))

    def spans(self, plain: str) -> list[Span]:
        """List what the patterns match, in their order; one is tried where an alternative of it matches."""
        met: dict[int, None] = {}
        for number in self._prefilter.candidates(plain):
            whole = self._whole[number]
            if whole in met:
                continue
            needed = self._needs[whole]
            if (needed is None or needed.search(plain)) and self._parts[number].search(plain):
                met[whole] = None
        return [
            Span(found.start(), found.end(), name)
            for name, pattern in (self.named[whole] for whole in met)
            for found in pattern.finditer(plain)
            if found.group().strip()
        ]


@dataclass(frozen=True)
class Sense:
    """How one language's sentences on terms are understood; patterns are of folded text."""

    topics: Rules
    beside: re.Pattern[str]
    hard: re.Pattern[str]
    narrows: re.Pattern[str]
    operators: re.Pattern[str]
    objects: re.Pattern[str]
    force: frozenset[str]
    harmless: Rules
    whole: tuple[tuple[str, re.Pattern[str]], ...]

    @cached_property
    def _near(self) -> Rules:
        return Rules("beside", {"beside": self.beside})

    def understand(self, plain: str, *, advised: bool = False, heading: bool = False) -> tuple[Strength, str] | None:
        """Tell whether a folded sentence speaks of terms in words that no rule explains, how strongly, and which.

        `advised`: it stands where a card advises (out of scope, limits, uses), where words without a hard operator
        tell what the model is good for. `heading`: it is a title, whose words have force by their class alone.
        """
        topics = self.topics.spans(plain)
        if not (topics or self._near.may_match(plain)) or any(pattern.search(plain) for _, pattern in self.whole):
            return None
        spans = self.harmless.spans(plain)
        outside = _blank(plain, spans)
        left = [topic for topic in topics if not _covered(topic, spans)]
        soft = advised and not self.hard.search(outside)
        word = None if soft else self._by_class(plain, left)
        if word is None and not (soft or heading):
            word = self._beside_operator(plain, outside, left) or self._narrowed(plain, outside, topics)
        if word is not None:
            return "force", word
        return ("topic", plain[left[0].start : left[0].end]) if left else None

    def _by_class(self, plain: str, left: list[Span]) -> str | None:
        """Find a word that has force by its class."""
        return next((plain[topic.start : topic.end] for topic in left if topic.name in self.force), None)

    def _beside_operator(self, plain: str, outside: str, left: list[Span]) -> str | None:
        """Find a word that has force by an operator that stands in its clause outside the spans."""
        short = len(plain) <= SHORT
        for start, end in self._clauses(plain):
            clause = outside[start:end]
            if self.operators.search(clause) and (short or self.objects.search(plain, start, end)):
                unexplained = next((topic for topic in left if start <= topic.start < end), None)
                word = plain[unexplained.start : unexplained.end] if unexplained else self._weak(clause)
                if word is not None:
                    return word
        return None

    def _narrowed(self, plain: str, outside: str, topics: list[Span]) -> str | None:
        """Find a word on terms that a span explains, and that a word outside the spans narrows in its clause."""
        for start, end in self._clauses(plain):
            told = next((topic for topic in topics if start <= topic.start < end), None)
            if told is not None and self.narrows.search(outside[start:end]):
                return plain[told.start : told.end]
        return None

    def _clauses(self, plain: str) -> Iterable[tuple[int, int]]:
        return ((0, len(plain)),) if len(plain) <= SHORT else _clauses(plain)

    def _weak(self, clause: str) -> str | None:
        """Find a word that speaks of terms beside an operator only, and stands near one."""
        told = [found.span() for found in self.operators.finditer(clause)]
        for found in self.beside.finditer(clause):
            for start, end in told:
                between = clause[end : found.start()] if end <= found.start() else clause[found.end() : start]
                if len(between) <= NEAR and between.count(" ") <= NEAR_WORDS:
                    return found.group()
        return None


def _clauses(plain: str) -> Iterator[tuple[int, int]]:
    start = 0
    for found in CLAUSE.finditer(plain):
        if found.start() > start:
            yield start, found.start()
        start = found.end()
    yield start, len(plain)


def _covered(topic: Span, spans: list[Span]) -> bool:
    return any(span.start <= topic.start and topic.end <= span.end for span in spans)


def _blank(plain: str, spans: list[Span]) -> str:
    held = list(plain)
    for span in spans:
        held[span.start : span.end] = " " * (span.end - span.start)
    return "".join(held)
