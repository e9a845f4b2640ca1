"""Waivers: a named owner accepts a finding for a model, for a time, and says why.

An attestation answers what is true of a model; a waiver accepts a risk and changes no verdict. What is waived stays in
every output, marked. A waiver that is expired, that nothing needs, or that is too broad is a finding of its own.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from osaudit.errors import UsageError
from osaudit.gate.findings import GateFinding, Place, Waived, in_order
from osaudit.resources import data_path
from osaudit.yamlfile import lines_of, parse_yaml

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

ANY_COMMIT = "any"
UNWAIVABLE = ("min-label", "min-basis", "not-judged", "attestation.not-counted")
"""Rules that are about the whole verdict: what lies beneath them can be waived, by its own rule."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """One waiver. `rule` is a finding's rule, `model` a glob, `commit` 40 hex digits or `any`, days are ISO 8601.

    `at` is where it stands in the project.
    """

    id: str
    rule: str
    model: str
    commit: str
    owner: str
    reason: str
    evidence: str
    expires: str = ""
    at: Place | None = None

    @property
    def broad(self) -> str:
        """Why it waives more than a person can answer for; empty where it does not."""
        if not self.expires:
            return "it has no last day: write expires: YYYY-MM-DD"
        if set(self.model.partition("/")[0]) & set("*?["):
            return "it is for every model: name one, or one owner's (org/*)"
        if "*" in self.rule or self.rule in UNWAIVABLE:
            return f"{self.rule!r} is about the whole verdict: waive the cell, conflict or risk that it comes from"
        return ""

    def bears_on(self, rule: str, model: str, commit: str | None) -> bool:
        """Whether it is for this finding of this model at this commit."""
        named = rule.casefold() == self.rule.casefold()
        return named and fnmatchcase(model, self.model) and self.commit in {ANY_COMMIT, commit}


def read_waivers(data: bytes, name: str) -> tuple[Waiver, ...]:
    """Read a waiver file; UsageError (one line) where it is none."""
    raw = parse_yaml(data, name)
    if raw is None:
        raise UsageError(f"{name} is not a waiver file: it holds nothing: write waivers: [] or take it away")
    error = next(iter(sorted(_validator().iter_errors(raw), key=lambda error: str(error.json_path))), None)
    if error is not None:
        words = " ".join(error.message.split())[:200]
        raise UsageError(f"{name} is not a waiver file: {error.json_path}: {words}")
    lines = lines_of(data, "waivers")
    found = tuple(
        Waiver(**{**row, "reason": " ".join(row["reason"].split())}, at=Place(name, line, how="waiver"))
        for row, line in zip(raw["waivers"], lines, strict=True)
    )
    ids = [one.id for one in found]
    twice = next((one for at, one in enumerate(ids) if one in ids[:at]), None)
    if twice is not None:
        raise UsageError(f"{name} is not a waiver file: the id {twice} stands there twice")
    return found


def waive(
    findings: Iterable[GateFinding], waivers: Sequence[Waiver], model: str, commit: str | None, today: str
) -> tuple[tuple[GateFinding, ...], frozenset[str]]:
    """Mark what is waived; also give the ids of the waivers that bear on a finding, whether they count or not."""
    marked: list[GateFinding] = []
    used: set[str] = set()
    for finding in findings:
        bearing = [one for one in waivers if one.bears_on(finding.rule, model, commit)]
        used |= {one.id for one in bearing}
        counting = next((one for one in bearing if not one.broad and today <= one.expires), None)
        waived = Waived(counting.id, counting.owner, counting.reason, counting.expires) if counting else None
        marked.append(replace(finding, waived=waived))
        if waived is None and finding.severity == "error":
            marked += [_expired(one, finding) for one in bearing if one.expires and today > one.expires]
    return in_order(marked), frozenset(used)


def _expired(waiver: Waiver, finding: GateFinding) -> GateFinding:
    words = f"the waiver {waiver.id} of {finding.rule} by {waiver.owner} expired on {waiver.expires}: decide anew"
    return GateFinding("waiver.expired", "error", words, at=waiver.at)


def wrong_waivers(
    waivers: Sequence[Waiver], used: frozenset[str], today: str, judged: Sequence[str]
) -> Iterable[GateFinding]:
    """What is wrong with the waivers themselves; a waiver for models that were not asked about may be needed."""
    for one in waivers:
        if one.broad:
            yield GateFinding(
                "waiver.broad", "error", f"the waiver {one.id} counts for nothing: {one.broad}", at=one.at
            )
        elif one.id not in used and any(fnmatchcase(model, one.model) for model in judged):
            expired = f", and expired on {one.expires}" if today > one.expires else ""
            words = f"the waiver {one.id} of {one.rule} for {one.model} is needed by nothing{expired}: take it out"
            yield GateFinding("waiver.unused", "warning", words, at=one.at)


@functools.cache
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - for those who waive

    return Draft202012Validator(json.loads(data_path("reports", "waivers.schema.json").read_text(encoding="utf-8")))
