"""The environment: what is wrong with it is told by its variable, as wrong usage, before anything is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from hub.server import LoopbackHub

from osaudit.cli import run as run_here

WRONG: dict[str, dict[str, str]] = {
    "an address without a scheme": {"HF_ENDPOINT": "nonsense"},
    "an address without a host": {"HF_ENDPOINT": "http://"},
    "half a bracket": {"HF_ENDPOINT": "http://[::1"},
    "a port over all": {"HF_ENDPOINT": "http://127.0.0.1:99999"},
    "another scheme": {"HF_ENDPOINT": "ftp://127.0.0.1"},
    "a space": {"HF_ENDPOINT": "http://exa mple"},
    "two lines": {"HF_ENDPOINT": "http://x\n::error::y"},
    "a home within a file": {"HF_HOME": "a-file/below"},
    "a token's file that is a folder": {"HF_TOKEN_PATH": "."},
    "a token's file that is no text": {"HF_TOKEN_PATH": "bytes"},
    "a cache within a file": {"OSAUDIT_CACHE": "a-file/below"},
    "a cache that is a file": {"OSAUDIT_CACHE": "a-file"},
    "a cache of nobody's": {"OSAUDIT_CACHE": "~no-such-user-here/cache"},
    "a cache too long to be": {"OSAUDIT_CACHE": "x" * 5000},
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("command", ["audit", "probe"])
def test_what_is_wrong_is_told_by_its_name(
    case: str, command: str, hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / "a-file").write_text("")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\xfd")
    monkeypatch.chdir(tmp_path)
    for variable in ("HF_TOKEN", "HF_TOKEN_PATH"):
        monkeypatch.delenv(variable, raising=False)
    [(name, value)] = WRONG[case].items()
    if command == "probe" and name == "OSAUDIT_CACHE":
        pytest.skip("the probe keeps nothing there")
    monkeypatch.setenv(name, value)
    assert run_here([command, "acme/tiny"]) == 2
    out, err = capsys.readouterr()
    [line] = err.splitlines()
    assert (out, line.startswith(f"osaudit: {name} is ")) == ("", True), err
    assert "bug" not in line
    assert not hub.counts()


@pytest.mark.parametrize("case", [case for case, wrong in WRONG.items() if "OSAUDIT_CACHE" in wrong])
def test_a_cache_that_cannot_be_one_is_told_of_several_models_too(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a-file").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OSAUDIT_CACHE", WRONG[case]["OSAUDIT_CACHE"])
    assert run_here(["audit", "acme/tiny", "acme/other"]) == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.startswith("osaudit: OSAUDIT_CACHE is ") for line in told] == [True, True, False]
