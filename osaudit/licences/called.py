"""How running text calls the families of models: patterns made from the names in `criteria/model-families.yaml`.

They are of text in lower case (`osaudit.folding.ascii_lower`), and parted by their first letter: a place in a text is
tried with the few names alone that begin as it does.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from osaudit.compiled import regex
from osaudit.licences.families import Family, all_families

MIN_GLUED = 5
"""Letters: a name with fewer may begin another word ("vit" and "vital")."""

_PARTS = regex(r"[ -]|#")
_VERSION = r"(?:[ -]?v?\d{1,4}(?:\.\d{1,3})?)?(?:\d{0,3}b)?"


def spelled(name: str) -> str:
    """Make a pattern of a name: # is a digit, and a space or a hyphen may be either or nothing."""
    return "".join({"#": r"\d", " ": "[ -]?", "-": "[ -]?"}.get(sign, re.escape(sign)) for sign in name.lower())


def _ordered(names: Iterable[str]) -> list[str]:
    return [spelled(name) for name in sorted(set(names), key=lambda name: (-len(name), name))]


def _any_of(patterns: Iterable[str]) -> str:
    """Match one of some patterns, the first that fits; those of one first letter stand together."""
    parted: dict[str, list[str]] = {}
    for pattern in dict.fromkeys(patterns):
        letter = pattern[0] if pattern[0].isalpha() else ""
        parted.setdefault(letter, []).append(pattern.removeprefix(letter))
    other = parted.pop("", [])
    return "|".join((*(f"{letter}(?:{'|'.join(rest)})" for letter, rest in sorted(parted.items())), *other))


@functools.cache
def hints() -> tuple[str, ...]:
    """Pieces of words without one of which no family is named; the fewest that will do."""
    makers = (maker for family in all_families() for maker in family.makers)
    pieces = {max(_PARTS.split(name.lower()), key=len) for name in (*_names(), *makers)}
    return tuple(sorted(piece for piece in pieces if not any(other in piece for other in pieces - {piece})))


@functools.cache
def _names() -> tuple[str, ...]:
    return tuple(name for family in all_families() for name in family.names)


@functools.cache
def mention() -> re.Pattern[str]:
    """Find a family's name with an owner in a text in lower case; `owners_of` tells the accounts."""
    names = _any_of(name for names, _ in _owned() for name in _ordered(names))
    return regex(rf"(?a)(?<![\w/-])(?:{names}){_VERSION}(?![a-z])")


@functools.cache
def owned_mention() -> re.Pattern[str]:
    """Match what `mention` found, with a group that tells whose name it is."""
    groups = (f"(?P<f{number}>{'|'.join(_ordered(names))})" for number, (names, _) in enumerate(_owned()))
    return regex(rf"(?a)(?:{'|'.join(groups)}){_VERSION}(?![a-z])")


def owners_of(found: re.Match[str]) -> frozenset[str]:
    """The accounts that publish the family that `mention` found."""
    told = owned_mention().match(found.string, found.start())
    return _owned()[int(((told.lastgroup if told else None) or "f0")[1:])][1]


@functools.cache
def _owned() -> tuple[tuple[tuple[str, ...], frozenset[str]], ...]:
    return tuple((family.names, family.owners) for family in all_families() if family.names)


@functools.cache
def maker_mention() -> re.Pattern[str]:
    """Find a model that is called by its maker alone: "Meta's newest 8B model"."""
    makers = "|".join(
        f"(?P<f{number}>{'|'.join(map(re.escape, family.makers))})" for number, family in enumerate(_made_by_name())
    )
    size = r"(?:[a-z]{1,20}|\d{1,3}(?:\.\d)?[Bb]|AI) "
    called = rf"['’]s (?:{size}){{0,3}}(?:language )?(?:models?|weights|LLMs?)(?![a-z])"
    return regex(rf"(?a)(?<![\w/-])(?:{makers}){called}")


@functools.cache
def _made_by_name() -> tuple[Family, ...]:
    return tuple(family for family in all_families() if family.makers)


def maker_family(found: re.Match[str]) -> str:
    """The name of the family whose maker `maker_mention` found."""
    return f"{_made_by_name()[int((found.lastgroup or 'f0')[1:])].id.title()} (by its maker)"


@functools.cache
def heads() -> str:
    """A pattern of the beginnings of families' names, in lower case; what follows is left to the reader."""
    names = _names()
    long = [name for name in names if len(regex("[a-z]").findall(name)) >= MIN_GLUED]
    sized = [name for name in names if name not in long and name.endswith("#")]
    short = [name for name in names if name not in long and name not in sized]
    return f"(?:{_any_of((*_ordered(long), *_ordered(sized), *(f'{name}(?![a-z])' for name in _ordered(short))))})"
