"""A publisher's own "Model License": the one that his family is known to have, for himself and where it closes."""

from __future__ import annotations

import pytest
from made_snapshots import evidence_of

from osaudit.checks.case import build_case
from osaudit.checks.terms import Terms
from osaudit.licences.table import load_table

WORDS = (
    "# Model\n\n## License\n\nThe code in this repository is open-sourced under the Apache-2.0 license, while the use "
    "of the model weights needs to comply with the [Model License](https://github.com/a/b/raw/main/MODEL_LICENSE).\n"
)


def _weights(repo: str, card: str = WORDS) -> Terms:
    return build_case(evidence_of(card, repo=repo), load_table()).weights


@pytest.mark.parametrize(("repo", "key"), [("THUDM/chatglm3-6b", "chatglm3-6b"), ("zai-org/cogvlm-chat-hf", "cogvlm")])
def test_the_publishers_own_licence_is_known_by_his_family(repo: str, key: str) -> None:
    terms = _weights(repo)
    assert ([one.key for one in terms.licences], terms.settled) == ([key], True)


def test_the_tag_for_the_code_contradicts_and_leaves_the_weights_closed() -> None:
    terms = _weights("THUDM/cogvlm-chat-hf", f"---\nlicense: apache-2.0\n---\n{WORDS}")
    assert ([one.key for one in terms.licences], terms.settled) == (["cogvlm"], True)
    assert [one.kind for one in terms.conflicts] == ["card-tag"]


OTHERS = ["someone/chatglm3-6b", "THUDM/other-6b", "mistralai/Mistral-7B-v0.1", "THUDM/cogvlm2-19b"]


@pytest.mark.parametrize("repo", OTHERS)
def test_nobody_elses_words_are_and_no_open_family_is(repo: str) -> None:
    terms = _weights(repo)
    assert (terms.state, terms.licences, terms.settled) == ("unrecognised", (), False)


def test_a_licence_that_has_a_name_is_not_taken_for_the_familys() -> None:
    card = WORDS.replace("Model License", "Acme Model License")
    assert not _weights("THUDM/chatglm3-6b", card).settled
