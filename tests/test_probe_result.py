from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from probe_models import write_model
from program import ROOT, osaudit
from program import run as start

from osaudit.checks.probe import _LOADABLE, _MODIFIABLE, probe_lowers_loadable, probe_lowers_modifiable
from osaudit.cli import run as run_program
from osaudit.evidence import Where
from osaudit.probe import backends
from osaudit.probe.result import (
    LEVELS,
    Cage,
    Estimate,
    Figure,
    Level,
    LevelResult,
    Machine,
    ProbeRun,
    exit_code,
    from_json,
    to_json,
)
from osaudit.probe.text import text


def made(*outcomes: str, asked: Level = "performs", failure: str = "truncated") -> ProbeRun:
    levels = tuple(
        LevelResult(
            level,
            outcome,  # type: ignore[arg-type]
            "A sentence.",
            failure if outcome == "fail" else None,
            (Where("org/m", "c" * 40, "model.safetensors", quote="lm_head.weight"),) if outcome == "fail" else (),
        )
        for level, outcome in zip(LEVELS, outcomes, strict=False)
    )
    rest = tuple(LevelResult(level, "not_attempted", "Not asked for.", "not-asked") for level in LEVELS[len(levels) :])
    return ProbeRun("org/m", None, "c" * 40, asked, "transformers", (*levels, *rest))


FULL = replace(
    made(*["pass"] * 6),
    figures=(Figure("decode", 12.5, "tokens/s", 11.0, 13.0, 10), Figure("bandwidth_share", 0.2, "of 1", 0.2, 0.2, 1)),
    machine=Machine("A CPU", 2, 8 * 10**9, "Linux", "3.11", "cpu", "float32", (("torch", "2"),), 3.5, noisy=True),
    cage=Cage("cut", "read-only", "own namespace", 10**9, 60.0, ("a gap",)),
    estimate=Estimate(1, 2, 3, ("1 + 2 = 3",)),
    answer="Paris",
    notes=("a note",),
)


@pytest.mark.parametrize("run", [FULL, made("pass", "fail"), made("fail")])
def test_json_goes_out_and_comes_back(run: ProbeRun) -> None:
    assert from_json(json.loads(json.dumps(to_json(run)))) == run


def test_the_json_holds_what_was_promised() -> None:
    told = to_json(made("pass", "fail"))
    assert {"model", "levels", "figures", "machine"} <= set(told)
    assert [level["level"] for level in told["levels"]] == list(LEVELS)
    assert {"level", "outcome", "class", "because", "where"} <= set(told["levels"][0])
    assert told["levels"][1]["class"] == "truncated"


@pytest.mark.parametrize("data", [None, [], {}, {"schema": 9}, {"schema": 1}, {**to_json(FULL), "levels": [{}]}])
def test_other_json_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match="probe"):
        from_json(data)


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
    told = text(bad, 60)
    assert not [sign for sign in told if not sign.isprintable() and sign != "\n"]
    assert max(map(len, text(made("pass", "fail"), 60).splitlines())) <= 60
    assert "12.5 tokens/s" in text(FULL)
    assert "(noisy)" in text(FULL)
    assert "[truncated]" in text(made("pass", "fail"))


def test_a_probe_never_raises_a_cell() -> None:
    failures = {*_MODIFIABLE, *_LOADABLE, "out-of-memory", "timeout", "segfault", "killed", "no such class"}
    for check in (probe_lowers_modifiable, probe_lowers_loadable):
        answers = [check(made("pass", "pass", "pass", "fail", failure=failure)) for failure in failures]
        assert {answer.outcome for answer in answers} <= {"fail", "partial", "review", "not_applicable"}
        assert all(not answer.counted for answer in answers if answer.outcome == "not_applicable")
        assert check(made(*["pass"] * 6)).outcome == "not_applicable"
        assert check(made("fail", failure="gated")).outcome == "not_applicable"


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
    assert (probe_lowers_modifiable(run).outcome, probe_lowers_loadable(run).outcome) == (modifiable, loadable)
    if modifiable != "not_applicable":
        assert probe_lowers_modifiable(run).where == run.levels[1].where


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
    assert from_json(json.loads((tmp_path / "probe.json").read_text())).model == "m"


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
