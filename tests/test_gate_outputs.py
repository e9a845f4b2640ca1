"""The gate's outputs: each parses, tells the same, and obeys no stranger."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import junitparser
import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from made_gates import (
    ACCEPTED,
    APP,
    BELOW,
    CELL,
    CONFLICT,
    EXPIRED,
    FAILED,
    MISSING,
    PASSED,
    REPORTS,
    WORDS,
    hostile,
    report,
    reports,
    row,
)
from markdown_it import MarkdownIt
from samples import CHAT, TINY
from sarif_kit.validate import validation_errors

from osaudit.gate.conditions import Conditions, demanded
from osaudit.gate.findings import Adoption, GateReport, GateRow
from osaudit.gate.kinds import CONFLICTS, RISKS
from osaudit.gate.outputs import GATE_FORMAT_BY_SUFFIX, GATE_OUTPUTS, OutputOptions
from osaudit.gate.outputs.annotations import MOST
from osaudit.gate.outputs.codequality import render_codequality
from osaudit.gate.outputs.rulewords import words_of
from osaudit.gate.outputs.sarif import FINGERPRINT, render_sarif
from osaudit.gate.outputs.stepsummary import MAX_BYTES, render_step_summary
from osaudit.gate.outputs.telling import GENERAL
from osaudit.gate.policy import CONDITION_KEYS
from osaudit.licences.grants import load_vocabulary
from osaudit.packs import load_pack, pack_ids
from osaudit.resources import data_path

PLAIN = OutputOptions()
SCHEMA = json.loads(data_path("reports", "gate.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
MEBIBYTE = 1_048_576

_RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_ORDER = re.compile(r"^[^\S\n]*::|##\w*\[", re.MULTILINE)
_TAGS = "a|br|code|details|em|h3|h4|li|p|strong|summary|table|tbody|td|th|thead|tr|ul"
_REFERENCE = re.compile(r"(?:file:///)?(?:[\w.~!$&'()*+,;=@/?:-]|%[0-9A-F]{2})+", re.ASCII)  # RFC 3986
_COMMAND = re.compile(r"::(?P<kind>error|warning|notice) (?P<properties>[^:]*)::(?P<message>.*)")


def drawn(form: str, given: GateReport, options: OutputOptions = PLAIN) -> str:
    return GATE_OUTPUTS[form](given, options)


def parsed(form: str, text: str) -> Any:
    match form:
        case "json" | "sarif" | "gitlab":
            return json.loads(text)
        case "junit":
            return ET.fromstring(text)  # noqa: S314 - written by the program itself
        case "github":
            return commands(text)
        case _:
            return text


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Read a log as GitHub's runner does: each line a command, its escapes taken back."""
    found = []
    for line in text.removesuffix("\n").split("\n"):
        match = _COMMAND.fullmatch(line)
        assert match, line[:200]
        pairs = (pair.partition("=") for pair in match["properties"].split(","))
        properties = {name: taken_back(value, "%3A:%2C,") for name, _, value in pairs}
        found.append((match["kind"], properties, taken_back(match["message"], "")))
    return found


def taken_back(text: str, more: str) -> str:
    for code, char in (("%0D", "\r"), ("%0A", "\n"), *re.findall("(%..)(.)", more), ("%25", "%")):
        text = text.replace(code, char)
    return text


@pytest.mark.parametrize("form", GATE_OUTPUTS)
@pytest.mark.parametrize("name", REPORTS)
def test_every_format_parses_and_tells_policy_and_conditions(form: str, name: str) -> None:
    text = drawn(form, REPORTS[name])
    parsed(form, text)
    assert "osaudit.toml" in text
    assert ("9" * 12) in text
    for _, words in REPORTS[name].policy.conditions:
        assert words in text


def test_the_formats_that_suffixes_name_are_there() -> None:
    assert set(GATE_FORMAT_BY_SUFFIX.values()) == set(GATE_OUTPUTS) - {"github", "gitlab"}


# How many models a format says are not passed.
FAILING: dict[str, Callable[[Any], int]] = {
    "json": lambda data: sum(model["result"] != "pass" for model in data["models"]),
    "junit": lambda root: len(
        [
            case
            for case in root.iter("testcase")
            if case.get("name") != GENERAL and bool({"failure", "error"} & {one.tag for one in case})
        ]
    ),
    "sarif": lambda log: len(
        {
            one["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]
            for one in log["runs"][0]["results"]
            if one["properties"]["fails"]
        }
        - {GENERAL}
    ),
    "text": lambda text: len(re.findall(r"^(?:ERROR|FAIL ) ?org-", text, re.MULTILINE)),
    "markdown": lambda text: len(re.findall(r"^\| \*\*(?:fails|not judged)\*\* \|", text, re.MULTILINE)),
    "github": lambda found: len(
        {told["title"] for kind, told, _ in found if kind == "error"} - {f"osaudit gate: {GENERAL}"}
    ),
    "gitlab": lambda issues: len(
        {one["description"].split(":")[0] for one in issues if one["severity"] in {"blocker", "critical"}} - {GENERAL}
    ),
}


@settings(max_examples=40)
@given(reports())
def test_every_format_tells_of_as_many_failing_models(given_report: GateReport) -> None:
    due = sum(one.result != "pass" for one in given_report.rows)
    general = sum(one.fails for one in given_report.general)
    for form, count in FAILING.items():
        if form == "github" and due + general > MOST:
            continue
        assert count(parsed(form, drawn(form, given_report))) == due, form
    summary = drawn("text", given_report, OutputOptions(summary=True))
    assert FAILING["text"](summary) == due
    assert set(FAILING) == set(GATE_OUTPUTS)


@settings(max_examples=40)
@given(reports())
def test_what_is_drawn_is_valid_whatever_was_found(given_report: GateReport) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(json.loads(drawn("json", given_report)))] == []
    log = json.loads(drawn("sarif", given_report))
    assert validation_errors(log) == []
    holds_of_sarif(log)
    for form in GATE_OUTPUTS:
        text = drawn(form, given_report)
        assert not _RAW.search(text), form
        assert text.endswith("\n")


@pytest.mark.parametrize("form", GATE_OUTPUTS)
@pytest.mark.parametrize("number", range(len(WORDS)))
def test_no_stranger_is_obeyed(form: str, number: int) -> None:
    given_report = hostile(WORDS[number], number)
    text = drawn(form, given_report)
    parsed(form, text)
    assert not _RAW.search(text)
    if form != "github":
        assert not _ORDER.search(text)
    if form in {"text", "markdown"}:
        assert not _ORDER.search(drawn(form, given_report, OutputOptions(summary=True)))
    if form not in {"json", "sarif", "gitlab"}:
        assert len(text.encode()) < MEBIBYTE
    assert len(text.encode()) < 60 * MEBIBYTE


@pytest.mark.parametrize("word", WORDS)
def test_markdown_of_strangers_makes_no_markup(word: str) -> None:
    page = MarkdownIt("gfm-like", {"linkify": False}).render(render_step_summary(hostile(word), PLAIN))
    assert re.findall(rf"<(?!/?(?:{_TAGS})\b)\w*", page) == []
    assert not re.search(r"<a (?!href=\"https?://hub\.example)", page)
    assert not re.search(r"(?<!\w)@\w", re.sub(r"<[^>]*>", "", page))


def test_the_json_is_the_contracts() -> None:
    data = json.loads(drawn("json", REPORTS["all"]))
    assert list(data) == ["schema", "tool", "date", "policy", "result", "models", "findings", "exit", "exit_zero_by"]
    assert data["policy"]["source"] == "osaudit.toml"
    assert data["result"] == "error"
    assert data["exit"] == 3
    keys = ["model", "revision", "commit", "result", "label", "findings", "adopted_at"]
    assert list(data["models"][0]) == keys
    assert list(data["models"][1]["findings"][0]) == ["rule", "severity", "message", "where", "waived", "at"]
    assert data["models"][1]["label"]["id"] == "weights-available"
    missing = data["models"][-1]
    assert missing["error"] == {
        "kind": "missing",
        "message": "acme/missing: the Hub knows no such repository",
        "exit": 3,
    }
    assert missing["label"] is None
    assert data["models"][2]["findings"][0]["waived"]["owner"] == "A. Owner"
    assert data["findings"][0]["rule"] == "waiver.expired"


def test_the_schema_is_a_schema_and_shares_its_parts_with_the_scorecards() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    scorecard = json.loads(data_path("reports", "scorecard.schema.json").read_text(encoding="utf-8"))
    for name in SCHEMA["$defs"].keys() & {
        "place",
        "label",
        "commit",
        "sha256",
        "basis",
        "rung",
        "outcome",
        "attested_cell",
    }:
        assert SCHEMA["$defs"][name] == scorecard["$defs"][name]


@pytest.mark.parametrize("name", REPORTS)
def test_the_json_meets_its_schema(name: str) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(json.loads(drawn("json", REPORTS[name])))] == []


@pytest.mark.parametrize("form", GATE_OUTPUTS)
def test_what_excuses_a_failure_is_told_and_excuses_no_error(form: str) -> None:
    excused = OutputOptions(excuse="--exit-zero")
    assert "--exit-zero" in drawn(form, REPORTS["failed"], excused)
    assert "--exit-zero" not in drawn(form, REPORTS["not judged"], excused)
    assert json.loads(drawn("json", REPORTS["failed"], excused))["exit"] == 0
    assert json.loads(drawn("json", REPORTS["not judged"], excused))["exit"] == 3


def holds_of_sarif(log: Any) -> None:
    """What the schema cannot ask: sections of SARIF 2.1.0, and what GitHub's code scanning refuses besides."""
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)  # 3.19.23: distinct rules
    notifications = {one["id"] for one in run["tool"]["driver"]["notifications"]}
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]  # 3.27.7
        assert result["level"] in {"error", "warning", "note"}  # 3.27.10: a result of the kind "fail"
        assert result["message"]["text"]
        assert re.fullmatch("[0-9a-f]{64}", result["partialFingerprints"][FINGERPRINT])
        assert isinstance(result["suppressions"], list)  # 3.27.23: in all results or in none
        assert 1 <= len(result["locations"]) <= 1000
        ids = [place["id"] for place in result["relatedLocations"]]
        assert len(set(ids)) == len(ids)  # 3.28.2
        for place in [*result["locations"], *result["relatedLocations"]]:
            uri = place["physicalLocation"]["artifactLocation"]["uri"]
            assert re.fullmatch(r"(?:file:///)?(?:[\w.~!$&'()*+,;=@/?:-]|%[0-9A-F]{2})+", uri, re.ASCII), (
                uri
            )  # RFC 3986
            assert uri.startswith("file:///") or ":" not in uri.split("/")[0]  # no scheme, which GitHub refuses
            assert "\\" not in uri
            assert not re.search(r"(^|/)\.(/|$)", uri)  # 3.10.2
    texts = [result["message"]["text"] for result in run["results"]]
    assert not [text for text in texts if re.search(r"\]\(", text)]  # 3.11.6: no embedded link
    assert not [text for text in texts if re.search(r"[{}]", re.sub(r"\{\{|\}\}", "", text))]  # 3.11.5
    [invocation] = run["invocations"]
    assert isinstance(invocation["exitCode"], int)
    for one in invocation["toolExecutionNotifications"]:
        assert one["descriptor"]["id"] in notifications


@pytest.mark.parametrize("name", REPORTS)
def test_sarif_meets_its_schema_and_what_that_cannot_ask(name: str) -> None:
    log = json.loads(render_sarif(REPORTS[name], PLAIN))
    assert validation_errors(log) == []
    holds_of_sarif(log)


@pytest.mark.parametrize("number", range(len(WORDS)))
def test_sarif_holds_with_hostile_words(number: int) -> None:
    log = json.loads(render_sarif(hostile(WORDS[number], number), PLAIN))
    assert validation_errors(log) == []
    holds_of_sarif(log)


def test_the_checks_of_sarif_can_fail() -> None:
    log = json.loads(render_sarif(REPORTS["all"], PLAIN))
    log["runs"][0]["results"][0]["ruleIndex"] = 99
    with pytest.raises(IndexError):
        holds_of_sarif(log)
    log["runs"][0]["results"][0]["level"] = "severe"
    assert validation_errors(log)


def results(given_report: GateReport) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(render_sarif(given_report, PLAIN))["runs"][0]["results"]
    return found


def test_sarif_stands_in_the_users_code() -> None:
    [below, *_] = [one for one in results(report(FAILED)) if one["ruleId"] == "min-label"]
    first, second = (place["physicalLocation"] for place in below["locations"])
    assert first == {"artifactLocation": {"uri": "src/app.py"}, "region": {"startLine": 12, "startColumn": 5}}
    assert second["artifactLocation"]["uri"] == "infra/v%C3%A4rden%20%231.yaml"
    assert below["locations"][0]["logicalLocations"][0]["name"] == CHAT.model
    [cell] = [one for one in results(report(FAILED)) if one["ruleId"] == "OSD-6/weights"]
    [related] = cell["relatedLocations"]
    assert related["physicalLocation"]["region"] == {"startLine": 12, "endLine": 14}
    assert related["physicalLocation"]["artifactLocation"]["uri"].startswith("hub.example/acme/tiny-lm/blob/")
    assert "https://hub.example/acme/tiny-lm/blob/" in related["message"]["text"]
    assert "4(b) No." in related["message"]["text"]


def test_a_model_of_the_command_line_stands_at_the_policy() -> None:
    [result] = results(report(row(CHAT, BELOW)))
    [location] = result["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "osaudit.toml"
    assert location["logicalLocations"][0]["fullyQualifiedName"] == CHAT.model
    ready = replace(report(row(CHAT, BELOW)), policy=replace(report().policy, source="osi-strict"))
    [result] = results(ready)
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == CHAT.model


def test_a_finding_about_a_file_of_the_project_stands_there_in_every_format() -> None:
    given_report = report(PASSED, general=(EXPIRED,))
    [result] = [one for one in results(given_report) if one["ruleId"] == "waiver.expired"]
    [location] = result["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "osaudit-waivers.yaml"
    assert location["physicalLocation"]["region"]["startLine"] == 7
    [at] = [one["at"] for one in json.loads(drawn("json", given_report))["findings"]]
    assert (at["path"], at["line"]) == ("osaudit-waivers.yaml", 7)
    [issue] = [one for one in json.loads(drawn("gitlab", given_report)) if one["check_name"] == "waiver.expired"]
    assert issue["location"] == {"path": "osaudit-waivers.yaml", "lines": {"begin": 7}}
    [told] = [told for kind, told, _ in commands(drawn("github", given_report)) if kind == "error"]
    assert (told["file"], told["line"]) == ("osaudit-waivers.yaml", "7")
    for form in ("text", "markdown", "junit"):
        assert "waivers.yaml:7" in drawn(form, given_report).replace("&#8203;", "")
    assert "osaudit-waivers.yaml:7" in drawn("text", given_report, OutputOptions(summary=True))


def test_waived_findings_are_suppressed_and_stay() -> None:
    [result] = results(report(ACCEPTED))
    [suppression] = result["suppressions"]
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    assert "A. Owner" in suppression["justification"]
    assert all(one["suppressions"] == [] for one in results(report(FAILED)))


def test_a_model_that_was_not_judged_is_a_notification_and_an_error() -> None:
    [run] = json.loads(render_sarif(REPORTS["not judged"], PLAIN))["runs"]
    [invocation] = run["invocations"]
    assert invocation["exitCode"] == 3
    assert [one["level"] for one in invocation["toolExecutionNotifications"]] == ["error", "error"]
    assert {one["level"] for one in run["results"] if one["ruleId"] == "not-judged"} == {"error"}
    assert invocation["executionSuccessful"] is True
    [run] = json.loads(render_sarif(report(MISSING), PLAIN))["runs"]
    assert run["invocations"][0]["executionSuccessful"] is False


def marks(given_report: GateReport) -> list[str]:
    return [one["partialFingerprints"][FINGERPRINT] for one in results(given_report)]


def gitlab_marks(given_report: GateReport) -> list[str]:
    return [one["fingerprint"] for one in json.loads(render_codequality(given_report, PLAIN))]


def moved(given_row: GateRow) -> GateRow:
    """The same row, after lines were added above in the project and in the repository, at another commit and date."""
    places = tuple(replace(place, line=place.line + 40, column=1) for place in given_row.adoption.places)
    found = tuple(
        replace(
            one,
            where=tuple(
                replace(where, lines=(70, 71), commit="f" * 40, sha256="e" * 64, quote="4(b) None.")
                for where in one.where
            ),
        )
        for one in given_row.findings
    )
    return replace(given_row, adoption=replace(given_row.adoption, places=places), findings=found)


def test_fingerprints_stay_where_lines_move() -> None:
    before, after = report(FAILED, PASSED), report(moved(FAILED), moved(PASSED))
    assert marks(before) == marks(after)
    assert gitlab_marks(before) == gitlab_marks(after)
    aged = replace(BELOW, rule="max-age", message="collected 91 days ago")
    assert marks(report(row(CHAT, aged))) == marks(report(row(CHAT, replace(aged, message="collected 92 days ago"))))
    waived = replace(
        FAILED, findings=tuple(replace(one, waived=ACCEPTED.findings[0].waived) for one in FAILED.findings)
    )
    assert marks(report(FAILED)) == marks(report(waived))


def test_fingerprints_differ_where_findings_do() -> None:
    other = replace(CONFLICT, message="The tag says MIT, the text is another.")
    many = report(FAILED, row(TINY, BELOW, CELL, CONFLICT, other), row(TINY, BELOW, revision="v2"))
    assert len(set(marks(many))) == len(marks(many))
    assert len(set(gitlab_marks(many))) == len(gitlab_marks(many))
    elsewhere = replace(FAILED, adoption=replace(FAILED.adoption, places=(replace(APP, path="src/new.py"),)))
    assert marks(report(FAILED)) == marks(report(elsewhere))
    assert not set(gitlab_marks(report(FAILED))[1:]) & set(gitlab_marks(report(elsewhere))[1:])


OWN = [
    *("not-judged", "lock.unlocked", "lock.other-commit", "lock.relicensed", "lock.moved", "lock.evidence"),
    *(
        "waiver.expired",
        "waiver.broad",
        "waiver.unused",
        "waiver.signature",
        "trust.changed",
        "attestation.not-counted",
        "unresolved",
    ),
]


def rules() -> list[str]:
    cells = [
        f"{'' if pack.id == 'osd' else f'{pack.id}:'}{row.id}/{facet}"
        for pack in map(load_pack, pack_ids())
        for row, facet, _ in pack.cells
    ]
    kinds = [*(f"conflict.{kind}" for kind in CONFLICTS), *(f"risk.{kind}" for kind in RISKS)]
    uses = [f"use.{use}" for use in load_vocabulary().uses]
    return [*cells, *kinds, *uses, *OWN, "OSD-6"]


def test_every_rule_has_words_of_its_own() -> None:
    unknown = words_of("no such rule")
    asked = {*rules(), *CONDITION_KEYS} - {
        "fail-on",
        "uses",
        "conflicts",
        "risks",
        "pickle-only",
        "remote-code",
        "gated",
        "unknown",
    }
    assert [rule for rule in sorted(asked) if words_of(rule) == unknown] == []
    assert all(words_of(rule).asks.endswith("?") or rule == "OSD-6" for rule in asked)
    assert "Remedy: " in words_of("OSD-6/weights").help
    assert list(demanded(Conditions())) == []


def test_a_rule_of_a_users_own_pack_is_told_by_its_verdict() -> None:
    verdict = replace(TINY.verdicts[0], pack="ours", criterion="OUR-1", question="Is ours met?", remedy="Meet it.")
    judged = replace(TINY, verdicts=(verdict,))
    told = words_of(f"ours:OUR-1/{verdict.facet}", [row(judged)])
    assert (told.asks, told.help) == ("Is ours met?", "Remedy: Meet it.")


def many(count: int, failing: int) -> GateReport:
    """A run over so many models, the failing ones last, each with ten findings and a place."""
    found = tuple(
        replace(CELL, rule=f"OSD-{at}/weights", message=f"OSD-{at}/weights is fail: {'because of words ' * 30}")
        for at in range(1, 11)
    )
    rows = []
    for at in range(count):
        name = f"org/model-{at}"
        bad = at >= count - failing
        rows.append(
            GateRow(
                Adoption(name, None, (replace(APP, line=at + 1),)),
                replace(TINY, model=name),
                found if bad else (CONFLICT,),
            )
        )
    return report(*rows)


def test_a_summary_of_500_models_fits_and_counts_what_does_not() -> None:
    for failing in (1, 250, 500):
        text = render_step_summary(many(500, failing), PLAIN)
        assert len(text.encode()) <= MAX_BYTES < MEBIBYTE
        heads = re.findall(r"^#### org/model-(\d+): fails$", text, re.MULTILINE)
        left = re.search(
            r"^_(\d+) more models? not passed, with what was found, found no room here", text, re.MULTILINE
        )
        assert len(heads) + int(left[1] if left else 0) == failing
        assert len(re.findall(r"^\| (?:\*\*fails\*\*|passes) \|", text, re.MULTILINE)) == 500
        first = re.search(r"^\| \*\*fails\*\* \| org/model-(\d+)", text, re.MULTILINE)
        assert first
        assert int(first[1]) == 500 - failing
        assert text.index("**fails**") < text.index("| passes |") if failing < 500 else True


def test_a_summary_without_room_for_the_rows_counts_them() -> None:
    text = render_step_summary(many(100, 50), PLAIN, 12_000)
    assert len(text.encode()) <= 12_000
    shown = len(re.findall(r"^\| (?:\*\*fails\*\*|passes) \|", text, re.MULTILINE))
    left = re.search(r"^_(\d+) more rows of models found no room here", text, re.MULTILINE)
    assert left
    assert shown + int(left[1]) == 100
    assert "**fails**" in text


def test_annotations_stop_where_github_does_and_say_so() -> None:
    found = commands(drawn("github", many(40, 25)))
    errors = [message for kind, _, message in found if kind == "error"]
    warnings = [message for kind, _, message in found if kind == "warning"]
    assert len(errors) == len(warnings) == MOST
    assert errors[-1].startswith("16 more of these")
    assert warnings[-1].startswith("6 more of these")
    assert [kind for kind, *_ in found].count("notice") == 1


def test_an_annotation_stands_at_the_place() -> None:
    [_, (kind, told, message), *_] = commands(drawn("github", report(FAILED)))
    assert kind == "error"
    assert told == {"file": "src/app.py", "line": "12", "col": "5", "title": "osaudit gate: acme/tiny-lm-chat@main"}
    assert message.split("\n")[1] == "min-label: Weights Available is below the label asked for"
    assert "infra/värden #1.yaml:3:1" in message


def test_the_log_is_read_back_as_it_was_written() -> None:
    odd = replace(APP, path="src/a,b:c%2C.py")
    [_, (_, told, message)] = commands(drawn("github", report(row(CHAT, replace(BELOW, message="50% :: , %0A")))))
    assert message.endswith("50% :: , %0A")
    [_, (_, told, _)] = commands(drawn("github", report(row(CHAT, BELOW, places=(odd,)))))
    assert told["file"] == "src/a,b:c%2C.py"


def test_junit_counts_and_reads_back() -> None:
    document = junitparser.JUnitXml.fromroot(ET.fromstring(drawn("junit", REPORTS["all"])))  # noqa: S314 - our own
    assert (document.tests, document.failures, document.errors, document.skipped) == (6, 2, 2, 1)
    [suite] = document
    by_name = {case.name: case for case in suite}
    assert by_name["acme/tiny-lm-chat@main"].result[0].type == "min-label"
    assert isinstance(by_name["acme/accepted"].result[0], junitparser.Skipped)
    assert isinstance(by_name["acme/missing"].result[0], junitparser.Error)
    assert by_name["lab/glass-box"].is_passed
    assert {one.name for one in suite.properties()} >= {"policy.source", "policy.min-label", "result"}
    assert 'file="src/app.py" line="12"' in drawn("junit", REPORTS["all"])


def test_gitlab_has_what_it_asks_for() -> None:
    issues = json.loads(drawn("gitlab", REPORTS["all"]))
    assert all({"description", "check_name", "fingerprint", "severity", "location"} <= set(one) for one in issues)
    assert {one["severity"] for one in issues} == {"info", "minor", "critical", "blocker"}
    assert all(one["location"]["lines"]["begin"] >= 1 for one in issues)
    assert [one["severity"] for one in issues if "waived by A. Owner" in one["description"]] == ["info"]
    chat = [
        one["location"]["path"] for one in issues if one["check_name"] == "min-label" and "chat" in one["description"]
    ]
    assert chat == ["src/app.py", "infra/värden #1.yaml"]


def test_the_text_tells_reason_and_place() -> None:
    text = drawn("text", REPORTS["all"])
    assert "adopted in src/app.py:12:5 (from_pretrained)" in text
    assert "waived by A. Owner until 2027-01-31" in " ".join(text.split())
    assert "https://hub.example/acme/tiny-lm/blob/" in text
    order = [text.index(name) for name in ("acme/locked-lm", "acme/missing", "acme/tiny-lm-chat", "lab/glass-box")]
    assert order == sorted(order)


def test_a_summary_is_a_line_a_model() -> None:
    lines = drawn("text", REPORTS["all"], OutputOptions(summary=True)).splitlines()
    assert [line[:5] for line in lines[:6]] == ["ERROR", "ERROR", "FAIL ", "PASS ", "PASS ", "FAIL "]
    assert "min-label: Weights Available is below" in lines[2]
    assert "[src/app.py:12:5 and 1 more]" in lines[2]
    assert lines[-1].startswith("The gate could not judge everything (exit code 3): 5 models")
    assert len(lines) == 8


def test_colour_is_only_where_it_is_asked_for() -> None:
    for summary in (True, False):
        assert "\x1b" not in drawn("text", REPORTS["all"], OutputOptions(summary=summary))
        coloured = drawn("text", REPORTS["all"], OutputOptions(summary=summary, colour=True))
        assert re.sub("\x1b\\[\\d*m", "", coloured) == drawn("text", REPORTS["all"], OutputOptions(summary=summary))
    for form in set(GATE_OUTPUTS) - {"text"}:
        assert "\x1b" not in drawn(form, REPORTS["all"], OutputOptions(colour=True))


def test_nothing_to_adopt_is_told() -> None:
    assert "0 models" in drawn("text", REPORTS["nothing"])
    assert json.loads(drawn("json", REPORTS["nothing"]))["models"] == []
    assert PASSED.result == "pass"
