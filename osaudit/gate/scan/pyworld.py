"""The Python files of a tree: parsed when first asked for, and found by the names that imports give them."""

from __future__ import annotations

import ast
import io
import posixpath
import re
import tokenize
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from osaudit.gate.scan.adopted import Spot, Unread
from osaudit.gate.scan.pymodule import Module, lay_out
from osaudit.gate.scan.shellwords import Held

_CODINGS = frozenset(
    {
        "utf-8",
        "utf-8-sig",
        "iso-8859-1",
        "latin-1",
        "cp1252",
        "iso-8859-15",
        "ascii",
        "utf-16",
        "gbk",
        "shift_jis",
        "euc-jp",
        "euc-kr",
        "koi8-r",
        "big5",
    }
)
_TOO_DEEP = "nested too deeply to be parsed"


@dataclass(slots=True)
class World:
    """The Python sources of a tree by path, and the modules that were laid out so far."""

    sources: Mapping[str, str]
    locals: frozenset[str]
    """Every path of the tree, and every folder: what a name may mean before it means a repository."""
    folder: Path | None = None
    """Where the tree stands on disk: what git ignores there is local as well."""
    modules: dict[str, Module | Unread] = field(default_factory=dict)
    finds: dict[tuple[str, str], str | None] = field(default_factory=dict)
    environment: Mapping[str, Held] = field(default_factory=dict)
    """What other files set for the variables that code reads."""
    asked: set[str] = field(default_factory=set)
    """The variables that were read where a model or a revision is named."""

    def module(self, path: str) -> Module | None:
        """Lay a file out, once; None where it is no Python."""
        if path not in self.modules:
            source = self.sources.get(path)
            self.modules[path] = Unread(path, "not there") if source is None else parse(source, path)
        held = self.modules[path]
        return held if isinstance(held, Module) else None

    def unread(self) -> Iterable[Unread]:
        """The files that were asked for, and could not be parsed."""
        return (one for one in self.modules.values() if isinstance(one, Unread) and one.path in self.sources)

    def find(self, dotted: str, path: str) -> str | None:
        """Give the file that an import in another file means; None where the tree has none of that name.

        A script's own folder and those above it may be where imports begin, and so may `src` in each.
        """
        key = dotted, posixpath.dirname(path)
        if key not in self.finds:
            self.finds[key] = self._found(dotted, path)
        return self.finds[key]

    def _found(self, dotted: str, path: str) -> str | None:
        plain = dotted.lstrip(".")
        dots = len(dotted) - len(plain)
        parts = plain.split(".") if plain else []
        here = posixpath.dirname(path)
        if dots:
            for _ in range(dots - 1):
                here = posixpath.dirname(here)
            return self._file(here, parts)
        while True:
            for start in (here, posixpath.join(here, "src")):
                if parts and (found := self._file(start, parts)):
                    return found
            if not here:
                return None
            here = posixpath.dirname(here)

    def _file(self, folder: str, parts: list[str]) -> str | None:
        stem = posixpath.join(folder, *parts) if parts else folder
        candidates = (f"{stem}.py", posixpath.join(stem, "__init__.py") if stem else "__init__.py")
        return next((one for one in candidates if one in self.sources), None)

    def is_local(self, words: str, path: str) -> bool:
        """Tell whether words name a file or folder of the tree, seen from its root or from a file's own folder."""
        plain = words.strip("/")
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), plain))
        if not plain or plain in self.locals or beside in self.locals:
            return bool(plain)
        try:
            return self.folder is not None and "\0" not in plain and (self.folder / plain).exists()
        except OSError:
            return False


def parse(source: str, path: str) -> Module | Unread:
    """Parse and lay out a file; why it could not be parsed, where it could not."""
    tree = parsed(source)
    if isinstance(tree, str):
        return Unread(path, tree)
    lines = source.split("\n")
    return lay_out(tree, path, lambda line, offset: Spot(path, line, column(lines, line, offset)))


def parsed(source: str) -> ast.Module | str:
    """Parse Python; in words what is wrong with it, where it is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except SyntaxError as error:
        return f"not readable Python: {error.msg}, line {error.lineno or 1}"
    except (RecursionError, MemoryError):
        return _TOO_DEEP
    except ValueError as error:
        return f"not readable Python: {error}"


def column(lines: list[str], line: int, offset: int) -> int:
    """Turn an offset in UTF-8 bytes into a column in characters, from 1."""
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    if text.isascii():
        return offset + 1
    return len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "ignore")) + 1


def decoded(data: bytes) -> str | None:
    """Decode a Python file as Python does (PEP 263); None where it cannot be."""
    try:
        coding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(coding) if coding in _CODINGS else None
    except (SyntaxError, UnicodeError, LookupError, ValueError):
        return None
    return None if text is None else re.sub(r"\r\n?", "\n", text)
