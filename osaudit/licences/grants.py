"""What a licence grants, in a form that can be computed with: limits, duties and risks, and the words for them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from osaudit.errors import UsageError
from osaudit.frozen import dataclass
from osaudit.yamlfile import own_table


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of a licence: its kind (`id`, of `criteria/uses.yaml`), the clause, and what it hangs on.

    `over` and `unit`: a threshold, counted at `date` where that is fixed. `out`: territories shut out, of models of
    the kind `of` alone. `fields`: ids of closed fields. `only`: the purpose that is left. `closes` and `narrows`, where
    given, stand for those of the kind.
    """

    id: str
    clause: str
    over: int = 0
    unit: str = ""
    date: str = ""
    scope: str = ""
    out: tuple[str, ...] = ()
    of: str = ""
    fields: tuple[str, ...] = ()
    only: str = ""
    what: str = ""
    closes: tuple[str, ...] | None = None
    narrows: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """One duty of a licence: its id (of `criteria/duties.yaml`), clause, the uses that bring it on, and a note."""

    id: str
    clause: str
    uses: tuple[str, ...]
    who: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Danger:
    """One risk of a licence: its id (of `criteria/duties.yaml`), clause, and a note."""

    id: str
    clause: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """A use of the vocabulary, and the criteria of the Open Source Definition that it hangs on."""

    id: str
    name: str
    hangs_on: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LimitKind:
    """A kind of limit: the criteria that it explains, the uses that it closes or leaves open under its condition."""

    id: str
    criteria: tuple[int, ...]
    closes: tuple[str, ...]
    narrows: tuple[str, ...]
    condition: str


@dataclass(frozen=True, slots=True)
class DutyKind:
    """A duty in words of our own: when it arises, and who keeps it."""

    id: str
    who: str
    uses: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The published words for uses, limits, fields, duties and risks."""

    uses: Mapping[str, Use]
    limits: Mapping[str, LimitKind]
    fields: Mapping[str, str]
    regulated: frozenset[str]
    units: Mapping[str, str]
    territories: Mapping[str, frozenset[str]]
    duties: Mapping[str, DutyKind]
    risks: Mapping[str, str]


@functools.cache
def load_vocabulary() -> Vocabulary:
    """Read `criteria/uses.yaml` and `criteria/duties.yaml`, once a process."""
    uses, duties = own_table("uses.yaml"), own_table("duties.yaml")
    try:
        return Vocabulary(
            uses=MappingProxyType({row["id"]: Use(**_tuples(row)) for row in uses["uses"]}),
            limits=MappingProxyType({row["id"]: LimitKind(**_tuples(row)) for row in uses["limits"]}),
            fields=MappingProxyType(uses["fields"]),
            regulated=frozenset(uses["regulated"]),
            units=MappingProxyType(uses["units"]),
            territories=MappingProxyType({key: frozenset(codes) for key, codes in uses["territories"].items()}),
            duties=MappingProxyType({row["id"]: DutyKind(**_tuples(row)) for row in duties["duties"]}),
            risks=MappingProxyType(duties["risks"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"The words for uses and duties in criteria cannot be read: {error}") from error


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}


def limits_of(raw: Mapping[str, Any]) -> tuple[Limit, ...]:
    """The limits of a licence's entry; ValueError where one is of no known kind or names what is none."""
    words = load_vocabulary()
    found = tuple(Limit(**_tuples(row)) for row in raw.get("limits", ()))
    for limit in found:
        _known(limit.id, words.limits)
        for use in (*(limit.closes or ()), *(limit.narrows or ())):
            _known(use, words.uses)
        for field in limit.fields:
            _known(field, words.fields)
        if limit.unit:
            _known(limit.unit, words.units)
    return found


def dues_of(raw: Mapping[str, Any]) -> tuple[Due, ...]:
    """The duties of a licence's entry, with the vocabulary's own uses and keeper where it gives none."""
    words = load_vocabulary()
    found: list[Due] = []
    for row in raw.get("duties", ()):
        _known(row["id"], words.duties)
        kind = words.duties[row["id"]]
        uses = tuple(row.get("uses", kind.uses))
        for use in uses:
            _known(use, words.uses)
        found.append(Due(row["id"], row["clause"], uses, row.get("who", kind.who), row.get("note", "")))
    return tuple(found)


def dangers_of(raw: Mapping[str, Any]) -> tuple[Danger, ...]:
    """The risks of a licence's entry."""
    for row in raw.get("risks", ()):
        _known(row["id"], load_vocabulary().risks)
    return tuple(Danger(**row) for row in raw.get("risks", ()))


def _known(name: str, words: Mapping[str, object]) -> None:
    if name not in words:
        raise ValueError(f"{name!r} is not one of {', '.join(words)}")
