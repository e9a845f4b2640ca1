"""What the words of evidence say besides, read once while it is made, so that no check reads words.

Every reader leaves its findings with their quotes; what a check has to know of a quote, of a gate's prompt or of a
policy's text is told here and stands in the evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from osaudit.compiled import regex
from osaudit.evidence import About, Card, Evidence, Fact, Gate, LicenceText, Restriction, Seen, Statement, Where
from osaudit.licences.names import names_in
from osaudit.licences.restrictions import restrictions_in
from osaudit.reading.licensing.gate import quoting
from osaudit.reading.page.places import Document

MAX_POLICY = 10_000
"""Characters of a policy whose words are counted."""

_WORD = regex(r"[A-Za-z0-9'’-]+|[^\W\d_]")
"""A word of Latin letters, or a letter of any other script, which may write a sentence without a space."""
_PERSONAL = ("name", "email", "e-mail", "phone", "affiliation", "company", "country", "birth", "job")
_ABOUT: Mapping[About, re.Pattern[str]] = {
    "trade": regex(r"(?i)commercial|\bcompan|\bbusiness|\benterprise|商"),
    "more than text": regex(r"(?i)multimodal"),
    "study": regex(
        r"(?is)^(?=.*(?:\b(?:only|solely|exclusively|strictly|purely|restricted|limited|free|welcome|licen[cs]ed)\b|仅|只|のみ))"
        r"(?=.*(?:\b(?:research|academ|scien|stud(?:y|ies|ents?)|educat|evaluat|non-?profit|universit|demonstrat)|"
        r"\b(?:personal|private|internal|hobby) (?:use|purpos|evaluat|test|project)|研究|学术|教育|科研))"
    ),
    "details": regex(r"(?i)\b(?:details?|more information|describe[ds]?|documented|technical report|data ?sheet)\b"),
}
_ASKED: Mapping[str, tuple[About, ...]] = {
    "registration_required": ("trade",),
    "field_of_use_restriction": ("study",),
    "unclear-terms": ("trade",),
    "geographic_exclusion": ("more than text",),
    "paper": ("details",),
}
"""What is asked of a finding's words, by its flag or kind: what no check asks is not told."""


def with_findings(evidence: Evidence, card: Document | None = None) -> Evidence:
    """The evidence of one repository with what its words say besides; that of others in it is left as it is.

    `card` is the card itself, where it is at hand, so that a prompt's words are placed by their lines.
    """
    return replace(
        evidence,
        card=_of_card(evidence.card),
        gate=_of_gate(evidence, card),
        licence_texts=texts_with_findings(evidence.licence_texts),
    )


def texts_with_findings(texts: Iterable[LicenceText]) -> tuple[LicenceText, ...]:
    """Licence texts with the length of policies, and the flags of all beside which a policy stands."""
    held = tuple(texts)
    beside_policy = any(text.component == "policy" for text in held)
    return tuple(_of_text(text, flags=beside_policy) for text in held)


def _of_text(text: LicenceText, *, flags: bool) -> LicenceText:
    told = tuple(replace(hit, about=_about(hit.flag, hit.where)) for hit in text.restrictions)
    words = text.text.value if isinstance(text.text, Seen) else None
    if words is None:
        return replace(text, restrictions=told)
    return replace(
        text,
        restrictions=told,
        flags=tuple(dict.fromkeys(hit.flag for hit in restrictions_in(words))) if flags else (),
        words=len(_WORD.findall(words[:MAX_POLICY])) if text.component == "policy" else 0,
    )


def _of_card(card: Fact[Card]) -> Fact[Card]:
    if not isinstance(card, Seen):
        return card
    return replace(card, value=replace(card.value, statements=tuple(map(_of_statement, card.value.statements))))


def _of_statement(said: Statement) -> Statement:
    names = names_in(said.value) if said.kind == "generated-data" else ()
    keys = tuple(dict.fromkeys(key for hit in names for key in hit.keys))
    return replace(said, keys=said.keys or keys, about=_about(_asked_as(said), said.where))


def _asked_as(said: Statement) -> str:
    return said.value if said.kind == "restriction" else said.kind


def _of_gate(evidence: Evidence, card: Document | None) -> Fact[Gate]:
    match evidence.gate:
        case Seen(gate, where):
            asked = tuple(field for field in gate.fields if any(word in field.casefold() for word in _PERSONAL))
            return Seen(replace(gate, personal=asked, restrictions=_of_prompt(evidence, gate, where, card)), where)
        case _:
            return evidence.gate


def _of_prompt(
    evidence: Evidence, gate: Gate, gate_where: tuple[Where, ...], card: Document | None
) -> tuple[Restriction, ...]:
    """The prompt's words that restrict, each at the prompt's place."""
    if not isinstance(gate.prompt, Seen):
        return ()
    commit = evidence.commit.value if isinstance(evidence.commit, Seen) else None
    place = next(iter((*gate.prompt.where, *gate_where)), Where(evidence.ref.path, commit, "README.md"))
    hits = restrictions_in(gate.prompt.value)
    quoted = tuple(Restriction(hit.flag, quoting(place, hit.quote, card), hit.rule, hit.confidence) for hit in hits)
    return tuple(replace(hit, about=_about(hit.flag, hit.where)) for hit in quoted)


def _about(asked: str, where: Where) -> tuple[About, ...]:
    return tuple(one for one in _ASKED.get(asked, ()) if _ABOUT[one].search(where.quote or ""))
