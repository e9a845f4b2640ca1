"""JSON with the place of every string, within bounds; comments and commas at ends are passed over."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from osaudit.gate.scan.keyed import Leaf, Mapping, Node, Sequence

MAX_DEPTH = 60
_TOKEN = re.compile(
    r"""(?P<space>[\s,:\ufeff]+|//[^\n]*|/\*.*?\*/)|(?P<string>"(?:[^"\\\n]|\\.)*")|(?P<open>[\[{])|(?P<close>[\]}])"""
    r"""|(?P<other>[^\s,:\[\]{}"]+)""",
    re.DOTALL | re.VERBOSE,
)


_LITERAL = re.compile(r"true|false|null|NaN|[+-]?Infinity|[+-]?[\d.][\w.+-]*")


class NotReadableError(ValueError):
    """A file is not what its name says; the message says why."""


@dataclass(slots=True)
class _Open:
    node: Mapping | Sequence
    key: str | None = None


def read_json(text: str, path: str) -> Node:
    """Read JSON into leaves with places; NotReadableError where brackets and quotes do not match."""
    lines = _Lines(text)
    root = Sequence([])
    stack = [_Open(root)]
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise NotReadableError(f"not readable JSON, line {lines.of(at)[0]}")
        at = token.end()
        _take(token, stack, lines, path)
    if len(stack) != 1:
        raise NotReadableError("not readable JSON: it ends too early")
    return root.items[0] if len(root.items) == 1 else root


def _take(token: re.Match[str], stack: list[_Open], lines: _Lines, path: str) -> None:
    match token.lastgroup:
        case "open":
            stack.append(_Open(Mapping([]) if token[0] == "{" else Sequence([])))
            if len(stack) > MAX_DEPTH:
                raise NotReadableError(f"nested more than {MAX_DEPTH} levels deep")
        case "close":
            closed = stack.pop()
            if not stack or isinstance(closed.node, Mapping) != (token[0] == "}"):
                raise NotReadableError(f"not readable JSON, line {lines.of(token.start())[0]}")
            _put(stack[-1], closed.node)
        case "string":
            _string(stack[-1], token, lines, path)
        case "other" if not _LITERAL.fullmatch(token[0]):
            raise NotReadableError(f"not readable JSON, line {lines.of(token.start())[0]}")
        case "other":
            _put(stack[-1], Leaf(token[0], *lines.of(token.start()), path, is_text=False))
        case _:
            pass


def _string(within: _Open, token: re.Match[str], lines: _Lines, path: str) -> None:
    try:
        value = json.loads(token[0], strict=False)
    except ValueError as error:
        raise NotReadableError(f"not readable JSON, line {lines.of(token.start())[0]}") from error
    if isinstance(within.node, Mapping) and within.key is None:
        within.key = value
        return
    line, column = lines.of(token.start())
    _put(within, Leaf(value, line, column + 1, path))


def _put(within: _Open, node: Node) -> None:
    if isinstance(within.node, Sequence):
        within.node.items.append(node)
    elif within.key is None:
        within.key = node.text if isinstance(node, Leaf) else ""
    else:
        within.node.pairs.append((within.key, node))
        within.key = None


class _Lines:
    """Lines of a text, found as offsets only grow."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.line, self.start = text, 0, 1, 0

    def of(self, offset: int) -> tuple[int, int]:
        """The line and column, from 1, of an offset that is no smaller than the one before."""
        newlines = self.text.count("\n", self.at, offset)
        if newlines:
            self.line += newlines
            self.start = self.text.rfind("\n", 0, offset) + 1
        self.at = offset
        return self.line, offset - self.start + 1
