"""A scorecard as what the report's templates show: words made harmless, parts picked and drawn. Nothing is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from osaudit.decision import WORDS, Decision
from osaudit.proberun import ProbeRun
from osaudit.render.cellviews import (
    View,
    attested_view,
    definition_view,
    difference_view,
    finding_view,
    fingerprint,
    place_view,
    row_view,
    side_view,
)
from osaudit.render.duties import GRADES, check_again, checklist, graded, notice, prescribed
from osaudit.render.front import (
    MUSTS,
    Told,
    against,
    at_first,
    cell_id,
    kind_words,
    musts,
    named,
    ran,
    short_use,
    steps,
    untold,
    why,
)
from osaudit.render.graph import graph
from osaudit.render.grid import main_verdicts, rows, tally
from osaudit.render.neutral import plain, web_url
from osaudit.render.probe import facts, figures, rungs, summary
from osaudit.render.sides import differences, sides
from osaudit.render.usewords import ANSWERS, use_name
from osaudit.render.words import (
    BASES,
    FACET_HEADS,
    MARKS,
    RUNG_MEANINGS,
    RUNGS,
    UNDETERMINED,
    at_best_words,
    attested_by_words,
    attested_cells,
    attested_note,
    cautions,
    commands,
    flags,
    label_ground,
    label_name,
    label_words,
    licence_words,
    lineage_words,
    node_words,
    pack_words,
    repeat_words,
    score_words,
    short,
    statement,
    tool_lines,
)
from osaudit.verdict import (
    DatasetLine,
    GoverningLicence,
    Label,
    LineageNode,
    LinkedLine,
    Score,
    Scorecard,
    UseAnswer,
)

USE_MARKS: Mapping[str, str] = MappingProxyType(
    {"yes": "pass", "yes-if": "partial", "no": "fail", "not-known": "review"}
)
_FILES = 60


def card_view(card: Scorecard, decision: Decision | None = None, max_age: int | None = None) -> View:
    """All of one model's report."""
    home = card.model
    return {
        **_identity(card),
        **_front(card),
        "print": fingerprint(rows(card)),
        "licences": [_licence(component, licence, home) for component, licence in card.licences],
        "facets": list(FACET_HEADS.values()),
        "rows": [row_view(row, home) for row in rows(card)],
        "attested_note": attested_note(card),
        "attested_by": attested_by_words(card.attestations) if card.attestations else "",
        "attested": [attested_view(names, verdict, by) for names, verdict, by in attested_cells(card)],
        "sides": [side_view(side) for side in sides(card)],
        "differences": [difference_view(found) for found in differences(card)],
        "definitions": [definition_view(card, side) for side in sides(card) if side.own],
        "probe": _probe(card.probe) if card.probe else None,
        "uses": [_use(answer, home) for answer in card.uses],
        "conflicts": [finding_view(finding, kind_words(finding), home) for finding in card.conflicts],
        **_duties(card),
        "advice": _advice(card),
        "datasets": [_dataset(dataset, home) for dataset in card.datasets],
        "linked": [_linked(line, home) for line in card.linked],
        "nodes": [_node(node) for node in card.lineage.nodes],
        "edges": lineage_words(card.lineage),
        "graph": graph(card.lineage),
        "unverified": [plain(line) for line in card.unverified],
        "unseen": [{"what": plain(unseen.what), "why": plain(unseen.why)} for unseen in card.unseen],
        "commands": commands(card),
        "repeat": repeat_words(card),
        "built": tool_lines(card),
        "files": _files(card),
        "statement": statement(card),
        "decision": _decision(decision) if decision else None,
        "again": dict(zip(("day", "because"), check_again(card, decision, max_age), strict=True)),
    }


def summary_view(card: Scorecard) -> View:
    """One model's row among many."""
    return {
        **_identity(card),
        "label": _label(card.label),
        "licence": next((licence_words(one) for name, one in card.licences if name == "weights"), "none known"),
        "score": _score(card.score),
        "counts": {outcome: tally(card, outcome) for outcome in MARKS},
        "conflicts": len(card.conflicts),
        "sell": next((_use(one, card.model) for one in card.uses if one.use == "sell"), None),
        "why": _told(why(card)),
    }


def _identity(card: Scorecard) -> View:
    return {
        "model": plain(card.model, 300),
        "revision": plain(card.revision or "", 100),
        "commit": plain(card.commit or ""),
        "short": short(card.commit) if card.commit else "",
        "collected_at": plain(card.collected_at, 40),
        "evidence_sha256": plain(card.evidence_sha256, 64),
        "tool": f"osaudit {plain(card.tool_version, 40)}",
        "packs": pack_words(card),
        "cautions": cautions(card),
        "flags": flags(card),
    }


def _front(card: Scorecard) -> View:
    stands, more = at_first(against(card))
    must, more_musts = at_first(musts(card), MUSTS)
    weights = next((licence for name, licence in card.licences if name == "weights"), None)
    return {
        "label": _label(card.label),
        "why": _told(why(card)),
        "governs": _licence("weights", weights, card.model) if weights else None,
        "musts": [_told(one) for one in must],
        "more_musts": more_musts,
        "against": [_told(one) for one in stands],
        "more_against": more,
        "ran": ran(card.probe),
        "untold": [_told(one) for one in untold(card)],
        "steps": [_told(one) for one in steps(card)],
        "score": _score(card.score),
        "tally": [
            {"kind": outcome, "word": mark.word, "count": tally(card, outcome)} for outcome, mark in MARKS.items()
        ],
    }


def _told(told: Told) -> View:
    return {"head": plain(told.head, 300), "words": told.words, "href": f"#{told.target}" if told.target else ""}


def _label(label: Label) -> View:
    return {
        "id": label.id if label.determined else "untold",
        "words": label_words(label),
        "name": label_name(label),
        "ground": label_ground(label),
        "meaning": RUNG_MEANINGS[label.id] if label.determined else UNDETERMINED,
        "at_best": at_best_words(label) or "",
        "blocks": [plain(line) for line in label.blocks],
        "ladder": [
            {
                "id": rung,
                "name": name,
                "meaning": RUNG_MEANINGS[rung],
                "stands": rung == label.id and label.determined,
                "best": rung == label.at_best != label.id,
            }
            for rung, name in reversed(tuple(RUNGS.items()))
        ],
    }


def _score(score: Score) -> View:
    low, high = (min(max(round(value, 1), 0), 100) for value in (score.low, score.high))
    return {"words": score_words(score), "low": low, "open": round(max(high - low, 0), 1)}


def _probe(run: ProbeRun) -> View:
    levels = [
        {
            "rung": rung,
            "places": [place_view(where, run.model) for where in rung.where],
            "asked": rung.level == run.asked,
        }
        for rung in reversed(rungs(run))
    ]
    return {"summary": summary(run), "levels": levels, "figures": figures(run), "facts": facts(run)}


def _licence(component: str, licence: GoverningLicence, home: str) -> View:
    return {
        "component": plain(component, 40),
        "name": licence_words(licence),
        "key": plain(licence.key or "", 100),
        "basis": BASES[licence.basis],
        "settled": licence.settled,
        "places": [place_view(where, home) for where in licence.where],
        "steps": [plain(step) for step in licence.steps],
    }


def _use(answer: UseAnswer, home: str) -> View:
    told = answer.conditions if answer.answer == "yes-if" else (answer.because,)
    return {
        "id": plain(answer.use, 60),
        "name": use_name(answer.use),
        "kind": USE_MARKS[answer.answer],
        "answer": ANSWERS[answer.answer],
        "short": short_use(answer),
        "told": [plain(words) for words in told],
        "basis": BASES[answer.basis],
        "places": [place_view(where, home) for where in answer.where[:2]],
    }


def _duties(card: Scorecard) -> View:
    home = card.model
    groups = [
        {
            "when": group.when,
            "duties": [
                {
                    "words": plain(duty.because),
                    "who": plain(duty.who, 200),
                    "notice": "\n".join(prescribed(duty)),
                    "places": [place_view(where, home) for where in duty.where[:2]],
                }
                for duty in group.duties
            ],
        }
        for group in checklist(card.obligations)
    ]
    risks = [
        {
            "grade": grade,
            "meaning": GRADES[grade],
            "risks": [finding_view(risk, kind_words(risk), home) for risk in found],
        }
        for grade, found in graded(card.risks)
    ]
    return {
        "checklist": groups,
        "duties": len(card.obligations),
        "notice": notice(card),
        "graded": risks,
        "risks": len(card.risks),
    }


def _advice(card: Scorecard) -> Sequence[View]:
    """The remedies of the cells that do not hold, each once, with the cells that it would change."""
    found: dict[str, list[View]] = {}
    for verdict in main_verdicts(card):
        if verdict.answer.outcome != "pass" and verdict.answer.counted and verdict.remedy:
            cell = {"words": f"{named(card, verdict)}, {verdict.facet}", "href": f"#{cell_id(verdict)}"}
            found.setdefault(plain(verdict.remedy), []).append(cell)
    return [{"remedy": remedy, "cells": cells} for remedy, cells in found.items()]


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
        "places": [place_view(where, home) for where in dataset.where],
    }


def _linked(line: LinkedLine, home: str) -> View:
    return {
        "name": plain(line.repo, 300),
        "role": plain(line.role, 100) + (f", as {plain(line.tie, 300)}" if line.tie else ""),
        "licence": plain(line.licence, 200) or "none known",
        "commit": short(line.commit),
        "told": [plain(line.why, 400)] if line.why else [plain(words, 300) for words in line.found],
        "lacks": plain(", ".join(line.lacks), 300),
        "notes": [plain(note, 300) for note in line.notes],
        "places": [place_view(where, home) for where in line.where],
    }


def _node(node: LineageNode) -> View:
    return {
        "id": plain(node.id, 300),
        "commit": short(node.commit),
        "licence": plain(node.licence, 200) or "none known",
        "label": node_words(node),
        "seen": "read" if node.seen else "not seen",
    }


def _files(card: Scorecard) -> Sequence[View]:
    """Every file that a verdict or finding names, once, with its commit and hash in full."""
    places = [where for verdict in card.verdicts for where in verdict.answer.where]
    places += [where for found in (*card.conflicts, *card.obligations, *card.risks) for where in found.where]
    seen = dict.fromkeys((p.repo, p.path, p.commit or "", p.sha256 or "") for p in places if p.sha256)
    rows_ = [{"file": f"{plain(repo, 200)}: {plain(path, 300)}", "commit": plain(commit), "sha256": plain(sha)}
             for repo, path, commit, sha in seen]  # fmt: skip
    return rows_[:_FILES]


def _decision(decision: Decision) -> View:
    return {
        "word": WORDS[decision.word],
        "kind": {"approve": "pass", "approve-with-conditions": "partial", "refuse": "fail"}[decision.word],
        "by": plain(decision.by, 200),
        "role": plain(decision.role, 200),
        "day": decision.day.isoformat(),
        "until": decision.valid_until.isoformat(),
        "conditions": [plain(words) for words in decision.conditions],
        "links": [
            {"kind": kind, "words": plain(link, 300), "url": web_url(link) or ""} for kind, link in decision.links
        ],
        "uses": [use_name(use) for use in decision.uses],
        "any_commit": decision.commit == "any",
        "sha256": decision.sha256,
    }
