"""All Python of a tree: which files are worth parsing, and how a model's name goes through functions and files."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator

import ahocorasick

from osaudit.gate.scan.adopted import Found, Sight, Spot, Unread, Unresolved
from osaudit.gate.scan.forms import table
from osaudit.gate.scan.pycalls import Through, seen_in, through
from osaudit.gate.scan.pymodule import Module, lay_out
from osaudit.gate.scan.pyworld import World, parsed
from osaudit.gate.scan.shellcalls import Assigned

ROUNDS = 400
"""Parameters that are followed from function to function."""


def in_python(world: World, paths: frozenset[str]) -> Iterator[Sight | Assigned]:
    """Give what the Python files adopt; of other files of the tree only what these import is read."""
    needles = _needles()
    waiting: list[Through] = []
    for path in sorted(paths):
        if next(needles.iter(world.sources[path]), None) is not None:
            module = world.module(path)
            for one in seen_in(module, world) if module is not None else ():
                if isinstance(one, Through):
                    waiting.append(one)
                else:
                    yield one
    yield from _callers(world, paths, waiting)
    yield from world.unread()


@functools.cache
def _needles() -> ahocorasick.Automaton:
    """Words of which a file that adopts something has one: a library's name, a method of any, a command, an address."""
    calls = table().calls
    words = {call.package.rstrip("*") for call in calls if call.package != "*"}
    words |= {
        name.rpartition(".")[2] for call in calls for name in call.names if call.package == "*" or _is_telling(name)
    }
    words |= set(table().variables)
    for command in table().commands:
        words |= (
            {f"{quote}{command.words[0]}" for quote in "\"' "}
            if command.words[0] not in {"*", "python", "git"}
            else set()
        )
    words |= {"huggingface", "hf.co", "hf://", "python -m vllm", "sglang.launch_server", "vllm.entrypoints"}
    automaton = ahocorasick.Automaton()
    for word in words - {"", "datasets"} | {"load_dataset"}:
        automaton.add_word(word, word)
    automaton.make_automaton()
    return automaton


def _is_telling(name: str) -> bool:
    last = name.rpartition(".")[2]
    return len(last) > 9 and last != last.lower() and "*" not in last  # noqa: PLR2004 - as long as no other word has it


def _callers(world: World, paths: frozenset[str], waiting: list[Through]) -> Iterator[Sight | Assigned]:
    """Follow each parameter to the calls that give it; where nothing does, it is open."""
    done: set[tuple[int, str, str]] = set()
    given: dict[tuple[int, str], bool] = {}
    firsts: list[Through] = []
    rounds = 0
    while waiting:
        one = waiting.pop()
        key = (id(one.scope), one.name, one.how)
        if key in done or rounds >= ROUNDS:
            continue
        done.add(key)
        rounds += 1
        firsts.append(one)
        for path in _mentioning(world, paths, one):
            module = world.module(path)
            for seen in through(one, module, world) if module is not None else ():
                given[id(one.scope), one.name] = True
                if isinstance(seen, Through):
                    waiting.append(seen)
                else:
                    yield seen
    for one in firsts:
        if not given.get((id(one.scope), one.name)) and not one.defaulted and one.spot.path in paths:
            why = f"the parameter {one.name} of {one.scope.title}() is given by none of this tree's code"
            yield Unresolved(one.spot, one.how, why)


def _mentioning(world: World, paths: frozenset[str], one: Through) -> list[str]:
    """The files that may call a function: its own, and those that name both it and its module."""
    name = one.scope.name
    if name == "__init__" and one.scope.parent is not None:
        name = one.scope.parent.name
    own = one.scope.module.path
    stem, folder = (
        re.sub(r"(?:/__init__)?\.\w+$", "", own).rpartition("/")[2],
        own.rpartition("/")[0].rpartition("/")[2],
    )
    called = re.compile(rf"\b{re.escape(name)}\b")
    homes = [home for home in (stem, folder) if home]
    held = [
        path
        for path in sorted(paths)
        if path != own and any(home in world.sources[path] for home in homes) and called.search(world.sources[path])
    ]
    return [own, *held] if own in world.sources else held


def in_snippet(code: str, place: Callable[[int], Spot]) -> Iterator[Sight | Assigned]:
    """Give what code adopts that stands within another file; `place` turns its offsets into places."""
    starts = [0]
    for line in code.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    tree = parsed(code)
    first = place(0)
    if isinstance(tree, str):
        yield Unread(first.path, f"code in line {first.line} is {tree}")
        return
    module = lay_out(tree, first.path, lambda line, offset: place(starts[min(line, len(starts)) - 1] + offset))
    yield from of_module(module, World({}, frozenset()))


def of_module(module: Module, world: World) -> Iterator[Sight | Assigned]:
    """Give what one file adopts that nothing else of the tree imports: a notebook, a piece of code."""
    held = World({**world.sources, module.path: ""}, world.locals, world.folder, {**world.modules, module.path: module})
    waiting = []
    for one in seen_in(module, held):
        if isinstance(one, Through):
            waiting.append(one)
        else:
            yield one
    yield from (one for one in _callers(held, frozenset({module.path}), waiting) if isinstance(one, Found | Unresolved))
