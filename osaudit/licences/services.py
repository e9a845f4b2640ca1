"""Services, and families of models, whose terms restrict what their output may be used for."""

from __future__ import annotations

import functools
import re
from datetime import date

from osaudit.compiled import regex
from osaudit.frozen import dataclass
from osaudit.licences.families import family_of
from osaudit.licences.table import Licence, load_table
from osaudit.yamlfile import own_table

_SEPARATORS = regex(r"[/_\s-]+")


@dataclass(frozen=True, slots=True)
class Service:
    """A service behind an interface. `names` tells data sets that hold its output; `publishers` are its maker's.

    `dated` is the version of the terms that was read, `seen` the day on which a copy of it was last looked at.
    """

    id: str
    name: str
    match: re.Pattern[str]
    names: re.Pattern[str]
    publishers: frozenset[str]
    terms: str
    source: str
    clause: str
    dated: date
    seen: str

    @property
    def told(self) -> str:
        """What the terms bar and where they say so, with the version that says it."""
        return f"{self.terms} ({self.source}, {self.clause}; terms of {self.dated}, seen {self.seen})"


@functools.cache
def services() -> tuple[Service, ...]:
    """Read `criteria/known-services.yaml`, once a process."""
    return tuple(
        Service(
            id=row["id"],
            name=row["name"],
            match=regex(rf"(?<![a-z0-9])(?:{row['match']})"),
            names=regex(rf"(?<![a-z0-9])(?:{row['names']})"),
            publishers=frozenset(row["publishers"]),
            terms=row["terms"],
            source=row["source"],
            clause=row["clause"],
            dated=row["dated"],
            seen=row["seen"],
        )
        for row in own_table("known-services.yaml")
    )


def service_of(name: str) -> Service | None:
    """Find the service that a model's name belongs to."""
    return next((service for service in services() if service.match.search(_plain(name))), None)


def service_in_name(data_set: str) -> Service | None:
    """Find the service whose output a data set holds, by the data set's name."""
    return next((service for service in services() if service.names.search(_plain(data_set))), None)


def _plain(name: str) -> str:
    return _SEPARATORS.sub("-", name.lower())


def output_terms(licence: Licence) -> str | None:
    """What a licence says of models trained on its model's output: a limit, or a duty to name it; None for neither."""
    limit, naming = licence.flags.get("output_use_restriction"), licence.flags.get("naming_or_attribution")
    if isinstance(limit, str):
        return limit
    return naming if isinstance(naming, str) and "output" in naming else None


def restricts_output(name: str, owner: str = "") -> str | None:
    """Say in a few words whose terms restrict the output of a named model, and how; None where none is known.

    `owner` is the account that asks: its own terms bind nobody who made them.
    """
    service = service_of(name)
    if service is not None:
        return None if owner in service.publishers else f"{service.name}: {service.told}"
    family = family_of(name)
    licence = load_table().get(family.licence) if family and owner not in family.publishers else None
    told = output_terms(licence) if licence else None
    if family is None or licence is None or told is None:
        return None
    return f"{licence.name}: {told}" if family.confirmed else f"perhaps {licence.name}: {told}"
