"""A card's sections: each heading, its span, and what it speaks of."""

from __future__ import annotations

from osaudit.compiled import regex
from osaudit.evidence import Section
from osaudit.frozen import dataclass
from osaudit.reading.page.frontmatter import find_block
from osaudit.reading.page.markdown import Block, blocks, definitions
from osaudit.reading.page.places import Document
from osaudit.reading.page.topics import Topic, topic_of

MAX_SECTIONS = 400
MAX_PLAIN_TITLE = 2  # words: a longer first heading is the model's title


@dataclass(frozen=True, slots=True)
class Layout:
    """A card cut into blocks, each with the topics of the headings above it, the nearest first."""

    card: Document
    body: int
    blocks: tuple[tuple[Block, tuple[Topic, ...]], ...]
    sections: tuple[Section, ...]
    targets: dict[str, str]


def lay_out(card: Document) -> Layout:
    """Cut a card into sections and blocks; the front matter is none of them."""
    block = find_block(card.text)
    body = block.body if block else 0
    cut = blocks(card.text, body)
    headings = _headings(cut)
    ends = _ends(headings, len(card.text))
    sections = (
        Section(heading.title, heading.level, topic, _lines(card, heading.start, end))
        for (heading, topic), end in zip(headings, ends, strict=True)
        if heading.title
    )
    return Layout(card, body, _topical(cut, headings), tuple(sections)[:MAX_SECTIONS], definitions(card.text))


def read_sections(card: Document) -> tuple[Section, ...]:
    """List a card's headings in order; each span ends before the next heading of its level or above."""
    return lay_out(card).sections


def _headings(cut: tuple[Block, ...]) -> list[tuple[Block, Topic]]:
    """Give each heading its topic; a title names the model and speaks of nothing else."""
    headings = [block for block in cut if block.kind == "heading"]
    topics = [topic_of(block.title) for block in headings]
    if headings and headings[0].level == 1 and len(regex(r"\w+").findall(headings[0].title)) > MAX_PLAIN_TITLE:
        topics[0] = "other"
    return list(zip(headings, topics, strict=True))


def _ends(headings: list[tuple[Block, Topic]], length: int) -> list[int]:
    """Find where each section ends, going backwards with the open headings on a stack."""
    ends: list[int] = []
    below: list[tuple[int, int]] = []
    for heading, _ in reversed(headings):
        while below and below[-1][0] > heading.level:
            below.pop()
        ends.append(below[-1][1] if below else length)
        below.append((heading.level, heading.start))
    return ends[::-1]


def _topical(
    cut: tuple[Block, ...], headings: list[tuple[Block, Topic]]
) -> tuple[tuple[Block, tuple[Topic, ...]], ...]:
    topics = {heading.start: topic for heading, topic in headings}
    above: list[tuple[int, Topic]] = []
    found: list[tuple[Block, tuple[Topic, ...]]] = []
    for block in cut:
        if block.kind == "heading":
            above = [entry for entry in above if entry[0] < block.level]
            above.append((block.level, topics[block.start]))
        found.append((block, tuple(topic for _, topic in reversed(above) if topic != "other")))
    return tuple(found)


def _lines(card: Document, start: int, end: int) -> tuple[int, int]:
    words = card.text[start:end]
    return card.line_of(start), card.line_of(start + max(0, len(words.rstrip()) - 1))
