"""The policy: what is misspelt never passes, and what is added to a model never turns a failing gate green."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import CANDIDATE, CHAT, DAMAGED, PROBED, TINY

from osaudit.cli import policy as policy_command
from osaudit.cli import run as main
from osaudit.cli.looking import Looking
from osaudit.cli.many import tell_budget
from osaudit.errors import UsageError
from osaudit.gate.assess import assess
from osaudit.gate.conditions import SETTINGS, Conditions
from osaudit.gate.findings import Adoption, GateFinding, GateReport, GateRow, Place, PolicyTold, worst_exit
from osaudit.gate.kinds import CONFLICTS, RISKS
from osaudit.gate.policy import CONDITION_KEYS, KEYS, READY, Policy, parse_policy, ready_made
from osaudit.gate.waivers import UNWAIVABLE, Waiver, read_waivers, waive, wrong_waivers
from osaudit.licences.grants import load_vocabulary
from osaudit.licences.table import load_table
from osaudit.verdict import Failure, Finding, Scorecard, UseAnswer

COMMIT = "0" * 40


def policy(text: str) -> Policy:
    return parse_policy(text.encode(), "osaudit.toml")


def fails(card: Scorecard, asked: Policy, **more: Any) -> set[str]:
    return {one.rule for one in assess(card, asked, load_table(), **more) if one.fails}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[gate]\nmin-lable = "open-weights"', "line 2: [gate] has no key 'min-lable': is 'min-label' meant?"),
        ('[gate]\nmin-label = "open-weight"', "line 2: 'min-label' takes no 'open-weight': is 'open-weights' meant?"),
        ('[gate]\nmin-basis = "text"', "line 2: 'min-basis' takes no 'text'"),
        ('[gate]\n\nallow = ["apache2"]', "line 3: 'allow': no licence is named 'apache2': is 'apache-2.0' meant?"),
        ('[gate]\ndeny = ["flag:non-comercial"]', "is 'flag:non-commercial' meant?"),
        ('[gate]\nfail-on = "OSD-66"', "line 2: 'fail-on': 'OSD-66' is no criterion"),
        ('[gate]\nuses = ["sel"]', "line 2: 'uses' takes no 'sel': is 'sell' meant?"),
        ('[gate.adopter]\nteritory = "DE"', "'teritory' is not known: did you mean territory?"),
        ('[gate]\nadopter = "me.yaml"', "write [gate.adopter]"),
        ('[gate]\nextends = "osi"', "no ready-made policy is called 'osi'"),
        ('[gate]\nconflicts = ["tag-txt"]', "is 'tag-text' meant?"),
        ('[gate]\nrisks = ["no-license"]', "is 'no-licence' meant?"),
        ('[gate]\nmax-age = "ten"', "takes days"),
        ("[gate]\nfail-under = true", "takes a number from 0 to 100"),
        ("[gate]\nfail-under = 101", "takes a number from 0 to 100"),
        ('[gate]\nunknown = "ignore"', "it is one of fail, warn"),
        ('[gate]\npickle-only = "yes"', "it is one of fail, warn, ignore"),
        ('[gate]\nattested-any-commit = "no"', "takes true or false"),
        ('[gate]\nattested = "unsigned"', "'attested' takes one of signed, any, none"),
        ('[gate]\npacks = ["osiad"]', "is 'osaid' meant?"),
        ('[[gate.overrides]]\nmodels = "a/*"\nmin-label = "open-weights"', "an override says why"),
        ('[[gate.overrides]]\nreason = "x"\nmin-label = "open-weights"', "an override names its models"),
        ('[[gate.overrides]]\nmodels = "a/*"\nreason = "x"', "an override changes a condition"),
        ('[[gate.overrides]]\nmodels = "a/*"\nreason = "x"\nadopter = 1', "has no key 'adopter'"),
        ("[gates]\nfail-under = 1", "holds no policy"),
        ("gate = 1", "holds no policy"),
        ("[gate", "is not readable TOML"),
    ],
)
def test_what_is_wrong_is_told_in_one_line_with_its_place(text: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        policy(text)
    assert told in str(caught.value)
    assert str(caught.value).startswith("osaudit.toml")
    assert "\n" not in str(caught.value)


@given(key=st.sampled_from(KEYS), at=st.integers(0, 30), letter=st.sampled_from("abxyz-_"))
def test_no_misspelt_key_passes(key: str, at: int, letter: str) -> None:
    word = key[: at % (len(key) + 1)] + letter + key[at % (len(key) + 1) :]
    if word not in KEYS:
        with pytest.raises(UsageError, match="has no key"):
            policy(f'[gate]\nmin-label = "open-weights"\n"{word}" = "x"')


@pytest.mark.parametrize("name", READY)
def test_a_ready_made_policy_demands_and_says_what(name: str) -> None:
    made = ready_made(name)
    assert made.demands
    assert made.source == name
    assert all(key and words for key, words in made.told.conditions)
    assert policy(f'[gate]\nextends = "{name}"').given == made.given


def test_the_commands_know_the_same_ready_made_policies() -> None:
    assert policy_command.READY == READY


def test_the_hash_is_of_what_is_asked_not_of_how_it_is_written() -> None:
    one = policy('[gate]\nmin-label = "open-weights"\nfail-under = 60')
    two = policy('# words\n[gate]\nfail-under = 60.0\nmin-label   = "open-weights"')
    assert one.sha256 == two.sha256
    assert one.sha256 != policy('[gate]\nmin-label = "open-weights"\nfail-under = 61').sha256


def test_every_kind_that_a_check_writes_can_be_named() -> None:
    root = Path(__file__).parent.parent / "osaudit"
    words = " ".join(path.read_text("utf-8") for room in ("checks", "attest") for path in (root / room).glob("*.py"))
    written = set(re.findall(r'Finding\(\s*"([a-z-]+)"', words))
    assert written - {"not-known"} <= {*CONFLICTS, *RISKS}


def with_conflict(card: Scorecard, draw: Random) -> Scorecard:
    kind = draw.choice(CONFLICTS)
    return replace(card, conflicts=(*card.conflicts, Finding(kind, "They differ.")))


def with_risk(card: Scorecard, draw: Random) -> Scorecard:
    kind = draw.choice(RISKS)
    return replace(card, risks=(*card.risks, Finding(kind, "It is so.")))


def with_review(card: Scorecard, draw: Random) -> Scorecard:
    """What passed is open."""
    chosen = {at for at in range(len(card.verdicts)) if draw.random() < 0.5}
    open_ = {"pass", "partial"}
    verdicts = tuple(
        replace(v, answer=replace(v.answer, outcome="review")) if at in chosen and v.answer.outcome in open_ else v
        for at, v in enumerate(card.verdicts)
    )
    low = min(card.score.low, draw.uniform(0, 100))
    return replace(card, verdicts=verdicts, score=replace(card.score, low=low))


def with_unknown_use(card: Scorecard, draw: Random) -> Scorecard:
    use = draw.choice(sorted(load_vocabulary().uses))
    asked = UseAnswer(use, "not-known", "Nobody knows.", (), (), "inferred")
    return replace(card, uses=(*(one for one in card.uses if one.use != use or one.answer == "no"), asked))


def incomplete(card: Scorecard, _: Random) -> Scorecard:
    return replace(card, incomplete=True)


def undetermined(card: Scorecard, _: Random) -> Scorecard:
    return replace(card, label=replace(card.label, determined=False))


def untried(card: Scorecard, draw: Random) -> Scorecard:
    """What the probe saw is seen no more."""
    if card.probe is None or any(one.failure == "timeout" for one in card.probe.levels):
        return card
    if draw.random() < 0.5:
        return replace(card, probe=None)
    levels = tuple(replace(one, outcome="not_attempted", failure="timeout") for one in card.probe.levels)
    return replace(card, probe=replace(card.probe, levels=levels))


def undated(card: Scorecard, _: Random) -> Scorecard:
    return replace(card, collected_at="")


def without_licence(card: Scorecard, draw: Random) -> Scorecard:
    """A licence that was known is known no more."""
    part = draw.choice([name for name, _ in card.licences])
    unknown = replace(dict(card.licences)[part], key=None, spdx=None, name="an unknown licence", settled=False)
    return replace(card, licences=tuple((name, unknown if name == part else one) for name, one in card.licences))


def closed_and_lost(card: Scorecard, draw: Random) -> Scorecard:
    """What was seen to fail, or to be closed, is open now."""
    if draw.random() < 0.5:
        uses = tuple(replace(one, answer="not-known") if one.answer == "no" else one for one in card.uses)
        return replace(card, uses=uses)
    lost = {"fail": "review", "not_applicable": "review"}
    verdicts = tuple(
        replace(v, answer=replace(v.answer, outcome=lost.get(v.answer.outcome, v.answer.outcome)))
        for v in card.verdicts
    )
    return replace(card, verdicts=verdicts)


ADDED = (with_conflict, with_risk, with_review, with_unknown_use, incomplete, undetermined, untried, undated)
"""What is added to what was seen."""

LOST = (without_licence, closed_and_lost)
"""What was seen to be bad, and is not known now: `unknown = "warn"` says that this is to be told alone."""

TABLES = {
    "min-label": ["weights-available", "open-weights", "open-source-ai"],
    "min-basis": ["licence-text", "declared-by-publisher"],
    "fail-under": [1, 30, 99],
    "fail-on": [["OSD-1", "OSD-6/licence"], ["OSD-2/data"], ["OSD-10"]],
    "allow": [["apache-2.0"], ["category:Permissive"]],
    "deny": [["flag:non_commercial"], ["apache-2.0"], ["category:RAIL"]],
    "uses": [["sell", "run"], ["train-on-outputs"]],
    "conflicts": ["fail", ["tag-text"], "warn"],
    "risks": ["fail", ["no-licence"], "warn"],
    "pickle-only": list(SETTINGS),
    "remote-code": list(SETTINGS),
    "gated": list(SETTINGS),
    "unpinned": list(SETTINGS),
    "unresolved": list(SETTINGS),
    "probe": ["structure", "infers"],
    "max-age": ["1d", "400d"],
    "unknown": ["fail", "warn"],
}
"""Values for each key that sets a condition."""

Step = Callable[[Scorecard, Random], Scorecard]
STEPS = {step.__name__: step for step in (*ADDED, *LOST)}
RANK = {"pass": 0, "fail": 1, "error": 2}
CARDS = (TINY, CHAT, CANDIDATE, PROBED, DAMAGED)
ADOPTIONS = (None, Adoption("acme/tiny-lm"), Adoption("acme/tiny-lm", None, (Place("app.py", 3, pinned=True),)))


def test_each_condition_is_among_those_that_are_tried() -> None:
    assert set(TABLES) == set(CONDITION_KEYS)
    for key, values in TABLES.items():
        for value in values:
            policy(f"[gate]\n{key} = {json.dumps(value)}")


def written(table: Mapping[str, Any]) -> str:
    return "[gate]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())


ASKED = st.one_of(
    st.sampled_from([f'[gate]\nextends = "{name}"' for name in READY]),
    st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in TABLES.items()}).map(written),
)


def result_of(card: Scorecard, asked: Policy, adoption: Adoption | None) -> str:
    found = assess(card, asked, load_table(), adoption, "2026-11-30")
    return GateRow(adoption or Adoption(card.model), card, found).result


@settings(max_examples=300)
@given(
    which=st.integers(0, len(CARDS) - 1),
    text=ASKED,
    adopted=st.integers(0, len(ADOPTIONS) - 1),
    named=st.lists(st.sampled_from([*STEPS]), min_size=1, max_size=5),
    seed=st.integers(0, 2**32),
)
def test_what_is_added_turns_no_failing_gate_green(
    which: int, text: str, adopted: int, named: list[str], seed: int
) -> None:
    card, adoption, steps = CARDS[which], ADOPTIONS[adopted], [STEPS[name] for name in named]
    asked, draw = policy(text), Random(seed)  # noqa: S311 - what is tried, and no secret
    before = result_of(card, asked, adoption)
    for step in steps:
        if step in LOST and asked.conditions.unknown == "warn":
            continue
        card = step(card, draw)
        after = result_of(card, asked, adoption)
        assert (before == "pass") or (after != "pass"), (text, step)
        if step in ADDED:
            assert RANK[after] >= RANK[before], (text, step)
        before = after


@pytest.mark.parametrize("key", [key for key in TABLES if key not in {"unknown", "unresolved"}])
def test_each_condition_can_fail_a_model(key: str) -> None:
    """So that the property above is about all of them: `unresolved` is about places, `unknown` about the others."""
    cards = [*CARDS, *(replace(card, collected_at="2020-01-01") for card in CARDS)]
    cards += [replace(card, label=replace(card.label, basis="inferred")) for card in CARDS]
    cards += [replace(TINY, risks=(Finding(kind, "It is so."),)) for kind in ("pickle-only", "remote-code", "gated")]
    values = TABLES[key] if key != "unpinned" else ["fail"]
    failing = [
        result_of(card, policy(f'[gate]\nunpinned = "ignore"\n{key} = {json.dumps(value)}'), None)
        if key != "unpinned"
        else result_of(card, policy('[gate]\nunpinned = "fail"'), ADOPTIONS[1])
        for card in cards
        for value in values
    ]
    assert {"fail", "error"} & set(failing)


def test_what_is_open_to_review_fails_unless_it_is_to_warn() -> None:
    asked = '[gate]\nfail-on = ["OSD-1/data"]'
    assert fails(CHAT, policy(asked)) == {"OSD-1/data"}
    assert fails(CHAT, policy(asked + '\nunknown = "warn"')) == set()


def test_an_override_is_for_its_models_alone() -> None:
    text = f'[gate]\nfail-under = 99\n[[gate.overrides]]\nmodels = "{CHAT.model}"\nreason = "signed"\nfail-under = 1'
    assert fails(CHAT, policy(text)) == set()
    assert fails(TINY, policy(text)) == {"fail-under"}


def test_evidence_may_be_so_old() -> None:
    card = replace(TINY, collected_at="2026-01-01T00:00:00Z")
    asked = policy('[gate]\nmax-age = "30d"')
    assert fails(card, asked, today="2026-01-31") == set()
    assert fails(card, asked, today="2026-02-01") == {"max-age"}
    assert fails(replace(card, collected_at=""), asked, today="2026-02-01") == {"max-age"}


def test_a_model_without_a_commit_is_told_where_it_stands() -> None:
    asked = policy('[gate]\nunpinned = "fail"')
    loose, firm = Place("app.py", 3), Place("app.py", 9, pinned=True)
    assert fails(TINY, asked, adoption=Adoption(TINY.model, None, (firm,))) == set()
    assert fails(TINY, asked, adoption=Adoption(TINY.model, None, (firm, loose))) == {"unpinned"}
    assert fails(TINY, asked, adoption=Adoption(TINY.model)) == {"unpinned"}
    assert fails(TINY, asked, adoption=Adoption(TINY.model, COMMIT)) == set()
    assert fails(TINY, asked, adoption=Adoption("./folder")) == set()


@pytest.mark.parametrize(
    ("codes", "code"), [([], 0), ([0, 0], 0), ([0, 1], 1), ([1, 3, 0], 3), ([3, 2, 1], 2), ([0, 141], 3)]
)
def test_the_worst_code_is_that_of_the_run(codes: list[int], code: int) -> None:
    assert worst_exit(codes) == code


def test_a_failure_outranks_what_fails() -> None:
    told = PolicyTold("p", "0" * 64, ())
    failing = GateRow(Adoption("a/b"), TINY, (GateFinding("x", "error", "m"),))
    lost = GateRow(Adoption("a/c"), Failure("a/c", None, "missing", "gone", 3))
    wrong = GateRow(Adoption("a/d"), Failure("a/d", None, "usage", "no id", 2))
    assert GateReport(told, (failing,)).exit == 1
    assert GateReport(told, (failing, lost)).exit == 3
    assert GateReport(told, (failing, lost, wrong)).exit == 2
    assert GateReport(told, (), (GateFinding("waiver.broad", "error", "m"),)).exit == 1


def waiver(**fields: str) -> Waiver:
    known = {
        "id": "w", "rule": "x", "model": "acme/*", "commit": "any", "owner": "o", "reason": "r",
        "evidence": "https://e.example/", "expires": "2999-01-01",
    }  # fmt: skip
    return Waiver(**{**known, **fields})


FOUND = (GateFinding("x", "error", "m"), GateFinding("min-label", "error", "m"))


@pytest.mark.parametrize(
    ("fields", "counts", "told"),
    [
        ({}, True, set()),
        ({"model": "other/*"}, False, {"waiver.unused"}),
        ({"commit": "1" * 40}, False, {"waiver.unused"}),
        ({"commit": COMMIT}, True, set()),
        ({"expires": ""}, False, {"waiver.broad"}),
        ({"model": "*"}, False, {"waiver.broad"}),
        ({"model": "*/*"}, False, {"waiver.broad"}),
        ({"model": "[a-z]*/*"}, False, {"waiver.broad"}),
        ({"model": "a*"}, False, {"waiver.broad"}),
        ({"rule": "min-label"}, False, {"waiver.broad"}),
        ({"rule": "*"}, False, {"waiver.broad"}),
        ({"expires": "2026-01-01"}, False, set()),
    ],
)
def test_a_waiver_counts_for_what_it_names_alone(fields: dict[str, str], counts: bool, told: set[str]) -> None:  # noqa: FBT001 - a parameter of the test
    one = waiver(**fields)
    marked, used = waive(FOUND, (one,), "acme/m", COMMIT, "2026-06-01")
    assert any(finding.waived for finding in marked) is counts
    assert {finding.rule for finding in wrong_waivers((one,), used, "2026-06-01", ("acme/m", "other/m"))} == told
    assert {finding.rule for finding in marked if finding.fails} >= {"min-label"}
    assert ("waiver.expired" in {finding.rule for finding in marked}) is (one.expires == "2026-01-01")


def test_a_waiver_knows_where_it_stands() -> None:
    rest = "rule: x, model: a/b, commit: any, owner: o, reason: r, evidence: 'https://e.example/', expires: ''"
    text = f"# words\nwaivers:\n  - {{id: a, {rest}}}\n\n  - {{id: b, {rest}}}\n"
    made = read_waivers(text.replace(", expires: ''", "").encode(), "waivers.yaml")
    assert [(one.at.path, one.at.line) for one in made if one.at] == [("waivers.yaml", 3), ("waivers.yaml", 5)]
    [broad, _] = wrong_waivers(made, frozenset(), "2026-01-01", ())
    assert broad.at == made[0].at


@pytest.mark.parametrize("rule", UNWAIVABLE)
def test_no_waiver_is_for_the_whole_verdict(rule: str) -> None:
    assert waiver(rule=rule).broad


@pytest.mark.parametrize(
    "text",
    [
        "",
        "waivers: 1",
        "waivers: [{id: a}]",
        "wavers: []",
        "- a",
        "waivers: [{id: a, id: b}]",
        "waivers:\n  - {id: a, x: y}",
    ],
)
def test_what_is_no_waiver_file_is_told(text: str) -> None:
    with pytest.raises(UsageError, match=r"^waivers\.yaml"):
        read_waivers(text.encode(), "waivers.yaml")


def test_a_gate_without_a_condition_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["gate", "acme/m"]) == 2
    assert "no policy is there" in capsys.readouterr().err
    (tmp_path / "osaudit.toml").write_text('[gate]\nunpinned = "warn"\n', encoding="utf-8")
    assert main(["gate", "acme/m"]) == 2
    assert "asks for nothing" in capsys.readouterr().err
    (tmp_path / "osaudit.toml").write_text('[gate]\nmin-labl = "open-weights"\n', encoding="utf-8")
    for command in ("gate", "audit", "may"):
        assert main([command, "acme/m"]) == 2
        assert "line 2: [gate] has no key 'min-labl': is 'min-label' meant?" in capsys.readouterr().err


def test_a_policy_is_explained_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["policy", "init", "osi-strict"]) == 0
    assert main(["policy", "init"]) == 2, "nothing is overwritten"
    capsys.readouterr()
    assert main(["policy", "explain"]) == 0
    assert "the label is Open Weights or better" in capsys.readouterr().out
    keys = set(re.findall(r"^# ([a-z-]+) = ", (tmp_path / "osaudit.toml").read_text("utf-8"), re.MULTILINE))
    assert keys >= {*CONDITION_KEYS} - {"uses"}


def test_the_defaults_of_a_policy_ask_for_nothing() -> None:
    assert not Conditions().demands


@pytest.mark.parametrize(
    ("models", "token", "told"),
    [
        (500, "", ""),
        (501, "", "the Hub allows 500 in 5 minutes (HF_TOKEN raises it to 1,000): this run waits about 5 minutes"),
        (1000, "hf_x", ""),
        (2500, "hf_x", "the Hub allows 1,000 in 5 minutes: this run waits about 10 minutes"),
    ],
)
def test_a_run_over_the_hubs_limit_is_told_before_it_begins(
    models: int, token: str, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("osaudit.sources.client.request_headers", lambda: {"authorization": token} if token else {})
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    tell_budget(models, Looking())
    err = capsys.readouterr().err
    assert told in err if told else not err
    tell_budget(models, Looking(quiet=True))
    tell_budget(models, Looking(offline=True))
    assert not capsys.readouterr().err
