"""Made repositories whose words restrict come out open almost never; harmless ones almost always."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.evasions import measure

pytestmark = pytest.mark.slow

MAX_OPEN = 4
"""Of the plain and middling cases, those that a careful person would see; 4 is what is aimed at, and none is plain."""
MIN_CONTRIVED_HELD = 24
MAX_CONTROLS_HELD = 4


def test_words_that_restrict_do_not_open_and_harmless_ones_do(evasions_folder: Path, licence_texts: Path) -> None:
    found = measure(evasions_folder, licence_texts)
    opened = Counter(severity for _, severity, _, _ in found["opened"])
    assert opened["plain"] + opened["middling"] <= MAX_OPEN, found["opened"]
    assert found["cases"]["contrived"] - opened["contrived"] >= MIN_CONTRIVED_HELD, found["opened"]
    assert len(found["held"]) <= MAX_CONTROLS_HELD, found["held"]
