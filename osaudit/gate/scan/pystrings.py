"""Strings that an expression puts together: f-strings, `+`, `/`, `%`, `join`, `format`, and what methods change."""

from __future__ import annotations

import ast
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice, product
from typing import TYPE_CHECKING

from osaudit.gate.scan.adopted import Spot
from osaudit.gate.scan.pymodule import Scope, argument
from osaudit.gate.scan.pytypes import MOST, UNKNOWN, Gap, Made, Param, Plain, Shape, Text, Thing, Value, Values, few

if TYPE_CHECKING:
    from osaudit.gate.scan.pyvalues import Reader

_LONGEST = 100_000
PLAIN: Mapping[str, Callable[[str], str]] = {
    "strip": str.strip, "lower": str.lower, "upper": str.upper, "lstrip": str.lstrip, "rstrip": str.rstrip,
    "casefold": str.casefold, "title": str.title, "capitalize": str.capitalize,
}  # fmt: skip
"""Methods of strings that need no argument."""


def joined(reader: Reader, pieces: list[Values], spot: Spot) -> Iterable[Value]:
    """Put pieces of a string together, in every way that their possible values allow."""
    held = [few(written(reader, piece)) for piece in pieces]
    for row in islice(product(*held), MOST + 1):
        gap = next((one for one in row if isinstance(one, Gap)), None)
        texts = [one for one in row if isinstance(one, Text)]
        if gap is not None or len(texts) < len(row):
            yield gap or UNKNOWN
        else:
            assumed = next((one.assumed for one in texts if one.assumed), "")
            yield Text("".join(one.value for one in texts)[:2000], spot, assumed)


def written(reader: Reader, values: Values) -> Iterator[Text | Gap]:
    """Give values as they stand in a longer string; a parameter by its default."""
    for one in values:
        match one:
            case Text() | Gap():
                yield one
            case Plain(value=bool() | int() | float() as number):
                yield Text(str(number)[:100], Spot(""))
            case Param():
                yield from written(
                    reader, few(reader.default(one)) or (Gap(f"the parameter {one.name} of {one.scope.title}()"),)
                )
            case Made(of=Thing(name=name)):
                yield Gap(f"it is what {name}() gives")
            case _:
                yield UNKNOWN


def percent(reader: Reader, node: ast.BinOp, scope: Scope) -> Iterable[Value]:
    """`"%s/%s" % (owner, name)`."""
    right = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
    for left in reader.values(node.left, scope):
        parts = left.value.split("%s") if isinstance(left, Text) else []
        if len(parts) != len(right) + 1 or any("%" in part for part in parts):
            yield UNKNOWN
            continue
        spot = scope.module.where(node)
        pieces: list[Values] = [(Text(parts[0], spot),)]
        for one, part in zip(right, parts[1:], strict=True):
            pieces += [reader.values(one, scope), (Text(part, spot),)]
        yield from joined(reader, pieces, spot)


def of_text(reader: Reader, held: Text, node: ast.Call, name: str, scope: Scope) -> Iterable[Value]:
    """Give what a method of a string gives."""
    if name == "join" and node.args:
        return _joined(reader, held, node, scope)
    if name == "format":
        return _formatted(reader, held, node, scope)
    words = [next((one.value for one in reader.values(arg, scope) if isinstance(one, Text)), "") for arg in node.args]
    changed = _changed(held.value, name, words)
    return (UNKNOWN,) if changed is None else (Text(changed[:2000], scope.module.where(node), held.assumed),)


def _changed(text: str, name: str, words: list[str]) -> str | None:
    """What a method of strings makes of one; None where that is not followed."""
    match name, words:
        case _, [] if name in PLAIN:
            return PLAIN[name](text)
        case "replace", [old, new] if old and len(text) * (len(new) + 1) < _LONGEST:
            return text.replace(old, new)
        case "removeprefix", [part]:
            return text.removeprefix(part)
        case "removesuffix", [part]:
            return text.removesuffix(part)
        case (("strip" | "lstrip" | "rstrip"), [chars]):
            return str(getattr(text, name)(chars))
        case _:
            return None


def _joined(reader: Reader, between: Text, node: ast.Call, scope: Scope) -> Iterable[Value]:
    for held in reader.values(node.args[0], scope):
        if not isinstance(held, Shape) or isinstance(held.node, ast.Dict):
            yield UNKNOWN
            continue
        pieces: list[Values] = []
        for one in held.node.elts[:50]:
            pieces += [(between,)] * bool(pieces) + [reader.values(one, held.scope)]
        yield from joined(reader, pieces, scope.module.where(node))


def _formatted(reader: Reader, held: Text, node: ast.Call, scope: Scope) -> Iterable[Value]:
    """`"{}/{name}".format(...)` with plain fields."""
    try:
        fields = list(string.Formatter().parse(held.value))
    except ValueError:
        return (UNKNOWN,)
    spot, at = scope.module.where(node), 0
    pieces: list[Values] = []
    for literal, name, spec, conversion in fields[:50]:
        pieces.append((Text(literal, spot),))
        if name is None:
            continue
        place: str | int = at if not name else int(name) if name.isdecimal() and len(name) < 4 else name  # noqa: PLR2004 - arguments
        at += not name
        value = argument(node, place, "") if isinstance(place, int) else argument(node, -1, place)
        if value is None or spec or conversion:
            return (UNKNOWN,)
        pieces.append(reader.values(value, scope))
    return joined(reader, pieces, spot)
