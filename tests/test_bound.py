"""Sentences that put a model under a family's licence in other words than "licensed under"."""

from __future__ import annotations

import pytest
from made_snapshots import evidence_of

from osaudit.checks.case import build_case
from osaudit.licences.table import load_table
from osaudit.reading.licensing.bound import bound_by

BOUND = [
    ("Must comply with LICENSE of LLaMA2 since it is made from it.", "llama2"),
    ("Please comply with the LLaMA 2 license.", "llama2"),
    ("Users must also agree to the Gemma Terms of Use.", "gemma"),
    ("Usage is bound by the Gemma Terms of Use.", "gemma"),
    ("Meta's Llama 2 license applies to this model.", "llama2"),
    ("It inherits the Llama 3.2 license.", "llama3.2"),
    ("Same license as Llama 3.", "llama3"),
    ("License inherited from Llama 3.3.", "llama3.3"),
    ("It retains the CreativeML OpenRAIL-M license.", "creativeml-openrail-m"),
    ("Built from Qwen 2.5 3B, so the Qwen Research License terms apply here as well.", "qwen-research"),
]
FREE = [
    "Unlike Llama 2, whose community license applies restrictions, this one is free.",
    "The Llama 2 license does not apply.",
    "We follow the Llama 2 recipe.",
    "The data were made under the Llama 3 license, which applies to the data set.",
    "The Apache License 2.0 applies.",
    "Same tokenizer as Llama 3.",
    "Please follow the license.",
]


@pytest.mark.parametrize(("words", "key"), BOUND)
def test_terms_that_a_sentence_says_to_hold(words: str, key: str) -> None:
    assert [keys for _, keys in bound_by(words)] == [(key,)]


@pytest.mark.parametrize("words", FREE)
def test_no_terms_in_comparisons_denials_and_words_on_data(words: str) -> None:
    assert not list(bound_by(words))


@pytest.mark.parametrize("words", [words for words, _ in BOUND])
def test_a_free_tag_does_not_pass_beside_such_words(words: str) -> None:
    evidence = evidence_of(f"---\nlicense: apache-2.0\n---\n# Twig\n\n{words}\n", repo="someone/twig")
    case = build_case(evidence, load_table())
    assert evidence.bases or case.weights.rivals or case.weights.state not in {"read", "declared"}


def test_a_family_name_means_the_member_that_the_tag_names() -> None:
    card = "---\nlicense: cc-by-nc-4.0\n---\n# Twig\n\nThe weights are under a CC BY-NC license.\n"
    weights = build_case(evidence_of(card, repo="someone/twig"), load_table()).weights
    assert [licence.key for licence in weights.licences] == ["cc-by-nc-4.0"]


def test_a_family_name_is_not_narrowed_to_a_member_that_closes_nothing() -> None:
    card = "---\nlicense: cc-by-4.0\n---\n# Twig\n\nThe weights are under a CC BY-NC license.\n"
    weights = build_case(evidence_of(card, repo="someone/twig"), load_table()).weights
    assert weights.state == "several"


@pytest.mark.parametrize(
    ("words", "key"),
    [("Model weights: CC BY-NC 4.0", "cc-by-nc-4.0"), ("The weights are also CC BY-NC-SA 4.0.", "cc-by-nc-sa-4.0")],
)
def test_words_on_the_weights_outrank_the_tag(words: str, key: str) -> None:
    card = f"---\nlicense: apache-2.0\n---\n# Twig\n\n## Details\n\n{words}\n"
    weights = build_case(evidence_of(card, repo="someone/twig"), load_table()).weights
    assert [licence.key for licence in weights.licences] == [key]


def test_a_name_without_version_says_what_the_tag_says() -> None:
    card = "---\nlicense: apache-2.0\n---\n# Twig\n\nPassing on the weights is allowed under the Apache License.\n"
    assert build_case(evidence_of(card, repo="someone/twig"), load_table()).weights.settled
