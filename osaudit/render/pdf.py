"""The report on paper, by WeasyPrint (extra `pdf`): summary and checklists first, every cell in an annex."""

from __future__ import annotations

import importlib.util
import logging
from typing import NoReturn

from osaudit.decision import Decision
from osaudit.errors import UsageError
from osaudit.render.html import legend, page
from osaudit.render.pageviews import card_view
from osaudit.render.words import MARKS, NOTHING
from osaudit.verdict import Scorecard

_LIBRARY = "weasyprint"
_SYMBOLS: dict[str, str] = {"": "", "nothing": NOTHING.symbol}
_SYMBOLS |= {outcome: mark.symbol for outcome, mark in MARKS.items()}


def absent_pdf() -> str:
    """Say why no PDF can be made here; nothing where one can."""
    try:
        found = importlib.util.find_spec(_LIBRARY) is not None
    except (ImportError, ValueError):
        found = False
    return "" if found else "WeasyPrint is not installed: install osaudit[pdf]"


def render_pdf(card: Scorecard, decision: Decision | None = None, max_age: int | None = None) -> bytes:
    """Return one model's report as a tagged PDF with bookmarks; UsageError where the library cannot be had."""
    if why := absent_pdf():
        raise UsageError(why)
    try:
        from weasyprint import HTML  # noqa: PLC0415 - an extra, and a second to import
        from weasyprint.urls import URLFetcher  # noqa: PLC0415
    except (ImportError, OSError) as error:
        words = " ".join(str(error).split())[:200]
        raise UsageError(
            f"WeasyPrint cannot be loaded ({words}): install Pango, which it draws with, or leave the PDF out"
        ) from error

    class Nothing(URLFetcher):  # type: ignore[misc] # the library has no types
        """Fetches nothing: the page holds all that it needs."""

        def fetch(self, url: str, headers: object = None) -> NoReturn:  # noqa: ARG002 - the library's form
            """Refuse."""
            raise ValueError(f"a report asks for nothing: {url[:100]}")

    for name in (_LIBRARY, "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)
    text = page(
        "paper.html.j2",
        card=card_view(card, decision, max_age),
        legend=legend(),
        symbols=_SYMBOLS,
        versions=[f"osaudit {card.tool_version}"],
    )
    identifier = card.evidence_sha256[:32].encode()
    document = HTML(string=text, url_fetcher=Nothing())
    made: bytes = document.write_pdf(pdf_identifier=identifier, pdf_variant="pdf/ua-1", pdf_tags=True)
    return made
