"""The gate's result as JSON: a shape of its own, held to reports/gate.schema.json and written out by hand."""

from __future__ import annotations

from typing import Any

from osaudit.gate.findings import GateFinding, GateReport, GateRow, Place, Waived
from osaudit.gate.outputs import OutputOptions
from osaudit.gate.outputs.telling import commit_of, exit_of, findings_of
from osaudit.render.json import error_to_dict, json_text, label_to_dict
from osaudit.render.places import places_out
from osaudit.verdict import Failure

GATE_SCHEMA = 1


def render_gate_json(report: GateReport, options: OutputOptions) -> str:
    """Return one object for the run; a model that could not be judged has an `error` and no label."""
    return json_text(gate_to_dict(report, options))


def gate_to_dict(report: GateReport, options: OutputOptions) -> dict[str, Any]:
    """Return the published shape of a run; `exit` is the code that the program ends in."""
    return {
        "schema": GATE_SCHEMA,
        "tool": {"name": "osaudit", "version": report.tool_version},
        "date": report.date,
        "policy": {
            "source": report.policy.source,
            "sha256": report.policy.sha256,
            "conditions": [{"condition": key, "asks": words} for key, words in report.policy.conditions],
        },
        "result": report.result,
        "models": [_row(row) for row in report.rows],
        "findings": [_finding(one) for one in report.general],
        "exit": exit_of(report, options),
        "exit_zero_by": options.excuse if exit_of(report, options) != report.exit else None,
    }


def _row(row: GateRow) -> dict[str, Any]:
    judged = row.judged
    return {
        "model": row.adoption.model,
        "revision": row.adoption.revision,
        "commit": commit_of(row),
        "result": row.result,
        "label": None if isinstance(judged, Failure) else label_to_dict(judged.label),
        "findings": [_finding(one) for one in findings_of(row)],
        **(error_to_dict(judged) if isinstance(judged, Failure) else {}),
        "adopted_at": [_place(place) for place in row.adoption.places],
    }


def _finding(finding: GateFinding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "where": places_out(finding.where),
        "waived": _waived(finding.waived) if finding.waived else None,
        "at": _place(finding.at) if finding.at else None,
    }


def _waived(waived: Waived) -> dict[str, Any]:
    return {"id": waived.id, "owner": waived.owner, "reason": waived.reason, "expires": waived.expires}


def _place(place: Place) -> dict[str, Any]:
    return {
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "how": place.how,
        "pinned": place.pinned,
    }
