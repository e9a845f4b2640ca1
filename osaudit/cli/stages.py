"""The stages on their own: `collect` looks, `judge` judges, `report` draws. A file stands between each two."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from osaudit.audit import look
from osaudit.cli.asking import asking, asking_options
from osaudit.cli.looking import history_option, hub_options, linked_options, set_up_log
from osaudit.cli.output import OUTPUTS, emit, format_option, formats_of, told, write_reports
from osaudit.cli.probing import audit_probe_options, split, with_probe
from osaudit.cli.used import max_age_for
from osaudit.decision import Decision
from osaudit.errors import UsageError
from osaudit.evidence import Seen
from osaudit.gate.assess import not_judged, unprobed
from osaudit.gate.conditions import Conditions
from osaudit.render import Options
from osaudit.verdict import Scorecard

MAX_BYTES = 256 * 1024 * 1024


@click.command()
@click.argument("model")
@click.option("-o", "--output", default="-", show_default=True, metavar="FILE", help="Where the evidence goes.")
@history_option
@linked_options
@audit_probe_options
@hub_options
def collect(*, model: str, output: str, **options: object) -> int:
    """Look at MODEL and save what was seen as evidence (JSON); with --probe, also whether its weights run."""
    from osaudit.codec import dump  # noqa: PLC0415 - help needs none of these

    looking, probing, level = split(options)
    set_up_log(looking)
    evidence = look(model, looking)
    if level:
        evidence = with_probe(evidence, model, probing.up_to(level), looking)
    emit(output, dump(evidence))
    run = evidence.probe
    return 3 if isinstance(run, Seen) and told(f"{evidence.ref.repo}: {words}" for words in unprobed(run.value)) else 0


@click.command()
@click.argument("evidence")
@click.option("-o", "--output", default="-", show_default=True, metavar="FILE", help="Where the scorecard goes.")
@asking_options
def judge(*, evidence: str, output: str, pack: tuple[str, ...], attestations: str | None, signers: str | None) -> int:
    """Judge saved EVIDENCE (- is stdin) and write the scorecard as JSON; needs no network."""
    from osaudit.reading.reread import load_evidence  # noqa: PLC0415 - help needs none of these
    from osaudit.render.json import render_json  # noqa: PLC0415

    asked = asking(pack, attestations, signers)
    card = asked.judge(load_evidence(read_input(evidence), evidence))
    emit(output, render_json([card]))
    return 3 if told(f"{card.model}: {one.message}" for one in not_judged(card, Conditions())) else 0


@click.command()
@click.argument("scorecards", nargs=-1, required=True, metavar="SCORECARD...")
@OUTPUTS
@format_option()
@click.option(
    "--decision", metavar="FILE", help="A person's decision on the model (YAML), for an HTML report of one model."
)
@click.option(
    "--max-age",
    type=click.IntRange(1, 3650),
    metavar="DAYS",
    help="The days after which the evidence has to be looked at again; else those of the policy in [gate], else 365.",
)
def report(
    *,
    scorecards: tuple[str, ...],
    outputs: tuple[str, ...],
    form: str | None,
    decision: str | None,
    max_age: int | None,
) -> int:
    """Render saved scorecards (JSON files; - is stdin)."""
    from osaudit.render.jsonread import held, scorecards_from_json, unjudged_in  # noqa: PLC0415 - help does not need it

    targets = formats_of(outputs, form, folders=True)
    texts = {name: decoded(name) for name in scorecards}
    cards = [held(card, name) for name, text in texts.items() for card in scorecards_from_json(text)]
    lost = [line for text in texts.values() for line in unjudged_in(text)]
    if not cards and not lost:
        raise UsageError(
            f"{scorecards[0]}: no scorecard is in it: audit a model with `osaudit audit MODEL -o FILE.json`"
        )
    decided = decision_on(cards, decision, targets) if decision else None
    if cards:
        age = max_age_for(cards) if max_age is None else max_age
        write_reports(cards, targets, options=Options(decision=decided, max_age=age))
    return 3 if told(lost) else 0


def decision_on(cards: Sequence[Scorecard], name: str, targets: Sequence[tuple[str, str]]) -> Decision:
    """Read a decision and hold it to the one model that it is on; UsageError where it is not on it."""
    from osaudit.decision import read_decision, unfit  # noqa: PLC0415 - rarely asked for

    decided = read_decision(read_input(name), Path(name).name)
    if len(cards) != 1:
        raise UsageError(f"--decision is on one model, and {len(cards)} are given: name one scorecard")
    if why := unfit(decided, cards[0].model, cards[0].commit):
        raise UsageError(f"{Path(name).name}: {why}")
    if any(form != "html" for _, form in targets):
        raise UsageError("--decision is shown by HTML alone: name an output such as -o report.html")
    return decided


def read_input(name: str) -> bytes:
    """Read a file, or stdin for `-`; UsageError where it cannot be read or is too large."""
    if name == "-":
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
    else:
        try:
            with Path(name).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise UsageError(f"cannot read {name}: {error.strerror or error}") from error
    if len(data) > MAX_BYTES:
        raise UsageError(f"{name} is over {MAX_BYTES // 2**20} MB: is it the right file?")
    return data


def decoded(name: str, what: str = "scorecard") -> str:
    """Read a file, or stdin for `-`, as UTF-8; UsageError where it is none. `what` names what it should be."""
    try:
        return read_input(name).decode()
    except UnicodeDecodeError as error:
        told = "standard input" if name == "-" else name
        raise UsageError(f"{told} is no UTF-8 text: a {what} is asked for") from error
