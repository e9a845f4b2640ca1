"""The definitions side by side: how each stands on each facet, and where they differ. Nothing is judged here."""

from __future__ import annotations

from collections.abc import Iterable

from osaudit.frozen import dataclass
from osaudit.render.grid import main_verdicts
from osaudit.render.neutral import plain
from osaudit.render.words import label_words
from osaudit.verdict import FACETS, Facet, Outcome, PackId, PackResult, Scorecard, Verdict

_WORST_FIRST: tuple[Outcome, ...] = ("fail", "review", "partial", "pass", "not_applicable")


@dataclass(frozen=True, slots=True)
class Side:
    """One definition: its result in its own words, and on each facet the cell that stands worst (None: not asked)."""

    id: str
    name: str
    definition: str
    result: str
    because: str
    cells: tuple[Verdict | None, ...]
    own: PackResult | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A facet on which the definitions come out differently: each one's name and deciding cell."""

    facet: Facet
    sides: tuple[tuple[str, Verdict], ...]


def sides(card: Scorecard) -> tuple[Side, ...]:
    """Return every definition that was asked, the one that the label stands on first; nothing where it is alone."""
    if not card.results:
        return ()
    names = {pack.id: pack for pack in card.packs}
    further = [_further(card, result, names.get(result.pack)) for result in card.results]
    return (_main(card), *further)


def differences(card: Scorecard) -> tuple[Difference, ...]:
    """Return the facets on which the definitions that ask of it do not come out alike."""
    found = []
    for at, facet in enumerate(FACETS):
        asked = tuple((side.name, cell) for side in sides(card) if (cell := side.cells[at]) and _speaks(cell))
        if len({cell.answer.outcome for _, cell in asked}) > 1:
            found.append(Difference(facet, asked))
    return tuple(found)


def _main(card: Scorecard) -> Side:
    pack = next(iter(card.packs), None)
    cells = _standing(main_verdicts(card))
    name, definition = (_name(pack), plain(pack.definition)) if pack else ("", "")
    return Side(pack.id if pack else "", name, definition, label_words(card.label), "", cells)


def _further(card: Scorecard, result: PackResult, pack: PackId | None) -> Side:
    cells = _standing(verdict for verdict in card.verdicts if verdict.pack == result.pack)
    name, definition = (_name(pack), plain(pack.definition)) if pack else (plain(result.pack, 120), "")
    return Side(result.pack, name, definition, plain(result.name, 120), plain(result.because), cells, result)


def _name(pack: PackId) -> str:
    return plain(pack.name, 120)


def _standing(verdicts: Iterable[Verdict]) -> tuple[Verdict | None, ...]:
    """On each facet the worst cell that counts: one of no weight is optional in its definition."""
    counted = [verdict for verdict in verdicts if verdict.weight]
    return tuple(
        min((v for v in counted if v.facet == facet), key=lambda v: _WORST_FIRST.index(v.answer.outcome), default=None)
        for facet in FACETS
    )


def _speaks(cell: Verdict) -> bool:
    return cell.answer.outcome != "not_applicable"
