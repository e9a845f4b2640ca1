"""YAML, TOML and INI files as keys and values with their places, each within bounds."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

import yaml

from osaudit.gate.scan.jsonplaces import MAX_DEPTH, NotReadableError
from osaudit.gate.scan.keyed import Leaf, Mapping, Node, Sequence

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEMPLATE = re.compile(r"\{\{-?[^{}\n]*\}\}")
_TEMPLATE_LINE = re.compile(r"^[ \t]*\{\{-?[^{}\n]*-?\}\}[ \t]*$", re.MULTILINE)
_EXPRESSION = re.compile(r"\$\{\{\s*(?:env|vars|inputs|matrix|github\.event\.inputs)\.(\w+)\s*\}\}")
_VALUES = re.compile(r"\.Values((?:\.\w+)+)")
_HEADER = re.compile(r"^[ \t]*\[{1,2}[ \t]*([^\[\]#\n]+?)[ \t]*\]{1,2}[ \t]*(?:#.*)?$")
_SETS = re.compile(r"^[ \t]*(?:[\w-]+|\"[^\"\n]*\"|'[^'\n]*')(?:[ \t]*\.[ \t]*(?:[\w-]+|\"[^\"\n]*\"))*[ \t]*=")
_LONGEST = 400
"""Lines of one value in TOML."""


def read_yaml(text: str, path: str) -> Iterator[Node]:
    """Give the documents of a YAML file; NotReadableError where it is none, or goes too deep.

    A template of Helm's is read with its directives blanked out, and `.Values` written as a shell's variable.
    """
    source = _untemplated(text) if "{{" in text else text
    rows = source.split("\n")
    open_: list[_Open] = []
    anchors: dict[str, Node] = {}
    try:
        for event in yaml.parse(source, Loader=_LOADER):
            yield from _event(event, open_, anchors, rows, path)
    except NotReadableError:
        raise
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        problem = getattr(error, "problem", None) or type(error).__name__
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise NotReadableError(f"not readable YAML: {str(problem)[:100]}, line {line}") from error


_Open = tuple[Mapping | Sequence, list[str]]
"""A mapping or sequence that is not closed yet, and the key that waits for its value."""


def _event(
    event: yaml.Event, open_: list[_Open], anchors: dict[str, Node], rows: list[str], path: str
) -> Iterator[Node]:
    match event:
        case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
            open_.append((Mapping() if isinstance(event, yaml.MappingStartEvent) else Sequence(), []))
            if len(open_) > MAX_DEPTH:
                raise NotReadableError(f"nested more than {MAX_DEPTH} levels deep")
        case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
            yield from _put(open_, open_.pop()[0])
        case yaml.ScalarEvent():
            leaf = _leaf(event, rows, path)
            if event.anchor:
                anchors[event.anchor] = leaf
            yield from _put(open_, leaf)
        case yaml.AliasEvent():
            known = anchors.get(event.anchor or "")
            yield from _put(open_, known if known is not None else Sequence())
        case _:
            pass


def _put(open_: list[_Open], node: Node) -> Iterator[Node]:
    if not open_:
        yield node
        return
    within, keys = open_[-1]
    if isinstance(within, Sequence):
        within.items.append(node)
    elif keys:
        within.pairs.append((keys.pop(), node))
    else:
        keys.append(node.text if isinstance(node, Leaf) else "")


def _leaf(event: yaml.ScalarEvent, rows: list[str], path: str) -> Leaf:
    start, end = event.start_mark, event.end_mark
    if start is None or end is None:
        return Leaf(event.value, 1, 1, path)
    several = end.line > start.line
    held = tuple(rows[start.line : end.line + 1]) if several else ()
    quoted = 1 if event.style in {"'", '"'} else 0
    is_text = bool(event.style) or event.value not in {"", "null", "~", "true", "false"}
    return Leaf(event.value, start.line + 1, start.column + 1 + quoted, path, is_text, event.style == "|", held)


def _untemplated(text: str) -> str:
    text = _TEMPLATE_LINE.sub("", _EXPRESSION.sub(r"${\1}", text))
    return _TEMPLATE.sub(_placeholder, text)


def _placeholder(found: re.Match[str]) -> str:
    value = _VALUES.search(found[0])
    return f"${{.Values{value[1]}}}" if value else "__template__"


def read_toml(text: str, path: str) -> Mapping:
    """Read TOML into leaves with places; NotReadableError where it is none.

    The library reads the whole file first, then each value by itself, so that the value's line is known.
    """
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotReadableError(f"not readable TOML: {str(error)[:100]}") from error
    root = Mapping()
    table = root
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        if header := _HEADER.match(lines[at]):
            table = _table(root, header[1], many=lines[at].lstrip().startswith("[["))
            at += 1
        elif _SETS.match(lines[at]):
            at = _statement(table, lines, at, path)
        else:
            at += 1
    return root


def _table(root: Mapping, name: str, *, many: bool) -> Mapping:
    within = root
    for part in re.findall(r"\"[^\"]*\"|'[^']*'|[^.\s]+", name)[:MAX_DEPTH]:
        key = part.strip("\"'")
        held = next((node for own, node in reversed(within.pairs) if own == key and isinstance(node, Mapping)), None)
        if held is None or (many and part == name.rpartition(".")[2]):
            held = Mapping()
            within.pairs.append((key, held))
        within = held
    return within


def _statement(table: Mapping, lines: list[str], at: int, path: str) -> int:
    """Read `key = value`, over as many lines as the value takes; give the line behind it."""
    for end in range(at + 1, min(len(lines), at + _LONGEST) + 1):
        source = "\n".join(lines[at:end])
        try:
            data = tomllib.loads(source)
        except (ValueError, RecursionError):
            continue
        table.pairs += _placed(data, source, at + 1, path).pairs
        return end
    return at + 1


def _placed(data: object, source: str, line: int, path: str) -> Mapping:
    root = _of(data, source, line, path, [0])
    return root if isinstance(root, Mapping) else Mapping()


def _of(data: object, source: str, line: int, path: str, behind: list[int]) -> Node:
    """Values in the order in which they stand; each is looked for behind the one before."""
    match data:
        case dict():
            return Mapping([(key, _of(value, source, line, path, behind)) for key, value in data.items()])
        case list():
            return Sequence([_of(value, source, line, path, behind) for value in data])
        case str():
            equals = behind[0] or source.find("=") + 1
            found = source.find(data.split("\n")[0], equals) if data else -1
            found = found if found >= 0 else equals
            behind[0] = found + len(data)
            before = source[:found]
            column = found - (before.rfind("\n") + 1) + 1
            rows = tuple(source[found:].split("\n")) if "\n" in data else ()
            return Leaf(data, line + before.count("\n"), column, path, rows=rows)
        case _:
            return Leaf(str(data)[:100], line, 1, path, is_text=False)


def read_ini(text: str, path: str) -> Mapping:
    """Read the sections of an INI file, as configparser and spaCy's settings have them."""
    root = Mapping()
    section = root
    for number, line in enumerate(text.split("\n"), 1):
        plain = line.strip()
        if plain.startswith("[") and plain.endswith("]"):
            section = Mapping()
            root.pairs.append((plain[1:-1], section))
        elif plain[:1] not in {"", "#", ";"} and (
            found := re.match(r"\s*([@\w.-]+)\s*[=:]\s*(['\"]?)([^'\"\n]*)", line)
        ):
            section.pairs.append((found[1], Leaf(found[3].strip(), number, found.start(3) + 1, path)))
    return root
