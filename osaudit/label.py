"""The label: the highest rung of the G7 ladder (29 May 2026) whose every condition holds.

A condition holds, fails, or is open to a person's review. The rungs of an open system are only ever candidates.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

from osaudit.checks.approval import (
    approval,
    bases_approval,
    deployment_approval,
    licence_stated,
    runs_own_code,
)
from osaudit.checks.case import Case
from osaudit.checks.weights import weights_published
from osaudit.frozen import dataclass
from osaudit.packs import Pack
from osaudit.verdict import (
    BASES,
    CANDIDATE_RUNGS,
    LADDER,
    UNTOLD,
    AttestedCell,
    Basis,
    Label,
    LabelId,
    Outcome,
    Verdict,
)

State: TypeAlias = Literal["holds", "open", "fails"]

RUNGS: tuple[LabelId, ...] = tuple(LADDER)
_STATE: Mapping[Outcome, State] = {
    "pass": "holds",
    "partial": "holds",
    "not_applicable": "holds",
    "review": "open",
    "fail": "fails",
}


_PUBLISHED, _STATED = "G7-WEIGHTS-AVAILABLE/weights", "G7-WEIGHTS-AVAILABLE/licence"
_APPROVED, _DEPLOYED = "G7-OPEN-WEIGHTS.LICENCE/licence", "G7-OPEN-WEIGHTS.CODE/weights"
_ALL_DATA = "G7-OPEN-DATA/data"
_PUBLISH = "Publish the weight files in the repository."
_STATE_ONE = "State a licence for the weights: none is stated anywhere."


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a rung: whether it holds, what a publisher can do where it does not, and the cells it asks."""

    rung: LabelId
    state: State
    remedy: str
    cells: tuple[str, ...] = ()


def label(case: Case, judged: tuple[Verdict, ...], pack: Pack) -> Label:
    """Place the model on the ladder by the verdicts of `pack`, and by what persons attest of the rungs' own conditions.

    The latter stand among the verdicts of the G7's pack: no criterion of `pack` asks for them.
    """
    verdicts = tuple(verdict for verdict in judged if verdict.pack == pack.id)
    of_rungs = {f"{v.criterion}/{v.facet}": v for v in judged if v.pack == "g7" and v.attestation}
    attested = _attested_rungs(judged)
    conditions = tuple(_conditions(case, verdicts, pack, attested))
    reached = _highest(conditions, {"holds"})
    at_best = _highest(conditions, {"holds", "open"})
    words = tuple(_words_relied_on(conditions, reached, (*verdicts, *of_rungs.values())))
    unseen = any(condition.rung == "unlicensed" and condition.state == "open" for condition in conditions)
    return Label(
        id=reached,
        name=UNTOLD if unseen else LADDER[reached],
        candidate=reached in CANDIDATE_RUNGS and not _signed_off(verdicts),
        at_best=at_best,
        blocks=_blocks(conditions, reached),
        determined=not unseen,
        basis="attested" if words else _basis(case, verdicts, reached),
        attested=words,
        asks=_asks(conditions, at_best),
    )


def ceiling(judged: tuple[Verdict, ...], pack: Pack) -> Label:
    """The highest label that verdicts leave: what the ladder asks besides, of files and licences, can only lower it.

    `at_best` counts what is open as met, `candidate` is what the label would be; nothing blocks it.
    """
    conditions = _of_verdicts(judged, pack)
    verdicts = tuple(verdict for verdict in judged if verdict.pack == pack.id)
    reached = _highest(conditions, {"holds"})
    best = _highest(conditions, {"holds", "open"})
    return Label(reached, LADDER[reached], reached in CANDIDATE_RUNGS and not _signed_off(verdicts), best, ())


def hurdles(judged: tuple[Verdict, ...], pack: Pack) -> Mapping[LabelId, tuple[str, ...]]:
    """For each rung above the lowest, what verdicts alone, or the ladder's own words, tell to keep it away.

    Of the two lowest rungs all that can be told; of the highest two all that is told; of Open Weights what the gate's
    cells tell, beside which the licences of weights, bases and code have words of their own.
    """
    conditions = _of_verdicts(judged, pack)
    given = {rung: _unmet(one for one in conditions if one.rung == rung) for rung in RUNGS[1:]}
    return {**given, "unlicensed": (_PUBLISH,), "weights-available": (_STATE_ONE,)}


def _of_verdicts(judged: tuple[Verdict, ...], pack: Pack) -> tuple[Condition, ...]:
    verdicts = tuple(verdict for verdict in judged if verdict.pack == pack.id)
    return (*_gate(verdicts, pack), *_open_source(verdicts), *_open_data(verdicts, _attested_rungs(judged)))


def _attested_rungs(judged: Iterable[Verdict]) -> Mapping[str, Outcome]:
    return {f"{v.criterion}/{v.facet}": v.answer.outcome for v in judged if v.pack == "g7" and v.attestation}


def _asks(conditions: Iterable[Condition], at_best: LabelId) -> tuple[str, ...]:
    """The cells of open conditions that no failing condition below makes idle."""
    within = RUNGS[: RUNGS.index(at_best) + 1]
    named = (cell for one in conditions if one.state == "open" and one.rung in within for cell in one.cells)
    return tuple(dict.fromkeys(named))


def _words_relied_on(
    conditions: Iterable[Condition], reached: LabelId, verdicts: Iterable[Verdict]
) -> Iterable[AttestedCell]:
    """The persons' answers that the label would not stand without."""
    within = RUNGS[: RUNGS.index(reached) + 1]
    needed = {cell for one in conditions if one.rung in within for cell in one.cells}
    for verdict in verdicts:
        by = verdict.attestation
        if by is None:
            continue
        cell = _name(verdict)
        proposes = reached in CANDIDATE_RUNGS and verdict.criterion == "OSD-2"
        if cell not in needed or _STATE[verdict.answer.outcome] != "holds":
            continue
        if _STATE[by.machine.outcome] != "holds" or proposes:
            outcomes = verdict.answer.outcome, by.machine.outcome
            yield AttestedCell(by.id, cell, by.who, *outcomes, by.overrides, by.any_commit, by.signed)


def _basis(case: Case, verdicts: Iterable[Verdict], reached: LabelId) -> Basis:
    """The weakest of what a label rests on: the terms of the weights, of their bases and of the code that runs them."""
    height = RUNGS.index(reached)
    if height < RUNGS.index("weights-available"):
        return "inferred"
    found: list[Basis] = [case.weights.basis]
    if height >= RUNGS.index("open-weights"):
        found += [one.basis for one in (approval(case.table, case.weights, "weights"), *bases_approval(case))]
        found += [case.code.basis] if runs_own_code(case) else []
    if height >= RUNGS.index("open-source-ai"):
        found += [v.answer.basis for v in verdicts if v.criterion == "OSD-2" and v.facet in {"data", "training"}]
    return max(found, key=BASES.index)


def _name(verdict: Verdict) -> str:
    return f"{verdict.criterion}/{verdict.facet}"


def _highest(conditions: Iterable[Condition], enough: set[State]) -> LabelId:
    """Climb until a rung has a condition that is not met; the ladder is cumulative."""
    unmet = {condition.rung for condition in conditions if condition.state not in enough}
    reached = RUNGS[0]
    for rung in RUNGS[1:]:
        if rung in unmet:
            return reached
        reached = rung
    return reached


def _blocks(conditions: Iterable[Condition], reached: LabelId) -> tuple[str, ...]:
    following = RUNGS[RUNGS.index(reached) + 1 :]
    missing = [c for c in conditions if c.state != "holds" and c.rung in following]
    nearest = min((RUNGS.index(condition.rung) for condition in missing), default=0)
    return _unmet(condition for condition in missing if RUNGS.index(condition.rung) == nearest)


def _unmet(conditions: Iterable[Condition]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(condition.remedy for condition in conditions if condition.state != "holds"))


def _signed_off(verdicts: Iterable[Verdict]) -> bool:
    """Whether a person attests what a machine can only propose: that data and training code are there."""
    passed = {(v.criterion, v.facet) for v in verdicts if v.attestation and v.answer.outcome == "pass"}
    return {("OSD-2", "data"), ("OSD-2", "training")} <= passed


def _conditions(
    case: Case, verdicts: tuple[Verdict, ...], pack: Pack, attested: Mapping[str, Outcome]
) -> Iterable[Condition]:
    published = attested.get(_PUBLISHED, weights_published(case).outcome)
    yield Condition("unlicensed", _STATE[published], _PUBLISH, (_PUBLISHED,))
    stated = attested.get(_STATED, licence_stated(case).outcome)
    yield Condition("weights-available", _STATE[stated], _STATE_ONE, (_STATED,))
    yield from _gate(verdicts, pack)
    yield from _approvals(case, attested)
    yield from _open_source(verdicts)
    yield from _open_data(verdicts, attested)


def _gate(verdicts: tuple[Verdict, ...], pack: Pack) -> Iterable[Condition]:
    gate: dict[str, dict[Outcome, list[Verdict]]] = {}
    for verdict in verdicts:
        if verdict.criterion in pack.gate_criteria and verdict.facet in pack.gate_facets:
            alike = gate.setdefault(verdict.answer.because, {})
            alike.setdefault(verdict.answer.outcome, []).append(verdict)
    if not gate:
        yield Condition("open-weights", "open", f"Use a pack with a gate: {pack.name} asks for nothing that opens it.")
    for alike in gate.values():
        for outcome, cells in alike.items():
            # nothing to ask of, for want of a licence, opens no gate
            idle = outcome == "not_applicable" and any(verdict.answer.counted for verdict in cells)
            state = "open" if idle else _STATE[outcome]
            remedy = _gate_remedy(outcome, cells, pack) if state != "holds" else ""
            yield Condition("open-weights", state, remedy, tuple(map(_name, cells)))


def _gate_remedy(outcome: Outcome, cells: Sequence[Verdict], pack: Pack) -> str:
    titles = _titles(pack)
    facets: dict[str, list[str]] = {}
    for verdict in cells:
        facets.setdefault(verdict.criterion, []).append(verdict.facet)
    names = "; ".join(f"{titles[one]} ({one}), {' and '.join(found)}" for one, found in facets.items())
    verb = "Have a person answer" if outcome == "review" else "Meet"
    return f"{verb} {names}: {cells[0].answer.because} {cells[0].remedy}"


@functools.lru_cache(maxsize=32)
def _titles(pack: Pack) -> Mapping[str, str]:
    return {criterion.id: criterion.title for criterion in pack.criteria}


def _approvals(case: Case, attested: Mapping[str, Outcome]) -> Iterable[Condition]:
    """The licences of the weights, of what they were made from, and of the code that runs them."""
    for one in (approval(case.table, case.weights, "weights"), *bases_approval(case)):
        yield Condition("open-weights", _STATE[attested.get(_APPROVED, one.outcome)], one.remedy, (_APPROVED,))
    deployed = deployment_approval(case)
    yield Condition("open-weights", _STATE[attested.get(_DEPLOYED, deployed.outcome)], deployed.remedy, (_DEPLOYED,))


def _open_source(verdicts: tuple[Verdict, ...]) -> Iterable[Condition]:
    for facet, what in (("training", "training code"), ("data", "training data")):
        asked = [verdict for verdict in verdicts if (verdict.criterion, verdict.facet) == ("OSD-2", facet)]
        if not asked:
            yield Condition("open-source-ai", "open", f"Use a pack that asks for the {what} (OSD-2).")
        for verdict in asked:
            outcome = verdict.answer.outcome
            state: State = "holds" if outcome == "pass" else "open" if outcome == "review" else "fails"
            yield Condition("open-source-ai", state, f"{verdict.remedy} ({verdict.answer.because})", (_name(verdict),))


def _open_data(verdicts: tuple[Verdict, ...], attested: Mapping[str, Outcome]) -> Iterable[Condition]:
    """All of the training data, seen in the open: a description, however good, does not reach this rung."""
    cell = next((v for v in verdicts if (v.criterion, v.facet) == ("OSD-2", "data")), None)
    answer = cell and (cell.attestation.machine if cell.attestation else cell.answer)
    disclosed = attested.get(_ALL_DATA, answer.outcome if answer else "fail")
    words = "Publish all of the training data under open data licences."
    yield Condition("open-source-ai-open-data", "holds" if disclosed == "pass" else "fails", words, (_ALL_DATA,))
    for verdict in verdicts:
        if verdict.facet == "data" and verdict.criterion in {"OSD-1", "OSD-3", "OSD-5", "OSD-6"}:
            own = verdict.answer
            state: State = "holds" if own.outcome == "pass" else "open" if own.is_open else "fails"
            words = f"{verdict.remedy} ({own.because})"
            yield Condition("open-source-ai-open-data", state, words, (_name(verdict),))
