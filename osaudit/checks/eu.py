"""The open-source exemption of Art. 53(2) of the EU's AI Act, by the paragraphs of the Commission's guidelines.

Guidelines C(2025) 5045: access 79, use 80, modification 81, distribution 82, what disqualifies 83, which safety terms
are tolerated 84, monetisation 85-89. This is not the Open Source Definition: a use restriction may be arguable here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from osaudit.checks.cards import card_place
from osaudit.checks.case import Case, Parent
from osaudit.checks.licence import card_adds_no_terms, licence_names_no_territory, policies_add_no_terms
from osaudit.checks.ruling import worst
from osaudit.checks.terms import KNOWN, Terms
from osaudit.errors import UsageError
from osaudit.evidence import Gate, Seen, Unknown
from osaudit.frozen import replace
from osaudit.licences.table import Licence
from osaudit.verdict import Answer, Outcome

USE, MODIFY, DISTRIBUTE, DISQUALIFIES, SAFETY = "80", "81", "82", "83", "84"
PARAGRAPHS = (USE, MODIFY, DISTRIBUTE, DISQUALIFIES, SAFETY)
_ASKED: Mapping[str, tuple[int, ...]] = MappingProxyType({USE: (5, 6), MODIFY: (3,), DISTRIBUTE: (1,)})
_READ: Mapping[str, Outcome] = MappingProxyType({"pass": "pass", "fail": "fail", "unclear": "review"})
_DUAL = "86"
_GRANTS = "78"
_FIELDS = 6
_MOST_FIELDS = 6


def eu_access_open(case: Case) -> Answer:
    """Can anyone get the model without payment, where verifying users is tolerated and excluding countries is not?"""
    return worst([_gate(case), *(one for one in [licence_names_no_territory(case)] if one.outcome != "not_applicable")])


def _gate(case: Case) -> Answer:
    match case.evidence.gate:
        case Seen(gate, where):
            if gate.eu_disallowed:
                return Answer("fail", "The gate refuses users in the European Union.", where)
            if gate.mode == "open" and (gate.fields or isinstance(gate.prompt, Seen)):
                declared = gate.prompt.where if isinstance(gate.prompt, Seen) else ()
                words = "The card declares a gate, and the Hub's record says that there is none: which holds is open."
                return Answer("review", words, (*declared, *where))
            return replace(_by_mode(gate), where=where)
        case Unknown(why):
            return Answer("review", f"Whether a gate stands before the files could not be seen: {why.rstrip('.')}.")
        case _:
            return Answer("review", "Nothing tells how the files can be had.", card_place(case.evidence))


def _by_mode(gate: Gate) -> Answer:
    match gate.mode:
        case "open":
            return Answer("pass", "The files download without a form.")
        case "auto":
            return Answer("pass", "A form stands before the files and opens by itself; verifying users is tolerated.")
        case "manual":
            return Answer("review", "A person decides on each request; by which criteria is not known.")


def eu_licence_limb(case: Case, paragraph: str) -> Answer:
    """Do the terms of the weights, and those that bases hand down, meet this paragraph of the licence limb?"""
    if paragraph not in PARAGRAPHS:
        raise UsageError(f"eu-licence-limb knows the paragraphs {', '.join(PARAGRAPHS)}, not {paragraph[:20]!r}")
    asked = [_own(case, case.weights, paragraph), *_handed_down(case, paragraph)]
    if paragraph in {USE, DISQUALIFIES}:
        asked += [card_adds_no_terms(case, _FIELDS), policies_add_no_terms(case)]
    answer = worst(one for one in asked if one is asked[0] or one.outcome != "not_applicable")
    return answer if answer.where else replace(answer, where=card_place(case.evidence))


def _own(case: Case, terms: Terms, paragraph: str) -> Answer:
    if terms.state == "silent":
        words = "No licence is stated, so no right to access, use, change or pass on is known to be granted."
        return Answer("fail" if paragraph in _ASKED else "not_applicable", words, terms.where)
    readings = [_reading(licence, paragraph) for licence in terms.licences]
    if terms.state == "joint":
        readings = [worst(readings)]
    if readings and {answer.outcome for answer in readings} == {"fail"} and terms.state in KNOWN:
        return replace(readings[0], where=terms.where[:2], basis=terms.basis)
    if not terms.settled or not readings:
        words = f"The licence is not certain, so paragraph {paragraph} is open: {terms.name}."
        return Answer("review", words, terms.where[:2], terms.basis)
    return replace(readings[0], where=terms.where[:2] or card_place(case.evidence), basis=terms.basis)


def _handed_down(case: Case, paragraph: str) -> Iterable[Answer]:
    """What bases of other owners hand down; a base that was only guessed can lower to review at most."""
    for parent in case.foreign_parents:
        theirs = _of_parent(parent, paragraph)
        if theirs.outcome in {"pass", "not_applicable"}:
            continue
        sure = parent.base.confidence == "high"
        words = f"Made from {parent.base.name}, whose terms bind here too: {theirs.because}"
        outcome = theirs.outcome if sure or theirs.outcome != "fail" else "review"
        yield Answer(outcome, words, (parent.base.where, *theirs.where), theirs.basis if sure else "inferred")


def _of_parent(parent: Parent, paragraph: str) -> Answer:
    if parent.case is not None:
        return eu_licence_limb(parent.case, paragraph)
    if parent.family is not None:
        theirs = _reading(parent.family, paragraph)
        if theirs.outcome == "fail":
            sure = parent.fails_for_sure(lambda licence: _reading(licence, paragraph).outcome == "fail")
            tells = "tells" if sure else "may tell"
            return replace(
                theirs, outcome="fail" if sure else "review", because=f"its name {tells} the {theirs.because}"
            )
    return Answer("review", "its terms could not be seen.")


def _reading(licence: Licence, paragraph: str) -> Answer:
    """What the clause table says of one licence under one paragraph."""
    told = _told(licence)
    match paragraph:
        case "83":
            return _disqualifying(licence, told)
        case "84":
            return _safety(licence, told)
        case _:
            return _granted(licence, paragraph, told)


def _told(licence: Licence) -> str:
    number = licence.eu.para
    plural = "s" if any(sign in number for sign in "-,/") else ""
    return f"{licence.name}: {licence.eu.why.rstrip('.')} (paragraph{plural} {number})."


def _granted(licence: Licence, paragraph: str, told: str) -> Answer:
    if licence.eu.v == "qualifies" or (licence.eu.v == "review" and licence.eu.para == _GRANTS):
        return Answer("pass" if licence.eu.v == "qualifies" else "review", told)
    verdicts = [licence.verdict(number) for number in _ASKED[paragraph]]
    deciding = min(verdicts, key=lambda verdict: ("fail", "unclear", "pass").index(verdict.v))
    outcome = _READ[deciding.v]
    if outcome == "fail" and licence.eu.v == "review":
        outcome = "review"  # a restriction that the Open Source Definition refuses may be arguable here
    if outcome == "pass":
        return Answer("pass", f"{licence.name}, {deciding.clause}: {deciding.why.rstrip('.')}.")
    return Answer(outcome, told)


def _disqualifying(licence: Licence, told: str) -> Answer:
    if DISQUALIFIES in licence.eu.para:
        return Answer("fail" if licence.eu.v == "disqualified" else "review", told)
    if licence.eu.v == "review" and licence.eu.para == _GRANTS:
        return Answer("review", told)
    words = "no limit to non-commercial or research use, no user threshold, no separate commercial licence"
    return Answer("pass", f"{licence.name}: {words}.")


def _safety(licence: Licence, told: str) -> Answer:
    policy = licence.flags.get("acceptable_use_policy") or licence.flags.get("field_of_use_restriction")
    if SAFETY in licence.eu.para or (policy and not licence.flags.get("non_commercial")):
        words = "whether its use restrictions are specific, proportionate and objective safety terms is for a person"
        return Answer("review", f"{licence.name}: {words}.")
    return Answer("pass", told if licence.eu.v == "qualifies" else f"{licence.name} has no safety terms to weigh.")


def eu_not_monetised(case: Case) -> Answer:
    """Is the model given without pay, paid support, paid exclusive hosting, or personal data as its price?"""
    dual = next((licence for licence in case.weights.licences if _DUAL in licence.eu.para), None)
    if dual and case.weights.state in {"read", "declared"}:
        return Answer("fail", _told(dual), case.weights.where[:2], case.weights.basis)
    words = (
        "Whether the provider takes money, sells support that is needed, or hosts it for pay is not in a repository."
    )
    match case.evidence.gate:
        case Seen(gate, where) if asked := gate.personal[:_MOST_FIELDS]:
            words = f"{words} The gate asks for personal data ({', '.join(asked)})."
            return Answer("review", words, where)
        case _:
            return Answer("review", words, card_place(case.evidence))
