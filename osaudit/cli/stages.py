"""The stages on their own: `collect` looks, `judge` judges, `report` draws. A file stands between each two."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from osaudit.audit import look
from osaudit.cli.asking import asking, asking_options
from osaudit.cli.gate import unjudged, unprobed
from osaudit.cli.looking import history_option, hub_options, linked_options, set_up_log
from osaudit.cli.output import OUTPUTS, emit, format_option, formats_of, told, write_reports
from osaudit.cli.probing import audit_probe_options, split, with_probe
from osaudit.errors import UsageError
from osaudit.evidence import Seen

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
    return 3 if isinstance(run, Seen) and told(unprobed(evidence.ref.repo, run.value)) else 0


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
    return 3 if told(unjudged(card)) else 0


@click.command()
@click.argument("scorecards", nargs=-1, required=True, metavar="SCORECARD...")
@OUTPUTS
@format_option()
def report(*, scorecards: tuple[str, ...], outputs: tuple[str, ...], form: str | None) -> int:
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
    if cards:
        write_reports(cards, targets)
    return 3 if told(lost) else 0


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


def decoded(name: str) -> str:
    """Read a file, or stdin for `-`, as UTF-8; UsageError where it is none."""
    try:
        return read_input(name).decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is no UTF-8 text: is it a scorecard?") from error
