"""What the card states of how the model was made: costs and hyperparameters, each with its place, nothing worked out.

A figure is handed on only in the unit that a standard asks for, and only where the card states it: emissions are no
energy, and no energy is derived from hours or hardware.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from osaudit.bom.identifiers import clean, told
from osaudit.evidence import Card, Cost, CostKind, Seen, Setting

GRAMS_A_TONNE = 1e6
A_NOTE = 6  # hyperparameters

_WORDS: dict[CostKind, str] = {
    "emissions": "emissions",
    "energy": "energy",
    "hardware": "hardware",
    "time": "time",
    "provider": "cloud provider",
    "region": "region",
    "stage": "stage of training",
    "method": "how it was measured",
}


@dataclass(frozen=True, slots=True)
class Stated:
    """One thing that the card states, in its words; `amount` is in grams of CO2 equivalent or kilowatt-hours."""

    name: str
    value: str
    place: str
    lines: str = ""
    amount: float | None = None


def costs_of(card: Card) -> Iterator[Stated]:
    """What making the model took: the metadata first, then the text where it adds something."""
    matter = card.front_matter.value if isinstance(card.front_matter, Seen) else None
    in_matter = matter.emissions.value if matter and isinstance(matter.emissions, Seen) else ()
    told_before: set[tuple[str, str]] = set()
    for cost in (*in_matter, *card.costs):
        name, value = _WORDS[cost.kind], clean(cost.value, 300)
        if value and (name, value) not in told_before:
            told_before.add((name, value))
            yield Stated(name, value, told(cost.where), amount=_amount(cost))


def _amount(cost: Cost) -> float | None:
    return cost.amount.value if isinstance(cost.amount, Seen) and cost.amount.value >= 0 else None


def settings_of(settings: Iterable[Setting]) -> Iterator[Stated]:
    """The hyperparameters."""
    for setting in settings:
        name, value = clean(setting.name, 60), clean(setting.value, 200)
        first, last = setting.where.lines or (0, 0)
        lines = f" (line {first})" if first == last and first else f" (lines {first}-{last})" if first else ""
        if name and value:
            yield Stated(name, value, told(setting.where), lines)


def emitted(costs: Iterable[Stated]) -> float | None:
    """Tonnes of CO2 equivalent, where the card gives a figure; the metadata's comes first."""
    grams = next((cost.amount for cost in costs if cost.name == "emissions" and cost.amount is not None), None)
    return None if grams is None else round(grams / GRAMS_A_TONNE, 15)


def consumed(costs: Iterable[Stated]) -> float | None:
    """Kilowatt-hours, where the card gives a figure."""
    return next((cost.amount for cost in costs if cost.name == "energy" and cost.amount is not None), None)


def is_fine_tuning(costs: Iterable[Stated]) -> bool:
    """Tell whether the card says that the figures are those of fine-tuning."""
    return any(cost.name == "stage of training" and "fine" in cost.value.casefold() for cost in costs)


def cost_words(cost: Stated) -> str:
    """One cost in words, with the figure in the standards' unit where the card's words have another or none."""
    unit = "kWh" if cost.name == "energy" else "g of CO2 equivalent"
    figure = "" if cost.amount is None else f"{cost.amount:.12g} {unit}"
    return f"{cost.name}: {cost.value}" + (f" ({figure})" if figure not in {"", cost.value} else "")


def stated_words(costs: Iterable[Stated], settings: Sequence[Stated]) -> Iterator[tuple[bool, str]]:
    """Sentences with places: a cost each, and hyperparameters a few together; True for those on costs."""
    for cost in costs:
        yield True, f"The card states of making the model: {cost_words(cost)}. Seen at: {cost.place}."
    for some in (settings[start : start + A_NOTE] for start in range(0, len(settings), A_NOTE)):
        words = "; ".join(f"{one.name} = {one.value}{one.lines}" for one in some)
        yield False, f"Hyperparameters that the card states: {words}. Seen at: {some[0].place}."
