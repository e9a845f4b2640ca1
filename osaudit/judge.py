"""judge(evidence, pack) -> Scorecard: every check of every cell asked of one case. Pure: no clock, disk or network."""

from __future__ import annotations

import difflib
import functools
import inspect
import itertools
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from osaudit import __version__
from osaudit.adopter import NOBODY, Adopter
from osaudit.attest.apply import Applied, apply
from osaudit.attest.entries import Attestations
from osaudit.attest.questions import is_one_question
from osaudit.attest.questions import name as cell_name
from osaudit.checks import CHECKS
from osaudit.checks.case import Case, DataSource, build_case
from osaudit.checks.codelines import linked_lines, papers_unread
from osaudit.checks.conflicts import conflicts, risks
from osaudit.checks.data import licences_of, source_note
from osaudit.checks.duties import obligations
from osaudit.checks.lineage import lineage
from osaudit.checks.probe import untold
from osaudit.checks.ruling import worst
from osaudit.checks.terms import Terms
from osaudit.codec import digest
from osaudit.errors import UsageError
from osaudit.evidence import NOT_ASKED, Evidence, Fact, Seen, T, Unknown, Unseen
from osaudit.frozen import dataclass, replace
from osaudit.label import label
from osaudit.licences.table import CRITERIA, LicenceTable
from osaudit.packs import Cell, CheckCall, Criterion, Pack
from osaudit.proberun import ProbeRun
from osaudit.results import results
from osaudit.uses import uses
from osaudit.verdict import (
    AS_RECORDED,
    Answer,
    AttestedBy,
    DatasetLine,
    Facet,
    GoverningLicence,
    Label,
    Lineage,
    PackId,
    Score,
    Scorecard,
    Verdict,
)

_REREAD = (
    "The evidence is of an earlier version and held no findings: what it kept of the repository's words was read again "
    "with readers {}."
)
_VALUE = {"pass": 1.0, "partial": 0.5, "fail": 0.0, "not_applicable": 0.0, "review": 0.0}


Asked: TypeAlias = dict[int, Answer]
"""What was asked of a case before, by the number of check and arguments: packs ask many of the same questions."""


@dataclass(frozen=True, slots=True)
class _Call:
    """A check with its arguments, and the number under which its answer is kept."""

    number: int
    check: Callable[[Case], Answer]


@dataclass(frozen=True, slots=True)
class _AskedCell:
    """A cell of a pack and what it asks."""

    criterion: str
    facet: Facet
    cell: Cell
    calls: tuple[_Call, ...]


def judge(  # noqa: PLR0913 - what a verdict rests on
    evidence: Evidence,
    pack: Pack,
    table: LicenceTable,
    further: Sequence[Pack] = (),
    given: Attestations | None = None,
    adopter: Adopter = NOBODY,
    *,
    sha256: str = "",
) -> Scorecard:
    """Judge one model's evidence by a pack, which gives label and score, and by further ones, which give results.

    `given` are attestations, with the day on which they are applied: the judge has no clock. The facts of an `adopter`
    settle what uses hang on, and nothing else. `sha256` is the evidence's digest where it was computed already.
    """
    case = build_case(evidence, table)
    commit = _value(evidence.commit)
    applied = _applied(case, (pack, *further), given, commit)
    placed = label(case, applied.verdicts, pack)
    return Scorecard(
        model=evidence.ref.repo,
        revision=evidence.ref.revision,
        commit=commit,
        source=evidence.source,
        collected_at=evidence.collected_at,
        evidence_sha256=evidence.reread or sha256 or digest(evidence),
        tool_version=__version__,
        packs=tuple(map(_pack_id, (pack, *further))),
        label=placed,
        score=score(verdict for verdict in applied.verdicts if verdict.pack == pack.id),
        licences=tuple(_licences(case)),
        verdicts=tuple(asked_once(applied.verdicts, (pack, *further))),
        conflicts=(*conflicts(case), *applied.conflicts),
        obligations=obligations(case),
        risks=(*risks(case), *applied.notices),
        unseen=tuple(_unseen(case)),
        lineage=_labelled(lineage(case), placed),
        datasets=tuple(_dataset(source) for source in case.data),
        incomplete=_incomplete(evidence),
        results=results(case, further, applied.verdicts, placed),
        attestations=AttestedBy(given.file, given.sha256, given.signature, given.as_of) if given else None,
        probe=_value(evidence.probe),
        reread=_REREAD.format(evidence.readers) if evidence.reread else "",
        unverified=tuple(_unverified(evidence)),
        uses=uses(case, applied.verdicts, pack, adopter),
        linked=linked_lines(case),
    )


def _labelled(chain: Lineage, placed: Label) -> Lineage:
    """The chain with the label of the model that was judged, its first node."""
    first = chain.nodes[:1]
    return replace(chain, nodes=(*(replace(node, label=placed.id) for node in first), *chain.nodes[1:]))


def require_askable(packs: Iterable[Pack]) -> None:
    """Raise the UsageError that judging would end in, where a user's own pack asks for what cannot be asked."""
    for pack in packs:
        _asked_cells(pack)


def _applied(case: Case, packs: Sequence[Pack], given: Attestations | None, commit: str | None) -> Applied:
    """Every cell's verdict, with what persons attest laid over what the checks answer."""
    asked: Asked = {}
    verdicts = tuple([_verdict(case, pack.id, cell, asked) for pack in packs for cell in _asked_cells(pack)])
    if given is None:
        return Applied(verdicts)
    return apply(verdicts, given, case.evidence.ref.repo, commit, _same_as(packs))


def asked_once(verdicts: Sequence[Verdict], packs: Iterable[Pack]) -> Iterator[Verdict]:
    """Leave one cell in review of those that one fact keeps open, where a pack says which of them comes first.

    Where a thing could not be looked at, nothing can be asked of it: the first cell stands for the question, and bears
    the weight of those that wait for it, so that the score's range is as wide as it was. Nothing is closed by that.
    """
    firsts = {
        (pack.id, f"{row.id}/{facet}"): (pack.id, cell.after)
        for pack in packs
        for row, facet, cell in pack.cells
        if cell.after
    }
    groups: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        own = (verdict.pack, cell_name(verdict))
        groups.setdefault(firsts.get(own, own), []).append(verdict)
    asked = {first: group for first, group in groups.items() if len(group) > 1 and is_one_question(group)}
    for verdict in verdicts:
        own = (verdict.pack, cell_name(verdict))
        if own in asked:
            yield replace(verdict, weight=sum(one.weight for one in asked[own]))
        elif own in firsts and firsts[own] in asked:
            answer = replace(verdict.answer, outcome="not_applicable", counted=False, waits_for=firsts[own][1])
            yield replace(verdict, answer=answer, weight=0)
        else:
            yield verdict


def _same_as(packs: Sequence[Pack]) -> Mapping[str, str]:
    cells = ((pack.id, *cell) for pack in packs for cell in pack.cells)
    return {f"{pack}:{criterion.id}/{facet}": cell.same_as for pack, criterion, facet, cell in cells if cell.same_as}


def cells_of(case: Case, pack: Pack, wanted: Callable[[str, Facet], bool]) -> tuple[Verdict, ...]:
    """Judge those cells of a pack alone that are wanted, by criterion and facet, where no whole scorecard is needed."""
    asked: Asked = {}
    return tuple(_verdict(case, pack.id, one, asked) for one in _asked_cells(pack) if wanted(one.criterion, one.facet))


def score(verdicts: Iterable[Verdict]) -> Score:
    """Progress in percent of the weights that count, with reviews as 0 and as 1."""
    counted = [
        (verdict.weight, verdict.answer.outcome)
        for verdict in verdicts
        if verdict.answer.outcome != "not_applicable" or verdict.answer.counted
    ]
    weight = sum([weight for weight, _ in counted])
    if not weight:
        return Score(0.0, 0.0)
    low = sum([weight * _VALUE[outcome] for weight, outcome in counted])
    reviews = sum([weight for weight, outcome in counted if outcome == "review"])
    return Score(round(100 * low / weight, 1), round(100 * (low + reviews) / weight, 1))


def _verdict(case: Case, pack: str, cell: _AskedCell, asked: Asked) -> Verdict:
    answers = []
    for call in cell.calls:
        answer = asked.get(call.number)
        if answer is None:
            answer = asked[call.number] = call.check(case)
        answers.append(answer)
    words, answer = cell.cell, _placed(worst(answers))
    return Verdict(pack, cell.criterion, cell.facet, words.question, answer, words.weight, words.remedy)


@functools.lru_cache(maxsize=32)
def _asked_cells(pack: Pack) -> tuple[_AskedCell, ...]:
    """The cells with the checks that they ask for; a user's own pack may ask what cannot be asked (UsageError)."""
    return tuple(
        _AskedCell(row.id, facet, cell, tuple(_call(row, call) for call in cell.checks))
        for row, facet, cell in pack.cells
    )


def _call(criterion: Criterion, call: CheckCall) -> _Call:
    """Take a check that a cell asks for, which may be none, or be given arguments that it does not take."""
    known = _arguments(call.name)
    if known is None:
        near = ", ".join(difflib.get_close_matches(call.name, CHECKS, 3)) or ", ".join(list(CHECKS)[:3])
        raise UsageError(
            f"the pack asks for the check {call.name!r:.80} ({criterion.id}), which is none, as {near} are"
        )
    for name, value in call.arguments.items():
        if name not in known or not _fits(name, value):
            raise UsageError(
                f"the pack asks {call.name} ({criterion.id}) with {name}: {value!r:.80}, which it does not take"
            )
    lacking = [name for name, needed in known.items() if needed and name not in call.arguments]
    if lacking:
        raise UsageError(f"the pack asks {call.name} ({criterion.id}) without {lacking[0]}, which it needs")
    arguments = {name: tuple(v) if isinstance(v, list) else v for name, v in call.arguments.items()}
    key = (call.name, *arguments.items())
    return _Call(_NUMBERS.setdefault(key, next(_COUNT)), functools.partial(CHECKS[call.name], **arguments))


_COUNT = itertools.count()
_NUMBERS: dict[Hashable, int] = {}
"""Checks with their arguments, each under a number of its own: it is looked up for every cell."""


@functools.cache
def _arguments(check: str) -> dict[str, bool] | None:
    """The arguments of a check besides the case, and whether each has to be given; None for no check."""
    if check not in CHECKS:
        return None
    asked = list(inspect.signature(CHECKS[check]).parameters.values())[1:]
    return {parameter.name: parameter.default is parameter.empty for parameter in asked}


def _fits(name: str, value: object) -> bool:
    if name == "criterion":
        return type(value) is int and value in CRITERIA
    if name == "settled_by":
        return isinstance(value, list) and all(isinstance(flag, str) for flag in value)
    return isinstance(value, str) and bool(value.strip())


def _placed(answer: Answer) -> Answer:
    """Hold the promise that no pass stands without a place: such a pass is a question for a person."""
    if answer.outcome == "pass" and not answer.where:
        words = f"{answer.because} No place could be kept for it, so a person has to confirm it."
        return Answer("review", words, (), answer.basis)
    return answer


@functools.lru_cache(maxsize=32)
def _pack_id(pack: Pack) -> PackId:
    titles = tuple((criterion.id, criterion.title) for criterion in pack.criteria)
    return PackId(pack.id, pack.name, pack.version, pack.definition, titles)


def _licences(case: Case) -> Iterable[tuple[str, GoverningLicence]]:
    yield "weights", governing(case.weights)
    yield "code", governing(case.code)
    sets = [source.terms for source in case.training_data if source.terms]
    if sets and len({terms.name for terms in sets}) == 1 and len(sets) == len(case.training_data):
        yield "data", governing(sets[0])


def governing(terms: Terms) -> GoverningLicence:
    """The licence of a component in the shape of the report."""
    one = terms.licences[0] if len(terms.licences) == 1 and terms.state in {"read", "declared"} else None
    return GoverningLicence(
        key=one.key if one else None,
        spdx=terms.expression or (one.spdx if one else None),
        name=terms.name,
        basis=terms.basis,
        settled=terms.settled,
        where=terms.where,
        steps=terms.steps,
    )


def _value(fact: Fact[T]) -> T | None:
    return fact.value if isinstance(fact, Seen) else None


def _unseen(case: Case) -> Iterable[Unseen]:
    day = case.evidence.collected_at[:10]
    for item in case.evidence.unseen:  # what stands elsewhere on the web has no commit: the day tells which text it was
        dated = item.what.startswith(("http://", "https://")) and bool(day)
        yield replace(item, why=f"{item.why.rstrip('.')} (as of {day})") if dated else item
    if isinstance(case.evidence.probe, Seen):
        yield from _unprobed(case.evidence.probe.value)
    if isinstance(case.evidence.gate, Unknown):
        yield Unseen("whether a gate stands before the files", case.evidence.gate.why)
    yield from dict.fromkeys(_unseen_bases(case))
    match case.evidence.past:
        case Unknown(why) if case.evidence.past != NOT_ASKED:
            yield Unseen("the repository's history", why)
        case Seen(past, _) if not past.complete:
            yield Unseen("the repository's history", "not all of its commits, folders and cards were looked at")
        case _:
            pass
    yield from papers_unread(case)
    for source in case.data:
        if source.evidence is None:
            yield Unseen(f"the data set {source.use.name}", _why(source.use.evidence))


def _unverified(evidence: Evidence) -> Iterable[str]:
    """Tell why nothing vouches for what was read, and of texts that are kept by their hashes alone."""
    if evidence.unverified:
        yield evidence.unverified
    paths = [text.where.path for text in evidence.licence_texts if not isinstance(text.text, Seen)]
    if paths:
        yield f"{', '.join(paths)}: {AS_RECORDED}"


def _unprobed(run: ProbeRun) -> Iterable[Unseen]:
    stopped = untold(run)
    if stopped is not None:
        yield Unseen(f"what the probe was asked for, up to “{run.asked}”", f"{stopped.level}: {stopped.because}")


def _unseen_bases(case: Case) -> Iterable[Unseen]:
    for parent in case.parents:
        if parent.case is None:
            yield Unseen(f"the base model {parent.base.name}", _why(parent.base.evidence))
        else:
            yield from _unseen_bases(parent.case)


def _why(fact: Fact[Evidence]) -> str:
    return fact.why if isinstance(fact, Unknown) else "it is not there"


def _dataset(source: DataSource) -> DatasetLine:
    evidence = source.evidence
    gate = evidence.gate if evidence else None
    access = gate.value.mode if isinstance(gate, Seen) else "unknown"
    return DatasetLine(
        name=source.use.name,
        role=source.use.role,
        licence=source.terms.name if source.terms else "not seen",
        access=access,
        commit=_value(evidence.commit) if evidence else None,
        where=(source.use.where,),
        licences=licences_of(source),
        sources=tuple(use.name for use, _ in source.sources),
        note=source_note(source),
    )


def _incomplete(evidence: Evidence) -> bool:
    """Whether the repository's own files were refused, so that the audit rests on the API's record."""
    refused = any(item.why.startswith(("gated:", "refused:")) for item in evidence.unseen)
    return refused or isinstance(evidence.card, Unknown) or isinstance(evidence.files, Unknown)
