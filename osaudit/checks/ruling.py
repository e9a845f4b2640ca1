"""What resolved terms say under one OSD criterion, with the deciding clause quoted from the repository's own text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from osaudit.checks.cards import quoted
from osaudit.checks.flagged import touches
from osaudit.checks.sightings import Sighting, is_family
from osaudit.checks.terms import Terms
from osaudit.evidence import ClauseSeen, LicenceText, Restriction, Where
from osaudit.frozen import replace
from osaudit.licences.locators import locators_of
from osaudit.licences.stated import statement_on
from osaudit.licences.table import Licence
from osaudit.once import once_for_each
from osaudit.verdict import Answer, Basis, Outcome

RANK: dict[Outcome, int] = {"fail": 0, "review": 1, "partial": 2, "pass": 3, "not_applicable": 4}
"""Outcomes from the worst on."""

WHOLE_TEXT = "[whole text]"
"""Stands for a quote where a licence passes by what its text does not say."""
MAX_CLAUSES = 3


def worst(answers: Iterable[Answer]) -> Answer:
    """Combine answers to one cell: the worst outcome, with the sentences and places of all that share it."""
    equal: list[Answer] = []
    lowest = len(RANK)
    for answer in answers:
        rank = RANK[answer.outcome]
        if rank < lowest:
            lowest, equal = rank, [answer]
        elif rank == lowest:
            equal.append(answer)
    first = equal[0]
    if len(equal) == 1 or (not first.where and all(answer is first for answer in equal)):
        return first
    sentences = ""
    for answer in equal:
        if answer.because not in sentences:
            sentences = f"{sentences} {answer.because}".lstrip()
    places = tuple(dict.fromkeys(place for answer in equal for place in answer.where))
    return replace(first, because=sentences, where=places, counted=any(answer.counted for answer in equal))


@once_for_each
def ruling(terms: Terms, criterion: int, settled_by: Sequence[str] = ()) -> Answer:
    """Answer one OSD criterion from a component's terms; a flag of `settled_by` turns an unclear verdict to partial."""
    answer = _resolved(terms, criterion, settled_by)
    if terms.unread and RANK[answer.outcome] > RANK["review"]:
        item = terms.unread[0]
        words = f"{item.what} could not be read ({item.why.rstrip('.')}), so criterion {criterion} is open"
        known = next((licence.name for licence in terms.licences if _is_hearsay(licence)), "")
        reported = f" {known} is known by reports alone, and its text has to be read." if known else ""
        return replace(answer, outcome="review", because=f"{answer.because} But {words}.{reported}")
    return answer


def _resolved(terms: Terms, criterion: int, settled_by: Sequence[str]) -> Answer:
    match terms.state:
        case "silent":
            return _silent(terms, criterion)
        case "unseen":
            return Answer("review", "The places where a licence would stand could not be read.", terms.where)
        case "unrecognised":
            return _lowered_by_rivals(_unrecognised(terms, criterion), terms, criterion)
        case "several":
            return _several(terms, criterion)
        case "variant":
            return _lowered_by_rivals(_variant(terms, criterion), terms, criterion)
        case "read" | "declared" | "joint":
            each = [_plain(terms, licence, criterion, settled_by) for licence in terms.licences]
            answer = worst(each)
            return _contradicted(answer, terms, criterion) if terms.rivals else answer


def clauses_of(text: LicenceText | None, key: str, criterion: int) -> tuple[ClauseSeen, ...]:
    """The deciding clauses of `key` under `criterion`, as they were found in the text."""
    found = text.clauses if text else ()
    return tuple([clause for clause in found if clause.criterion == criterion and clause.key == key])


def _silent(terms: Terms, criterion: int) -> Answer:
    places = terms.where
    if criterion in {1, 3, 7}:
        words = "No licence is stated anywhere, so nobody is known to have any right to copy, change or pass on."
        return Answer("fail", words, places)
    return Answer("not_applicable", "No licence is stated anywhere, so there are no terms to read.", places)


def _plain(terms: Terms, licence: Licence, criterion: int, settled_by: Sequence[str]) -> Answer:
    text = None
    for sighting in terms.governing:
        if sighting.text and licence.key in sighting.keys:
            text = sighting.text
            break
    places = (_quoted(text, licence, criterion) if text else ()) or terms.where[:2]
    outcome, sentence, basis = _reading(licence, criterion, tuple(settled_by))
    if terms.choices and terms.chosen_from:
        sentence = f"By the choice that {terms.chosen_from} leaves, {sentence}"
    return Answer(outcome, sentence, places, basis or terms.basis)


@once_for_each
def _reading(licence: Licence, criterion: int, settled_by: tuple[str, ...]) -> tuple[Outcome, str, Basis | None]:
    """What the table says of a licence under a criterion, whoever uses it; the basis where it is OSI's own."""
    verdict = licence.verdict(criterion)
    basis: Basis | None = "osi-stated" if verdict.basis.startswith("osi-stated") else None
    sentence = f"{licence.name}, {verdict.clause}: {_upright(verdict.why.removeprefix(f'{verdict.clause}: '))}."
    stated = statement_on(licence.key, criterion) if basis else None
    if stated:
        sentence += f" The Open Source Initiative states so (“{stated.title}”, {stated.date}, {stated.url})."
    match verdict.v:
        case "pass":
            return "pass", sentence, basis
        case "fail" if _is_hearsay(licence):
            source = licence.sources[0] if licence.sources else "a report"
            words = (
                f"{sentence} So {source} says; {licence.name} is known by reports alone, and its text has to be read."
            )
            return "review", words, None
        case "fail":
            return "fail", sentence, basis
        case "unclear":
            settled = next((flag for flag in settled_by if licence.flags.get(flag)), None)
            if _is_hearsay(licence) and not settled:
                sentence = f"{sentence} {licence.name} is known by reports alone, and its text has to be read."
            return "partial" if settled else "review", sentence, basis


def _quoted(text: LicenceText, licence: Licence, criterion: int) -> tuple[Where, ...]:
    """The places of the sentences that decide; where it is the silence of the text that decides, the whole of it."""
    found = clauses_of(text, licence.key, criterion)[:MAX_CLAUSES]
    if found:
        return tuple(clause.where for clause in found)
    silent = not locators_of(licence.key).criteria.get(criterion)
    return (replace(text.where, quote=WHOLE_TEXT) if silent else text.where,)


def _is_hearsay(licence: Licence) -> bool:
    """Whether the table knows of the licence's terms by reports alone: no text of it was read."""
    return licence.verified == "secondary" and licence.text_depth == "none" and not is_family(licence)


def _contradicted(answer: Answer, terms: Terms, criterion: int) -> Answer:
    """A pass that another source contradicts becomes a review; a fail stays, and a pass under either licence."""
    if all(_passes_too(rival, terms, criterion) for rival in terms.rivals) or RANK[answer.outcome] <= RANK["review"]:
        return answer
    rival = terms.rivals[0]
    theirs = ", ".join(rival.keys) or "a licence that is not recognised"
    words = f"{answer.because} But {rival.title} names {theirs}, so criterion {criterion} is open until they agree."
    return replace(answer, outcome="review", because=words, where=(*answer.where, rival.where))


def _passes_too(rival: Sighting, terms: Terms, criterion: int) -> bool:
    """Whether a contradicting source names approved licences alone, each of which meets the criterion as well."""
    return names_approved(rival, terms) and all(
        licence.verdict(criterion).v == "pass" for licence in rival_licences(rival, terms)
    )


def names_approved(rival: Sighting, terms: Terms) -> bool:
    """Whether a source names approved licences alone, each without doubt: by its version, and a text word for word."""
    named = rival_licences(rival, terms)
    known = {licence.key for licence in named if licence.osi.approved and not is_family(licence)}
    return bool(rival.keys) and known == set(rival.keys) and (rival.text is None or rival.exact)


def _variant(terms: Terms, criterion: int) -> Answer:
    """A variant keeps a fail where the deciding clause stands in it word for word; all else is for a person.

    Words that close a use and are none of the licence's own fail too.
    """
    for sighting in terms.governing:
        for licence in terms.licences:
            verbatim = [one for one in clauses_of(sighting.text, licence.key, criterion) if one.verbatim]
            if licence.verdict(criterion).v == "fail" and verbatim:
                clause = verbatim[0]
                words = f"{_almost(sighting, licence)}; {clause.clause} stands in it word for word: "
                sentence = f"{words}{_upright(licence.verdict(criterion).why)}."
                return Answer("fail", sentence, (clause.where,), "licence text")
    own = frozenset(flag for licence in terms.licences for flag, told in licence.flags.items() if told)
    closed = _closed_in_words(terms, criterion, own)
    if closed:
        return closed
    sighting = terms.governing[0]
    names = " or ".join(licence.name for licence in terms.licences)
    words = (
        f"{sighting.title} is close to {names}, with {_differing(sighting)}: no pass rests on a text that is not known."
    )
    return Answer("review", words[:1].upper() + words[1:], _worded(sighting, criterion), "licence text")


def _almost(sighting: Sighting, licence: Licence) -> str:
    words = f"{sighting.title} is a variant of {licence.name}"
    return words[:1].upper() + words[1:]


def _differing(sighting: Sighting) -> str:
    words = sighting.text.residue_words if sighting.text else 0
    return f"{words} words that differ" if words else "differences"


def _unrecognised(terms: Terms, criterion: int) -> Answer:
    if not terms.governing:
        return Answer("review", "The licence is not known.", ())
    closed = _closed_together(terms, criterion) or _closed_in_words(terms, criterion)
    if closed:
        return closed
    sighting = (terms.unrecognised or terms.governing)[0]
    if sighting.claim and sighting.claim.source in _NO_GRANT:
        words = f"{sighting.title} is all that names a licence, and {_NO_GRANT[sighting.claim.source]}"
        sentence = f"{words[:1].upper()}{words[1:]}: criterion {criterion} is open."
        return Answer("review", sentence, (sighting.where,), terms.basis)
    words = f"{sighting.title} is not a licence that the clause table knows, so criterion {criterion} is open."
    places = _worded(sighting, criterion)
    if places != (sighting.where,):
        words += " It holds words that bear on it."
    return Answer("review", words[:1].upper() + words[1:], places, terms.basis)


_NO_GRANT: Mapping[str, str] = MappingProxyType(
    {
        "gguf metadata": "whoever converted the file may have copied it",
        "settings": "whoever wrote the settings may have copied it",
        "badge": "a picture may speak of the code alone",
    }
)
_CLOSED_BY: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "non_commercial": (1, 6),
        "no_redistribution": (1,),
        "no_derivatives": (3,),
        "geographic_exclusion": (5,),
        "field_of_use_restriction": (6,),
    }
)
"""The criteria that sure words of a text fail, whatever licence it is; words of other kinds may leave a way."""


def closing_words(terms: Terms, criterion: int) -> tuple[Restriction, ...]:
    """The words of the governing texts that a rule is sure close the criterion, whatever licence they are."""
    hits = (hit for sighting in terms.governing if sighting.text for hit in sighting.text.restrictions)
    return tuple(hit for hit in hits if _is_closing(hit, criterion))


def _closed_in_words(terms: Terms, criterion: int, own: Collection[str] = ()) -> Answer | None:
    """What a rule is sure that a text closes, though the licence is not known; `own` flags are judged elsewhere."""
    for sighting in terms.governing:
        hits = sighting.text.restrictions if sighting.text else ()
        sure = tuple(hit for hit in hits if _is_closing(hit, criterion) and hit.flag not in own)
        if sure:
            words = (
                f"{sighting.title[:1].upper()}{sighting.title[1:]} is not a licence that the clause table knows, and"
            )
            places = tuple(hit.where for hit in sure)[:4]
            return Answer("fail", f"{words} its words close this: {quoted(places[0])}.", places, "licence text")
    return None


def _is_closing(hit: Restriction, criterion: int) -> bool:
    return hit.confidence == "high" and not hit.about and criterion in _CLOSED_BY.get(hit.flag, ())


def _closed_together(terms: Terms, criterion: int) -> Answer | None:
    """What a known licence closes stays closed, whatever the unknown ones that hold beside it say."""
    if len(terms.choices) != 1:
        return None
    closing = [licence for licence in terms.licences if licence.verdict(criterion).v == "fail"]
    return worst([_plain(terms, licence, criterion, ()) for licence in closing]) if closing else None


def _worded(sighting: Sighting, criterion: int) -> tuple[Where, ...]:
    """The restricting words of the text that touch the criterion, else the text as a whole."""
    hits = (hit.where for hit in sighting.text.restrictions if touches(hit.flag, criterion)) if sighting.text else ()
    return tuple(hits)[:4] or (sighting.where,)


def _lowered_by_rivals(answer: Answer, terms: Terms, criterion: int) -> Answer:
    """A name cannot raise an unknown text, and can lower it: the fails of a declared licence stand."""
    if answer.outcome == "fail":
        return answer
    for rival in terms.rivals:
        for licence in rival_licences(rival, terms):
            verdict = licence.verdict(criterion)
            if verdict.v == "fail":
                words = f"{rival.title} names {licence.name}, {verdict.clause}: {_upright(verdict.why)}."
                return Answer("fail", words[:1].upper() + words[1:], (rival.where,), "declared by publisher")
    return answer


def rival_licences(rival: Sighting, terms: Terms) -> tuple[Licence, ...]:
    """The table's entries that a rival names."""
    return tuple(licence for licence in terms.known if licence.key in rival.keys)


def _several(terms: Terms, criterion: int) -> Answer:
    """Whichever of several licences governs: a pass or fail stands only where all of them agree."""
    verdicts = {licence.verdict(criterion).v for licence in terms.licences}
    first = terms.licences[0].verdict(criterion)
    names = " and ".join(licence.name for licence in terms.licences)
    if verdicts == {"fail"}:
        return Answer("fail", f"{names}: {_upright(first.why)}.", terms.where[:4], terms.basis)
    agreed = all(_passes_too(rival, terms, criterion) for rival in terms.rivals)
    if verdicts == {"pass"} and agreed and not any(is_family(licence) for licence in terms.licences):
        return Answer("pass", f"{names}: {_upright(first.why)}.", terms.where[:4], terms.basis)
    unsure = "names no version" if len(terms.licences) == 1 else "stand beside each other"
    words = f"{names} {unsure}, so which text governs is not known, and criterion {criterion} is open."
    return Answer("review", words, terms.where[:4], terms.basis)


def _upright(why: str) -> str:
    return why.strip().rstrip(".")
