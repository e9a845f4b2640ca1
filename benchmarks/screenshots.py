"""Pictures of the reports, to be looked at: `python -m benchmarks.screenshots PAGE.html... -o FOLDER`.

Each page at three widths, light and dark, as far as it reaches or (`--fold`) as far as the window shows; and its length
on paper. Without a page it draws the demo's.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from browser import PROGRAM, Page, chromium

from osaudit.cli.demo import load_records
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.render.html import render_html

WIDTHS = (320, 768, 1280)
HEIGHT = 900
LONGEST = 15_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("screenshots"))
    parser.add_argument("--fold", action="store_true", help="only what the window shows")
    parser.add_argument("--widths", type=int, nargs="+", default=WIDTHS)
    asked = parser.parse_args()
    if PROGRAM is None:
        parser.error("needs chromium on PATH")
    asked.output.mkdir(parents=True, exist_ok=True)
    pages = asked.pages or demo_pages(asked.output)
    with tempfile.TemporaryDirectory() as profile, chromium(Path(profile)) as tab:
        for page in pages:
            for width in asked.widths:
                for scheme in ("light", "dark"):
                    picture(tab, page.resolve(), (width, scheme), asked.output, fold=asked.fold)


def demo_pages(folder: Path) -> list[Path]:
    pages = []
    for record in load_records():
        card = judge(record.evidence, load_pack(), load_table())
        pages.append(folder / f"{card.model.replace('/', '--')}.html")
        pages[-1].write_text(render_html([card]), encoding="utf-8")
    return pages


def picture(tab: Page, page: Path, form: tuple[int, str], folder: Path, *, fold: bool) -> None:
    width, scheme = form
    tab.media(prefers_color_scheme=scheme)
    tab.size(width, HEIGHT)
    tab.open(page)
    height = HEIGHT if fold else min(int(tab.script("document.documentElement.scrollHeight")), LONGEST)
    tab.size(width, height)
    path = folder / f"{page.stem}-{width}-{scheme}.png"
    tab.screenshot(path, whole=not fold)
    print(f"{path}  {width} x {height}")


if __name__ == "__main__":
    main()
