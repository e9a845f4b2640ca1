"""The page in a real browser: nothing complained of, nothing fetched, every cell within reach, no line cut off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import PROGRAM, Page, chromium
from samples import CANDIDATE, CHAT, GATED, SAMPLES, TINY, hostile

from osaudit.render.html import render_html, render_summary_html

pytestmark = [pytest.mark.slow, pytest.mark.skipif(PROGRAM is None, reason="needs chromium on PATH")]

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SHOWN = "(d => d.open && d.querySelector('article').checkVisibility())(document.querySelector('{0}'))"
CELL = "details:has(> #OSD-6-licence)"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    for name, card in SAMPLES.items():
        (folder / f"{name}.html").write_text(render_html([card]), encoding="utf-8")
    many = render_summary_html([GATED, TINY, CHAT, CANDIDATE, hostile()])
    (folder / "summary.html").write_text(many, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in (*SAMPLES, "summary")}


def is_open(page: Page, selector: str = CELL) -> bool:
    return bool(page.script(SHOWN.format(selector)))


@pytest.mark.parametrize("width", [320, 768, 1280])
@pytest.mark.parametrize("name", ["restricted", "hostile", "summary", "empty"])
def test_no_complaint_no_request_no_overflow(page: Page, files: dict[str, Path], name: str, width: int) -> None:
    page.media(prefers_color_scheme="light")
    page.size(width)
    page.open(files[name])
    page.script("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.script(OVERFLOW) <= 0
    assert page.troubles() == []


def test_a_cell_opens_and_closes_by_mouse(page: Page, files: dict[str, Path]) -> None:
    page.size(1280)
    page.open(files["restricted"])
    assert not is_open(page)
    page.click(f"{CELL} > summary")
    assert is_open(page)
    assert page.script(f"document.querySelector('{CELL} > article').getBoundingClientRect().width") > 900
    page.click(f"{CELL} > summary")
    assert not is_open(page)


def test_a_cell_opens_by_keyboard(page: Page, files: dict[str, Path]) -> None:
    page.size(1280)
    page.open(files["restricted"])
    page.press("Tab")
    assert page.script("document.activeElement.className") == "skip"
    page.script("document.querySelector('#OSD-6-training').parentElement.querySelector('summary').focus()")
    page.press("Tab")
    assert page.script(f"document.activeElement.parentElement === document.querySelector('{CELL}')")
    page.press("Enter")
    assert is_open(page)


def test_an_address_opens_its_cell_and_a_link_opens_all(page: Page, files: dict[str, Path]) -> None:
    page.size(1280)
    page.open(files["restricted"])
    page.script("location.hash = '#OSD-6-licence'")
    assert is_open(page)
    page.click("a.all")
    heights = (
        "[...document.querySelectorAll('.dossier')].filter(a => a.checkVisibility() && a.offsetHeight > 40).length"
    )
    assert page.script(heights) == 40


def test_the_summary_sorts_and_filters(page: Page, files: dict[str, Path]) -> None:
    page.size(1280)
    page.open(files["summary"])
    first = "document.querySelector('table.ranking tbody tr:not([hidden]) bdi').textContent"
    assert page.script(first) == "lab/glass-box"
    page.click(".ranking th:nth-child(2) button")
    page.click(".ranking th:nth-child(2) button")
    assert page.script(first) == "lab/glass-box"
    page.click(".ranking th:nth-child(2) button")
    assert page.script(first) != "lab/glass-box"
    page.script(
        "(f => { f.value = 'LOCKED'; f.dispatchEvent(new Event('input')); })(document.querySelector('#filter'))"
    )
    assert page.script("document.querySelector('output').textContent") == "1 of 5"
    assert page.script(first) == "acme/locked-lm"
    assert page.troubles() == []


def test_screen_readers_get_a_table_with_headers(page: Page, files: dict[str, Path]) -> None:
    page.size(320)
    page.open(files["restricted"])
    page.send("Accessibility.enable")
    nodes = page.send("Accessibility.getFullAXTree")["nodes"]
    roles = [node["role"]["value"] for node in nodes if not node["ignored"]]
    assert roles.count("rowheader") >= 10
    assert roles.count("columnheader") >= 5
    names = [node["name"]["value"] for node in nodes if node.get("role", {}).get("value") == "DisclosureTriangle"]
    assert "OSD-6 licence fail" in [" ".join(name.split()) for name in names]


def test_dark_is_dark_and_paper_is_white(page: Page, files: dict[str, Path]) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    page.media(prefers_color_scheme="dark")
    page.open(files["restricted"])
    assert page.script(background) == "rgb(19, 21, 24)"
    page.media("print", prefers_color_scheme="dark")
    assert page.script(background) == "rgb(255, 255, 255)"


@pytest.mark.parametrize("name", ["restricted", "summary"])
def test_paper_shows_every_cell(page: Page, files: dict[str, Path], name: str) -> None:
    page.size(680)
    page.open(files[name])
    page.media("print")
    hidden = (
        "[...document.querySelectorAll('.dossier')].filter(a => a.offsetHeight < 20 || !a.checkVisibility()).length"
    )
    assert page.script(hidden) == 0
    assert page.script(OVERFLOW) <= 0
    assert page.pdf().startswith(b"%PDF-")
    page.media()
