"""A TOML file that a person wrote for osaudit: read within bounds, with the line of what is wrong in it.

The line is found by a look through the text, since the reader of TOML keeps none.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from osaudit.errors import UsageError, meant
from osaudit.frozen import dataclass

MAX_BYTES = 256 * 1024
_HEAD = re.compile(r"\s*\[{1,2}\s*([^\[\]]+?)\s*\]{1,2}\s*(?:#.*)?")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A file's text: `name` as it is told, `prefix` the keys of the table in it that is osaudit's."""

    name: str
    text: str
    prefix: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """The hash of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def refuse(self, keys: tuple[str, ...], words: str) -> NoReturn:
        """Raise the UsageError for a key of a table, with its line."""
        line = line_of(self.text, (*self.prefix, *keys))
        raise UsageError(f"{self.name}{f', line {line}' if line else ''}: {words}")

    def hold(self, table: Mapping[str, Any], known: Iterable[str], at: tuple[str, ...]) -> None:
        """Hold a table's keys to those known; UsageError, with line and nearest name, for the first that is not."""
        names = tuple(known)
        for key in table:
            if key not in names:
                shown = f"[{'.'.join((*self.prefix, *at))}]"
                self.refuse(
                    (*at, key), f"{shown} has no key {key!r:.60}{meant(key, names) or f': it takes {_few(names)}'}"
                )


def parse_toml(data: bytes, name: str, max_bytes: int = MAX_BYTES) -> tuple[TomlFile, Mapping[str, Any]]:
    """Read bytes as TOML: the text and the whole table; UsageError (one line) where they are none."""
    if len(data) > max_bytes:
        raise UsageError(f"{name} is over {max_bytes // 1024} KB: is it the right file?")
    try:
        text = data.decode().removeprefix("\ufeff")
        return TomlFile(name, text), tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{name} is not readable TOML: {error}") from error
    except RecursionError as error:
        raise UsageError(f"{name} is not readable TOML: it is nested too deeply") from error


def line_of(text: str, keys: tuple[str, ...]) -> int | None:
    """Find the line in which a key or table begins; None where it cannot be told."""
    at: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if head := _HEAD.fullmatch(line):
            at = _parts(head.group(1))
            if at[: len(keys)] == keys:
                return number
        elif key := _KEY.match(line):
            named = (*at, *_parts(key.group(1)))
            if named[: len(keys)] == keys or (named == keys[: len(named)] and keys[-1] in line[key.end() :]):
                return number
    return None


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _few(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
