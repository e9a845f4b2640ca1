"""GitLab's code quality report: a list of issues, each at a file and a line of the project.

The shape is the one that GitLab documents for `artifacts:reports:codequality`. It has no place for what is not an
issue, so that the verdict and the conditions in force stand in the first one, which is for information.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from osaudit.gate.assess import NOT_JUDGED
from osaudit.gate.findings import GateFinding, GateReport, Place, Severity
from osaudit.gate.outputs import OutputOptions
from osaudit.gate.outputs.telling import (
    Entry,
    conditions_lines,
    entries,
    message_words,
    model_words,
    places_of,
    policy_file,
    policy_words,
    verdict_words,
)
from osaudit.render.json import json_text
from osaudit.render.neutral import said

_SEVERITY: Mapping[Severity, str] = MappingProxyType({"error": "critical", "warning": "minor", "note": "info"})


def render_codequality(report: GateReport, options: OutputOptions) -> str:
    """Return the issues: one for each finding and place, so that a new place of an old finding is a new issue."""
    asked = "; ".join(conditions_lines(report)) or "no condition is in force"
    first = _issue(
        "gate",
        f"{verdict_words(report, options)}. Policy {policy_words(report)}: {asked}",
        "info",
        hashlib.sha256(b"gate").hexdigest(),
        (policy_file(report) or "osaudit.toml", 1),
    )
    return json_text([first, *(issue for one in entries(report) for issue in _issues(one, report))])


def _issues(entry: Entry, report: GateReport) -> Iterable[dict[str, Any]]:
    finding = entry.finding
    words = f"{model_words(entry.row)}: {message_words(finding)}"
    places = places_of(entry.row, finding)
    if not places:
        at = policy_file(report) or (entry.row.adoption.model if entry.row else "osaudit.toml")
        yield _issue(finding.rule, words, _grave(finding), entry.fingerprint, (at, 1))
    for place, mark in _marked(places, entry.fingerprint):
        yield _issue(finding.rule, words, _grave(finding), mark, (place.path, place.line))


def _marked(places: Iterable[Place], fingerprint: str) -> Iterable[tuple[Place, str]]:
    """Each place with a fingerprint of its own, which stays where lines move."""
    nth: dict[str, int] = {}
    for place in places:
        nth[place.path] = nth.get(place.path, 0) + 1
        text = f"{fingerprint}:{nth[place.path]}:{place.path}"
        yield place, hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def _grave(finding: GateFinding) -> str:
    if finding.waived:
        return "info"
    return "blocker" if finding.rule == NOT_JUDGED and finding.fails else _SEVERITY[finding.severity]


def _issue(rule: str, words: str, severity: str, fingerprint: str, at: tuple[str, int]) -> dict[str, Any]:
    path = posixpath.normpath(at[0]) if at[0] else "osaudit.toml"
    return {
        "type": "issue",
        "description": said(words, 4_000),
        "check_name": said(rule, 200),
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": said(path), "lines": {"begin": at[1]}},
    }
