"""Cells, places and definitions as what the templates show: words made harmless, and nothing judged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeAlias

from osaudit.evidence import Where
from osaudit.render.front import cell_id
from osaudit.render.grid import Row, rows
from osaudit.render.neutral import block, plain, web_url
from osaudit.render.sides import Difference, Side
from osaudit.render.words import (
    BASES,
    FACET_HEADS,
    MARKS,
    NOTHING,
    attested_words,
    machine_words,
    mark_of,
    part_words,
    place_words,
    short,
)
from osaudit.verdict import FACETS, Attested, Finding, Scorecard, Verdict

View: TypeAlias = dict[str, Any]

_NOT_A_NAME = re.compile(r"[^A-Za-z0-9.-]+")


def place_view(where: Where, home: str) -> View:
    """A place: its words, quote and address, with hashes cut short: in full they stand in the list of files."""
    return {
        "words": place_words(where, home),
        "quote": block(where.quote) if where.quote else "",
        "url": web_url(where.url) or "",
        "short": short(where.commit) if where.commit else "",
        "sha256": plain(where.sha256 or "")[:12],
    }


def finding_view(finding: Finding, kind: str, home: str) -> View:
    """A conflict, risk or remark under the name `kind`."""
    return {
        "kind": kind,
        "because": plain(finding.because),
        "places": [place_view(where, home) for where in finding.where],
    }


def fingerprint(grid: Sequence[Row]) -> View:
    """The cells in miniature: a line a facet, a column a criterion, each a link with a title."""
    lines = [
        {"head": head, "cells": [_link(row, row.cells[at]) for row in grid]}
        for at, head in enumerate(FACET_HEADS.values())
    ]
    return {"heads": [plain(row.criterion, 40).rpartition("-")[2] for row in grid], "lines": lines}


def _link(row: Row, verdict: Verdict | None) -> View:
    if verdict is None:
        return {"kind": ""}
    words = f"{plain(row.title, 160)} ({plain(row.criterion, 40)}), {verdict.facet}: {mark_of(verdict).word}"
    return {"kind": kind_of(verdict), "words": words, "href": f"#{cell_id(verdict)}"}


def row_view(row: Row, home: str) -> View:
    """One criterion's cells with all that they rest on."""
    cells = zip(FACETS, row.cells, strict=True)
    return {
        "criterion": plain(row.criterion, 40),
        "title": plain(row.title, 160),
        "cells": [{"facet": facet, **(_cell(verdict, home) if verdict else {"kind": ""})} for facet, verdict in cells],
    }


def _cell(verdict: Verdict, home: str) -> View:
    answer = verdict.answer
    return {
        "id": cell_id(verdict),
        "attested": attested_words(verdict.attestation) if verdict.attestation else "",
        "machine": machine_words(verdict),
        "kind": kind_of(verdict),
        "word": mark_of(verdict).word,
        "question": plain(verdict.question),
        "because": plain(answer.because),
        "places": [place_view(where, home) for where in answer.where],
        "basis": BASES[answer.basis],
        "weight": _weight(verdict),
        "remedy": plain(verdict.remedy) if answer.outcome != "pass" and answer.counted else "",
    }


def tally_view(verdicts: Sequence[Verdict]) -> list[View]:
    """How many cells have each mark: what was never asked and what is missing are counted apart."""
    found = [mark_of(verdict) for verdict in verdicts]
    kinds = [*MARKS.items(), ("nothing", NOTHING)]
    return [{"kind": kind, "word": mark.word, "count": found.count(mark)} for kind, mark in kinds]


def kind_of(verdict: Verdict) -> str:
    """The look of a cell's mark."""
    return "nothing" if mark_of(verdict) is NOTHING else verdict.answer.outcome


def _weight(verdict: Verdict) -> str:
    if verdict.answer.waits_for:
        return f"its points stand with {verdict.answer.waits_for}, which is open for the same fact"
    points = "1 point" if verdict.weight == 1 else f"{verdict.weight} points"
    if not verdict.answer.counted:
        return f"{points}, left out of the score: the question does not apply here by its nature"
    return f"{points}, of which none is earned" if verdict.answer.outcome == "not_applicable" else points


def attested_view(names: str, verdict: Verdict, attested: Attested) -> View:
    """What a person attests of some cells, beside what the machine found."""
    return {
        "cells": names,
        "kind": kind_of(verdict),
        "word": mark_of(verdict).word,
        "words": attested_words(attested),
        "machine": machine_words(verdict),
        "url": web_url(attested.evidence) or "",
    }


def side_view(side: Side) -> View:
    """One definition beside the others."""
    cells = zip(FACET_HEADS.values(), side.cells, strict=True)
    return {
        "name": side.name,
        "definition": side.definition,
        "result": side.result,
        "href": f"#{_slug(side.id)}" if side.own else "#verdicts-h",
        "cells": [{"facet": facet, **(_mark(cell) if cell else {"kind": ""})} for facet, cell in cells],
    }


def _mark(verdict: Verdict) -> View:
    return {"kind": kind_of(verdict), "word": mark_of(verdict).word, "attested": verdict.attestation is not None}


def difference_view(found: Difference) -> View:
    """A facet on which definitions differ, with the cell that decides in each."""
    told = [
        {
            **_mark(cell),
            "name": name,
            "criterion": plain(cell.criterion, 60),
            "href": f"#{cell_id(cell)}",
            "question": plain(cell.question),
            "because": plain(cell.answer.because),
        }
        for name, cell in found.sides
    ]
    return {"facet": FACET_HEADS[found.facet], "sides": told}


def definition_view(card: Scorecard, side: Side) -> View:
    """A further definition's result, its parts, cells and remarks."""
    own = side.own
    return {
        "id": _slug(side.id),
        "name": side.name,
        "definition": side.definition,
        "result": side.result,
        "kind": own.outcome if own else "",
        "because": side.because,
        "parts": [
            {
                "kind": part.outcome,
                "word": MARKS[part.outcome].word,
                "name": part_words(part),
                "because": plain(part.because),
            }
            for part in (own.progress if own else ())
        ],
        "rows": [row_view(row, card.model) for row in rows(card, side.id)],
        "remarks": [
            finding_view(remark, plain(remark.kind, 80), card.model) for remark in (own.remarks if own else ())
        ],
    }


def _slug(name: str) -> str:
    return "pack-" + _NOT_A_NAME.sub("_", plain(name, 80))
