"""Who governs a component: the licence resolved from texts and claims, and what contradicts it.

Order (RUBRIC, "Licence" in W, D, T): component file, card statement about that component, repository licence file,
gate prompt, front matter, none. A text outranks every name; a name can lower what a text gives, never raise it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeAlias

from osaudit.checks.cards import why_unread
from osaudit.checks.choice import best_of, choices_of, joining
from osaudit.checks.disagree import Pair, disagreement
from osaudit.checks.governing import governing
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
from osaudit.frozen import dataclass
from osaudit.licences.table import Licence, LicenceTable
from osaudit.licences.worded import Choices, spdx_id, worded
from osaudit.once import once, worked_field
from osaudit.verdict import Basis, Finding

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
    worked: dict[Any, Any] = worked_field()

    @once
    def chosen_from(self) -> str:
        """The expression that leaves a choice, in words; empty where nothing was chosen."""
        chosen = len(self.choices) > 1 and self.state in KNOWN
        return worded(self.choices) if chosen else ""

    @once
    def expression(self) -> str:
        """The SPDX expression of what is judged, choice and all; empty where there is none, or a part has no id."""
        has_ids = all(spdx_id(key) for choice in self.choices for key in choice)
        stands = self.choices and self.state in KNOWN
        return worded(self.choices) if stands and has_ids else ""

    @once
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

    @once
    def where(self) -> tuple[Where, ...]:
        """The places of the governing sightings."""
        return tuple(sighting.where for sighting in self.governing)

    @once
    def settled(self) -> bool:
        """The licence is known, or each of those that hold together, and nothing contradicts it.

        A name of an approved licence beside a text that closes, or beside the card's word for the weights that does, is
        a conflict, and leaves what closes as it is.
        """
        return self.state in KNOWN and not self.unread and (not self.rivals or self._stands_above_names())

    def _stands_above_names(self) -> bool:
        """Whether a text governs that closes, or a word for the weights, and approved names alone contradict it."""
        known = {licence.key: licence for licence in self.known}
        keys = {key for rival in self.rivals for key in rival.keys}
        names = all(rival.text is None and rival.keys for rival in self.rivals)
        free = any(licence.osi.approved or licence.permissive for licence in self.licences)
        approved = all(key in known and known[key].osi.approved and not is_family(known[key]) for key in keys)
        of_weights = all(one.rank == CARD_WORDS and one.claim is not None for one in self.governing)
        return (self.state == "read" or (self.state == "declared" and of_weights)) and not free and names and approved

    @once
    def unrecognised(self) -> tuple[Sighting, ...]:
        """The governing sightings that name no licence of the table."""
        known = {licence.key for licence in self.licences}
        return tuple(sighting for sighting in self.governing if not sighting.keys or set(sighting.keys) - known)

    @once
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


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is seen of a component's licence: all sightings in the order of rank, and those that tell something."""

    evidence: Evidence
    component: Component
    table: LicenceTable
    sightings: tuple[Sighting, ...]
    telling: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table by which terms are resolved: its name, when it fits, and what then governs."""

    name: str
    fits: Callable[[_Seen], bool]
    terms: Callable[[_Seen], Terms]


def resolve(evidence: Evidence, component: Component, table: LicenceTable) -> Terms:
    """Find what governs `component` of the repository."""
    sightings = tuple(sorted(sightings_of(evidence, component, table), key=lambda sighting: sighting.rank))
    telling = tuple(sighting for sighting in sightings if not sighting.says_nothing)
    seen = _Seen(evidence, component, table, sightings, telling)
    return next(rule for rule in RULES if rule.fits(seen)).terms(seen)


def _ranked(seen: _Seen) -> Terms:
    """What the sightings of the highest rank name, and which of the others contradict them."""
    component, telling, table = seen.component, seen.telling, seen.table
    top = governing(telling, table)
    keys = _without_families(dict.fromkeys(key for sighting in top for key in sighting.keys), table)
    choices = choices_of(top, telling, keys)
    taken = best_of(choices, table) or keys
    licences = tuple(found for found in map(table.get, taken) if found is not None)
    joined = taken in choices
    state = _state(top, taken, licences, joined=joined)
    own = _own_names(seen.evidence, top)
    lower = (other for other in telling if _is_below(other, top) and _may_contradict(component, top[0], other))
    told = ((other, disagreement(Pair(other, licences, keys, table))) for other in lower if other.claim not in own)
    contradicting = tuple((other, rule) for other, rule in told if rule)
    rivals = tuple(other for other, _ in contradicting)
    if state == "read" and not choices and len({sighting.keys for sighting in top}) > 1:
        state = "several"
    return Terms(
        component=component,
        state=state,
        licences=licences,
        governing=top,
        rivals=rivals,
        steps=(*(_step(sighting, top) for sighting in seen.sightings), *joining(choices, licences if joined else ())),
        conflicts=_conflicts(top, contradicting, keys, state, table, joined=bool(choices)),
        known=tuple(found for rival in rivals for found in map(table.get, rival.keys) if found is not None),
        unread=_unread_texts(seen.evidence),
        choices=choices,
    )


def _is_below(other: Sighting, top: tuple[Sighting, ...]) -> bool:
    """Whether a sighting is of lower rank than what governs, or names the file that governs in its place."""
    return other not in top and (other.rank > top[0].rank or (other.claim is not None and bool(other.claim.links)))


def _no_grant(seen: _Seen) -> Terms:
    """What a converter wrote into the weights, or a picture, is no grant by their publisher: it lowers alone."""
    telling = seen.telling
    known = tuple(found for sighting in telling for found in map(seen.table.get, sighting.keys) if found is not None)
    steps = tuple(_step(sighting, ()) for sighting in telling)
    unread = _unread_texts(seen.evidence)
    return Terms(seen.component, "unrecognised", (), telling, telling, steps, (), known, unread)


def _may_contradict(component: Component, top: Sighting, other: Sighting) -> bool:
    """A component's own file beside the repository's licence, or the model's tag, is a division of labour."""
    if top.rank != OWN_TEXT:
        return True
    return other.rank == CARD_WORDS if component != "weights" else other.rank != REPOSITORY_FILE


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
    """Names that nobody knows and that the governing text explains: they, or the metadata, link to it."""
    claims = evidence.licence_claims
    if top[0].text and top[0].rank == OWN_TEXT:
        return tuple(claim for claim in claims if not claim.keys and claim.name.lower().startswith("model licen"))
    paths = {sighting.where.path for sighting in top if sighting.text}
    linked = tuple(claim for claim in claims if claim.links in paths and not claim.keys)
    links = {link_target(claim.name) for claim in claims if claim.source == "licence link"}
    if not paths & links:
        return linked
    tags = tuple(claim for claim in claims if claim.source in {"front matter", "licence name"} and not claim.keys)
    return (*tags, *linked)


def _nothing_told(seen: _Seen) -> Terms:
    """Nobody tells a licence: all is silent, or the places where one would stand were not seen."""
    evidence = seen.evidence
    unread = why_unread(evidence) is not None or isinstance(evidence.files, Unknown)
    unseen = unread or bool(_unread_texts(evidence)) or _stands_elsewhere(evidence)
    state: State = "unrecognised" if seen.sightings else "unseen" if unseen else "silent"
    steps = tuple(_step(sighting, ()) for sighting in seen.sightings) or (
        "The card, its metadata, the file list and the gate name no licence."
        if state == "silent"
        else "The places where a licence would stand could not be read.",
    )
    return Terms(seen.component, state, (), seen.sightings, (), steps, ())


RULES: tuple[Rule, ...] = (
    Rule("nobody-tells-one", lambda seen: not seen.telling, _nothing_told),
    Rule("copied-by-a-converter", lambda seen: seen.telling[0].rank == COPIED, _no_grant),
    Rule("shown-by-a-badge-alone", lambda seen: all(map(_is_badge, seen.telling)), _no_grant),
    Rule("by-rank", lambda seen: bool(seen.telling), _ranked),
)


def _is_badge(sighting: Sighting) -> bool:
    return sighting.claim is not None and sighting.claim.source == "badge"


def _stands_elsewhere(evidence: Evidence) -> bool:
    """Whether the card sends its readers to terms outside the repository, which were not read."""
    return any(item.what.startswith(("http://", "https://")) for item in evidence.unseen)


def _unread_texts(evidence: Evidence) -> tuple[Unseen, ...]:
    """The texts of the repository that may hold its licence and could not be read whole."""
    if not evidence.unseen:
        return ()
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


def _step(sighting: Sighting, top: tuple[Sighting, ...]) -> str:
    names = ", ".join(sighting.keys) or "no known licence"
    manner = ""
    if sighting.text:
        manner = " word for word" if sighting.exact else f" with {sighting.text.residue_words} words that differ"
    governs = " This governs." if sighting in top else ""
    return f"{sighting.title[:1].upper()}{sighting.title[1:]} names {names}{manner}.{governs}"


def _conflicts(
    top: tuple[Sighting, ...],
    contradicting: tuple[tuple[Sighting, str], ...],
    keys: tuple[str, ...],
    state: State,
    table: LicenceTable,
    *,
    joined: bool,
) -> tuple[Finding, ...]:
    found = [
        Finding(_conflict_kind(top[0], rival), _conflict_words(top[0], rival, keys), (top[0].where, rival.where), rule)
        for rival, rule in contradicting
    ]
    if len(top) > 1 and not joined and (len(keys) > 1 or (keys and not all(sighting.keys for sighting in top))):
        kind = "text-text" if all(sighting.text for sighting in top) else "card-tag"
        words = " and ".join(f"{sighting.title} ({', '.join(sighting.keys) or 'unrecognised'})" for sighting in top[:4])
        places = tuple(sighting.where for sighting in top[:4])
        found.append(Finding(kind, f"The sources disagree: {words}.", places, "sources-side-by-side"))
    family = next((licence for licence in map(table.get, keys) if licence and is_family(licence)), None)
    if state == "several" and family:
        words = f"The tag “{family.key}” names a family of licences and no version, so no text is known to govern."
        found.append(Finding("tag-family", words, (top[0].where,), "family-without-version"))
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
        "settings": "settings",
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
    claims = (claim for claim in evidence.licence_claims if claim.source not in {"gguf metadata", "settings"})
    telling = [claim for claim in claims if not set(claim.keys) & {"none"}]
    return bool(telling or evidence.licence_texts)
