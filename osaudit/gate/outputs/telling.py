"""What all the gate's outputs tell alike: counts, verdicts, places and fingerprints."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from osaudit.gate.assess import NOT_JUDGED
from osaudit.gate.findings import GateFinding, GateReport, GateRow, Place, Result, Waived
from osaudit.gate.outputs import OutputOptions
from osaudit.render.neutral import plain
from osaudit.render.words import label_words, place_words, short
from osaudit.verdict import Failure
from osaudit.where import Where

SENTENCE = 2_000
"""Characters of a finding's message, beyond which it is cut with the number of those left out."""

QUOTED = 300
NAMED = 300

GENERAL = "the project"
"""Whose the findings are that belong to no model: those of the waivers, the lock file, the scan."""

RESULT_WORDS: dict[Result, str] = {"pass": "passes", "fail": "fails", "error": "could not be judged"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One finding with whose it is (None: the project's), and its fingerprint: 64 hex digits."""

    row: GateRow | None
    finding: GateFinding
    fingerprint: str


def findings_of(row: GateRow) -> tuple[GateFinding, ...]:
    """The findings of a model; where it could not be judged, the first says so and fails."""
    if row.result != "error":
        return row.findings
    told = [one for one in row.findings if _says_so(one)]
    if isinstance(row.judged, Failure) and not told:
        told = [GateFinding(NOT_JUDGED, "error", row.judged.message)]
    return (*told, *(one for one in row.findings if not _says_so(one)))


def _says_so(finding: GateFinding) -> bool:
    return finding.rule == NOT_JUDGED and finding.fails


def exit_of(report: GateReport, options: OutputOptions) -> int:
    """The code that the program ends in: `--exit-zero` excuses what fails, and nothing that could not be judged."""
    return 0 if options.excuse and report.exit == 1 else report.exit


def with_result(report: GateReport, result: Result) -> tuple[GateRow, ...]:
    """The rows of one result, in the order of the report."""
    return tuple(row for row in report.rows if row.result == result)


def worst_first(report: GateReport) -> tuple[GateRow, ...]:
    """The rows: those that could not be judged, those that fail, those that pass."""
    return tuple(row for result in ("error", "fail", "pass") for row in with_result(report, result))


def counted(report: GateReport) -> str:
    """Say how many models pass, fail and could not be judged."""
    told = [f"{len(with_result(report, result))} {_COUNTED[result]}" for result in _COUNTED]
    models = "1 model" if len(report.rows) == 1 else f"{len(report.rows)} models"
    general = sum(one.fails for one in report.general)
    beside = f"; {general} failing finding{'s' * (general > 1)} of the project's own" if general else ""
    return f"{models}: {', '.join(told)}{beside}"


_COUNTED: dict[Result, str] = {"error": "could not be judged", "fail": "failed", "pass": "passed"}


def verdict_words(report: GateReport, options: OutputOptions) -> str:
    """Say in a line what the gate decided, and in which exit code that ends."""
    verdict: dict[Result, str] = {
        "pass": "The gate is passed",
        "fail": "The gate is not passed",
        "error": "The gate could not judge everything",
    }
    code = exit_of(report, options)
    excused = f", for {plain(options.excuse, 100)} turns 1 into it" if code != report.exit else ""
    return f"{verdict[report.result]} (exit code {code}{excused}): {counted(report)}"


def policy_words(report: GateReport) -> str:
    """Name the policy in force: where it stands, and the first digits of its hash."""
    return f"{plain(report.policy.source, NAMED)} (sha256 {plain(report.policy.sha256, 64)[:12]})"


def model_words(row: GateRow | None) -> str:
    """Name the model as the project asks for it."""
    return plain(row.adoption.name, NAMED) if row else GENERAL


def commit_of(row: GateRow) -> str | None:
    """The commit that was judged."""
    return None if isinstance(row.judged, Failure) else row.judged.commit


def label_of(row: GateRow) -> str:
    """The model's label, or that it was not judged."""
    if isinstance(row.judged, Failure):
        return f"not judged ({plain(row.judged.kind, 40)})"
    return label_words(row.judged.label)


def judged_words(row: GateRow) -> str:
    """Say at which commit the model was judged, and its label."""
    return label_of(row) if isinstance(row.judged, Failure) else f"{label_of(row)}, at {short(row.judged.commit)}"


def message_words(finding: GateFinding, limit: int = SENTENCE) -> str:
    """The finding's sentence, and who accepts it if somebody does."""
    words = plain(finding.message, limit)
    return f"{words} [{waived_words(finding.waived)}]" if finding.waived else words


def ruled_words(finding: GateFinding, limit: int = SENTENCE) -> str:
    """The finding's rule and its sentence, which names a cell itself."""
    rule, words = plain(finding.rule, 100), message_words(finding, limit)
    return words if words.startswith(f"{rule} ") else f"{rule}: {words}"


def waived_words(waived: Waived) -> str:
    """Say who accepts a finding, why, and until when."""
    return (
        f"waived by {plain(waived.owner, 100)} until {plain(waived.expires, 20)}"
        f" ({plain(waived.id, 80)}): {plain(waived.reason, 500)}"
    )


def told_words(finding: GateFinding, limit: int = SENTENCE) -> str:
    """The finding as `ruled_words` has it, with the place in the project that it is about, where it does not say so."""
    words, at = ruled_words(finding, limit), finding.at
    return words if at is None or f"{plain(at.path, NAMED)}:{at.line}" in words else f"{words} [{spot_words(at)}]"


def places_of(row: GateRow | None, finding: GateFinding) -> tuple[Place, ...]:
    """Where a finding stands in the project: what it is about itself, else where the model is adopted."""
    return (finding.at,) if finding.at else row.adoption.places if row else ()


def spot_words(place: Place) -> str:
    """A place of the project as compilers name it: path, line, column."""
    return f"{plain(place.path, NAMED)}:{place.line}:{place.column}"


def adopted_words(row: GateRow, most: int = 5) -> str:
    """Say where the project adopts the model; nothing where it was named on the command line."""
    places = row.adoption.places
    told = [spot_words(place) + (f" ({plain(place.how, 60)})" if place.how else "") for place in places[:most]]
    more = f" and {len(places) - most} more places" if len(places) > most else ""
    return ", ".join(told) + more


def source_words(where: Where, home: str, told: set[Where] | None = None) -> str:
    """A place in the model's repository: path, lines, and what stands there, once for all that have been told."""
    words = place_words(where, home)
    if told is not None and where in told:
        return f"{words}, as above"
    if told is not None:
        told.add(where)
    return f"{words}: “{plain(where.quote, QUOTED)}”" if where.quote else words


def entries(report: GateReport) -> tuple[Entry, ...]:
    """Every finding, by model in the report's order, then the project's own, each with its fingerprint.

    A fingerprint is made from the rule, the model and the files in its repository: it stays where lines move, in the
    project or in the repository, and where words or the commit change. Findings alike in all of these are told apart
    by a count.
    """
    found = [(row, one) for row in report.rows for one in findings_of(row)]
    told: list[tuple[GateRow | None, GateFinding]] = [*found, *((None, one) for one in report.general)]
    alike: dict[str, list[int]] = defaultdict(list)
    for at, (row, one) in enumerate(told):
        alike[_key(row, one)].append(at)
    marks = [""] * len(told)
    for key, places in alike.items():
        for nth, at in enumerate(sorted(places, key=lambda at: _told_apart(*told[at]))):
            marks[at] = hashlib.sha256(f"{key}#{nth}".encode()).hexdigest()
    return tuple(Entry(row, one, mark) for (row, one), mark in zip(told, marks, strict=True))


def _key(row: GateRow | None, finding: GateFinding) -> str:
    places = sorted({(where.repo, where.path, where.pointer or "") for where in finding.where})
    about = [finding.at.path] if finding.at else []
    return json.dumps([finding.rule, row.adoption.model.casefold() if row else "", places, *about])


def _told_apart(row: GateRow | None, finding: GateFinding) -> tuple[str, str]:
    return (row.adoption.revision or "" if row else "", finding.message)


def conditions_lines(report: GateReport) -> Iterable[str]:
    """Each condition in force: its key, and all that it asks."""
    asked: dict[str, list[str]] = defaultdict(list)
    for key, words in report.policy.conditions:
        asked[key].append(plain(words, SENTENCE))
    for key, told in asked.items():
        yield f"{plain(key, 40)}: {'; '.join(told)}"


def policy_file(report: GateReport) -> str | None:
    """The file that the policy stands in; None where it is a ready-made one or stands in none."""
    source = report.policy.source
    return source if source.endswith(".toml") else None
