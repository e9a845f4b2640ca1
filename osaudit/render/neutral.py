"""Strangers' text made harmless: nothing a card says may move a cursor, fire a mention, open a tag or run a formula."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit

from osaudit.compiled import regex

MAX_LINE = 2_000
MAX_BLOCK = 6_000
MAX_LINES = 60
MAX_URL = 2_000
_MAX_MARKS = 4

# Joiners and the soft hyphen belong to ordinary words of some scripts, and show nothing: they go without a trace.
_SILENT = frozenset("\u00ad\u200c\u200d")
_MARKDOWN = regex(r"[\\`*_\[\]|~$]|^[-+]|(?<=^\d)[.)]")
_BREAKS = regex(r"(?<=@)|(?<=#)|(?<!\d):(?=[\w+/-])|:(?=[^\d\s])|(?<=www)(?=\.)|(?<=\bGH)(?=-\d)", re.IGNORECASE)
_FORMULA = regex(r"^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
_SPACES = regex(r"\s+")
# Most cells: words of letters, digits and few signs, one space between two, which nothing below would change.
_HARMLESS = regex(r"(?:[A-Za-z0-9][\w.,:/()-]*+(?: [\w.,:/()-]++)*+)?", re.ASCII)
# What a log of CI takes for an order: `::error` where a line begins (colours aside); `##[error]`, `##vso[` anywhere.
_ORDERS = regex(r"^(?:[^\S\n]|\x1b\[[\d;]*m)*:(?=:)|#(?=#\w*\[)", re.MULTILINE)


def plain(text: str, limit: int = MAX_LINE) -> str:
    """Return the text as one line of at most about `limit` characters, with every unseen character written out."""
    return _SPACES.sub(" ", _clip(_visible(text[: limit + 1], keep=""), limit, len(text))).strip()


def block(text: str, limit: int = MAX_BLOCK) -> str:
    """Return the text with its line ends, bounded in length and lines, with every unseen character written out."""
    shown = _visible(text[: limit + 1].replace("\r\n", "\n"), keep="\n")
    lines = _clip(shown, limit, len(text)).strip("\n").split("\n")
    left = len(lines) - MAX_LINES
    return "\n".join(lines if left <= 0 else [*lines[:MAX_LINES], f"… [{left} more lines]"])


def said(text: str, limit: int = MAX_LINE) -> str:
    """Return the text as one line for a terminal or a log: printable, and no order to the log's reader."""
    return unordered(plain(text, limit))


def lines(text: str) -> str:
    """Return lines for a terminal or a log, their columns kept: printable, and no order to the log's reader."""
    return unordered(_visible(text, keep="\n"))


def unordered(text: str) -> str:
    """Break what a CI's log would obey in lines whose words are printable already; nothing else is changed."""
    return _ORDERS.sub(r"\g<0> ", text) if _may_order(text) else text


def unordered_html(page: str) -> str:
    """The same for a page of HTML, which shows the characters as they were."""
    return _ORDERS.sub(lambda found: f"{found[0][:-1]}&#{ord(found[0][-1])};", page) if _may_order(page) else page


def _may_order(text: str) -> bool:
    """Whether what every order has stands anywhere: most texts have neither, and need no closer look."""
    return "::" in text or "##" in text


def markdown_text(text: str, limit: int = MAX_LINE) -> str:
    """Return the text as inline Markdown that shows itself: no markup, link, mention, issue or emoji comes of it."""
    return _MARKDOWN.sub(r"\\\g<0>", markup_text(text, limit))


def markup_text(text: str, limit: int = MAX_LINE) -> str:
    """Return the text for a stretch of HTML within Markdown, of which no tag, link, mention, issue or emoji comes."""
    broken = _BREAKS.sub(_broken, plain(text, limit))
    return broken.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\u200b", "&#8203;")


def web_url(url: str | None) -> str | None:
    """Return the address if it is http or https and whole, encoded so that no quote or bracket ends it early."""
    if url is None or len(url) > MAX_URL or not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "\\" in url or "@" in parts.netloc:
        return None
    return quote(url, safe="/:?#=&%,;+~$!@*[]'").replace("'", "%27").replace("[", "%5B").replace("]", "%5D")


def csv_cell(text: str) -> str:
    """Return the text as a cell that no spreadsheet takes for a formula (an apostrophe is put before it)."""
    if len(text) <= MAX_LINE and _HARMLESS.fullmatch(text):
        return text
    cell = unordered(plain(text))
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _broken(found: re.Match[str]) -> str:
    return f"{found.group()}\u200b"


def _clip(shown: str, limit: int, whole: int) -> str:
    return shown if whole <= limit else f"{shown[:limit]}… [{whole - limit:,} more characters]"


def _visible(text: str, keep: str) -> str:
    if text.isprintable() and text.isascii():
        return text
    shown, marks = [], 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MAX_MARKS:
            shown.append(char if char.isprintable() or char in keep else _written_out(char))
    return "".join(shown)


def _written_out(char: str) -> str:
    if char in _SILENT:
        return ""
    return " " if char.isspace() else f"⟨U+{ord(char):04X}⟩"
