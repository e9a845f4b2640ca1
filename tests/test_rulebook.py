"""The rule book on words that restrict: each rule by its own examples, its filter, and what it costs."""

from __future__ import annotations

import re
import time

import pytest
import yaml
from made_snapshots import evidence_of
from pattern_texts import texts_of

from osaudit.evidence import Seen
from osaudit.folding import folded
from osaudit.licences.families import all_families
from osaudit.prefilter import needles, requirements
from osaudit.resources import data_path
from osaudit.restrictions import by_classes, further
from osaudit.restrictions.book import languages, sense
from osaudit.restrictions.classes import Language
from osaudit.restrictions.phrases import Phrase, closed, compiled, phrases

TRIES = 400
LANGUAGES = 30
SENSE = yaml.safe_load(data_path("criteria", "restrictions", "sense-en.yaml").read_text(encoding="utf-8"))


@pytest.fixture(params=phrases(), ids=lambda phrase: phrase.id)
def phrase(request: pytest.FixtureRequest) -> Phrase:
    found: Phrase = request.param
    return found


@pytest.fixture(params=languages().values(), ids=lambda language: language.code)
def language(request: pytest.FixtureRequest) -> Language:
    found: Language = request.param
    return found


def _meets(phrase: Phrase, sentence: str) -> bool:
    place = phrase.where[0]
    text = folded(sentence) if place == "licence" else sentence
    return phrase in [met for met, _ in closed(text, folded(sentence), place)]


def test_a_rule_closes_its_examples_and_leaves_the_others(phrase: Phrase) -> None:
    assert phrase.closes
    assert phrase.leaves
    assert [sentence for sentence in phrase.closes if not _meets(phrase, sentence)] == []
    assert [sentence for sentence in phrase.leaves if _meets(phrase, sentence)] == []


def test_the_needles_of_a_rule_let_through_whatever_it_matches(phrase: Phrase) -> None:
    pattern = compiled(phrase.says)
    assert needles(pattern)
    assert _kept_out(pattern) == []


def test_the_needles_of_what_understands_a_sentence_let_through_whatever_it_matches() -> None:
    found = sense()
    patterns = [part for rules in (found.topics, found.harmless) for part in rules._parts]
    assert len(patterns) > 100
    assert [pattern.pattern for pattern in patterns if _kept_out(pattern)] == []


def test_the_needles_of_a_family_let_through_whatever_it_matches() -> None:
    assert [family.id for family in all_families() if _kept_out(family.match)] == []


def _kept_out(pattern: re.Pattern[str]) -> list[str]:
    """Texts that a pattern matches, and that lack a needle of one of its sets."""
    made = sorted(set(texts_of(pattern, tries=TRIES)))
    sets = requirements(pattern)
    return [text for text in made if not all(any(one in folded(text) for one in strings) for strings in sets)]


def test_an_example_closes_wherever_the_repository_says_it(phrase: Phrase) -> None:
    if phrase.where != ("card",):
        pytest.skip("a rule for the texts of licences")
    for sentence in phrase.closes:
        evidence = evidence_of(f"---\nlicense: apache-2.0\n---\n# Sparrow\n\n## License\n\n{sentence}\n")
        assert isinstance(evidence.card, Seen)
        kinds = {statement.kind for statement in evidence.card.value.statements}
        assert kinds & {"restriction", "unclear-terms", "requirement", "generated-data"}, sentence


def test_a_language_closes_its_examples_and_leaves_the_others(language: Language) -> None:
    def told(sentence: str) -> str | None:
        hit = by_classes(folded(sentence))
        return hit.kind if hit else None

    assert language.closes
    assert language.leaves
    assert [sentence for sentence in language.closes if told(sentence) != "closes"] == []
    assert [sentence for sentence in language.leaves if told(sentence) is not None] == []
    assert [sentence for sentence in language.unclear if told(sentence) != "unclear"] == []


def test_there_are_languages_enough() -> None:
    assert len(languages()) >= LANGUAGES


@pytest.mark.parametrize("sentence", SENSE["unclear"])
def test_words_with_force_that_no_rule_explains_are_a_question(sentence: str) -> None:
    hit = further(folded(sentence))
    assert hit is not None
    assert hit.kind == "unclear"


@pytest.mark.parametrize("sentence", SENSE["leaves"])
def test_words_that_a_rule_explains_are_none(sentence: str) -> None:
    hit = further(folded(sentence))
    assert hit is None or hit.kind == "topic"


def test_no_rule_bears_the_id_of_another() -> None:
    ids = [phrase.id for phrase in phrases()] + [name for name, _ in (*sense().harmless.named, *sense().whole)]
    assert len(ids) == len(set(ids))


def _cost(pattern: re.Pattern[str], text: str) -> float:
    best = float("inf")
    for _ in range(3):
        begun = time.process_time()
        pattern.search(text)
        best = min(best, time.process_time() - begun)
    return best


def test_no_rule_takes_more_than_its_share_of_a_text_that_grows() -> None:
    """A sentence of four times the length takes at most some sixteen times: no rule backtracks without end."""
    found = sense()
    patterns = [compiled(phrase.says) for phrase in phrases()]
    patterns += [pattern for _, pattern in (*found.harmless.named, *found.topics.named, *found.whole)]
    patterns += [found.beside, found.operators, found.hard, found.objects]
    for pattern in patterns:
        for word in ("not ", "commercial ", "use of the model for ", "data is ", "a, ", "license under the "):
            short, long = word * (400 // len(word)), word * (1_600 // len(word))
            floor = 2e-4
            assert _cost(pattern, long) <= 40 * max(floor, _cost(pattern, short)), (pattern.pattern[:80], word)
