"""`python -m benchmarks.judged [--json]`: real repositories beside what a careful reader found in each.

Reads `expect.json` and the recorded repositories in OSAUDIT_JUDGED, which the loopback Hub serves. Three things count:
a label above the highest that the reader would grant, a licence cell that is sure to fail and comes out better than a
review, and a label below the one that should be reached. The reader can be wrong: a row is to be disputed with
evidence, not bent to.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.corpus import audits
from benchmarks.cost import ROOT
from osaudit.label import RUNGS
from osaudit.verdict import LADDER, Scorecard

_RANK = {LADDER[rung]: number for number, rung in enumerate(RUNGS)}
_HELD = frozenset({"fail", "review"})
_FACETS = {"W": "weights", "D": "data", "T": "training", "L": "licence"}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = options.parse_args()
    folder = Path(os.environ.get("OSAUDIT_JUDGED") or ROOT / "../shared/judged")
    if not (folder / "expect.json").is_file():
        print(json.dumps({"skipped": [str(folder)]}) if arguments.json else f"skipped: {folder} is not there")
        return
    found = compare(folder.resolve())
    print(json.dumps(found, indent=1, ensure_ascii=False) if arguments.json else table(found))


def compare(folder: Path) -> dict[str, Any]:
    """Audit every judged repository and set the label and the failing cells beside what the reader found."""
    expected = {row["hf_id"]: row for row in json.loads((folder / "expect.json").read_text(encoding="utf-8"))}
    rows: list[dict[str, Any]] = []
    skipped: dict[str, str] = {}
    for name, outcome in audits(expected, folder):
        if isinstance(outcome, str):
            skipped[name] = outcome
        else:
            rows.append(_row(name, outcome, expected[name]))
    return {
        "models": len(rows),
        "skipped": skipped,
        "above": [row for row in rows if row["above"]],
        "below": [row for row in rows if row["below"]],
        "fails_missed": [row for row in rows if row["missed"]],
        "unsettled": [row for row in rows if row["unsettled"]],
        "labels": {row["model"]: row["label"] for row in rows},
    }


def _row(name: str, card: Scorecard, expected: Mapping[str, Any]) -> dict[str, Any]:
    told = expected["expect"]
    weights = dict(card.licences).get("weights")
    reached = _RANK[card.label.name]
    return {
        "model": name,
        "label": card.label.name,
        "at_best": LADDER[card.label.at_best],
        "label_at_most": told["label_at_most"],
        "should_reach": told["should_reach"],
        "above": reached > _RANK[told["label_at_most"]],
        "below": told["should_reach"] is not None and reached < _RANK[told["should_reach"]],
        "missed": [cell for cell in told["fails"] if _outcome(card, cell) not in _HELD],
        "unsettled": not (weights and weights.key and weights.settled),
        "blocks": [words[:200] for words in card.label.blocks[:3]],
        "note": expected["note"],
    }


def _outcome(card: Scorecard, cell: str) -> str:
    """The outcome of a cell such as `L6`."""
    asked = (f"OSD-{cell[1:]}", _FACETS[cell[0]])
    return next(v.answer.outcome for v in card.verdicts if (v.criterion, v.facet) == asked)


def table(found: Mapping[str, Any]) -> str:
    """The figures and the rows behind them, a line each."""
    lines = [f"{found['models']} repositories read beside a careful reader's findings"]
    for name, words in (
        ("above", "above the label that the reader would grant"),
        ("fails_missed", "with a sure fail that came out better than a review"),
        ("below", "below the label that should be reached"),
        ("unsettled", "whose weights' licence is not known, or is contradicted"),
    ):
        lines.append(f"{len(found[name])} {words}")
        lines += [f"  {row['model']}: {row['label']} {' '.join(row['missed'])}".rstrip() for row in found[name]]
    lines += [f"  not judged: {name}: {why}" for name, why in found["skipped"].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
