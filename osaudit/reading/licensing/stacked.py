"""Licences that stand one below the other in a file: that of the code, then those of what was taken into it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from osaudit.evidence import LicenceText, Unknown
from osaudit.licences.headers import named_in
from osaudit.licences.restrictions import restrictions_in
from osaudit.reading.licensing.terms import read_terms
from osaudit.reading.licensing.texts import read_file
from osaudit.reading.page.card import lay_out
from osaudit.reading.page.passages import for_terms
from osaudit.reading.page.places import Document, document
from osaudit.reading.page.subjects import Own, passages

WITH_FORCE = frozenset({"restriction", "requirement", "unclear-terms"})
"""What words say that bind the use, or may."""

_RULE = re.compile(r"(?m)^[ \t]*[-=*#_]{2,}[^\n]*$")
_COMMENT = re.compile(r"(?m)^[ \t]*#[ \t]?")
_SEVERAL = 2
_FEW = 20  # words that say whose code a licence is for
_ALMOST = 0.99  # of its six-word shingles: a year, or a letter
_ASIDE = 110  # words: the notice by which a file is put under Apache-2.0 has some 90
_A_PART = Unknown("it is a part of its file, whose whole is kept by its hash")


def of_any(text: LicenceText) -> LicenceText:
    """A text of a folder governs what lies in it, whatever the folder is called."""
    part = text.component
    return replace(text, component="any") if part == "code" else text


def each_licence(doc: Document, whole: LicenceText, own: Own) -> tuple[LicenceText, ...]:
    """The licences that stand one below the other in a file between ruled lines, where each is known word for word.

    A file whose other words say anything on what may be done is left as the one text that it was read as.
    """
    rules = [found.span() for found in _RULE.finditer(doc.text)]
    spans = zip([0, *(end for _, end in rules)], [*(start for start, _ in rules), len(doc.text)], strict=True)
    pieces = [_piece(doc, start, doc.text[start:end]) for start, end in spans if doc.text[start:end].strip()]
    known = [piece for piece in pieces if piece.text.matches]
    if len(known) < _SEVERAL or not all(piece.is_known or piece.is_aside for piece in pieces):
        return (of_any(whole),)
    keys = {match.key for piece in known for match in piece.text.matches}
    named = {key for piece in pieces if piece.is_aside for one in named_in(piece.words) for key in one.keys}
    said = any(_says_something(piece.left_over, doc, own) for piece in pieces)
    return (of_any(whole),) if said or named - keys else tuple(_settled(piece.text) for piece in known)


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands between two ruled lines of a file of licences."""

    text: LicenceText
    words: str

    @property
    def is_known(self) -> bool:
        """One licence word for word; a year is none of its words, nor is a line that says whose code it is for."""
        matches = self.text.matches
        if len(matches) != 1 or self.text.restrictions:
            return False
        return matches[0].match == "exact" or self.text.residue_words <= _FEW or matches[0].cover > _ALMOST

    @property
    def is_aside(self) -> bool:
        """Some words between the licences."""
        return not self.text.matches and not self.text.restrictions and len(self.words.split()) <= _ASIDE

    @property
    def left_over(self) -> str:
        """What is no licence's."""
        return self.words if self.is_aside else "\n\n".join(self.text.residue)


def _piece(doc: Document, start: int, piece: str) -> _Piece:
    plain = _COMMENT.sub("", piece) if piece.count("\n#") > piece.count("\n") // 2 else piece
    read = read_file(document(doc.ref, doc.commit, doc.path, plain, doc.sha256))
    before = doc.line_of(start) - 1
    first, last = read.where.lines or (1, 1)
    where = doc.place((first + before, last + before), None)
    clauses = tuple(replace(one, where=replace(one.where, lines=where.lines, url=where.url)) for one in read.clauses)
    return _Piece(replace(of_any(read), where=where, clauses=clauses, located=(), text=_A_PART), plain)


def _settled(text: LicenceText) -> LicenceText:
    """A piece that is a licence word for word but for a year, or for the words that say whose code it is for."""
    matches = tuple(replace(match, match="exact") for match in text.matches)
    return replace(text, matches=matches, residue_words=0, residue=())


def _says_something(words: str, doc: Document, own: Own) -> bool:
    """Whether words beside licences say anything with force on what may be done: what no rule explains does too."""
    if not words.strip():
        return False
    layout = lay_out(document(doc.ref, doc.commit, doc.path, f"{words}\n", None))
    told = read_terms(layout, for_terms(layout, passages(layout)), own)
    return any(one.kind in WITH_FORCE for one in told) or bool(restrictions_in(words))
