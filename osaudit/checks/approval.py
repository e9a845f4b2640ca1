"""Whether licences are OSI-approved: of the weights and what they were made from, of code, of what loads them."""

from __future__ import annotations

from collections.abc import Iterable

from osaudit.checks.approved import is_approved
from osaudit.checks.cards import card_place
from osaudit.checks.case import Case
from osaudit.checks.code import Code, terms_relied_on
from osaudit.checks.codepath import own_path
from osaudit.checks.libraries import open_library
from osaudit.checks.ruling import worst
from osaudit.checks.sightings import in_family, is_family
from osaudit.checks.terms import Terms, licences_said, resolve
from osaudit.checks.training import training_code_open_to_all, training_files
from osaudit.checks.weights import has_code, needs_own_code
from osaudit.evidence import Component, Where
from osaudit.frozen import dataclass, replace
from osaudit.licences.table import LicenceTable
from osaudit.verdict import Answer, Basis, Outcome

_PARTS: dict[str, Component] = {"weights": "weights", "code": "code", "data": "data", "docs": "docs"}


@dataclass(frozen=True, slots=True)
class Approval:
    """Whether a licence is known, uncontradicted and OSI-approved, and what a publisher can do where it is not."""

    outcome: Outcome
    because: str
    remedy: str
    where: tuple[Where, ...] = ()
    basis: Basis = "inferred"


def approval(table: LicenceTable, terms: Terms, what: str) -> Approval:
    """Ask whether the terms that govern something are OSI-approved."""
    approved = [licence.osi.approved for licence in terms.licences]
    if not terms.licences:
        words = f"Put the {what} under an OSI-approved licence, with its text in the repository: now there is"
        outcome: Outcome = "fail" if terms.state == "silent" else "review"
        return Approval(
            outcome, f"For the {what} there is {terms.name}.", f"{words} {terms.name}.", terms.where, terms.basis
        )
    unapproved = terms.state == "joint" and not all(approved)
    if unapproved or (not any(approved) and not _may_be_approved(table, terms)):
        lacking = " and ".join(licence.name for licence in terms.licences if not licence.osi.approved)
        because = f"{lacking if unapproved else terms.name} is not on OSI's list of approved licences."
        remedy = f"Put the {what} under an OSI-approved licence: {because}"
        return Approval("fail", _upper(because), remedy, terms.where, terms.basis)
    names = "the text, the tag and the card must name the same OSI-approved licence"
    remedy = f"Make certain the licence of the {what}: {names}."
    if is_approved(terms):
        return Approval("pass", _upper(f"{terms.name} is OSI-approved."), remedy, terms.where, terms.basis)
    because = f"The licence of the {what} is not certain: {terms.name}."
    return Approval("review", because, remedy, terms.where, terms.basis)


def _may_be_approved(table: LicenceTable, terms: Terms) -> bool:
    """Whether a family tag (`gpl`, `bsd`) may mean a licence that OSI approved."""
    families = [licence for licence in terms.licences if is_family(licence)]
    return any(known.osi.approved and in_family(known, family) for family in families for known in table.licences)


def bases_approval(case: Case) -> Iterable[Approval]:
    """The terms of other owners' bases come along, so they have to be OSI-approved too; a guess fails nothing."""
    for parent in case.foreign_parents:
        if parent.case is None:
            continue
        theirs = approval(case.table, parent.case.weights, "base model")
        sure = parent.base.confidence == "high" or theirs.outcome != "fail"
        name, licence = parent.base.name, parent.case.weights.name
        yield Approval(
            outcome=theirs.outcome if sure else "review",
            because=f"Made from {name}, which has {licence}.",
            remedy=f"Build on a model under an OSI-approved licence: {name} has {licence}.",
            where=(parent.base.where, *theirs.where),
            basis=theirs.basis if sure else "inferred",
        )
        yield from bases_approval(parent.case)


def runs_own_code(case: Case) -> bool:
    """Whether the repository's own code is what runs the weights."""
    return needs_own_code(case) or (open_library(case.evidence) is None and has_code(case))


def deployment_approval(case: Case) -> Approval:
    """The repository's own code under its licence, else the named open library that loads the weights."""
    library = open_library(case.evidence)
    if runs_own_code(case):
        return approval(case.table, case.code, "code in the repository")
    if library:
        words = f"{library.name} loads the weights, an open library under {library.spdx}."
        return Approval("pass", words, "", card_place(case.evidence))
    linked = code_that_runs(case)
    if linked:
        one = approval(case.table, linked[0][1], f"code of {linked[0][0].name}")
        where = (linked[0][2], *one.where)
        return replace(one, because=f"{linked[0][0].name} runs the weights. {one.because}", where=where[:3])
    remedy = "Name the open library that loads the weights (`library_name` in the card's metadata)."
    words = "Neither an open library that loads the weights is named, nor code of the repository's own listed."
    return Approval("review", words, remedy, card_place(case.evidence))


def code_that_runs(case: Case) -> tuple[tuple[Code, Terms, Where], ...]:
    """The model's own linked repositories with code that runs it, their terms, and where that shows."""
    files = ((code, one) for code in case.linked if code.is_own for one in code.parts("inference") if one.shown)
    found = ((code, code.terms_of(one), one.where) for code, one in files)
    return tuple((code, terms, where) for code, terms, where in found if terms is not None)[:1]


def terms_of(case: Case, component: str) -> Terms:
    """The terms that govern a component of the repository; what is not code or weights is resolved anew."""
    match component:
        case "weights":
            return case.weights
        case "code":
            return case.code
        case _:
            return resolve(case.evidence, _PARTS.get(component, "any"), case.table)


def licence_osi_approved(case: Case, component: str) -> Answer:
    """Is the licence that governs this component OSI-approved, and those of the bases of the weights?"""
    what = {"code": "code in the repository", "docs": "documentation"}.get(component, component)
    asked = [approval(case.table, terms_of(case, component), what)]
    if component == "weights":
        asked += bases_approval(case)
    return worst([_answer(case, one) for one in asked])


def training_code_approved(case: Case) -> Answer:
    """Is the training code under an OSI-approved licence?"""
    path = own_path(case)
    if not training_files(case) and path.trains:
        asked = [
            _answer(case, approval(case.table, terms, f"code of {code.name}"))
            for code, terms in terms_relied_on(path.trains)
        ]
        return worst(asked)
    if not training_files(case):
        return training_code_open_to_all(case)
    return _answer(case, approval(case.table, case.code, "training code"))


def deployment_code_open(case: Case) -> Answer:
    """Is the code that runs the weights under an OSI-approved licence?"""
    return _answer(case, deployment_approval(case))


def licence_stated(case: Case) -> Answer:
    """Does anybody state a licence for the weights?"""
    if licences_said(case.evidence):
        words = f"A licence is stated: {case.weights.name}."
        return Answer("pass", words, case.weights.where or card_place(case.evidence), case.weights.basis)
    if case.weights.state == "unseen":
        return Answer("review", "The places where a licence would stand could not be read.", card_place(case.evidence))
    if case.weights.governing:
        words = "Nobody but the converter of a weight file names a licence, and he may have copied it."
        return Answer("review", words, case.weights.where, case.weights.basis)
    return Answer("fail", "No licence is stated anywhere.", card_place(case.evidence))


def _answer(case: Case, one: Approval) -> Answer:
    answer = Answer(one.outcome, one.because, one.where, one.basis)
    return answer if answer.where else replace(answer, where=card_place(case.evidence))


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]
