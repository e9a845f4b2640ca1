"""Phrases: the rules of `criteria/restrictions/phrases/`, each an expression that closes a flag of the clause table.

Rules of cards read a sentence as it stands, and where a word of theirs begins tells whom it speaks of; rules of licence
texts read it folded, and ask besides that it does not say the opposite around the phrase.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from osaudit.compiled import regex
from osaudit.frozen import dataclass
from osaudit.prefilter import Prefilter
from osaudit.yamlfile import own_tables

Place: TypeAlias = Literal["card", "licence"]

AROUND = 160
_PART = regex(r"<([\w-]+)>")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One rule: a sentence closes `flag` where `says` matches, and none of `unless` does around it.

    `needs` has to stand in the sentence besides. `closes` and `leaves` are its own examples, `file` is where it stands.
    """

    id: str
    flag: str
    where: tuple[Place, ...]
    says: str
    needs: str = ""
    unless: str = ""
    closes: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    file: str = ""

    def match(self, text: str) -> int | None:
        """Return where the rule's words begin in a sentence; None where they do not stand there."""
        if self.needs and not compiled(self.needs).search(text):
            return None
        found = compiled(self.says).search(text)
        if found is None or not self.unless:
            return found.start() if found else None
        around = text[max(0, found.start() - AROUND) : found.end() + AROUND]
        return None if compiled(self.unless).search(around) else found.start()


@functools.cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile an expression when a sentence first asks for it."""
    return regex(pattern, re.IGNORECASE)


@functools.cache
def phrases() -> tuple[Phrase, ...]:
    """Return the rules of every language, in the order of their files."""
    return tuple(phrase for name, raw in own_tables("restrictions/phrases").items() for phrase in _rules(raw, name))


def _rules(raw: Mapping[str, Any], file: str) -> list[Phrase]:
    parts: dict[str, str] = {}
    for name, pattern in raw.get("parts", {}).items():
        parts[name] = with_parts(pattern, parts)
    return [_phrase(row, parts, file) for row in raw["rules"]]


def with_parts(pattern: str, parts: Mapping[str, str]) -> str:
    """Put the named parts into a pattern; a part names those above it alone."""
    return _PART.sub(lambda name: parts.get(name.group(1), name.group()), pattern)


def _phrase(row: Mapping[str, Any], parts: Mapping[str, str], file: str) -> Phrase:
    says, needs, unless = (with_parts(row.get(name, ""), parts) for name in ("says", "needs", "unless"))
    closes, leaves = tuple(row["closes"]), tuple(row["leaves"])
    return Phrase(row["id"], row["flag"], tuple(row["where"]), says, needs, unless, closes, leaves, file)


def closed(text: str, plain: str, place: Place) -> tuple[tuple[Phrase, int], ...]:
    """List the rules of a place that a sentence's words meet, and where; `plain` is the folded sentence."""
    rules, prefilter = _of_place(place)
    met = ((rules[number], rules[number].match(text)) for number in prefilter.candidates(plain))
    return tuple((phrase, start) for phrase, start in met if start is not None)


@functools.cache
def _of_place(place: Place) -> tuple[tuple[Phrase, ...], Prefilter]:
    rules = tuple(phrase for phrase in phrases() if place in phrase.where)
    return rules, Prefilter(f"phrases of {place}", (regex(phrase.says, re.IGNORECASE) for phrase in rules))
