"""`osaudit scan`: what it prints holds to its schema, and what it cannot do is told in one line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from program import osaudit

from osaudit.cli import run
from osaudit.gate.scan import scan
from osaudit.gate.scan.told import adopted_to_dict
from osaudit.resources import data_path
from osaudit.yamlfile import parse_yaml, read_bytes

HERE = Path(__file__).parent / "scan"
SCHEMA = json.loads(data_path("reports", "scan.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
HEAD = "from transformers import AutoModel\n"


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run(["scan", *arguments, "--format", "json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    data: dict[str, Any] = json.loads(out)
    return data


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("tree", ["tree", "more"])
def test_what_is_printed_meets_the_schema(tree: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(HERE / tree, tmp_path / tree)
    data = told(capsys, str(tmp_path / tree))
    assert [error.message for error in VALIDATOR.iter_errors(data)] == []
    assert data == adopted_to_dict(scan(tmp_path / tree))
    assert len(data["found"]) > 90


def test_the_keys_that_outside_readers_rely_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.py").write_text(f'{HEAD}import os\nAutoModel.from_pretrained("acme/x", revision="v1")\n')
    data = told(capsys, str(tmp_path))
    assert list(data) == ["schema", "tool", "changed_since", "files", "found", "unresolved", "unread", "left_out"]
    assert data["found"] == [
        {
            "model": "acme/x",
            "kind": "model",
            "revision": "v1",
            "pinned": False,
            "path": "a.py",
            "line": 3,
            "column": 27,
            "how": "transformers.AutoModel.from_pretrained",
            "assumed": None,
            "written": None,
            "cell": None,
        }
    ]


def test_the_table_of_forms_meets_its_schema() -> None:
    schema = json.loads(data_path("criteria", "adoption.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    data = parse_yaml(read_bytes(data_path("criteria", "adoption.yaml")), "adoption.yaml")
    assert [error.message for error in Draft202012Validator(schema).iter_errors(data)] == []


def test_text_tells_places_what_is_open_and_a_sum(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.py").write_text(
        f'{HEAD}import sys\nAutoModel.from_pretrained("acme/x")\nAutoModel.from_pretrained(sys.argv[1])\n'
    )
    (tmp_path / "b.py").write_text("import transformers\ndef\n")
    assert run(["scan", str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "a.py:3:27: acme/x (transformers.AutoModel.from_pretrained, not pinned)",
        "",
        "Not told by the code:",
        "a.py:4:27: transformers.AutoModel.from_pretrained: an argument of the command line",
        "",
        "Not read:",
        "b.py: not readable Python: invalid syntax, line 2",
        "",
        "1 model (1 not pinned to a commit) and 0 data sets, in 2 files; 1 not told by the code, 1 not read",
    ]


def test_it_goes_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.sh").write_text("vllm serve acme/x\n")
    for form in ("json", "text"):
        assert run(["scan", str(tmp_path), "-f", form, "-o", str(tmp_path / f"out.{form}")]) == 0
        assert "acme/x" in (tmp_path / f"out.{form}").read_text()
    assert capsys.readouterr().out == ""


def test_names_of_strangers_move_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "\x1b[31m::error::x.py").write_text(
        f'{HEAD}AutoModel.from_pretrained("acme/x", revision="\\x1b[2J\\n::error::y")\n'
    )
    assert run(["scan", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert not any(line.startswith("::") for line in out.splitlines())
    assert told(capsys, str(tmp_path))["found"][0]["revision"] == "\x1b[2J\n::error::y"


WRONG: dict[str, tuple[list[str], int, str]] = {
    "no such path": (["nowhere"], 2, "nowhere is not there"),
    "a file of no kind that is read": (["a.bin"], 2, "is no file that is read"),
    "an option for a revision": ([".", "--changed-since=--output=x"], 2, "cannot be a revision"),
    "no repository": ([".", "--changed-since", "main"], 3, "in no git repository"),
    "a format": ([".", "--format", "jsno"], 2, "is 'json' meant?"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_is_told_in_one_line(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.bin").write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    arguments, code, words = WRONG[case]
    assert run(["scan", *arguments]) == code
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("osaudit: ")
    assert words in line


def test_the_program_scans_the_folder_that_it_stands_in(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(f'{HEAD}AutoModel.from_pretrained("acme/x")\n')
    done = osaudit("scan", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("a.py:2:27: acme/x (")


def test_settings_that_lie_in_the_tree_are_not_obeyed(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(f'{HEAD}AutoModel.from_pretrained("acme/x")\n')
    (tmp_path / "osaudit.toml").write_text('[scan]\nformat = "json"\n')
    done = osaudit("scan", ".", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("a.py:2:27: acme/x (")
