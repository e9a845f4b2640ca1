"""Words in the form in which rules compare them: hidden words are read and told, and plain ones stay as they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_snapshots import evidence_of

from osaudit.evidence import Seen
from osaudit.reading.page.normal import (
    APART,
    BACKWARDS,
    COMMENT,
    INVISIBLE,
    SCRIPTS,
    STROKES,
    hidden_by_marks,
    hidden_in,
    normal_form,
    together,
)


@pytest.mark.parametrize(
    ("text", "plain", "done"),
    [
        ("not for commer\u200bcial use", "not for commercial use", INVISIBLE),
        ("not for commer\u00adcial use", "not for commercial use", INVISIBLE),
        ("not for c\u043emmercial use", "not for commercial use", SCRIPTS),
        ("\u0421\u041e\u041c\u041cERC\u0406AL", "COMMERCIAL", SCRIPTS),
        ("never for c\u0338ommerce", "never for commerce", STROKES),
        ("\u202eelas rof ton\u202c", "not for sale", BACKWARDS),
        ("Ｎｏｔ for sale", "Not for sale", None),
        ("\U0001d40d\U0001d428\U0001d42d for sale", "Not for sale", None),
        ("ɴᴏᴛ for sale", "not for sale", None),
        ("non\u2011commercial, non\u2212commercial", "non-commercial, non-commercial", None),
        ("a word\u200b and a mark \ufe0f", "a word and a mark ", None),
    ],
)
def test_what_a_reader_sees_is_what_is_compared(text: str, plain: str, done: str | None) -> None:
    assert normal_form(text) == plain
    assert hidden_in(text) == done


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Plain words.",
            "β-VAE with α = 0.5",
            "модель для исследований на RuBERT",
            "дообучена на GPTе",
            "Straße – ein",
        ),
        *(
            "غیر\u200cتجاری",
            "क्\u200dष",
            "本模型，可商用：是（否）",
            "N° 5 ª nº ™ 10²",
            "café naïve Việt Nam",
            "Ελληνικά νέα",
        ),
    ],
)
def test_words_of_every_language_stay(text: str) -> None:
    assert normal_form(text) == text
    assert hidden_in(text) is None


@given(st.text(max_size=80))
def test_the_normal_form_is_settled(text: str) -> None:
    once = normal_form(text)
    assert normal_form(once) == normal_form(normal_form(once))
    if text.isascii():
        assert once == text


def test_letters_set_apart_are_joined_and_lists_of_letters_are_no_words() -> None:
    assert together("N O T   F O R   S A L E   H E R E") == "NOT FOR SALE HERE"
    assert together("Is it A B C or D?") == "Is it A B C or D?"
    found = hidden_by_marks("x N O T   F O R   S A L E   H E R E")
    assert found is not None
    assert found[2] == APART
    assert hidden_by_marks("A B C D E F G H I J") is None
    split = hidden_by_marks("not for com<!-- a -->mercial use")
    assert split is not None
    assert split[2] == COMMENT


@pytest.mark.parametrize(
    "line",
    [
        *(
            "For non-commer\u200bcial use only.",
            "For non-c\u043emmercial use only.",
            "For non-com<!-- x -->mercial use only.",
        ),
        *("For non-com&shy;mercial use only.", "N O N - C O M M E R C I A L   U S E   O N L Y"),
    ],
)
def test_hidden_words_close_as_usual_and_are_told(line: str) -> None:
    evidence = evidence_of(f"# Sparrow\n\n{line}\n")
    assert isinstance(evidence.card, Seen)
    kinds = {statement.kind for statement in evidence.card.value.statements}
    assert {"restriction", "hidden-words"} <= kinds
    for statement in evidence.card.value.statements:
        assert statement.where.lines == (3, 3)


def test_a_comment_of_its_own_is_not_shown_and_no_term() -> None:
    evidence = evidence_of("# Sparrow\n\nA model. <!-- For non-commercial use only. -->\n")
    assert isinstance(evidence.card, Seen)
    assert evidence.card.value.statements == ()
