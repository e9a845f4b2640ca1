"""Words on terms beyond the card's body: free keys of its metadata, the gate's form, further pages and files of terms.

Each is laid out as a page and read by the reader of the card, so that a sentence closes wherever it stands. What is
word for word a known licence or policy is the clause table's to judge, and is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from osaudit.compiled import regex
from osaudit.evidence import Component, LicenceText, ModelRef, Statement, Where
from osaudit.files import licence_component
from osaudit.frozen import dataclass
from osaudit.licences.notices import is_notice
from osaudit.reading.licensing.gate import quoting
from osaudit.reading.licensing.terms import read_terms
from osaudit.reading.page.card import Layout, lay_out
from osaudit.reading.page.free import Piece
from osaudit.reading.page.markdown import MAX_BODY
from osaudit.reading.page.normal import hidden_by_marks, hidden_in
from osaudit.reading.page.passages import for_terms
from osaudit.reading.page.places import Document, document
from osaudit.reading.page.scripts import unread_script
from osaudit.reading.page.subjects import Own, Passage, passage_of, passages, place
from osaudit.reading.page.topics import Topic

MAX_STATEMENTS = 40
MAX_UNREAD = 20

_HOLDER = regex(r"(?i)copyright|©|\(c\)")
_WORD = regex(r"[^\W_]+")
_MIN_NAME = 3  # letters
_OF_TERMS: tuple[Topic, ...] = ("licence",)


@dataclass(frozen=True, slots=True)
class Page:
    """A text beside the card, laid out, with the sentences of it that are read."""

    layout: Layout
    passages: tuple[Passage, ...]


def is_known(text: LicenceText) -> bool:
    """Tell whether a text is known word for word, so that the clause table judges it and no word is left to read."""
    return bool(text.matches) and not text.residue_words and all(match.match == "exact" for match in text.matches)


def page_of(doc: Document, own: Own, text: LicenceText | None = None) -> Page:
    """Lay a file out; `text`: what it was identified as, whose known lines are left out.

    A file that is named for terms speaks of them in every sentence; a notice speaks of other people's code as well, and
    a further README of anything, so that their headings tell.
    """
    layout = lay_out(doc)
    spoken = passages(layout)
    known = tuple(match.lines for match in text.matches) if text else ()
    if known:
        spoken = tuple(one for one in spoken if not _within(doc.line_of(one.sentence.start), known))
    if text is not None and text.component == "docs":
        spoken = tuple(one for one in spoken if not _tells_holders(one, own))
    elif text is not None:
        spoken = tuple(passage_of(one.sentence, _OF_TERMS, one.lead) for one in spoken)
    return Page(layout, spoken)


def _tells_holders(passage: Passage, own: Own) -> bool:
    """Tell who holds the copyright of others' code, and "All rights reserved." below that, from words on terms.

    Where the publisher is named, it is his own notice: what he reserves may be the model.
    """
    text = passage.text
    told = bool(_HOLDER.search(text) or _HOLDER.match(passage.lead.strip()))
    return told and is_notice(text) and not _names_owner(f"{passage.lead} {text}", own)


def _names_owner(text: str, own: Own) -> bool:
    """Whether a word of the publisher's name on the Hub stands in a text."""
    words = {word.casefold() for word in _WORD.findall(text)}
    return any(word.casefold() in words for word in _WORD.findall(own.owner) if len(word) >= _MIN_NAME)


def _within(line: int, spans: Iterable[tuple[int, int]]) -> bool:
    return any(first <= line <= last for first, last in spans)


def page_terms(page: Page, own: Own) -> tuple[Statement, ...]:
    """List the restrictions and duties that a page states; a sub-project's licence speaks of its code alone."""
    part = licence_component(page.layout.card.path)
    found = read_terms(page.layout, for_terms(page.layout, page.passages), own)
    return (*(_of_part(one, part) for one in found), *hidden_words(page.layout, page.passages))


def _of_part(statement: Statement, part: Component) -> Statement:
    narrow = statement.subject == "any" and part in {"code", "data"}
    return replace(statement, subject=part) if narrow else statement


def piece_terms(pieces: Iterable[Piece], own: Own, card: Document | None) -> Iterator[Statement]:
    """List the restrictions that words outside the card's body state; `card` tells whether its lines hold them."""
    found = 0
    for piece in pieces:
        layout = lay_out(document(ModelRef(piece.where.repo), None, piece.where.path, f"{piece.words}\n", None))
        spoken = tuple(passage_of(one.sentence, piece.topics or one.topics, one.lead) for one in passages(layout))
        for term in read_terms(layout, for_terms(layout, spoken), own):
            found += 1
            if found > MAX_STATEMENTS:
                return
            yield replace(term, where=quoting(piece.where, term.where.quote or "", card))


def hidden_words(layout: Layout, spoken: Iterable[Passage]) -> tuple[Statement, ...]:
    """Tell where words were written so that a search misses them, the first place of each way."""
    found: dict[str, Where] = {}
    for passage in spoken:
        if not passage.sentence.text.isascii() and (done := hidden_in(passage.sentence.text)):
            found.setdefault(done, place(layout, passage))
    text = layout.card.text
    marked = hidden_by_marks(text[layout.body : layout.body + MAX_BODY])
    if marked is not None and not _in_code(layout, layout.body + marked[0]):
        start, end, done = marked
        found.setdefault(done, layout.card.where(layout.body + start, layout.body + end))
    return tuple(Statement("hidden-words", done, "any", "high", where) for done, where in found.items())


def _in_code(layout: Layout, at: int) -> bool:
    return any(block.kind == "code" and block.start <= at < block.end for block, _ in layout.blocks)


def scripts_of_terms(layout: Layout, spoken: Iterable[Passage]) -> Iterator[tuple[str, Where]]:
    """Name the scripts of sentences in a place of terms of which no table of words knows a language."""
    for one in spoken:
        if one.topic == "licence" and not one.text.isascii() and (script := unread_script(one.text)):
            yield f"words in the {script} script", place(layout, one)


def unread_terms(unread: Iterable[tuple[str, Where]]) -> tuple[Statement, ...]:
    """Say which files or addresses speak of terms by their names and were not read: what they hold is not known."""
    found = dict(unread)
    return tuple(
        Statement("unread-terms", name[:300], "any", "high", where) for name, where in list(found.items())[:MAX_UNREAD]
    )
