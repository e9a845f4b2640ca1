"""Sites for tests: a store of a few made models, and one in which every text is somebody's attack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from made_stores import OTHER_COMMIT, model, put, rows_of, store_of
from samples import HOSTILE_TEXTS

from osaudit.evidence import Evidence
from osaudit.site.options import Options
from osaudit.site.publish import Built, build
from osaudit.sweep.columns import TABLES, Table
from osaudit.sweep.parts import Chunk, write_chunk
from osaudit.sweep.place import Place, place_of
from osaudit.sweep.rows import ModelRows

KEYS = frozenset(
    [
        *(
            "status",
            "depth",
            "packs",
            "pack",
            "criterion",
            "facet",
            "outcome",
            "answer",
            "sort",
            "form",
            "json",
            "kind",
        ),
        *(
            "label",
            "label_at_best",
            "label_basis",
            "basis",
            "licence_basis",
            "relation",
            "confidence",
            "level",
            "gated",
        ),
    ]
)
"""Columns whose words are of a vocabulary: a part with others is none that a sweep wrote."""
ATTACKS = tuple(text for text in HOSTILE_TEXTS if text.isprintable() or "\ud800" not in text)


def few() -> list[Evidence]:
    """Models of several publishers, licences and labels; two of them differ in name alone, and share a rank."""
    return [
        model("acme/open-lm"),
        model("acme/open-lm-twin"),
        model("acme/tuned", tag="apache-2.0", bases=[{"name": "meta/llama", "tag": "llama2"}]),
        model("lab/closed", tag="cc-by-nc-4.0"),
        model("lab/llama", tag="llama2"),
        model("zoo/odd-licence", tag="other"),
        model("zoo/no-weights", files=["README.md"]),
    ]


def store_of_few(folder: Path, *, keep: str = "evidence") -> Place:
    return store_of(folder, few(), keep=keep)


def swept_again(place: Place) -> Place:
    """The same store after a second sweep, in which one model has another licence at another commit."""
    put(place, 1, [model("acme/open-lm", tag="cc-by-nc-4.0", commit=OTHER_COMMIT)], run=2)
    return place


def built(place: Place, out: Path, **options: Any) -> Built:
    return build(place, out, Options(**options))


def hostile_store(folder: Path) -> Place:
    """A store in which each text that a stranger could have written is an attack."""
    place = place_of(str(folder))
    for number, text in enumerate(ATTACKS, 1):
        write_chunk(place, Chunk(1, number), _attacked(rows_of([model("acme/open-lm", bases=[])]), text, number))
    return place


def _attacked(rows: ModelRows, text: str, number: int) -> ModelRows:
    return {table: [_row(table, row, text, number) for row in found] for table, found in rows.items()}


def _row(table: Table, row: tuple[Any, ...], text: str, number: int) -> tuple[Any, ...]:
    columns = [one for one in TABLES[table] if one.name != "seq"]
    return tuple(_cell(one.name, one.kind, value, (text, number)) for one, value in zip(columns, row, strict=True))


def _cell(name: str, kind: str, value: Any, attack: tuple[str, int]) -> Any:
    text, number = attack
    if name in KEYS or kind not in {"text", "texts"}:
        return value
    if name in {"model", "owner"}:
        return f"{text}{number}"
    return [text, f"{text}{number}"] if kind == "texts" else text


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every file of a site, by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
