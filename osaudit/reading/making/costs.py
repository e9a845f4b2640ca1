"""What a card's text states of what making the model took: emissions, energy, hardware, time and place.

Only a labelled line counts ("Carbon emitted: ..."), and only where nothing says that it is about another model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from osaudit.compiled import regex
from osaudit.evidence import Cost, CostKind
from osaudit.reading.page.card import Layout
from osaudit.reading.page.emissions import MAX_VALUE, amount, says_nothing
from osaudit.reading.page.hints import Hints, has_any
from osaudit.reading.page.subjects import Own, Passage, place
from osaudit.reading.page.whose import Under, enter, speaks_of_others

MAX_COSTS = 20
MAX_LABEL = 120

_UNIT = regex(r"(?i)\b(?:in )?(?P<unit>kilograms?|kg|grams?|tonnes?|tons?|[kmg]?wh)\b")
_LABELLED = regex(rf"^[\s*|_\"'-]*(?P<label>[^\W\d][^:：|=]{{2,{MAX_LABEL}}}?)[\s*_]*[:：|=][\s*|_]*(?P<value>\S.*)$")
_KINDS: tuple[tuple[CostKind, re.Pattern[str]], ...] = (
    (
        "emissions",
        regex(
            r"(?i)^(?:total |estimated |training )*(?:(?:carbon(?: dioxide)?|co2e?|co₂e?|greenhouse gas|ghg)\b.{0,110}|"
            r"emissions\b.{0,30})$"
        ),
    ),
    (
        "energy",
        regex(
            r"(?i)^(?:total |estimated |training )*(?:energy|electricity)(?: (?:usage|used?|consum\w+))?"
            r"(?: \(.{1,20}\))?$"
        ),
    ),
    ("hardware", regex(r"(?i)^(?:training )?hardware(?: types?| used)?$")),
    ("time", regex(r"(?i)^(?:gpu |training )?(?:hours|time)(?: used)?$")),
    ("provider", regex(r"(?i)^cloud provider$")),
    ("region", regex(r"(?i)^(?:compute|cloud) region$")),
)
_UNMISTAKABLE = frozenset({"emissions", "provider", "region"})
_HEADING = regex(r"(?i)\b(?:environment\w*|carbon|emissions?|energy|co2|footprint|climate)\b|环境|碳|環境")
_HINTS = Hints(
    ("carbon", "co2", "co₂", "emission", "energy", "electricity", "hardware", "hours", "time", "cloud", "compute")
)
_NOT_MAKING = regex(r"(?i)\binference\b|\bper (?:query|request|token|image|prompt)\b|\boffset\b|\breduc|\bavoid")
_QUIET = frozenset({"citation", "how-to-use", "licence"})


def read_costs(layout: Layout, passages: Iterable[Passage], own: Own) -> tuple[Cost, ...]:
    """List what the card's text states, once each."""
    found: dict[tuple[CostKind, str], Cost] = {}
    under, inside = Under(), False
    for passage in passages if own.kind == "model" else ():
        if passage.sentence.kind == "heading":
            under, inside = enter(passage.text, under, own), _HEADING.search(passage.text) is not None
        elif inside and passage.sentence.kind == "paragraph" and speaks_of_others(passage.text, own):
            under = replace(under, others=True)  # the lines below it tell what another model took
        if under.others or passage.topic in _QUIET or not passage.has(_HINTS):
            continue
        if not has_any(passage.plain[:MAX_LABEL], _HINTS):
            continue
        for cost in _costs(layout, passage, inside=inside):
            found.setdefault((cost.kind, cost.value), cost)
    return tuple(found.values())[:MAX_COSTS]


def _costs(layout: Layout, passage: Passage, *, inside: bool) -> Iterator[Cost]:
    """Read one labelled line; in prose outside a section on it, nothing is looked for."""
    match = _LABELLED.match(passage.text[: 2 * MAX_VALUE]) if passage.sentence.kind != "heading" else None
    if match is None or _NOT_MAKING.search(passage.text):
        return
    label, value = match["label"].strip(" *_"), match["value"].strip(" *_|")
    kind = next((kind for kind, pattern in _KINDS if pattern.match(label)), None)
    if kind is None or not (inside or kind in _UNMISTAKABLE) or "|" in value or says_nothing(value):
        return
    if kind in {"emissions", "energy"} and not regex(r"\d").search(value):
        return
    unit = _UNIT.search(label)
    yield Cost(kind, value[:MAX_VALUE], amount(kind, value, unit["unit"] if unit else ""), place(layout, passage))
