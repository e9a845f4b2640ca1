"""`python -m benchmarks.conflicts [--json]`: every conflict over the recorded models, against the reviewed list.

Prints the findings, those that nobody has judged yet, the judged ones that are not found any more, and the precision.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import yaml

from benchmarks.corpus import audits, recorded
from benchmarks.cost import ROOT

REVIEWED = Path(__file__).parent / "reviewed.yaml"


def main() -> None:
    corpus = Path(os.environ.get("OSAUDIT_CORPUS") or ROOT / "../shared/corpus")
    if not (corpus / "models").is_dir():
        print(json.dumps({"skipped": "no corpus"}) if "--json" in sys.argv else f"skipped: {corpus} is not there")
        return
    found = compare(corpus.resolve())
    print(json.dumps(found, indent=1, ensure_ascii=False) if "--json" in sys.argv else table(found))


def compare(corpus: Path) -> dict[str, Any]:
    """Find the conflicts of all recorded models, and set them beside the reviewed list."""
    reviewed = {(row["model"], row["kind"]): row for row in yaml.safe_load(REVIEWED.read_text(encoding="utf-8"))}
    rows = [
        {"model": name, "kind": conflict.kind, "because": conflict.because}
        for name, card in audits(recorded(corpus), corpus)
        if not isinstance(card, str)
        for conflict in card.conflicts
    ]
    keys = {(row["model"], row["kind"]) for row in rows}
    told = [(row["model"], row["kind"]) for row in rows]
    judged = [reviewed[key]["holds"] for key in told if key in reviewed]
    return {
        "findings": rows,
        "not_judged": sorted(keys - set(reviewed)),
        "not_found": sorted(set(reviewed) - keys),
        "precision": round(sum(judged) / len(judged), 4) if judged else None,
    }


def table(found: dict[str, Any]) -> str:
    """The findings and the figures, a line each."""
    lines = [f"{row['model']} {row['kind']}: {row['because']}" for row in found["findings"]]
    lines += [f"not judged yet: {' '.join(key)}" for key in found["not_judged"]]
    lines += [f"judged and not found: {' '.join(key)}" for key in found["not_found"]]
    return "\n".join([*lines, f"{len(found['findings'])} findings, precision {found['precision']}"])


if __name__ == "__main__":
    main()
