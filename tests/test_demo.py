"""The demo: recorded facts without a sentence of others, judged like anything else, and no network."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from program import osaudit

from benchmarks.record_demo import as_text, records
from osaudit.cli import cli
from osaudit.cli.demo import RECORDS, load_records
from osaudit.cli.made import MODELS, look_at, write_models
from osaudit.errors import OsauditError
from osaudit.evidence import LicenceText, Seen
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.resources import data_path
from osaudit.verdict import Scorecard

FILES = sorted(RECORDS.glob("*.json"))
NAMES = [path.stem for path in FILES]
LONGEST = 120
LINK_OR_HASH = re.compile(r"https?://\S+|[0-9a-f]{40,64}")
EXPECTED: dict[str, tuple[str, set[str], set[str]]] = {
    "mistralai/Mistral-7B-v0.1": ("open-weights", {"OSD-2/data", "OSD-2/training"}, set()),
    "Qwen/Qwen2.5-7B-Instruct": ("open-weights", {"OSD-2/training"}, set()),
    "Qwen/Qwen2.5-3B-Instruct": ("weights-available", {"OSD-1/licence", "OSD-6/licence"}, set()),
    "Qwen/Qwen-7B": ("weights-available", {"OSD-5/licence", "OSD-6/licence", "OSD-7/licence"}, set()),
    "meta-llama/Llama-2-7b-hf": (
        "weights-available",
        {"OSD-5/licence", "OSD-6/licence", "OSD-7/licence", "OSD-2/data", "OSD-2/training"},
        {"LICENSE.txt"},
    ),
    "stabilityai/stable-diffusion-xl-base-1.0": (
        "weights-available",
        {"OSD-6/licence", "OSD-2/data", "OSD-2/training"},
        {"LICENSE.md"},
    ),
    "tiiuae/falcon-7b": ("weights-available", {"OSD-6/licence"}, {"LICENSE.txt"}),
    "tiiuae/falcon-40b": ("weights-available", set(), set()),
    "tiiuae/falcon-180B": ("weights-available", {"OSD-6/licence", "OSD-7/licence"}, set()),
}
"""RUBRIC.md's calibration table: the label, cells that fail, and files that a failing licence cell points to."""


MADE = ("osaudit-demo/open-wren", "osaudit-demo-chat/reed-chat")


def test_the_models_made_for_the_demo_show_what_a_report_can_tell(tmp_path: Path) -> None:
    write_models(tmp_path)
    open_one, chat = (judge(look_at(tmp_path, name), load_pack(), load_table()) for name in MODELS)
    assert (open_one.model, chat.model) == MADE
    assert (open_one.label.id, open_one.label.at_best) == ("open-weights", "open-source-ai-open-data")
    assert {v.answer.outcome for v in open_one.verdicts} == {"pass", "review", "not_applicable"}
    assert {f"{v.criterion}/{v.facet}" for v in open_one.verdicts if v.answer.outcome == "review"} == {"OSD-2/training"}
    assert {answer.answer for answer in open_one.uses} == {"yes", "yes-if"}
    assert [found.kind for found in chat.conflicts] == ["lineage-drops-terms"]
    assert [edge.dropped != () for edge in chat.lineage.edges] == [True]
    assert next(answer.answer for answer in chat.uses if answer.use == "sell") == "no"
    assert any(
        place.quote and "Commercial use is prohibited" in place.quote for v in chat.verdicts for place in v.answer.where
    )


def test_the_models_made_for_the_demo_are_whole(tmp_path: Path) -> None:
    done = osaudit("demo", "-q", "-o", "d", cwd=tmp_path)
    assert done.returncode == 0
    for model in MADE:
        card = json.loads((tmp_path / "d" / f"{model.replace('/', '--')}.json").read_text(encoding="utf-8"))
        levels = {row["level"]: row["outcome"] for row in card["probe"]["levels"]}
        assert (levels["access"], levels["integrity"]) == ("pass", "pass")


def _strings(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(item, f"{path}/{key}")


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_record_holds_no_sentence_of_others(path: Path) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    for where, text in _strings(data):
        assert not where.endswith("/quote"), (where, text)
        assert len(text) <= LONGEST or LINK_OR_HASH.fullmatch(text), (where, text)
        if where.endswith(("/statements/value", "/licence_claims/name", "/heading")):
            assert len(text.split()) <= 8, (where, text)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_record_says_its_date_commit_and_source(path: Path) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    record = data["record"]
    assert set(record) == {"date", "commit", "source"}
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}|undated, .*", record["date"])
    assert re.search(r"git history|from the Hub|facts alone", record["source"])
    if "facts alone" in record["source"]:
        assert data["commit"]["unknown"]
        assert record["commit"] == "an unknown commit"
    else:
        assert data["commit"]["seen"] == record["commit"]


def test_a_record_names_no_address_of_the_machine_that_made_it() -> None:
    assert [path.name for path in FILES if re.search(r"127\.0\.0\.1|localhost|file://", path.read_text())] == []


def test_no_text_is_kept() -> None:
    for record in load_records():
        for text in record.evidence.licence_texts:
            assert isinstance(text, LicenceText)
            assert not isinstance(text.text, Seen)
            assert text.residue == ()
            assert text.where.sha256


def _judged() -> dict[str, Scorecard]:
    pack, table = load_pack(), load_table()
    return {record.evidence.ref.repo: judge(record.evidence, pack, table) for record in load_records()}


def test_the_models_of_the_demo_are_those_of_the_calibration_table() -> None:
    assert set(_judged()) == set(EXPECTED)


@pytest.mark.parametrize("model", EXPECTED)
def test_the_verdicts_are_those_of_the_calibration_table(model: str) -> None:
    label, failing, files = EXPECTED[model]
    card = _judged()[model]
    failed = [verdict for verdict in card.verdicts if verdict.answer.outcome == "fail"]
    assert card.label.id == label
    assert {f"{verdict.criterion}/{verdict.facet}" for verdict in failed} >= failing
    places = [place for verdict in failed if verdict.facet == "licence" for place in verdict.answer.where]
    assert {place.path for place in places} >= (files if failing else set())
    assert files == set() or all(place.lines for place in places if place.path in files)


def test_an_open_licence_is_not_failed() -> None:
    for model in ("mistralai/Mistral-7B-v0.1", "Qwen/Qwen2.5-7B-Instruct"):
        licence_cells = [v for v in _judged()[model].verdicts if v.facet == "licence"]
        assert {v.answer.outcome for v in licence_cells} == {"pass"}, model


def test_the_demo_writes_every_report(tmp_path: Path) -> None:
    done = osaudit("demo", cwd=tmp_path, env={"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HUB_OFFLINE": "1"})
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == [f"wrote {2 * (len(FILES) + 2) + 3} reports: open osaudit-demo/summary.html"]
    folder = tmp_path / "osaudit-demo"
    rows = list(csv.DictReader(io.StringIO((folder / "summary.csv").read_text(encoding="utf-8"))))
    assert {row["label"] for row in rows[:3]} == {"open-weights"}
    assert {row["model"] for row in rows} == {*EXPECTED, *MADE}
    assert len(json.loads((folder / "summary.json").read_text(encoding="utf-8"))) == len(FILES) + 2
    summary = (folder / "summary.html").read_text(encoding="utf-8")
    for name in (*NAMES, *(model.replace("/", "--") for model in MADE)):
        page = (folder / f"{name}.html").read_text(encoding="utf-8")
        assert page.startswith("<!doctype html>")
        assert f'href="{name}.html"' in summary
        assert json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["model"] == name.replace("--", "/")
    for record in load_records():
        assert f"{record.evidence.ref.repo} at {record.commit}, {record.date}: {record.source}" in " ".join(
            done.stdout.split()
        )


def test_the_demos_reports_keep_the_published_shape(tmp_path: Path) -> None:
    import jsonschema  # noqa: PLC0415 - this test alone

    assert CliRunner().invoke(cli, ["demo", "-q", "-o", str(tmp_path / "out")]).exit_code == 0
    schema = json.loads(data_path("reports", "scorecard.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    for path in (tmp_path / "out").glob("*.json"):
        told = json.loads(path.read_text(encoding="utf-8"))
        for card in told if path.stem == "summary" else [told]:
            assert [error.message for error in validator.iter_errors(card)] == []


def test_the_demo_is_the_same_every_time(tmp_path: Path) -> None:
    told = [
        osaudit("demo", "-q", "--no-probe", "-o", folder, cwd=tmp_path, env={"PYTHONHASHSEED": seed})
        for folder, seed in ("a1", "b2")
    ]
    assert told[0].stdout.replace("a/models", "b/models") == told[1].stdout
    assert {done.stderr for done in told} == {""}
    written = [
        {str(path.relative_to(tmp_path / folder)): path.read_bytes() for path in (tmp_path / folder).rglob("*.*")}
        for folder in "ab"
    ]
    assert written[0] == written[1]


def test_an_installation_without_records_says_so(tmp_path: Path) -> None:
    with pytest.raises(OsauditError, match="install osaudit again"):
        load_records(tmp_path)


def test_the_records_are_what_the_recorded_repositories_give(corpus: Path) -> None:
    made = {record.evidence.ref.repo.replace("/", "--"): as_text(record) for record in records(corpus)}
    bundled = {path.stem: path.read_text(encoding="utf-8") for path in FILES}
    stale = [name for name in made if bundled.get(name) != made[name]]
    assert not stale, "python -m benchmarks.record_demo writes them anew"
