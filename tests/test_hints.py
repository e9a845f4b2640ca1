"""Hints: a filter before a pattern must let through every text that the pattern matches."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from made_snapshots import evidence_of
from pattern_texts import texts_of

from osaudit.reading.licensing import bound, claims, terms, texts
from osaudit.reading.lineage import bases
from osaudit.reading.making import generated, libraries, stages, training
from osaudit.reading.page import subjects, whose
from osaudit.reading.page.hints import Hints, folded, has_any, met
from osaudit.reading.page.markdown import Sentence
from osaudit.reading.page.subjects import Passage, passage_of

TRIES = 3_000
ENOUGH = 50  # texts of a pattern that were made and match
MODULES = (bases, bound, claims, generated, training, whose)  # that ask of a part of a sentence
REMEMBERED = (
    *(bases._made_in, claims._forms_of, generated._named_in, terms._touched, training.trained_at, training._told_in),
    *(subjects._families_in, whose.speaks_of_others),
)
SAMPLES = Path(__file__).parents[1] / "benchmarks" / "statements"

FILTERED: dict[str, tuple[re.Pattern[str], tuple[str, ...]]] = {
    "training: trained on": (training._TRAINED, training.TRAIN_HINTS),
    "training: data is": (training._DATA_IS, training.TRAIN_HINTS),
    "training: unknown": (training._UNKNOWN_DATA, training._OPEN_HINTS),
    "training: withheld, of data": (training._WITHHELD, training._DATA_HINTS),
    "training: withheld, closed": (training._WITHHELD, training._CLOSED_HINTS),
    "stages: pre-trained": (stages._PRETRAINED, stages._STAGE_HINTS),
    "stages: tuned": (stages._TUNED, stages._STAGE_HINTS),
    "stages: is tuned": (stages._IS_TUNED, stages._STAGE_HINTS),
    "libraries": (libraries._NAMED, libraries._HINTS),
    "claims: may name": (claims._MAY_NAME, claims._NAME_HINTS),
    "bound": (bound._BINDS, bound.BOUND_HINTS),
    "terms: duty": (terms._DUTY, terms._DUTY_HINTS),
    "claims: field": (claims._FIELD, claims._FIELD_HINTS),
    "generated: before": (generated._BEFORE, generated._BEFORE_HINTS),
    "whose: others": (whose._OTHERS, whose._OTHERS_HINTS),
    "bases: in front, without spaces": (bases._IN_FRONT, bases._IN_FRONT_HINTS),
    "bases: in front": (bases._IN_FRONT_MIXED, bases._BEFORE_HINTS),
    **{f"bases: {relation}": (bases._MADE[relation], hints) for relation, hints in bases._MADE_HINTS.items()},
}


@pytest.mark.parametrize("name", FILTERED)
def test_hints_let_through_whatever_their_pattern_matches(name: str) -> None:
    pattern, hints = FILTERED[name]
    made = set(texts_of(pattern, tries=TRIES))
    assert len(made) >= min(ENOUGH, len(re.findall(r"\|", pattern.pattern)) + 1)
    assert [text for text in sorted(made) if not has_any(folded(text), hints)] == []


def test_the_openings_of_a_licence_pass_their_filter() -> None:
    made = set(texts_of(texts._OPENING, tries=TRIES))
    assert len(made) >= ENOUGH
    assert [text for text in sorted(made) if not has_any(text, texts._OPENING_HINTS)] == []


def test_a_hint_too_few_is_found() -> None:
    """The test above can fail: without one hint a part of the pattern is filtered away."""
    made = set(texts_of(training._TRAINED, tries=TRIES))
    fewer = tuple(hint for hint in training.TRAIN_HINTS if hint != "distil")
    assert any(not has_any(folded(text), fewer) for text in made)


def test_a_passage_tells_of_the_hints_that_stand_in_it_and_of_no_others() -> None:
    for words in training.TRAIN_HINTS:
        passage = passage_of(Sentence(f"so {words.upper()} it", (), 0, 9, "paragraph"), (), "")
        assert passage.has(training.TRAIN_HINTS)
    assert not passage_of(Sentence("The weather is fine.", (), 0, 9, "paragraph"), (), "").has(training.TRAIN_HINTS)


def test_hints_that_are_made_late_are_looked_for_all_the_same() -> None:
    assert met("")
    late = Hints(("quixotic",))
    assert passage_of(Sentence("A Quixotic model.", (), 0, 9, "paragraph"), (), "").has(late)
    assert not passage_of(Sentence("A sober model.", (), 0, 9, "paragraph"), (), "").has(late)


@pytest.mark.corpus
def test_real_cards_read_the_same_without_the_filters(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cards = _cards(corpus / "bulk" / "model_cards_2023-05.jsonl.gz")
    filtered = [evidence_of(card, repo=repo) for repo, card in cards]
    monkeypatch.setattr(Passage, "has", lambda *_: True)
    monkeypatch.setattr(Hints, "stand_in", lambda *_: True)
    for module in MODULES:
        monkeypatch.setattr(module, "has_any", lambda *_: True)
    for remembered in REMEMBERED:
        remembered.cache_clear()
    differ = [repo for (repo, card), read in zip(cards, filtered, strict=True) if evidence_of(card, repo=repo) != read]
    assert differ == []


def _cards(path: Path) -> list[tuple[str, str]]:
    """Every fortieth card of the collection, without those that figures are measured on."""
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    kept = {row["id"] for row in yaml.safe_load((SAMPLES / "held-out.yaml").read_text(encoding="utf-8"))}
    found: list[tuple[str, str]] = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % 40 == 0:
                row: dict[str, Any] = json.loads(line)
                if row["id"] not in kept:
                    found.append((row["id"], row["card"]))
    return found
