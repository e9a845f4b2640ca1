"""A banner for another model says nothing of this one; one that names this model, or speaks of it too, does."""

from __future__ import annotations

import pytest
from made_snapshots import evidence_of

from osaudit.evidence import Seen

REPO = "maker/sparrow-7b"


def asked(words: str) -> bool:
    """Whether the words are a question on this model's terms."""
    evidence = evidence_of(f"---\nlicense: apache-2.0\n---\n# A model\n\n{words}\n")
    assert isinstance(evidence.card, Seen)
    kinds = {said.kind for said in evidence.card.value.statements}
    return bool(kinds & {"unclear-terms", "restriction"})


@pytest.mark.parametrize(
    "words",
    [
        "Meet Falconet, our new multimodal model: get in touch for access.",
        "Check out Falconet 2, our largest model; ask us for access.",
        "Try Falconet, our model for teams: contact us for access.",
    ],
)
def test_a_banner_for_another_model_asks_nothing(words: str) -> None:
    assert not asked(words)


@pytest.mark.parametrize(
    "words",
    [
        "Meet Sparrow, our new multimodal model: get in touch for access.",
        "Introducing Sparrow-7B, our largest model; contact us for access to the weights.",
        "Meet Falconet, our new model, and this one: contact us for access.",
        "Meet Falconet, our new model. Commercial use of the weights here is not allowed.",
        "Get in touch for access.",
        "Introducing Falconet, our new model: get in touch for access.",
        "Introducing Falconet, a chat model: companies ask us for access.",
        "Meet Falconet, a chat model: get in touch for access.",
        "# Falconet\n\nMeet Falconet, our chat model: get in touch for access.",
    ],
)
def test_what_speaks_of_this_model_still_asks(words: str) -> None:
    assert asked(words)
