from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from evidence_builder import evidence_of
from jsonschema import Draft202012Validator
from made_runs import FULL, made
from probe_models import write_model
from program import ROOT, osaudit
from program import run as start

from osaudit.checks.case import Case, build_case
from osaudit.checks.probe import (
    _LOADABLE,
    _MODIFIABLE,
    probe_finds_weights_loadable,
    probe_finds_weights_whole,
    untold,
)
from osaudit.cli import run as run_program
from osaudit.cli.probing import exit_code
from osaudit.evidence import Seen
from osaudit.licences.table import load_table
from osaudit.probe import backends
from osaudit.proberun import LEVELS, Level, ProbeRun
from osaudit.render.probe import render_probe
from osaudit.render.probejson import run_from_dict, run_to_dict


def case_of(run: ProbeRun) -> Case:
    return build_case(replace(evidence_of({}), probe=Seen(run)), load_table())


@pytest.mark.parametrize("run", [FULL, made("pass", "fail"), made("fail")])
def test_json_goes_out_as_the_schema_says_and_comes_back(run: ProbeRun) -> None:
    schema = json.loads((ROOT / "reports" / "scorecard.schema.json").read_text(encoding="utf-8"))
    told = json.loads(json.dumps(run_to_dict(run)))
    Draft202012Validator({"$ref": "#/$defs/probe", "$defs": schema["$defs"]}).validate(told)
    assert [level["level"] for level in told["levels"]] == list(LEVELS)
    assert run_from_dict(told) == run


@pytest.mark.parametrize(
    ("outcomes", "asked", "code"),
    [
        (["pass"] * 6, "performs", 0),
        (["pass"] * 3, "structure", 0),
        (["pass"] * 3, "loads", 3),
        (["pass", "fail"], "structure", 1),
        (["fail"], "structure", 3),
        (["pass", "pass", "not_attempted"], "structure", 3),
        (["pass", "pass", "not_attempted", "fail"], "infers", 1),
        (["pass", "pass", "pass", "fail"], "structure", 0),
    ],
)
def test_the_exit_code_follows_the_levels_asked_for(outcomes: list[str], asked: Level, code: int) -> None:
    assert exit_code(made(*outcomes, asked=asked)) == code


def test_the_text_is_printable_whatever_comes_in() -> None:
    bad = replace(
        FULL, answer="\x1b[31mred\x07", levels=tuple(replace(one, because="a\x1b]0;b\nc") for one in FULL.levels)
    )
    told = render_probe(bad, 60)
    assert not [sign for sign in told if not sign.isprintable() and sign != "\n"]
    assert max(map(len, render_probe(made("pass", "fail"), 60).splitlines())) <= 60
    assert "12.5 tokens/s" in render_probe(FULL)
    assert "(noisy" in render_probe(FULL)
    assert "[truncated]" in render_probe(made("pass", "fail"))


def test_a_probe_never_raises_a_cell() -> None:
    failures = {*_MODIFIABLE, *_LOADABLE, "out-of-memory", "timeout", "segfault", "killed", "no such class"}
    for check in (probe_finds_weights_whole, probe_finds_weights_loadable):
        answers = [check(case_of(made("pass", "pass", "pass", "fail", failure=failure))) for failure in failures]
        assert {answer.outcome for answer in answers} <= {"fail", "partial", "review", "not_applicable"}
        assert all(not answer.counted for answer in answers if answer.outcome == "not_applicable")
        assert check(case_of(made(*["pass"] * 6))).outcome == "not_applicable"
        assert check(case_of(made("fail", failure="gated"))).outcome == "not_applicable"


@pytest.mark.parametrize(
    ("failure", "modifiable", "loadable"),
    [
        ("missing-shard", "fail", "not_applicable"),
        ("zero-weights", "fail", "not_applicable"),
        ("wrong-dtype", "review", "not_applicable"),
        ("remote-code", "not_applicable", "partial"),
        ("unknown-model-type", "not_applicable", "review"),
        ("unsafe-pickle", "review", "review"),
        ("out-of-memory", "not_applicable", "not_applicable"),
    ],
)
def test_a_failure_lowers_the_cell_that_it_bears_on(failure: str, modifiable: str, loadable: str) -> None:
    run = made("pass", "fail", failure=failure)
    case = case_of(run)
    whole = probe_finds_weights_whole(case)
    assert (whole.outcome, probe_finds_weights_loadable(case).outcome) == (modifiable, loadable)
    assert whole.where == (run.levels[1].where if modifiable != "not_applicable" else ())


@pytest.mark.parametrize(
    ("run", "level"),
    [
        (made(*["pass"] * 6), None),
        (made(*["pass"] * 3, asked="structure"), None),
        (made("pass", "fail", failure="missing-shard"), None),
        (made("pass", "pass", "fail", failure="remote-code"), None),
        (made("fail", failure="gated"), "access"),
        (made("pass", "pass", "not_attempted", asked="structure"), "structure"),
        (made("pass", "pass", "not_attempted", "pass", asked="loads"), None),
        (made("pass", "pass", "pass", "not_attempted"), "loads"),
        (made("pass", "pass", "pass", "fail", failure="out-of-memory"), "loads"),
        (made("pass", "pass", "not_attempted", "fail", failure="timeout"), "loads"),
        (made("pass", "pass", "pass", "fail", failure="a class of tomorrow"), "loads"),
    ],
)
def test_what_could_not_be_told_is_told_apart_from_what_failed(run: ProbeRun, level: str | None) -> None:
    stopped = untold(run)
    assert (stopped and stopped.level) == level


@pytest.mark.parametrize(
    "words",
    [
        ["no good id"],
        ["./m", "--revision", "x"],
        ["datasets/org/d"],
        ["./m", "--level", "flies"],
        ["./m", "--max-memory", "lots"],
        ["./m", "-o", "no/such/folder/x.json"],
    ],
)
def test_wrong_usage_ends_in_two(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_program(["probe", *words]) == 2
    assert capsys.readouterr().out == ""


def test_sizes_are_read_as_people_write_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends.importlib.util, "find_spec", lambda _: None)
    folder = write_model(tmp_path / "m")
    for size in ("500MB", "8G", "16GiB", "1.5 TB", "100"):
        assert run_program(["probe", str(folder), "--level", "integrity", "--max-memory", size]) == 0


def test_the_program_prints_one_object_or_writes_it(tmp_path: Path) -> None:
    write_model(tmp_path / "m")
    done = osaudit("probe", "./m", "--level", "integrity", "--format", "json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["levels"][1]["outcome"] == "pass"
    done = osaudit("probe", "./m", "--level", "integrity", "-o", "probe.json", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert run_from_dict(json.loads((tmp_path / "probe.json").read_text())).model == "m"


def test_the_base_process_imports_no_library(tmp_path: Path) -> None:
    write_model(tmp_path / "m")
    asked = ["probe", "./m", "--level", "performs", "--warm-runs", "1", "--cold-runs", "0", "--max-memory", "1", "-q"]
    heavy = ("torch", "transformers", "diffusers", "onnxruntime", "gguf", "numpy", "llama_cpp", "picklescan")
    lines = [
        "import sys",
        "from osaudit.cli import run",
        f"run({asked!r})",
        f"found = set({heavy!r}) & set(sys.modules)",
        "sys.exit(str(found) if found else 0)",
    ]
    program = "\n".join(lines)
    done = start(sys.executable, "-c", program, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)})
    assert (done.returncode, done.stderr) == (0, "")
