"""Sightings: the places of a repository that speak of a component's licence, and the rank of each.

Order (RUBRIC, "Licence" in W, D, T): component file, card statement about that component, repository licence file,
gate prompt, front matter, none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from osaudit.checks.flagged import FLAG_CRITERIA, USES
from osaudit.evidence import Component, Evidence, LicenceClaim, LicenceText, Where
from osaudit.frozen import dataclass
from osaudit.licences.table import Licence, LicenceTable
from osaudit.pathnames import words_of

OWN_TEXT, CARD_WORDS, REPOSITORY_FILE, TEXT_IN_CARD, COPIED = 1, 2, 3, 4, 6
"""Ranks of sightings, the first outranking the rest; a tag's is 5."""

_PARTS = frozenset({"transformer", "unet", "vae", "encoder", "decoder", "prior", "adapter", "lora", "tokenizer"})
_RAIL_FAMILY = frozenset({"openrail"})
NOTHING_SAID = frozenset({"other", "unknown", "none"})


@dataclass(frozen=True, slots=True)
class Sighting:
    """One place that speaks of the licence: a text with its match, or somebody's name for it."""

    rank: int
    title: str
    keys: tuple[str, ...]
    exact: bool
    where: Where
    text: LicenceText | None = None
    claim: LicenceClaim | None = None

    @property
    def says_nothing(self) -> bool:
        """Whether it only says that the licence stands elsewhere (`other`, `unknown`)."""
        return bool(self.keys) and set(self.keys) <= NOTHING_SAID


def sightings_of(evidence: Evidence, component: Component, table: LicenceTable) -> Iterable[Sighting]:
    """List what texts and claims say of the component, in no order."""
    named = {claim.links: claim for claim in evidence.licence_claims if claim.source == "file header" and claim.links}
    for text in evidence.licence_texts:
        rank = _text_rank(text, component)
        if rank is None:
            continue
        claim = named.get(text.where.path)
        if claim is not None and _is_stub(text, claim, table):
            title = f"the file {text.where.path}, which only names a licence,"
            yield Sighting(rank, title, claim.keys, exact=False, where=claim.where, claim=claim)
        else:
            yield from _of_text(text, rank)
    for claim in evidence.licence_claims:
        rank = _claim_rank(claim, component)
        if rank is not None:
            yield Sighting(rank, _claim_title(claim), claim.keys, exact=False, where=claim.where, claim=claim)


def _is_stub(text: LicenceText, claim: LicenceClaim, table: LicenceTable) -> bool:
    """Whether a file says no more than its licence's name: its other words close what that licence closes at most."""
    licence = table.get(claim.keys[0]) if len(claim.keys) == 1 else None
    if licence is None or text.matches:
        return False
    return all(licence.flags.get(hit.flag) or _closed_already(hit.flag, licence) for hit in text.restrictions)


def _closed_already(flag: str, licence: Licence) -> bool:
    return all(licence.verdict(number).v == "fail" for number in FLAG_CRITERIA.get(flag, USES))


def _of_text(text: LicenceText, rank: int) -> Iterable[Sighting]:
    keys = tuple(dict.fromkeys(match.key for match in text.matches))
    exact = bool(text.matches) and all(match.match == "exact" for match in text.matches) and text.residue_words == 0
    yield Sighting(rank, f"the text {text.where.path}", keys, exact=exact, where=text.where, text=text)


def _text_rank(text: LicenceText, component: Component) -> int | None:
    if text.where.path.lower().startswith("readme") and text.component in {component, "any"}:
        return TEXT_IN_CARD
    if text.component == component:
        return 3 if _is_of_a_part(text.where.path) else 1
    return 3 if text.component == "any" else None


def _is_of_a_part(path: str) -> bool:
    """Whether name or folder speak of one part of the model alone, whose licence cannot stand for the rest."""
    return any(not _PARTS.isdisjoint(words_of(part)) for part in path.split("/"))


def _claim_rank(claim: LicenceClaim, component: Component) -> int | None:
    if claim.component not in {component, "any"}:
        return None
    match claim.source:
        case "card statement" | "badge" | "file header":
            return 2 if claim.component == component else 5
        case "gate prompt":
            return 4
        case "front matter" | "licence name":
            return 5
        case "licence link":
            return 5 if claim.keys else None
        case "gguf metadata" | "settings":
            return COPIED


_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "front matter": "the tag `license: {}`",
        "licence name": "the tag `license_name: {}`",
        "licence link": "the tag `license_link: {}`",
        "card statement": "the card's words “{}”",
        "badge": "the badge “{}”",
        "gate prompt": "the gate's prompt “{}”",
        "file header": "the header “{}” in {}",
        "settings": "the key “license: {}” in {}",
        "gguf metadata": "the metadata “{}” in {}",
    }
)


def _claim_title(claim: LicenceClaim) -> str:
    return _TITLES.get(claim.source, "{}").format(claim.name, claim.where.path)


def is_family(licence: Licence) -> bool:
    """Whether the entry stands for a family tag of the Hub, which names no version."""
    return licence.category == "family tag" or licence.key in _RAIL_FAMILY


def in_family(licence: Licence, family: Licence) -> bool:
    """Whether the licence is one of those that the family tag may mean."""
    if family.key in _RAIL_FAMILY:
        return licence.category == "RAIL"
    return licence.key != family.key and re.match(rf"{re.escape(family.key)}[-\d]", licence.key) is not None
