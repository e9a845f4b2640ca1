"""What judging costs: milliseconds of CPU to judge one model's evidence, and what `osaudit --help` imports.

    python -m benchmarks.judging [--against CHECKOUT] [--rounds 10] [--json]

Evidence is read from the bundled demo, so the figures need no corpus. With another checkout, such as one of 44d701b,
each of the two collects the corpus (OSAUDIT_CORPUS) with its own readers, for neither can read what the other wrote;
then they take turns to decode every record, judge it by the default pack, make its row of the summary and its JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import osaudit
from osaudit.codec import digest, load
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_packs
from osaudit.render.json import render_json

ROOT = Path(__file__).resolve().parent.parent
DEMO = Path(osaudit.__file__).parent / "demo"
ROUNDS = 30
STAGES = ("decode", "judge", "row", "json")
TARGET = 0.4  # of decode, judge and row together
WATCHED = ("huggingface_hub", "jinja2", "yaml", "jsonschema", "osaudit.judge", "osaudit.sources.hub")


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--against", type=Path, help="another checkout, to take turns with this one")
    options.add_argument("--rounds", type=int, default=10, help="turns of either")
    options.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = options.parse_args()
    if arguments.against:
        corpus = Path(os.environ.get("OSAUDIT_CORPUS") or ROOT / "../shared/corpus").resolve()
        found = beside(arguments.against.resolve(), corpus, arguments.rounds)
        print(json.dumps(found) if arguments.json else table(found))
        return
    figures = alone()
    if arguments.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:20} {value}")


def alone() -> Mapping[str, Any]:
    """What judging the bundled evidence takes here."""
    start = time.process_time()
    (pack, further), table = load_packs(["all"]), load_table()
    loading = (time.process_time() - start) * 1000
    evidence = [load(path.read_bytes()) for path in sorted(DEMO.glob("*.json"))]
    return {
        "models": len(evidence),
        "load_ms": round(loading, 1),
        "judge_ms": _median(lambda one: judge(one, pack, table), evidence),
        "packs": 1 + len(further),
        "judge_all_packs_ms": _median(lambda one: judge(one, pack, table, further), evidence),
        "of_which_digest_ms": _median(digest, evidence),
        "render_json_ms": _median(lambda one: render_json([one]), [judge(one, pack, table) for one in evidence]),
        "help_imports": _help_imports(),
    }


def beside(other: Path, corpus: Path, rounds: int) -> Mapping[str, Any]:
    """Judge the corpus here and in another checkout by turns."""
    with tempfile.TemporaryDirectory() as folder:
        turns = {name: _turns(tree, corpus, Path(folder, name)) for name, tree in (("here", ROOT), ("there", other))}
        counts = {name: next(own) for name, own in turns.items()}
        taken: dict[str, list[list[list[float]]]] = {name: [] for name in turns}
        for number in range(rounds):
            for name in list(turns)[:: 1 if number % 2 else -1]:
                taken[name].append(next(turns[name]))
        for own in turns.values():
            own.close()
    if counts["here"] != counts["there"]:
        raise RuntimeError(f"{counts} records cannot be compared")
    sums = {name: [_stages(round_of) for round_of in own] for name, own in taken.items()}
    least = {name: _stages([[min(ms) for ms in zip(*one, strict=True)] for one in zip(*own, strict=True)])
             for name, own in taken.items()}  # fmt: skip
    return {
        "records": counts["here"],
        "rounds": rounds,
        "target": TARGET,
        "stages": {
            stage: {
                "ms": round(statistics.median(one[stage] for one in sums["here"]), 3),
                "ms_there": round(statistics.median(one[stage] for one in sums["there"]), 3),
                "ratio": round(
                    statistics.median(a[stage] / b[stage] for a, b in zip(sums["here"], sums["there"], strict=True)), 3
                ),
                "ratio_of_least": round(least["here"][stage] / least["there"][stage], 3),
            }
            for stage in sums["here"][0]
        },
    }


def _stages(records: Sequence[Sequence[float]]) -> dict[str, float]:
    """Milliseconds a record by stage, and of decoding, judging and the row together."""
    means = {stage: sum(one[at] for one in records) / len(records) for at, stage in enumerate(STAGES)}
    return {**means, "decode, judge and row": sum(means[stage] for stage in STAGES[:3])}


def _turns(tree: Path, corpus: Path, folder: Path) -> Any:
    """Run a process of a checkout; give the number of records, then milliseconds of each record by stage."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    command = [sys.executable, "-c", _WORKER, str(corpus), str(folder)]
    with subprocess.Popen(
        command,
        cwd=tree,
        env={**kept, "PYTHONPATH": str(tree)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the checkout's pipes are missing")
        try:
            yield json.loads(process.stdout.readline())
            while True:
                process.stdin.write("\n")
                process.stdin.flush()
                yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()


_WORKER = """
import json, os, pathlib, sys, time
from functools import partial
from benchmarks.corpus import DEPTH, WHEN, recorded
from benchmarks.cost import clean_environment
from osaudit import codec
from osaudit.errors import OsauditError
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.reading import read_snapshot
from osaudit.render.csv import render_summary_csv
from osaudit.render.json import render_json
from osaudit.sources.collect import collect
from osaudit.sources.hub import HubSource
from osaudit.sources.refs import parse_ref
from tests.hub.corpus import CorpusShelf
from tests.hub.server import LoopbackHub

try:  # as the program's own processes do, where they do
    from osaudit.garbage import collect_seldom
    collect_seldom()
except ImportError:
    pass
corpus, texts = pathlib.Path(sys.argv[1]), []
with clean_environment(), LoopbackHub(CorpusShelf(corpus)) as hub:
    os.environ["HF_ENDPOINT"] = hub.endpoint
    source, read = HubSource(tries=2), partial(read_snapshot, collected_at=WHEN)
    for name in recorded(corpus):
        try:
            evidence = collect(parse_ref(name), open_snapshot=source.fetch, read=read, depth=DEPTH)
        except OsauditError:
            continue
        texts.append(json.dumps(json.loads(codec.dump(evidence)), ensure_ascii=False).encode())
pack, table, now = load_pack(), load_table(), time.process_time_ns

def decoded(text):
    if hasattr(codec, "load_digested"):  # as a sweep does: the digest is computed once, and held to what is recorded
        evidence, found, recorded = codec.load_digested(text)
        codec.require_digest(recorded, found, "")
        return evidence, {"sha256": found}
    return codec.load(text), {}

def one(text):
    times = [now()]
    evidence, known = decoded(text)
    times.append(now())
    card = judge(evidence, pack, table, **known)
    times.append(now())
    render_summary_csv([card])
    times.append(now())
    render_json([card])
    times.append(now())
    return [(end - start) / 1e6 for start, end in zip(times, times[1:])]

for text in texts:
    one(text)
print(len(texts), flush=True)
for _ in sys.stdin:
    print(json.dumps([one(text) for text in texts]), flush=True)
"""
"""What a process of either checkout runs: it uses what both have. Evidence is written in one line by both."""


def table(found: Mapping[str, Any]) -> str:
    """The figures in lines."""
    lines = [
        f"{found['records']} records, {found['rounds']} turns each; ms of CPU a record, medians, and paired ratios"
    ]
    for stage, row in found["stages"].items():
        lines.append(
            f"{stage:22} {row['ms']:7.3f} here {row['ms_there']:7.3f} there  ratio {row['ratio']:.3f} "
            f"(of the least of each record: {row['ratio_of_least']:.3f})"
        )
    return "\n".join([*lines, f"target: decode, judge and row at most {found['target']} of 44d701b's"])


def _median(work, values) -> float:  # noqa: ANN001 - one function of one value
    times = []
    for _ in range(ROUNDS):
        for value in values:
            start = time.process_time()
            work(value)
            times.append((time.process_time() - start) * 1000)
    return round(statistics.median(times), 3)


def _help_imports() -> list[str]:
    """The watched modules that `osaudit --help` imports: none is right."""
    code = "import sys; from osaudit.cli import run; run(['--help']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return [name for name in WATCHED if name in done.stderr.split()]


if __name__ == "__main__":
    main()
