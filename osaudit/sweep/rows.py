"""From a model's scorecard and evidence, or its failure, to the rows of the tables. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from osaudit.codec import digest, dump
from osaudit.contents import weight_format
from osaudit.evidence import Evidence, Fact, FrontMatter, Seen, T
from osaudit.frozen import dataclass
from osaudit.render.json import scorecard_to_dict
from osaudit.render.probejson import run_to_dict
from osaudit.sweep.columns import TABLES, Table
from osaudit.sweep.parts import Row, moment
from osaudit.verdict import Failure, GoverningLicence, Scorecard

Keep: TypeAlias = Literal["evidence", "scorecard", "none"]
ModelRows: TypeAlias = dict[Table, list[Row]]
"""The rows of one model, or of a chunk's models; the column `seq` is laid in when a chunk is written."""

FACET_LETTERS: Mapping[str, str] = {"weights": "W", "data": "D", "training": "T", "licence": "L"}


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list of the Hub tells of a model besides: it stands in no evidence."""

    downloads: int | None = None
    likes: int | None = None
    created_at: str | None = None
    task: str | None = None
    library: str | None = None


NOT_LISTED = Listed()


def packs_of(packs: Iterable[tuple[str, str]]) -> str:
    """Packs by id and version, as the store's key has them."""
    return " ".join(f"{name}@{version}" for name, version in packs)


def judged_rows(  # noqa: PLR0913 - what a model's rows are made from
    card: Scorecard,
    evidence: Evidence,
    *,
    packs: str,
    asked: str = "",
    listed: Listed = NOT_LISTED,
    keep: Keep = "none",
    saved: bytes = b"",
    hashes: bool = False,
) -> ModelRows:
    """The rows of a model that was judged; `saved` is its evidence's text, where there is one already."""
    key = clean(card.model), card.commit
    rows: ModelRows = {
        "models": [_model(card, evidence, packs, asked, listed)],
        "cells": [(*key, *cell) for cell in _cells(card)],
        "findings": [(*key, *finding) for finding in _findings(card)],
        "edges": [(*key, *edge) for edge in _edges(card)],
        "probes": [(*key, *level) for level in _probe(card)],
        "weights": [(*key, *file) for file in _weights(evidence)] if hashes else [],
        "evidence": _kept(key, card, evidence, keep, saved),
    }
    return {table: found for table, found in rows.items() if found}


def failed_rows(failure: Failure, *, packs: str, tool: str, depth: str, at: str, asked: str = "") -> ModelRows:
    """The row of a model that could not be looked at or judged."""
    return {
        "models": [
            model_row(
                model=clean(failure.model), asked=asked if asked != failure.model else None, revision=failure.revision,
                owner=owner(failure.model), status="failed", depth=depth, ranked=False, error=failure.kind,
                message=clean(failure.message)[:1000], packs=packs, tool=tool, collected_at=moment(at),
            )
        ]
    }  # fmt: skip


def merge(into: ModelRows, rows: Mapping[Table, Sequence[Row]]) -> None:
    """Put a model's rows behind those of a chunk."""
    for table, found in rows.items():
        into.setdefault(table, []).extend(found)


def model_row(**values: Any) -> Row:  # noqa: ANN401 - a cell's value
    """A row of `models` by its columns' names; what is not told is null."""
    names = [column.name for column in TABLES["models"] if column.name != "seq"]
    unknown = set(values) - set(names)
    if unknown:
        raise TypeError(f"models has no column {sorted(unknown)}")
    return tuple(values.get(name) for name in names)


def clean(text: str) -> str:
    """Text as UTF-8 holds it: half characters, which JSON can spell, become marks."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def owner(model: str) -> str:
    """The account that a model is published under; empty where the id has none."""
    name, slash, _ = model.partition("/")
    return clean(name) if slash else ""


def _model(card: Scorecard, evidence: Evidence, packs: str, asked: str, listed: Listed) -> Row:
    licences = dict(card.licences)
    front = _front(evidence)
    files = evidence.files.value.entries if isinstance(evidence.files, Seen) else ()
    sizes = [file.size for file in files if file.size is not None and weight_format(file.path)]
    config = seen(evidence.config)
    parameters = seen(evidence.parameters)
    gate = seen(evidence.gate)
    return model_row(
        model=clean(card.model),
        commit=card.commit,
        asked=clean(asked) if asked and asked != card.model else None,
        revision=card.revision,
        owner=owner(card.model),
        status="judged",
        depth="full",
        ranked=True,
        packs=packs,
        tool=card.tool_version,
        readers=evidence.readers,
        collected_at=moment(card.collected_at),
        last_modified=moment(seen(evidence.last_modified)),
        evidence_sha256=card.evidence_sha256,
        label=card.label.id,
        label_at_best=card.label.at_best,
        label_basis=card.label.basis,
        candidate=card.label.candidate,
        determined=card.label.determined,
        score_low=float(card.score.low),
        score_high=float(card.score.high),
        incomplete=card.incomplete,
        **_licence(licences.get("weights")),
        code_licence=_key(licences.get("code")),
        data_licence=_key(licences.get("data")),
        tags=_texts(front, lambda one: one.license),
        licence_texts=len(evidence.licence_texts),
        gated=gate.mode if gate else None,
        parameters=parameters.total if parameters else None,
        architecture=clean(config.architectures[0]) if config and config.architectures else None,
        task=_text(front, lambda one: one.pipeline_tag) or listed.task,
        library=_text(front, lambda one: one.library_name) or listed.library,
        files=len(files) if isinstance(evidence.files, Seen) else None,
        weight_bytes=sum(sizes) if sizes else None,
        bases=[clean(base.name) for base in evidence.bases],
        datasets=[clean(use.name) for use in evidence.datasets],
        downloads=listed.downloads,
        likes=listed.likes,
        created_at=moment(listed.created_at),
    )


def seen(fact: Fact[T]) -> T | None:
    """A fact's value; None, which a table writes as null, where it has none."""
    return fact.value if isinstance(fact, Seen) else None


def _front(evidence: Evidence) -> FrontMatter | None:
    card = seen(evidence.card)
    return seen(card.front_matter) if card else None


def _text(front: FrontMatter | None, field: Callable[[FrontMatter], Fact[str]]) -> str | None:
    found = seen(field(front)) if front else None
    return clean(found) if found else None


def _texts(front: FrontMatter | None, field: Callable[[FrontMatter], Fact[tuple[str, ...]]]) -> list[str] | None:
    found = seen(field(front)) if front else None
    return [clean(one) for one in found] if found is not None else None


def _key(licence: GoverningLicence | None) -> str | None:
    return licence.key if licence else None


def _licence(licence: GoverningLicence | None) -> dict[str, Any]:
    if licence is None:
        return {}
    return {
        "licence": licence.key,
        "licence_spdx": licence.spdx,
        "licence_name": clean(licence.name),
        "licence_basis": licence.basis,
        "licence_settled": licence.settled,
    }


def _cells(card: Scorecard) -> Iterator[Row]:
    main = card.packs[0].id
    for one in card.verdicts:
        answer = one.answer
        number = one.criterion.removeprefix("OSD-")
        named = one.pack == main == "osd" and number.isdigit()
        rule = f"C{number}-{FACET_LETTERS[one.facet]}" if named else f"{one.pack}:{one.criterion}/{one.facet}"
        yield (
            one.pack, one.criterion, one.facet, answer.outcome, answer.basis, rule, clean(answer.because),
            answer.counted, one.weight,
        )  # fmt: skip


def _findings(card: Scorecard) -> Iterator[Row]:
    sorts = (("conflict", card.conflicts), ("risk", card.risks), ("duty", card.obligations))
    for sort, findings in sorts:
        for one in findings:
            uses = list(getattr(one, "uses", ()))
            yield (sort, one.kind, None, one.rule, clean(one.because), None, uses, *_place(one.where))
    for use in card.uses:
        yield ("use", use.use, use.answer, None, clean(use.because), use.basis, [], *_place(use.where))


def _place(where: Sequence[Any]) -> Row:
    if not where:
        return (None, None, None, None)
    first = where[0]
    begin, end = first.lines or (None, None)
    return (clean(first.repo), clean(first.path), begin, end)


def _edges(card: Scorecard) -> Iterator[Row]:
    nodes = {node.id: node for node in card.lineage.nodes}
    for edge in card.lineage.edges:
        parent = nodes.get(edge.parent)
        yield (
            clean(edge.child), clean(edge.parent), edge.relation, edge.named_by, edge.confidence, list(edge.dropped),
            clean(parent.licence) if parent else None, parent.seen if parent else None,
        )  # fmt: skip


def _probe(card: Scorecard) -> Iterator[Row]:
    if card.probe is None:
        return
    run = run_to_dict(card.probe)
    figures = json.dumps(run["figures"], ensure_ascii=False) if card.probe.figures else None
    machine = json.dumps(run["machine"], ensure_ascii=False) if card.probe.machine else None
    attempted = [level.level for level in card.probe.levels if level.outcome != "not_attempted"]
    for level in card.probe.levels:
        last = level.level == (attempted[-1] if attempted else None)
        yield (
            level.level, level.outcome, level.failure, clean(level.because),
            clean(figures) if figures and last else None, clean(machine) if machine and last else None,
        )  # fmt: skip


def _weights(evidence: Evidence) -> Iterator[Row]:
    files = evidence.files.value.entries if isinstance(evidence.files, Seen) else ()
    for file in files:
        if file.sha256 and weight_format(file.path):
            yield (clean(file.path), file.size, file.sha256)


def _kept(key: tuple[str, str | None], card: Scorecard, evidence: Evidence, keep: Keep, saved: bytes) -> list[Row]:
    if keep == "evidence":
        return [
            (
                *key,
                "evidence",
                card.evidence_sha256 or digest(evidence),
                saved.decode("utf-8", "replace") if saved else clean(dump(evidence, compact=True)),
            )
        ]
    if keep == "scorecard":
        text = json.dumps(scorecard_to_dict(card), ensure_ascii=False, allow_nan=False)
        return [(*key, "scorecard", card.evidence_sha256, clean(text))]
    return []
