"""The calls of a Python file that take a model, and what they are handed."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from osaudit.gate.scan.adopted import Found, Sight, Spot, Unresolved
from osaudit.gate.scan.forms import Form, call_of, last_names
from osaudit.gate.scan.hubnames import is_pinned, reads_as_folder
from osaudit.gate.scan.pyanswers import handed
from osaudit.gate.scan.pymodule import Block, Module, Scope, argument, last_name
from osaudit.gate.scan.pytypes import (
    Class,
    Code,
    Gap,
    Made,
    Param,
    Plain,
    Shape,
    Text,
    Thing,
    Value,
)
from osaudit.gate.scan.pyvalues import Reader
from osaudit.gate.scan.pyworld import World
from osaudit.gate.scan.shellcalls import Assigned

_LOADER = "transformers.?."
_LIBRARIES = frozenset({"transformers", "diffusers", "peft", "optimum", "tokenizers", "trl", "sentence_transformers"})
_HANDS_ON = {"partial": 0, "to_thread": 0, "submit": 0, "run_in_executor": 1, "delayed": 0}
_SAVES = frozenset({"save_pretrained", "save_model", "save", "save_to_disk", "export"})
_SAVED_TO = frozenset({"output_dir", "save_directory", "local_dir", "cache_dir", "save_path", "output_path"})
_REVISIONS = 4


@dataclass(frozen=True, slots=True)
class Through:
    """A parameter of a function of the tree that ends where a model is named: who calls it adopts."""

    scope: Scope
    name: str
    form: Form
    revision: tuple[Param | str | None, ...]
    how: str
    spot: Spot
    defaulted: bool

    @property
    def called(self) -> str:
        """The name by which calls enter the function: a class's, where it makes an object."""
        holder = self.scope.parent
        return holder.name if self.scope.name == "__init__" and holder is not None else self.scope.name


Seen = Sight | Assigned | Through


@dataclass(frozen=True, slots=True)
class Site:
    """One call: where it stands, what its form is, and what reports call it."""

    node: ast.Call
    scope: Scope
    block: Block
    world: World
    form: Form
    how: str

    def reader(self) -> Reader:
        """A reading that begins here."""
        return Reader(self.world, self.scope, self.block)


def seen_in(module: Module, world: World) -> Iterator[Seen]:
    """Give what a file's calls of loaders adopt."""
    for node, scope, block in module.calls:
        for form, how, call in _forms(node, scope, block, world):
            yield from _adopts(Site(call, scope, block, world, form, how))


def through(callers: Mapping[str, list[Through]], module: Module, world: World) -> Iterator[tuple[Seen, Through]]:
    """Give what a file's calls hand to parameters that end where a model is named, by the names of their functions."""
    local = {name: name for name in callers}
    local |= {name: last for name, dotted in module.imports.items() if (last := dotted.rpartition(".")[2]) in callers}
    for node, scope, block in module.calls:
        name = local.get(last_name(node.func))
        if name is None:
            continue
        for held in Reader(world, scope, block).values(node.func, scope):
            code = _entered(held)
            for caller in callers[name] if code is not None else ():
                if code is not None and code.scope is caller.scope:
                    how = (
                        caller.how
                        if "(), which calls " in caller.how
                        else f"{caller.scope.title}(), which calls {caller.how}"
                    )
                    site = Site(node, scope, block, world, caller.form, how)
                    yield from ((seen, caller) for seen in _handed(caller, code, site))


def _entered(held: Value) -> Code | None:
    """The function that a call enters: a class's is its `__init__`."""
    if isinstance(held, Code):
        return held
    if isinstance(held, Class):
        for bound in held.scope.names.get("__init__", ()):
            if bound.how == "function":
                return Code(bound.scope, bound=True)
    return None


def _handed(caller: Through, code: Code, site: Site) -> Iterator[Seen]:
    given = handed(code, site.node, caller.name)
    if given is None:
        return
    revisions: list[str | Param | Gap | None] = []
    for one in caller.revision:
        if isinstance(one, Param) and one.scope is code.scope:
            own = handed(code, site.node, one.name)
            held = site.reader().values(own, site.scope) if own is not None else tuple(site.reader().default(one))
            revisions += [revision_of(value) for value in held] or [None]
        else:
            revisions.append(one)
    yield from names_of(site, given, revisions or [None])


def _forms(node: ast.Call, scope: Scope, block: Block, world: World) -> Iterator[tuple[Form, str, ast.Call]]:
    """The forms that a call has, by each name that its function may have; a call that is handed on counts as one."""
    last = last_name(node.func)
    if last in _HANDS_ON and len(node.args) > _HANDS_ON[last]:
        at = _HANDS_ON[last]
        inner = ast.Call(node.args[at], node.args[at + 1 :], node.keywords)
        ast.copy_location(inner, node)
        if isinstance(inner.func, ast.Attribute | ast.Name):
            yield from _forms(inner, scope, block, world)
        return
    imported = scope.module.imports.get(last, "").rpartition(".")[2]
    loose = isinstance(node.func, ast.Attribute) or last.endswith("Trainer") or imported.endswith("Trainer")
    if not ({last, imported} & last_names() or loose or last in scope.names or last in scope.module.scope.names):
        return
    seen: set[str] = set()
    for name in _callee(node, scope, block, world, certain=bool({last, imported} & last_names())):
        form = call_of(name)
        if form is not None and name not in seen:
            seen.add(name)
            yield form, name.removeprefix(_LOADER).removeprefix("?."), node


def _callee(node: ast.Call, scope: Scope, block: Block, world: World, *, certain: bool) -> Iterator[str]:
    func = node.func
    if isinstance(func, ast.Attribute) and not certain and not _has_model(node):
        return
    held = Reader(world, scope, block).values(func, scope)
    names = [one.name for one in held if isinstance(one, Thing)]
    yield from names
    if not names and isinstance(func, ast.Attribute) and certain and not any(isinstance(one, Code) for one in held):
        yield f"{_LOADER if _of_the_hub(scope) else '?.'}{func.attr}"


def _of_the_hub(scope: Scope) -> bool:
    """Whether a file imports a library whose loaders take bare names, so that an unknown loader may be one of its."""
    return any(name.partition(".")[0] in _LIBRARIES for name in (*scope.module.imports.values(), *scope.module.stars))


def _has_model(node: ast.Call) -> bool:
    return any(one.arg == "model" for one in node.keywords)


def _adopts(site: Site) -> Iterator[Seen]:
    node, form = site.node, site.form
    kind = _kind(site)
    if kind == "space":
        return
    if kind == "dataset" and form.kind == "model":
        site = replace(site, form=replace(form, kind="dataset"))
    revisions = _revisions(site)
    model = _argument(site, form.model)
    if model is not None:
        yield from names_of(site, model, revisions)
    elif any(one.arg is None for one in node.keywords) and form.takes != "method":
        yield Unresolved(site.scope.module.where(node), site.how, "its arguments are unpacked from elsewhere")
    elif form.otherwise and (node.args or node.keywords):
        yield Unresolved(site.scope.module.where(node), site.how, f"no model is named: {form.otherwise}")
    for name in form.also:
        other = argument(node, -1, name)
        if other is not None:
            yield from names_of(site, other, [None], certain=False)


def _argument(site: Site, places: Iterable[int | str]) -> ast.expr | None:
    for one in places:
        found = argument(site.node, one, "") if isinstance(one, int) else _keyword(site, one)
        if found is not None:
            return found
    return None


def _keyword(site: Site, name: str) -> ast.expr | None:
    """An argument by its name, also where a dictionary that is written out is unpacked."""
    if (found := argument(site.node, -1, name)) is not None:
        return found
    for unpacked in (one.value for one in site.node.keywords if one.arg is None):
        for held in site.reader().values(unpacked, site.scope):
            if isinstance(held, Shape) and isinstance(held.node, ast.Dict):
                for key, value in zip(held.node.keys, held.node.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == name:
                        return value
            if isinstance(held, Made) and held.of == Thing("dict") and held.call is not None:
                return argument(held.call, -1, name)
    return None


def _kind(site: Site) -> str:
    held = argument(site.node, -1, site.form.kind_from) if site.form.kind_from else None
    values = site.reader().values(held, site.scope) if held is not None else ()
    return next((one.value for one in values if isinstance(one, Text)), site.form.kind)


def _revisions(site: Site) -> list[str | Param | Gap | None]:
    held = _argument(site, site.form.revision)
    if held is None:
        return [None]
    return [revision_of(one) for one in site.reader().values(held, site.scope)][:_REVISIONS] or [None]


def revision_of(value: Value) -> str | Param | Gap | None:
    """What a value asks for as a revision; None for the default branch."""
    match value:
        case Text():
            return value.value or None
        case Param() | Gap():
            return value
        case Plain(value=None):
            return None
        case _:
            return Gap("it is computed when the program runs")


def names_of(
    site: Site, model: ast.expr, revisions: list[str | Param | Gap | None], *, certain: bool = True
) -> Iterator[Seen]:
    """Give what an argument names, for each value that it may have."""
    reader = site.reader()
    spot = site.scope.module.where(model if _stands_in(model, site.node) else site.node)
    values = list(reader.values(model, site.scope))
    for shape in [one for one in values if isinstance(one, Shape) and not isinstance(one.node, ast.Dict)]:
        values += reader.elements(shape)
    for value in values:
        match value:
            case Text():
                yield from _named(site, value, revisions, spot)
            case Param():
                defaults = [one for one in reader.default(value) if isinstance(one, Text)]
                for one in defaults:
                    yield from _named(site, one, revisions, spot)
                empty = any(isinstance(one, Plain) for one in reader.default(value))
                held = tuple(one for one in revisions if not isinstance(one, Gap))
                yield Through(value.scope, value.name, site.form, held, site.how, spot, bool(defaults) or empty)
            case Gap() if certain:
                yield Unresolved(spot, site.how, value.why, value.variable)
            case Made(of=Thing(name=name)) if certain and not _is_object(name):
                yield Unresolved(spot, site.how, f"it is what {name[:100]}() gives")
            case Thing(name=name) if certain and "." in name and not _is_object(name):
                yield Unresolved(spot, site.how, f"it is {name[:100]}, which is not in this tree")
            case _:
                pass


def _stands_in(model: ast.expr, node: ast.Call) -> bool:
    """Whether an argument stands in the call itself: one that is unpacked from elsewhere does not."""
    end = node.end_lineno if hasattr(node, "end_lineno") else None
    return end is None or node.lineno <= getattr(model, "lineno", 0) <= end


def _is_object(name: str) -> bool:
    last = name.rpartition(".")[2]
    return last[:1].isupper() or last.startswith(("from_", "load", "get_peft", "create_", "build", "prepare", "init"))


def _named(site: Site, text: Text, revisions: list[str | Param | Gap | None], spot: Spot) -> Iterator[Seen]:
    if _is_own(text.value, site.scope.module, site.world):
        return
    named = site.form.named(text.value)
    path = site.scope.module.path
    if named is None and _loads_own(site):
        yield Unresolved(
            spot, site.how, f"{text.value[:60]!r} is the library's own name: its version tells the repository"
        )
    if named is None and reads_as_folder(text.value) and not site.world.is_local(text.value, path):
        yield Unresolved(
            spot, site.how, f"{text.value[:60]!r} reads like a folder, and this tree has none of that name"
        )
    if named is None or (named.repo == text.value and site.world.is_local(text.value, path)):
        return
    written = text.spot if text.spot.path and (text.spot.path, text.spot.line) != (spot.path, spot.line) else None
    kind = site.form.kind if named.kind == "model" else named.kind
    for one in revisions:
        settled, why = _settled(site, one)
        revision = named.revision or settled
        if why and not named.revision:
            yield Unresolved(spot, site.how, f"the revision of {named.repo}: {why}")
        yield Found(named.repo, kind, revision, is_pinned(revision), spot, site.how, text.assumed, written)


def _loads_own(site: Site) -> bool:
    """Whether a library is asked for weights by a name of its own."""
    given = argument(site.node, -1, site.form.own) if site.form.own else None
    return given is not None and not (isinstance(given, ast.Constant) and not given.value)


def _settled(site: Site, revision: str | Param | Gap | None) -> tuple[str | None, str]:
    if isinstance(revision, Gap):
        return None, revision.why
    if not isinstance(revision, Param):
        return revision, ""
    defaults = list(site.reader().default(revision))
    told = next((one.value for one in defaults if isinstance(one, Text)), None)
    return (
        told,
        "" if defaults else f"the parameter {revision.name} of {revision.scope.title}() is given by who calls it",
    )


def _saved(module: Module, world: World) -> frozenset[str]:
    """The folders that a file itself writes to: a name that is loaded from one of them is no repository."""
    held = set()
    for node, scope, block in module.calls:
        targets = [one.value for one in node.keywords if one.arg in _SAVED_TO]
        targets += node.args[:1] if last_name(node.func) in _SAVES else []
        for target in targets:
            held |= {
                one.value.strip("/")
                for one in Reader(world, scope, block).values(target, scope)
                if isinstance(one, Text)
            }
    return frozenset(held)


def _is_own(words: str, module: Module, world: World) -> bool:
    """Whether words name a folder that the file itself writes to, or one in it."""
    if module.saved is None:
        module.saved = _saved(module, world)
    return words.strip("/") in module.saved or any(words.startswith(f"{folder}/") for folder in module.saved if folder)
