"""What reading costs beside another checkout, over the same real cards in turn, and whether both read the same.

    python -m benchmarks.reading --against ../at-0.1.0 [--cards 300] [--rounds 5] [--same]

Each card of the bulk records (OSAUDIT_CORPUS) is made a repository of its own. A process of either checkout reads
twenty of them, then one of the other the same twenty, so that a loaded machine weighs on both; seconds are those of
the processor. `--same` compares what was read, evidence by evidence, and ends with 1 where it differs: for a change
that is to read faster and no differently.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from osaudit import codec
from osaudit.evidence import Absent, Files, ModelRef, RepoFile, Seen
from osaudit.reading import read_snapshot
from osaudit.snapshot import FetchedText, Snapshot

ROOT = Path(__file__).resolve().parents[1]
FILE = "model_cards_2023-2026"
BATCH = 20
WHEN = "2026-11-30T00:00:00Z"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--against", type=Path)
    options.add_argument("--cards", type=int, default=300)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--same", action="store_true")
    options.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.serve:
        serve(asked.cards)
        return 0
    if asked.against is None:
        options.error("--against names the checkout to compare with")
    trees = (ROOT, asked.against.resolve())
    rounds = [measured(trees, asked.cards) for _ in range(1 if asked.same else asked.rounds)]
    for seconds, differing in rounds:
        told = f", {differing} of {asked.cards} read differently" if asked.same else ""
        print(f"{seconds[0]:.2f} s here, {seconds[1]:.2f} s there: {seconds[0] / seconds[1]:.2f}{told}")
    print(f"median {statistics.median(here / there for (here, there), _ in rounds):.2f}")
    return int(asked.same and any(differing for _, differing in rounds))


def measured(trees: Sequence[Path], cards: int) -> tuple[tuple[float, float], int]:
    """Read the cards in both checkouts, in turn: the seconds of each, and how many were read differently."""
    readers = [_reader(tree, cards) for tree in trees]
    seconds, differing = [0.0, 0.0], 0
    for turn, first in enumerate(range(0, cards, BATCH)):
        answers: dict[int, list[str]] = {}
        for which in (0, 1) if turn % 2 else (1, 0):
            reader = readers[which]
            if reader.stdin is None or reader.stdout is None:
                raise RuntimeError("a reader has no pipes")
            print(first, min(cards, first + BATCH), file=reader.stdin, flush=True)
            taken, answers[which] = json.loads(reader.stdout.readline())
            seconds[which] += taken
        differing += sum(one != other for one, other in zip(answers[0], answers[1], strict=True))
    for reader in readers:
        reader.communicate()
    return (seconds[0], seconds[1]), differing


def _reader(tree: Path, cards: int) -> subprocess.Popen[str]:
    """Start a process that reads with the code of a checkout."""
    told = {**os.environ, "PYTHONPATH": str(tree)}
    told.pop("PYTHONDONTWRITEBYTECODE", None)  # what a checkout compiles is kept beside its byte code
    command = [sys.executable, __file__, "--serve", "--cards", str(cards)]
    return subprocess.Popen(command, env=told, cwd=tree, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def serve(cards: int) -> None:
    """Read the cards that each line asks for, from one number to another; answer with seconds and digests."""
    made = list(islice(snapshots(), cards))
    for snapshot in made[:BATCH]:
        read_snapshot(snapshot, collected_at=WHEN)
    for line in sys.stdin:
        first, last = map(int, line.split())
        start = time.process_time()
        found = [read_snapshot(snapshot, collected_at=WHEN) for snapshot in made[first:last]]
        taken = time.process_time() - start
        digests = [hashlib.sha256(codec.dump(evidence).encode("utf-8", "replace")).hexdigest() for evidence in found]
        print(json.dumps([taken, digests]), flush=True)


def snapshots() -> Iterator[Snapshot]:
    """The cards of the record, each as a repository with a configuration and listed weights."""
    root = Path(os.environ.get("OSAUDIT_CORPUS") or ROOT / "../shared/corpus")
    with gzip.open(root / "bulk" / f"{FILE}.jsonl.gz", "rt", encoding="utf-8") as rows:
        for number, row in enumerate(rows):
            record = json.loads(row)
            data = record["card"].encode("utf-8", "replace")
            yield Snapshot(
                ref=ModelRef(record.get("id") or f"mirror{number}/{record['name'].rpartition('/')[2]}"),
                source="hub",
                commit=Seen(COMMIT),
                last_modified=Absent(),
                files=Seen(Files(tuple(map(RepoFile, ("README.md", "config.json", "model.safetensors"))))),
                gated=Seen("open"),
                card_data=Absent(),
                config=Seen({"model_type": "custom"}),
                parameters=Absent(),
                texts={"README.md": Seen(FetchedText(record["card"], hashlib.sha256(data).hexdigest(), len(data)))},
            )


if __name__ == "__main__":
    sys.exit(main())
