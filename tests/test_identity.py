"""A folder that is said to be a repository at a commit: it stands for it where each file is the repository's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hub.repos import Content, Lfs
from hub.server import LoopbackHub

from osaudit.cli import run as main

pytestmark = pytest.mark.corpus

CARD = "---\nlicense: apache-2.0\nlibrary_name: transformers\n---\n# A model\n"
CONFIG = '{"model_type": "bert", "architectures": ["BertModel"]}'


@pytest.fixture
def files(licence_texts: Path) -> Mapping[str, bytes]:
    licence = (licence_texts / "spdx" / "Apache-2.0.txt").read_bytes()
    return {
        "README.md": CARD.encode(),
        "LICENSE": licence,
        "config.json": CONFIG.encode(),
        "model.safetensors": b"weights" * 1000,
    }


@pytest.fixture
def folder(hub: LoopbackHub, files: Mapping[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OSAUDIT_CACHE", str(tmp_path / "cache"))
    listed: dict[str, Content] = {**files, "model.safetensors": Lfs(files["model.safetensors"])}
    hub.shelf.add("model", "acme/m", listed)
    place = tmp_path / "model"
    place.mkdir()
    for path, data in files.items():
        (place / path).write_bytes(data)
    return place


def audited(capsys: pytest.CaptureFixture[str], folder: Path, *args: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = main(["audit", str(folder), *args, "--format", "json", "-q"])
    return code, json.loads(capsys.readouterr().out)


def identity(hub: LoopbackHub) -> str:
    return f"acme/m@{hub.shelf.repos['model', 'acme/m'].sha}"


def test_a_folder_alone_stays_open_to_review(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, report = audited(capsys, folder)
    assert code == 0
    assert report["label"]["id"] != "open-weights"


@pytest.mark.parametrize("offline", [False, True])
def test_a_folder_whose_files_are_the_repositorys_stands_for_it(
    offline: bool,  # noqa: FBT001 - a parameter of the test
    folder: Path,
    hub: LoopbackHub,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if offline:
        assert main(["audit", identity(hub), "-q", "-o", str(folder.parent / "a.json")]) == 0
    code, report = audited(capsys, folder, "--identity", identity(hub), *(["--offline"] if offline else []))
    assert code == 0
    assert report["label"]["id"] == "open-weights"
    assert report["model"] == "acme/m"
    assert report["source"] == "folder"
    assert report["conflicts"] == []
    assert main(["gate", str(folder), "--identity", identity(hub), "--policy", "osi-strict", "-q"]) == 0


@pytest.mark.parametrize("change", ["LICENSE", "model.safetensors", "config.json", "EXTRA.md", "same-size"])
def test_what_differs_is_a_conflict_and_nothing_vouches_for_the_folder(
    change: str, folder: Path, hub: LoopbackHub, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "model.safetensors" if change == "same-size" else change
    data = (folder / name).read_bytes() if (folder / name).exists() else b""
    (folder / name).write_bytes(b"W" + data[1:] if change == "same-size" else data + b"x")
    _, report = audited(capsys, folder, "--identity", identity(hub))
    assert [one["kind"] for one in report["conflicts"]][:1] == ["folder-differs"]
    assert name in report["conflicts"][0]["because"]
    assert report["label"]["id"] != "open-weights"
    capsys.readouterr()
    assert main(["gate", str(folder), "--identity", identity(hub), "--policy", "osi-strict", "-q"]) == 1


def test_what_is_missing_is_told(folder: Path, hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "model.safetensors").unlink()
    _, report = audited(capsys, folder, "--identity", identity(hub))
    assert "model.safetensors" in {one["what"] for one in report["unseen"]}


def test_a_link_out_of_the_folder_vouches_for_nothing(
    folder: Path, hub: LoopbackHub, files: Mapping[str, bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    outside = folder.parent / "outside"
    outside.write_bytes(files["LICENSE"])
    (folder / "LICENSE").unlink()
    (folder / "LICENSE").symlink_to(outside)
    _, report = audited(capsys, folder, "--identity", identity(hub))
    assert [one["kind"] for one in report["conflicts"]][:1] == ["folder-differs"]


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["acme/m", "--identity", "acme/m@" + "0" * 40], "--identity says which repository a folder is"),
        (["FOLDER", "--identity", "acme/m"], "40 digits of the commit"),
        (["FOLDER", "--identity", "acme/m@main"], "40 digits of the commit"),
        (["FOLDER", "--identity", "datasets/acme/m@" + "0" * 40], "40 digits of the commit"),
    ],
)
def test_an_identity_that_is_none_is_told(
    args: list[str], told: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", *(str(folder) if one == "FOLDER" else one for one in args)]) == 2
    assert told in capsys.readouterr().err


def test_a_code_base_is_told_from_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "README.md").write_text("# An app\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    assert main(["audit", str(tmp_path)]) == 2
    assert "is a code base and no model: `osaudit scan" in capsys.readouterr().err
    (tmp_path / "README.md").write_text(CARD, encoding="utf-8")
    assert main(["audit", str(tmp_path), "-q", "-o", str(tmp_path / "out.json")]) == 0
