from __future__ import annotations

import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from samples import CANDIDATE, CHAT, GATED, HOSTILE_TEXTS, SAMPLES, TINY, hostile
from syrupy.assertion import SnapshotAssertion

from osaudit.render.markdown import render_markdown, render_summary_markdown
from osaudit.render.neutral import markdown_text, markup_text, web_url

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
OURS = re.compile(r"</?details>|<summary>[^<>]*</summary>")


def tokens(text: str) -> list[Token]:
    return [inner for token in READER.parse(text) for inner in (token, *(token.children or ()))]


def shown(text: str) -> str:
    """Return what a reader sees of an inline text, zero-width breaks left out."""
    inline = READER.parseInline(text)[0].children or []
    return "".join(token.content for token in inline).replace("\u200b", "")


@pytest.mark.parametrize("name", ["open-weights", "restricted", "gated", "empty"])
def test_report(name: str, snapshot: SnapshotAssertion) -> None:
    assert render_markdown([SAMPLES[name]]) == snapshot


def test_summary(snapshot: SnapshotAssertion) -> None:
    assert render_summary_markdown([GATED, TINY, CHAT, CANDIDATE]) == snapshot


@pytest.mark.parametrize("names", [[name] for name in SAMPLES] + [list(SAMPLES), ["restricted"] * 300])
def test_comment_fits_and_closes_what_it_opens(names: list[str]) -> None:
    text = render_markdown([SAMPLES[name] for name in names])
    assert len(text.encode()) <= 65_536
    assert text.count("<details>") == text.count("</details>")


def test_what_does_not_fit_is_said() -> None:
    many = replace(
        CHAT, risks=tuple(replace(risk, because=f"{i}" + " long" * 100) for i in range(300) for risk in CHAT.risks)
    )
    text = render_markdown([many])
    assert len(text.encode()) <= 65_536
    assert "does not fit into a comment" in text
    assert "not legal advice" in text
    assert "does not fit" not in render_markdown([CHAT])


@pytest.mark.parametrize("names", [["hostile"], list(SAMPLES)])
def test_hostile_text_makes_no_markup(names: list[str]) -> None:
    text = render_markdown([SAMPLES[name] for name in names])
    found = tokens(text)
    html = "".join(token.content for token in found if token.type.startswith("html"))
    assert OURS.sub("", html).strip() == ""
    links = [str(token.attrGet("href")) for token in found if token.type == "link_open"]
    assert all(link.startswith("https://hub.example/") for link in links)
    assert not [token for token in found if token.type in {"image", "fence", "code_block", "hr"}]
    words = re.sub(r"\]\(<[^>]*>\)|(?<!\\)`[^`]*`", "", text).replace("&#8203;", "\u200b")
    assert not re.search(r"[@#]\w|:[a-z_]\w*:|://|www\.|\bGH-\d", words)


def test_every_row_of_the_grid_has_five_columns() -> None:
    rows = [
        line
        for line in render_markdown([replace(hostile(), probe=None, uses=())]).splitlines()
        if line.startswith("| ")
    ]
    assert len(rows) == 12
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_inline_text_shows_itself(text: str) -> None:
    from osaudit.render.neutral import plain  # noqa: PLC0415 - beside what it is compared with

    assert shown("x " + markdown_text(text)) == "x " + plain(text)
    assert "<" not in markup_text(text)


def test_only_whole_web_addresses_become_links() -> None:
    assert web_url("https://hub.example/a/blob/b/c.md#L3") == "https://hub.example/a/blob/b/c.md#L3"
    assert web_url("http://127.0.0.1:80/许可证?x=1%20y") == "http://127.0.0.1:80/%E8%AE%B8%E5%8F%AF%E8%AF%81?x=1%20y"
    assert (
        web_url("https://hub.example/ok)](https://evil.example")
        == "https://hub.example/ok%29%5D%28https://evil.example"
    )
    for bad in (
        None,
        "",
        "javascript:x",
        "JAVASCRIPT:x",
        "data:,x",
        "//a/b",
        "https://",
        "https://[",
        "https://a@b/",
        "https://a\\b",
    ):
        assert web_url(bad) is None
    assert web_url("https://a/ b") is None
    assert web_url("https://a/\u202eb") is None
    assert web_url("https://a/" + "b" * 3_000) is None
