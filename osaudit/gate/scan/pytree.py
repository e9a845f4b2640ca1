"""All Python of a tree: which files are worth parsing, and how a model's name goes through functions and files."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import ahocorasick

from osaudit.gate.scan.adopted import Found, Sight, Spot, Unread, Unresolved
from osaudit.gate.scan.forms import table
from osaudit.gate.scan.pybeside import beside
from osaudit.gate.scan.pycalls import Seen, Through, seen_in, through
from osaudit.gate.scan.pymodule import Module, lay_out
from osaudit.gate.scan.pyworld import World, parsed
from osaudit.gate.scan.shellcalls import Assigned

GENERATIONS = 16
"""Functions that a model's name is followed through, one calling the other."""


def in_python(world: World, paths: frozenset[str]) -> Iterator[Sight | Assigned]:
    """Give what the Python files adopt; of other files of the tree only what these import is read."""
    needles = _needles()
    waiting: list[Through] = []
    for path in sorted(paths):
        if next(needles.iter(world.sources[path]), None) is not None:
            module = world.module(path)
            if module is None:
                continue
            yield from beside(module, world)
            for one in seen_in(module, world):
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
    words = {package.rstrip("*") for call in calls for package in call.packages if package != "*"}
    words |= {
        name.rpartition(".")[2] for call in calls for name in call.names if "*" in call.packages or _is_telling(name)
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
    done: dict[tuple[int, str, str], Through] = {}
    given: set[tuple[int, str]] = set()
    for _ in range(GENERATIONS):
        new = {key: one for one in waiting if (key := (id(one.scope), one.name, one.how)) not in done}
        if not new:
            break
        done |= new
        waiting = []
        for seen, caller in _one_generation(world, paths, list(new.values())):
            given.add((id(caller.scope), caller.name))
            if isinstance(seen, Through):
                waiting.append(seen)
            else:
                yield seen
    for one in done.values():
        if (id(one.scope), one.name) not in given and not one.defaulted and one.spot.path in paths:
            why = f"the parameter {one.name} of {one.scope.title}() is given by none of this tree's code"
            yield Unresolved(one.spot, one.how, why)
    for one in waiting:
        if (id(one.scope), one.name, one.how) not in done:
            yield Unresolved(one.spot, one.how, "it goes through too many functions to follow")


def _one_generation(world: World, paths: frozenset[str], callers: list[Through]) -> Iterator[tuple[Seen, Through]]:
    """Give what calls of some functions hand them, in one pass over the files."""
    named: dict[str, list[Through]] = {}
    for one in callers:
        named.setdefault(one.called, []).append(one)
    automaton = ahocorasick.Automaton()
    for name in named:
        automaton.add_word(name, name)
    automaton.make_automaton()
    for path in sorted(paths):
        text = world.sources[path]
        present = {name for _, name in automaton.iter(text)}
        near = {name: [one for one in named[name] if _is_near(one, path, text)] for name in present}
        module = world.module(path) if any(near.values()) else None
        if module is not None:
            yield from through({name: held for name, held in near.items() if held}, module, world)


def _is_near(one: Through, path: str, text: str) -> bool:
    """Whether a file may call a function: its own does, and those that name its module or its package."""
    own = one.scope.module.path
    if own == path:
        return True
    stem = re.sub(r"(?:/__init__)?\.\w+$", "", own).rpartition("/")[2]
    folder = own.rpartition("/")[0].rpartition("/")[2]
    return (bool(stem) and stem in text) or (bool(folder) and folder in text)


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
    sources, modules = {**world.sources, module.path: ""}, {**world.modules, module.path: module}
    held = replace(world, sources=sources, modules=modules, finds={})
    waiting = []
    yield from beside(module, held)
    for one in seen_in(module, held):
        if isinstance(one, Through):
            waiting.append(one)
        else:
            yield one
    yield from (one for one in _callers(held, frozenset({module.path}), waiting) if isinstance(one, Found | Unresolved))
