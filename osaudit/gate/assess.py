"""Whether a scorecard meets a policy: pure functions from a scorecard to findings.

Each condition is asked by itself and adds findings, never takes one away: a conflict, a risk, a review or an unknown
more can only add to what fails.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from osaudit.audit import is_folder
from osaudit.checks.probe import untold
from osaudit.gate.conditions import ALL_KINDS, SEVERITY, CellAsked, Conditions, Setting
from osaudit.gate.findings import Adoption, GateFinding, Severity, in_order
from osaudit.gate.policy import Policy
from osaudit.gate.selectors import any_selects, choices_of
from osaudit.label import RUNGS
from osaudit.licences.table import Licence, LicenceTable
from osaudit.packs import DEFAULT_PACK
from osaudit.proberun import LEVELS, ProbeRun
from osaudit.sources.refs import is_commit
from osaudit.verdict import BASES, Finding, GoverningLicence, Scorecard, Verdict

NOT_JUDGED = "not-judged"
"""The rule of a finding that says that a model could not be judged: exit 3, whatever a policy says."""

_BY_RISK: dict[str, Callable[[Conditions], Setting]] = {
    "pickle-only": lambda asked: asked.pickle_only,
    "remote-code": lambda asked: asked.remote_code,
    "gated": lambda asked: asked.gated,
}


def assess(
    card: Scorecard, policy: Policy, table: LicenceTable, adoption: Adoption | None = None, today: str = ""
) -> tuple[GateFinding, ...]:
    """Hold a scorecard to the policy's conditions for its model; the findings, worst first.

    `adoption` tells where the project asks for the model; `today` is the ISO 8601 day that ages are counted to.
    """
    asked = policy.of(card.model)
    found = [*unmet(card, asked), *_licences(card, asked, table), *_uses(card, asked), *_findings(card, asked)]
    found += [*_age(card, asked, today), *_pinned(adoption, asked), *not_judged(card, asked)]
    return in_order(found)


def unmet(card: Scorecard, asked: Conditions) -> Iterable[GateFinding]:
    """What the label, the score and the cells do not meet."""
    if asked.fail_under is not None and not card.score.low >= asked.fail_under:  # so that NaN meets nothing
        yield _error("fail-under", f"the score's low end is {card.score.low:g}, under {asked.fail_under:g}")
    label = card.label
    if asked.min_label and label.determined and RUNGS.index(label.id) < RUNGS.index(asked.min_label):
        yield _error("min-label", f"{label.name} is below the label asked for")
    if asked.min_basis and BASES.index(label.basis) > BASES.index(asked.min_basis):
        yield _error(
            "min-basis", f"the label {label.name} rests on “{label.basis}”, and “{asked.min_basis}” is asked for"
        )
    for cell in asked.fail_on:
        yield from _cells(card, cell, asked.unknown)


def not_judged(card: Scorecard, asked: Conditions) -> Iterable[GateFinding]:
    """What was to be looked at and could not be: no gate may take such a scorecard for a whole one."""
    if card.incomplete:
        yield _error(NOT_JUDGED, "the audit is incomplete; the report lists what was not seen")
    if card.probe:
        yield from (_error(NOT_JUDGED, words) for words in unprobed(card.probe))
    if (asked.min_label or asked.min_basis) and not card.label.determined:
        yield _error(NOT_JUDGED, "the label could not be told, for the file list that was seen is partial")
    if asked.probe:
        yield from _probe(card, asked)


def unprobed(run: ProbeRun) -> Iterable[str]:
    """Say where a run of the probe stopped short of what was asked, if the model is not to blame."""
    stopped = untold(run)
    if stopped:
        why = f"{stopped.level} ({stopped.failure}): {stopped.because}"
        yield f"the probe was asked for up to {run.asked} and stopped at {why}"


def _probe(card: Scorecard, asked: Conditions) -> Iterable[GateFinding]:
    if card.probe is None or asked.probe is None:
        yield _error(NOT_JUDGED, f"whether the weights pass the probe up to “{asked.probe}” was not tried")
        return
    for level in LEVELS[: LEVELS.index(asked.probe) + 1]:
        result = next((one for one in card.probe.levels if one.level == level), None)
        if result is None or result.outcome == "not_attempted":
            why = f": {result.because}" if result else ""
            yield _error(NOT_JUDGED, f"the probe did not try the level “{level}”{why}")
        elif result.outcome == "fail":
            yield _error("probe", f"the probe's level “{level}” failed: {result.because}")


def _cells(card: Scorecard, asked: CellAsked, unknown: Setting) -> Iterable[GateFinding]:
    named = [v for v in card.verdicts if v.criterion == asked.criterion and asked.facet in {None, v.facet}]
    if not named:
        yield _error(str(asked), f"{asked} was not asked")
    for verdict in named:
        severity = _severity(verdict, unknown, alone=asked.facet is not None)
        if severity:
            answer = verdict.answer
            state = f"open with {answer.waits_for}" if answer.waits_for else answer.outcome
            words = f"{verdict.criterion}/{verdict.facet} is {state}: {answer.because}"
            yield GateFinding(rule_of(verdict), severity, words, answer.where)


def _severity(verdict: Verdict, unknown: Setting, *, alone: bool) -> Severity | None:
    """How grave a cell's answer is where it is named; what is not published meets none that asks for it."""
    if verdict.answer.is_open:
        return SEVERITY[unknown]
    match verdict.answer.outcome:
        case "fail":
            return "error"
        case "not_applicable" if alone and verdict.answer.counted:
            return "error"
        case _:
            return None


def rule_of(verdict: Verdict) -> str:
    """The rule's id of a cell: those of the Open Source Definition go without their pack's id."""
    cell = f"{verdict.criterion}/{verdict.facet}"
    return cell if verdict.pack == DEFAULT_PACK else f"{verdict.pack}:{cell}"


def _licences(card: Scorecard, asked: Conditions, table: LicenceTable) -> Iterable[GateFinding]:
    if asked.allow:
        yield from _allowed(dict(card.licences).get("weights"), asked, table)
    if asked.deny:
        for component, licence in card.licences:
            yield from _denied(component, licence, asked, table)
        yield from _denied_bases(card, asked, table)


def _allowed(licence: GoverningLicence | None, asked: Conditions, table: LicenceTable) -> Iterable[GateFinding]:
    choices = choices_of(licence.key, licence.spdx, table) if licence else ()
    name, where = (licence.name, licence.where) if licence else ("no licence", ())
    if any(all(one and any_selects(asked.allow, one) for one in choice) for choice in choices if choice):
        return
    if not choices or any(one is None for choice in choices for one in choice):
        words = f"the licence of the weights is not known to the clause table ({name}), so that none allows it"
        yield GateFinding("allow", SEVERITY[asked.unknown], words, where)
    else:
        yield GateFinding("allow", "error", f"the licence of the weights, {name}, is none of those allowed", where)


def _denied(component: str, licence: GoverningLicence, asked: Conditions, table: LicenceTable) -> Iterable[GateFinding]:
    choices = choices_of(licence.key, licence.spdx, table)
    known = {one.key: one for choice in choices for one in choice if one}
    if choices and all(any(one and any_selects(asked.deny, one) for one in choice) for choice in choices):
        words = f"the licence of the {component}, {licence.name}, is one that is denied"
        yield GateFinding("deny", "error", words, licence.where)
    elif component == "weights" and (not known or any(one is None for choice in choices for one in choice)):
        words = f"the licence of the weights is not known to the clause table ({licence.name}): it may be one denied"
        yield GateFinding("deny", SEVERITY[asked.unknown], words, licence.where)


def _denied_bases(card: Scorecard, asked: Conditions, table: LicenceTable) -> Iterable[GateFinding]:
    """A denied licence of what the model was made from comes along with it."""
    for node in card.lineage.nodes:
        if node.id == card.model:
            continue
        named = _by_name(node.licence, table)
        if named and any_selects(asked.deny, named):
            words = f"{node.id}, which the model was made from, has {named.name}, which is denied"
            yield GateFinding("deny", "error", words)


def _by_name(name: str, table: LicenceTable) -> Licence | None:
    return next((one for one in table.licences if one.name == name), None)


def _uses(card: Scorecard, asked: Conditions) -> Iterable[GateFinding]:
    for use in asked.uses:
        answers = [one for one in card.uses if one.use == use]
        if not answers:
            yield GateFinding(f"use.{use}", SEVERITY[asked.unknown], f"whether the use “{use}” is open was not asked")
        for answer in answers:
            if answer.answer == "no":
                yield GateFinding(f"use.{use}", "error", f"the use “{use}” is closed: {answer.because}", answer.where)
            elif answer.answer == "not-known":
                words = f"whether the use “{use}” is open is not known: {answer.because}"
                yield GateFinding(f"use.{use}", SEVERITY[asked.unknown], words, answer.where)


def _findings(card: Scorecard, asked: Conditions) -> Iterable[GateFinding]:
    for one in card.conflicts:
        fails = _named(one.kind, asked.conflicts)
        yield _told(one, "conflict", "error" if fails else "warning")
    for one in card.risks:
        by_kind = _BY_RISK.get(one.kind)
        severity = SEVERITY[by_kind(asked)] if by_kind else "note"
        yield _told(one, "risk", "error" if _named(one.kind, asked.risks) else severity)


def _named(kind: str, kinds: Sequence[str]) -> bool:
    return ALL_KINDS in kinds or kind in kinds


def _told(finding: Finding, what: str, severity: Severity) -> GateFinding:
    return GateFinding(f"{what}.{finding.kind}", severity, finding.because, finding.where)


def _age(card: Scorecard, asked: Conditions, today: str) -> Iterable[GateFinding]:
    if asked.max_age is None or not today:
        return
    try:
        age = (dt.date.fromisoformat(today[:10]) - dt.date.fromisoformat(card.collected_at[:10])).days
    except ValueError:
        yield _error("max-age", "when the evidence was collected is not known")
        return
    if age > asked.max_age:
        yield _error("max-age", f"the evidence was collected {age} days ago, and {asked.max_age} are allowed")


def _pinned(adoption: Adoption | None, asked: Conditions) -> Iterable[GateFinding]:
    if adoption is None or asked.unpinned == "ignore" or is_folder(adoption.model):
        return
    severity, loose = SEVERITY[asked.unpinned], [place for place in adoption.places if not place.pinned]
    if loose:
        rest = len(loose) - 1
        more = f" and {rest} more place{'s' * (rest > 1)} name" if rest else " names"
        words = f"{loose[0].path}:{loose[0].line}{more} it without a commit: what is loaded can change"
        yield GateFinding("unpinned", severity, words)
    elif not adoption.places and not (adoption.revision and is_commit(adoption.revision)):
        yield GateFinding("unpinned", severity, "it is named without a commit: what is loaded can change")


def _error(rule: str, words: str) -> GateFinding:
    return GateFinding(rule, "error", words)
