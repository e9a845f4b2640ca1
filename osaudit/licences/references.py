"""References: how the clause table names a clause ("s1.b.iv + AUP", "s5 + Attachment A"), and where that stands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osaudit.compiled import regex
from osaudit.licences.outline import Outline, Span, outline_of
from osaudit.licences.restrictions import restrictions_in
from osaudit.licences.sentences import sentences

_SECTION = regex(
    r"^(?:s|cl\.|cond\.|condition)\s?(?P<first>[IVX]{1,5}\b|\d{1,2})(?P<rest>(?:\.\d{1,2}|\.[a-z]{1,4}\b|\([a-zA-Z0-9]{1,4}\))*)"
    r"(?:-(?P<to>[\d.]+|\(?[a-z]\)?))?(?:\s+(?P<note>.+))?$"
)
_PART = regex(r"[a-zA-Z0-9]+")
_NOWHERE = frozenset(
    {"none", "whole text", "unknown text", "not read", "version unknown", "AUP", "policy", "Prohibited Use Policy"}
)
_ANNEX = regex(r"^(?:Attachment|Exhibit|Appendix|Annex) [A-Z0-9]$")
_MAX_TERM = 60
_HEADING_WORDS = 8


def items_of(clause: str) -> Iterator[str]:
    """Split a reference into the clauses that it names."""
    plain = regex(r"\((?:letters by order|as reported|reported|against [^)]*)\)").sub("", clause)
    for item in regex(r"\s*[,;+]\s*").split(plain):
        if item.strip() and item.strip() not in _NOWHERE:
            yield item.strip()


def place_of(item: str, outline: Outline) -> Span | None:
    """Find one clause in a text; None rather than a wrong one."""
    whole = (0, len(outline.text))
    if match := _SECTION.match(item):
        return _section(outline, match)
    if _ANNEX.match(item):
        return outline.annex(item)
    if item.startswith("definition of "):
        return outline.definition(item.removeprefix("definition of "), whole)
    if item == "last para":
        return next(reversed(outline.paragraphs(whole)), None)
    if item in {"grant para", "grant sentence"}:
        return next((span for span in outline.paragraphs(whole) if _grants(outline.text[slice(*span)])), None)
    return _header(outline) if item == "header" else _headed(outline, item)


def outline_and_places(clause: str, text: str) -> list[tuple[str, Span]]:
    """Find every clause that a reference names, each once."""
    outline = outline_of(text)
    return [(item, span) for item in items_of(clause) if (span := place_of(item, outline))]


def _section(outline: Outline, match: re.Match[str]) -> Span | None:
    path = (match["first"].lower(), *(part.lower() for part in _PART.findall(match["rest"])))
    span = outline.section(path)
    if span is None:
        return None
    if match["to"]:
        last = tuple(_PART.findall(match["to"]))
        other = outline.section(last if len(last) > 1 else (*path[:-1], *last))
        return (span[0], other[1]) if other and other[1] > span[0] else span
    return _noted(outline, span, match["note"]) if match["note"] else span


def _noted(outline: Outline, span: Span, note: str) -> Span | None:
    """What of a section is meant: its last paragraph, or the definition of a term in it."""
    paragraphs = outline.paragraphs(span)
    if note in {"closing para", "last para"}:
        return paragraphs[-1]
    if note == "second para":
        told = [one for one in paragraphs if len(outline.text[slice(*one)].split()) > _HEADING_WORDS]
        return told[1] if len(told) > 1 else None
    if note == "last sentence":
        last = list(sentences(outline.text[slice(*span)]))[-1:]
        return (span[0] + last[0].start, span[0] + last[0].end) if last else None
    if note == "first condition":
        return next((found for label in ("a", "1", "i") if (found := outline._child(span, label))), None)  # noqa: SLF001
    if len(note) > _MAX_TERM or note[:1].islower():
        return span
    terms = [form for term in note.split("/") for form in (term, f"{term.removesuffix('s')}(s)")]
    return next((found for term in terms if (found := outline.definition(term, span))), None)


def _header(outline: Outline) -> Span | None:
    """What stands above section 1 and closes something."""
    first = next((mark.start for mark in outline.marks if mark.label == "1"), 0)
    for span in outline.paragraphs((0, first)):
        if any(hit.flag == "geographic_exclusion" for hit in restrictions_in(outline.text[slice(*span)])):
            return span
    return None


def _headed(outline: Outline, heading: str) -> Span | None:
    """A paragraph that begins with its own heading."""
    pattern = re.compile(rf"^[ \t>*_#\"“]{{0,8}}{re.escape(heading)}\b", re.MULTILINE)
    match = pattern.search(outline.text) if len(heading) <= _MAX_TERM else None
    if match is None:
        return None
    return next(iter(outline.paragraphs((match.start(), len(outline.text)))), None)


def _grants(text: str) -> bool:
    return bool(regex(r"\bgrants?\s+(?:to\s+)?you\b|\bhereby\s+granted?\b").search(" ".join(text.lower().split())))
