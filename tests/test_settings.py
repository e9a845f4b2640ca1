"""Settings: strict to the letter, and never from what is audited."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from hub.server import LoopbackHub

from osaudit.cli import cli
from osaudit.cli import run as run_here
from osaudit.cli.settings import Settings, find, read_named
from osaudit.cli.strict import default_map, line_of
from osaudit.errors import UsageError

OPEN = "---\nlicense: mit\n---\n# A model\n"
FAILS = ("--fail-under", "100")


def made(text: str, name: str = "osaudit.toml") -> Settings:
    Path(name).write_text(text, encoding="utf-8")
    return find(Path.cwd())


def mapped(settings: Settings) -> dict[str, object]:
    return default_map(settings, cli, click.Context(cli))


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


STRANGE: dict[str, tuple[str, int, str]] = {
    "a misspelt table": ("\n[adit]\nfail-on = 'OSD-6'\n", 2, "'audit'"),
    "a misspelt key": ("[audit]\nmin-label = 'open-weights'\nfail-undr = 60\n", 3, "'fail-under'"),
    "the program's own name of an option": ("[audit]\noutputs = ['a.html']\n", 2, "'output'"),
    "a key outside of all tables": ("fail-under = 60\n", 1, "[audit]"),
    "a dotted key": ("audit.fail-undr = 60\n", 1, "'fail-under'"),
    "an inline table": ("# first\naudit = { fail-undr = 60 }\n", 2, "'fail-under'"),
    "a table of a sub-command": ("[criteria.lists]\npack = 'osd'\n", 1, "'list'"),
    "a key of a sub-command": ("[criteria.list]\npak = 'osd'\n", 2, "'pack'"),
    "a table in place of a value": ("[audit.pack]\nosaid = true\n", 1, "'pack'"),
    "an argument": ("[audit]\nmodels = ['a/b']\n", 2, "'models'"),
    "a list for one value": ("[audit]\nfail-under = [1, 2]\n", 2, "one value"),
    "a number for a list": ("[audit]\nfail-on = 6\n", 2, "a list"),
    "a day": ("[audit]\nrevision = 2026-11-30\n", 2, "a text or a number"),
    "a number for a switch": ("[audit]\nexit-zero = 1\n", 2, "true or false"),
    "a value out of range": ("[audit]\nfail-under = 160\n", 2, "160"),
    "a value that is no choice": ("[audit]\nmin-label = 'open'\n", 2, "open"),
    "an option that picks the file": ("[audit]\nconfig = 'other.toml'\n", 2, "'config'"),
}


@pytest.mark.parametrize("case", STRANGE)
def test_what_is_not_known_is_refused_with_its_line(case: str) -> None:
    text, line, named = STRANGE[case]
    with pytest.raises(UsageError) as caught:
        mapped(made(text))
    words = str(caught.value)
    assert words.startswith(f"osaudit.toml, line {line}: ")
    assert named in words
    assert "\n" not in words


def test_a_misspelt_condition_passes_no_model(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.add_model("acme/tiny", {"README.md": OPEN})
    made("[audit]\nfail-undr = 100\n")
    assert run_here(["audit", "acme/tiny"]) == 2
    assert "line 2" in capsys.readouterr().err
    assert not hub.counts()


def test_the_project_file_is_held_alike() -> None:
    made("[tool.other]\nx = 1\n\n[tool.osaudit.audit]\nfail-undr = 60\n", "pyproject.toml")
    with pytest.raises(UsageError, match=r"pyproject.toml, line 5: \[tool.osaudit.audit\] has no key 'fail-undr'"):
        mapped(find(Path.cwd()))


def test_keys_are_the_flags_and_values_reach_their_options() -> None:
    text = "[audit]\nformat = 'md'\noutput = ['a.html']\nfail_on = 'OSD-6'\n"
    text += "[audit-bom]\npack = 'mof'\n[license.list]\ncategory = 'x'\n"
    assert mapped(made(text)) == {
        "audit": {"form": "md", "outputs": ("a.html",), "fail_on": ("OSD-6",)},
        "audit-bom": {"pack": "mof"},
        "licence": {"list": {"category": "x"}},
    }


def test_a_table_of_its_own_is_held_to_its_keys() -> None:
    good = made("[gate]\nmin-label = 'open-weights'\n[gate.adopter]\nterritory = 'EU'\n")
    assert mapped(good) == {}
    assert good.table("gate")["adopter"] == {"territory": "EU"}
    with pytest.raises(UsageError, match=r"line 2: \[gate\] has no key 'min-lable': is 'min-label' meant\?"):
        mapped(made("[gate]\nmin-lable = 'open-weights'\n"))


@pytest.mark.parametrize(
    "text",
    ["x = " + "[" * 20_000, "[" * 20_000, "[audit\n", "a = 1\na = 2\n", "\x00", "x = '\xe9'"],
    ids=["brackets", "heads", "open", "twice", "nul", "not-utf-8"],
)
def test_what_is_no_toml_is_told_in_one_line(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("osaudit.toml").write_text(text, encoding="latin-1")
    assert run_here(["criteria", "list"]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert err.startswith("osaudit: osaudit.toml is not readable TOML")


@pytest.mark.parametrize("text", ["tool = 5\n", "[tool]\nosaudit = 5\n"])
def test_a_project_file_of_another_shape_is_told(text: str) -> None:
    with pytest.raises(UsageError, match=r"is no table: write the settings under \[tool.osaudit\]"):
        made(text, "pyproject.toml")


def test_a_line_is_found_as_far_as_it_can_be() -> None:
    text = '[a."b"]\n# x\n"k" = 1\n[[c]]\nd.e = 2\n'
    assert [line_of(text, keys) for keys in (("a", "b", "k"), ("c",), ("c", "d", "e"), ("z",))] == [3, 4, 5, None]


# What is audited sets nothing.


def model_at(folder: Path, settings: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "README.md").write_text(OPEN, encoding="utf-8")
    (folder / "model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    (folder / "osaudit.toml").write_text(settings, encoding="utf-8")
    return folder


@pytest.mark.parametrize("named", [".", "./", "../model", "../../work/model"])
def test_a_model_sets_no_condition_for_itself(
    named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    victim = tmp_path / "victim.txt"
    victim.write_text("mine")
    monkeypatch.chdir(model_at(tmp_path / "work" / "model", f"[audit]\nexit-zero = true\noutput = '{victim}'\n"))
    assert run_here(["audit", named, *FAILS]) == 1
    assert victim.read_text() == "mine"
    assert "osaudit.toml lies in what is audited, and is not read" in capsys.readouterr().err


def test_nor_does_a_folder_within_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_at(tmp_path / "model", "[audit]\nexit-zero = true\n")
    (model / "tools").mkdir()
    monkeypatch.chdir(model / "tools")
    assert run_here(["audit", "..", *FAILS, "-q"]) == 1


def test_nor_does_what_links_into_the_model(tmp_path: Path) -> None:
    model = model_at(tmp_path / "model", "[audit]\nexit-zero = true\n")
    Path("osaudit.toml").symlink_to(model / "osaudit.toml")
    assert run_here(["audit", "./model", *FAILS, "-q"]) == 1


def test_the_settings_above_the_model_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made("[audit]\nfail-under = 100\n")
    monkeypatch.chdir(model_at(tmp_path / "model", "[audit]\nexit-zero = true\nfail-under = 0\n"))
    assert run_here(["audit", ".", "-q"]) == 1


def test_settings_of_the_model_are_refused_by_name_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model_at(tmp_path / "model", "[audit]\nexit-zero = true\n")
    assert run_here(["audit", "./model", *FAILS, "--config", "model/osaudit.toml"]) == 2
    assert "lies in what is audited" in capsys.readouterr().err


PLACES: dict[str, Callable[[list[str]], list[str]]] = {
    "behind the command": lambda own: ["criteria", *own, "list"],
    "before it": lambda own: [*own, "criteria", "list"],
}


@pytest.mark.parametrize("place", PLACES)
def test_the_file_can_be_named_or_left_out(place: str, tmp_path: Path) -> None:
    Path("osaudit.toml").write_text("[criteria.list]\npack = 'no-such-pack'\n")
    other = tmp_path / "other.toml"
    other.write_text("[criteria.list]\npack = 'mof'\n")
    call = PLACES[place]
    assert run_here(call([])) == 2
    assert run_here(call(["--no-config"])) == 0
    assert run_here(call(["--config", str(other)])) == 0
    assert run_here(call(["--config", "no-such-file.toml"])) == 2
    assert run_here(call(["--config", str(tmp_path)])) == 2


def test_a_named_project_file_is_read_as_one() -> None:
    Path("pyproject.toml").write_text("[tool.osaudit.audit]\nfail-under = 5\n")
    assert mapped(read_named("pyproject.toml")) == {"audit": {"fail_under": 5}}


def test_settings_that_may_not_be_read_are_no_settings_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    Path("osaudit.toml").mkdir()
    assert run_here(["criteria", "list"]) == 2
    assert "is no file" in capsys.readouterr().err


def test_the_file_used_is_told(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.add_model("acme/tiny", {"README.md": OPEN})
    used = made("[audit]\nformat = 'json'\n")
    assert run_here(["audit", "acme/tiny", "-v"]) == 0
    out, err = capsys.readouterr()
    assert "osaudit: settings: osaudit.toml" in err.splitlines()
    assert json.loads(out)["config"] == {"file": "osaudit.toml", "sha256": used.sha256, "exit_zero_by": None}
    assert run_here(["audit", "acme/tiny", "--no-config", "-f", "json", "-v"]) == 0
    out, err = capsys.readouterr()
    assert "osaudit: settings: none" in err.splitlines()
    assert "config" not in json.loads(out)


@pytest.mark.parametrize("by", ["--exit-zero", "OSAUDIT_AUDIT_EXIT_ZERO", "exit-zero in osaudit.toml"])
def test_what_turned_a_failure_into_0_is_told(
    by: str, hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.add_model("acme/tiny", {"README.md": OPEN})
    call = ["audit", "acme/tiny", *FAILS, "-f", "json"]
    if by.startswith("OSAUDIT"):
        monkeypatch.setenv(by, "1")
    elif by.startswith("--"):
        call.append(by)
    else:
        made("[audit]\nexit-zero = true\n")
    assert run_here(call) == 0
    out, err = capsys.readouterr()
    assert f"the conditions are not met, and {by}" in err
    assert by in json.loads(out)["config"]["exit_zero_by"]
    assert run_here(["audit", "acme/tiny", *call[4:], "--fail-under", "0"]) == 0
    assert "the conditions are not met" not in capsys.readouterr().err


def test_the_environment_is_held_to_the_options_too(
    hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.add_model("acme/tiny", {"README.md": OPEN})
    monkeypatch.setenv("OSAUDIT_AUDIT_BOM_FORMAT", "csv")
    monkeypatch.setenv("OSAUDIT_AUDIT_FORMAT", "csv")
    assert run_here(["audit", "acme/tiny"]) == 0
    assert capsys.readouterr().out.startswith("rank,")
    monkeypatch.setenv("OSAUDIT_AUDIT_FAIL_UNDR", "100")
    assert run_here(["audit", "acme/tiny"]) == 2
    assert "OSAUDIT_AUDIT_FAIL_UNDR sets nothing: is 'OSAUDIT_AUDIT_FAIL_UNDER' meant?" in capsys.readouterr().err
    assert "OSAUDIT_AUDIT_FAIL_UNDR" in os.environ
