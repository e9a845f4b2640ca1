"""What is made of expressions and tables is made once and kept in one file, from which the program starts.

Nothing kept is found by a name or a date alone: an expression is found by its words and flags, a table by the SHA-256
of what it was made from, and all of it by the Python and the modules that made it. What was edited is therefore made
anew, and kept when the process ends, where Python keeps its own byte code; a wheel brings the file with it.
"""

from __future__ import annotations

import _sre  # type: ignore[import-not-found] # takes the code of an expression, which its compiler takes a second to make
import atexit
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
"""More than that, tables included, are not of one state of the sources: what no longer stands there is left out."""

_MAKERS = ("compiled.py", "yamlfile.py", "folding.py", "prefilter.py")
"""The modules whose work is kept."""


class Code(NamedTuple):
    """What an expression was compiled to: flags, the number of groups, their names, and the machine's words."""

    flags: int
    groups: int
    names: dict[str, int]
    words: list[int]


class Packed(NamedTuple):
    """What a file holds: where in its blocks each expression's code and each table lies, packed by itself.

    An expression has its flags, groups, their names, start and length, by its words; a table the SHA-256 of its source,
    start and length, by its name.
    """

    expressions: dict[str, list[Any]]
    tables: dict[str, list[Any]]
    blocks: memoryview


class _Kept:
    """What the file holds, what of it this process asked for, and what it made besides."""

    def __init__(self, stamp: str) -> None:
        self.stamp = stamp
        self.file = _read(stamp)
        self.codes: dict[str, Code] = {}
        self.tables: dict[str, tuple[str, bytes]] = {}
        self.asked: set[str] = set()
        self.changed = False

    def code(self, key: str) -> Code | None:
        """Return the code of an expression, None where none is kept."""
        self.asked.add(key)
        made, found = self.codes.get(key), self.file.expressions.get(key)
        if made is not None or found is None:
            return made
        flags, groups, names, start, length = found
        words = self._unpacked(start, length)
        return Code(flags, groups, names, array("I", words).tolist()) if words else None

    def table(self, name: str, digest: str) -> bytes | None:
        """Return a table that was made of the source with this digest, None where none is kept."""
        self.asked.add(name)
        held, text = self.tables.get(name, ("", b""))
        if held != digest and name in self.file.tables:
            held, start, length = self.file.tables[name]
            text = self._unpacked(start, length) if held == digest else b""
        return text if held == digest and text else None

    def _unpacked(self, start: int, length: int) -> bytes:
        """Unpack a block; empty where it is damaged, which its checksum tells."""
        with contextlib.suppress(zlib.error):
            return zlib.decompress(self.file.blocks[start : start + length])
        return b""

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
    code = kept.codes[key] = _compile(pattern, flags)
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
    text = kept.table(name, digest)
    if text is None:
        text = orjson.dumps(make(), option=orjson.OPT_NON_STR_KEYS)
        kept.tables[name] = digest, text
        kept.add()
    return orjson.loads(text)


def keep(path: Path | None = None) -> None:
    """Write what is kept beside the byte code, if that can be written; to a path, what this process asked for alone."""
    kept = _kept()
    if path is not None:
        _write(path, _packed(kept, kept.asked))
    elif not sys.dont_write_bytecode:
        names = {*kept.file.expressions, *kept.file.tables, *kept.asked}
        with contextlib.suppress(OSError):
            _write(_beside_byte_code(), _packed(kept, names if len(names) <= MAX_EXPRESSIONS else kept.asked))


def keep_changed() -> None:
    """Write what is kept, where something was made."""
    if _kept().changed:
        keep()


def _packed(kept: _Kept, names: set[str]) -> bytes:
    """Put a file together: a line of JSON that says what follows, the expressions' list, and the blocks."""
    blocks, at = [], 0
    expressions: dict[str, list[Any]] = {}
    tables: dict[str, list[Any]] = {}
    for name in sorted(names):
        code = kept.code(name)
        if code is not None:
            blocks.append(zlib.compress(array("I", code.words).tobytes(), 9))
            expressions[name] = [code.flags, code.groups, code.names, at, len(blocks[-1])]
        elif (table := kept.tables.get(name)) is not None:
            blocks.append(zlib.compress(table[1], 9))
            tables[name] = [table[0], at, len(blocks[-1])]
        elif (known := kept.file.tables.get(name)) is not None:
            blocks.append(bytes(kept.file.blocks[known[1] : known[1] + known[2]]))
            tables[name] = [known[0], at, known[2]]
        else:
            continue
        at += len(blocks[-1])
    listed = zlib.compress(orjson.dumps(expressions), 9)
    head = {"stamp": kept.stamp, "expressions": len(listed), "tables": tables, "blocks": at}
    return b"".join((orjson.dumps(head), b"\n", listed, *blocks))


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
    return Path(importlib.util.cache_from_source(__file__)).with_suffix(".bin")


def shipped() -> Path:
    """Where a wheel has the file."""
    return data_path(f"compiled.{sys.implementation.cache_tag}.bin")


def _read(stamp: str) -> Packed:
    """Read what this Python and these modules made; nothing where that is not there, or not whole."""
    for path in (_beside_byte_code(), shipped()):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, zlib.error):
            data = path.read_bytes() if path.stat().st_size <= MAX_BYTES else b""
            line, _, rest = data.partition(b"\n")
            head = orjson.loads(line)
            if head["stamp"] == stamp and len(rest) == head["expressions"] + head["blocks"]:
                block = memoryview(rest)
                expressions = orjson.loads(zlib.decompress(block[: head["expressions"]]))
                return Packed(expressions, head["tables"], block[head["expressions"] :])
    return Packed({}, {}, memoryview(b""))


def _write(path: Path, data: bytes) -> None:
    """Write beside the file and rename, so that a process which starts meanwhile reads one or the other, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
