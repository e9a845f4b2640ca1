"""The questions that are open for a person: cells that share a reason are one question, and one answer fills them.

A cell that is open for the reasons of several questions asks nothing of its own: the worst of their answers is its.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from osaudit.frozen import dataclass
from osaudit.verdict import Label, Verdict

_NUMBERED = re.compile(r"\b(criterion|paragraph) \d+")
_REPORTED = re.compile(
    r"(?P<so>\bSo [^;]{1,200} says; )?(?P<unread>[^.;]{1,120} is known by reports alone, and its text)\b"
)
_CARD = re.compile(r"\bWhat the card adds to the licence could not be read\b")
_WORST = ("fail", "partial", "pass", "not_applicable")
_LEAST = 2
"""Reasons of which a cell without a question of its own has to be made up."""


@dataclass(frozen=True, slots=True)
class Question:
    """Cells that are open for one and the same reason; `decides` tells whether an answer can move the label.

    `beside` are cells that are open for this reason and for those of further questions, and for no other.
    """

    cells: tuple[Verdict, ...]
    decides: bool
    beside: tuple[Verdict, ...] = ()

    @property
    def first(self) -> Verdict:
        """The cell that the question is asked of."""
        return self.cells[0]


def questions(verdicts: Iterable[Verdict], label: Label) -> tuple[Question, ...]:
    """Put open cells together by their reasons, in the order of the first of each; what decides comes first."""
    groups: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        groups.setdefault(reason(verdict), []).append(verdict)
    pieces = _pieces(tuple(groups))
    parts = {key: made for key in groups if len(made := _parts(key, pieces)) >= _LEAST}
    asks = set(label.asks)
    found = []
    for key, group in groups.items():
        if key not in parts:
            beside = tuple(one for whole, made in parts.items() if key in made for one in groups[whole])
            decides = any(name(one) in asks for one in (*group, *beside))
            found.append(Question(tuple(group), decides, beside))
    return tuple(sorted(found, key=lambda question: not question.decides))


def _pieces(reasons: tuple[str, ...]) -> Mapping[str, str]:
    """Each reason, and what is left of one that holds others, with the reason that asks for it."""
    pieces = {one: one for one in reasons}
    for one in reasons:
        left = _without(one, [other for other in reasons if other != one])[0].replace("\0", "").strip()
        if left:
            pieces.setdefault(left, one)
    return pieces


def _parts(key: str, pieces: Mapping[str, str]) -> tuple[str, ...]:
    """The reasons of other cells that one reason is made up of, word for word; none where anything else is in it."""
    left, made = _without(key, [piece for piece, owner in pieces.items() if owner != key])
    return () if left.replace("\0", "").strip() else tuple(dict.fromkeys(pieces[one] for one in made))


def _without(key: str, pieces: Iterable[str]) -> tuple[str, list[str]]:
    """A reason without the pieces that stand in it, the longest first, and which those are."""
    left, made = key, []
    for piece in sorted(pieces, key=len, reverse=True):
        if piece in left:
            left = left.replace(piece, "\0", 1)
            made.append(piece)
    return left, made


def follow(asked: Sequence[Question], outcomes: Mapping[Verdict, str]) -> Mapping[Verdict, str]:
    """What answers mean for the cells beside their questions: the worst of them, where all of a cell's were answered.

    `outcomes` are those given, by the first cell of each question.
    """
    told: dict[Verdict, list[str]] = {}
    for question in asked:
        for one in question.beside:
            told.setdefault(one, []).append(outcomes.get(question.first, ""))
    return {one: min(given, key=_WORST.index) for one, given in told.items() if all(given)}


def reason(verdict: Verdict) -> str:
    """What a cell is open for: the machine's words, whichever criterion they count.

    Of a licence that reports alone tell of, one look into its text answers what they say it closes, and another what
    they leave open.
    """
    words = verdict.answer.because
    reported = _REPORTED.search(words)
    if reported:
        return f"{reported['unread']}: {'closes' if reported['so'] else 'left open'}"
    return _CARD.sub("The card could not be read", _NUMBERED.sub(r"\1", words))


def is_one_question(verdicts: Iterable[Verdict]) -> bool:
    """Whether cells are open for one and the same reason, and no person answered any of them."""
    cells = tuple(verdicts)
    alike = len({reason(one) for one in cells}) == 1
    return alike and all(one.answer.outcome == "review" and one.attestation is None for one in cells)


def name(verdict: Verdict) -> str:
    """A cell as the label's list of open cells names it."""
    return f"{verdict.criterion}/{verdict.facet}"
