"""Art. 53(2) of the EU's AI Act: its limbs by paragraph. What binds in any case stands in the pack's notes."""

from __future__ import annotations

import re

from osaudit.checks.case import Case
from osaudit.packs import Pack
from osaudit.results.cells import of_criterion, sentence, worst_of
from osaudit.verdict import Label, Outcome, PackResult, Part, Verdict

_WORDS: dict[Outcome, str] = {
    "pass": "Qualifies",
    "partial": "For a person to decide",
    "review": "For a person to decide",
    "fail": "Disqualified",
    "not_applicable": "Not asked",
}
_LIMBS: dict[str, range] = {
    "Licence limb": range(76, 85),
    "Monetisation limb": range(85, 90),
    "Public information limb": range(90, 93),
}
_PARAGRAPH = re.compile(r"(\d{2})")


def result(case: Case, pack: Pack, verdicts: tuple[Verdict, ...], label: Label) -> PackResult:  # noqa: ARG001 - the table's form
    """Combine paragraphs to limbs; one limb that fails disqualifies, and one for a person leaves the whole to one."""
    paragraphs = [_paragraph(pack, verdicts, at) for at in range(len(pack.criteria))]
    limbs = [
        _limb(name, [part for number, part in paragraphs if number in span])
        for name, span in _LIMBS.items()
        if any(number in span for number, _ in paragraphs)
    ]
    outcome = worst_of(limb.outcome for limb in limbs)
    words = "; ".join(f"{limb.name.lower()}: {_WORDS[limb.outcome].lower()}" for limb in limbs) or "no limb is asked"
    steps = tuple(part for limb in limbs for part in (limb, *_members(limb, paragraphs)))
    return PackResult(pack.id, outcome, _WORDS[outcome], f"{words[:1].upper()}{words[1:]}.", steps)


def _paragraph(pack: Pack, verdicts: tuple[Verdict, ...], at: int) -> tuple[int, Part]:
    criterion = pack.criteria[at]
    cells = of_criterion(verdicts, criterion.id)
    found = _PARAGRAPH.search(criterion.id)
    number = int(found.group(1)) if found else 0
    outcome = worst_of(cell.answer.outcome for cell in cells)
    return number, Part(f"{criterion.id} {criterion.title}", outcome, sentence(cells, outcome))


def _limb(name: str, members: list[Part]) -> Part:
    outcome = worst_of(part.outcome for part in members)
    deciding = ", ".join(part.name for part in members if part.outcome == outcome)
    return Part(name, outcome, f"{_WORDS[outcome]}. By {deciding}.")


def _members(limb: Part, paragraphs: list[tuple[int, Part]]) -> list[Part]:
    return [part for number, part in paragraphs if number in _LIMBS[limb.name]]
