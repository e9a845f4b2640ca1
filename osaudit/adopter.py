"""Who wants to use a model: the facts about an adopter that settle what a licence makes hang on them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from osaudit.errors import UsageError
from osaudit.frozen import dataclass
from osaudit.licences.grants import load_vocabulary
from osaudit.yamlfile import parse_yaml, read_bytes

KINDS = ("company", "public-body", "research", "non-profit", "individual")
NON_COMMERCIAL = frozenset({"research", "non-profit", "individual"})
_KEYS = ("territory", "monthly_users", "revenue_usd", "kind", "uses", "fields")
_COUNTRY = re.compile(r"[A-Z]{2}")
_SAME = {"UK": "GB", "EL": "GR"}


@dataclass(frozen=True, slots=True)
class Adopter:
    """What is known of an adopter; None or empty where it was not said.

    `territory`: ISO 3166 codes, or EU; `monthly_users` of all products; `revenue_usd` a year; `uses` that are asked;
    `fields` of use, by the ids of `criteria/uses.yaml`.
    """

    territory: tuple[str, ...] = ()
    monthly_users: int | None = None
    revenue_usd: int | None = None
    kind: str | None = None
    uses: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()

    @property
    def commercial(self) -> bool:
        """Whether what it does has to be taken for commercial."""
        return self.kind not in NON_COMMERCIAL


NOBODY = Adopter()


def read_adopter(path: Path) -> Adopter:
    """Read an adopter's YAML file; UsageError for a key or value that is none, with the nearest that is."""
    return adopter_from(parse_yaml(read_bytes(path), path.name), path.name)


def adopter_from(data: Any, name: str) -> Adopter:  # noqa: ANN401 - YAML
    """Build an adopter from what a YAML file holds."""
    if not isinstance(data, dict):
        raise UsageError(f"{name} describes no adopter: write keys such as `territory: DE`")
    for key in data:
        _one_of(str(key), _KEYS, f"{name}: the key")
    kind = data.get("kind")
    words = load_vocabulary()
    return Adopter(
        territory=tuple(_territory(code, name) for code in _listed(data, "territory", name)),
        monthly_users=_number(data, "monthly_users", name),
        revenue_usd=_number(data, "revenue_usd", name),
        kind=None if kind is None else _one_of(str(kind), KINDS, f"{name}: kind"),
        uses=tuple(use_id(use) for use in _listed(data, "uses", name)),
        fields=tuple(_one_of(field, words.fields, f"{name}: the field") for field in _listed(data, "fields", name)),
    )


def use_id(name: str) -> str:
    """The use of that id; UsageError where there is none, with the nearest."""
    return _one_of(name, load_vocabulary().uses, "the use")


def _one_of(name: str, known: Iterable[str], what: str) -> str:
    names = tuple(known)
    if name in names:
        return name
    near = difflib.get_close_matches(name, names, 1, cutoff=0.3)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(names)}"
    raise UsageError(f"{what} {name!r:.80} is not known: {hint}")


def _listed(data: dict[str, Any], key: str, name: str) -> tuple[str, ...]:
    value = data.get(key)
    if value is None:
        return ()
    values = value if isinstance(value, list) else [value]
    if value is False:
        values = ["NO"]  # YAML 1.1 reads Norway's code as a truth value
    elif not all(isinstance(item, str) for item in values):
        raise UsageError(f"{name}: {key} has to be a name or a list of names")
    return tuple(values)


def _territory(code: str, name: str) -> str:
    upper = _SAME.get(code.upper(), code.upper())
    if not _COUNTRY.fullmatch(upper):
        raise UsageError(f"{name}: {code!r:.40} is no ISO 3166 code of two letters, nor EU")
    return upper


def _number(data: dict[str, Any], key: str, name: str) -> int | None:
    value = data.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**15:
        raise UsageError(f"{name}: {key} has to be a number, such as 1000000")
    return int(value)
