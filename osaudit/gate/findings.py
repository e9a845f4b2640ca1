"""What a gate finds: one value for each condition that is not met, and for what an adopter should see besides.

Pure values; `osaudit.gate.outputs` draws them. Severities are those of SARIF 2.1.0 (section 3.27.10): an `error` is a
condition that is not met, a `warning` is something to look at, a `note` is told for completeness.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

from osaudit.frozen import dataclass
from osaudit.verdict import Failure, Scorecard
from osaudit.where import Where

Severity: TypeAlias = Literal["error", "warning", "note"]
Result: TypeAlias = Literal["pass", "fail", "error"]

ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "note": 2}
_OUTRANKS: dict[Result, int] = {"pass": 0, "fail": 1, "error": 2}
EXIT: dict[Result, int] = {"pass": 0, "fail": 1, "error": 3}
"""The exit code of each result; 2, wrong usage or configuration, outranks them and is raised."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a project adopts a model: a file of the project, line and column from 1, and the call or key that does."""

    path: str
    line: int
    column: int = 1
    how: str = ""
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Waived:
    """Who accepts a finding, why, and until which day (ISO 8601)."""

    id: str
    owner: str
    reason: str
    expires: str


@dataclass(frozen=True, slots=True)
class GateFinding:
    """One finding.

    `rule` is a condition's key (`min-label`), a cell (`OSD-6/weights`; other packs' as `mof:...`), a use
    (`use.sell`), a conflict's or risk's kind (`conflict.card-restriction`, `risk.gated`), or one of the lock, the
    waivers or the places (`lock.unlocked`, `waiver.expired`, `unpinned`). `where` are places in the model's repository,
    `at` is the place in the project that the finding itself is about: a waiver, a file that was changed, a call.
    """

    rule: str
    severity: Severity
    message: str
    where: tuple[Where, ...] = ()
    waived: Waived | None = None
    at: Place | None = None

    @property
    def fails(self) -> bool:
        """Whether the gate fails over it."""
        return self.severity == "error" and self.waived is None


@dataclass(frozen=True, slots=True)
class Adoption:
    """A model that is to be adopted: its id or folder, the revision asked for, and where the project says so."""

    model: str
    revision: str | None = None
    places: tuple[Place, ...] = ()

    @property
    def name(self) -> str:
        """The model as a user writes it."""
        return f"{self.model}@{self.revision}" if self.revision else self.model


@dataclass(frozen=True, slots=True)
class GateRow:
    """What the gate makes of one model: its scorecard, or the failure to judge it, and its findings, worst first."""

    adoption: Adoption
    judged: Scorecard | Failure
    findings: tuple[GateFinding, ...] = ()

    @property
    def result(self) -> Result:
        """`error` where it could not be judged, `fail` where a finding fails, else `pass`."""
        if isinstance(self.judged, Failure) or any(one.rule == "not-judged" and one.fails for one in self.findings):
            return "error"
        return "fail" if any(one.fails for one in self.findings) else "pass"

    @property
    def exit(self) -> int:
        """The exit code for this model alone."""
        return self.judged.exit if isinstance(self.judged, Failure) else EXIT[self.result]


@dataclass(frozen=True, slots=True)
class PolicyTold:
    """The policy as a report names it: its file or ready-made name, its hash, and each condition in words."""

    source: str
    sha256: str
    conditions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class GateReport:
    """A whole run: the policy in force, a row for each model, and findings that belong to none (waivers, the lock)."""

    policy: PolicyTold
    rows: tuple[GateRow, ...]
    general: tuple[GateFinding, ...] = ()
    date: str = ""
    tool_version: str = ""

    @property
    def result(self) -> Result:
        """The worst of the rows: what could not be judged outranks what fails."""
        results: list[Result] = [row.result for row in self.rows]
        results += ["fail" for one in self.general if one.fails]
        return max(results, key=_OUTRANKS.__getitem__, default="pass")

    @property
    def exit(self) -> int:
        """2 outranks 3, 3 outranks 1, 1 outranks 0."""
        return worst_exit([*(row.exit for row in self.rows), EXIT[self.result]])


_EXIT_RANK = (2, 3, 1, 0)


def worst_exit(codes: Iterable[int]) -> int:
    """The code that a run over many models ends in; a code of none of the four counts as 3."""
    return min((code if code in _EXIT_RANK else 3 for code in codes), key=_EXIT_RANK.index, default=0)


def in_order(findings: Iterable[GateFinding]) -> tuple[GateFinding, ...]:
    """Sort findings, each once: those that fail first, then by severity, those waived behind their like."""
    return tuple(
        sorted(dict.fromkeys(findings), key=lambda one: (not one.fails, ORDER[one.severity], one.waived is not None))
    )


def failing(rows: Sequence[GateRow]) -> tuple[GateRow, ...]:
    """The rows whose result is no pass, those that could not be judged first."""
    return tuple(sorted((row for row in rows if row.result != "pass"), key=lambda row: -_OUTRANKS[row.result]))
