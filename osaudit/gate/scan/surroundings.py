"""The environment that the files of a tree set for what runs in it: what a variable that code reads comes to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from osaudit.gate.scan.adopted import Found, Sight, Spot, Unread, Unresolved
from osaudit.gate.scan.hubnames import is_pinned, repository
from osaudit.gate.scan.shellcalls import Assigned
from osaudit.gate.scan.shellwords import Held

_MOST = 5
_TOLD = re.compile(r"[\w./:@~-]{1,120}")
"""What a value may be that is told: an id, a revision or a path, and no sentence, address or key."""


def environment(sights: Iterable[Sight | Assigned], asked: Iterable[str]) -> dict[str, Held]:
    """Give what the files set for the variables that are asked for.

    A variable is followed where all that set it give one value, and that may be an id or a revision; else it stays
    open, and each value is told with its place. One that only hands on another variable (`${NAME}`) sets nothing.
    """
    wanted = frozenset(asked)
    values: dict[str, dict[str, Spot]] = {}
    for one in sights:
        if isinstance(one, Assigned) and one.name in wanted and one.value.strip() and not set(one.value) & set("$`{"):
            values.setdefault(one.name, {}).setdefault(one.value.strip(), one.spot)
    return {name: _held(name, held) for name, held in values.items()}


def _held(name: str, values: Mapping[str, Spot]) -> Held:
    first, spot = next(iter(values.items()))
    if len(values) == 1 and repository(first, bare=True):
        return Held((first,), assumed=f"{name} as {_at(spot)} sets it", written=spot)
    told = [
        f"{repr(value) if _TOLD.fullmatch(value) else 'other words'} ({_at(at)})"
        for value, at in list(values.items())[:_MOST]
    ]
    more = f" or {len(values) - _MOST} more values" if len(values) > _MOST else ""
    return Held((), why=f"the environment variable {name}, which is set to {' or '.join(told)}{more}")


def _at(spot: Spot) -> str:
    return f"{spot.path}:{spot.line}"


def with_setters(sights: Iterable[Sight | Assigned]) -> Iterator[Sight]:
    """Leave out the variables that are set, but for those that a place reads its model from, or may."""
    every = tuple(sights)
    read = {one.written: one for one in every if isinstance(one, Found) and one.written is not None}
    open_ = {one.variable: one.how for one in every if isinstance(one, Unresolved) and one.variable}
    for one in every:
        if not isinstance(one, Assigned):
            yield one
        elif not one.told and (reader := read.get(one.spot)):
            how = f"{one.name}, which {reader.how} reads"
            yield Found(reader.model, reader.kind, reader.revision, reader.pinned, one.spot, how)
        elif not one.told and one.name in open_ and (named := repository(one.value, bare=False)):
            how = f"{one.name}, which {open_[one.name]} reads"
            yield Found(named.repo, named.kind, named.revision, is_pinned(named.revision), one.spot, how)


def asked_in(sights: Iterable[Sight | Assigned]) -> frozenset[str]:
    """The variables without which a place is open, or takes a default."""
    return frozenset(one.variable for one in sights if isinstance(one, Found | Unresolved) and one.variable)


def path_of(sight: Sight | Assigned) -> str:
    """The file that something was seen in."""
    return sight.path if isinstance(sight, Unread) else sight.spot.path
