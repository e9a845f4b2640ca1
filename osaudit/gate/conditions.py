"""The conditions of a policy: what each key of `[gate]` holds, and what it says in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any, Literal, NamedTuple, TypeAlias

from osaudit.adopter import Adopter
from osaudit.frozen import dataclass
from osaudit.gate.findings import Severity
from osaudit.proberun import Level
from osaudit.verdict import LADDER, Basis, LabelId

Setting: TypeAlias = Literal["fail", "warn", "ignore"]
SETTINGS: tuple[Setting, ...] = ("fail", "warn", "ignore")
SEVERITY: dict[Setting, Severity] = {"fail": "error", "warn": "warning", "ignore": "note"}
Attesting: TypeAlias = Literal["signed", "any", "none"]
ATTESTING: tuple[Attesting, ...] = ("signed", "any", "none")

ALL_KINDS = "all"


class CellAsked(NamedTuple):
    """A criterion that must not fail, in one facet or (None) in all that it is asked of; as the policy names it."""

    criterion: str
    facet: str | None = None

    def __str__(self) -> str:
        return f"{self.criterion}/{self.facet}" if self.facet else self.criterion


@dataclass(frozen=True, slots=True)
class Conditions:
    """What one model is held to.

    `min_basis`: the weakest that the label may rest on. `fail_under`: the least low end of the score, 0 to 100.
    `allow`, `deny`: licences by key, SPDX id, `category:NAME` or `flag:NAME` of the clause table. `uses` that have to
    be open. `conflicts`, `risks`: the kinds that fail, `all` among them for every one. `probe`: the least level that
    the published weights have to pass. `max_age`: days since the evidence was collected. `unknown`: what a cell, use or
    licence that is open to review does.
    """

    min_label: LabelId | None = None
    min_basis: Basis | None = None
    fail_under: float | None = None
    fail_on: tuple[CellAsked, ...] = ()
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    pickle_only: Setting = "warn"
    remote_code: Setting = "warn"
    gated: Setting = "warn"
    unpinned: Setting = "warn"
    unresolved: Setting = "warn"
    probe: Level | None = None
    max_age: int | None = None
    unknown: Setting = "fail"

    @property
    def demands(self) -> bool:
        """Whether anything is asked at all."""
        return any(True for _ in demanded(self))


_SETTINGS = {
    "pickle_only": ("pickle-only", "weights that are pickles alone"),
    "remote_code": ("remote-code", "weights that need the repository's own code"),
    "gated": ("gated", "a gate before the files"),
    "unpinned": ("unpinned", "a model that the project does not pin to a commit"),
    "unresolved": ("unresolved", "a place of the code that loads a model which could not be told"),
}
_DOES: dict[Setting, str] = {"fail": "fails", "warn": "is told", "ignore": "is passed over"}


def demanded(conditions: Conditions) -> Iterable[tuple[str, str]]:
    """Each condition that can fail a model: its key, and what it asks in words."""
    for key, words in _SAID.items():
        value = getattr(conditions, key.replace("-", "_"))
        if value not in (None, ()):
            yield from ((key, said) for said in words(value))
    for field, (key, told) in _SETTINGS.items():
        if getattr(conditions, field) == "fail":
            yield key, f"{told} fails"


_SAID: Mapping[str, Callable[[Any], Iterable[str]]] = {
    "min-label": lambda label: [f"the label is {LADDER[label]} or better"],
    "min-basis": lambda basis: [f"the label rests on nothing weaker than: {basis}"],
    "fail-under": lambda least: [f"the low end of the score is {least:g} or more"],
    "fail-on": lambda cells: [f"{cell} does {'not' if cell.facet else 'in no facet'} fail" for cell in cells],
    "allow": lambda names: [f"the licence of the weights is one of: {', '.join(names)}"],
    "deny": lambda names: [f"no licence of the model or of what it was made from is one of: {', '.join(names)}"],
    "uses": lambda uses: [f"the use “{use}” is open, if need be under conditions" for use in uses],
    "conflicts": lambda kinds: [f"no conflict between sources is there{_of_kinds(kinds)}"],
    "risks": lambda kinds: [f"no risk is there{_of_kinds(kinds)}"],
    "probe": lambda level: [f"the published weights pass the probe up to “{level}”"],
    "max-age": lambda days: [f"the evidence is at most {days} days old"],
}


def in_words(conditions: Conditions, adopter: Adopter | None = None) -> Iterable[tuple[str, str]]:
    """Every condition, and the settings that bear on how it is held."""
    yield from demanded(conditions)
    verb = _DOES[conditions.unknown]
    yield "unknown", f"a cell, use or licence that is open to review {verb}; a model that could not be judged is exit 3"
    if adopter is not None:
        told = ", ".join(f"{name} {value}" for name, value in _facts(adopter))
        yield "adopter", f"uses are answered for: {told or 'nobody in particular'}"


def _facts(adopter: Adopter) -> Iterable[tuple[str, str]]:
    for field in fields(Adopter):
        value = getattr(adopter, field.name)
        if value not in (None, ()):
            yield field.name.replace("_", " "), ", ".join(value) if isinstance(value, tuple) else str(value)


def _of_kinds(kinds: tuple[str, ...]) -> str:
    return "" if ALL_KINDS in kinds else f" of the kind {', '.join(kinds)}"
