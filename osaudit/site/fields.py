"""The columns of the site's data: what a row of `data/models.*` holds. Documents and schemas are made from this.

JSON and JSON lines have cells and uses as letters, CSV and Parquet have a column for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from osaudit.site.board import ANSWERS, CRITERIA, OUTCOMES, STANDS, USES
from osaudit.sweep.columns import TYPES, Kind
from osaudit.verdict import BASES, FACETS, LADDER

DATA_SCHEMA = 1
"""The version of the rows; it stands in the JSON and in the schema's id."""
Where: TypeAlias = Literal["all", "letters", "wide"]


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its name, its kind, what stands in it, its SQL over the table `board`, and which files have it.

    `where`: all files, those with letters (JSON, JSON lines), or the wide ones (CSV, Parquet).
    `words`: the only values.
    """

    name: str
    kind: Kind
    what: str
    sql: str
    where: Where = "all"
    words: tuple[str, ...] = ()


def _own(name: str) -> str:
    """The board's column; the empty text is null."""
    return f"nullif({name}, '')"


def _judged(name: str) -> str:
    """A column that only a judged model has."""
    return f"CASE WHEN stand IN ('ranked', 'untold') THEN {name} END"


def _letter(column: str, at: int, words: Mapping[str, str]) -> str:
    """The word of a letter."""
    cases = " ".join(f"WHEN '{letter}' THEN '{word}'" for letter, word in words.items() if word)
    return f"CASE substr({column}, {at + 1}, 1) {cases} END"


_LETTERS = ", ".join(f"{letter} {name}" for letter, name in OUTCOMES.items())
_ANSWERED = ", ".join(f"{letter} {name or 'not asked'}" for letter, name in ANSWERS.items())

FIELDS: tuple[Field, ...] = (
    Field("place", "whole", "the row's place in the list, from 1", "place"),
    Field("rank", "whole", "the rank, which equal models share; null apart from the ranking", "rank"),
    Field("stand", "text", "where it stands: ranked, untold (the label could not be told), listed (not read) or failed",
          "stand", words=STANDS),
    Field("model", "text", "the repository's id on the Hub", "model"),
    Field("owner", "text", "the id up to its slash", _own("owner")),
    Field("commit", "text", "the 40-hex commit that was looked at", _own("commit")),
    Field("label", "text", "the label's id", _judged("nullif(label, '')"), words=tuple(LADDER)),
    Field("label_at_best", "text", "the label if every review passed", _own("at_best"), words=tuple(LADDER)),
    Field("label_basis", "text", "the weakest thing that the label rests on", _judged("nullif(basis, '')"),
          words=BASES),
    Field("candidate", "truth", "whether a person has yet to attest the label", _judged("candidate")),
    Field("score_low", "number", "0 to 100, reviews counted as 0", _judged("low")),
    Field("score_high", "number", "0 to 100, reviews counted as 1", _judged("high")),
    Field("reviews", "whole", "cells of the forty that a person must look at", _judged("reviews")),
    Field("conflicts", "whole", "contradictions that were found", _judged("conflicts")),
    Field("incomplete", "truth", "whether the repository's own files were refused", _judged("incomplete")),
    Field("licence", "text", "the key of the licence that governs the weights", _own("licence")),
    Field("licence_name", "text", "its name", _own("licence_name")),
    Field("licence_spdx", "text", "its SPDX id", _own("spdx")),
    Field("licence_basis", "text", "what that rests on", _own("licence_basis"), words=BASES),
    Field("licence_settled", "truth", "one licence, read or declared without contradiction", _judged("settled")),
    Field("task", "text", "the pipeline tag", _own("task")),
    Field("library", "text", "the library's name", _own("library")),
    Field("architecture", "text", "the first architecture of config.json", _own("architecture")),
    Field("bases", "texts", "the models that it was made from, as named", "bases"),
    Field("gated", "text", "open, auto or manual", _own("gated")),
    Field("parameters", "whole", "parameters in the safetensors headers", "parameters"),
    Field("weight_bytes", "whole", "bytes of the weight files", "weight_bytes"),
    Field("downloads", "whole", "downloads of the 30 days before the sweep, where a list gave them", "downloads"),
    Field("likes", "whole", "likes, where a list gave them", "likes"),
    Field("created_at", "time", "when the repository was made, where a list gave it", "created"),
    Field("last_modified", "time", "when the repository was changed last", "modified"),
    Field("collected_at", "time", "when it was looked at", "collected"),
    Field("evidence_sha256", "text", "the evidence's digest", _own("evidence")),
    Field("probe_level", "text", "the highest level of the probe that passed", _own("level")),
    Field("probe_figures", "text", "the probe's figures: JSON, a list of {id, value, unit, low, high, runs}",
          _own("figures")),
    Field("error", "text", "why it could not be judged: the failure's kind", _own("error")),
    Field("message", "text", "the failure's message", _own("message")),
    Field("cells", "text", f"a letter a cell, OSD-1 to OSD-10 by {', '.join(FACETS)}: {_LETTERS}", _own("dots"),
          "letters"),
    Field("uses", "text", f"a letter a use, in the order of the columns use_*: {_ANSWERED}", _own("uses"), "letters"),
    *(
        Field(
            f"{criterion.lower().replace('-', '_')}_{facet}",
            "text",
            f"{criterion} asked of the {facet}; nothing: nothing was published, which counts 0",
            _letter("dots", number * len(FACETS) + at, OUTCOMES),
            "wide",
            tuple(OUTCOMES.values()),
        )
        for number, criterion in enumerate(CRITERIA)
        for at, facet in enumerate(FACETS)
    ),
    *(
        Field(f"use_{use.replace('-', '_')}", "text", f"the use {use}, as `osaudit may` answers",
              _letter("uses", at, ANSWERS), "wide", tuple(filter(None, ANSWERS.values())))
        for at, use in enumerate(USES)
    ),
)  # fmt: skip

NARROW: tuple[Field, ...] = tuple(one for one in FIELDS if one.where != "wide")
"""The fields of JSON and JSON lines."""
WIDE: tuple[Field, ...] = tuple(one for one in FIELDS if one.where != "letters")
"""The columns of CSV and Parquet."""

_JSON: Mapping[Kind, dict[str, Any]] = MappingProxyType(
    {
        "text": {"type": ["string", "null"]},
        "texts": {"type": "array", "items": {"type": "string"}},
        "whole": {"type": ["integer", "null"]},
        "number": {"type": ["number", "null"]},
        "truth": {"type": ["boolean", "null"]},
        "time": {"type": ["string", "null"], "format": "date-time"},
    }
)
_ALWAYS = frozenset({"place", "stand", "model"})


def _shape(one: Field) -> dict[str, Any]:
    """A field's JSON Schema."""
    shape = {"description": one.what, **_JSON[one.kind]}
    if one.words:
        shape["enum"] = [*one.words, *(() if one.name in _ALWAYS else (None,))]
    if one.name in {"cells", "uses"}:
        letters, count = (OUTCOMES, len(CRITERIA) * len(FACETS)) if one.name == "cells" else (ANSWERS, len(USES))
        shape["pattern"] = f"^[{''.join(letters)}]{{{count}}}$"
    if one.name.startswith("score_"):
        shape |= {"minimum": 0, "maximum": 100}
    if one.name in _ALWAYS:
        shape["type"] = _JSON[one.kind]["type"][0]
    return shape


def schema() -> dict[str, Any]:
    """The JSON Schema of `data/models.json`; a line of `data/models.jsonl` is its `$defs/row`."""
    row = {
        "type": "object",
        "additionalProperties": False,
        "required": [one.name for one in NARROW],
        "properties": {one.name: _shape(one) for one in NARROW},
    }
    head: dict[str, Any] = {
        "schema": {"description": "Version of this shape. A reader refuses any other.", "const": DATA_SCHEMA},
        "title": {"description": "The site's title.", "type": "string"},
        "made_at": {"description": "The site's date.", "type": "string", "format": "date-time"},
        "tools": {"description": "The versions of osaudit that judged.", "type": "array", "items": {"type": "string"}},
        "packs": {"description": "What was asked, as id@version.", "type": "array", "items": {"type": "string"}},
        "sources": {"description": "Where the models come from, in the publisher's words.", "type": "string"},
        "counts": {
            "description": "Models by where they stand, and by label of those that are ranked.",
            "type": "object",
            "additionalProperties": {"type": "integer", "minimum": 0},
        },
        "models": {"description": "A row a model, in the order of the ranking.", "type": "array",
                   "items": {"$ref": "#/$defs/row"}},
    }  # fmt: skip
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:osaudit:leaderboard:{DATA_SCHEMA}",
        "title": "osaudit leaderboard",
        "description": "The models of a sweep in the order of the ranking, as data/models.json has them.",
        "type": "object",
        "additionalProperties": False,
        "required": list(head),
        "properties": head,
        "$defs": {"row": row},
    }


def documented() -> str:
    """The columns as `docs/leaderboard.md` has them, in Markdown; those of cells and uses are one line each."""
    wide = "text | CSV and Parquet, in place of"
    lines = ["| column | type | what |", "|---|---|---|"]
    lines += [f"| `{one.name}` | {TYPES[one.kind]} | {_marked(one)} |" for one in NARROW]
    lines += [
        f"| `osd_1_weights` ... `osd_10_licence` | {wide} `cells`: {', '.join(OUTCOMES.values())} |",
        f"| `use_evaluate` ... | {wide} `uses`: {', '.join(filter(None, ANSWERS.values()))} |",
    ]
    return "\n".join(lines) + "\n"


def _marked(one: Field) -> str:
    return f"JSON and JSON lines: {one.what}" if one.where == "letters" else one.what


def described() -> Iterator[tuple[str, str, str, str]]:
    """Name, type, files and meaning of each column, for `data/columns.csv`."""
    files = {"all": "all", "letters": "json jsonl", "wide": "csv parquet"}
    for one in FIELDS:
        yield one.name, TYPES[one.kind], files[one.where], one.what
