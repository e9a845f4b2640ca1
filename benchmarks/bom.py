"""What a bill of materials costs: milliseconds of CPU a document, in each form, on every model of the corpus.

`python -m benchmarks.bom [--json]` collects the corpus (OSAUDIT_CORPUS) through a loopback Hub, judges each model, and
writes its document three times in each form; the fastest counts. Imports are done before; nothing is validated.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from osaudit.audit import Looking, look
from osaudit.bom import WRITERS, Writer
from osaudit.bom.content import Content, describe
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from tests.hub.corpus import CorpusShelf
from tests.hub.server import LoopbackHub

ROOT = Path(__file__).resolve().parent.parent
TARGET_MS = 50
TIMES = 3


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = options.parse_args()
    corpus = Path(os.environ.get("OSAUDIT_CORPUS") or ROOT / "../shared/corpus")
    if not corpus.is_dir():
        print(json.dumps({"skipped": "no corpus"}) if arguments.json else f"skipped: {corpus} is not there")
        return
    found = measure(corpus.resolve())
    print(json.dumps(found, indent=1) if arguments.json else table(found))


def measure(corpus: Path) -> Mapping[str, Any]:
    costs: dict[str, list[tuple[float, str]]] = {}
    models = 0
    for content, describing in contents(corpus):
        models += 1
        costs.setdefault("(describing the model)", []).append((describing, content.model.name))
        for form, write in WRITERS.items():
            if models == 1:
                write(content)  # what the form imports counts as the program's start
            costs.setdefault(form, []).append((fastest(write, content), content.model.name))
    return {
        "models": models,
        "target_ms": TARGET_MS,
        "forms": {form: figures(times) for form, times in costs.items()},
    }


def contents(corpus: Path) -> Iterator[tuple[Content, float]]:
    logging.getLogger("osaudit").setLevel(logging.ERROR)
    pack, licences = load_pack(), load_table()
    with LoopbackHub(CorpusShelf(corpus)) as hub, tempfile.TemporaryDirectory() as home:
        os.environ.update(HF_ENDPOINT=hub.endpoint, HF_HOME=home, HF_HUB_DISABLE_TELEMETRY="1")
        for name in hub.shelf.ids("model"):
            evidence = look(name, Looking(no_cache=True))
            card = judge(evidence, pack, licences)
            describe(evidence, card, licences)
            start = time.process_time()
            content = describe(evidence, card, licences)
            yield content, (time.process_time() - start) * 1000


def fastest(write: Writer, content: Content) -> float:
    times = []
    for _ in range(TIMES):
        start = time.process_time()
        write(content)
        times.append((time.process_time() - start) * 1000)
    return min(times)


def figures(times: list[tuple[float, str]]) -> Mapping[str, Any]:
    slowest, model = max(times)
    return {
        "median_ms": round(statistics.median(cost for cost, _ in times), 2),
        "slowest_ms": round(slowest, 2),
        "slowest": model,
        "over_target": sum(cost > TARGET_MS for cost, _ in times),
    }


def table(found: Mapping[str, Any]) -> str:
    lines = [f"{found['models']} models; CPU ms a document; the target is {found['target_ms']} ms"]
    for form, row in found["forms"].items():
        lines.append(f"{form:24} median {row['median_ms']:7.2f}  slowest {row['slowest_ms']:7.2f}  {row['slowest']}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
