"""The result of a pack of a user's own: how many of its cells pass, and which do not."""

from __future__ import annotations

from osaudit.checks.case import Case
from osaudit.packs import Pack
from osaudit.results.cells import listed, parts, worst_of
from osaudit.verdict import Label, PackResult, Verdict


def result(case: Case, pack: Pack, verdicts: tuple[Verdict, ...], label: Label) -> PackResult:  # noqa: ARG001 - the table's form
    """Count the cells of a pack that pass."""
    asked = [verdict for verdict in verdicts if verdict.answer.counted]
    passed = [verdict for verdict in asked if verdict.answer.outcome == "pass"]
    outcome = worst_of(verdict.answer.outcome for verdict in asked)
    rest = [f"{v.criterion}/{v.facet} ({v.answer.outcome})" for v in asked if v.answer.outcome != "pass"]
    words = f"These do not: {listed(rest)}." if rest else "Nothing is left open."
    return PackResult(pack.id, outcome, f"{len(passed)} of {len(asked)} cells pass", words, parts(pack, verdicts))
