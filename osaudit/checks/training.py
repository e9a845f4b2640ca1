"""Checks on the training process: the code and settings that made the model."""

from __future__ import annotations

import re

from osaudit import contents
from osaudit.checks.cards import card_place, link_of, places, statements, why_unread
from osaudit.checks.case import Case
from osaudit.checks.codepath import path_with_code, terms_with_code
from osaudit.checks.ruling import ruling
from osaudit.checks.terms import Terms
from osaudit.checks.weights import file_places
from osaudit.compiled import regex
from osaudit.evidence import Evidence, Files, RepoFile, Seen, Statement, Unknown
from osaudit.frozen import replace
from osaudit.once import once_for_each
from osaudit.verdict import Answer

TRAINING_KINDS = frozenset({"training", "fine-tuning", "preprocessing"})
_OTHER_CODE = ("inference-code", "framework", "code", "training-code", "fine-tuning-code")
_PROJECT = regex(
    r"(?:github\.com|gitlab\.com|gitee\.com|bitbucket\.org|codeberg\.org)/([\w.-]+)/([\w.-]+)", re.IGNORECASE
)
_TRAINS = regex(r"(?i)/(?:tree|blob)/.*(?:train|fine-?_?tun|recipe|\.(?:py|sh|ipynb)$)")
_TELLING_NAME = 4
_NONE = "No training code is published, so there are no terms to read."


def training_path_published(case: Case) -> Answer:
    """Is the full training path published, or only a part of it, or only linked?"""
    return path_with_code(case, _path_published(case))


def _path_published(case: Case) -> Answer:
    """What the card and the model's own repository tell of the training path."""
    unread = why_unread(case.evidence)
    if unread and not training_files(case):
        return Answer("review", f"The card could not be read: {unread}.", card_place(case.evidence))
    linked = _told_here(case, "training-code")
    if linked:
        words = "Training code is linked, which was not looked into"
        return Answer("review", f"{words}: {link_of(linked)}.", places(linked), "declared by publisher")
    code = training_files(case)
    if code and isinstance(case.evidence.files, Seen):
        return _from_files(case, code, case.evidence.files)
    tuning = _told_here(case, "fine-tuning-code")
    if tuning:
        words = "Only fine-tuning code is linked"
        return Answer("partial", f"{words}: {link_of(tuning)}.", places(tuning), "declared by publisher")
    return _without_recipe(case)


def told(evidence: Evidence, kind: str) -> tuple[Statement, ...]:
    """Links of one kind that the card's words are clear about, or that lead to the publisher's own project."""
    said = statements(evidence.card, kind)
    return tuple(item for item in said if _claims(item, _is_own_project(item.value, evidence.ref.repo)))


@once_for_each
def _told_here(case: Case, kind: str) -> tuple[Statement, ...]:
    return told(case.evidence, kind)


def _claims(item: Statement, own: bool) -> bool:  # noqa: FBT001 - one of the two things that decide
    """Whether a link is a claim of this model's training code.

    Where the words do not say so, the publisher's own project does where the link leads to code for training in it.
    """
    return item.confidence == "high" or (own and _TRAINS.search(item.value) is not None)


def _is_own_project(link: str, repo: str) -> bool:
    """Whether a code host's project has the model's owner, or its name stands in the model's."""
    found = _PROJECT.search(link)
    owner, _, model = (_plain(part) for part in repo.partition("/"))
    if found is None:
        return False
    project_owner, project = _plain(found.group(1)), _plain(found.group(2))
    same_owner = bool(owner) and (project_owner.startswith(owner) or owner.startswith(project_owner))
    same_owner = same_owner or (len(owner) >= _TELLING_NAME and project == owner)
    return same_owner or (len(project) >= _TELLING_NAME and project in model)


def _plain(name: str) -> str:
    return regex(r"[^a-z0-9]").sub("", name.lower())


def _without_recipe(case: Case) -> Answer:
    card = case.evidence.card
    if not _list_is_whole(case):
        words = "No training code is linked, and whether the repository has some could not be seen in full."
        return Answer("review", words, card_place(case.evidence))
    tools = statements(card, "training-tool")
    if tools:
        words = "The model is said to be trained with another publisher's project, and the recipe is not published"
        return Answer("fail", f"{words}: {link_of(tools)}.", places(tools), "declared by publisher")
    linked = (item for kind in _OTHER_CODE for item in statements(card, kind))
    other = tuple(item for item in linked if item.kind != "framework" or item.confidence == "high")
    if other:
        words = "The code that is linked is a general library, or is not said to have trained the model"
        return Answer("fail", f"{words}: {link_of(other)}.", places(other), "declared by publisher")
    return Answer("fail", "No training code is published or linked.", card_place(case.evidence))


@once_for_each
def training_files(case: Case) -> tuple[RepoFile, ...]:
    """The repository's own files that trained the model or prepared its data."""
    match case.evidence.files:
        case Seen(listed, _):
            return tuple([entry for entry in listed.entries if contents.code_kind(entry.path) in TRAINING_KINDS])
        case _:
            return ()


def _from_files(case: Case, code: tuple[RepoFile, ...], listed: Seen[Files]) -> Answer:
    kinds = {contents.code_kind(entry.path) for entry in listed.value.entries}
    listing = file_places(listed.where, code[:3])
    approved = case.code.settled and all(licence.osi.approved for licence in case.code.licences)
    if approved and {"training", "preprocessing", "evaluation"} <= kinds:
        words = "Files named as preprocessing, training and evaluation code are listed; whether they are the whole path"
        return Answer("review", f"{words} has to be read.", listing)
    return Answer("partial", f"Files named as training code are listed, a part of the path: {code[0].path}.", listing)


def training_code_licence_permits(case: Case, criterion: int) -> Answer:
    """Does the licence of the training code meet this criterion?"""
    code = training_files(case)
    if code:
        answer = ruling(case.code, criterion)
        listing = case.evidence.files.where if isinstance(case.evidence.files, Seen) else ()
        return replace(answer, where=answer.where or file_places(listing, code[:1]))
    return terms_with_code(case, _linked_or_none(case), lambda terms: ruling(terms, criterion))


def training_code_open_to_all(case: Case) -> Answer:
    """Can anyone get the training code?"""
    if not training_files(case):
        return terms_with_code(case, _linked_or_none(case), _cloned)
    match case.evidence.gate:
        case Seen(gate, where) if gate.mode == "open":
            return Answer("pass", "The training code downloads without a form.", where)
        case Seen(gate, where) if gate.mode == "auto":
            return Answer("partial", "A form stands before the training code, and opens by itself.", where)
        case Seen(_, where):
            return Answer("review", "A person decides on each request for the training code.", where)
        case _:
            return Answer("review", "Whether a gate stands before the training code could not be seen.")


def _cloned(terms: Terms) -> Answer:
    return Answer("pass", "Everybody may fetch it without an account.", terms.where[:1], "inferred")


@once_for_each
def _linked_or_none(case: Case) -> Answer:
    linked = _told_here(case, "training-code") + _told_here(case, "fine-tuning-code")
    if linked:
        words = f"Training code is linked ({link_of(linked)}), and its terms were not looked into."
        return Answer("review", words, places(linked), "declared by publisher")
    unread = why_unread(case.evidence)
    if unread:
        return Answer("review", f"The card could not be read: {unread}.", card_place(case.evidence))
    if not _list_is_whole(case):
        return Answer("review", "Whether the repository has training code could not be seen in full.")
    return Answer("not_applicable", _NONE, card_place(case.evidence))


def _list_is_whole(case: Case) -> bool:
    match case.evidence.files:
        case Seen(listed, _):
            return listed.complete
        case Unknown():
            return False
        case _:
            return True
