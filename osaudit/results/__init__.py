"""What each further definition makes of its cells: one module for each kind of pack, and the table of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from osaudit.checks.case import Case
from osaudit.frozen import replace
from osaudit.packs import Kind, Pack
from osaudit.results import criteria, exemption, g7, mof, osaid
from osaudit.verdict import Finding, Label, PackResult, Verdict

Result: TypeAlias = Callable[[Case, Pack, tuple[Verdict, ...], Label], PackResult]

RESULTS: Mapping[Kind, Result] = MappingProxyType(
    {"criteria": criteria.result, "osaid": osaid.result, "mof": mof.result, "g7": g7.result, "eu": exemption.result}
)


def results(case: Case, packs: Sequence[Pack], verdicts: Sequence[Verdict], label: Label) -> tuple[PackResult, ...]:
    """Make each pack's result from its own verdicts, and from the label where the definition is the ladder itself."""
    return tuple(_result(case, pack, verdicts, label) for pack in packs)


def _result(case: Case, pack: Pack, verdicts: Sequence[Verdict], label: Label) -> PackResult:
    own = tuple(verdict for verdict in verdicts if verdict.pack == pack.id)
    made = RESULTS[pack.kind](case, pack, own, label)
    notes = (Finding(note.kind, note.because, rule=f"pack.{pack.id}") for note in pack.notes)
    return replace(made, remarks=(*made.remarks, *notes))
