"""Fences that hold text and not code: a notice set in a box, and what an unclosed fence swallows.

The Hub shows both. Lines of code, prompts and commands are left out, line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osaudit.compiled import regex
from osaudit.reading.page.card import Layout
from osaudit.reading.page.markdown import Block, sentences
from osaudit.reading.page.subjects import Passage, passage_of

MAX_LINES = 2_000

_OPENING = regex(r"[ \t>]*(`{3,}|~{3,})[ \t]*([^\s`{]*)")
_TEXTUAL = frozenset(
    ("", "text", "txt", "md", "markdown", "plain", "plaintext", "none", "license", "licence", "notice", "quote", "note")
)
_CODE = regex(
    r"[{}<>=;\\|$`\[\]]|\w\(|^\s*(?:#|//|>>>|%|@|--|\.|import |from \w+ import|pip |conda |git |python|docker|curl |"
    r"wget |cd |export |sudo |apt |npm |def |class |return\b)"
)
_PROMPT = regex(
    r"(?i)<\|?\w|\[/?inst\]|###|^[ \t]*(?:user|assistant|system|human|gpt|bot|input|output|instruction|prompt|response|"
    r"question)\s*[:：]|\byou are an?\b|\ba chat between\b|\{\w+\}",
    re.MULTILINE,
)
_WORDS = regex(r"(?:[^\W\d_]{2,}[^\w\n]+){2}[^\W\d_]{2,}|[^\x00-\u02ff]{4}")


def fenced(layout: Layout) -> Iterator[Passage]:
    """Give the sentences of prose that stand in fences."""
    text = layout.card.text
    for block, topics in layout.blocks:
        if block.kind != "code":
            continue
        opening = _OPENING.match(text, block.start, block.end)
        if opening is None:
            continue
        is_open = not _is_closed(text, block, opening.group(1))
        if opening.group(2).lower() in _TEXTUAL or is_open:
            start = text.find("\n", block.start, block.end)
            for span in _prose(text, start + 1, block.end, whole=not is_open) if start >= 0 else ():
                for sentence in sentences(text, Block("paragraph", *span), layout.targets):
                    yield passage_of(sentence, topics, "")


def _is_closed(text: str, block: Block, mark: str) -> bool:
    """Tell whether a fence has an end of its own; without one it runs to the end of the page."""
    if block.end < len(text.rstrip()):
        return True
    last = text[text.rfind("\n", block.start, block.end) + 1 : block.end]
    return text.find("\n", block.start, block.end) >= 0 and last.strip(" \t>\r").startswith(mark)


def _prose(text: str, start: int, end: int, *, whole: bool) -> Iterator[tuple[int, int]]:
    """Find the stretches of lines that are prose; a closed fence that holds a prompt has none."""
    if whole and _PROMPT.search(text, start, end):
        return
    opened = -1
    at = start
    for _ in range(MAX_LINES):
        if at >= end:
            break
        stop = text.find("\n", at, end)
        stop = end if stop < 0 else stop
        line = text[at:stop]
        is_prose = _WORDS.search(line) is not None and not _CODE.search(line) and not _PROMPT.search(line)
        if is_prose and opened < 0:
            opened = at
        if opened >= 0 and not is_prose and not (line.strip() and line.strip()[-1:] in ".!。"):
            yield opened, at
            opened = -1
        at = stop + 1
    if opened >= 0:
        yield opened, min(at, end)
