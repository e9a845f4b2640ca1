"""Whether each component of a release is under an open licence of its type, as the Model Openness Framework asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import get_args

from osaudit.checks import artefacts as there
from osaudit.checks.approval import terms_of
from osaudit.checks.cards import card_place
from osaudit.checks.case import Case, DataSource
from osaudit.checks.code import terms_relied_on
from osaudit.checks.libraries import open_library
from osaudit.checks.ruling import worst
from osaudit.checks.sightings import is_family
from osaudit.checks.terms import Terms
from osaudit.checks.weights import weights_published
from osaudit.errors import UsageError
from osaudit.frozen import replace
from osaudit.licences.table import Licence
from osaudit.mof.components import ContentType
from osaudit.mof.licences import Ruling, rule
from osaudit.verdict import Answer, Outcome


def _code(kind: str) -> Callable[[Case], Answer]:
    return lambda case: there.code_published(case, kind)


_PRESENT: Mapping[str, Callable[[Case], Answer]] = MappingProxyType(
    {
        "architecture": there.architecture_published,
        "weights": weights_published,
        "checkpoints": there.checkpoints_published,
        "paper": there.paper_published,
        "results": there.evaluation_reported,
        "card": there.model_card_written,
        "data-card": there.data_card_written,
        "training-code": _code("training"),
        "inference-code": _code("inference"),
        "evaluation-code": _code("evaluation"),
        "preprocessing-code": _code("preprocessing"),
        "training-data": there.training_data_published,
        "evaluation-data": there.evaluation_data_published,
    }
)
_GOVERNED: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("weights", "checkpoints"), "weights"),
        **dict.fromkeys(
            ("architecture", "training-code", "inference-code", "evaluation-code", "preprocessing-code"), "code"
        ),
    }
)
_CLOSING = (1, 3, 5, 6)
_BY_LIBRARY = frozenset({"architecture", "inference-code"})


def component_openly_licensed(case: Case, component: str, type: str) -> Answer:  # noqa: A002 - the framework's word
    """Is this component under an open licence of its type: code, data or document?"""
    content: ContentType | None = next((known for known in get_args(ContentType) if known == type), None)
    if component not in _PRESENT or content is None:
        raise UsageError(
            f"component-openly-licensed knows the components {', '.join(_PRESENT)} "
            f"and the types {', '.join(get_args(ContentType))}, not {component[:40]!r} as {type[:40]!r}"
        )
    present = _PRESENT[component](case)
    if present.outcome == "fail":
        words = "The component is not there, so there is no licence to ask of."
        return Answer("not_applicable", words, present.where)
    answer = _answer(case, component, content, present)
    return answer if answer.where else replace(answer, where=card_place(case.evidence))


def licence_of(case: Case, component: str) -> str | None:
    """The SPDX id of the one licence that governs a component; None where none is known for certain."""
    library = open_library(case.evidence)
    present = _PRESENT[component](case)
    if component in _BY_LIBRARY and library and library.name in present.because:
        return library.spdx
    if component in {"training-data", "evaluation-data", "data-card"}:
        sets = {source.terms for source in _sets(case, component)}
        terms = next(iter(sets)) if len(sets) == 1 else None
    else:
        linked = _terms_there(case, component, present)
        terms = linked[0] if linked else terms_of(case, _GOVERNED.get(component, "docs"))
    one = terms.licences[0] if terms and terms.settled and len(terms.licences) == 1 else None
    return (one.spdx or one.name) if one else None


def _answer(case: Case, component: str, content: ContentType, present: Answer) -> Answer:
    match component:
        case "training-data" | "evaluation-data":
            return _of_sets(case, component, content)
        case "paper":
            listed = present.outcome == "pass"
            return _by_terms(terms_of(case, "docs"), content) if listed else _elsewhere("paper", present)
        case "data-card" if present.outcome in {"pass", "partial"}:
            return _of_sets(case, "training-data", content)
        case "card" | "data-card" | "results":
            return _by_terms(terms_of(case, "docs"), content)
        case "weights" | "checkpoints":
            return _by_terms(case.weights, content)
        case _:
            return _of_code(case, component, content, present)


def _of_code(case: Case, component: str, content: ContentType, present: Answer) -> Answer:
    """The repository's own code has the repository's terms; what an open library holds has the library's."""
    library = open_library(case.evidence)
    if component in _BY_LIBRARY and library and library.name in present.because:
        ruling = rule(library.spdx, content)
        words = f"{library.name}: {ruling.because}."
        return Answer("pass" if ruling.is_open else "fail", words, present.where)
    linked = _terms_there(case, component, present)
    if linked:
        return worst([_by_terms(terms, content) for terms in linked])
    return _by_terms(case.code, content) if present.outcome == "pass" else _elsewhere("linked code", present)


def _terms_there(case: Case, component: str, present: Answer) -> tuple[Terms, ...]:
    """The terms of a component's code where it was found in linked repositories."""
    found = there.code_there(case, component.removesuffix("-code")) if component.endswith("-code") else ()
    theirs = found if present.where and present.where[0] in {one.file.where for one in found} else ()
    return tuple(terms for _, terms in terms_relied_on(theirs))


def _elsewhere(what: str, present: Answer) -> Answer:
    return Answer("review", f"The licence of the {what} was not looked into.", present.where, present.basis)


def _sets(case: Case, component: str) -> tuple[DataSource, ...]:
    if component == "evaluation-data":
        return tuple(source for source in case.data if source.use.role == "evaluation")
    return case.training_data


def _of_sets(case: Case, component: str, content: ContentType) -> Answer:
    sets = _sets(case, component)
    if not sets:
        return Answer("review", "The data is told in words that lead to no repository whose licence could be read.")
    return worst([_of_set(source, content) for source in sets])


def _of_set(source: DataSource, content: ContentType) -> Answer:
    if source.terms is None:
        return Answer("review", f"The licence of {source.use.name} was not seen.", (source.use.where,))
    answer = _by_terms(source.terms, content)
    return replace(answer, because=f"{source.use.name}: {answer.because}", where=answer.where or (source.use.where,))


def _by_terms(terms: Terms, content: ContentType) -> Answer:
    if terms.state == "silent":
        return Answer("fail", "No licence is stated, and what has none is not open.", terms.where)
    rulings = [_rule(licence, content) for licence in terms.licences]
    closed = [ruling for ruling in rulings if not ruling.is_open]
    if closed and (len(closed) == len(rulings) or terms.state == "joint") and not any(map(is_family, terms.licences)):
        return Answer("fail", f"{_upper(closed[0].because)}.", terms.where, terms.basis)
    if not terms.settled:
        return Answer("review", f"The licence is not certain: {terms.name}.", terms.where, terms.basis)
    outcome: Outcome = "pass" if all(ruling.is_open for ruling in rulings) else "review"
    return Answer(outcome, f"{_upper(rulings[0].because)}.", terms.where, terms.basis)


def _rule(licence: Licence, content: ContentType) -> Ruling:
    """Rule by the SPDX id, unless the clause table knows a text of that name to close what an open licence leaves."""
    closed = next((number for number in _CLOSING if licence.verdict(number).v == "fail"), None)
    if closed:
        return Ruling("invalid", f"{licence.name} is not an open licence ({licence.verdict(closed).why})")
    return rule(licence.spdx or licence.name, content)


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]
