"""The scorecard as JSON: a shape of its own, held to reports/scorecard.schema.json and written out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from osaudit.jsontext import indented, shown
from osaudit.render import Options
from osaudit.render.places import places_out
from osaudit.render.probejson import run_to_dict
from osaudit.verdict import (
    SCORECARD_SCHEMA,
    Attested,
    AttestedBy,
    DatasetLine,
    Duty,
    Failure,
    Finding,
    GoverningLicence,
    Label,
    Lineage,
    LinkedLine,
    PackId,
    PackResult,
    Scorecard,
    UseAnswer,
    Verdict,
)


def render_json(cards: Sequence[Scorecard], options: Options | None = None) -> str:
    """Return one object for one model and a list for any other number, in the order given.

    Models that could not be judged stand behind the others, each with its error.
    """
    told = options or Options()
    config = {"config": dict(told.config)} if told.config else {}
    dicts = [{**scorecard_to_dict(card), **config} for card in cards]
    dicts += [{"model": one.model, "revision": one.revision, **error_to_dict(one)} for one in told.failures]
    fractions = [[one.get(name) for name in _WITH_FRACTIONS] for one in dicts]
    return shown(indented(dicts[0] if len(dicts) == 1 else dicts, 2, fractions=fractions)) + "\n"


_WITH_FRACTIONS = ("score", "results", "probe", "config")
"""What of a model's object holds fractions, or is not of our own making; all else is texts, whole numbers, truths."""


def json_text(data: object) -> str:
    """Return JSON that is safe to show on a terminal: unseen characters are escaped, the values stay the same."""
    return shown(indented(data, 2)) + "\n"


def error_to_dict(failure: Failure) -> dict[str, Any]:
    """Return the published shape of a failure."""
    return {"error": {"kind": failure.kind, "message": failure.message, "exit": failure.exit}}


def scorecard_to_dict(card: Scorecard) -> dict[str, Any]:
    """Return the published shape of a scorecard."""
    return {
        "schema": SCORECARD_SCHEMA,
        "tool": {"name": "osaudit", "version": card.tool_version},
        "model": card.model,
        "revision": card.revision,
        "commit": card.commit,
        "source": card.source,
        "collected_at": card.collected_at,
        "evidence_sha256": card.evidence_sha256,
        "packs": [_pack(pack) for pack in card.packs],
        "label": label_to_dict(card.label),
        "score": {"low": float(card.score.low), "high": float(card.score.high)},
        "licence": {component: _licence(licence) for component, licence in card.licences},
        "verdicts": [_verdict(verdict) for verdict in card.verdicts],
        "conflicts": _findings(card.conflicts),
        "obligations": [_duty(duty) for duty in card.obligations],
        "risks": _findings(card.risks),
        "unseen": [{"what": unseen.what, "why": unseen.why} for unseen in card.unseen],
        "lineage": _lineage(card.lineage),
        "datasets": [_dataset(dataset) for dataset in card.datasets],
        "probe": card.probe and run_to_dict(card.probe),
        "incomplete": card.incomplete,
        "results": [_result(result) for result in card.results],
        "attestations": card.attestations and _attested_by(card.attestations),
        "reread": card.reread,
        "unverified": list(card.unverified),
        "uses": [use_to_dict(use) for use in card.uses],
        **({"linked": [_linked(line) for line in card.linked]} if card.linked else {}),
    }


def _linked(line: LinkedLine) -> dict[str, Any]:
    return {
        "repo": line.repo,
        "url": line.url,
        "commit": line.commit,
        "role": line.role,
        "tie": line.tie,
        "licence": line.licence,
        "spdx": line.spdx,
        "found": list(line.found),
        "lacks": list(line.lacks),
        "notes": list(line.notes),
        "why": line.why,
        "where": places_out(line.where),
    }


def _pack(pack: PackId) -> dict[str, Any]:
    return {
        "id": pack.id,
        "name": pack.name,
        "version": pack.version,
        "definition": pack.definition,
        "titles": dict(pack.titles),
    }


def label_to_dict(label: Label) -> dict[str, Any]:
    """Return the published shape of a label."""
    return {
        "id": label.id,
        "name": label.name,
        "candidate": label.candidate,
        "at_best": label.at_best,
        "blocks": list(label.blocks),
        "determined": label.determined,
        "basis": label.basis,
        "attested": [
            {
                "id": one.id,
                "cell": one.cell,
                "who": one.who,
                "outcome": one.outcome,
                "machine": one.machine,
                "overrides": one.overrides,
                "any_commit": one.any_commit,
                "signed": one.signed,
            }
            for one in label.attested
        ],
        "asks": list(label.asks),
    }


def _licence(licence: GoverningLicence) -> dict[str, Any]:
    return {
        "key": licence.key,
        "spdx": licence.spdx,
        "name": licence.name,
        "basis": licence.basis,
        "settled": licence.settled,
        "where": places_out(licence.where),
        "steps": list(licence.steps),
    }


def _result(result: PackResult) -> dict[str, Any]:
    return {
        "pack": result.pack,
        "outcome": result.outcome,
        "name": result.name,
        "because": result.because,
        "progress": [
            {"name": p.name, "outcome": p.outcome, "because": p.because, "low": p.low, "high": p.high}
            for p in result.progress
        ],
        "remarks": _findings(result.remarks),
    }


def _attested_by(given: AttestedBy) -> dict[str, Any]:
    return {"file": given.file, "sha256": given.sha256, "signature": given.signature, "as_of": given.as_of}


def _attestation(attested: Attested) -> dict[str, Any]:
    return {
        "id": attested.id,
        "who": attested.who,
        "date": attested.date,
        "expires": attested.expires,
        "reason": attested.reason,
        "evidence": attested.evidence,
        "overrides": attested.overrides,
        "any_commit": attested.any_commit,
        "signed": attested.signed,
        "machine": {
            "outcome": attested.machine.outcome,
            "because": attested.machine.because,
            "basis": attested.machine.basis,
            "counted": attested.machine.counted,
            "where": places_out(attested.machine.where),
        },
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    attested = {"attestation": _attestation(verdict.attestation)} if verdict.attestation else {}
    return {
        "pack": verdict.pack,
        "criterion": verdict.criterion,
        "facet": verdict.facet,
        "question": verdict.question,
        "outcome": verdict.answer.outcome,
        "because": verdict.answer.because,
        "basis": verdict.answer.basis,
        "weight": verdict.weight,
        "counted": verdict.answer.counted,
        **({"waits_for": verdict.answer.waits_for} if verdict.answer.waits_for else {}),
        "remedy": verdict.remedy,
        "where": places_out(verdict.answer.where),
        **attested,
    }


def _findings(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    return [{"kind": f.kind, "rule": f.rule, "because": f.because, "where": places_out(f.where)} for f in findings]


def _duty(duty: Duty) -> dict[str, Any]:
    return {
        "id": duty.kind,
        "uses": list(duty.uses),
        "who": duty.who,
        "text": duty.because,
        "rule": duty.rule,
        "where": places_out(duty.where),
    }


def use_to_dict(use: UseAnswer) -> dict[str, Any]:
    """Return the published shape of the answer for one use."""
    return {
        "use": use.use,
        "answer": use.answer,
        "because": use.because,
        "conditions": list(use.conditions),
        "basis": use.basis,
        "where": places_out(use.where),
    }


def _lineage(lineage: Lineage) -> dict[str, Any]:
    return {
        "nodes": [
            {
                "id": n.id,
                "commit": n.commit,
                "licence": n.licence,
                "label": n.label,
                "seen": n.seen,
                "ceiling": n.ceiling,
            }
            for n in lineage.nodes
        ],
        "edges": [
            {
                "child": e.child,
                "parent": e.parent,
                "relation": e.relation,
                "named_by": e.named_by,
                "confidence": e.confidence,
                "dropped": list(e.dropped),
            }
            for e in lineage.edges
        ],
    }


def _dataset(dataset: DatasetLine) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "role": dataset.role,
        "licence": dataset.licence,
        "access": dataset.access,
        "commit": dataset.commit,
        "licences": list(dataset.licences),
        "sources": list(dataset.sources),
        "note": dataset.note,
        "where": places_out(dataset.where),
    }
