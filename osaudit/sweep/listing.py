"""Depth `list`: a row from what a list of the Hub tells. No text is read: no label above Weights Available is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from osaudit import __version__
from osaudit.contents import weight_format
from osaudit.evidence import Files, Seen
from osaudit.files import is_licence_like
from osaudit.label import RUNGS
from osaudit.licences.names import keys_of_tag
from osaudit.licences.table import LicenceTable, load_table
from osaudit.sources.catalogue import head_of
from osaudit.sources.record import files_of
from osaudit.sweep.judging import Done
from osaudit.sweep.parts import Row, moment
from osaudit.sweep.rows import Listed, clean, model_row, owner
from osaudit.verdict import LabelId

MAX_TAGS = 20
_RUNG_OF_CEILING: Mapping[str, LabelId] = {"weights-available": "weights-available"}


def listed_of(record: Mapping[str, Any]) -> Listed:
    """What a list's record tells besides, as far as it is of the right type."""
    return Listed(
        downloads=_count(record.get("downloads")),
        likes=_count(record.get("likes")),
        created_at=_word(record.get("createdAt")),
        task=_word(record.get("pipeline_tag")),
        library=_word(record.get("library_name")),
    )


def listed_row(record: Mapping[str, Any], packs: str, at: str, asked: str = "") -> Row:
    """A model's row from a list's record: unranked, with the tag's rung in `label_at_best` alone."""
    name = str(record["id"])
    tags = licence_tags(record)
    listed = files_of(record, (), hashed=True)
    files = listed.value if isinstance(listed, Seen) else None
    keys = tuple(dict.fromkeys(key for tag in tags for key in keys_of_tag(tag)))
    label, best = _label(files, tags, keys, load_table())
    parameters = record.get("safetensors")
    told = listed_of(record)
    licence = load_table().by_key.get(keys[0]) if len(keys) == 1 else None
    gated = record.get("gated")
    return model_row(
        model=clean(name),
        commit=head_of(record),
        asked=clean(asked) if asked and asked != name else None,
        owner=owner(name),
        status="listed",
        depth="list",
        ranked=False,
        packs=packs,
        tool=__version__,
        collected_at=moment(at),
        last_modified=moment(_word(record.get("lastModified"))),
        label=label,
        label_at_best=best,
        label_basis="declared by publisher" if tags else "inferred",
        candidate=False,
        determined=files is not None and bool(files.complete),
        licence=keys[0] if len(keys) == 1 else None,
        licence_spdx=licence.spdx if licence else None,
        licence_name=licence.name if licence else None,
        licence_basis="declared by publisher" if tags else None,
        tags=[clean(tag) for tag in tags] if tags else None,
        gated="open" if gated is False else gated if gated in {"auto", "manual"} else None,
        parameters=_count(parameters.get("total")) if isinstance(parameters, dict) else None,
        task=told.task,
        library=told.library,
        files=len(files.entries) if files else None,
        bases=_names(record, "base_model"),
        datasets=_names(record, "datasets"),
        downloads=told.downloads,
        likes=told.likes,
        created_at=moment(told.created_at),
    )


def listed_done(record: Mapping[str, Any], packs: str, at: str, asked: str = "") -> Done:
    """A listed model as one that is done."""
    row = listed_row(record, packs, at, asked)
    return Done(asked or str(record["id"]), {"models": [row]}, label=row[_LABEL])


def licence_tags(record: Mapping[str, Any]) -> tuple[str, ...]:
    """The licence tags: the card's own, else those among the repository's tags."""
    card = record.get("cardData")
    own = card.get("license") if isinstance(card, dict) else None
    values = own if isinstance(own, list) else [own]
    found = [one for one in values if isinstance(one, str) and one.strip()]
    if not found:
        tags = record.get("tags")
        among = tags if isinstance(tags, list) else []
        found = [tag.removeprefix("license:") for tag in among if isinstance(tag, str) and tag.startswith("license:")]
    return tuple(one[:200] for one in found[:MAX_TAGS])


def _label(
    files: Files | None, tags: Sequence[str], keys: Sequence[str], table: LicenceTable
) -> tuple[LabelId, LabelId]:
    """The rung that the list shows, and the one that the tag would have if all the rest were open."""
    if files is None:
        return "not-available", _rung(tags, keys, table)
    paths = [file.path for file in files.entries]
    if not any(weight_format(path) for path in paths):
        return "not-available", "not-available" if files.complete else _rung(tags, keys, table)
    if not tags:
        texts = any(is_licence_like(path) for path in paths)
        return "unlicensed", "open-weights" if texts else "unlicensed"
    return "weights-available", _rung(tags, keys, table)


def _rung(tags: Sequence[str], keys: Sequence[str], table: LicenceTable) -> LabelId:
    """The highest rung that the tags' licences permit; unknown ones may permit Open Weights."""
    if not tags:
        return "open-weights"
    known = [table.by_key[key] for key in keys if key in table.by_key]
    rungs: list[LabelId] = [_RUNG_OF_CEILING.get(licence.g7_ceiling, "open-weights") for licence in known]
    return min(rungs, key=RUNGS.index, default="open-weights")


def _names(record: Mapping[str, Any], key: str) -> list[str]:
    card = record.get("cardData")
    value = card.get(key) if isinstance(card, dict) else None
    values = value if isinstance(value, list) else [value]
    return [clean(one[:200]) for one in values if isinstance(one, str) and one][:100]


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**62 else None


def _word(value: object) -> str | None:
    return clean(value[:200]) if isinstance(value, str) and value else None


def _label_column() -> int:
    from osaudit.sweep.columns import TABLES  # noqa: PLC0415 - once

    return [column.name for column in TABLES["models"] if column.name != "seq"].index("label")


_LABEL = _label_column()
