"""Attestations: a person's answer beside the machine's, never silent, never for another commit, and never forged."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml
from evidence_builder import COMMIT, evidence_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from made_evidence import cases
from program import ROOT, osaudit

from osaudit.attest.entries import Attestation, Attestations, parse_cell, read_attestations, write_attestations
from osaudit.attest.signature import NOT_SIGNED, check_signature
from osaudit.cli import run
from osaudit.cli.asking import read_given
from osaudit.codec import dump
from osaudit.errors import OsauditError, UsageError
from osaudit.judge import judge
from osaudit.label import RUNGS
from osaudit.licences.table import load_table
from osaudit.packs import load_packs
from osaudit.render.json import render_json
from osaudit.render.jsonread import scorecards_from_json
from osaudit.render.words import label_words
from osaudit.resources import data_path
from osaudit.verdict import Scorecard, Verdict

OPEN = {"tag": "apache-2.0", "library": "transformers", "pipeline": "text-generation"}
TODAY = "2026-11-23"
ENTRY: dict[str, Any] = {
    "id": "data-1",
    "model": "acme/tiny-lm",
    "commit": COMMIT,
    "cell": "OSD-2/data",
    "outcome": "pass",
    "reason": "The report names every source, and where it is",
    "evidence": "https://acme.example/report",
    "who": "A. Reader",
    "date": "2026-11-01",
    "expires": "2027-11-01",
}
SIGNS = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")


def read(*entries: dict[str, Any]) -> tuple[Attestation, ...]:
    rows = [{**ENTRY, "id": f"a{number}", **entry} for number, entry in enumerate(entries)]
    return read_attestations(yaml.safe_dump({"attestations": rows}).encode(), "attestations.yaml")


def given_(*entries: dict[str, Any], today: str = TODAY) -> Attestations:
    return Attestations(read(*entries), "attestations.yaml", "e" * 64, NOT_SIGNED, today)


def attested(
    case: dict[str, Any], *entries: dict[str, Any], packs: tuple[str, ...] = (), today: str = TODAY
) -> Scorecard:
    main, further = load_packs(packs)
    return judge(evidence_of(case), main, load_table(), further, given_(*entries, today=today))


def cell(card: Scorecard, name: str) -> Verdict:
    return next(v for v in card.verdicts if f"{v.criterion}/{v.facet}" == name)


def kinds(card: Scorecard) -> set[str]:
    found = (*card.conflicts, *card.risks)
    return {finding.kind for finding in found if finding.kind.startswith("attestation")}


# --- the file


def test_a_file_reads_and_is_written_as_it_was_read() -> None:
    entries = read({}, {"cell": "osaid:OSAID-DATA/data", "commit": "any", "evidence": f"sha256:{'a' * 64}"})
    assert [(e.pack, e.criterion, e.facet) for e in entries] == [
        ("", "OSD-2", "data"),
        ("osaid", "OSAID-DATA", "data"),
    ]
    assert read_attestations(write_attestations(entries).encode(), "again.yaml") == entries
    schema = json.loads(data_path("reports", "attestations.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)


def test_days_may_be_written_without_quotation_marks() -> None:
    text = "\n".join(f"    {key}: {value}" for key, value in ENTRY.items()).replace("    id", "  - id", 1)
    assert read_attestations(f"attestations:\n{text}\n".encode(), "a.yaml")[0].date == "2026-11-01"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"cell": "OSD-2"}, "cell"),
        ({"cell": "OSD-2/soul"}, "cell"),
        ({"commit": "main"}, "commit"),
        ({"commit": ""}, "commit"),
        ({"outcome": "perfect"}, "outcome"),
        ({"reason": "  "}, "reason"),
        ({"evidence": "trust me"}, "evidence"),
        ({"evidence": "sha256:123"}, "evidence"),
        ({"who": ""}, "who"),
        ({"date": "yesterday"}, "date"),
        ({"expires": "2026-10-01"}, "before the attestation's own date"),
        ({"expires": "2026-13-01"}, "expires"),
        ({"model": ""}, "model"),
        ({"extra": 1}, "'extra'"),
        ({"id": "a b"}, "id"),
    ],
)
def test_a_wrong_value_is_told_with_its_place(change: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(change)
    assert says in str(caught.value)
    assert str(caught.value).startswith("attestations.yaml")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("key", sorted(ENTRY))
def test_no_key_may_be_left_out(key: str) -> None:
    text = yaml.safe_dump({"attestations": [{name: value for name, value in ENTRY.items() if name != key}]})
    with pytest.raises(UsageError) as caught:
        read_attestations(text.encode(), "a.yaml")
    assert repr(key) in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "attestations",
        "attestations: 5",
        "- a",
        "{",
        "attestations: &a [*a]",
        "[" * 200_000,
        "attestations: !!python/object/apply:os.system [true]",
        "attestations: []\nattestations: []",
        "a" * 2_000_000,
        "\x00",
        "attestations:\n" + "- {}\n" * 3000,
    ],
    ids=range(13),
)
def test_hostile_yaml_is_told_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "attestations.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_given(str(path), None)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


def test_an_id_stands_once() -> None:
    with pytest.raises(UsageError, match="twice"):
        read({"id": "x"}, {"id": "x"})


def test_cells_are_parsed() -> None:
    assert parse_cell("OSD-2/data") == ("", "OSD-2", "data")
    assert parse_cell("g7:G7-OPEN-WEIGHTS.LICENCE/licence") == ("g7", "G7-OPEN-WEIGHTS.LICENCE", "licence")
    assert parse_cell("nothing") is None


# --- what an attestation does


def test_it_fills_a_review_and_keeps_the_machines_answer() -> None:
    linked = [{"kind": "training-code", "value": "https://code.example/acme/train"}]
    card = attested({**OPEN, "statements": linked}, {"cell": "OSD-2/training"})
    found = cell(card, "OSD-2/training")
    assert (found.answer.outcome, found.answer.basis) == ("pass", "attested")
    assert found.attestation is not None
    assert found.attestation.machine.outcome == "review"
    assert "A. Reader attests this" in found.answer.because
    assert found.answer.where[0].url == "https://acme.example/report"
    assert kinds(card) == {"attestation-unsigned"}
    assert card.attestations is not None
    assert card.attestations.signature == NOT_SIGNED


def test_it_overrides_with_both_verdicts_visible() -> None:
    card = attested(OPEN, {"outcome": "pass"}, {"cell": "OSD-6/licence", "outcome": "fail"})
    assert (cell(card, "OSD-2/data").answer.outcome, cell(card, "OSD-6/licence").answer.outcome) == ("pass", "fail")
    told = [finding.because for finding in card.conflicts if finding.kind == "attestation-overrides"]
    assert any("OSD-2/data: A. Reader attests pass, where the machine found fail" in words for words in told)
    assert any("OSD-6/licence: A. Reader attests fail, where the machine found pass" in words for words in told)
    assert card.label.id == "weights-available"


def test_both_halves_lift_the_candidate_and_one_does_not() -> None:
    both = attested(OPEN, {}, {"cell": "OSD-2/training"})
    assert (both.label.id, both.label.candidate) == ("open-source-ai", False)
    half = attested(OPEN, {})
    assert half.label.id == "open-weights"
    gate = attested({**OPEN, "gate": "manual"}, {}, {"cell": "OSD-2/training"})
    assert gate.label.id == "weights-available"


def test_data_that_the_machine_saw_is_a_candidate_until_a_person_attests_it() -> None:
    data = {"datasets": [{"name": "acme/corpus", "role": "pre-training", "is": {"tag": "cc0-1.0"}}]}
    seen = attested({**OPEN, **data}, {"cell": "OSD-2/training"})
    assert (seen.label.id, seen.label.candidate) == ("open-source-ai-open-data", True)
    told = attested({**OPEN, **data}, {}, {"cell": "OSD-2/training"})
    assert (told.label.id, told.label.candidate) == ("open-source-ai-open-data", False)


def test_a_description_that_a_person_accepts_does_not_make_open_data() -> None:
    every = [{"cell": f"OSD-{number}/data"} for number in (1, 2, 3, 5, 6)]
    card = attested(OPEN, *every, {"cell": "OSD-2/training"}, packs=("g7",))
    assert card.label.id == "open-source-ai"
    data = {"cell": "g7:G7-OPEN-DATA/data"}
    assert attested(OPEN, *every, {"cell": "OSD-2/training"}, data, packs=("g7",)).label.id == RUNGS[-1]


def test_a_licence_that_a_person_has_read_opens_the_rung_where_the_packs_cells_are_asked() -> None:
    """A text that is almost Apache-2.0 leaves every licence cell, and the approval, to a person."""
    case = {**OPEN, "tag": "apache-2.0", "texts": [{"key": "apache-2.0", "match": "variant"}]}
    main, _ = load_packs([])
    alone = judge(evidence_of(case), main, load_table())
    every = [{"cell": f"{v.criterion}/{v.facet}"} for v in alone.verdicts if v.answer.outcome == "review"]
    assert alone.label.id == "weights-available"
    approved = {"cell": "g7:G7-OPEN-WEIGHTS.LICENCE/licence"}
    assert attested(case, *every, packs=("g7",)).label.id == "weights-available"
    opened = attested(case, *every, approved, packs=("g7",))
    assert opened.label.id == "open-weights"
    unasked = attested(case, *every, approved)
    assert unasked.label.id == "weights-available"
    assert "attestation-unused" in kinds(unasked)


def test_one_answer_answers_the_same_question_of_every_pack() -> None:
    card = attested(OPEN, {}, {"cell": "OSD-2/training"}, packs=("all",))
    for name in ("OSAID-DATA/data", "G7-OPEN-SOURCE-AI.DATA/data", "OSAID-CODE/training"):
        assert cell(card, name).answer.outcome == "pass"
        assert cell(card, name).attestation is not None
    assert cell(card, "MOF-DATASETS/data").attestation is None
    results = {found.pack: found for found in card.results}
    assert results["osaid"].name == "Met"
    assert results["g7"].name == "Open Source AI (attested)"
    assert len([one for one in card.conflicts if one.kind == "attestation-overrides"]) == 2


def test_a_cell_of_one_pack_may_be_attested_alone() -> None:
    card = attested(OPEN, {"cell": "osaid:OSAID-DATA/data"}, packs=("osaid",))
    assert cell(card, "OSAID-DATA/data").answer.outcome == "pass"
    assert cell(card, "OSD-2/data").answer.outcome == "fail"
    assert cell(attested(OPEN, {"cell": "mof:OSD-2/data"}), "OSD-2/data").attestation is None


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ({"commit": "f" * 40}, "attestation-other-commit"),
        ({"date": "2024-01-01", "expires": "2025-01-01"}, "attestation-expired"),
        ({"date": "2026-11-24"}, "attestation-not-yet"),
        ({"cell": "mine:MINE-1/data"}, "attestation-unused"),
        ({"cell": "OSD-11/data"}, "attestation-unused"),
        ({"model": "acme/other"}, None),
        ({"model": "other/*"}, None),
        ({"model": "ACME/*"}, None),
    ],
)
def test_what_does_not_apply_changes_nothing_and_says_so(entry: dict[str, Any], kind: str | None) -> None:
    main, _ = load_packs([])
    plain, card = judge(evidence_of(OPEN), main, load_table()), attested(OPEN, entry)
    assert (card.verdicts, card.label, card.score) == (plain.verdicts, plain.label, plain.score)
    assert kinds(card) == ({kind} if kind else set())


@pytest.mark.parametrize("model", ["acme/*", "*/tiny-lm", "acme/tiny-??", "acme/tiny-lm"])
def test_a_glob_names_models_and_any_commit_has_to_be_said(model: str) -> None:
    assert cell(attested(OPEN, {"model": model, "commit": "any"}), "OSD-2/data").attestation is not None
    unknown = {**OPEN, "commit": "unknown"}
    assert cell(attested(unknown, {"model": model, "commit": "any"}), "OSD-2/data").attestation is not None
    assert cell(attested(unknown, {"model": model}), "OSD-2/data").attestation is None


@pytest.mark.parametrize(
    ("today", "counts"), [("2026-10-31", False), ("2026-11-01", True), ("2027-11-01", True), ("2027-11-02", False)]
)
def test_it_counts_from_its_date_to_its_last_day(today: str, counts: bool) -> None:  # noqa: FBT001 - a parameter
    assert (cell(attested(OPEN, {}, today=today), "OSD-2/data").attestation is not None) is counts


def test_persons_who_disagree_leave_the_machines_answer() -> None:
    card = attested(OPEN, {"who": "A"}, {"who": "B", "outcome": "partial"})
    assert cell(card, "OSD-2/data").answer.outcome == "fail"
    assert cell(card, "OSD-2/data").attestation is None
    assert kinds(card) == {"attestation-conflict"}
    agreeing = attested(OPEN, {"who": "A"}, {"who": "B"})
    assert cell(agreeing, "OSD-2/data").answer.outcome == "pass"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(case=cases, data=st.data())
def test_law_a_scorecard_with_attestations_reads_back_and_shows_both_answers(case: dict[str, Any], data: Any) -> None:
    main, further = load_packs(["all"])
    plain = judge(evidence_of(case), main, load_table(), further)
    chosen = data.draw(
        st.lists(st.sampled_from(plain.verdicts), max_size=4, unique_by=lambda v: (v.criterion, v.facet))
    )
    outcomes = st.sampled_from(["pass", "partial", "fail", "not_applicable", "review"])
    entries = [
        {"cell": f"{v.pack}:{v.criterion}/{v.facet}", "commit": "any", "model": "*", "outcome": data.draw(outcomes)}
        for v in chosen
    ]
    card = attested(case, *entries, packs=("all",))
    assert scorecards_from_json(render_json([card])) == (card,)
    for before, after in zip(plain.verdicts, card.verdicts, strict=True):
        if after.attestation is None:
            assert after == before
        else:
            assert after.attestation.machine == before.answer
            assert after.answer.basis == "attested"
    weak = {(v.pack, v.criterion, v.facet) for v in chosen if v.answer.outcome == "fail"}
    named = {(v.pack, v.criterion, v.facet) for v in chosen} - weak
    assert named <= {(v.pack, v.criterion, v.facet) for v in card.verdicts if v.attestation}
    assert RUNGS.index(card.label.id) <= RUNGS.index(card.label.at_best)


def test_an_old_scorecard_without_results_reads_back() -> None:
    main, _ = load_packs([])
    card = judge(evidence_of(OPEN), main, load_table())
    data = json.loads(render_json([card]))
    for key in ("results", "attestations"):
        del data[key]
    assert scorecards_from_json(json.dumps(data)) == (card,)


# --- signatures


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    """A folder with an attestation file, a key of its own, the signature, and an allowed-signers file."""
    (tmp_path / "attestations.yaml").write_text(yaml.safe_dump({"attestations": [ENTRY]}), encoding="utf-8")
    for key in ("key", "other"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "reader@acme.example", "-f", key]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
        public = (tmp_path / f"{key}.pub").read_text()
        (tmp_path / f"{key}.signers").write_text(f'reader@acme.example namespaces="osaudit" {public}')
    sign(tmp_path, "key")
    return tmp_path


def sign(folder: Path, key: str, namespace: str = "osaudit") -> None:
    (folder / "attestations.yaml.sig").unlink(missing_ok=True)
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", key, "attestations.yaml"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def check(folder: Path, signers: str | None = None) -> str:
    path = folder / "attestations.yaml"
    return check_signature(path, path.read_bytes(), folder / signers if signers else None)


@SIGNS
def test_a_signature_is_verified_and_its_signer_named(signed: Path) -> None:
    assert check(signed, "key.signers").startswith("signed by reader@acme.example with the ED25519 key SHA256:")
    assert "whose it is was not checked" in check(signed)
    (signed / "attestations.yaml.sig").unlink()
    assert check(signed) == check(signed, "key.signers") == NOT_SIGNED


@SIGNS
@pytest.mark.parametrize("how", ["changed", "other key", "other purpose", "garbage", "empty"])
def test_a_forged_signature_is_exit_3(signed: Path, how: str) -> None:
    signers = "key.signers"
    match how:
        case "changed":
            path = signed / "attestations.yaml"
            path.write_text(path.read_text().replace("outcome: pass", "outcome: fail"))
        case "other key":
            sign(signed, "other")
        case "other purpose":
            sign(signed, "key", "git")
        case "garbage":
            (signed / "attestations.yaml.sig").write_text("-----BEGIN SSH SIGNATURE-----\nnonsense\n")
        case _:
            (signed / "attestations.yaml.sig").write_text("")
    with pytest.raises(OsauditError) as caught:
        check(signed, signers)
    assert caught.value.exit_code == 3
    if how == "other key":
        assert "whose it is was not checked" in check(signed)
    else:
        with pytest.raises(OsauditError):
            check(signed)


@SIGNS
def test_nothing_is_judged_by_a_forged_file(signed: Path) -> None:
    path = signed / "attestations.yaml"
    path.write_text(path.read_text().replace("outcome: pass", "outcome: partial"))
    (signed / "evidence.json").write_text(dump(evidence_of(OPEN)), encoding="utf-8")
    done = osaudit("judge", "evidence.json", "--attestations", "attestations.yaml", "-o", "card.json", cwd=signed)
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1
    assert not (signed / "card.json").exists()


@SIGNS
def test_the_report_shows_the_signature_or_its_absence(signed: Path) -> None:
    (signed / "evidence.json").write_text(dump(evidence_of(OPEN)), encoding="utf-8")
    asked = (
        "judge",
        "evidence.json",
        "--attestations",
        "attestations.yaml",
        "-o",
        "card.json",
        "--signers",
        "key.signers",
    )
    assert osaudit(*asked, cwd=signed).returncode == 0
    assert "signed by reader@acme.example" in osaudit("report", "card.json", cwd=signed).stdout
    (signed / "attestations.yaml.sig").unlink()
    done = osaudit(*asked, cwd=signed)
    assert done.returncode == 0
    assert "is not signed" in done.stderr
    for form in ("text", "html", "markdown"):
        assert "not signed" in osaudit("report", "card.json", "--format", form, cwd=signed).stdout


@SIGNS
def test_without_ssh_keygen_a_signature_is_told_in_a_clear_line(signed: Path) -> None:
    (signed / "evidence.json").write_text(dump(evidence_of(OPEN)), encoding="utf-8")
    arguments = ("judge", "evidence.json", "--attestations", "attestations.yaml")
    done = osaudit(*arguments, cwd=signed, env={"PATH": str(signed)})
    assert done.returncode == 3
    assert "ssh-keygen is not installed" in done.stderr


# --- osaudit review


LINKED = {**OPEN, "statements": [{"kind": "training-code", "value": "https://code.example/acme/train"}]}
WAYS = ("--who", "A. Reader", "--expires", "2999-01-01")
ALL = ("--all", *WAYS)


Told: TypeAlias = tuple[int, str]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Told]:
    """The program in this process: its exit code, and what it told on stderr and stdout."""
    monkeypatch.chdir(tmp_path)

    def started(*arguments: str, answers: str = "", case: dict[str, Any] = LINKED) -> Told:
        (tmp_path / "evidence.json").write_text(dump(evidence_of(case)), encoding="utf-8")
        monkeypatch.setattr(sys, "stdin", io.StringIO(answers))
        code = run(list(arguments))
        return code, "".join(capsys.readouterr())

    return started


def entries() -> tuple[Attestation, ...]:
    return read_attestations(Path("attestations.yaml").read_bytes(), "a.yaml")


def test_review_walks_through_the_open_questions_and_writes_the_file(program: Callable[..., Told]) -> None:
    said = "skip\npass\nA. Reader\n2999-01-01\nI read all of it\n\nskip\nstop\n"
    code, told = program("review", "evidence.json", "--all", answers=said)
    assert code == 0, told
    assert "[2 of " in told
    assert "OSD-2/training" in told
    assert "Training code is linked, which was not looked into" in told
    [entry] = entries()
    assert (entry.cell, entry.outcome, entry.commit, entry.who) == ("OSD-2/training", "pass", COMMIT, "A. Reader")
    assert (entry.model, entry.expires, entry.reason) == ("acme/tiny-lm", "2999-01-01", "I read all of it")
    assert entry.evidence.startswith("https://huggingface.co/acme/tiny-lm/blob/")
    code, told = program("judge", "evidence.json", "--attestations", "attestations.yaml")
    found = {(v["criterion"], v["facet"]): v for v in json.loads(told)["verdicts"]}["OSD-2", "training"]
    assert (found["outcome"], found["attestation"]["machine"]["outcome"]) == ("pass", "review")


def test_review_adds_to_a_file_and_asks_again_what_it_is_told_to(program: Callable[..., Told]) -> None:
    assert program("review", "evidence.json", *ALL, answers="fail\nno\n\n")[0] == 0
    assert program("review", "evidence.json", "--cell", "OSD-2/data", *WAYS, answers="f\nyes\n\n")[0] == 0
    cells = [entry.cell for entry in entries()]
    assert (cells[0], cells[-1]) == ("OSD-1/training", "OSD-2/data")
    assert len({entry.reason for entry in entries()}) == 2  # one answer for every cell of the first question
    assert len(cells) > 3
    assert "OSD-1/training" not in program("review", "evidence.json", *ALL, answers="skip\n")[1]


def test_review_asks_again_for_what_it_cannot_read(program: Callable[..., Told]) -> None:
    said = "perhaps\nfail\n\nbecause\ntrust me\nhttps://acme.example/x\n"
    code, told = program("review", "evidence.json", *ALL, answers=said)
    assert code == 0, told
    assert "'perhaps' is none of" in told
    entry = entries()[0]
    assert (entry.reason, entry.evidence) == ("because", "https://acme.example/x")


def test_review_without_an_answer_writes_nothing(program: Callable[..., Told]) -> None:
    assert program("review", "evidence.json", *ALL, answers="stop\n")[0] == 0
    assert program("review", "evidence.json", *ALL, answers="")[0] in {0, 130}
    assert not Path("attestations.yaml").exists()
    Path("attestations.yaml").write_text("nonsense")
    assert program("review", "evidence.json", *WAYS, answers="stop\n")[0] == 2
    assert program("review", "evidence.json", "--expires", "1999-01-01", "-o", "b.yaml", answers="stop\n")[0] == 2


def test_review_leaves_out_what_cannot_change_the_label(program: Callable[..., Told]) -> None:
    code, told = program("review", "evidence.json", *WAYS)
    assert code == 0
    assert "cannot change the label" in told
    assert "nothing is open for a person" in told


def test_review_asks_of_the_labels_own_conditions(program: Callable[..., Told]) -> None:
    case = {**OPEN, "texts": [{"key": "apache-2.0", "match": "variant"}]}
    _, told = program("review", "evidence.json", "-o", "-", *WAYS, answers="skip\n" * 60, case=case)
    assert "G7-OPEN-WEIGHTS.LICENCE/licence" in told
    assert told.count("OSD-6/licence") == 1


AGAINST = "The written consent of the licensor for this use is on file with the legal department"


@pytest.mark.parametrize(
    ("entry", "stands"),
    [
        ({"reason": AGAINST}, False),
        ({"reason": "x", "overrides": "fail"}, False),
        ({"reason": AGAINST, "overrides": "fail"}, True),
    ],
)
def test_a_word_against_a_licence_text_says_so_and_why(entry: dict[str, Any], stands: bool) -> None:  # noqa: FBT001
    case = {**OPEN, "tag": "llama2", "texts": [{"key": "llama2"}]}
    card = attested(case, {"cell": "OSD-6/licence", **entry})
    found = cell(card, "OSD-6/licence")
    assert (found.answer.outcome == "pass") == stands
    assert ("attestation-needs-override" in kinds(card)) == (not stands)


def test_a_label_that_rests_on_a_persons_word_says_so() -> None:
    case = {**OPEN, "texts": [{"key": "apache-2.0", "match": "variant"}]}
    gate = [{"cell": f"OSD-{n}/{facet}"} for n in (1, 3, 5, 6, 7) for facet in ("weights", "licence")]
    names = [*gate, {"cell": "g7:G7-OPEN-WEIGHTS.LICENCE/licence"}]
    card = attested(case, *names, packs=("g7",))
    assert (card.label.id, card.label.basis) == ("open-weights", "attested")
    assert {one.machine for one in card.label.attested} == {"review"}
    assert label_words(card.label) == "Open Weights (attested)"
    assert not any(one.signed for one in card.label.attested)
    assert attested(OPEN).label.basis == "declared by publisher"
    assert label_words(attested(OPEN).label) == "Open Weights, on the publisher's word"


def test_a_file_for_another_commit_changes_nothing_in_the_command(program: Callable[..., Told]) -> None:
    row = {**ENTRY, "commit": "f" * 40}
    Path("a.yaml").write_text(yaml.safe_dump({"attestations": [row]}), encoding="utf-8")
    card = json.loads(program("judge", "evidence.json", "--attestations", "a.yaml", case=OPEN)[1])
    plain = json.loads(program("judge", "evidence.json", case=OPEN)[1])
    assert (card["verdicts"], card["label"]) == (plain["verdicts"], plain["label"])
    assert [risk["kind"] for risk in card["risks"]][-1] == "attestation-other-commit"
    assert program("judge", "evidence.json", "--attestations", "none.yaml", case=OPEN)[0] == 2


def test_the_day_comes_from_outside(program: Callable[..., Told], monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.yaml").write_text(yaml.safe_dump({"attestations": [ENTRY]}), encoding="utf-8")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "4102444800")
    late = json.loads(program("judge", "evidence.json", "--attestations", "a.yaml", case=OPEN)[1])
    assert late["attestations"]["as_of"] == "2100-01-01"
    assert late["risks"][-1]["kind"] == "attestation-expired"


def test_the_documents_example_is_a_file_that_reads() -> None:
    page = (ROOT / "docs" / "definitions.md").read_text(encoding="utf-8")
    [example] = re.findall(r"^```yaml attestations.yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    [entry] = read_attestations(example.encode(), "attestations.yaml")
    assert entry.state("acme/tiny-lm", COMMIT, TODAY) == "applies"


def test_signers_without_attestations_is_wrong_usage(program: Callable[..., Told]) -> None:
    code, told = program("judge", "evidence.json", "--signers", "evidence.json")
    assert (code, "--attestations" in told) == (2, True)


def test_an_entry_is_frozen() -> None:
    [entry] = read({})
    assert replace(entry, who="B").who == "B"
    with pytest.raises(AttributeError):
        entry.who = "C"  # type: ignore[misc]
