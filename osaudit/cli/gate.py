"""`osaudit gate`: whether what a project adopts meets its policy, for a CI that nobody watches."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from osaudit.audit import Run, collect_evidence
from osaudit.cli.adopting import (
    ADOPTED_OPTIONS,
    EVIDENCE,
    POLICY_OPTIONS,
    adding,
    adopted,
    asked_for,
    files_for,
    given_for,
    lock_for,
    policy_in_force,
    today,
    waivers_for,
)
from osaudit.cli.looking import Looking, hub_options_without_revision, linked_options, set_up_log
from osaudit.cli.many import tell_budget
from osaudit.cli.output import Form, emit, terminal
from osaudit.cli.probing import Probing, probe_options, with_probe
from osaudit.cli.progress import Count, Progress
from osaudit.cli.saying import say
from osaudit.cli.stages import read_input
from osaudit.cli.used import excused_by
from osaudit.errors import UsageError
from osaudit.evidence import Evidence
from osaudit.gate.outputs import GATE_FORMAT_BY_SUFFIX, GATE_OUTPUTS, OutputOptions
from osaudit.verdict import Failure

if TYPE_CHECKING:
    from osaudit.audit import Outcome
    from osaudit.cli.adopting import Files
    from osaudit.gate.findings import Adoption
    from osaudit.gate.policy import Policy


@click.command()
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@adding(*ADOPTED_OPTIONS, *POLICY_OPTIONS)
@click.option("--locked", is_flag=True, help="Hold to the lock file: its commits, and the terms of the heads since.")
@click.option("--lock", "lock_file", metavar="FILE", help="The lock file.  [default: osaudit.lock]")
@click.option("--evidence", metavar="FOLDER", help="Evidence that `osaudit lock` saved, taken by the lock's digests.")
@click.option("--waivers", metavar="FILE", help="The waivers.  [default: osaudit-waivers.yaml, where it is there]")
@click.option("--attestations", metavar="FILE", help="What named persons attest; a signature FILE.sig is checked.")
@click.option("--signers", metavar="FILE", help="An allowed-signers file, to tell whose the signature is.")
@click.option("--baseline", metavar="FILE", help="A former run as JSON: what stood there is told and fails no more.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 where the policy is not met; never where nothing was judged.")
@click.option("--summary", is_flag=True, help="One line a model, and what fails with its reason and place.")
@click.option(
    "-f",
    "--format",
    "form",
    type=Form(GATE_OUTPUTS, GATE_FORMAT_BY_SUFFIX),
    help="The format; else by the suffix. With -o - among others, it is that of stdout alone.",
)
@click.option("-o", "--output", "outputs", multiple=True, metavar="FILE", help="Where it goes; may be repeated.")
@linked_options
@probe_options
@hub_options_without_revision
def gate(  # noqa: PLR0913 - a table of options
    *,
    models: tuple[str, ...],
    lists: tuple[str, ...],
    scanned: tuple[str, ...],
    changed_since: str | None,
    policy_named: str | None,
    no_conditions: bool,
    adopter_file: str | None,
    trust: str | None,
    locked: bool,
    lock_file: str | None,
    evidence: str | None,
    waivers: str | None,
    attestations: str | None,
    signers: str | None,
    baseline: str | None,
    exit_zero: bool,
    summary: bool,
    form: str | None,
    outputs: tuple[str, ...],
    **options: object,
) -> int:
    """Hold models to a policy: those named, those listed (-r), or those that a code base loads (--scan).

    \b
    osaudit gate --scan . --policy commercial-use
    osaudit gate mistralai/Mistral-7B-v0.1 --policy osi-strict -o gate.sarif

    Exit codes: 0 the policy is met, 1 it is not, 2 wrong usage or configuration, 3 a model could not be judged; over
    many models 2 outranks 3, 3 outranks 1.
    """  # noqa: D301 - click's mark for lines that stay as they are
    from osaudit.gate.running import Gate, run_gate  # noqa: PLC0415 - help needs none of these

    looking, probing = _split(options)
    set_up_log(looking)
    targets = _targets(outputs, form)
    files = files_for(trust)
    policy = policy_in_force(policy_named, files, no_conditions=no_conditions)
    if looking.verbose:
        _tell_policy(policy)
    asked, uncounted = asked_for(policy, adopter_file, files, given_for(attestations, signers, files))
    waived, sealed = waivers_for(waivers, signers, files)
    rows = lock_for(lock_file, files) if locked or lock_file else None
    found, open_ = adopted(models, lists, scanned, changed_since, policy)
    if not (models or lists or scanned) and rows is not None:
        found = _of_lock(rows)
    elif not (models or lists or scanned):
        raise UsageError("name models, a list of them (-r FILE), a code base (--scan PATH), or --locked")
    if not found and not scanned:
        raise UsageError("the list, or the lock, holds no model: nothing would be held to the policy")
    run = Gate(
        policy=policy,
        asked=asked,
        looking=looking,
        today=today(),
        waivers=waived,
        lock=rows,
        saved=_saved(evidence, looking),
        baseline=_baseline(baseline, files),
        general=(*files.changed, *uncounted, *sealed, *open_),
        see=_probing(policy, probing, looking),
    )
    if not found and not looking.quiet:
        say(f"no model is loaded in {', '.join(scanned)}, as far as it could be read")
    tell_budget(len(found), looking)
    progress, count = Progress(len(found), quiet=looking.quiet or len(found) < 2), Count()  # noqa: PLR2004 - one is no progress
    report = run_gate(run, found, _teller(progress, count, told=("-", "text") in targets))
    progress.end(count)
    excuse = excused_by() if report.exit == 1 and exit_zero else ""
    for output, chosen in targets:
        emit(output, GATE_OUTPUTS[chosen](report, _shown(output, excuse, summary=summary)))
    if excuse:
        say(f"the policy is not met, and {excuse} makes the exit code 0")
    return 0 if excuse else report.exit


def _targets(outputs: Sequence[str], named: str | None) -> list[tuple[str, str]]:
    """Pair each output with its format. Where stdout is one of several, the format that is named is stdout's alone."""
    if not outputs:
        return [("-", named or "text")]
    files = None if "-" in outputs else named
    return [(output, _format_of(output, named if output == "-" else files)) for output in outputs]


def _format_of(output: str, named: str | None) -> str:
    """The format of an output: the one named, else its suffix's; UsageError where none goes by it."""
    suffix = "" if output == "-" else Path(output).suffix.lower()
    found = named or GATE_FORMAT_BY_SUFFIX.get(suffix, "text" if output == "-" else "")
    if not found:
        known = ", ".join(GATE_FORMAT_BY_SUFFIX)
        raise UsageError(f"{output}: no format goes by the suffix {suffix!r}: use one of {known}, or name it with -f")
    if output != "-" and not Path(output).absolute().parent.is_dir():
        raise UsageError(f"{output}: the folder {Path(output).parent} does not exist; make it first")
    return found


def _shown(output: str, excuse: str, *, summary: bool) -> OutputOptions:
    screen = terminal()
    colour = screen.colour and output == "-"
    return OutputOptions(colour=colour, width=screen.width, summary=summary, excuse=excuse)


def _split(options: Mapping[str, object]) -> tuple[Looking, Probing]:
    own = {key: options[key] for key in Probing.__dataclass_fields__}
    looking = {key: value for key, value in options.items() if key not in own}
    return Looking(**looking), Probing(**own)  # type: ignore[arg-type] # click's values, by the same names


def _tell_policy(policy: Policy) -> None:
    told = policy.told
    say(f"policy {told.source} ({told.sha256[:12]})")
    for key, words in told.conditions:
        say(f"policy {key}: {words}")


def _of_lock(rows: Sequence[Any]) -> tuple[Adoption, ...]:
    from osaudit.gate.findings import Adoption  # noqa: PLC0415 - help does without

    return tuple(Adoption(row.id, row.commit) for row in rows)


def _saved(named: str | None, looking: Looking) -> tuple[Path, ...]:
    """The folders of saved evidence: the one named, and the cache's."""
    from osaudit.sources.store import default_root  # noqa: PLC0415 - help does without

    if named and not Path(named).is_dir():
        raise UsageError(f"{named} is no folder of saved evidence: write it with `osaudit lock --evidence FOLDER`")
    return (*((Path(named),) if named else ()), *(() if looking.no_cache else (default_root() / EVIDENCE,)))


def _baseline(named: str | None, files: Files) -> frozenset[tuple[str, str]]:
    """Read a former run's JSON: the pairs of model and rule that stood in it."""
    if named is None:
        return frozenset()
    try:
        data = json.loads(read_input(named) if files.trust is None else files.named(Path(named), "baseline"))
        rows = [(row["model"], one["rule"]) for row in data["models"] for one in row.get("findings", [])]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UsageError(f"{named} is no run of the gate: write one with `osaudit gate ... -o FILE.json`") from error
    return frozenset(pair for pair in rows if all(isinstance(word, str) for word in pair))


def _probing(policy: Policy, probing: Probing, looking: Looking) -> Callable[[Adoption, Any, Run], Evidence]:
    """How a model is looked at: its weights are tried as well where the policy asks for that."""

    def see(adoption: Adoption, how: Looking, run: Run) -> Evidence:
        evidence = collect_evidence(adoption.model, how, run)
        level = policy.of(evidence.ref.repo).probe
        return with_probe(evidence, adoption.model, probing.up_to(level), looking) if level else evidence

    return see


def _teller(progress: Progress, count: Count, *, told: bool) -> Callable[[Outcome], None]:
    """Tell how far the run is, and who could not be judged, where the report on stdout does not."""

    def tell(outcome: Outcome) -> None:
        count.done += 1
        count.failed += isinstance(outcome, Failure)
        progress.step(count)
        if isinstance(outcome, Failure) and not told:
            progress.aside(outcome.message)

    return tell
