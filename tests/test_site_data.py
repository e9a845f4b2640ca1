"""The site's data: the same rows in every form, badges, what changed, releases that can be cited and built again."""

from __future__ import annotations

import csv
import hashlib
import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pyarrow.parquet as pq
import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from jsonschema import Draft202012Validator, FormatChecker
from made_sites import built, bytes_of, hostile_store, store_of_few, swept_again
from made_stores import OTHER_COMMIT, model, put, store_of
from program import ROOT, osaudit, run

from osaudit.errors import UsageError
from osaudit.site.badges import badge_paths, drawn, endpoint_of
from osaudit.site.board import ANSWERS, CRITERIA, OUTCOMES, USES
from osaudit.site.fields import NARROW, WIDE, documented
from osaudit.site.release import released, sums
from osaudit.sweep.columns import TYPES
from osaudit.sweep.place import Place, place_of
from osaudit.verdict import FACETS

SVG = "{http://www.w3.org/2000/svg}"
RELEASE = {
    "release": "2026-11",
    "by": "Acme: a “lab” #1",
    "licence": "CC-BY-4.0",
    "address": "https://acme.example/open/",
}
CROISSANT = """
import json, sys, warnings
warnings.simplefilter("ignore")
import mlcroissant
found = mlcroissant.Dataset(jsonld=sys.argv[1])
rows = list(found.records("models"))
names = [row["models/model"].decode() for row in rows]
print(json.dumps({"errors": sorted(found.metadata.ctx.issues.errors), "rows": names}))
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return store_of_few(tmp_path_factory.mktemp("few") / "store")


@pytest.fixture(scope="module")
def site(store: Place, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site") / "site"
    built(store, out, sources="Made for a test.", **RELEASE)
    return out


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("attacked")
    built(hostile_store(folder / "store"), folder / "site")
    return folder / "site"


def lines_of(site: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (site / "data" / "models.jsonl").read_bytes().splitlines()]


def wide(row: dict[str, Any]) -> dict[str, Any]:
    """A row of JSON as CSV and Parquet have it."""
    cells, uses = row["cells"], row["uses"]
    told = {name: value for name, value in row.items() if name not in {"cells", "uses"}}
    for number, criterion in enumerate(CRITERIA):
        for at, facet in enumerate(FACETS):
            letter = cells[number * 4 + at] if cells else None
            told[f"{criterion.lower().replace('-', '_')}_{facet}"] = letter and OUTCOMES[letter]
    for at, use in enumerate(USES):
        told[f"use_{use.replace('-', '_')}"] = (uses and ANSWERS[uses[at]]) or None
    return told


@pytest.mark.parametrize("which", ["site", "attacked"])
def test_the_rows_are_the_same_in_every_form(which: str, request: pytest.FixtureRequest) -> None:
    data = request.getfixturevalue(which) / "data"
    lines = lines_of(data.parent)
    whole = json.loads((data / "models.json").read_bytes())
    assert whole["models"] == lines
    table = pq.read_table(data / "models.parquet")
    assert table.column_names == [one.name for one in WIDE]
    rows = table.to_pylist()
    for row in rows:
        for name in ("created_at", "last_modified", "collected_at"):
            row[name] = row[name] and row[name].strftime("%Y-%m-%dT%H:%M:%SZ")
    assert rows == [wide(line) for line in lines]
    with (data / "models.csv").open(encoding="utf-8", newline="") as opened:
        found = list(csv.DictReader(opened))
    assert [row["place"] for row in found] == [str(row["place"]) for row in rows]
    ours = [one.name for one in WIDE if one.words or one.kind in {"whole", "number"}]
    for cells, row in zip(found, rows, strict=True):
        assert {name: cells[name] for name in ours} == {
            name: "" if row[name] is None else str(row[name]) for name in ours
        }


@pytest.mark.parametrize("which", ["site", "attacked"])
def test_the_schema_holds_the_data(which: str, request: pytest.FixtureRequest) -> None:
    data = request.getfixturevalue(which) / "data"
    schema = json.loads((data / "models.schema.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    checker = Draft202012Validator(schema, format_checker=FormatChecker())
    whole = json.loads((data / "models.json").read_bytes())
    assert [error.message for error in checker.iter_errors(whole)] == []
    whole["models"][0]["label"] = "osi-approved"
    whole["models"][0]["more"] = 1
    assert len(list(checker.iter_errors(whole))) == 2


def test_the_columns_are_told_in_a_file_and_in_the_documents(site: Path) -> None:
    with (site / "data" / "columns.csv").open(encoding="utf-8", newline="") as opened:
        told = {row["column"]: row for row in csv.DictReader(opened)}
    assert set(told) == {one.name for one in (*WIDE, *NARROW)}
    assert all(row["type"] in TYPES.values() and row["what"] for row in told.values())
    assert documented() in (ROOT / "docs" / "leaderboard.md").read_text(encoding="utf-8")


def test_no_cell_of_a_table_is_a_formula(attacked: Path) -> None:
    tables = [*attacked.glob("data/*.csv"), *attacked.glob("plots/*.csv")]
    assert len(tables) > 6
    for path in tables:
        with path.open(encoding="utf-8", newline="") as opened:
            cells = [cell for row in csv.reader(opened) for cell in row]
        assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "@", "＝"))]
        assert all(cell.isprintable() for cell in cells)


@pytest.mark.parametrize("which", ["site", "attacked"])
def test_a_model_has_two_badges(which: str, request: pytest.FixtureRequest) -> None:
    site = request.getfixturevalue(which)
    rows = lines_of(site)
    assert len({badge_paths(row["model"]) for row in rows}) == len(rows)
    for row in rows:
        svg, endpoint = (site / path for path in badge_paths(row["model"]))
        root = ET.fromstring(svg.read_bytes())  # noqa: S314 - our own
        assert root.tag == f"{SVG}svg"
        [title] = root.findall(f"{SVG}title")
        texts = [text.text for text in root.iter(f"{SVG}text")]
        told = json.loads(endpoint.read_bytes())
        assert texts == ["openness", told["message"]]
        assert root.attrib["aria-labelledby"] == title.attrib["id"]
        assert told["message"] in (title.text or "")
        assert {"schemaVersion", "label", "message", "color"} <= set(told)
        assert told["schemaVersion"] == 1


def test_a_badge_shows_strange_words_as_words() -> None:
    evil = "</text><script>alert(1)</script>&\"'"
    root = ET.fromstring(drawn(evil, "#000000", evil))  # noqa: S314 - our own
    assert [text.text for text in root.iter(f"{SVG}text")][1] == evil
    assert not list(root.iter(f"{SVG}script"))
    assert json.loads(endpoint_of(evil, "#000000", evil))["message"] == evil


def test_a_first_sweep_has_no_changes(site: Path) -> None:
    told = json.loads((site / "data" / "changes.json").read_bytes())
    assert told["since"] is None
    assert told["changes"] == []


def test_changes_are_those_since_the_sweep_before(tmp_path: Path) -> None:
    store = store_of_few(tmp_path / "store")
    put(store, 1, [model("acme/open-lm", tag="cc-by-nc-4.0", files=["README.md"], commit=OTHER_COMMIT)], run=2)
    built(store, tmp_path / "site")
    told = json.loads((tmp_path / "site" / "data" / "changes.json").read_bytes())
    [change] = told["changes"]
    assert (change["model"], change["what"], change["why"]) == ("acme/open-lm", "changed", "repository")
    assert (change["licence_before"], change["licence_after"]) == ("mit", "cc-by-nc-4.0")
    assert change["moved"] == -2
    assert told["counts"] == {"new": 0, "gone": 0, "changed": 1, "up": 0, "down": 1}
    assert told["compared"] == 1


def test_changes_are_told_against_another_store(store: Place, tmp_path: Path) -> None:
    before = store_of(tmp_path / "before", [model("acme/open-lm", files=["README.md"]), model("acme/gone")])
    built(store, tmp_path / "site", since=before)
    told = json.loads((tmp_path / "site" / "data" / "changes.json").read_bytes())
    what = {change["model"]: (change["what"], change["moved"]) for change in told["changes"]}
    assert what.pop("acme/open-lm") == ("changed", 2)
    assert what.pop("acme/gone") == ("gone", 0)
    assert set(what.values()) == {("new", 0)}
    assert told["compared"] == 1


def test_a_release_names_the_hash_of_each_of_its_files(site: Path) -> None:
    folder = site / "releases" / "2026-11"
    assert released(site) == ["2026-11"]
    found = {path: hashlib.sha256(data).hexdigest() for path, data in bytes_of(folder).items()}
    del found["SHA256SUMS"]
    assert sums(folder / "SHA256SUMS") == found
    assert {"CITATION.cff", "croissant.json", "REBUILD.md", "data/models.csv", "data/changes.json"} <= set(found)
    checked = run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=folder)
    assert checked.returncode == 0, checked.stdout


def test_a_release_can_be_cited(site: Path) -> None:
    told = yaml.safe_load((site / "releases" / "2026-11" / "CITATION.cff").read_text(encoding="utf-8"))
    schema = get_builtin_schema("vendor.citation-file-format")
    assert [error.message for error in Draft202012Validator(schema).iter_errors(told)] == []
    assert told["authors"] == [{"name": RELEASE["by"]}]
    assert (told["license"], told["version"], told["type"]) == ("CC-BY-4.0", "2026-11", "dataset")


def test_a_release_is_a_croissant(site: Path) -> None:
    """Held by the format's own library, in a process of its own: it warns of other things."""
    file = site / "releases" / "2026-11" / "croissant.json"
    done = subprocess.run(
        [sys.executable, "-c", CROISSANT, str(file)], capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["errors"] == []
    assert told["rows"] == [row["model"] for row in lines_of(site)]
    data = json.loads(file.read_bytes())
    hashes = sums(file.with_name("SHA256SUMS"))
    assert {one["contentUrl"]: one["sha256"] for one in data["distribution"]}.items() <= hashes.items()
    assert {one["source"]["extract"]["column"] for one in data["recordSet"][0]["field"]} == {one.name for one in WIDE}


def test_a_site_is_built_again_from_its_release(tmp_path: Path) -> None:
    before = store_of(tmp_path / "before", [model("acme/open-lm", tag="cc-by-nc-4.0")])
    built(swept_again(store_of_few(tmp_path / "store")), tmp_path / "site", since=before, latex=True, **RELEASE)
    copy = tmp_path / "copy"
    copy.mkdir()
    (tmp_path / "site" / "releases").rename(copy / "releases")
    kept = bytes_of(copy / "releases")
    [command] = [
        line
        for line in (copy / "releases/2026-11/REBUILD.md").read_text().splitlines()
        if "osaudit leaderboard" in line
    ]
    epoch, _, rest = command.partition(" osaudit ")
    done = osaudit(*shlex.split(rest), cwd=copy, env=dict([epoch.split("=", 1)]))
    assert done.returncode == 0, done.stderr
    again = bytes_of(copy / "rebuilt")
    former = bytes_of(tmp_path / "site") | {f"releases/{path}": data for path, data in kept.items()}
    ours = {".osaudit-site", ".osaudit-site.lock"}
    assert set(former) - ours == set(again) - ours
    assert [path for path, data in former.items() if path not in ours and again[path] != data] == []


def test_a_release_is_frozen(tmp_path: Path) -> None:
    store, out = store_of_few(tmp_path / "store"), tmp_path / "site"
    built(store, out, **RELEASE)
    first = bytes_of(out / "releases")
    built(store, out, **RELEASE)
    swept_again(store)
    with pytest.raises(UsageError, match="frozen"):
        built(store, out, **RELEASE)
    assert bytes_of(out / "releases") == first
    built(store, out, **{**RELEASE, "release": "2026-12"})
    built(store, out)
    assert released(out) == ["2026-12", "2026-11"]
    assert {path: data for path, data in bytes_of(out / "releases").items() if path.startswith("2026-11/")} == first


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--licence", "all rights; reserved"), "SPDX"),
        (("--since", "nowhere"), "no store is there"),
        (("--release", "../x"), "year and month"),
    ],
)
def test_wrong_words_for_a_release_are_wrong_usage(
    store: Place, tmp_path: Path, given: tuple[str, ...], words: str
) -> None:
    done = osaudit("leaderboard", store.full(""), "-o", "site", *given, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_release_is_a_store(site: Path) -> None:
    done = osaudit("store", "check", "releases/2026-11/store", cwd=site)
    assert done.returncode == 0, done.stderr
    assert place_of(str(site / "releases" / "2026-11" / "store")).files("models")
