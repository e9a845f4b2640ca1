"""What a user may write for a repository, and what he may not."""

from __future__ import annotations

import pytest
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id
from hypothesis import given
from hypothesis import strategies as st

from osaudit.errors import UsageError
from osaudit.evidence import ModelRef
from osaudit.sources.refs import is_hub_id, parse_ref


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("org/name", ModelRef("org/name")),
        (" gpt2\n", ModelRef("gpt2")),
        ("org/name@v1.0", ModelRef("org/name", "v1.0")),
        ("org/name@refs/pr/3", ModelRef("org/name", "refs/pr/3")),
        ("datasets/org/name", ModelRef("org/name", None, "dataset")),
        ("datasets/squad@main", ModelRef("squad", "main", "dataset")),
        ("models/org/name", ModelRef("org/name")),
        ("https://huggingface.co/org/name", ModelRef("org/name")),
        ("https://huggingface.co/org/name/", ModelRef("org/name")),
        ("http://hf.co/org/name?library=x#card", ModelRef("org/name")),
        ("hf.co/org/name", ModelRef("org/name")),
        ("huggingface.co/gpt2", ModelRef("gpt2")),
        ("https://huggingface.co/gpt2/tree/main", ModelRef("gpt2", "main")),
        ("https://huggingface.co/org/name/tree/refs%2Fpr%2F3", ModelRef("org/name", "refs/pr/3")),
        ("https://huggingface.co/org/name/blob/v1/a/README.md", ModelRef("org/name", "v1")),
        ("https://huggingface.co/org/name/discussions/3", ModelRef("org/name")),
        ("https://huggingface.co/datasets/org/name/tree/v1", ModelRef("org/name", "v1", "dataset")),
        ("https://huggingface.co/api/models/org/name", ModelRef("org/name")),
        ("http://127.0.0.1:9/org/name", ModelRef("org/name")),  # the HF_ENDPOINT of the tests
    ],
)
def test_what_is_read(text: str, ref: ModelRef) -> None:
    assert parse_ref(text) == ref


@pytest.mark.parametrize(
    "text",
    [
        "", "/", "org/", "/name", "a/b/c", "org/na me", "org/../name", "org--name/x", "org/name.git", "-org/name",
        "org/name@", "org/name@a b", "org/name@../x", "org/name@" + "x" * 300, "https://example.org/org/name",
        "https://huggingface.co", "https://huggingface.co/spaces/org/name", "ftp://huggingface.co/org/name",
        "https://huggingface.co/org/name/tree/a..b", "https://[::1", "https://huggingface.co.example.org/org/name",
    ],
)  # fmt: skip
def test_what_is_wrong_usage(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_ref(text)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


def test_a_revision_asked_for_apart() -> None:
    assert parse_ref("org/name", revision="v1") == parse_ref("org/name@v1", revision="v1")
    with pytest.raises(UsageError, match="leave one out"):
        parse_ref("org/name@v1", revision="v2")


@given(st.text(max_size=30) | st.from_regex(r"[\w.\-]{0,8}/?[\w.\-]{1,100}", fullmatch=True))
def test_ids_are_judged_as_the_client_judges_them(name: str) -> None:
    try:
        validate_repo_id(name)
        valid = True
    except HFValidationError:
        valid = False
    assert is_hub_id(name) == valid
