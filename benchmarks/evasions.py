"""Made repositories that must not come out open, and harmless ones that must, through the loopback Hub.

    python -m benchmarks.evasions [--json] [--show]

`OSAUDIT_EVASIONS` names the folder that holds `cases.json` and `controls.json`, or both as `.yaml` in short form, such
as `tests/worded/first`.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.cost import clean_environment
from benchmarks.worded import worded
from osaudit.errors import OsauditError
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.reading import read_snapshot
from osaudit.sources.collect import collect
from osaudit.sources.hub import HubSource
from osaudit.sources.refs import parse_ref
from osaudit.verdict import Scorecard
from tests.hub.repos import Shelf, Weights
from tests.hub.server import LoopbackHub

WHEN = "2026-11-30T00:00:00Z"
OPEN = ("open-weights", "open-source-ai", "open-source-ai-open-data")
DEPTH = 12


def folder() -> Path:
    return Path(os.environ.get("OSAUDIT_EVASIONS", Path(__file__).parents[1] / "../shared/evasions"))


def cases(name: str, root: Path) -> list[dict[str, Any]]:
    """The cases of `cases.json` or `controls.json`, or of such a file in short form (`benchmarks.worded`)."""
    short = root / f"{name}.yaml"
    if short.is_file():
        return worded(short, "plain" if name == "cases" else "control")
    listed: list[dict[str, Any]] = json.loads((root / f"{name}.json").read_text())
    return listed


def _content(value: object, texts: Path) -> bytes | str:
    match value:
        case str():
            return value
        case {"text": str(spdx)}:
            return (texts / "spdx" / f"{spdx}.txt").read_text()
        case {"b64": str(coded)}:
            return base64.b64decode(coded)
        case {"gz": str(coded)}:
            return gzip.decompress(base64.b64decode(coded))
        case _:
            raise ValueError(f"no content that this benchmark knows: {str(value)[:60]}")


def _add(shelf: Shelf, kind: str, repo: str, files: Mapping[str, Any], meta: Mapping[str, Any], texts: Path) -> None:
    held: dict[str, Any] = {path: _content(value, texts) for path, value in files.items()}
    for phantom in meta.get("phantoms", ()):
        held.setdefault(phantom["path"], Weights(phantom.get("size") or 1_000_000))
    record = dict(meta.get("override", {}))
    if "gated" in meta:
        record["gated"] = meta["gated"]
    shelf.add("dataset" if kind.startswith("dataset") else "model", repo, held).overrides.update(record)


def judged(listed: list[dict[str, Any]], texts: Path) -> Iterator[tuple[dict[str, Any], Scorecard | str]]:
    """Audit each case in a Hub of its own shelf; where it cannot be judged, the reason stands in its place."""
    pack, table = load_pack(), load_table()
    read = partial(read_snapshot, collected_at=WHEN)
    with clean_environment():
        for case in listed:
            shelf = Shelf()
            repo = case["repo"] or "acme/zephyrine"
            _add(shelf, "models", repo, case["files"], case["meta"], texts)
            for more in case["extra"]:
                _add(shelf, more["kind"], more["id"], more["files"], more.get("meta", {}), texts)
            with LoopbackHub(shelf) as hub:
                os.environ["HF_ENDPOINT"] = hub.endpoint
                source = HubSource(tries=1)
                try:
                    evidence = collect(parse_ref(repo), open_snapshot=source.fetch, read=read, depth=DEPTH)
                    yield case, judge(evidence, pack, table)
                except OsauditError as error:
                    yield case, str(error)


def measure(root: Path, texts: Path) -> dict[str, Any]:
    """Count what comes out open of the cases, and what is held down of the controls."""
    opened, held, counts = [], [], Counter[str]()
    for case, result in judged(cases("cases", root), texts):
        counts[case["severity"]] += 1
        if isinstance(result, Scorecard) and result.label.id in OPEN:
            opened.append((case["id"], case["severity"], case["what"], tuple(r.kind for r in result.risks)))
    controls = cases("controls", root)
    for case, result in judged(controls, texts):
        if not (isinstance(result, Scorecard) and result.label.id in OPEN):
            why = (
                result
                if isinstance(result, str)
                else "; ".join(v.answer.because for v in result.verdicts if v.answer.outcome == "review")[:200]
            )
            held.append((case["id"], case["what"], why))
    return {"cases": dict(counts), "controls": len(controls), "opened": opened, "held": held}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--show", action="store_true", help="list each case that came out wrong")
    asked = parser.parse_args()
    texts = Path(os.environ.get("OSAUDIT_LICENCE_TEXTS", Path(__file__).parents[1] / "../shared/licence-texts"))
    found = measure(folder(), texts)
    if asked.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return
    by = Counter(severity for _, severity, _, _ in found["opened"])
    for severity, count in found["cases"].items():
        print(f"{severity:10} open {by[severity]:3} of {count}")
    print(f"{'controls':10} held {len(found['held']):3} of {found['controls']}")
    if asked.show:
        for row in (*found["opened"], *found["held"]):
            print("  ", *row)


if __name__ == "__main__":
    main()
