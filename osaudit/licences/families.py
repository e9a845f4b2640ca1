"""Which licence governs a family of models, told from a name; for models whose repository could not be seen."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass

import yaml

from osaudit.data import data_path

_SEPARATORS = re.compile(r"[/_.\s-]+")
_MAX_NAME = 200
_NOT_WEIGHTS = re.compile(r"(^|-)(tiny-random|random|dummy|test(ing)?)(-|$)")


@dataclass(frozen=True, slots=True)
class Family:
    """A family of models under one licence. `publishers` own it; `source` says where the licence is stated.

    A card whose metadata has one of `tags` beside one of `tasks` says that its model belongs to the family.
    """

    id: str
    licence: str
    match: re.Pattern[str]
    unless: re.Pattern[str] | None
    publishers: frozenset[str]
    source: str
    tags: frozenset[str] = frozenset()
    tasks: frozenset[str] = frozenset()


@functools.cache
def families() -> tuple[Family, ...]:
    """Read `criteria/model-families.yaml`, once a process."""
    text = data_path("criteria", "model-families.yaml").read_text(encoding="utf-8")
    rows = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe loader either way
    return tuple(
        Family(
            id=row["id"],
            licence=row["licence"],
            match=re.compile(row["match"]),
            unless=re.compile(row["unless"]) if "unless" in row else None,
            publishers=frozenset(row["publishers"]),
            source=row["source"],
            tags=frozenset(row.get("tags", ())),
            tasks=frozenset(row.get("tasks", ())),
        )
        for row in rows
    )


@functools.lru_cache(maxsize=4096)
def family_of(name: str) -> Family | None:
    """Find the family that a model's name says it belongs to; None where no name of the table stands in it."""
    model = name[:_MAX_NAME].rpartition("/")[2]
    plain = _SEPARATORS.sub("-", model.lower()).strip("-")
    if _NOT_WEIGHTS.search(plain):
        return None
    for family in families():
        if family.match.search(plain) and not (family.unless and family.unless.search(plain)):
            return family
    return None


def derived_family(name: str) -> Family | None:
    """The family of a repository's own name, where somebody else than the family's publisher owns it."""
    family = family_of(name)
    owner = name.partition("/")[0].lower()
    return None if family is None or owner in family.publishers else family


def tagged_family(repo: str, tags: Iterable[str]) -> tuple[str, Family] | None:
    """The family that a card's tags tell, with the telling tag, where somebody else than its publisher has the card."""
    given = {tag.strip().lower(): tag for tag in tags}
    owner = repo.partition("/")[0].lower()
    for family in families():
        if owner not in family.publishers and family.tasks & given.keys():
            for tag in sorted(family.tags & given.keys()):
                return given[tag], family
    return None
