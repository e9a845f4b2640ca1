"""Conflicts over the recorded models: those known are found, allowed cases raise none, false alarms are few."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.conflicts.__main__ import compare

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
