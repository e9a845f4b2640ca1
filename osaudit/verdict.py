"""What is concluded: answers, verdicts and the scorecard. Pure values; every renderer reads these and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

from osaudit.evidence import Unseen, Where
from osaudit.frozen import dataclass
from osaudit.proberun import ProbeRun

SCORECARD_SCHEMA = 1

Outcome: TypeAlias = Literal["pass", "partial", "fail", "not_applicable", "review"]
Basis: TypeAlias = Literal["osi-stated", "licence text", "declared by publisher", "inferred", "attested"]
MayAnswer: TypeAlias = Literal["yes", "yes-if", "no", "not-known"]
Facet: TypeAlias = Literal["weights", "data", "training", "licence"]
LabelId: TypeAlias = Literal[
    "not-available",
    "unlicensed",
    "weights-available",
    "open-weights",
    "open-source-ai",
    "open-source-ai-open-data",
]

LADDER: Mapping[LabelId, str] = MappingProxyType(
    {
        "not-available": "Not Available",
        "unlicensed": "Unlicensed",
        "weights-available": "Weights Available",
        "open-weights": "Open Weights",
        "open-source-ai": "Open Source AI",
        "open-source-ai-open-data": "Open Source AI with Open Data",
    }
)
"""The rungs, lowest first: the G7's four of 29 May 2026 and two below them."""

UNTOLD = "Could not be told"
"""The label's name where the file list that was seen is partial, so that even the lowest rungs are open."""

CANDIDATE_RUNGS: frozenset[LabelId] = frozenset({"open-source-ai", "open-source-ai-open-data"})
"""The rungs that a machine can only propose: a person attests them."""

BASES: tuple[Basis, ...] = ("osi-stated", "licence text", "declared by publisher", "inferred", "attested")
"""What a verdict may rest on, the strongest first."""

FACETS: tuple[Facet, ...] = ("weights", "data", "training", "licence")


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one yes/no question.

    `because` is one sentence that a lawyer would accept. `counted` is False only where the question does not apply by
    its nature: such a cell leaves the score's denominator, while one that is not applicable because nothing was
    published stays in it at 0. `waits_for` names the cell in review (`OSD-1/data`) that is open for the same fact: one
    look settles both, so that one alone is asked, and carries the weight of this one.
    """

    outcome: Outcome
    because: str
    where: tuple[Where, ...] = ()
    basis: Basis = "inferred"
    counted: bool = True
    waits_for: str = ""

    @property
    def is_open(self) -> bool:
        """Whether a person has to look, here or at the cell that this one waits for."""
        return self.outcome == "review" or bool(self.waits_for)


@dataclass(frozen=True, slots=True)
class Attested:
    """A person's word for one cell, and the machine's own answer that it stands beside.

    `date` and `expires` are ISO 8601 days; `evidence` is a link, or `sha256:` and the hash of a file. `overrides`: it
    says that it stands against a fail; `any_commit`: it is for whatever commit; `signed`: by a key of a known person.
    """

    id: str
    who: str
    date: str
    expires: str
    reason: str
    evidence: str
    machine: Answer
    overrides: bool = False
    any_commit: bool = False
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """One criterion x facet cell of a pack: its question, its answer, its weight in points, and the remedy.

    Where a person attested it, `answer` is that person's, and `attestation` keeps the machine's.
    """

    pack: str
    criterion: str
    facet: Facet
    question: str
    answer: Answer
    weight: int
    remedy: str
    attestation: Attested | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """Progress from 0 to 100: `low` counts every review as 0, `high` as 1. Never the verdict: the label is."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class AttestedCell:
    """A person's word that the label would not stand without: the entry's id, the cell, and the machine's outcome."""

    id: str
    cell: str
    who: str
    outcome: Outcome
    machine: Outcome
    overrides: bool
    any_commit: bool
    signed: bool


@dataclass(frozen=True, slots=True)
class Label:
    """A rung of the G7 ladder of 29 May 2026.

    `candidate`: a person has yet to attest it. `at_best` is the rung if every review passed; `blocks` say what keeps
    the next rung away, in words that a publisher can act on. `determined` is False where the file list that was seen is
    known to be partial, so that even the lowest rungs are open.

    `basis` is the weakest thing that the label rests on; `attested` are the persons' words among it. `asks` are the
    cells in review that can move the label, as `criterion/facet`.
    """

    id: LabelId
    name: str
    candidate: bool
    at_best: LabelId
    blocks: tuple[str, ...]
    determined: bool = True
    basis: Basis = "inferred"
    attested: tuple[AttestedCell, ...] = ()
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoverningLicence:
    """The licence that governs one component, as resolved. `key` is None where none is known, `none` for none stated.

    `settled`: one licence, read or declared without contradiction; `steps` are the
    resolution, in order.
    """

    key: str | None
    spdx: str | None
    name: str
    basis: Basis
    settled: bool
    where: tuple[Where, ...]
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A conflict, obligation or risk: its kind, one sentence, its places.

    `rule` is the id of what made it: the rule that read the words, a row of a table in `osaudit.checks`, or a flag of
    the clause table.
    """

    kind: str
    because: str
    where: tuple[Where, ...] = ()
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Duty(Finding):
    """An obligation: `kind` is its id in the vocabulary, `uses` those that bring it on, `who` has to keep it."""

    uses: tuple[str, ...] = ()
    who: str = ""


@dataclass(frozen=True, slots=True)
class UseAnswer:
    """Whether a use of the vocabulary is open: `conditions` are what a `yes-if` hangs on.

    `basis` is the weakest thing that the answer rests on.
    """

    use: str
    answer: MayAnswer
    because: str
    conditions: tuple[str, ...]
    where: tuple[Where, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class LineageNode:
    """A model of the chain: `licence` is its governing licence's name, `seen` whether its repository was read.

    `label` is the label of the model that was judged, empty for the others; `ceiling` is the highest that the clause
    table says a model's licence alone permits, which is no label.
    """

    id: str
    commit: str | None
    licence: str
    label: str
    seen: bool
    ceiling: str = ""


@dataclass(frozen=True, slots=True)
class LineageEdge:
    """`child` was made from `parent`; `dropped` are the parent's terms that the child does not carry."""

    child: str
    parent: str
    relation: str
    named_by: str
    confidence: str
    dropped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lineage:
    """The chain of models that this one was made from, as far as it was walked."""

    nodes: tuple[LineageNode, ...] = ()
    edges: tuple[LineageEdge, ...] = ()


@dataclass(frozen=True, slots=True)
class DatasetLine:
    """A named data set in the report: `access` is open, auto, manual, missing or unknown.

    `licences` are all that its card, tags and texts name, `sources` what it says it was made from; `note` says what of
    that bears on its terms.
    """

    name: str
    role: str
    licence: str
    access: str
    commit: str | None
    where: tuple[Where, ...]
    licences: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class LinkedLine:
    """A code repository that the card links, in the report.

    `role` is whose it is, `tie` what in it shows that; `licence` is that of its code. `found` are the parts of the
    training path and what else it holds, each with a file; `lacks` are those that were looked for and are not there.
    `why` says why it was not seen, and is empty where it was.
    """

    repo: str
    url: str
    commit: str | None
    role: str
    tie: str
    licence: str
    spdx: str | None
    found: tuple[str, ...]
    lacks: tuple[str, ...]
    notes: tuple[str, ...]
    why: str
    where: tuple[Where, ...]


@dataclass(frozen=True, slots=True)
class PackId:
    """Name and version of the definition that was applied, and its criteria's short titles."""

    id: str
    name: str
    version: str
    definition: str
    titles: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a definition's result: an element, a condition, a paragraph, a class.

    `low` and `high` are percent of it that is met, where it is counted: without and with what is open to review.
    """

    name: str
    outcome: Outcome
    because: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class PackResult:
    """What a further definition makes of its cells: `name` in its own words, `outcome` to compare it by."""

    pack: str
    outcome: Outcome
    name: str
    because: str
    progress: tuple[Part, ...] = ()
    remarks: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class AttestedBy:
    """The attestation file that was given, and how its signature stood. `as_of` is the day it was applied for."""

    file: str
    sha256: str
    signature: str
    as_of: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A model that was asked for and could not be judged: the kind of trouble, its words, the exit code it ends in.

    `trace` tells where a bug came from; no report shows it.
    """

    model: str
    revision: str | None
    kind: str
    message: str
    exit: int
    trace: str = ""


AS_RECORDED = "kept by its hash alone, so what it was recognised as stands as it was recorded"
"""Ends what a scorecard says of texts that recorded evidence does not hold."""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The whole result for one model at one commit; a function of evidence, packs, attestations and tool version.

    `label` and `score` are those of the first pack, the Open Source Definition; `results` are the further packs'.
    `probe` is what running the weights showed, where that was asked for. `reread` says that the evidence was saved
    without what the readers found in it, and read again; `evidence_sha256` is that of the evidence as it was saved.
    `unverified` says what was taken as it stood recorded, and why nothing holds it to what the repository has.
    `linked` are the code repositories that the card links, where they were asked for.
    """

    model: str
    revision: str | None
    commit: str | None
    source: str
    collected_at: str
    evidence_sha256: str
    tool_version: str
    packs: tuple[PackId, ...]
    label: Label
    score: Score
    licences: tuple[tuple[str, GoverningLicence], ...]
    verdicts: tuple[Verdict, ...]
    conflicts: tuple[Finding, ...]
    obligations: tuple[Duty, ...]
    risks: tuple[Finding, ...]
    unseen: tuple[Unseen, ...]
    lineage: Lineage
    datasets: tuple[DatasetLine, ...]
    incomplete: bool = False
    results: tuple[PackResult, ...] = ()
    attestations: AttestedBy | None = None
    probe: ProbeRun | None = None
    reread: str = ""
    unverified: tuple[str, ...] = ()
    uses: tuple[UseAnswer, ...] = ()
    linked: tuple[LinkedLine, ...] = ()
