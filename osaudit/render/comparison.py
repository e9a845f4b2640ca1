"""Some models column by column, with the lines marked in which they differ. Nothing is judged here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from osaudit.licences.grants import load_vocabulary
from osaudit.render.cellviews import View, kind_of
from osaudit.render.front import cell_id, clip
from osaudit.render.grid import main_verdicts, with_ranks
from osaudit.render.neutral import plain
from osaudit.render.pageviews import USE_MARKS, summary_view
from osaudit.render.usewords import ANSWERS, use_name
from osaudit.render.words import FACET_HEADS, mark_of, score_words
from osaudit.verdict import Scorecard, UseAnswer, Verdict

MOST = 6
"""The models that still stand side by side; more of them are a ranked table."""
_WORDS = 170


def comparison_view(cards: Sequence[Scorecard], links: Mapping[int, str]) -> View:
    """Columns, and groups of lines: the labels, uses, duties and criteria of models, and whether they differ."""
    order = with_ranks(cards)
    at = {id(card): index for index, card in enumerate(cards)}
    columns = [{**summary_view(card), "rank": rank, "href": links.get(at[id(card)], "")} for rank, card in order]
    ranked = [card for _, card in order]
    groups = (
        ("In short", _short(ranked, columns)),
        ("Uses", _uses(ranked)),
        ("Duties", _duties(ranked)),
        ("Criteria", _criteria(ranked)),
    )
    return {
        "columns": columns,
        "groups": [{"name": name, "lines": lines} for name, found in groups if (lines := list(found))],
    }


def _line(head: str, cells: Iterable[View], note: str = "") -> View:
    told = list(cells)
    seen = {
        (cell["words"] if not cell["marks"] else "", *((m["kind"], m["head"]) for m in cell["marks"])) for cell in told
    }
    return {"head": head, "note": note, "cells": told, "apart": len(seen) > 1}


def _cell(words: str = "", marks: Sequence[View] = ()) -> View:
    return {"words": words, "marks": list(marks)}


def _short(cards: Sequence[Scorecard], columns: Sequence[View]) -> Iterator[View]:
    yield _line("Label", (_cell(column["label"]["words"]) for column in columns))
    yield _line("Why", (_cell(f"{column['why']['head']} {column['why']['words']}".strip()) for column in columns))
    yield _line("Licence of the weights", (_cell(column["licence"]) for column in columns))
    yield _line("Contradictions", (_cell(str(len(card.conflicts))) for card in cards))
    yield _line("Progress, of 100", (_cell(score_words(card.score)) for card in cards))


def _uses(cards: Sequence[Scorecard]) -> Iterator[View]:
    asked = dict.fromkeys(answer.use for card in cards for answer in card.uses)
    for use in asked:
        answers = [next((one for one in card.uses if one.use == use), None) for card in cards]
        yield _line(use_name(use), map(_use, answers))


def _use(answer: UseAnswer | None) -> View:
    if answer is None:
        return _cell("not judged")
    told = answer.conditions if answer.answer == "yes-if" else (answer.because,)
    words = "" if answer.answer == "yes" else clip(told[0], _WORDS)
    more = f" And {len(told) - 1} more." if len(told) > 1 else ""
    mark = {"kind": USE_MARKS[answer.answer], "word": ANSWERS[answer.answer], "head": ""}
    return _cell(words + more, [mark])


def _duties(cards: Sequence[Scorecard]) -> Iterator[View]:
    known = load_vocabulary().duties
    kinds = dict.fromkeys(duty.kind for card in cards for duty in card.obligations)
    for kind in kinds:
        held = [sum(duty.kind == kind for duty in card.obligations) for card in cards]
        words = known[kind].text if kind in known else plain(kind, 80)
        yield _line(words, (_cell("yes" if count == 1 else f"{count} times" if count else "no") for count in held))


def _criteria(cards: Sequence[Scorecard]) -> Iterator[View]:
    titles = {(pack.id, key): title for card in cards for pack in card.packs for key, title in pack.titles}
    held = [{(v.criterion, v.facet): v for v in main_verdicts(card)} for card in cards]
    asked = dict.fromkeys((v.pack, v.criterion) for card in cards for v in main_verdicts(card))
    for pack, criterion in asked:
        cells = ([_mark(found.get((criterion, facet)), head) for facet, head in FACET_HEADS.items()] for found in held)
        yield _line(
            plain(titles.get((pack, criterion), criterion), 160),
            (_cell("", marks) for marks in cells),
            plain(criterion, 40),
        )


def _mark(verdict: Verdict | None, head: str) -> View:
    if verdict is None:
        return {"kind": "", "word": "not asked", "head": head, "target": ""}
    return {"kind": kind_of(verdict), "word": mark_of(verdict).word, "head": head, "target": cell_id(verdict)}
