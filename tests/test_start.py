"""How the program starts, and how it fails: quickly, in one line, with the right code."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import click
import pytest
from hub.repos import Weights
from hub.server import LoopbackHub
from program import PATIENCE, ROOT, START, commands, osaudit, run

from osaudit import __version__
from osaudit.audit import look
from osaudit.cli import COMMANDS, SUMMARIES, cli
from osaudit.cli import run as run_here
from osaudit.evidence import Evidence

CLIENT_AND_TEMPLATES = frozenset({"huggingface_hub", "httpx2", "jinja2"})
HEAVY = CLIENT_AND_TEMPLATES | {"yaml", "jsonschema", "markdown_it", "licenseclassifier"}


ALL = commands(cli)


def _imported_by(*arguments: str) -> set[str]:
    code = (
        "import json, sys\nfrom osaudit.cli import run\n"
        f"code = run({list(arguments)!r})\nprint('\\n' + json.dumps([code, sorted(sys.modules)]))"
    )
    done = run(sys.executable, "-c", code, cwd=ROOT, env={"PYTHONPATH": str(ROOT)})
    code_and_modules: tuple[int, list[str]] = json.loads(done.stdout.splitlines()[-1])
    assert code_and_modules[0] == 0, done.stderr
    return {name.partition(".")[0] for name in code_and_modules[1]}


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("demo", "--help")])
def test_help_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert _imported_by(*arguments) & HEAVY == set()


@pytest.mark.parametrize("arguments", [("audit", "--help"), ("criteria", "list"), ("licence", "show", "mit")])
def test_the_client_and_the_templates_are_imported_where_they_serve(arguments: tuple[str, ...]) -> None:
    assert _imported_by(*arguments) & CLIENT_AND_TEMPLATES == set()


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_tells_what_it_is_for(path: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(args=[*path, "--help"], prog_name="osaudit")
    shown = capsys.readouterr().out
    assert stop.value.code == 0
    assert shown.startswith(f"Usage: osaudit {' '.join(path)}")
    assert ALL[path].help
    for parameter in ALL[path].params:
        assert not isinstance(parameter, click.Option) or parameter.help, f"{path} {parameter.name}"


def test_every_command_has_a_summary() -> None:
    assert set(COMMANDS) == set(SUMMARIES)


def test_version(tmp_path: Path) -> None:
    done = osaudit("--version", cwd=tmp_path)
    told = done.stdout.splitlines()
    assert (done.returncode, told[0]) == (0, f"osaudit, version {__version__}")
    assert [line.partition(":")[0] for line in told[1:]] == ["source commit", "sha256 of the installed RECORD"]


BAD_USAGE: dict[str, tuple[list[str], str]] = {
    "no such option": (["audit", "--no-such-option", "a/b"], "--no-such-option"),
    "no such command": (["adit", "a/b"], "adit"),
    "no model": (["audit"], "MODEL"),
    "no such format": (["audit", "a/b", "--format", "pdf"], "pdf"),
    "a suffix that no format has": (["audit", "a/b", "-o", "report.pdf"], "report.pdf"),
    "a folder that is not there": (["audit", "a/b", "-o", "no/such/report.html"], "no/such"),
    "no such criterion": (["audit", "a/b", "--fail-on", "OSD-11"], "OSD-11"),
    "a score over 100": (["audit", "a/b", "--fail-under", "101"], "101"),
    "no Hub id": (["audit", "a/b/c/d"], "a/b/c/d"),
    "no such pack": (["criteria", "list", "--pack", "no-such-pack"], "no-such-pack"),
    "a criterion without a facet": (["criteria", "explain", "OSD-6"], "OSD-6"),
    "no such evidence": (["judge", "no-such-file.json"], "no-such-file.json"),
    "evidence that is no JSON": (["judge", "-"], "JSON"),
    "no such licence": (["licence", "show", "no-such-licence"], "no-such-licence"),
    "demo into a file": (["demo", "-o", "a-file"], "a-file"),
}


@pytest.mark.parametrize("case", BAD_USAGE)
def test_wrong_usage_is_one_line_and_code_2(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, named = BAD_USAGE[case]
    (tmp_path / "a-file").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"no JSON")))
    code = run_here(arguments)
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert (code, out) == (2, ""), err
    assert len(lines) == 1, lines
    assert lines[0].startswith("osaudit: ")
    assert named in lines[0]
    assert [path.name for path in tmp_path.iterdir()] == ["a-file"], "nothing is written"


@pytest.mark.parametrize("target", ["./no-such-model", "./a-file", "acme/no-such-model"])
def test_what_cannot_be_looked_at_is_one_line_and_code_3(target: str, hub: LoopbackHub, tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("")
    done = osaudit("audit", target, "-o", "report.html", "-o", "report.json", cwd=tmp_path)
    lines = done.stderr.splitlines()
    assert (done.returncode, done.stdout, len(lines)) == (3, "", 1), done.stderr
    assert lines[0].startswith("osaudit: ")
    assert target.removeprefix("./") in lines[0]
    assert [path.name for path in tmp_path.iterdir()] == ["a-file"], "nothing that looks like success is written"
    assert hub.endpoint


def test_settings_stand_behind_flags_and_environment(tmp_path: Path) -> None:
    (tmp_path / "osaudit.toml").write_text('[criteria.list]\npack = "no-such-pack"\n')
    by_file = osaudit("criteria", "list", cwd=tmp_path)
    by_flag = osaudit("criteria", "list", "--pack", "osd", cwd=tmp_path)
    by_environment = osaudit("criteria", "list", cwd=tmp_path, env={"OSAUDIT_CRITERIA_LIST_PACK": "osd"})
    assert (by_file.returncode, by_flag.returncode, by_environment.returncode) == (2, 0, 0)
    assert "no-such-pack" in by_file.stderr


def test_broken_settings_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "osaudit.toml").write_text("[audit\n")
    done = osaudit("criteria", "list", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("osaudit: osaudit.toml")
    assert len(done.stderr.splitlines()) == 1


def test_a_bug_is_one_line_and_never_success(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("a\nbug")

    monkeypatch.setattr(cli, "main", broken)
    assert run_here(["--help"]) == 3
    assert capsys.readouterr().err.splitlines() == [
        "osaudit: this is a bug in osaudit, not in your input (RuntimeError: a bug); OSAUDIT_DEBUG=1 shows where"
    ]


def test_a_bug_that_one_model_meets_does_not_lose_the_others(
    hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(named: str, *rest: Any) -> Evidence:
        if named == "acme/odd":
            raise IndexError("list index out of range")
        return look(named, *rest)

    monkeypatch.setattr("osaudit.cli.audit.collect_evidence", broken)
    hub.add_model("acme/tiny", TINY)
    assert run_here(["audit", "acme/tiny", "acme/odd", "--format", "csv"]) == 3
    out, err = capsys.readouterr()
    assert "acme/tiny" in out
    assert "acme/odd: this is a bug in osaudit, not in your input (IndexError: list index out of range)" in err
    assert "1 of 2 models could not be judged" in err


@pytest.mark.parametrize("arguments", [("--help",), ("licence", "list"), ("criteria", "show", "OSD-6")])
def test_a_closed_pipe_is_no_verdict(arguments: tuple[str, ...]) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    with subprocess.Popen(
        [sys.executable, *START, *arguments], cwd=ROOT, stdout=write_end, stderr=subprocess.PIPE
    ) as process:
        os.close(write_end)
        _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (141, b"")


def test_without_a_stdout_reports_are_written_to_files(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.add_model("acme/tiny", TINY)
    report = tmp_path / "report.html"
    command = [sys.executable, *START, "audit", "acme/tiny", "-o", str(report)]
    done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", *command], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert report.stat().st_size


def test_what_is_named_twice_is_audited_once(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.add_model("acme/tiny", TINY)
    names = ["acme/tiny", "https://huggingface.co/acme/tiny", "acme/tiny@main"]
    assert run_here(["audit", *names, "--format", "csv"]) == 0
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 1 + 2
    assert err.splitlines() == [f"osaudit: {names[1]} is acme/tiny, which is named before: it is audited once"]


def test_quiet_is_quiet_about_files_as_well(
    hub: LoopbackHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.add_model("acme/tiny", TINY)
    command = ["audit", "acme/tiny", "-o", str(tmp_path / "a.json")]
    told = []
    for arguments in ((), ("-q",)):
        assert run_here([*command, *arguments]) == 0
        told.append(capsys.readouterr().err)
    assert told == [f"wrote {tmp_path / 'a.json'}\n", ""]


def test_a_scorecard_is_not_judged_again(hub: LoopbackHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hub.add_model("acme/tiny", TINY)
    card = tmp_path / "card.json"
    assert run_here(["audit", "acme/tiny", "-o", str(card)]) == 0
    assert run_here(["judge", str(card)]) == 2
    assert "this is a scorecard" in capsys.readouterr().err


@pytest.mark.parametrize("named", ["datasets/acme/set", "https://huggingface.co/datasets/acme/set"])
def test_a_data_set_is_not_audited_as_a_model(named: str, hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.add_dataset("acme/set", {"README.md": "---\nlicense: mit\n---\n"})
    assert run_here(["audit", named]) == 2
    assert "is a data set" in capsys.readouterr().err
    assert not hub.counts()


def test_a_folder_that_holds_no_model_is_not_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.dat").write_text("x")
    assert run_here(["audit", str(tmp_path)]) == 3
    assert "no card, licence, settings or weights" in capsys.readouterr().err


def test_an_interrupt_ends_all_at_once_in_one_line(hub: LoopbackHub, tmp_path: Path) -> None:
    names = [f"acme/m{number}" for number in range(40)]
    for name in names:
        hub.add_model(name, TINY)
    hub.fault("", "silent")  # so that the work is never done before the interrupt comes
    report = tmp_path / "report.html"
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "  # whoever started the tests
    with subprocess.Popen(
        [sys.executable, "-c", heard + START[1], "audit", *names, "--no-cache", "--timeout", "86400", "-o", report],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    ) as process:  # fmt: skip
        while not hub.counts():
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err.split()) == (130, b"", [b"osaudit:", b"interrupted"])
    assert not report.exists()


TINY = {"README.md": "---\nlicense: mit\n---\n# Tïny – a model\n", "model.safetensors": Weights(), "config.json": "{}"}


def test_a_report_on_stdout_is_the_report_alone(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.add_model("acme/tiny", TINY)
    done = osaudit("audit", "acme/tiny", "--format", "json", "-v", cwd=tmp_path, env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["model"] == "acme/tiny"
    assert "acme/tiny" in done.stderr, "requests are told on stderr"


def test_one_model_of_several_that_is_missing_is_told_and_costs_the_success(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.add_model("acme/tiny", TINY)
    done = osaudit("audit", "acme/tiny", "acme/missing", "--format", "json", cwd=tmp_path)
    assert done.returncode == 3
    assert "acme/tiny" in done.stdout
    assert [line for line in done.stderr.splitlines() if "acme/missing" in line]


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ((), 0),
        (("--fail-under", "1"), 0),
        (("--fail-under", "100"), 1),
        (("--fail-under", "100", "--exit-zero"), 0),
        (("--fail-on", "OSD-6/licence"), 0),
        (("--fail-on", "C2-T"), 1),
        (("--min-label", "weights-available"), 0),
        (("--min-label", "open-source-ai"), 1),
    ],
)
def test_the_gate_is_an_exit_code(
    condition: tuple[str, ...], code: int, hub: LoopbackHub, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.add_model("acme/tiny", TINY)
    assert run_here(["audit", "acme/tiny", *condition]) == code
    out, err = capsys.readouterr()
    assert bool(err) == (code == 1 or "--exit-zero" in condition), err
    assert "acme/tiny" in out


def test_the_stages_come_to_what_the_audit_comes_to(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.add_model("acme/tiny", TINY)
    clock = {"SOURCE_DATE_EPOCH": "1700000000"}
    whole = osaudit("audit", "acme/tiny", "--format", "json", cwd=tmp_path, env=clock)
    collected = osaudit("collect", "acme/tiny", cwd=tmp_path, env=clock)
    judged = osaudit("judge", "-", cwd=tmp_path, text_in=collected.stdout)
    drawn = osaudit("report", "-", "--format", "json", cwd=tmp_path, text_in=judged.stdout)
    assert whole.returncode == 0, whole.stderr
    assert whole.stdout == judged.stdout == drawn.stdout


def _on_a_terminal(cwd: Path, **env: str) -> str:
    """What the demo shows where stdout is a terminal."""
    plain = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb") as reader:
        started = subprocess.Popen(
            [sys.executable, *START, "demo", "-q"],
            cwd=cwd,
            env={**plain, "PYTHONPATH": str(ROOT), "TERM": "xterm", **env},
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs)
        shown = b"".join(_until_it_closes(reader))
    assert started.wait(PATIENCE) == 0
    return shown.decode()


def _until_it_closes(reader: BinaryIO) -> Iterator[bytes]:
    with contextlib.suppress(OSError):  # what a closed terminal says on Linux
        while chunk := os.read(reader.fileno(), 65536):
            yield chunk


def test_colour_is_for_terminals_that_want_it(tmp_path: Path) -> None:
    assert "\x1b[" in _on_a_terminal(tmp_path)
    assert "\x1b[" not in _on_a_terminal(tmp_path, NO_COLOR="1")
    assert "\x1b[" not in _on_a_terminal(tmp_path, TERM="dumb")
    assert "\x1b[" not in osaudit("demo", cwd=tmp_path).stdout


def test_the_program_alone_looks_seldom_for_cycles() -> None:
    asked = (
        "import gc, osaudit.cli as cli\n"
        "before = gc.get_threshold()\n"
        "cli.run(['criteria', 'list'])\n"
        "told = [gc.get_threshold() == before]\n"
        "try:\n    cli.main(['criteria', 'list'])\n"
        "except SystemExit:\n    told.append(gc.get_threshold()[0] > before[0])\n"
        "print(told)\n"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[True, True]"
