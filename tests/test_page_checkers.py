"""The pages before checkers of others, axe-core and the Nu checker of HTML, and what the first screen holds.

`npm install --prefix tests` brings the two; without them their tests skip and say so.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from browser import PROGRAM, Page, chromium
from evidence_builder import evidence_of
from hub.server import LoopbackHub
from program import osaudit
from samples import CANDIDATE, CHAT, GATED, HOSTILE_TEXTS, SAMPLES, TINY, hostile

from osaudit.compare import changes
from osaudit.decision import Decision
from osaudit.render.differences import render_diff_html
from osaudit.render.html import render_html, render_summary_html

MODULES = Path(__file__).with_name("node_modules")
AXE = MODULES / "axe-core" / "axe.min.js"
NU = MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"
MANY = [GATED, TINY, CHAT, CANDIDATE, hostile(), SAMPLES["sides"], SAMPLES["empty"]]
PAGES = {**{name: [card] for name, card in SAMPLES.items()}, "summary": MANY, "compare": MANY[:5]}
DECISION = Decision(
    CHAT.model,
    "any",
    "approve-with-conditions",
    "A. Reader",
    "counsel",
    date(2026, 11, 30),
    date(2027, 11, 30),
    ("Nothing is shipped.", HOSTILE_TEXTS[0]),
    (("attestations", "https://hub.example/a"), ("waivers", "javascript:alert(1)")),
    ("run",),
    "d" * 64,
)
FIRST = (
    "meta-llama/Llama-2-7b-hf",  # gated, and a licence that closes uses
    "mistralai/Mistral-7B-v0.1",
    "stabilityai/stable-diffusion-xl-base-1.0",
    "Qwen/Qwen-VL-Chat",  # an unknown licence
    "baichuan-inc/Baichuan2-13B-Chat",  # one that is known by reports alone
)

pytestmark = pytest.mark.slow
needs_browser = pytest.mark.skipif(PROGRAM is None, reason="needs chromium on PATH")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    for name, cards in PAGES.items():
        (folder / f"{name}.html").write_text(render_html(cards), encoding="utf-8")
    (folder / "decided.html").write_text(render_html([CHAT], DECISION), encoding="utf-8")
    audits = [(evidence_of(case), card) for case, card in (({}, TINY), ({"tag": "llama2"}, CHAT))]
    diff = render_diff_html(audits[0], audits[1], changes(audits[0], audits[1]))
    (folder / "diff.html").write_text(diff, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in (*PAGES, "decided", "diff")}


@cache
def axe() -> str:
    return AXE.read_text(encoding="utf-8")


@needs_browser
@pytest.mark.skipif(not AXE.is_file(), reason="needs axe-core: npm install --prefix tests")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "name",
    ["open-weights", "restricted", "sides", "probed", "gated", "hostile", "summary", "compare", "decided", "diff"],
)
def test_axe_finds_nothing_serious(page: Page, files: dict[str, Path], name: str, scheme: str) -> None:
    page.media(prefers_color_scheme=scheme)
    page.size(1280)
    page.open(files[name])
    page.script("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.script(axe())
    run = "axe.run({resultTypes: ['violations']}).then(r => JSON.stringify(r.violations))"
    serious = [one for one in json.loads(page.script(run)) if one["impact"] in {"serious", "critical"}]
    assert [(one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"]) for one in serious] == []


@pytest.mark.skipif(
    not NU.is_file() or shutil.which("java") is None, reason="needs java, and npm install --prefix tests"
)
def test_the_nu_checker_finds_no_error(files: dict[str, Path]) -> None:
    told = subprocess.run(
        ["java", "-jar", NU, "--format", "json", "--exit-zero-always", *files.values()],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    messages: list[dict[str, Any]] = json.loads(told.stderr)["messages"]
    errors = [m for m in messages if m["type"] == "error"]
    assert [(m["url"], m["message"], m.get("extract")) for m in errors] == []


@needs_browser
@pytest.mark.parametrize("width", [320, 768, 1600])
@pytest.mark.parametrize("name", ["compare", "decided", "diff", "summary"])
def test_no_complaint_no_request_no_overflow(page: Page, files: dict[str, Path], name: str, width: int) -> None:
    page.media(prefers_color_scheme="light")
    page.size(width)
    page.open(files[name])
    assert page.script("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert page.troubles() == []


@pytest.mark.corpus
@pytest.mark.parametrize("model", FIRST[:1] + FIRST[-1:])
def test_a_page_with_every_definition_is_no_larger_than_can_be_sent(
    corpus_hub: LoopbackHub, tmp_path: Path, model: str
) -> None:
    env = {"HF_ENDPOINT": corpus_hub.endpoint, "HF_HOME": str(tmp_path)}
    assert osaudit("audit", model, "--pack", "all", "-o", "all.html", cwd=tmp_path, env=env).returncode in {0, 3}
    assert (tmp_path / "all.html").stat().st_size < 450_000


def test_the_table_of_163_models_is_small() -> None:
    cards = [replace(MANY[at % len(MANY)], model=f"some-organisation/some-model-of-theirs-{at}") for at in range(163)]
    links = {at: f"some-organisation--some-model-of-theirs-{at}.html" for at in range(163)}
    text = render_summary_html(cards, links)
    assert text.count("<tr") >= 163
    assert len(text.encode()) < 400_000


@needs_browser
@pytest.mark.corpus
@pytest.mark.parametrize("model", FIRST)
def test_the_first_screen_tells_licence_selling_duties_and_why(
    page: Page, corpus_hub: LoopbackHub, tmp_path: Path, model: str
) -> None:
    env = {"HF_ENDPOINT": corpus_hub.endpoint, "HF_HOME": str(tmp_path)}
    report = tmp_path / "report.html"
    assert osaudit("audit", model, "-o", "report.html", cwd=tmp_path, env=env).returncode in {0, 3}
    page.media(prefers_color_scheme="light")
    page.size(1280, 900)
    page.open(report)
    for selector in (".why", ".governs .name", ".must li", ".brief tbody tr:nth-child(3) .answer"):
        found = f"document.querySelector({json.dumps(selector)})"
        bottom, words = page.script(f"(e => [e.getBoundingClientRect().bottom, e.textContent])({found})")
        assert bottom <= 900, selector
        assert words.strip(), selector
    third = "document.querySelector('.brief tbody tr:nth-child(3) th').textContent"
    assert page.script(third) == "Sell a product with it"
    for rows in (".must li", ".brief tr", ".next li", ".against li"):
        below = f"[...document.querySelectorAll('{rows}')].filter(e => e.getBoundingClientRect().bottom > 900).length"
        assert page.script(below) == 0, rows
    assert page.troubles() == []
    assert report.stat().st_size < 300_000
