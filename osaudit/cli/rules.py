"""What a rule asks, by the id that findings carry: a rule of words, of understanding them, or a row of a table."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from osaudit.licences.services import services
from osaudit.packs import pack_ids
from osaudit.resources import data_path
from osaudit.restrictions.book import languages, sense
from osaudit.restrictions.classes import Language
from osaudit.restrictions.phrases import Phrase, phrases
from osaudit.yamlfile import parse_yaml, read_bytes

_BOOK = "criteria/restrictions"
_READ = {
    "card": "cards, prompts of gates, policies, notices and other texts that speak of terms",
    "licence": "the texts of licences, and sentences of cards and prompts in a licence's wording",
}
_NOT_UNDERSTOOD = "en-not-understood"
_EXAMPLES = 12
_LIKENESS = 0.7


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as a person reads it; what it has not is empty."""

    id: str
    asks: str
    file: str
    flag: str = ""
    read: str = ""
    words: tuple[tuple[str, str], ...] = ()
    closes: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()


@functools.cache
def rules() -> Mapping[str, Rule]:
    """Return every rule that a finding may name, by its id."""
    return {rule.id: rule for rule in (*_of_phrases(), *_of_languages(), *_of_sense(), *_of_tables())}


def near(named: str) -> tuple[str, ...]:
    """Give the ids that are nearest to what somebody wrote."""
    return tuple(difflib.get_close_matches(named.strip(), rules(), 3, _LIKENESS))


def told(rule: Rule) -> str:
    """Tell a rule in lines."""
    shown = [("Flag", rule.flag), ("Read in", rule.read), *rule.words]
    shown += [("Closes", sentence) for sentence in rule.closes]
    shown += [("Asks", sentence) for sentence in rule.unclear[:_EXAMPLES]]
    shown += [("Leaves", sentence) for sentence in rule.leaves[:_EXAMPLES]]
    lines = [f"{name:9} {words}" for name, words in (*shown, ("File", rule.file)) if words]
    return "\n".join([rule.id, rule.asks, "", *lines])


def _of_phrases() -> Iterator[Rule]:
    for phrase in phrases():
        asks = "A sentence closes the flag where its words match."
        words = (("Words", phrase.says), ("Needs", phrase.needs), ("Unless", phrase.unless))
        yield Rule(
            id=phrase.id,
            asks=asks,
            file=f"{_BOOK}/phrases/{phrase.file}",
            flag=phrase.flag,
            read=_places(phrase),
            words=words,
            closes=phrase.closes,
            leaves=phrase.leaves,
        )


def _places(phrase: Phrase) -> str:
    return "; ".join(_READ[place] for place in phrase.where)


def _of_languages() -> Iterator[Rule]:
    for language in languages().values():
        deny, only = ("Deny", _listed(language.deny)), ("Only", _listed(language.only))
        trade, terms = ("Trade", _listed(language.trade)), ("Terms", _listed(language.terms))
        firms, gives = ("Firms", _listed(language.firms)), ("Gives", _listed(language.open))
        yield _of_language(
            language,
            "deny-trade",
            "a word of denial stands beside one of trade, or one word says both",
            "non_commercial",
            (deny, trade, ("Alone", _listed(language.plain)), gives),
        )
        yield _of_language(
            language,
            "only-study",
            "a word of limit stands beside one of study",
            "field_of_use_restriction",
            (only, ("Study", _listed(language.study)), gives),
        )
        yield _of_language(
            language,
            "ask-terms",
            "a word of condition or price stands beside one of terms, trade or firms",
            "",
            (("Ask", _listed(language.ask)), terms, trade, firms),
        )
        yield _of_language(
            language,
            "deny-terms",
            "a word of denial or limit stands beside one of terms or firms, and none gives",
            "",
            (deny, only, terms, firms, gives, ("Permit", _listed(language.permit))),
        )


def _of_language(language: Language, name: str, asks: str, flag: str, words: tuple[tuple[str, str], ...]) -> Rule:
    what = "closes the flag" if flag else "is not understood, so a person is asked,"
    return Rule(
        id=f"{language.code}-{name}",
        asks=f"A sentence in {language.name} {what} where in one clause {asks}.",
        file=f"{_BOOK}/words/{language.code}.yaml",
        flag=flag,
        read=_READ["card"],
        words=words,
        closes=language.closes if flag else (),
        unclear=() if flag else language.unclear,
        leaves=language.leaves,
    )


def _listed(stems: tuple[str, ...]) -> str:
    return ", ".join(stems)


def _of_sense() -> Iterator[Rule]:
    raw = _raw("restrictions", "sense-en.yaml")
    file = f"{_BOOK}/sense-en.yaml"
    asks = "A sentence speaks of terms in words that no rule closes and no harmless rule explains."
    force = "with force, a person is asked: where one stands beside an operator, or is of these classes"
    words = (("Topics", ", ".join(raw["topics"])), ("Force", f"{force}: {', '.join(raw['force'])}"))
    harmless = ("Harmless", ", ".join(row["id"] for row in (*raw["whole"], *raw["harmless"])))
    yield Rule(
        _NOT_UNDERSTOOD,
        asks,
        file,
        read=_READ["card"],
        words=(*words, harmless),
        unclear=tuple(raw["unclear"]),
        leaves=tuple(raw["leaves"]),
    )
    for name, pattern in sense().whole:
        yield Rule(name, "A sentence that matches speaks of something else, or gives.", file, words=_pattern(pattern))
    for name, pattern in sense().harmless.named:
        yield Rule(name, "Words on terms inside a match are explained.", file, words=_pattern(pattern))


def _pattern(pattern: Any) -> tuple[tuple[str, str], ...]:  # noqa: ANN401 - a compiled expression
    return (("Words", pattern.pattern),)


def _of_tables() -> Iterator[Rule]:
    duties = _raw("duties.yaml")
    further = {
        "clause-table.duties.": {duty["id"]: duty["text"].rstrip(".") for duty in duties["duties"]},
        "clause-table.risks.": dict(duties["risks"]),
        "service.": {service.id: service.told for service in services()},
        "pack.": {name: f"the pack {name}" for name in pack_ids()},
    }
    for group in _raw("known-rules.yaml")["rules"]:
        for name, what in {**group["ids"], **further.get(group["head"], {})}.items():
            yield Rule(f"{group['head']}{name}", f"{group['says']} Here: {what}.", group["file"])


def _raw(*path: str) -> Mapping[str, Any]:
    found = data_path("criteria", *path)
    raw: Mapping[str, Any] = parse_yaml(read_bytes(found), found.name)
    return raw
