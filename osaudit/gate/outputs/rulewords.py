"""What a gate's rules ask and what helps, in words: of cells from their packs, of the rest in our own."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from osaudit.gate.assess import rule_of
from osaudit.gate.findings import GateRow
from osaudit.licences.grants import load_vocabulary
from osaudit.packs import Cell, Criterion, load_pack, pack_ids
from osaudit.verdict import Scorecard, Verdict


@dataclass(frozen=True, slots=True)
class RuleWords:
    """A rule as a reader of a finding needs it: what it asks, why, and what to do."""

    asks: str
    why: str
    help: str


def words_of(rule: str, rows: Iterable[GateRow] = ()) -> RuleWords:
    """Give a rule's words; those of a user's own pack stand in the scorecards' verdicts."""
    return _cells().get(rule) or _own(rule) or _of_verdicts(rule, rows) or _UNKNOWN


@functools.cache
def _cells() -> Mapping[str, RuleWords]:
    found: dict[str, RuleWords] = {}
    for pack in map(load_pack, pack_ids()):
        for criterion, facet, cell in pack.cells:
            prefix = "" if pack.id == "osd" else f"{pack.id}:"
            found[f"{prefix}{criterion.id}/{facet}"] = _of_cell(criterion, cell)
            found.setdefault(criterion.id, RuleWords(criterion.title, criterion.demands, _LOOK.format(criterion.id)))
    return MappingProxyType(found)


_LOOK = "`osaudit criteria explain {}` tells what passes, what fails, and the remedy."


def _of_cell(criterion: Criterion, cell: Cell) -> RuleWords:
    parts = (("Passes", cell.passes), ("Fails", cell.fails), ("For a person", cell.review), ("Remedy", cell.remedy))
    return RuleWords(cell.question, criterion.demands, "\n".join(f"{head}: {text}" for head, text in parts if text))


def _of_verdicts(rule: str, rows: Iterable[GateRow]) -> RuleWords | None:
    for row in rows:
        for verdict in row.judged.verdicts if isinstance(row.judged, Scorecard) else ():
            if rule_of(verdict) == rule:
                return _of_verdict(verdict)
    return None


def _of_verdict(verdict: Verdict) -> RuleWords:
    return RuleWords(verdict.question, f"It is asked by the pack {verdict.pack}.", f"Remedy: {verdict.remedy}")


def _own(rule: str) -> RuleWords | None:
    if rule in _RULES:
        return _RULES[rule]
    kind, dot, name = rule.partition(".")
    if not dot:
        return None
    if kind == "use":
        use = load_vocabulary().uses.get(name)
        return RuleWords(f"Is this use open: {use.name if use else name}?", _USE, _USE_HELP)
    made = _KINDS.get(kind)
    return made and RuleWords(made.asks.format(name), made.why, made.help)


_USE = "The policy names the uses that have to be open, if need be under conditions."
_USE_HELP = "`osaudit may MODEL --use ID` tells the deciding words. Take another model, or terms that open the use."

_RULES: Mapping[str, RuleWords] = MappingProxyType(
    {
        "not-judged": RuleWords(
            "Could the model be judged?",
            "What could not be looked at is never taken for a pass.",
            "Give a token that opens it (HF_TOKEN), correct the id or the revision, or run again when the Hub answers.",
        ),
        "min-label": RuleWords(
            "Is the label the one asked for, or better?",
            "The label is the model's rung of the G7's ladder of 29 May 2026.",
            "The report names what keeps the next rung away. Take a model of a higher rung, or lower min-label.",
        ),
        "min-basis": RuleWords(
            "Does the label rest on what the policy asks for?",
            "A label may rest on a licence's text, on a tag alone, or on less.",
            "Ask the publisher to put the licence's text into the repository, or have a person attest the cells.",
        ),
        "fail-under": RuleWords(
            "Is the low end of the score high enough?",
            "The score measures progress; its low end counts what is open to review as nothing.",
            "Settle the open reviews (`osaudit review MODEL`), or take a model that publishes more.",
        ),
        "allow": RuleWords(
            "Is the licence of the weights one that is allowed?",
            "The policy lists the licences that are allowed.",
            "Take a model under one of them, or add the licence to allow once it has been read.",
        ),
        "deny": RuleWords(
            "Is no licence of the model, or of what it was made from, one that is denied?",
            "The policy lists licences, categories or flags that are denied.",
            "Take a model without them in its chain.",
        ),
        "probe": RuleWords(
            "Do the published weights pass the probe?",
            "The policy names the level of the probe that they have to pass.",
            "`osaudit probe MODEL` tells the file or the tensor that fails.",
        ),
        "max-age": RuleWords(
            "Is the evidence young enough?",
            "What a repository holds can change.",
            "Look again: run without saved evidence, or `osaudit lock`.",
        ),
        "unresolved": RuleWords(
            "Is it told which model is loaded there?",
            "What no reader can resolve was not audited.",
            "Write the model's id where it is loaded, or name it to the gate.",
        ),
        "unpinned": RuleWords(
            "Is the model adopted at a commit?",
            "A branch or a tag can move to files and terms that nobody has audited.",
            "Name the 40-digit commit where the model is loaded (revision=).",
        ),
    }
)

_KINDS: Mapping[str, RuleWords] = MappingProxyType(
    {
        "conflict": RuleWords(
            "Do the sources agree, or is there a conflict ({})?",
            "Two sources that contradict each other leave the terms open.",
            "Read both places, and ask the publisher which one holds.",
        ),
        "risk": RuleWords(
            "Is there a risk to know of ({})?",
            "A risk lowers no verdict; whoever adopts the model should know of it.",
            "Read the places, and decide whether it matters to you; `risks` in the policy makes it fail.",
        ),
        "lock": RuleWords(
            "Does osaudit.lock hold ({})?",
            "The lock file records the commits and the terms that were audited.",
            "Look at what changed, and run `osaudit lock` to accept it.",
        ),
        "attestation": RuleWords(
            "Do the attestations count ({})?",
            "The policy says whose attestations count, and whether for whatever commit.",
            "Have a known person sign them, for the commit that is adopted; or widen `attested` in the policy.",
        ),
        "waiver": RuleWords(
            "Do the waivers hold ({})?",
            "A waiver accepts a finding for a model, by an owner, for a time.",
            "Renew it, narrow it, or take it out of osaudit-waivers.yaml.",
        ),
        "trust": RuleWords(
            "Do the files beside the policy stand as at the trusted commit ({})?",
            "Policy, waivers, attestations and lock count as they stand at the commit that --trust names.",
            "Review the change of the file by itself; it counts once it stands at that commit.",
        ),
    }
)

_UNKNOWN = RuleWords(
    "Is what the policy asks for met?",
    "The policy asks for it.",
    "`osaudit policy explain` tells in words what is asked.",
)
