"""Quotes: the words of a text as they stand, cut at words alone, with [...] for what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osaudit.licences.sentences import Sentence

LEFT_OUT = "[...]"
MAX_QUOTE = 300
"""Characters of a quote, unless the sentence that decides is longer."""
MAX_SENTENCE = 900
"""Characters of a sentence that is quoted whole; of a longer one the part around the words that decide is."""
_HEADING = 80


def collapse(text: str) -> str:
    """Write every run of white space as one space."""
    return " ".join(text.split())


def clip(words: str, limit: int) -> str:
    """Give at most `limit` characters of some words on one line: cut behind a word, and marked there."""
    if len(words) <= limit:
        return words
    room = limit - len(LEFT_OUT) - 1
    cut = words.rfind(" ", room // 2, room + 1)
    return f"{words[: cut if cut > 0 else room].rstrip()} {LEFT_OUT}"


def unmarked(quote: str) -> str:
    """The words of a quote that was cut at its ends, without the marks."""
    return quote.removeprefix(f"{LEFT_OUT} ").removesuffix(f" {LEFT_OUT}")


def between(text: str, start: int, end: int, limit: int) -> str:
    """Quote a stretch of a text, and mark an edge that lies within a word."""
    words = clip(collapse(text[start:end][: limit * 4]), limit)
    if start > 0 and _joins(text, start):
        words = f"{LEFT_OUT} {words}"
    if end < len(text) and _joins(text, end) and not words.endswith(LEFT_OUT):
        words = f"{words} {LEFT_OUT}"
    return words


def widened(text: str, start: int, end: int, margin: int) -> str:
    """Quote a stretch with some words on both sides of it, from word to word."""
    low, high = max(0, start - margin), min(len(text), end + margin)
    while 0 < low < start and _joins(text, low):
        low += 1
    while end < high < len(text) and _joins(text, high):
        high -= 1
    before = f"{LEFT_OUT} " if text[:low].strip() else ""
    after = f" {LEFT_OUT}" if text[high:].strip() else ""
    return f"{before}{collapse(text[low:high])}{after}"


def of_sentence(text: str, sentence: Sentence, at: int) -> str:
    """Quote a sentence whole; of one that is very long the part around `at`, where the words that decide begin."""
    whole = collapse(text[sentence.start : sentence.end])
    if len(whole) <= MAX_SENTENCE and sentence.begins and sentence.ends:
        return between(text, sentence.start, sentence.end, MAX_SENTENCE)
    margin = MAX_SENTENCE // 2
    low, high = max(sentence.start, at - margin // 2), min(sentence.end, at + margin)
    while sentence.start < low < at and _joins(text, low):
        low += 1
    while at < high < sentence.end and _joins(text, high):
        high -= 1
    before = f"{LEFT_OUT} " if low > sentence.start or not sentence.begins else ""
    after = f" {LEFT_OUT}" if high < sentence.end or not sentence.ends else ""
    return f"{before}{collapse(text[low:high])}{after}"


def opening(text: str, parts: Sequence[Sentence]) -> str:
    """Quote the first sentences of a stretch, as many as have room; the first whole, and more than a heading."""
    if not parts:
        return ""
    start, end = parts[0].start, parts[0].end
    for part in parts[1:]:
        if end - start > _HEADING and len(collapse(text[start : part.end])) > MAX_QUOTE:
            break
        end = part.end
    words = between(text, start, end, MAX_SENTENCE)
    return words if end >= parts[-1].end or words.endswith(LEFT_OUT) else f"{words} {LEFT_OUT}"


def _joins(text: str, at: int) -> bool:
    """Whether a place lies within a word."""
    return text[at - 1].isalnum() and text[at].isalnum()
