"""Who governs a component: the licence resolved from texts and claims, and what contradicts it.

Order (RUBRIC, "Licence" in W, D, T): component file, card statement about that component, repository licence file,
gate prompt, front matter, none. A text outranks every name; a name can lower what a text gives, never raise it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from osaudit.checks.cards import why_unread
from osaudit.evidence import Component, Evidence, LicenceClaim, LicenceText, Unknown, Unseen, Where
from osaudit.files import is_licence_like, licence_component, link_target, words_of
from osaudit.licences.table import Licence, LicenceTable
from osaudit.verdict import Basis, Finding

State: TypeAlias = Literal[
    "read",  # one licence text, recognised word for word
    "declared",  # one unambiguous name and no text
    "several",  # more than one licence, none of which outranks the others
    "variant",  # a text that is almost a known licence
    "unrecognised",  # a text or a name that is no known licence
    "silent",  # nobody says anything
    "unseen",  # the places where it would stand could not be looked at
]

_OWN_TEXT, _CARD_WORDS, _REPOSITORY_FILE, _TEXT_IN_CARD, _COPIED = 1, 2, 3, 4, 6
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


@dataclass(frozen=True, slots=True)
class Terms:
    """The licence that governs `component`, how it was found, and the sightings that disagree with it.

    `known` are the table's entries that the `rivals` name; `unread` are licence-like texts that could not be read and
    may be what governs.
    """

    component: Component
    state: State
    licences: tuple[Licence, ...]
    governing: tuple[Sighting, ...]
    rivals: tuple[Sighting, ...]
    steps: tuple[str, ...]
    conflicts: tuple[Finding, ...]
    known: tuple[Licence, ...] = ()
    unread: tuple[Unseen, ...] = ()

    @property
    def basis(self) -> Basis:
        """How it is known."""
        match self.state:
            case "read" | "variant":
                return "licence text"
            case "declared" | "several":
                return "declared by publisher"
            case _:
                return "inferred"

    @property
    def where(self) -> tuple[Where, ...]:
        """The places of the governing sightings."""
        return tuple(sighting.where for sighting in self.governing)

    @property
    def settled(self) -> bool:
        """One licence is known and nothing contradicts it."""
        return self.state in {"read", "declared"} and not self.rivals and not self.unread

    @property
    def unrecognised(self) -> tuple[Sighting, ...]:
        """The governing sightings that name no licence of the table."""
        known = {licence.key for licence in self.licences}
        return tuple(sighting for sighting in self.governing if not sighting.keys or set(sighting.keys) - known)

    @property
    def name(self) -> str:
        """What to call it in a sentence."""
        if self.state == "unrecognised":
            claim = next((sighting.claim for sighting in self.unrecognised if sighting.claim), None)
            return f"the unrecognised licence “{claim.name}”" if claim else "an unrecognised text"
        if self.licences:
            names = " or ".join(licence.name for licence in self.licences)
            return f"a variant of {names}" if self.state == "variant" else names
        return "no licence" if self.state == "silent" else "an unseen licence"


def resolve(evidence: Evidence, component: Component, table: LicenceTable) -> Terms:
    """Find what governs `component` of the repository."""
    sightings = sorted(_sightings(evidence, component), key=lambda sighting: sighting.rank)
    telling = [sighting for sighting in sightings if not sighting.says_nothing]
    if not telling:
        return _without_sighting(evidence, component, sightings)
    if telling[0].rank == _COPIED:
        return _copied(evidence, component, telling, table)
    top = _governing(telling)
    keys = _without_families(dict.fromkeys(key for sighting in top for key in sighting.keys), table)
    licences = tuple(found for found in map(table.get, keys) if found is not None)
    state = _state(top, keys, licences)
    lower = [other for other in telling if other.rank > top[0].rank and _may_contradict(component, top[0], other)]
    own = _own_names(evidence, top)
    rivals = tuple(other for other in lower if other.claim not in own and _disagree(other, licences, keys, table))
    if state == "read" and len(top) > 1:
        state, rivals = _one_text(top, state, rivals)
    return Terms(
        component=component,
        state=state,
        licences=licences,
        governing=top,
        rivals=rivals,
        steps=tuple(_step(sighting, top) for sighting in sightings),
        conflicts=_conflicts(top, rivals, keys, state, table),
        known=tuple(found for rival in rivals for found in map(table.get, rival.keys) if found is not None),
        unread=_unread_texts(evidence),
    )


def _copied(evidence: Evidence, component: Component, telling: list[Sighting], table: LicenceTable) -> Terms:
    """What a converter wrote into the weights is no grant by their publisher: it lowers, and opens nothing."""
    known = tuple(found for sighting in telling for found in map(table.get, sighting.keys) if found is not None)
    steps = tuple(_step(sighting, ()) for sighting in telling)
    unread = _unread_texts(evidence)
    return Terms(component, "unrecognised", (), tuple(telling), tuple(telling), steps, (), known, unread)


def _may_contradict(component: Component, top: Sighting, other: Sighting) -> bool:
    """A component's own file beside the repository's licence, or the model's tag, is a division of labour."""
    if top.rank != _OWN_TEXT:
        return True
    return other.rank == _CARD_WORDS if component != "weights" else other.rank != _REPOSITORY_FILE


def _governing(telling: list[Sighting]) -> tuple[Sighting, ...]:
    """The sightings of the highest rank; where the card's words name what a licence file holds, the file itself."""
    top = tuple(sighting for sighting in telling if sighting.rank == telling[0].rank)
    named = {key for sighting in top for key in sighting.keys}
    files = tuple(other for other in telling if other.text and other.rank == _REPOSITORY_FILE and other.keys)
    told = top[0].rank == _CARD_WORDS and bool(named) and any(named == set(file.keys) for file in files)
    return tuple(file for file in files if named == set(file.keys)) if told else top


def _without_families(keys: Iterable[str], table: LicenceTable) -> tuple[str, ...]:
    """Leave out a family's name beside the name of one of its members: both say the same."""
    known = [(key, table.get(key)) for key in keys]
    members = [licence for _, licence in known if licence and not is_family(licence)]
    return tuple(
        key
        for key, licence in known
        if not (licence and is_family(licence) and any(in_family(member, licence) for member in members))
    )


def _own_names(evidence: Evidence, top: tuple[Sighting, ...]) -> tuple[LicenceClaim, ...]:
    """Names that nobody knows and that the metadata's own link explains: it leads to the governing text."""
    claims = evidence.licence_claims
    links = {link_target(claim.name) for claim in claims if claim.source == "licence link"}
    if not any(sighting.text and sighting.where.path in links for sighting in top):
        return ()
    return tuple(claim for claim in claims if claim.source in {"front matter", "licence name"} and not claim.keys)


def _one_text(
    top: tuple[Sighting, ...], state: State, rivals: tuple[Sighting, ...]
) -> tuple[State, tuple[Sighting, ...]]:
    same = len({sighting.keys for sighting in top}) == 1
    return (state, rivals) if same else ("several", rivals)


def _without_sighting(evidence: Evidence, component: Component, sightings: list[Sighting]) -> Terms:
    unread = why_unread(evidence) is not None or isinstance(evidence.files, Unknown)
    unseen = unread or bool(_unread_texts(evidence))
    state: State = "unrecognised" if sightings else "unseen" if unseen else "silent"
    steps = tuple(_step(sighting, ()) for sighting in sightings) or (
        "The card, its metadata, the file list and the gate name no licence."
        if state == "silent"
        else "The places where a licence would stand could not be read.",
    )
    return Terms(component, state, (), tuple(sightings), (), steps, ())


def _unread_texts(evidence: Evidence) -> tuple[Unseen, ...]:
    """The texts of the repository that may hold its licence and could not be read whole."""
    listed = (item for item in evidence.unseen if is_licence_like(item.what) or "licence" in item.what.lower())
    return tuple(item for item in listed if licence_component(item.what) != "docs")


def _sightings(evidence: Evidence, component: Component) -> Iterable[Sighting]:
    for text in evidence.licence_texts:
        rank = _text_rank(text, component)
        if rank is not None:
            yield from _of_text(text, rank)
    for claim in evidence.licence_claims:
        rank = _claim_rank(claim, component)
        if rank is not None:
            yield Sighting(rank, _claim_title(claim), claim.keys, exact=False, where=claim.where, claim=claim)


def _of_text(text: LicenceText, rank: int) -> Iterable[Sighting]:
    keys = tuple(dict.fromkeys(match.key for match in text.matches))
    exact = bool(text.matches) and all(match.match == "exact" for match in text.matches) and text.residue_words == 0
    yield Sighting(rank, f"the text {text.where.path}", keys, exact=exact, where=text.where, text=text)


def _text_rank(text: LicenceText, component: Component) -> int | None:
    if text.where.path.lower().startswith("readme") and text.component in {component, "any"}:
        return _TEXT_IN_CARD
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
        case "card statement" | "file header":
            return 2 if claim.component == component else 5
        case "gate prompt":
            return 4
        case "front matter" | "licence name":
            return 5
        case "licence link":
            return 5 if claim.keys else None
        case "gguf metadata":
            return _COPIED


def _claim_title(claim: LicenceClaim) -> str:
    titles = {
        "front matter": f"the tag `license: {claim.name}`",
        "licence name": f"the tag `license_name: {claim.name}`",
        "licence link": f"the tag `license_link: {claim.name}`",
        "card statement": f"the card's words “{claim.name}”",
        "gate prompt": f"the gate's prompt “{claim.name}”",
        "file header": f"the header “{claim.name}” in {claim.where.path}",
        "gguf metadata": f"the metadata “{claim.name}” in {claim.where.path}",
    }
    return titles.get(claim.source, claim.name)


def _state(top: tuple[Sighting, ...], keys: tuple[str, ...], licences: tuple[Licence, ...]) -> State:
    if not keys or not all(sighting.keys for sighting in top) or len(licences) < len(keys):
        return "unrecognised"
    texts = [sighting for sighting in top if sighting.text]
    if texts:
        return "read" if all(sighting.exact for sighting in texts) and len(keys) == 1 else _inexact(texts, keys)
    return "declared" if len(keys) == 1 and not is_family(licences[0]) else "several"


def _inexact(texts: list[Sighting], keys: tuple[str, ...]) -> State:
    return "several" if len(keys) > 1 and all(sighting.exact for sighting in texts) else "variant"


def _disagree(other: Sighting, licences: tuple[Licence, ...], keys: tuple[str, ...], table: LicenceTable) -> bool:
    """Whether a sighting of lower rank contradicts. A name that nobody knows speaks against free terms alone."""
    if other.text is not None and not other.exact:
        free = any(licence.osi.approved or licence.permissive for licence in licences)
        return free or not set(other.keys) & set(keys)
    if not other.keys:
        return any(licence.osi.approved or licence.permissive for licence in licences)
    return not any(_compatible(ours, theirs, table) for ours in keys for theirs in other.keys)


def _compatible(ours: str, theirs: str, table: LicenceTable) -> bool:
    """The same licence, or a family tag whose family the licence belongs to."""
    family, member = table.get(theirs), table.get(ours)
    return ours == theirs or (
        family is not None and member is not None and is_family(family) and in_family(member, family)
    )


def is_family(licence: Licence) -> bool:
    """Whether the entry stands for a family tag of the Hub, which names no version."""
    return licence.category == "family tag" or licence.key in _RAIL_FAMILY


def in_family(licence: Licence, family: Licence) -> bool:
    """Whether the licence is one of those that the family tag may mean."""
    if family.key in _RAIL_FAMILY:
        return licence.category == "RAIL"
    return licence.key != family.key and re.match(rf"{re.escape(family.key)}[-\d]", licence.key) is not None


def _step(sighting: Sighting, top: tuple[Sighting, ...]) -> str:
    names = ", ".join(sighting.keys) or "no known licence"
    manner = ""
    if sighting.text:
        manner = " word for word" if sighting.exact else f" with {sighting.text.residue_words} words that differ"
    governs = " This governs." if sighting in top else ""
    return f"{sighting.title[:1].upper()}{sighting.title[1:]} names {names}{manner}.{governs}"


def _conflicts(
    top: tuple[Sighting, ...], rivals: tuple[Sighting, ...], keys: tuple[str, ...], state: State, table: LicenceTable
) -> tuple[Finding, ...]:
    found = [
        Finding(_conflict_kind(top[0], rival), _conflict_words(top[0], rival, keys), (top[0].where, rival.where))
        for rival in rivals
    ]
    if len(top) > 1 and (len(keys) > 1 or (keys and not all(sighting.keys for sighting in top))):
        kind = "text-text" if all(sighting.text for sighting in top) else "card-tag"
        words = " and ".join(f"{sighting.title} ({', '.join(sighting.keys) or 'unrecognised'})" for sighting in top[:4])
        found.append(Finding(kind, f"The sources disagree: {words}.", tuple(sighting.where for sighting in top[:4])))
    family = next((licence for licence in map(table.get, keys) if licence and is_family(licence)), None)
    if state == "several" and family:
        words = f"The tag “{family.key}” names a family of licences and no version, so no text is known to govern."
        found.append(Finding("tag-family", words, tuple(sighting.where for sighting in top[:1])))
    return tuple(found)


def _conflict_kind(top: Sighting, rival: Sighting) -> str:
    if top.text and rival.text:
        return "text-text"
    name = {
        "front matter": "tag",
        "licence name": "tag",
        "licence link": "tag",
        "gate prompt": "gate",
        "gguf metadata": "gguf",
    }
    other = name.get(rival.claim.source, "card") if rival.claim else "text"
    if top.text:
        return f"{other}-text"
    return f"{name.get(top.claim.source, 'card') if top.claim else 'text'}-{other}"


def _conflict_words(top: Sighting, rival: Sighting, keys: tuple[str, ...]) -> str:
    ours = ", ".join(keys) or "a licence that is not recognised"
    theirs = ", ".join(rival.keys) or "a licence that is not recognised"
    words = f"{top.title} is {ours}, while {rival.title} is {theirs}."
    return words[:1].upper() + words[1:]


def licences_said(evidence: Evidence) -> bool:
    """Whether any tag, text, statement or prompt speaks of a licence, known or not; what a converter wrote is none."""
    claims = (claim for claim in evidence.licence_claims if claim.source != "gguf metadata")
    telling = [claim for claim in claims if not set(claim.keys) & {"none"}]
    return bool(telling or evidence.licence_texts)
