"""The order in which things are shown: cells as a grid, models by rank. Nothing is judged here."""

from __future__ import annotations

from collections.abc import Sequence

from osaudit.frozen import dataclass
from osaudit.render.words import RUNGS
from osaudit.verdict import FACETS, Outcome, Scorecard, Verdict

_HEIGHT = {rung: height for height, rung in enumerate(RUNGS)}


@dataclass(frozen=True, slots=True)
class Row:
    """One criterion's cells, in the order of FACETS; None where the pack does not ask."""

    pack: str
    criterion: str
    title: str
    cells: tuple[Verdict | None, ...]


def main_verdicts(card: Scorecard) -> tuple[Verdict, ...]:
    """Return the cells of the definition that label and score stand on: those of no further pack."""
    further = {result.pack for result in card.results}
    return tuple(verdict for verdict in card.verdicts if verdict.pack not in further)


def rows(card: Scorecard, pack: str | None = None) -> tuple[Row, ...]:
    """Return the cells by criterion, in the order in which the scorecard lists them; or those of a further pack."""
    verdicts = main_verdicts(card) if pack is None else [v for v in card.verdicts if v.pack == pack]
    titles = {(pack.id, key): title for pack in card.packs for key, title in pack.titles}
    cells = {(v.pack, v.criterion, v.facet): v for v in reversed(verdicts)}
    asked = dict.fromkeys((v.pack, v.criterion) for v in verdicts)
    return tuple(Row(*key, titles.get(key, ""), tuple(cells.get((*key, facet)) for facet in FACETS)) for key in asked)


def tally(card: Scorecard, outcome: Outcome) -> int:
    """Count the cells of one outcome."""
    return sum(verdict.answer.outcome == outcome for verdict in main_verdicts(card))


def with_outcome(card: Scorecard, outcome: Outcome) -> tuple[Verdict, ...]:
    """Return the cells of one outcome, in order."""
    return tuple(verdict for verdict in main_verdicts(card) if verdict.answer.outcome == outcome)


def ranked(cards: Sequence[Scorecard]) -> tuple[Scorecard, ...]:
    """Return the models by rung (highest first), then by the score, then by name."""
    return tuple(sorted(cards, key=lambda c: (*_standing(c), c.model.casefold(), c.model, c.commit or "")))


def with_ranks(cards: Sequence[Scorecard]) -> tuple[tuple[int, Scorecard], ...]:
    """Return the ranked models with their ranks: those that differ in neither label nor score share one."""
    ranks: dict[tuple[float, ...], int] = {}
    return tuple((ranks.setdefault(_standing(card), place), card) for place, card in enumerate(ranked(cards), 1))


def _standing(card: Scorecard) -> tuple[float, ...]:
    """What a rank rests on; a model of which the label could not be told stands last."""
    return (not card.label.determined, -_HEIGHT[card.label.id], -card.score.low, -card.score.high)
