"""What an adopter has to find at once: why the label is what it is, what must be done, what stands against it.

Everything here is picked from the scorecard and shortened; nothing is judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from osaudit.licences.grants import load_vocabulary
from osaudit.proberun import LEVELS, ProbeRun
from osaudit.render.grid import main_verdicts
from osaudit.render.neutral import plain
from osaudit.render.usewords import use_name
from osaudit.render.words import RUNG_MEANINGS, UNDETERMINED, label_words, weights_licence_words
from osaudit.verdict import Finding, Outcome, Scorecard, UseAnswer, Verdict

MUSTS = 5
"""The duties that the first screen names; the others stand in the checklist."""
_AGAINST = 4
_SHORT = 150
_BRIEF = 110
_REASON = 260
_ADDED = "publisher-adds"
_WEIGHTIEST = (
    "not-known",
    "register",
    "report-or-pay",
    "share-alike",
    "provide-source",
    "pass-on-terms",
    "follow-policy",
    "bind-recipients",
    "outputs-are-derivatives",
    "display-wording",
    "name-rule",
    "include-licence",
    "notice-file",
    "keep-notices",
    "state-changes",
    "filter-outputs",
    "disclose-ai",
    _ADDED,
)
_BRIEFLY: Mapping[str, str] = MappingProxyType(
    {
        "evaluate": "evaluate it",
        "run": "run it",
        "sell": "sell",
        "host": "host it",
        "redistribute": "redistribute",
        "fine-tune": "fine-tune it",
        "fine-tune-ship": "ship a fine-tune",
        "quantise-ship": "ship a merge",
        "outputs-commercial": "use outputs",
        "train-on-outputs": "train on outputs",
    }
)
_OF_TERMS = ("licence", "weights")
_TELLING = ("OSD-6", "OSD-5", "OSD-1", "OSD-7", "OSD-3")
"""The criteria that tell an adopter most, where several fail."""
# Marks that end a sentence: not the point of "s1.b." or "e.g.", which no capital letter after a closed word follows.
_END = re.compile(r"(?:(?<=[^\W\d]{2})|(?<=[)”’»\"\d%]))[.](?=\s+[A-Z“«])")


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the first screen: its head, its words, and the part of the report that it leads to."""

    head: str
    words: str
    target: str = ""


def clip(text: str, limit: int) -> str:
    """Return the first sentence of a text, cut between words where it is longer than `limit` characters."""
    words = plain(text, limit * 4)
    first = _END.split(words, maxsplit=1)[0].rstrip()
    first += "." if first != words.rstrip() and not first.endswith(".") else ""
    if len(first) <= limit:
        return first
    return f"{first[:limit].rsplit(' ', 1)[0].rstrip(' ,;:')} …"


def cell_id(verdict: Verdict) -> str:
    """Name the cell as its place in the page is named."""
    return re.sub(r"[^A-Za-z0-9.-]+", "_", f"{verdict.criterion}-{verdict.facet}")


def named(card: Scorecard, verdict: Verdict) -> str:
    """Name a criterion by its title, then by its number."""
    titles = {(pack.id, key): title for pack in card.packs for key, title in pack.titles}
    number = plain(verdict.criterion, 40)
    title = plain(titles.get((verdict.pack, verdict.criterion), ""), 160)
    return f"{title} ({number})" if title else number


def why(card: Scorecard) -> Told:
    """Say in one sentence why the label is what it is: what the definition's own words fail on, or leave open."""
    label = card.label
    if not label.determined:
        return Told("", UNDETERMINED, "unseen" if card.unseen else "")
    match label.id:
        case "weights-available":
            return _not_open(card)
        case "open-weights":
            return _not_whole(card)
        case _:
            return Told("", RUNG_MEANINGS[label.id], "stands")


def _not_open(card: Scorecard) -> Told:
    terms = [verdict for verdict in main_verdicts(card) if verdict.facet in _OF_TERMS]
    for outcome, head in (("fail", "Not open source"), ("review", "Not known to be open source")):
        found = sorted((v for v in terms if v.answer.outcome == outcome), key=_telling)
        if found:
            first = found[0]
            return Told(f"{head}:", _reason(card, first), cell_id(first))
    blocks = [line for line in card.label.blocks if line]
    return Told("Not open source:", clip(blocks[0], _REASON) if blocks else RUNG_MEANINGS[card.label.id], "stands")


def _not_whole(card: Scorecard) -> Told:
    missing = [
        verdict
        for verdict in main_verdicts(card)
        if verdict.criterion == "OSD-2"
        and verdict.facet in {"training", "data"}
        and verdict.answer.outcome in {"fail", "partial", "review", "not_applicable"}
    ]
    if not missing:
        return Told("", RUNG_MEANINGS["open-weights"], "stands")
    words = " ".join(clip(verdict.answer.because, _SHORT) for verdict in missing)
    return Told("The weights are open source, the whole system is not:", words, cell_id(missing[0]))


def _telling(verdict: Verdict) -> tuple[int, int]:
    order = _TELLING.index(verdict.criterion) if verdict.criterion in _TELLING else len(_TELLING)
    return order, _OF_TERMS.index(verdict.facet)


def _reason(card: Scorecard, verdict: Verdict) -> str:
    return f"“{named(card, verdict)}” is {_STATES[verdict.answer.outcome]}. {clip(verdict.answer.because, _REASON)}"


_STATES: dict[Outcome, str] = {
    "pass": "met",
    "partial": "met in part",
    "fail": "not met",
    "review": "open to a person's review",
    "not_applicable": "not asked here",
}


def short_use(answer: UseAnswer) -> str:
    """Return what a use hangs on, for one line: limits first, duties counted."""
    if answer.answer == "yes":
        return ""
    if answer.answer != "yes-if":
        return clip(answer.because, _BRIEF)
    duties = [words for words in answer.conditions if _is_duty(words)]
    limits = [words for words in answer.conditions if not _is_duty(words)]
    count = f"{len(duties)} {'duty' if len(duties) == 1 else 'duties'} to keep" if duties else ""
    if not limits:
        return count
    more = [f"{len(limits) - 1} more"] if len(limits) > 1 else []
    return "; ".join([clip(limits[0], _BRIEF).rstrip("."), *more, *filter(None, (count,))])


def _is_duty(words: str) -> bool:
    return any(kind.text in words for kind in load_vocabulary().duties.values())


def musts(card: Scorecard) -> tuple[Told, ...]:
    """Return the duties, the weightiest first; what the publisher adds is one line."""
    own = sorted((duty for duty in card.obligations if duty.kind != _ADDED), key=lambda duty: _weight(duty.kind))
    lines = [Told(_when(duty.uses), plain(duty.because, 600), "obligations") for duty in own]
    added = [duty for duty in card.obligations if duty.kind == _ADDED]
    if added:
        count = "a passage" if len(added) == 1 else f"{len(added)} passages"
        words = f"Read {count} that the publisher adds to the licence; whether they bind is for a person to say."
        lines.append(Told("", words, "obligations"))
    return tuple(lines)


def _weight(kind: str) -> int:
    return _WEIGHTIEST.index(kind) if kind in _WEIGHTIEST else len(_WEIGHTIEST)


def _when(uses: Sequence[str]) -> str:
    every = len(load_vocabulary().uses) - 2
    return "" if not uses or len(uses) >= every else ", ".join(_BRIEFLY.get(use, use_name(use).lower()) for use in uses)


def against(card: Scorecard) -> tuple[Told, ...]:
    """Return what stands against the model: contradictions first, then the criteria that fail."""
    found = [Told(kind_words(finding), clip(finding.because, _REASON), "conflicts") for finding in card.conflicts]
    return (*found, *_failing(card))


def _failing(card: Scorecard) -> Iterator[Told]:
    failing = sorted((v for v in main_verdicts(card) if v.answer.outcome == "fail"), key=_order)
    seen: set[tuple[str, str]] = set()
    for verdict in failing:
        key = (verdict.criterion, verdict.answer.because)
        if key not in seen:
            seen.add(key)
            facet = "" if verdict.facet in _OF_TERMS else f", {verdict.facet}"
            yield Told(f"{named(card, verdict)}{facet}", clip(verdict.answer.because, _SHORT), cell_id(verdict))


def _order(verdict: Verdict) -> tuple[bool, tuple[int, int]]:
    of_terms = verdict.facet in _OF_TERMS
    return not of_terms, _telling(verdict) if of_terms else (0, 0)


def at_first(lines: Sequence[Told], count: int = _AGAINST) -> tuple[tuple[Told, ...], int]:
    """Split off the lines that the first screen has room for, and count the rest."""
    return tuple(lines[:count]), max(len(lines) - count, 0)


def kind_words(finding: Finding) -> str:
    """Return what a finding is called, as words."""
    words = plain(finding.kind, 80).replace("-", " ")
    return f"{words[:1].upper()}{words[1:]}"


def ran(run: ProbeRun | None) -> str:
    """Say whether the published weights were seen to run: the highest level that passed, and on what machine."""
    if run is None:
        return "Not tried: nothing here says that the published weights load or run."
    passed = [level for level in LEVELS for result in run.levels if result.level == level and result.outcome == "pass"]
    failed = next((result for result in run.levels if result.outcome == "fail"), None)
    on = f" on {plain(run.machine.cpu, 80)} ({run.machine.device})" if run.machine else ""
    best = f"Passed up to “{passed[-1]}”{on}." if passed else f"Tried{on}, and no level passed."
    trouble = f" Failed at “{failed.level}”: {clip(failed.because, _SHORT)}" if failed else ""
    return best + trouble


def untold(card: Scorecard) -> tuple[Told, ...]:
    """Return what could not be told, in figures and in the reasons that come most often."""
    uses = [answer for answer in card.uses if answer.answer == "not-known"]
    cells = [verdict for verdict in main_verdicts(card) if verdict.answer.outcome == "review"]
    lines = []
    if uses:
        lines.append(Told(f"{len(uses)} of {len(card.uses)} uses", _which(card, uses), "uses"))
    if cells:
        total = len(main_verdicts(card))
        reasons = _commonest(verdict.answer.because for verdict in cells)
        lines.append(
            Told(
                f"{len(cells)} of {total} cells",
                "; ".join(clip(one, _SHORT).rstrip(".") for one in reasons),
                "verdicts-h",
            )
        )
    if card.unseen:
        things = "1 thing" if len(card.unseen) == 1 else f"{len(card.unseen)} things"
        words = "; ".join(plain(one.what, 90) for one in card.unseen[:2])
        lines.append(Told(f"{things} not seen", words, "unseen"))
    return tuple(lines)


def _which(card: Scorecard, uses: Sequence[UseAnswer]) -> str:
    return "all of them" if len(uses) == len(card.uses) else ", ".join(use_name(one.use).lower() for one in uses)


def _commonest(reasons: Iterable[str]) -> list[str]:
    counted: dict[str, int] = {}
    for reason in reasons:
        counted[reason] = counted.get(reason, 0) + 1
    return sorted(counted, key=lambda reason: -counted[reason])[:2]


def steps(card: Scorecard) -> Iterator[Told]:
    """Return what to do next, in the order in which it helps."""
    answers = {one.use: one.answer for one in card.uses}
    if card.incomplete:
        yield Told(
            "Look again", "Part of it could not be seen: get access (HF_TOKEN), and repeat the audit.", "reproduce"
        )
    if answers.get("sell") == "no":
        yield Told(
            "Do not sell with it", "as it stands: ask the publisher for other terms, or take another model.", "uses"
        )
    if card.conflicts:
        yield Told("Ask the publisher", "which of the contradicting terms hold, and keep the answer.", "conflicts")
    open_cells = [verdict for verdict in main_verdicts(card) if verdict.answer.outcome == "review"]
    if open_cells:
        words = f"have a person answer what is open (osaudit review {plain(card.model, 200)})."
        yield Told("Review", words, "verdicts-h")
    if any(one.answer == "yes-if" for one in card.uses) or card.obligations:
        yield Told("Assign the duties", "each with an owner and a day, in the checklist below.", "obligations")
    if card.probe is None and card.label.id != "not-available":
        yield Told("Try the weights", "before you rely on them (osaudit audit --probe infers).", "reproduce")
    yield Told("Decide and sign", "who approves it, for what, until when.", "sign")


def label_line(card: Scorecard) -> str:
    """Return label and licence in one line, for a page's description."""
    return f"{label_words(card.label)}; weights: {weights_licence_words(card)}"
