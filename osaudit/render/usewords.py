"""The answers for the uses of a model, in the words that every report shares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from osaudit.licences.grants import load_vocabulary
from osaudit.render.neutral import plain
from osaudit.render.words import place_words
from osaudit.render.wrap import width_of, wrap
from osaudit.verdict import MayAnswer, UseAnswer

ANSWERS: Mapping[MayAnswer, str] = MappingProxyType(
    {"yes": "yes", "yes-if": "yes, if", "no": "no", "not-known": "not known"}
)
NONE_KNOWN = "None that the terms are known to bring."
_ASIDE = 42
_QUOTE = 600


def use_name(use: str) -> str:
    """What the use is called in a sentence."""
    known = load_vocabulary().uses.get(use)
    return known.name if known else plain(use, 60)


def why_words(answer: UseAnswer) -> str:
    """The conditions of a yes-if, else the reason."""
    return "; ".join(answer.conditions) if answer.answer == "yes-if" else answer.because


def uses_lines(answers: Sequence[UseAnswer], home: str, width: int) -> Iterable[str]:
    """A line for each use, with conditions or reason, basis, and the deciding words beneath a no."""
    for answer in answers:
        yield from _head(use_name(answer.use), f"{ANSWERS[answer.answer]} [{answer.basis}]", width)
        told = answer.conditions if answer.answer == "yes-if" else (answer.because,)
        for words in told:
            yield from _indented(f"- {plain(words)}", width)
        if answer.answer in {"no", "not-known"}:
            for where in answer.where[:1]:
                quote = f"“{plain(where.quote, _QUOTE)}” " if where.quote else ""
                yield from _indented(f"{quote}→ {place_words(where, home)}", width)


def _head(name: str, told: str, width: int) -> list[str]:
    line = f"  {name:<{_ASIDE}}{told}"
    if width_of(line) <= width:
        return [line]
    return [f"  {part}" for part in wrap(f"{name}: {told}", max(width - 2, 1))]


def _indented(words: str, width: int) -> list[str]:
    return [f"      {line}" for line in wrap(words, max(width - 6, 1))]
