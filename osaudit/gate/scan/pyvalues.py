"""What a Python expression comes to, as far as its text tells: strings, names of libraries, objects, or why it is open.

Every expression comes to a few possible values: both arms of a condition, each element of a loop. Nothing is run.
"""

# ruff: noqa: SLF001 - the tables behind the class name its own methods

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from osaudit.gate.scan.pymodule import BUILTINS, Block, Bound, FunctionNode, Module, Scope, default_of, parameters
from osaudit.gate.scan.pystrings import joined
from osaudit.gate.scan.pytypes import (
    DEEP,
    UNKNOWN,
    Class,
    Code,
    Gap,
    Inner,
    Made,
    Param,
    Plain,
    Shape,
    Text,
    Thing,
    Value,
    Values,
    few,
    marked,
    standing,
)
from osaudit.gate.scan.pyworld import World

DEPTH = 24
"""Names and operators that are followed, one within the other."""

STEPS = 4000
"""Expressions that are looked at for one argument."""


@dataclass(slots=True)
class Reader:
    """One reading: the tree, the scope and the branch that it begins in, and how many steps are left."""

    world: World
    home: Scope | None = None
    block: Block = ()
    left: int = STEPS
    depth: int = 0

    def values(self, node: ast.AST, scope: Scope) -> Values:
        """Give the possible values of an expression."""
        if self.left <= 0 or self.depth >= DEPTH:
            return (DEEP,)
        self.left -= 1
        self.depth += 1
        try:
            return few(self._values(node, scope))
        finally:
            self.depth -= 1

    def _values(self, node: ast.AST, scope: Scope) -> Iterable[Value]:
        from osaudit.gate.scan.pyoperators import FOLLOWED  # noqa: PLC0415 - the two know each other

        follow = FOLLOWED.get(type(node))
        return follow(self, node, scope) if follow is not None else (UNKNOWN,)

    # names

    def name(self, name: str, scope: Scope, at: ast.AST | None = None) -> Iterable[Value]:
        """Follow a name to what it is bound to: in its own scope what was bound last, elsewhere what is in the end."""
        inner: Scope | None = scope
        while inner is not None:
            if name in inner.names and (inner is scope or inner.kind != "class"):
                if (
                    inner.kind == "module"
                    and name in inner.module.imports
                    and all(one.block for one in inner.names[name])
                ):
                    return (*self._imported(name, inner.module), *self._bound(inner.names[name], None))
                if inner is not scope or at is None:
                    return self._bound(inner.names[name], None)
                block = self.block if scope is self.home else ()
                return self._bound(inner.names[name], getattr(at, "lineno", None), block)
            inner = inner.parent
        return self._imported(name, scope.module)

    def _bound(self, bindings: list[Bound], line: int | None, block: Block = ()) -> Iterable[Value]:
        return (value for bound in standing(bindings, line, block) for value in self.of(bound))

    def of(self, bound: Bound) -> Iterable[Value]:
        """Give what one binding binds."""
        follow = _BOUND.get(bound.how)
        return follow(self, bound) if follow is not None else (UNKNOWN,)

    def _value(self, bound: Bound) -> Iterable[Value]:
        return self.values(bound.node, bound.scope)

    def _function(self, bound: Bound) -> Iterable[Value]:
        return (Code(bound.scope),)

    def _class(self, bound: Bound) -> Iterable[Value]:
        return (Class(bound.scope),)

    def _augmented(self, bound: Bound) -> Iterable[Value]:
        """`name += value`."""
        node = bound.node
        if not isinstance(node, ast.AugAssign) or not isinstance(node.op, ast.Add):
            return (UNKNOWN,)
        before = [one for one in bound.scope.names[_name(node.target)] if one.line < bound.line]
        sides = [few(self._bound(before, None)), self.values(node.value, bound.scope)]
        return joined(self, sides, bound.scope.module.where(node))

    def _parameter(self, bound: Bound) -> Iterable[Value]:
        node = bound.scope.node
        if not isinstance(node, FunctionNode) or not isinstance(bound.node, ast.arg):
            return (UNKNOWN,)
        names = [one.arg for one in parameters(node)]
        if bound.node.arg not in names:
            return (Gap(f"it is one of any arguments of {bound.scope.title}()"),)
        holder = bound.scope.parent
        if holder is not None and holder.kind == "class" and names[0] == bound.node.arg and not _is_static(node):
            return (Made(Class(holder)),) if names[0] != "cls" else (Class(holder),)
        typed = self._typed(bound.node.annotation, bound.scope)
        return typed or (Param(bound.scope, bound.node.arg),)

    def _typed(self, annotation: ast.expr | None, scope: Scope) -> Values:
        """An object of a class of the tree, where a parameter is said to be one."""
        if (
            isinstance(annotation, ast.Constant)
            and isinstance(annotation.value, str)
            and annotation.value.isidentifier()
        ):
            annotation = ast.Name(annotation.value)
        if annotation is None or scope.parent is None or not isinstance(annotation, ast.Name | ast.Attribute):
            return ()
        return tuple(Made(one) for one in self.values(annotation, scope.parent) if isinstance(one, Class))

    def _elements(self, bound: Bound) -> Iterable[Value]:
        for held in self.values(bound.node, bound.scope):
            for value in self.elements(held):
                if bound.index < 0:
                    yield value
                else:
                    yield from self._item(value, bound.index)

    def elements(self, held: Value) -> Iterable[Value]:
        """Give what a loop over a value takes: elements, or a dictionary's keys."""
        if not isinstance(held, Shape):
            yield Gap("it is one of what a loop goes over")
        elif isinstance(held.node, ast.Dict):
            for key in held.node.keys:
                yield from self.values(key, held.scope) if key is not None else ()
        else:
            for one in held.node.elts:
                yield from self.values(one, held.scope)

    def _unpacked(self, bound: Bound) -> Iterable[Value]:
        for held in self.values(bound.node, bound.scope):
            yield from self._item(held, bound.index)

    def _item(self, held: Value, index: int) -> Iterable[Value]:
        if isinstance(held, Made):
            return (held,)
        if isinstance(held, Shape) and not isinstance(held.node, ast.Dict) and index < len(held.node.elts):
            return self.values(held.node.elts[index], held.scope)
        return (UNKNOWN,)

    def _imported(self, name: str, module: Module) -> Iterable[Value]:
        if name in module.imports:
            return self.dotted(module.imports[name], module.path)
        for star in module.stars:
            path = self.world.find(star, module.path)
            inner = self.world.module(path) if path else None
            if inner is not None and name in inner.scope.names:
                return self._bound(inner.scope.names[name], None)
        outside = [star for star in module.stars if not star.startswith(".")]
        if outside:
            return tuple(Thing(f"{star}.{name}") for star in outside)
        return (Thing(name) if name in BUILTINS else Gap(f"the name {name[:60]} is bound nowhere in its file"),)

    def dotted(self, dotted: str, path: str) -> Iterable[Value]:
        """Follow a dotted name that is imported in a file: a module of the tree, what it holds, or a library's."""
        if found := self.world.find(dotted, path):
            inner = self.world.module(found)
            return (Inner(inner),) if inner is not None else (UNKNOWN,)
        before, _, last = dotted.rpartition(".")
        home = before or ("." if dotted.startswith(".") else "")
        home = (
            home if home.strip(".") or not dotted.startswith(".") else dotted[: len(dotted) - len(dotted.lstrip("."))]
        )
        found = self.world.find(home, path) if home else None
        inner = self.world.module(found) if found else None
        if inner is not None and inner.path != path:
            return self._of_module(inner, last)
        return (Gap(f"{dotted} is not in this tree") if dotted.startswith(".") else Thing(dotted),)

    def _of_module(self, module: Module, name: str) -> Iterable[Value]:
        if name in module.scope.names:
            return self._bound(module.scope.names[name], None)
        return self._imported(name, module) if name in module.imports or module.stars else (UNKNOWN,)

    # attributes

    def attribute(self, node: ast.Attribute, scope: Scope) -> Iterable[Value]:
        """Follow `owner.name`."""
        if isinstance(node.value, ast.Name) and (set_there := scope.names.get(f"{node.value.id}.{node.attr}")):
            return self._bound(set_there, node.lineno)
        return [one for held in self.values(node.value, scope) for one in self.member(held, node.attr, scope)]

    def member(self, held: Value, name: str, scope: Scope) -> Iterable[Value]:
        """Give what an attribute of a value holds."""
        match held:
            case Thing():
                return (Thing(f"{held.name}.{name}"),)
            case Inner():
                below = (
                    self.world.find(f".{name}", held.module.path) if held.module.path.endswith("__init__.py") else None
                )
                inner = self.world.module(below) if below and name not in held.module.scope.names else None
                return (Inner(inner),) if inner is not None else self._of_module(held.module, name)
            case Class():
                return self.class_member(held.scope, name, bound=False)
            case Made():
                return self._made_member(held, name, scope)
            case Text() if name in {"value", "name"}:
                return (held,)
            case _:
                from osaudit.gate.scan.pyanswers import of_arguments  # noqa: PLC0415 - as above

                return of_arguments(self, name, scope) or (UNKNOWN,)

    def _made_member(self, held: Made, name: str, scope: Scope) -> Iterable[Value]:
        from osaudit.gate.scan.pyanswers import of_object  # noqa: PLC0415 - as above

        return of_object(self, held, name, scope) if isinstance(held.of, Thing) else self._instance_member(held, name)

    def class_member(self, scope: Scope, name: str, *, bound: bool, seen: int = 0) -> Iterable[Value]:
        """Give what a class has under a name, itself or by its bases; `bound` where it is asked of an object."""
        if name in scope.names:
            found = self._bound(scope.names[name], None)
            return (Code(one.scope, bound or _is_classmethod(one)) if isinstance(one, Code) else one for one in found)
        node = scope.node
        bases = node.bases if isinstance(node, ast.ClassDef) and scope.parent is not None and seen < DEPTH else []
        values = [one for base in bases for one in self.values(base, scope.parent or scope)]
        own = [
            one
            for base in values
            if isinstance(base, Class)
            for one in self.class_member(base.scope, name, bound=bound, seen=seen + 1)
        ]
        known = [one for one in own if one is not UNKNOWN]
        return known or [Thing(f"{base.name}.{name}") for base in values if isinstance(base, Thing)] or (UNKNOWN,)

    def _instance_member(self, held: Made, name: str) -> Iterable[Value]:
        scope = held.of.scope if isinstance(held.of, Class) else None
        if scope is None:
            return (UNKNOWN,)
        given = next((one.value for one in held.call.keywords if one.arg == name), None) if held.call else None
        if given is not None and held.scope is not None and "__init__" not in scope.names:
            return self.values(given, held.scope)
        if name in scope.selves:
            return self._bound(scope.selves[name], None)
        members = list(self.class_member(scope, name, bound=True))
        annotated = isinstance(scope.node, ast.ClassDef) and any(
            isinstance(one, ast.AnnAssign) and _name(one.target) == name for one in scope.node.body
        )
        if not annotated:
            return members
        return (
            (marked(one, f"the default of {scope.name}.{name}") for one in members)
            if members != [UNKNOWN]
            else (Gap(f"{scope.name}.{name} has no default"),)
        )

    def default(self, param: Param) -> Iterable[Value]:
        """Give a parameter's default, marked as one; nothing where it has none."""
        from osaudit.gate.scan.pyanswers import option_default  # noqa: PLC0415 - as above

        node = param.scope.node
        if not isinstance(node, FunctionNode):
            return ()
        value, title = default_of(node, param.name), f"the default of {param.name} in {param.scope.title}()"
        told = [one for one in option_default(self, node, param) if isinstance(one, Text | Shape)]
        own = self.values(value, param.scope.parent or param.scope) if value is not None else ()
        return [marked(one, title) for one in (*told, *own)]

    def entry(self, held: Shape, key: ast.expr, scope: Scope) -> Iterable[Value]:
        """Give what stands in a dictionary under a key; each value, marked, where the key is open."""
        if not isinstance(held.node, ast.Dict):
            return
        wanted = self.values(key, scope)
        texts = {one.value for one in wanted if isinstance(one, Text | Plain)}
        open_key = any(not isinstance(one, Text | Plain) for one in wanted)
        for own, value in zip(held.node.keys, held.node.values, strict=True):
            known = (
                {one.value for one in self.values(own, held.scope) if isinstance(one, Text | Plain)} if own else set()
            )
            if texts & known:
                yield from self.values(value, held.scope)
            elif open_key and own is not None:
                yield from (marked(one, "one of a dictionary") for one in self.values(value, held.scope))


_BOUND: dict[str, Callable[[Reader, Bound], Iterable[Value]]] = {
    "param": Reader._parameter,
    "function": Reader._function,
    "class": Reader._class,
    "loop": Reader._elements,
    "unpack": Reader._unpacked,
    "augment": Reader._augmented,
    "value": Reader._value,
}
"""How each way of binding a name is followed."""


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _is_static(node: FunctionNode) -> bool:
    return not isinstance(node, ast.Lambda) and any(_name(one) == "staticmethod" for one in node.decorator_list)


def _is_classmethod(code: Code) -> bool:
    node = code.scope.node
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
        _name(one) == "classmethod" for one in node.decorator_list
    )
