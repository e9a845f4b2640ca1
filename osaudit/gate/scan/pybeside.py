"""What Python adopts besides its loaders' calls: addresses, variables that it sets, and commands that it starts."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from osaudit.gate.scan.adopted import Found, Sight, Spot
from osaudit.gate.scan.forms import table
from osaudit.gate.scan.hubnames import ADDRESS, Named, address, is_pinned, repository
from osaudit.gate.scan.pycalls import Site, Through, names_of, revision_of
from osaudit.gate.scan.pymodule import Block, Module, Scope, last_name
from osaudit.gate.scan.pytypes import UNKNOWN, Gap, Shape, Text
from osaudit.gate.scan.pyvalues import Reader
from osaudit.gate.scan.pyworld import World
from osaudit.gate.scan.shellcalls import Assigned, Numbered, Offsets, in_script, in_words, variable
from osaudit.gate.scan.shellwords import Word

_STARTS = frozenset(
    {"run", "Popen", "call", "check_call", "check_output", "system", "popen", "create_subprocess_exec", "getoutput"}
)
_STARTERS = frozenset({"subprocess", "os", "asyncio", "sp", "invoke", "sh", "shutil"})
_RUNS = re.compile(r"(?:^|_)(?:exec|execute|system|cmd|command|shell|bash)(?:_|$)")
"""Functions of one's own that start commands, by their names: what they are handed has to begin with a known one."""
_BEGINS = re.compile(r"\s*(?:huggingface-cli|hf)\s+download\s|\s*(?:vllm\s+serve|ollama\s+pull|git\s+clone)\s")


def beside(module: Module, world: World) -> Iterator[Sight | Assigned]:
    """Give what a file's addresses, variables and commands adopt."""
    yield from _addresses(module, world)
    yield from _environments(module, world)
    yield from _sets(module, world)
    for node, scope, block in module.calls:
        last = last_name(node.func)
        if (last in _STARTS and _starts(node.func, module)) or _RUNS.search(last):
            yield from _command(node, scope, block, world, certain=last in _STARTS)


def _addresses(module: Module, world: World) -> Iterator[Sight]:
    for node, scope in module.strings:
        if isinstance(node, ast.Constant) and not ADDRESS.match(str(node.value)):
            if str(node.value).startswith("local:") and _imports(module, "llama_index"):
                named = repository(str(node.value).removeprefix("local:"), bare=False)
                yield from [found(named, module.where(node), "llama_index, local:")] if named is not None else ()
            continue
        for held in (
            Reader(world, scope).values(node, scope) if isinstance(node, ast.JoinedStr) else _text(node, module)
        ):
            named = address(held.value) if isinstance(held, Text) and ADDRESS.fullmatch(held.value) else None
            if named is not None and "://" in str(getattr(held, "value", "")):
                yield found(named, module.where(node), "an address of the Hub")


def _imports(module: Module, package: str) -> bool:
    return any(name.partition(".")[0] == package for name in (*module.imports.values(), *module.stars))


def _text(node: ast.Constant | ast.JoinedStr, module: Module) -> tuple[Text, ...]:
    return (Text(str(node.value), module.where(node)),) if isinstance(node, ast.Constant) else ()


def found(named: Named, spot: Spot, how: str) -> Found:
    """A repository that words name by themselves."""
    return Found(named.repo, named.kind, named.revision, is_pinned(named.revision), spot, how)


def _environments(module: Module, world: World) -> Iterator[Sight | Assigned]:
    """`{"HF_MODEL_ID": ...}` and `os.environ["MODEL_ID"] = ...`, as the services' own documentation has them."""
    known = table().variables
    for node, scope in module.mappings:
        keys = [key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else "" for key in node.keys]
        for key, value in zip(keys, node.values, strict=True):
            if key not in known:
                continue
            beside = [own for name, own in zip(keys, node.values, strict=True) if name in known[key].revision]
            reader = Reader(world, scope)
            revisions = [revision_of(one) for own in beside for one in reader.values(own, scope)] or [None]
            site = Site(ast.Call(value, [], []), scope, (), world, known[key], f"{key} ({known[key].told})")
            yield from (one for one in names_of(site, value, revisions, certain=False) if not isinstance(one, Through))


def _sets(module: Module, world: World) -> Iterator[Sight | Assigned]:
    """`os.environ["MODEL_ID"] = ...`, which what is started from here reads."""
    for key, value, scope in module.sets:
        held = Reader(world, scope).values(value, scope)
        for one in held:
            if isinstance(one, Text):
                yield from variable(key, one.value, module.where(value), {}, assumed=one.assumed)


def _command(node: ast.Call, scope: Scope, block: Block, world: World, *, certain: bool) -> Iterator[Sight | Assigned]:
    """A command that Python starts: a list of words, or one string for a shell."""
    if not node.args:
        return
    reader = Reader(world, scope, block)
    arguments = node.args if last_name(node.func) == "create_subprocess_exec" else node.args[:1]
    shapes = (
        [Shape(ast.List(list(arguments)), scope)] if len(arguments) > 1 else list(reader.values(arguments[0], scope))
    )
    for held in shapes:
        if isinstance(held, Text) and (certain or _BEGINS.match(held.value)):
            yield from in_script(held.value, Offsets(lambda _: scope.module.where(node)))
        elif certain and isinstance(held, Shape) and not isinstance(held.node, ast.Dict):
            elements = held.node.elts[:200]
            words = [_word(reader, one, held.scope, number) for number, one in enumerate(elements)]
            if words:
                yield from in_words(words, Numbered(tuple(_at(held.scope.module, one) for one in elements)))


def _starts(func: ast.expr, module: Module) -> bool:
    """Whether a call is of what starts programs, by where its name comes from."""
    first = func
    while isinstance(first, ast.Attribute):
        first = first.value
    name = first.id if isinstance(first, ast.Name) else ""
    return module.imports.get(name, name).partition(".")[0] in _STARTERS


def _at(module: Module, node: ast.expr) -> Callable[[int], Spot]:
    return lambda _: module.where(node)


def _word(reader: Reader, node: ast.expr, scope: Scope, number: int) -> Word:
    values = reader.values(node, scope)
    texts = tuple(one.value for one in values if isinstance(one, Text))
    gap = next((one for one in values if isinstance(one, Gap)), UNKNOWN)
    assumed = next((one.assumed for one in values if isinstance(one, Text) and one.assumed), "")
    return Word(texts, number, gap.why if not texts else "", gap.variable, assumed)
