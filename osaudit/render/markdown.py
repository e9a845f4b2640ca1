"""The report as a pull request comment: the verdict at a glance, the evidence folded, within a comment's size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from osaudit.evidence import Where
from osaudit.render.grid import Row, main_verdicts, ranked, rows, tally, with_outcome, with_ranks
from osaudit.render.neutral import markdown_text, markup_text, said, web_url
from osaudit.render.probe import Rung, facts, figures, rungs, summary
from osaudit.render.sides import Difference, differences, sides
from osaudit.render.usewords import ANSWERS, NONE_KNOWN, use_name, why_words
from osaudit.render.words import (
    ATTESTED,
    FACET_HEADS,
    MARKS,
    NOTHING,
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
    tool_lines,
    weights_licence_words,
)
from osaudit.verdict import Failure, Finding, Outcome, Scorecard, Verdict

# GitHub refuses a comment over 65,536 characters; counted in bytes, the bound holds for every host and script.
MAX_BYTES = 65_000
_LEAST = 3_000
_QUOTE = 300
_QUOTED = 1_000
_SENTENCE = 600
_GLANCE = 6
_PLACES = 4
_FOLD = "<details><summary>{}</summary>\n"
_UNFOLD = "\n</details>\n"
_CUT = "\n_The rest does not fit into a comment: the JSON and HTML reports hold all of it._\n"
_HEADS: Mapping[Outcome, str] = MappingProxyType(
    {"fail": "Fails", "review": "For a person to review", "partial": "Holds in part", "pass": "Passes"}
)


def render_markdown(cards: Sequence[Scorecard], failures: Sequence[Failure] = ()) -> str:
    """Return one model's comment, or the ranked table of several with each one's comment folded below."""
    if len(cards) == 1 and not failures:
        card = cards[0]
        lines = [*_glance(card), _FOLD.format("Evidence, obligations and risks"), *_evidence(card)]
        return _fitted(lines, f"{_UNFOLD}\n{_foot(card)}\n")
    table = render_summary_markdown(cards, failures)
    share = (MAX_BYTES - len(table.encode("utf-8", "replace"))) // max(len(cards), 1)
    return table + "".join(_folded(card, share) for card in ranked(cards)) if share > _LEAST else table


def render_summary_markdown(cards: Sequence[Scorecard], failures: Sequence[Failure] = ()) -> str:
    """Return the ranked table of several models, and which could not be judged."""
    table = [
        "### osaudit: models by openness\n",
        "| # | Model | Label | At best | Score | Weights' licence | Fail | Review | Conflicts |",
        "| --: | --- | --- | --- | --: | --- | --: | --: | --: |",
        *(_summary_row(rank, card) for rank, card in with_ranks(cards)),
    ]
    if failures:
        table += [f"\n**Not judged: {len(failures)}**\n"]
        table += [f"- {_text(one.model, 120)} ({one.kind}): {_text(one.message, 400)}" for one in failures]
    return _fitted(table)


def _summary_row(rank: int, card: Scorecard) -> str:
    return _row(
        str(rank),
        _text(card.model, 120) + "".join(f" ({flag})" for flag in flags(card)),
        _text(label_words(card.label), 120),
        at_best_words(card.label) or "–",
        score_words(card.score),
        _text(weights_licence_words(card), 80),
        str(tally(card, "fail")),
        str(tally(card, "review")),
        str(len(card.conflicts)),
    )


def _folded(card: Scorecard, share: int) -> str:
    head = f"{markup_text(card.model, 120)}: {markup_text(label_words(card.label), 120)}"
    return _fitted(["", _FOLD.format(head), *_glance(card), *_evidence(card)], f"\n{_foot(card)}\n{_UNFOLD}", share)


def _glance(card: Scorecard) -> Iterable[str]:
    best = at_best_words(card.label)
    yield f"### {_text(card.model, 200)}: {_text(label_words(card.label), 120)}\n"
    for caution in cautions(card):
        yield f"> **{_text(caution, 400)}**\n"
    if not card.label.determined:
        yield f"> {UNDETERMINED}\n"
    yield f"**Score** {score_words(card.score)} of 100" + (f" · **at best** {best}" if best else "") + "  "
    for component, licence in card.licences:
        name = _text(component, 20).capitalize()
        yield f"**{name}** {_text(licence_words(licence), 160)} ({settled_words(licence)})  "
    yield f"**Commit** `{_code(card.commit or 'none')}`, collected {_text(card.collected_at, 40)}\n"
    if note := attested_note(card):
        yield f"{_text(note, 200)}\n"
    if card.probe:
        yield f"**Probe** {_text(summary(card.probe), 300)}\n"
    yield from _grid(card)
    yield from _sides(card)
    yield from _section("For the publisher", [_text(line, _SENTENCE) for line in card.label.blocks[:_GLANCE]])
    yield from _findings("Conflicts", card.conflicts[:_GLANCE], card.model, set())


def _grid(card: Scorecard) -> Iterable[str]:
    yield _row("Criterion", *FACET_HEADS.values())
    yield "| --- | --- | --- | --- | --- |"
    for row in rows(card):
        yield _row(_row_head(row), *(_mark(verdict) for verdict in row.cells))
    if NOTHING in map(mark_of, main_verdicts(card)):
        yield f"\n{_text(NOTHING.word, 10)}: {NOTHING.meaning}."
    if any(verdict.attestation for verdict in card.verdicts):
        yield f"\n{ATTESTED.symbol}: {ATTESTED.meaning}."
    yield ""


def _sides(card: Scorecard) -> Iterable[str]:
    """Further definitions beside the first, a row each, and where they differ."""
    asked = sides(card)
    if not asked:
        return
    yield _row("Definition", "Result", *FACET_HEADS.values())
    yield "| --- | --- | --- | --- | --- | --- |"
    for side in asked:
        yield _row(_text(side.name, 80), f"**{_text(side.result, 80)}**", *(_mark(cell) for cell in side.cells))
    yield ""
    differ = [f"**{FACET_HEADS[found.facet]}**{_side_words(found)}" for found in differences(card)]
    yield from _section("Where they differ, and why", differ)


def _side_words(found: Difference) -> str:
    sentences = (
        f"{MARKS[cell.answer.outcome].symbol} {_text(f'{name} ({cell.criterion}): {cell.answer.because}', _SENTENCE)}"
        for name, cell in found.sides
    )
    return "".join(f"\n  - {sentence}" for sentence in sentences)


def _attestations(card: Scorecard) -> Iterable[str]:
    if card.attestations is None:
        return
    items = [
        f"**{_text(names, 300)}** {MARKS[verdict.answer.outcome].word}: {_text(attested_words(attestation), _SENTENCE)}"
        f"\n  - {_text(machine_words(verdict), _SENTENCE)}"
        for names, verdict, attestation in attested_cells(card)
    ]
    head = f"Attested ({len(items)}), by {_text(attested_by_words(card.attestations), 300)}"
    yield from _section(head, items or ["No attestation of the file bears on this model at this commit and day."])


def _probe(card: Scorecard, told: set[Where]) -> Iterable[str]:
    """The ladder, the figures, the machine and the cage of a run of the probe."""
    run = card.probe
    if run is None:
        return
    yield from _section("The probe", [_level(rung, run.model, told) for rung in rungs(run)])
    if run.figures:
        yield _row("Figure", "Median", "Lowest to highest", "Runs")
        yield "| --- | --: | --- | --: |"
        for one in figures(run):
            yield _row(_text(one.name, 60), _text(one.value, 60), _text(one.spread, 60), str(one.runs))
        yield ""
    held = [f"**{name.capitalize()}** {_text('; '.join(lines), _SENTENCE)}" for name, lines in facts(run)]
    yield from _section("How it was run", held)


def _level(rung: Rung, home: str, told: set[Where]) -> str:
    failure = f" ({_text(rung.failure, 60)})" if rung.failure else ""
    notes = "".join(f"\n  - {_text(note, _QUOTE)}" for note in rung.notes)
    head = f"{rung.mark.symbol} **{rung.level}** {rung.mark.word}{failure}"
    return f"{head}: {_text(rung.because, _SENTENCE)}{_places(rung.where, home, told)}{notes}"


def _definitions(card: Scorecard, told: set[Where]) -> Iterable[str]:
    for side in sides(card):
        if side.own:
            parts = [
                f"{MARKS[part.outcome].symbol} **{_text(part_words(part), 120)}** {_text(part.because, _SENTENCE)}"
                for part in side.own.progress
            ]
            remarks = [
                f"**{_text(remark.kind, 60)}** {_text(remark.because, _SENTENCE)}"
                f"{_places(remark.where, card.model, told)}"
                for remark in side.own.remarks
            ]
            head = f"{_text(side.name, 80)}: {_text(side.result, 80)}"
            yield from _section(head, [_text(side.because, _SENTENCE), *parts, *remarks])


def _row_head(row: Row) -> str:
    return f"**{_text(row.criterion, 20)}** {_text(row.title, 80)}".strip()


def _mark(verdict: Verdict | None) -> str:
    if verdict is None:
        return ""
    mark = mark_of(verdict)
    words = f"{mark.symbol} {_text(mark.word, 10)}" + ATTESTED.symbol * bool(verdict.attestation)
    return f"**{words}**" if verdict.answer.outcome == "fail" else words


def _evidence(card: Scorecard) -> Iterable[str]:
    told: set[Where] = set()
    yield from _uses(card)
    yield from _section("What else keeps it away", [_text(line, _SENTENCE) for line in card.label.blocks[_GLANCE:]])
    yield from _findings("Further conflicts", card.conflicts[_GLANCE:], card.model, told)
    yield from _attestations(card)
    for outcome in ("fail", "review", "partial"):
        yield from _cells(outcome, card, told)
    yield from _definitions(card, told)
    yield from _probe(card, told)
    for head, findings in (("Obligations", card.obligations), ("Risks", card.risks)):
        yield from _findings(head, findings, card.model, told)
        if not findings:
            yield from _section(_counted(head, ()), [NONE_KNOWN])
    yield from _section("Made from", [_text(line, _SENTENCE) for line in lineage_words(card.lineage)])
    yield from _section("Data sets named", [_text(dataset_words(line), _SENTENCE) for line in card.datasets])
    yield from _section("Code repositories linked", [_text(linked_words(line), _SENTENCE) for line in card.linked])
    yield from _section("Taken as recorded, not computed again", [_text(line, _SENTENCE) for line in card.unverified])
    yield from _section("Not seen", [_text(f"{unseen.what}: {unseen.why}", _SENTENCE) for unseen in card.unseen])
    yield from _cells("pass", card, told)


def _uses(card: Scorecard) -> Iterable[str]:
    """What the model may be put to, a row a use."""
    if not card.uses:
        return
    yield _row("Use", "Answer", "Why, or under which conditions", "Basis")
    yield "| --- | --- | --- | --- |"
    for answer in card.uses:
        words = _text(why_words(answer), _SENTENCE)
        yield _row(_text(use_name(answer.use), 80), f"**{ANSWERS[answer.answer]}**", words, answer.basis)
    yield ""


def _foot(card: Scorecard) -> str:
    repeat = ", then ".join(f"`{_code(line)}`" for line in commands(card))
    digest = f"`{_code(card.evidence_sha256)}`"
    built_by = "".join(f"; {line}" for line in tool_lines(card))
    words = f"Reproduce: {repeat}; evidence {digest}{built_by}. {_text(repeat_words(card), 300)}"
    return f"{words}\n\n{_text(statement(card), 2_000)}"


def _cells(outcome: Outcome, card: Scorecard, told: set[Where]) -> Iterable[str]:
    verdicts = with_outcome(card, outcome)
    yield from _section(_counted(_HEADS[outcome], verdicts), [_cell(verdict, card.model, told) for verdict in verdicts])


def _cell(verdict: Verdict, home: str, told: set[Where]) -> str:
    answer = verdict.answer
    name = f"**{_text(verdict.criterion, 20)} {verdict.facet}** ({verdict.weight} points, {answer.basis})"
    remedy = f" _Remedy:_ {_text(verdict.remedy, _SENTENCE)}" if verdict.remedy and answer.outcome == "fail" else ""
    return f"{name}: {_text(answer.because, _SENTENCE)}{remedy}{_places(answer.where, home, told)}"


def _findings(head: str, findings: Sequence[Finding], home: str, told: set[Where]) -> Iterable[str]:
    items = [
        f"**{_text(finding.kind, 60)}** {_text(finding.because, _SENTENCE)}{_places(finding.where, home, told)}"
        for finding in findings
    ]
    yield from _section(_counted(head, findings), items)


def _places(places: Sequence[Where], home: str, told: set[Where]) -> str:
    lines = [f"\n  - {_place(where, home, quoted=where in told)}" for where in places[:_PLACES]]
    told.update(places[:_PLACES])
    left = len(places) - _PLACES
    return "".join(lines) + (f"\n  - and {left} more places" if left > 0 else "")


def _place(where: Where, home: str, *, quoted: bool) -> str:
    words, url = _text(place_words(where, home), 300), web_url(where.url)
    linked = f"[{words}](<{url}>)" if url else words
    if quoted:
        return f"{linked}, as above"
    quote = f"“{_text(where.quote, _QUOTED)}” – " if where.quote else ""
    return f"{quote}{linked} at `{_code(short(where.commit))}`"


def _section(head: str, items: Sequence[str]) -> Iterable[str]:
    if items:
        yield f"**{head}**\n"
        yield from (f"- {item}" for item in items)
        yield ""


def _counted(head: str, things: Sequence[object]) -> str:
    return f"{head} ({len(things)})"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _text(text: str, limit: int) -> str:
    return markdown_text(text, limit)


def _code(text: str) -> str:
    return said(text, 300).replace("`", "'").replace("|", "¦")


def _fitted(lines: Iterable[str], tail: str = "", limit: int = MAX_BYTES) -> str:
    """Put as many of the lines as fit before the tail, say so where some do not, and close only what was opened."""
    kept, room = [], limit - _size(_CUT + tail)
    for line in lines:
        room -= _size(line) + 1
        if room < 0:
            kept.append(_CUT)
            break
        kept.append(line)
    text = "\n".join(kept) + "\n"
    return text + (tail if _FOLD[:9] in text else tail.replace(_UNFOLD, ""))


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
