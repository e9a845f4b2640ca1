"""Whether the components of a release are there: documents, code of each kind, data sets, checkpoints."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from osaudit import contents
from osaudit.checks.cards import card_place, link_of, places, seems_partial, statements, why_unread
from osaudit.checks.case import Case, DataSource
from osaudit.checks.code import Found, at_commit, places_of
from osaudit.checks.codepath import own_path
from osaudit.checks.data import training_data_disclosed
from osaudit.checks.libraries import open_library
from osaudit.checks.weights import file_places, has_code, needs_own_code, weights_published
from osaudit.compiled import regex
from osaudit.evidence import Absent, Evidence, RepoFile, Seen, Unknown, Where
from osaudit.frozen import replace
from osaudit.verdict import Answer

_CHECKPOINT = regex(r"(?:^|/)(?:checkpoint|ckpt|step|iter|epoch)[-_]?\d+(?:/|[-_.])", re.IGNORECASE)
_MODELLING = regex(r"(?:^|[/_.-])modell?ing(?:[_.-]|$)[^/]*$", re.IGNORECASE)
_PAPER = regex(r"report|paper", re.IGNORECASE)
_RESULTS = frozenset({"eval_results.json", "all_results.json", "evaluation_results.json", "results.json"})
_KINDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "training": frozenset({"training"}),
        "inference": frozenset({"inference"}),
        "evaluation": frozenset({"evaluation"}),
        "preprocessing": frozenset({"preprocessing"}),
    }
)
_LINKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "training": ("training-code",),
        "inference": ("inference-code", "code"),
        "evaluation": ("evaluation-code",),
        "preprocessing": ("training-code",),
    }
)


_PARTS: Mapping[str, str] = MappingProxyType(
    {
        "training": "training",
        "fine-tuning": "training",
        "evaluation": "evaluation",
        "preprocessing": "preprocessing",
    }
)


def architecture_published(case: Case) -> Answer:
    """Is the code that defines the architecture published, in the repository or in an open library?"""
    own = _files(case, lambda path: path.endswith(".py") and bool(_MODELLING.search(path)))
    if own:
        return _listed(case, own, "Code of the architecture is listed")
    if needs_own_code(case) and not has_code(case):
        words = "The configuration points to code of the repository that is not listed."
        return _unless_unseen(case, Answer("fail", words, card_place(case.evidence)))
    library = open_library(case.evidence)
    if library:
        words = f"{library.name}, an open library, holds the code of the architecture."
        return Answer("pass", words, card_place(case.evidence))
    words = "Neither code of the architecture is listed, nor is an open library named that holds it."
    return _unless_unseen(case, Answer("fail", words, card_place(case.evidence)))


def architecture_told(case: Case) -> Answer:
    """Is it told in public which architecture the model has?"""
    match case.evidence.config:
        case Seen(config, where) if config.architectures or isinstance(config.model_type, Seen):
            kind = config.model_type.value if isinstance(config.model_type, Seen) else ""
            return Answer("pass", f"The configuration tells it: {', '.join(config.architectures) or kind}.", where)
        case Unknown(why):
            return Answer("review", f"The configuration could not be seen: {why.rstrip('.')}.")
        case _:
            words = "No configuration tells the architecture, so the card and what it cites have to be read."
            return Answer("review", words, card_place(case.evidence))


def usage_told(case: Case) -> Answer:
    """Is it told in public how the model is used, what it can do, and where its limits are?"""
    found = _sections(case.evidence, {"uses", "out-of-scope", "limitations", "how-to-use", "evaluation"})
    if found:
        words = "The card has headings on use, results or limits; whether they tell enough has to be read."
        return Answer("review", words, found)
    if isinstance(case.evidence.card, Absent) and not why_unread(case.evidence):
        return Answer("fail", "The repository has no card that could tell it.", card_place(case.evidence))
    words = "The card has no heading on use, capabilities or limits; what is told elsewhere was not looked at."
    return Answer("review", words, card_place(case.evidence))


def paper_published(case: Case) -> Answer:
    """Is there a technical report or research paper on the model?"""
    papers = _files(case, lambda path: path.lower().endswith(".pdf") and bool(_PAPER.search(path)))
    if papers:
        return _listed(case, papers, "A report or paper is listed")
    cited = statements(case.evidence.card, "paper")
    if cited:
        words = f"A paper or report is cited, and whether it is this model's own was not read: {link_of(cited)}."
        return Answer("review", words, places(cited), "declared by publisher")
    words = "The repository lists no report or paper, and the card cites none."
    return _unless_unseen(case, Answer("fail", words, card_place(case.evidence)))


def evaluation_reported(case: Case) -> Answer:
    """Are results of an evaluation published?"""
    results = _files(case, lambda path: path.rsplit("/", 1)[-1] in _RESULTS)
    if results:
        return _listed(case, results, "Evaluation results are listed")
    found = _sections(case.evidence, {"evaluation"})
    if found:
        words = "The card has a heading on evaluation; whether results stand under it has to be read."
        return Answer("review", words, found)
    papers = statements(case.evidence.card, "paper")
    if papers:
        words = f"The card tells no results; they may stand in the paper that it cites: {link_of(papers)}."
        return Answer("review", words, places(papers), "declared by publisher")
    words = "The card tells no results of an evaluation, and cites no paper that could."
    return _unless_unseen(case, Answer("fail", words, card_place(case.evidence)))


def model_card_written(case: Case) -> Answer:
    """Is there a model card that says more than its metadata?"""
    unread = why_unread(case.evidence)
    if unread:
        return Answer("review", f"The card could not be read: {unread}.", card_place(case.evidence))
    match case.evidence.card:
        case Seen(card, _) if card.sections:
            return Answer("pass", f"The card has {len(card.sections)} headings.", (card.where,))
        case Seen(card, _):
            return Answer("partial", "The card has no headings: it is metadata, or a few words.", (card.where,))
        case _:
            return Answer("fail", "The repository has no card.", card_place(case.evidence))


def data_card_written(case: Case) -> Answer:
    """Is the training data documented, in cards of its own or in the model's card?"""
    sets = case.training_data
    documented = [source for source in sets if source.evidence and _has_sections(source.evidence.card)]
    where = tuple(source.use.where for source in documented)
    if documented:
        names = ", ".join(source.use.name for source in documented[:4])
        whole = len(documented) == len(sets)
        words = f"{'Every' if whole else 'Not every'} named set has a card of its own: {names}."
        return Answer("pass" if whole else "partial", words, where[:4], "declared by publisher")
    said = _sections(case.evidence, {"training-data"}) or places(statements(case.evidence.card, "training-data"))
    if said:
        words = "The model's card speaks of its data; whether that stands for a data card has to be read."
        return Answer("review", words, said)
    words = "No data set that is named has a card of its own, and the model's card does not document the data."
    return _unless_unseen(case, Answer("fail", words, card_place(case.evidence)))


def code_published(case: Case, kind: str) -> Answer:
    """Is code of this kind published: training, inference, evaluation or preprocessing?"""
    own = _files(case, lambda path: contents.code_kind(path) in _KINDS.get(kind, ()))
    if own:
        return _listed(case, own, f"Code named as {kind} code is listed")
    library = open_library(case.evidence) if kind == "inference" else None
    if library:
        words = f"{library.name}, an open library, runs the model."
        return Answer("pass", words, card_place(case.evidence))
    there = code_there(case, kind)
    if there:
        words = f"{there[0].code.name}{at_commit(there[0].code)} holds {kind} code: {there[0].file.where.path}."
        return Answer("pass", words, places_of(there), "inferred")
    linked = tuple(item for name in _LINKS.get(kind, ()) for item in statements(case.evidence.card, name))
    if linked:
        words = f"Code is linked that may hold the {kind} code, and was not looked into: {link_of(linked)}."
        return Answer("review", words, places(linked), "declared by publisher")
    return _unless_unseen(case, Answer("fail", f"No {kind} code is listed or linked.", card_place(case.evidence)))


def code_there(case: Case, kind: str) -> tuple[Found, ...]:
    """The files of the model's own linked repositories whose words show code of this kind."""
    if kind == "inference":
        files = (Found(code, one) for code in case.linked if code.is_own for one in code.parts("inference"))
        return tuple(one for one in files if one.file.shown)
    found = own_path(case).found
    return tuple(one for one in found if one.file.shown and _PARTS.get(one.file.part) == kind)


def training_data_published(case: Case) -> Answer:
    """Is the training data itself published?"""
    told = training_data_disclosed(case)
    if told.outcome == "pass" or (told.outcome == "review" and why_unread(case.evidence)):
        return told
    words = f"The training data is not published as a whole, as far as was seen. {told.because}"
    return Answer("fail", words, told.where, told.basis)


def evaluation_data_published(case: Case) -> Answer:
    """Is the data published that the model was evaluated on?"""
    sets = [source for source in case.data if source.use.role == "evaluation"]
    where = tuple(source.use.where for source in sets)[:4]
    if sets and all(_is_open(source) for source in sets):
        names = ", ".join(source.use.name for source in sets[:4])
        return Answer("pass", f"The sets that are named for evaluation are published: {names}.", where)
    if sets:
        words = "Sets are named for evaluation, and were not all seen published without a gate."
        return Answer("review", words, where, "declared by publisher")
    words = "No data set is named as the one that the model was evaluated on."
    return _unless_unseen(case, Answer("fail", words, card_place(case.evidence)))


def checkpoints_published(case: Case) -> Answer:
    """Are checkpoints from during the training published?"""
    found = _files(case, lambda path: bool(_CHECKPOINT.search(path)) and contents.weight_format(path) is not None)
    if found:
        return _listed(case, found, "Weights from during the training are listed")
    if weights_published(case).outcome == "fail":
        return Answer("fail", "The repository lists no weight file.", card_place(case.evidence))
    words = "None are listed at this commit; other branches and tags, where they may stand, were not looked at."
    return Answer("review", words, card_place(case.evidence))


def _files(case: Case, wanted: Callable[[str], bool]) -> tuple[RepoFile, ...]:
    match case.evidence.files:
        case Seen(listed, _):
            return tuple(entry for entry in listed.entries if wanted(entry.path))
        case _:
            return ()


def _listed(case: Case, found: tuple[RepoFile, ...], words: str) -> Answer:
    where = case.evidence.files.where if isinstance(case.evidence.files, Seen) else ()
    return Answer("pass", f"{words}: {found[0].path}.", file_places(where, found[:2]))


def _sections(evidence: Evidence, topics: set[str]) -> tuple[Where, ...]:
    match evidence.card:
        case Seen(card, _):
            spans = [section.lines for section in card.sections if section.topic in topics]
            return tuple(replace(card.where, lines=lines, quote=None) for lines in spans[:4])
        case _:
            return ()


def _has_sections(card: object) -> bool:
    return isinstance(card, Seen) and bool(card.value.sections)


def _is_open(source: DataSource) -> bool:
    evidence = source.evidence
    return evidence is not None and isinstance(evidence.gate, Seen) and evidence.gate.value.mode == "open"


def _unless_unseen(case: Case, answer: Answer) -> Answer:
    """A fail for what is not there stands only where card and file list were read as a whole."""
    unread = why_unread(case.evidence)
    if unread:
        words = f"{answer.because.rstrip('.')}, but the card could not be read: {unread}."
        return Answer("review", words, answer.where)
    match case.evidence.files:
        case Seen(listed, _) if not seems_partial(listed):
            return answer
        case Absent():
            return answer
        case _:
            words = f"{answer.because.rstrip('.')}, but the file list was not seen as a whole."
            return Answer("review", words, answer.where)
