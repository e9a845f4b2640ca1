"""A headless Chromium, driven by Playwright: what a person sees and does. The system's own browser, none downloaded."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import BrowserContext, CDPSession, Error, sync_playwright
from playwright.sync_api import Page as Tab

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE = 60_000
"""Milliseconds that a page may take to load."""
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)
_BLANK = "about:blank"
_TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))"


@dataclass
class Page:
    """One tab, with what its console said and what it asked for since the page was opened."""

    tab: Tab
    wire: CDPSession
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask the browser what Playwright has no word for, by the DevTools protocol."""
        result: dict[str, Any] = self.wire.send(method, params)
        return result

    def open(self, path: Path) -> None:
        self.visit(path.as_uri())

    def visit(self, url: str) -> None:
        """Open an address afresh, also where nothing but what follows its `#` is new."""
        self.tab.goto(_BLANK)
        self.said.clear()
        self.asked.clear()
        self.tab.goto(url)

    def size(self, width: int, height: int = 900) -> None:
        self.tab.set_viewport_size({"width": width, "height": height})

    def media(
        self,
        media: Literal["null", "print", "screen"] = "null",
        *,
        prefers_color_scheme: Literal["dark", "light", "null"] = "null",
    ) -> None:
        """Show the page for a medium, until the next is opened, and in a scheme of colours; "null" is the browser's."""
        self.tab.emulate_media(media=media, color_scheme=prefers_color_scheme)

    def script(self, expression: str) -> Any:
        """Return what an expression comes to; asked again on the next page where one is just being opened."""
        try:
            return self.tab.evaluate(expression)
        except Error as error:
            if "Execution context was destroyed" not in str(error):
                raise
            self.tab.wait_for_load_state()
            return self.tab.evaluate(expression)

    def press(self, key: str) -> None:
        self.tab.keyboard.press(key)

    def click(self, selector: str) -> None:
        """Click the first that is meant with the mouse, and wait until what came of it is drawn."""
        self.tab.locator(selector).first.click()
        self.script(_TWO_FRAMES)

    def screenshot(self, path: Path, *, whole: bool = True) -> None:
        self.tab.screenshot(path=path, full_page=whole)

    def pdf(self) -> bytes:
        return self.tab.pdf(prefer_css_page_size=True, format="A4")

    def troubles(self) -> list[str]:
        """Return what the console said, and every request but that for the page itself."""
        return [*self.said, *(url for url in self.asked[1:] if not url.startswith("data:"))]


@contextlib.contextmanager
def chromium(profile: Path, flags: Sequence[str] = ()) -> Iterator[Page]:
    """Start a browser with a fresh profile, and hand over its only tab."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=PROGRAM, args=[*_FLAGS, *flags], timeout=PATIENCE
        )
        try:
            yield _watched(context)
        finally:
            context.close()


def _watched(context: BrowserContext) -> Page:
    context.set_default_timeout(PATIENCE)
    tab = context.pages[0]
    page = Page(tab, context.new_cdp_session(tab))
    tab.on("console", lambda line: page.said.append(json.dumps([line.type, line.text, line.location["url"]])))
    tab.on("pageerror", lambda error: page.said.append(str(error)))
    tab.on("request", lambda request: page.asked.append(request.url))
    return page
