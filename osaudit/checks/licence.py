"""Checks on licence terms: the licence's own, those of base models, and what card, gate and policies add."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from osaudit.checks.cards import card_place, quoted, short, statements, why_unread
from osaudit.checks.case import Case, Parent
from osaudit.checks.codewords import otherwise
from osaudit.checks.flagged import FLAG_CRITERIA, touches
from osaudit.checks.kind import is_multimodal
from osaudit.checks.ruling import ruling, worst
from osaudit.checks.weights import is_adapter
from osaudit.compiled import regex
from osaudit.evidence import (
    CUSTOM,
    NOT_LOOKED,
    LicenceText,
    Restriction,
    Seen,
    Statement,
    StatementKind,
    Unknown,
    Unseen,
    Where,
)
from osaudit.frozen import replace
from osaudit.licences.families import is_open
from osaudit.licences.table import Licence
from osaudit.once import once_for_each
from osaudit.verdict import Answer

SHORT_POLICY_WORDS = 80
"""A policy of at most this many words is read as a whole; a longer one that is unknown goes to a person."""

SOURCE_CODE, PERSONS, FIELDS_OF_USE, RECIPIENTS = 2, 5, 6, 7
"""Criteria of the Open Source Definition that are asked in more than one way."""

_ADDING: tuple[StatementKind, ...] = ("restriction", "requirement", "unclear-terms", "unread-terms")
"""Kinds of words of a card that may add terms to the licence's."""
_OF_A_KIND = regex(r"\bmultimodal models only\b")

_NO_BEARING = Answer("not_applicable", "Nothing bears on this.", counted=False)

LONG_CHAIN = 4
"""Levels of bases beyond which nobody names his own base for the sake of a version."""


def does_not_apply(case: Case, because: str) -> Answer:  # noqa: ARG001 - every check takes the case
    """Answer for a cell that does not arise by its nature."""
    return Answer("not_applicable", because, counted=False)


def licence_permits(case: Case, component: str, criterion: int, settled_by: Sequence[str] = ()) -> Answer:
    """Does the weights' licence, with the terms that base models hand down, meet this criterion?"""
    del component  # weights and licence cells ask the same terms; the pack's question differs
    return _permitted(case, criterion, tuple(settled_by))


@once_for_each
def _permitted(case: Case, criterion: int, settled_by: tuple[str, ...]) -> Answer:
    own = ruling(case.weights, criterion, settled_by)
    own = own if own.where else replace(own, where=card_place(case.evidence))
    if own.outcome == "fail":
        return own
    return _with_bases(case, own, criterion, settled_by)


def _with_bases(case: Case, own: Answer, criterion: int, settled_by: Sequence[str] = ()) -> Answer:
    """Add what the bases of other owners hand down.

    A base that could not be seen is told once, under C3-W (RUBRIC, "unknown base"), which holds the label down: to open
    every licence cell for it would say nothing of the model's own licence.
    """
    parents = case.foreign_parents
    if not parents:
        return own
    theirs = [_handed_down(parent, criterion, settled_by) for parent in parents]
    return worst([own, *(answer for answer in theirs if answer.outcome != "not_applicable")])


def _handed_down(parent: Parent, criterion: int, settled_by: Sequence[str]) -> Answer:
    """What a base's terms say under the criterion; a base that was only guessed can lower to review at most."""
    theirs = parent_answer(parent, criterion, settled_by)
    if theirs.outcome in {"pass", "not_applicable"}:
        return _NO_BEARING
    sure = parent.base.confidence == "high"
    words = f"Made from {parent.base.name}, whose terms bind here too: {theirs.because}"
    outcome = theirs.outcome if sure or theirs.outcome != "fail" else "review"
    return Answer(outcome, words, (parent.base.where, *theirs.where), theirs.basis if sure else "inferred")


def parent_answer(parent: Parent, criterion: int, settled_by: Sequence[str] = ()) -> Answer:
    """What a base's own terms say: its repository's, else those of the family that its name tells.

    A name lowers only: where it tells of a pass, it tells nothing. Where the name may mean other terms as well, or is
    not known for sure to tell these, a human has to look.
    """
    if parent.case is not None:
        return _every_term(parent.case, criterion, tuple(settled_by))
    meant = (parent.family, *parent.or_else) if parent.family else ()
    failing = [licence for licence in meant if licence.verdict(criterion).v == "fail"]
    if not failing:
        return _unclear_by_name(parent, criterion, settled_by)
    verdict = failing[0].verdict(criterion)
    sure = parent.confirmed and len(failing) == len(meant)
    tells = "points to" if sure else "may point to"
    words = f"its name {tells} the {failing[0].name}, {verdict.clause}: {verdict.why.rstrip('.')}."
    return Answer("fail" if sure else "review", words, (), "inferred")


def _unclear_by_name(parent: Parent, criterion: int, settled_by: Sequence[str]) -> Answer:
    """What a base's name tells where none of the licences that it may mean fails."""
    if parent.family is None or parent.family.verdict(criterion).v == "pass":
        return _NO_BEARING
    verdict = parent.family.verdict(criterion)
    partly = any(parent.family.flags.get(flag) for flag in settled_by) and not parent.or_else and parent.confirmed
    words = f"its name points to the {parent.family.name}, {verdict.clause}: {verdict.why.rstrip('.')}."
    return Answer("partial" if partly else "review", words, (), "inferred")


@once_for_each
def _every_term(case: Case, criterion: int, settled_by: tuple[str, ...]) -> Answer:
    """What licence, card, gate and policies of a model say together, and those of its bases."""
    if criterion == SOURCE_CODE:
        return licence_lets_source_travel(case)
    added = [card_adds_no_terms(case, criterion)]
    if criterion == FIELDS_OF_USE:
        added.append(policies_add_no_terms(case))
    if criterion == PERSONS:
        added.append(licence_names_no_territory(case))
    own = licence_permits(case, "weights", criterion, settled_by)
    return worst([own, *(answer for answer in added if answer.outcome != "not_applicable")])


def licence_lets_source_travel(case: Case) -> Answer:
    """Does the licence let source and object form travel, and leave study alone?"""
    terms = case.weights
    own = ruling(terms, SOURCE_CODE)
    if own.outcome == "review" and terms.settled and all(_is_content(licence.category) for licence in terms.licences):
        words = f"{terms.name} is a content licence, which has no source form to speak of."
        own = Answer("not_applicable", words, terms.where, terms.basis, counted=False)
    if own.outcome == "pass" and any(licence.category == "copyleft" for licence in terms.licences):
        words = f"{terms.name} asks for corresponding source, and what that is for weights is not certain."
        own = Answer("review", words, terms.where, terms.basis)
    return _with_bases(case, own, SOURCE_CODE)


def _is_content(category: str) -> bool:
    return category in {"content/data licence", "data licence"}


@once_for_each
def licence_names_no_territory(case: Case) -> Answer:
    """Do the terms leave every country and affiliation in?"""
    closed = [_territory(case, licence) for licence in case.weights.licences]
    told = [answer for answer in closed if answer.outcome != "not_applicable"]
    if told:
        return worst(told)
    hits = tuple(hit.where for hit in _hits(case, "geographic_exclusion") if not _is_of_another_kind(case, hit))
    if hits:
        return Answer("review", "A text of the repository has words on territories.", hits[:4], "licence text")
    return _NO_BEARING


def _territory(case: Case, licence: Licence) -> Answer:
    """What a licence's exclusion means for this model: one may be of "multimodal models only"."""
    place = licence.flags.get("geographic_exclusion")
    if not isinstance(place, str) or not place:
        return _NO_BEARING
    kind = _OF_A_KIND.search(place)
    is_of_it = is_multimodal(case.evidence) if kind else True
    if is_of_it is False:
        return _NO_BEARING
    words = f"{licence.name} leaves out a territory: {place}."
    if is_of_it is None:
        words += " Whether this model is of that kind cannot be told from its settings."
    where = _places_of(case, "geographic_exclusion")
    return Answer("fail" if is_of_it else "review", words, where, case.weights.basis)


def _is_of_another_kind(case: Case, hit: Restriction) -> bool:
    """Whether words on a territory speak of multimodal models, and this is none."""
    return "more than text" in hit.about and is_multimodal(case.evidence) is False


def _places_of(case: Case, flag: str) -> tuple[Where, ...]:
    return tuple(hit.where for hit in _hits(case, flag))[:4] or case.weights.where


def _hits(case: Case, flag: str) -> Iterable[Restriction]:
    for text in case.evidence.licence_texts:
        yield from (hit for hit in text.restrictions if hit.flag == flag)


@once_for_each
def card_adds_no_terms(case: Case, criterion: int) -> Answer:
    """Is the card, and the gate's prompt, free of terms that the licence does not have?"""
    if ruling(case.weights, criterion).outcome == "fail":
        return _NO_BEARING
    answers = [
        Answer("review", f"{words}: {quoted(places[0])}.", places, "declared by publisher")
        for words, places in (_added(case, criterion) if _may_add(case) else ())
        if places
    ]
    return worst(answers) if answers else _words_unread(case)


@once_for_each
def _may_add(case: Case) -> bool:
    """Whether card, gate or linked code have any words that may add terms, whatever the criterion."""
    prompted = isinstance(case.evidence.gate, Seen) and case.evidence.gate.value.restrictions
    return bool(prompted or case.linked or any(_said(case, kind) for kind in _ADDING))


def _added(case: Case, criterion: int) -> Iterable[tuple[str, tuple[Where, ...]]]:
    """What card and gate say beside the licence, or may say, under the criterion: a sentence and its places."""
    closing = [statement for statement in _said(case, "restriction") if words_touch(case, statement, criterion)]
    if criterion == FIELDS_OF_USE:
        closing += _said(case, "requirement")
    places = (*(statement.where for statement in closing[:4]), *_prompted(case, criterion))
    yield "The card or the gate adds words of its own on what may be done, which the licence does not have", places
    unclear = [item for item in unclear_words(case) if touches(item.value, criterion)]
    words = "No rule understands these words on what may be done, so a person has to read them"
    yield words, tuple(item.where for item in unclear[:4])
    for one in otherwise(case.linked, case.weights):
        if criterion in one.criteria:
            yield one.words.rstrip("."), one.where
    unread = _said(case, "unread-terms") if criterion == FIELDS_OF_USE else ()
    for item in unread[:1]:
        more = f", as do {len(unread) - 1} more" if len(unread) > 1 else ""
        named = short(item.value).rstrip(".") or item.where.path or "a text of the repository"
        words = f"{named} speaks of terms and was not read{more}"
        yield words, tuple(one.where for one in unread[:4])


def words_touch(case: Case, said: Statement, criterion: int) -> bool:
    """Whether words of the card touch the criterion.

    Who sends commercial use to an agreement of its own closes a field of use too (licences.yaml: Baichuan 2, GLM-4).
    """
    if criterion == FIELDS_OF_USE and said.value == "registration_required" and "trade" in said.about:
        return _adds(case, said.value, RECIPIENTS)
    return _adds(case, said.value, criterion)


def _adds(case: Case, flag: str, criterion: int) -> bool:
    """Whether words of this kind touch the criterion and are not the settled licence's own, told once more."""
    repeated = case.weights.settled and any(licence.flags.get(flag) for licence in case.weights.licences)
    return touches(flag, criterion) and not repeated


@once_for_each
def _words_unread(case: Case) -> Answer:
    """What could not be read may add terms: no pass rests on it."""
    why = why_unread(case.evidence)
    if why:
        places = card_place(case.evidence)
        return Answer("review", f"What the card adds to the licence could not be read: {why}.", places)
    match case.evidence.card:
        case Seen(card, _) if card.truncated:
            return Answer("review", "The card is longer than what was read, and the rest may add terms.", (card.where,))
        case _:
            pass
    match case.evidence.gate:
        case Unknown(reason):
            return Answer("review", f"What the gate adds to the licence could not be seen: {reason.rstrip('.')}.")
        case Seen(gate, where) if gate.mode != "open" and isinstance(gate.prompt, Unknown):
            return Answer("review", f"What the gate asks could not be seen: {gate.prompt.why.rstrip('.')}.", where)
        case _:
            return _NO_BEARING


def _said(case: Case, kind: StatementKind) -> tuple[Statement, ...]:
    """The card's statements of one kind that speak of the weights or of the repository as a whole."""
    return tuple([item for item in statements(case.evidence.card, kind) if item.subject in {"weights", "any"}])


@once_for_each
def unclear_words(case: Case) -> tuple[Statement, ...]:
    """The card's words on terms that no rule understands, but for those that are the governing licence's own.

    Its own are words that point at it, and those of a use policy that it refers to. A custom licence that is not named
    is the one that governs, where none is approved.
    """
    licences = case.weights.licences if case.weights.settled else ()
    governing = {licence.key for licence in licences}
    custom = {CUSTOM} if not any(licence.osi.approved for licence in licences) else set[str]()
    referred = any(licence.flags.get("acceptable_use_policy") for licence in licences)
    own = {text.where.path for text in case.evidence.licence_texts if text.component == "policy"} if referred else set()
    said = _said(case, "unclear-terms")
    return tuple(
        item
        for item in said
        if item.where.path not in own
        and not (governing and (governing <= set(item.keys) or not custom.isdisjoint(item.keys)))
    )


def restricting_words(case: Case) -> tuple[Statement, ...]:
    """The card's own words that restrict what may be done with the model."""
    return _said(case, "restriction")


def _prompted(case: Case, criterion: int) -> Iterable[Where]:
    """The places of the prompt's words that touch the criterion."""
    match case.evidence.gate:
        case Seen(gate, _):
            yield from (hit.where for hit in gate.restrictions if _adds(case, hit.flag, criterion))
        case _:
            return


def words_in_prompt(case: Case, criterion: int) -> tuple[Where, ...]:
    """The places of the gate's words that touch the criterion and are not the settled licence's own."""
    return tuple(_prompted(case, criterion))


def policies_add_no_terms(case: Case) -> Answer:
    """Are the use policies beside the licence free of limits that the licence does not have?"""
    if ruling(case.weights, FIELDS_OF_USE).outcome == "fail":
        return _NO_BEARING
    answers = [_policy(text) for text in case.evidence.licence_texts if text.component == "policy"]
    links = {claim.name for claim in case.evidence.licence_claims if claim.source == "licence link"}
    answers += [_unread(item) for item in case.evidence.unseen if item.what not in links and _is_terms(item.what)]
    return worst(answers) if answers else _NO_BEARING


def _policy(text: LicenceText) -> Answer:
    hits = tuple(hit.where for hit in text.restrictions if FLAG_CRITERIA.get(hit.flag, True))
    if hits:
        words = f"{text.where.path} adds limits of its own: {quoted(hits[0])}."
        return Answer("review", words, hits[:4], "licence text")
    if 0 < text.words <= SHORT_POLICY_WORDS:
        return _NO_BEARING
    match text.text:
        case Seen():
            return Answer("review", f"{text.where.path} is a policy that has to be read by a person.", (text.where,))
        case _:
            return Answer("review", f"{text.where.path} is a policy whose text was not kept.", (text.where,))


def _is_terms(what: str) -> bool:
    """Whether something unseen is a policy of the repository, or terms elsewhere that its card refers to."""
    return "policy" in what.lower() or what.startswith(("http://", "https://"))


def _unread(item: Unseen) -> Answer:
    return Answer("review", f"The terms in {item.what} could not be read: {item.why.rstrip('.')}.")


@once_for_each
def bases_seen(case: Case) -> Answer:
    """Were all models that this one was made from seen, or are they the same owner's?"""
    unseen = [*_unseen_bases(case), *_beyond_bound(case)]
    if not unseen:
        return _NO_BEARING if case.parents else _unnamed_base(case)
    names = ", ".join(dict.fromkeys(parent.base.name for parent in unseen[:4]))
    whys = "; ".join(dict.fromkeys(_why(parent) for parent in unseen[:4]))
    words = f"Made from {names}, whose terms could not be seen: {whys}."
    return Answer("review", words, tuple(parent.base.where for parent in unseen[:4]))


def _unseen_bases(case: Case) -> Iterable[Parent]:
    """The bases of other owners that could not be seen, those of seen bases among them, where no guess leads there.

    A guess that could not be seen counts as well.
    """
    for parent in case.foreign_parents:
        if parent.base.confidence == "high" or parent.case is None:
            yield from _unseen_bases(parent.case) if parent.case else _held_back(parent)


def _beyond_bound(case: Case, level: int = 1) -> Iterable[Parent]:
    """The bases of one owner that a long chain ends in without their having been looked into."""
    for parent in case.parents:
        if parent.case is not None and parent.base.confidence == "high":
            yield from _beyond_bound(parent.case, level + 1)
        elif level > LONG_CHAIN and parent.same_owner and parent.base.evidence == NOT_LOOKED:
            yield parent


def _held_back(parent: Parent) -> Iterable[Parent]:
    """An unseen base, but for a name in the card's words, without an owner, of a family that is known to be open.

    Nor does the name of a quantised repository tell of another owner.
    """
    base = parent.base
    known = base.named_by == "card" and (base.confidence == "low" or "/" not in base.name) and is_open(base.name)
    of_own_name = base.named_by == "name" and parent.family is None
    return () if known or of_own_name else (parent,)


def _unnamed_base(case: Case) -> Answer:
    """Adapter or delta weights are nothing without a base; where none is named, its terms are not known."""
    match case.evidence.files:
        case Seen(listed, where) if is_adapter(listed):
            return Answer("review", "These are adapter weights, and the model that they adapt is not named.", where)
        case _:
            return _NO_BEARING


def _why(parent: Parent) -> str:
    match parent.base.evidence:
        case Unknown(why):
            return why.rstrip(".")
        case _:
            return "it was not looked into"
