"""The lock file, `osaudit.lock`: which commit of each model was judged, on which evidence, with which result.

TOML, sorted by model and revision, one table a model, so that a diff of two versions tells what changed. `compare` says
what changed since in words that a reviewer can use; `held` is what `gate --locked` holds a project's models to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from osaudit.errors import OsauditError, UsageError
from osaudit.files import is_licence_like
from osaudit.gate.findings import Adoption, GateFinding
from osaudit.label import RUNGS
from osaudit.tomlfile import TomlFile, parse_toml
from osaudit.verdict import BASES, LADDER, Scorecard

LOCK_SCHEMA = 1
LOCK_FILE = "osaudit.lock"
MAX_BYTES = 16 * 1024 * 1024
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_REQUIRED = ("id", "commit", "evidence", "licence", "label", "basis", "date", "policy", "tool")
_KEYS = (*_REQUIRED, "revision", "texts", "uses")
_HEAD = (
    "# Written by `osaudit lock`: which commit of each model was judged, and on what. Changes belong into a review.\n"
)


@dataclass(frozen=True, slots=True)
class Locked:
    """One model. `revision` is the one asked for (None: the default branch), `evidence` its digest (64 hex digits).

    `licence` is the weights' governing licence by key, SPDX expression or name; `texts` the sha256 of the texts that it
    rests on; `uses` the answers by use; `date` the ISO 8601 day of the judgment; `policy` the policy's hash.
    """

    id: str
    revision: str | None
    commit: str
    evidence: str
    licence: str
    label: str
    basis: str
    date: str
    policy: str
    tool: str
    texts: tuple[str, ...] = ()
    uses: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """The model as a user writes it."""
        return f"{self.id}@{self.revision}" if self.revision else self.id


def locked(card: Scorecard, adoption: Adoption, policy_sha256: str, day: str) -> Locked:
    """What a lock keeps of a scorecard; OsauditError for a folder, and for an audit that is incomplete."""
    if card.commit is None or card.incomplete:
        why = "it has no commit: name a model on the Hub" if card.commit is None else "not all of it could be looked at"
        raise OsauditError(f"{card.model} cannot be locked: {why}")
    return Locked(
        id=adoption.model,
        revision=adoption.revision,
        commit=card.commit,
        evidence=card.evidence_sha256,
        licence=licence_told(card),
        label=card.label.id,
        basis=card.label.basis,
        date=day,
        policy=policy_sha256,
        tool=card.tool_version,
        texts=texts_of(card),
        uses=tuple(sorted((one.use, one.answer) for one in card.uses)),
    )


def licence_told(card: Scorecard) -> str:
    """The weights' licence in one word: its key, its SPDX expression, else its name."""
    licence = dict(card.licences).get("weights")
    return (licence.key or licence.spdx or licence.name) if licence else ""


def texts_of(card: Scorecard) -> tuple[str, ...]:
    """The hashes of the licence files that the weights' licence was read in, sorted; a card is none."""
    licence = dict(card.licences).get("weights")
    places = licence.where if licence else ()
    return tuple(sorted({one.sha256 for one in places if one.sha256 and is_licence_like(one.path)}))


def write_lock(rows: Iterable[Locked]) -> str:
    """Write the file: sorted, so that the same locks give the same bytes."""
    import tomli_w  # noqa: PLC0415 - whoever only reads a lock does without

    ordered = sorted(rows, key=lambda row: (row.id.casefold(), row.id, row.revision or ""))
    return _HEAD + tomli_w.dumps({"schema": LOCK_SCHEMA, "model": [_row(row) for row in ordered]})


def _row(row: Locked) -> dict[str, Any]:
    told: dict[str, Any] = {"id": row.id}
    if row.revision:
        told["revision"] = row.revision
    for key in ("commit", "evidence", "licence", "label", "basis", "date", "policy", "tool"):
        told[key] = getattr(row, key)
    return {**told, "texts": list(row.texts), "uses": dict(row.uses)}


def read_lock(data: bytes, name: str) -> tuple[Locked, ...]:
    """Read a lock file; UsageError, with the line where it can be told, where it is none."""
    file, whole = parse_toml(data, name, MAX_BYTES)
    if whole.get("schema") != LOCK_SCHEMA:
        raise UsageError(
            f"{name} is no lock file of schema {LOCK_SCHEMA}: write it with `osaudit lock`, or update osaudit"
        )
    file.hold(whole, ("schema", "model"), ())
    rows = whole.get("model", [])
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise UsageError(f"{name}: its models are tables: write them with `osaudit lock`")
    found = tuple(_locked(row, file) for row in rows)
    names = [row.name for row in found]
    twice = next((one for at, one in enumerate(names) if one in names[:at]), None)
    if twice is not None:
        raise UsageError(f"{name}: {twice} stands there twice: lock it anew with `osaudit lock`")
    return found


def _locked(row: Mapping[str, Any], file: TomlFile) -> Locked:
    file.hold(row, _KEYS, ("model",))
    lacking = next((key for key in _REQUIRED if not isinstance(row.get(key), str)), None)
    shown = str(row.get("id", "a model"))[:100]
    if lacking:
        raise UsageError(f"{file.name}: {shown} has no {lacking}: lock it anew with `osaudit lock`")
    shapes = (("commit", _COMMIT), ("evidence", _SHA256), ("policy", _SHA256), ("date", _DAY))
    wrong = next((key for key, shape in shapes if not shape.fullmatch(row[key])), None)
    wrong = wrong or next((k for k, known in (("label", LADDER), ("basis", BASES)) if row[k] not in known), None)
    texts, uses, revision = row.get("texts", []), row.get("uses", {}), row.get("revision")
    if not (isinstance(texts, list) and all(isinstance(one, str) and _SHA256.fullmatch(one) for one in texts)):
        wrong = "texts"
    if not (isinstance(uses, Mapping) and all(isinstance(one, str) for one in uses.values())):
        wrong = "uses"
    if not isinstance(revision, str | None):
        wrong = "revision"
    if wrong:
        raise UsageError(f"{file.name}: {shown}: {wrong} is not what `osaudit lock` writes: lock it anew")
    known = {key: row[key] for key in _REQUIRED}
    return Locked(**known, revision=revision, texts=tuple(texts), uses=tuple(sorted(uses.items())))


def lock_of(adoption: Adoption, rows: Sequence[Locked]) -> Locked | None:
    """The lock of an adopted model: of the revision that the project asks for, or of the commit that it pins."""
    same = [row for row in rows if row.id.casefold() == adoption.model.casefold()]
    exact = next((row for row in same if row.revision == adoption.revision), None)
    return exact or next((row for row in same if adoption.revision and row.commit == adoption.revision), None)


def changes(before: Locked, after: Locked) -> Iterable[str]:
    """What changed between two locks of a model, in words, what bears on its terms first."""
    if before.licence != after.licence:
        yield f"licence: {before.licence or 'none'} -> {after.licence or 'none'}"
    elif before.texts != after.texts:
        yield "licence text: its files changed"
    if before.label != after.label:
        way = "down" if rung(after.label) < rung(before.label) else "up"
        yield f"label ({way}): {before.label} -> {after.label}"
    if before.basis != after.basis:
        yield f"basis: {before.basis} -> {after.basis}"
    was, now = dict(before.uses), dict(after.uses)
    for use in sorted(was.keys() | now.keys()):
        if was.get(use) != now.get(use):
            yield f"use {use}: {was.get(use, 'not asked')} -> {now.get(use, 'not asked')}"
    if before.commit != after.commit:
        yield f"commit: {before.commit[:12]} -> {after.commit[:12]}"
    elif before.evidence != after.evidence:
        yield "evidence: what it rests on changed at the same commit (its bases or data sets)"


def locked_words(card: Scorecard, row: Locked, policy_sha256: str) -> str:
    """How a lock differs from the judgment of the very evidence that it names, in words; empty where it does not."""
    told = [("licence", row.licence, licence_told(card)), ("label", row.label, card.label.id)]
    told.append(("basis", row.basis, card.label.basis))
    if row.policy == policy_sha256:
        now = {one.use: one.answer for one in card.uses}
        told += [(f"use {use}", answer, now.get(use, "not asked")) for use, answer in row.uses]
    return "; ".join(f"{what}: {was or 'none'}, and it is {is_ or 'none'}" for what, was, is_ in told if was != is_)


def rung(label: str) -> int:
    """The height of a label's id."""
    return next((at for at, one in enumerate(RUNGS) if one == label), 0)


def relicensed(lock: Locked, head: Scorecard, policy_sha256: str) -> str:
    """How the head's terms differ from those locked, in words; empty where they are the same.

    Answers for uses are compared under the policy alone that they were given for, since they are its adopter's.
    """
    now = licence_told(head)
    if now != lock.licence:
        return f"its licence was {lock.licence or 'none'} and is {now or 'none'} at {(head.commit or '')[:12]}"
    if rung(head.label.id) < rung(lock.label):
        return f"its label was {lock.label} and is {head.label.id} at {(head.commit or '')[:12]}"
    was = dict(lock.uses) if lock.policy == policy_sha256 else {}
    shut = {one.use for one in head.uses if one.answer in {"no", "not-known"}}
    closed = sorted(use for use, answer in was.items() if answer in {"yes", "yes-if"} and use in shut)
    return f"the uses {', '.join(closed)} were open and are so no longer" if closed else ""


def unlocked(adoption: Adoption) -> GateFinding:
    """The finding for a model that the lock does not hold."""
    words = f"{adoption.name} is in no lock: lock it with `osaudit lock`, and have the change reviewed"
    return GateFinding("lock.unlocked", "error", words)


def other_commit(adoption: Adoption, lock: Locked) -> GateFinding | None:
    """The finding for a project that loads another commit than the one locked."""
    asked = adoption.revision
    if asked is None or not _COMMIT.fullmatch(asked) or asked == lock.commit:
        return None
    words = f"the project asks for {asked[:12]}, and {lock.commit[:12]} is locked: lock it anew, or mend the project"
    return GateFinding("lock.other-commit", "error", words)


def of_head(lock: Locked, head: Scorecard, policy_sha256: str) -> GateFinding | None:
    """The finding for a head that moved: an error where its terms changed, a warning where they are the same."""
    if head.commit == lock.commit:
        return None
    changed = relicensed(lock, head, policy_sha256)
    if changed:
        return GateFinding("lock.relicensed", "error", f"{head.model} was relicensed: {changed}")
    text = "the same licence, its file changed" if texts_of(head) != lock.texts else "the same terms"
    words = f"its head moved from {lock.commit[:12]} to {(head.commit or 'none')[:12]}, with {text}"
    return GateFinding("lock.moved", "warning", words)
