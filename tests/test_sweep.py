"""`osaudit sweep`: every model once, whatever the Hub, the network and the store do."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hub.repos import Weights
from hub.server import LoopbackHub, rate_limited
from made_stores import model, store_of

from osaudit.cli import run as run_here
from osaudit.codec import dump
from osaudit.sweep.asked import Shard, plain_name, shard_of
from osaudit.sweep.place import place_of
from osaudit.sweep.querying import query

NAMES = [f"acme/m{number}" for number in range(12)]
CARD = "---\nlicense: {tag}\n---\n# A model\n"


def files(tag: str = "mit", **more: Any) -> dict[str, Any]:
    return {"README.md": CARD.format(tag=tag), "model.safetensors": Weights(), **more}


@pytest.fixture
def shelf(hub: LoopbackHub) -> LoopbackHub:
    """Twelve models, every third under terms that close a use."""
    hub.hops = False
    for number, name in enumerate(NAMES):
        hub.add_model(name, files("mit" if number % 3 else "cc-by-nc-4.0"), record={"downloads": number, "tags": ["x"]})
    return hub


@pytest.fixture
def store(tmp_path: Path) -> str:
    return str(tmp_path / "store")


def sweep(store: str, *arguments: str) -> int:
    return run_here(["sweep", *arguments, "-o", store, "--no-cache", "-q"])


def rows(store: str, sql: str = "SELECT model FROM models ORDER BY model") -> list[Any]:
    found = query(place_of(store), sql).rows
    return [row[0] for row in found] if found and len(found[0]) == 1 else found


def test_a_sweep_has_each_model_once(shelf: LoopbackHub, store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert sweep(store, *NAMES, NAMES[0], f"https://huggingface.co/{NAMES[1]}", "--format", "json") == 0
    assert rows(store) == sorted(NAMES)
    told = json.loads(capsys.readouterr().out)
    assert (told["judged"], told["failed"], told["exit"]) == (12, 0, 0)
    assert rows(store, "SELECT count(*) FROM cells") == [12 * 40]
    assert rows(store, "SELECT count(*) FROM all_models") == [12]
    assert shelf.counts()["api"] == 12


def test_a_sweep_comes_to_what_audits_come_to(
    shelf: LoopbackHub, store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_here(["audit", *NAMES, "--no-cache", "--format", "json"]) == 0
    cards = {card["model"]: card for card in json.loads(capsys.readouterr().out)}
    assert sweep(store, *NAMES) == 0
    found = rows(store, "SELECT model, evidence_sha256, label, label_at_best, score_low FROM models")
    assert {row[0]: row[1:] for row in found} == {
        name: (card["evidence_sha256"], card["label"]["id"], card["label"]["at_best"], card["score"]["low"])
        for name, card in cards.items()
    }
    assert shelf.counts()["api"] == 24


def test_names_come_from_lines_and_from_standard_input(
    shelf: LoopbackHub, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from io import BytesIO, TextIOWrapper  # noqa: PLC0415 - what stands for standard input

    ids = tmp_path / "ids.txt"
    ids.write_text("# some\n\n" + "\n".join(NAMES[:5]) + "  # the last\n", encoding="utf-8")
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO("\n".join(NAMES[4:8]).encode())))
    assert sweep(store, "-r", str(ids), "-r", "-") == 0
    assert rows(store) == sorted(NAMES[:8])
    assert shelf.counts()["api"] == 8


def test_names_come_from_tables_with_a_column_of_names(shelf: LoopbackHub, store: str, tmp_path: Path) -> None:
    table = pa.table({"id": NAMES[:2], "downloads": [7, 8], "createdAt": ["2024-01-01T00:00:00.000Z"] * 2})
    pq.write_table(table, tmp_path / "a.parquet")
    (tmp_path / "b.csv").write_text(f"hf,downloads\n{NAMES[2]},9\n,\n", encoding="utf-8")
    (tmp_path / "c.jsonl").write_text(json.dumps({"modelId": NAMES[3], "likes": 4}) + "\n", encoding="utf-8")
    assert sweep(store, "-r", str(tmp_path / "a.parquet"), "-r", str(tmp_path / "c.jsonl")) == 0
    assert sweep(store, "-r", str(tmp_path / "b.csv"), "--column", "id=hf", "--resume") == 0
    found = rows(store, "SELECT model, downloads, likes, year(created_at) FROM models ORDER BY model")
    assert found == [(NAMES[0], 7, None, 2024), (NAMES[1], 8, None, 2024), (NAMES[2], 9, None, None),
                     (NAMES[3], None, 4, None)]  # fmt: skip
    assert shelf.counts()["file"] == 4


BAD: dict[str, tuple[str, bytes, str]] = {
    "a table without names": ("a.csv", b"first,second\n1,2\n", "no column names models"),
    "no JSON": ("a.jsonl", b"{\n", "line 1"),
    "a list of JSON": ("a.jsonl", b"[1]\n", "no JSON object"),
    "no Parquet": ("a.parquet", b"PAR1", "no whole Parquet"),
    "a line without end": ("a.txt", b"x" * 20_000, "over 10000 bytes"),
    "nothing": ("none.txt", b"", "cannot read"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_list_that_is_none_is_wrong_usage(
    case: str, store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, data, words = BAD[case]
    if data:
        (tmp_path / name).write_bytes(data)
    assert sweep(store, "-r", str(tmp_path / name)) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "no models are named"),
        (("a/b", "--author", "acme"), "not both"),
        (("a/b", "--shard", "3/2"), "no part"),
        (("a/b", "--column", "x=y"), "FIELD=COLUMN"),
        (("--sort", "downloads"), "--limit"),
        (("a/b", "--probe", "loads"), "--probe-max-bytes"),
        (("--evidence", "/nowhere.json"), "cannot read"),
    ],
)
def test_what_makes_no_sweep_is_one_line(
    arguments: tuple[str, ...], words: str, store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sweep(store, *arguments) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert words in line


def test_without_the_extra_it_says_which(
    store: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from importlib.util import find_spec  # noqa: PLC0415 - what is asked in its place

    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name, *rest: None if name == "duckdb" else find_spec(name, *rest)
    )
    for command in (["sweep", "a/b", "-o", store], ["store", "check", store]):
        assert run_here(command) == 2
        [line] = capsys.readouterr().err.splitlines()
        assert "osaudit[sweep]" in line


# failures and conditions


def test_what_cannot_be_judged_is_a_row_and_exit_3(
    shelf: LoopbackHub, store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf.add_model("acme/closed", files(), gated="manual")
    assert sweep(store, NAMES[1], "acme/none", "no id at all", "acme/closed") == 2
    found = dict(rows(store, "SELECT model, error FROM models WHERE status = 'failed'"))
    assert found == {"acme/none": "missing", "no id at all": "usage"}
    assert "missing" in capsys.readouterr().out
    assert rows(store, "SELECT message FROM models WHERE model = 'acme/none'")[0].startswith("acme/none: no such")


def test_conditions_are_an_exit_code(shelf: LoopbackHub, tmp_path: Path) -> None:
    assert sweep(str(tmp_path / "a"), *NAMES[:3], "--fail-on", "OSD-6") == 1
    assert sweep(str(tmp_path / "b"), *NAMES[1:3], "--fail-on", "OSD-6/licence") == 0
    assert sweep(str(tmp_path / "c"), *NAMES[:2], "acme/none", "--min-label", "open-weights") == 3
    assert shelf.counts()["api"]


# the Hub's lists


def test_a_list_of_the_hub_is_swept(shelf: LoopbackHub, store: str) -> None:
    shelf.add_model("beta/other", files())
    assert sweep(store, "--author", "acme", "--filter", "x") == 0
    assert rows(store) == sorted(NAMES)
    assert rows(store, "SELECT sum(downloads) FROM models") == [sum(range(12))]
    assert shelf.counts()["api"] == 12 + 1


def test_depth_list_reads_no_text_and_gives_no_rank(shelf: LoopbackHub, store: str) -> None:
    shelf.add_model("acme/untagged", {"model.safetensors": Weights()})
    shelf.add_model("acme/empty", {"README.md": CARD.format(tag="mit")})
    assert sweep(store, "--author", "acme", "--depth", "list") == 0
    assert shelf.counts() == {"api": 1}
    told = rows(store, "SELECT model, label, label_at_best, label_basis FROM models")
    found = {row[0]: row[1:] for row in told}
    assert found[NAMES[1]] == ("weights-available", "open-weights", "declared by publisher")
    assert found[NAMES[0]] == ("weights-available", "weights-available", "declared by publisher")
    assert found["acme/untagged"] == ("unlicensed", "unlicensed", "inferred")
    assert found["acme/empty"][0] == "not-available"
    assert rows(store, "SELECT DISTINCT ranked, status, score_low FROM models") == [(False, "listed", None)]
    assert rows(store, "SELECT count(*) FROM cells") == [0]


def test_depth_list_takes_given_names_as_well(shelf: LoopbackHub, store: str) -> None:
    assert sweep(store, *NAMES[:4], "acme/none", "--depth", "list") == 3
    assert rows(store) == ["acme/m0", "acme/m1", "acme/m2", "acme/m3", "acme/none"]
    assert shelf.counts() == {"api": 2}  # the list, and the one that is not in it


def test_depth_list_takes_a_thousand_models_a_request(hub: LoopbackHub, store: str) -> None:
    for number in range(2500):
        hub.add_model(f"acme/m{number:04}", {"model.safetensors": Weights()}, record={"tags": ["license:mit"]})
    hub.fault("/api/models", status=503, times=1)
    assert sweep(store, "--all", "--depth", "list") == 0
    assert rows(store, "SELECT count(*), count(DISTINCT model), count(DISTINCT label) FROM models") == [(2500, 2500, 1)]
    assert hub.counts() == {"api": 3 + 1}


# going on


def test_a_store_is_gone_on_with_where_that_is_asked_for(
    shelf: LoopbackHub, store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sweep(store, *NAMES[:3]) == 0
    assert sweep(store, *NAMES) == 2
    assert "--resume" in capsys.readouterr().err
    assert sweep(store, *NAMES, "--resume") == 0
    assert rows(store) == sorted(NAMES)
    assert rows(store, "SELECT count(*) FROM all_models") == [12]
    assert shelf.counts()["file"] == 12


def test_unchanged_heads_cost_one_request_and_changed_ones_are_done_again(
    shelf: LoopbackHub, store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sweep(store, *NAMES) == 0
    shelf.take_log()
    capsys.readouterr()
    assert sweep(store, *NAMES, "--resume", "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["skipped"] == 12
    assert shelf.counts() == {"api": 1}
    repo = shelf.shelf.find("model", NAMES[1])
    shelf.shelf.commit(repo, files("cc-by-nc-4.0"))
    shelf.take_log()
    assert sweep(store, *NAMES, "--resume") == 0
    assert shelf.counts() == {"api": 2, "file": 1}
    assert rows(store, "SELECT label, licence FROM models WHERE model = 'acme/m1'") == [
        ("weights-available", "cc-by-nc-4.0")
    ]
    assert rows(store, "SELECT count(*) FROM all_models") == [13]
    assert rows(store) == sorted(NAMES)


def test_other_packs_are_other_results(shelf: LoopbackHub, store: str) -> None:
    assert sweep(store, *NAMES[:2]) == 0
    assert sweep(store, *NAMES[:2], "--pack", "osaid", "--resume") == 0
    assert rows(store, "SELECT DISTINCT pack FROM cells ORDER BY pack") == ["osaid", "osd"]
    assert rows(store, "SELECT count(*) FROM all_models") == [4]
    assert shelf.counts()["api"] == 4


def test_what_failed_for_a_reason_that_may_pass_is_tried_again(
    shelf: LoopbackHub, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("osaudit.sources.waiting._FIRST_PAUSE", 0.001)
    shelf.fault("acme/m1/resolve", status=503)
    assert sweep(store, *NAMES[:4], "acme/none") == 3
    assert rows(store, "SELECT model, error FROM models WHERE status = 'failed' ORDER BY model") == [
        ("acme/m1", "unanswered"),
        ("acme/none", "missing"),
    ]
    shelf.heal()
    shelf.take_log()
    assert sweep(store, *NAMES[:4], "acme/none", "--resume") == 0
    assert rows(store, "SELECT model FROM models WHERE status = 'failed'") == ["acme/none"]
    assert rows(store, "SELECT count(*) FROM models") == [5]


def test_a_busy_hub_loses_nothing(shelf: LoopbackHub, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("osaudit.sources.waiting._FIRST_PAUSE", 0.001)
    shelf.fault("/api/models/acme/m2", status=429, times=2, headers=rate_limited(0))
    shelf.fault("/api/models/acme/m5", status=503, times=2)
    shelf.fault("/resolve/", status=503, times=4)
    shelf.fault("acme/m7", "reset", times=1)
    assert sweep(store, *NAMES) == 0
    assert rows(store) == sorted(NAMES)
    assert rows(store, "SELECT count(*) FROM models WHERE status = 'judged'") == [12]


def test_a_clock_that_is_set_back_changes_nothing(
    shelf: LoopbackHub, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "2000000000")
    assert sweep(store, *NAMES[:3]) == 0
    shelf.shelf.commit(shelf.shelf.find("model", NAMES[1]), files("cc-by-nc-4.0"))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    assert sweep(store, *NAMES[:3], "--resume") == 0
    assert rows(store, "SELECT licence FROM models WHERE model = 'acme/m1'") == ["cc-by-nc-4.0"]
    assert rows(store) == sorted(NAMES[:3])


# shards


def test_shards_part_the_models_and_share_a_store(shelf: LoopbackHub, store: str) -> None:
    for number in (1, 2, 3):
        assert sweep(store, *NAMES, "--shard", f"{number}/3") == 0
    assert rows(store) == sorted(NAMES)
    assert rows(store, "SELECT count(*) FROM all_models") == [12]
    assert shelf.counts()["api"] == 12


def test_every_name_is_in_one_shard() -> None:
    for count in (1, 2, 7):
        shards = [Shard(number, count) for number in range(1, count + 1)]
        assert all(sum(shard.holds(name) for shard in shards) == 1 for name in NAMES)
    assert shard_of("2/7") == Shard(2, 7)


@pytest.mark.parametrize(
    ("named", "name"),
    [
        ("https://huggingface.co/acme/m1/tree/main", "acme/m1@main"),
        ("hf.co/acme/m1:Q4_K_M", "acme/m1"),
        ("acme/m1", "acme/m1"),
        ("./folder", "./folder"),
        ("no id", "no id"),
    ],
)
def test_a_model_is_one_by_whatever_name(named: str, name: str) -> None:
    assert plain_name(named) == name


# saved evidence


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    folder = tmp_path / "saved"
    folder.mkdir()
    for name in NAMES[:4]:
        (folder / f"{name.replace('/', '--')}.json").write_text(dump(model(name)), encoding="utf-8")
    return folder


def test_saved_evidence_is_judged_without_the_network(saved: Path, store: str) -> None:
    assert sweep(store, "--evidence", str(saved)) == 0
    assert rows(store) == sorted(NAMES[:4])
    lines = saved / "all.jsonl"
    lines.write_text("".join(dump(model(name), compact=True) for name in NAMES), encoding="utf-8")
    assert sweep(store, "--evidence", str(lines), "--resume", "--chunk", "3") == 0
    assert rows(store) == sorted(NAMES)
    assert rows(store, "SELECT count(*) FROM all_models") == [12]


def test_evidence_that_was_changed_is_a_row_that_says_so(saved: Path, store: str) -> None:
    changed = saved / "acme--m1.json"
    changed.write_text(changed.read_text(encoding="utf-8").replace("safetensors", "safetensorz"), encoding="utf-8")
    assert sweep(store, "--evidence", str(saved)) == 3
    assert rows(store, "SELECT model FROM models WHERE status = 'failed'") == ["acme/m1"]


def test_a_store_is_judged_again_under_other_packs(tmp_path: Path, store: str) -> None:
    store_of(tmp_path / "old", [model(name) for name in NAMES], keep="evidence")
    assert sweep(store, "--evidence", str(tmp_path / "old"), "--pack", "osaid") == 0
    assert rows(store) == sorted(NAMES)
    assert rows(store, "SELECT DISTINCT pack FROM cells ORDER BY pack") == ["osaid", "osd"]


# what is told


@pytest.mark.usefixtures("shelf")
def test_what_is_told_on_stderr_is_json_where_that_is_asked_for(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_here(["sweep", *NAMES[:2], "acme/none", "-o", store, "--no-cache", "--log-format", "json"]) == 3
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [event["event"] for event in events] == ["failed", "end"]
    assert events[0]["kind"] == "missing"


@pytest.mark.usefixtures("shelf")
def test_the_budget_is_told_at_the_start(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_here(["sweep", *NAMES, "-o", store, "--no-cache"]) == 0
    first = capsys.readouterr().err.splitlines()[0]
    assert "12 models: about 12 API requests" in first
    assert "500 API requests in 5 minutes" in first


def test_progress_is_a_line_every_ten_seconds_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    from osaudit.cli.progress import Progress  # noqa: PLC0415 - few tests need it
    from osaudit.sweep.judging import Done  # noqa: PLC0415
    from osaudit.sweep.sweeping import Tally  # noqa: PLC0415

    now = [0.0]
    progress, tally = Progress(40, clock=lambda: now[0], terminal=False), Tally()
    for number in range(40):
        now[0] += 1.0
        done = Done(f"acme/m{number}", {}, "unlicensed")
        tally.add(done)
        progress(tally, done)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[1] for line in lines] == ["10/40", "20/40", "30/40", "40/40"]
    assert "1.0/s" in lines[0]
    assert "30 s to go" in lines[0]
    assert time.monotonic() > 0
