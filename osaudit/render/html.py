"""The report as one self-contained page, without script or network: words in reports/*.j2, look in style.css."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Any, TypeAlias

import jinja2

from osaudit.data import data_path
from osaudit.evidence import Where
from osaudit.proberun import ProbeRun
from osaudit.render.grid import Row, rows, tally, with_ranks
from osaudit.render.neutral import block, plain, unordered_html, web_url
from osaudit.render.probe import facts, figures, rungs, summary
from osaudit.render.sides import Difference, Side, differences, sides
from osaudit.render.uses import ANSWERS, use_name
from osaudit.render.words import (
    BASES,
    FACET_HEADS,
    MARKS,
    NOTHING,
    RUNG_MEANINGS,
    RUNGS,
    UNDETERMINED,
    at_best_words,
    attested_by_words,
    attested_cells,
    attested_note,
    attested_words,
    cautions,
    commands,
    flags,
    label_words,
    licence_words,
    lineage_words,
    machine_words,
    mark_of,
    node_words,
    pack_words,
    part_words,
    place_words,
    repeat_words,
    score_words,
    short,
    statement,
)
from osaudit.verdict import (
    FACETS,
    Attested,
    DatasetLine,
    Finding,
    GoverningLicence,
    Label,
    LinkedLine,
    Score,
    Scorecard,
    UseAnswer,
    Verdict,
)

View: TypeAlias = dict[str, Any]

_CELL = 16
_NOT_A_NAME = re.compile(r"[^A-Za-z0-9.-]+")


def render_html(cards: Sequence[Scorecard]) -> str:
    """Return one model's page, or the ranked table of several with each one's report on the same page."""
    if len(cards) != 1:
        return render_summary_html(cards)
    view = _card(cards[0], "")
    return unordered_html(_template("scorecard.html.j2").render(card=view, legend=_legend(), versions=[view["tool"]]))


def render_summary_html(cards: Sequence[Scorecard]) -> str:
    """Return the ranked table of several models, each with its cells in miniature and its whole report below."""
    views = [{**_card(card, f"m{number}-"), "rank": rank} for number, (rank, card) in enumerate(with_ranks(cards), 1)]
    versions = list(dict.fromkeys(view["tool"] for view in views))
    return unordered_html(_template("summary.html.j2").render(cards=views, legend=_legend(), versions=versions))


@functools.cache
def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(data_path("reports")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name)


def _legend() -> list[View]:
    entries = [{"kind": outcome, "word": mark.word, "meaning": mark.meaning} for outcome, mark in MARKS.items()]
    return [*entries, {"kind": "nothing", "word": NOTHING.word, "meaning": NOTHING.meaning}]


def _card(card: Scorecard, prefix: str) -> View:
    return {
        "prefix": prefix,
        "model": plain(card.model, 300),
        "revision": plain(card.revision or "", 100),
        "commit": plain(card.commit or ""),
        "collected_at": plain(card.collected_at, 40),
        "evidence_sha256": plain(card.evidence_sha256, 64),
        "tool": f"osaudit {plain(card.tool_version, 40)}",
        "packs": pack_words(card),
        "cautions": cautions(card),
        "flags": flags(card),
        "label": _label(card.label),
        "score": _score(card.score),
        "tally": [
            {"kind": outcome, "word": mark.word, "count": tally(card, outcome)} for outcome, mark in MARKS.items()
        ],
        "print": _fingerprint(rows(card)),
        "licences": [_licence(component, licence, card.model) for component, licence in card.licences],
        "facets": list(FACET_HEADS.values()),
        "rows": [_row(row, card.model, prefix) for row in rows(card)],
        "attested_note": attested_note(card),
        "attested_by": attested_by_words(card.attestations) if card.attestations else "",
        "attested": [_attested(names, verdict, by) for names, verdict, by in attested_cells(card)],
        "sides": [_side(side, prefix) for side in sides(card)],
        "differences": [_difference(found, prefix) for found in differences(card)],
        "definitions": [_definition(card, side, prefix) for side in sides(card) if side.own],
        "probe": _probe(card.probe) if card.probe else None,
        "uses": [_use(answer, card.model) for answer in card.uses],
        "conflicts": [_finding(finding, card.model) for finding in card.conflicts],
        "obligations": [_finding(finding, card.model) for finding in card.obligations],
        "risks": [_finding(finding, card.model) for finding in card.risks],
        "datasets": [_dataset(dataset, card.model) for dataset in card.datasets],
        "linked": [_linked(line, card.model) for line in card.linked],
        "nodes": [_node(card, index) for index in range(len(card.lineage.nodes))],
        "edges": lineage_words(card.lineage),
        "unverified": [plain(line) for line in card.unverified],
        "unseen": [{"what": plain(unseen.what), "why": plain(unseen.why)} for unseen in card.unseen],
        "commands": commands(card),
        "repeat": repeat_words(card),
        "statement": statement(card),
    }


def _label(label: Label) -> View:
    return {
        "name": label_words(label),
        "meaning": RUNG_MEANINGS[label.id] if label.determined else UNDETERMINED,
        "standing": "stands here" if label.determined else "not determined",
        "at_best": at_best_words(label) or "",
        "blocks": [plain(line) for line in label.blocks],
        "rungs": [
            {"name": name, "stands": rung == label.id and label.determined, "best": rung == label.at_best != label.id}
            for rung, name in reversed(tuple(RUNGS.items()))
        ],
    }


def _score(score: Score) -> View:
    low, high = (min(max(round(value, 1), 0), 100) for value in (score.low, score.high))
    return {"words": score_words(score), "low": low, "open": round(max(high - low, 0), 1)}


def _attested(names: str, verdict: Verdict, attested: Attested) -> View:
    return {
        "cells": names,
        "kind": _kind(verdict),
        "word": mark_of(verdict).word,
        "words": attested_words(attested),
        "machine": machine_words(verdict),
        "url": web_url(attested.evidence) or "",
    }


def _side(side: Side, prefix: str) -> View:
    cells = zip(FACET_HEADS.values(), side.cells, strict=True)
    return {
        "name": side.name,
        "definition": side.definition,
        "result": side.result,
        "href": f"#{prefix}{_slug(side.id)}" if side.own else f"#{prefix}verdicts-h",
        "cells": [{"facet": facet, **(_mark(cell) if cell else {"kind": ""})} for facet, cell in cells],
    }


def _mark(verdict: Verdict) -> View:
    return {"kind": _kind(verdict), "word": mark_of(verdict).word, "attested": verdict.attestation is not None}


def _difference(found: Difference, prefix: str) -> View:
    told = [
        {
            **_mark(cell),
            "name": name,
            "criterion": plain(cell.criterion, 60),
            "href": f"#{_cell_id(cell, prefix)}",
            "question": plain(cell.question),
            "because": plain(cell.answer.because),
        }
        for name, cell in found.sides
    ]
    return {"facet": FACET_HEADS[found.facet], "sides": told}


def _definition(card: Scorecard, side: Side, prefix: str) -> View:
    own = side.own
    return {
        "id": prefix + _slug(side.id),
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
        "rows": [_row(row, card.model, prefix) for row in rows(card, side.id)],
        "remarks": [_finding(remark, card.model) for remark in (own.remarks if own else ())],
    }


def _probe(run: ProbeRun) -> View:
    levels = [
        {"rung": rung, "places": [_place(where, run.model) for where in rung.where], "asked": rung.level == run.asked}
        for rung in reversed(rungs(run))
    ]
    return {"summary": summary(run), "levels": levels, "figures": figures(run), "facts": facts(run)}


def _slug(name: str) -> str:
    return "pack-" + _NOT_A_NAME.sub("_", plain(name, 80))


def _cell_id(verdict: Verdict, prefix: str) -> str:
    return prefix + _NOT_A_NAME.sub("_", f"{verdict.criterion}-{verdict.facet}")


def _fingerprint(grid: Sequence[Row]) -> View:
    marks = [
        {"kind": _kind(verdict), "words": _words(verdict), "x": column * _CELL, "y": line * _CELL}
        for column, row in enumerate(grid)
        for line, verdict in enumerate(row.cells)
        if verdict is not None
    ]
    heads = [{"words": str(column + 1), "x": column * _CELL + _CELL // 2} for column in range(len(grid))]
    sides = [{"words": head[0], "y": line * _CELL + _CELL // 2} for line, head in enumerate(FACET_HEADS.values())]
    return {"marks": marks, "heads": heads, "sides": sides, "width": len(grid) * _CELL, "height": len(FACETS) * _CELL}


def _licence(component: str, licence: GoverningLicence, home: str) -> View:
    return {
        "component": plain(component, 40),
        "name": licence_words(licence),
        "key": plain(licence.key or "", 100),
        "basis": BASES[licence.basis],
        "settled": licence.settled,
        "places": [_place(where, home) for where in licence.where],
        "steps": [plain(step) for step in licence.steps],
    }


def _row(row: Row, home: str, prefix: str) -> View:
    cells = zip(FACETS, row.cells, strict=True)
    return {
        "criterion": plain(row.criterion, 40),
        "title": plain(row.title, 160),
        "cells": [
            {"facet": facet, **(_cell(verdict, home, prefix) if verdict else {"kind": ""})} for facet, verdict in cells
        ],
    }


def _cell(verdict: Verdict, home: str, prefix: str) -> View:
    answer = verdict.answer
    return {
        "id": _cell_id(verdict, prefix),
        "attested": attested_words(verdict.attestation) if verdict.attestation else "",
        "machine": machine_words(verdict),
        "kind": _kind(verdict),
        "word": mark_of(verdict).word,
        "question": plain(verdict.question),
        "because": plain(answer.because),
        "places": [_place(where, home) for where in answer.where],
        "basis": BASES[answer.basis],
        "weight": _weight(verdict),
        "remedy": plain(verdict.remedy) if answer.outcome != "pass" and answer.counted else "",
    }


def _kind(verdict: Verdict) -> str:
    return "nothing" if mark_of(verdict) is NOTHING else verdict.answer.outcome


def _words(verdict: Verdict) -> str:
    return f"{plain(verdict.criterion, 40)} {verdict.facet}: {mark_of(verdict).word}"


def _weight(verdict: Verdict) -> str:
    points = "1 point" if verdict.weight == 1 else f"{verdict.weight} points"
    if not verdict.answer.counted:
        return f"{points}, left out of the score: the question does not apply here by its nature"
    return f"{points}, of which none is earned" if verdict.answer.outcome == "not_applicable" else points


def _use(answer: UseAnswer, home: str) -> View:
    told = answer.conditions if answer.answer == "yes-if" else (answer.because,)
    return {
        "name": use_name(answer.use),
        "answer": ANSWERS[answer.answer],
        "told": [plain(words) for words in told],
        "basis": answer.basis,
        "places": [_place(where, home) for where in answer.where[:2]],
    }


def _finding(finding: Finding, home: str) -> View:
    return {
        "kind": plain(finding.kind, 80),
        "because": plain(finding.because),
        "places": [_place(where, home) for where in finding.where],
    }


def _place(where: Where, home: str) -> View:
    return {
        "words": place_words(where, home),
        "quote": block(where.quote) if where.quote else "",
        "url": web_url(where.url) or "",
        "commit": plain(where.commit or ""),
        "short": short(where.commit),
        "sha256": plain(where.sha256 or ""),
    }


def _dataset(dataset: DatasetLine, home: str) -> View:
    return {
        "name": plain(dataset.name, 300),
        "role": plain(dataset.role, 60),
        "licence": plain(dataset.licence, 200) or "none known",
        "licences": [plain(name, 200) for name in dataset.licences] if len(dataset.licences) > 1 else [],
        "sources": [plain(name, 300) for name in dataset.sources],
        "note": plain(dataset.note, 600),
        "access": plain(dataset.access, 60),
        "commit": short(dataset.commit),
        "places": [_place(where, home) for where in dataset.where],
    }


def _linked(line: LinkedLine, home: str) -> View:
    return {
        "name": plain(line.repo, 300),
        "url": web_url(line.url),
        "role": plain(line.role, 100) + (f", as {plain(line.tie, 300)}" if line.tie else ""),
        "licence": plain(line.licence, 200) or "none known",
        "commit": short(line.commit),
        "told": [plain(line.why, 400)] if line.why else [plain(words, 300) for words in line.found],
        "lacks": plain(", ".join(line.lacks), 300),
        "notes": [plain(note, 300) for note in line.notes],
        "places": [_place(where, home) for where in line.where],
    }


def _node(card: Scorecard, index: int) -> View:
    node = card.lineage.nodes[index]
    return {
        "id": plain(node.id, 300),
        "commit": short(node.commit),
        "licence": plain(node.licence, 200) or "none known",
        "label": node_words(node),
        "seen": "read" if node.seen else "not seen",
    }
