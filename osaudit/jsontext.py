"""JSON that may be shown: strangers' words stand in its strings, and can be written so that nothing obeys them."""

from __future__ import annotations

import functools
import json
import re
from typing import Any

import orjson

# Escaped, these reach no terminal (controls, marks of direction) and no CI's log (`##[error]`, `##vso[`).
_UNSEEN = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def shown(text: str) -> str:
    """Escape what no terminal and no log may see; the values stay the same."""
    if "##" not in text and not _UNSEEN.search(text):
        return text  # Python looks for signs alone several times as fast as for signs or words
    return _escaped().sub(lambda found: f"\\u{ord(found[0]):04x}", text)


_ALL: Any = object()


@functools.cache
def _escaped() -> re.Pattern[str]:
    return re.compile(_UNSEEN.pattern + "|#(?=#\\w*\\[)")


def indented(data: object, indent: int, *, allow_nan: bool = False, fractions: object = _ALL) -> str:
    """Return JSON with an indent of 1 or 2: what `json.dumps` gives without `ensure_ascii`, letter by letter.

    `fractions` are the parts of it that hold fractions, or keys that are no text, where that is known: all others are
    taken to hold none. ValueError for a number that JSON does not have, unless they are allowed.
    """
    if not _is_alike(data if fractions is _ALL else fractions):
        return json.dumps(data, ensure_ascii=False, indent=indent, allow_nan=allow_nan)
    try:
        text = orjson.dumps(data, option=orjson.OPT_INDENT_2)
    except TypeError:  # half of a pair of surrogates, a number of more than 64 bits
        return json.dumps(data, ensure_ascii=False, indent=indent, allow_nan=allow_nan)
    return (text if indent == _INDENT else _halved(text)).decode()


_INDENT = 2
"""The one that orjson knows."""
_DEEPEST = 64
_MARK = b"\x01"
"""Stands in no JSON as it is."""


def _halved(text: bytes) -> bytes:
    """Take one of two spaces before each line: no text of a value has a line's end in it."""
    depth = next(depth for depth in range(_DEEPEST) if b"\n" + b"  " * (depth + 1) not in text)
    for level in range(depth, 0, -1):
        text = text.replace(b"\n" + b"  " * level, b"\n" + _MARK * level)
    return text.replace(_MARK, b" ")


def _is_alike(data: Any) -> bool:  # noqa: ANN401 - JSON
    """Tell whether both write the same: keys are texts, and no number is written with an exponent, or is none."""
    stack, depth = [data], 0
    while stack:
        depth += 1
        if depth >= _DEEPEST:
            return False
        level: list[Any] = []
        for value in stack:
            kind = type(value)
            if kind is dict:
                if not all(type(key) is str for key in value):
                    return False
                level += value.values()
            elif kind is list or kind is tuple:
                level += value
            elif kind is float:
                if not (value == 0 or _SMALL <= abs(value) < _LARGE):
                    return False
            elif kind not in _SIMPLE:
                return False
        stack = level
    return True


_SMALL, _LARGE = 1e-4, 1e15
_SIMPLE = {str, int, bool, type(None)}
