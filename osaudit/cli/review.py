"""`osaudit review`: the questions that are open for a person, one by one, and the file of the answers."""

from __future__ import annotations

import datetime as dt
import glob
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from osaudit.attest.questions import Question, follow, questions
from osaudit.audit import Asking, look, now
from osaudit.cli.asking import ASKING_OPTIONS, Several, asking, read_entries
from osaudit.cli.looking import Looking, hub_options, linked_options, set_up_log
from osaudit.cli.output import emit, formats_of
from osaudit.cli.saying import say, say_lines
from osaudit.errors import UsageError
from osaudit.render.neutral import plain, web_url
from osaudit.render.words import MARKS, place_words

if TYPE_CHECKING:
    from osaudit.attest.entries import Attestation, Attestations
    from osaudit.evidence import Evidence
    from osaudit.packs import Cell
    from osaudit.verdict import Scorecard, Verdict

_ANSWERS = ("pass", "partial", "fail", "not_applicable", "skip", "stop")
_LADDER_PACK = "g7"
_TERM = 365
_REASON = "Reason, in a sentence"
_SIGNED_OFF = {("OSD-2", "data"), ("OSD-2", "training")}
_PLACES = 4
_EVIDENCE = re.compile(r"https?://\S+|sha256:[0-9a-f]{64}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class _Author:
    """Who answers, on which day, and until when the answers count."""

    who: str
    today: str
    expires: str


@click.command()
@click.argument("model", metavar="MODEL|EVIDENCE")
@click.option(
    "-o", "--output", default="attestations.yaml", show_default=True, metavar="FILE", help="The answers' file."
)
@ASKING_OPTIONS[0]
@click.option(
    "--cell", "cells", cls=Several, multiple=True, metavar="CELL", help="Ask of this cell too, whatever its verdict is."
)
@click.option("--all", "every", is_flag=True, help="Ask what cannot change the label as well.")
@click.option("--who", metavar="NAME", help="The person who answers; else it is asked.")
@click.option("--expires", metavar="DAY", help="The last day on which the answers count; else it is asked.")
@linked_options
@hub_options
def review(
    *,
    model: str,
    output: str,
    pack: tuple[str, ...],
    cells: tuple[str, ...],
    who: str | None,
    expires: str | None,
    **options: object,
) -> int:
    """Answer what is open for a person in MODEL (Hub id, URL, ./folder) or in saved EVIDENCE (a .json file).

    Each question comes with the evidence found, and cells that are open for one reason are one question. What cannot
    change the label is left out unless --all asks for it. The answers are added to FILE, which `--attestations` takes.
    """
    formats_of((output,), "text")
    every, until = bool(options.pop("every")), _checked_day(expires)
    looking = Looking(**options)  # type: ignore[arg-type] # click's values, by the same names
    set_up_log(looking)
    before = read_entries(Path(output)) if output != "-" and Path(output).exists() else ()
    asked = replace(asking((*pack, _LADDER_PACK), None, None), given=_given(before, output))
    evidence = _evidence(model, looking)
    card = asked.judge(evidence)
    found = _questions(card, asked, cells)
    named = {_named(cell, asked) for cell in cells}
    wanted = [one for one in found if every or one.decides or _is_wanted(one, named, pack, card)]
    if len(wanted) < len(found):
        left = len(found) - len(wanted)
        say(f"{left} open questions cannot change the label, and are left out: --all asks them too", prefix="")
    if not wanted:
        say("nothing is open for a person", prefix="")
        return 0
    given = _walk(wanted, card, asked, _Author(who or "", now()[:10], until))
    answers = [*(one for told in given.values() for one in told), *_following(found, given, asked)]
    if not answers:
        say("no answer was given, and nothing was written", prefix="")
        return 0
    _write(output, before, answers)
    return 0


def _evidence(model: str, looking: Looking) -> Evidence:
    from osaudit.cli.stages import read_input  # noqa: PLC0415 - one of two
    from osaudit.reading.reread import load_evidence  # noqa: PLC0415

    saved = model.endswith(".json") and Path(model).is_file()
    return load_evidence(read_input(model), model) if saved else look(model, looking)


def _given(before: Sequence[Attestation], output: str) -> Attestations | None:
    from osaudit.attest.entries import Attestations  # noqa: PLC0415 - rarely needed

    return Attestations(tuple(before), Path(output).name, "0" * 64, "not checked", now()[:10]) if before else None


def _is_wanted(question: Question, named: set[tuple[str, str]], packs: Sequence[str], card: Scorecard) -> bool:
    """Whether it was named, is of a definition that was named, or is what a candidate label waits for."""
    cells = {(one.criterion, one.facet) for one in (*question.cells, *question.beside)}
    waits = card.label.candidate and cells & _SIGNED_OFF
    return bool(cells & named or waits) or any(one.pack in packs for one in question.cells)


def _questions(card: Scorecard, asked: Asking, named: Sequence[str]) -> tuple[Question, ...]:
    """The cells open to review, and what a candidate label waits for; a question that two packs ask stands once."""
    wanted = {_named(cell, asked) for cell in named}
    if card.label.candidate:
        wanted |= _SIGNED_OFF
    found = [(verdict, _cell_of(verdict, asked)) for verdict in card.verdicts]
    asking = [
        verdict
        for verdict, cell in found
        if (verdict.criterion, verdict.facet) in wanted
        or (verdict.answer.is_open and not cell.same_as and verdict.attestation is None)
    ]
    return questions(asking, card.label)


def _cell_of(verdict: Verdict, asked: Asking) -> Cell:
    asks = (
        cell
        for pack in asked.packs
        if pack.id == verdict.pack
        for row, facet, cell in pack.cells
        if (row.id, facet) == (verdict.criterion, verdict.facet)
    )
    return next(asks)


def _named(cell: str, asked: Asking) -> tuple[str, str]:
    from osaudit.gate.cells import cell_of  # noqa: PLC0415 - rarely asked for

    criterion, facet = cell_of(cell, asked.packs)
    if facet is None:
        raise UsageError(f"{cell!r} names a criterion and no facet: write {criterion}/data, for one")
    return criterion, facet


def _walk(
    found: Sequence[Question], card: Scorecard, asked: Asking, author: _Author
) -> dict[Question, list[Attestation]]:
    """Ask one after the other; at the input's end, or an interruption, what was answered whole stands."""
    given: dict[Question, list[Attestation]] = {}
    try:
        for number, question in enumerate(found, 1):
            _show(f"{number} of {len(found)}", question, _cell_of(question.first, asked), card)
            outcome = _choice()
            if outcome == "stop":
                break
            if outcome != "skip":
                author = _author(author)
                given[question] = _answers(question, outcome, card, asked, author)
    except click.Abort:
        say("", prefix="")
        if not given:
            raise
    return given


def _following(
    found: Sequence[Question], given: Mapping[Question, Sequence[Attestation]], asked: Asking
) -> Iterator[Attestation]:
    """The worst answer for each cell that is open for the reasons of several questions, where all were answered."""
    told = {question: answers[0] for question, answers in given.items()}
    for cell, outcome in follow(found, {question.first: one.outcome for question, one in told.items()}).items():
        source = next(one for question, one in told.items() if cell in question.beside and one.outcome == outcome)
        pack = "" if cell.pack == asked.main.id else cell.pack
        named = f"{cell.criterion}-{cell.facet}-{source.date}".lower()
        yield replace(source, id=named, pack=pack, criterion=cell.criterion, facet=cell.facet, overrides="")


def _show(count: str, question: Question, cell: Cell, card: Scorecard) -> None:
    verdict = question.first
    answer = verdict.answer
    lines = ["", f"[{count}] {verdict.criterion}/{verdict.facet}  {plain(verdict.question)}"]
    if len(question.cells) > 1:
        lines.append(f"  one answer for {', '.join(f'{one.criterion}/{one.facet}' for one in question.cells)}")
    if question.beside:
        told = ", ".join(f"{one.criterion}/{one.facet}" for one in question.beside)
        lines.append(f"  and, with the answers to other questions, for {told}: the worst of them counts")
    if not question.decides:
        lines.append("  no answer to this can change the label")
    lines.append(f"  found: {MARKS[answer.outcome].word}. {plain(answer.because)}")
    for place in answer.where[:_PLACES]:
        quote = f"“{plain(place.quote, 1_000)}” " if place.quote else ""
        url = web_url(place.url)
        lines.append(f"    {quote}{place_words(place, card.model)}{f', {url}' if url else ''}")
    means = (("pass", cell.passes), ("partial", cell.partial), ("fail", cell.fails))
    lines += [f"  {word} means: {plain(words)}" for word, words in means if words]
    say_lines("\n".join(lines))


def _choice() -> str:
    answer: str = click.prompt(f"Answer ({', '.join(_ANSWERS)})", default="skip", value_proc=_chosen, err=True)
    return answer


def _chosen(text: str) -> str:
    """Take an answer or the beginning of one: `f`, `pas`, `n/a`."""
    word = text.strip().lower().replace("n/a", "not_applicable")
    found = [answer for answer in _ANSWERS if word and answer.startswith(word)]
    if len(found) != 1:
        raise click.UsageError(f"{plain(text, 40)!r} is none of {', '.join(_ANSWERS)}")
    return found[0]


def _author(author: _Author) -> _Author:
    """Ask once who answers and until when it counts."""
    who = author.who or click.prompt("Your name, as it will stand in reports", value_proc=_words, err=True)
    if author.expires:
        return replace(author, who=who)
    default = (dt.date.fromisoformat(author.today) + dt.timedelta(days=_TERM)).isoformat()
    expires = click.prompt("Last day on which your answers count", default=default, value_proc=_checked_day, err=True)
    return replace(author, who=who, expires=expires)


def _answers(question: Question, outcome: str, card: Scorecard, asked: Asking, author: _Author) -> list[Attestation]:
    """One answer for every cell of a question."""
    from osaudit.attest.apply import OVERRIDING_WORDS  # noqa: PLC0415 - rarely needed
    from osaudit.attest.entries import ANY_COMMIT, Attestation  # noqa: PLC0415

    verdict = question.first
    overrides = "fail" if verdict.answer.outcome == "fail" != outcome else ""
    asking = f"Reason, in {OVERRIDING_WORDS} words or more, for it stands against a fail" if overrides else _REASON
    reason = click.prompt(asking, value_proc=_reasoned if overrides else _words, err=True)
    link = next((url for place in verdict.answer.where if (url := web_url(place.url))), None)
    evidence = click.prompt(
        "Evidence (a link, or sha256: and a file's hash)", default=link, value_proc=_proof, err=True
    )
    return [
        Attestation(
            id=f"{one.criterion}-{one.facet}-{author.today}".lower(),
            model=glob.escape(card.model),
            commit=card.commit or ANY_COMMIT,
            pack="" if one.pack == asked.main.id else one.pack,
            criterion=one.criterion,
            facet=one.facet,
            outcome=outcome,  # type: ignore[arg-type] # one of the outcomes among the answers
            reason=reason,
            evidence=evidence,
            who=author.who,
            date=author.today,
            expires=author.expires,
            overrides=overrides,
        )
        for one in question.cells
    ]


def _reasoned(text: str) -> str:
    from osaudit.attest.apply import OVERRIDING_WORDS  # noqa: PLC0415 - rarely needed

    words = _words(text)
    if len(words.split()) < OVERRIDING_WORDS:
        raise click.UsageError(f"say it in {OVERRIDING_WORDS} words or more")
    return words


def _words(text: str) -> str:
    words = " ".join(text.split())[:2000]
    if not words:
        raise click.UsageError("say it in a word at least")
    return words


def _proof(text: str) -> str:
    if not _EVIDENCE.fullmatch(text.strip()):
        raise click.UsageError("write a link (https://...), or sha256: and 64 hex digits")
    return text.strip()


def _checked_day(text: str | None) -> str:
    """Take a day as it is written in the file; nothing where none was given."""
    if not text:
        return ""
    try:
        day = dt.date.fromisoformat(text.strip()) if _DAY.fullmatch(text.strip()) else None
    except ValueError:
        day = None
    if day is None:
        raise click.UsageError(f"{plain(text, 40)!r} is no day: write it as 2027-11-23")
    if day.isoformat() < now()[:10]:
        raise click.UsageError(f"{day} is past: the answers would count on no day")
    return day.isoformat()


def _write(output: str, before: Sequence[Attestation], answers: Sequence[Attestation]) -> None:
    from osaudit.attest.entries import read_attestations, write_attestations  # noqa: PLC0415 - rarely needed

    text = write_attestations((*before, *_with_own_ids(before, answers)))
    read_attestations(text.encode(), Path(output).name)
    emit(output, text)
    if any(answer.commit == "any" for answer in answers):
        say("no commit is known, so these answers are for any commit of the model")
    if output == "-":
        return
    if Path(f"{output}.sig").exists():
        say(f"{output}.sig no longer fits: sign again with `ssh-keygen -Y sign -n osaudit`")
    packs = "".join(f" --pack {pack}" for pack in dict.fromkeys(answer.pack for answer in answers) if pack)
    count = "1 answer" if len(answers) == 1 else f"{len(answers)} answers"
    say(f"{count} added; use them with --attestations {output}{packs}", prefix="")


def _with_own_ids(before: Sequence[Attestation], answers: Sequence[Attestation]) -> Iterator[Attestation]:
    known = {entry.id for entry in before}
    for answer in answers:
        base, number = answer.id[:56], 1
        own = base
        while own in known:
            number += 1
            own = f"{base}-{number}"
        known.add(own)
        yield replace(answer, id=own)
