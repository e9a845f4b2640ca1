"""Sentences that point at a licence: they add nothing where it governs, and are a question where another one does."""

from __future__ import annotations

import pytest
from made_snapshots import evidence_of

from osaudit.checks.case import build_case
from osaudit.checks.licence import unclear_words
from osaudit.evidence import Seen
from osaudit.licences.table import load_table
from osaudit.reading.licensing.pointed import pointed_at


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("use of this model is governed by the meta license", "llama2"),
        ("- license: tii falcon llm license", "tii-falcon-llm-1.0"),
        ("the model is released under the llama 2 community license", "llama2"),
        ("this model is licensed under the gemma terms of use.", "gemma"),
        ("license: tii falcon llm license, except for hosting", ""),
        ("license: gemma, and commercial use needs a permission", ""),
        (
            "license a custom commercial license, the llama 2 community license agreement, is available at: https://a.b",
            "llama2",
        ),
        ("a custom commercial license, the llama 2 community license, is required of firms", ""),
        ("a custom commercial license is available at our office", ""),
        ("license a custom commercial license is available at: https://a.b", "custom"),
        ("a custom commercial license, the apache license 2.0, is available at: https://a.b", ""),
        ("a community license, the mit license, see here", ""),
        ("not licensed under the llama 2 community license", ""),
        ("use of this model is governed by the acme license", ""),
        ("license", ""),
        ("", ""),
        ("license " * 50, ""),
    ],
)
def test_a_sentence_points_at_a_licence_or_says_more(words: str, key: str) -> None:
    assert (key in pointed_at(words)) if key else pointed_at(words) == ()


@pytest.mark.parametrize(("tag", "asks"), [("llama2", False), ("apache-2.0", True)])
def test_what_points_at_the_licence_that_governs_adds_nothing(tag: str, asks: bool) -> None:  # noqa: FBT001 - a parameter of the test
    card = f"---\nlicense: {tag}\n---\n# A model\n\n- **License:** Llama 2 Community License\n"
    case = build_case(evidence_of(card), load_table())
    assert bool(unclear_words(case)) is asks


@pytest.mark.parametrize(("tag", "asks"), [("llama2", False), ("apache-2.0", True), ("mit", True)])
def test_a_custom_licence_without_a_name_is_the_one_that_governs(tag: str, asks: bool) -> None:  # noqa: FBT001 - a parameter of the test
    card = f"---\nlicense: {tag}\n---\n# A model\n\n**License** A custom commercial license is available at: https://a.b/c\n"
    assert bool(unclear_words(build_case(evidence_of(card), load_table()))) is asks


@pytest.mark.parametrize(
    ("title", "asks"),
    [
        *(("GQA", False), ("MoE", False)),
        *((word, True) for word in ("NC", "SaaS", "B2B", "OEM", "OSS", "EULA", "Commercial use", "Komercyjne")),
    ],
)
def test_a_cross_under_a_technique_says_nothing_on_terms(title: str, asks: bool) -> None:  # noqa: FBT001 - a parameter of the test
    table = f"|| Data | {title} |\n|---|---|---|\n| Sparrow 2 | A mix of publicly available data | \N{BALLOT X} |\n"
    evidence = evidence_of(f"---\nlicense: apache-2.0\n---\n# Sparrow\n\n{table}")
    assert isinstance(evidence.card, Seen)
    kinds = {said.kind for said in evidence.card.value.statements}
    assert bool(kinds & {"unclear-terms", "restriction"}) is asks
