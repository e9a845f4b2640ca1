"""The rule book: `criteria/restrictions/`, loaded and compiled once a process."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

import ahocorasick

from osaudit.compiled import regex
from osaudit.folding import folded
from osaudit.restrictions.classes import Language
from osaudit.restrictions.sense import Rules, Sense
from osaudit.yamlfile import own_table, own_tables

_WORDS = ("deny", "only", "trade", "study", "plain", "open", "permit", "terms", "ask", "firms", "needless", "mark")
_PART = regex(r"<([\w-]+)>")
MAX_NESTED = 4


@functools.cache
def languages() -> Mapping[str, Language]:
    """Return the languages of the table by their code."""
    found = (_language(raw) for raw in own_tables("restrictions/words").values())
    return {language.code: language for language in found}


@functools.cache
def stems() -> Any:  # noqa: ANN401 - a C type without stubs
    """Return the automaton of all stems; at each stand its length, the languages where it opens a word, and others."""
    calls: dict[str, tuple[list[str], list[str]]] = {}
    for language in languages().values():
        for needle in language.needles:
            calls.setdefault(needle, ([], []))[language.glued].append(language.code)
    automaton = ahocorasick.Automaton()
    for needle, (opening, anywhere) in calls.items():
        automaton.add_word(needle, (len(needle), tuple(opening), tuple(anywhere)))
    automaton.make_automaton()
    return automaton


@functools.cache
def sense() -> Sense:
    """Return how English sentences on terms are understood."""
    raw = own_table("restrictions", "sense-en.yaml")
    parts: dict[str, str] = {}
    for name, pattern in raw["parts"].items():
        parts[name] = _expanded(pattern, parts)

    def compiled(pattern: str) -> re.Pattern[str]:
        return regex(_expanded(pattern, parts))

    return Sense(
        topics=Rules("topics", {name: compiled(pattern) for name, pattern in raw["topics"].items()}),
        beside=compiled(raw["beside"]),
        hard=compiled(raw["hard"]),
        narrows=compiled(raw["narrows"]),
        operators=compiled(raw["operators"]),
        objects=compiled(raw["objects"]),
        force=frozenset(raw["force"]),
        harmless=Rules(
            "harmless",
            {row["id"]: compiled(row["says"]) for row in raw["harmless"]},
            {row["id"]: compiled(row["needs"]) for row in raw["harmless"] if "needs" in row},
        ),
        whole=tuple((row["id"], compiled(row["says"])) for row in raw["whole"]),
    )


def _expanded(pattern: str, parts: Mapping[str, str]) -> str:
    """Put the named parts into a pattern; parts name those above them alone."""
    return _PART.sub(lambda name: parts.get(name.group(1), name.group()), pattern)


def _language(raw: Mapping[str, Any]) -> Language:
    words = {name: tuple(folded(str(word)) for word in raw.get(name, ())) for name in _WORDS}
    examples = {name: tuple(raw.get(name, ())) for name in ("closes", "leaves", "unclear")}
    return Language(
        code=raw["language"],
        name=raw["name"],
        glued=bool(raw.get("glued", False)),
        spaced=bool(raw.get("spaced", False)),
        foreign=raw.get("foreign", ""),
        **words,
        **examples,
    )
