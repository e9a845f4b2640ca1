"""Fifteen repositories that a gate has to judge alone, under each ready-made policy, in each output."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hub.repos import Content, Weights
from hub.server import LoopbackHub

from osaudit.cli import run as main
from osaudit.gate.policy import READY

pytestmark = pytest.mark.corpus

NC = (
    "ACME Model Licence\n\nYou may use the model for non-commercial research purposes only. Any commercial use is "
    "prohibited. You may not use it for commercial purposes.\n"
)
CONFIG = '{"model_type": "bert", "architectures": ["BertModel"]}'
CLAUSE = (
    '"Commons Clause" License Condition v1.0\n\nThe grant of rights under the License will not include, and the '
    "License does not grant to you, the right to Sell the Software.\n\n"
)
WEIGHTS: Mapping[str, Content] = {"model.safetensors": Weights(), "config.json": CONFIG}


def card(tag: str, words: str = "", **fields: str) -> str:
    fields = {"library_name": "transformers", **fields}
    more = "".join(f"{key}: {value}\n" for key, value in fields.items())
    return f"---\nlicense: {tag}\n{more}---\n# A model\n\n{words}\n"


@pytest.fixture
def spdx(licence_texts: Path) -> Callable[[str], str]:
    return lambda name: (licence_texts / "spdx" / f"{name}.txt").read_text(encoding="utf-8")


def gate(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, dict[str, Any]]:
    code = main(["gate", *args, "--format", "json", "-q"])
    return code, json.loads(capsys.readouterr().out)


def errors(report: dict[str, Any]) -> set[str]:
    return {
        one["rule"]
        for row in report["models"]
        for one in row["findings"]
        if one["severity"] == "error" and not one["waived"]
    }


def fill(hub: LoopbackHub, spdx: Callable[[str], str]) -> None:
    apache, mit = spdx("Apache-2.0"), spdx("MIT")
    add = hub.shelf.add
    add("model", "acme/good", {"README.md": card("apache-2.0"), "LICENSE": apache, **WEIGHTS})
    add("model", "acme/nc-text", {"README.md": card("apache-2.0"), "LICENSE": NC, **WEIGHTS})
    add("model", "other/nc-base", {"README.md": card("cc-by-nc-4.0"), **WEIGHTS})
    laundered = card("apache-2.0", base_model="other/nc-base")
    add("model", "acme/laundered", {"README.md": laundered, "LICENSE": apache, **WEIGHTS})
    add("model", "acme/none", {"README.md": "# A model\n", **WEIGHTS})
    gated = add("model", "acme/gated", {"README.md": card("apache-2.0"), "LICENSE": apache, **WEIGHTS})
    gated.gated = "manual"
    almost = mit.replace("without restriction", "except for any military purpose")
    add("model", "acme/almost-mit", {"README.md": card("mit"), "LICENSE": almost, **WEIGHTS})
    pickled = {"pytorch_model.bin": Weights(), "config.json": CONFIG}
    add("model", "acme/pickle", {"README.md": card("apache-2.0"), "LICENSE": apache, **pickled})
    own = {**WEIGHTS, "modeling_acme.py": "x = 1\n"}
    add("model", "acme/remote", {"README.md": card("apache-2.0"), "LICENSE": apache, **own})
    add("model", "acme/commons", {"README.md": card("apache-2.0"), "LICENSE": CLAUSE + apache, **WEIGHTS})
    add(
        "model",
        "acme/unseen-base",
        {"README.md": card("apache-2.0", base_model="gone/away"), "LICENSE": apache, **WEIGHTS},
    )


TRAPS: tuple[tuple[str, dict[str, int]], ...] = (
    ("acme/good", {"osi-strict": 0, "commercial-use": 0, "research": 0}),
    ("acme/nc-text", {"osi-strict": 1, "commercial-use": 1, "research": -1}),
    ("acme/laundered", {"osi-strict": 1, "commercial-use": 1, "research": 1}),
    ("acme/none", {"osi-strict": 1, "commercial-use": 1, "research": 1}),
    ("acme/gated", {"osi-strict": 3, "commercial-use": 3, "research": 3}),
    ("acme/missing", {"osi-strict": 3, "commercial-use": 3, "research": 3}),
    ("acme/good@nowhere", {"osi-strict": 3, "commercial-use": 3, "research": 3}),
    ("acme/almost-mit", {"osi-strict": 1, "commercial-use": 1, "research": 1}),
    ("acme/pickle", {"osi-strict": 1, "commercial-use": 0, "research": 0}),
    ("acme/remote", {"osi-strict": 1, "commercial-use": 0, "research": 0}),
    ("acme/commons", {"osi-strict": 1, "commercial-use": 1, "research": -1}),
    ("acme/unseen-base", {"osi-strict": 1, "commercial-use": 1, "research": 1}),
)
"""-1: the policy may allow what is not commercial, and then says so."""


@pytest.mark.parametrize("policy", READY)
def test_each_trap_ends_in_its_exit_code(
    policy: str, hub: LoopbackHub, spdx: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    fill(hub, spdx)
    got = {}
    for model, expected in TRAPS:
        code, report = gate(capsys, model, "--policy", policy)
        assert report["exit"] == code
        got[model] = code
        if expected[policy] == -1:
            told = [one for row in report["models"] for one in row["findings"]]
            assert code == 1 or any("commercial" in one["message"].casefold() for one in told), model
        else:
            assert (model, code) == (model, expected[policy]), errors(report)
    assert got["acme/good"] == 0


@pytest.mark.parametrize("policy", READY)
def test_a_head_that_moved_warns_and_one_that_was_relicensed_fails(
    policy: str,
    hub: LoopbackHub,
    spdx: Callable[[str], str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OSAUDIT_CACHE", str(tmp_path / "cache"))
    files = {"README.md": card("apache-2.0"), "LICENSE": spdx("Apache-2.0"), **WEIGHTS}
    repo = hub.shelf.add("model", "acme/good", files)
    assert main(["lock", "acme/good", "--policy", policy, "-q"]) == 0
    assert gate(capsys, "acme/good", "--locked", "--policy", policy)[0] == 0
    hub.shelf.commit(repo, {**files, "README.md": card("apache-2.0", "More words on how to run it.")})
    code, report = gate(capsys, "acme/good", "--locked", "--policy", policy)
    assert code == 0
    assert ("lock.moved", "warning") in {(one["rule"], one["severity"]) for one in report["models"][0]["findings"]}
    hub.shelf.commit(repo, {**files, "README.md": card("cc-by-nc-4.0"), "LICENSE": NC})
    code, report = gate(capsys, "acme/good", "--locked", "--policy", policy)
    assert (code, errors(report)) == (1, {"lock.relicensed"})


WAIVER = """
waivers:
  - id: acme-nc
    rule: {rule}
    model: {model}
    commit: any
    owner: Legal
    reason: Accepted for the pilot, see the ticket.
    evidence: https://legal.example/1
    expires: "{expires}"
"""


@pytest.mark.parametrize("policy", READY)
def test_a_waiver_counts_until_its_last_day_and_stays_visible(
    policy: str, hub: LoopbackHub, spdx: Callable[[str], str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    fill(hub, spdx)
    rules = sorted(errors(gate(capsys, "acme/none", "--policy", policy)[1]))
    assert "risk.no-licence" in rules
    file = tmp_path / "waivers.yaml"
    for expires, waived in (("2999-01-01", True), ("2020-01-01", False)):
        file.write_text(WAIVER.format(rule="risk.no-licence", model="acme/none", expires=expires), encoding="utf-8")
        code, report = gate(capsys, "acme/none", "--policy", policy, "--waivers", str(file))
        row = next(one for one in report["models"][0]["findings"] if one["rule"] == "risk.no-licence")
        assert bool(row["waived"]) is waived
        assert ("waiver.expired" in errors(report)) is not waived
        assert code == 1, "the other findings still fail"


ATTESTED = """
attestations:
  - id: a1
    model: acme/unseen-base
    commit: {commit}
    cell: OSD-{number}/{facet}
    outcome: pass
    reason: Looked at the base and its terms, which leave all of this open to everybody.
    evidence: https://legal.example/2
    who: A person
    date: "2026-01-01"
    expires: "2999-01-01"
"""


@pytest.mark.parametrize("policy", READY)
def test_an_attestation_that_nobody_signed_opens_no_gate(
    policy: str, hub: LoopbackHub, spdx: Callable[[str], str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    fill(hub, spdx)
    cells = [(number, facet) for number in (1, 3, 4, 5, 6, 7, 8, 9, 10) for facet in ("weights", "licence")]
    sha = hub.shelf.repos["model", "acme/unseen-base"].sha
    rows = [ATTESTED.format(commit=sha, number=n, facet=f).replace("id: a1", f"id: a{n}-{f}") for n, f in cells]
    file = tmp_path / "attestations.yaml"
    file.write_text(rows[0] + "".join(row.split("attestations:\n")[1] for row in rows[1:]), encoding="utf-8")
    code, report = gate(capsys, "acme/unseen-base", "--policy", policy, "--attestations", str(file))
    assert code == 1
    assert {one["rule"] for one in report["findings"]} == {"attestation.not-counted"}
