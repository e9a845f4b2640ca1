"""The labelled cards, and what osaudit reads in each, in the codebook's words."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from osaudit.checks.cards import statements
from osaudit.checks.training import told
from osaudit.evidence import Absent, Evidence, Files, ModelRef, RepoFile, Seen, Statement
from osaudit.reading import read_snapshot
from osaudit.reading.making.stages import is_derived
from osaudit.snapshot import FetchedText, Snapshot

CARD = "README.md"
WHEN = "2026-11-23T00:00:00Z"  # stands in no label
DATA = ("published", "sources", "vague", "none")
CODE = ("training", "fine-tuning", "inference", "framework", "none")
ROLES = ("pre-training", "fine-tuning", "evaluation", "unknown")
COLLECTIONS = {"2023-05": "model_cards_2023-05.jsonl.gz", "2020-12": "model_cards_2020-12.jsonl"}
_LEADS = frozenset({"published", "linked"})
_SHOWN = ("inference-code", "evaluation-code", "code", "training-code", "fine-tuning-code")


@dataclass(frozen=True, slots=True)
class Labels:
    """What a card says by the codebook: `sets` holds the role of each data set."""

    data: str
    code: str
    withheld: bool = False
    sets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A card of a sample and its labels by hand; `sure` is False where two readers might well differ."""

    id: str
    cards: str
    labels: Labels
    sure: bool


@dataclass(frozen=True, slots=True)
class Read:
    """What osaudit reads: its labels, the lines that they rest on, and the lines of the published data."""

    labels: Labels
    data_lines: tuple[int, ...]
    code_lines: tuple[int, ...]
    published_lines: frozenset[int]


def load_sample(path: Path) -> list[Labelled]:
    """The cards of a sample that are labelled."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    return [_labelled(row) for row in rows if "data" in row]


def _labelled(row: Mapping[str, Any]) -> Labelled:
    labels = Labels(row["data"], row["code"], bool(row.get("withheld")), dict(row.get("sets") or {}))
    unknown = {labels.data} - {*DATA} | {labels.code} - {*CODE} | {*labels.sets.values()} - {*ROLES}
    if unknown:
        raise ValueError(f"{row['id']}: {', '.join(sorted(unknown))} is no label of the codebook")
    return Labelled(row["id"], row["cards"], labels, row.get("sure") is not False)


def load_cards(folder: Path, wanted: Iterable[Labelled]) -> dict[tuple[str, str], str]:
    """The text of each wanted card, from the recorded collections; nothing else of them is kept."""
    keys = {(card.id, card.cards) for card in wanted}
    found: dict[tuple[str, str], str] = {}
    for name in sorted({cards for _, cards in keys}):
        path = folder / COLLECTIONS[name]
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                if (row["id"], name) in keys:
                    found[row["id"], name] = row["card"]
    return found


def evidence_of(repo: str, card: str) -> Evidence:
    """Read a card as an audit would: the one file of a repository."""
    data = card.encode()
    text = FetchedText(card, hashlib.sha256(data).hexdigest(), len(data))
    snapshot = Snapshot(
        ref=ModelRef(repo),
        source="hub",
        commit=Absent(),
        last_modified=Absent(),
        files=Seen(Files((RepoFile(CARD),))),
        gated=Seen("open"),
        card_data=Absent(),
        config=Absent(),
        parameters=Absent(),
        texts={CARD: Seen(text)},
    )
    return read_snapshot(snapshot, collected_at=WHEN)


def read_labels(evidence: Evidence) -> Read:
    """Say in the codebook's words what the evidence holds, by the rules that the checks judge it by."""
    data, data_from = _data(evidence)
    code, code_from = _code(evidence)
    said = statements(evidence.card, "training-data", _LEADS)
    return Read(
        Labels(data, code, bool(statements(evidence.card, "data-withheld")), _sets(evidence)),
        _lines(data_from),
        _lines(code_from),
        frozenset(line for statement in said for line in _span(statement)),
    )


def _data(evidence: Evidence) -> tuple[str, tuple[Statement, ...]]:
    said = statements(evidence.card, "training-data")
    sure = tuple(item for item in said if item.confidence == "high")
    published = tuple(item for item in sure if item.value in _LEADS)
    if published or any(use.role != "evaluation" for use in evidence.datasets):
        return "published", published
    named = tuple(item for item in sure if item.value == "named")
    if named:
        return "sources", named
    vague = said or statements(evidence.card, "data-withheld")
    return ("vague", vague) if vague else ("none", ())


def _code(evidence: Evidence) -> tuple[str, tuple[Statement, ...]]:
    for label in ("training", "fine-tuning"):
        kind = f"{label}-code"
        clear = tuple(item for item in statements(evidence.card, kind) if item.confidence == "high")
        sure = clear or told(evidence, kind)
        if sure:
            return label, sure
    tools = statements(evidence.card, "training-tool")
    if tools:
        return "fine-tuning" if is_derived(evidence.bases) else "training", tools
    shown = tuple(item for kind in _SHOWN for item in statements(evidence.card, kind))
    if shown:
        return "inference", shown
    general = statements(evidence.card, "framework")
    return ("framework", general) if general else ("none", ())


def _sets(evidence: Evidence) -> dict[str, str]:
    return {use.name.lower(): use.role for use in evidence.datasets}


def _lines(said: Iterable[Statement]) -> tuple[int, ...]:
    return tuple(sorted({statement.where.lines[0] for statement in said if statement.where.lines}))[:3]


def _span(statement: Statement) -> range:
    first, last = statement.where.lines or (0, -1)
    return range(first, last + 1)
