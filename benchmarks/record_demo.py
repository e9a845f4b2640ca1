"""Record the demo's evidence: `python -m benchmarks.record_demo` writes osaudit/demo/*.json.

The models are collected as `osaudit collect` would, from the recorded repositories (OSAUDIT_CORPUS) that the tests'
loopback Hub serves. Then every sentence of somebody else's is dropped: names, numbers, places and hashes stay.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from osaudit import codec
from osaudit.evidence import (
    Absent,
    Base,
    Cost,
    DatasetUse,
    Evidence,
    Fact,
    Files,
    FrontMatter,
    Gate,
    LicenceClaim,
    LicenceText,
    ModelRef,
    RepoFile,
    Section,
    Seen,
    Setting,
    Statement,
    Unknown,
    Where,
)
from osaudit.snapshot import FetchedText, Snapshot

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "osaudit" / "demo"
RECORDED_ON = "2026-11-23T00:00:00Z"
WHY = "the demo keeps hashes, not texts"
MAX_NAME = 80
MAX_WORDS = 8

HISTORY = "the Hub repository's own git history, and the gate as its card tells it"
DOWNLOAD = "downloaded from the Hub on 2025-09-23, without the LICENSE file that it lists"
MODELS: Mapping[str, str] = {
    "mistralai/Mistral-7B-v0.1": HISTORY,
    "tiiuae/falcon-7b": HISTORY,
    "tiiuae/falcon-40b": HISTORY,
    "meta-llama/Llama-2-7b-hf": HISTORY,
    "stabilityai/stable-diffusion-xl-base-1.0": HISTORY,
    "Qwen/Qwen-7B": HISTORY,
    "Qwen/Qwen2.5-7B-Instruct": DOWNLOAD,
    "Qwen/Qwen2.5-3B-Instruct": DOWNLOAD,
}
FACTS_ALONE = "tiiuae/falcon-180B"
FACTS = "facts alone: the opening of its card, and the first two weight files of a public list"
UNDATED = "undated, the model is of September 2023"
SHARDS, SHARDS_SEEN = 81, 2  # what the list was seen to name; the others are not filled in


@dataclass(frozen=True, slots=True)
class Record:
    """One record to bundle: the evidence, the day of the state that it tells of, and where that was seen."""

    evidence: Evidence
    date: str
    source: str


def main() -> None:
    """Record every model of the demo."""
    corpus = Path(os.environ.get("OSAUDIT_CORPUS") or ROOT / "../shared/corpus").resolve()
    if not corpus.is_dir():
        sys.exit(f"no recorded repositories in {corpus}: OSAUDIT_CORPUS names their folder")
    OUTPUT.mkdir(exist_ok=True)
    for record in records(corpus):
        path = OUTPUT / f"{record.evidence.ref.repo.replace('/', '--')}.json"
        path.write_text(as_text(record), encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes\n")


def records(corpus: Path) -> list[Record]:
    """Collect and strip every model of the demo."""
    found = collect_from(corpus, tuple(MODELS))
    kept = [Record(bundled(evidence), _date(evidence), MODELS[evidence.ref.repo]) for evidence in found]
    return [*kept, Record(bundled(facts_alone(corpus)), UNDATED, FACTS)]


def _date(evidence: Evidence) -> str:
    match evidence.last_modified:
        case Seen(moment):
            return moment[:10]
        case Absent() | Unknown():
            return "day unknown"


def as_text(record: Record) -> str:
    """Return the record as an evidence file that also says what it is a record of."""
    data = json.loads(codec.dump(record.evidence))
    match record.evidence.commit:
        case Seen(sha):
            commit = sha
        case Absent() | Unknown():
            commit = "an unknown commit"
    about = {"date": record.date, "commit": commit, "source": record.source}
    return json.dumps({"schema": data.pop("schema"), "record": about, **data}, ensure_ascii=False, indent=1) + "\n"


def collect_from(corpus: Path, models: tuple[str, ...]) -> list[Evidence]:
    """Collect models from the recorded repositories, through the loopback Hub and the client that users have."""
    from tests.hub.corpus import CorpusShelf  # noqa: PLC0415 - the environment comes first
    from tests.hub.server import LoopbackHub  # noqa: PLC0415

    with LoopbackHub(CorpusShelf(corpus)) as hub:
        os.environ |= {"HF_ENDPOINT": hub.endpoint, "HF_HUB_DISABLE_TELEMETRY": "1"}
        from osaudit.audit import Looking, look  # noqa: PLC0415 - the client reads HF_ENDPOINT once, when imported

        return [look(model, Looking(no_cache=True)) for model in models]


def facts_alone(corpus: Path) -> Evidence:
    """Read what is known of a repository that was not recorded: the opening of its card, and names of its files."""
    from osaudit.reading import read_snapshot  # noqa: PLC0415 - as late as its neighbour above

    lines = (corpus / "bulk" / "frontmatter_excerpts.jsonl").read_text(encoding="utf-8").splitlines()
    opening = next(row["text"] for row in map(json.loads, lines) if row["hf_id"] == FACTS_ALONE)
    shards = [f"model-{number:05}-of-{SHARDS:05}.safetensors" for number in range(1, SHARDS_SEEN + 1)]
    why = "the repository was not recorded"
    snapshot = Snapshot(
        ref=ModelRef(FACTS_ALONE),
        source="folder",
        commit=Unknown(why),
        last_modified=Unknown(why),
        files=Seen(Files(tuple(map(RepoFile, ["README.md", *shards])), complete=False)),
        gated=Unknown("the card asks for an agreement, and how the gate opens was not recorded"),
        card_data=Unknown(why),
        config=Unknown(why),
        parameters=Unknown(why),
        texts={"README.md": Seen(_excerpt(opening))},
    )
    known: Evidence = _without_hashes(read_snapshot(snapshot, collected_at=RECORDED_ON))
    return known


def _excerpt(text: str) -> FetchedText:
    data = text.encode()
    return FetchedText(text, hashlib.sha256(data).hexdigest(), len(data), truncated=True)


def _without_hashes(value: Any) -> Any:
    """Drop hashes: those of an excerpt are not the file's."""
    return _walk(replace(value, sha256=None) if isinstance(value, Where) else value, _without_hashes)


def bundled(evidence: Evidence) -> Evidence:
    """Return the evidence as recorded facts: without prose, and saying that it is a record."""
    facts: Evidence = without_prose(evidence)
    return facts


def without_prose(value: Any) -> Any:
    """Drop every sentence of somebody else's: quotes, texts, prompts, headings and values that are more than a name."""
    return _walk(_stripped(value), without_prose)


def _stripped(value: Any) -> Any:
    strip = STRIPPED.get(type(value))
    return strip(value) if strip else value


def _name(text: str) -> str:
    """Return a name or a link as it is, and nothing for a sentence."""
    is_link = text.startswith(("https://", "http://")) and not any(map(str.isspace, text))
    return text if is_link or (len(text) <= MAX_NAME and len(text.split()) <= MAX_WORDS) else ""


def _kept_back(fact: Fact[Any]) -> Fact[Any]:
    return Unknown(WHY) if isinstance(fact, Seen) else fact


def _recorded(fact: Fact[Evidence]) -> Fact[Evidence]:
    """The Hub that was asked holds recorded repositories alone: what it lacks, the real one may have."""
    return fact if isinstance(fact, Seen) else Unknown("its repository was not recorded")


def _walk(value: Any, change: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(change(item) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        kept = (field.name for field in dataclasses.fields(value) if field.init)
        return replace(value, **{name: change(getattr(value, name)) for name in kept})
    return value


STRIPPED: Mapping[type, Callable[[Any], Any]] = {
    Evidence: lambda seen: replace(seen, source="facts", collected_at=RECORDED_ON),
    Where: lambda place: replace(place, quote=None),
    Section: lambda section: replace(section, heading=section.topic),
    Statement: lambda said: replace(said, value=_name(said.value)),
    LicenceClaim: lambda claim: replace(claim, name=_name(claim.name) or "words of the card"),
    LicenceText: lambda text: replace(text, text=_kept_back(text.text), residue=()),
    FrontMatter: lambda front: replace(
        front, gated_prompt=_kept_back(front.gated_prompt), gated_fields=_kept_back(front.gated_fields)
    ),
    Cost: lambda cost: replace(cost, value=_name(cost.value)),
    Setting: lambda setting: replace(setting, value=_name(setting.value)),
    Base: lambda base: replace(base, evidence=_recorded(base.evidence)),
    DatasetUse: lambda use: replace(use, evidence=_recorded(use.evidence)),
    Gate: lambda gate: replace(gate, prompt=_kept_back(gate.prompt), fields=(), personal=()),
}

if __name__ == "__main__":
    main()
