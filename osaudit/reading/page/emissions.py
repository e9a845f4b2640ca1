"""Figures of emissions and energy, and the card's metadata on them: `co2_eq_emissions`, grams of CO2 equivalent.

Source: the Hub's documentation of model cards, "Displaying carbon emissions for your model".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from osaudit.compiled import regex
from osaudit.evidence import Absent, Cost, CostKind, Fact, Seen, Unknown, Where

KEY = "co2_eq_emissions"
MAX_VALUE = 300

_GRAMS = {"g": 1, "gram": 1, "kg": 1e3, "kilogram": 1e3, "t": 1e6, "ton": 1e6, "tonne": 1e6, "lb": 453.59237}
_KILOWATT_HOURS = {"wh": 1e-3, "kwh": 1.0, "mwh": 1e3, "gwh": 1e6, "kj": 1 / 3600, "mj": 1 / 3.6, "gj": 1e3 / 3.6}
_NUMBER = r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,20}(?:\.\d{1,20})?(?:e[+-]?\d{1,2})?)"
_ABOUT = r"(?i)^[\s*_~≈]*(?:(?:approx\w*|about|around|ca|roughly)[\s.]+)?"
_MASS = regex(
    rf"{_ABOUT}{_NUMBER}\s*(?:metric )?(?P<unit>kilograms?|kgs?|grams?|g|tonnes?|tons?|t|lbs?)?"
    r"(?:[\s-]*(?:of )?\(?(?:eq\.? ?)?(?:co_?2|co₂|carbon)[\w. ()-]{0,30}|\W*)$"
)
_ENERGY = regex(rf"{_ABOUT}{_NUMBER}\s*(?P<unit>[kmg]?wh|[kmg]j)\W*$")
_NO_VALUE = regex(
    r"(?i)^\W*(?:more information.*|information.*needed|n/?a|none|null|unknown|tbd|"
    r"not (?:known|applicable|available|measured)|todo|forthcoming.*|see .*|coming soon)?\W*$"
)
_PARTS: tuple[tuple[str, CostKind], ...] = (
    ("emissions", "emissions"),
    ("source", "method"),
    ("training_type", "stage"),
    ("geographical_location", "region"),
    ("hardware_used", "hardware"),
)


def of_matter(value: object, place: Callable[[str, Sequence[str]], tuple[Where, ...]]) -> Fact[tuple[Cost, ...]]:
    """Read the metadata: a number of grams, or a mapping with that number and how it came about."""
    if value in (None, "", [], {}):
        return Absent(place(KEY, ()))
    parts: Mapping[str, object] = value if isinstance(value, Mapping) else {"emissions": value}
    whole = place(KEY, tuple(text for text in parts.values() if isinstance(text, str)))
    found = [cost for key, kind in _PARTS for cost in _part(parts.get(key), kind, whole)]
    if isinstance(value, Mapping):
        found = [replace(cost, where=_within(cost)) for cost in found]
    return Seen(tuple(found), whole) if found else Unknown(f"The front matter's {KEY} holds no figure and no words.")


def _part(words: object, kind: CostKind, whole: tuple[Where, ...]) -> tuple[Cost, ...]:
    if not isinstance(words, str) or says_nothing(words) or not whole:
        return ()
    figure = amount("emissions", words, "g") if kind == "emissions" else Absent()
    return (Cost(kind, words.strip()[:MAX_VALUE], figure, whole[0]),)


def _within(cost: Cost) -> Where:
    key = next(key for key, kind in _PARTS if kind == cost.kind)
    return replace(cost.where, pointer=f"{cost.where.pointer or ''}/{key}")


def says_nothing(words: str) -> bool:
    """Tell whether a value is only a template's filling."""
    return _NO_VALUE.match(words[:MAX_VALUE]) is not None


def amount(kind: CostKind, value: str, unit: str) -> Fact[float]:
    """Turn words into grams of CO2 equivalent or kilowatt-hours; absent where they are not one figure with a unit.

    `unit` is that of the label, for a figure that has none itself.
    """
    if kind not in {"emissions", "energy"}:
        return Absent()
    pattern, factors = (_MASS, _GRAMS) if kind == "emissions" else (_ENERGY, _KILOWATT_HOURS)
    found = pattern.match(value) or regex(rf"(?i){_NUMBER}").fullmatch(value.strip(" *_"))
    if found is None:
        return Absent()
    factor = factors.get((found.groupdict().get("unit") or unit).lower().rstrip("s"))
    figure = float(found["number"].replace(",", "")) * (factor or math.inf)
    return Seen(round(figure, 9)) if math.isfinite(figure) else Absent()
