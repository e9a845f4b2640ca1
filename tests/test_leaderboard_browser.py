"""The site in a real browser, opened from the disk: sorts, filters, searches, compares, without script, by keyboard."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import PROGRAM, Page, chromium
from made_sites import built, few, hostile_store
from made_stores import model, store_of
from test_page_checkers import AXE, NU, axe

pytestmark = [pytest.mark.slow, pytest.mark.skipif(PROGRAM is None, reason="needs chromium on PATH")]

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
NAMES = "[...document.querySelectorAll('.board tbody a.model')].map(a => a.textContent)"
COUNT = "document.querySelector('.count').textContent"
PATIENCE = 10
MANY = 120
PAGES = (
    "index.html", "compare.html#m=acme/open-lm,lab/llama", "models/lab--llama.html", "publishers/index.html",
    "publishers/acme.html", "licences/index.html", "licences/llama2.html", "families/index.html", "criteria/index.html",
    "criteria/OSD-6.html", "trends.html", "methodology.html", "accuracy.html", "data.html",
    "disputes.html#model=lab/llama",
)  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More models than a page of the ranking holds."""
    folder = tmp_path_factory.mktemp("browsed")
    many = [model(f"crowd/model-{number:03d}", tag="apache-2.0") for number in range(MANY)]
    built(store_of(folder / "store", few(), many), folder / "site", large=50, reports=frozenset({"lab/llama"}))
    return folder / "site"


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("attacked")
    built(hostile_store(folder / "store"), folder / "site")
    return folder / "site"


def go(page: Page, root: Path, where: str, width: int = 1280) -> None:
    page.size(width)
    page.visit(f"{(root / where.partition('#')[0]).as_uri()}#{where.partition('#')[2]}".rstrip("#"))


def until(page: Page, expression: str, wanted: Any) -> None:
    """Wait for what a script does a moment later."""
    end = time.monotonic() + PATIENCE
    while (found := page.script(expression)) != wanted and time.monotonic() < end:
        time.sleep(0.05)
    assert found == wanted, expression


def put(page: Page, field: str, value: str) -> None:
    page.script(
        f"(f => {{ f.value = {json.dumps(value)}; f.dispatchEvent(new Event('input', {{bubbles: true}})); }})"
        f"(document.querySelector('#{field}'))"
    )


def complaints(page: Page) -> list[str]:
    return [one for one in page.troubles() if not one.startswith("file://")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 800, 1440])
@pytest.mark.parametrize("where", PAGES)
def test_no_complaint_and_no_scroll_of_the_page(page: Page, site: Path, where: str, width: int, scheme: str) -> None:
    page.media(prefers_color_scheme=scheme)
    go(page, site, where, width)
    page.script("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.script(OVERFLOW) <= 0
    assert complaints(page) == []


@pytest.mark.skipif(not AXE.is_file(), reason="needs axe-core: npm install --prefix tests")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("where", PAGES)
def test_axe_finds_nothing_serious(page: Page, site: Path, where: str, scheme: str) -> None:
    page.media(prefers_color_scheme=scheme)
    go(page, site, where)
    page.script("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.script(axe())
    run = "axe.run({resultTypes: ['violations']}).then(r => JSON.stringify(r.violations))"
    serious = [one for one in json.loads(page.script(run)) if one["impact"] in {"serious", "critical"}]
    assert [(one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"]) for one in serious] == []


def test_at_most_two_hundred_rows_stand_in_the_page(page: Page, site: Path) -> None:
    go(page, site, "index.html")
    assert 0 < page.script("document.querySelectorAll('.board tbody tr').length") <= 200
    until(page, "!!document.querySelector('nav.pages button')", wanted=True)
    page.click("nav.pages button")
    until(page, "document.querySelector('nav.pages').textContent.includes('Page 2 of')", wanted=True)
    assert 0 < page.script("document.querySelectorAll('.board tbody tr').length") <= 200


def test_search_filter_and_sort_stand_in_the_address(page: Page, site: Path) -> None:
    go(page, site, "index.html")
    put(page, "f-q", "LLAMA lab")
    until(page, NAMES, ["lab/llama"])
    assert page.script("location.hash") == "#q=LLAMA+lab"
    put(page, "f-q", "lab/")
    until(page, f"{NAMES}.length", 2)
    page.click(".chip.weights-available")
    until(page, "document.querySelector('.chip.weights-available').ariaPressed", "true")
    page.click("[data-sort=model] button")
    until(page, "document.querySelector('[data-sort=model]').getAttribute('aria-sort')", "ascending")
    assert page.script(NAMES) == ["lab/closed", "lab/llama"]
    assert page.script("location.hash") == "#q=lab%2F&label=weights-available&sort=model"
    put(page, "f-use-sell", "yi")
    until(page, "location.hash.includes('use-sell=yi')", wanted=True)
    until(page, NAMES, ["lab/llama"])
    page.click(".told .plain")
    until(page, f"{NAMES}.length", 50)
    assert page.script("location.hash") == ""


@pytest.mark.parametrize(
    ("view", "names"),
    [
        ("publisher=acme&sort=model", ["acme/open-lm", "acme/open-lm-twin", "acme/tuned"]),
        ("publisher=acme&sort=-model", ["acme/tuned", "acme/open-lm-twin", "acme/open-lm"]),
        ("q=nothing-is-so", []),
        ("licence=Llama+2+Community+License&publisher=lab", ["lab/llama"]),
        ("osd-6=fail&publisher=lab&sort=model", ["lab/closed", "lab/llama"]),
    ],
)
def test_an_address_restores_its_view(page: Page, site: Path, view: str, names: list[str]) -> None:
    go(page, site, f"index.html#{view}")
    until(page, NAMES, names)
    assert page.script(COUNT).startswith(f"{len(names)} of ")
    assert complaints(page) == []


def test_the_script_draws_a_row_as_the_page_has_it(page: Page, site: Path) -> None:
    """Each row of the page without script and the row that the script makes of the data are the same."""
    tidy = (
        "[...document.querySelectorAll('.board tbody tr')].map(r => { const c = r.cloneNode(true); "
        "c.querySelector('.pick')?.remove(); return c.innerHTML.replace(/\\s+/g, ' ').replace(/> </g, '><'); })"
    )
    go(page, site, "index.html")
    plain = page.script(tidy)
    page.script("location.hash = 'sort=rank'")
    until(page, "location.hash", "#sort=rank")
    until(page, f"{COUNT}.startsWith('1')", wanted=True)
    until(page, "document.querySelector('[data-sort=rank]').getAttribute('aria-sort')", "ascending")
    drawn = page.script(tidy)
    assert len(drawn) == len(plain)
    assert drawn == plain


def test_many_rows_are_read_when_somebody_asks(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above one file of rows nothing of them is loaded at first; a question loads all, and a link restores its view."""
    monkeypatch.setattr("osaudit.site.rowdata.CHUNK", 3)
    built(store_of(tmp_path / "store", few()), tmp_path / "site")
    go(page, tmp_path / "site", "index.html")
    until(page, f"{NAMES}.length", 7)
    asked = [url for url in page.troubles() if "/rows/" in url]
    assert [url.rsplit("/", 1)[1] for url in asked] == ["index.js"]
    put(page, "f-q", "lab/")
    until(page, f"{NAMES}.length", 2)
    assert len([url for url in page.troubles() if "/rows/" in url]) == 4
    go(page, tmp_path / "site", "compare.html#m=lab/llama,acme/open-lm")
    until(page, "document.querySelectorAll('#compare thead th').length", 2)
    assert complaints(page) == []


def test_up_to_four_are_compared(page: Page, site: Path) -> None:
    go(page, site, "index.html#publisher=acme")
    until(page, f"{NAMES}.length", 3)
    for at in (1, 2):
        page.click(f".board tbody tr:nth-child({at}) .pick input")
    assert page.script("document.querySelector('.tray .go').textContent") == "Compare 2"
    page.script("document.querySelector('.tray .go').click()")
    until(page, "document.querySelectorAll('#compare thead th').length", 2)
    assert page.script("document.querySelectorAll('#compare tbody tr').length") > 50
    go(page, site, "compare.html#m=acme/open-lm,nobody/nothing,lab/llama")
    until(page, "document.querySelectorAll('#compare thead th').length", 2)
    assert page.script("document.querySelector('.alert').textContent") == "Not here: nobody/nothing"
    assert page.script("document.querySelectorAll('#compare tr.apart').length") > 5


def test_a_dot_says_what_it_is_to_pointer_and_keys(page: Page, site: Path) -> None:
    go(page, site, "index.html")
    page.script("document.querySelector('.dotted').focus()")
    page.press("ArrowRight")
    assert page.script("document.querySelector('.tip').textContent").startswith("OSD-1, Free redistribution Weights: ")
    page.press("ArrowRight")
    page.press("ArrowDown")
    assert page.script("document.querySelector('.tip').textContent").startswith("OSD-2, Source code Data: ")
    page.press("Escape")
    assert page.script("document.querySelector('.tip').hidden")


def test_all_is_reached_by_keyboard(page: Page, site: Path) -> None:
    go(page, site, "index.html#publisher=acme")
    until(page, f"{NAMES}.length", 3)
    seen = []
    for _ in range(120):
        page.press("Tab")
        seen.append(page.script("(e => `${e.tagName} ${e.className || e.id || e.type}`)(document.activeElement)"))
    told = " | ".join(seen)
    for wanted in ("A skip", "INPUT f-q", "BUTTON chip", "SUMMARY", "A model", "A dotted", "INPUT checkbox"):
        assert wanted in told, wanted


def test_without_script_the_first_page_and_the_next_are_there(page: Page, site: Path) -> None:
    page.send("Emulation.setScriptExecutionDisabled", value=True)
    try:
        go(page, site, "index.html")
        page.send("DOM.enable")
        root = page.send("DOM.getDocument", depth=-1)["root"]["nodeId"]
        found = page.send("DOM.querySelectorAll", nodeId=root, selector=".board tbody tr a.model")["nodeIds"]
        assert len(found) == 50
        assert page.send("DOM.querySelectorAll", nodeId=root, selector="nav.pages a[rel=next]")["nodeIds"]
        assert complaints(page) == []
    finally:
        page.send("Emulation.setScriptExecutionDisabled", value=False)


def test_a_strangers_words_run_nothing(page: Page, attacked: Path) -> None:
    for path in sorted(attacked.rglob("*.html"))[:60]:
        go(page, attacked, path.relative_to(attacked).as_posix())
        assert complaints(page) == [], path
        assert page.script("document.querySelectorAll('img[onerror], iframe').length") == 0
    go(page, attacked, "index.html#sort=model")
    until(page, "document.querySelector('[data-sort=model]').getAttribute('aria-sort')", "ascending")
    assert page.script(f"{NAMES}.length") > 5
    assert page.script("document.querySelectorAll('.board img, .board script').length") == 0
    assert complaints(page) == []


@pytest.mark.skipif(not NU.is_file(), reason="needs java, and npm install --prefix tests")
def test_the_nu_checker_finds_no_error(site: Path) -> None:
    files = [site / where.partition("#")[0] for where in PAGES]
    told = subprocess.run(
        ["java", "-jar", NU, "--format", "json", "--exit-zero-always", *files],
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    errors = [one for one in json.loads(told.stderr)["messages"] if one["type"] == "error"]
    assert [(one["url"], one["message"], one.get("extract")) for one in errors] == []
