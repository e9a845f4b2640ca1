"""What a person decided of a model, as read from a file: the word, who gives it, until when, under which conditions."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from osaudit.errors import UsageError
from osaudit.licences.grants import load_vocabulary
from osaudit.resources import data_path
from osaudit.yamlfile import parse_yaml

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

Word: TypeAlias = Literal["approve", "approve-with-conditions", "refuse"]

WORDS: Mapping[Word, str] = MappingProxyType(
    {"approve": "Approved", "approve-with-conditions": "Approved with conditions", "refuse": "Refused"}
)
ANY_COMMIT = "any"


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision on one model at one commit: `conditions` in words, `links` to attestations and waivers by their kind.

    `day` is the day of the decision, `valid_until` the last on which it holds; `sha256` is the file's.
    """

    model: str
    commit: str
    word: Word
    by: str
    role: str
    day: date
    valid_until: date
    conditions: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    uses: tuple[str, ...]
    sha256: str


def read_decision(data: bytes, name: str) -> Decision:
    """Read a decision (`reports/decision.schema.json` tells its form); UsageError where it is none, with the key."""
    raw = parse_yaml(data, name)
    error = next(iter(sorted(_validator().iter_errors(raw), key=lambda error: str(error.json_path))), None)
    if error is not None:
        words = " ".join(error.message.split())[:200]
        raise UsageError(f"{name} is not a decision: {error.json_path}: {words}")
    day, until = (_day(raw, key, name) for key in ("date", "valid_until"))
    if until < day:
        raise UsageError(f"{name} is not a decision: $.valid_until: {until} is before its own date, {day}")
    for use in raw.get("uses", ()):
        if use not in load_vocabulary().uses:
            raise UsageError(f"{name}: $.uses: {use!r} is none of {', '.join(load_vocabulary().uses)}")
    return Decision(
        model=raw["model"],
        commit=raw["commit"],
        word=raw["decision"],
        by=raw["by"],
        role=raw["role"],
        day=day,
        valid_until=until,
        conditions=tuple(raw.get("conditions", ())),
        links=tuple((kind, one) for kind in ("attestations", "waivers") for one in raw.get(kind, ())),
        uses=tuple(raw.get("uses", ())),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _day(raw: Mapping[str, Any], key: str, name: str) -> date:
    try:
        return date.fromisoformat(raw[key])
    except ValueError as error:
        raise UsageError(f"{name} is not a decision: $.{key}: there is no day {raw[key]}") from error


def unfit(decision: Decision, model: str, commit: str | None) -> str:
    """Say why a decision is not for a model at a commit; nothing where it is."""
    if decision.model != model:
        return f"the decision is on {decision.model}, and the report on {model}"
    if decision.commit not in {commit, ANY_COMMIT}:
        return f"the decision is on commit {decision.commit}, and the report on {commit or 'no commit'}"
    return ""


@functools.cache
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - a tenth of a second, for those who decide

    return Draft202012Validator(json.loads(data_path("reports", "decision.schema.json").read_text(encoding="utf-8")))
