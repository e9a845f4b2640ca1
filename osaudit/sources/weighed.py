"""Weight files that are known by their hashes: whose they were first. What matches one was made from that model.

The file is written by `osaudit store study STORE --known-weights FILE`: a head, then a JSON object a line with
`sha256`, `model`, `licence` and `path`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from osaudit.contents import weight_format
from osaudit.errors import UsageError
from osaudit.evidence import NOT_LOOKED, Base, Evidence, RepoFile, Seen, Where
from osaudit.frozen import dataclass

SCHEMA = 1
MIN_BYTES = 1_000_000
"""Smaller files are no weights that anybody would call a model's: they may be alike by chance of their making."""
MAX_LINE = 4096
_WHOLE = ("", "transformer", "unet", "model", "prior", "original")
"""Folders of a model's own weights; what stands in others (`vae`, `safety_checker`) is a part that many share."""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """Whose a weight file was first, and under which key of the clause table."""

    model: str
    licence: str | None
    path: str


def read_known(path: str) -> Mapping[str, KnownFile]:
    """Read a file of known weights by their hashes; UsageError where it is none."""
    try:
        with Path(path).open(encoding="utf-8") as file:
            head = _object(file.readline(MAX_LINE), path, 1)
            if head.get("kind") != "known-weights" or head.get("schema") != SCHEMA:
                raise UsageError(
                    f"{path} is no list of known weights: write one with `osaudit store study STORE --known-weights`"
                )
            return dict(_files(file, path))
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no UTF-8 text: is it a list of known weights?") from error
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error


def _files(lines: Iterator[str], path: str) -> Iterator[tuple[str, KnownFile]]:
    for number, line in enumerate(lines, 2):
        if not line.strip():
            continue
        row = _object(line, path, number)
        sha, model, licence, name = (row.get(key) for key in ("sha256", "model", "licence", "path"))
        if not (isinstance(sha, str) and len(sha) == 64 and isinstance(model, str) and isinstance(name, str)):  # noqa: PLR2004 - hex digits
            raise UsageError(f"{path}, line {number}: it names no sha256, model and path")
        yield sha, KnownFile(model, licence if isinstance(licence, str) else None, name)


def _object(line: str, path: str, number: int) -> Mapping[str, Any]:
    try:
        found = json.loads(line[:MAX_LINE])
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UsageError(f"{path}, line {number}: it is no JSON object: is it a list of known weights?")
    return found


def with_known(evidence: Evidence, known: Mapping[str, KnownFile]) -> Evidence:
    """Add as a base whoever had the same weight files first: the same bytes are lineage, whatever the card says.

    The first that is known of a part that many models share may have it from somebody else: that base is a guess.
    """
    if evidence.ref.kind != "model" or not isinstance(evidence.files, Seen):
        return evidence
    found: dict[str, Base] = {}
    for file in evidence.files.value.entries:
        first = known.get(file.sha256 or "")
        if first is None or not weight_format(file.path) or (file.size or 0) < MIN_BYTES:
            continue
        if _owner(first.model) == _owner(evidence.ref.repo):
            continue
        base = _base(evidence, file, first)
        if base.name not in found or (base.confidence, found[base.name].confidence) == ("high", "low"):
            found[base.name] = base
    named = {base.name.lower(): base.confidence for base in evidence.bases}
    new = [base for base in found.values() if named.get(base.name.lower()) not in {"high", base.confidence}]
    told = {base.name.lower() for base in new}
    rest = (base for base in evidence.bases if base.name.lower() not in told)
    return replace(evidence, bases=(*new, *rest)) if new else evidence


def _base(evidence: Evidence, file: RepoFile, first: KnownFile) -> Base:
    whole = all(path.rpartition("/")[0] in _WHOLE for path in (file.path, first.path))
    place = _place(evidence, file, first)
    return Base(first.model, "unknown", "same bytes", "high" if whole else "low", place, NOT_LOOKED)


def _owner(model: str) -> str:
    return model.partition("/")[0].lower()


def _place(evidence: Evidence, file: RepoFile, first: KnownFile) -> Where:
    """The listed file, with whose it was first as its quote."""
    ref = evidence.ref
    commit = evidence.commit.value if isinstance(evidence.commit, Seen) else None
    url = f"https://huggingface.co/{ref.path}/blob/{commit}/{file.path}" if commit else None
    return Where(
        ref.path, commit, file.path, quote=f"sha256 {file.sha256}, as {first.path} of {first.model}",
        sha256=file.sha256, url=url,
    )  # fmt: skip
