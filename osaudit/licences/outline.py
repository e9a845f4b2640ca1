"""The outline of a licence text: its sections, clauses and paragraphs, in whatever way they are numbered.

Used where the index is built, on texts that were checked, and as a second way to a clause in a text that differs.
"""

from __future__ import annotations

import itertools
import re

from osaudit.compiled import regex
from osaudit.frozen import dataclass

Span = tuple[int, int]

_LABEL = r"\d{1,2}(?:\.\d{1,2}){0,3}|[a-zA-Z]|[ivxIVX]{1,5}|[一二三四五六七八九十]{1,3}"
_MARK = regex(
    r"^(?P<lead>[ \t>*_#\"“•\-+|]{0,24})(?:(?P<word>section|article|clause|第)[ \t]*(?=[\dIVX一二三四五六七八九十]))?"
    rf"(?P<open>\(?)(?P<label>{_LABEL})(?P<close>[*_]{{0,2}}\\?[.):：、]+|[*_]{{0,2}}[ \t]*[-–—]|条|节|"
    rf"[*_]{{0,2}}(?=[ \t\n]))",
    re.IGNORECASE | re.MULTILINE,
)
_INLINE = regex(r"(?<=[\s;:,])\((?P<label>\d{1,2}|[a-zA-Z]|[ivxIVX]{2,5})\)(?=\s)")
_ANNEX = regex(
    r"^[ \t>*_#\"“]{0,12}(?:attachment|exhibit|appendix|annex|schedule)\b[^\n]{0,60}$", re.IGNORECASE | re.MULTILINE
)
_CJK = {char: str(number) for number, char in enumerate("一二三四五六七八九十", start=1)}
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv")
_PARAGRAPH = regex(r"\n[ \t>*_]*\n")
_LISTED = regex(r"\n[ \t>]{0,12}(?:[-*•][ \t]{1,4})?[\"“(*]")
_HEADING = regex(r"[\s*_]{0,6}[^\W\d_][\w&,/’' -]{1,60}(?:[.:\n]|\*\*|$)")
_BARE_HEADING = regex(r"[ \t]+[A-Z][\w&,/’' -]{2,60}\.?[ \t]*$", re.MULTILINE)
_ALONE = 60


@dataclass(frozen=True, slots=True)
class Mark:
    """A numbered place: its label in lower case, how it is written, and where."""

    label: str
    style: str
    start: int
    end: int
    indent: int


@dataclass(frozen=True, slots=True)
class Outline:
    """A text and its numbered places, in order."""

    text: str
    marks: tuple[Mark, ...]

    def section(self, path: tuple[str, ...]) -> Span | None:
        """Find a clause by its path, such as ("1", "b", "iv")."""
        for width in range(min(3, len(path)), 0, -1):
            if all(part.isdigit() for part in path[:width]):
                span = self._top(".".join(path[:width]))
                if span is not None:
                    return self._within(span, path[width:])
        return self._within(roman, path[1:]) if (roman := self._top(path[0])) else None

    def annex(self, name: str) -> Span | None:
        """Find an annex ("Attachment A") by its heading."""
        found = [match for match in _ANNEX.finditer(self.text) if _words(match[0]).startswith(_words(name))]
        return (found[-1].start(), len(self.text)) if found else None

    def paragraphs(self, span: Span) -> list[Span]:
        """Return the paragraphs of a stretch of text."""
        low, high = span
        edges = [low, *(match.end() for match in _PARAGRAPH.finditer(self.text, low, high)), high]
        spans = [_trim(self.text, (start, end)) for start, end in itertools.pairwise(edges)]
        return [one for one in spans if one[1] > one[0]]

    def definition(self, term: str, span: Span) -> Span | None:
        """Find the paragraph or list item that defines a term."""
        pattern = re.compile(
            rf"[\"“”'*_]{{0,5}}{_spaced(term)}[\"“”'*_]{{0,5}}(?:[\s,;]+[^.\n]{{0,40}}?)?[\"“”'*_\s]{{0,4}}"
            r"(?:\bmeans?\b|\bshall\s+mean\b|\brefers?\s+to\b|\bis\b|\bare\b|:)",
            re.IGNORECASE,
        )
        for match in pattern.finditer(self.text, *span):
            start = self._item_start(match.start(), span)
            if len(_words(self.text[start : match.start()])) <= 4:  # noqa: PLR2004 the item's own label
                return _trim(self.text, (start, self._item_end(match.end(), span)))
        return None

    def _item_start(self, at: int, span: Span) -> int:
        starts = [mark.start for mark in self.marks if span[0] <= mark.start <= at]
        starts += [match.end() for match in _PARAGRAPH.finditer(self.text, span[0], at)]
        return max([span[0], self.text.rfind("\n", span[0], at) + 1, *starts])

    def _item_end(self, at: int, span: Span) -> int:
        ends = [mark.start for mark in self.marks if at < mark.start <= span[1]][:1]
        ends += [
            match.start() for pattern in (_PARAGRAPH, _LISTED) if (match := pattern.search(self.text, at, span[1]))
        ]
        return min([span[1], *ends])

    def _top(self, label: str) -> Span | None:
        """Find a section by its own number; of several, the one in line with section 1."""
        found = [mark for mark in self.marks if mark.label == label]
        for style in ("word", "plain", "bracketed"):
            of_style = [mark for mark in found if mark.style == style]
            if not of_style:
                continue
            first = next((mark for mark in self.marks if mark.label in {"1", "1.1", "i"} and mark.style == style), None)
            aligned = [mark for mark in of_style if first is None or mark.indent <= first.indent] or of_style
            # an item of a list of definitions bears a number too, and no heading
            mark = next((one for one in aligned if _HEADING.match(self.text, one.end)), aligned[0])
            return _trim(self.text, (mark.start, self._top_end(mark)))
        return None

    def _top_end(self, mark: Mark) -> int:
        for other in self.marks:
            if other.start <= mark.start:
                continue
            if other.style == mark.style and other.indent <= mark.indent and _follows(mark.label, other.label):
                return other.start
            if other.style == "word" and mark.style != "word" and other.indent <= mark.indent:
                return other.start
        annex = next((match.start() for match in _ANNEX.finditer(self.text, mark.start + 1)), None)
        return annex if annex is not None else len(self.text)

    def _within(self, span: Span, path: tuple[str, ...]) -> Span | None:
        for label in path:
            child = self._child(span, label) or (self._child(span, str(ord(label) - 96)) if len(label) == 1 else None)
            if child is None:
                return None
            # an item of a few words says nothing without the sentence that it ends
            span = child if child[1] - child[0] > _ALONE else (span[0], child[1])
        return span

    def _child(self, span: Span, label: str) -> Span | None:
        inside = [mark for mark in self.marks if span[0] < mark.start < span[1]]
        for at, mark in enumerate(inside):
            if mark.label == label:
                ends = (o.start for o in inside[at + 1 :] if _next_to(label, o.label) and o.indent <= mark.indent + 3)
                return _trim(self.text, (mark.start, next(ends, span[1])))
        inline = list(_INLINE.finditer(self.text, *span))
        for at, match in enumerate(inline):
            if match["label"].lower() == label:
                ends = (o.start() for o in inline[at + 1 :] if _next_to(label, o["label"].lower()))
                return _trim(self.text, (match.start(), next(ends, span[1])))
        return None


def outline_of(text: str) -> Outline:
    """Find the numbered places of a text."""
    marks = []
    for match in _MARK.finditer(text):
        label = _CJK.get(match["label"], match["label"].lower())
        bare = not match["close"].strip("*_ \t")
        # "a licence" is no clause a, and "2004 ..." no section
        headed = label.isdigit() and _BARE_HEADING.match(text, match.end())
        if bare and not match["word"] and not match["open"] and "." not in label and not headed:
            continue
        style = "word" if match["word"] else "bracketed" if match["open"] else "plain"
        indent = len(match["lead"].expandtabs(4)) - len(match["lead"].expandtabs(4).lstrip(" >"))
        marks.append(Mark(label, style, match.start(), match.end(), indent))
    return Outline(text, tuple(marks))


def _follows(label: str, other: str) -> bool:
    """Whether a section number ends the one before: the next at its level, or the next above it."""
    if not (label[:1].isdigit() and other[:1].isdigit()):
        return _next_to(label, other)
    mine, theirs = ([int(part) for part in one.split(".")] for one in (label, other))
    depth = min(len(mine), len(theirs))
    return theirs[: depth - 1] == mine[: depth - 1] and theirs[depth - 1] == mine[depth - 1] + 1


def _next_to(label: str, other: str) -> bool:
    if label.isdigit():
        return other.isdigit() and int(other) == int(label) + 1
    romans = label in _ROMAN and other in _ROMAN and _ROMAN.index(other) == _ROMAN.index(label) + 1
    return romans or (len(label) == len(other) == 1 and ord(other) == ord(label) + 1)


def _trim(text: str, span: Span) -> Span:
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _words(text: str) -> str:
    return regex(r"\W+").sub("", text).casefold()


def _spaced(term: str) -> str:
    return r"[\s*_]+".join(re.escape(word) for word in term.split())
