"""Checks on the training data: disclosed or published, and the terms of the sets that the card names."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from osaudit import files
from osaudit.checks.cards import MAX_PLACES, card_place, link_of, places, quoted, statements, why_unread
from osaudit.checks.case import Case, DataSource
from osaudit.checks.codedata import data_with_code
from osaudit.checks.flagged import touches
from osaudit.checks.ruling import ruling
from osaudit.compiled import regex
from osaudit.evidence import Card, Evidence, Fact, Files, Gate, Seen, Statement, Unknown, Where
from osaudit.frozen import replace
from osaudit.once import once_for_each
from osaudit.verdict import Answer, Outcome
from osaudit.yamlfile import own_table

_SOURCES = frozenset({"named", "linked", "published"})
_NOT_SEEN = frozenset({"named", "linked"})
_PARAGRAPH = 3
_NONE_NAMED = "The card names no training data, so there is nothing whose terms could be read."


def training_data_disclosed(case: Case) -> Answer:
    """Is the training data published, or described as Data Information asks (OSAID 1.0)?"""
    return data_with_code(case, _disclosed(case))


def _disclosed(case: Case) -> Answer:
    """What the card and the data sets' own repositories tell of the training data."""
    card = case.evidence.card
    unread = why_unread(case.evidence)
    if unread and not case.training_data:
        return Answer("review", f"The card could not be read: {unread}.", card_place(case.evidence))
    said = statements(card, "training-data")
    named = tuple(item for item in said if item.value in _SOURCES and item.confidence == "high")
    vague = tuple(item for item in said if item not in named)
    papers = _data_papers(card, named)
    sets = case.training_data
    if _all_published(case, named):
        words = "Every training set that the card names was seen, published with its data files and without a gate."
        return Answer("pass", words, tuple(source.use.where for source in sets)[:MAX_PLACES], "declared by publisher")
    if papers and (named or sets):
        words = "The card names training data and cites a paper or report for it that was not read"
        return Answer("review", f"{words}: {link_of(papers)}.", places((*papers, *named)), "declared by publisher")
    if named or sets:
        words = "The card names sources of its training data, without the whole of what Data Information asks"
        where = places(named) + tuple(source.use.where for source in sets)
        return Answer("partial", f"{words}: {_names(case, named)}.", where[:MAX_PLACES], "declared by publisher")
    return _undisclosed(case, vague)


def _undisclosed(case: Case, vague: tuple[Statement, ...]) -> Answer:
    withheld = statements(case.evidence.card, "data-withheld")
    if withheld:
        words = f"The publisher withholds the training data: {quoted(withheld[0].where)}."
        return Answer("fail", words, places(withheld), "declared by publisher")
    if vague:
        words = "The card speaks of its training data in general words and names no source"
        return Answer("fail", f"{words}: {quoted(vague[0].where)}.", places(vague), "declared by publisher")
    return Answer("fail", "The card says nothing of the data that the model was trained on.", card_place(case.evidence))


def _all_published(case: Case, named: tuple[Statement, ...]) -> bool:
    """Whether the data itself is there: every set seen and open, none of them guessed, no base whose data is not."""
    sets, card = case.training_data, case.evidence.card
    doubts = (*statements(card, "data-withheld"), *statements(card, "training-data", {"vague"}))
    if not sets or any(statement.value in _NOT_SEEN for statement in named) or doubts or case.parents:
        return False
    if why_unread(case.evidence):
        return False  # what could not be read may name more
    if not any(source.use.role == "pre-training" and source.use.confidence == "high" for source in sets):
        return False
    return all(source.evidence is not None and _is_published(source.evidence) for source in sets)


def _is_published(evidence: Evidence) -> bool:
    return isinstance(evidence.gate, Seen) and evidence.gate.value.mode == "open" and _has_data(evidence)


def _has_data(evidence: Evidence) -> bool:
    match evidence.files:
        case Seen(listed, _):
            return _lists_data(listed)
        case _:
            return False


@once_for_each
def _lists_data(listed: Files) -> bool:
    return any(files.data_files((entry.path,)) for entry in listed.entries)


def _data_papers(card: Fact[Card], said: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """Papers cited for the data, or for more of the story in the paragraph that names it.

    A paper cited for the architecture, or for a result, tells nothing of the data.
    """
    papers = [paper for paper in statements(card, "paper") if paper.confidence == "high"]
    lines = [statement.where.lines for statement in said if statement.where.lines]
    return tuple(paper for paper in papers if paper.subject == "data" or _tells_more(paper, lines))


def _tells_more(paper: Statement, lines: list[tuple[int, int]]) -> bool:
    place = paper.where.lines
    near = place is not None and any(start <= place[0] <= end + _PARAGRAPH for start, end in lines)
    return near and "details" in paper.about


def _names(case: Case, named: tuple[Statement, ...]) -> str:
    names = [source.use.name for source in case.training_data] or [quoted(item.where) for item in named]
    return ", ".join(dict.fromkeys(names[:MAX_PLACES]))


def data_licences_permit(case: Case, criterion: int) -> Answer:
    """Do the licences of the named training sets meet this criterion?"""
    return _over_sets(case, functools.partial(_set_permits, criterion=criterion))


def _set_permits(source: DataSource, criterion: int) -> Answer:
    if source.terms is None:
        return _set_unseen(source)
    answer = ruling(source.terms, criterion)
    added = [item for item in _restrictions(source) if touches(item.value, criterion)]
    if added and answer.outcome not in {"fail", "review"}:
        words = f"{source.use.name}: its card adds words that its licence does not have: {quoted(added[0].where)}."
        return Answer("review", words, places(added), "declared by publisher")
    if answer.outcome == "pass" and criterion in {1, 6} and holds_crawl(source):
        words = f"{source.use.name} holds crawled pages, and its licence covers the collection, not the pages."
        return Answer("review", words, answer.where or (source.use.where,), answer.basis)
    if answer.outcome == "pass" and (doubt := _of_its_sources(source, criterion)):
        return doubt
    return replace(answer, because=f"{source.use.name}: {answer.because}", where=answer.where or (source.use.where,))


def _of_its_sources(source: DataSource, criterion: int) -> Answer | None:
    """What a set was made from can keep its own licence from passing: a crawl, or terms that fail the criterion."""
    for use, terms in source.sources:
        if is_crawl(use.name) and criterion in {1, 6}:
            words = f"{source.use.name} is made from {use.name}, which holds crawled pages"
            sentence = f"{words}: its licence covers the collection, not the pages."
            return Answer("review", sentence, (use.where,), "declared by publisher")
        theirs = ruling(terms, criterion) if terms else None
        if theirs and theirs.outcome == "fail":
            words = f"{source.use.name} is made from {use.name}, whose terms may bind here too: {theirs.because}"
            return Answer("review", words, (use.where, *theirs.where), "declared by publisher")
    return None


def source_note(source: DataSource) -> str:
    """Say what of a data set's content and sources its own licence may not cover; empty where nothing is known."""
    notes = ["holds crawled pages, which its licence does not cover"] if holds_crawl(source) else []
    notes += [f"made from {use.name}, which holds crawled pages" for use, _ in source.sources if is_crawl(use.name)]
    for use, terms in source.sources:
        closed = [str(n) for n in (1, 3, 5, 6) if terms and ruling(terms, n).outcome == "fail"]
        if terms and closed:
            notes.append(f"made from {use.name} under {terms.name}, which fails criterion {', '.join(closed)}")
    return "; ".join(notes)


def licences_of(source: DataSource) -> tuple[str, ...]:
    """The licences that a data set's texts, card and tags name, the table's names where it knows them."""
    if source.evidence is None or source.terms is None:
        return ()
    known = [licence.name for licence in (*source.terms.licences, *source.terms.known)]
    claims = (claim for claim in source.evidence.licence_claims if not claim.keys and claim.source != "licence link")
    return tuple(dict.fromkeys((*known, *(claim.name for claim in claims))))


def _restrictions(source: DataSource) -> tuple[Statement, ...]:
    """What the data set's own card says to restrict it."""
    card = source.evidence.card if source.evidence else None
    said = (*statements(card, "restriction"), *statements(card, "unclear-terms")) if card else ()
    return tuple(item for item in said if item.subject in {"data", "any"})


def data_open_to_all(case: Case) -> Answer:
    """Can anyone download the named training sets?"""
    return _over_sets(case, _set_open)


def _set_open(source: DataSource) -> Answer:
    match source.evidence.gate if source.evidence else None:
        case Seen(gate, where) if gate.mode == "open" and source.evidence and not _has_data(source.evidence):
            words = f"No data file of {source.use.name} was seen, so what can be downloaded is not known."
            return Answer("review", words, where or (source.use.where,))
        case Seen(gate, where):
            return _gate_answer(source.use.name, gate, where or (source.use.where,))
        case _:
            return _set_unseen(source)


def _gate_answer(name: str, gate: Gate, where: tuple[Where, ...]) -> Answer:
    match gate.mode:
        case "open":
            return Answer("pass", f"{name} downloads without a form.", where)
        case "auto":
            return Answer("partial", f"A form stands before {name}, and opens by itself.", where)
        case "manual":
            return Answer("review", f"A person decides on each request for {name}.", where)


def _set_unseen(source: DataSource) -> Answer:
    match source.use.evidence:
        case Unknown(why):
            return Answer("review", f"{source.use.name} could not be seen: {why.rstrip('.')}.", (source.use.where,))
        case _:
            return Answer("review", f"{source.use.name} was not looked into.", (source.use.where,))


def _over_sets(case: Case, ask: Callable[[DataSource], Answer]) -> Answer:
    """Ask every training set: all pass or all fail decide, a set that is open to question goes to review."""
    sets = case.training_data
    if not sets:
        return _none_named(case)
    answers = [ask(source) for source in sets]
    outcomes = {answer.outcome for answer in answers}
    outcome: Outcome = "review" if "review" in outcomes else "partial"
    if len(outcomes) == 1:
        outcome = answers[0].outcome
    telling = [answer for answer in answers if answer.outcome in {outcome, "fail"}] or answers
    words = " ".join(dict.fromkeys(answer.because for answer in telling[:MAX_PLACES]))
    left = len(telling) - MAX_PLACES
    where = tuple(dict.fromkeys(place for answer in telling for place in answer.where))[: 2 * MAX_PLACES]
    return Answer(outcome, words + (f" The same holds for {left} more." if left > 0 else ""), where, answers[0].basis)


@once_for_each
def _none_named(case: Case) -> Answer:
    card = case.evidence.card
    unread = why_unread(case.evidence)
    if unread and not case.training_data:
        return Answer("review", f"The card could not be read: {unread}.", card_place(case.evidence))
    named = tuple(item for item in statements(card, "training-data", _SOURCES) if item.confidence == "high")
    if named:
        words = "The card names training data in words that lead to no repository whose terms could be read"
        return Answer("review", f"{words}: {quoted(named[0].where)}.", places(named), "declared by publisher")
    return Answer("not_applicable", _NONE_NAMED, card_place(case.evidence))


@functools.cache
def crawls() -> re.Pattern[str]:
    """An expression that finds the names of crawls of the web in that of a data set."""
    names = own_table("known-crawls.yaml")["names"]
    return regex(r"(?<![a-z0-9])(?:" + "|".join(re.escape(name) for name in names) + r")(?![a-z])", re.IGNORECASE)


def holds_crawl(source: DataSource) -> bool:
    """Whether the set's name says that it holds pages crawled from the web."""
    return is_crawl(source.use.name)


def is_crawl(name: str) -> bool:
    """Whether a name is that of a collection of crawled pages."""
    return bool(crawls().search(regex(r"[_ ]").sub("-", name)))
