"""Snapshots from a card's text and a few files, as a source would hand them over."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from osaudit.evidence import Absent, Evidence, Fact, Files, GateMode, Kind, ModelRef, RepoFile, Seen, Unknown, Where
from osaudit.files import texts_to_read
from osaudit.licences.quotes import LEFT_OUT
from osaudit.reading import read_snapshot
from osaudit.reading.page.places import Document, collapse, document
from osaudit.snapshot import FetchedText, Snapshot

COMMIT = "0123456789abcdef0123456789abcdef01234567"
WHEN = "2026-01-02T03:04:05Z"


def fetched(text: str, *, truncated: bool = False) -> Seen[FetchedText]:
    data = text.encode()
    return Seen(FetchedText(text, hashlib.sha256(data).hexdigest(), len(data), truncated))


def doc_of(text: str, repo: str = "maker/sparrow-7b", kind: Kind = "model") -> Document:
    return document(ModelRef(repo, kind=kind), COMMIT, "README.md", text, "0" * 64)


def snapshot_of(  # noqa: PLR0913 - each is a field of the snapshot
    card: str | None,
    *,
    repo: str = "maker/sparrow-7b",
    kind: Kind = "model",
    texts: Mapping[str, Fact[FetchedText]] | None = None,
    listed: tuple[str, ...] = (),
    card_data: Mapping[str, Any] | None = None,
    config: Mapping[str, Any] | None = None,
    gated: GateMode = "open",
) -> Snapshot:
    held: dict[str, Fact[FetchedText]] = {} if card is None else {"README.md": fetched(card)}
    held.update(texts or {})
    paths = dict.fromkeys((*held, *listed))
    return Snapshot(
        ref=ModelRef(repo, kind=kind),
        source="hub",
        commit=Seen(COMMIT),
        last_modified=Absent(),
        files=Seen(Files(tuple(RepoFile(path) for path in paths))),
        gated=Seen(gated),
        card_data=Absent() if card_data is None else Seen(card_data),
        config=Absent() if config is None else Seen(config),
        parameters=Absent(),
        texts=held,
    )


def evidence_of(card: str | None, **rest: Any) -> Evidence:
    return read_snapshot(snapshot_of(card, **rest), collected_at=WHEN)


def recorded_snapshot(folder: Path, repo: str) -> Snapshot:
    """Fill a snapshot from one recorded repository."""
    api_path, listing = folder / "api_model.json", folder / "siblings.json"
    api = json.loads(api_path.read_text()) if api_path.exists() else {}
    entries = json.loads(listing.read_text()) if listing.exists() else api.get("siblings", [])
    paths = [entry["rfilename"] for entry in entries] or [path.name for path in folder.iterdir() if path.is_file()]
    texts: dict[str, Fact[FetchedText]] = {}
    for path in texts_to_read(paths, api.get("cardData")):
        file = folder / path
        texts[path] = fetched(file.read_text("utf-8", "replace")) if file.is_file() else Unknown("not recorded")
    made = snapshot_of(None, repo=repo, texts=texts, listed=tuple(paths), card_data=api.get("cardData") or {})
    config = folder / "config.json"
    return dataclasses.replace(made, config=Seen(json.loads(config.read_text()))) if config.exists() else made


def places_in(value: object) -> Iterator[Where]:
    if isinstance(value, Where):
        yield value
    elif dataclasses.is_dataclass(value):
        for each in dataclasses.fields(value):
            yield from places_in(getattr(value, each.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from places_in(item)


def misquoted(evidence: Evidence, snapshot: Snapshot) -> list[str]:
    """List the quotes that do not stand on the lines that they name."""
    wrong = []
    for where in places_in(evidence):
        text = snapshot.texts.get(where.path)
        if where.quote and where.lines and isinstance(text, Seen):
            lines = text.value.text.split("\n")[where.lines[0] - 1 : where.lines[1]]
            told = collapse("\n".join(lines))
            parts = [part.strip() for part in collapse(where.quote).split(LEFT_OUT)]
            cut = r"(?![^\W_])" if re.search(r"[A-Za-z0-9]$", parts[-1]) else ""  # its last word is not cut
            whole = re.search(f"{re.escape(parts[-1])}{cut}", told)
            if whole is None or not all(part in told for part in parts):
                wrong.append(f"{where.path}:{where.lines} {where.quote[:80]}")
    return wrong
