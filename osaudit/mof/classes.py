"""The class and progress of an inventory: which components are there under an open licence. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from osaudit.frozen import dataclass
from osaudit.mof.components import CLASSES, COMPONENTS, PAPER, REPORT, Kind
from osaudit.mof.licences import Ruling, rule


@dataclass(frozen=True, slots=True)
class Component:
    """A component of a release: its kind, the licence that governs it (an SPDX id; None: none), and where it lies."""

    kind: Kind
    licence: str | None
    location: str = ""

    @property
    def ruling(self) -> Ruling:
        """How its licence stands for its type."""
        return rule(self.licence, self.kind.type)


@dataclass(frozen=True, slots=True)
class MofClass:
    """The class reached (0: none), each class's progress in percent, and the names that each still lacks."""

    level: int
    progress: Mapping[int, float]
    missing: Mapping[int, tuple[str, ...]]
    counts: Mapping[int, tuple[int, int]]


def mof_class(components: Iterable[Component]) -> MofClass:
    """Classify a release by the components that it holds under open licences."""
    return classify(frozenset(one.kind.name for one in components if one.ruling.is_open))


def classify(opened: frozenset[str]) -> MofClass:
    """Climb from class III to I by the names of the open components; a class below a gap has no progress.

    A research paper stands in for a missing technical report, and then counts once: class I asks for one fewer.
    """
    level, stopped = 0, False
    progress: dict[int, float] = {}
    missing: dict[int, tuple[str, ...]] = {}
    counts: dict[int, tuple[int, int]] = {}
    for step in CLASSES:
        asked = _asked(step, opened)
        lacking = tuple(name for name in asked if name not in opened)
        missing[step], counts[step] = lacking, (len(asked) - len(lacking), len(asked))
        progress[step] = 0.0 if stopped else round(100 * (len(asked) - len(lacking)) / len(asked), 2)
        level = level if stopped or lacking else step
        stopped = stopped or bool(lacking)
    return MofClass(level, MappingProxyType(progress), MappingProxyType(missing), MappingProxyType(counts))


def _asked(level: int, opened: frozenset[str]) -> tuple[str, ...]:
    """The names that a class asks for, those of the classes before it included."""
    names = [kind.name for kind in COMPONENTS if kind.required and kind.level >= level]
    if REPORT in opened or PAPER not in opened:
        return tuple(names)
    return tuple(dict.fromkeys(PAPER if name == REPORT else name for name in names))
