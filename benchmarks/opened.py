"""Which permissively tagged cards of the bulk records come out open, each made a repository of its card alone.

    python -m benchmarks.opened                         (what has come down since 0.1.0, and why)
    python -m benchmarks.opened --save before.json      (on a commit to compare with)
    python -m benchmarks.opened --against before.json   (what has come down since that)

A repository is made of the card, the SPDX text of its tag, a configuration and listed weights, without a gate. What a
reader found of each card that came down stands in `opened.yaml`; the command ends with 1 where one has no label there.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from osaudit.evidence import Absent, Files, ModelRef, RepoFile, Seen, Where
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.reading import read_snapshot
from osaudit.snapshot import FetchedText, Snapshot
from osaudit.verdict import Answer, Scorecard

OPEN = ("open-weights", "open-source-ai", "open-source-ai-open-data")
TAGS = {"apache-2.0": "Apache-2.0", "mit": "MIT", "bsd-3-clause": "BSD-3-Clause", "bsd-2-clause": "BSD-2-Clause"}
FILES = ("model_cards_2023-05", "model_cards_2023-2026")
COMMIT = "0123456789abcdef0123456789abcdef01234567"
WORKERS = 2
HERE = Path(__file__).parent
BEFORE = HERE / "opened-at-0.1.0.json.gz"
LABELS = HERE / "opened.yaml"


class Made(NamedTuple):
    """A card to judge: the record it stands in, an id, and its words."""

    file: str
    repo: str
    card: str
    text: str


def _root() -> Path:
    return Path(os.environ.get("OSAUDIT_CORPUS", Path(__file__).parents[1] / "../shared/corpus"))


def _texts() -> Path:
    return Path(os.environ.get("OSAUDIT_LICENCE_TEXTS", Path(__file__).parents[1] / "../shared/licence-texts"))


def made(file: str) -> Iterator[Made]:
    """The permissively tagged cards of one file."""
    with gzip.open(_root() / "bulk" / f"{file}.jsonl.gz", "rt") as rows:
        for number, row in enumerate(rows):
            record = json.loads(row)
            tag = _tag(record["card"])
            if tag in TAGS:
                name = record.get("id") or f"mirror{number}/{record['name'].rpartition('/')[2]}"
                yield Made(file, name, record["card"], TAGS[tag])


def _tag(card: str) -> str | None:
    if not card.startswith("---"):
        return None
    try:
        matter = yaml.safe_load(card.split("---", 2)[1])
    except (yaml.YAMLError, IndexError, ValueError):
        return None
    tag = matter.get("license") if isinstance(matter, dict) else None
    if isinstance(tag, list) and len(tag) == 1:
        tag = tag[0]
    return tag.lower() if isinstance(tag, str) else None


def _fetched(text: str) -> Seen[FetchedText]:
    data = text.encode("utf-8", "replace")
    return Seen(FetchedText(text, hashlib.sha256(data).hexdigest(), len(data)))


def scorecard(item: Made) -> Scorecard:
    """Judge one card as a repository of its own."""
    texts = {
        "README.md": _fetched(item.card),
        "LICENSE": _fetched((_texts() / "spdx" / f"{item.text}.txt").read_text()),
    }
    listed = ("README.md", "LICENSE", "config.json", "model.safetensors", ".gitattributes")
    repo = item.repo if "/" in item.repo else f"someone/{item.repo}"
    record = (Where(repo, COMMIT, "api/models"),)
    snapshot = Snapshot(
        ref=ModelRef(repo),
        source="hub",
        commit=Seen(COMMIT),
        last_modified=Absent(),
        files=Seen(Files(tuple(RepoFile(path) for path in listed)), record),
        gated=Seen("open", record),
        card_data=Absent(),
        config=Seen({"model_type": "custom"}, record),
        parameters=Absent(),
        texts=texts,
    )
    return judge(read_snapshot(snapshot, collected_at="2026-11-30T00:00:00Z"), load_pack(), load_table())


def _quotes(answer: Answer) -> list[str]:
    return [place.quote for place in answer.where if place.quote]


def _state(item: Made) -> dict[str, Any]:
    card = scorecard(item)
    reasons = [
        f"{verdict.criterion}/{verdict.facet}: {verdict.answer.because} {_quotes(verdict.answer)}"
        for verdict in card.verdicts
        if verdict.answer.outcome in {"review", "fail"} and verdict.facet in {"weights", "licence"}
    ]
    return {"file": item.file, "repo": item.repo, "open": card.label.id in OPEN, "why": reasons}


def states(only: frozenset[tuple[str, str]] | None = None, files: tuple[str, ...] = FILES) -> list[dict[str, Any]]:
    """Judge the cards, or those of them that are asked for."""
    wanted = [item for file in files for item in made(file) if only is None or (file, item.repo) in only]
    with ProcessPoolExecutor(WORKERS) as pool:
        return list(pool.map(_state, wanted, chunksize=32))


def before(path: Path) -> frozenset[tuple[str, str]]:
    """The cards that were open, each by its file and id, from a list that `--save` wrote or the published one."""
    data = path.read_bytes()
    listed: dict[str, list[str]] = json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)
    return frozenset((file, repo) for file, repos in listed.items() for repo in repos)


def labels(path: Path = LABELS) -> dict[str, dict[str, dict[str, str]]]:
    """What a reader found of each card, by its file and id."""
    found: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def tally(down: Iterable[str], found: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Count right and wrong among the cards that came down, what shares a sentence once; name the others."""
    seen = {label.get("by", repo): label["found"] for repo in down if (label := found.get(repo))}
    counts = Counter(seen.values())
    unlabelled = sorted(repo for repo in down if repo not in found)
    return {"right": counts["right"], "wrong": counts["wrong"], "unlabelled": unlabelled}


def _save(path: Path, found: list[dict[str, Any]]) -> None:
    listed: dict[str, list[str]] = {}
    for row in found:
        if row["open"]:
            listed.setdefault(row["file"], []).append(row["repo"])
    path.write_text(json.dumps(listed, ensure_ascii=False, indent=0))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", type=Path)
    parser.add_argument("--against", type=Path, default=BEFORE)
    parser.add_argument("--file", choices=FILES, action="append")
    asked = parser.parse_args()
    files = tuple(asked.file or FILES)
    found = states(None if asked.save else before(asked.against), files)
    if asked.save:
        _save(asked.save, found)
    unlabelled = False
    for file in files:
        here = [row for row in found if row["file"] == file]
        print(f"{file}: {sum(row['open'] for row in here)} open of {len(here)}")
        if not asked.save:
            down = [row for row in here if not row["open"]]
            print(*(json.dumps(row, ensure_ascii=False) for row in down), sep="\n")
            told = tally([row["repo"] for row in down], labels()[file])
            print(f"{len(down)} came down: {json.dumps(told, ensure_ascii=False)}")
            unlabelled = unlabelled or bool(told["unlabelled"])
    return int(unlabelled)


if __name__ == "__main__":
    sys.exit(main())
