"""What one limit of a licence means for one use by one adopter."""

from __future__ import annotations

from typing import Literal, TypeAlias

from osaudit.adopter import Adopter
from osaudit.checks.case import Case
from osaudit.checks.duties import Governed
from osaudit.checks.kind import is_multimodal
from osaudit.evidence import Where
from osaudit.frozen import dataclass
from osaudit.licences.grants import Limit, LimitKind, load_vocabulary
from osaudit.verdict import MayAnswer

Standing: TypeAlias = Literal["over", "under", "open"]

MONTHS = 12
FLAGS: dict[str, tuple[str, ...]] = {
    "purpose": ("non_commercial",),
    "threshold": ("user_threshold", "revenue_threshold"),
    "territory": ("geographic_exclusion",),
    "field": ("field_of_use_restriction", "acceptable_use_policy"),
    "permission": ("registration_required", "non_commercial"),
    "registration": ("registration_required",),
    "hosting": ("hosting_restriction",),
    "no-redistribution": ("no_redistribution",),
    "no-derivatives": ("no_derivatives",),
    "outputs-training": ("output_use_restriction",),
    "outputs-commercial": ("output_use_restriction", "non_commercial"),
}
"""The kinds of restricting words in a text that tell of each kind of limit."""
_BY_CLAUSE = frozenset({"field", "outputs-training"})


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that bears on a use: the answer it leaves at best, a sentence, places."""

    answer: MayAnswer
    words: str
    where: tuple[Where, ...]


def effect_of(limit: Limit, use: str, adopter: Adopter, case: Case | None) -> Effect | None:
    """What a limit does to a use; None where it does not bear on it or the adopter's facts settle it."""
    kind = load_vocabulary().limits[limit.id]
    closes = kind.closes if limit.closes is None else limit.closes
    narrows = kind.narrows if limit.narrows is None else limit.narrows
    if use not in closes and use not in narrows:
        return None
    match limit.id:
        case "threshold":
            return _threshold(limit, adopter)
        case "territory":
            return _territory(limit, adopter, case)
        case "field":
            return _field(limit, use, adopter)
        case _:
            closed = use in closes and (limit.id != "purpose" or adopter.commercial)
            return Effect("no" if closed else "yes-if", _sentence(limit, kind), ())


def _sentence(limit: Limit, kind: LimitKind) -> str:
    words = kind.condition.format(
        only=limit.only or "non-commercial", what=limit.what or "other models", over="", unit="", scope="", counted=""
    )
    return f"{words[:1].upper()}{words[1:]}."


def threshold_words(limit: Limit) -> str:
    """The threshold in words: number, unit, whose, and the day on which it is counted."""
    unit = load_vocabulary().units[limit.unit]
    scope = f" ({limit.scope})" if limit.scope else ""
    return f"{limit.over:,} {unit}{scope}{f', counted at {limit.date}' if limit.date else ''}"


def _threshold(limit: Limit, adopter: Adopter) -> Effect | None:
    words = threshold_words(limit)
    match _standing(limit, adopter):
        case "over":
            return Effect("no", f"Above {words} it grants nothing without an agreement of its own.", ())
        case "under":
            return None
        case "open":
            return Effect("yes-if", f"No more than {words}.", ())


def _standing(limit: Limit, adopter: Adopter) -> Standing:
    """Where the adopter stands; a figure of today does not settle one of a fixed day, nor a month's one of a day."""
    figure = adopter.revenue_usd if limit.unit.startswith("usd") else adopter.monthly_users
    if figure is None:
        return "open"
    monthly = limit.unit == "usd-revenue-per-month"
    if limit.unit != "users-per-day" and figure > limit.over * (MONTHS if monthly else 1):
        return "over"
    return "under" if figure <= limit.over and not limit.date else "open"


def _territory(limit: Limit, adopter: Adopter, case: Case | None) -> Effect | None:
    of_it = is_multimodal(case.evidence) if limit.of and case else (None if limit.of else True)
    if of_it is False:
        return None
    names = ", ".join(limit.out)
    kind = f" for {limit.of} models" if limit.of else ""
    if not adopter.territory:
        return Effect("yes-if", f"Not in, or for, {names}{kind}.", ())
    if not _spread(limit.out) & _spread(adopter.territory):
        return None
    if of_it is None:
        return Effect("not-known", f"It shuts out {names}{kind}, and whether this is one cannot be told.", ())
    return Effect("no", f"It shuts out {names}{kind}.", ())


def _spread(codes: tuple[str, ...]) -> set[str]:
    """The countries that codes mean."""
    groups = load_vocabulary().territories
    return {country for code in codes for country in groups.get(code, {code})}


def _field(limit: Limit, use: str, adopter: Adopter) -> Effect:
    words = load_vocabulary()
    told = ", ".join(words.fields[field] for field in limit.fields)
    if use != "barred-fields":
        return Effect("yes-if", f"No use that the terms close: {told}.", ())
    asked = set(adopter.fields) or set(words.regulated)
    closed = [words.fields[field] for field in limit.fields if field in asked]
    if closed:
        return Effect("no", f"It closes {', '.join(closed)}.", ())
    if "policy" in limit.fields:
        return Effect("not-known", f"It closes {told}, which has to be looked up.", ())
    return Effect("yes-if", f"No use that the terms close: {told}.", ())


def place_of(one: Governed, limit: Limit, case: Case | None) -> tuple[Where, ...]:
    """The sentence of a limit as found in the repository's texts, else its clause, else where the licence shows."""
    flags = FLAGS.get(limit.id, ())
    texts = [one.sighting.text] if one.sighting and one.sighting.text else []
    if case is not None and limit.id in {"territory", "field"}:
        texts += [text for text in case.evidence.licence_texts if text.component == "policy" and text not in texts]
    hits = tuple(hit.where for flag in flags for text in texts for hit in text.restrictions if hit.flag == flag)
    clauses = tuple(place for number in _telling(one, limit) for place in one.place(number) if place.quote)
    found = (*clauses[:1], *hits[:2]) if limit.id in _BY_CLAUSE else (*hits[:2], *clauses[:2])
    return tuple(dict.fromkeys(found)) or one.where


def _telling(one: Governed, limit: Limit) -> list[int]:
    """The criteria whose deciding clause is the limit's own, the nearest first, then those that the limit fails."""
    kinds = load_vocabulary().limits[limit.id].criteria
    own = [verdict.criterion for verdict in one.licence.osd if verdict.clause == limit.clause]
    part = [number for number in kinds if limit.clause in one.licence.verdict(number).clause]
    failing = [number for number in kinds if one.licence.verdict(number).v == "fail"]
    return list(dict.fromkeys((*own, *part, *failing, *kinds)))
