"""Sections: headings of any style, in several languages, never out of code."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_snapshots import doc_of

from osaudit.evidence import Section
from osaudit.reading.page.card import lay_out, read_sections
from osaudit.reading.page.markdown import MAX_BODY, blocks, definitions, flatten
from osaudit.reading.page.markdown import sentences as sentences_of
from osaudit.reading.page.topics import topic_of


def sections(text: str) -> tuple[Section, ...]:
    return read_sections(doc_of(text))


def heads(text: str) -> list[tuple[str, int, str]]:
    return [(section.heading, section.level, section.topic) for section in sections(text)]


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("## License", "License"),
        ("##License", "License"),
        ("  ### License ##", "License"),
        ("**License**", "License"),
        ("**License:**", "License"),
        ("__License__", "License"),
        ("<b>License</b>", "License"),
        ("<h2 align='center'>License</h2>", "License"),
        ("<details><summary>License</summary>", None),
        ("<summary>License</summary>", "License"),
        ("License\n-------", "License"),
        ("License\n===", "License"),
        ("## 7. License", "7. License"),
        ("## 🔒 License", "🔒 License"),
        ("## [License](#license)", "License"),
        ("> ## License", "License"),
    ],
)
def test_heading_styles(line: str, heading: str | None) -> None:
    found = heads(f"# Sparrow model card of ours\n\n{line}\n\nWords.\n")[1:]
    assert [(name, topic) for name, _, topic in found] == ([(heading, "licence")] if heading else [])


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_lines_are_those_of_the_file(ending: str) -> None:
    text = ending.join(
        ["---", "license: mit", "---", "# Sparrow", "", "## Training data", "words", "", "## License", "x", ""]
    )
    spans = {section.heading: section.lines for section in sections(text)}
    assert spans == {"Sparrow": (4, 10), "Training data": (6, 7), "License": (9, 10)}


def test_sections_nest_by_level() -> None:
    text = "# T\n## Training details\n### Data\na\n### Procedure\nb\n## License\n**Weights**\nc\n**Code**\nd\n"
    assert [(s.heading, s.lines) for s in sections(text)] == [
        ("T", (1, 11)),
        ("Training details", (2, 6)),
        ("Data", (3, 4)),
        ("Procedure", (5, 6)),
        ("License", (7, 11)),
        ("Weights", (8, 9)),
        ("Code", (10, 11)),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "```\n# no heading\n```\n",
        "~~~python\n## License\n~~~\n",
        "```\n# unclosed\n\n## License\n",
        "<!-- # hidden\n## License -->\n",
        "#!shebang\n",
        "A sentence that is **bold at its end**\n",
        "**This is a whole sentence, and it ends like one.**\n",
        "| a | b |\n|---|---|\n",
        "first line\nsecond line\n---\n",
        "---\n",
    ],
)
def test_what_is_no_heading(text: str) -> None:
    assert heads(text) == []


@pytest.mark.parametrize(
    ("heading", "topic"),
    [
        ("License", "licence"),
        ("Licence et conditions d'utilisation", "licence"),
        ("使用协议（License Agreement）", "licence"),
        ("ライセンス", "licence"),
        ("Lizenz", "licence"),
        ("Training Data", "training-data"),
        ("Training and evaluation data", "training-data"),
        ("Datasets", "training-data"),
        ("训练数据", "training-data"),
        ("Données d'entraînement", "training-data"),
        ("学習データ", "training-data"),
        ("Testing Data, Factors & Metrics", "evaluation"),
        ("Evaluation results", "evaluation"),
        ("评测结果", "evaluation"),
        ("Training procedure", "training-procedure"),
        ("Training hyperparameters", "training-procedure"),
        ("训练过程", "training-procedure"),
        ("Pre-training", "training"),
        ("Fine-tuning", "training"),
        ("Entraînement", "training"),
        ("Out-of-Scope Use", "out-of-scope"),
        ("Misuse and malicious use", "out-of-scope"),
        ("Bias, Risks, and Limitations", "limitations"),
        ("局限性", "limitations"),
        ("How to use", "how-to-use"),
        ("使い方", "how-to-use"),
        ("Intended Use", "uses"),
        ("Citation", "citation"),
        ("Model Sources [optional]", "links"),
        ("Model description", "other"),
        ("bert-base-finetuned-training-data", "other"),
        ("A rather long sentence about the data that nobody would use as a heading at all", "other"),
        ("", "other"),
    ],
)
def test_topics(heading: str, topic: str) -> None:
    assert topic_of(heading) == topic


def test_the_title_of_a_card_has_no_topic() -> None:
    assert heads("# Sparrow fine-tuning data model\n\nwords\n")[0][2] == "other"


def test_markup_is_taken_out_and_links_are_kept() -> None:
    text, links = flatten(
        'See **[our `code`](https://a.b/c "t")** and <a href="https://d.e">that</a>, https://f.g/h. &amp;'
    )
    assert text == "See our code and that, https://f.g/h. &"
    assert [(link.text, link.url) for link in links] == [
        ("our code", "https://a.b/c"),
        ("that", "https://d.e"),
        ("https://f.g/h", "https://f.g/h"),
    ]
    assert all(text[link.at :].startswith(link.text) for link in links)


def test_links_that_are_defined_elsewhere() -> None:
    text = "The [Acme terms][1] and [Acme] hold.\n\n[1]: https://a.b/terms\n[acme]: https://a.b\n"
    first = blocks(text)[0]
    (sentence,) = sentences_of(text, first, definitions(text))
    assert [link.url for link in sentence.links] == ["https://a.b/terms", "https://a.b"]


def test_sentences_keep_their_span() -> None:
    text = "One, e.g. this one. Two is v. 2.0 here! 三。四。\n"
    block = blocks(text)[0]
    spans = [text[s.start : s.end].strip() for s in sentences_of(text, block)]
    assert spans == ["One, e.g. this one.", "Two is v. 2.0 here!", "三。", "四。"]


@pytest.mark.parametrize(
    "piece", ["[", "![a](", "<a href=", "**a ", "* ", "| a ", "<!--", "```\n", "_a", "[![x](", "# a\n", "&nbsp;"]
)
def test_hostile_repetition_is_read(piece: str) -> None:
    assert lay_out(doc_of(piece * (20_000 // len(piece)))).card.text


def test_a_huge_body_is_read_in_part() -> None:
    text = "word " * (MAX_BODY // 5 + 10_000) + "\n## License\n"
    assert sections(text) == ()


@given(st.text(max_size=400))
def test_any_text_is_cut_into_ordered_blocks(text: str) -> None:
    cut = blocks(text)
    assert all(block.start < block.end <= len(text) for block in cut)
    assert all(left.end <= right.start + 1 for left, right in itertools.pairwise(cut))
    for section in sections(text):
        assert 1 <= section.lines[0] <= section.lines[1] <= text.count("\n") + 1
