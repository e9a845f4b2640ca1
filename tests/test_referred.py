"""What a card points to: the terms of a base, the models of a merge, the code behind a link."""

from __future__ import annotations

import pytest
from made_snapshots import evidence_of

from osaudit.checks.case import build_case
from osaudit.evidence import Seen
from osaudit.licences.table import load_table

POINTING = [
    "This model inherits the license of the base twig-7b model.",
    "Please see the [license terms](https://reed.example/terms) of the base.",
]
SILENT = ["No license was chosen yet.", "[More Information Needed]", "The data set has a license of its own."]
MERGE = "---\nlicense: apache-2.0\n---\n# Twig\n\nTwig is a merge.\n\n"


@pytest.mark.parametrize("words", POINTING)
def test_terms_that_are_only_pointed_to_are_stated_and_not_known(words: str) -> None:
    evidence = evidence_of(f"# Twig\n\n## License\n\n{words}\n", repo="someone/twig")
    assert build_case(evidence, load_table()).weights.state == "unrecognised"


@pytest.mark.parametrize(
    ("name", "key"),
    [("NVIDIA Open Model License", "nvidia-open-model"), ("CC BY 4.0 license", None)],
)
def test_a_reference_is_taken_at_its_word_where_that_closes_something(name: str, key: str | None) -> None:
    words = f"Derivative Model of reed/sedge-7b under [{name}](https://reed.example/license)."
    weights = build_case(evidence_of(f"# Twig\n\n## License\n\n{words}\n", repo="someone/twig"), load_table()).weights
    assert [licence.key for licence in weights.licences] == ([key] if key else [])
    assert weights.state != "silent"


@pytest.mark.parametrize("words", SILENT)
def test_a_section_that_points_nowhere_states_nothing(words: str) -> None:
    evidence = evidence_of(f"# Twig\n\n## License\n\n{words}\n", repo="someone/twig")
    assert build_case(evidence, load_table()).weights.state == "silent"


def test_a_tag_is_not_doubted_for_words_that_only_point() -> None:
    card = f"---\nlicense: apache-2.0\n---\n# Twig\n\n## License\n\n{POINTING[0]}\n"
    assert build_case(evidence_of(card, repo="someone/twig"), load_table()).weights.settled


def test_whose_licence_is_inherited_is_a_base() -> None:
    card = "# Twig\n\n## License\n\nIt inherits the license of the base model (reed/sedge-7b).\n"
    assert [base.name for base in evidence_of(card, repo="someone/twig").bases] == ["reed/sedge-7b"]


@pytest.mark.parametrize("heading", ["Models and loras used", "Models Merged", "Merged models", "Ingredients"])
def test_the_list_of_a_merge_names_bases(heading: str) -> None:
    items = "- [reed/sedge-7b](https://huggingface.co/reed/sedge-7b)\n- moss/fern-7b\n"
    evidence = evidence_of(f"{MERGE}## {heading}\n\n{items}\n## Use\n\n- oak/elm-7b\n", repo="someone/twig")
    assert [(base.name, base.relation) for base in evidence.bases] == [
        ("reed/sedge-7b", "merge"),
        ("moss/fern-7b", "merge"),
    ]


def test_models_used_are_no_bases_where_nothing_was_merged() -> None:
    card = "# Twig\n\nTwig is a language model.\n\n## Models used\n\n- reed/sedge-7b judged the answers\n"
    assert not evidence_of(card, repo="someone/twig").bases


def test_approved_terms_named_as_additional_information_are_not_the_weights() -> None:
    words = "The model is governed by the CC BY 4.0 license. \nAdditional Information: Apache License Version 2.0."
    card = f"---\nlicense: cc-by-4.0\n---\n# Twig\n\n## License\n\n{words}\n"
    assert build_case(evidence_of(card, repo="someone/twig"), load_table()).weights.settled


def test_a_generic_name_of_a_licence_is_no_licence_of_its_own() -> None:
    matter = "license: other\nlicense_name: stabilityai-community"
    card = f"---\n{matter}\n---\n# Twig\n\n## License\n\n- **Community License:** free.\n"
    weights = build_case(evidence_of(card, repo="someone/twig"), load_table()).weights
    assert [licence.key for licence in weights.licences] == ["stabilityai-community"]


@pytest.mark.parametrize(
    ("next_words", "kinds"),
    [
        ("You will find pre-training, evaluation and local inference code.", {"training-code"}),
        ("It contains the scripts that trained the model.", {"training-code"}),
        ("It contains inference code.", set()),
        ("You can find more models there.", set()),
    ],
)
def test_the_sentence_after_a_link_says_what_is_found_there(next_words: str, kinds: set[str]) -> None:
    text = f"For details see https://github.com/maker/sparrow. {next_words}\n"
    card = evidence_of(f"# Sparrow\n\n{text}", repo="maker/sparrow-7b").card
    assert isinstance(card, Seen)
    found = {item.kind for item in card.value.statements if item.kind == "training-code" and item.confidence == "high"}
    assert found == kinds
