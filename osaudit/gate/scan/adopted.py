"""What a scan gives: models that are adopted, names that could not be followed, and files that could not be read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from osaudit.evidence import Kind


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the tree: a path from its root with `/`, a line and a column, both counted from 1.

    In a notebook, `cell` is the code cell's number among all cells and `cell_line` the line in it, from 1; else 0.
    """

    path: str
    line: int = 1
    column: int = 1
    cell: int = 0
    cell_line: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """One place that adopts a model or data set.

    `revision` is the one asked for, None for the default branch; `pinned` tells whether it is a commit. `how` is the
    call, key or command. `assumed` says which default was taken for granted, and is empty where nothing was. `written`
    is where the id itself stands, where that is another place. `variable` is the environment's whose default was taken.
    """

    model: str
    kind: Kind
    revision: str | None
    pinned: bool
    spot: Spot
    how: str
    assumed: str = ""
    written: Spot | None = None
    variable: str = ""


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A place that adopts something whose name, or whose revision, this tree does not tell.

    `variable` is the environment variable that would tell it, where there is one.
    """

    spot: Spot
    how: str
    why: str
    variable: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """A file, or a folder, that was not read to its end; `left_out` where that is a rule, as for vendored code."""

    path: str
    why: str
    left_out: bool = False


Sight = Found | Unresolved | Unread


@dataclass(frozen=True, slots=True)
class Adopted:
    """The result of a scan, each part sorted by place. `files` counts the files that were looked at.

    `unread` is what should have been read and could not be; `left_out` are folders of others' code.
    """

    found: tuple[Found, ...]
    unresolved: tuple[Unresolved, ...]
    unread: tuple[Unread, ...]
    files: int = 0
    left_out: tuple[Unread, ...] = ()

    @property
    def models(self) -> tuple[tuple[str, str | None], ...]:
        """Each model once with the revision that is asked for, sorted: what a gate is asked about."""
        pairs = {(one.model, one.revision) for one in self.found if one.kind == "model"}
        return tuple(sorted(pairs, key=lambda pair: (pair[0], pair[1] or "")))


def adopted(sights: Iterable[Sight], files: int) -> Adopted:
    """Sort what was seen, each sight once."""
    every = dict.fromkeys(sights)
    found = (one for one in every if isinstance(one, Found))
    unresolved = (one for one in every if isinstance(one, Unresolved))
    unread = (one for one in every if isinstance(one, Unread))
    told = tuple(sorted(unread, key=lambda one: (one.path, one.why)))
    return Adopted(
        tuple(sorted(found, key=lambda one: (*_place(one.spot), one.model, one.how, one.revision or ""))),
        tuple(sorted(unresolved, key=lambda one: (*_place(one.spot), one.how, one.why))),
        tuple(one for one in told if not one.left_out),
        files,
        tuple(one for one in told if one.left_out),
    )


def _place(spot: Spot) -> tuple[str, int, int]:
    return spot.path, spot.line, spot.column
