"""The house: no module name stands twice among packages that meet, so that an import says what it means."""

from __future__ import annotations

import ast
from collections import defaultdict
from itertools import combinations
from pathlib import Path

from program import ROOT

COMMANDS = "osaudit.cli"
"""A module of a command carries the command's name, whatever room does its work."""


def modules(package: Path) -> dict[str, ast.Module]:
    """Parse each module of a package, by its dotted name."""
    return {
        ".".join(path.relative_to(package.parent).with_suffix("").parts): ast.parse(path.read_text(encoding="utf-8"))
        for path in package.rglob("*.py")
        if path.name != "__init__.py"
    }


def room(module: str) -> str:
    return module.rpartition(".")[0]


def imported(tree: ast.Module) -> set[str]:
    names = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def twice(trees: dict[str, ast.Module]) -> list[tuple[str, str]]:
    """List the pairs of modules of one name whose packages meet: one imports of the other."""
    meet = {
        frozenset((room(module), room(name))) for module, tree in trees.items() for name in imported(tree) & set(trees)
    }
    named = defaultdict(list)
    for module in sorted(trees):
        if room(module) != COMMANDS:
            named[module.rpartition(".")[2]].append(module)
    pairs = (pair for same in named.values() for pair in combinations(same, 2))
    return [(one, other) for one, other in pairs if frozenset((room(one), room(other))) in meet]


def test_no_module_name_stands_twice_among_packages_that_meet() -> None:
    assert twice(modules(ROOT / "osaudit")) == []


def test_two_of_one_name_are_found() -> None:
    trees = {"a.eggs": ast.parse("from b import eggs"), "b.eggs": ast.parse(""), "c.eggs": ast.parse("")}
    assert twice(trees) == [("a.eggs", "b.eggs")]
