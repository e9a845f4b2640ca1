"""Files that are named for a licence and only say which one it is: a closing name is taken at its word, no other."""

from __future__ import annotations

import pytest
from made_snapshots import evidence_of, fetched

from osaudit.checks.case import Case, build_case
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack

CARD = "# Twig\n\nTwig 7B writes poems about moss.\n"

BY_NC = "Creative Commons Attribution-NonCommercial 4.0"
CLOSING = [
    ("Twig, Copyright (c) 2025 Moss Ltd, is licensed under the CC BY-NC-SA 4.0 license.\n", "cc-by-nc-sa-4.0"),
    (f"This work is licensed under a {BY_NC} International License.\n", "cc-by-nc-4.0"),
    (
        f"The weights are released under the {BY_NC} License.\nSee https://creativecommons.org/licenses/by-nc/4.0/\n",
        "cc-by-nc-4.0",
    ),
    ("License: CC-BY-NC-ND-4.0\n\nThe model may not be used commercially.\n", "cc-by-nc-nd-4.0"),
    ("The weights are licensed under CC BY-NC 4.0.\nThe code is licensed under the MIT License.\n", "cc-by-nc-4.0"),
]

LEFT = [
    "Twig is licensed under the Apache License 2.0.\n",
    "Twig is licensed under the CC BY-NC 4.0 license. Nobody may make derivatives of it.\n",
    "The base model of Twig is licensed under the CC BY-NC 4.0 license.\n",
    "Twig is not licensed under the CC BY-NC 4.0 license.\n",
    "Twig is licensed under the CC BY-NC 4.0 license and the Llama 2 Community License.\n",
]


def _case(text: str, path: str = "LICENSE", card: str = CARD) -> Case:
    return build_case(evidence_of(card, texts={path: fetched(text)}, repo="moss/twig-7b"), load_table())


@pytest.mark.parametrize("path", ["LICENSE", "MODEL_LICENSE", "LICENSE.md"])
@pytest.mark.parametrize(("text", "key"), CLOSING)
def test_a_file_that_only_names_a_closing_licence_is_its_publishers_word(text: str, key: str, path: str) -> None:
    terms = _case(text, path).weights
    assert [licence.key for licence in terms.licences] == [key], terms.steps
    assert (terms.state, terms.basis, terms.settled) == ("declared", "declared by publisher", True)


@pytest.mark.parametrize("text", LEFT)
def test_a_file_that_names_no_closing_licence_or_says_more_settles_nothing(text: str) -> None:
    assert not _case(text).weights.settled


ADDED = [
    ("Users in the European Union may not use it.", "OSD-5"),
    ("Every recipient has to be registered with Moss Ltd first.", "OSD-7"),
]


@pytest.mark.parametrize(("words", "criterion"), ADDED)
def test_what_a_stub_says_besides_does_not_pass(words: str, criterion: str) -> None:
    text = f"Twig is licensed under the CC BY-NC 4.0 license. {words}\n"
    evidence = evidence_of(CARD, texts={"LICENSE": fetched(text)}, repo="moss/twig-7b", listed=("a.safetensors",))
    found = judge(evidence, load_pack(), load_table()).verdicts
    cells = [v.answer.outcome for v in found if (v.criterion, v.facet) == (criterion, "licence")]
    assert cells[0] in {"review", "fail"}, cells


def test_a_tag_that_a_stub_contradicts_is_a_conflict_and_opens_nothing() -> None:
    card = f"---\nlicense: apache-2.0\n---\n{CARD}"
    evidence = evidence_of(
        card, texts={"LICENSE": fetched(CLOSING[0][0])}, repo="moss/twig-7b", listed=("a.safetensors",)
    )
    found = judge(evidence, load_pack(), load_table())
    assert found.label.id == "weights-available"
    assert [one.kind for one in found.conflicts] == ["card-tag"]
    assert {
        v.answer.outcome for v in found.verdicts if v.criterion == "OSD-6" and v.facet in {"weights", "licence"}
    } == {"fail"}


def test_a_long_text_that_mentions_a_licence_is_no_stub() -> None:
    text = CLOSING[0][0] + "The licensor may end this grant whenever the moss dries. " * 60
    assert not _case(text).weights.settled
