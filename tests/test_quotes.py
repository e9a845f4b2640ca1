"""Quotes: the deciding sentence, whole words, and a mark for what is left out."""

from __future__ import annotations

import json

import pytest
import yaml
from jsonschema import Draft202012Validator
from licence_samples import known, needs_texts

from osaudit.licences.deciding import Finder
from osaudit.licences.identify import identify
from osaudit.licences.locators import Locator, holds, load_locators, locators_of
from osaudit.licences.quotes import LEFT_OUT, MAX_SENTENCE, between, clip, unmarked, widened
from osaudit.licences.table import load_table
from osaudit.resources import data_path

OWN = """HERON LICENCE

1. Looking. Anybody may look at herons. Nobody may feed them
   without the keeper's leave.
2. You may not use herons:
   (a) at night;
   (b) to find fish for sale; or
   (c) against other birds.
3. Ending. The leave ends when a heron flies away.
"""


def test_a_quote_is_cut_between_words_and_marked() -> None:
    assert clip("herons stand in the water", 40) == "herons stand in the water"
    assert clip("herons stand in the water", 20) == f"herons stand {LEFT_OUT}"
    assert unmarked(clip("herons stand in the water", 20)) == "herons stand"
    assert between("herons stand", 0, 9, 40) == f"herons st {LEFT_OUT}"
    assert between("herons stand", 2, 6, 40) == f"{LEFT_OUT} rons"
    assert widened("the herons stand in the water", 11, 16, 4) == f"{LEFT_OUT} stand in {LEFT_OUT}"


@pytest.mark.parametrize(
    ("clause", "words", "quote", "lines"),
    [
        ("s1", ("feed them",), "Nobody may feed them without the keeper's leave.", (3, 4)),
        ("s9", ("keeper s leave",), "Nobody may feed them without the keeper's leave.", (3, 4)),
        ("s2(a)", ("at night",), "You may not use herons: (a) at night;", (5, 6)),
        ("s2(c)", ("against other birds",), f"You may not use herons: {LEFT_OUT} (c) against other birds.", (5, 8)),
        ("s3", ("flies away", "ends"), "The leave ends when a heron flies away.", (9, 9)),
        ("s3", ("swims away",), None, None),
    ],
)
def test_a_locator_finds_the_sentence_by_its_words(
    clause: str, words: tuple[str, ...], quote: str | None, lines: tuple[int, int] | None
) -> None:
    found = Finder(OWN).find(Locator(clause, words))
    assert (found and found.quote, found and found.lines) == (quote, lines)


def test_of_a_sentence_without_end_the_part_is_quoted_that_decides() -> None:
    text = f"{'Herons stand in the water ' * 60} and must never be sold {'and they look for fish ' * 20}."
    found = Finder(text).find(Locator("", ("never be sold",)))
    assert found is not None
    assert "must never be sold" in found.quote
    assert found.quote.startswith(LEFT_OUT)
    assert len(found.quote) < MAX_SENTENCE


def test_the_locators_follow_the_schema_and_name_entries_of_the_table() -> None:
    validator = Draft202012Validator(json.loads(data_path("criteria", "locators.schema.json").read_text("utf-8")))
    for path in sorted(data_path("criteria", "locators").glob("*.yaml")):
        raw = yaml.safe_load(path.read_text("utf-8"))
        criteria = {str(name): rows for name, rows in raw.get("criteria", {}).items()}
        assert list(validator.iter_errors({**raw, "criteria": criteria})) == [], path.name
    assert set(load_locators()) <= set(load_table().by_key)


@needs_texts
def test_every_criterion_of_a_known_text_is_quoted_by_its_locators() -> None:
    quoted = 0
    for sample in known():
        found = identify(sample.text)
        if [match.match for match in found.matches] != ["exact"] or found.matches[0].key != sample.key:
            continue
        for criterion, rows in locators_of(sample.key).criteria.items():
            quotes = [hit.quote for hit in found.clauses if hit.criterion == criterion]
            assert any(holds(quote, one) for quote in quotes for one in rows), (sample.name, criterion)
            quoted += 1
    assert quoted > 500
