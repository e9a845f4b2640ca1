"""The report for a terminal: plain lines, with colour only where it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from osaudit.evidence import Where
from osaudit.render.grid import Row, main_verdicts, ranked, rows, tally, with_outcome, with_ranks
from osaudit.render.neutral import plain, unordered, web_url
from osaudit.render.probe import probe_lines, summary
from osaudit.render.sides import Side, differences, sides
from osaudit.render.usewords import NONE_KNOWN, uses_lines
from osaudit.render.words import (
    ATTESTED,
    FACET_HEADS,
    MARKS,
    NOTHING,
    RUNGS,
    UNDETERMINED,
    at_best_words,
    attested_by_words,
    attested_cells,
    attested_note,
    attested_words,
    cautions,
    commands,
    dataset_words,
    flags,
    label_words,
    licence_words,
    lineage_words,
    linked_words,
    machine_words,
    mark_of,
    part_words,
    place_words,
    repeat_words,
    score_words,
    settled_words,
    short,
    statement,
    symbol_of,
    tool_lines,
    weights_licence_words,
)
from osaudit.render.wrap import pad, width_of, wrap
from osaudit.verdict import FACETS, Failure, Finding, Label, Outcome, Score, Scorecard, Verdict

Pen: TypeAlias = Callable[[str, str], str]

NARROWEST = 40
WIDE = 84
BAR = 40
_QUOTE = 1_000
_HEADS: Mapping[Outcome, str] = MappingProxyType(
    {"fail": "Fails", "review": "For a person to review", "partial": "Holds in part"}
)
_INK = {"bold": "1", "dim": "2", "pass": "32", "partial": "33", "fail": "31", "review": "36", "not_applicable": "2"}


def render_text(
    cards: Sequence[Scorecard], *, colour: bool = False, width: int = 100, failures: Sequence[Failure] = ()
) -> str:
    """Return one model's report, or the ranked table of several and then each one's report."""
    pen, width = _coloured if colour else _uncoloured, max(width, NARROWEST)
    order = ranked(cards)
    parts = ["\n".join(_report(card, pen, width)) for card in order]
    if len(order) != 1 or failures:
        parts.insert(0, render_summary_text(order, colour=colour, width=width, failures=failures).rstrip("\n"))
    return unordered(f"\n\n{'═' * width}\n\n".join(parts)) + "\n"


def render_summary_text(
    cards: Sequence[Scorecard], *, colour: bool = False, width: int = 100, failures: Sequence[Failure] = ()
) -> str:
    """Return the ranked table, a line or two for each model with its cells in miniature, and who was not judged."""
    pen, width = _coloured if colour else _uncoloured, max(width, NARROWEST)
    title = f"{len(cards)} models, ranked by label, then by the low end of the score"
    lines = [*(pen(line, "bold") for line in wrap(title, width)), ""]
    for rank, card in with_ranks(cards):
        lines += _ranked_lines(f"{rank:>3}  ", card, pen, width)
    for one in failures:
        lines += _hang("  -  ", plain(f"{one.model}: not judged ({one.kind}): {one.message}", 400), width, pen, "bold")
    legend = "   ".join(f"{mark.symbol} {mark.word}" for mark in MARKS.values())
    notes = [f"Cells stand in the order {', '.join(FACETS)}, one group a criterion.", legend]
    return unordered("\n".join([*lines, "", *(part for note in notes for part in wrap(note, width))])) + "\n"


def _ranked_lines(head: str, card: Scorecard, pen: Pen, width: int) -> list[str]:
    best = at_best_words(card.label)
    facts = [
        label_words(card.label) + (f", at best {best}" if best else ""),
        score_words(card.score),
        weights_licence_words(card),
        f"{tally(card, 'fail')} fail, {tally(card, 'review')} review",
        f"{len(card.conflicts)} conflicts",
        *flags(card),
    ]
    cells = ["".join(symbol_of(v) if v else " " for v in row.cells) for row in rows(card)]
    indent = len(head)
    return [
        *_hang(head, plain(card.model, 200), width, pen, "bold"),
        *_indented(" · ".join(facts), indent, width),
        *(pen(line, "dim") for line in _indented(" ".join(cells), indent, width)),
    ]


def _report(card: Scorecard, pen: Pen, width: int) -> Iterable[str]:
    yield from _top(card, pen, width)
    if card.uses:
        yield from _heading("What it may be put to", pen)
        yield from uses_lines(card.uses, card.model, width)
    yield from _grid(card, pen, width)
    told: set[Where] = set()
    for outcome, head in _HEADS.items():
        yield from _cells(head, card, outcome, told, pen, width)
    yield from _bullets("For the publisher", card.label.blocks, pen, width)
    yield from _attestations(card, pen, width)
    yield from _definitions(card, told, pen, width)
    if card.probe:
        yield from _heading("The probe", pen)
        yield from _indented(summary(card.probe), 2, width)
        yield from (f"  {line}".rstrip() for line in probe_lines(card.probe, width - 2, pen))
    for head, findings in (("Conflicts", card.conflicts), ("Obligations", card.obligations), ("Risks", card.risks)):
        yield from _findings(head, findings, card.model, told, pen, width)
    yield from _bullets("Made from", lineage_words(card.lineage), pen, width)
    yield from _bullets("Data sets named", _dataset_lines(card), pen, width)
    yield from _bullets("Code repositories linked", [linked_words(line) for line in card.linked], pen, width)
    yield from _bullets("Not seen", [f"{unseen.what}: {unseen.why}" for unseen in card.unseen], pen, width)
    yield from _bullets("Taken as recorded, not computed again", card.unverified, pen, width)
    yield from _reproduce(card, pen, width)
    yield ""
    yield from (pen(line, "dim") for line in wrap(statement(card), width))


def _top(card: Scorecard, pen: Pen, width: int) -> Iterable[str]:
    yield from _hang("", plain(card.model, 300), width, pen, "bold")
    revision = f" (asked for: {plain(card.revision, 100)})" if card.revision else ""
    yield from wrap(
        f"at {plain(card.commit or 'no commit')}{revision}, collected {plain(card.collected_at, 40)}", width
    )
    for caution in cautions(card):
        yield from (pen(line, "fail") for line in wrap(caution, width))
    yield ""
    best = at_best_words(card.label)
    yield from _hang("Label    ", label_words(card.label), width, pen, "bold")
    if best:
        yield from _indented(f"{best}, at best: if every review passed", 9, width)
    if not card.label.determined:
        yield from _indented(UNDETERMINED, 9, width)
    if note := attested_note(card):
        yield from _indented(note, 9, width)
    yield from _hang("Ladder   ", _ladder(card.label), width, pen)
    yield from _hang("Score    ", f"{score_words(card.score)} of 100  {_bar(card.score)}", width, pen)
    for index, (component, licence) in enumerate(card.licences):
        places = "; ".join(place_words(where, card.model) for where in licence.where[:2])
        words = f"{licence_words(licence)} [{settled_words(licence)}]" + (f", {places}" if places else "")
        yield from _hang(" " * 9 if index else "Licence  ", f"{component}: {words}", width, pen)


def _ladder(label: Label) -> str:
    marks: dict[str, str] = {label.at_best: "({})"}
    if label.determined:
        marks[label.id] = "[{}]"
    return " < ".join(marks.get(rung, "{}").format(name) for rung, name in RUNGS.items())


def _bar(score: Score) -> str:
    low, high = round(score.low / 100 * BAR), round(score.high / 100 * BAR)
    return "█" * low + "▒" * (high - low) + "·" * (BAR - max(high, low))


def _grid(card: Scorecard, pen: Pen, width: int) -> Iterable[str]:
    wide = width >= WIDE
    column = 11 if wide else 3
    title = width - 4 * column - 1
    heads = FACET_HEADS.values() if wide else [head[0] for head in FACET_HEADS.values()]
    yield ""
    yield pen((pad("Criterion", title) + " " + "".join(pad(head, column) for head in heads)).rstrip(), "bold")
    for row in rows(card):
        marks = (_mark(verdict, column, pen, wide=wide) for verdict in row.cells)
        yield (pad(_row_head(row), title) + " " + "".join(marks)).rstrip()
    if NOTHING in map(mark_of, main_verdicts(card)):
        yield from (pen(line, "dim") for line in wrap(f"{NOTHING.word}: {NOTHING.meaning}", width))
    if any(verdict.attestation for verdict in main_verdicts(card)):
        yield from (pen(line, "dim") for line in wrap(f"{ATTESTED.symbol}: {ATTESTED.meaning}", width))
    if not wide:
        legend = ", ".join(f"{mark.symbol} {mark.word}" for mark in MARKS.values())
        yield from (pen(line, "dim") for line in wrap(f"W D T L: {', '.join(FACETS)}. {legend}.", width))


def _row_head(row: Row) -> str:
    return f"{plain(row.criterion, 20):<7}{plain(row.title, 120)}"


def _mark(verdict: Verdict | None, column: int, pen: Pen, *, wide: bool) -> str:
    if verdict is None:
        return " " * column
    mark = mark_of(verdict)
    words = f"{mark.symbol} {mark.word}" if wide else mark.symbol
    words += ATTESTED.symbol * bool(verdict.attestation)
    return pen(words, verdict.answer.outcome) + " " * (column - width_of(words))


def _cells(head: str, card: Scorecard, outcome: Outcome, told: set[Where], pen: Pen, width: int) -> Iterable[str]:
    verdicts = with_outcome(card, outcome)
    if verdicts:
        yield from _heading(f"{head} ({len(verdicts)})", pen)
    for verdict in verdicts:
        answer = verdict.answer
        name = f"{plain(verdict.criterion, 20)} {verdict.facet}"
        words = f"{name}: {plain(answer.because)} [{answer.basis}; {verdict.weight} points]"
        yield from _hang(f"  {MARKS[outcome].symbol} ", words, width, pen, outcome)
        yield from _places(answer.where, card.model, told, width)
        if verdict.remedy and outcome == "fail":
            yield from _indented(f"Remedy: {plain(verdict.remedy)}", 6, width)


def _attestations(card: Scorecard, pen: Pen, width: int) -> Iterable[str]:
    """Who attests what, beside what the machine found."""
    if card.attestations is None:
        return
    attested = attested_cells(card)
    yield from _heading(f"Attested ({len(attested)})", pen)
    yield from _indented(attested_by_words(card.attestations), 2, width)
    if not attested:
        yield from _indented("No attestation of the file bears on this model at this commit and day.", 2, width)
    for names, verdict, attestation in attested:
        outcome = verdict.answer.outcome
        words = f"{names}: {MARKS[outcome].word}. {attested_words(attestation)}"
        yield from _hang(f"  {MARKS[outcome].symbol} ", words, width, pen, outcome)
        yield from _indented(machine_words(verdict), 6, width)


def _definitions(card: Scorecard, told: set[Where], pen: Pen, width: int) -> Iterable[str]:
    """Further definitions: side by side, where they differ, and each one's parts."""
    asked = sides(card)
    if not asked:
        return
    yield from _heading("Definitions side by side", pen)
    for side in asked:
        yield from _hang("  ", f"{side.name}: {side.result}", width, pen, "bold")
        cells = (f"{MARKS[cell.answer.outcome].symbol} {FACET_HEADS[cell.facet]}" for cell in side.cells if cell)
        yield from _indented("   ".join(cells), 4, width)
    found = differences(card)
    if found:
        yield from _heading("Where they differ, and why", pen)
    for difference in found:
        yield from _hang("  ", FACET_HEADS[difference.facet], width, pen, "bold")
        for name, cell in difference.sides:
            words = f"{name} ({plain(cell.criterion, 40)}): {plain(cell.question)} {plain(cell.answer.because)}"
            yield from _hang(f"    {MARKS[cell.answer.outcome].symbol} ", words, width, pen, cell.answer.outcome)
    for side in asked:
        yield from _definition(side, card.model, told, pen, width)


def _definition(side: Side, home: str, told: set[Where], pen: Pen, width: int) -> Iterable[str]:
    if side.own is None:
        return
    yield ""
    yield from _hang("", f"{side.name}: {side.result}", width, pen, "bold")
    yield from _indented(side.because, 2, width)
    for part in side.own.progress:
        words = f"{part_words(part)}: {plain(part.because)}"
        yield from _hang(f"  {MARKS[part.outcome].symbol} ", words, width, pen, part.outcome)
    for remark in side.own.remarks:
        yield from _hang("  • ", f"{plain(remark.because)} [{plain(remark.kind, 60)}]", width, pen)
        yield from _places(remark.where, home, told, width)


def _findings(
    head: str, findings: Sequence[Finding], home: str, told: set[Where], pen: Pen, width: int
) -> Iterable[str]:
    if findings or head != "Conflicts":
        yield from _heading(f"{head} ({len(findings)})", pen)
    if not findings and head != "Conflicts":
        yield from _indented(NONE_KNOWN, 2, width)
    for finding in findings:
        yield from _hang("  • ", f"{plain(finding.because)} [{plain(finding.kind, 60)}]", width, pen)
        yield from _places(finding.where, home, told, width)


def _places(places: Sequence[Where], home: str, told: set[Where], width: int) -> Iterable[str]:
    for where in places:
        words = f"→ {place_words(where, home)}"
        if where in told:
            yield from _indented(f"{words}, quoted above" if where.quote else words, 6, width)
            continue
        told.add(where)
        if where.quote:
            yield from _indented(f"“{plain(where.quote, _QUOTE)}”", 6, width)
        yield from _indented(f"{words}, at {short(where.commit)}", 6, width)
        if url := web_url(where.url):
            yield f"      {url}"


def _bullets(head: str, sentences: Sequence[str], pen: Pen, width: int) -> Iterable[str]:
    if not sentences:
        return
    yield from _heading(head, pen)
    for sentence in sentences:
        yield from _hang("  • ", plain(sentence), width, pen)


def _dataset_lines(card: Scorecard) -> list[str]:
    return [dataset_words(line) for line in card.datasets]


def _reproduce(card: Scorecard, pen: Pen, width: int) -> Iterable[str]:
    yield from _heading("How to reproduce", pen)
    # Commands and addresses are never broken: they must survive being copied.
    yield from (f"  $ {command}" for command in commands(card))
    yield f"  evidence_sha256 {plain(card.evidence_sha256)}"
    yield from (line for told in tool_lines(card) for line in _indented(told, 2, width))
    yield from _indented(repeat_words(card), 2, width)


def _heading(words: str, pen: Pen) -> tuple[str, str]:
    return "", pen(words, "bold")


def _indented(text: str, indent: int, width: int) -> list[str]:
    return [" " * indent + line for line in wrap(text, max(width - indent, 1))]


def _hang(head: str, text: str, width: int, pen: Pen, ink: str = "") -> list[str]:
    indent = width_of(head)
    first, *rest = _indented(text, indent, width)
    lines = [head + first[indent:], *rest]
    if ink in MARKS:
        return [pen(head, ink) + first[indent:], *rest]
    return [pen(line, ink) for line in lines] if ink else lines


def _coloured(text: str, ink: Outcome | str) -> str:
    return f"\x1b[{_INK[ink]}m{text}\x1b[0m"


def _uncoloured(text: str, _: Outcome | str) -> str:
    return text
