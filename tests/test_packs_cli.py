"""Packs on the command line: `--pack` beside the default, `criteria new`, and cells of any pack."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from evidence_builder import evidence_of
from hub.server import LoopbackHub
from program import osaudit

from osaudit.cli import run
from osaudit.cli.scaffold import scaffold
from osaudit.codec import dump
from osaudit.errors import UsageError
from osaudit.gate.cells import cell_of
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack, load_packs

OPEN = {"tag": "apache-2.0", "library": "transformers"}


@pytest.fixture
def program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """The program in this process, in a folder with one model's evidence."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "evidence.json").write_text(dump(evidence_of(OPEN)), encoding="utf-8")

    def started(*arguments: str) -> tuple[int, str, str]:
        code = run(list(arguments))
        told = capsys.readouterr()
        return code, told.out, told.err

    return started


@pytest.mark.parametrize(
    "name", ["Ours", "Acme procurement: 2026", "Ümlaut “x” #1", "osd 2", "{{7*7}} {% raw %}", "a" * 80, "x\ny"]
)
def test_a_new_pack_is_valid_and_gives_a_result(tmp_path: Path, name: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(scaffold(name, "2026-11-23"), encoding="utf-8")
    main, further = load_packs([str(path)])
    card = judge(evidence_of(OPEN), main, load_table(), further)
    [found] = card.results
    assert found.name == "2 of 2 cells pass"
    assert sum(cell.weight for _, _, cell in further[0].cells) == 100
    assert not any(criterion.id.startswith("OSD-") for criterion in further[0].criteria)


@pytest.mark.parametrize("name", ["", "!!!", "osd", "MOF", "all", "x" * 81])
def test_a_name_that_makes_no_pack_is_told(name: str) -> None:
    with pytest.raises(UsageError):
        scaffold(name, "2026-11-23")


def test_criteria_new_writes_a_file_once(program: Callable[..., tuple[int, str, str]]) -> None:
    assert program("criteria", "new", "Ours", "-o", "ours.yaml")[0] == 0
    assert yaml.safe_load(Path("ours.yaml").read_text(encoding="utf-8"))["id"] == "ours"
    assert program("criteria", "new", "Ours", "-o", "ours.yaml")[0] == 2
    code, told, _ = program("criteria", "list", "--pack", "ours.yaml")
    assert (code, "OURS-1" in told) == (0, True)
    assert program("judge", "evidence.json", "--pack", "ours.yaml", "-o", "card.json")[0] == 0
    assert "2 of 2 cells pass" in program("report", "card.json")[1]


def test_packs_are_asked_beside_the_default(program: Callable[..., tuple[int, str, str]]) -> None:
    data = json.loads(program("judge", "evidence.json", "--pack", "mof", "--pack", "osd", "--pack", "osaid")[1])
    assert [pack["id"] for pack in data["packs"]] == ["osd", "mof", "osaid"]
    assert [found["pack"] for found in data["results"]] == ["mof", "osaid"]
    assert sum(verdict["pack"] == "osd" for verdict in data["verdicts"]) == 40
    every = json.loads(program("judge", "evidence.json", "--pack", "all")[1])
    assert len(every["results"]) == 4
    assert program("judge", "evidence.json", "--pack", "nothing")[0] == 2


def test_two_packs_of_one_id_are_told(program: Callable[..., tuple[int, str, str]]) -> None:
    text = scaffold("Ours", "2026-11-23")
    Path("a.yaml").write_text(text, encoding="utf-8")
    Path("b.yaml").write_text(text, encoding="utf-8")
    code, _, told = program("judge", "evidence.json", "--pack", "a.yaml", "--pack", "b.yaml")
    assert (code, "the id ours" in told) == (2, True)
    Path("c.yaml").write_text(text.replace("id: ours", "id: osd"), encoding="utf-8")
    assert program("judge", "evidence.json", "--pack", "c.yaml")[0] == 2


def test_a_settings_file_may_name_one_pack_or_several(program: Callable[..., tuple[int, str, str]]) -> None:
    for value in ('"mof"', '["mof"]'):
        Path("osaudit.toml").write_text(f"[judge]\npack = {value}\n", encoding="utf-8")
        found = json.loads(program("judge", "evidence.json")[1])["results"]
        assert [one["pack"] for one in found] == ["mof"]


@pytest.mark.parametrize(
    ("named", "cell"),
    [
        ("OSD-6", ("OSD-6", None)),
        ("C6-L", ("OSD-6", "licence")),
        ("EU-83", ("EU-83", None)),
        ("eu-83/licence", ("EU-83", "licence")),
        ("G7-OPEN-WEIGHTS.6/weights", ("G7-OPEN-WEIGHTS.6", "weights")),
        ("MOF-DATASETS/data", ("MOF-DATASETS", "data")),
    ],
)
def test_a_cell_of_any_pack_is_named(named: str, cell: tuple[str, str | None]) -> None:
    main, further = load_packs(["all"])
    assert cell_of(named, (main, *further)) == cell


@pytest.mark.parametrize("named", ["EU-83/data", "EU-99", "MOF-DATASETS/soul", "nonsense"])
def test_what_names_no_cell_of_a_pack_is_told(named: str) -> None:
    main, further = load_packs(["all"])
    with pytest.raises(UsageError):
        cell_of(named, (main, *further))
    with pytest.raises(UsageError):
        cell_of("EU-83", (main,))


def test_criteria_show_and_explain_any_pack(program: Callable[..., tuple[int, str, str]]) -> None:
    assert "Terms that disqualify" in program("criteria", "show", "EU-83", "--pack", "eu-ai-act")[1]
    code, told, _ = program("criteria", "explain", "G7-OPEN-SOURCE-AI.DATA/data", "--pack", "g7")
    assert (code, "training-data-disclosed" in told) == (0, True)
    assert program("criteria", "show", "EU-83")[0] == 2


def test_a_packs_note_is_a_remark_of_its_result(tmp_path: Path) -> None:
    text = scaffold("Ours", "2026-11-23").replace(
        "criteria:\n", "notes:\n  - {kind: owner, because: Ask the desk for procurement.}\ncriteria:\n", 1
    )
    (tmp_path / "ours.yaml").write_text(text, encoding="utf-8")
    main, further = load_packs([str(tmp_path / "ours.yaml")])
    [found] = judge(evidence_of(OPEN), main, load_table(), further).results
    assert [(one.kind, one.because) for one in found.remarks] == [("owner", "Ask the desk for procurement.")]


def test_a_cell_that_asks_the_same_takes_words_and_checks_and_brings_none() -> None:
    by_cell = {f"{row.id}/{facet}": cell for row, facet, cell in load_pack().cells}
    [(_, _, data)] = [cell for cell in load_pack("g7").cells if cell[0].id == "G7-OPEN-SOURCE-AI.DATA"]
    assert data.question == by_cell["OSD-2/data"].question
    assert data.checks == by_cell["OSD-2/data"].checks


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("same_as: OSD-6/licence", "same_as: OSD-11/licence", "OSD-11/licence"),
        ("same_as: OSD-6/licence", "same_as: mine", "same_as"),
        ("{same_as: OSD-6/licence, weight: 60}", "{same_as: OSD-6/licence, weight: 60, checks: []}", "checks"),
        ("id: ours", "kind: magic\nid: ours", "kind"),
    ],
)
def test_a_wrong_scaffold_is_told_in_one_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text(scaffold("Ours", "2026-11-23").replace(old, new), encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_pack(str(path))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_audit_asks_further_packs_and_gates_on_their_cells(corpus_hub: LoopbackHub, tmp_path: Path) -> None:
    audit = ("audit", "Qwen/Qwen2.5-3B-Instruct", "--pack", "eu-ai-act", "-o", "a.json", "-o", "a.html")
    done = osaudit(*audit, "--fail-on", "EU-83", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "EU-83/licence is fail" in done.stderr
    [found] = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["results"]
    assert found["name"] == "Disqualified"
    assert "Definitions side by side" in (tmp_path / "a.html").read_text(encoding="utf-8")
    assert corpus_hub.counts()
