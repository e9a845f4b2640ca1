"""Whom a sentence speaks of: this repository, one of its parts, or another project's model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from osaudit.compiled import regex
from osaudit.evidence import Component, ModelRef, Where
from osaudit.folding import ascii_lower
from osaudit.licences.called import mention, owners_of
from osaudit.reading.page.card import Layout
from osaudit.reading.page.hints import LATE, Hints, folded, has_any, met, of_families
from osaudit.reading.page.markdown import Sentence, sentences
from osaudit.reading.page.normal import normal_form
from osaudit.reading.page.topics import Topic

MAX_PASSAGES = 12_000
MAX_REMEMBERED = 8_192  # sentences: nearly half of those of real cards stand in other cards as well
_BETWEEN = frozenset("-_. ")
_GLUED_BEFORE = regex("[a-z0-9/-]")
_GLUED_AFTER = regex("[-_.]?[a-z0-9]")
MIN_NAME = 3  # letters: fewer stand anywhere

_PARTS: dict[Component, re.Pattern[str]] = {
    "code": regex(
        r"(?i)\b(?:(?:source )?codes?|codebase|code base|scripts?|software|implementation|notebooks?)\b"
        r"|代码|源码|程序|コード|код"
    ),
    "weights": regex(
        r"(?i)\b(?:models?|weights?|checkpoints?|parameters|embeddings?|loras?|adapters?|ckpts?|merges?|modèles?|"
        r"poids|modell?e?|"
        r"modelos?|gewichte|pesos)\b|模型|权重|參數|参数|モデル|重み|модел"
    ),
    "data": regex(
        r"(?i)\b(?:data ?sets?|data|corpus|corpora|annotations?|données|datensatz|datensätze|datos|dados)\b"
        r"|数据|语料|データ|данные"
    ),
    "any": regex(
        r"(?i)\b(?:repo(?:sitory|sitories)?|projects?|works?|(?<!we )releases?|files?|contents?|everything|materials?|"
        r"library|package|"
        r"dépôt|projet|projekt|proyecto|repositorio)\b|仓库|项目|本库|リポジトリ|プロジェクト|проект"
    ),
}
_OWN = regex(
    r"(?i)\b(?:this|these|our|the (?:released?|resulting|present|provided|above|code|source|model|weights?|"
    r"checkpoints?|"
    r"repo(?:sitory)?|project|whole|entire|full|final|trained|pre-?trained|fine-?tuned)|we|my|mine|all|both|everything|"
    r"ce|cet|cette|ces|notre|nos|nous|dieses?|diese[rmn]?|unsere?|wir|est[ea]s?|nuestr[oa]s?|nosotros|nosso|nossa|"
    r"este)\b"
    r"|本|该|此|我们|我們|我司|全部|所有|当社|このモデル|эта|этот|наш"
)
_WITHIN = regex(
    r"(?i)\b(?:code|scripts?|weights?|models?|data(?:sets?)?)\b[\w ]{0,20} (?:in|of|within|from|for) (?:this|the|our)\b"
    r"|\bcode repositor|(?:仓库|项目)[中内]?的"
)

_LISTED = regex(r"(?a)^\W*(?:[\w.-]+/)?(?P<name>[A-Za-z][\w.]*-[\w.-]*\d[\w.-]*)[\W_]{0,4}?[:：]")


class Own(NamedTuple):
    """The names by which a card may call its own repository."""

    owner: str
    name: str
    kind: str
    parts: tuple[str, ...]


class Passage(NamedTuple):
    """A sentence of a card with what stands around it: its headings' topics and the first sentence of its block.

    `text` are its words without markup in their normal form, `plain` the same folded, `topic` what the nearest telling
    heading speaks of, `met` which hints stand in it: every reader asks for them.
    """

    sentence: Sentence
    topics: tuple[Topic, ...]
    lead: str
    text: str
    plain: str
    topic: Topic
    met: int

    def has(self, hints: Hints) -> bool:
        """Tell whether one of the hints stands in the words."""
        return self.met & hints.bit != 0 and (hints.bit != LATE or has_any(self.plain, hints))


def passage_of(sentence: Sentence, topics: tuple[Topic, ...], lead: str) -> Passage:
    """Put a sentence and what stands around it together."""
    text, plain, stands_in = _normal(sentence.text)
    return Passage(sentence, topics, lead, text, plain, topics[0] if topics else "other", stands_in)


@lru_cache(maxsize=MAX_REMEMBERED)
def _normal(words: str) -> tuple[str, str, int]:
    """Give words in their normal form, the same folded, and which hints stand in them."""
    text = normal_form(words)
    plain = folded(text)
    return text, plain, met(plain)


def own_names(ref: ModelRef) -> Own:
    """Take the names from a repository's id."""
    owner, _, name = ref.repo.rpartition("/")
    return Own(owner.lower(), normal(name), ref.kind, tuple(regex(r"[^\W\d_]+|\d+").findall(folded(name))))


def normal(name: str) -> str:
    """Reduce a name to its letters and digits."""
    return regex(r"[\W_]+").sub("", name.lower())


def passages(layout: Layout) -> tuple[Passage, ...]:
    """Cut a card into sentences, code aside."""
    return tuple(passage for passage, _ in zip(_passages(layout), range(MAX_PASSAGES), strict=False))


def _passages(layout: Layout) -> Iterator[Passage]:
    for block, topics in layout.blocks:
        lead = ""
        if block.kind == "code":
            continue
        for sentence in sentences(layout.card.text, block, layout.targets):
            lead = lead or sentence.text
            yield passage_of(sentence, topics, lead)


def place(layout: Layout, passage: Passage) -> Where:
    """Point to a passage in its card."""
    return layout.card.where(passage.sentence.start, passage.sentence.end)


class Mention(NamedTuple):
    """Where a text names a family of models, and the accounts that publish it."""

    start: int
    end: int
    owners: frozenset[str]


def foreign_in(text: str, own: Own) -> Mention | None:
    """Find the last mention of a model family that another account publishes and this repository is not named after."""
    found = None
    for named in _families_in(text):
        ours = own.owner in named.owners or _begins_own(text[named.start :], text[named.start : named.end], own)
        found = found if ours else named
    return found


@lru_cache(maxsize=MAX_REMEMBERED)
def _families_in(text: str) -> tuple[Mention, ...]:
    if not of_families().stand_in(folded(text)):
        return ()
    found = mention().finditer(ascii_lower(text))
    return tuple(Mention(named.start(), named.end(), owners_of(named)) for named in found)


def names_family(text: str) -> bool:
    """Tell whether the words name a well-known family of models."""
    return bool(_families_in(text))


def others_family(name: str, own: Own) -> bool:
    """Tell whether a model's name is that of a family that another account publishes."""
    found = _families_in(name)
    return bool(found) and own.owner not in found[0].owners


def _begins_own(text: str, family: str, own: Own) -> bool:
    """Tell whether a family's name is only the beginning of this repository's own."""
    token = regex(r"(?a)[\w.-]*\w").match(text)
    word = normal(token.group()) if token else ""
    return names_own(text[:80], own) or (len(word) > len(normal(family)) + 2 and own.name.startswith(word))


def lists_another(text: str, own: Own) -> bool:
    """Tell whether a list's line is another model's: "maker/sparrow-70b: MIT" in the card of a sibling."""
    listed = _LISTED.match(text)
    if listed is None:
        return False
    name = normal(listed.group("name"))
    return not own.name.startswith(name) and not name.startswith(own.name)


def names_own(text: str, own: Own) -> bool:
    """Tell whether the words call this repository by its whole name, and not a sibling by a longer one."""
    if len(own.name) < MIN_NAME or not own.parts:
        return False
    plain = folded(text)
    at = plain.find(own.parts[0])
    while at >= 0:
        if not _GLUED_BEFORE.search(plain, max(0, at - 1), at) and _spells(plain, at, own.parts):
            return True
        at = plain.find(own.parts[0], at + 1)
    return False


def _spells(plain: str, at: int, parts: tuple[str, ...]) -> bool:
    """Tell whether all parts of a name stand here, with one mark between them at most, and the word ends there."""
    for number, part in enumerate(parts):
        at += number > 0 and plain[at : at + 1] in _BETWEEN
        if not plain.startswith(part, at):
            return False
        at += len(part)
    return not _GLUED_AFTER.match(plain, at)


def calls_own(text: str, own: Own) -> bool:
    """Tell whether the words are about this repository: "this model", "our code", "we", or its name."""
    return bool(_OWN.search(text)) or names_own(text, own) or _shares_name(text, own)


def _shares_name(text: str, own: Own) -> bool:
    """Tell whether the words begin with a part of this repository's name that is no family of another account."""
    first = regex(r"[\"'*_\s(]*(?:the )?([\w.+-]+)", re.IGNORECASE).match(text)
    if first is None:
        return False
    word = normal(first.group(1))
    return len(word) > MIN_NAME and own.name.startswith(word) and foreign_in(first.group(1), own) is None


def component_of(text: str, own: Own) -> Component:
    """Tell which part the words speak of; several, or the repository as such, are `any`."""
    named: set[Component] = {part for part, pattern in _PARTS.items() if pattern.search(text)}
    if named > {"any"} and _WITHIN.search(text):
        named -= {"any"}
    if named == {"weights", "data"} and regex(r"(?i)\bdata(?:set)?\b.{0,40}\bmodel").search(text) is None:
        named = {"weights"}
    if len(named) == 1:
        return named.pop()
    if not named and (names_own(text, own) or _shares_name(text, own)):
        return "data" if own.kind == "dataset" else "weights"
    return "any"
