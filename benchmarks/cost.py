"""What an audit costs: requests, cold and repeated, and its speed against a bare loop of the same GETs.

`python -m benchmarks.cost [--json]` fills the loopback Hub from the corpus (OSAUDIT_CORPUS). The Hub runs in a process
of its own; audits (fetched, read and judged, as `osaudit audit` does it for many models, without their bases) and bare
loops alternate, and the median of the rounds' paired ratios is what counts. What an audit takes beside its GETs is work
for the processor, so that the ratio depends on how long an answer takes: four latencies are measured.
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
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from osaudit.audit import FETCHES, IN_HAND, Asking, Looking, Run, judge_in, look, run_of
from osaudit.evidence import ModelRef, Seen
from osaudit.packs import load_pack
from osaudit.sources.hub import HubSource
from osaudit.sources.kept import Kept
from osaudit.sources.record import QUERY
from osaudit.sources.store import Store
from tests.hub.corpus import CorpusShelf
from tests.hub.server import LoopbackHub

ROOT = Path(__file__).resolve().parent.parent
TURNS = ("cold", "repeat")
THREADS = FETCHES
TARGET = 0.7
LOOKING = Looking(no_cache=True, depth=0)
LATENCIES = (0.0, 0.02, 0.05, 0.1)  # seconds an answer takes: none, a near Hub, and the Hub as most users have it


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true", help="print one JSON object")
    options.add_argument("--rounds", type=int, default=7, help="pairs of runs")
    arguments = options.parse_args()
    corpus = Path(os.environ.get("OSAUDIT_CORPUS") or ROOT / "../shared/corpus")
    if not corpus.is_dir():
        print(json.dumps({"skipped": "no corpus"}) if arguments.json else f"skipped: {corpus} is not there")
        return
    with clean_environment() as home:
        speeds = [speed(corpus.resolve(), latency, arguments.rounds) for latency in LATENCIES]
        found = {"requests": requests(corpus, home), "speed": speeds}
    print(json.dumps(found, indent=1) if arguments.json else table(found))


@contextmanager
def clean_environment() -> Iterator[Path]:
    """No token and no cache of the user's."""
    with tempfile.TemporaryDirectory() as home:
        for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
            os.environ.pop(name, None)
        os.environ.update(HF_HOME=home, HF_HUB_DISABLE_TELEMETRY="1")
        yield Path(home)


def requests(corpus: Path, home: Path) -> Mapping[str, Any]:
    """Count the requests of each model's audit, with what it names, cold and repeated."""
    sums: dict[str, dict[str, int]] = {turn: {} for turn in TURNS}
    texts = models = 0
    with LoopbackHub(CorpusShelf(corpus)) as hub:
        os.environ["HF_ENDPOINT"], hub.hops = hub.endpoint, False
        source = HubSource(store=Store(home / "osaudit"))
        for name in hub.shelf.ids("model"):
            models += 1
            for turn, counts in sums.items():
                hub.take_log()
                snapshot = source.fetch(ModelRef(name))
                for sort, count in hub.counts().items():
                    counts[sort] = counts.get(sort, 0) + count
                texts += len(snapshot.texts) if turn == "cold" else 0
    return {"models": models, "texts": texts, **sums}


def speed(corpus: Path, latency: float, rounds: int) -> Mapping[str, Any]:
    """Compare audits with bare loops of the same GETs: so many at once, in either."""
    with other_process(corpus, latency) as endpoint:
        os.environ["HF_ENDPOINT"] = endpoint
        names = CorpusShelf(corpus).ids("model")
        source, asked = HubSource(), Asking(load_pack("osd"), (), None)
        with run_of(len(names)) as run, ThreadPoolExecutor(THREADS) as pool, ThreadPoolExecutor(IN_HAND) as hands:
            judge = judge_in(run, asked)

            def audited(run: Run, name: str) -> object:
                return judge(look(name, LOOKING, run))

            plans = list(pool.map(partial(plan, source, endpoint), names))
            runs: Mapping[str, Callable[[], object]] = {
                "bare": lambda: list(pool.map(bare, plans)),
                "fetched": lambda: list(pool.map(lambda name: source.fetch(ModelRef(name)), names)),
                "audited": lambda: list(hands.map(partial(audited, replace(run, kept=Kept())), names)),
            }
            times = alternating(runs, rounds)
    rates = {name: [len(names) / seconds for seconds in taken] for name, taken in times.items()}
    ratios = {
        name: [rate / plain for rate, plain in zip(rates[name], rates["bare"], strict=True)]
        for name in ("fetched", "audited")
    }
    return {
        "latency": latency,
        "threads": THREADS,
        "models": len(names),
        "per_second": {name: round(statistics.median(found), 1) for name, found in rates.items()},
        "ratio": {name: round(statistics.median(found), 3) for name, found in ratios.items()},
        "rounds": {name: [round(ratio, 3) for ratio in found] for name, found in ratios.items()},
        "target": TARGET,
    }


@contextmanager
def other_process(corpus: Path, latency: float) -> Iterator[str]:
    """Run the loopback Hub in a process of its own; it ends when its input does."""
    command = [sys.executable, "-m", "tests.hub", str(corpus), str(latency)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None or process.stdin is None:
            raise RuntimeError("the Hub's pipes are missing")
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


def plan(source: HubSource, endpoint: str, name: str) -> list[str]:
    """List the GETs that an audit of the model makes."""
    snapshot = source.fetch(ModelRef(name))
    commit = snapshot.commit.value if isinstance(snapshot.commit, Seen) else ""
    return [
        f"{endpoint}/api/models/{name}?{QUERY}",
        *(f"{endpoint}/{name}/resolve/{commit}/{path}" for path in snapshot.texts),
    ]


def bare(urls: list[str]) -> int:
    from huggingface_hub import get_session  # noqa: PLC0415 - as late as the program imports it

    return sum(len(get_session().get(url).content) for url in urls)


def alternating(runs: Mapping[str, Callable[[], object]], rounds: int) -> Mapping[str, list[float]]:
    """Time every run once a round, forwards and backwards in turn, after one round that does not count."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds + 1):
        order = list(runs.items())[:: 1 if number % 2 else -1]
        for name, run in order:
            start = time.perf_counter()
            run()
            if number:
                times[name].append(time.perf_counter() - start)
    return times


def table(found: Mapping[str, Any]) -> str:
    asked = found["requests"]
    turns = [f"  {turn:8} {asked[turn].get('api', 0)} API + {asked[turn].get('file', 0)} GET" for turn in TURNS]
    lines = [f"{asked['models']} models, {asked['texts']} texts read", *turns]
    for speeds in found["speed"]:
        lines.append(f"{speeds['threads']} threads, {speeds['latency'] * 1000:.0f} ms an answer: models a second")
        lines += [f"  {name:8} {rate}" for name, rate in speeds["per_second"].items()]
        lines += [f"  {name} to bare: {ratio} (target {speeds['target']})" for name, ratio in speeds["ratio"].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
