"""The program as it is installed: sdist, then wheel, then a bare virtual environment, run from another folder."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import pytest
from program import ROOT, run

from osaudit import __version__

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]

SHIPPED = {"osaudit": "osaudit", "criteria": "osaudit/_data/criteria", "reports": "osaudit/_data/reports"}


@dataclass(frozen=True)
class Installed:
    """What was built, and the environment that it was installed in."""

    sdist: Path
    wheel: Path
    home: Path

    @property
    def python(self) -> str:
        return str(self.home / "bin" / "python")

    @property
    def program(self) -> str:
        return str(self.home / "bin" / "osaudit")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    offline = {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONPATH": ""}
    built = run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), cwd=ROOT, env=offline)
    assert built.returncode == 0, built.stdout + built.stderr
    found = Installed(next(folder.glob("*.tar.gz")), next(folder.glob("*.whl")), folder / "env")
    venv.create(found.home, with_pip=False, symlinks=True)
    pip = (sys.executable, "-m", "pip", "--python", found.python, "install", "--quiet", "--no-deps", str(found.wheel))
    put = run(*pip, cwd=folder, env=offline)
    assert put.returncode == 0, put.stderr
    packages = next(found.home.glob("lib/python*/site-packages"))
    (packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n")
    return found


def _checkout(top: str) -> set[str]:
    return {
        path.relative_to(ROOT / top).as_posix()
        for path in (ROOT / top).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.mark.parametrize("top", SHIPPED)
def test_the_wheel_holds_every_file_of_the_program_and_its_data(installed: Installed, top: str) -> None:
    names = set(zipfile.ZipFile(installed.wheel).namelist())
    missing = {name for name in _checkout(top) if f"{SHIPPED[top]}/{name}" not in names}
    assert not missing


def test_the_wheel_holds_nothing_else(installed: Installed) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(installed.wheel).namelist()}
    assert tops == {"osaudit", f"osaudit-{__version__}.dist-info"}


def test_the_wheel_brings_what_the_program_starts_from(installed: Installed) -> None:
    name = f"osaudit/_data/compiled.{sys.implementation.cache_tag}.bin"
    head, _, packed = zipfile.ZipFile(installed.wheel).read(name).partition(b"\n")
    held = json.loads(head)
    expressions = json.loads(zlib.decompress(packed[: held["expressions"]]))
    asked = "from osaudit.compiled import _kept; print(len(_kept().file.expressions), len(_kept().file.tables))"
    told = run(installed.python, "-c", asked, cwd=installed.home, env={"PYTHONDONTWRITEBYTECODE": "1"})
    assert told.stdout.split() == [str(len(expressions)), str(len(held["tables"]))], told.stderr
    assert len(expressions) > 900


def test_source_and_wheel_bring_the_commit_that_they_were_made_from(installed: Installed) -> None:
    held = zipfile.ZipFile(installed.wheel).read("osaudit/_data/build.json")
    with tarfile.open(installed.sdist) as archive:
        file = archive.extractfile(f"osaudit-{__version__}/build.json")
        assert file is not None
        assert file.read() == held
    commit = json.loads(held)["commit"]
    asked = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    head = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    assert commit in {head, "unknown"}


def test_the_wheel_tells_its_terms(installed: Installed) -> None:
    archive = zipfile.ZipFile(installed.wheel)
    info = f"osaudit-{__version__}.dist-info"
    metadata = archive.read(f"{info}/METADATA").decode()
    assert "License-Expression: Apache-2.0" in metadata
    assert archive.read(f"{info}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
    needed = [line for line in metadata.splitlines() if line.startswith("Requires-Dist: ") and "extra ==" not in line]
    assert needed
    assert not [line for line in needed if "torch" in line or "transformers" in line]


def test_the_sdist_can_be_tested_and_read(installed: Installed) -> None:
    with tarfile.open(installed.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", ".ci/run"} <= names
    assert {"tests/test_wheel.py", "benchmarks/record_demo.py"} <= names


def test_it_runs_from_another_folder(installed: Installed, tmp_path: Path) -> None:
    told = run(installed.python, "-c", "import osaudit; print(osaudit.__file__)", cwd=tmp_path)
    assert Path(told.stdout.strip()).is_relative_to(installed.home), told
    version = run(installed.program, "--version", cwd=tmp_path)
    told = version.stdout.splitlines()
    assert told[0] == f"osaudit, version {__version__}", version.stderr
    assert re.fullmatch("source commit: ([0-9a-f]{40}|unknown)", told[1])
    record = next(installed.home.rglob(f"osaudit-{__version__}.dist-info/RECORD")).read_bytes()
    assert told[2:] == [f"sha256 of the installed RECORD: {hashlib.sha256(record).hexdigest()}"]
    criteria = run(installed.program, "criteria", "list", cwd=tmp_path)
    assert (criteria.returncode, criteria.stdout.count("OSD-")) == (0, 10), criteria.stderr


def test_its_demo_needs_nothing_else(installed: Installed, tmp_path: Path) -> None:
    done = run(installed.program, "demo", cwd=tmp_path, env=_nowhere(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "mistralai/Mistral-7B-v0.1" in done.stdout
    assert (tmp_path / "osaudit-demo" / "summary.html").is_file()


def test_it_audits_a_folder(installed: Installed, tmp_path: Path) -> None:
    model = tmp_path / "tiny-model"
    model.mkdir()
    (model / "README.md").write_text("---\nlicense: mit\n---\n# Tiny\n\nA model made for this test.\n")
    (model / "config.json").write_text('{"architectures": ["TinyForCausalLM"], "model_type": "tiny"}')
    (model / "model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    done = run(
        installed.program, "audit", "./tiny-model", "-o", "r.json", "-o", "r.html", cwd=tmp_path, env=_nowhere(tmp_path)
    )
    assert done.returncode == 0, done.stderr
    card = json.loads((tmp_path / "r.json").read_text())
    assert card["tool"] == {"name": "osaudit", "version": __version__}
    assert card["licence"]["weights"]["key"] == "mit"
    assert len(card["verdicts"]) == 40
    assert (tmp_path / "r.html").read_text().startswith("<!doctype html>")


def _nowhere(tmp_path: Path) -> dict[str, str]:
    """No Hub, no home, no path to the checkout."""
    return {"HF_ENDPOINT": "http://127.0.0.1:9", "HOME": str(tmp_path), "PYTHONPATH": "", "PATH": os.defpath}
