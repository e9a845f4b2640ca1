"""What a model may be put to: twelve licences against a reading of their texts, the adopter's facts, and the laws."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from evidence_builder import evidence_of
from hypothesis import given
from made_evidence import cases

from osaudit.adopter import Adopter
from osaudit.judge import judge
from osaudit.licences.grants import load_vocabulary
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.uses import STRENGTH, at_least
from osaudit.verdict import Scorecard, UseAnswer

TABLE = yaml.safe_load(Path(__file__).with_name("uses_table.yaml").read_text("utf-8"))
SECOND = yaml.safe_load(Path(__file__).with_name("uses_second_reading.yaml").read_text("utf-8"))
REASONS = {
    "duties", "territory", "failing-cell", "open-cell", "conflicting-clauses", "not-allowing", "carried", "applying",
    "read-again",
}  # fmt: skip
NAMES = tuple(load_vocabulary().uses)
OPEN = {"yes", "yes-if"}


def judged(adopter: Adopter | None = None, **case: Any) -> Scorecard:
    return judge(evidence_of(case), load_pack(), load_table(), adopter=adopter or Adopter())


def by_text(key: str, adopter: Adopter | None = None, **case: Any) -> Scorecard:
    return judged(adopter, texts=[{"path": "LICENSE", "keys": [key]}], **case)


def use(card: Scorecard, name: str) -> UseAnswer:
    return next(answer for answer in card.uses if answer.use == name)


@pytest.mark.parametrize("key", TABLE)
def test_uses_agree_with_a_reading_of_the_text(key: str) -> None:
    card = by_text(key)
    assert {answer.use: answer.answer for answer in card.uses} == TABLE[key]["uses"]


@pytest.mark.parametrize("key", TABLE)
def test_duties_and_risks_agree_with_a_reading_of_the_text(key: str) -> None:
    card = by_text(key)
    assert {duty.kind for duty in card.obligations} == set(TABLE[key]["duties"])
    assert {risk.kind for risk in card.risks} == set(TABLE[key]["risks"])


@pytest.mark.parametrize("key", TABLE)
def test_a_second_reader_agrees_but_for_what_is_explained(key: str) -> None:
    ours, theirs = TABLE[key], SECOND[key]
    other = {use for use in NAMES if ours["uses"][use] != theirs["uses"][use]}
    other |= {point for kind in ("duties", "risks") for point in set(ours[kind]) ^ set(theirs[kind])}
    assert other == set(theirs["differs"])
    assert set(theirs["differs"].values()) <= REASONS


def test_no_answer_says_more_than_a_second_reader_found() -> None:
    """What the reader held back on, and the table did not, is a conflict of clauses that the entry tells."""
    more = {(key, use) for key, row in TABLE.items() for use in NAMES if _bolder(row, SECOND[key], use)}
    assert more == {("flux-1-dev-nc", "outputs-commercial")}
    assert any("conflict" in note for note in load_table().by_key["flux-1-dev-nc"].notes)


def _bolder(ours: dict[str, Any], theirs: dict[str, Any], use: str) -> bool:
    order = ("no", "not-known", "yes-if", "yes")
    return order.index(ours["uses"][use]) > order.index(theirs["uses"][use])


def test_apache_by_tag_alone_says_so_and_can_be_refused() -> None:
    by_tag = judged(tag="apache-2.0")
    whole = {answer.use: answer for answer in by_text("apache-2.0").uses}
    assert {answer.basis for answer in whole.values()} == {"licence text"}
    for answer in by_tag.uses:
        assert (answer.answer, answer.basis) == (whole[answer.use].answer, "declared by publisher")
    assert {answer.answer for answer in at_least(by_tag.uses, "licence text")} == {"not-known"}
    assert at_least(tuple(whole.values()), "licence text") == tuple(whole.values())


def test_a_no_stays_a_no_on_whatever_basis() -> None:
    answers = at_least(judged(tag="cc-by-nc-4.0").uses, "licence text")
    assert next(answer.answer for answer in answers if answer.use == "sell") == "no"


@pytest.mark.parametrize(
    ("key", "facts", "name", "words"),
    [
        ("llama2", {"monthly_users": 800_000_000}, "sell", "700,000,000 monthly active users"),
        ("llama2", {"monthly_users": 800_000_000}, "evaluate", "2023-07-18"),
        ("tongyi-qianwen", {"monthly_users": 100_000_001}, "host", "100,000,000"),
        ("qwen-research", {}, "sell", "research or evaluation"),
        ("openrail++", {}, "barred-fields", "medical advice"),
        ("openrail++", {"fields": ("justice",)}, "barred-fields", "law enforcement"),
        ("stabilityai-community", {"revenue_usd": 1_000_001}, "run", "1,000,000 US dollars"),
        ("hunyuan-community", {"territory": ("DE",)}, "territory", "EU"),
        ("hunyuan-community", {"territory": ("EU",)}, "run", "EU"),
        ("hunyuan-3d-2.0", {"territory": ("KR",)}, "evaluate", "KR"),
        ("modified-mit-revenue-cap", {"revenue_usd": 300_000_000}, "sell", "20,000,000"),
        ("falcon-180b", {}, "host", "Hosting needs an agreement"),
        ("cc-by-nd-4.0", {}, "fine-tune-ship", "passed on"),
    ],
)
def test_the_adopters_facts_close(key: str, facts: dict[str, Any], name: str, words: str) -> None:
    answer = use(by_text(key, Adopter(**facts)), name)
    assert answer.answer == "no"
    assert words in answer.because


@pytest.mark.parametrize(
    ("key", "facts", "name", "answer"),
    [
        ("stabilityai-community", {"revenue_usd": 900_000}, "evaluate", "yes-if"),  # the policy is left to follow
        ("modified-mit-revenue-cap", {"revenue_usd": 19_000_000}, "run", "yes-if"),  # the cell fails all the same
        ("hunyuan-community", {"territory": ("JP",)}, "territory", "yes-if"),
        ("apache-2.0", {"territory": ("DE",)}, "territory", "yes"),
        ("cc-by-nc-4.0", {"kind": "research"}, "run", "yes-if"),
        ("cc-by-nc-4.0", {"kind": "company"}, "run", "no"),
        ("openrail++", {"fields": ("nuclear",)}, "barred-fields", "yes-if"),
        ("llama2", {"monthly_users": 10}, "sell", "yes-if"),  # counted on a day that is past
    ],
)
def test_the_adopters_facts_settle(key: str, facts: dict[str, Any], name: str, answer: str) -> None:
    assert use(by_text(key, Adopter(**facts)), name).answer == answer


def test_a_threshold_of_a_fixed_day_stays_a_condition() -> None:
    conditions = use(by_text("llama2", Adopter(monthly_users=10)), "sell").conditions
    assert any("2023-07-18" in condition for condition in conditions)
    settled = use(by_text("tongyi-qianwen", Adopter(monthly_users=10)), "sell").conditions
    assert not any("100,000,000" in condition for condition in settled)


def test_a_territory_that_is_not_named_lists_those_shut_out() -> None:
    assert "shut out EU" in " ".join(use(by_text("hunyuan-community"), "territory").conditions)
    assert "shut none out" in " ".join(use(by_text("apache-2.0"), "territory").conditions)


def test_a_kind_of_model_that_cannot_be_told_leaves_a_territory_open() -> None:
    answer = use(by_text("llama3.2", Adopter(territory=("FR",))), "territory")
    assert answer.answer in {"no", "not-known"}


def test_added_words_leave_it_open_even_where_the_cell_fails() -> None:
    said = [{"kind": "restriction", "value": "registration_required"}]
    card = by_text("llama2", statements=said)
    assert use(card, "host").answer == "not-known"
    assert "publisher-adds" in {duty.kind for duty in card.obligations}


def test_an_unknown_licence_says_not_known_and_lists_its_words() -> None:
    card = judged(texts=[{"path": "LICENSE", "restrictions": ["non_commercial"]}])
    assert {answer.answer for answer in card.uses} <= {"no", "not-known"}
    assert use(card, "sell").answer == "no"
    assert use(card, "evaluate").answer == "not-known"
    duty = next(duty for duty in card.obligations if duty.kind == "not-known")
    assert "words that restrict" in duty.because
    assert "not-known" in {risk.kind for risk in card.risks}


TRADE = ("run", "sell", "host", "outputs-commercial")


def unknown_base(*flags: str, name: str = "moss/reed-base", **rest: Any) -> dict[str, Any]:
    return {"name": name, "is": {"texts": [{"path": "LICENSE", "restrictions": list(flags)}], **rest}}


def test_words_of_a_bases_unknown_text_close_what_they_speak_of_and_leave_the_rest_unknown() -> None:
    card = by_text("apache-2.0", bases=[unknown_base("non_commercial")])
    assert {name for name in NAMES if use(card, name).answer == "no"} == set(TRADE)
    assert {use(card, name).answer for name in NAMES if name not in TRADE} == {"not-known"}
    mit = {"texts": [{"path": "LICENSE", "keys": ["mit"]}]}
    under = unknown_base("non_commercial", name="fern/reed-base")
    deeper = by_text("apache-2.0", bases=[{"name": "moss/reed", "is": {**mit, "bases": [under]}}])
    assert use(deeper, "sell").answer == "no"
    assert use(deeper, "evaluate").answer == "not-known"


def test_an_unknown_text_closes_the_passing_on_of_which_it_speaks() -> None:
    card = by_text("apache-2.0", bases=[unknown_base("no_redistribution")])
    assert {use(card, name).answer for name in ("redistribute", "fine-tune-ship", "quantise-ship")} == {"no"}
    own = judged(texts=[{"path": "LICENSE", "restrictions": ["no_redistribution"]}])
    assert use(own, "redistribute").answer == "no"
    assert use(own, "evaluate").answer == "not-known"


def test_a_known_licence_beside_an_unknown_one_closes_all_that_hangs_on_it() -> None:
    rail = {
        "name": "moss/wren",
        "is": {"texts": [{"path": "LICENSE", "keys": ["fair-noncommercial-research-license"]}]},
    }
    alone, both = (by_text("apache-2.0", bases=bases) for bases in ([rail], [rail, unknown_base("non_commercial")]))
    for name in NAMES:
        if use(alone, name).answer == "no":
            assert use(both, name).answer == "no", name


def test_what_bases_hand_down_is_merged_and_closes() -> None:
    base = {"name": "meta-llama/Llama-2-7b", "is": {"texts": [{"path": "LICENSE", "keys": ["llama2"]}]}}
    card = by_text("apache-2.0", bases=[base])
    assert use(card, "train-on-outputs").answer == "no"
    assert use(card, "run").answer == "yes-if"
    copies = [duty for duty in card.obligations if duty.kind == "include-licence"]
    assert len(copies) == 1
    assert "Apache" in copies[0].because
    assert "Llama 2" in copies[0].because


def assert_no_hasty_yes(card: Scorecard) -> None:
    assert tuple(answer.use for answer in card.uses) == NAMES
    for answer in card.uses:
        hung = {f"OSD-{number}" for number in load_vocabulary().uses[answer.use].hangs_on}
        outcomes = {
            v.answer.outcome for v in card.verdicts if v.criterion in hung and v.facet in {"weights", "licence"}
        }
        if answer.answer == "yes":
            assert not outcomes & {"fail", "review"}
        if answer.answer in OPEN:
            assert "review" not in outcomes
        assert bool(answer.conditions) == (answer.answer == "yes-if")
        assert answer.because
        assert answer.basis in STRENGTH


@given(cases)
def test_no_yes_where_a_cell_fails_or_is_open(case: dict[str, Any]) -> None:
    assert_no_hasty_yes(judged(**case))


@given(cases)
def test_facts_about_an_adopter_never_change_the_verdict(case: dict[str, Any]) -> None:
    nobody, large = judged(**case), judged(Adopter(territory=("DE",), monthly_users=10**10, revenue_usd=10**12), **case)
    assert replace(nobody, uses=()) == replace(large, uses=())
    for before, after in zip(nobody.uses, large.uses, strict=True):
        if before.answer in {"no", "not-known"} and before.use != "territory":
            assert after.answer in {"no", "not-known"}


def test_without_a_licence_no_use_is_open() -> None:
    card = judged()
    assert card.label.id == "unlicensed"
    assert {answer.answer for answer in card.uses} == {"no"}
