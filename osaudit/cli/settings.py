"""Settings: `osaudit.toml`, or `[tool.osaudit]` in pyproject.toml; a flag or the environment outranks them.

Whoever made what is audited sets nothing: no file in a target, or below it, is read. What a file holds is strict (see
`strict`): a condition that is misspelt would pass what it was written to stop.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from osaudit.errors import UsageError
from osaudit.frozen import dataclass, replace
from osaudit.tomlfile import MAX_BYTES, parse_toml

OWN_FILE, PROJECT_FILE = "osaudit.toml", "pyproject.toml"
_PREFIXES: Mapping[str, tuple[str, ...]] = {PROJECT_FILE: ("tool", "osaudit")}


@dataclass(frozen=True, slots=True)
class Settings:
    """What was read: the tables as they stand, the file's own text for places in it, and the files passed over.

    `named` where the user named the file; `broken` says what is wrong with it, where a command goes on without it.
    """

    file: Path | None = None
    text: str = ""
    prefix: tuple[str, ...] = ()
    tables: Mapping[str, Any] = field(default_factory=dict)
    passed_over: tuple[Path, ...] = ()
    named: bool = False
    broken: str = ""

    @property
    def name(self) -> str:
        """The file as it is told: below the working folder by its relative path, else by its whole one."""
        if self.file is None:
            return ""
        here = Path.cwd()
        return str(self.file.relative_to(here) if self.file.is_relative_to(here) else self.file)

    @property
    def sha256(self) -> str:
        """The hash of the file's text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def table(self, name: str) -> Mapping[str, Any]:
        """A table as it stands, for what is no option of a command; empty where there is none."""
        found = self.tables.get(name, {})
        return found if isinstance(found, Mapping) else {}


NONE = Settings()


def find(folder: Path, targets: Iterable[Path] = ()) -> Settings:
    """Read the nearest settings file at or above `folder` that lies in no target; UsageError where it is broken."""
    judged = tuple(target.resolve() for target in targets)
    passed: list[Path] = []
    for place in (folder, *folder.parents):
        for path in (place / OWN_FILE, place / PROJECT_FILE):
            found = _read(path)
            if found is None:
                continue
            if not _within(path, judged):
                return Settings(found.file, found.text, found.prefix, found.tables, tuple(passed))
            if found.tables:
                passed.append(path)
    return Settings(passed_over=tuple(passed))


def read_named(named: str, targets: Iterable[Path] = ()) -> Settings:
    """Read the settings file that a user names; UsageError where it is none, or lies in what is audited."""
    path = Path(named).expanduser()
    if _within(path, tuple(target.resolve() for target in targets)):
        raise UsageError(f"{named}: it lies in what is audited, which sets no condition: name a file outside of it")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"{named}: the settings cannot be read: {_why(error)}") from error
    return replace(parsed(path.absolute(), data), named=True)


def folders_named(values: Iterable[object]) -> Iterator[Path]:
    """The folders among the arguments of a command: what is audited, as far as it lies on this machine."""
    from osaudit.audit import is_folder  # noqa: PLC0415 - help does without

    for value in values:
        for one in value if isinstance(value, list | tuple) else (value,):
            if isinstance(one, str) and is_folder(one):
                path = _home(one)
                if path is not None and path.is_dir():
                    yield path


def _home(named: str) -> Path | None:
    try:
        return Path(named).expanduser()
    except RuntimeError:  # a home that there is not: told when it is looked at
        return None


def _within(path: Path, judged: tuple[Path, ...]) -> bool:
    """Whether the file, or what it links to, lies in one of the folders."""
    places = {path.parent.resolve() / path.name, path.resolve()}
    return any(place.is_relative_to(target) for place in places for target in judged)


def _read(path: Path) -> Settings | None:
    """Read a file that may be there; None where it is not, or has no settings to look for."""
    try:
        if not path.is_file():
            if path.exists():
                raise UsageError(f"{path} is no file: move it away, or name the settings with --config FILE")
            return None
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        if not os.access(path.parent, os.X_OK):  # a folder above, closed to the caller: nothing in it is his
            return None
        raise UsageError(f"{path}: the settings cannot be read: {_why(error)}") from error
    return parsed(path, data)


def parsed(path: Path, data: bytes) -> Settings:
    """Read the bytes of a settings file; UsageError where it is broken."""
    read, whole = parse_toml(data, path.name)
    prefix = _PREFIXES.get(path.name, ())
    return Settings(path, read.text, prefix, _beneath(path.name, whole, prefix))


def _beneath(name: str, whole: Mapping[str, Any], prefix: tuple[str, ...]) -> Mapping[str, Any]:
    tables: Mapping[str, Any] = whole
    for key in prefix:
        below = tables.get(key, {})
        if not isinstance(below, Mapping):
            raise UsageError(f"{name}: {key} is no table: write the settings under [{'.'.join(prefix)}]")
        tables = below
    return tables


def _why(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
