"""Stores for tests: evidence made of a few words, judged and written as a sweep does it."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from evidence_builder import COMMIT, evidence_of

from osaudit.audit import Asking, asking
from osaudit.evidence import Evidence, Seen
from osaudit.sweep.columns import NAMES
from osaudit.sweep.judging import Done, How, Wanted, judge_one, packed
from osaudit.sweep.parts import Chunk, write_chunk
from osaudit.sweep.place import Place, place_of
from osaudit.sweep.querying import query
from osaudit.sweep.rows import ModelRows, merge

OTHER_COMMIT = "f" * 40


@functools.cache
def asked() -> Asking:
    return asking()


def how(**settings: Any) -> How:
    return How(asked(), **settings)


def model(repo: str, *, tag: str = "mit", commit: str = COMMIT, **words: Any) -> Evidence:
    made = evidence_of({"repo": repo, "files": ["model.safetensors", "LICENSE"], "tag": tag, **words})
    assert isinstance(made.card, Seen)
    assert isinstance(made.card.value.front_matter, Seen)
    front = Seen(replace(made.card.value.front_matter.value, license=Seen((tag,))))
    return replace(made, commit=Seen(commit), card=Seen(replace(made.card.value, front_matter=front)))


def done(evidence: Evidence, **settings: Any) -> Done:
    return judge_one(packed(how(**settings)), evidence, Wanted(evidence.ref.repo))


def rows_of(models: Iterable[Evidence], **settings: Any) -> ModelRows:
    rows: ModelRows = {}
    for one in models:
        merge(rows, done(one, **settings).rows)
    return rows


def put(place: Place, number: int, models: Iterable[Evidence], *, run: int = 1, **settings: Any) -> Chunk:
    chunk = Chunk(run, number)
    write_chunk(place, chunk, rows_of(models, **settings))
    return chunk


def counted(place: Place) -> dict[str, int]:
    """Count the rows of each table."""
    return {table: query(place, f"SELECT count(*) FROM {table}").rows[0][0] for table in NAMES}  # noqa: S608 - names


def store_of(folder: Path, *chunks: Iterable[Evidence], **settings: Any) -> Place:
    place = place_of(str(folder))
    for number, models in enumerate(chunks, 1):
        put(place, number, models, **settings)
    return place
