"""The command line's words: what a new user types is understood, or told with the nearest that is meant."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hub.repos import Weights
from hub.server import LoopbackHub
from program import osaudit

from osaudit.cli import run as run_here
from osaudit.cli.output import _colour
from osaudit.errors import UsageError
from osaudit.sources.refs import parse_ref

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TINY = {"README.md": "---\nlicense: mit\n---\n# A model\n", "model.safetensors": Weights(), "config.json": "{}"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("acme/tiny/", "acme/tiny"),
        ("hf://acme/tiny", "acme/tiny"),
        ("hf://acme/tiny/", "acme/tiny"),
        (f"hf://acme/tiny@{COMMIT}", f"acme/tiny@{COMMIT}"),
        ("hf://datasets/acme/set", "datasets/acme/set"),
        ("hf.co/acme/tiny:Q4_K_M", "acme/tiny"),
        ("hf.co/acme/tiny", "acme/tiny"),
        ("huggingface.co/acme/tiny:latest", "acme/tiny"),
        ("acme/tiny:Q4_K_M", "acme/tiny"),
    ],
)
def test_a_model_is_named_as_elsewhere(typed: str, meant: str) -> None:
    ref = parse_ref(typed)
    assert f"{ref.path}{f'@{ref.revision}' if ref.revision else ''}" == meant


@pytest.mark.parametrize("page", ["https://huggingface.co/acme/models", "hf.co/acme/datasets"])
def test_an_organisations_page_is_told(page: str) -> None:
    with pytest.raises(
        UsageError, match="is the page of an organisation or a person: name one of its models, as org/name"
    ):
        parse_ref(page)


def test_an_organisations_name_is_told(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_here(["audit", "https://huggingface.co/acme"]) == 3
    assert "if it is an organisation or a person, name one of its models" in capsys.readouterr().err
    assert hub.endpoint


NEAR: dict[str, tuple[list[str], str]] = {
    "a command": (["adit", "a/b"], "is 'audit' meant?"),
    "an option": (["audit", "a/b", "--fomat", "json"], "--format"),
    "a format": (["audit", "a/b", "--format", "jsno"], "is 'json' meant?"),
    "a format of the gate": (["gate", "a/b", "--policy", "research", "-f", "sarfi"], "is 'sarif' meant?"),
    "a policy": (["gate", "a/b", "--policy", "osi-stric"], "is 'osi-strict' meant?"),
    "a pack": (["audit", "a/b", "--pack", "osiad"], "is 'osaid' meant?"),
    "a criterion": (["audit", "a/b", "--fail-on", "ODS-6"], "is 'OSD-6' meant?"),
    "a cell": (["criteria", "explain", "OSD-6/license"], "is 'OSD-6/licence' meant?"),
    "a licence": (["licence", "show", "apache-2.1"], "is 'apache-2.0' meant?"),
    "a sub-command": (["criteria", "shwo"], "show"),
}


@pytest.mark.parametrize("case", NEAR)
def test_a_near_miss_is_told_with_the_nearest(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, told = NEAR[case]
    assert run_here(arguments) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert told in line


@pytest.mark.parametrize(
    "arguments",
    [
        ["license", "show", "mit"],
        ["criteria", "list", "--pack", "OSAID"],
        ["criteria", "explain", "c6-l"],
        ["criteria", "explain", "osd-6/Licence"],
        ["criteria", "show", "osaid-use", "--pack", "Osaid"],
    ],
)
def test_other_spellings_are_understood(arguments: list[str]) -> None:
    assert run_here(arguments) == 0


def test_lists_with_commas(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.add_model("acme/tiny", TINY)
    assert run_here(["audit", "acme/tiny", "--pack", "OSAID,mof", "--fail-on", "C2-T,C2-D", "-f", "json"]) == 1
    out, err = capsys.readouterr()
    assert [pack["id"] for pack in json.loads(out)["packs"]] == ["osd", "osaid", "mof"]
    assert ["OSD-2/training" in err, "OSD-2/data" in err] == [True, True]


def test_the_short_names_of_a_format(
    hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.add_model("acme/tiny", TINY)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    shown = []
    for name in ("markdown", "md", "MD"):
        assert run_here(["audit", "acme/tiny", "-f", name]) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0].startswith("###")
    assert len(set(shown)) == 1
    shown = []
    for name in ("markdown", "md", "MD"):
        assert run_here(["gate", "acme/tiny", "--no-conditions", "-f", name]) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0].startswith("### osaudit gate: passed")
    assert len(set(shown)) == 1


def test_a_folder_takes_a_report_a_model(hub: LoopbackHub, tmp_path: Path) -> None:
    for name in ("acme/one", "acme/two"):
        hub.add_model(name, TINY)
    folder = f"{tmp_path / 'reports'}/"
    assert run_here(["audit", "acme/one", "acme/two", "-o", folder, "-o", str(tmp_path / "all.json"), "-q"]) == 0
    assert sorted(path.name for path in Path(folder).iterdir()) == ["acme--one.txt", "acme--two.txt"]
    assert run_here(["audit", "acme/one", "acme/two", "-o", folder, "-f", "json", "-q"]) == 0
    assert json.loads((Path(folder) / "acme--two.json").read_text())["model"] == "acme/two"
    assert run_here(["report", str(tmp_path / "all.json"), "-o", folder.rstrip("/"), "-f", "md"]) == 0
    assert (Path(folder) / "acme--one.md").is_file()


def test_no_name_leads_out_of_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    model = tmp_path / "..odd\n ;name"
    model.mkdir()
    (model / "model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    assert run_here(["audit", str(model), "-o", "out/", "-q"]) == 0
    assert [path.name for path in Path("out").iterdir()] == ["odd_name.txt"]


@pytest.mark.parametrize(
    ("set_", "on_a_terminal", "colour"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": ""}, False, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_colour_as_its_standards_say(
    set_: dict[str, str], on_a_terminal: bool, colour: bool, monkeypatch: pytest.MonkeyPatch  # noqa: FBT001 - a parameter of the test
) -> None:  # fmt: skip
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm", **set_}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: on_a_terminal)
    assert _colour() is colour


ERRORS: dict[str, tuple[list[str], int, str]] = {
    "no such model": (["audit", "acme/none", "-f", "json"], 3, "missing"),
    "no such option": (["audit", "acme/none", "--format=json", "--no-such"], 2, "usage"),
    "no such id": (["collect", "a/b/c", "--format", "json"], 2, "usage"),
    "no such command": (["adit", "-f", "json"], 2, "usage"),
    "no such file": (["report", "none.json", "-f", "json"], 2, "usage"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_an_error_is_json_where_json_was_to_come(
    case: str, hub: LoopbackHub, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, code, kind = ERRORS[case]
    assert run_here(arguments) == code
    out, err = capsys.readouterr()
    error = json.loads(out)["error"]
    assert (error["kind"], error["exit"]) == (kind, code)
    assert err.startswith(f"osaudit: {error['message'][:40]}")
    assert hub.endpoint


def test_a_model_that_was_not_judged_stands_in_the_list(
    hub: LoopbackHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.add_model("acme/tiny", TINY)
    assert run_here(["audit", "acme/none", "acme/tiny", "-f", "json"]) == 3
    text = capsys.readouterr().out
    first, second = json.loads(text)
    assert first["model"] == "acme/tiny"
    assert (second["model"], second["error"]["kind"], second["error"]["exit"]) == ("acme/none", "missing", 3)
    saved = tmp_path / "list.json"
    saved.write_text(text)
    assert run_here(["report", str(saved), "-f", "csv"]) == 3
    out, err = capsys.readouterr()
    assert "acme/tiny" in out
    assert "acme/none" in err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_complete(shell: str, tmp_path: Path) -> None:
    done = osaudit(cwd=tmp_path, env={"_OSAUDIT_COMPLETE": f"{shell}_source"})
    if shell == "bash" and done.returncode:
        pytest.skip("there is no bash of a version that completes")
    assert done.returncode == 0
    assert "_OSAUDIT_COMPLETE" in done.stdout


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("osaudit aud", "audit"),
        ("osaudit audit --pack osa", "osaid"),
        ("osaudit audit --pack mof,osa", "mof,osaid"),
        ("osaudit audit --fail-on osd-6/lic", "OSD-6/licence"),
        ("osaudit licence show apache-2", "apache-2.0"),
        ("osaudit audit --min-label open-w", "open-weights"),
    ],
)
def test_values_are_completed(line: str, offered: str, tmp_path: Path) -> None:
    words = line.split()
    env = {"_OSAUDIT_COMPLETE": "zsh_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    done = osaudit(cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    assert offered in done.stdout.splitlines()
    assert not os.listdir(tmp_path)  # noqa: PTH208 - nothing is written
