from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from samples import CANDIDATE, CHAT, EMPTY, GATED, HOSTILE_TEXTS, SAMPLES, TINY, hostile
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from osaudit.evidence import Where
from osaudit.render.html import render_html, render_summary_html
from osaudit.resources import data_path

VOID = {"meta", "link", "br", "circle", "path", "rect", "use"}
PAGES = {**{name: [card] for name, card in SAMPLES.items()}, "all": list(SAMPLES.values()), "none": []}


class Page(HTMLParser):
    """Reads a page as strictly as the test needs: each tag closed in order, each id once, every link kept."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.faults: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> stays open" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if len(dict(attrs)) != len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()} closes nothing")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    def handle_decl(self, decl: str) -> None:
        assert decl == "doctype html"

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"comment {data!r}")

    def attributes(self, name: str) -> list[str]:
        return [str(attrs[name]) for _, attrs in self.tags if name in attrs]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


class PageExtension(SingleFileSnapshotExtension):
    """Keeps a report as the file that a reader would open."""

    file_extension = "html"
    _write_mode = WriteMode.TEXT


@pytest.mark.parametrize("name", PAGES)
def test_page_is_well_formed(name: str) -> None:
    page = Page(render_html(PAGES[name]))
    assert page.faults == []
    ids = page.attributes("id")
    assert len(ids) == len(set(ids))
    fragments = {href[1:] for href in page.attributes("href") if href.startswith("#")}
    assert fragments <= set(ids)
    assert set(" ".join(page.attributes("aria-labelledby")).split()) <= set(ids)


@pytest.mark.parametrize("name", PAGES)
def test_page_is_self_contained_and_runs_nothing_of_a_stranger(name: str) -> None:
    text = render_html(PAGES[name])
    page = Page(text)
    assert {tag for tag, _ in page.tags} & {"iframe", "img", "object", "embed", "form", "input", "base"} == set()
    assert [tag for tag, _ in page.tags if tag == "style"] == ["style"]
    assert not [
        name for _, attrs in page.tags for name in attrs if name.startswith("on") or name in {"style", "src", "srcset"}
    ]
    assert [attrs for tag, attrs in page.tags if tag == "link"] == [{"rel": "icon", "href": "data:,"}]
    hrefs = [href for href in page.attributes("href") if not href.startswith("#") and href != "data:,"]
    assert all(href.startswith("https://hub.example/") for href in hrefs)
    policy = next(
        str(attrs["content"]) for _, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'; ")
    assert text.index("http-equiv") < text.index("<title>")
    assert "url(" not in text.split("</style>")[0]
    assert "@import" not in text
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = re.findall(r"script-src (.*)$", policy)
    assert allowed == ([] if len(PAGES[name]) == 1 else allowed[:1])
    assert {f"'sha256-{one}'" for one in hashes} <= set(allowed)
    assert scripts == ([data_path("reports", "summary.js").read_text(encoding="utf-8")] if name == "all" else [])


@pytest.mark.parametrize("name", ["open-weights", "restricted"])
def test_report(name: str, snapshot: SnapshotAssertion) -> None:
    page = re.sub(r"<style>.*?</style>", "<style></style>", render_html([SAMPLES[name]]), flags=re.DOTALL)
    assert page == snapshot(extension_class=PageExtension)


def test_hostile_text_is_shown_as_it_was_written() -> None:
    text = render_html([hostile()])
    page = Page(text)
    for shown in (
        "<script>alert(1)</script>",
        "]]> --> </style></title>",
        "{{ 7 * 7 }} {% raw %}",
        "&lt;b&gt; &#60;i&#62;",
    ):
        assert shown in page.text
    assert not [char for char in set(text) if not char.isprintable() and char != "\n"]
    assert "⟨U+202E⟩moc.live" in text
    assert len(text) < 1_000_000


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_each_field_alone_may_be_hostile(text: str) -> None:
    assert Page(render_html([replace(TINY, model=text, collected_at=text, tool_version=text)])).faults == []


def test_every_cell_opens_to_its_evidence() -> None:
    text = render_html([CHAT])
    page = Page(text)
    cells = [attrs for tag, attrs in page.tags if tag == "details" and str(attrs.get("class")).startswith("cell ")]
    assert len(cells) == 40
    assert {
        f"OSD-{number}-{facet}" for number in range(1, 11) for facet in ("weights", "data", "training", "licence")
    } <= set(page.attributes("id"))
    dossier = Page(
        text[text.index('<article class="dossier" id="OSD-6-licence"') : text.index('id="OSD-7-weights"')]
    ).text
    for words in (
        "No discrimination against fields of endeavour OSD-6 , licence",
        "Does the licence facet meet OSD-6?",
        "Fail. Section 4(b)",
        "4(b) Licensee shall not use the Model",
        "LICENSE, lines 12–14",
        "at commit 0123456789ab",
        "file " + "5" * 12,
        "Basis osaudit's own reading of the licence's text",
        "Weight 3 points",
    ):
        assert words in dossier


def test_what_a_reader_must_be_told_is_on_the_page() -> None:
    text = Page(render_html([CHAT])).text
    for words in (
        "Weights Available",
        "31.0–58.2 of 100",
        "OSD-5 and OSD-6 fail on section 4(b)",
        "Not certain. Basis: declared by the publisher",
        "1,000 users",
        "Lineage dropped",
        "a report that the card cites",
        "acme/base-lm ← other/older-lm [no licence known, not seen]",
        "crawl-of-everything",
        "osaudit audit acme/tiny-lm-chat@0123456789abcdef0123456789abcdef01234567 --format json",
        "a" * 64,
        "not legal advice",
        "Open Source Definition 1.9",
        "pack osd 1.0",
    ):
        assert words in text


def test_label_words() -> None:
    candidate = Page(render_html([CANDIDATE])).text
    assert "Open Source AI (candidate)" in candidate
    assert (
        "At best Open Source AI with Open Data (candidate) , if every open question is answered with yes." in candidate
    )
    gated = Page(render_html([GATED])).text
    assert "Could not be told The file list that was seen is partial" in gated
    assert "Incomplete: part of what bears" in gated
    assert "No licence was found." in Page(render_html([EMPTY])).text


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_called_certified(name: str) -> None:
    for words in ("OSI-compliant", "OSI-certified", "OSI compliant", "OSI certified"):
        assert words.lower() not in render_html(PAGES[name]).lower()


def test_summary_ranks_models_and_links_those_that_lie_beside_it() -> None:
    page = Page(render_summary_html([GATED, TINY, CHAT, CANDIDATE], {1: "acme--tiny-lm.html", 0: "locked.html"}))
    links = [attrs["href"] for tag, attrs in page.tags if tag == "a" and not str(attrs["href"]).startswith("#")]
    assert links == ["acme--tiny-lm.html", "locked.html"]
    order = [page.text.index(f"{card.model} ") for card in (CANDIDATE, TINY, CHAT, GATED)]
    assert order == sorted(order)
    assert "article" not in {tag for tag, _ in page.tags}


def test_some_models_stand_side_by_side_with_their_differences_marked() -> None:
    text = render_html([CHAT, TINY])
    page = Page(text)
    assert [attrs["colspan"] for tag, attrs in page.tags if "colspan" in attrs] == ["3"] * 4
    assert page.text.index("acme/tiny-lm ") < page.text.index("acme/tiny-lm-chat")
    for words in ("differs: Label", "differs: Sell a product with it", "differs: Distribution of licence OSD-7"):
        assert words in page.text
    same = Page(render_html([TINY, replace(TINY, model="acme/other")])).text
    assert "differs: " not in same


def test_ties_share_a_rank_and_many_models_stay_small() -> None:
    cards = [replace(card, model=f"{card.model}-{n}") for n in range(42) for card in (GATED, TINY, CHAT, CANDIDATE)]
    text = render_summary_html(cards)
    ranks = [int(rank) for rank in re.findall(r'data-th="Rank">(\d+)<', text)]
    assert ranks == [1] * 42 + [43] * 42 + [85] * 42 + [127] * 42
    assert len(text.encode()) < 400_000


def test_the_first_screen_answers_the_adopter() -> None:
    text = Page(render_html([CHAT])).text
    front = text[
        : text.index("Parts of this report") if "Parts of this report" in text else text.index("Check again by")
    ]
    for words in (
        "Weights Available by licence text",
        "Not open source: “No discrimination against fields of endeavour (OSD-6)” is not met.",
        "Licence of the weights Acme Community Licence",
        "Sell a product with it no Section 4(b) closes it",
        "What you must do Pass on the licence's text",
        "What stands against it Tag text",
        "Could not be told 1 of 2 uses",
        "Were the weights seen to run? Not tried",
        "What to do next Do not sell with it",
    ):
        assert words in front
    assert "of 100" not in front
    assert "Publish it under a licence" not in front


@pytest.mark.parametrize("name", [name for name in SAMPLES if not name.startswith("hostile")])
def test_words_are_plain_ones(name: str) -> None:
    words = Page(render_html([SAMPLES[name]])).text.lower()
    for word in ("rung", "mend ", "settle", "its name tells", "come along", "n/a*", "put to"):
        assert word not in words


def test_advice_to_the_publisher_stands_at_the_end() -> None:
    text = Page(render_html([CHAT])).text
    assert text.index("What stands against it") < text.index("For the publisher:") < text.index("Publish it under")
    assert text.count("Publish it under a licence that lets anyone do this.") == 1


def test_hashes_stand_in_full_once() -> None:
    text = Page(render_html([CHAT])).text
    assert text.count("5" * 64) == len({(where.repo, where.path) for where in _places()})


def _places() -> list[Where]:
    places = [where for cell in CHAT.verdicts for where in cell.answer.where]
    return places + [where for found in (*CHAT.conflicts, *CHAT.obligations, *CHAT.risks) for where in found.where]


def test_templates_hold_no_logic_and_trust_nothing() -> None:
    allowed = {
        "for",
        "endfor",
        "if",
        "elif",
        "else",
        "endif",
        "macro",
        "endmacro",
        "block",
        "endblock",
        "extends",
        "import",
        "include",
    }
    filters = {"join", "length", "capitalize"}
    for path in data_path("reports").glob("*.j2"):
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"{%-?\s*(\w+)", text)) <= allowed
        assert set(re.findall(r"\|\s*(\w+)", "".join(re.findall(r"{[{%].*?[%}]}", text)))) <= filters


def colours(css: str) -> list[dict[str, str]]:
    roots = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    light, dark, *_ = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", root)) for root in roots)
    return [light, dark]


def contrast(one: str, other: str) -> float:
    low, high = sorted(luminance(colour) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_words_stand_out_from_their_ground_by_wcag_aa() -> None:
    css = data_path("reports", "tokens.css").read_text(encoding="utf-8")
    for scheme in colours(css):
        grounds = [(ink, ground) for ink in ("ink", "soft", "accent", "na") for ground in ("paper", "sheet")]
        outcomes = ("pass", "partial", "fail", "review")
        tinted = [(kind, f"{kind}-tint") for kind in (*outcomes, "na")] + [
            ("soft", f"{kind}-tint") for kind in outcomes
        ]
        words = [
            *grounds,
            *tinted,
            *((kind, "sheet") for kind in outcomes),
            ("fail", "paper"),
            ("review", "paper"),
            ("ink", "fail-tint"),
        ]
        assert {(ink, ground): 1 for ink, ground in words if contrast(scheme[ink], scheme[ground]) < 4.5} == {}
        assert contrast(scheme["strong"], scheme["paper"]) >= 3


def test_one_file_sets_the_type_and_it_has_six_sizes() -> None:
    tokens, style = (data_path("reports", name).read_text(encoding="utf-8") for name in ("tokens.css", "style.css"))
    assert len(re.findall(r"--t\d:", tokens)) == 6
    sizes = set(re.findall(r"font-size: ([^;]+);", style)) - {"10pt"}
    assert sizes <= {f"var(--t{n})" for n in range(1, 7)}
    assert set(re.findall(r"(?<![-\w])font: ([^;]+);", style)) == {"inherit"}
    assert re.findall(r"#[0-9a-f]{3,6}\b", style) == ["#fff"]
