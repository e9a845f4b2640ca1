"""Lines of a terminal: how wide a text stands there, and where it may be broken."""

from __future__ import annotations

import unicodedata


def width_of(text: str) -> int:
    """Return the columns that the text takes: two for East Asian wide characters, none for combining marks."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def pad(text: str, width: int) -> str:
    """Fill the text with spaces to `width` columns; a longer one is cut, with an ellipsis."""
    if width_of(text) > width:
        text = _split(text, max(width - 1, 1))[0] + "…"
    return text + " " * (width - width_of(text))


def wrap(text: str, width: int) -> list[str]:
    """Break a line into lines of at most `width` columns: at spaces, between wide characters, else within the word."""
    lines, line, room = [], "", width
    for word in text.split(" "):
        rest = word
        while rest:
            joint = " " if line and rest is word else ""
            if width_of(joint + rest) <= room:
                line, room, rest = line + joint + rest, room - width_of(joint + rest), ""
                continue
            head, tail = _split(rest, room - len(joint)) if _breaks_here(rest, line, width) else ("", rest)
            lines.append(line + joint + head if head else line)
            line, room, rest = "", width, tail
    return [*lines, line] if line or not lines else lines


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _breaks_here(word: str, line: str, width: int) -> bool:
    return not line or width_of(word) > width or _columns(word[0]) == 2  # noqa: PLR2004 - a wide character


def _split(word: str, room: int) -> tuple[str, str]:
    used = 0
    for index, char in enumerate(word):
        used += _columns(char)
        if used > room:
            return word[:index], word[index:]
    return word, ""
