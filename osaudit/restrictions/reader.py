"""The entry point: what a sentence's words close, and whether they speak of terms in a way that no rule understands."""

from __future__ import annotations

import functools
from typing import Literal, NamedTuple

from osaudit.restrictions.book import languages, sense, stems
from osaudit.restrictions.classes import ClassHit

MAX_REMEMBERED = 8_192  # sentences: cards share many
MAX_SENTENCE = 1_600

NOT_UNDERSTOOD = "en-not-understood"
"""The rule's name where English words on terms are explained by none."""

Kind = Literal["closes", "unclear", "topic"]


class Hit(NamedTuple):
    """What one sentence says: `closes` (value: a flag of the clause table), `unclear` or `topic` (value: the word).

    `rule` names the rule of the book, `start` where its words begin in the folded sentence.
    """

    kind: Kind
    value: str
    rule: str
    start: int


@functools.lru_cache(maxsize=MAX_REMEMBERED)
def heard(plain: str, advised: bool, heading: bool) -> Hit | None:  # noqa: FBT001 - by place a memory is asked sooner
    """Read a folded sentence by word classes, and where these say nothing by the sense of English ones."""
    return by_classes(plain) or further(plain, advised=advised, heading=heading)


def by_classes(plain: str) -> Hit | None:
    """Read a folded sentence by the word classes of every language whose stems stand in it; the first that closes."""
    unclear: ClassHit | None = None
    plain = told = plain[:MAX_SENTENCE]
    called = [language for code in _called(plain) if (language := languages()[code]).reads(plain)]
    for language in called:
        told = language.turned(told)
    for language in called:
        hit = language.read(plain, told)
        if hit is not None and hit.flag != "unclear":
            return Hit("closes", hit.flag, hit.rule, hit.start)
        unclear = unclear or hit
    return Hit("unclear", "terms", unclear.rule, unclear.start) if unclear else None


def further(plain: str, *, advised: bool = False, heading: bool = False) -> Hit | None:
    """Tell whether a folded sentence that no closing rule holds speaks of terms in words that no rule explains."""
    told = sense().understand(plain[:MAX_SENTENCE], advised=advised, heading=heading)
    if told is None:
        return None
    strength, word = told
    return Hit("unclear" if strength == "force" else "topic", word, NOT_UNDERSTOOD, max(0, plain.find(word)))


def _called(plain: str) -> tuple[str, ...]:
    """Name the languages whose stems stand in a folded sentence, at the beginning of a word where words are spaced."""
    found: set[str] = set()
    for end, (length, opening, anywhere) in stems().iter(plain):
        found.update(anywhere)
        if end < length or not plain[end - length].isalnum():
            found.update(opening)
    return tuple(sorted(found))
