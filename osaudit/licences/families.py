"""Which licence governs a family of models, told from a name; for models whose repository could not be seen.

`criteria/model-families.yaml` is the one list of families: whoever reads for their names builds on it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from osaudit.compiled import regex
from osaudit.folding import folded
from osaudit.frozen import dataclass
from osaudit.prefilter import Prefilter
from osaudit.yamlfile import own_table

OPEN = "open"
_SEPARATORS = regex(r"[/_.\s-]+")
_MAX_NAME = 200
_ASIDE = regex(r" \([^()]*\)$")
_NOT_WEIGHTS = regex(r"(^|-)(tiny-random|random|dummy|test(ing)?)(-|$)")


@dataclass(frozen=True, slots=True)
class Family:
    """A family of models under one licence, or `OPEN`. `publishers` own it; `source` says where the licence is stated.

    `names` are those of running text, `owners` all accounts that publish models so called, `types` the values of
    `model_type` that tell of it, `shared` those that models of others have as well,
    `marks` the words that its licence asks to be shown, `code` where its own code stands.

    A card whose metadata has one of `tags` beside one of `tasks` says that its model belongs to the family.
    `any_of`: the licences that other versions under the same name come under, and that the name may mean as well.
    `confirmed` is False where no copy of the source was seen.
    """

    id: str
    licence: str
    match: re.Pattern[str]
    unless: re.Pattern[str] | None
    publishers: frozenset[str]
    source: str
    tags: frozenset[str] = frozenset()
    tasks: frozenset[str] = frozenset()
    any_of: frozenset[str] = frozenset()
    confirmed: bool = True
    names: tuple[str, ...] = ()
    owners: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    marks: tuple[re.Pattern[str], ...] = ()
    code: frozenset[str] = frozenset()
    makers: tuple[str, ...] = ()

    def adds_to(self, known: Iterable[str]) -> bool:
        """Whether the family's licence is none of those known, and may mean none of them either."""
        return self.any_of.union((self.licence,)).isdisjoint(known)


@functools.cache
def all_families() -> tuple[Family, ...]:
    """Read `criteria/model-families.yaml`, once a process: the families whose terms restrict, and the open ones."""
    return tuple(
        Family(
            id=row["id"],
            licence=row["licence"],
            match=regex(row["match"]),
            unless=regex(row["unless"]) if "unless" in row else None,
            publishers=frozenset(row["publishers"]),
            source=row["source"],
            tags=frozenset(row.get("tags", ())),
            tasks=frozenset(row.get("tasks", ())),
            any_of=frozenset(row.get("any_of", ())),
            confirmed="seen" in row,
            names=tuple(row.get("names", ())),
            owners=frozenset((*row["publishers"], *row.get("owners", ()))),
            types=frozenset(row.get("types", ())),
            shared=frozenset(row.get("shared", ())),
            marks=tuple(regex(f"(?i){mark}") for mark in row.get("marks", ())),
            code=frozenset(row.get("code", ())),
            makers=tuple(row.get("makers", ())),
        )
        for row in own_table("model-families.yaml")
    )


@functools.cache
def families() -> tuple[Family, ...]:
    """The families whose terms restrict."""
    return tuple(family for family in all_families() if family.licence != OPEN)


@functools.cache
def naming_marks() -> tuple[re.Pattern[str], ...]:
    """The marks that licences ask for: each has a group `name` that tells of a family."""
    return tuple(mark for family in all_families() for mark in family.marks)


@functools.cache
def original_code() -> frozenset[str]:
    """Where the code stands that families were first made with."""
    return frozenset(place for family in all_families() for place in family.code)


@functools.lru_cache(maxsize=4096)
def family_of(name: str) -> Family | None:
    """Find the family that a model's name says it belongs to; None where no name of the table stands in it.

    Words in brackets behind the name say how it was found, and are no part of it.
    """
    return _found(name, open_too=False)


@functools.lru_cache(maxsize=4096)
def is_open(name: str) -> bool:
    """Tell whether a name is that of a family that is known to be open, and of none whose terms restrict."""
    found = _found(name, open_too=True)
    return found is not None and found.licence == OPEN and found.confirmed


@functools.cache
def _prefilter() -> Prefilter:
    return Prefilter("families", [family.match for family in all_families()])


def _found(name: str, *, open_too: bool) -> Family | None:
    model = _ASIDE.sub("", name[:_MAX_NAME]).rpartition("/")[2]
    plain = _SEPARATORS.sub("-", model.lower()).strip("-")
    if _NOT_WEIGHTS.search(plain):
        return None
    for number in _prefilter().candidates(folded(plain)):
        family = all_families()[number]
        barred = family.unless and family.unless.search(plain)
        if (open_too or family.licence != OPEN) and family.match.search(plain) and not barred:
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


@functools.cache
def family_of_type(model_type: str) -> Family | None:
    """The family whose models alone have this `model_type` in their settings."""
    return next((family for family in families() if model_type in family.types), None)


@functools.cache
def shared_types() -> frozenset[str]:
    """The values of `model_type` that models of a family under restricting terms share with others."""
    return frozenset(kind for family in families() for kind in family.shared)
