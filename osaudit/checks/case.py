"""A case: one model's evidence with its terms resolved, and those of its bases and data sets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from osaudit.checks.code import Code, codes_of
from osaudit.checks.sightings import in_family, is_family
from osaudit.checks.terms import Terms, resolve
from osaudit.evidence import Base, DatasetUse, Evidence, Seen
from osaudit.frozen import dataclass, replace
from osaudit.licences.families import family_of
from osaudit.licences.table import Licence, LicenceTable
from osaudit.once import once, worked_field

MAX_DEPTH = 16


@dataclass(frozen=True, slots=True)
class Parent:
    """A model that this one was made from; `case` is None where its repository was not seen.

    `family` is then the licence that the base's name tells, if it belongs to a family whose terms restrict and to
    another owner: `same_owner` says that this model and its base are one owner's, who may give each its own terms.
    `or_else` are the licences that the name may mean as well; `confirmed` says that the name is known to tell these.
    """

    base: Base
    case: Case | None
    family: Licence | None = None
    same_owner: bool = False
    or_else: tuple[Licence, ...] = ()
    confirmed: bool = True

    def fails_for_sure(self, fails: Callable[[Licence], bool]) -> bool:
        """Whether a test fails under whichever licence the base's name may mean."""
        return self.confirmed and all(fails(licence) for licence in self.or_else)


@dataclass(frozen=True, slots=True)
class DataSource:
    """A data set that the card names; `terms` is None where its repository was not seen.

    `sources` are what it says it was made from, each with its terms where the model names that set as well.
    """

    use: DatasetUse
    evidence: Evidence | None
    terms: Terms | None
    sources: tuple[tuple[DatasetUse, Terms | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """What every check reads. `code` are the terms of the repository's own code, `linked` what its card links."""

    evidence: Evidence
    table: LicenceTable
    weights: Terms
    code: Terms
    parents: tuple[Parent, ...]
    data: tuple[DataSource, ...]
    linked: tuple[Code, ...] = ()
    worked: dict[Any, Any] = worked_field()

    @once
    def training_data(self) -> tuple[DataSource, ...]:
        """The named data sets that are not named for evaluation alone."""
        return tuple(source for source in self.data if source.use.role != "evaluation")

    @once
    def foreign_parents(self) -> tuple[Parent, ...]:
        """The bases whose terms bind here too: those of other owners.

        Who owns both a model and its base has said of the model itself what he grants; his base still hands down what
        it was made from.
        """
        found: list[Parent] = []
        for parent in self.parents:
            if not parent.same_owner:
                found.append(parent)
            elif parent.case is not None:
                found.extend(parent.case.foreign_parents)
        return tuple(found)


def build_case(evidence: Evidence, table: LicenceTable, depth: int = 0) -> Case:
    """Resolve the terms of a model, its bases (to a bounded depth) and its data sets."""
    return Case(
        evidence=evidence,
        table=table,
        weights=resolve(evidence, "weights", table),
        code=resolve(evidence, "code", table),
        parents=_without_families([_parent(evidence.ref.repo, base, table, depth) for base in evidence.bases]),
        data=_with_sources(tuple(_source(use, table) for use in evidence.datasets)),
        linked=codes_of(evidence, table),
    )


def _parent(repo: str, base: Base, table: LicenceTable, depth: int) -> Parent:
    same_owner = _is_same_owner(repo, base.name)
    match base.evidence:
        case Seen(evidence, _) if depth < MAX_DEPTH:
            return Parent(base, build_case(evidence, table, depth + 1), same_owner=same_owner)
        case _:
            family = None if same_owner else family_of(base.name)
            if family is None:
                return Parent(base, None, same_owner=same_owner)
            others = tuple(licence for key in sorted(family.any_of) if (licence := table.get(key)))
            return Parent(base, None, table.get(family.licence), same_owner, others, family.confirmed)


def _without_families(parents: list[Parent]) -> tuple[Parent, ...]:
    """Leave out a family's bare name ("LLaMA") beside one of its versions ("Llama 3.1"), which it is called by."""
    versions = [one.family for one in parents if one.family and not is_family(one.family)]
    return tuple(
        one
        for one in parents
        if not (one.case is None and one.family and is_family(one.family) and _called(one.family, versions))
    )


def _called(family: Licence, versions: list[Licence]) -> bool:
    return any(in_family(version, family) for version in versions)


def _is_same_owner(repo: str, base: str) -> bool:
    """Whether one owner publishes both; a base named without its owner is known by its family's publishers."""
    if "/" not in repo:
        return False
    family = family_of(base)
    return _owner(repo) == _owner(base) if "/" in base else family is not None and _owner(repo) in family.publishers


def _owner(repo: str) -> str:
    return repo.partition("/")[0].casefold()


def _source(use: DatasetUse, table: LicenceTable) -> DataSource:
    match use.evidence:
        case Seen(evidence, _):
            return DataSource(use, evidence, resolve(evidence, "data", table))
        case _:
            return DataSource(use, None, None)


def _with_sources(found: tuple[DataSource, ...]) -> tuple[DataSource, ...]:
    """Give each data set its own sources, with the terms of those that were looked at anyway."""
    known = {source.use.name.casefold(): source.terms for source in found}
    return tuple(
        replace(source, sources=tuple((use, known.get(use.name.casefold())) for use in source.evidence.datasets))
        if source.evidence
        else source
        for source in found
    )
