"""The questions that are open for a person: cells that share a reason are one question, and one answer fills them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from osaudit.frozen import dataclass
from osaudit.verdict import Label, Verdict

_NUMBERED = re.compile(r"\b(criterion|paragraph) \d+")


@dataclass(frozen=True, slots=True)
class Question:
    """Cells that are open for one and the same reason; `decides` tells whether an answer can move the label."""

    cells: tuple[Verdict, ...]
    decides: bool

    @property
    def first(self) -> Verdict:
        """The cell that the question is asked of."""
        return self.cells[0]


def questions(verdicts: Iterable[Verdict], label: Label) -> tuple[Question, ...]:
    """Put open cells together by their reasons, in the order of the first of each; what decides comes first."""
    groups: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        groups.setdefault(reason(verdict), []).append(verdict)
    asks = set(label.asks)
    found = [Question(tuple(group), any(name(one) in asks for one in group)) for group in groups.values()]
    return tuple(sorted(found, key=lambda question: not question.decides))


def reason(verdict: Verdict) -> str:
    """What a cell is open for: the machine's words, whichever criterion they count."""
    return _NUMBERED.sub(r"\1", verdict.answer.because)


def is_one_question(verdicts: Iterable[Verdict]) -> bool:
    """Whether cells are open for one and the same reason, and no person answered any of them."""
    cells = tuple(verdicts)
    alike = len({reason(one) for one in cells}) == 1
    return alike and all(one.answer.outcome == "review" and one.attestation is None for one in cells)


def name(verdict: Verdict) -> str:
    """A cell as the label's list of open cells names it."""
    return f"{verdict.criterion}/{verdict.facet}"
