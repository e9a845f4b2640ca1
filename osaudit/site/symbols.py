"""The shapes that pages draw with: a page of one of many holds those alone that it uses."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from markupsafe import Markup

from osaudit.resources import data_path

_SYMBOL = re.compile(r'<symbol id="([^"]+)"(.*?)</symbol>')


@functools.cache
def _known() -> Mapping[str, str]:
    """Each symbol without its tag's name and id: its view box and its shapes."""
    text = data_path("reports", "site", "symbols.html.j2").read_text(encoding="utf-8")
    return MappingProxyType(dict(_SYMBOL.findall(text)))


@functools.cache
def badge_drawn(label: str) -> Markup:
    """The badge of a label, drawn where it stands; nothing for a label that has none."""
    found = _known().get(f"l-{label}", "")
    return Markup(f'<svg class="badge" aria-hidden="true"{found}</svg>' if found else "")  # noqa: S704 - the project's own


def badges_defined(labels: Iterable[str]) -> Markup:
    """The badges of labels, to be drawn wherever the page names them."""
    return _defined(tuple(sorted(set(labels))))


@functools.lru_cache
def _defined(labels: tuple[str, ...]) -> Markup:
    known = _known()
    symbols = "".join(
        f'<symbol id="l-{label}"{known[f"l-{label}"]}</symbol>' for label in labels if f"l-{label}" in known
    )
    return Markup(f'<svg class="defs" aria-hidden="true" width="0" height="0">{symbols}</svg>')  # noqa: S704 - as above
