"""The lock: what it holds and is held to, what vouches for saved evidence, whose word counts in a pull request."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hub.repos import Weights
from hub.server import LoopbackHub
from samples import TINY

from osaudit.cli import run as main
from osaudit.errors import OsauditError, UsageError
from osaudit.gate.findings import Adoption, GateFinding
from osaudit.gate.lock import Locked, changes, lock_of, locked, of_head, read_lock, write_lock
from osaudit.gate.running import _before
from osaudit.tomlfile import MAX_BYTES

SHA = "a" * 64
CARD = "---\nlicense: apache-2.0\nlibrary_name: transformers\n---\n# A model\n"
CONFIG = '{"model_type": "bert", "architectures": ["BertModel"]}'


def row(name: str = "acme/m", **fields: Any) -> Locked:
    known: dict[str, Any] = {
        "id": name, "revision": None, "commit": "1" * 40, "evidence": SHA, "licence": "apache-2.0",
        "label": "open-weights", "basis": "licence text", "date": "2026-11-30", "policy": SHA, "tool": "0.1.0",
        "texts": (SHA,), "uses": (("run", "yes"), ("sell", "yes-if")),
    }  # fmt: skip
    return Locked(**{**known, **fields})


def test_a_lock_is_sorted_and_read_back_as_it_was_written() -> None:
    rows = (row("b/b"), row("A/a"), row("a/a", revision="v1"), row("a/a"))
    text = write_lock(rows)
    assert text == write_lock(tuple(reversed(rows)))
    assert set(read_lock(text.encode(), "osaudit.lock")) == set(rows)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("schema = 1", "schema = 2"), "is no lock file of schema 1"),
        (("schema = 1", ""), "is no lock file of schema 1"),
        (('licence = "apache-2.0"', 'license = "apache-2.0"'), "is 'licence' meant?"),
        (('licence = "apache-2.0"', ""), "has no licence"),
        (("1" * 40, "1" * 39), "commit is not what"),
        (('"open-weights"', '"open"'), "label is not what"),
        (('"licence text"', '"text"'), "basis is not what"),
        (('"2026-11-30"', "2026-11-30"), "has no date"),
        (('run = "yes"', "run = 1"), "uses is not what"),
        (("[[model]]", "[[models]]"), "is 'model' meant?"),
        (("[[model]]", "[model]"), "its models are tables"),
        (("schema = 1", "schema = "), "is not readable TOML"),
    ],
)
def test_a_lock_that_is_none_is_told(change: tuple[str, str], told: str) -> None:
    text = write_lock([row()]).replace(*change)
    with pytest.raises(UsageError, match=r"^osaudit\.lock") as caught:
        read_lock(text.encode(), "osaudit.lock")
    assert told in str(caught.value)


def test_a_model_stands_in_a_lock_once() -> None:
    text = write_lock([row()])
    with pytest.raises(UsageError, match="stands there twice"):
        read_lock((text + text.split("schema = 1", 1)[1]).encode(), "osaudit.lock")


def test_what_changed_is_told_in_words() -> None:
    after = row(
        licence="cc-by-nc-4.0", label="weights-available", commit="2" * 40, uses=(("run", "yes"), ("sell", "no"))
    )
    assert list(changes(row(), after)) == [
        "licence: apache-2.0 -> cc-by-nc-4.0",
        "label (down): open-weights -> weights-available",
        "use sell: yes-if -> no",
        "commit: 111111111111 -> 222222222222",
    ]
    assert list(changes(row(), row())) == []
    assert next(iter(changes(row(), row(evidence="b" * 64)))).startswith("evidence: ")


def test_a_lock_is_of_the_revision_that_is_asked_for() -> None:
    rows = (row(), row(revision="v1", commit="2" * 40))
    assert lock_of(Adoption("acme/m"), rows) == rows[0]
    assert lock_of(Adoption("ACME/m", "v1"), rows) == rows[1]
    assert lock_of(Adoption("acme/m", "1" * 40), rows) == rows[0]
    assert lock_of(Adoption("acme/m", "v2"), rows) is None
    assert lock_of(Adoption("acme/other"), rows) is None


def test_a_head_is_held_to_licence_label_and_uses() -> None:
    lock = replace(locked(TINY, Adoption(TINY.model), SHA, "2026-11-30"), commit="0" * 40)
    same = of_head(lock, TINY, SHA)
    assert same is not None
    assert (same.rule, same.severity) == ("lock.moved", "warning")
    lower = replace(TINY, label=replace(TINY.label, id="unlicensed"))
    found = of_head(lock, lower, SHA)
    assert found is not None
    assert (found.rule, found.severity) == ("lock.relicensed", "error")
    assert of_head(replace(lock, commit=TINY.commit or ""), lower, SHA) is None


def test_a_folder_cannot_be_locked() -> None:
    with pytest.raises(OsauditError, match="it has no commit"):
        locked(replace(TINY, commit=None), Adoption("./m"), SHA, "2026-11-30")


@pytest.fixture
def models(hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Sequence[str]]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OSAUDIT_CACHE", str(tmp_path / "cache"))

    def add(count: int) -> Sequence[str]:
        names = [f"acme/m{number}" for number in range(count)]
        for name in names:
            hub.shelf.add("model", name, {"README.md": CARD, "config.json": CONFIG, "model.safetensors": Weights()})
        return names

    return add


def gate(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = main(["gate", *args, "--policy", "commercial-use", "--format", "json", "-q"])
    return code, json.loads(capsys.readouterr().out)


def test_locked_models_cost_a_request_each_and_none_offline(
    models: Callable[[int], Sequence[str]], hub: LoopbackHub, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    names = models(50)
    (tmp_path / "models.txt").write_text("\n".join(names), encoding="utf-8")
    assert main(["lock", "-r", "models.txt", "--policy", "commercial-use", "--evidence", "saved", "-q"]) == 0
    hub.log.clear()
    assert gate(capsys, "--locked")[0] == 0
    assert len(hub.log) == len(names)
    hub.log.clear()
    assert gate(capsys, "--locked", "--offline")[0] == 0
    assert gate(capsys, "--locked", "--offline", "--no-cache", "--evidence", "saved")[0] == 0
    assert hub.log == []


def test_saved_evidence_counts_by_its_digest_alone(
    models: Callable[[int], Sequence[str]], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    models(1)
    assert main(["lock", "acme/m0", "--policy", "commercial-use", "--evidence", "saved", "-q"]) == 0
    only = next((tmp_path / "saved").iterdir())
    only.write_text(only.read_text("utf-8").replace("apache-2.0", "mit"), encoding="utf-8")
    code, report = gate(capsys, "--locked", "--offline", "--no-cache", "--evidence", "saved")
    assert code == 3
    assert "is not saved here" in report["models"][0]["error"]["message"]


def test_what_is_in_no_lock_or_at_another_commit_fails(
    models: Callable[[int], Sequence[str]], hub: LoopbackHub, capsys: pytest.CaptureFixture[str]
) -> None:
    models(2)
    assert main(["lock", "acme/m0", "--policy", "commercial-use", "-q"]) == 0
    rules = {one["rule"] for one in gate(capsys, "acme/m1", "--locked")[1]["models"][0]["findings"]}
    assert "lock.unlocked" in rules
    files = {"README.md": CARD + "More.\n", "config.json": CONFIG, "model.safetensors": Weights()}
    newer = hub.shelf.commit(hub.shelf.repos["model", "acme/m0"], files)
    code, report = gate(capsys, f"acme/m0@{newer}", "--locked")
    assert code == 1
    assert "lock.unlocked" in {one["rule"] for one in report["models"][0]["findings"]}


def test_a_lock_keeps_what_it_had_where_a_model_cannot_be_judged_now(
    models: Callable[[int], Sequence[str]], hub: LoopbackHub, tmp_path: Path
) -> None:
    models(2)
    assert main(["lock", "acme/m0", "acme/m1", "--policy", "commercial-use", "-q"]) == 0
    before = (tmp_path / "osaudit.lock").read_text("utf-8")
    del hub.shelf.repos["model", "acme/m1"]
    assert main(["lock", "-q"]) == 3
    assert (tmp_path / "osaudit.lock").read_text("utf-8") == before
    assert main(["lock", "acme/m0", "--prune", "-q"]) == 0
    assert [one.id for one in read_lock((tmp_path / "osaudit.lock").read_bytes(), "osaudit.lock")] == ["acme/m0"]


def test_a_lock_without_a_model_is_no_pass(
    models: Callable[[int], Sequence[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models(0)
    assert main(["gate", "--locked", "--policy", "research"]) == 2
    assert "osaudit.lock is not there" in capsys.readouterr().err
    (tmp_path / "osaudit.lock").write_text(write_lock([]), encoding="utf-8")
    assert main(["gate", "--locked", "--policy", "research"]) == 2
    assert "holds no model" in capsys.readouterr().err


def test_a_run_that_is_killed_leaves_the_lock_whole(models: Callable[[int], Sequence[str]], tmp_path: Path) -> None:
    names = models(8)
    path = tmp_path / "osaudit.lock"
    assert main(["lock", names[0], "--policy", "commercial-use", "-q"]) == 0
    command = [sys.executable, "-c", "from osaudit.cli import main; main()", "lock", *names, "-q"]
    for moment in (0.2, 0.4, 0.6, 0.8, 1.0, 1.4):
        run = subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moment)
        run.send_signal(signal.SIGKILL)
        run.wait()
        assert read_lock(path.read_bytes(), "osaudit.lock"), f"killed after {moment} s"


def git(folder: Path, *args: str) -> None:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=a", "-c", "user.email=a@e.example", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *args], cwd=folder, env=environment, check=True, capture_output=True)


@pytest.fixture
def checkout(models: Callable[[int], Sequence[str]], tmp_path: Path) -> Path:
    """A code base whose policy denies what its pull request wants."""
    models(1)
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / ".gitignore").write_text("cache\n", encoding="utf-8")
    (tmp_path / "osaudit.toml").write_text('[gate]\ndeny = ["apache-2.0"]\n', encoding="utf-8")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "policy")
    return tmp_path


def rules(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, set[str]]:
    capsys.readouterr()
    code = main(["gate", "acme/m0", *args, "--format", "json", "-q"])
    report = json.loads(capsys.readouterr().out)
    rows = [*report["findings"], *report["models"][0]["findings"]]
    return code, {one["rule"] for one in rows}


def test_a_pull_request_does_not_rewrite_its_own_gate(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = rules(capsys, "--trust", "main")
    assert code == 1
    assert "trust.changed" not in found
    (checkout / "osaudit.toml").write_text('[gate]\ndeny = ["mit"]\n', encoding="utf-8")
    (checkout / "osaudit-waivers.yaml").write_text(
        "waivers:\n  - {id: w, rule: deny, model: acme/m0, commit: any, owner: me, reason: because,"
        " evidence: 'https://e.example/', expires: '2999-01-01'}\n",
        encoding="utf-8",
    )
    git(checkout, "add", ".")
    git(checkout, "commit", "-qm", "let it in")
    assert rules(capsys)[0] == 0, "who trusts the checkout gets what it says"
    code, found = rules(capsys, "--trust", "HEAD~1")
    assert code == 1
    assert {"deny", "trust.changed"} <= found


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("osaudit.toml", '[gate]\ndney = ["apache-2.0"]\n', "line 2: [gate] has no key 'dney': is 'deny' meant?"),
        ("osaudit.toml", '[gate]\ndeny = ["apache2"]\n', "line 2: 'deny': no licence is named 'apache2'"),
        ("osaudit.toml", "[gate\n", "is not readable TOML"),
        ("osaudit.toml", '[gate]\ndeny = ["mit"]\n[adit]\n', "no command has the table [adit]: is 'audit' meant?"),
        ("osaudit-waivers.yaml", "wavers: []\n", "osaudit-waivers.yaml is not a waiver file"),
    ],
)
def test_a_pull_request_that_breaks_its_gates_files_is_judged_by_the_base_and_fails(
    name: str, text: str, told: str, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = ("--policy", "research")  # in whose place a value of the settings is not read
    for policy, judged in [((), {"deny"}), *([(named, set())] if "apache2" not in told else [])]:
        (checkout / name).write_text(text, encoding="utf-8")
        capsys.readouterr()
        assert main(["gate", "acme/m0", "--trust", "main", *policy, "--format", "json", "-q"]) == 1
        report = json.loads(capsys.readouterr().out)
        assert {one["rule"] for one in report["models"][0]["findings"] if one["severity"] == "error"} == judged
        [changed] = [one for one in report["findings"] if one["severity"] == "error"]
        assert changed["rule"] == "trust.changed"
        assert told in changed["message"]
        assert main(["gate", "acme/m0", *policy, "-q"]) == 2, "without --trust it is wrong configuration"


def test_settings_that_are_named_are_read_at_the_trusted_commit(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / "ours.toml").write_text('[gate]\ndeny = ["mit"]\n', encoding="utf-8")
    git(checkout, "add", ".")
    git(checkout, "commit", "-qm", "settings of another name")
    assert rules(capsys, "--trust", "main", "--config", "ours.toml")[0] == 0
    (checkout / "ours.toml").write_text('[gate]\ndney = ["mit"]\n', encoding="utf-8")
    code, found = rules(capsys, "--trust", "main", "--config", "ours.toml")
    assert (code, "trust.changed" in found) == (1, True)


def test_a_pull_request_brings_neither_its_own_baseline_nor_its_own_adopter(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = '{"models": [{"model": "acme/m0", "findings": [{"rule": "deny"}]}]}'
    (checkout / "before.json").write_text(before, encoding="utf-8")
    (checkout / "me.yaml").write_text("kind: individual\n", encoding="utf-8")
    assert rules(capsys, "--baseline", "before.json")[0] == 0, "who trusts the checkout gets what it says"
    for args, what in ((("--baseline", "before.json"), "baseline"), (("--as", "me.yaml"), "adopter's file")):
        capsys.readouterr()
        assert main(["gate", "acme/m0", "--trust", "main", *args, "-q"]) == 2
        assert f"the {what} {args[1]} is not there at main" in capsys.readouterr().err
    git(checkout, "add", ".")
    git(checkout, "commit", "-qm", "baseline")
    assert rules(capsys, "--trust", "main", "--baseline", "before.json")[0] == 0


@pytest.mark.parametrize("rule", ["lock.relicensed", "lock.unlocked", "waiver.expired", "not-judged"])
def test_a_baseline_excuses_nothing_that_is_about_this_run(rule: str) -> None:
    finding = GateFinding(rule, "error", "m")
    assert _before(finding, "acme/m", frozenset({("acme/m", rule)})) == finding


@pytest.mark.parametrize(
    ("revision", "told"),
    [("nowhere", "no such commit is here"), ("--help", "no such commit is here"), ("HEAD:x", "no such commit is here")],
)
def test_a_commit_that_is_not_there_is_told(
    checkout: Path, revision: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checkout.is_dir()
    assert main(["gate", "acme/m0", f"--trust={revision}"]) == 2
    assert told in capsys.readouterr().err


def test_outside_of_a_repository_nothing_is_trusted(
    models: Callable[[int], Sequence[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    models(1)
    assert main(["gate", "acme/m0", "--trust", "main"]) == 2
    assert "is in no git repository" in capsys.readouterr().err


def test_a_baseline_excuses_what_stood_and_nothing_new(
    models: Callable[[int], Sequence[str]], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    models(2)
    (tmp_path / "strict.toml").write_text('[gate]\ndeny = ["apache-2.0"]\n', encoding="utf-8")
    args = ("--policy", "strict.toml", "-q")
    assert main(["gate", "acme/m0", *args, "-o", "before.json"]) == 1
    assert main(["gate", "acme/m0", *args, "--baseline", "before.json"]) == 0
    assert main(["gate", "acme/m0", "acme/m1", *args, "--baseline", "before.json"]) == 1
    assert main(["gate", "acme/m0", *args, "--exit-zero"]) == 0
    (tmp_path / "wrong.json").write_text("[1]", encoding="utf-8")
    capsys.readouterr()
    assert main(["gate", "acme/m0", *args, "--baseline", "wrong.json"]) == 2
    assert "is no run of the gate" in capsys.readouterr().err


def test_a_lock_of_any_size_is_read_within_bounds() -> None:
    with pytest.raises(UsageError, match="is it the right file"):
        read_lock(b"#" * (16 * MAX_BYTES * 8), "osaudit.lock")


@pytest.mark.parametrize(
    ("change", "code", "told"),
    [
        (('label = "open-weights"', 'label = "open-source-ai"'), 1, "lock.edited"),
        (('licence = "apache-2.0"', 'licence = "mit"'), 1, "lock.edited"),
        (("commit = ", 'commit = "' + "0" * 40 + '"\n# '), 3, "names a commit and the evidence of another"),
    ],
)
def test_a_lock_that_was_edited_is_told(
    models: Callable[[int], Sequence[str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: tuple[str, str],
    code: int,
    told: str,
) -> None:
    models(1)
    assert main(["lock", "acme/m0", "--policy", "commercial-use", "-q"]) == 0
    path = tmp_path / "osaudit.lock"
    text = path.read_text(encoding="utf-8")
    assert change[0] in text
    path.write_text(text.replace(change[0], change[1]), encoding="utf-8")
    got, report = gate(capsys, "--locked", "--offline")
    assert got == code
    assert told in json.dumps(report)


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
def test_waivers_may_be_signed_and_a_forged_signature_judges_nothing(
    models: Callable[[int], Sequence[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models(1)
    (tmp_path / "strict.toml").write_text('[gate]\ndeny = ["apache-2.0"]\n', encoding="utf-8")
    waivers = tmp_path / "osaudit-waivers.yaml"
    waivers.write_text(
        "waivers:\n  - {id: w, rule: deny, model: acme/m0, commit: any, owner: me, reason: because,"
        " evidence: 'https://e.example/', expires: '2999-01-01'}\n",
        encoding="utf-8",
    )
    who = "legal@acme.example"
    key = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", who, "-f", "key"]
    subprocess.run(key, cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "signers").write_text(f"{who} {(tmp_path / 'key.pub').read_text('utf-8')}", encoding="utf-8")
    args = ("gate", "acme/m0", "--policy", "strict.toml", "--format", "json", "-q", "--signers", "signers")

    def told() -> tuple[int, set[tuple[str, str]]]:
        capsys.readouterr()
        code = main([*args])
        report = json.loads(capsys.readouterr().out)
        return code, {(one["rule"], one["severity"]) for one in report.get("findings", [])}

    assert told() == (0, {("waiver.signature", "warning")})
    sign = ["ssh-keygen", "-q", "-Y", "sign", "-n", "osaudit", "-f", "key", waivers.name]
    subprocess.run(sign, cwd=tmp_path, check=True, capture_output=True)
    assert told() == (0, {("waiver.signature", "note")})
    waivers.write_text(waivers.read_text("utf-8").replace("because", "whatever"), encoding="utf-8")
    assert told()[0] == 3
