"""Restrictions: the words of a text that close a use or attach a duty, whatever licence it is.

Each rule asks two things of one sentence: that it says so, and that it does not say the opposite ("may be used
commercially", "non-commercial and commercial use alike", "you may not use the name of ..."). Advice ("should not be
used for") is no restriction. What is found lowers a verdict or sends it to review; nothing found proves nothing.
"""

from __future__ import annotations

from functools import lru_cache

from osaudit.evidence import Confidence
from osaudit.frozen import dataclass
from osaudit.licences.sentences import sentences
from osaudit.restrictions.phrases import closed

MAX_HITS = 60
MAX_PER_FLAG = 8
MAX_REMEMBERED = 4_096  # sentences: licences share many


@dataclass(frozen=True, slots=True)
class RestrictionHit:
    """Words that bear on a flag of the clause table; `lines` are 1-based and inclusive.

    `rule` is the id of the rule that found them, and `confidence` whether it is sure of the flag.
    """

    flag: str
    lines: tuple[int, int]
    quote: str
    rule: str = ""
    confidence: Confidence = "high"


def restrictions_in(text: str) -> tuple[RestrictionHit, ...]:
    """Find the restrictions that a licence text, a card sentence or a gate prompt states."""
    hits: list[RestrictionHit] = []
    counts: dict[str, int] = {}
    for sentence in sentences(text):
        for flag, rule in _flags(sentence.plain):
            if counts.get(flag, 0) < MAX_PER_FLAG and len(hits) < MAX_HITS:
                counts[flag] = counts.get(flag, 0) + 1
                hits.append(RestrictionHit(flag, sentence.lines, sentence.quote, rule))
    return tuple(hits)


@lru_cache(maxsize=MAX_REMEMBERED)
def _flags(plain: str) -> tuple[tuple[str, str], ...]:
    told: dict[str, str] = {}
    for phrase, _ in closed(plain, plain, "licence"):
        told.setdefault(phrase.flag, phrase.id)
    return tuple(told.items())
