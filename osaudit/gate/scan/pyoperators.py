"""What operators, conditions and subscripts of Python come to: each kind of expression that is followed."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from osaudit.gate.scan.pyanswers import answers, variable_of
from osaudit.gate.scan.pymodule import Scope
from osaudit.gate.scan.pystrings import joined, percent
from osaudit.gate.scan.pytypes import UNKNOWN, Class, Gap, Made, Param, Plain, Shape, Text, Thing, Value, Values, marked
from osaudit.gate.scan.pyvalues import Reader


def _constant(_: Reader, node: ast.Constant, scope: Scope) -> Values:
    text = node.value
    return (Text(text, scope.module.where(node)),) if isinstance(text, str) else (Plain(text),)


def _name(reader: Reader, node: ast.Name, scope: Scope) -> Iterable[Value]:
    return reader.name(node.id, scope, node)


def _shape(_: Reader, node: ast.List | ast.Tuple | ast.Set | ast.Dict, scope: Scope) -> Values:
    return (Shape(node, scope),)


def _inner(reader: Reader, node: ast.NamedExpr | ast.Await, scope: Scope) -> Iterable[Value]:
    return reader.values(node.value, scope)


def _condition(reader: Reader, node: ast.IfExp, scope: Scope) -> Iterable[Value]:
    return (*reader.values(node.body, scope), *reader.values(node.orelse, scope))


def _f_string(reader: Reader, node: ast.JoinedStr, scope: Scope) -> Iterable[Value]:
    return joined(reader, [_piece(reader, one, scope) for one in node.values], scope.module.where(node))


def _piece(reader: Reader, node: ast.expr, scope: Scope) -> Values:
    if isinstance(node, ast.FormattedValue):
        if node.format_spec is not None or node.conversion not in {-1, ord("s")}:
            return (UNKNOWN,)
        return reader.values(node.value, scope)
    return reader.values(node, scope)


def _operator(reader: Reader, node: ast.BinOp, scope: Scope) -> Iterable[Value]:
    spot = scope.module.where(node)
    match node.op:
        case ast.Add():
            return joined(reader, [reader.values(node.left, scope), reader.values(node.right, scope)], spot)
        case ast.Div():
            return joined(
                reader, [reader.values(node.left, scope), (Text("/", spot),), reader.values(node.right, scope)], spot
            )
        case ast.Mod():
            return percent(reader, node, scope)
        case _:
            return (UNKNOWN,)


def _either(reader: Reader, node: ast.BoolOp, scope: Scope) -> Iterable[Value]:
    """`first or second`: what is certain in the first ends it; what is open, or None, leaves the next."""
    if not isinstance(node.op, ast.Or):
        yield UNKNOWN
        return
    for one in node.values:
        held = reader.values(one, scope)
        last = one is node.values[-1]
        for value in held:
            empty = isinstance(value, Plain) and not value.value
            if last or not (empty or isinstance(value, Gap)):
                yield marked(value, "the value that stands behind `or`") if last and len(node.values) > 1 else value
        if not any(isinstance(value, Gap | Plain | Param) or _may_lack(reader, value) for value in held):
            return


def _may_lack(reader: Reader, value: Value) -> bool:
    """Whether a value is one that the environment may have, and may not."""
    set_at = {one.written for one in reader.world.environment.values()}
    return isinstance(value, Text) and value.spot in set_at


def _subscript(reader: Reader, node: ast.Subscript, scope: Scope) -> Iterable[Value]:
    for held in reader.values(node.value, scope):
        match held:
            case Thing(name="os.environ" | "environ"):
                keys = [one.value for one in reader.values(node.slice, scope) if isinstance(one, Text)]
                yield from (variable_of(reader, key) for key in keys or ("",))
            case Thing(name="sys.argv"):
                yield Gap("an argument of the command line")
            case Shape(node=ast.Dict()):
                yield from reader.entry(held, node.slice, scope)
            case Shape() if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int):
                elements = held.node.elts if not isinstance(held.node, ast.Dict) else []
                inside = -len(elements) <= node.slice.value < len(elements)
                yield from reader.values(elements[node.slice.value], held.scope) if inside else (UNKNOWN,)
            case Shape():
                yield from (marked(one, "one of a list") for one in reader.elements(held))
            case Class() if isinstance(node.slice, ast.Constant):
                yield from reader.class_member(held.scope, str(node.slice.value), bound=False)
            case Made(of=Thing(name=name)) if name.rpartition(".")[2] in {
                "load",
                "safe_load",
                "loads",
                "read_text",
            }:
                yield Gap("it is read from a file of settings")
            case _:
                yield UNKNOWN


FOLLOWED: dict[type, Callable[[Reader, Any, Scope], Iterable[Value]]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: Reader.attribute,
    ast.Call: answers,
    ast.JoinedStr: _f_string,
    ast.BinOp: _operator,
    ast.IfExp: _condition,
    ast.BoolOp: _either,
    ast.NamedExpr: _inner,
    ast.Await: _inner,
    ast.Subscript: _subscript,
    ast.List: _shape,
    ast.Tuple: _shape,
    ast.Set: _shape,
    ast.Dict: _shape,
}
"""How each kind of expression is followed."""
