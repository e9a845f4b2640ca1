"""A page in all its forms: what is read of tables, questions, marks, fences, images and titles, and what it says."""

from __future__ import annotations

import pytest
from made_snapshots import doc_of

from osaudit.reading.page.card import lay_out
from osaudit.reading.page.passages import for_terms, marks_as_words
from osaudit.reading.page.subjects import passages
from osaudit.reading.page.tables import row_words


def read(text: str) -> list[str]:
    layout = lay_out(doc_of(text))
    return [passage.text for passage in for_terms(layout, passages(layout))]


@pytest.mark.parametrize(
    ("header", "cells", "words"),
    [
        (("Use", "Allowed"), ("Selling it", "No"), "Selling it: not allowed"),
        (("Use", "Allowed"), ("Selling it", "yes"), "Selling it: allowed"),
        (("Use", "Prohibited?"), ("Selling it", "Yes"), "Selling it: not allowed"),
        (("Use", "OK?", "Notes"), ("Selling it", "❌", "ask us"), "Selling it: not allowed | Notes: ask us"),
        (("Use", "Twig", "Reed"), ("Selling it", "No", "Yes"), "Use: Selling it | Twig: not allowed | Reed: allowed"),
        (("Model", "License"), ("Sparrow 7B", "Own terms"), "Model: Sparrow 7B | License: Own terms"),
        (("", ""), ("License", "Own terms"), "License | Own terms"),
        ((), ("License", "Own terms"), "License | Own terms"),
        (("One",), ("alone",), ""),
    ],
)
def test_a_row_is_read_with_its_header(header: tuple[str, ...], cells: tuple[str, ...], words: str) -> None:
    assert row_words(header, cells) == words


def test_tables_of_words_are_read_and_those_of_figures_stay() -> None:
    told = read("| Use | Allowed |\n|---|---|\n| Selling it | No |\n\n| Task | Score |\n|---|---|\n| ARC | 61.2 |\n")
    assert "Selling it: not allowed" in told
    assert "| ARC | 61.2 |" in told


def test_the_place_of_a_row_is_its_line() -> None:
    layout = lay_out(doc_of("# Sparrow\n\n| Use | Allowed |\n|---|---|\n| Selling it | No |\n"))
    (row,) = (one for one in for_terms(layout, passages(layout)) if "not allowed" in one.text)
    where = layout.card.where(row.sentence.start, row.sentence.end)
    assert (where.lines, where.quote) == ((5, 5), "| Selling it | No |")


def test_html_tables_are_read_row_by_row() -> None:
    told = read("<table>\n<tr><th>Use</th><th>Allowed</th></tr>\n<tr><td>Selling it</td><td>No</td></tr>\n</table>\n")
    assert "Selling it: not allowed" in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("**May I sell it?**\n\nNo.\n", "Not allowed: May I sell it? No."),
        ("### Can a company use it?\n\nNo, ask us first.\n", "Not allowed: Can a company use it? No, ask us first."),
        ("Q: May I sell it?\nA: No.\n", "Not allowed: May I sell it? No."),
        ("Darf ich es verkaufen? Nein.\n", "Not allowed: Darf ich es verkaufen? Nein."),
        ("可以出售吗？不可以。\n", "Not allowed: 可以出售吗？ 不可以。"),
        ("May I sell it? Yes, please do.\n", "Allowed: May I sell it? Yes, please do."),
        ("Are there restrictions? No.\n", "Are there restrictions? No."),
    ],
)
def test_a_question_is_read_with_its_answer(text: str, words: str) -> None:
    assert words in read(f"# Sparrow\n\n{text}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("❌ Selling it", "not allowed: Selling it"),
        ("🚫 Selling it", "not allowed: Selling it"),
        ("✅ Research", "allowed: Research"),
        ("Selling it: ⛔", "Selling it: not allowed"),
    ],
)
def test_marks_are_read_as_the_words_they_stand_for(text: str, words: str) -> None:
    assert marks_as_words(text) == words
    assert words in read(f"- {text}\n")


@pytest.mark.parametrize(
    "text",
    [
        "```text\nThe model is not for sale here.\n```\n",
        "```\nThe model is not for sale here.\n```\n",
        "```python\nx = 1\n\nThe model is not for sale here.\n",
        "~~~\nThe model is not for sale here.\n~~~\n",
        "```x``` is a tool.\n\nThe model is not for sale here.\n",
        "![The model is not for sale here.](a.png)\n",
        '<img src="a.png" alt="The model is not for sale here.">\n',
        '<abbr title="The model is not for sale here.">NS</abbr>\n',
        '[Sparrow](https://a.example "The model is not for sale here.")\n',
        "Open[^1].\n\n[^1]: The model is not for sale here.\n",
        "<details>\n<summary>Terms</summary>\nThe model is not for sale here.\n</details>\n",
        "~~The model is not for sale here.~~\n",
    ],
)
def test_text_is_read_in_whatever_form_it_stands(text: str) -> None:
    assert "The model is not for sale here." in [" ".join(words.split()) for words in read(text)]


@pytest.mark.parametrize(
    "text",
    [
        "```python\n# The model is not for sale here.\nx = 1\n```\n",
        "```\n### Instruction: The model is not for sale here.\n### Response:\n```\n",
        "```bash\npip install the model is not for sale here\n```\n",
        "<!-- The model is not for sale here. -->\n",
    ],
)
def test_code_prompts_and_comments_are_no_words_of_the_card(text: str) -> None:
    assert not any("not for sale" in words for words in read(text))


def test_a_long_sentence_is_read_over_its_cuts() -> None:
    told = read(f"# S\n\n{'word ' * 298}this model is not for sale {'word ' * 200}\n")
    assert any("this model is not for sale" in words for words in told)
