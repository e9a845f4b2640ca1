"""The store's tables: their columns, types, units and meaning. What `docs/sweep.md` tells is made from this."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

from osaudit.frozen import dataclass

STORE_SCHEMA = 1
"""The version of the tables; it stands in each part, and a part of a newer one is not read."""

Kind: TypeAlias = Literal["text", "texts", "whole", "number", "truth", "time"]
Table: TypeAlias = Literal["models", "cells", "findings", "edges", "probes", "weights", "evidence"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its kind, and what stands in it. Every column but `model` and `seq` may be null."""

    name: str
    kind: Kind
    what: str


def _columns(text: str) -> tuple[Column, ...]:
    """Read a table's columns: a line each, `name kind what`."""
    rows = (line.split(None, 2) for line in text.strip().splitlines())
    return tuple(Column(name, kind, what) for name, kind, what in rows)  # type: ignore[arg-type] # a test holds the kinds


_KEY = """
model text the repository's id, as the Hub gives it
commit text the 40-hex commit that was looked at
seq whole which run and chunk wrote the row: a model's newest row has the highest
"""

TABLES: Mapping[Table, tuple[Column, ...]] = MappingProxyType(
    {
        "models": _columns(f"""
{_KEY.strip()}
asked text what was asked for, where that is not the id
revision text the branch, tag or commit that was asked for
owner text the id up to its slash
status text judged, listed (depth list: no text was read) or failed
depth text full or list
ranked truth whether it may stand in a ranking: judged at full depth
error text a failure's kind: missing, gated, unanswered, usage, ...
message text a failure's message
packs text what was asked, as id@version, joined by spaces
tool text osaudit's version
readers text the readers' version
collected_at time when it was looked at, by this machine's clock
last_modified time when the repository was changed last, by the Hub's
evidence_sha256 text the evidence's digest
label text the label's id
label_at_best text the label if every review passed
label_basis text the weakest thing that the label rests on
candidate truth whether a person has yet to attest the label
determined truth false where the file list was partial
score_low number 0 to 100, reviews counted as 0
score_high number 0 to 100, reviews counted as 1
incomplete truth whether the repository's own files were refused
licence text the key of the licence that governs the weights
licence_spdx text its SPDX id
licence_name text its name
licence_basis text what that rests on
licence_settled truth one licence, read or declared without contradiction
code_licence text the key of the code's licence
data_licence text the key of the data's licence
tags texts the licence tags of the card's front matter, as written
licence_texts whole licence-like texts in the repository
gated text open, auto or manual
parameters whole parameters in the safetensors headers
architecture text the first architecture of config.json
task text the pipeline tag
library text the library's name
files whole listed files
weight_bytes whole bytes of listed weight files
bases texts the models that it was made from, as named
datasets texts the data sets that the card names
downloads whole downloads of the last 30 days, where a list gave them
likes whole likes, where a list gave them
created_at time when the repository was made, where a list gave it
"""),
        "cells": _columns(f"""
{_KEY.strip()}
pack text the definition's id
criterion text the criterion: OSD-1 ... OSD-10, or another pack's
facet text weights, data, training or licence
outcome text pass, partial, fail, not_applicable or review
basis text osi-stated, licence text, declared by publisher, inferred or attested
rule text the cell's name, for `osaudit criteria explain`
because text the sentence that tells why
counted truth whether the cell counts for the score
weight whole the cell's weight in points
"""),
        "findings": _columns(f"""
{_KEY.strip()}
sort text conflict, risk, duty or use
kind text the finding's id in its vocabulary
answer text of a use: yes, yes-if, no or not-known
rule text the rule that made it
because text the sentence that tells why
basis text of a use: the weakest thing that the answer rests on
uses texts of a duty: the uses that bring it on
repo text where it was seen: the repository
path text the file
line_from whole the first line
line_to whole the last line
"""),
        "edges": _columns(f"""
{_KEY.strip()}
child text the model that was made from the other
parent text the model that it was made from
relation text finetune, merge, adapter, quantized or unknown
named_by text what names the parent: front matter, card, config, ...
confidence text high or low
dropped texts the parent's terms that the child does not carry
parent_licence text the name of the parent's governing licence
parent_seen truth whether the parent's repository was read
"""),
        "probes": _columns(f"""
{_KEY.strip()}
level text access, integrity, structure, loads, infers or performs
outcome text pass, fail or not_attempted
class text the failure's class, or why it was not attempted
because text the sentence that tells why
figures text of the highest level: JSON, a list of {{id, value, unit, low, high, runs}}
machine text what the figures hold for: JSON
"""),
        "weights": _columns(f"""
{_KEY.strip()}
path text the weight file
size whole bytes
sha256 text the content's hash, as the Hub's file list has it
"""),
        "evidence": _columns(f"""
{_KEY.strip()}
form text evidence or scorecard
sha256 text the evidence's digest
json text the file's text, as `osaudit collect` and `osaudit judge` write it
"""),
    }
)

NAMES: tuple[Table, ...] = tuple(TABLES)

TYPES: Mapping[Kind, str] = MappingProxyType(
    {
        "text": "text",
        "texts": "list of texts",
        "whole": "64-bit integer",
        "number": "64-bit float",
        "truth": "boolean",
        "time": "time in UTC, to the second",
    }
)
"""The kinds in words."""


def documented() -> str:
    """The tables as `docs/sweep.md` has them, in Markdown."""
    lines: list[str] = []
    for table, columns in TABLES.items():
        lines += [f"### {table}", "", "| column | type | what |", "|---|---|---|"]
        lines += [f"| `{one.name}` | {TYPES[one.kind]} | {one.what} |" for one in columns]
        lines.append("")
    return "\n".join(lines)
