"""Fifteen repositories that a gate has to judge alone, under each ready-made policy, in each output."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import gate_formats as formats
import pytest
from hub.repos import Content, Weights
from hub.server import LoopbackHub

from osaudit.cli import run as main
from osaudit.gate import running
from osaudit.gate.findings import GateReport
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


PLACE = frozenset({("app.py", 3)})
Gate = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def gate(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Runs the gate over code that adopts a model; one run is drawn in each format, and read back from each.

    `told` are rules with severities that every format has to tell of, at the line that adopts the model.
    """
    reports: list[GateReport] = []

    def run(gate: running.Gate, *args: Any) -> GateReport:
        reports.append(run_gate(gate, *args))
        return reports[-1]

    run_gate = running.run_gate
    monkeypatch.setattr(running, "run_gate", run)
    monkeypatch.chdir(tmp_path)

    def judged(model: str, *args: str, told: Iterable[tuple[str, str]] = ()) -> tuple[int, dict[str, Any]]:
        name, _, revision = model.partition("@")
        asked = f'"{name}", revision="{revision}"' if revision else f'"{name}"'
        code = f"from transformers import AutoModel\n\nmodel = AutoModel.from_pretrained({asked})\n"
        (tmp_path / "app.py").write_text(code, encoding="utf-8")
        capsys.readouterr()
        exit_code = main(["gate", "--scan", "app.py", *args, "--format", "json", "-q"])
        printed = capsys.readouterr().out
        texts = formats.drawn(reports[-1])
        assert json.loads(printed) == json.loads(texts["json"])
        for form, text in texts.items():
            assert (form, formats.exit_told(form, text)) == (form, exit_code)
            holds(form, formats.told(form, text), frozenset(told))
        return exit_code, json.loads(printed)

    return judged


def holds(form: str, seen: frozenset[formats.Told], told: frozenset[tuple[str, str]]) -> None:
    """Whether a format tells these rules with their severities and places; a summary tells the first that fails."""
    pairs = {(one.rule, one.severity) for one in seen}
    if form == formats.SUMMARY:
        assert bool(seen) == any(severity == "error" for _, severity in told), (form, told)
    else:
        left_out = {pair for pair in told if pair[1] == "note"} if form == "github" else set()
        assert told - left_out <= pairs, (form, told - pairs)
    for one in seen:
        if not one.rule.startswith(("attestation.", "waiver.", "trust.")):
            assert one.places == PLACE, (form, one)
        elif one.rule == "waiver.expired":
            assert one.places == {("waivers.yaml", 3)}, (form, one)


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


NC_TOLD = -1
"""The policy may allow what is not commercial, and then says so."""

STRICT, COMMERCIAL, RESEARCH = READY
TRAPS: Mapping[str, dict[str, tuple[int, set[tuple[str, str]]]]] = {
    "acme/good": dict.fromkeys(READY, (0, {("unpinned", "warning")})),
    "acme/nc-text": {
        STRICT: (1, {("OSD-6/weights", "error"), ("conflict.tag-text", "error")}),
        COMMERCIAL: (1, {("use.sell", "error"), ("conflict.tag-text", "error")}),
        RESEARCH: (NC_TOLD, {("conflict.tag-text", "warning")}),
    },
    "acme/laundered": dict.fromkeys(READY, (1, {("conflict.lineage-drops-terms", "error")})),
    "acme/none": dict.fromkeys(READY, (1, {("risk.no-licence", "error")})),
    "acme/gated": dict.fromkeys(READY, (3, {("not-judged", "error"), ("risk.gated", "warning")})),
    "acme/missing": dict.fromkeys(READY, (3, {("not-judged", "error")})),
    "acme/good@nowhere": dict.fromkeys(READY, (3, {("not-judged", "error")})),
    "acme/almost-mit": {
        STRICT: (1, {("OSD-6/weights", "error"), ("OSD-6/licence", "error")}),
        COMMERCIAL: (1, {("use.sell", "error"), ("use.run", "error")}),
        RESEARCH: (1, {("use.run", "error")}),
    },
    "acme/pickle": {
        STRICT: (1, {("risk.pickle-only", "error")}),
        **dict.fromkeys((COMMERCIAL, RESEARCH), (0, {("risk.pickle-only", "warning")})),
    },
    "acme/remote": {
        STRICT: (1, {("risk.remote-code", "error")}),
        **dict.fromkeys((COMMERCIAL, RESEARCH), (0, {("risk.remote-code", "warning")})),
    },
    "acme/commons": {
        STRICT: (1, {("OSD-6/weights", "error"), ("OSD-1/licence", "error")}),
        COMMERCIAL: (1, {("use.sell", "error")}),
        RESEARCH: (NC_TOLD, set()),
    },
    "acme/unseen-base": {
        STRICT: (1, {("OSD-3/weights", "error")}),
        COMMERCIAL: (1, {("use.sell", "error")}),
        RESEARCH: (1, {("use.run", "error")}),
    },
}
"""Twelve of the traps; the other four need a lock, a waiver or an attestation."""


@pytest.mark.parametrize("policy", READY)
def test_each_trap_ends_in_its_exit_code_and_rule_in_every_format(
    policy: str, hub: LoopbackHub, spdx: Callable[[str], str], gate: Gate
) -> None:
    fill(hub, spdx)
    for model, expected in TRAPS.items():
        wanted, rules = expected[policy]
        told = rules | ({("use.run", "error")} if wanted == NC_TOLD else set())
        code, report = gate(model, "--policy", policy, told=told)
        if wanted == NC_TOLD:
            words = [one["message"] for row in report["models"] for one in row["findings"]]
            assert code == 1 or any("commercial" in one.casefold() for one in words), model
        else:
            assert (model, code) == (model, wanted), errors(report)


@pytest.mark.parametrize("policy", READY)
def test_a_head_that_moved_warns_and_one_that_was_relicensed_fails(
    policy: str,
    hub: LoopbackHub,
    spdx: Callable[[str], str],
    gate: Gate,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OSAUDIT_CACHE", str(tmp_path / "cache"))
    files = {"README.md": card("apache-2.0"), "LICENSE": spdx("Apache-2.0"), **WEIGHTS}
    repo = hub.shelf.add("model", "acme/good", files)
    assert main(["lock", "acme/good", "--policy", policy, "-q"]) == 0
    locked = ("--locked", "--policy", policy)
    assert gate("acme/good", *locked)[0] == 0
    hub.shelf.commit(repo, {**files, "README.md": card("apache-2.0", "More words on how to run it.")})
    assert gate("acme/good", *locked, told={("lock.moved", "warning")})[0] == 0
    hub.shelf.commit(repo, {**files, "README.md": card("cc-by-nc-4.0"), "LICENSE": NC})
    code, report = gate("acme/good", *locked, told={("lock.relicensed", "error")})
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
    policy: str, hub: LoopbackHub, spdx: Callable[[str], str], gate: Gate, tmp_path: Path
) -> None:
    fill(hub, spdx)
    rule, file = "risk.no-licence", tmp_path / "waivers.yaml"
    assert rule in errors(gate("acme/none", "--policy", policy, told={(rule, "error")})[1])
    for expires, told in (
        ("2999-01-01", {(rule, "waived"), ("use.run", "error")} if policy != STRICT else {("OSD-6/weights", "error")}),
        ("2020-01-01", {(rule, "error"), ("waiver.expired", "error")}),
    ):
        file.write_text(WAIVER.format(rule=rule, model="acme/none", expires=expires), encoding="utf-8")
        code, report = gate("acme/none", "--policy", policy, "--waivers", "waivers.yaml", told=told)
        assert code == 1, "the other findings still fail"
        assert ("waiver.expired" in errors(report)) is (expires < "2026")
        [row] = [one for one in report["models"][0]["findings"] if one["rule"] == rule]
        assert bool(row["waived"]) is (expires > "2026")


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
    policy: str, hub: LoopbackHub, spdx: Callable[[str], str], gate: Gate, tmp_path: Path
) -> None:
    fill(hub, spdx)
    cells = [(number, facet) for number in (1, 3, 4, 5, 6, 7, 8, 9, 10) for facet in ("weights", "licence")]
    sha = hub.shelf.repos["model", "acme/unseen-base"].sha
    rows = [ATTESTED.format(commit=sha, number=n, facet=f).replace("id: a1", f"id: a{n}-{f}") for n, f in cells]
    file = tmp_path / "attestations.yaml"
    file.write_text(rows[0] + "".join(row.split("attestations:\n")[1] for row in rows[1:]), encoding="utf-8")
    rule = {STRICT: "OSD-3/weights", COMMERCIAL: "use.sell", RESEARCH: "use.run"}[policy]
    told = {("attestation.not-counted", "warning"), (rule, "error")}
    code, report = gate("acme/unseen-base", "--policy", policy, "--attestations", "attestations.yaml", told=told)
    assert code == 1
    assert {one["rule"] for one in report["findings"]} == {"attestation.not-counted"}
