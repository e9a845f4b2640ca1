"""Which sightings govern, by a table of rules: each takes what governs so far and may put others in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from osaudit.checks.disagree import closes
from osaudit.checks.sightings import CARD_WORDS, OWN_TEXT, REPOSITORY_FILE, Sighting, in_family, is_family
from osaudit.frozen import dataclass
from osaudit.licences.table import LicenceTable

Top: TypeAlias = tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: its name, and the sightings that it puts in place of those that govern so far; none where it does not."""

    name: str
    instead: Callable[[Top, Sequence[Sighting], LicenceTable], Top]


def governing(telling: Sequence[Sighting], table: LicenceTable) -> Top:
    """The sightings that govern: those of the highest rank, but for the rules; `telling` are in the order of rank."""
    top = tuple(sighting for sighting in telling if sighting.rank == telling[0].rank)
    for rule in RULES:
        top = rule.instead(top, telling, table) or top
    return top


def _linked_file(top: Top, telling: Sequence[Sighting], table: LicenceTable) -> Top:
    """Where the card's words link to the licence's file, the file governs, unless it frees what the words close."""
    links = {sighting.claim.links for sighting in top if sighting.claim and sighting.claim.links}
    if top[0].text or not links:
        return ()
    files = tuple(other for other in telling if other.text and other.where.path in links and other.rank > OWN_TEXT)
    named = {key for sighting in top for key in sighting.keys}
    return () if any(_frees(file, named, table) for file in files) else files


def _frees(file: Sighting, named: set[str], table: LicenceTable) -> bool:
    """Whether a file would free what somebody's name for it closes."""
    licences = tuple(licence for key in file.keys if (licence := table.get(key)))
    return file.exact and any(closes(key, licences, table) for key in named - set(file.keys))


def _named_file(top: Top, telling: Sequence[Sighting], _: LicenceTable) -> Top:
    """Where the card's words name what a licence file of the repository holds, the file itself governs."""
    named = {key for sighting in top for key in sighting.keys}
    files = (other for other in telling if other.text and other.rank == REPOSITORY_FILE and other.keys)
    return tuple(file for file in files if named == set(file.keys)) if top[0].rank == CARD_WORDS and named else ()


def _family_member(top: Top, telling: Sequence[Sighting], table: LicenceTable) -> Top:
    """A family's name ("CC BY-NC") means the member that another source names, where that one closes something."""
    families = [table.get(key) for sighting in top for key in sighting.keys]
    if not families or not all(family and is_family(family) for family in families):
        return ()
    members = tuple(
        other
        for other in telling
        if (known := [table.get(key) for key in other.keys])
        and all(
            member
            and any(verdict.v == "fail" for verdict in member.osd)
            and any(family and in_family(member, family) for family in families)
            for member in known
        )
    )
    return tuple(other for other in members if other.rank == members[0].rank)[:1]


RULES: tuple[Rule, ...] = (
    Rule("linked-file", _linked_file),
    Rule("named-file", _named_file),
    Rule("family-member", _family_member),
)
