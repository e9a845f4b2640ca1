"""Criteria and cells by the names that people give them: `OSD-6`, `C6-L`, `6/licence`, `EU-83`, `MOF-DATASETS/data`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from osaudit.compiled import regex
from osaudit.errors import UsageError, meant
from osaudit.gate.conditions import CellAsked
from osaudit.packs import Pack
from osaudit.verdict import FACETS

_CELL = regex(r"(?:OSD-|C)?(?P<number>\d{1,2})(?:[-/](?P<facet>[A-Za-z]+))?", re.IGNORECASE)
_BY_LETTER = {facet[0]: facet for facet in FACETS}
_ENDINGS = ("", *(f"/{facet}" for facet in FACETS))


def parse_cell(text: str) -> CellAsked:
    """Read `OSD-6`, `6`, `C6-L` or `OSD-6/licence`; UsageError where it is none of them."""
    found = _CELL.fullmatch(text.strip())
    facet = (found.group("facet") or "").lower() if found else ""
    if found is None or not 1 <= int(found.group("number")) <= 10 or (facet and facet not in {*FACETS, *_BY_LETTER}):  # noqa: PLR2004 - ten criteria
        near = meant(text.strip(), (f"OSD-{number}{facet}" for number in range(1, 11) for facet in _ENDINGS))
        raise UsageError(
            f"{text!r} is no criterion{near or ': write OSD-1 to OSD-10, or one cell such as OSD-6/licence or C6-L'}"
        )
    return CellAsked(f"OSD-{int(found.group('number'))}", _BY_LETTER.get(facet, facet) or None)


def cell_of(named: str, packs: Iterable[Pack]) -> CellAsked:
    """Read a criterion of any of the packs, or one of its cells; UsageError where none has it."""
    criterion, _, facet = named.strip().partition("/")
    found = next((row for pack in packs for row in pack.criteria if row.id.casefold() == criterion.casefold()), None)
    if found is None or found.id.startswith("OSD-"):
        return parse_cell(named)
    if facet and facet.lower() not in found.cells:
        raise UsageError(f"{named[:80]!r} is no cell: {found.id} is asked of {', '.join(found.cells)}")
    return CellAsked(found.id, facet.lower() or None)
