"""Make the file that the program starts from, whole: `python -m osaudit.prepare FILE`.

What a run needs of it is kept by that run; a wheel is to bring all of it. See `osaudit.compiled`.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import osaudit
from osaudit.checks.data import crawls
from osaudit.checks.libraries import known_libraries
from osaudit.compiled import keep, regex
from osaudit.licences import called, families, grants, heads, locators, names, services, stated, table
from osaudit.packs import load_packs
from osaudit.restrictions import book, phrases

ROOMS = ("reading", "licences", "restrictions", "checks", "sources", "mof")


def prepare(path: Path) -> None:
    """Compile what every module compiles, parse every table, and write the file; OSError where it cannot be written."""
    for module in _modules():
        importlib.import_module(module)
        for pattern, flags in _expressions(Path(sys.modules[module].__file__ or "")):
            regex(pattern, flags)
    ask_tables()
    for language in book.languages().values():
        language.prepare()
    for phrase in phrases.phrases():
        for pattern in filter(None, (phrase.says, phrase.needs, phrase.unless)):
            phrases.compiled(pattern)
    keep(path)


def ask_tables() -> None:
    """Have every table loaded."""
    table.load_table()
    grants.load_vocabulary()
    locators.load_locators()
    stated.load_statements()
    services.services()
    heads.load_listed()
    families.family_of("acme/nothing")
    names.keys_of_tag("nothing")
    names.names_in("a licence of nothing")
    called.mention()
    called.owned_mention()
    called.maker_mention()
    known_libraries()
    crawls()
    load_packs(["all"])
    book.sense().understand("the licence of this model")
    book.stems()
    phrases.closed("", "", "card")
    phrases.closed("", "", "licence")


def _modules() -> Iterator[str]:
    """Name the modules whose expressions are kept."""
    yield from (f"osaudit.{one.name}" for one in pkgutil.iter_modules(osaudit.__path__) if one.name not in _ASIDE)
    for room in ROOMS:
        package = importlib.import_module(f"osaudit.{room}")
        yield from (one.name for one in pkgutil.walk_packages(package.__path__, f"osaudit.{room}."))


_ASIDE = {"cli", "gate", "bom", "probe", "render", "prepare", "__main__", "scan", "sweep", "site"}


def _expressions(file: Path) -> Iterator[tuple[str, int]]:
    """List the expressions that a module's functions hold: these are compiled when they are first called."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        match node:
            case ast.Call(func=ast.Name("regex"), args=[ast.Constant(str(pattern)), *flags]):
                yield pattern, sum(_flag(flag) for flag in flags)
            case _:
                pass


def _flag(node: ast.expr) -> int:
    return int(getattr(re, node.attr)) if isinstance(node, ast.Attribute) else 0


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))
