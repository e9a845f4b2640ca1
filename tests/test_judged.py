"""Further real repositories beside what a careful reader found in each: none is called more open than he would."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.judged import compare

pytestmark = pytest.mark.slow

ABOVE = {
    "KatyTheCutie/EstopianMaid-13B": "a list of the models used names fine-tunes of Llama 2",
    "Doctor-Shotgun/cat-v1.0-13b": "a tag alone names Llama 2",
    "NousResearch/Nous-Capybara-7B": "a tag alone names Llama 2",
    "TriadParty/deepsex-34b": "the card's words name Yi-34B under its licence of 2023",
    "Azure99/blossom-v3_1-yi-34b": "the card's words name Yi-34B without its owner, and it was not seen",
    "maywell/PiVoT-SUS-RP": "the card's words name SUS-34B without its owner, and it was not seen",
}
"""Known ones, each with what about the base is not read or does not hold the label yet."""
HELD = {
    "google/gemma-4-E2B-it": "its licence link leads to a page that was not read",
    "clu-ling/whisper-large-v2-japanese-5k-steps": "its base is not recorded",
    "reubzdubz/Molmo7B_D_NF4Quant": "its base is not recorded",
    "irfanuruchi/1B-building-engineering-llm": "its base is not recorded",
    "dunzhang/stella_en_1.5B_v5": "its bases are not recorded",
    "pyannote/segmentation-3.0": "its gate is recorded without its mode, and so as one that a person opens",
}
"""Those that stay under the label they should reach, each with what was not seen."""


def test_no_label_stands_above_a_careful_readers(judged_folder: Path) -> None:
    found = compare(judged_folder)
    assert found["skipped"] == {}
    assert {row["model"] for row in found["above"]} <= set(ABOVE)
    assert {row["model"] for row in found["below"]} <= set(HELD)
    assert found["fails_missed"] == []
