"""What a model may be put to: cells, limits, added words and bases folded into one answer for each use.

Worst first: what is closed makes `no`; what is open to review, or not known, makes `not-known`; what hangs on a
condition makes `yes-if`. No `yes` stands where a cell that the use hangs on is a fail or a review.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from osaudit.adopter import NOBODY, Adopter
from osaudit.checks.added import AddedWord, added_words
from osaudit.checks.case import Case, Parent
from osaudit.checks.licence import bases_seen, licence_names_no_territory, licence_permits, parent_answer
from osaudit.checks.ruling import rival_licences, worst
from osaudit.evidence import Where
from osaudit.frozen import dataclass, replace
from osaudit.licences.grants import Use, load_vocabulary
from osaudit.licences.table import Licence
from osaudit.limits import Effect, effect_of, place_of
from osaudit.once import once_for_each, worked_field
from osaudit.packs import Pack
from osaudit.parties import Party, bases_of, dues_of, parties_of
from osaudit.spoken import as_known
from osaudit.verdict import Answer, Basis, MayAnswer, Outcome, UseAnswer, Verdict

RANK: dict[MayAnswer, int] = {"no": 0, "not-known": 1, "yes-if": 2, "yes": 3}
STRENGTH: dict[Basis, int] = {
    "inferred": 0,
    "declared by publisher": 1,
    "attested": 2,
    "licence text": 3,
    "osi-stated": 3,
}
"""Bases from the weakest on."""

_MAX_PLACES = 6
_PERSONS = 5


@dataclass(frozen=True, slots=True)
class _Asked:
    """What every use is answered from."""

    case: Case
    cells: tuple[Verdict, ...]
    pack: Pack
    parties: tuple[Party, ...]
    added: tuple[AddedWord, ...]
    adopter: Adopter
    name: str
    worked: dict[Any, Any] = worked_field()


def uses(case: Case, judged: Sequence[Verdict], pack: Pack, adopter: Adopter = NOBODY) -> tuple[UseAnswer, ...]:
    """Answer every use of the vocabulary, from the cells of `pack` and the terms of the model and its bases."""
    cells = tuple(v for v in judged if v.pack == pack.id and v.facet in {"weights", "licence"})
    name = case.weights.name[:1].upper() + case.weights.name[1:]
    asked = _Asked(case, cells, pack, tuple(parties_of(case)), added_words(case), adopter, name)
    return tuple([_answer(asked, use) for use in load_vocabulary().uses.values()])


def _answer(asked: _Asked, use: Use) -> UseAnswer:
    cells = _hung(asked, use.hangs_on)
    told = _distinct(_bearing(asked, use, cells))
    answer: MayAnswer = min([effect.answer for effect in told], key=RANK.__getitem__, default="yes")
    guarded = _guarded(answer, cells.outcomes)
    deciding = [effect for effect in told if effect.answer == guarded]
    conditions = [effect.words for effect in told if effect.answer == "yes-if"]
    if guarded != answer:
        conditions += [v.answer.because for v in cells.verdicts if v.answer.outcome == "fail"]
    places = [place for effect in deciding for place in effect.where]
    return UseAnswer(
        use=use.id,
        answer=guarded,
        because=_because(asked.name, use, guarded, deciding),
        conditions=tuple(dict.fromkeys(conditions)) if guarded == "yes-if" else (),
        where=_first([*places, *cells.places]),
        basis=cells.basis,
    )


@dataclass(frozen=True, slots=True)
class _Hung:
    """The cells that uses hang on, their outcomes, the places of those that hold, and the basis that this gives.

    `told` is what cells, bases and added words tell of these uses: each with the case whose text may be all that closes
    it, and the criterion; no case where no text does.
    """

    verdicts: tuple[Verdict, ...]
    outcomes: frozenset[Outcome]
    places: tuple[Where, ...]
    basis: Basis
    told: tuple[tuple[Case | None, int, Effect], ...]


@once_for_each
def _hung(asked: _Asked, numbers: tuple[int, ...]) -> _Hung:
    names = _criteria(numbers)
    verdicts = tuple([v for v in asked.cells if v.criterion in names])
    places = _once_each([p for v in verdicts if v.answer.outcome in {"pass", "partial"} for p in v.answer.where])
    outcomes = frozenset([v.answer.outcome for v in verdicts])
    told: list[tuple[Case | None, int, Effect]] = [
        (asked.case, number, effect) for number in numbers for effect in _of_criterion(asked, number)
    ]
    told += _of_bases(asked, numbers)
    told += [(None, 0, effect) for effect in _of_added(asked, numbers)]
    return _Hung(verdicts, outcomes, places, _basis(verdicts, asked.parties), tuple(told))


@functools.cache
def _criteria(numbers: tuple[int, ...]) -> frozenset[str]:
    """Criteria by their names in the cells."""
    return frozenset(f"OSD-{number}" for number in numbers)


def _once_each(places: Iterable[Where]) -> tuple[Where, ...]:
    """Each place once; most are the very same value, which is told sooner than that two are alike."""
    return tuple(dict.fromkeys({id(place): place for place in places}.values()))


def _first(places: Iterable[Where]) -> tuple[Where, ...]:
    """The first places, each once."""
    found: list[Where] = []
    for place in {id(place): place for place in places}.values():
        if place not in found:
            found.append(place)
            if len(found) == _MAX_PLACES:
                break
    return tuple(found)


def _distinct(effects: Sequence[Effect]) -> Sequence[Effect]:
    """Each effect once, where it first came: what says the same of the same places."""
    if len(effects) < 2:  # noqa: PLR2004 - two can be alike
        return effects
    places: dict[tuple[MayAnswer, str], list[tuple[Where, ...]]] = {}
    found = []
    for one in effects:
        known = places.setdefault((one.answer, one.words), [])
        if one.where not in known:
            known.append(one.where)
            found.append(one)
    return found


def _bearing(asked: _Asked, use: Use, cells: _Hung) -> list[Effect]:
    """All that bears on a use; where no licence is stated, every right is reserved."""
    found: list[Effect] = []
    if asked.case.weights.state == "silent":
        words = "No licence is stated anywhere, so nobody is known to have any right to use it."
        found.append(Effect("no", words, asked.case.weights.where))
    found += [as_known(case, number, use, effect) if case else effect for case, number, effect in cells.told]
    for party in asked.parties:
        _add_party(found, party, use, asked.adopter)
    if use.id == "territory" and not asked.adopter.territory:
        found.append(Effect("yes-if", _shut_out(asked.parties), ()))
    return found


def _guarded(answer: MayAnswer, outcomes: frozenset[Outcome]) -> MayAnswer:
    """Hold the promise: a fail leaves no more than a condition, a review no more than an open question."""
    if "review" in outcomes and RANK[answer] > RANK["not-known"]:
        return "not-known"
    return "yes-if" if "fail" in outcomes and answer == "yes" else answer


def _because(name: str, use: Use, answer: MayAnswer, deciding: Sequence[Effect]) -> str:
    match answer:
        case "no" | "not-known":
            words = dict.fromkeys(effect.words for effect in deciding)
            return " ".join(itertools.islice(words, 3)) or "A cell that this hangs on is open to review."
        case "yes-if":
            return f"{name} leaves this open under conditions."
        case "yes":
            return f"{name} closes nothing that this hangs on, and asks for nothing: {use.name.lower()}."


def _basis(hung: Sequence[Verdict], parties: Sequence[Party]) -> Basis:
    bases: list[Basis] = [party.basis for party in parties]
    bases += ["attested" for verdict in hung if verdict.attestation]
    return min(bases, key=STRENGTH.__getitem__, default="inferred")


@once_for_each
def _of_criterion(asked: _Asked, number: int) -> tuple[Effect, ...]:
    """What the cells of a criterion tell of every use that hangs on it."""
    cells = [verdict for verdict in asked.cells if verdict.criterion == f"OSD-{number}"]
    if not cells:
        return (Effect("not-known", f"{asked.pack.name} does not ask for criterion {number}.", ()),)
    return tuple(effect for cell in cells for effect in _of_cell(asked.case, cell, number, asked.pack))


def _of_cell(case: Case, verdict: Verdict, number: int, pack: Pack) -> Iterable[Effect]:
    answer = verdict.answer
    match answer.outcome:
        case "review":
            yield Effect("not-known", answer.because, answer.where)
        case "fail" if not _explained(case, verdict, number, pack):
            yield Effect("no", answer.because, answer.where)
        case "partial" if not _of_terms(case, verdict, number, pack):
            yield Effect("yes-if", answer.because, answer.where)
        case _:
            return


def _told_by_terms(case: Case, number: int, pack: Pack) -> tuple[Answer, ...]:
    told = [licence_permits(case, "weights", number, _settled_by(pack, number))]
    if number == _PERSONS:
        told.append(licence_names_no_territory(case))
    return tuple(told)


def _of_terms(case: Case, verdict: Verdict, number: int, pack: Pack) -> bool:
    """Whether the cell's answer is the licences' own, and that of no other check."""
    alike = [a for a in _told_by_terms(case, number, pack) if a.outcome == verdict.answer.outcome]
    orders = (row for size in (1, 2) for row in itertools.permutations(alike, size))
    return verdict.attestation is None and any(worst(row).because == verdict.answer.because for row in orders)


def _explained(case: Case, verdict: Verdict, number: int, pack: Pack) -> bool:
    """Whether limits that can be computed with tell all of what a failing cell tells: they decide then."""
    return _of_terms(case, verdict, number, pack) and _computed(_closing(case, number), number)


def _closing(case: Case, number: int) -> tuple[Licence, ...]:
    """The licences under which the criterion fails: the model's own, else those of its bases."""
    terms = case.weights
    own = (*terms.licences, *(known for rival in terms.rivals for known in rival_licences(rival, terms)))
    closing = tuple(licence for licence in own if _fails(licence, number))
    return closing or tuple(
        one.licence for party in bases_of(case) for one in party.governed if _fails(one.licence, number)
    )


def _fails(licence: Licence, number: int) -> bool:
    return licence.verdict(number).v == "fail" or (
        number == _PERSONS and bool(licence.flags.get("geographic_exclusion"))
    )


def _computed(licences: Sequence[Licence], number: int) -> bool:
    kinds = load_vocabulary().limits
    told = (any(number in kinds[limit.id].criteria for limit in licence.limits) for licence in licences)
    return bool(licences) and all(told)


@functools.lru_cache(maxsize=256)
def _settled_by(pack: Pack, number: int) -> tuple[str, ...]:
    for criterion, facet, cell in pack.cells:
        if criterion.id == f"OSD-{number}" and facet == "licence":
            for call in cell.checks:
                given = call.arguments.get("settled_by")
                if isinstance(given, list):
                    return tuple(map(str, given))
    return ()


def _of_bases(asked: _Asked, numbers: tuple[int, ...]) -> list[tuple[Case | None, int, Effect]]:
    """What bases hand down where a cell does not tell it: an own fail hides it there."""
    found: list[tuple[Case | None, int, Effect]] = []
    seen = bases_seen(asked.case)
    if seen.outcome == "review":
        found.append((None, 0, Effect("not-known", seen.because, seen.where)))
    for at, parent in enumerate(asked.case.foreign_parents):
        found += [(parent.case, number, effect) for number in numbers if (effect := _of_base(asked, at, number))]
    return found


@once_for_each
def _of_base(asked: _Asked, at: int, number: int) -> Effect | None:
    """What the terms of one of the foreign bases do under a criterion; None where they close and leave open nothing."""
    parent = asked.case.foreign_parents[at]
    theirs = parent_answer(parent, number, _settled_by(asked.pack, number))
    closes = theirs.outcome == "fail" and not _computed(_parents_closing(parent, number), number)
    if not closes and theirs.outcome != "review":
        return None
    sure = closes and parent.base.confidence == "high"
    words = f"Made from {parent.base.name}, whose terms bind here too: {theirs.because}"
    return Effect("no" if sure else "not-known", words, (parent.base.where, *theirs.where))


def _parents_closing(parent: Parent, number: int) -> tuple[Licence, ...]:
    if parent.case is not None:
        return _closing(parent.case, number)
    return (parent.family,) if parent.family else ()


def _of_added(asked: _Asked, numbers: tuple[int, ...]) -> tuple[Effect, ...]:
    return tuple(
        Effect("not-known", f"{word.source} adds words that the licence does not have: {word.quote}.", (word.where,))
        for word in asked.added
        if not word.criteria.isdisjoint(numbers)
    )


def _add_party(found: list[Effect], party: Party, use: Use, adopter: Adopter) -> None:
    """Add what the licences of one party do to a use."""
    dues = dues_of(party)
    for at, one in enumerate(party.governed):
        for number, limit in enumerate(one.licence.limits):
            effect = effect_of(limit, use.id, adopter, party.case)
            if effect is not None:
                found.append(_placed(party, at, number, effect))
        found += dues[at].get(use.id, ())


def _placed(party: Party, at: int, number: int, effect: Effect) -> Effect:
    """Name the licence and the clause; what is not known to hold closes nothing for sure."""
    one = party.governed[at]
    limit = one.licence.limits[number]
    words = f"{party.lead}{one.licence.name}, {limit.clause}: {effect.words}"
    answer = effect.answer
    if answer == "no" and not party.sure and not _closed_in_text(party, at, number):
        answer, words = "not-known", f"{words} Whether these terms hold is not certain."
    return Effect(answer, words, _limit_place(party, at, number))


@once_for_each
def _limit_place(party: Party, at: int, number: int) -> tuple[Where, ...]:
    one = party.governed[at]
    return place_of(one, one.licence.limits[number], party.case)


@once_for_each
def _closed_in_text(party: Party, at: int, number: int) -> bool:
    """Whether a cell of the licence that the limit explains fails, though what governs is not certain."""
    if party.case is None:
        return False
    one = party.governed[at]
    limit = one.licence.limits[number]
    numbers = load_vocabulary().limits[limit.id].criteria
    failing = (number for number in numbers if one.licence.verdict(number).v == "fail")
    return any(licence_permits(party.case, "weights", number).outcome == "fail" for number in failing)


def _shut_out(parties: Sequence[Party]) -> str:
    out = dict.fromkeys(
        f"{code} ({limit.of} models)" if limit.of else code
        for party in parties
        for one in party.governed
        for limit in one.licence.limits
        for code in limit.out
    )
    told = f"The terms shut out {', '.join(out)}" if out else "The terms that are known shut none out"
    return f"{told}; name your territory (--as FILE) for a plain answer."


def at_least(answers: Iterable[UseAnswer], basis: Basis) -> tuple[UseAnswer, ...]:
    """Turn each yes and yes-if that rests on less than `basis` into not known; a no stays a no."""
    return tuple(_no_less(answer, basis) for answer in answers)


def _no_less(answer: UseAnswer, basis: Basis) -> UseAnswer:
    if answer.answer in {"no", "not-known"} or STRENGTH[answer.basis] >= STRENGTH[basis]:
        return answer
    words = f"This rests on no more than “{answer.basis}”, and “{basis}” is asked for. {answer.because}"
    return replace(answer, answer="not-known", because=words, conditions=())
