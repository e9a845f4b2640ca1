"""The gate as a program: what comes on which stream, on a terminal and in a pipe, and what a kill leaves behind."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hub.repos import Content, Weights
from hub.server import LoopbackHub
from program import PATIENCE, ROOT, START, osaudit

from osaudit.gate.lock import read_lock
from osaudit.gate.outputs import GATE_OUTPUTS

FILES: Mapping[str, Content] = {"config.json": '{"model_type": "bert"}', "model.safetensors": Weights()}
CARD = "---\nlicense: {0}\nlibrary_name: transformers\n---\n# A model\n"
WAIVERS = """waivers:
  - id: w-1
    rule: use.sell
    model: acme/closed
    commit: any
    owner: Legal
    reason: Accepted for the pilot.
    evidence: https://legal.example/1
    expires: "2999-01-01"
"""
PARSED: Mapping[str, Callable[[str], object]] = {
    "json": json.loads,
    "sarif": json.loads,
    "gitlab": json.loads,
    "junit": ET.fromstring,
    "github": lambda text: [re.fullmatch(r"::(?:error|warning|notice) .*", line)[0] for line in text.splitlines()],  # type: ignore[index]
    "markdown": lambda text: text.index("### osaudit gate: "),
    "text": lambda text: text.index("The gate could not judge everything"),
}


@pytest.fixture
def project(hub: LoopbackHub, tmp_path: Path) -> Path:
    """Code that adopts a model that passes, one that fails, and one that is not there."""
    for name, tag in (("acme/open", "apache-2.0"), ("acme/closed", "cc-by-nc-4.0")):
        hub.shelf.add("model", name, {"README.md": CARD.format(tag), **FILES})
    folder = tmp_path / "project"
    folder.mkdir()
    code = "".join(f'AutoModel.from_pretrained("acme/{name}")\n' for name in ("open", "closed", "gone"))
    (folder / "app.py").write_text(f"from transformers import AutoModel\n{code}", encoding="utf-8")
    return folder


def env(tmp_path: Path) -> dict[str, str]:
    return {"OSAUDIT_CACHE": str(tmp_path / "cache"), "HF_HOME": str(tmp_path / "hf")}


def test_every_format_parses_on_stdout_and_stderr_holds_the_rest(project: Path, tmp_path: Path) -> None:
    assert set(PARSED) == set(GATE_OUTPUTS)
    for form, parse in PARSED.items():
        for more in ((), ("--summary", "-v")) if form == "text" else (("-v",),):
            args = ("gate", "--scan", ".", "--policy", "commercial-use", "-f", form, *more)
            ended = osaudit(*args, cwd=project, env=env(tmp_path))
            assert ended.returncode == 3, (form, ended.stderr)
            parse(ended.stdout)
            assert "\x1b" not in ended.stdout + ended.stderr, form
            assert "\r" not in ended.stdout + ended.stderr, form
            assert "Traceback" not in ended.stderr
            told = "acme/gone: no such repository on the Hub"
            plain = re.sub(r"\s+", " ", ended.stdout.replace("\\", "").replace("&#8203;", ""))
            assert told in plain, form
            assert (told in ended.stderr) is (form != "text"), form
            assert ("policy commercial-use (" in ended.stderr) is ("-v" in more)


def on_a_terminal(arguments: tuple[str, ...], folder: Path, more: Mapping[str, str]) -> tuple[int, str, str]:
    """The exit code, and what stands on two terminals, one for stdout and one for stderr."""
    out, out_end = pty.openpty()
    err, err_end = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    surroundings = {**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "100", **more}
    command = [sys.executable, *START, *arguments]
    run = subprocess.Popen(
        command, cwd=folder, env=surroundings, stdin=subprocess.DEVNULL, stdout=out_end, stderr=err_end
    )
    os.close(out_end)
    os.close(err_end)
    shown = {out: b"", err: b""}
    for end in shown:  # what goes to stderr is little: it has room where nobody reads it yet
        with contextlib.suppress(OSError):  # what a closed terminal says on Linux
            while chunk := os.read(end, 65536):
                shown[end] += chunk
        os.close(end)
    return run.wait(PATIENCE), shown[out].decode(), shown[err].decode()


@pytest.mark.parametrize(
    ("more", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_the_text_has_colour_on_a_terminal_that_wants_it(
    more: dict[str, str],
    coloured: bool,  # noqa: FBT001 - a parameter of the test
    project: Path,
    tmp_path: Path,
) -> None:
    args = ("gate", "--scan", ".", "--policy", "commercial-use")
    code, out, err = on_a_terminal(args, project, {**env(tmp_path), **more})
    assert code == 3
    assert ("\x1b[" in out) is coloured
    assert "The gate could not judge everything" in out
    assert re.search(r"100% 3/3 models, \d+\.\d/s, 1 failed, 0 s to go", err)


@pytest.mark.parametrize("form", [form for form in PARSED if form != "text"])
def test_no_other_format_has_colour_on_a_terminal(form: str, project: Path, tmp_path: Path) -> None:
    args = ("gate", "--scan", ".", "--policy", "commercial-use", "-f", form)
    code, out, _ = on_a_terminal(args, project, {**env(tmp_path), "FORCE_COLOR": "1"})
    assert code == 3
    assert "\x1b" not in out
    PARSED[form](out.replace("\r\n", "\n"))


KILLER = """
import atexit, os, sys
seen, at, below = 0, int(os.environ["KILL_AT"]), os.environ["KILL_BELOW"]
def hook(event, args):
    global seen
    writes = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if not (writes or event in {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.truncate"}):
        return
    if any(isinstance(one, (str, bytes)) and os.path.abspath(os.fsdecode(one)).startswith(below) for one in args):
        seen += 1
        if seen == at:
            os.kill(os.getpid(), 9)
def told():
    number = seen
    with open(os.environ["KILL_COUNTED"], "w") as file:
        file.write(str(number))
sys.addaudithook(hook)
if at == 0:
    atexit.register(told)
"""


def started(
    arguments: tuple[str, ...], project: Path, tmp_path: Path, kill_at: int
) -> subprocess.CompletedProcess[bytes]:
    """Run the program; with `kill_at`, killed before that change of a file below the test's folder, counted from 1."""
    hooks = tmp_path / "hooks"
    hooks.mkdir(exist_ok=True)
    (hooks / "sitecustomize.py").write_text(KILLER, encoding="utf-8")
    surroundings = {**os.environ, **env(tmp_path), "PYTHONPATH": os.pathsep.join((str(hooks), str(ROOT)))}
    surroundings |= {"KILL_AT": str(kill_at), "KILL_BELOW": str(tmp_path), "KILL_COUNTED": str(tmp_path / "counted")}
    return subprocess.run(
        [sys.executable, *START, *arguments],
        cwd=project,
        env=surroundings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )


LOCK = ("lock", "acme/open", "acme/closed", "--policy", "commercial-use", "--evidence", "saved")
GATE = ("gate", "--locked", "--policy", "commercial-use", "-o", "gate.json", "-o", "gate.sarif")


def outcome(report: Path) -> dict[str, Any]:
    data = json.loads(report.read_text("utf-8"))
    return {row["model"]: (row["result"], row["findings"]) for row in data["models"]}


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [LOCK, GATE], ids=["lock", "gate"])
def test_a_gate_that_is_killed_at_any_change_leaves_lock_waivers_and_cache_whole(
    arguments: tuple[str, ...], hub: LoopbackHub, project: Path, tmp_path: Path
) -> None:
    (project / "osaudit-waivers.yaml").write_text(WAIVERS, encoding="utf-8")
    assert started(LOCK, project, tmp_path, 0).returncode == 0
    assert started(GATE, project, tmp_path, 0).returncode == 1
    lock, wanted = (project / "osaudit.lock").read_bytes(), outcome(project / "gate.json")
    newer = {**FILES, "README.md": CARD.format("cc-by-nc-4.0") + "More words.\n"}
    hub.shelf.commit(hub.shelf.repos["model", "acme/closed"], newer)
    clean(tmp_path)
    before = started(arguments, project, tmp_path, 0)
    assert before.returncode == (1 if arguments == GATE else 0)
    renewed, changes = (project / "osaudit.lock").read_bytes(), int((tmp_path / "counted").read_text("utf-8"))
    wanted = outcome(project / "gate.json") if arguments == GATE else wanted
    assert changes >= 8
    for at in sorted({1, 2, changes - 1, changes, *range(3, changes, max(1, changes // 6))}):
        clean(tmp_path)
        (project / "osaudit.lock").write_bytes(lock)
        ended = started(arguments, project, tmp_path, at).returncode
        assert ended == -signal.SIGKILL or (at >= changes - 4 and ended == before.returncode), at  # threads take turns
        assert (project / "osaudit-waivers.yaml").read_text("utf-8") == WAIVERS
        held = (project / "osaudit.lock").read_bytes()
        assert held in {lock, renewed}, f"killed at change {at}"
        assert read_lock(held, "osaudit.lock")
        for name in ("gate.json", "gate.sarif"):
            if (project / name).exists():
                json.loads((project / name).read_text("utf-8"))
        again = started(GATE, project, tmp_path, 0)
        assert again.returncode == 1, again.stderr
        assert b"refused" not in again.stderr
        if held == lock and arguments == GATE:
            assert outcome(project / "gate.json") == wanted, f"killed at change {at}"


def clean(tmp_path: Path) -> None:
    """Take away what runs before have kept."""
    for folder in (tmp_path / "cache", tmp_path / "hf"):
        for path in sorted(folder.rglob("*"), reverse=True) if folder.exists() else ():
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
