"""Component inventories: read from YAML that a person or the Model Openness Tool wrote, and written as that tool reads.

A short form is read too: `name`, `licences` (by type, or `distribution`), and `components` as a mapping of names to
licences.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Any

import yaml

from osaudit.errors import UsageError
from osaudit.frozen import dataclass
from osaudit.mof.classes import Component
from osaudit.mof.components import BY_NAME, COMPONENTS, Kind
from osaudit.yamlfile import parse_yaml

FRAMEWORK = {"name": "Model Openness Framework", "version": "1.0", "date": "2024-12-15"}
SCOPES = ("distribution", "code", "data", "document")
DETAILS = (
    *("version", "date", "type", "architecture", "treatment", "origin", "producer", "contact"),
    *("repository", "huggingface"),
)
_NEEDED = ("version", "date", "type", "architecture", "origin", "producer", "contact")
_MAX_TEXT = 2_000
_MAX_ENTRIES = 200


@dataclass(frozen=True, slots=True)
class Stated:
    """A licence as an inventory states it: its name, and where its text lies."""

    name: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A component that an inventory lists; `licence` is its own, empty where that of its type or the whole governs."""

    kind: Kind
    licence: Stated = Stated()
    location: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Inventory:
    """A release's inventory: what it lists, and the licences that it states for a type or for the whole."""

    name: str
    entries: tuple[Entry, ...]
    licences: Mapping[str, Stated] = field(default_factory=lambda: MappingProxyType({}))
    details: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def components(self) -> tuple[Component, ...]:
        """The components with the licences that govern them: own, then the type's, then the whole distribution's."""
        return tuple(Component(entry.kind, self._governing(entry), entry.location) for entry in self.entries)

    def _governing(self, entry: Entry) -> str | None:
        own = (entry.licence, self.licences.get(entry.kind.type, Stated()), self.licences.get(SCOPES[0], Stated()))
        return next((stated.name for stated in own if stated.name), None)


def read_inventory(data: bytes, name: str) -> Inventory:
    """Read an inventory; UsageError (one line) where the YAML is none."""
    raw = parse_yaml(data, name)
    release = raw.get("release", raw) if isinstance(raw, dict) else None
    if not isinstance(release, dict) or not isinstance(release.get("components"), dict | list):
        raise UsageError(f"{name} is not a component inventory: it has no list of `components`")
    return Inventory(
        name=_text(release.get("name"), f"{name}: name") or "unnamed release",
        entries=tuple(_entries(release["components"], name)),
        licences=MappingProxyType(dict(_scopes(release, name))),
        details=MappingProxyType({key: _text(release.get(key), f"{name}: {key}") for key in DETAILS if key in release}),
    )


def write_inventory(inventory: Inventory) -> str:
    """Write it as YAML in the shape that the Model Openness Tool reads."""
    entries = sorted(inventory.entries, key=lambda entry: COMPONENTS.index(entry.kind))
    details = {**dict.fromkeys(_NEEDED, ""), **inventory.details}
    release: dict[str, Any] = {"name": inventory.name}
    release |= {key: details[key] for key in DETAILS if key in details}
    release["license"] = {
        scope: {"name": stated.name, "path": stated.path} for scope, stated in inventory.licences.items() if stated.name
    }
    release["components"] = [_written(entry) for entry in entries]
    data = {"framework": dict(FRAMEWORK), "release": release}
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120)


def _written(entry: Entry) -> dict[str, str]:
    written = {"name": entry.kind.name, "description": entry.description or f"{entry.kind.what}."}
    if entry.licence.name:
        written["license"] = entry.licence.name
    if entry.licence.path:
        written["license_path"] = entry.licence.path
    if entry.location:
        written["component_path"] = entry.location
    return written


def _entries(raw: Mapping[Any, Any] | list[Any], name: str) -> Iterator[Entry]:
    rows = [{"name": key, **_row(value)} for key, value in raw.items()] if isinstance(raw, Mapping) else raw
    if len(rows) > _MAX_ENTRIES:
        raise UsageError(f"{name}: more than {_MAX_ENTRIES} components are listed; the framework has {len(COMPONENTS)}")
    known: set[str] = set()
    for number, row in enumerate(rows, 1):
        place = f"{name}: component {number}"
        if not isinstance(row, dict):
            raise UsageError(f"{place} is no mapping with a `name`")
        kind = _kind(row.get("name"), place)
        if kind.name in known:
            raise UsageError(f"{place}: {kind.name} is listed twice")
        known.add(kind.name)
        if row.get("included") is not False:
            yield _entry(kind, row, place)


def _row(value: object) -> dict[Any, Any]:
    """A component of the short form: a licence, nothing (`true`, empty), `false` for not included, or a mapping."""
    if isinstance(value, dict):
        return value
    return {"included": False} if value is False else {} if value in (None, True) else {"licence": value}


def _entry(kind: Kind, row: Mapping[Any, Any], place: str) -> Entry:
    return Entry(
        kind=kind,
        licence=_stated(_first(row, "license", "licence", "license_name"), row.get("license_path"), place),
        location=_text(_first(row, "component_path", "location"), f"{place}: location"),
        description=_text(row.get("description"), f"{place}: description"),
    )


def _kind(named: object, place: str) -> Kind:
    words = " ".join(str(named).split()).casefold() if isinstance(named, str) else ""
    found = next((kind for kind in COMPONENTS if words in {kind.name.casefold(), kind.id.casefold()}), None)
    if found is None:
        shown = " ".join(str(named).split())[:60]
        raise UsageError(f"{place}: “{shown}” is none of the framework's components: {', '.join(BY_NAME)}")
    return found


def _scopes(release: Mapping[Any, Any], name: str) -> Iterable[tuple[str, Stated]]:
    raw = _first(release, "license", "licence", "licences", "licenses")
    if not raw:
        return
    rows = raw if isinstance(raw, dict) else {SCOPES[0]: raw}
    for scope, stated in rows.items():
        if scope not in SCOPES:
            raise UsageError(f"{name}: licences are stated for {', '.join(SCOPES)}, not for “{str(scope)[:40]}”")
        yield scope, _stated(stated, None, f"{name}: licence of {scope}")


def _stated(value: object, path: object, place: str) -> Stated:
    if isinstance(value, dict):
        return Stated(_text(value.get("name"), place), _text(value.get("path") or path, place))
    return Stated(_text(value, place), _text(path, place))


def _first(row: Mapping[Any, Any], *keys: str) -> object:
    return next((row[key] for key in keys if row.get(key) is not None), None)


def _text(value: object, place: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UsageError(f"{place} is no text")
    words = str(value).strip()
    if len(words) > _MAX_TEXT:
        raise UsageError(f"{place} is longer than {_MAX_TEXT} characters")
    return words
