"""Invented runs of the gate: no model, owner or file of this module exists."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from samples import CANDIDATE, CHAT, EMPTY, GATED, HOSTILE_TEXTS, HOSTILE_URLS, TINY, place

from osaudit.gate.findings import (
    Adoption,
    GateFinding,
    GateReport,
    GateRow,
    Place,
    PolicyTold,
    Severity,
    Waived,
    in_order,
)
from osaudit.verdict import Failure, Scorecard
from osaudit.where import Where

POLICY = PolicyTold(
    "osaudit.toml",
    "9" * 64,
    (
        ("min-label", "the label is Open Weights or better"),
        ("fail-on", "OSD-6/weights does not fail"),
        ("unknown", "a cell that is open to review fails"),
    ),
)
WAIVED = Waived("w-1", "A. Owner", "Used in a trial until the new model is in", "2027-01-31")
APP, HELM = Place("src/app.py", 12, 5, "from_pretrained"), Place("infra/värden #1.yaml", 3, 1, "image", pinned=True)

BELOW = GateFinding("min-label", "error", "Weights Available is below the label asked for")
CELL = GateFinding(
    "OSD-6/weights", "error", "OSD-6/weights is fail: section 4(b) closes it.", (place(quote="4(b) No."),)
)
CONFLICT = GateFinding(
    "conflict.tag-text", "warning", "The tag says Apache-2.0, the text is another.", (place("README.md"),)
)
RISK = GateFinding("risk.no-patent-grant", "note", "The text grants no patents.")
WAIVERS = Place("osaudit-waivers.yaml", 7, how="waiver")
EXPIRED = GateFinding("waiver.expired", "error", "the waiver w-0 expired on 2026-01-31", at=WAIVERS)


def row(
    judged: Scorecard | Failure, *findings: GateFinding, places: tuple[Place, ...] = (), revision: str | None = None
) -> GateRow:
    """Return the row of a model and what was found of it."""
    return GateRow(Adoption(judged.model, revision, places), judged, in_order(findings))


PASSED = row(CANDIDATE, CONFLICT, RISK, places=(HELM,))
FAILED = row(CHAT, BELOW, CELL, CONFLICT, places=(APP, HELM), revision="main")
ACCEPTED = row(replace(TINY, model="acme/accepted"), replace(CELL, waived=WAIVED), places=(APP,))
UNSEEN = row(GATED, GateFinding("not-judged", "error", "the audit is incomplete"), BELOW)
MISSING = row(
    Failure("acme/missing", "v1", "missing", "acme/missing: the Hub knows no such repository", 3), places=(APP,)
)


def report(*rows: GateRow, general: tuple[GateFinding, ...] = ()) -> GateReport:
    """Return a run over these rows."""
    return GateReport(POLICY, rows, general, "2026-11-30", "0.1.0")


REPORTS: dict[str, GateReport] = {
    "passed": report(PASSED),
    "failed": report(PASSED, FAILED),
    "waived": report(ACCEPTED),
    "not judged": report(PASSED, UNSEEN, MISSING),
    "all": report(PASSED, FAILED, ACCEPTED, UNSEEN, MISSING, general=(EXPIRED,)),
    "general": report(PASSED, general=(EXPIRED, replace(EXPIRED, rule="waiver.unused", severity="warning"))),
    "nothing": report(),
}

WORDS = (
    *HOSTILE_TEXTS,
    "\n::error file=a::x\r\n::stop-commands::t",
    "%0A::error::x%",
    "##[error]x ##vso[task.setvariable variable=a]x",
    "]]><!-- --><failure message='x'/>",
    "nul \0 ffff \uffff escape \x1b[31m",
    "{0} {1:x} [a](1) [b](https://evil.example)",
    "</details></td></table>",
    "M" * 1_000_000,
)


def hostile(word: str, number: int = 0) -> GateReport:
    """Return a run in which every text that may be a stranger's is the word."""
    message, word = word, word[:10_000]
    url = HOSTILE_URLS[number % len(HOSTILE_URLS)]
    where = (Where(word, word, word, (1, 2), word, word, word, url), Where(word, None, word, url=word))
    waived = Waived(word, word, word, word)
    severities: tuple[Severity, ...] = ("error", "warning", "note")
    found = [GateFinding(word, severity, message, where) for severity in severities]
    found += [replace(one, waived=waived) for one in found]
    spot = Place(word, 7, 3, word)
    found += [replace(one, at=spot) for one in found]
    card = replace(CHAT, model=word, revision=word, commit=word, label=replace(CHAT.label, name=word))
    policy = PolicyTold(word, word, ((word, word), ("min-label", word)))
    rows = (
        GateRow(Adoption(word, word, (spot, spot)), card, in_order(found)),
        GateRow(Adoption(word, word, (spot,)), Failure(word, word, word, message, 3), in_order(found)),
        GateRow(Adoption(word), replace(card, incomplete=True), (GateFinding("not-judged", "error", word, where),)),
        GateRow(Adoption(word), card, (found[1],)),
    )
    return GateReport(policy, rows, in_order(found), word, word)


_TEXT = st.text(max_size=12) | st.sampled_from([word for word in WORDS if len(word) < 500])
_PLACES = st.lists(
    st.builds(Place, st.text(min_size=1, max_size=12), st.integers(1, 9999), st.integers(1, 200), _TEXT, st.booleans()),
    max_size=3,
).map(tuple)
_AT = st.none() | st.builds(Place, st.text(min_size=1, max_size=12), st.integers(1, 9999))
_FINDINGS = st.lists(
    st.builds(
        GateFinding,
        st.sampled_from(["min-label", "OSD-6/weights", "use.sell", "conflict.tag-text", "not-judged", "lock.unlocked"])
        | _TEXT,
        st.sampled_from(["error", "warning", "note"]),
        _TEXT,
        st.sampled_from([(), (place(),), (place("README.md"), place())]),
        st.none() | st.builds(Waived, _TEXT, _TEXT, _TEXT, _TEXT),
        _AT,
    ),
    max_size=4,
)


@st.composite
def reports(draw: st.DrawFn) -> GateReport:
    """Runs of up to nine models of different names, with any findings."""
    rows = []
    for number in range(draw(st.integers(0, 9))):
        name = f"org-{number}/model"
        judged: Scorecard | Failure = replace(EMPTY, model=name)
        if draw(st.integers(0, 4)) == 0:
            judged = Failure(name, None, "missing", draw(_TEXT), draw(st.sampled_from([2, 3])))
        found = in_order(draw(_FINDINGS))
        rows.append(GateRow(Adoption(name, draw(st.none() | st.just("main")), draw(_PLACES)), judged, found))
    return report(*rows, general=in_order(draw(_FINDINGS)))
