from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from osaudit.probe.view import SHOW, view_of


def shown(job: dict[str, object]) -> set[Path]:
    return {Path(path) for path in view_of(job)["shown"]}


def is_shown(path: Path, job: dict[str, object]) -> bool:
    return any(path.is_relative_to(one) for one in shown(job))


def test_python_and_its_libraries_are_shown_and_homes_are_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "home"), str(tmp_path), "/", "/tmp"])  # noqa: S108 - hidden
    for path in (Path(sys.executable), Path(os.__file__), Path(pytest.__file__), Path(view_of.__code__.co_filename)):
        assert is_shown(path, {}), path
    for path in (Path("/tmp"), Path("/run"), Path("/root/x"), Path("/home/x"), tmp_path, Path("/var/lib/x")):  # noqa: S108 - hidden
        assert not is_shown(path, {}), path
    assert "/dev/null" in view_of({})["devices"]
    assert not any("vd" in path or "sd" in path for path in view_of({})["devices"])


def test_the_model_and_its_blobs_are_shown(tmp_path: Path) -> None:
    cache = tmp_path / "models--a--b"
    folder, blobs = cache / "snapshots" / ("0" * 40), cache / "blobs"
    folder.mkdir(parents=True)
    blobs.mkdir()
    for name in ("asked", "other"):
        (blobs / name).write_text("x")
    (tmp_path / "secret").write_text("x")
    (folder / "model.safetensors").symlink_to("../../blobs/asked")
    (folder / "config.json").symlink_to(tmp_path / "secret")
    job: dict[str, object] = {"folder": str(folder)}
    assert is_shown(folder / "model.safetensors", job)
    assert is_shown(blobs / "asked", job)
    assert not is_shown(blobs / "other", job)
    assert not is_shown(tmp_path / "secret", job)


def test_more_can_be_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(SHOW, f"{tmp_path}{os.pathsep}/nowhere/at/all")
    assert tmp_path in shown({})
    assert Path("/nowhere/at/all") not in shown({})
