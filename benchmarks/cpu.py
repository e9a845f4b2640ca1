"""What whole processes cost beside those of another checkout, and how reading grows with a card's length.

    python -m benchmarks.cpu --against ../at-0.1.0      (a worktree: git worktree add --detach ../at-0.1.0 44d701b)
    python -m benchmarks.cpu                            (growth alone)

Seconds are those of the processor, user and system together, which a loaded machine changes less than those of the
clock; even so, a round runs both checkouts, and the median of the rounds' ratios is what counts. Both ask one loopback
Hub that is filled from the corpus (OSAUDIT_CORPUS).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.cost import ROOT, other_process
from osaudit.evidence import Absent, ModelRef, Seen
from osaudit.reading import read_snapshot
from osaudit.snapshot import FetchedText, Snapshot
from tests.hub.corpus import CorpusShelf

MODEL = "mistralai/Mistral-7B-v0.1"
START = "from osaudit.cli import main; main()"
LENGTHS = (1, 10, 100, 400)  # kB; what stands beyond 600 is not read
SENTENCES = (
    "The model was trained on a filtered crawl of the web for {n} thousand steps with a batch of 512 sequences. "
    "Its weights are released under the Apache 2.0 licence, and the scores of table {n} were measured with 5 shots. "
    "It answers questions in English and in {n} other languages, and may repeat what its training data holds.\n\n"
)


class Cost(NamedTuple):
    """What one process took: seconds of the processor, and the most memory in MB."""

    seconds: float
    memory: float


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--against", type=Path, help="another checkout, to be run beside this one")
    options.add_argument("--rounds", type=int, default=10)
    options.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = options.parse_args()
    found: dict[str, Any] = {"growth": growth()}
    corpus = Path(os.environ.get("OSAUDIT_CORPUS") or ROOT / "../shared/corpus")
    if arguments.against and corpus.is_dir():
        with other_process(corpus.resolve(), 0.0) as endpoint:
            found["processes"] = processes(corpus, endpoint, arguments.against.resolve(), arguments.rounds)
    print(json.dumps(found, indent=1) if arguments.json else table(found))


def processes(corpus: Path, endpoint: str, other: Path, rounds: int) -> Mapping[str, Mapping[str, float]]:
    """Run each command in both checkouts, round by round."""
    names = CorpusShelf(corpus).ids("model")
    every = ("audit", *names, "--format", "csv")
    commands = {
        "--help": (("--help",), True),
        "one model, cached": (("audit", MODEL), True),
        "one model, cold": (("audit", MODEL), False),
        "bom, cached": (("bom", MODEL), True),
        f"{len(names)} models, cached": (every, True),
        f"{len(names)} models, cold": (every, False),
    }
    return {
        name: paired(command, endpoint, other, rounds, cached=cached) for name, (command, cached) in commands.items()
    }


def paired(command: Sequence[str], endpoint: str, other: Path, rounds: int, *, cached: bool) -> Mapping[str, float]:
    """Measure one command in both checkouts, each with a cache of its own."""
    costs: dict[Path, list[Cost]] = {ROOT: [], other: []}
    with folder() as ours, folder() as theirs:
        homes = {ROOT: ours, other: theirs}
        for number in range(rounds + 1):
            for checkout in (ROOT, other)[:: 1 if number % 2 else -1]:
                if not cached:
                    shutil.rmtree(homes[checkout], ignore_errors=True)
                    homes[checkout].mkdir(parents=True, exist_ok=True)
                cost = run([sys.executable, "-c", START, *command], checkout, homes[checkout], endpoint)
                costs[checkout] += [cost] if number else []  # the first fills the cache
    ratios = [one.seconds / two.seconds for one, two in zip(costs[ROOT], costs[other], strict=True)]
    return {
        "ratio": round(statistics.median(ratios), 3),
        "seconds": round(statistics.median(cost.seconds for cost in costs[ROOT]), 3),
        "seconds there": round(statistics.median(cost.seconds for cost in costs[other]), 3),
        "MB": round(max(cost.memory for cost in costs[ROOT])),
        "MB there": round(max(cost.memory for cost in costs[other])),
    }


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name, "home")


def run(command: Sequence[str], checkout: Path, home: Path, endpoint: str) -> Cost:
    """Run a process of a checkout, and say what it and its own took."""
    home.mkdir(exist_ok=True)
    told = {
        "PYTHONPATH": str(checkout),
        "HF_HOME": str(home),
        "XDG_CACHE_HOME": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "HF_ENDPOINT": endpoint,
        "OSAUDIT_AUDIT_LINKED": "never",  # 44d701b looks at no linked code
    }
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    process = subprocess.Popen(
        command, cwd=home, env={**kept, **told}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in {0, 1, 3}:
        raise RuntimeError(f"{' '.join(command)[:80]} ended with {process.returncode}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def growth() -> Mapping[str, float]:
    """Read made cards of growing length: milliseconds of the processor a kB, the best of three."""
    return {f"{length} kB": round(min(read(length) for _ in range(3)) / length * 1000, 3) for length in LENGTHS}


def read(kilobytes: int) -> float:
    """Read a card of so many kB, whose sentences are all its own."""
    lines, size, number = [f"# Sparrow\n\n{kilobytes} {time.perf_counter_ns()}\n\n"], 0, 0
    while size < kilobytes * 1000:
        lines.append(SENTENCES.format(n=f"{number}{time.perf_counter_ns() % 1000}"))
        size, number = size + len(lines[-1]), number + 1
    text = "".join(lines)[: kilobytes * 1000]
    snapshot = Snapshot(
        ref=ModelRef("acme/sparrow"),
        source="hub",
        commit=Seen("0" * 40),
        last_modified=Absent(),
        files=Absent(),
        gated=Seen("open"),
        card_data=Absent(),
        config=Absent(),
        parameters=Absent(),
        texts={"README.md": Seen(FetchedText(text, "0" * 64, len(text)))},
    )
    start = time.process_time()
    read_snapshot(snapshot, collected_at="2026-11-30T00:00:00Z")
    return time.process_time() - start


def table(found: Mapping[str, Any]) -> str:
    lines = [f"reading a card of {length}: {cost} ms a kB" for length, cost in found["growth"].items()]
    for name, row in found.get("processes", {}).items():
        lines.append(f"{name}: " + ", ".join(f"{key} {value}" for key, value in row.items()))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
