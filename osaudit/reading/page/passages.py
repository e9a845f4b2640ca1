"""The passages of a page as a reader of terms needs them: each piece of text that a careful person looks at, once.

A table's row is read with its header, a question with its answer, a mark as the word that it stands for; text in
fences, the words of images and of titles come as well. The place stays that of the original.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from osaudit.compiled import regex
from osaudit.reading.page.card import Layout
from osaudit.reading.page.fences import fenced
from osaudit.reading.page.markdown import MAX_SENTENCE, BlockKind, Sentence
from osaudit.reading.page.subjects import Passage, passage_of
from osaudit.reading.page.tables import html_rows, rows_with_headers
from osaudit.reading.page.topics import Topic

MAX_BESIDE = 200  # pieces of text in images, titles and further tables
SEAM = 250  # characters on either side of a cut through a long sentence

_NO_MARK, _YES_MARK = "❌🚫⛔✗✘✖🛑❎🙅", "✅✔☑✓🆗"
_MARKS = regex(f"(?P<no>[{_NO_MARK}]+)|(?P<yes>[{_YES_MARK}]+)")
_LEADING = regex(f"^[\\W_]{{0,6}}(?:(?P<no>[{_NO_MARK}])|(?P<yes>[{_YES_MARK}]))[{_NO_MARK}{_YES_MARK}]*[\\s:*_-]*")
_FOOTNOTE = regex(r"^\[\^[^\]\s]{1,60}\]:?\s*")
_ASKED = regex(r"[?？][\"'*_)\]\s]*$")
_LABEL = regex(
    r"(?i)^\W{0,4}(?:q(?:uestion)?|a(?:nswer)?|f|r|問|答|问)\s?\d{0,3}"
    r"[.:：)]\s*"
)
_NO = regex(
    r"(?i)^\W{0,4}(?:no(?:pe)?|never|not (?:at all|really|yet|allowed|permitted|currently)|nein|non|nei|nej|nee|não|"
    r"нет|ні|nie|ne|ei|nem|nu|hayır|tidak|không|όχι)(?![\w'’])"
    r"|^\W{0,4}(?:不(?:可以|能|行|允许|可)?|否|没有|いいえ|できません|不可|아니[요오]|안 ?됩니다|لا|خیر|नहीं|לא|ไม่)"
)
_YES = regex(
    r"(?i)^\W{0,4}(?:yes|yep|sure|of course|absolutely|ja|oui|sí|si|sim|sì|да|так|tak|ano|evet|ya|có|ναι|kyllä|igen|da)"
    r"(?![\w'’])|^\W{0,4}(?:是|可以|能|はい|できます|네|예|نعم|بله|हाँ|כן|ได้)"
)
_OF_DUTY = regex(
    r"(?i)\b(?:restrict\w*|limit\w*|need|require\w*|have to|must|cost\w*|fees?|charge|pay|prohibit\w*|forbid\w*|"
    r"forbidden|banned|illegal|exclud\w*|condition\w*|obliged)\b|限制|需要|禁止|必須|必要"
)
_IMAGE = regex(r"!\[(?P<alt>[^\]\n]{6,300})\]\(|\]\([^()\s]{1,800}[ \t]+\"(?P<title>[^\"\n]{6,300})\"\)")
_ATTRIBUTE = regex(
    r"[AaTt](?i:(?<=\ba)(?:lt|ria-label)|(?<=\bt)itle)\s{0,3}=\s{0,3}(?:\"(?P<double>[^\"<>]{6,300})\"|'(?P<single>[^'<>]{6,300})')"
)
_WORDS = regex(r"[^\W\d_]{2,}[\W_]+[^\W\d_]{2,}|[^\x00-\u02ff]{4}")


def for_terms(layout: Layout, spoken: Sequence[Passage]) -> tuple[Passage, ...]:
    """Give the passages in which words on terms may stand, those of the page's prose first."""
    rows = rows_with_headers(layout)
    prose = (_as_read(passage, rows.get(passage.sentence.start)) for passage in spoken)
    return (*_answered(list(prose)), *_seams(layout, spoken), *fenced(layout), *_beside(layout))


def _as_read(passage: Passage, row: str | None) -> Passage:
    """Write a passage's marks as words, and a row with its header."""
    if passage.sentence.kind == "row":
        return _reworded(passage, row) if row else passage
    text = passage.text
    if text.startswith("[^"):
        text = _FOOTNOTE.sub("", text)
    if not text.isascii() and _MARKS.search(text):
        text = marks_as_words(text)
    return passage if text == passage.text else _reworded(passage, text, kind=passage.sentence.kind)


def marks_as_words(text: str) -> str:
    """Write a cross or a no-entry sign as "not allowed", and a tick as "allowed", where they stand for it."""
    leading = _LEADING.match(text)
    if leading:
        rest = text[leading.end() :]
        text = f"{'not allowed' if leading.group('no') else 'allowed'}: {rest}" if rest else text
    return _MARKS.sub(lambda found: "not allowed" if found.group("no") else "allowed", text)


def _reworded(passage: Passage, text: str, kind: BlockKind = "item") -> Passage:
    return passage_of(passage.sentence._replace(text=text, kind=kind), passage.topics, passage.lead)


def _answered(spoken: list[Passage]) -> Iterator[Passage]:
    """Put a question and its short answer together: "Can it be sold? No." closes, and neither half does."""
    at = 0
    while at < len(spoken):
        passage = spoken[at]
        answer = spoken[at + 1] if at + 1 < len(spoken) and _ASKED.search(passage.text[-12:]) else None
        joined = _joined(passage, answer) if answer is not None else None
        yield joined or passage
        at += 2 if joined else 1


def _joined(question: Passage, answer: Passage) -> Passage | None:
    asked, told = _LABEL.sub("", question.text.lstrip("# \t")), _LABEL.sub("", answer.text)
    denied, granted = _NO.match(told), _YES.match(told)
    if not (denied or granted) or answer.sentence.kind == "row":
        return None
    word = "" if _OF_DUTY.search(asked) else "Not allowed: " if denied else "Allowed: "
    words = Sentence(
        f"{word}{asked} {told}",
        (*question.sentence.links, *answer.sentence.links),
        question.sentence.start,
        answer.sentence.end,
        "paragraph",
    )
    return passage_of(words, answer.topics or question.topics, question.lead)


def _seams(layout: Layout, spoken: Sequence[Passage]) -> Iterator[Passage]:
    """Read over the cuts that a bound of length makes in a long sentence."""
    for before, after in pairwise(spoken):
        cut = before.sentence.end
        if cut == after.sentence.start and cut - before.sentence.start == MAX_SENTENCE:
            text = layout.card.text[cut - SEAM : cut + SEAM]
            start, end = cut - SEAM + text.find(" ") + 1, cut - SEAM + text.rfind(" ")
            if start < end:
                words = " ".join(layout.card.text[start:end].split())
                yield passage_of(
                    before.sentence._replace(text=words, links=(), start=start, end=end), before.topics, before.lead
                )


def _beside(layout: Layout) -> Iterator[Passage]:
    """Read the words of images, the titles of links, and the rows of HTML tables."""
    for text, start, end, topics in islice((*_titles(layout), *html_rows(layout)), MAX_BESIDE):
        words = marks_as_words(text) if not text.isascii() else text
        yield passage_of(Sentence(words, (), start, end, "item"), topics, "")


def _titles(layout: Layout) -> Iterator[tuple[str, int, int, tuple[Topic, ...]]]:
    text = layout.card.text
    patterns = [_IMAGE] if "![" in text or '")' in text else []
    patterns += [_ATTRIBUTE] if "alt=" in text or "title=" in text or "aria-label" in text else []
    for pattern in patterns:
        for found in pattern.finditer(text, layout.body):
            group = found.lastgroup or ""
            if _WORDS.search(found.group(group)):
                yield found.group(group), found.start(group), found.end(group), ()
