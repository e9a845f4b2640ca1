"""`osaudit may`: what a model may be put to, by whom, and under which conditions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from osaudit.audit import collect_evidence
from osaudit.cli.looking import Looking, hub_options, set_up_log
from osaudit.cli.output import emit, terminal

if TYPE_CHECKING:
    from osaudit.adopter import Adopter
    from osaudit.verdict import Basis, Scorecard, UseAnswer

BASES: dict[str, Basis] = {
    "licence-text": "licence text",
    "attested": "attested",
    "declared": "declared by publisher",
    "inferred": "inferred",
}


@click.command()
@click.argument("model")
@click.option("--use", "asked", multiple=True, metavar="USE", help="Ask for this use alone; may be repeated.")
@click.option(
    "--as",
    "adopter_file",
    metavar="FILE",
    help="Who asks, as YAML: territory, monthly_users, revenue_usd, kind, uses, fields.",
)
@click.option(
    "--min-basis", type=click.Choice(tuple(BASES)), help="Take no yes that rests on less than this for an answer."
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print it."
)
@click.option("-o", "--output", default="-", show_default=True, metavar="FILE", help="Where it goes.")
@hub_options
def may(
    *,
    model: str,
    asked: tuple[str, ...],
    adopter_file: str | None,
    min_basis: str | None,
    form: str,
    output: str,
    **options: object,
) -> int:
    """Say what MODEL may be put to: yes, yes if, no, or not known, with the deciding words.

    \b
    Uses: evaluate, run, sell, host, redistribute, fine-tune, fine-tune-ship, quantise-ship,
    outputs-commercial, train-on-outputs, territory, barred-fields.

    Exit codes: 0 all that was asked is yes or yes if, 1 something is no, 3 something is not known.
    """  # noqa: D301 - click's mark for lines that stay as they are
    from osaudit.adopter import NOBODY, read_adopter, use_id  # noqa: PLC0415 - help needs none of these
    from osaudit.judge import judge  # noqa: PLC0415
    from osaudit.licences.table import load_table  # noqa: PLC0415
    from osaudit.packs import load_pack  # noqa: PLC0415
    from osaudit.uses import at_least  # noqa: PLC0415

    looking = Looking(**options)  # type: ignore[arg-type] # click's values, by the same names
    adopter = read_adopter(Path(adopter_file)) if adopter_file else NOBODY
    wanted = tuple(map(use_id, asked)) or adopter.uses
    set_up_log(looking)
    card = judge(collect_evidence(model, looking), load_pack(), load_table(), adopter=adopter)
    answers = at_least(card.uses, BASES[min_basis]) if min_basis else card.uses
    answers = tuple(answer for answer in answers if not wanted or answer.use in wanted)
    emit(output, _as_json(card, answers) if form == "json" else _as_text(card, answers, adopter))
    return 3 if card.incomplete else exit_code(answers)


def exit_code(answers: Sequence[UseAnswer]) -> int:
    """0 where every answer is yes or yes-if, 1 where one is no, 3 where one is not known, which outranks."""
    given = {answer.answer for answer in answers}
    return 3 if "not-known" in given else 1 if "no" in given else 0


def _as_json(card: Scorecard, answers: Sequence[UseAnswer]) -> str:
    from osaudit.render.json import json_text, scorecard_to_dict, use_to_dict  # noqa: PLC0415 - this format was asked for

    label = scorecard_to_dict(card)["label"]
    told = {
        "model": card.model,
        "commit": card.commit,
        "label": label,
        "answers": [use_to_dict(one) for one in answers],
    }
    return json_text(told)


def _as_text(card: Scorecard, answers: Sequence[UseAnswer], adopter: Adopter) -> str:
    from osaudit.render.neutral import plain  # noqa: PLC0415 - a stranger's names go to a terminal
    from osaudit.render.usewords import uses_lines  # noqa: PLC0415

    head = f"{plain(card.model, 300)} at {plain(card.commit or 'no commit')}, {card.label.name}"
    return "\n".join([head, *_told(adopter), "", *uses_lines(answers, card.model, terminal().width), ""])


def _told(adopter: Adopter) -> Iterable[str]:
    facts = {
        "territory": ", ".join(adopter.territory),
        "monthly users": adopter.monthly_users,
        "revenue in USD": adopter.revenue_usd,
        "kind": adopter.kind,
        "fields": ", ".join(adopter.fields),
    }
    said = [f"{name} {value}" for name, value in facts.items() if value not in (None, "")]
    if said:
        yield f"as: {'; '.join(said)}"
