"""Expressions: what OR, AND and WITH make of a tag, where a card's sentence leaves a choice, and that none frees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_snapshots import evidence_of

from osaudit.codec import digest, dump, load
from osaudit.licences.expressions import tag_of, tag_of_all
from osaudit.licences.table import load_table
from osaudit.licences.worded import Choices, spdx_id, worded

READ: dict[str, Choices] = {
    "Apache-2.0 OR MIT": (("apache-2.0",), ("mit",)),
    "apache-2.0 or mit": (("apache-2.0",), ("mit",)),
    "Apache 2.0 or the MIT License": (("apache-2.0",), ("mit",)),
    "MIT AND CC-BY-4.0": (("mit", "cc-by-4.0"),),
    "(MIT OR Apache-2.0) AND CC-BY-4.0": (("mit", "cc-by-4.0"), ("apache-2.0", "cc-by-4.0")),
    "MIT OR Apache-2.0 AND CC-BY-4.0": (("mit",), ("apache-2.0", "cc-by-4.0")),
    "MIT OR LicenseRef-acme": (("mit",), ("licenseref-acme",)),
    "MIT AND LicenseRef-llama3": (("mit", "llama3"),),
    "MIT AND LicenseRef-scancode-mit": (("mit", "licenseref-scancode-mit"),),
    "GPL-2.0-only WITH Acme-exception OR MIT": (("gpl-2.0 with acme-exception",), ("mit",)),
}
ONE = {
    "GPL-3.0-only WITH Classpath-exception-2.0": ("gpl-3.0",),
    "gpl-3.0-only with classpath-exception-2.0": ("gpl-3.0",),
    "GPL-3.0-only WITH Acme-exception": (),
    "MIT OR MIT": ("mit",),
    "LicenseRef-llama3": ("llama3",),
    "LicenseRef-MIT": (),
    "LicenseRef-acme": (),
    "MIT, Apache-2.0": ("mit", "apache-2.0"),
    "MIT/Apache-2.0": ("mit", "apache-2.0"),
    "MIT and/or Apache-2.0": (),
    "MIT AND": (),
    "MIT OR (Apache-2.0": ("mit", "apache-2.0"),
    "Research and Development License": (),
    "MIT and something of our own": (),
    "MIT with commons clause": (),
    "": (),
}


@pytest.mark.parametrize("text", READ)
def test_an_expression_is_read_into_its_alternatives(text: str) -> None:
    assert tag_of(text).choices == READ[text]
    assert tag_of(text).keys == tuple(dict.fromkeys(key for choice in READ[text] for key in choice))


@pytest.mark.parametrize("text", ONE)
def test_what_joins_nothing_leaves_no_choice(text: str) -> None:
    assert (tag_of(text).keys, tag_of(text).choices) == (ONE[text], ())


def test_a_list_in_the_metadata_is_no_choice() -> None:
    assert tag_of_all(["mit", "apache-2.0"]).choices == ()
    assert tag_of_all(["MIT OR Apache-2.0"]).choices == (("mit",), ("apache-2.0",))
    assert tag_of_all(["MIT OR Apache-2.0", "cc-by-4.0"]).choices == ()


def test_an_expression_is_written_by_spdx_ids() -> None:
    for text in ("Apache-2.0 OR MIT", "MIT AND CC-BY-4.0", "(MIT AND CC-BY-4.0) OR Apache-2.0"):
        assert worded(tag_of(text).choices) == text
    assert spdx_id("cddl-1.0") == "CDDL-1.0"
    assert spdx_id("llama3") is None


@pytest.mark.parametrize(
    "text", ["()", "MIT AND ()", "( and MIT ) AND +", "MIT OR (", ")(", "(MIT", "MIT AND", "WITH MIT"]
)
def test_brackets_that_hold_nothing_make_no_expression(text: str) -> None:
    assert tag_of(text).choices == ()
    evidence_of(f'---\nlicense: "{text}"\n---\n# Sparrow\n')


WORDS = st.lists(
    st.sampled_from(["MIT", "Apache-2.0", "AND", "OR", "WITH", "and", "(", ")", "()", "+", "NOT"]), max_size=9
)


@given(st.text(max_size=80) | st.text(alphabet="MITANDOR()W H-2.0apche", max_size=60) | WORDS.map(" ".join))
def test_no_text_frees_by_its_shape(text: str) -> None:
    """Every key of an alternative is a licence that the text names, or one that nobody knows."""
    tag = tag_of(text)
    assert set(tag.keys) == {key for choice in tag.choices for key in choice} or not tag.choices
    for key in tag.keys:
        licence = load_table().get(key)
        assert licence is None or not licence.osi.approved or key.split("-")[0] in text.casefold()


CHOICES = [
    "This model is released under either MIT or Apache-2.0, at your option.",
    "The weights are licensed under Apache-2.0 OR MIT.",
    "The model is dual-licensed: it is available under the MIT License or the Apache License 2.0.",
    "- **License:** Apache-2.0 OR MIT",
    "License: MIT or Apache-2.0",
]
NO_CHOICES = [
    "This model is released under MIT or Apache-2.0.",
    "This model is released under MIT and Apache-2.0.",
    "The model is available under MIT, or Apache-2.0 and CC-BY-4.0, at your option.",
]


@pytest.mark.parametrize("words", CHOICES)
def test_a_card_that_leaves_the_choice(words: str) -> None:
    (claim,) = evidence_of(f"# Sparrow\n\n## License\n\n{words}\n").licence_claims
    assert {key for (key,) in claim.choices} == {"mit", "apache-2.0"}


@pytest.mark.parametrize("words", NO_CHOICES)
def test_a_card_that_leaves_it_open_what_or_means(words: str) -> None:
    claims = evidence_of(f"# Sparrow\n\n## License\n\n{words}\n").licence_claims
    assert claims
    assert not any(claim.choices for claim in claims)


def test_evidence_without_an_expression_is_written_as_before_there_were_any() -> None:
    plain = evidence_of("---\nlicense: mit\n---\n# Sparrow\n")
    assert '"choices"' not in dump(plain)
    chosen = evidence_of("---\nlicense: MIT OR Apache-2.0\n---\n# Sparrow\n")
    assert load(dump(chosen)) == chosen
    assert digest(chosen) != digest(plain)
