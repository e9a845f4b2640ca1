"""Criteria packs: what is asked, in whose words, with which weights and checks. Packs hold words, never decisions."""

from __future__ import annotations

import copyreg
import functools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from osaudit.errors import UsageError, meant
from osaudit.frozen import dataclass
from osaudit.resources import data_path
from osaudit.verdict import FACETS, Facet
from osaudit.yamlfile import own_table, parse_yaml, read_bytes

DEFAULT_PACK = "osd"
EVERY_PACK = "all"

Kind: TypeAlias = Literal["criteria", "osaid", "mof", "g7", "eu"]
"""How a pack's cells make its result: osaudit/results has a module for each."""


def _proxy(values: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(values)


copyreg.pickle(MappingProxyType, lambda proxy: (_proxy, (dict(proxy),)))  # packs are handed to other processes


@dataclass(frozen=True, slots=True)
class CheckCall:
    """One check that a cell asks for, with its plain arguments."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """One criterion asked of one facet. `weight` is in points: the default pack's sum to 100, 0 leaves a cell out.

    `same_as` names the default pack's cell that asks the same question (`OSD-2/data`): who attests one attests both.
    """

    question: str
    weight: int
    passes: str
    partial: str
    fails: str
    review: str
    remedy: str
    checks: tuple[CheckCall, ...]
    same_as: str = ""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion of a definition and its cells by facet."""

    id: str
    title: str
    demands: str
    cells: Mapping[Facet, Cell]


@dataclass(frozen=True, slots=True)
class Note:
    """What a definition says whatever the verdict: its kind, and a sentence."""

    kind: str
    because: str


@dataclass(frozen=True, slots=True, eq=False)
class Pack:
    """A definition made askable: its criteria, the cells that gate the label, and how cells make its result.

    A pack is equal to itself alone, so that what is worked out of one is kept by it.
    """

    id: str
    name: str
    version: str
    definition: str
    date: str
    sources: tuple[str, ...]
    gate_criteria: frozenset[str]
    gate_facets: frozenset[str]
    criteria: tuple[Criterion, ...]
    kind: Kind = "criteria"
    notes: tuple[Note, ...] = ()

    @property
    def cells(self) -> tuple[tuple[Criterion, Facet, Cell], ...]:
        """Every cell, by criterion and then by facet."""
        return _cells(self)


@functools.lru_cache(maxsize=32)
def _cells(pack: Pack) -> tuple[tuple[Criterion, Facet, Cell], ...]:
    return tuple((row, facet, row.cells[facet]) for row in pack.criteria for facet in FACETS if facet in row.cells)


def load_pack(name: str = DEFAULT_PACK) -> Pack:
    """Load a pack of the project by its id, or a user's own by its path; UsageError where it is not one."""
    name = _by_id(name)
    path = data_path("criteria", f"{name}.yaml") if name in pack_ids() else Path(name)
    try:
        if path.is_file():
            return _load(path)
    except OSError as error:
        raise UsageError(f"{path.name[:100]} cannot be read: {error.strerror or error}") from error
    near = (
        meant(name[:100], (*pack_ids(), EVERY_PACK)) or f": name one of {', '.join(pack_ids())}, or a YAML file's path"
    )
    raise UsageError(f"no criteria pack “{name[:100]}”{near}")


def _by_id(name: str) -> str:
    """Take an id in any case; anything else stays as it is."""
    plain = name.strip().casefold()
    return plain if plain in {*pack_ids(), EVERY_PACK} else name


def pack_ids() -> tuple[str, ...]:
    """The ids of the project's own packs."""
    return tuple(sorted(path.stem for path in data_path("criteria").glob("*.yaml") if not _is_table(path)))


def _is_table(path: Path) -> bool:
    table = path.stem in {"adoption", "duties", "model-families", "uses"}
    return table or "licence" in path.stem or "known-" in path.stem


def load_packs(names: Sequence[str]) -> tuple[Pack, tuple[Pack, ...]]:
    """Load the Open Source Definition, which is always asked, and the further packs named; `all` is every one."""
    wanted = [own for name in map(_by_id, names) for own in (pack_ids() if name == EVERY_PACK else (name,))]
    main = load_pack()
    further = [load_pack(name) for name in dict.fromkeys(wanted) if name != DEFAULT_PACK]
    ids = [main.id, *(pack.id for pack in further)]
    twice = next((one for at, one in enumerate(ids) if one in ids[:at]), None)
    if twice:
        raise UsageError(f"two of the packs asked for have the id {twice}: give your own pack an id of its own")
    return main, tuple(further)


@functools.cache
def _load(path: Path) -> Pack:
    return _pack(_read(path))


@functools.cache
def _read(path: Path) -> Mapping[str, Any]:
    own = path.parent == data_path("criteria")
    data: Mapping[str, Any] = own_table(path.name) if own else parse_yaml(read_bytes(path), path.name)
    if not own:
        _validate(path, data)
    return data


def _validate(path: Path, data: object) -> None:
    import jsonschema  # noqa: PLC0415 - only a user's own pack needs it

    schema = json.loads(data_path("criteria", "pack.schema.json").read_text(encoding="utf-8"))
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(data))
    if error is not None:
        raise UsageError(
            f"{path.name} is not a criteria pack: {error.json_path}: {error.message.splitlines()[0][:200]}"
        )
    _validate_ids(path, data)


def _validate_ids(path: Path, data: Any) -> None:  # noqa: ANN401 - YAML that its schema holds
    ids = [row["id"] for row in data["criteria"]]
    twice = sorted({row for row in ids if ids.count(row) > 1})
    if twice:
        raise UsageError(f"{path.name} is not a criteria pack: $.criteria: {twice[0]} stands there twice")
    unknown = [row for row in data.get("gate", {}).get("criteria", ()) if row not in ids]
    if unknown:
        raise UsageError(
            f"{path.name} is not a criteria pack: $.gate.criteria: {unknown[0][:100]} is none of its criteria"
        )


def _pack(data: Mapping[str, Any]) -> Pack:
    gate = data.get("gate", {})
    return Pack(
        id=data["id"],
        name=data["name"],
        version=str(data["version"]),
        definition=data["definition"],
        date=str(data.get("date", "")),
        sources=tuple(data.get("sources", ())),
        gate_criteria=frozenset(gate.get("criteria", ())),
        gate_facets=frozenset(gate.get("facets", ())),
        criteria=tuple(_criterion(row) for row in data["criteria"]),
        kind=data.get("kind", "criteria"),
        notes=tuple(Note(row["kind"], row["because"]) for row in data.get("notes", ())),
    )


def _criterion(row: Mapping[str, Any]) -> Criterion:
    cells = {facet: _cell(row["cells"][facet]) for facet in FACETS if facet in row["cells"]}
    return Criterion(row["id"], row["title"], row["demands"], MappingProxyType(cells))


def _cell(own: Mapping[str, Any]) -> Cell:
    data = {**_asked_by_default(own["same_as"]), **own} if "same_as" in own else own
    calls = [dict(call) for call in data["checks"]]
    return Cell(
        question=data["question"],
        weight=data["weight"],
        passes=data.get("passes", ""),
        partial=data.get("partial", ""),
        fails=data.get("fails", ""),
        review=data.get("review", ""),
        remedy=data["remedy"],
        checks=tuple(CheckCall(call.pop("check"), MappingProxyType(call)) for call in calls),
        same_as=data.get("same_as", ""),
    )


def _asked_by_default(named: str) -> Mapping[str, Any]:
    """The default pack's cell of that name, whose words and checks stand where a pack's own cell has none."""
    criterion, _, facet = named.partition("/")
    rows = _read(data_path("criteria", f"{DEFAULT_PACK}.yaml"))["criteria"]
    found: Mapping[str, Any] | None = next((row["cells"].get(facet) for row in rows if row["id"] == criterion), None)
    if found is None:
        raise UsageError(f"same_as names {named[:60]!r}, which is no cell of the pack {DEFAULT_PACK}")
    return found
