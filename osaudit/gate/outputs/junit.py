"""JUnit XML: the run as a test suite, a test case a model. What CI systems show beside their tests."""

from __future__ import annotations

import re
from collections.abc import Iterable

from junitparser import Attr, Error, IntAttr, JUnitXml, Skipped, TestCase, TestSuite
from junitparser import Failure as Failed

from osaudit.gate.findings import GateFinding, GateReport, GateRow
from osaudit.gate.outputs import OutputOptions
from osaudit.gate.outputs.telling import (
    GENERAL,
    adopted_words,
    conditions_lines,
    findings_of,
    judged_words,
    message_words,
    model_words,
    source_words,
    told_words,
    verdict_words,
)
from osaudit.render.neutral import said
from osaudit.where import Where

SUITE = "osaudit gate"
CASES = "osaudit.gate"
_PLACES = 3
_TEXT = 30_000

# XML 1.0 (fifth edition), production 2: what a document may hold at all.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Case(TestCase):
    """A test case with the place that GitLab links to."""

    file = Attr()
    line = IntAttr()


def render_junit(report: GateReport, options: OutputOptions) -> str:
    """Return the document. A case fails, is in error where it was not judged, or skipped where what fails is waived."""
    suite = TestSuite(SUITE)
    for name, value in _properties(report, options):
        suite.add_property(name, _xml(said(value, 10_000)))
    cases = [_case(row) for row in report.rows]
    if report.general:
        cases.append(_filled(TestCase(GENERAL, CASES), report.general, ""))
    suite.add_testcases(cases)
    document = JUnitXml(SUITE)
    document.append(suite)
    document.update_statistics()
    text: bytes = document.tostring()
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + text.decode("utf-8") + "\n"


def _properties(report: GateReport, options: OutputOptions) -> Iterable[tuple[str, str]]:
    yield "osaudit.version", report.tool_version
    yield "osaudit.date", report.date
    yield "result", report.result
    yield "verdict", verdict_words(report, options)
    yield "policy.source", report.policy.source
    yield "policy.sha256", report.policy.sha256
    for line in conditions_lines(report):
        key, _, words = line.partition(": ")
        yield f"policy.{_xml(said(key))}", words


def _case(row: GateRow) -> TestCase:
    case = _Case(_xml(said(model_words(row))), CASES)
    if row.adoption.places:
        case.file, case.line = _xml(said(row.adoption.places[0].path)), row.adoption.places[0].line
    return _filled(case, findings_of(row), row.adoption.model, row)


def _filled(case: TestCase, findings: Iterable[GateFinding], home: str, row: GateRow | None = None) -> TestCase:
    told = tuple(findings)
    failing = [one for one in told if one.fails]
    waived = [one for one in told if one.waived and one.severity == "error"]
    shown = failing or waived
    if failing:
        kind = Error if row and row.result == "error" else Failed
        case.result = _result(kind, failing, home, row)
    elif waived:
        case.result = _result(Skipped, waived, home, row)
    rest = [one for one in told if one not in shown]
    if rest or row:
        case.system_out = _text(rest, home, row)
    return case


def _result(
    kind: type[Error | Failed | Skipped], findings: list[GateFinding], home: str, row: GateRow | None
) -> Error | Failed | Skipped:
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    result = kind(_xml(said(f"{message_words(findings[0], 500)}{more}")), _xml(said(findings[0].rule, 100)))
    result.text = _text(findings, home, row)
    return result


def _text(findings: Iterable[GateFinding], home: str, row: GateRow | None) -> str:
    lines = []
    if row:
        lines.append(judged_words(row))
        if row.adoption.places:
            lines.append(f"adopted in {adopted_words(row)}")
    told: set[Where] = set()
    for one in findings:
        lines.append(f"{one.severity}: {told_words(one)}")
        lines += [f"in {source_words(where, home, told)}" for where in one.where[:_PLACES]]
    return _xml("\n".join(said(line, 3_000) for line in lines)[:_TEXT])


def _xml(text: str) -> str:
    """Leave out what XML 1.0 cannot hold; what is left is escaped by the writer."""
    return _NO_XML.sub("\ufffd", text)
