"""The recorded repositories as a shelf of the loopback Hub, each read when it is first asked for.

Every recorded commit can be asked for by its sha; `main` is the newest one that the inventory names. Licence, policy,
notice and README names that were listed but not recorded are left out of listings; other files stay listed without
content. `Commit.partial` says, to Python only, that the list leaves out files which the Hub's repository has.
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
import hashlib
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .repos import Commit, HubFile, Repo, read_card

_OURS = frozenset({"provenance.json", "siblings.json", "license_history.json", "api_model.json", "api_dataset.json"})
_OURS_TOO = frozenset({"model_files.json", "README.uploader.md", "gitattributes"})  # the uploader's, not the Hub's
_TERMS = re.compile(r"(?i)(readme|licen[cs]e|notice|polic(y|ies)|copying|terms|agreement|eula|copyright)")
_CONFIG_KEYS = ("architectures", "auto_map", "model_type", "quantization_config")


@dataclass(slots=True)
class CorpusShelf:
    """The corpus folder's repositories; threads may share one."""

    root: Path
    _known: dict[tuple[str, str], Repo] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, kind: str, repo_id: str) -> Repo | None:
        with self._lock:
            if (kind, repo_id) not in self._known and repo_id in self._folders(kind):
                read = _read_model if kind == "model" else _read_dataset
                partial = repo_id in _partial_lists(self.root)
                self._known[kind, repo_id] = read(repo_id, self._folders(kind)[repo_id], partial=partial)
            return self._known.get((kind, repo_id))

    def moved_to(self, kind: str, repo_id: str) -> str | None:
        """Data sets were recorded under the id that they had; ids in another case redirect too."""
        moved = _dataset_moves(self.root) if kind == "dataset" else {}
        by_case = {known.lower(): known for known in self._folders(kind)}
        return moved.get(repo_id) or by_case.get(repo_id.lower())

    def ids(self, kind: str) -> list[str]:
        return sorted(self._folders(kind))

    def _folders(self, kind: str) -> Mapping[str, Path]:
        return _folders(self.root, kind)


@functools.cache
def _folders(root: Path, kind: str) -> Mapping[str, Path]:
    marker = "provenance.json" if kind == "model" else "api_dataset.json"
    return {"/".join(found.parent.parts[-2:]): found.parent for found in root.glob(f"{kind}s/*/*/{marker}")}


@functools.cache
def _partial_lists(root: Path) -> frozenset[str]:
    inventory = root / "INVENTORY.csv"
    if not inventory.is_file():
        return frozenset()
    with inventory.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if "partial" in (row.get("file_list") or "")]
    return frozenset(row["hf_id"] for row in rows if row["path"] == f"models/{row['hf_id']}")


@functools.cache
def _dataset_moves(root: Path) -> Mapping[str, str]:
    moves = {}
    for repo_id, folder in _folders(root, "dataset").items():
        asked = str(_json(folder / "provenance.json", {}).get("url", "")).partition("/api/datasets/")[2]
        if asked and asked != repo_id:
            moves[asked] = repo_id
    return moves


def _json(path: Path, default: Any) -> Any:
    return json.loads(path.read_bytes()) if path.is_file() else default


def _read_model(repo_id: str, folder: Path, *, partial: bool) -> Repo:
    provenance = _json(folder / "provenance.json", {})
    record = _json(folder / "api_model.json", {})
    siblings = _json(folder / "siblings.json", None) or record.get("siblings")
    recorded = _recorded(folder)
    listed = _listed(siblings, recorded)
    sha = provenance.get("commit") or provenance.get("hub_sha") or record.get("sha") or provenance.get("mirror_commit")
    date = record.get("lastModified") or provenance.get("commit_date") or "2025-09-23T00:00:00.000Z"
    fields = record or _derived(recorded)
    head = Commit(sha or _made_up(repo_id), _hub_time(date), listed, fields, "recorded", partial or siblings is None)
    others = [_snapshot(path, head) for path in sorted((folder / "snapshots").glob("*/"))]
    states = [_state(folder, path, head) for path in sorted((folder / "history").glob("*/"))]
    known = {commit.sha: commit for commit in [*states, *others, head]}
    commits = sorted(known.values(), key=lambda commit: commit.date)
    repo = Repo("model", repo_id, commits, guarded=False, refs={"main": head.sha})
    repo.gated = _gate([fields, *(commit.record for commit in others)])
    return repo


def _read_dataset(repo_id: str, folder: Path, *, partial: bool) -> Repo:
    record = _json(folder / "api_dataset.json", {})
    listed = _listed(record.get("siblings"), _recorded(folder))
    head = Commit(record["sha"], _hub_time(record["lastModified"]), listed, record, "recorded", partial)
    return Repo("dataset", repo_id, [head], gated=record.get("gated", False), guarded=False)


def _snapshot(folder: Path, head: Commit) -> Commit:
    """A second recorded commit, with its own API record where there is one."""
    record = _json(folder / "api_model.json", {})
    provenance = _json(folder / "provenance.json", {})
    recorded = _recorded(folder)
    siblings = _json(folder / "siblings.json", None) or record.get("siblings")
    listed = _listed(siblings, recorded) if siblings else _with_terms(head.files, recorded)
    sha = record.get("sha") or provenance.get("hub_sha") or provenance.get("commit") or _made_up(str(folder))
    date = record.get("lastModified") or provenance.get("commit_date") or head.date
    return Commit(sha, _hub_time(date), listed, record or _derived(recorded), "recorded", head.partial and not siblings)


def _state(model: Path, folder: Path, head: Commit) -> Commit:
    """A state of the licence's history: its own README and licence files, and the newest list for the rest."""
    date, _, short = folder.name.partition("_")
    history = _json(model / "license_history.json", [])
    entry = next((entry for entry in history if entry["sha"].startswith(short)), {})
    recorded = _recorded(folder)
    rest = {key: value for key, value in head.record.items() if key in {"config", "safetensors"}}
    fields = {**rest, "cardData": read_card(recorded.get("README.md"))}
    listed = _with_terms(head.files, recorded)
    sha = entry.get("sha") or _made_up(str(folder))
    return Commit(sha, _hub_time(entry.get("date", date)), listed, fields, entry.get("subject", ""), head.partial)


def _hub_time(text: str) -> str:
    """Write a time as the Hub does, which is the only way that its client reads."""
    time = dt.datetime.fromisoformat(text)
    time = time.astimezone(dt.UTC) if time.tzinfo else time.replace(tzinfo=dt.UTC)
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _made_up(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()  # noqa: S324 - stands for a git commit that was not recorded


def _recorded(folder: Path) -> dict[str, HubFile]:
    """The files of a folder that the Hub served, without the records kept beside them."""
    files = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name.startswith(("history/", "snapshots/")) or name in _OURS | _OURS_TOO or not path.is_file():
            continue
        files[name] = HubFile(name, path.stat().st_size, path.read_bytes)
    return files


def _listed(siblings: list[dict[str, Any]] | None, recorded: Mapping[str, HubFile]) -> dict[str, HubFile]:
    """The list of the record, with content where it was recorded; without a list, what was recorded."""
    if siblings is None:
        return dict(recorded)
    listed = {}
    for entry in siblings:
        name, lfs = entry["rfilename"], entry.get("lfs") or {}
        here = recorded.get(name)
        if here is None and _TERMS.search(name.rsplit("/", 1)[-1]):
            continue
        size = here.size if here else entry.get("size")
        load = here.load if here else None
        listed[name] = HubFile(name, size, load, lfs.get("sha256"), entry.get("blobId"))
    return listed


def _with_terms(files: Mapping[str, HubFile], recorded: Mapping[str, HubFile]) -> dict[str, HubFile]:
    """The list with its README and licence files at the root replaced by those of another state."""
    rest = {name: file for name, file in files.items() if "/" in name or not _TERMS.search(name)}
    return dict(sorted({**rest, **recorded}.items()))


def _derived(recorded: Mapping[str, HubFile]) -> dict[str, Any]:
    """The API's fields, as far as the recorded files tell them."""
    fields: dict[str, Any] = {"cardData": read_card(recorded.get("README.md"))}
    config = _object(recorded.get("config.json"))
    if config is not None:
        fields["config"] = {key: config[key] for key in _CONFIG_KEYS if key in config}
    index = _object(recorded.get("model_index.json"))
    if index is not None:
        fields["config"] = {"diffusers": {"_class_name": index.get("_class_name")}}
    return fields


def _object(file: HubFile | None) -> dict[str, Any] | None:
    data = json.loads(file.load()) if file and file.load else None
    return data if isinstance(data, dict) else None


def _gate(records: list[Mapping[str, Any]]) -> Any:
    """The gate that a record tells, else a card's own gate form stands for one that a person opens."""
    told = [record["gated"] for record in records if "gated" in record]
    if told:
        return told[0]
    card = records[0].get("cardData") or {}
    asks = any(key in card for key in ("extra_gated_prompt", "extra_gated_heading", "extra_gated_fields"))
    return "manual" if asks else False
