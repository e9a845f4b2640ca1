"""Words on terms that no closing rule holds: in a language read by its word classes, or explained by no harmless rule.

What closes a use in another language is a restriction; what is not understood and has force is a question, quoted; the
rest is a risk (RUBRIC, rule 0: reading fails closed).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osaudit.compiled import regex
from osaudit.evidence import Component, Statement, StatementKind, Unclear
from osaudit.reading.licensing.pointed import pointed_at
from osaudit.reading.making.generated import bound_outputs
from osaudit.reading.page.card import Layout
from osaudit.reading.page.subjects import Own, Passage, component_of, foreign_in, normal, place
from osaudit.restrictions import NOT_UNDERSTOOD, Hit, heard

_ADVISED = frozenset({"out-of-scope", "limitations", "uses"})
_LICENSED = regex(
    r"(?i)\W{0,3}(?:the )?[\w+-]{2,30}(?:[ .]\d[\w.]{0,8})?(?: (?:library|models?|weights|family))?"
    r" (?:is|are|was|were) (?:licensed|released|available|distributed|governed)\b"
)
_ANNOUNCED = regex(
    r"\W{0,6}(?i:(?:meet|discover|check out|try(?: out)?)\b)[^\w,.]{1,4}"
    r"(?P<name>[A-Z][\w.+-]{1,40}(?: [A-Z\d][\w.+-]{0,20}){0,2})[,:]? (?i:our)\b"
)
"""A banner for another product of the maker's: "Meet Falcon Sky, our new model"; one "introduces" this one as well."""
_OF_THIS_TOO = regex(
    r"(?i)\b(?:so (?:is|are|does|do)|as (?:is|are|does|do)|likewise|same|too|also|appl(?:y|ies)|here|this|these|it|"
    r"both)\b"
)
_ROW_OF = regex(r"(?i)\W{0,4}(?P<name>[^|:]{2,60}?)(?: \||: (?:not )?allowed \|)")
"""A row of a table that compares models, from its first cell."""
_OF_DATA = frozenset({"training-data", "evaluation"})
_OF_THE_MODEL = regex(r"\b(?:models?|weights?|checkpoints?|you|users?|licen[cs]\w*|commercial\w*)\b")
_TOUCHES: tuple[tuple[Unclear, re.Pattern[str]], ...] = (
    ("trade", regex(r"commerc|\bnc\b|moneti|sell|profit|revenue|business|product|compan|enterprise|pric|fee|pay")),
    ("persons", regex(r"countr|european|resident|citizen|competitor|government|police|academics|students|member")),
    ("consent", regex(r"permission|request|apply|contact|ask|register|access|consent|agree|written|accept")),
)


def read_unexplained(layout: Layout, passage: Passage, own: Own) -> Iterator[Statement]:
    """Tell what a passage says of terms in words that no closing rule of its language's phrases holds."""
    if own.kind != "model":
        return
    hit = _heard(passage)
    if hit is not None and hit.kind != "closes" and bound_outputs(passage.text, own):
        return  # a risk of the data, which is told apart
    if hit is None or (hit.kind != "closes" and _is_of_another(passage.text, hit.start, own)):
        return
    if hit.kind != "closes" and _announces_another(passage.text, own, layout.card.text):
        return
    where = place(layout, passage)
    match hit.kind:
        case "closes":
            yield Statement("restriction", hit.value, _subject(passage, own), "high", where, rule=hit.rule)
        case "unclear":
            keys = pointed_at(passage.plain)
            yield Statement("unclear-terms", _touched(passage.plain), "weights", "low", where, rule=hit.rule, keys=keys)
        case "topic":
            kind: StatementKind = "words-not-understood"
            yield Statement(kind, hit.value[:60], "weights", "low", where, rule=hit.rule)


def _heard(passage: Passage) -> Hit | None:
    """Ask the rule book; an English sentence on data or tests speaks of the model only where it names it."""
    hit = heard(passage.plain, passage.topic in _ADVISED, passage.sentence.kind == "heading")
    told = hit is not None and hit.rule == NOT_UNDERSTOOD
    if hit is not None and told and passage.topic in _OF_DATA and not _OF_THE_MODEL.search(passage.plain):
        return hit._replace(kind="topic")
    return hit


def _is_of_another(text: str, start: int, own: Own) -> bool:
    """Tell whether a clause says under what terms another maker's model is, and nothing of this one."""
    row = _ROW_OF.match(text)
    if row is not None and foreign_in(row.group("name"), own) is not None:
        return _OF_THIS_TOO.search(text, row.end()) is None
    begin = max(text.rfind(mark, 0, start) for mark in ("; ", ". ", "|")) + 1
    told = _LICENSED.match(text, begin)
    if told is None or foreign_in(told.group(), own) is None:
        return False
    return _OF_THIS_TOO.search(text, told.end()) is None


def _announces_another(text: str, own: Own, card: str) -> bool:
    """Tell whether a sentence is a banner for another model, and says nothing of this one.

    A product that the card names again may be this model under another name.
    """
    told = _ANNOUNCED.match(text)
    if told is None:
        return False
    words = [normal(word) for word in told.group("name").split()]
    here = any(word in own.name or own.name.startswith(word) for word in words if len(word) > 1)
    again = card.casefold().count(told.group("name").casefold()) > 1
    return not here and not again and _OF_THIS_TOO.search(text, told.end()) is None


def _subject(passage: Passage, own: Own) -> Component:
    component = component_of(passage.text, own)
    return "weights" if component == "any" else component


def _touched(plain: str) -> Unclear:
    return next((name for name, pattern in _TOUCHES if pattern.search(plain)), "terms")
