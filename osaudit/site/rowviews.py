"""A row of the board in the words that pages show: strangers' text made harmless, numbers made short."""

from __future__ import annotations

import functools

from markupsafe import Markup

from osaudit.render.html import macro
from osaudit.render.neutral import plain
from osaudit.render.usewords import ANSWERS as ANSWER_WORDS
from osaudit.render.usewords import use_name
from osaudit.render.words import BASES, GROUNDS, RUNGS, rung_words
from osaudit.site.board import ANSWERS, USES, Row, figures_of
from osaudit.site.dots import dots_drawn, tally_words
from osaudit.site.frame import View, compact, date_words
from osaudit.site.naming import licence_page, model_page
from osaudit.verdict import UNTOLD

SHOWN_USES = ("sell", "host", "fine-tune-ship")
"""The uses that a row shows; a model's page has all."""
KINDS = {"y": "pass", "i": "partial", "n": "fail", "q": "review", "-": "not_applicable"}
"""The mark of an answer's letter."""
FAILED = "Could not be judged"
NONE_KNOWN = "none known"
_PIECES = "site/rows.html.j2"
_REMEMBERED = 20_000
"""Pieces of pages that are remembered as drawn: many models have the same."""


def row_view(row: Row) -> View:
    """What a row of a table shows."""
    owner, slash, name = plain(row.model, 200).rpartition("/")
    return {
        "rank": "" if row.rank is None else row.rank,
        "href": model_page(row.model),
        "owner": owner + slash,
        "name": name,
        "facts": facts_words(row),
        "flags": "incomplete" if row.incomplete else "",
        **label_view(row),
        **score_view(row),
        "dots": dots_drawn(row.dots),
        "dots_raw": row.dots,
        "tally": f"{plain(row.model, 200)}: {tally_words(row.dots)}" if row.dots else "",
        "uses": uses_drawn(row.uses),
        "licence": licence_words(row),
        "licence_href": licence_page(row.licence) if row.licence else "",
        "licence_basis": basis_words(row),
        "reviews": row.reviews if row.dots else "",
        "downloads": compact(row.downloads),
        "size": size_words(row),
        "probe": probe_words(row),
        "date": date_words(row.dated),
    }


def label_view(row: Row) -> View:
    """The label's id for shape and colour, its words, what it rests on, what it could become, and all that drawn."""
    told = _label_words(row)
    return told | {"named": _named(told["label"], told["label_words"], told["ground"], told["best"])}


@functools.lru_cache(_REMEMBERED)
def _named(label: str, words: str, ground: str, best: str) -> Markup:
    return macro(_PIECES, "named", label, words, ground, best)


def _label_words(row: Row) -> View:
    match row.stand:
        case "failed":
            return {"label": "untold", "label_words": FAILED, "ground": plain(row.error, 40), "best": ""}
        case "untold":
            return {"label": "untold", "label_words": UNTOLD, "ground": "", "best": rung_of(row.at_best)}
        case "listed":
            return {"label": row.label, "label_words": rung_of(row.label), "ground": "no text was read", "best": ""}
        case _:
            words = rung_of(row.label, candidate=row.candidate, attested=row.basis == "attested")
            best = rung_of(row.at_best, candidate=True) if row.at_best != row.label else ""
            return {"label": row.label, "label_words": words, "ground": ground_words(row), "best": best}


def label_of(row: Row) -> str:
    """The label's id for shape and colour."""
    return "untold" if row.stand in {"failed", "untold"} else row.label


def rung_of(label: str, *, candidate: bool = False, attested: bool = False) -> str:
    """A label's name, with `(candidate)` and `(attested)` where these stand for a person's word."""
    for rung, name in RUNGS.items():
        if rung == label:
            return rung_words(rung) if candidate else f"{name} (attested)" * attested or name
    return plain(label, 40) or UNTOLD


def ground_words(row: Row) -> str:
    """What a label rests on; nothing where it says so itself or rests on nothing."""
    if row.label in {"not-available", "unlicensed"}:
        return ""
    return next((words for basis, words in GROUNDS.items() if basis == row.basis), "")


def score_view(row: Row) -> View:
    """The score's range in words and as the two lengths of a bar."""
    if row.stand in {"failed", "listed"}:
        return {"score": "", "bar": bar_drawn("0", "0")}
    return {"score": range_words(row.low, row.high), "bar": bar_drawn(_number(row.low), _number(row.high - row.low))}


@functools.lru_cache(_REMEMBERED)
def bar_drawn(low: str, more: str) -> Markup:
    """A bar of 100: to `low` it is sure, and `more` could come."""
    return macro(_PIECES, "bar", low, more)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def range_words(low: float, high: float) -> str:
    """A score's range, as `41.5–63`."""
    return _number(low) if _number(low) == _number(high) else f"{_number(low)}–{_number(high)}"


def use_view(use: str, uses: str) -> View:
    """An answer for a use, by its place among the letters."""
    letter = uses[USES.index(use)]
    answer = next((words for key, words in ANSWER_WORDS.items() if key == ANSWERS[letter]), "not judged")
    return {
        "id": use,
        "kind": KINDS[letter],
        "words": f"{use_name(use)}: {answer}",
        "name": use_name(use),
        "answer": answer,
    }


@functools.lru_cache(_REMEMBERED)
def uses_drawn(uses: str) -> list[Markup]:
    """The marks of the uses that a row shows; none for no letters."""
    return [use_drawn(**use_view(use, uses)) for use in SHOWN_USES] if uses else []


def use_drawn(id: str, kind: str, words: str, **_: str) -> Markup:  # noqa: A002 - as the views name it
    """The marks of a use and its answer."""
    return macro(_PIECES, "use", id, kind, words)


def licence_words(row: Row) -> str:
    """The licence's name, as far as one is known."""
    return plain(row.licence_name or row.spdx or row.licence, 120) or NONE_KNOWN


def basis_words(row: Row) -> str:
    """What the licence rests on, and whether anything speaks against it."""
    if not row.licence:
        return ""
    words = next((words for basis, words in BASES.items() if basis == row.licence_basis), "")
    return words if row.settled else f"{words}; not certain"


def facts_words(row: Row) -> str:
    """What the model is, in a line: its task, or its architecture, and what it was made from."""
    if row.stand == "failed":
        return plain(row.message, 160)
    base = f"from {plain(row.bases[0], 100)}" if row.bases else ""
    more = f"and {len(row.bases) - 1} more" if len(row.bases) > 1 else ""
    what = plain(row.task or row.architecture, 60)
    return " · ".join(filter(None, (what, " ".join(filter(None, (base, more))))))


def size_words(row: Row) -> str:
    """The parameters, else the bytes of the weights."""
    return compact(row.parameters) or compact(row.weight_bytes, "B")


def probe_words(row: Row) -> str:
    """How far the weights run, and the first figure that was measured."""
    figures = figures_of(row)
    told = f", {plain(figures[0][0], 40)} {figures[0][1]:g} {plain(figures[0][2], 20)}" if figures else ""
    return f"{plain(row.level, 20)}{told}" if row.level else ""
