"""A run of the gate read back from each of its formats: exit code, and every finding with severity and place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from typing import NamedTuple
from xml.etree import ElementTree as ET

from osaudit.gate.findings import GateReport
from osaudit.gate.outputs import GATE_OUTPUTS, OutputOptions
from osaudit.gate.outputs.telling import GENERAL

SUMMARY = "text, --summary"
"""The text with a line a model, which tells of each the first finding that fails."""


class Told(NamedTuple):
    """A finding as a format tells it: `places` are the project's, as path and line."""

    rule: str
    severity: str
    places: frozenset[tuple[str, int]]


def drawn(report: GateReport) -> dict[str, str]:
    """One run in each format."""
    texts = {form: render(report, OutputOptions(width=100_000)) for form, render in GATE_OUTPUTS.items()}
    return {**texts, SUMMARY: GATE_OUTPUTS["text"](report, OutputOptions(width=100_000, summary=True))}


def exit_told(form: str, text: str) -> int:
    """The exit code that a format tells."""
    match form:
        case "json":
            return int(json.loads(text)["exit"])
        case "sarif":
            return int(json.loads(text)["runs"][0]["invocations"][0]["exitCode"])
        case _:
            [code] = re.findall(r"\(exit code (\d)", text)
            return int(code)


def told(form: str, text: str) -> frozenset[Told]:
    """What a format tells of a run."""
    return frozenset(_READERS[form](text))


def _json(text: str) -> Iterator[Told]:
    data = json.loads(text)
    rows = [(one, row["adopted_at"]) for row in data["models"] for one in row["findings"]]
    for one, adopted in [*rows, *((one, []) for one in data["findings"])]:
        places = [one["at"]] if one["at"] else adopted
        severity = "waived" if one["waived"] else one["severity"]
        yield Told(one["rule"], severity, frozenset((at["path"], at["line"]) for at in places))


def _sarif(text: str) -> Iterator[Told]:
    for one in json.loads(text)["runs"][0]["results"]:
        spots = [place["physicalLocation"] for place in one["locations"]]
        places = frozenset((spot["artifactLocation"]["uri"], spot["region"]["startLine"]) for spot in spots)
        yield Told(one["ruleId"], "waived" if one["suppressions"] else one["level"], places)


def _gitlab(text: str) -> Iterator[Told]:
    severities = {"critical": "error", "blocker": "error", "minor": "warning", "info": "note"}
    for one in json.loads(text)[1:]:
        severity = "waived" if "[waived by" in one["description"] else severities[one["severity"]]
        place = one["location"]["path"], one["location"]["lines"]["begin"]
        yield Told(one["check_name"], severity, frozenset({place}))


def _junit(text: str) -> Iterator[Told]:
    for case in ET.fromstring(text).iter("testcase"):  # noqa: S314 - written by the program itself
        adopted = {(case.get("file", ""), int(case.get("line", "0")))} if case.get("file") else set()
        for line in "\n".join(element.text or "" for element in case).split("\n"):
            if found := _LINE.fullmatch(line):
                yield _of_words(found["severity"], found["words"], frozenset(adopted))


def _github(text: str) -> Iterator[Told]:
    for found in _COMMAND.finditer(text):
        properties = dict(pair.partition("=")[::2] for pair in found["properties"].split(","))
        places = {(properties["file"], int(properties["line"]))} if "file" in properties else set()
        lines = found["message"].replace("%0A", "\n").split("\n")
        if lines[0].startswith("The gate "):
            continue
        for words in lines if GENERAL in properties["title"] else lines[1:]:
            if re.match(r"\d+ more of these |also adopted in ", words):
                continue
            yield _of_words(found["kind"], words.replace("%25", "%"), frozenset(places))


def _text(text: str) -> Iterator[Told]:
    adopted: frozenset[tuple[str, int]] = frozenset()
    for line in text.split("\n"):
        if re.match(r"(?:ERROR|FAIL |PASS ) ", line) or line == GENERAL.capitalize():
            adopted = frozenset()
        elif line.startswith("      adopted in "):
            adopted = _spots(line)
        elif found := _INDENTED.fullmatch(line):
            yield _of_words(found["severity"], found["words"], adopted)


def _markdown(text: str) -> Iterator[Told]:
    adopted: frozenset[tuple[str, int]] = frozenset()
    for line in text.split("\n"):
        plain = re.sub("\\\\(.)|\u200b", r"\1", unescape(line))
        if line.startswith(("#### ", "**")):
            adopted = frozenset()
        elif plain.startswith("Adopted in "):
            adopted = _spots(plain)
        elif found := _BULLET.fullmatch(plain):
            yield _of_words(found["severity"], found["words"], adopted)


def _summary(text: str) -> Iterator[Told]:
    for line in text.split("\n"):
        head, _, words = line.partition(" – ")
        if words:
            severity = {"ERROR": "error", "FAIL ": "error"}[head[:5]]
            yield _of_words(severity, words, frozenset(), line_end=True)


_LINE = re.compile(r"(?P<severity>error|warning|note): (?P<words>.*)")
_INDENTED = re.compile(r"  (?P<severity>error|warning|note|waived) +(?P<words>.*)")
_BULLET = re.compile(r"- \*\*(?P<severity>error|warning|note|waived)\*\* (?P<words>.*)")
_COMMAND = re.compile(r"::(?P<kind>error|warning|notice) (?P<properties>[^:]*)::(?P<message>.*)")
_SPOT = re.compile(r"([\w./-]+):(\d+):\d+")
_RULE = re.compile(r"(?P<rule>[\w.:/-]+?)(?:: | is )")


def _of_words(severity: str, words: str, adopted: frozenset[tuple[str, int]], *, line_end: bool = False) -> Told:
    """A finding of its words: `rule: sentence`, or a cell's sentence, with the place behind where there is one."""
    found = _RULE.match(words)
    assert found, words
    behind = re.search(r" \[((?:[\w./-]+):\d+:\d+)(?: and \d+ more)?\]$", words)
    places = _spots(behind[1]) if behind else adopted
    waived = " [waived by " in words and not line_end
    return Told(found["rule"], "waived" if waived else severity, places)


def _spots(words: str) -> frozenset[tuple[str, int]]:
    return frozenset((path, int(line)) for path, line in _SPOT.findall(words))


_READERS: Mapping[str, Callable[[str], Iterator[Told]]] = {
    "json": _json,
    "sarif": _sarif,
    "gitlab": _gitlab,
    "junit": _junit,
    "github": _github,
    "text": _text,
    "markdown": _markdown,
    SUMMARY: _summary,
}
FORMS = tuple(_READERS)
