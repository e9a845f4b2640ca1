"""The expressions of a GitHub action, as far as ours has them: `inputs.x == 'true' && steps.y.outputs.z != ''`.

Literals, contexts, `!`, `==`, `!=`, `&&`, `||`, brackets and calls, as GitHub's documentation tells them:
strings are compared without regard to case, and an unknown context is empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|&&|\|\||==|!=|[!(),]|[\w.-]+)")
Functions = Mapping[str, Callable[..., str | bool]]


def filled(text: str, contexts: Mapping[str, str], functions: Functions) -> str:
    """Put the values of the expressions into a text."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: _text(evaluated(found[1], contexts, functions)), text)


def evaluated(text: str, contexts: Mapping[str, str], functions: Functions) -> str | bool:
    """Evaluate one expression; the doubled braces around it may stand or not."""
    inner = text.strip().removeprefix("${{").removesuffix("}}").strip()
    tokens: list[str] = []
    at = 0
    while at < len(inner):
        found = _TOKEN.match(inner, at)
        assert found, f"no expression: {inner[at:]!r}"
        tokens.append(found[1])
        at = found.end()
    value, left = _either(tokens, contexts, functions)
    assert not left, left
    return value


def _text(value: str | bool) -> str:  # noqa: FBT001 - a value
    return value if isinstance(value, str) else str(value).lower()


def _either(
    tokens: Sequence[str], contexts: Mapping[str, str], functions: Functions
) -> tuple[str | bool, Sequence[str]]:
    value, tokens = _both(tokens, contexts, functions)
    while tokens and tokens[0] == "||":
        other, tokens = _both(tokens[1:], contexts, functions)
        value = value or other
    return value, tokens


def _both(tokens: Sequence[str], contexts: Mapping[str, str], functions: Functions) -> tuple[str | bool, Sequence[str]]:
    value, tokens = _same(tokens, contexts, functions)
    while tokens and tokens[0] == "&&":
        other, tokens = _same(tokens[1:], contexts, functions)
        value = value and other
    return value, tokens


def _same(tokens: Sequence[str], contexts: Mapping[str, str], functions: Functions) -> tuple[str | bool, Sequence[str]]:
    value, tokens = _one(tokens, contexts, functions)
    while tokens and tokens[0] in {"==", "!="}:
        other, rest = _one(tokens[1:], contexts, functions)
        value = (_text(value).lower() == _text(other).lower()) == (tokens[0] == "==")
        tokens = rest
    return value, tokens


def _one(tokens: Sequence[str], contexts: Mapping[str, str], functions: Functions) -> tuple[str | bool, Sequence[str]]:
    first, *rest = tokens
    if first == "!":
        value, left = _one(rest, contexts, functions)
        return not value, left
    if first == "(":
        value, left = _either(rest, contexts, functions)
        assert left[0] == ")"
        return value, left[1:]
    if first.startswith("'"):
        return first[1:-1].replace("''", "'"), rest
    if rest and rest[0] == "(":
        return _call(first, rest[1:], contexts, functions)
    assert first in {"true", "false"} or "." in first, first
    return {"true": True, "false": False}.get(first, contexts.get(first, "")), rest


def _call(
    name: str, tokens: Sequence[str], contexts: Mapping[str, str], functions: Functions
) -> tuple[str | bool, Sequence[str]]:
    given: list[str | bool] = []
    while tokens[0] != ")":
        value, tokens = _either(tokens[1:] if tokens[0] == "," else tokens, contexts, functions)
        given.append(value)
    return functions[name](*given), tokens[1:]
