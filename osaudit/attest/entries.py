"""The attestation file: a list of answers, each for models and a commit, with its reason, evidence, author and term."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import yaml

from osaudit.errors import UsageError
from osaudit.frozen import dataclass
from osaudit.resources import data_path
from osaudit.verdict import Outcome
from osaudit.yamlfile import parse_yaml

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

ANY_COMMIT = "any"
State: TypeAlias = Literal["applies", "expired", "not-yet", "other-commit", "other-model"]
_CELL = re.compile(r"(?:(?P<pack>[a-z0-9][a-z0-9-]*):)?(?P<criterion>[A-Z][0-9A-Za-z.-]*)/(?P<facet>[a-z]+)")


@dataclass(frozen=True, slots=True)
class Attestation:
    """One person's answer to one cell. `model` is a glob, `commit` 40 hex digits or `any`, days are ISO 8601.

    `pack` is empty where the file names the cell without one; `evidence` is a link, or `sha256:` and a file's hash.
    `overrides` is `fail` where the person means to stand against what a licence text or a base model's terms say.
    """

    id: str
    model: str
    commit: str
    pack: str
    criterion: str
    facet: str
    outcome: Outcome
    reason: str
    evidence: str
    who: str
    date: str
    expires: str
    overrides: str = ""

    @property
    def cell(self) -> str:
        """The cell as the file names it."""
        return f"{self.pack}:" * bool(self.pack) + f"{self.criterion}/{self.facet}"

    def state(self, model: str, commit: str | None, today: str) -> State:
        """Whether it bears on this model at this commit on this day, or why it does not."""
        if not fnmatchcase(model, self.model):
            return "other-model"
        if self.commit not in {ANY_COMMIT, commit}:
            return "other-commit"
        if today > self.expires:
            return "expired"
        return "not-yet" if today < self.date else "applies"


@dataclass(frozen=True, slots=True)
class Attestations:
    """A file's entries, its name and hash, how its signature stands in words, and the day it is applied for."""

    entries: tuple[Attestation, ...]
    file: str
    sha256: str
    signature: str
    as_of: str


def read_attestations(data: bytes, name: str) -> tuple[Attestation, ...]:
    """Read the entries; UsageError (one line) where the file is no attestation file."""
    raw = parse_yaml(data, name)
    error = next(iter(sorted(_validator().iter_errors(raw), key=lambda error: str(error.json_path))), None)
    if error is not None:
        words = " ".join(error.message.split())[:200]
        raise UsageError(f"{name} is not an attestation file: {error.json_path}: {words}")
    entries = tuple(_entry(row, f"{name}: $.attestations[{at}]") for at, row in enumerate(raw["attestations"]))
    ids = [entry.id for entry in entries]
    twice = next((one for at, one in enumerate(ids) if one in ids[:at]), None)
    if twice is not None:
        raise UsageError(f"{name} is not an attestation file: the id {twice} stands there twice")
    return entries


def write_attestations(entries: Iterable[Attestation]) -> str:
    """Write the file as YAML."""
    rows = [_row(entry) for entry in entries]
    return yaml.safe_dump({"attestations": rows}, sort_keys=False, allow_unicode=True, width=100)


def sha256_of(data: bytes) -> str:
    """The hash by which a scorecard names the file."""
    return hashlib.sha256(data).hexdigest()


def _row(entry: Attestation) -> dict[str, str]:
    row = {
        "id": entry.id,
        "model": entry.model,
        "commit": entry.commit,
        "cell": entry.cell,
        "outcome": entry.outcome,
        "reason": entry.reason,
        "evidence": entry.evidence,
        "who": entry.who,
        "date": entry.date,
        "expires": entry.expires,
    }
    return {**row, "overrides": entry.overrides} if entry.overrides else row


def _entry(row: Mapping[str, Any], place: str) -> Attestation:
    cell = parse_cell(row["cell"])
    if cell is None:
        raise UsageError(f"{place}.cell: {row['cell'][:60]!r} is no cell: write OSD-2/data, or osaid:OSAID-DATA/data")
    if row["expires"] < row["date"]:
        raise UsageError(f"{place}.expires: {row['expires']} is before the attestation's own date, {row['date']}")
    pack, criterion, facet = cell
    kept: dict[str, Any] = {key: value for key, value in row.items() if key != "cell"}
    for key in ("reason", "who"):
        kept[key] = " ".join(kept[key].split())
    return Attestation(**kept, pack=pack, criterion=criterion, facet=facet)


def parse_cell(text: str) -> tuple[str, str, str] | None:
    """Split `OSD-2/data` or `osaid:OSAID-DATA/data` into pack (or nothing), criterion and facet."""
    found = _CELL.fullmatch(text.strip())
    return (found.group("pack") or "", found.group("criterion"), found.group("facet")) if found else None


@functools.cache
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - a tenth of a second, for those who attest

    text = data_path("reports", "attestations.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))
