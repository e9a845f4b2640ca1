"""The table of adoption, `criteria/adoption.yaml`: which calls, keys, variables and commands take a model."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from osaudit.evidence import Kind
from osaudit.gate.scan.hubnames import Named, address, quantised, repository
from osaudit.resources import data_path
from osaudit.yamlfile import parse_yaml, read_bytes

Argument = int | str


@dataclass(frozen=True, slots=True)
class Form:
    """How a call or command names a model; the file's head tells each field. `told` is what reports call it."""

    model: tuple[Argument, ...] = ()
    also: tuple[str, ...] = ()
    revision: tuple[str, ...] = ()
    kind: Kind = "model"
    kind_from: str = ""
    takes: str = "hub"
    prefixes: tuple[str, ...] = ()
    known: str = ""
    unless: frozenset[str] = frozenset()
    otherwise: str = ""
    own: str = ""
    told: str = ""

    def named(self, words: str) -> Named | None:
        """Read words that stand in this form's place; None where they name no repository of the Hub."""
        if words in self.unless:
            return None
        if self.known and (own := _own_name(self.known, words)):
            return Named(own, self.kind)
        match self.takes:
            case "files" | "pages":
                named = address(words, pages=True)
            case "quantised" | "method":
                named = quantised(words)
            case "prefixed":
                cut = next((words.removeprefix(one) for one in self.prefixes if words.startswith(one)), "")
                named = repository(_last_two(cut), bare=False, kind=self.kind)
            case _:
                named = repository(words, bare=self.takes == "hub", kind=self.kind)
        return named


@dataclass(frozen=True, slots=True)
class Call:
    """A Python call by the package that it comes from; `of` are the makers of the object whose method it is."""

    packages: tuple[str, ...]
    names: tuple[str, ...]
    of: tuple[str, ...]
    form: Form

    def fits(self, name: str) -> bool:
        """Tell whether a dotted name, as it was imported, is this call."""
        first, _, rest = name.partition(".")
        if not any(fnmatchcase(first, package) for package in self.packages):
            return False
        if self.of:
            return any(f".{maker}." in f"{name}" for maker in self.of)
        parts = rest.split(".") if rest else [first]
        return any(_ends(parts, pattern) for pattern in self.names)


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a settings file, and what has to stand beside or above it."""

    keys: frozenset[str]
    beside: Mapping[str, tuple[str, ...]]
    under: frozenset[str]
    form: Form


@dataclass(frozen=True, slots=True)
class Command:
    """Words that begin a command. A word `*` is any command at all."""

    words: tuple[str, ...]
    form: Form


@dataclass(frozen=True, slots=True)
class Table:
    """All of the file."""

    calls: tuple[Call, ...]
    keys: tuple[Key, ...]
    variables: Mapping[str, Form]
    commands: tuple[Command, ...]
    images: Mapping[str, tuple[str, ...]]


@functools.cache
def table() -> Table:
    """Read the table, once."""
    data = _data()
    variables = {
        name: _form(row, revision=row.get("revision", ()), takes="slash")
        for row in data["variables"]
        for name in row["names"]
    }
    calls = (
        Call(_listed(row["package"]), tuple(row["names"]), tuple(row.get("of", ())), _form(row))
        for row in data["calls"]
    )
    return Table(
        tuple(calls),
        tuple(_keys(data["keys"])),
        variables,
        tuple(Command(tuple(row["words"]), _form(row, told=" ".join(row["words"]))) for row in data["commands"]),
        {row["image"]: tuple(row["command"]) for row in data["images"]},
    )


def call_of(name: str) -> Form | None:
    """Give the form of a Python call by its dotted name; None where it is known to take no model.

    Where several fit, the one that names the package counts.
    """
    last = name.rpartition(".")[2]
    exact, loose = _calls_by_last()
    for call in (*exact.get(last, ()), *loose):
        if call.fits(name):
            return call.form
    return None


@functools.cache
def last_names() -> frozenset[str]:
    """The last parts of the names of all calls that are written out: a file without any of them calls none."""
    return frozenset(_calls_by_last()[0])


@functools.cache
def _calls_by_last() -> tuple[Mapping[str, tuple[Call, ...]], tuple[Call, ...]]:
    exact: dict[str, list[Call]] = {}
    loose = []
    for call in sorted(table().calls, key=lambda one: ("*" in one.packages, one.names == ("*",))):
        for pattern in call.names:
            last = pattern.rpartition(".")[2]
            if "*" in last:
                loose.append(call)
            else:
                exact.setdefault(last, []).append(call)
    return {last: tuple(calls) for last, calls in exact.items()}, tuple(loose)


def _ends(parts: list[str], pattern: str) -> bool:
    wanted = pattern.split(".")
    if len(wanted) > len(parts):
        return len(parts) == 1 and wanted[0] == "*" and fnmatchcase(parts[0], wanted[-1])
    return all(fnmatchcase(part, one) for part, one in zip(parts[-len(wanted) :], wanted, strict=True))


def _keys(rows: list[dict[str, Any]]) -> Iterator[Key]:
    for row in rows:
        beside = {key: tuple(values) for key, values in row.get("beside", {}).items()}
        takes = "prefixed" if "prefixes" in row else "hub" if row.get("bare") else "slash"
        yield Key(frozenset(row["keys"]), beside, frozenset(row.get("under", ())), _form(row, takes=takes))


def _form(row: Mapping[str, Any], **more: Any) -> Form:  # noqa: ANN401 - rows of YAML
    held: dict[str, Any] = {
        field: tuple(row[field]) for field in ("model", "also", "revision", "prefixes") if field in row
    }
    held |= {
        field: row[field]
        for field in ("kind", "kind_from", "takes", "known", "otherwise", "own", "told")
        if field in row
    }
    return Form(
        **{**held, "unless": frozenset(row.get("unless", ())), **{key: _tuple(value) for key, value in more.items()}}
    )


def _listed(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _tuple(value: Any) -> Any:  # noqa: ANN401 - likewise
    return tuple(value) if isinstance(value, list) else value


def _own_name(known: str, words: str) -> str:
    entry = _data()["known"][known]
    if "/" in words or not words:
        return ""
    if words in entry.get("names", {}):
        return str(entry["names"][words])
    before = entry.get("before", "")
    return f"{before}{words}" if before and words not in entry.get("plain", ()) and repository(words, bare=True) else ""


def _last_two(words: str) -> str:
    """An inference provider may stand before the id: `huggingface/together/org/name`."""
    return "/".join(words.split("/")[-2:])


@functools.cache
def _data() -> dict[str, Any]:
    path = data_path("criteria", "adoption.yaml")
    data: dict[str, Any] = parse_yaml(read_bytes(path), path.name, strict=False)
    return data


@functools.cache
def needles() -> frozenset[str]:
    """Words of which a file of settings that adopts something has one: keys, variables, commands, images, addresses."""
    held = {"huggingface", "hf.co", "hf://", *table().images, *table().variables}
    for key in table().keys:
        if key.beside:
            held |= {value for values in key.beside.values() for value in values}
            held |= {way for name, values in key.beside.items() if not values for way in _spellings(name)}
        elif key.form.prefixes:
            held |= set(key.form.prefixes)
        else:
            held |= {way for name in key.keys for way in _spellings(name)}
    for command in table().commands:
        options = {one for one in command.form.model if isinstance(one, str)}
        held |= (
            options
            if command.words == ("*",)
            else {command.words[-1] if command.words[0] == "python" else command.words[0]}
        )
    return frozenset(held)


def _spellings(name: str) -> set[str]:
    """A key as settings spell it: `model_url`, `model-url`, `modelUrl`, `modelURL`, `ModelUrl`."""
    first, *rest = name.split("_")
    camel = first + "".join(part.title() for part in rest)
    capitals = first + "".join(part.upper() if part in {"url", "id"} else part.title() for part in rest)
    return {name, name.replace("_", "-"), name.upper(), camel, capitals, camel[:1].upper() + camel[1:]}
