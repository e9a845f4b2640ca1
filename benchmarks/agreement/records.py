"""Human judgments as they stand in a CSV file: what can be used of them, and why the rest cannot."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.agreement.facets import FACETS

SAID = frozenset({"open", "partial", "closed"})


def judgments_in(path: Path, skipped: dict[str, str]) -> list[dict[str, str]]:
    """Read the rows that name a model; a facet's value counts in any spelling of its three words."""
    text = path.read_bytes().decode("utf-8-sig", "replace")
    rows: list[dict[str, str]] = []
    for number, row in enumerate(csv.DictReader(io.StringIO(text, newline="")), 2):
        plain = {key: value.strip() for key, value in row.items() if isinstance(key, str) and isinstance(value, str)}
        if plain.get("hf_id"):
            rows.append({"source": "unnamed", **plain, **_said(plain)})
        else:
            skipped[f"row {number}"] = "it names no model (hf_id)"
    return rows


def _said(row: Mapping[str, str]) -> dict[str, str]:
    return {facet: row[facet].lower() for facet in FACETS if facet in row}


def judged_facets(row: Mapping[str, str]) -> Sequence[str]:
    """The facets of which the row states one of the three judgments."""
    return [facet for facet in FACETS if row.get(facet) in SAID]
