"""What calls come to that a scan can follow: of strings, paths, the environment, command lines, and the tree's own."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping

from osaudit.gate.scan.pymodule import FunctionNode, Module, Scope, argument, last_name, option_name
from osaudit.gate.scan.pystrings import PLAIN, joined, of_text
from osaudit.gate.scan.pytypes import (
    UNKNOWN,
    Class,
    Code,
    Gap,
    Made,
    Param,
    Shape,
    Text,
    Thing,
    Value,
    Values,
    marked,
)
from osaudit.gate.scan.pyvalues import Reader

_WITH_DEFAULT = 2
"""Arguments of `get` where a default is among them."""


def answers(reader: Reader, node: ast.Call, scope: Scope) -> Iterable[Value]:
    """Give what a call comes to."""
    if isinstance(node.func, ast.Attribute):
        return _method(reader, node, node.func, scope)
    return [one for held in reader.values(node.func, scope) for one in _called(reader, held, node, scope)]


def _method(reader: Reader, node: ast.Call, func: ast.Attribute, scope: Scope) -> Iterator[Value]:
    for held in reader.values(func.value, scope):
        match held:
            case Text():
                yield from of_text(reader, held, node, func.attr, scope)
            case Shape(node=ast.Dict()) if func.attr in {"get", "values", "keys", "items", "pop"}:
                yield from _of_dict(reader, held, node, func.attr, scope)
            case Param() if func.attr in PLAIN:
                yield held
            case Gap() | Param() | Made(of=Thing()) if func.attr == "get" and len(node.args) == _WITH_DEFAULT:
                yield from (
                    marked(one, "the default of what is looked up") for one in reader.values(node.args[1], scope)
                )
            case _:
                for member in reader.member(held, func.attr, scope):
                    yield from _called(reader, member, node, scope)


def _called(reader: Reader, held: Value, node: ast.Call, scope: Scope) -> Iterable[Value]:
    match held:
        case Thing(name=name):
            return _of_library(reader, name, node, scope)
        case Class():
            return (Made(held, node, scope),)
        case Code():
            return _returned(reader, held, node, scope)
        case Gap():
            return (held,)
        case _:
            return (UNKNOWN,)


def _of_library(reader: Reader, name: str, node: ast.Call, scope: Scope) -> Iterable[Value]:
    last = name.rpartition(".")[2]
    answer = _BY_NAME.get(name) or _BY_LAST.get(last)
    told = answer(reader, node, scope) if answer is not None else None
    return (Made(Thing(name), node, scope),) if told is None else told


def _loaded(reader: Reader, node: ast.Call, scope: Scope) -> Iterable[Value] | None:
    """`importlib.import_module("transformers")` and what does the same."""
    names = reader.values(node.args[0], scope) if node.args else ()
    return [Thing(one.value) for one in names if isinstance(one, Text)] or None


def _same(reader: Reader, node: ast.Call, scope: Scope) -> Iterable[Value] | None:
    """What changes no words: `str(x)`, `Path(x)`, `cast(T, x)`."""
    if not node.args:
        return None
    return (
        reader.values(node.args[-1], scope)
        if len(node.args) == 1 or last_name(node.func) == "cast"
        else _path(reader, node, scope)
    )


def _typed_in(_: Reader, __: ast.Call, ___: Scope) -> Iterable[Value]:
    return (Gap("it is typed in"),)


def _shown_at_first(reader: Reader, node: ast.Call, scope: Scope) -> Iterable[Value] | None:
    value = argument(node, 1, "value")
    if value is None:
        return None
    return [marked(one, "the text that stands in a field at first") for one in reader.values(value, scope)]


def _environment(reader: Reader, node: ast.Call, scope: Scope) -> Iterator[Value]:
    key = (
        next((one.value for one in reader.values(node.args[0], scope) if isinstance(one, Text)), "")
        if node.args
        else ""
    )
    default = argument(node, 1, "default")
    if default is None:
        yield variable_of(reader, key)
        return
    for one in reader.values(default, scope):
        yield marked(one, f"the default of the environment variable {key}")
    held = variable_of(reader, key)
    if key in reader.world.environment:
        yield held


def variable_of(reader: Reader, name: str) -> Text | Gap:
    """What a variable of the environment comes to: what the tree's files set it to, where they give one value."""
    reader.world.asked.add(name)
    held = reader.world.environment.get(name)
    if held is None:
        return Gap(f"the environment variable {name}", name)
    if held.written is None or not held.texts:
        return Gap(held.why, name)
    return Text(held.texts[0], held.written, held.assumed)


def _default(reader: Reader, node: ast.Call, scope: Scope) -> Iterable[Value]:
    value = argument(node, 0, "default")
    factory = argument(node, -1, "default_factory")
    if isinstance(factory, ast.Lambda):
        value = factory.body
    if value is None or (isinstance(value, ast.Constant) and value.value is ...):
        return (Gap("it has no default"),)
    return reader.values(value, scope)


def _path(reader: Reader, node: ast.Call, scope: Scope) -> Iterable[Value]:
    slash: Values = (Text("/", scope.module.where(node)),)
    pieces: list[Values] = []
    for one in node.args:
        pieces += [slash] * bool(pieces) + [reader.values(one, scope)]
    return joined(reader, pieces, scope.module.where(node))


def _getattr(reader: Reader, node: ast.Call, scope: Scope) -> Iterator[Value]:
    named = node.args[1] if len(node.args) > 1 else None
    name = str(named.value) if isinstance(named, ast.Constant) else ""
    if not name:
        yield UNKNOWN
        return
    for held in reader.values(node.args[0], scope):
        yield from reader.member(held, name, scope)
    if len(node.args) > 2:  # noqa: PLR2004 - object, name, default
        yield from (marked(one, f"the default of {name}") for one in reader.values(node.args[2], scope))


def _chosen(reader: Reader, node: ast.Call, scope: Scope) -> Iterator[Value]:
    options = argument(node, 1, "options") or argument(node, 0, "choices")
    for held in reader.values(options, scope) if options is not None else ():
        yield from (marked(one, "one of the choices of a field") for one in reader.elements(held))


def _of_dict(reader: Reader, held: Shape, node: ast.Call, name: str, scope: Scope) -> Iterator[Value]:
    if not isinstance(held.node, ast.Dict):
        return
    if name == "values":
        yield Shape(ast.List(list(held.node.values)), held.scope)
    elif name == "keys":
        yield Shape(ast.List([one for one in held.node.keys if one is not None]), held.scope)
    elif name == "items":
        rows = zip(held.node.keys, held.node.values, strict=True)
        yield Shape(ast.List([ast.Tuple([key, value]) for key, value in rows if key is not None]), held.scope)
    elif node.args:
        found = list(reader.entry(held, node.args[0], scope))
        yield from found
        if len(node.args) > 1 and (not found or any(isinstance(one, Text) and one.assumed for one in found)):
            yield from (marked(one, "a dictionary's default") for one in reader.values(node.args[1], scope))
        elif not found:
            yield UNKNOWN


def _returned(reader: Reader, code: Code, node: ast.Call, scope: Scope) -> Iterator[Value]:
    """What a function of the tree gives back; a parameter that it hands through is the caller's argument."""
    results = code.scope.returns
    if not results:
        yield UNKNOWN
    for result in results:
        for one in reader.values(result, code.scope):
            if isinstance(one, Param) and one.scope is code.scope:
                given = handed(code, node, one.name)
                yield from reader.values(given, scope) if given is not None else reader.default(one)
            else:
                yield one


def handed(code: Code, node: ast.Call, name: str) -> ast.expr | None:
    """The argument that a call hands to a parameter of a function; None where it hands none."""
    if not isinstance(code.scope.node, FunctionNode):
        return None
    by_place = [one.arg for one in (*code.scope.node.args.posonlyargs, *code.scope.node.args.args)]
    by_place = by_place[1:] if code.bound else by_place
    return argument(node, by_place.index(name) if name in by_place else -1, name)


# objects of libraries


def of_object(reader: Reader, held: Made, name: str, scope: Scope) -> Iterable[Value]:
    """What an attribute of a library's object holds: an option of the command line, or a name below the maker's."""
    maker = held.of
    if not isinstance(maker, Thing):
        return (UNKNOWN,)
    if maker.name.rpartition(".")[2] in {"parse_args", "parse_known_args", "parse_args_into_dataclasses", "Namespace"}:
        return of_arguments(reader, name, scope) or (Gap(f"an option of the command line, {name}"),)
    if maker.name in {"openai.OpenAI", "openai.AsyncOpenAI"} and _asks_the_hub(reader, held):
        return (Thing(f"huggingface_hub.InferenceClient.{name}"),)
    return (Thing(f"{maker.name}.{name}"),)


def _asks_the_hub(reader: Reader, held: Made) -> bool:
    """Whether a client of OpenAI's asks Hugging Face's router, which takes ids of the Hub."""
    base = argument(held.call, -1, "base_url") if held.call is not None else None
    values = reader.values(base, held.scope) if base is not None and held.scope is not None else ()
    return any(isinstance(one, Text) and "huggingface.co/" in one.value for one in values)


def of_arguments(reader: Reader, name: str, scope: Scope) -> list[Value]:
    """What an option has as its default, or its choices, by the name of the attribute that it becomes.

    Options of argparse and absl in the same file, and fields of its data classes and of those that it imports.
    """
    module = scope.module
    found: list[Value] = []
    for node, within in module.options.get(name, ()):
        title = f"the default of --{name.replace('_', '-')}"
        default = argument(node, 1 if last_name(node.func).startswith("DEFINE") else -1, "default")
        choices = argument(node, -1, "choices")
        if default is not None and not (isinstance(default, ast.Constant) and default.value is None):
            found += [marked(one, title) for one in reader.values(default, within)]
        elif choices is not None:
            held = reader.values(choices, within)
            found += [
                marked(one, f"one of the choices of --{name}") for one_held in held for one in reader.elements(one_held)
            ]
        else:
            found.append(Gap(f"an option of the command line, --{name.replace('_', '-')}"))
    return found or _of_fields(reader, name, module)


def _of_fields(reader: Reader, name: str, module: Module) -> list[Value]:
    if module.fields is None:
        module.fields = {}
        classes = [bound.scope for bounds in module.scope.names.values() for bound in bounds if bound.how == "class"]
        for local in module.imports:
            if local[:1].isupper():
                classes += [one.scope for one in reader.name(local, module.scope) if isinstance(one, Class)]
        for scope in classes:
            for own in scope.names:
                module.fields.setdefault(own.rstrip(":"), scope)
    holder = module.fields.get(name)
    return list(reader.member(Made(Class(holder)), name, module.scope)) if holder is not None else []


def option_default(reader: Reader, node: FunctionNode, param: Param) -> Iterator[Value]:
    """The default that a decorator of click's gives a parameter."""
    for decorator in [] if isinstance(node, ast.Lambda) else node.decorator_list:
        if (
            isinstance(decorator, ast.Call)
            and last_name(decorator.func) == "option"
            and option_name(decorator) == param.name
        ):
            default = argument(decorator, -1, "default")
            if default is not None:
                yield from reader.values(default, param.scope.parent or param.scope)


_Answer = Callable[[Reader, ast.Call, Scope], Iterable[Value] | None]
_BY_NAME: Mapping[str, _Answer] = {
    **dict.fromkeys(("os.getenv", "os.environ.get", "os.environ.setdefault", "environ.get", "getenv"), _environment),
    **dict.fromkeys(("decouple.config", "environs.Env.str", "environ.Env.str"), _environment),
    **dict.fromkeys(("os.path.join", "posixpath.join"), _path),
    "getattr": _getattr,
    "input": _typed_in,
}
_BY_LAST: Mapping[str, _Answer] = {
    **dict.fromkeys(("import_module", "importorskip", "LazyLoader", "LazyImport"), _loaded),
    **dict.fromkeys(("str", "Path", "PurePath", "PosixPath", "cast", "fspath", "abspath", "expanduser"), _same),
    **dict.fromkeys(("Option", "Argument", "Field", "field", "attrib", "ib", "Query", "Body", "Form"), _default),
    **dict.fromkeys(("selectbox", "radio", "segmented_control", "Dropdown", "Radio"), _chosen),
    "text_input": _shown_at_first,
}
"""What calls of libraries come to, by their whole name or its last part; what stands in neither makes an object."""
