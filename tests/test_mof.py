"""Model Openness Framework 1.0: classes, licences, inventories, and the recorded golden cases."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml
from evidence_builder import evidence_of
from hypothesis import given, settings
from hypothesis import strategies as st
from program import osaudit

from osaudit.checks.case import build_case
from osaudit.codec import dump
from osaudit.errors import UsageError
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.mof.classes import Component, classify, mof_class
from osaudit.mof.components import BY_NAME, COMPONENTS, PAPER, REPORT
from osaudit.mof.inventoryfile import read_inventory, write_inventory
from osaudit.mof.licences import rule
from osaudit.mof.remarks import remarks
from osaudit.mof.warnings import licence_warnings
from osaudit.packs import load_pack
from osaudit.results.inventory import inventory_of

REQUIRED = tuple(kind.name for kind in COMPONENTS if kind.required)
CLASS_3 = tuple(kind.name for kind in COMPONENTS if kind.required and kind.level == 3)
CLASS_2 = tuple(kind.name for kind in COMPONENTS if kind.required and kind.level >= 2)


def components(record: dict[str, Any]) -> list[Component]:
    """The components of a golden case, with their licences resolved as the framework says."""
    spread = record["global_licences"]
    found = []
    for name, entry in record["components"].items():
        kind = BY_NAME[name]
        governing = entry["licence"] or spread.get(kind.type) or spread.get("distribution")
        if entry["included"]:
            found.append(Component(kind, governing))
    return found


def test_the_golden_cases_have_their_class_and_progress(truth: Path) -> None:
    records = json.loads((truth / "mof_records.json").read_text(encoding="utf-8"))["records"]
    assert len(records) == 143
    found = [mof_class(components(record)) for record in records]
    told = [(one.level, {str(level): value for level, value in one.progress.items()}) for one in found]
    assert told == [(record["class"], record["progress"]) for record in records]


def test_the_golden_cases_read_back_from_the_tools_own_shape(truth: Path) -> None:
    for record in json.loads((truth / "mof_records.json").read_text(encoding="utf-8"))["records"]:
        listed = [{"name": n, "license": e["licence"]} for n, e in record["components"].items() if e["included"]]
        spread = {scope: {"name": name} for scope, name in record["global_licences"].items()}
        text = yaml.safe_dump({"release": {"name": record["name"], "license": spread, "components": listed}})
        read = read_inventory(text.encode(), "a.yml")
        again = read_inventory(write_inventory(read).encode(), "b.yml")
        assert mof_class(read.components).level == mof_class(again.components).level == record["class"]
        assert _set(again.components) == _set(components(record))


def _set(found: Iterable[Component]) -> set[tuple[str, str]]:
    return {(one.kind.name, (one.licence or "").strip()) for one in found}


# --- classes


def test_seventeen_components_in_three_classes() -> None:
    assert len(COMPONENTS) == 17
    assert [sum(k.required and k.level >= level for k in COMPONENTS) for level in (3, 2, 1)] == [6, 10, 14]
    asked = {criterion.id for criterion in load_pack("mof").criteria}
    assert asked == {f"MOF-{kind.id}" for kind in COMPONENTS}


@pytest.mark.parametrize(
    ("opened", "level", "progress"),
    [
        ((), 0, (0.0, 0.0, 0.0)),
        (CLASS_3[:3], 0, (50.0, 0.0, 0.0)),
        (CLASS_3, 3, (100.0, 60.0, 0.0)),
        (CLASS_2, 2, (100.0, 100.0, 71.43)),
        (REQUIRED, 1, (100.0, 100.0, 100.0)),
        (tuple(k.name for k in COMPONENTS), 1, (100.0, 100.0, 100.0)),
        (tuple(set(REQUIRED) - set(CLASS_3)), 0, (16.67, 0.0, 0.0)),  # the paper stands in for the report
        ((*set(CLASS_3) - {REPORT}, PAPER), 3, (100.0, 60.0, 0.0)),
        (tuple(set(REQUIRED) - {REPORT}), 1, (100.0, 100.0, 100.0)),
        (tuple(set(REQUIRED) - {PAPER}), 2, (100.0, 100.0, 92.86)),
        (tuple(set(REQUIRED) - {"Evaluation data"}), 3, (100.0, 90.0, 0.0)),
    ],
)
def test_a_class_is_climbed_from_below(
    opened: tuple[str, ...], level: int, progress: tuple[float, float, float]
) -> None:
    found = classify(frozenset(opened))
    assert (found.level, tuple(found.progress[step] for step in (3, 2, 1))) == (level, progress)


@settings(max_examples=300, deadline=None)
@given(st.frozensets(st.sampled_from(REQUIRED)), st.sampled_from(REQUIRED))
def test_law_a_further_component_never_lowers(opened: frozenset[str], more: str) -> None:
    before, after = classify(opened), classify(opened | {more})
    ranks = [0, 3, 2, 1]
    assert ranks.index(after.level) >= ranks.index(before.level)
    assert after.level != 1 or all(value == 100 for value in after.progress.values())
    for level in (3, 2, 1):
        assert 0 <= before.progress[level] <= 100
        if before.progress[level]:
            assert set(before.missing[level]) <= set(REQUIRED) - opened | {REPORT, PAPER}


# --- licences


@pytest.mark.parametrize(
    ("licence", "content", "standing"),
    [
        ("Apache-2.0", "code", "appropriate"),
        ("apache-2.0", "code", "appropriate"),
        ("Apache-2.0", "document", "appropriate"),
        ("Apache-2.0", "data", "open"),
        ("CDLA-Permissive-2.0", "data", "appropriate"),
        ("CDLA-Permissive-2.0", "code", "open"),
        ("CC-BY-4.0", "document", "appropriate"),
        ("CC-BY-4.0", "data", "open"),
        ("CC-BY-3.0-NL", "data", "open"),
        ("CC-BY-SA-2.0", "document", "open"),
        ("OpenMDW-1.0", "code", "appropriate"),
        ("OpenMDW-1.0", "data", "appropriate"),
        ("BSD-3-Clause", "code", "open"),
        ("WTFPL", "code", "open"),
        ("GPL-3.0", "code", "open"),
        ("CC-BY-NC-4.0", "document", "invalid"),
        ("CC-BY-ND-4.0", "document", "invalid"),
        ("Apache 2.0", "code", "invalid"),
        ("BSD", "code", "invalid"),
        ("Llama 2 Community License", "data", "invalid"),
        ("unlicensed", "code", "none"),
        ("", "code", "none"),
        (None, "data", "none"),
    ],
)
def test_a_licence_stands_by_the_type_of_the_component(licence: str | None, content: Any, standing: str) -> None:
    assert rule(licence, content).standing == standing
    assert rule(licence, content).is_open == (standing in {"appropriate", "open"})


def test_remarks_tell_what_may_stand_elsewhere_and_which_licences_are_unusual() -> None:
    said = dict(remarks({PAPER}, {PAPER, "Model card"}))
    assert set(said) == {"paper-stands-in", "may-stand-elsewhere"}
    listed = [Component(BY_NAME["Datasets"], one) for one in ("Apache-2.0", "CC-BY-NC-4.0", None, "CC0-1.0")]
    [(_, words)] = licence_warnings([Component(BY_NAME["Training code"], "Apache 2.0")])
    assert words.endswith("if Apache-2.0 is meant, the inventory has to say so.")
    assert [kind for kind, _ in licence_warnings(listed)] == [
        "licence-of-another-type",
        "licence-not-open",
        "no-licence",
    ]


# --- inventories by hand

SHORT = """
name: tiny-lm
licences: {distribution: Apache-2.0, document: CC-BY-4.0}
components:
  Model architecture: MIT
  model parameters (final):
  Research paper: true
  Evaluation results: {licence: unlicensed, location: "https://acme.example/results"}
  Data card: false
"""


def test_an_inventory_by_hand_resolves_its_licences() -> None:
    read = read_inventory(SHORT.encode(), "inventory.yaml")
    assert [(one.kind.name, one.licence) for one in read.components] == [
        ("Model architecture", "MIT"),
        ("Model parameters (Final)", "Apache-2.0"),
        ("Research paper", "CC-BY-4.0"),
        ("Evaluation results", "unlicensed"),
    ]
    assert mof_class(read.components).progress[3] == 50.0


def test_what_is_written_is_the_tools_shape_and_reads_back() -> None:
    read = read_inventory(SHORT.encode(), "inventory.yaml")
    written = yaml.safe_load(write_inventory(read))
    assert written["framework"]["name"] == "Model Openness Framework"
    needed = {"name", "version", "date", "architecture", "origin", "producer", "contact", "license", "components"}
    assert needed <= set(written["release"])
    assert all({"name", "description"} <= set(one) for one in written["release"]["components"])
    again = read_inventory(write_inventory(read).encode(), "again.yaml")
    assert again.name == read.name
    assert set(again.components) == set(read.components)
    assert write_inventory(again) == write_inventory(read)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no list of `components`"),
        ("components: 5", "no list of `components`"),
        ("just words", "no list of `components`"),
        ("components: {Weights: MIT}", "none of the framework's components"),
        ("components: [MIT]", "is no mapping"),
        ("components: [{name: Datasets}, {name: datasets}]", "listed twice"),
        ("components: {Datasets: [MIT]}", "is no text"),
        ("{licence: {weights: MIT}, components: {Datasets: MIT}}", "not for “weights”"),
        ("components: {Datasets: MIT, Datasets: GPL-3.0}", "twice"),
        ("name: [a]\ncomponents: {}", "is no text"),
        (f"name: {'x' * 3000}\ncomponents: {{}}", "longer than"),
        ("a: &a [*a]", "aliases"),
        ("[" * 100_000, "nested more than"),
        ("components: !!python/object/apply:os.system [true]", "not readable YAML"),
        ("components:\n" + "".join(f"- {{name: x{n}}}\n" for n in range(300)), "more than 200"),
    ],
)
def test_what_is_no_inventory_is_told_in_one_line(text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_inventory(text.encode(), "inventory.yaml")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 900


# --- from evidence, and the command


def test_evidence_gives_an_inventory_of_what_was_seen() -> None:
    evidence = evidence_of({"tag": "apache-2.0", "library": "transformers", "sections": ["uses"]})
    pack = load_pack("mof")
    found = inventory_of(build_case(evidence, load_table()), pack, judge(evidence, pack, load_table()).verdicts)
    assert {one.kind.name: one.licence for one in found.components} == dict.fromkeys(
        ("Model architecture", "Model parameters (Final)", "Model card", "Inference code"), "Apache-2.0"
    )
    assert found.details["huggingface"].endswith("acme/tiny-lm")


def test_the_command_classifies_and_writes_back(tmp_path: Path) -> None:
    (tmp_path / "inventory.yaml").write_text(SHORT, encoding="utf-8")
    done = osaudit("mof", "inventory.yaml", "-o", "mot.yml", "--format", "json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["class"], told["progress"]) == (0, {"1": 0.0, "2": 0.0, "3": 50.0})
    assert {one["kind"] for one in told["remarks"]} >= {"paper-stands-in", "licence-of-another-type", "no-licence"}
    again = osaudit("mof", "mot.yml", cwd=tmp_path)
    assert again.stdout.splitlines()[:2] == ["tiny-lm", "No class"]
    (tmp_path / "evidence.json").write_text(dump(evidence_of({"tag": "mit"})), encoding="utf-8")
    only = osaudit("mof", "evidence.json", "-o", "-", cwd=tmp_path)
    assert yaml.safe_load(only.stdout)["release"]["producer"] == "acme"
    assert osaudit("mof", "nothing.yaml", cwd=tmp_path).returncode == 2
