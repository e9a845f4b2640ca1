"""The passages of a page as a reader of terms needs them."""

from __future__ import annotations

from osaudit.reading.page.card import Layout
from osaudit.reading.page.subjects import Passage


def for_terms(layout: Layout, spoken: tuple[Passage, ...]) -> tuple[Passage, ...]:
    """Give the passages in which words on terms may stand."""
    del layout
    return spoken
