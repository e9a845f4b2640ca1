"""The gate's result as SARIF 2.1.0 (OASIS, with Errata 01), located in the project's own code.

What GitHub's code scanning refuses is kept in mind: it drops a whole file over one location that is no file, over an
address with a scheme (github/codeql-action#754), and where the run did not succeed. So a model's own places are related
locations under relative addresses, with the whole address in their message; a model without a place in the project
stands at the policy's file; and a run succeeds where it judged anything.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from osaudit.gate.assess import NOT_JUDGED
from osaudit.gate.findings import ORDER, GateReport, Severity
from osaudit.gate.outputs import OutputOptions
from osaudit.gate.outputs.rulewords import RuleWords, words_of
from osaudit.gate.outputs.telling import (
    Entry,
    entries,
    exit_of,
    message_words,
    model_words,
    places_of,
    policy_file,
    source_words,
    verdict_words,
    waived_words,
)
from osaudit.render.json import json_text
from osaudit.render.neutral import plain, web_url
from osaudit.where import Where

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST_RESULTS = 25_000
"""Results of a run that GitHub takes at most."""

FINGERPRINT = "osaudit/v1"
_LONGEST = 4_096
"""Characters of a path: no system takes a longer one."""

_RELATED = 10
_LOCATIONS = 100
_PROBLEM: Mapping[Severity, str] = {"error": "error", "warning": "warning", "note": "recommendation"}


def render_sarif(report: GateReport, options: OutputOptions) -> str:
    """Return one log with one run: a result for each finding, waived ones suppressed."""
    found = _bounded(entries(report))
    rules = list(dict.fromkeys(_id(one) for one in found))
    index = {rule: at for at, rule in enumerate(rules)}
    run = {
        "tool": {"driver": _driver(report, rules, found)},
        "invocations": [_invocation(report, options, found)],
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, index, report) for one in found],
        "properties": {
            "result": report.result,
            "date": plain(report.date),
            "policy": {
                "source": plain(report.policy.source),
                "sha256": plain(report.policy.sha256),
                "conditions": [
                    {"condition": plain(key), "asks": plain(words)} for key, words in report.policy.conditions
                ],
            },
        },
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _bounded(found: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """What GitHub takes of one run: where there is more, what fails comes first."""
    if len(found) <= MOST_RESULTS:
        return found
    order = sorted(found, key=lambda one: (not one.finding.fails, ORDER[one.finding.severity]))
    return tuple(order[:MOST_RESULTS])


def _id(entry: Entry) -> str:
    return plain(entry.finding.rule, 200) or "unnamed"


def _driver(report: GateReport, rules: Sequence[str], found: Sequence[Entry]) -> dict[str, Any]:
    gravest: dict[str, Severity] = {}
    for one in found:
        known = gravest.get(_id(one), "note")
        gravest[_id(one)] = min(known, one.finding.severity, key=ORDER.__getitem__)
    told = {"version": plain(report.tool_version)} if report.tool_version else {}
    return {
        "name": "osaudit",
        "fullName": "osaudit gate",
        **told,
        "rules": [_rule(rule, words_of(rule, report.rows), gravest[rule]) for rule in rules],
        "notifications": [
            {"id": NOT_JUDGED, "shortDescription": _text(words_of(NOT_JUDGED).asks)},
            {"id": "left-out", "shortDescription": _text("Are all findings listed?")},
        ],
    }


def _rule(rule: str, words: RuleWords, severity: Severity) -> dict[str, Any]:
    return {
        "id": rule,
        "shortDescription": _text(words.asks),
        "fullDescription": _text(words.why),
        "help": {"text": _message(f"{words.why}\n{words.help}")},
        "defaultConfiguration": {"level": severity},
        "properties": {"tags": ["licence", "ai-model"], "problem.severity": _PROBLEM[severity]},
    }


def _invocation(report: GateReport, options: OutputOptions, found: Sequence[Entry]) -> dict[str, Any]:
    """A run in which nothing could be judged did not succeed; one that judged some models did, with notifications."""
    code = exit_of(report, options)
    unjudged = [one for one in found if one.finding.rule == NOT_JUDGED and one.finding.fails]
    notifications = [_notification(one, report) for one in unjudged]
    left = len(entries(report)) - len(found)
    if left:
        words = f"{left} findings are left out: GitHub takes {MOST_RESULTS} results of a run"
        notifications.append({"descriptor": {"id": "left-out"}, "level": "warning", "message": _text(words)})
    return {
        "executionSuccessful": not report.rows or any(row.result != "error" for row in report.rows),
        "exitCode": code,
        "exitCodeDescription": plain(verdict_words(report, options)),
        "toolExecutionNotifications": notifications,
    }


def _notification(entry: Entry, report: GateReport) -> dict[str, Any]:
    words = f"{model_words(entry.row)}: {message_words(entry.finding)}"
    return {
        "descriptor": {"id": NOT_JUDGED},
        "level": "error",
        "message": _text(words),
        "locations": _locations(entry, report),
    }


def _result(entry: Entry, index: Mapping[str, int], report: GateReport) -> dict[str, Any]:
    finding = entry.finding
    return {
        "ruleId": _id(entry),
        "ruleIndex": index[_id(entry)],
        "level": finding.severity,
        "message": _text(f"{model_words(entry.row)}: {plain(finding.message)}"),
        "locations": _locations(entry, report),
        "partialFingerprints": {FINGERPRINT: entry.fingerprint},
        "relatedLocations": [_related(at, where, entry) for at, where in enumerate(finding.where[:_RELATED], 1)],
        "suppressions": [
            {"kind": "external", "status": "accepted", "justification": waived_words(waived)}
            for waived in (finding.waived,)
            if waived
        ],
        "properties": {"fails": finding.fails, "places": len(finding.where)},
    }


def _locations(entry: Entry, report: GateReport) -> list[dict[str, Any]]:
    """Where the finding stands in the project; else the policy's file, or a name that stands for the model."""
    name = entry.row.adoption.model if entry.row else "osaudit gate"
    logical = [{"name": plain(name, 200), "fullyQualifiedName": model_words(entry.row), "kind": "resource"}]
    places = places_of(entry.row, entry.finding)[:_LOCATIONS]
    if places:
        spots = dict.fromkeys((_uri(place.path), place.line, place.column) for place in places)
        return [{"physicalLocation": _physical(*spot), "logicalLocations": logical} for spot in spots]
    anchor = {"artifactLocation": {"uri": _uri(policy_file(report) or name)}, "region": {"startLine": 1}}
    return [{"physicalLocation": anchor, "logicalLocations": logical}]


def _physical(uri: str, line: int, column: int) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": uri},
        "region": {"startLine": max(line, 1), "startColumn": max(column, 1)},
    }


def _uri(path: str) -> str:
    """A path as a relative reference of RFC 3986; an absolute one as a `file` URI."""
    parts = PurePosixPath(posixpath.normpath(path[:_LONGEST] or "."))
    whole = quote(str(parts), safe="/", errors="replace")
    return f"file://{whole}" if parts.is_absolute() else whole


def _related(number: int, where: Where, entry: Entry) -> dict[str, Any]:
    home = entry.row.adoption.model if entry.row else ""
    url = web_url(where.url)
    bare = url.split("://", 1)[1].split("#")[0] if url else _uri(f"{where.repo}/{where.path}")
    place: dict[str, Any] = {"artifactLocation": {"uri": bare}}
    if where.lines and 1 <= where.lines[0] <= where.lines[1]:
        place["region"] = {"startLine": where.lines[0], "endLine": where.lines[1]}
    words = source_words(where, home) + (f" {url}" if url else "")
    return {
        "id": number,
        "physicalLocation": place,
        "message": _text(words),
        "properties": {
            "url": url,
            "repo": plain(where.repo),
            "commit": plain(where.commit or "") or None,
            "path": plain(where.path),
        },
    }


def _text(words: str) -> dict[str, str]:
    return {"text": _message(words)}


def _message(words: str) -> str:
    """Words as a plain text message (section 3.11): braces are doubled, and nothing becomes a link."""
    lines: Iterable[str] = (plain(line) for line in words.split("\n"))
    return "\n".join(lines).replace("{", "{{").replace("}", "}}").replace("](", "] (") or "–"
