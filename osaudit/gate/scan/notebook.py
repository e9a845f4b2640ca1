"""Notebooks (nbformat 3 and 4): their code cells as one Python file, and their shell lines, with each line's place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from osaudit.gate.scan.adopted import Sight, Spot, Unread
from osaudit.gate.scan.jsonplaces import NotReadableError, read_json
from osaudit.gate.scan.keyed import Leaf, Mapping, Node, Sequence
from osaudit.gate.scan.pymodule import lay_out
from osaudit.gate.scan.pytree import of_module
from osaudit.gate.scan.pyworld import World, column, parsed
from osaudit.gate.scan.shellcalls import Assigned, At, Offsets, in_script

_SHELL_CELL = re.compile(r"\s*%%(?:bash|sh|shell|script|!)\b[^\n]*|\s*!!")
_OTHER_CELL = re.compile(r"\s*%%(?!time|timeit|capture|prun|memit|debug)\w+")
_MAGIC = re.compile(r"(\s*)(?:[!%?]|[\w, ]+=\s*[!%])")
_SHELL_LINE = re.compile(r"\s*(?:[\w, ]+=\s*)?!+\s*")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a code cell, with its place in the file."""

    text: str
    spot: Spot


def in_notebook(text: str, path: str, world: World) -> Iterator[Sight | Assigned]:
    """Give what a notebook adopts."""
    try:
        root = read_json(text, path)
    except NotReadableError as error:
        yield Unread(path, str(error))
        return
    cells = list(_cells(root))
    if not cells:
        yield Unread(path, "it holds no cells")
    python: list[_Line] = []
    for number, cell in enumerate(cells, 1):
        lines = _lines(cell, number) if _text(cell, "cell_type") == "code" else []
        source = "\n".join(line.text for line in lines)
        if not lines or (_OTHER_CELL.match(source) and not _SHELL_CELL.match(source)):
            continue
        if opening := _SHELL_CELL.match(source):
            yield from in_script(" " * opening.end() + source[opening.end() :], Offsets(_placer(lines)))
            continue
        yield from _shell_lines(lines)
        code = [_plain(line) for line in _without_magic(lines)]
        problem = parsed("\n".join(line.text for line in code))
        if isinstance(problem, str):
            yield Unread(path, f"cell {number} is {problem}")
        else:
            python += code
    yield from _python(python, path, world)


def _python(lines: list[_Line], path: str, world: World) -> Iterator[Sight | Assigned]:
    tree = parsed("\n".join(line.text for line in lines))
    if isinstance(tree, str) or not lines:
        return
    texts = [line.text for line in lines]

    def spot(line: int, offset: int) -> Spot:
        held = lines[min(line, len(lines)) - 1].spot
        return replace(held, column=held.column + column(texts, line, offset) - 1)

    yield from of_module(lay_out(tree, path, spot), world)


def _cells(root: Node) -> Iterator[Mapping]:
    sheets = root.get("worksheets") if isinstance(root, Mapping) else None
    homes = [root, *sheets.items] if isinstance(sheets, Sequence) else [root]
    for home in homes:
        held = home.get("cells") if isinstance(home, Mapping) else None
        yield from (one for one in held.items if isinstance(one, Mapping)) if isinstance(held, Sequence) else ()


def _text(cell: Mapping, key: str) -> str:
    held = cell.get(key)
    return held.text if isinstance(held, Leaf) else ""


def _lines(cell: Mapping, number: int) -> list[_Line]:
    """The source's lines: one string a line, or one string for all, whose lines stand on one line of the file."""
    held = cell.get("source", "input")
    leaves = [one for one in held.items if isinstance(one, Leaf)] if isinstance(held, Sequence) else []
    leaves = [held] if isinstance(held, Leaf) else leaves
    lines: list[_Line] = []
    for leaf in leaves:
        column_, rows = leaf.column, leaf.text.removesuffix("\n").split("\n")
        for row in rows:
            lines.append(_Line(row.rstrip("\r"), Spot(leaf.path, leaf.line, column_, number, len(lines) + 1)))
            column_ += len(row) + 2
    return lines


def _placer(lines: list[_Line]) -> At:
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.text) + 1)

    def at(offset: int) -> Spot:
        number = next((index for index in range(len(lines) - 1, -1, -1) if starts[index] <= offset), 0)
        spot = lines[number].spot
        return replace(spot, column=spot.column + offset - starts[number])

    return at


def _shell_lines(lines: list[_Line]) -> Iterator[Sight | Assigned]:
    """`!command`, with the lines that a backslash continues."""
    number = 0
    while number < len(lines):
        found = _SHELL_LINE.match(lines[number].text)
        end = number + 1
        if found is not None:
            while lines[end - 1].text.endswith("\\") and end < len(lines):
                end += 1
            held = lines[number:end]
            text = "\n".join(line.text for line in held)
            yield from in_script(" " * found.end() + text[found.end() :], Offsets(_placer(held)))
        number = end


def _without_magic(lines: list[_Line]) -> Iterator[_Line]:
    """What is the notebook's own and no Python becomes `pass`, so that a block is not left empty."""
    continued = False
    for line in lines:
        magic = _MAGIC.match(line.text)
        if continued or magic is not None:
            continued = line.text.endswith("\\")
            indent = line.text[: len(line.text) - len(line.text.lstrip())]
            yield replace(line, text=f"{indent}pass" if magic is not None and not (continued and magic is None) else "")
        else:
            yield line


def _plain(line: _Line) -> _Line:
    return replace(line, text=line.text[:-1]) if line.text.rstrip().endswith("?") else line
