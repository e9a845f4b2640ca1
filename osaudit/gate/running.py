"""A run of the gate: models are looked at, held to policy and lock, and waived; a report comes of it.

The one impure module of the gate: it looks, through the library's door. No printing, no exits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from osaudit import __version__
from osaudit.audit import Asking, Looking, Outcome, Run, audit_each, collect_evidence, hub_source, is_folder
from osaudit.errors import OsauditError
from osaudit.evidence import Evidence, Seen
from osaudit.gate import lock as locks
from osaudit.gate.assess import assess
from osaudit.gate.findings import Adoption, GateFinding, GateReport, GateRow, Waived, in_order
from osaudit.gate.lock import Locked
from osaudit.gate.policy import Policy
from osaudit.gate.waivers import Waiver, waive, wrong_waivers
from osaudit.licences.table import load_table
from osaudit.sources.refs import is_commit, parse_ref
from osaudit.sources.saved import SavedEvidence
from osaudit.verdict import Failure, Scorecard

NOT_SAVED = (
    "{name}: the evidence that its lock names is not saved here: fetch it with `osaudit lock --evidence FOLDER`, and "
    "name the folder with --evidence"
)


@dataclass(frozen=True, slots=True)
class Gate:
    """What models are held to.

    `lock` is None where none is asked for; `saved` are folders of evidence, taken by the digests of the lock alone.
    `baseline` are pairs of model and rule that stood before and fail no more. `today` is the ISO 8601 day.
    """

    policy: Policy
    asked: Asking
    looking: Looking
    today: str
    waivers: tuple[Waiver, ...] = ()
    lock: tuple[Locked, ...] | None = None
    saved: tuple[Path, ...] = ()
    baseline: frozenset[tuple[str, str]] = frozenset()
    general: tuple[GateFinding, ...] = ()
    see: Callable[[Adoption, Looking, Run], Evidence] | None = None
    heads: dict[str, Adoption] = field(default_factory=dict)
    guard: threading.Lock = field(default_factory=threading.Lock)


def merged(adoptions: Iterable[Adoption]) -> tuple[Adoption, ...]:
    """Each model at each revision once, with all the places that adopt it, in the order of their first."""
    found: dict[tuple[str, str | None], Adoption] = {}
    for one in adoptions:
        key = (one.model, one.revision)
        known = found.get(key)
        found[key] = replace(known, places=tuple(dict.fromkeys((*known.places, *one.places)))) if known else one
    return tuple(found.values())


def run_gate(gate: Gate, adoptions: Sequence[Adoption], tell: Callable[[Outcome], None]) -> GateReport:
    """Judge what is adopted and hold it to the policy; `tell` is called with each outcome as it comes, in order.

    A model that cannot be judged is a row with its failure; nothing is raised for it.
    """
    from osaudit.sources.readings import unread  # noqa: PLC0415 - help does not need it

    outcomes: list[Outcome] = []
    anew = unread([one.model for one in adoptions], no_cache=gate.looking.no_cache) if len(adoptions) > 1 else None
    for outcome in audit_each(adoptions, _name, gate_see(gate), gate.asked, anew):
        tell(outcome)
        outcomes.append(outcome)
    moved = dict(zip(gate.heads, _judged_heads(gate), strict=True))
    rows, used = [], set[str]()
    for adoption, outcome in zip(adoptions, outcomes, strict=True):
        row, bearing = _row(gate, adoption, outcome, moved.get(adoption.name))
        rows.append(row)
        used |= bearing
    judged = tuple(row.judged.model for row in rows)
    general = (*gate.general, *wrong_waivers(gate.waivers, frozenset(used), gate.today, judged))
    return GateReport(gate.policy.told, tuple(rows), in_order(general), gate.today, __version__)


def _name(adoption: Adoption) -> str:
    return adoption.name


def _judged_heads(gate: Gate) -> Iterator[Outcome]:
    heads = tuple(gate.heads.values())
    return audit_each(heads, _name, lambda one, run: _look(gate, one, run), gate.asked)


def _row(gate: Gate, adoption: Adoption, outcome: Outcome, head: Outcome | None) -> tuple[GateRow, frozenset[str]]:
    found = list(_of_lock(gate, adoption, outcome, head))
    if isinstance(outcome, Scorecard):
        found += assess(outcome, gate.policy, load_table(), adoption, gate.today)
    model = outcome.model if isinstance(outcome, Scorecard) else adoption.model
    commit = outcome.commit if isinstance(outcome, Scorecard) else None
    marked, used = waive(in_order(found), gate.waivers, model, commit, gate.today)
    return GateRow(adoption, outcome, in_order(_before(one, model, gate.baseline) for one in marked)), used


def _before(finding: GateFinding, model: str, baseline: frozenset[tuple[str, str]]) -> GateFinding:
    """Mark what stood in the baseline, but for what is about this run: its lock, its waivers, what was not judged."""
    of_this_run = finding.rule.startswith(("not-judged", "lock.", "waiver."))
    if finding.waived or of_this_run or (model, finding.rule) not in baseline:
        return finding
    return replace(finding, waived=Waived("baseline", "", "It stands in the baseline.", ""))


def _of_lock(gate: Gate, adoption: Adoption, outcome: Outcome, head: Outcome | None) -> Iterator[GateFinding]:
    if gate.lock is None or is_folder(adoption.model):
        return
    row = locks.lock_of(adoption, gate.lock)
    if row is None:
        yield locks.unlocked(adoption)
        return
    other = locks.other_commit(adoption, row)
    if other:
        yield other
    if isinstance(head, Failure):
        yield GateFinding("not-judged", "error", f"its head could not be judged: {head.message}")
    elif head is not None:
        found = locks.of_head(row, head, gate.policy.sha256)
        if found:
            yield found
    if isinstance(outcome, Scorecard):
        yield from _edited(row, outcome, gate.policy.sha256)
    if isinstance(outcome, Scorecard) and outcome.evidence_sha256 != row.evidence:
        words = "what the verdict rests on is not what was locked, at the same commit: its bases or data sets moved"
        yield GateFinding("lock.evidence", "warning", words)


def _edited(row: Locked, card: Scorecard, policy_sha256: str) -> Iterator[GateFinding]:
    """A lock that says of its evidence what that evidence does not give: edited, or of another version's judgment."""
    if card.evidence_sha256 != row.evidence:
        return
    now = locks.locked_words(card, row, policy_sha256)
    if now:
        same = card.tool_version == row.tool
        words = f"the lock does not say what its evidence gives ({now}): lock it anew, and have the change reviewed"
        yield GateFinding("lock.edited", "error" if same else "warning", words)


def gate_see(gate: Gate) -> Callable[[Adoption, Run], Evidence]:
    """How the gate looks at a model: at its lock's evidence where one holds, else at the Hub."""

    def see(adoption: Adoption, run: Run) -> Evidence:
        row = locks.lock_of(adoption, gate.lock) if gate.lock is not None else None
        return _look(gate, adoption, run) if row is None else _locked(gate, adoption, row, run)

    return see


def _locked(gate: Gate, adoption: Adoption, row: Locked, run: Run) -> Evidence:
    """The evidence of a locked model: as saved, by its digest, else at its commit; notes whether its head moved."""
    if not gate.looking.offline:
        _see_head(gate, adoption, row, run)
    for folder in gate.saved:
        found = SavedEvidence(folder).load(row.evidence)
        if found is not None and isinstance(found.commit, Seen) and found.commit.value != row.commit:
            raise OsauditError(f"{adoption.name}: its lock names a commit and the evidence of another: lock it anew")
        if found is not None:
            return found
    if gate.looking.offline:
        raise OsauditError(NOT_SAVED.format(name=adoption.name))
    return _look(gate, Adoption(row.id, row.commit), run)


def _see_head(gate: Gate, adoption: Adoption, row: Locked, run: Run) -> None:
    """Ask for the head, with one request; one that moved is judged later."""
    branch = None if row.revision and is_commit(row.revision) else row.revision
    source = hub_source(gate.looking, run.turns)
    if source.head(parse_ref(row.id, revision=branch)) != row.commit:
        with gate.guard:
            gate.heads[adoption.name] = Adoption(row.id, branch)


def _look(gate: Gate, adoption: Adoption, run: Run) -> Evidence:
    looking = replace(gate.looking, revision=adoption.revision)
    return gate.see(adoption, looking, run) if gate.see else collect_evidence(adoption.model, looking, run)
