"""A card's Markdown as blocks and sentences that still know where they stand in the file.

Not a renderer: cards mix Markdown, HTML and neither. The scanner goes line by line, never looks into code, and never
backtracks, so that a hostile card costs no more than its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from html import unescape
from typing import Literal, NamedTuple, TypeAlias

from osaudit.compiled import regex
from osaudit.reading.page.normal import together

BlockKind: TypeAlias = Literal["heading", "paragraph", "item", "row", "code"]

MAX_BODY = 600_000
MAX_SENTENCE = 1_500
MAX_HEADING = 120
MAX_REMEMBERED = 4_096  # blocks: nearly half of those of real cards stand in other cards as well
BOLD_LEVEL = 7

_FENCE = regex(r"[ \t]{0,12}(`{3,}|~{3,})")
_ATX = regex(r"[ \t]{0,3}(?:>[ \t]*)?(#{1,6})(?![#!/])[ \t]*(\S.*)$")
_SETEXT = regex(r"[ \t]{0,3}(={2,}|-{2,})[ \t]*$")
_BOLD = regex(r"[ \t]{0,3}(?:\d{1,2}[.)][ \t]+)?(?:<p[^>]{0,80}>)?(\*\*|__|<b>|<strong>)(.{1,110})$")
_BOLD_END = regex(r"(?:\*\*|__|</b>|</strong>)[ \t]*[:：]?(?:</p>|<br ?/?>)?[ \t\\]*$")
_HTML_HEADING = regex(r"(?i)[ \t]*(?:<(?:div|center|p|a)\b[^>]{0,200}>[ \t]*){0,2}<(h[1-6]|summary)\b[^>]{0,200}>(.*)$")
_ITEM = regex(r"[ \t]*(?:>[ \t]*)?(?:<li\b[^>]{0,100}>|[-*+•●·◦–][ \t]+|\d{1,3}[.)、][ \t]*(?=\D))")
_RULE_CHARACTERS = frozenset(" \t|:-+=")
_BLANK = regex(
    r"[ \t>\\\r]*+(?:(?:&nbsp;|<br ?/?>|</?(?:p|div|center|details|table|tbody|thead|ul|ol)\b[^>]{0,200}>)[ \t\r]*+)*+$"
)
_DEFINITION = regex(r"(?m)^[ ]{0,3}\[([^\]\n^]{1,120})\]:[ \t]*<?(https?://[^\s>]{1,600})")

_MARKUP = regex(
    r"(?=[\[!<*_`~]|http|\s\s|[^\S ])"
    r"(?:\[!\[(?P<badge>[^\]\n]{0,200})\]\((?P<badge_image>[^()\s]{0,500}(?:\([^()\s]{0,100}\))?[^()\s]{0,"
    r"500})[^()\n]{0,200}\)\]"
    r"\((?P<badge_url>[^()\s]{0,800})[^()\n]{0,100}\)"
    r"|!\[(?P<image>[^\]\n]{0,300})\]\((?P<image_url>[^()\s]{0,800})[^()\n]{0,300}\)"
    r"|\[(?P<text>[^\[\]]{0,400}(?:\[[^\[\]]{0,100}\][^\[\]]{0,300})?)\][ ]?"
    r"\([ ]?<?(?P<url>[^()\s<>]{1,800}(?:\([^()\s]{0,200}\)[^()\s]{0,400})?)>?(?:[ \t]+[^()\n]{0,200})?\)"
    r"|\[(?P<label>[^\[\]\n]{1,300})\](?:\[(?P<ref>[^\[\]\n]{0,120})\])?"
    r"|<a\b[^>]{0,300}?href=[\"']?(?P<href>[^\"'>\s]{1,800})[^>]{0,400}>(?P<anchor>[^<]{0,300})"
    r"|<(?P<auto>https?://[^\s<>]{1,800})>"
    r"|(?P<cell></t[dh]>)"
    r"|<img\b[^>]{0,1500}>"
    r"|<!--(?:(?!-->)[\s\S]){0,2000}-->"
    r"|</?[A-Za-z][^<>]{0,600}>"
    r"|(?P<bare>https?://[^\s<>\"'`)\]}，。；、）】|]{1,800})"
    r"|(?P<mark>\*+|_{2,}|`+|~~|(?<![\w/])_(?=\w)|(?<=\w)_(?![\w/]))"
    # a single space stands for itself
    r"|(?P<space>\s{2,}|[^\S ]))"
)
_MARKED = regex(r"[*`<]|\s\s|[^\S ]")
_SIGN = regex("[\\[!<*_`~\t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_BREAK = regex(
    r"[.!?][\"')\]*_`]{0,6}\s+(?=[\"'(\[*_`~<]{0,6}[A-ZÀ-ÞА-Я0-9\u3040-\u9fff\uac00-\ud7af])|[。！？；]|<br ?/?>|"
    r"[ ]{2,}\r?\n"
)
_ABBREVIATION = regex(
    r"(?i)(?:\b(?:e\.g|i\.e|etc|vs|al|fig|no|approx|cf|resp|inc|ltd|dr|mr|st|v|ver|sec|eq|ca|z\.b|p)|\b[A-Z])$"
)


_LINKS = {
    "url": ("text", "url"),
    "anchor": ("anchor", "href"),
    "badge_url": ("badge", "badge_url"),
    "bare": ("bare", "bare"),
    "auto": ("auto", "auto"),
}
_GAPS = {"space": " ", "cell": " | ", "image_url": " "}


class Block(NamedTuple):
    """A stretch of a card: `level` and `title` belong to headings (bold lines count as level 7)."""

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    title: str = ""


class Link(NamedTuple):
    """A link: its words, its target, and where its words begin in the flattened text."""

    text: str
    url: str
    at: int


class Sentence(NamedTuple):
    """A sentence, list item or table row without its markup, and its span in the card."""

    text: str
    links: tuple[Link, ...]
    start: int
    end: int
    kind: BlockKind


def definitions(text: str) -> dict[str, str]:
    """Collect the targets that a card defines apart from its links."""
    if "]:" not in text:
        return {}
    found = (match.groups() for _, match in zip(range(500), _DEFINITION.finditer(text), strict=False))
    return {label.strip().lower(): url for label, url in found}


def blocks(text: str, body: int = 0) -> tuple[Block, ...]:
    """Cut a card's body, which begins at `body`, into blocks; nothing beyond `MAX_BODY` characters is read."""
    return tuple(_Scanner(text[: body + MAX_BODY]).scan(body))


class _Scanner:
    """The lines of a card, and the block that is still open."""

    __slots__ = ("kind", "start", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.start = -1
        self.kind: BlockKind = "paragraph"

    def scan(self, body: int) -> Iterator[Block]:
        """Go through the lines once."""
        text, at = self.text, body
        while at < len(text):
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            line = text[at:end].rstrip("\r")
            skipped = self._skip(line, at)
            if skipped is not None:
                yield from self._close(at)
                if skipped.kind == "code":
                    yield skipped
                at = skipped.end
                continue
            yield from self._line(line, at, end)
            at = end + 1
        yield from self._close(len(text))

    def _skip(self, line: str, at: int) -> Block | None:
        """Step over fenced code and comments, to their end or to the end of the text."""
        fence = _FENCE.match(line) if "```" in line or "~~~" in line else None
        if fence and fence.group(1)[0] == "`" and "`" in line[fence.end() :]:
            fence = None  # CommonMark: no backtick stands beside an opening fence of backticks: this is code in a line
        if fence:
            mark = fence.group(1)
            closing = re.compile(rf"(?m)^[ \t>]{{0,12}}{re.escape(mark[0])}{{{len(mark)},}}[ \t\r]*$").search(
                self.text, at + len(line)
            )
            end = closing.end() if closing else len(self.text)
            return Block("code", at, end)
        if "<!--" in line and line.lstrip().startswith("<!--"):
            end = self.text.find("-->", at)
            return Block("paragraph", at, len(self.text) if end < 0 else end + 3)
        return None

    def _close(self, end: int) -> Iterator[Block]:
        if self.start >= 0:
            yield Block(self.kind, self.start, end)
        self.start = -1

    def _open(self, kind: BlockKind, at: int) -> None:
        self.kind, self.start = kind, at

    def _line(self, line: str, at: int, end: int) -> Iterator[Block]:
        """Put one line into the block it belongs to."""
        if not line or _BLANK.match(line) or ("]:" in line and _DEFINITION.match(line)):
            yield from self._close(at)
            return
        heading = _heading(line)
        if heading is None and self._underlines(line, at):
            heading = (1 if "=" in line else 2, self.text[self.start : at])
            start, self.start = self.start, -1
            yield Block("heading", start, end, heading[0], flatten(heading[1].strip())[0])
        elif heading is not None:
            yield from self._close(at)
            yield Block("heading", at, end, heading[0], flatten(heading[1])[0].strip(" :：#*"))
        elif line.count("|") > 1:
            yield from self._close(at)
            if not _RULE_CHARACTERS.issuperset(line):
                yield Block("row", at, end)
        elif _ITEM.match(line):
            yield from self._close(at)
            self._open("item", at)
        elif self.start < 0:
            self._open("paragraph", at)

    def _underlines(self, line: str, at: int) -> bool:
        """Tell whether the line makes a heading of the paragraph above it: one short line."""
        if self.start < 0 or self.kind != "paragraph" or not _SETEXT.match(line):
            return False
        above = self.text[self.start : at].strip()
        return "\n" not in above and len(above) <= MAX_HEADING


def _heading(line: str) -> tuple[int, str] | None:
    """Read a heading of one line: its level and its words."""
    found = _ATX.match(line) if "#" in line else None
    if found:
        return len(found.group(1)), found.group(2).rstrip("# \t")
    found = _HTML_HEADING.match(line) if "<" in line else None
    if found:
        level = int(found.group(1)[1]) if found.group(1)[0] in "hH" else BOLD_LEVEL - 1
        return level, regex(r"(?i)</(?:h[1-6]|summary)").split(found.group(2))[0]
    found = _BOLD.match(line) if "**" in line or "__" in line or "<" in line else None
    if found and _BOLD_END.search(found.group(2)):
        words = _BOLD_END.sub("", found.group(2))
        if not regex(r"\*\*|__|</?b>|</?strong>|[.。!?]$|[.!?] ").search(words.strip(" :：")):
            return BOLD_LEVEL, words
    return None


def flatten(raw: str, targets: Mapping[str, str] | None = None) -> tuple[str, tuple[Link, ...]]:
    """Take the markup out of a stretch of Markdown or HTML; links keep their words and their target."""
    if "http" not in raw and "  " not in raw and not _SIGN.search(raw):
        return (unescape(raw) if "&" in raw else raw), ()
    parts: list[str] = []
    links: list[Link] = []
    at = length = 0
    for found in _MARKUP.finditer(raw):
        words, url = _inline(found, targets or {})
        before = raw[at : found.start()]
        parts += (before, words)
        length += len(before)
        if url:
            links.append(Link(url if words.startswith(url) else words, url, length))
        length += len(words)
        at = found.end()
    parts.append(raw[at:])
    text = "".join(parts)
    return (unescape(text) if "&" in text else text), tuple(links)


def _inline(found: re.Match[str], targets: Mapping[str, str]) -> tuple[str, str]:
    """Give the words and the target that a piece of markup stands for."""
    kind = found.lastgroup or ""
    if kind in _LINKS:
        words, url = (found.group(group) for group in _LINKS[kind])
        return _plain(words), url.rstrip(".,;:*_") if kind in {"bare", "auto"} else url
    if kind in {"label", "ref"}:
        label = found.group("label")
        url = targets.get((found.group("ref") or label).strip().lower(), "")
        return (_plain(label), url) if url or found.group("ref") else (f"[{_plain(label)}]", "")
    return _GAPS.get(kind, ""), ""


def _plain(words: str) -> str:
    if not _MARKED.search(words):
        return words
    return regex(r"[*`]+|</?\w{1,10}>|\s+").sub(lambda found: " " if found.group().isspace() else "", words)


def sentences(text: str, block: Block, targets: Mapping[str, str] | None = None) -> Iterator[Sentence]:
    """Cut a block into sentences; a table row is one."""
    raw, at, kind = text[block.start : block.end], block.start, block.kind
    cut = _cut(raw, kind, targets) if targets and "[" in raw else _known_cut(raw, kind)
    for words, links, start, end in cut:
        yield Sentence(words, links, at + start, at + end, kind)


def _cut(
    raw: str, kind: BlockKind, targets: Mapping[str, str] | None = None
) -> tuple[tuple[str, tuple[Link, ...], int, int], ...]:
    """Cut a block's text into the words of its sentences, their links and their spans."""
    spans = [(0, len(raw))] if kind in {"row", "heading"} else _spans(raw)
    found: list[tuple[str, tuple[Link, ...], int, int]] = []
    for start, end in spans:
        for piece in range(start, end, MAX_SENTENCE):
            stop = min(end, piece + MAX_SENTENCE)
            words, links = flatten(together(raw[piece:stop]), targets)
            stripped = (_ITEM.sub("", words, count=1) if kind == "item" else words).strip(" \t>")
            if stripped:
                found.append((stripped, _shifted(links, words, stripped), piece, stop))
    return tuple(found)


_known_cut = lru_cache(maxsize=MAX_REMEMBERED)(_cut)


def _shifted(links: tuple[Link, ...], words: str, stripped: str) -> tuple[Link, ...]:
    if not links:
        return links
    lead = words.find(stripped)
    return tuple(Link(link.text, link.url, link.at - lead) for link in links)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for found in _BREAK.finditer(text):
        stop = found.end()
        ends_line = found.group().endswith("\n") and "  " in found.group()
        if (
            found.group()[0] in ".!?"
            and not ends_line
            and _ABBREVIATION.search(text, max(at, found.start() - 8), found.start())
        ):
            continue
        yield at, stop
        at = stop
    if at < len(text):
        yield at, len(text)
