"""Evidence of 0.1.0 holds words and no findings: it is read again, says so, and never comes out more open than then.

`old_evidence/0.1.0.json` was written by 0.1.0 itself, of repositories made up for it, with the label that it gave.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from osaudit.codec import digest, dump, load
from osaudit.evidence import Card, Evidence, Gate, Seen
from osaudit.judge import judge
from osaudit.label import RUNGS
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.reading.reread import load_evidence
from osaudit.reading.version import READERS
from osaudit.render import RENDERERS, Options
from osaudit.verdict import Scorecard

SAVED = Path(__file__).parent / "old_evidence" / "0.1.0.json"


def saved() -> Iterator[Any]:
    for row in json.loads(SAVED.read_text(encoding="utf-8")):
        yield pytest.param(row, id=row["what"])


def read(row: dict[str, Any]) -> Evidence:
    return load_evidence(json.dumps(row["evidence"]))


def judged(evidence: Evidence) -> Scorecard:
    return judge(evidence, load_pack(), load_table())


def named(what: str) -> Evidence:
    return read(next(param.values[0] for param in saved() if param.id == what))


@pytest.mark.parametrize("row", list(saved()))
def test_no_label_rises_above_what_it_was(row: dict[str, Any]) -> None:
    card = judged(read(row))
    assert RUNGS.index(card.label.id) <= RUNGS.index(row["label"])
    held = {f"{v.criterion}/{v.facet}" for v in card.verdicts if v.answer.outcome in {"fail", "review"}}
    assert set(row["closed"]) <= held


@pytest.mark.parametrize("row", list(saved()))
def test_the_scorecard_says_that_it_was_read_again_and_of_which_file(row: dict[str, Any]) -> None:
    found = read(row)
    card = judged(found)
    assert found.readers == READERS
    assert found.reread == card.evidence_sha256 == row["sha256"] == digest(load(json.dumps(row["evidence"])))
    assert f"read again with readers {READERS}" in card.reread
    assert [item.what for item in card.unseen if "kept quotes of it alone" in item.why] == [
        "README.md, beyond its quotes"
    ]
    for form in ("text", "markdown", "html", "json"):
        assert "was read again with" in " ".join(RENDERERS[form]([card], Options()).split())


def test_what_was_read_again_is_evidence_of_today() -> None:
    found = named("card: trade")
    assert load_evidence(dump(found)) == found
    assert judged(load_evidence(dump(found))) == judged(found)


def test_what_it_kept_is_read() -> None:
    gate = named("gate: trade").gate
    assert isinstance(gate, Seen)
    assert isinstance(gate.value, Gate)
    assert [hit.flag for hit in gate.value.restrictions] == ["non_commercial"]
    card = named("card: application for trade").card
    assert isinstance(card, Seen)
    assert isinstance(card.value, Card)
    assert ("trade",) in [said.about for said in card.value.statements]
    assert [text.words for text in named("policy: short and harmless").licence_texts] == [5]


def test_evidence_of_today_is_left_as_it_is() -> None:
    found = named("nothing closes")
    again = load_evidence(dump(found))
    assert again.reread == found.reread
    assert again.unseen == found.unseen
