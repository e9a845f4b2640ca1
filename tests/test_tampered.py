"""Saved files that were changed: reading computes again what can be computed, and says what cannot."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hub.repos import Weights
from hub.server import LoopbackHub

from osaudit.cli import run as run_here
from osaudit.cli.demo import RECORDS, load_records
from osaudit.holding import misfits
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack, pack_ids
from osaudit.verdict import LADDER, LabelId

TERMS = "# Acme terms\n\nYou may use the model for research only. Commercial use of any kind is prohibited.\n" * 8
MODEL = {
    "README.md": "---\nlicense: other\n---\n# A model\n",
    "LICENSE": TERMS,
    "model.safetensors": Weights(),
    "config.json": "{}",
}
CARD = "---\nlicense: apache-2.0\nlibrary_name: transformers\n---\n# A model\n"
CONFIG = '{"model_type": "bert", "architectures": ["BertModel"]}'
Change = Callable[[Any], None]


def published(card: str) -> dict[str, str | Weights]:
    return {"README.md": card, "model.safetensors": Weights(), "config.json": CONFIG}


@pytest.fixture
def saved(hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the evidence of a model and its scorecard."""
    hub.add_model("acme/tiny", MODEL)
    monkeypatch.chdir(tmp_path)
    assert run_here(["collect", "acme/tiny", "-o", "evidence.json"]) == 0
    assert run_here(["judge", "evidence.json", "-o", "card.json"]) == 0
    return tmp_path


def changed(path: Path, change: Change) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")


def blank(data: Any) -> None:
    data["licence_texts"][0]["text"]["seen"] = ""


def blank_and_count_anew(data: Any) -> None:
    blank(data)
    del data["sha256"]


def recognise_mit(data: Any) -> None:
    [text] = data["licence_texts"]
    match = {"key": "mit", "spdx": "MIT", "match": "exact", "cover": 1.0, "lines": [1, 9]}
    text.update(matches=[match], restrictions=[], residue_words=0, residue=[])


def another_digest(data: Any) -> None:
    data["sha256"] = "0" * 64


EVIDENCE: dict[str, Change] = {
    "a text is blanked": blank,
    "a text is blanked, and the digest left out": blank_and_count_anew,
    "a text is recognised as another": recognise_mit,
    "the digest is another": another_digest,
}


@pytest.mark.parametrize("case", EVIDENCE)
def test_evidence_that_was_changed_is_not_judged(case: str, saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed(saved / "evidence.json", EVIDENCE[case])
    capsys.readouterr()
    assert run_here(["judge", "evidence.json"]) == 3
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert err.startswith("osaudit: evidence.json: ")
    assert run_here(["verify", "evidence.json"]) == 3
    assert capsys.readouterr().out.startswith("broken ")


def raise_label(data: Any) -> None:
    data["label"].update(id="open-weights", name="Open Weights", at_best="open-weights")


def raise_score(data: Any) -> None:
    data["score"] = {"low": 90.0, "high": 95.0}


def pass_a_cell(data: Any) -> None:
    bad = next(one for one in data["verdicts"] if one["outcome"] == "fail" and one["weight"])
    bad.update(outcome="pass")


def rename_label(data: Any) -> None:
    data["label"]["name"] = "Open Source AI"


def raise_the_best(data: Any) -> None:
    data["label"]["at_best"] = "open-source-ai-open-data"


CARDS: dict[str, Change] = {
    "the label is raised": raise_label,
    "the score is raised": raise_score,
    "a verdict is turned": pass_a_cell,
    "the label is called by another's name": rename_label,
    "the best that could be is raised": raise_the_best,
}


@pytest.mark.parametrize("case", CARDS)
def test_a_scorecard_that_was_changed_is_not_drawn(case: str, saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed(saved / "card.json", CARDS[case])
    capsys.readouterr()
    assert run_here(["report", "card.json", "-o", "card.html"]) == 3
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert err.startswith("osaudit: card.json: acme/tiny: ")
    assert not (saved / "card.html").exists()
    assert run_here(["verify", "card.json"]) == 3
    assert capsys.readouterr().out.startswith("broken ")


def lower_to(rung: LabelId) -> Change:
    def lower(data: Any) -> None:
        data["label"].update(id=rung, name=LADDER[rung], candidate=False)

    return lower


LOWERED: dict[str, Change] = {
    "by one rung": lower_to("weights-available"),
    "by two rungs": lower_to("unlicensed"),
    "to the lowest": lower_to("not-available"),
    "what keeps the next rung away left out": lambda data: data["label"].update(blocks=["Ask the publisher."]),
}


@pytest.mark.parametrize("case", LOWERED)
def test_a_label_that_was_lowered_is_seen(
    case: str, hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.add_model("acme/open", published(CARD))
    monkeypatch.chdir(tmp_path)
    assert run_here(["audit", "acme/open", "-f", "json", "-o", "card.json"]) == 0
    label = json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))["label"]
    assert label["id"] == "open-weights"
    changed(tmp_path / "card.json", LOWERED[case])
    assert run_here(["verify", "card.json"]) == 3
    capsys.readouterr()
    assert run_here(["report", "card.json", "-o", "card.html"]) == 3
    assert "keep" in capsys.readouterr().err


@pytest.mark.parametrize("main", pack_ids())
def test_what_the_judge_gives_holds_under_each_pack(main: str) -> None:
    further = tuple(load_pack(name) for name in pack_ids() if name != main)
    for record in load_records():
        for beside in ((), further):
            card = judge(record.evidence, load_pack(main), load_table(), beside)
            assert list(misfits(card)) == [], record.evidence.ref.repo


def test_a_best_that_was_lowered_is_seen(
    hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = "\nMore on how you may use it commercially: ask us for permission.\n"
    hub.add_model("acme/asked", published(CARD + asked))
    monkeypatch.chdir(tmp_path)
    run_here(["audit", "acme/asked", "-f", "json", "-o", "card.json"])
    label = json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))["label"]
    assert label["asks"]
    changed(tmp_path / "card.json", lambda data: data["label"].update(at_best=label["id"]))
    capsys.readouterr()
    assert run_here(["verify", "card.json"]) == 3
    assert "could raise it" in capsys.readouterr().out


@pytest.mark.usefixtures("saved")
def test_what_was_not_changed_holds(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run_here(["verify", "evidence.json", "-f", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["kind"] == "evidence"
    assert told["holds"][1:] == ["the text at /licence_texts/0 has its sha256"]
    assert (told["unverified"], told["broken"]) == ([], [])
    assert run_here(["verify", "card.json", "--evidence", "evidence.json"]) == 0
    shown = capsys.readouterr().out
    assert "judging its evidence again gives the same" in shown
    assert "does not prove who wrote the file" in shown
    assert run_here(["report", "card.json", "-f", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["unverified"] == []


def test_a_scorecard_of_other_evidence_is_told(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed(saved / "card.json", lambda data: data.update(evidence_sha256=hashlib.sha256(b"x").hexdigest()))
    assert run_here(["verify", "card.json", "--evidence", "evidence.json"]) == 3
    assert "no scorecard is of the evidence" in capsys.readouterr().out


def test_a_scorecard_of_another_version_is_drawn_and_marked(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def older(data: Any) -> None:
        data["tool"]["version"] = "0.0.9"
        raise_score(data)

    changed(saved / "card.json", older)
    for form in ("text", "md", "html", "json"):
        assert run_here(["report", "card.json", "-f", form]) == 0
        assert "written by osaudit 0.0.9" in capsys.readouterr().out


def test_evidence_from_before_its_digest_is_judged(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def older(data: Any) -> None:
        del data["sha256"], data["whole_texts"]

    changed(saved / "evidence.json", older)
    assert run_here(["judge", "evidence.json"]) == 0
    assert run_here(["verify", "evidence.json"]) == 0
    assert "no digest is recorded" in capsys.readouterr().out


def test_evidence_without_texts_is_judged_and_marked(capsys: pytest.CaptureFixture[str]) -> None:
    record = str(RECORDS / "meta-llama--Llama-2-7b-hf.json")
    assert run_here(["judge", record]) == 0
    [words] = json.loads(capsys.readouterr().out)["unverified"]
    assert words.startswith("LICENSE.txt")
    assert "stands as it was recorded" in words


def test_a_report_of_nothing_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty.json"
    empty.write_text("[]")
    for command in ("report", "verify"):
        assert run_here([command, str(empty)]) == 2
        assert "no scorecard is in it" in capsys.readouterr().err
