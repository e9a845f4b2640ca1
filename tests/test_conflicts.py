"""Conflicts over the recorded models: those known are found, allowed cases raise none, false alarms are few."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from made_snapshots import evidence_of

from benchmarks.conflicts.__main__ import compare
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack

pytestmark = pytest.mark.slow

# What LAUNDERING.json marks as allowed, as a mild case (a notice alone is dropped) or as a control raises no alarm.
NO_CONFLICT = ("mild", "allowed", "control")


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    from conftest import _folder  # noqa: PLC0415 - the fixture of that name has function scope

    return compare(_folder("OSAUDIT_CORPUS", "../shared/corpus"))


@pytest.mark.corpus
def test_known_launderings_are_found_with_the_clause_dropped(found: dict[str, Any], corpus: Path) -> None:
    by_model: dict[str, list[str]] = {}
    for row in found["findings"]:
        if row["kind"].startswith("lineage"):
            by_model.setdefault(row["model"], []).append(row["because"])
    for entry in json.loads((corpus / "LAUNDERING.json").read_text(encoding="utf-8")):
        if not (corpus / "models" / entry["model"]).is_dir():
            continue
        if any(word in entry.get("severity", "") for word in NO_CONFLICT):
            assert entry["model"] not in by_model, entry["model"]
        else:
            assert any("OSD-" in because for because in by_model.get(entry["model"], [])), entry["model"]


@pytest.mark.corpus
def test_every_finding_was_judged_and_few_are_false(found: dict[str, Any]) -> None:
    assert found["not_judged"] == []
    assert found["not_found"] == []
    assert found["precision"] >= 0.95


@pytest.mark.corpus
def test_a_permissive_tag_over_a_restricting_base_is_a_conflict_on_every_recorded_front_matter(corpus: Path) -> None:
    lines = (corpus / "bulk/frontmatter_excerpts.jsonl").read_text(encoding="utf-8").splitlines()
    marked = [row for row in map(json.loads, lines) if str(row.get("note", "")).startswith("MISMATCH")]
    assert len(marked) == 13
    for row in marked:
        evidence = evidence_of(row["text"], repo="acme/tuned", listed=("model.safetensors", ".gitattributes"))
        card = judge(evidence, load_pack(), load_table())
        assert [finding.kind for finding in card.conflicts] == ["lineage-drops-terms"], row["text"][:300]
        assert card.label.id == "weights-available"
