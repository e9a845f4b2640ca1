"""The G7's four labels: the label itself, and its conditions one by one."""

from __future__ import annotations

from osaudit.checks.case import Case
from osaudit.packs import Pack
from osaudit.results.cells import listed, parts
from osaudit.verdict import CANDIDATE_RUNGS, LADDER, Label, LabelId, Outcome, PackResult, Part, Verdict

_OUTCOME: dict[LabelId, Outcome] = {
    "not-available": "fail",
    "unlicensed": "fail",
    "weights-available": "fail",
    "open-weights": "partial",
    "open-source-ai": "pass",
    "open-source-ai-open-data": "pass",
}


def result(case: Case, pack: Pack, verdicts: tuple[Verdict, ...], label: Label) -> PackResult:  # noqa: ARG001 - the table's form
    """Tell the rung that the model stands on, and each condition of the rungs."""
    conditions = parts(pack, verdicts)
    standing = "candidate" if label.candidate else "attested" if label.id in CANDIDATE_RUNGS else ""
    name = f"{label.name} ({standing})" if standing else label.name
    outcome: Outcome = _OUTCOME[label.id] if label.determined else "review"
    return PackResult(pack.id, outcome, name, _because(label, conditions), conditions)


def _because(label: Label, conditions: tuple[Part, ...]) -> str:
    fails = [part.name for part in conditions if part.outcome == "fail"]
    opens = [part.name for part in conditions if part.outcome == "review"]
    words = [f"These conditions fail: {listed(fails)}."] if fails else []
    words += [f"For a person to decide: {listed(opens)}."] if opens else []
    if label.at_best != label.id:
        words.append(f"At best {LADDER[label.at_best]}, if every review passes.")
    return " ".join(words) or "Every condition holds."
