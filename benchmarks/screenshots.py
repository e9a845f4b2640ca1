"""Pictures of the reports, to be looked at: `python -m benchmarks.screenshots PAGE.html... -o FOLDER`.

Each page at three widths, light and dark, as far as it reaches or (`--fold`) as far as the window shows; and its length
on paper. Without a page it draws the demo's; `--site FOLDER` a page of each kind of a leaderboard.
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
SITE_WIDTHS = (320, 800, 1440)
SITE_ROOMS = ("models", "publishers", "licences", "families", "criteria")
HEIGHT = 900
LONGEST = 15_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("screenshots"))
    parser.add_argument("--fold", action="store_true", help="only what the window shows")
    parser.add_argument("--site", type=Path, help="a leaderboard's folder")
    parser.add_argument("--widths", type=int, nargs="+")
    asked = parser.parse_args()
    root = asked.site or Path()
    if PROGRAM is None:
        parser.error("needs chromium on PATH")
    asked.output.mkdir(parents=True, exist_ok=True)
    pages = asked.pages or (site_pages(asked.site) if asked.site else demo_pages(asked.output))
    widths = asked.widths or (SITE_WIDTHS if asked.site else WIDTHS)
    with tempfile.TemporaryDirectory() as profile, chromium(Path(profile)) as tab:
        for page in pages:
            name = str(page.relative_to(root).with_suffix("")).replace("/", "-") if asked.site else page.stem
            for width in widths:
                for scheme in ("light", "dark"):
                    path = asked.output / f"{name}-{width}-{scheme}.png"
                    picture(tab, page.resolve(), (width, scheme), path, fold=asked.fold)


def site_pages(site: Path) -> list[Path]:
    """The pages at the top, and of each room its index and its first page."""
    inner = [
        path for room in SITE_ROOMS for path in (site / room / "index.html", *first_page(site / room)) if path.exists()
    ]
    return [*sorted(site.glob("*.html")), *inner]


def first_page(room: Path) -> list[Path]:
    return sorted(path for path in room.glob("*.html") if not path.stem.startswith("index"))[:1]


def demo_pages(folder: Path) -> list[Path]:
    pages = []
    for record in load_records():
        card = judge(record.evidence, load_pack(), load_table())
        pages.append(folder / f"{card.model.replace('/', '--')}.html")
        pages[-1].write_text(render_html([card]), encoding="utf-8")
    return pages


def picture(tab: Page, page: Path, form: tuple[int, str], path: Path, *, fold: bool) -> None:
    width, scheme = form
    tab.media(prefers_color_scheme=scheme)
    tab.size(width, HEIGHT)
    tab.open(page)
    height = HEIGHT if fold else min(int(tab.script("document.documentElement.scrollHeight")), LONGEST)
    tab.size(width, height)
    tab.screenshot(path, whole=not fold)
    print(f"{path}  {width} x {height}")


if __name__ == "__main__":
    main()
