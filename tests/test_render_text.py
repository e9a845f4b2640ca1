from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import CANDIDATE, CHAT, GATED, SAMPLES, TINY, hostile
from syrupy.assertion import SnapshotAssertion

from osaudit.render.neutral import block, plain
from osaudit.render.text import render_summary_text, render_text
from osaudit.render.wrap import pad, width_of, wrap

ANSI = re.compile(r"\x1b\[\d+m")
UNBROKEN = ("  $ ", "      https://", "  evidence_sha256 ")


@pytest.mark.parametrize("name", [name for name in SAMPLES if not name.startswith("hostile")])
def test_report(name: str, snapshot: SnapshotAssertion) -> None:
    assert render_text([SAMPLES[name]]) == snapshot


def test_several_models_are_ranked_before_their_reports(snapshot: SnapshotAssertion) -> None:
    text = render_text([GATED, TINY, CHAT, CANDIDATE], width=80)
    assert text.split("═")[0] == snapshot
    assert [line for line in text.splitlines() if line.startswith("Label ")] == [
        "Label    Open Source AI (candidate), by licence text",
        "Label    Open Weights, by licence text",
        "Label    Weights Available, by licence text",
        "Label    Could not be told",
    ]


@pytest.mark.parametrize("width", [1, 40, 83, 84, 100, 200])
@pytest.mark.parametrize("name", SAMPLES)
def test_no_line_is_wider_than_asked(name: str, width: int) -> None:
    text = render_text([SAMPLES[name]], width=width) + render_summary_text(list(SAMPLES.values()), width=width)
    wide = [line for line in text.splitlines() if width_of(line) > max(width, 40) and not line.startswith(UNBROKEN)]
    assert wide == []


def test_colour_adds_nothing_but_colour() -> None:
    for cards in ([CHAT], [CHAT, TINY]):
        coloured = render_text(cards, colour=True)
        assert ANSI.search(coloured)
        assert ANSI.sub("", coloured) == render_text(cards)
        assert "\x1b" not in render_text(cards)


@pytest.mark.parametrize("colour", [False, True])
def test_hostile_text_moves_no_cursor(*, colour: bool) -> None:
    text = ANSI.sub("", render_text([hostile(), TINY], colour=colour))
    assert not [char for char in set(text) if not char.isprintable() and char != "\n"]
    assert "⟨U+001B⟩[2J" in text
    assert "⟨U+202E⟩moc.live⟨U+202C⟩" in text
    assert not re.search("[\u0300-\u036f]{5}", text)
    text.encode()


def test_each_outcome_is_a_word_and_a_symbol() -> None:
    text = render_text([CHAT])
    for words in ("✓ pass", "◐ partial", "✗ fail", "? review", "– not asked", "∅ missing"):
        assert words in text


def test_a_place_is_quoted_once_and_then_named() -> None:
    text = render_text([CHAT], width=200)
    assert text.count("“4(b) Licensee shall not use the Model") == 4
    assert "→ LICENSE, lines 12–14, quoted above" in text


TEXTS = st.text(st.sampled_from("ab  c\u4e2d\u6587\u0301\U0001f600é-") | st.characters(), max_size=60)


@settings(max_examples=200, deadline=None, database=None)
@given(TEXTS.map(plain), st.integers(2, 30))
def test_wrapping_keeps_each_word_and_the_width(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(width_of(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert wrap(" ".join(lines), 10**6) == [" ".join(lines)]


@settings(max_examples=200, deadline=None, database=None)
@given(TEXTS, st.integers(2, 30))
def test_padding_fills_the_width(text: str, width: int) -> None:
    assert width_of(pad(plain(text), width)) == width


@settings(max_examples=200, deadline=None, database=None)
@given(st.text(st.characters(codec=None), max_size=40))
def test_neutral_text_shows_all_that_it_holds(text: str) -> None:
    assert plain(text).isprintable()
    assert all(char.isprintable() or char == "\n" for char in block(text))
    assert plain(plain(text)) == plain(text)
    assert not {unicodedata.category(char) for char in plain(text)} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def test_neutral_text_is_bounded() -> None:
    assert plain("x" * 10**6, 10) == "xxxxxxxxxx… [999,990 more characters]"
    assert block("\n".join("abc")) == "a\nb\nc"
    assert block("a\r\nb\rc") == "a\nb c"
    assert block("a\n" * 100).endswith("\n… [40 more lines]")
    assert plain("na\u00adme \u200c\u200d x\u200by") == "name x⟨U+200B⟩y"
