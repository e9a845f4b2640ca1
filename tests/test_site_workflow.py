"""The workflow of a leaderboard: its form, its rights, and its scripts as a runner runs them."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from hub.repos import Weights
from hub.server import LoopbackHub
from jsonschema import Draft7Validator
from program import ROOT, START, run

WORKFLOW: dict[str, Any] = yaml.safe_load((ROOT / "ci" / "leaderboard-pages.yml").read_text(encoding="utf-8"))
WORKFLOW["on"] = WORKFLOW.pop(True)  # type: ignore[call-overload] # YAML 1.1 takes the word for a truth
BUILD, DEPLOY = WORKFLOW["jobs"]["build"], WORKFLOW["jobs"]["deploy"]
BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail")
WEIGHTS = {"model.safetensors": Weights(), "config.json": '{"model_type": "bert"}'}


def card(tag: str) -> str:
    return f"---\nlicense: {tag}\nlibrary_name: transformers\n---\n# A model\n"


@pytest.fixture
def project(hub: LoopbackHub, tmp_path: Path) -> Path:
    """A repository with a list of models, one of which is missing."""
    hub.shelf.add("model", "acme/good", {"README.md": card("mit"), **WEIGHTS})
    hub.shelf.add("model", "acme/closed", {"README.md": card("cc-by-nc-4.0"), **WEIGHTS})
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "models.txt").write_text("acme/good\nacme/closed\nacme/missing\n")
    program = tmp_path / "bin" / "osaudit"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nPYTHONPATH='{ROOT}' exec '{sys.executable}' {START[0]} '{START[1]}' \"$@\"\n")
    program.chmod(0o755)
    return folder


def ran(project: Path, name: str, **env: str) -> tuple[int, str]:
    """Run a step's script as the runner does, without the values of expressions."""
    [step] = [step for step in BUILD["steps"] if step["name"] == name]
    told = {key: "" if "${{" in str(value) else str(value) for key, value in BUILD["env"].items()}
    path = f"{project.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = run(*BASH, "-c", step["run"], cwd=project, env={**told, "PATH": path, **env})
    return done.returncode, done.stdout + done.stderr


def test_it_sweeps_builds_and_goes_on_where_it_was(project: Path, hub: LoopbackHub) -> None:
    for _ in range(2):
        code, log = ran(project, "Sweep")
        assert code == 0, log
        code, log = ran(project, "Build", OSAUDIT_BY="Acme; $(touch owned)", OSAUDIT_LICENCE="CC-BY-4.0")
        assert code == 0, log
        hub.shelf.add("model", "acme/good", {"README.md": card("cc-by-nc-4.0"), **WEIGHTS})
    site = project / "leaderboard-site"
    rows = {row["model"]: row for row in json.loads((site / "data" / "models.json").read_bytes())["models"]}
    assert {name: row["stand"] for name, row in rows.items()} == {
        "acme/good": "ranked",
        "acme/closed": "ranked",
        "acme/missing": "failed",
    }
    assert (site / "index.html").is_file()
    [change] = json.loads((site / "data" / "changes.json").read_bytes())["changes"]
    assert (change["model"], change["licence_after"]) == ("acme/good", "cc-by-nc-4.0")
    assert not list(project.glob("owned*"))


def test_it_freezes_a_release(project: Path) -> None:
    assert ran(project, "Sweep")[0] == 0
    code, log = ran(project, "Build", OSAUDIT_RELEASE="2026-11")
    assert code == 0, log
    assert (project / "leaderboard-site" / "releases" / "2026-11" / "SHA256SUMS").is_file()


def test_it_ends_where_the_sweep_was_wrong_usage(project: Path) -> None:
    code, log = ran(project, "Sweep", OSAUDIT_MODELS="nowhere.txt")
    assert code == 2, log
    assert not (project / "leaderboard-store" / "models").exists()


def test_it_is_what_its_host_asks_for_and_has_no_more_rights_than_it_needs() -> None:
    schema = Draft7Validator(get_builtin_schema("vendor.github-workflows"))
    assert [error.message for error in schema.iter_errors(WORKFLOW)] == []
    assert WORKFLOW["permissions"] == {}
    assert BUILD["permissions"] == {"contents": "read"}
    assert DEPLOY["permissions"] == {"pages": "write", "id-token": "write"}
    assert DEPLOY["needs"] == "build"
    assert not any("run" in step for step in DEPLOY["steps"])
    assert {"schedule", "workflow_dispatch"} == set(WORKFLOW["on"])


def test_it_takes_other_actions_at_a_full_commit_and_puts_no_expression_into_a_script() -> None:
    steps = [*BUILD["steps"], *DEPLOY["steps"]]
    used = [step["uses"] for step in steps if "uses" in step]
    assert len(used) == 5
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name) for name in used)
    assert not [step["name"] for step in steps if "${{" in step.get("run", "")]
    [checkout] = [step for step in steps if "checkout@" in step.get("uses", "")]
    assert checkout["with"]["persist-credentials"] is False
    secrets = [step["name"] for step in steps if "secrets." in str(step)]
    assert secrets == ["Sweep"]
