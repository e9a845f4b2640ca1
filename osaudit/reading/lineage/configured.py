"""The bases that settings name: a model's configuration, an adapter's file, a merge's file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

import yaml

from osaudit.compiled import regex
from osaudit.evidence import NOT_LOOKED, Base, Component, LicenceClaim, ModelRef, Relation, Unknown, Where
from osaudit.files import settings_kind
from osaudit.licences.expressions import tag_of
from osaudit.licences.families import derived_family, family_of_type
from osaudit.reading.page.hub_names import hub_name
from osaudit.reading.page.places import Document

MAX_EVENTS = 5_000
MAX_SETTINGS = 50_000
MAX_RECORDED = 40
BY_PATH = Unknown("the name of somebody's folder alone tells of it")
OPAQUE = Unknown("the settings name a folder on its maker's disk, which tells of no model")
BY_FOLDER = (BY_PATH, OPAQUE)
BY_TYPE = Unknown("the type in the settings alone tells of it")
_MODEL_SETTINGS = frozenset({"config.json", "model_index.json"})

RELATIONS: Mapping[str, Relation] = {
    "finetune": "finetune",
    "merge": "merge",
    "adapter": "adapter",
    "quantized": "quantized",
}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_HUB_ID = regex(r"^[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9_][\w.-]{0,95}$")
_LOCAL = regex(
    r"(?i)^(?:\.|/|~|output|outputs|checkpoints?|models?|ckpt|results?|content|workspace|home|data|mnt|tmp|root|"
    r"saved?|exp|runs?|train\w*|logs?|save)(?:/|$)"
)
_CANONICAL = regex(
    r"^(?:(?:distil)?(?:bert|roberta)-(?:base|large)(?:-[a-z]+)*|(?:distil)?gpt2(?:-(?:medium|large|xl))?|"
    r"xlm-(?:roberta|mlm)[\w-]*|xlnet-[\w-]+|t5-(?:small|base|large|3b|11b)|"
    r"albert-[\w-]+|camembert-[\w-]+|openai-gpt|ctrl|transfo-xl-wt103)$"
)
_MERGED_KEYS = frozenset({"model", "base_model", "source_model", "path", "lora"})


def configured_bases(config: Mapping[str, Any] | None, where: Where, own: ModelRef) -> Iterator[Base]:
    """Read the bases that the API's copy of the settings names: a PEFT adapter's, or the name it was loaded by."""
    settings = config or {}
    peft = settings.get("peft")
    adapter = peft.get("base_model_name_or_path") if isinstance(peft, Mapping) else None
    if isinstance(adapter, str):
        yield from _loaded(adapter, "adapter config", _at(where, "/peft/base_model_name_or_path", adapter), own)
    yield from _by_type(settings.get("model_type"), where, own)
    inner = settings.get("text_config")
    for pointer, part in (("", settings), ("/text_config", inner if isinstance(inner, Mapping) else {})):
        loaded = part.get("_name_or_path")
        if isinstance(loaded, str):
            yield from _loaded(loaded, "config", _at(where, f"{pointer}/_name_or_path", loaded), own)


def recorded_bases(record: Mapping[str, Any], where: Where, own: ModelRef) -> Iterator[Base]:
    """Read the bases that the Hub itself names in its record: `{"relation": ..., "models": [{"id": ...}]}`."""
    told = record.get("relation")
    relation = RELATIONS.get(told, "unknown") if isinstance(told, str) else "unknown"
    models = record.get("models")
    for number, model in enumerate(models[:MAX_RECORDED] if isinstance(models, list) else ()):
        name = model.get("id") if isinstance(model, Mapping) else None
        if isinstance(name, str) and _HUB_ID.match(name) and name.lower() != own.repo.lower():
            yield Base(name, relation, "front matter", "high", _at(where, f"/models/{number}/id", name), NOT_LOOKED)


def bases_in_file(doc: Document, own: ModelRef) -> Iterator[Base]:
    """Read the bases that an adapter's or a merge's own settings file names, where it was fetched."""
    match settings_kind(doc.path):
        case "adapter":
            value = _named_in(doc.text, "base_model_name_or_path")
            if value is not None:
                yield from _loaded(value, "adapter config", _line_of(doc, value), own)
        case "merge":
            yield from _merged(doc, own)
        case _ if doc.path.rpartition("/")[2] in _MODEL_SETTINGS:
            value = _named_in(doc.text, "_name_or_path")
            if value is not None:
                yield from _loaded(value, "config", _line_of(doc, value), own)
            yield from _by_type(_named_in(doc.text, "model_type"), doc.whole(), own)
        case _ if doc.path.endswith((".yaml", ".yml")) and "merge_method" in doc.text[:MAX_SETTINGS]:
            yield from _merged(doc, own)
        case _:
            return


def _merged(doc: Document, own: ModelRef) -> Iterator[Base]:
    for value in dict.fromkeys(_merged_names(doc.text)):
        yield from _loaded(value, "merge config", _line_of(doc, value), own)


def _by_type(model_type: object, where: Where, own: ModelRef) -> Iterator[Base]:
    """Read the family whose models alone have this type, where somebody else than its publisher has this one."""
    family = family_of_type(model_type) if isinstance(model_type, str) else None
    if family and own.repo.partition("/")[0].lower() not in family.publishers:
        name = f"{model_type} (by the type in its settings)"
        yield Base(name, "unknown", "config", "low", _at(where, "/model_type", str(model_type)), BY_TYPE)


def _loaded(
    value: str, named_by: Literal["config", "adapter config", "merge config"], where: Where, own: ModelRef
) -> Iterator[Base]:
    """Take a name in settings for a Hub id, else for a folder on somebody's disk, whose name may tell a family."""
    relations: Mapping[str, Relation] = {"adapter config": "adapter", "merge config": "merge"}
    relation = relations.get(named_by, "unknown")
    if _is_foreign(value, own):
        yield Base(hub_name(value), relation, named_by, "low" if named_by == "config" else "high", where, NOT_LOOKED)
        return
    last = value.strip().rstrip("/").rpartition("/")[2][:100]
    if value.strip().lower() == own.repo.lower():
        return
    if last.lower() != own.repo.rpartition("/")[2].lower() and derived_family(f"{own.repo.partition('/')[0]}/{last}"):
        yield Base(f"{last} (by a folder's name)", relation, named_by, "low", where, BY_PATH)
    elif named_by != "config" and value.strip():
        yield Base(
            f"{last or value.strip()[:100]} (a folder of its maker's)", relation, named_by, "high", where, OPAQUE
        )


def _at(where: Where, pointer: str, quote: str) -> Where:
    return replace(where, pointer=f"{where.pointer or ''}{pointer}", quote=quote[:200])


def _is_foreign(name: str, own: ModelRef) -> bool:
    """Tell whether a name in settings is a Hub id, and neither a folder on somebody's disk nor this repository."""
    plain = name.strip()
    known = _CANONICAL.match(plain) or (_HUB_ID.match(plain) and not _LOCAL.match(plain))
    return bool(known) and plain.lower() != own.repo.lower()


def settings_claims(settings: Mapping[str, Any], component: Component, where: Where) -> Iterator[LicenceClaim]:
    """List what the model's own settings name as its licence."""
    for key in ("license", "licence", "license_name"):
        value = settings.get(key)
        if isinstance(value, str) and value.strip():
            name = value.strip()[:200]
            yield LicenceClaim(component, "settings", name, tag_of(name).keys, _at(where, f"/{key}", name))


def settings_of(text: str) -> Mapping[str, Any]:
    """Read settings that are written as a JSON object; empty where they are none."""
    try:
        settings = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return settings if isinstance(settings, dict) else {}


def _named_in(text: str, key: str) -> str | None:
    value = settings_of(text).get(key)
    return value if isinstance(value, str) else None


def _line_of(doc: Document, value: str) -> Where:
    at = doc.text.find(value)
    return doc.where(at, at + len(value)) if at >= 0 else doc.whole()


def _merged_names(text: str) -> Iterator[str]:
    """Read the models that a merge's settings name, and the adapters put on them, without building the document."""
    try:
        wanted = False
        for number, event in enumerate(yaml.parse(text[:MAX_SETTINGS], Loader=_LOADER)):
            if number > MAX_EVENTS:
                return
            if isinstance(event, yaml.ScalarEvent):
                if wanted:
                    yield from (part.strip() for part in event.value.split("+") if part.strip())
                wanted = not wanted and event.value in _MERGED_KEYS
            else:
                wanted = False
    except (yaml.YAMLError, RecursionError):
        return
