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
from osaudit.checks.choice import best_of, choices_of, joining
from osaudit.checks.sightings import (
    CARD_WORDS,
    COPIED,
    OWN_TEXT,
    REPOSITORY_FILE,
    Sighting,
    in_family,
    is_family,
    sightings_of,
)
from osaudit.evidence import Component, Evidence, LicenceClaim, Unknown, Unseen, Where
from osaudit.files import is_licence_like, licence_component, link_target
from osaudit.licences.table import CRITERIA, Licence, LicenceTable
from osaudit.licences.worded import Choices, spdx_id, worded
from osaudit.verdict import Basis, Finding

_DIGIT = re.compile(r"\d")

State: TypeAlias = Literal[
    "read",  # one licence text, recognised word for word
    "declared",  # one unambiguous name and no text
    "joint",  # more than one licence, all of which hold
    "several",  # more than one licence, none of which outranks the others
    "variant",  # a text that is almost a known licence
    "unrecognised",  # a text or a name that is no known licence
    "silent",  # nobody says anything
    "unseen",  # the places where it would stand could not be looked at
]


KNOWN: frozenset[State] = frozenset({"read", "declared", "joint"})
"""The states in which it is known which licence governs, or which ones together."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The licence that governs `component`, how it was found, and the sightings that disagree with it.

    `known` are the table's entries that the `rivals` name; `unread` are licence-like texts that could not be read and
    may be what governs. `choices` are what an expression joins: of its alternatives the one that is judged stands in
    `licences`.
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
    choices: Choices = ()

    @property
    def chosen_from(self) -> str:
        """The expression that leaves a choice, in words; empty where nothing was chosen."""
        chosen = len(self.choices) > 1 and self.state in KNOWN
        return worded(self.choices) if chosen else ""

    @property
    def expression(self) -> str:
        """The SPDX expression of what is judged, choice and all; empty where there is none, or a part has no id."""
        has_ids = all(spdx_id(key) for choice in self.choices for key in choice)
        stands = self.choices and self.state in KNOWN
        return worded(self.choices) if stands and has_ids else ""

    @property
    def basis(self) -> Basis:
        """How it is known."""
        match self.state:
            case "read" | "variant":
                return "licence text"
            case "joint" if all(sighting.text for sighting in self.governing):
                return "licence text"
            case "declared" | "several" | "joint":
                return "declared by publisher"
            case _:
                return "inferred"

    @property
    def where(self) -> tuple[Where, ...]:
        """The places of the governing sightings."""
        return tuple(sighting.where for sighting in self.governing)

    @property
    def settled(self) -> bool:
        """The licence is known, or each of those that hold together, and nothing contradicts it."""
        return self.state in KNOWN and not self.rivals and not self.unread

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
            names = (" and " if self.state == "joint" else " or ").join(licence.name for licence in self.licences)
            names = f"{names}, chosen from {self.chosen_from}" if self.chosen_from else names
            return f"a variant of {names}" if self.state == "variant" else names
        return "no licence" if self.state == "silent" else "an unseen licence"


def resolve(evidence: Evidence, component: Component, table: LicenceTable) -> Terms:
    """Find what governs `component` of the repository."""
    sightings = sorted(sightings_of(evidence, component), key=lambda sighting: sighting.rank)
    telling = [sighting for sighting in sightings if not sighting.says_nothing]
    if not telling:
        return _without_sighting(evidence, component, sightings)
    if telling[0].rank == COPIED:
        return _copied(evidence, component, telling, table)
    top = _sharpened(_governing(telling), telling, table)
    keys = _without_families(dict.fromkeys(key for sighting in top for key in sighting.keys), table)
    choices = choices_of(top, telling, keys)
    taken = best_of(choices, table) or keys
    licences = tuple(found for found in map(table.get, taken) if found is not None)
    joined = taken in choices
    state = _state(top, taken, licences, joined=joined)
    lower = [other for other in telling if other.rank > top[0].rank and _may_contradict(component, top[0], other)]
    own = _own_names(evidence, top)
    rivals = tuple(other for other in lower if other.claim not in own and _disagree(other, licences, keys, table))
    if state == "read" and len(top) > 1 and not choices:
        state, rivals = _one_text(top, state, rivals)
    return Terms(
        component=component,
        state=state,
        licences=licences,
        governing=top,
        rivals=rivals,
        steps=(*(_step(sighting, top) for sighting in sightings), *joining(choices, licences if joined else ())),
        conflicts=_conflicts(top, rivals, keys, state, table, joined=bool(choices)),
        known=tuple(found for rival in rivals for found in map(table.get, rival.keys) if found is not None),
        unread=_unread_texts(evidence),
        choices=choices,
    )


def _copied(evidence: Evidence, component: Component, telling: list[Sighting], table: LicenceTable) -> Terms:
    """What a converter wrote into the weights is no grant by their publisher: it lowers, and opens nothing."""
    known = tuple(found for sighting in telling for found in map(table.get, sighting.keys) if found is not None)
    steps = tuple(_step(sighting, ()) for sighting in telling)
    unread = _unread_texts(evidence)
    return Terms(component, "unrecognised", (), tuple(telling), tuple(telling), steps, (), known, unread)


def _may_contradict(component: Component, top: Sighting, other: Sighting) -> bool:
    """A component's own file beside the repository's licence, or the model's tag, is a division of labour."""
    if top.rank != OWN_TEXT:
        return True
    return other.rank == CARD_WORDS if component != "weights" else other.rank != REPOSITORY_FILE


def _governing(telling: list[Sighting]) -> tuple[Sighting, ...]:
    """The sightings of the highest rank; where the card's words name what a licence file holds, the file itself."""
    top = tuple(sighting for sighting in telling if sighting.rank == telling[0].rank)
    named = {key for sighting in top for key in sighting.keys}
    files = tuple(other for other in telling if other.text and other.rank == REPOSITORY_FILE and other.keys)
    told = top[0].rank == CARD_WORDS and bool(named) and any(named == set(file.keys) for file in files)
    return tuple(file for file in files if named == set(file.keys)) if told else top


def _sharpened(top: tuple[Sighting, ...], telling: list[Sighting], table: LicenceTable) -> tuple[Sighting, ...]:
    """A family's name ("CC BY-NC") means the member that another source names, where that one closes something."""
    families = [table.get(key) for sighting in top for key in sighting.keys]
    if not families or not all(family and is_family(family) for family in families):
        return top
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
    return tuple(other for other in members if other.rank == members[0].rank)[:1] or top


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
    """Names that nobody knows and that the governing text explains: the metadata links to it, or it is the model's."""
    claims = evidence.licence_claims
    if top[0].text and top[0].rank == OWN_TEXT:
        return tuple(claim for claim in claims if not claim.keys and claim.name.lower().startswith("model licen"))
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
    unseen = unread or bool(_unread_texts(evidence)) or _stands_elsewhere(evidence)
    state: State = "unrecognised" if sightings else "unseen" if unseen else "silent"
    steps = tuple(_step(sighting, ()) for sighting in sightings) or (
        "The card, its metadata, the file list and the gate name no licence."
        if state == "silent"
        else "The places where a licence would stand could not be read.",
    )
    return Terms(component, state, (), tuple(sightings), (), steps, ())


def _stands_elsewhere(evidence: Evidence) -> bool:
    """Whether the card sends its readers to terms outside the repository, which were not read."""
    return any(item.what.startswith(("http://", "https://")) for item in evidence.unseen)


def _unread_texts(evidence: Evidence) -> tuple[Unseen, ...]:
    """The texts of the repository that may hold its licence and could not be read whole."""
    listed = (item for item in evidence.unseen if _may_hold_a_licence(item.what))
    return tuple(item for item in listed if licence_component(item.what) != "docs")


def _may_hold_a_licence(what: str) -> bool:
    """Whether something unseen may state the licence: a text by its name, or metadata that no parser can use."""
    return is_licence_like(what) or "licence" in what.lower() or what == "front matter"


def _state(top: tuple[Sighting, ...], keys: tuple[str, ...], licences: tuple[Licence, ...], *, joined: bool) -> State:
    if not keys or not all(sighting.keys for sighting in top) or len(licences) < len(keys):
        return "unrecognised"
    texts = [sighting for sighting in top if sighting.text]
    if joined and all(sighting.exact for sighting in texts):
        return "joint" if len(keys) > 1 else "read" if texts else "declared"
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
    unknown = [theirs for theirs in other.keys if not any(_compatible(ours, theirs, table) for ours in keys)]
    if other.claim and not _DIGIT.search(other.claim.name):
        unknown = [theirs for theirs in unknown if _stem(theirs) not in set(map(_stem, keys))]
    may_choose = other.claim is not None and len(other.claim.choices) > 1
    if not unknown:
        return False
    return len(unknown) == len(other.keys) or (not may_choose and any(_closes(key, licences, table) for key in unknown))


def _stem(key: str) -> str:
    """The key without its version: a name that tells no version may mean any ("the LLaMA licence")."""
    return key.rstrip("0123456789.-")


def _closes(key: str, licences: tuple[Licence, ...], table: LicenceTable) -> bool:
    """Whether a licence that a list or an AND names besides would close what the governing one leaves open."""
    beside = table.get(key)
    return beside is None or any(
        beside.verdict(number).v == "fail" and licence.verdict(number).v != "fail"
        for licence in licences
        for number in CRITERIA
    )


def _compatible(ours: str, theirs: str, table: LicenceTable) -> bool:
    """The same licence, or a family tag whose family the licence belongs to."""
    family, member = table.get(theirs), table.get(ours)
    return ours == theirs or (
        family is not None and member is not None and is_family(family) and in_family(member, family)
    )


def _step(sighting: Sighting, top: tuple[Sighting, ...]) -> str:
    names = ", ".join(sighting.keys) or "no known licence"
    manner = ""
    if sighting.text:
        manner = " word for word" if sighting.exact else f" with {sighting.text.residue_words} words that differ"
    governs = " This governs." if sighting in top else ""
    return f"{sighting.title[:1].upper()}{sighting.title[1:]} names {names}{manner}.{governs}"


def _conflicts(
    top: tuple[Sighting, ...],
    rivals: tuple[Sighting, ...],
    keys: tuple[str, ...],
    state: State,
    table: LicenceTable,
    *,
    joined: bool,
) -> tuple[Finding, ...]:
    found = [
        Finding(_conflict_kind(top[0], rival), _conflict_words(top[0], rival, keys), (top[0].where, rival.where))
        for rival in rivals
    ]
    if len(top) > 1 and not joined and (len(keys) > 1 or (keys and not all(sighting.keys for sighting in top))):
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
