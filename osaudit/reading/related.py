"""The data sets and base models that a repository names, each with how and where it was named."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import yaml

from osaudit.evidence import Base, DatasetUse, FrontMatter, ModelRef, Relation, Seen, Statement, Unknown, Where
from osaudit.licences.families import derived_family, family_of
from osaudit.reading.places import Document

MAX_NAMES = 60
MAX_EVENTS = 5_000
MAX_SETTINGS = 50_000
NOT_LOOKED = Unknown("not looked into")

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_URL = re.compile(
    r"(?i)^(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co)/(?:datasets/|"
    r"models/)?([\w.-]+(?:/[\w.-]+)?)/?(?:[?#].*|/?(?:tree|blob|resolve)/.*)?$"
)
_HUB_ID = re.compile(r"^[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9_][\w.-]{0,95}$")
_LOCAL = re.compile(
    r"(?i)^(?:\.|/|~|output|outputs|checkpoints?|models?|ckpt|results?|content|workspace|home|data|mnt|tmp|root|"
    r"saved?|exp|runs?|train\w*|logs?|save)(?:/|$)"
)
_RELATIONS: dict[str, Relation] = {
    "finetune": "finetune",
    "merge": "merge",
    "adapter": "adapter",
    "quantized": "quantized",
}
_CANONICAL = re.compile(
    r"^(?:(?:distil)?(?:bert|roberta)-(?:base|large)(?:-[a-z]+)*|(?:distil)?gpt2(?:-(?:medium|large|xl))?|"
    r"xlm-(?:roberta|mlm)[\w-]*|xlnet-[\w-]+|t5-(?:small|base|large|3b|11b)|"
    r"albert-[\w-]+|camembert-[\w-]+|openai-gpt|ctrl|transfo-xl-wt103)$"
)


def hub_name(value: str) -> str:
    """Reduce a Hub link to its id; any other name stays as it is."""
    found = _URL.match(value.strip())
    name = found.group(1) if found else value.strip().removeprefix("datasets/")
    return name[:200]


def datasets_of(matter: FrontMatter | None, linked: tuple[DatasetUse, ...]) -> tuple[DatasetUse, ...]:
    """Put the front matter's data sets before those that the card's body links; the body may tell a role."""
    roles = {use.name.lower(): use for use in linked}
    named: dict[str, DatasetUse] = {}
    if matter is not None and isinstance(matter.datasets, Seen):
        for value in matter.datasets.value:
            name = hub_name(value)
            told = roles.get(name.lower())
            role = told.role if told else "unknown"
            if name and matter.datasets.where:
                named.setdefault(name.lower(), DatasetUse(name, role, "high", matter.datasets.where[0], NOT_LOOKED))
    for use in linked:
        named.setdefault(use.name.lower(), use)
    return tuple(named.values())[:MAX_NAMES]


def bases_of(
    ref: ModelRef,
    matter: FrontMatter | None,
    told: Iterable[tuple[Statement, Relation]],
    configured: Iterable[Base],
    hinted: Iterable[Base] = (),
) -> tuple[Base, ...]:
    """List the bases: the front matter's, else the card's own words for them; then what settings files name.

    Words, marks and notices (`hinted`) and the repository's own name count besides if they tell of a family under
    restricting terms that no other base is under: metadata can leave out what matters.
    """
    declared = tuple(_declared(matter))
    worded = tuple(_worded(statement, relation) for statement, relation in told)
    found: dict[str, Base] = {}
    for base in (*declared, *(() if declared else worded), *configured):
        if base.name and base.name.lower() != ref.repo.lower():
            found.setdefault(base.name.lower(), base)
    under = {family.licence for base in found.values() if (family := family_of(base.name))}
    for base in (*worded, *_by_own_name(ref), *hinted):
        family = family_of(base.name)
        if family and family.adds_to(under):
            under.add(family.licence)
            found.setdefault(base.name.lower(), base)
    return tuple(found.values())[:MAX_NAMES]


def _by_own_name(ref: ModelRef) -> Iterator[Base]:
    """The family that the repository's own name tells, where somebody else than its publisher owns it."""
    if "/" in ref.repo and derived_family(ref.repo):
        name = f"{ref.repo.partition('/')[2]} (its own name)"
        where = Where(ref.repo, None, "the repository's name", quote=ref.repo, url=f"https://huggingface.co/{ref.repo}")
        yield Base(name, "unknown", "name", "low", where, Unknown("the repository's name alone tells of it"))


def _declared(matter: FrontMatter | None) -> Iterator[Base]:
    if matter is None or not isinstance(matter.base_model, Seen):
        return
    word = matter.base_model_relation.value.strip().lower() if isinstance(matter.base_model_relation, Seen) else ""
    for value in matter.base_model.value:
        where = matter.base_model.where[0]
        yield Base(hub_name(value), _RELATIONS.get(word, "unknown"), "front matter", "high", where, NOT_LOOKED)


def _worded(statement: Statement, relation: Relation) -> Base:
    return Base(statement.value, relation, "card", statement.confidence, statement.where, NOT_LOOKED)


def configured_bases(config: Mapping[str, Any] | None, where: Where, own: ModelRef) -> Iterator[Base]:
    """Read the bases that the API's copy of the settings names: a PEFT adapter's, or the name it was loaded by."""
    settings = config or {}
    peft = settings.get("peft")
    adapter = peft.get("base_model_name_or_path") if isinstance(peft, Mapping) else None
    if isinstance(adapter, str) and _is_foreign(adapter, own):
        yield Base(
            hub_name(adapter),
            "adapter",
            "adapter config",
            "high",
            _at(where, "/peft/base_model_name_or_path", adapter),
            NOT_LOOKED,
        )
    inner = settings.get("text_config")
    for pointer, part in (("", settings), ("/text_config", inner if isinstance(inner, Mapping) else {})):
        loaded = part.get("_name_or_path")
        if isinstance(loaded, str) and _is_foreign(loaded, own):
            place = _at(where, f"{pointer}/_name_or_path", loaded)
            yield Base(hub_name(loaded), "unknown", "config", "low", place, NOT_LOOKED)


def _at(where: Where, pointer: str, quote: str) -> Where:
    return replace(where, pointer=f"{where.pointer or ''}{pointer}", quote=quote[:200])


def _is_foreign(name: str, own: ModelRef) -> bool:
    """Tell whether a name in settings is a Hub id, and neither a folder on somebody's disk nor this repository."""
    plain = name.strip()
    known = _CANONICAL.match(plain) or (_HUB_ID.match(plain) and not _LOCAL.match(plain))
    return bool(known) and plain.lower() != own.repo.lower()


def bases_in_file(doc: Document, own: ModelRef) -> Iterator[Base]:
    """Read the bases that an adapter's or a merge's own settings file names, where it was fetched."""
    name = doc.path.rpartition("/")[2].lower()
    if name == "adapter_config.json":
        try:
            settings = json.loads(doc.text)
        except (ValueError, RecursionError):
            return
        value = settings.get("base_model_name_or_path") if isinstance(settings, dict) else None
        if isinstance(value, str) and _is_foreign(value, own):
            yield Base(hub_name(value), "adapter", "adapter config", "high", _line_of(doc, value), NOT_LOOKED)
    elif name in {"mergekit_config.yml", "mergekit_config.yaml", "mergekit_moe_config.yml"}:
        for value in _merged_names(doc.text):
            if _is_foreign(value, own):
                yield Base(hub_name(value), "merge", "merge config", "high", _line_of(doc, value), NOT_LOOKED)


def _line_of(doc: Document, value: str) -> Where:
    at = max(0, doc.text.find(value))
    return doc.where(at, at + len(value))


def _merged_names(text: str) -> Iterator[str]:
    """Read the values of `model` and `base_model` in a merge's settings, without building the document."""
    try:
        wanted = False
        for number, event in enumerate(yaml.parse(text[:MAX_SETTINGS], Loader=_LOADER)):
            if number > MAX_EVENTS:
                return
            if isinstance(event, yaml.ScalarEvent):
                if wanted:
                    yield event.value.split("+")[0]
                wanted = not wanted and event.value in {"model", "base_model", "source_model"}
            else:
                wanted = False
    except (yaml.YAMLError, RecursionError):
        return
