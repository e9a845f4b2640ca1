"""What is made of expressions and tables is made once and kept in one file, from which the program starts.

Nothing kept is found by a name or a date alone: an expression is found by its words and flags, a table by the SHA-256
of what it was made from, and all of it by the Python and the modules that made it. What was edited is therefore made
anew, and kept when the process ends, where Python keeps its own byte code; a wheel brings the file with it.
"""

from __future__ import annotations

import _sre  # type: ignore[import-not-found] # takes the code of an expression, which its compiler takes a second to make
import atexit
import base64
import contextlib
import functools
import hashlib
import importlib.util
import os
import re
import sys
import zlib
from array import array
from collections.abc import Callable
from pathlib import Path
from re import _compiler as compiler  # type: ignore[attr-defined]
from typing import Any, NamedTuple

import orjson

from osaudit.resources import data_path

MAX_BYTES = 16 * 1024 * 1024
MAX_EXPRESSIONS = 4_000
"""More than that are not of one state of the sources: those that no longer stand there are left out."""

_MAKERS = ("compiled.py", "yamlfile.py", "folding.py", "prefilter.py")
"""The modules whose work is kept."""


class Code(NamedTuple):
    """What an expression was compiled to: flags, the number of groups, their names, and the machine's words."""

    flags: int
    groups: int
    names: dict[str, int]
    words: list[int]


class _Kept:
    """What the file holds, and what this process made besides."""

    def __init__(self, stamp: str) -> None:
        self.stamp = stamp
        self.expressions, self.tables, code = _read(stamp)
        self.block = memoryview(code).cast("I")
        self.used: dict[str, Code] = {}
        self.changed = False

    def code(self, key: str) -> Code | None:
        """Return the code of an expression, None where none is kept."""
        found = self.expressions.get(key)
        if found is None:
            return None
        flags, groups, names, start, length = found
        return Code(flags, groups, names, self.block[start : start + length].tolist())

    def add(self) -> None:
        """Keep what was made when the process ends."""
        if not self.changed:
            self.changed = True
            atexit.register(keep)


@functools.cache
def regex(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Compile an expression of osaudit's own, as `re.compile` does; from kept code where this one was compiled before.

    Expressions that hold strangers' words are for `re.compile`: what is compiled here is kept.
    """
    kept, key = _kept(), f"{int(flags)} {pattern}"
    code = kept.code(key)
    try:
        return _made(pattern, code or _new(kept, key, pattern, int(flags)))
    except (
        AttributeError,
        IndexError,
        TypeError,
        RuntimeError,
        OverflowError,
    ):  # another Python
        return re.compile(pattern, flags)


def _new(kept: _Kept, key: str, pattern: str, flags: int) -> Code:
    code = kept.used[key] = _compile(pattern, flags)
    kept.add()
    return code


def _made(pattern: str, code: Code) -> re.Pattern[str]:
    """Hand the code to the machine, which checks it."""
    indexes = [None, *(None for _ in range(code.groups))]
    for name, index in code.names.items():
        indexes[index] = name  # type: ignore[call-overload]
    made: re.Pattern[str] = _sre.compile(pattern, code.flags, code.words, code.groups, code.names, tuple(indexes))
    return made


def _compile(pattern: str, flags: int) -> Code:
    """Compile as Python's `re._compiler.compile` does, up to the last step, which takes the code."""
    tree = compiler._parser.parse(pattern, flags)  # noqa: SLF001 - the compiler's own parser
    words = compiler._code(tree, flags)  # noqa: SLF001 - likewise
    return Code(flags | tree.state.flags, tree.state.groups - 1, dict(tree.state.groupdict), words)


def made(name: str, source: bytes, make: Callable[[], Any]) -> Any:  # noqa: ANN401 - what JSON can hold
    """Return what `make` makes of the source, as JSON has it: days and the keys of mappings are texts.

    It is kept under the name, and made anew where the source is another one.
    """
    kept, digest = _kept(), hashlib.sha256(source).hexdigest()
    held = kept.tables.get(name)
    if held is not None and held[0] == digest:
        return orjson.loads(held[1])
    text = orjson.dumps(make(), option=orjson.OPT_NON_STR_KEYS).decode()
    kept.tables[name] = [digest, text]
    kept.add()
    return orjson.loads(text)


def keep(path: Path | None = None) -> None:
    """Write what is kept: to a path, or beside the byte code, if that can be written."""
    kept = _kept()
    if path is None and sys.dont_write_bytecode:
        return
    codes = {key: kept.code(key) for key in kept.expressions} | kept.used
    if len(codes) > MAX_EXPRESSIONS:
        codes = dict(kept.used)
    block, listed = array("I"), {}
    for key, code in sorted(codes.items()):
        if code is not None:
            listed[key] = [code.flags, code.groups, code.names, len(block), len(code.words)]
            block.extend(code.words)
    held = {
        "stamp": kept.stamp,
        "expressions": listed,
        "tables": dict(sorted(kept.tables.items())),
        "code": base64.b64encode(zlib.compress(block.tobytes(), 9)).decode(),
    }
    if path is not None:
        _write(path, orjson.dumps(held))
        return
    with contextlib.suppress(OSError):
        _write(_beside_byte_code(), orjson.dumps(held))


@functools.cache
def _kept() -> _Kept:
    return _Kept(_stamp())


def _stamp() -> str:
    """Name the Python and the state of the modules that make what is kept."""
    package, hashed = Path(__file__).parent, hashlib.sha256()
    for name in _MAKERS:
        with contextlib.suppress(OSError):
            hashed.update((package / name).read_bytes() + b"\0")
    return f"{sys.implementation.cache_tag} {_sre.MAGIC} {sys.byteorder} {array('I').itemsize} {hashed.hexdigest()}"


def _beside_byte_code() -> Path:
    return Path(importlib.util.cache_from_source(__file__)).with_suffix(".json")


def shipped() -> Path:
    """Where a wheel has the file."""
    return data_path(f"compiled.{sys.implementation.cache_tag}.json")


def _read(stamp: str) -> tuple[dict[str, list[Any]], dict[str, list[str]], bytes]:
    """Read what this Python and these modules made: expressions, tables, and the code of the expressions."""
    for path in (_beside_byte_code(), shipped()):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, zlib.error):
            data = path.read_bytes() if path.stat().st_size <= MAX_BYTES else b""
            held = orjson.loads(data)
            if held["stamp"] == stamp:
                return held["expressions"], held["tables"], zlib.decompress(base64.b64decode(held["code"]))
    return {}, {}, b""


def _write(path: Path, data: bytes) -> None:
    """Write beside the file and rename, so that a process which starts meanwhile reads one or the other, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
