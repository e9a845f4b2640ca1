"""What linked code repositories make of the answers on training code: they fill a cell, or lower it."""

from __future__ import annotations

from collections.abc import Callable

from osaudit.checks.approved import is_approved
from osaudit.checks.case import Case
from osaudit.checks.code import (
    Code,
    Path,
    at_commit,
    names_of,
    places_of,
    same_repository,
    terms_relied_on,
    training_path,
    why_unseen,
)
from osaudit.checks.ruling import RANK, worst
from osaudit.checks.terms import Terms
from osaudit.evidence import LinkedPart, Seen, Where
from osaudit.frozen import replace
from osaudit.once import once_for_each
from osaudit.verdict import Answer

_TRAINING: tuple[LinkedPart, ...] = ("training", "fine-tuning", "settings")
_NOT_TIED = "nothing in it ties it to this model, so the card's words alone speak for it"


@once_for_each
def own_path(case: Case) -> Path:
    """What the model's own repositories hold of the training path."""
    return training_path(case.linked, derived=bool(case.parents))


def path_with_code(case: Case, before: Answer) -> Answer:
    """Add to what card and files tell of the training path what linked repositories hold of it.

    `before` is the answer without them, and stays where none of them says more.
    """
    if not case.linked:
        return before
    path = own_path(case)
    if path.trains:
        found = _of_path(path)
        unseen = [code for code in _said_to_train(case) if why_unseen(code)]
        if unseen and found.outcome != "pass" and before.outcome == "review":
            why = f"{unseen[0].name}, which is linked too, could not be read: {why_unseen(unseen[0])}"
            return replace(before, because=f"{found.because} {why[:1].upper()}{why[1:]}.", where=found.where)
        return found if _fits(found, before) else before
    return _lowered(case, before, "fail", "it holds no code or settings that train a model")


def _fits(found: Answer, before: Answer) -> bool:
    """Whether what was found takes the place of an answer: it is better, or the other was open for want of it alone."""
    waits = before.outcome == "review" and before.basis == "declared by publisher"
    return waits or RANK[found.outcome] > RANK[before.outcome]


def _of_path(path: Path) -> Answer:
    """Answer from files that the model's own repositories hold."""
    where, names = places_of(path.found), names_of(path.found)
    lacks = path.lacks
    if not lacks:
        doubts = [(code, terms) for code, terms in terms_relied_on(path.found) if not is_approved(terms)]
        if not doubts:
            words = f"{names}: code that prepares data, trains and evaluates, with settings, under OSI-approved terms"
            return Answer("pass", f"{words}: {_shown(path)}.", where, "inferred")
        code, terms = doubts[0]
        words = (
            f"{names} hold all parts of the training path, and {code.name} is not known to be under OSI-approved terms"
        )
        return Answer("partial" if terms.settled else "review", f"{words}: {terms.name}.", where, "inferred")
    if path.lists_all:
        words = f"{names} list preprocessing, training and evaluation code with settings; whether they are that"
        return Answer(
            "review", f"{words} has to be read: nothing in what was read shows {' or '.join(lacks)}.", where, "inferred"
        )
    shown = path.of("training", "fine-tuning", "settings", shown=True)
    words = f"{names} hold a part of the training path; no file shows {' or '.join(lacks)}"
    return Answer("partial" if shown else "review", f"{words}.", where, "inferred")


def _shown(path: Path) -> str:
    kinds: tuple[tuple[LinkedPart, ...], ...] = (
        ("training", "fine-tuning"),
        ("preprocessing",),
        ("evaluation",),
        ("settings",),
    )
    firsts = [
        next(iter(sorted(path.of(*kind, shown=True), key=lambda one: not one.file.named)), None) for kind in kinds
    ]
    return ", ".join(one.file.where.path for one in firsts if one is not None)


def terms_with_code(case: Case, before: Answer, ask: Callable[[Terms], Answer]) -> Answer:
    """Ask the terms of the training code in linked repositories; `before` is the answer without them."""
    if not case.linked:
        return before
    path = own_path(case)
    if path.trains:
        answers = [replace(answer, because=f"{code.name}: {answer.because}") for code, answer in _asked(path, ask)]
        worst_of = worst(answers) if answers else before
        return replace(worst_of, where=worst_of.where or places_of(path.trains))
    named = [
        code for code in case.linked if code.may_lower and not code.is_own and code.parts("training", "fine-tuning")
    ]
    for code in named:
        terms = next((terms for folder, terms in code.folders if not folder), None)
        answer = ask(terms) if terms else before
        if answer.outcome == "fail" and before.outcome == "review":
            return replace(answer, because=f"{code.name}: {answer.because}", basis="declared by publisher")
    return _lowered(case, before, "not_applicable", "it holds no code that trains, so there are no terms to read")


def _asked(path: Path, ask: Callable[[Terms], Answer]) -> list[tuple[Code, Answer]]:
    return [(code, ask(terms)) for code, terms in terms_relied_on(path.trains)]


def _said_to_train(case: Case) -> list[Code]:
    """The repositories that the card surely calls training code."""
    kinds = {"training-code", "fine-tuning-code"}
    return [code for code in case.linked if code.linked.sure and kinds & set(code.linked.named_as)]


def _lowered(case: Case, before: Answer, outcome: str, words: str) -> Answer:
    """Lower what is open because code is linked, or say why it stays open, where the repositories do not fill it."""
    if before.outcome not in {"review", "partial"} or before.basis != "declared by publisher":
        return before
    told = [code for code in _said_to_train(case) if any(_leads(case, code, place) for place in before.where)]
    unseen = [code for code in told if why_unseen(code)]
    if unseen:
        why = f"{unseen[0].name} could not be read: {why_unseen(unseen[0])}"
        return replace(before, because=f"{before.because.rstrip('.')} ({why}).")
    if not told:
        return before
    if all(code.linked.whole and not code.parts(*_TRAINING) for code in told):
        names = " and ".join(f"{code.name}{at_commit(code)}" for code in told)
        answer: Answer = replace(before, outcome="fail" if outcome == "fail" else "not_applicable")
        return replace(answer, because=f"{names} was read, and {words}.", where=_listed(told) or before.where)
    code = told[0]
    why = _NOT_TIED if not code.is_own else "it holds nothing that shows how this model was trained"
    return replace(
        before, outcome="review", because=f"{code.name}{at_commit(code)} was read, and {why}.", where=before.where
    )


def _leads(case: Case, code: Code, place: Where) -> bool:
    """Whether the card's words at a place lead to a repository."""
    if place in code.linked.where:
        return True
    card = case.evidence.card
    said = card.value.statements if isinstance(card, Seen) else ()
    return any(one.where == place and same_repository(code, one.value) for one in said)


def _listed(codes: list[Code]) -> tuple[Where, ...]:
    return tuple(
        place
        for code in codes
        if code.evidence and isinstance(code.evidence.files, Seen)
        for place in code.evidence.files.where
    )[:4]
