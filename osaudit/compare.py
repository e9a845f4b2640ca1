"""What changed between two audits: label, score, licences, words of the card, texts, conflicts, cells. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from osaudit.evidence import Evidence, LicenceClaim, LicenceText, Seen, Unknown
from osaudit.files import is_licence_like
from osaudit.frozen import dataclass
from osaudit.verdict import Scorecard

Audit: TypeAlias = tuple[Evidence, Scorecard]

TERMS = frozenset({"licence", "tag", "claim", "restriction", "gate", "text", "conflict"})
"""The kinds of change that are changes of the terms; the others may follow from them, or from anything else."""

_OF_DATA = "data"  # the licence of the data sets that the card names: other sets are no other terms of the model

_TAGS = frozenset({"front matter", "licence name"})


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: its kind (a line of `_SIDES`), its subject, and both sides in words."""

    kind: str
    subject: str
    before: str
    after: str


def changes(before: Audit, after: Audit) -> tuple[Change, ...]:
    """List the differences, the most telling first; empty where nothing that bears on openness changed."""
    return tuple(
        change
        for kind, side in _SIDES.items()
        for change in _differences(kind, (side(before), side(after)), (_missing(before), _missing(after)))
    )


def turns(audits: Sequence[Audit], marked: Container[int] = ()) -> tuple[tuple[int, tuple[Change, ...]], ...]:
    """Pick the audits, of one model over time, that begin other terms than the one picked before; the first always.

    Each comes as its index and all that changed since the one picked before it; those `marked` are picked anyhow.
    """
    picked: list[tuple[int, tuple[Change, ...]]] = []
    for index, audit in enumerate(audits):
        found = changes(audits[picked[-1][0]], audit) if picked else ()
        if not picked or index in marked or any(c.kind in TERMS and c.subject != _OF_DATA for c in found):
            picked.append((index, found))
    return tuple(picked)


def _differences(
    kind: str, sides: tuple[Mapping[str, str], Mapping[str, str]], missing: tuple[str, str]
) -> Iterator[Change]:
    before, after = sides
    for subject in dict.fromkeys((*before, *after)):
        one, two = before.get(subject, missing[0]), after.get(subject, missing[1])
        if one != two:
            yield Change(kind, subject, one, two)


def _missing(audit: Audit) -> str:
    """What is not named was not there only where it could be looked for."""
    evidence = audit[0]
    unseen = isinstance(evidence.card, Unknown) or isinstance(evidence.files, Unknown)
    return "not seen" if unseen else "not there"


def _label(audit: Audit) -> Mapping[str, str]:
    return {"label": audit[1].label.name}


def _score(audit: Audit) -> Mapping[str, str]:
    score = audit[1].score
    return {"score": f"{score.low:g}-{score.high:g}"}


def _licences(audit: Audit) -> Mapping[str, str]:
    return {component: f"{licence.name} ({licence.basis})" for component, licence in audit[1].licences}


def _tags(audit: Audit) -> Mapping[str, str]:
    tags = (claim for claim in audit[0].licence_claims if claim.source in _TAGS)
    return _joined((claim.source, claim.name) for claim in tags)


def _claims(audit: Audit) -> Mapping[str, str]:
    """What names a licence beside the tags; another spelling of the same name is no change."""
    claims = (claim for claim in audit[0].licence_claims if claim.source not in _TAGS)
    return _joined((f"{claim.source}, {claim.component}", _meant(claim)) for claim in claims)


def _meant(claim: LicenceClaim) -> str:
    return " or ".join(claim.keys) or claim.name


def _restrictions(audit: Audit) -> Mapping[str, str]:
    card = audit[0].card
    spoken = card.value.statements if isinstance(card, Seen) else ()
    flags = ((said.value, said) for said in spoken if said.kind == "restriction")
    duties = (("a duty", said) for said in spoken if said.kind == "requirement")
    return _joined((subject, f"“{said.where.quote or said.value}”") for subject, said in (*flags, *duties))


def _gate(audit: Audit) -> Mapping[str, str]:
    gate = audit[0].gate
    if not isinstance(gate, Seen):
        return {}
    told = {"mode": gate.value.mode, "questions": ", ".join(gate.value.fields)}
    if isinstance(gate.value.prompt, Seen):
        told["prompt"] = f"{len(gate.value.prompt.value.split())} words, sha256 {_short_hash(gate.value.prompt.value)}"
    if gate.value.eu_disallowed:
        told["European Union"] = "refused"
    return {subject: words for subject, words in told.items() if words}


def _texts(audit: Audit) -> Mapping[str, str]:
    evidence = audit[0]
    unread = ((unseen.what, f"not read ({unseen.why})") for unseen in evidence.unseen if is_licence_like(unseen.what))
    read = (
        (text.where.path, f"{_named(text)}, sha256 {_text_hash(evidence, text)}") for text in evidence.licence_texts
    )
    return _joined((*read, *unread))


def _named(text: LicenceText) -> str:
    names = (f"{'' if match.match == 'exact' else 'a variant of '}{match.key}" for match in text.matches)
    return ", ".join(dict.fromkeys(names)) or "no known licence"


def _text_hash(evidence: Evidence, text: LicenceText) -> str:
    """A text that stands inside the card is known by its own words: the file around it changes more often."""
    card = evidence.card
    if isinstance(card, Seen) and card.value.where.path == text.where.path and isinstance(text.text, Seen):
        return _short_hash(text.text.value)
    return (text.where.sha256 or "unknown")[:12]


def _short_hash(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def _bases(audit: Audit) -> Mapping[str, str]:
    return {base.name: base.relation for base in audit[0].bases}


def _conflicts(audit: Audit) -> Mapping[str, str]:
    return _joined((conflict.kind, conflict.because) for conflict in audit[1].conflicts)


def _cells(audit: Audit) -> Mapping[str, str]:
    return {
        f"{verdict.criterion}/{verdict.facet}": f"{verdict.answer.outcome}: {verdict.answer.because}"
        for verdict in audit[1].verdicts
    }


def _joined(told: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Gather what is said of each subject, in an order that the order of saying does not change."""
    gathered: dict[str, set[str]] = {}
    for subject, words in told:
        gathered.setdefault(subject, set()).add(words)
    return {subject: "; ".join(sorted(words)) for subject, words in gathered.items()}


_SIDES: Mapping[str, Callable[[Audit], Mapping[str, str]]] = {
    "label": _label,
    "score": _score,
    "licence": _licences,
    "tag": _tags,
    "claim": _claims,
    "restriction": _restrictions,
    "gate": _gate,
    "text": _texts,
    "base": _bases,
    "conflict": _conflicts,
    "cell": _cells,
}
