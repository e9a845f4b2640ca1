"""Choices: what an expression means for what is judged, be it a choice (OR) or several licences that hold (AND)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from osaudit.checks.sightings import NOTHING_SAID, Sighting, is_family
from osaudit.licences.table import CRITERIA, Licence, LicenceTable
from osaudit.licences.worded import Choices, worded


def choices_of(top: tuple[Sighting, ...], telling: Sequence[Sighting], keys: tuple[str, ...]) -> Choices:
    """How an expression joins what governs: its own, or that of a tag that names the very licences of the texts.

    A choice stands where all that governs says the same; what holds together stands where anybody says so.
    """
    sources = telling if all(sighting.text and sighting.exact for sighting in top) else top
    said = [claim.choices for sighting in sources if (claim := sighting.claim) and claim.choices]
    fitting = [choices for choices in said if {key for choice in choices for key in choice} == set(keys)]
    for choices in sorted(fitting, key=len):
        offers = {tuple(sorted(choice)) for choice in choices}
        same = (claim.choices for sighting in top if (claim := sighting.claim))
        if len(choices) == 1 or all({tuple(sorted(one)) for one in theirs} == offers for theirs in same):
            return choices
    return ()


def best_of(choices: Choices, table: LicenceTable) -> tuple[str, ...]:
    """The alternative that asks the least of a recipient, of those whose every licence is known; () for none.

    One alternative is taken for all criteria, for nobody may take each criterion from another licence.
    """
    known = [choice for choice in choices if all(_is_one(table.get(key)) for key in choice)]
    return min(known, key=lambda choice: _burden([found for key in choice if (found := table.get(key))]), default=())


def _is_one(licence: Licence | None) -> bool:
    return licence is not None and licence.key not in NOTHING_SAID and not is_family(licence)


def _burden(licences: list[Licence]) -> tuple[int, bool, int]:
    readings = [[licence.verdict(number).v for licence in licences] for number in CRITERIA]
    failing = sum("fail" in reading for reading in readings)
    unclear = sum("unclear" in reading for reading in readings)
    return failing, not all(licence.osi.approved for licence in licences), unclear


def joining(choices: Choices, licences: tuple[Licence, ...]) -> Iterable[str]:
    """Say what an expression means for what is judged."""
    names = " and ".join(licence.name for licence in licences)
    if len(choices) > 1:
        yield f"{worded(choices)} leaves the choice to the recipient: {names or 'none of them'} is judged."
    elif choices:
        yield f"{worded(choices)} holds together: under each criterion the strictest of them counts."
