"""The words and marks that every report shares, so that no two formats say the same thing differently."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from types import MappingProxyType

from osaudit.built import built, built_lines
from osaudit.evidence import Where
from osaudit.frozen import dataclass
from osaudit.render.neutral import plain
from osaudit.verdict import (
    AS_RECORDED,
    CANDIDATE_RUNGS,
    LADDER,
    UNTOLD,
    Attested,
    AttestedBy,
    Basis,
    DatasetLine,
    Facet,
    GoverningLicence,
    Label,
    LabelId,
    Lineage,
    LineageEdge,
    LineageNode,
    LinkedLine,
    Outcome,
    Part,
    Score,
    Scorecard,
    Verdict,
)

SHORT = 12


@dataclass(frozen=True, slots=True)
class Mark:
    """How an outcome is shown: a word and a symbol, so that colour never speaks alone."""

    word: str
    symbol: str
    meaning: str


MARKS: Mapping[Outcome, Mark] = MappingProxyType(
    {
        "pass": Mark("pass", "✓", "holds, on evidence that was seen"),
        "partial": Mark("partial", "◐", "holds in part, counts half"),
        "fail": Mark("fail", "✗", "does not hold"),
        "review": Mark(
            "review", "?", "a person must look: counts 0 at the low end of the score, in full at the high end"
        ),
        "not_applicable": Mark("not asked", "–", "the question does not apply, and is left out of the score"),
    }
)
NOTHING = Mark("missing", "∅", "nothing was published of which it could be asked, and that counts 0")
"""A second kind of what does not apply: it counts, and has a word and a sign of its own wherever cells are shown."""

WAITS = Mark("waits", "…", "open for the same fact as the facet's cell in review, and counted there")

ATTESTED = Mark("attested", "†", "attested by a person; the machine's own answer stands beside it")

RUNGS: Mapping[LabelId, str] = LADDER
RUNG_MEANINGS: Mapping[LabelId, str] = MappingProxyType(
    {
        "not-available": "No weights are published.",
        "unlicensed": "Weights are published, and nothing grants a right to use them.",
        "weights-available": "Weights are published, under terms that are restricted, or not known to be open source.",
        "open-weights": "Weights and the code that runs them are under open source terms.",
        "open-source-ai": "Weights, training code and training data are open; data that cannot be shared is described.",
        "open-source-ai-open-data": "Weights, training code and all training data are open.",
    }
)
ATTESTED_RUNGS: frozenset[LabelId] = CANDIDATE_RUNGS

FACET_HEADS: Mapping[Facet, str] = MappingProxyType(
    {"weights": "Weights", "data": "Data", "training": "Training", "licence": "Licence"}
)
BASES: Mapping[Basis, str] = MappingProxyType(
    {
        "osi-stated": "stated by the Open Source Initiative",
        "licence text": "osaudit's own reading of the licence's text",
        "declared by publisher": "declared by the publisher",
        "inferred": "inferred",
        "attested": "attested by a person",
    }
)
GROUNDS: Mapping[Basis, str] = MappingProxyType(
    {
        "osi-stated": "by licence text",
        "licence text": "by licence text",
        "declared by publisher": "on the publisher's word",
        "inferred": "by inference",
    }
)
"""What a label rests on, in the words that stand beside it."""
_GROUNDLESS: frozenset[LabelId] = frozenset({"not-available", "unlicensed"})
INCOMPLETE = "Incomplete: part of what bears on this verdict could not be seen (listed under “Not seen”)."
UNVERIFIED = "Unverified: {}"
UNDETERMINED = "The file list that was seen is partial, so that even the lowest labels are open."


def cautions(card: Scorecard) -> tuple[str, ...]:
    """Return what a reader has to know before anything else: what was not seen, or is not vouched for."""
    seen = (INCOMPLETE,) if card.incomplete else ()
    return (*seen, *(UNVERIFIED.format(plain(why, 300)) for why in _unvouched(card)))


def flags(card: Scorecard) -> tuple[str, ...]:
    """Return the same in a word each, for a table's row."""
    held = {"incomplete": card.incomplete, "unverified": bool(_unvouched(card))}
    return tuple(word for word, holds in held.items() if holds)


def _unvouched(card: Scorecard) -> tuple[str, ...]:
    """Return why nothing vouches for what was read; what recorded evidence does not hold is told in its own section."""
    return tuple(why for why in card.unverified if not why.endswith(AS_RECORDED))


def mark_of(verdict: Verdict) -> Mark:
    """Return the cell's mark: NOTHING where it does not apply and yet counts, WAITS where another stands for it."""
    answer = verdict.answer
    if answer.waits_for:
        return WAITS
    return NOTHING if answer.outcome == "not_applicable" and answer.counted else MARKS[answer.outcome]


def legend_words(joint: str) -> str:
    """Return what every sign of a small grid stands for."""
    return joint.join(f"{mark.symbol} {mark.word}" for mark in (*MARKS.values(), NOTHING, WAITS))


def symbol_of(verdict: Verdict) -> str:
    """Return the sign of a cell in a small grid: a person's word has one of its own."""
    return ATTESTED.symbol if verdict.attestation else mark_of(verdict).symbol


def points_words(card: Scorecard, verdict: Verdict) -> str:
    """Return a cell's points, and how many cells wait for its answer: theirs are among them."""
    own = (verdict.pack, f"{verdict.criterion}/{verdict.facet}")
    waiting = sum((one.pack, one.answer.waits_for) == own for one in card.verdicts)
    return f"{verdict.weight} points" + (f" with those of {waiting} cells that wait for it" if waiting else "")


def machine_words(verdict: Verdict) -> str:
    """Say what the machine found of a cell that a person attested; nothing where nobody did."""
    if verdict.attestation is None:
        return ""
    machine = verdict.attestation.machine
    return f"Without the attestation: {MARKS[machine.outcome].word}. {plain(machine.because)}"


def attested_words(attested: Attested) -> str:
    """Say who attests a cell, until when, and on what."""
    evidence = plain(attested.evidence, 300)
    term = f"from {plain(attested.date, 20)} to {plain(attested.expires, 20)}"
    return (
        f"{plain(attested.who, 200)} ({plain(attested.id, 80)}), {term}, evidence {evidence}: {plain(attested.reason)}"
    )


def attested_by_words(given: AttestedBy) -> str:
    """Say which attestation file was applied, for which day, and how its signature stands."""
    return f"{plain(given.file, 200)} as of {plain(given.as_of, 20)}, {plain(given.signature, 300)}"


def attested_cells(card: Scorecard) -> tuple[tuple[str, Verdict, Attested], ...]:
    """Return each attestation that counts, with the cells of every pack that it answers, and the first of them."""
    cells: dict[str, list[tuple[Verdict, Attested]]] = {}
    for verdict in card.verdicts:
        if verdict.attestation:
            cells.setdefault(verdict.attestation.id, []).append((verdict, verdict.attestation))
    named = (", ".join(f"{plain(v.criterion, 60)} {v.facet}" for v, _ in found) for found in cells.values())
    return tuple((names, *found[0]) for names, found in zip(named, cells.values(), strict=True))


def attested_note(card: Scorecard) -> str:
    """Say that cells of the label's own definition rest on a person's word; nothing where none does."""
    count = len(attested_cells(card))
    who = "An attestation stands" if count == 1 else f"{count} attestations stand"
    return f"{who} in this report beside what the machine found: see “Attested”." if count else ""


def part_words(part: Part) -> str:
    """Return a part of a result with its share, where one is counted."""
    if part.low is None:
        return plain(part.name, 120)
    high = part.high if part.high is not None else part.low
    share = number(part.low) if number(part.low) == number(high) else f"{number(part.low)}–{number(high)}"
    return f"{plain(part.name, 120)}, {share} %"


def label_words(label: Label) -> str:
    """Return the label with what it rests on: `(candidate)` and `(attested)` stand for a person's word."""
    return ", ".join(filter(None, (label_name(label), label_ground(label))))


def label_name(label: Label) -> str:
    """Return the label's name: `(candidate)` and `(attested)` stand for a person's word."""
    if not label.determined:
        return UNTOLD
    name = plain(label.name, 80) or RUNGS[label.id]
    if label.candidate:
        name = name if "candidate" in name.lower() else f"{name} (candidate)"
    return f"{name} (attested)" if _is_attested(label) else name


def label_ground(label: Label) -> str:
    """Return what the label rests on; nothing where it rests on a person's word, which its name says, or on none."""
    if not label.determined or label.id in _GROUNDLESS or _is_attested(label):
        return ""
    return GROUNDS.get(label.basis, "")


def _is_attested(label: Label) -> bool:
    return bool(label.attested) or (label.id in ATTESTED_RUNGS and not label.candidate)


def rung_words(rung: LabelId) -> str:
    """Return a rung's name; the two highest are only ever candidate until a person attests them."""
    return f"{RUNGS[rung]} (candidate)" if rung in ATTESTED_RUNGS else RUNGS[rung]


def rung_name(label: str) -> str:
    """Return the name of the rung that a label's id stands for; other words stand for themselves."""
    return next((name for rung, name in RUNGS.items() if rung == label), plain(label, 80))


def node_words(node: LineageNode) -> str:
    """Return a model's label where it was judged, and what its licence alone permits, which is no label."""
    label = rung_name(node.label) if node.label else ""
    ceiling = plain(node.ceiling, 80).replace("-or-better", "")
    most = f"its licence permits {rung_name(ceiling)} at most" if ceiling in RUNGS else ""
    if node.ceiling.endswith("-or-better"):
        most = "its licence sets no limit"
    return "; ".join(filter(None, (label, most))) or "not known"


def at_best_words(label: Label) -> str | None:
    """Return what open reviews could still lead to, or None where they would change nothing."""
    return rung_words(label.at_best) if label.at_best != label.id else None


def number(value: float) -> str:
    """Return a figure with one decimal at most."""
    return f"{value:.1f}".removesuffix(".0")


def score_words(score: Score) -> str:
    """Return the score's range, as `41.5–63`."""
    figures = [f"{value:.1f}" for value in (score.low, score.high)]
    low, high = (f.removesuffix(".0") for f in figures) if all(f.endswith(".0") for f in figures) else figures
    return low if low == high else f"{low}–{high}"


def weights_licence_words(card: Scorecard) -> str:
    """The licence of the weights, for one line of a summary."""
    return next((licence_words(licence) for name, licence in card.licences if name == "weights"), "none known")


def licence_words(licence: GoverningLicence) -> str:
    """Return the licence's name and its SPDX id where that adds something."""
    name = plain(licence.name)
    spdx = plain(licence.spdx or "")
    if not name or name == spdx:
        return spdx or "none known"
    return f"{name} ({spdx})" if spdx and spdx.lower() not in name.lower() else name


def settled_words(licence: GoverningLicence) -> str:
    """Say on what the licence rests, and whether anything contradicts it."""
    return BASES[licence.basis] if licence.settled else f"{BASES[licence.basis]}; not certain"


def short(commit: str | None) -> str:
    """Return a commit's first digits."""
    return plain(commit)[:SHORT] if commit else "no commit"


def place_words(where: Where, home: str) -> str:
    """Return a place as a reader names it: file, lines, pointer, and the repository where it is another one."""
    words = plain(where.path, 300) or "repository"
    if where.lines is not None:
        first, last = where.lines
        words += f", line {first}" if first == last else f", lines {first}–{last}"
    if where.pointer:
        words += f", {plain(where.pointer, 200)}"
    return words if where.repo == home else f"{plain(where.repo, 200)}: {words}"


def commands(card: Scorecard) -> tuple[str, ...]:
    """Return the commands that repeat the audit."""
    install = f"osaudit --version  # {plain(card.tool_version)}"
    revision = plain(card.commit or card.revision or "")
    match card.source:
        case "facts":
            return install, "osaudit demo"
        case "folder":
            target = f"./{plain(card.model)}"
        case _:
            target = plain(card.model) + f"@{revision}" * bool(revision)
    return install, f"osaudit audit {shlex.quote(target)}{_asked(card)} --format json"


def _asked(card: Scorecard) -> str:
    """The options that ask the same packs, attestations and probe again."""
    packs = "".join(f" --pack {shlex.quote(plain(result.pack))}" for result in card.results)
    given = f" --attestations {shlex.quote(plain(card.attestations.file))}" if card.attestations else ""
    probe = f" --probe {card.probe.asked}" if card.probe else ""
    return packs + given + probe


def tool_lines(card: Scorecard) -> tuple[str, ...]:
    """Say which osaudit judged; nothing beyond its version where another one writes the report."""
    made = built()
    return built_lines() if made.version == card.tool_version else ()


def repeat_words(card: Scorecard) -> str:
    """Say what the commands must give again."""
    words = "The same evidence gives the same scorecard, byte for byte: compare evidence_sha256."
    words += f" {plain(card.reread)}" if card.reread else ""
    if card.probe and card.probe.machine:
        words += " What the probe measured is part of the evidence, and differs from run to run and machine to machine."
    if card.commit is None and card.source in {"hub", "cache"}:
        return f"No commit was recorded, so that a repeat may see another state. {words}"
    return words


def pack_words(card: Scorecard) -> tuple[str, ...]:
    """Name each definition that was applied, with its pack's version."""
    return tuple(f"{plain(p.definition)} (pack {plain(p.id)} {plain(p.version)})" for p in card.packs)


def statement(card: Scorecard) -> str:
    """Say what this report is, and what it is not."""
    at = f"commit {plain(card.commit)}" if card.commit else "no recorded commit"
    return (
        f"This report is not legal advice. It says how the evidence collected on {plain(card.collected_at)} from "
        f"{plain(card.model)} at {at} answers: {'; '.join(pack_words(card)) or 'no definition'}. Each verdict names "
        "its basis. The label is a step of the ladder in the G7 Vision on AI openness of 29 May 2026; a candidate "
        "label waits for a person's attestation. No definition's steward and no publisher has reviewed this report."
    )


def lineage_words(lineage: Lineage) -> tuple[str, ...]:
    """Return one sentence for each step from a model to the one it was made from."""
    nodes = {node.id: node for node in lineage.nodes}
    return tuple(_step(edge, nodes.get(edge.parent)) for edge in lineage.edges)


def _step(edge: LineageEdge, parent: LineageNode | None) -> str:
    terms = plain(parent.licence) or "no licence known" if parent else "no licence known"
    seen = "" if parent and parent.seen else ", not seen"
    how = f"{plain(edge.relation)}, named by {plain(edge.named_by)}, confidence {plain(edge.confidence)}"
    dropped = f"; drops: {'; '.join(map(plain, edge.dropped))}" if edge.dropped else ""
    return f"{plain(edge.child)} ← {plain(edge.parent)} [{terms}{seen}]: {how}{dropped}"


def linked_words(line: LinkedLine) -> str:
    """A linked code repository in a few sentences: whose it is, its licence, what it holds and what it lacks."""
    at = f" at {line.commit}" if line.commit else ""
    if line.why:
        return f"{line.repo} ({line.role}): {line.why}" + "".join(f"; {note}" for note in line.notes)
    tie = f", as {line.tie}" if line.tie else ""
    words = f"{line.repo}{at}: {line.role}{tie}; licence {line.licence or 'none known'}"
    words += f"; holds {'; '.join(line.found)}" if line.found else "; holds nothing that bears on a verdict"
    words += f"; not found: {', '.join(line.lacks)}" if line.lacks else ""
    return words + "".join(f"; {note}" for note in line.notes)


def dataset_words(line: DatasetLine) -> str:
    """A named data set in one sentence: role, terms, access, and what it was made from."""
    licences = " and ".join(line.licences) if len(line.licences) > 1 else line.licence
    words = f"{line.name}: {line.role}, licence {licences or 'none known'}, access {line.access}"
    words += f", made from {', '.join(line.sources)}" if line.sources else ""
    return words + (f" ({line.note})" if line.note else "")
