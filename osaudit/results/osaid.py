"""Open Source AI Definition 1.0: three elements and four freedoms, each met, partly, not met, or for a person."""

from __future__ import annotations

from collections.abc import Iterable

from osaudit.checks.cards import places, quoted, statements
from osaudit.checks.case import Case, DataSource
from osaudit.evidence import Seen, Where
from osaudit.mof.licences import rule
from osaudit.packs import Pack
from osaudit.results.cells import listed, parts, worst_of
from osaudit.verdict import Finding, Label, Outcome, PackResult, Verdict

_WORDS: dict[Outcome, str] = {
    "pass": "Met",
    "partial": "Partly met",
    "fail": "Not met",
    "review": "For a person to decide",
    "not_applicable": "Not asked",
}
_CLASSES = {
    "open": "Open data, which may be copied, changed and shared",
    "public": "Public data, which may be inspected where it lies",
    "obtainable": "Obtainable data, which is given on request",
    "unseen": "Data of no known class, because its repository was not seen",
}


def result(case: Case, pack: Pack, verdicts: tuple[Verdict, ...], label: Label) -> PackResult:  # noqa: ARG001 - the table's form
    """Combine the cells to elements and freedoms, and these to the whole."""
    asked = parts(pack, verdicts, _WORDS)
    outcome = worst_of(part.outcome for part in asked)
    deciding = [part.name for part in asked if part.outcome == outcome]
    left = [part.name for part in asked if part.outcome in {"review", "partial"} and part.outcome != outcome]
    words = f"{_WORDS[outcome]}: {listed(deciding)}."
    if outcome == "pass":
        words = "Every element is met and every freedom given, on the evidence that was seen."
    elif left:
        words += f" Not certain: {listed(left)}."
    remarks = (*_data_classes(case), *_for_a_person(verdicts))
    return PackResult(pack.id, outcome, _WORDS[outcome], words, asked, remarks)


def _data_classes(case: Case) -> Iterable[Finding]:
    """The definition's classes of data, as far as the named sets tell."""
    for kind, words in _CLASSES.items():
        sets = [source for source in case.training_data if _class_of(source) == kind]
        if sets:
            where = tuple(source.use.where for source in sets)[:4]
            yield Finding(
                "data-class", f"{words}: {listed(source.use.name for source in sets)}.", where, f"osaid.data-{kind}"
            )
    withheld = statements(case.evidence.card, "data-withheld")
    if withheld:
        words = "Data is withheld; whether law or privacy keeps it from being shared is for a person"
        yield Finding("data-class", f"{words}: {quoted(withheld[0].where)}.", places(withheld), "osaid.data-withheld")


def _class_of(source: DataSource) -> str:
    gate = source.evidence.gate if source.evidence else None
    if not isinstance(gate, Seen):
        return "unseen"
    if gate.value.mode != "open":
        return "obtainable"
    terms = source.terms
    free = terms is not None and terms.settled and all(rule(one.spdx, "data").is_open for one in terms.licences)
    return "open" if free else "public"


def _for_a_person(verdicts: tuple[Verdict, ...]) -> Iterable[Finding]:
    """What a person must still decide, listed and never assumed."""
    for verdict in verdicts:
        if verdict.answer.outcome == "review":
            where: tuple[Where, ...] = verdict.answer.where[:2]
            yield Finding("for-a-person", f"{verdict.question} {verdict.answer.because}", where, "osaid.for-a-person")
