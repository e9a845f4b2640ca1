"""`--history`: earlier terms in the evidence, and what became of them among conflicts and risks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from evidence_builder import evidence_of
from hub.repos import Content, Repo, Weights
from hub.server import LoopbackHub
from licence_samples import TEXTS, needs_texts

from osaudit import codec
from osaudit.cli import run
from osaudit.evidence import NOT_ASKED, Evidence, Past, PastTerms, Seen, Unknown
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.verdict import Scorecard

BARE = "# A model\n"
MIT = "---\nlicense: mit\n---\n# A model\n"
NC = "---\nlicense: cc-by-nc-4.0\n---\n# A model\n"
OURS = "The tiny terms. You may run this model on Sundays.\n"


def audited(hub: LoopbackHub, *commits: Mapping[str, Content], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The scorecard with its history of a repository of these commits."""
    repo: Repo = hub.add_model("org/m", {"w.safetensors": Weights(), **commits[0]})
    for number, files in enumerate(commits[1:], 1):
        hub.shelf.commit(repo, {"w.safetensors": Weights(), **files}, title=f"step {number}")
    assert run(["audit", "org/m", "--history", "--format", "json"]) == 0
    card: dict[str, Any] = json.loads(capsys.readouterr().out)
    card["commits"] = [commit.sha for commit in repo.commits]
    return card


def told(card: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The findings on earlier terms: whether conflict or risk, and its kind."""
    kinds = {"licence-removed", "licence-changed", "tag-changed", "earlier-terms"}
    return [(where, one["kind"]) for where in ("conflicts", "risks") for one in card[where] if one["kind"] in kinds]


def finding(card: Mapping[str, Any], kind: str) -> dict[str, Any]:
    (found,) = [one for where in ("conflicts", "risks") for one in card[where] if one["kind"] == kind]
    return dict(found)


def test_a_tag_that_became_stricter_is_a_conflict(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    card = audited(hub, {"README.md": MIT}, {"README.md": MIT + "More.\n"}, {"README.md": NC}, capsys=capsys)
    assert told(card) == [("conflicts", "tag-changed")]
    found = finding(card, "tag-changed")
    old, ended, new = found["where"]
    assert [place["commit"] for place in (old, ended, new)] == [card["commits"][1], *card["commits"][2:] * 2]
    assert (old["path"], old["quote"], new["quote"]) == ("README.md", "license: mit", "license: cc-by-nc-4.0")
    assert old["lines"] == [2, 2]
    assert len(old["sha256"]) == 64
    assert "MIT License" in found["because"]


def test_a_tag_that_became_freer_is_information(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    card = audited(hub, {"README.md": BARE}, {"README.md": NC}, {"README.md": MIT}, capsys=capsys)
    assert told(card) == [("risks", "earlier-terms")]
    assert "Copies taken before that commit" in finding(card, "earlier-terms")["because"]


def test_terms_that_came_back_are_no_change(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    card = audited(hub, {"README.md": MIT}, {"README.md": NC}, {"README.md": MIT}, capsys=capsys)
    assert told(card) == [("risks", "earlier-terms")]
    assert "CC BY-NC" in finding(card, "earlier-terms")["because"]


def test_a_card_that_changed_its_words_alone_is_no_change(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(audited(hub, {"README.md": MIT}, {"README.md": MIT + "More.\n"}, capsys=capsys)) == []


@needs_texts
def test_a_licence_text_that_was_removed(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    mit = (TEXTS / "spdx/MIT.txt").read_text("utf-8")
    card = audited(hub, {"README.md": MIT, "LICENSE": mit}, {"README.md": MIT}, capsys=capsys)
    assert told(card) == [("conflicts", "licence-removed")]
    old, ended, _ = finding(card, "licence-removed")["where"]
    assert (old["path"], old["commit"], ended["commit"]) == ("LICENSE", *card["commits"])
    assert old["sha256"]
    assert old["quote"]


@needs_texts
def test_a_licence_text_that_moved_is_not_removed(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    mit = (TEXTS / "spdx/MIT.txt").read_text("utf-8")
    steps = [{"README.md": BARE, "LICENSE": mit}, {"README.md": BARE, "LICENSE.txt": mit + "\n"}]
    assert told(audited(hub, *steps, capsys=capsys)) == []


@needs_texts
@pytest.mark.parametrize("after", [OURS, "spdx/CC-BY-NC-4.0.txt"])
def test_a_licence_text_that_gave_way_to_another(
    after: str, hub: LoopbackHub, capsys: pytest.CaptureFixture[str]
) -> None:
    mit = (TEXTS / "spdx/MIT.txt").read_text("utf-8")
    new = (TEXTS / after).read_text("utf-8") if after.endswith(".txt") else after
    steps = [{"README.md": BARE, "LICENSE": mit}, {"README.md": BARE, "LICENSE": new}]
    card = audited(hub, *steps, capsys=capsys)
    assert told(card) == [("conflicts", "licence-changed")]
    hashes = [place["sha256"] for place in finding(card, "licence-changed")["where"] if place["path"] == "LICENSE"]
    assert len(set(hashes)) == 2


def test_an_unknown_text_that_changed(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    steps = [{"README.md": BARE, "LICENSE": OURS}, {"README.md": BARE, "LICENSE": OURS + "And on Mondays.\n"}]
    assert told(audited(hub, *steps, capsys=capsys)) == [("conflicts", "licence-changed")]


def test_the_licence_is_gone_altogether(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    card = audited(hub, {"README.md": MIT}, {"README.md": BARE}, capsys=capsys)
    assert told(card) == [("conflicts", "tag-changed")]
    assert card["label"]["id"] == "unlicensed"


# --- what it costs, and what is left where nobody asked


def test_without_history_nothing_is_asked_and_the_evidence_is_as_before(
    hub: LoopbackHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.add_model("org/m", {"README.md": MIT})
    assert run(["collect", "org/m", "-o", str(tmp_path / "plain.json")]) == 0
    assert not [entry for entry in hub.log if "/commits/" in entry.path or "/tree/" in entry.path]
    plain = codec.load((tmp_path / "plain.json").read_text())
    assert plain.past == NOT_ASKED
    assert '"past"' not in (tmp_path / "plain.json").read_text()
    assert not [item for item in judge(plain, load_pack(), load_table()).unseen if "history" in item.what]
    assert run(["collect", "org/m", "--history", "-o", str(tmp_path / "past.json")]) == 0
    past = codec.load((tmp_path / "past.json").read_text())
    assert past.past == Seen(Past(()))
    assert codec.digest(past) != codec.digest(plain)
    capsys.readouterr()


def test_a_history_that_cannot_be_seen_is_told(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.add_model("org/m", {"README.md": MIT})
    hub.fault("/commits/", status=403, body=b"{}")
    assert run(["audit", "org/m", "--history", "--format", "json", "-q"]) == 0
    card = json.loads(capsys.readouterr().out)
    assert [item["why"][:30] for item in card["unseen"] if "history" in item["what"]] == [
        "the repository's history could"
    ]


def test_a_folder_has_no_history(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", str(tmp_path), "--history"]) == 2
    assert "--history" in capsys.readouterr().err


# --- falcon-7b-instruct, as it was recorded


@pytest.mark.usefixtures("corpus_hub")
def test_falcon_was_freed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = tmp_path / "falcon.json"
    assert run(["collect", "tiiuae/falcon-7b-instruct", "--history", "-o", str(saved)]) == 0
    evidence = codec.load(saved.read_text())
    assert isinstance(evidence.past, Seen)
    dates = [state.date[:10] for state in evidence.past.value.states]
    assert dates == sorted(dates)
    assert dates[0] == "2023-04-26"
    texts = [text for state in evidence.past.value.states for text in state.texts]
    assert texts
    assert all(isinstance(text.text, Unknown) for text in texts)
    card = judge(evidence, load_pack(), load_table())
    risks = [one for one in card.risks if one.kind == "earlier-terms"]
    assert any("TII" in one.because and "LICENSE.txt" in {place.path for place in one.where} for one in risks)
    assert not [one for one in card.conflicts if one.kind.startswith(("licence-", "tag-changed"))]
    capsys.readouterr()


# --- built evidence: each turn


def turned(before: dict[str, Any], now: dict[str, Any]) -> Scorecard:
    old, new = evidence_of(before), evidence_of(now)
    state = PastTerms("a" * 40, "2024-01-01T00:00:00Z", "b" * 40, old.licence_claims, old.licence_texts)
    evidence: Evidence = replace(new, past=Seen(Past((state,))))
    assert codec.load(codec.dump(evidence)) == evidence
    return judge(evidence, load_pack(), load_table())


def kinds(card: Scorecard) -> list[str]:
    named = {"licence-removed", "licence-changed", "tag-changed", "earlier-terms"}
    return [one.kind for one in (*card.conflicts, *card.risks) if one.kind in named]


@pytest.mark.parametrize(
    ("before", "now", "kind"),
    [
        ({"tag": "mit"}, {"tag": "apache-2.0"}, ["earlier-terms"]),
        ({"tag": "mit"}, {"tag": "llama2"}, ["tag-changed"]),
        ({"tag": "llama2"}, {"tag": "apache-2.0"}, ["earlier-terms"]),
        ({"tag": "mit"}, {"tag": "other"}, ["tag-changed"]),
        ({"tag": "mit"}, {"tag": "mit", "texts": [{"key": "mit"}]}, []),
        ({"texts": [{"key": "mit"}]}, {"tag": "mit"}, ["licence-removed"]),
        ({"texts": [{"key": "mit"}]}, {}, ["licence-removed"]),
        ({"texts": [{"key": "mit"}]}, {"texts": [{"key": "llama2"}]}, ["licence-changed"]),
        ({"texts": [{"key": "mit"}]}, {"texts": [{"key": "mit", "match": "variant"}]}, ["licence-changed"]),
        ({"texts": [{"key": "llama2"}]}, {"texts": [{"key": "mit"}]}, ["earlier-terms"]),
        ({}, {"tag": "cc-by-nc-4.0"}, []),
        ({"tag": "mit OR llama2"}, {"tag": "mit"}, []),
        ({"tag": "mit"}, {"tag": "mit AND llama2"}, ["tag-changed"]),
    ],
)
def test_each_turn_is_judged_by_what_it_closes(before: dict[str, Any], now: dict[str, Any], kind: list[str]) -> None:
    card = turned(before, now)
    assert kinds(card) == kind
    assert all(len(one.where) >= 2 for one in (*card.conflicts, *card.risks) if one.kind in kind)
