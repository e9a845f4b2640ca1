"""Laws of linked code, tried on made-up evidence: what is not tied to a model from its own side raises nothing."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from evidence_builder import COMMIT, evidence_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_evidence import cases, statements, texts

from osaudit.checks.case import build_case
from osaudit.evidence import Evidence, LinkedFile, LinkedRepository, ModelRef, Seen, TieSeen, Unknown, Where
from osaudit.judge import judge
from osaudit.label import RUNGS
from osaudit.licences.table import load_table
from osaudit.packs import load_packs
from osaudit.sources.linked import asks_for_code, is_open
from osaudit.verdict import Scorecard

EXAMPLES = max(40, int(os.environ.get("OSAUDIT_EXAMPLES", "0")) // 4)
ORDER = {"fail": 0, "review": 1, "partial": 2, "pass": 3}
MAIN, FURTHER = load_packs(("all",))
REPO = "github.com/else/code"
PARTS = ("training", "fine-tuning", "preprocessing", "evaluation", "inference", "settings", "data")

files = st.builds(
    lambda part, shown, named, folder: LinkedFile(
        part, Where(REPO, COMMIT, f"{folder}/{part}.py", (1, 1), quote="loss"), shown, named, folder
    ),
    st.sampled_from(PARTS),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["", "train"]),
)
readmes = st.fixed_dictionaries(
    {},
    optional={
        "texts": st.lists(texts, max_size=2),
        "statements": st.lists(statements, max_size=3),
        "unseen": st.just([{"what": "LICENSE.pdf", "why": "it may hold terms and is not a text file"}]),
    },
)


@st.composite
def repositories(draw: st.DrawFn, roles: tuple[str, ...]) -> LinkedRepository:
    role: Any = draw(st.sampled_from(roles))
    inner = replace(evidence_of(draw(readmes)), ref=ModelRef(REPO, kind="code"), source="git")
    tie = (TieSeen("owner", Where(REPO, COMMIT, "README.md")),) if role == "own" else ()
    return LinkedRepository(
        repo=REPO,
        address=f"https://{REPO}",
        where=(Where("acme/tiny-lm", COMMIT, "README.md", lines=(10, 10), quote="its words"),),
        named_as=draw(st.sampled_from([("training-code",), ("code",), ("fine-tuning-code", "code"), ("framework",)])),
        sure=draw(st.booleans()),
        role=role,
        evidence=draw(st.sampled_from([Seen(inner), Seen(inner), Unknown("its host did not answer")])),
        ties=tie,
        parts=tuple(draw(st.lists(files, max_size=6))),
        listed=9,
        whole=draw(st.booleans()),
    )


def cards_of(case: dict[str, Any], linked: LinkedRepository) -> tuple[Scorecard, Scorecard]:
    said = [*case.get("statements", ()), {"kind": "training-code", "value": linked.address, "confidence": "high"}]
    evidence = evidence_of({**case, "statements": said})
    return asked(evidence), asked(replace(evidence, linked=Seen((linked,))))


def asked(evidence: Evidence) -> Scorecard:
    return judge(evidence, MAIN, load_table(), FURTHER)


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(cases, repositories(("named", "other", "fork", "framework", "base")))
def test_what_is_not_tied_never_raises(case: dict[str, Any], linked: LinkedRepository) -> None:
    before, after = cards_of(case, linked)
    for one, other in zip(before.verdicts, after.verdicts, strict=True):
        known, now = one.answer.outcome, other.answer.outcome
        if now != "not_applicable" and known != "not_applicable":
            assert ORDER[now] <= ORDER[known], (one.pack, one.criterion, one.facet, other.answer.because)
        else:  # nothing to ask of counts 0 beside what is open, which may count 1
            assert (known, now) in {("not_applicable", "not_applicable"), ("review", "not_applicable")}
    assert after.score.low <= before.score.low
    assert after.score.high <= before.score.high
    assert RUNGS.index(after.label.id) <= RUNGS.index(before.label.id)
    assert RUNGS.index(after.label.at_best) <= RUNGS.index(before.label.at_best)


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(cases, repositories(("own",)))
def test_no_label_is_open_source_by_code_alone(case: dict[str, Any], linked: LinkedRepository) -> None:
    """Data that is not seen published needs a person: the two highest rungs are out of the reach of code."""
    before, after = cards_of(case, linked)
    if before.label.id != "open-source-ai" and "pass" not in {
        v.answer.outcome for v in before.verdicts if (v.pack, v.criterion, v.facet) == ("osd", "OSD-2", "data")
    }:
        assert RUNGS.index(after.label.id) <= RUNGS.index("open-weights")
    for verdict in after.verdicts:
        assert verdict.answer.outcome != "pass" or verdict.answer.where


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(cases, st.sampled_from(["training-code", "fine-tuning-code", "code", ""]))
def test_what_auto_looks_at_is_what_the_whole_scorecard_would_tell(case: dict[str, Any], kind: str) -> None:
    """A few cells tell what may be decided by code: those of the gate, of training, and the data's description."""
    said = [{"kind": kind, "value": f"https://{REPO}", "confidence": "high"}] if kind else []
    evidence = evidence_of({**case, "statements": [*case.get("statements", ()), *said]})
    card, read = judge(evidence, MAIN, load_table()), build_case(evidence, load_table())
    assert is_open(read, MAIN) == (RUNGS.index(card.label.id) >= RUNGS.index("open-weights"))
    left = {(v.criterion, v.facet) for v in card.verdicts if v.answer.outcome == "review"}
    assert asks_for_code(read, MAIN) == any(cell[1] == "training" or cell == ("OSD-2", "data") for cell in left)
