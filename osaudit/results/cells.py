"""Small questions to a pack's verdicts that several definitions ask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from osaudit.packs import Pack
from osaudit.verdict import Outcome, Part, Verdict

_WORST_FIRST: tuple[Outcome, ...] = ("fail", "review", "partial", "pass", "not_applicable")


def worst_of(outcomes: Iterable[Outcome]) -> Outcome:
    """The worst of some outcomes; not applicable where there are none."""
    return min(outcomes, key=_WORST_FIRST.index, default="not_applicable")


def sentence(verdicts: Sequence[Verdict], outcome: Outcome) -> str:
    """What the cells of one outcome say, each sentence once."""
    return " ".join(dict.fromkeys(v.answer.because for v in verdicts if v.answer.outcome == outcome))


def of_criterion(verdicts: Iterable[Verdict], criterion: str) -> tuple[Verdict, ...]:
    """The cells of one criterion."""
    return tuple(verdict for verdict in verdicts if verdict.criterion == criterion)


def parts(pack: Pack, verdicts: Sequence[Verdict], words: dict[Outcome, str] | None = None) -> tuple[Part, ...]:
    """One part for each criterion, by its worst cell; `words` are the definition's own for an outcome."""
    found = []
    for criterion in pack.criteria:
        cells = of_criterion(verdicts, criterion.id)
        outcome = worst_of(cell.answer.outcome for cell in cells)
        said = sentence(cells, outcome)
        word = (words or {}).get(outcome, "")
        found.append(Part(criterion.title, outcome, f"{word}. {said}" if word and said else said))
    return tuple(found)


def listed(names: Iterable[str], limit: int = 6) -> str:
    """Some names in a sentence, and how many more there are."""
    every = list(dict.fromkeys(names))
    more = len(every) - limit
    return ", ".join(every[:limit]) + (f" and {more} more" if more > 0 else "")
