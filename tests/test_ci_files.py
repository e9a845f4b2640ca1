"""What a user's CI takes from here: the action, the hook and the template, run as their hosts run them, without one.

An action's steps are carried out in order, their scripts by `bash --noprofile --norc -eo pipefail`, as GitHub's runner
does; the steps of other actions are left out, and their inputs filled in. The Hub is the loopback one.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from expressions import evaluated, filled
from hub.repos import Weights
from hub.server import LoopbackHub
from jsonschema import Draft7Validator
from program import ROOT, START, run
from sarif_kit.validate import validation_errors

from osaudit.gate.outputs import GATE_FORMAT_BY_SUFFIX, GATE_OUTPUTS

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
TEMPLATE: dict[str, Any] = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text(encoding="utf-8"))
[HOOK] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))

BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail")
WEIGHTS = {"model.safetensors": Weights(), "config.json": '{"model_type": "bert"}'}
POLICY = '[gate]\nmin-label = "open-weights"\n'
CODES = {"acme/good": 0, "acme/closed": 1, "acme/missing": 3}
RESULTS = {0: "pass", 1: "fail", 3: "error"}
GIT = {f"GIT_{who}_{what}": "ci@acme.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def card(tag: str) -> str:
    return f"---\nlicense: {tag}\nlibrary_name: transformers\n---\n# A model\n"


@pytest.fixture
def models(hub: LoopbackHub) -> LoopbackHub:
    hub.shelf.add("model", "acme/good", {"README.md": card("mit"), **WEIGHTS})
    hub.shelf.add("model", "acme/closed", {"README.md": card("cc-by-nc-4.0"), **WEIGHTS})
    return hub


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH on which `osaudit` is this checkout's."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "osaudit"
    program.write_text(f"#!/bin/sh\nPYTHONPATH='{ROOT}' exec '{sys.executable}' {START[0]} '{START[1]}' \"$@\"\n")
    program.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a policy, and no model yet."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "osaudit.toml").write_text(POLICY)
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "begin")
    return folder


def git(folder: Path, *words: str) -> str:
    done = run("git", *words, cwd=folder, env=GIT)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def adopt(project: Path, model: str, name: str = "app.py") -> None:
    lines = ["from transformers import AutoModel", "", f'MODEL = AutoModel.from_pretrained("{model}")', ""]
    (project / name).write_text("\n".join(lines))


@dataclass
class Job:
    """What a job of one action left behind: outcomes by step, outputs, the summary, the log."""

    outcomes: dict[str, str] = field(default_factory=dict)
    contexts: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    log: str = ""
    failed: bool = False

    def output(self, name: str) -> str:
        return filled(ACTION["outputs"][name]["value"], self.contexts, {})


def carried_out(workspace: Path, temp: Path, env: dict[str, str], **inputs: str) -> Job:
    """Carry out the action's steps in a workspace."""
    given = {name: one.get("default", "") for name, one in ACTION["inputs"].items()}
    assert set(inputs) <= {name.replace("-", "_") for name in given}
    given |= {name.replace("_", "-"): value for name, value in inputs.items()}
    job = Job(contexts={f"inputs.{name}": value for name, value in given.items()})
    job.contexts |= {"runner.temp": str(temp), "runner.os": "Linux", "github.action_path": env["ACTION_PATH"]}
    summary = temp / "summary"
    for number, step in enumerate(ACTION["runs"]["steps"]):
        _step(
            job,
            step,
            workspace,
            {**env, "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(temp / f"out{number}")},
        )
    job.summary = summary.read_text(encoding="utf-8") if summary.exists() else ""
    return job


def _step(job: Job, step: dict[str, Any], workspace: Path, env: dict[str, str]) -> None:
    functions = {
        "always": lambda: True,
        "hashFiles": lambda name: "h" * bool(str(name)),
        "format": lambda text, *words: str(text).format(*words),
    }
    wanted = evaluated(str(step.get("if", "'yes'")), job.contexts, functions)
    goes = bool(wanted) and (not job.failed or "always()" in str(step.get("if", "")))
    name = step.get("id", step["name"])
    outcome = "skipped"
    if goes and "uses" in step:
        told = {key: filled(str(value), job.contexts, functions) for key, value in step["with"].items()}
        assert all("${{" not in value for value in told.values())
        outcome = "success"
    elif goes:
        own = {key: filled(str(value), job.contexts, functions) for key, value in step.get("env", {}).items()}
        folder = workspace / filled(step.get("working-directory", "."), job.contexts, functions)
        done = run(*BASH, "-c", step["run"], cwd=folder, env={**env, **own})
        job.log += done.stdout + done.stderr
        outcome = "success" if done.returncode == 0 else "failure"
        job.failed = job.failed or done.returncode != 0
        out = Path(env["GITHUB_OUTPUT"])
        for line in out.read_text().splitlines() if out.exists() else ():
            key, _, value = line.partition("=")
            job.contexts[f"steps.{name}.outputs.{key}"] = value
    job.outcomes[step["name"]] = outcome
    job.contexts[f"steps.{name}.outcome"] = outcome


@pytest.fixture
def temp(tmp_path: Path) -> Path:
    folder = tmp_path / "runner"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("model", CODES)
@pytest.mark.usefixtures("models")
def test_the_action_ends_in_the_gates_code_and_leaves_its_summary(
    model: str, project: Path, temp: Path, path: str
) -> None:
    adopt(project, model)
    job = carried_out(project, temp, {"PATH": path, "ACTION_PATH": str(ROOT)}, install="false", upload_sarif="true")
    code = CODES[model]
    assert job.output("exit-code") == str(code), job.log
    assert job.output("result") == RESULTS[code]
    assert job.failed is (code != 0)
    assert job.outcomes["Write the summary"] == job.outcomes["Upload the findings"] == "success"
    assert job.outcomes["Set up Python"] == job.outcomes["Install osaudit"] == "skipped"
    assert "### osaudit gate:" in job.summary
    assert model in job.summary
    assert ("**fails**" in job.summary) is (code == 1)
    assert "app.py:&#8203;3:" in job.summary
    reports = Path(job.output("reports"))
    data = json.loads((reports / "gate.json").read_text())
    assert (data["exit"], data["models"][0]["model"], data["policy"]["source"]) == (code, model, "osaudit.toml")
    log = json.loads((reports / "gate.sarif").read_text())
    assert validation_errors(log) == []
    if code:
        [place, *_] = log["runs"][0]["results"][0]["locations"]
        assert place["physicalLocation"]["artifactLocation"]["uri"] == "app.py"
        assert place["physicalLocation"]["region"]["startLine"] == 3
        assert re.search(r"^::error file=app\.py,line=3,", job.log, re.MULTILINE)
    assert ET.parse(reports / "gate.xml").getroot().tag == "testsuites"  # noqa: S314 - our own
    assert git(project, "status", "--porcelain") == "?? app.py"


@pytest.mark.usefixtures("models")
def test_the_action_leaves_a_summary_where_there_is_no_report(project: Path, temp: Path, path: str) -> None:
    env = {"PATH": path, "ACTION_PATH": str(ROOT)}
    job = carried_out(project, temp, env, install="false", policy="osi-strikt", upload_sarif="true")
    assert job.output("exit-code") == "2"
    assert job.output("result") == "error"
    assert "no report" in job.summary
    assert "exit code 2" in job.summary
    assert "osi-strict" in job.log
    assert job.outcomes["Upload the findings"] == "skipped"


@pytest.mark.usefixtures("models")
def test_the_actions_inputs_are_the_gates_arguments_and_nothing_else(project: Path, temp: Path, path: str) -> None:
    (project / "models.txt").write_text("acme/closed\n")
    env = {"PATH": path, "ACTION_PATH": str(ROOT)}
    given = {"scan": "", "models": "acme/good\n\n  acme/missing  \n", "requirements": "models.txt"}
    more = {"policy": "research", "arguments": "--exit-zero\n--depth\n1"}
    named = carried_out(project, temp, env, install="false", **given, **more)
    data = json.loads((Path(named.output("reports")) / "gate.json").read_text())
    assert {row["model"] for row in data["models"]} == {"acme/good", "acme/missing", "acme/closed"}
    assert data["policy"]["source"] == "research"
    evil = carried_out(
        project, temp, env, install="false", scan="", models='$(touch owned); `touch owned` "; touch owned'
    )
    assert evil.failed
    assert not list(project.glob("owned*"))


@pytest.mark.usefixtures("models")
def test_the_action_holds_a_pull_request_to_what_it_changes(project: Path, temp: Path, path: str) -> None:
    adopt(project, "acme/closed", "old.py")
    git(project, "add", ".")
    git(project, "commit", "-qm", "adopt")
    base = git(project, "rev-parse", "HEAD")
    (project / "osaudit.toml").write_text('[gate]\nmin-label = "unlicensed"\n')
    adopt(project, "acme/good", "new.py")
    env = {"PATH": path, "ACTION_PATH": str(ROOT)}
    job = carried_out(project, temp, env, install="false", changed_since=base, trust=base)
    assert job.output("exit-code") == "0", job.log
    assert "acme/closed" not in job.summary
    assert "Open Weights or better" in job.summary
    (project / "other.py").write_text(
        'from transformers import AutoModel\n\nAutoModel.from_pretrained("acme/missing")\n'
    )
    assert carried_out(project, temp, env, install="false", changed_since=base).output("exit-code") == "3"


@pytest.mark.usefixtures("models")
def test_the_action_installs_what_it_comes_with(project: Path, temp: Path, tmp_path: Path) -> None:
    adopt(project, "acme/good")
    offline = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PYTHONPATH": ""}
    built = run(
        sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(tmp_path), cwd=ROOT, env=offline
    )
    assert built.returncode == 0, built.stderr
    [wheel] = tmp_path.glob("*.whl")
    (project / "pip.py").write_text("raise SystemExit('the working folder was imported')\n")
    (project / "venv.py").write_text("raise SystemExit('the working folder was imported')\n")
    beside = tmp_path / "python"
    beside.mkdir()
    (beside / "python3").symlink_to(sys.executable)
    libraries = f"{sysconfig.get_path('purelib')}{os.pathsep}{sysconfig.get_path('platlib')}"
    env = {
        **offline,
        "PATH": f"{beside}{os.pathsep}{os.environ['PATH']}",
        "ACTION_PATH": str(wheel),
        "PYTHONPATH": libraries,
    }
    job = carried_out(project, temp, env)
    assert job.outcomes["Install osaudit"] == "success", job.log
    assert job.output("exit-code") == "0", job.log
    assert (temp / "osaudit-env" / "bin" / "osaudit").exists()


def test_the_action_takes_other_actions_at_a_full_commit_and_puts_no_input_into_a_script() -> None:
    steps = ACTION["runs"]["steps"]
    used = [step["uses"] for step in steps if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name) for name in used)
    assert not [step["name"] for step in steps if "${{" in step.get("run", "")]
    assert all(step.get("shell") == "bash" for step in steps if "run" in step)
    always = {step["name"] for step in steps if "always()" in str(step.get("if", ""))}
    assert always == {"Write the summary", "Upload the findings"}
    [cache] = [step for step in steps if "cache@" in step.get("uses", "")]
    assert "hashFiles(inputs.lock)" in cache["with"]["key"]


def test_the_files_are_what_their_hosts_ask_for() -> None:
    for name, data in (("vendor.github-actions", ACTION), ("vendor.gitlab-ci", TEMPLATE)):
        assert [error.message for error in Draft7Validator(get_builtin_schema(name)).iter_errors(data)] == []
    manifest = run(
        sys.executable, "-m", "pre_commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml"), cwd=ROOT
    )
    assert manifest.returncode == 0, manifest.stdout


@pytest.fixture
def hooked(project: Path, tmp_path: Path, path: str) -> dict[str, str]:
    """The project with our hook in its pre-commit settings, taken from a repository; the program is the PATH's."""
    source = tmp_path / "hooks"
    source.mkdir()
    (source / ".pre-commit-hooks.yaml").write_bytes((ROOT / ".pre-commit-hooks.yaml").read_bytes())
    git(source, "init", "-q")
    git(source, "add", ".")
    git(source, "commit", "-qm", "hooks")
    hook = {"id": HOOK["id"], "language": "system"}
    settings = {"repos": [{"repo": str(source), "rev": git(source, "rev-parse", "HEAD"), "hooks": [hook]}]}
    (project / ".pre-commit-config.yaml").write_text(yaml.safe_dump(settings))
    git(project, "add", ".")
    git(project, "commit", "-qm", "hooks")
    return {"PATH": path, "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"), **GIT}


def pre_commit(project: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    git(project, "add", ".")
    return run(sys.executable, "-m", "pre_commit", "run", "--color", "never", cwd=project, env=env)


@pytest.mark.parametrize("model", CODES)
def test_the_hook_holds_what_is_staged(model: str, models: LoopbackHub, project: Path, hooked: dict[str, str]) -> None:
    adopt(project, model)
    done = pre_commit(project, hooked)
    code = CODES[model]
    assert done.returncode == (1 if code else 0), done.stdout + done.stderr
    if code:
        assert f"exit code: {code}" in done.stdout
        assert re.search(rf"^(?:ERROR|FAIL ) {model}: .*\[app\.py:3:", done.stdout, re.MULTILINE)
    assert models.counts()


def test_the_hook_leaves_alone_what_was_there(models: LoopbackHub, project: Path, hooked: dict[str, str]) -> None:
    adopt(project, "acme/closed", "old.py")
    git(project, "add", ".")
    git(project, "commit", "-qm", "adopt")
    (project / "readme.txt").write_text("Nothing to do with models.\n")
    done = pre_commit(project, hooked)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not models.counts()


def gitlab(project: Path, shell: tuple[str, ...], part: str, **env: str) -> subprocess.CompletedProcess[str]:
    job = TEMPLATE["osaudit-gate"]
    variables = {name: str(value).replace("$CI_PROJECT_DIR", str(project)) for name, value in job["variables"].items()}
    [script] = job[part]
    return run(*shell, "-c", script, cwd=project, env={**variables, **env})


@pytest.mark.parametrize(("model", "shell"), [*((model, BASH) for model in CODES), ("acme/closed", ("sh", "-e"))])
@pytest.mark.usefixtures("models")
def test_the_template_ends_in_the_gates_code_and_leaves_its_reports(
    model: str, shell: tuple[str, ...], project: Path, path: str
) -> None:
    adopt(project, model)
    done = gitlab(project, shell, "script", PATH=path)
    assert done.returncode == CODES[model], done.stderr
    assert model in done.stdout
    issues = json.loads((project / "gl-code-quality-report.json").read_text())
    grave = [one for one in issues if one["severity"] in {"critical", "blocker"}]
    assert bool(grave) is (CODES[model] != 0)
    assert all((one["location"]["path"], one["location"]["lines"]["begin"]) == ("app.py", 3) for one in grave)
    assert ET.parse(project / "osaudit-gate.xml").getroot().tag == "testsuites"  # noqa: S314 - our own
    job = TEMPLATE["osaudit-gate"]
    named = [*job["artifacts"]["paths"], *job["artifacts"]["reports"].values()]
    assert all((project / name).stat().st_size for name in named)
    assert job["artifacts"]["when"] == "always"
    assert job["cache"]["key"]["files"] == ["osaudit.lock"]
    assert not re.search("osaudit-cache", git(project, "status", "--porcelain"))


@pytest.mark.usefixtures("models")
def test_the_template_holds_a_merge_request_to_what_it_changes(project: Path, path: str) -> None:
    adopt(project, "acme/closed", "old.py")
    git(project, "add", ".")
    git(project, "commit", "-qm", "adopt")
    adopt(project, "acme/good", "new.py")
    base = git(project, "rev-parse", "HEAD")
    env = {"PATH": path, "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
    assert gitlab(project, BASH, "script", **env).returncode == 1
    assert gitlab(project, BASH, "script", OSAUDIT_CHANGES_ONLY="true", **env).returncode == 0


def test_the_template_says_what_it_lacks(project: Path) -> None:
    done = gitlab(project, BASH, "before_script")
    assert done.returncode == 2
    assert "OSAUDIT_SOURCE" in done.stderr


def fenced(name: str, language: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def told_steps() -> list[dict[str, Any]]:
    """The steps with which the documents use the action."""
    [job, *_] = (yaml.safe_load(text) for text in fenced("README.md", "yaml"))
    workflow, more, *_ = (yaml.safe_load(text) for text in fenced("docs/ci.md", "yaml"))
    workflow["on"] = workflow.pop(True)  # YAML 1.1 takes the word for a truth
    for jobs in (workflow["jobs"], job):
        whole = {"on": "push", "jobs": jobs}
        schema = Draft7Validator(get_builtin_schema("vendor.github-workflows"))
        assert [error.message for error in schema.iter_errors(whole)] == []
    steps = [*workflow["jobs"]["models"]["steps"], *job["models"]["steps"], *more]
    return [step for step in steps if step["uses"] == "./osaudit"]


@pytest.mark.usefixtures("models")
def test_the_documents_use_the_action_as_it_is(
    told_steps: list[dict[str, Any]], project: Path, temp: Path, path: str
) -> None:
    assert len(told_steps) == 3
    for step in told_steps:
        assert set(step["with"]) <= set(ACTION["inputs"])
    adopt(project, "acme/good")
    inputs = {name.replace("-", "_"): value for name, value in told_steps[1]["with"].items()}
    job = carried_out(project, temp, {"PATH": path, "ACTION_PATH": str(ROOT)}, install="false", **inputs)
    assert "commercial-use" in job.summary
    text = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[a-z`, -]+) \| [^|]+ \|$", text, re.MULTILINE)
    assert {name for row in rows for name in re.findall("`([a-z-]+)`", row)} == set(ACTION["inputs"])
    assert all(f"`{name}`" in text for name in ACTION["outputs"])


def test_the_documents_use_hook_and_template_as_they_are() -> None:
    _, _, hooks, template, *_ = (yaml.safe_load(text) for text in fenced("docs/ci.md", "yaml"))
    assert [one["id"] for repo in hooks["repos"] for one in repo["hooks"]] == [HOOK["id"]]
    assert set(template["osaudit-gate"]["variables"]) <= set(TEMPLATE["osaudit-gate"]["variables"])
    [named] = template["include"]
    assert (ROOT / named["local"].removeprefix("osaudit/")).is_file()


def test_the_formats_that_are_told_are_the_gates() -> None:
    text = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (?:`(\.\w+)`)? ?\| ", text, re.MULTILINE)
    assert {form for form, _ in rows} == set(GATE_OUTPUTS)
    assert {suffix: form for form, suffix in rows if suffix} == dict(GATE_FORMAT_BY_SUFFIX)


def test_nothing_says_to_install_a_name_of_an_index() -> None:
    files = [
        ROOT / "README.md",
        ROOT / "action.yml",
        ROOT / ".pre-commit-hooks.yaml",
        *ROOT.glob("ci/*"),
        *ROOT.glob("docs/*.md"),
    ]
    told = [
        path.name
        for path in files
        if re.search(r"pip install [^\n]*(?<![/\w$])osaudit(?![/\w-])", path.read_text(encoding="utf-8"))
    ]
    assert told == []
