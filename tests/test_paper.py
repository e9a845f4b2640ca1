"""The report on paper, printed by Chromium and drawn by WeasyPrint: how full each page is, and that no line is cut."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from browser import PROGRAM, Page, chromium
from hub.server import LoopbackHub
from program import osaudit
from samples import SAMPLES

from osaudit.cli.demo import load_records
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.render.html import render_html
from osaudit.render.jsonread import scorecards_from_json
from osaudit.render.pdf import absent_pdf, render_pdf
from osaudit.verdict import Scorecard

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (shutil.which("pdftoppm") and shutil.which("pdftotext")), reason="needs pdftoppm and pdftotext of Poppler"
    ),
]
needs_browser = pytest.mark.skipif(PROGRAM is None, reason="needs chromium on PATH")
needs_weasyprint = pytest.mark.skipif(bool(absent_pdf()), reason=absent_pdf() or "none")

CORPUS = (
    "meta-llama/Llama-2-7b-hf",
    "mistralai/Mistral-7B-v0.1",
    "stabilityai/stable-diffusion-xl-base-1.0",
    "Qwen/Qwen-VL-Chat",
    "baichuan-inc/Baichuan2-13B-Chat",
    "openai/gpt-oss-20b",
)
HALF = 0.5
MOST_PAGES = 8
_WHITE = 245
_DPI = 50
_SLACK = 2.0  # points: a font's box is a little higher than its line
_MM = 72 / 25.4
_PILED = re.compile(
    "[\u0300-\u036f]{2}|^[\u0300-\u036f]+$"
)  # accents upon accents stand over their line, wherever it is
_PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.DOTALL)
_WORD = re.compile(r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>')


@dataclass(frozen=True)
class Sheet:
    """The margins of a page, in millimetres, and the words that begin a part."""

    top: float
    side: float
    bottom: float
    parts: tuple[str, ...] = ()


PRINTED = Sheet(15, 16, 17)
DRAWN = Sheet(20, 17, 18, ("Summary", "Annex A: uses in full"))


@cache
def demo() -> dict[str, Scorecard]:
    cards = (judge(record.evidence, load_pack(), load_table()) for record in load_records())
    return {card.model: card for card in cards}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


def printed(page: Page, card: Scorecard, folder: Path) -> Path:
    (folder / "report.html").write_text(render_html([card]), encoding="utf-8")
    page.open(folder / "report.html")
    path = folder / "printed.pdf"
    path.write_bytes(page.pdf())
    return path


def drawn(card: Scorecard, folder: Path) -> Path:
    path = folder / "drawn.pdf"
    path.write_bytes(render_pdf(card))
    return path


def fullness(pdf: Path, sheet: Sheet) -> list[float]:
    """How far down the ink reaches on each page, as a share of the field between the margins."""
    subprocess.run(["pdftoppm", "-r", str(_DPI), "-gray", pdf, pdf.with_suffix("")], check=True, timeout=120)
    return [_reach(path, sheet) for path in sorted(pdf.parent.glob(f"{pdf.stem}-*.pgm"))]


def _reach(picture: Path, sheet: Sheet) -> float:
    head, size, _, pixels = picture.read_bytes().split(b"\n", 3)
    assert head == b"P5"
    width, height = map(int, size.split())
    top, bottom = (round(margin * _DPI / 25.4) for margin in (sheet.top, sheet.bottom))
    rows = range(top, height - bottom)
    inked = [row for row in rows if min(pixels[row * width : (row + 1) * width]) < _WHITE]
    return (max(inked, default=top) - top + 1) / len(rows)


Word = tuple[float, float, float, float, str]


def words_of(pdf: Path) -> list[tuple[float, float, list[Word]]]:
    """Each page's width, height and words, each with its box, in points from the top left corner."""
    told = subprocess.run(["pdftotext", "-bbox", pdf, "-"], capture_output=True, text=True, check=True, timeout=120)
    pages = []
    for width, height, inner in _PAGE.findall(told.stdout):
        boxes = _WORD.findall(inner)
        words = [(float(x0), float(y0), float(x1), float(y1), html.unescape(text)) for x0, y0, x1, y1, text in boxes]
        pages.append((float(width), float(height), words))
    return pages


def cut(width: float, height: float, words: list[Word], sheet: Sheet) -> list[str]:
    """The words of the field that reach over its edge."""
    left, right = sheet.side * _MM, width - sheet.side * _MM
    top, bottom = sheet.top * _MM, height - sheet.bottom * _MM
    return [
        text
        for x0, y0, x1, y1, text in words
        if (top < y1 and y0 < bottom)
        and not _PILED.search(text)
        and (x0 < left - _SLACK or x1 > right + _SLACK or y0 < top - _SLACK or y1 > bottom + _SLACK)
    ]


def begins(height: float, words: list[Word], sheet: Sheet) -> str:
    """The part whose heading stands first on the page."""
    top, bottom = sheet.top * _MM, height - sheet.bottom * _MM
    text = " ".join(word[4] for word in words if word[1] >= top - _SLACK and word[3] <= bottom)
    return next((part for part in sheet.parts if text.startswith(part)), "")


def held(pdf: Path, sheet: Sheet) -> list[str]:
    """Hold each page to what is asked of paper, and return the parts that begin on each."""
    pages = words_of(pdf)
    reach = fullness(pdf, sheet)
    assert len(pages) == len(reach) > 1
    starts = [begins(height, words, sheet) for _, height, words in pages]
    last = [*(bool(part) for part in starts[1:]), True]
    empty = [(at, share) for at, share in enumerate(reach, 1) if share < HALF and not last[at - 1]]
    assert empty == []
    assert [(at, found) for at, one in enumerate(pages, 1) if (found := cut(*one, sheet))] == []
    return starts


def hold_drawn(card: Scorecard, folder: Path) -> None:
    starts = held(drawn(card, folder), DRAWN)
    assert starts[1] == "Summary"
    assert starts.index("Annex A: uses in full") <= MOST_PAGES


@needs_browser
@needs_weasyprint
@pytest.mark.corpus
@pytest.mark.parametrize("model", CORPUS)
def test_a_real_report_on_paper(page: Page, corpus_hub: LoopbackHub, tmp_path: Path, model: str) -> None:
    env = {"HF_ENDPOINT": corpus_hub.endpoint, "HF_HOME": str(tmp_path / "hf")}
    assert osaudit("audit", model, "-o", "card.json", cwd=tmp_path, env=env).returncode in {0, 3}
    (card,) = scorecards_from_json((tmp_path / "card.json").read_text(encoding="utf-8"))
    held(printed(page, card, tmp_path), PRINTED)
    hold_drawn(card, tmp_path)


@needs_browser
@pytest.mark.parametrize("model", [record.evidence.ref.repo for record in load_records()])
def test_a_report_of_the_demo_is_printed(page: Page, tmp_path: Path, model: str) -> None:
    held(printed(page, demo()[model], tmp_path), PRINTED)


@needs_weasyprint
@pytest.mark.parametrize("model", [record.evidence.ref.repo for record in load_records()])
def test_a_report_of_the_demo_is_drawn(tmp_path: Path, model: str) -> None:
    hold_drawn(demo()[model], tmp_path)


@needs_browser
@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_made_report_is_printed(page: Page, tmp_path: Path, name: str) -> None:
    """Hostile words, two further definitions, a probe, nothing at all."""
    held(printed(page, SAMPLES[name], tmp_path), PRINTED)


@needs_weasyprint
@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_made_report_is_drawn(tmp_path: Path, name: str) -> None:
    held(drawn(SAMPLES[name], tmp_path), DRAWN)


def test_what_is_half_empty_or_cut_is_told(tmp_path: Path) -> None:
    """The measures themselves: a page with one line, and a word over the edge."""
    if absent_pdf():
        pytest.skip("needs WeasyPrint")
    from weasyprint import HTML  # noqa: PLC0415 - an extra

    style = "@page { size: A4; margin: 15mm 16mm 17mm } p { break-after: page } b { position: relative; left: 175mm }"
    HTML(string=f"<style>{style}</style><p>One line</p><p style='height:200mm'><b>over</b></p><p>Last</p>").write_pdf(
        tmp_path / "made.pdf"
    )
    reach = fullness(tmp_path / "made.pdf", PRINTED)
    assert reach[0] < 0.1
    (one, two, *_) = words_of(tmp_path / "made.pdf")
    assert cut(*one, PRINTED) == []
    assert cut(*two, PRINTED) == ["over"]
    with pytest.raises(AssertionError):
        held(tmp_path / "made.pdf", PRINTED)
