"""A YAML file that a person wrote for osaudit: read within bounds, with the same answer for every reader of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from osaudit.compiled import made
from osaudit.errors import UsageError
from osaudit.resources import data_path

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 40

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# a safe loader trips over its own tags and numbers with errors of many kinds
_NOT_YAML = (yaml.YAMLError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)


def read_bytes(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """Read a file; UsageError where it is not there, not readable, or too large."""
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{path.name[:100]} cannot be read: {why or error}") from error
    if len(data) > max_bytes:
        raise UsageError(f"{path.name[:100]} is over {max_bytes // 1024} KB, too large for what it should be")
    return data


def own_table(*parts: str) -> Any:  # noqa: ANN401 - YAML enters here
    """Read a table of the project's own by its path below `criteria/`; parsed anew only where the file was changed.

    Keys are texts, days are text; UsageError where it cannot be read.
    """
    path = data_path("criteria", *parts)
    data = read_bytes(path)
    return made("/".join(parts), data, lambda: parse_yaml(data, path.name, strict=False))


def own_tables(folder: str) -> dict[str, Any]:
    """Read every table of a folder below `criteria/`, by the names of their files."""
    files = {path.name: read_bytes(path) for path in sorted(data_path("criteria", folder).glob("*.yaml"))}
    source = b"\0".join(part for name, data in files.items() for part in (name.encode(), data))
    tables: dict[str, Any] = made(
        folder, source, lambda: {name: parse_yaml(data, name, strict=False) for name, data in files.items()}
    )
    return tables


def parse_yaml(data: bytes, name: str, *, strict: bool = True) -> Any:  # noqa: ANN401 - YAML enters here
    """Parse YAML without aliases or deep nesting; days become text. UsageError where it is none.

    `strict` refuses a key that stands twice in one mapping: of such two, a person reads one and a program the other.
    """
    try:
        _bounded(data, name)
        if strict:
            _keys_once(yaml.compose(data, Loader=_LOADER), name)
        return _plain(yaml.load(data, Loader=_LOADER))  # noqa: S506 - a safe loader either way
    except _NOT_YAML as error:
        raise UsageError(f"{name} is {_why(error)}") from error


def lines_of(data: bytes, key: str) -> tuple[int, ...]:
    """Give the line, from 1, in which each item of a list begins that stands under a key; of YAML that was parsed."""
    root = yaml.compose(data, Loader=_LOADER)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    held = next((value for name, value in pairs if name.value == key), None)
    return tuple(one.start_mark.line + 1 for one in held.value) if isinstance(held, yaml.SequenceNode) else ()


def _why(error: Exception) -> str:
    """Say what is wrong; the C scanner has a bound of its own on nesting, and meets it before the parser's events."""
    problem = getattr(error, "problem", None) or (str(error).splitlines() or [type(error).__name__])[0]
    if "nesting depth" in problem:
        return f"nested more than {MAX_DEPTH} levels deep"
    return f"not readable YAML: {problem[:200]}"


def _bounded(data: bytes, name: str) -> None:
    """Walk the events, which needs no recursion: the C loader does not survive a hundred thousand open brackets."""
    depth = 0
    for event in yaml.parse(data, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise UsageError(f"{name} has YAML aliases (*name): write the words out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise UsageError(f"{name} is nested more than {MAX_DEPTH} levels deep")


def _keys_once(root: yaml.Node | None, name: str) -> None:
    for node in _nodes(root):
        known: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in known:
                line = key.start_mark.line + 1
                raise UsageError(f"{name} has the key “{key.value[:60]}” twice, again in line {line}")
            known.add(key.value if isinstance(key, yaml.ScalarNode) else "")


def _nodes(node: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    if isinstance(node, yaml.MappingNode):
        yield node
        for _, value in node.value:
            yield from _nodes(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _nodes(value)


def _plain(value: Any) -> Any:  # noqa: ANN401 - YAML
    """Turn days, which YAML reads as objects, back into what was written."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value
