"""`osaudit audit`: collect, judge and render in one call, and gate on the result."""

from __future__ import annotations

from collections.abc import Sequence

import click

from osaudit.audit import Run, collect_evidence, is_folder
from osaudit.cli import complete
from osaudit.cli.asking import Several, asking, asking_options
from osaudit.cli.looking import Looking, history_option, hub_options, known_option, linked_options, set_up_log
from osaudit.cli.many import audit_all, tell_budget
from osaudit.cli.output import OUTPUTS, format_option, formats_of, told, write_reports
from osaudit.cli.probing import audit_probe_options, split, with_probe
from osaudit.cli.saying import say
from osaudit.cli.used import config_told, excused_by, max_age_for
from osaudit.errors import UsageError
from osaudit.evidence import Evidence
from osaudit.gate.assess import not_judged, unmet
from osaudit.gate.cells import cell_of
from osaudit.gate.conditions import Conditions
from osaudit.gate.findings import worst_exit
from osaudit.label import RUNGS
from osaudit.render import Options
from osaudit.verdict import LabelId


@click.command()
@click.argument("models", nargs=-1, required=True, metavar="MODEL...")
@OUTPUTS
@format_option()
@asking_options
@click.option("--fail-under", type=click.FloatRange(0, 100), help="Exit 1 where the score's low end is lower.")
@click.option(
    "--fail-on",
    cls=Several,
    shell_complete=complete.cells,
    multiple=True,
    metavar="CRITERION",
    help="Exit 1 where it fails or needs review: OSD-6, C6-L, ...",
)
@click.option(
    "--min-label",
    type=click.Choice(RUNGS, case_sensitive=False),
    metavar="LABEL",
    help=f"Exit 1 where the label is lower: {', '.join(RUNGS)}.",
)
@click.option("--review-passes", is_flag=True, help="Let --fail-on pass over cells that need review.")
@click.option(
    "--exit-zero", is_flag=True, help="Exit 0 where conditions are not met; never where nothing could be judged."
)
@history_option
@linked_options
@known_option
@audit_probe_options
@hub_options
def audit(  # noqa: PLR0913 - a table of options
    *,
    models: tuple[str, ...],
    outputs: tuple[str, ...],
    form: str | None,
    pack: tuple[str, ...],
    attestations: str | None,
    signers: str | None,
    fail_under: float | None,
    fail_on: tuple[str, ...],
    min_label: LabelId | None,
    review_passes: bool,
    exit_zero: bool,
    **options: object,
) -> int:
    """Audit models: Hub ids, Hub URLs, or folders (./folder).

    Several models give a ranked summary and each one's report. With --probe, each one's weights are tried as well, one
    model after the other; what fails there can lower a verdict and never raises one.
    """
    asked = asking(pack, attestations, signers)
    conditions = Conditions(
        min_label=min_label,
        fail_under=fail_under,
        fail_on=tuple(cell_of(named, asked.packs) for named in fail_on),
        unknown="warn" if review_passes else "fail",
    )
    targets = formats_of(outputs, form, folders=True)
    looking, probing, level = split(options)
    set_up_log(looking)

    def see(model: str, run: Run) -> Evidence:
        evidence = collect_evidence(model, looking, run)
        return with_probe(evidence, model, probing.up_to(level), looking) if level else evidence

    wanted = _each_once(models, looking)
    tell_budget(len(wanted), looking)
    anew = _unread(wanted, looking) if len(wanted) > 1 else None
    cards, failures = audit_all(
        wanted, str, see, asked, quiet=looking.quiet, near=lambda model: _nearest(model, looking), anew=anew
    )
    misses = [f"{card.model}: {one.message}" for card in cards for one in unmet(card, conditions) if one.fails]
    excuse = excused_by() if misses and exit_zero else ""
    if cards or failures:
        write_reports(cards, targets, failures, config_told(excuse), Options(max_age=max_age_for(cards)))
    told(f"not met: {line}" for line in misses)
    unjudged = told(f"{card.model}: {one.message}" for card in cards for one in not_judged(card, conditions))
    if excuse:
        say(f"the conditions are not met, and {excuse} makes the exit code 0")
    codes = [*(one.exit for one in failures), 3 if unjudged else 0, 1 if misses and not excuse else 0]
    return worst_exit(codes)


def _unread(models: Sequence[str], looking: Looking) -> int:
    from osaudit.sources.readings import unread  # noqa: PLC0415 - help does not need it

    return unread(models, no_cache=looking.no_cache)


def _nearest(model: str, looking: Looking) -> str:
    from osaudit.cli.nearest import nearest  # noqa: PLC0415 - only a name that the Hub does not have asks

    return "" if is_folder(model) else nearest(model, looking)


def _each_once(models: Sequence[str], looking: Looking) -> tuple[str, ...]:
    """Leave out what is named again, by its id or by its address."""
    from osaudit.sources.refs import parse_ref  # noqa: PLC0415 - help does not need it

    known: dict[object, str] = {}
    for model in models:
        try:
            key: object = model if is_folder(model) else parse_ref(model, revision=looking.revision)
        except UsageError:  # told when it is looked at, beside the others
            key = model
        if key in known and not looking.quiet:
            say(f"{model} is {known[key]}, which is named before: it is audited once")
        known.setdefault(key, model)
    return tuple(known.values())
