"""One Python file laid out: its scopes, what each name is bound to, its imports and its calls. Nothing of it is run."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from osaudit.gate.scan.adopted import Spot

Block = tuple[tuple[int, int], ...]
"""The branches that lead to a place, each by its node and its arm: what stands in one may not have happened."""

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_ARMS = ("body", "orelse", "handlers", "finalbody", "cases")
_BRANCHING = frozenset(
    (
        ast.If,
        ast.For,
        ast.AsyncFor,
        ast.While,
        ast.Try,
        ast.TryStar,
        ast.Match,
        ast.ExceptHandler,
        ast.match_case,
    )
)
BUILTINS = frozenset(dir(builtins))
_SAYS_NOTHING = frozenset(
    {type(None), str, int, float, complex, bool, bytes, type(...), ast.Name, ast.Load, ast.Store, ast.Del, ast.Pass}
    | {ast.arg, ast.alias, ast.Break, ast.Continue, ast.Global, ast.Nonlocal, *ast.operator.__subclasses__()}
    | {*ast.unaryop.__subclasses__(), *ast.cmpop.__subclasses__(), *ast.boolop.__subclasses__()}
)
"""Kinds of nodes below which no name is bound and nothing is called."""


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A name bound: `how` is value, unpack, loop, augment, function, class, with or param."""

    how: str
    node: ast.AST
    scope: Scope
    line: int
    block: Block = ()
    index: int = -1


@dataclass(slots=True, eq=False)
class Scope:
    """A module, class or function with the names that it binds. Filled once, by `lay_out`."""

    node: ast.AST
    kind: str
    name: str
    module: Module
    parent: Scope | None = None
    names: dict[str, list[Bound]] = field(default_factory=dict)
    selves: dict[str, list[Bound]] = field(default_factory=dict)
    """Of a class: what its methods bind to attributes of their first argument."""
    returns: list[ast.expr] = field(default_factory=list)
    """Of a function: what it gives back."""

    @property
    def title(self) -> str:
        """What a reader calls it: `Class.method`, `function`."""
        within = self.parent
        return f"{within.name}.{self.name}" if within is not None and within.kind == "class" else self.name


@dataclass(slots=True, eq=False)
class Module:
    """A file of Python. `spot` turns a line (from 1) and an offset in bytes (from 0) into a place in the tree."""

    path: str
    spot: Callable[[int, int], Spot]
    scope: Scope = field(init=False)
    imports: dict[str, str] = field(default_factory=dict)
    """Local name to dotted name; a relative import keeps its leading dots."""
    stars: list[str] = field(default_factory=list)
    calls: list[tuple[ast.Call, Scope, Block]] = field(default_factory=list)
    strings: list[tuple[ast.Constant | ast.JoinedStr, Scope]] = field(default_factory=list)
    """Strings that stand for themselves: no docstrings, and no parts of an f-string."""
    mappings: list[tuple[ast.Dict, Scope]] = field(default_factory=list)
    sets: list[tuple[str, ast.expr, Scope]] = field(default_factory=list)
    """Variables of the environment that are set."""
    options: dict[str, list[tuple[ast.Call, Scope]]] = field(default_factory=dict)
    """Options of a command line by the attribute that each becomes: argparse's, click's and absl's."""
    saved: frozenset[str] | None = None
    """The folders that the file itself writes to; found when first asked for."""
    fields: dict[str, Scope] | None = None
    """Fields of the classes that the file defines or imports; found when first asked for."""

    def where(self, node: ast.AST) -> Spot:
        """The place where a node begins."""
        return self.spot(getattr(node, "lineno", 1), getattr(node, "col_offset", 0))


def lay_out(tree: ast.Module, path: str, spot: Callable[[int, int], Spot]) -> Module:
    """Lay a parsed file out. A stack of its own walks it, so that no nesting is too deep."""
    module = Module(path, spot)
    module.scope = Scope(tree, "module", "", module)
    stack: list[Laid] = [(node, module.scope, ()) for node in reversed(tree.body)]
    while stack:
        node, scope, block = stack.pop()
        kind = type(node)
        note = _NOTES.get(kind)
        if note is not None:
            below = note(node, scope, block)
            if below is not None:
                stack.extend(reversed(below))
                continue
        if kind in _BRANCHING:
            stack.extend(reversed(list(_arms(node, scope, block))))
            continue
        at = len(stack)
        for name in node._fields:
            child = getattr(node, name, None)
            if type(child) is list:
                stack.extend([(one, scope, block) for one in child if type(one) not in _SAYS_NOTHING])
            elif type(child) not in _SAYS_NOTHING:
                stack.append((child, scope, block))  # type: ignore[arg-type] # what is no node says nothing
        stack[at:] = stack[at:][::-1]
    return module


Laid = tuple[ast.AST, Scope, Block]


def _class(node: ast.ClassDef, scope: Scope, block: Block) -> list[Laid]:
    inner = Scope(node, "class", node.name, scope.module, scope)
    _bind(scope, node.name, Bound("class", node, inner, node.lineno, block))
    outside: list[ast.AST] = [*node.decorator_list, *node.bases, *node.keywords]
    return [*((one, scope, block) for one in outside), *((one, inner, ()) for one in node.body)]


def _expression(node: ast.Expr, _: Scope, __: Block) -> list[Laid] | None:
    return [] if isinstance(node.value, ast.Constant) else None


def _f_string(node: ast.JoinedStr, scope: Scope, block: Block) -> list[Laid]:
    scope.module.strings.append((node, scope))
    return [(one.value, scope, block) for one in node.values if isinstance(one, ast.FormattedValue)]


def _constant(node: ast.Constant, scope: Scope, _: Block) -> list[Laid]:
    if type(node.value) is str:
        scope.module.strings.append((node, scope))
    return []


def _call(node: ast.Call, scope: Scope, block: Block) -> None:
    scope.module.calls.append((node, scope, block))
    if name := option_name(node):
        scope.module.options.setdefault(name, []).append((node, scope))


def _mapping(node: ast.Dict, scope: Scope, _: Block) -> None:
    scope.module.mappings.append((node, scope))


def _return(node: ast.Return, scope: Scope, _: Block) -> None:
    if node.value is not None:
        scope.returns.append(node.value)


def _arms(node: ast.AST, scope: Scope, block: Block) -> Iterator[Laid]:
    for name, value in ast.iter_fields(node):
        arm = _ARMS.index(name) if name in _ARMS else -1
        held = value if isinstance(value, list) else [value]
        within = block if arm == -1 or name == "finalbody" else (*block, (id(node), arm))
        yield from ((child, scope, within) for child in held if isinstance(child, ast.AST))


def _function(node: FunctionNode, scope: Scope, block: Block) -> list[Laid]:
    name = "" if isinstance(node, ast.Lambda) else node.name
    inner = Scope(node, "function", name or "a lambda", scope.module, scope)
    for argument in parameters(node):
        _bind(inner, argument.arg, Bound("param", argument, inner, node.lineno))
    for rest in (node.args.vararg, node.args.kwarg):
        if rest is not None:
            _bind(inner, rest.arg, Bound("param", rest, inner, node.lineno))
    if name:
        _bind(scope, name, Bound("function", node, inner, node.lineno, block))
    decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
    defaults = [one for one in (*node.args.defaults, *node.args.kw_defaults) if one is not None]
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    if isinstance(node, ast.Lambda):
        inner.returns.append(node.body)
    outside = [(one, scope, block) for one in (*decorators, *defaults)]
    return [*outside, *((one, inner, ()) for one in body)]


def parameters(node: FunctionNode) -> list[ast.arg]:
    """The named parameters in order: by position first, then by keyword alone."""
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]


def default_of(node: FunctionNode, name: str) -> ast.expr | None:
    """The default of a parameter; None where it has none."""
    by_place = [*node.args.posonlyargs, *node.args.args]
    held = dict(
        zip([one.arg for one in by_place[len(by_place) - len(node.args.defaults) :]], node.args.defaults, strict=True)
    )
    held |= {one.arg: value for one, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if value}
    return held.get(name)


def _assignments(node: ast.AST, scope: Scope, block: Block) -> None:
    match node:
        case ast.Assign():
            for target in node.targets:
                _environment(target, node.value, scope)
                _target(target, node.value, scope, block)
        case ast.AnnAssign() if node.value is not None:
            _target(node.target, node.value, scope, block)
        case ast.AnnAssign(target=ast.Name() as name):
            _bind(scope, f"{name.id}:", Bound("value", node.annotation, scope, node.lineno, block))
        case ast.NamedExpr():
            _target(node.target, node.value, scope, block)
        case ast.AugAssign(target=ast.Name()):
            _bind(scope, node.target.id, Bound("augment", node, scope, node.lineno, block))  # type: ignore[union-attr] # the pattern says so
        case ast.For() | ast.AsyncFor():
            _target(node.target, node.iter, scope, (*block, (id(node), 0)), "loop")
        case ast.comprehension():
            _target(node.target, node.iter, scope, block, "loop")
        case ast.withitem() if node.optional_vars is not None:
            _target(node.optional_vars, node.context_expr, scope, block)
        case _:
            pass


def _environment(target: ast.expr, value: ast.expr, scope: Scope) -> None:
    """`os.environ["NAME"] = value`."""
    if (
        isinstance(target, ast.Subscript)
        and isinstance(target.slice, ast.Constant)
        and last_name(target.value) == "environ"
    ):
        scope.module.sets.append((str(target.slice.value), value, scope))


def _target(target: ast.expr, value: ast.expr, scope: Scope, block: Block, how: str = "value", index: int = -1) -> None:
    line = getattr(target, "lineno", 0)
    match target:
        case ast.Name():
            _bind(
                scope,
                target.id,
                Bound(how if index < 0 or how == "loop" else "unpack", value, scope, line, block, index),
            )
        case ast.Attribute(value=ast.Name(id=owner)) if scope.kind == "function" and _is_self(owner, scope):
            if scope.parent is not None:
                scope.parent.selves.setdefault(target.attr, []).append(Bound(how, value, scope, line, block, index))
        case ast.Attribute(value=ast.Name(id=owner)):
            _bind(scope, f"{owner}.{target.attr}", Bound(how, value, scope, line, block, index))
        case ast.Tuple() | ast.List() if index < 0:
            for at, one in enumerate(target.elts):
                _target(one, value, scope, block, how, at)
        case _:
            pass


def _is_self(name: str, scope: Scope) -> bool:
    first = parameters(scope.node)[:1] if isinstance(scope.node, ast.FunctionDef | ast.AsyncFunctionDef) else []
    return scope.parent is not None and scope.parent.kind == "class" and bool(first) and first[0].arg == name


def _bind(scope: Scope, name: str, bound: Bound) -> None:
    scope.names.setdefault(name, []).append(bound)


def _imports(node: ast.Import | ast.ImportFrom, scope: Scope, _: Block) -> list[Laid]:
    module = scope.module
    if isinstance(node, ast.Import):
        for one in node.names:
            module.imports[one.asname or one.name.partition(".")[0]] = (
                one.name if one.asname else one.name.partition(".")[0]
            )
        return []
    base = "." * node.level + (node.module or "")
    for one in node.names:
        if one.name == "*":
            module.stars.append(base)
        else:
            dotted = f"{base}{one.name}" if base.endswith(".") else f"{base}.{one.name}"
            module.imports[one.asname or one.name] = dotted
    return []


def last_name(func: ast.expr) -> str:
    """The last part of the name of what is called; nothing where it has none."""
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def argument(node: ast.Call, place: int, name: str) -> ast.expr | None:
    """The argument of a call by its name, or by its place where nothing is unpacked before it."""
    named = next((one.value for one in node.keywords if one.arg == name), None) if name else None
    if named is not None or place < 0 or place >= len(node.args):
        return named
    return None if any(isinstance(one, ast.Starred) for one in node.args[: place + 1]) else node.args[place]


def option_name(node: ast.Call) -> str:
    """The attribute or parameter that an option of a command line becomes; nothing where a call makes no option."""
    last = last_name(node.func)
    if last not in {"add_argument", "option"} and not last.startswith("DEFINE_"):
        return ""
    words = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    dest = next((one.value for one in node.keywords if one.arg == "dest"), None)
    if isinstance(dest, ast.Constant) and isinstance(dest.value, str):
        return dest.value
    plain = [one for one in words if not one.startswith("-")]
    long = [one for one in words if one.startswith("--")] or words
    chosen = plain[:1] or long[:1]
    return chosen[0].lstrip("-").split("/")[0].replace("-", "_") if chosen else ""


_Note = Callable[[Any, Scope, Block], list[Laid] | None]
_NOTES: dict[type, _Note] = {
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.Lambda: _function,
    ast.ClassDef: _class,
    ast.Expr: _expression,
    ast.JoinedStr: _f_string,
    ast.Constant: _constant,
    ast.Call: _call,
    ast.Dict: _mapping,
    ast.Return: _return,
    ast.Import: _imports,
    ast.ImportFrom: _imports,
    **dict.fromkeys(
        (
            *(ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.AugAssign, ast.For, ast.AsyncFor, ast.comprehension),
            ast.withitem,
        ),
        _assignments,
    ),
}
"""What each kind of node says, and what is to be looked at below it; where it gives None, all that stands below."""
