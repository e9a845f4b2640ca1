"""Who binds the users of a model: itself and what it was made from, with the duties that their licences bring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from osaudit.checks.case import Case
from osaudit.checks.duties import Governed, own_licences
from osaudit.checks.ruling import rival_licences
from osaudit.frozen import dataclass, replace
from osaudit.licences.grants import load_vocabulary
from osaudit.licences.table import Licence
from osaudit.limits import Effect
from osaudit.once import once_for_each, worked_field
from osaudit.verdict import Basis


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody whose licences bind: the model itself, or one that it was made from. `sure`: they are known to hold."""

    case: Case | None
    governed: tuple[Governed, ...]
    lead: str
    sure: bool
    basis: Basis
    worked: dict[Any, Any] = worked_field()


def parties_of(case: Case) -> Iterable[Party]:
    """The model itself, then who stands behind what it was made from."""
    yield Party(case, tuple(_own(case)), "", case.weights.settled, case.weights.basis)
    yield from bases_of(case)


def _own(case: Case) -> Iterable[Governed]:
    """The model's licences, and those that a contradicting source names: they can close as well."""
    yield from own_licences(case)
    terms = case.weights
    for rival in terms.rivals:
        for licence in rival_licences(rival, terms):
            if licence not in terms.licences:
                yield Governed(licence, (rival.where,), rival if rival.text else None)


def bases_of(case: Case) -> Iterable[Party]:
    """Those that a model was made from, theirs as well; what hangs on a guess is not known to hold."""
    for parent in case.foreign_parents:
        sure = parent.base.confidence == "high"
        lead = f"Made from {parent.base.name}: "
        if parent.case is not None:
            basis = parent.case.weights.basis if sure else "inferred"
            settled = sure and parent.case.weights.settled
            yield Party(parent.case, tuple(_own(parent.case)), lead, settled, basis)
            for party in bases_of(parent.case):
                yield party if sure else replace(party, sure=False, basis="inferred")
        elif parent.family is not None:
            governed = (Governed(parent.family, (parent.base.where,)),)
            yield Party(None, governed, lead, sure and parent.confirmed and not parent.or_else, "inferred")


@once_for_each
def dues_of(party: Party) -> tuple[Mapping[str, list[Effect]], ...]:
    """The duties of each licence that binds, as conditions of the uses that bring them on."""
    found = []
    for one in party.governed:
        dues: dict[str, list[Effect]] = {}
        for uses_of, words in _worded_dues(one.licence):
            effect = Effect("yes-if", f"{party.lead}{words}", one.where)
            for use in uses_of:
                dues.setdefault(use, []).append(effect)
        found.append(dues)
    return tuple(found)


@once_for_each
def _worded_dues(licence: Licence) -> tuple[tuple[tuple[str, ...], str], ...]:
    """The duties of a licence: the uses that bring each on, and a sentence with its clause."""
    kinds = load_vocabulary().duties
    notes = [f" {due.note[:1].upper()}{due.note[1:].rstrip('.')}." if due.note else "" for due in licence.duties]
    return tuple(
        (tuple(dict.fromkeys(due.uses)), f"{kinds[due.id].text}{note} ({licence.name}, {due.clause})")
        for due, note in zip(licence.duties, notes, strict=True)
    )
