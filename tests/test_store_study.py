"""`osaudit store export | diff | rejudge | study`, and the same bytes under other terms."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hub.repos import Lfs, Weights
from hub.server import LoopbackHub
from made_stores import OTHER_COMMIT, asked, model, store_of

from osaudit.cli import run as run_here
from osaudit.errors import UsageError
from osaudit.evidence import Base, Evidence, Files, RepoFile, Seen, Unknown, Where
from osaudit.sources.weighed import KnownFile, read_known, with_known
from osaudit.sweep.contrast import diff
from osaudit.sweep.place import place_of
from osaudit.sweep.querying import query
from osaudit.sweep.study import share, study, wilson

MODELS = [model(f"acme/m{number}", tag="mit" if number % 2 else "cc-by-nc-4.0") for number in range(6)]


@pytest.fixture
def store(tmp_path: Path) -> str:
    store_of(tmp_path / "s", MODELS[:3], MODELS[3:], keep="evidence")
    return str(tmp_path / "s")


def test_a_table_is_exported_whole(store: str, tmp_path: Path) -> None:
    for name in ("a.csv", "a.jsonl", "a.parquet"):
        assert run_here(["store", "export", store, "--table", "cells", "-o", str(tmp_path / name)]) == 0
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()))
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()]
    table = pq.read_table(tmp_path / "a.parquet").to_pylist()
    assert len(rows) == len(lines) == len(table) == 6 * 40
    keys = ("model", "criterion", "facet", "outcome", "rule")
    assert {tuple(row[key] for key in keys) for row in rows} == {tuple(row[key] for key in keys) for row in table}
    assert lines == table


@pytest.mark.parametrize("output", ["a.xlsx", "none/a.csv"])
def test_an_export_that_cannot_be_written_is_wrong_usage(
    store: str, output: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_here(["store", "export", store, "-o", str(tmp_path / output)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_two_stores_are_compared(store: str, tmp_path: Path) -> None:
    other = [
        model("acme/m0", tag="mit"),
        model("acme/m1", commit=OTHER_COMMIT),
        *MODELS[2:5],
        model("acme/new"),
    ]
    place = store_of(tmp_path / "other", other)
    told = diff(place_of(store), place).rows
    assert ("acme/m5", "there", "yes", "no") in told
    assert ("acme/new", "there", "no", "yes") in told
    assert ("acme/m1", "commit", MODELS[1].commit.value, OTHER_COMMIT) in told  # type: ignore[union-attr] # it is seen
    assert ("acme/m0", "licence", "cc-by-nc-4.0", "mit") in told
    assert ("acme/m0", "osd:OSD-6/licence", "fail", "pass") in told
    assert {row[0] for row in told} == {"acme/m0", "acme/m1", "acme/m5", "acme/new"}
    assert diff(place_of(store), place_of(store)).rows == []


def test_a_store_is_judged_again(store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    again = str(tmp_path / "again")
    assert run_here(["store", "rejudge", store, "-o", again, "--pack", "osaid", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["judged"] == 6
    assert query(place_of(again), "SELECT DISTINCT pack FROM cells ORDER BY 1").rows == [("osaid",), ("osd",)]
    before, after = (
        query(place_of(one), "SELECT model, label, evidence_sha256 FROM models ORDER BY 1").rows
        for one in (store, again)
    )
    assert before == after


def test_a_store_without_evidence_is_not_judged_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store_of(tmp_path / "bare", MODELS, keep="none")
    assert run_here(["store", "rejudge", str(tmp_path / "bare"), "-o", str(tmp_path / "again")]) == 2
    assert "--keep evidence" in capsys.readouterr().err


# figures


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (1, 100, 0.0018, 0.0545), (0, 0, 0.0, 1.0)],
)
def test_the_interval_is_wilsons(count: int, of: int, low: float, high: float) -> None:
    assert wilson(count, of) == pytest.approx((low, high), abs=1e-4)


def test_a_study_counts_what_the_scorecards_say(store: str) -> None:
    figures = {(one.group, one.what): one for one in study(place_of(store))}
    cards = [asked().judge(one) for one in MODELS]
    for label in {card.label.id for card in cards}:
        found = figures["label", label]
        assert (found.count, found.of) == (sum(card.label.id == label for card in cards), 6)
    assert figures["licences", "models without a licence text"] == share(
        "licences", "models without a licence text", 6, 6, "95.8 % (arXiv 2602.08816)"
    )
    assert figures["open weights by owner", "acme"].of == 6


def test_ranks_do_not_move_where_nothing_weighs_otherwise(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("osaudit.sweep.study.FACTORS", (1.0,))
    found = [one for one in study(place_of(store)) if one.what.startswith("Spearman")]
    assert len(found) == 4
    assert all(one.value == pytest.approx(1.0) for one in found)


@pytest.mark.parametrize("form", ["text", "csv", "json", "latex"])
def test_a_study_is_written_in_every_form(store: str, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_here(["store", "study", store, "--format", form]) == 0
    out = capsys.readouterr().out
    assert "arXiv" in out
    if form == "json":
        assert {row["group"] for row in json.loads(out)} >= {"licences", "label", "ranks"}
    if form == "latex":
        assert out.startswith(r"\begin{tabular}")
        assert all(r"\%" in line for line in out.splitlines() if "%" in line)


# same bytes


SHARD = b"weights" * 200_000
OURS = {
    "README.md": "---\nlicense: cc-by-nc-4.0\nlibrary_name: transformers\n---\n# Ours\n",
    "model.safetensors": Lfs(SHARD),
}
THEIRS = {
    "README.md": "---\nlicense: apache-2.0\nlibrary_name: transformers\n---\n# All new\n",
    "model.safetensors": Lfs(SHARD),
}


def test_a_renamed_copy_under_an_open_card_is_found_by_its_bytes(
    hub: LoopbackHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.add_model("first/restricted", OURS, record={"createdAt": "2024-01-01T00:00:00.000Z"})
    hub.add_model("other/open", {**THEIRS, "model.safetensors": Weights(9_000_000)})
    store, known = str(tmp_path / "s"), str(tmp_path / "known.jsonl")
    assert run_here(["sweep", "first/restricted", "other/open", "-o", store, "--hashes", "--no-cache", "-q"]) == 0
    assert run_here(["store", "study", store, "--known-weights", known]) == 0
    hub.add_model("copy/cat", THEIRS)
    capsys.readouterr()
    assert run_here(["audit", "copy/cat", "--format", "json", "--no-cache"]) == 0
    before = json.loads(capsys.readouterr().out)
    assert (before["label"]["id"], before["lineage"]["edges"]) == ("open-weights", [])
    assert run_here(["audit", "copy/cat", "--format", "json", "--no-cache", "--hashes", known]) == 0
    card = json.loads(capsys.readouterr().out)
    [edge] = card["lineage"]["edges"]
    assert (edge["parent"], edge["named_by"], edge["confidence"]) == ("first/restricted", "same bytes", "high")
    assert card["label"]["id"] == card["label"]["at_best"] == "weights-available"
    [conflict] = [one for one in card["conflicts"] if one["kind"] == "lineage-drops-terms"]
    assert conflict["rule"] == "base-by-same-bytes"
    assert any("model.safetensors" in place["path"] for place in conflict["where"])
    assert run_here(["audit", "other/open", "--format", "json", "--no-cache", "--hashes", known]) == 0
    assert json.loads(capsys.readouterr().out)["label"]["id"] == "open-weights"
    again = str(tmp_path / "again")
    assert run_here(["sweep", "copy/cat", "-o", again, "--known-weights", known, "--hashes", "--no-cache", "-q"]) == 0
    assert query(place_of(again), "SELECT label, bases FROM models").rows == [
        ("weights-available", ["first/restricted"])
    ]


def test_files_under_several_licences_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = str(tmp_path / "s")
    place = store_of(
        tmp_path / "s",
        [holding("first/a", "cc-by-nc-4.0"), holding("copy/b", "apache-2.0"), holding("first/c", "mit", sha="e" * 64)],
        hashes=True,
    )
    assert query(place, "SELECT count(*) FROM weights").rows == [(3,)]
    assert run_here(["store", "study", store, "--same-weights", "--format", "json"]) == 0
    assert [row["model"] for row in json.loads(capsys.readouterr().out)] == ["copy/b", "first/a"]


def test_a_store_without_hashes_says_so(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_here(["store", "study", store, "--same-weights"]) == 2
    assert "--hashes" in capsys.readouterr().err


def holding(
    repo: str, tag: str, *, sha: str = "d" * 64, path: str = "model.safetensors", size: int = 5_000_000
) -> Evidence:
    return replace(model(repo, tag=tag), files=Seen(Files((RepoFile(path, size, sha),))))


def known(path: str = "model.safetensors") -> dict[str, KnownFile]:
    return {"d" * 64: KnownFile("first/a", "cc-by-nc-4.0", path)}


def bases(evidence: Evidence) -> list[tuple[str, str, str]]:
    return [(base.name, base.named_by, base.confidence) for base in evidence.bases]


def test_the_first_owner_is_no_base_of_his_own() -> None:
    assert bases(with_known(holding("first/other", "mit"), known())) == []
    assert bases(with_known(holding("copy/b", "mit", size=1000), known())) == []
    assert bases(with_known(holding("copy/b", "mit", path="data.csv"), known())) == []
    assert bases(with_known(holding("copy/b", "mit", sha="e" * 64), known())) == []


def test_a_part_that_many_share_is_a_guess() -> None:
    shared = holding("copy/b", "mit", path="vae/model.safetensors")
    assert bases(with_known(shared, known("vae/model.safetensors"))) == [("first/a", "same bytes", "low")]
    assert bases(with_known(holding("copy/b", "mit"), known())) == [("first/a", "same bytes", "high")]


def test_a_base_that_is_named_stays_unless_the_bytes_make_it_sure() -> None:
    where = Where("copy/b", OTHER_COMMIT, "README.md")
    for confidence, named_by in (("high", "card"), ("low", "same bytes")):
        base = Base("First/A", "finetune", "card", confidence, where, Unknown("not looked into"))  # type: ignore[arg-type] # one of two
        found = with_known(replace(holding("copy/b", "mit"), bases=(base,)), known())
        assert [one.named_by for one in found.bases] == [named_by]


BAD: dict[str, Any] = {
    "another file": '{"kind": "evidence"}\n',
    "no JSON": "hash,model\n",
    "no hash": '{"schema": 1, "kind": "known-weights"}\n{"model": "a/b"}\n',
    "a newer form": '{"schema": 2, "kind": "known-weights"}\n',
}


@pytest.mark.parametrize("case", BAD)
def test_what_lists_no_known_weights_is_one_line(case: str, tmp_path: Path) -> None:
    file = tmp_path / "known.jsonl"
    file.write_text(BAD[case], encoding="utf-8")
    with pytest.raises(UsageError) as told:
        read_known(str(file))
    assert "\n" not in str(told.value)
    with pytest.raises(UsageError):
        read_known(str(tmp_path / "none.jsonl"))
