"""`osaudit sweep`: audit many models into a store that survives anything."""

from __future__ import annotations

import itertools
import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import click

from osaudit.audit import Run, collect_evidence
from osaudit.cli import complete
from osaudit.cli.asking import Several, asking, asking_options
from osaudit.cli.looking import Looking, looking_options, set_up_log
from osaudit.cli.output import PRINTED, emit
from osaudit.cli.probing import Size, probe_options, with_probe
from osaudit.cli.progress import JsonLog, Progress, shown_time
from osaudit.cli.saying import say
from osaudit.errors import UsageError
from osaudit.proberun import LEVELS, Level
from osaudit.verdict import LADDER, LabelId

if TYPE_CHECKING:
    from osaudit.evidence import Evidence
    from osaudit.sources.catalogue import Filters
    from osaudit.sweep.judging import How, Wanted
    from osaudit.sweep.place import Place
    from osaudit.sweep.rows import Keep
    from osaudit.sweep.storage import Known
    from osaudit.sweep.sweeping import Plan, Tally

RUNGS: tuple[LabelId, ...] = tuple(LADDER)
SORTS = ("downloads", "likes", "created_at", "last_modified", "trending_score")
_FEW = 16


@dataclass(frozen=True, slots=True)
class Source:
    """Where the models come from."""

    names: tuple[str, ...]
    files: tuple[str, ...]
    columns: tuple[str, ...]
    saved: tuple[str, ...]
    filters: Filters | None


_FILTER_OPTIONS: tuple[Callable[[Callable[..., object]], Callable[..., object]], ...] = (
    click.option("--author", default="", metavar="NAME", help="Models of an account, from the Hub's list."),
    click.option("--search", default="", metavar="TEXT", help="Models whose id holds the text, from the list."),
    click.option("--filter", "tags", multiple=True, metavar="TAG", help="Models with a tag; may be repeated."),
    click.option("--library", default="", metavar="NAME", help="Models of a library: transformers, diffusers, ..."),
    click.option("--pipeline-tag", "task", default="", metavar="TASK", help="Models of a task: text-generation, ..."),
    click.option("--sort", type=click.Choice(SORTS), help="The list's order, the highest first."),
    click.option("--limit", type=click.IntRange(1), metavar="N", help="The first N models of the list."),
    click.option("--all", "everything", is_flag=True, help="The whole list of the Hub: some three million models."),
)


def _filter_options(command: Callable[..., object]) -> Callable[..., object]:
    for option in reversed(_FILTER_OPTIONS):
        command = option(command)
    return command


@click.command()
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@click.option(
    "-r", "--read", "files", multiple=True, metavar="FILE",
    help="Models of a file: a name a line, or .parquet, .csv, .jsonl with a column of names; - is stdin.",
)  # fmt: skip
@click.option("--column", "columns", multiple=True, metavar="FIELD=COLUMN", help="Which column holds what: id=hf_id.")
@click.option(
    "--evidence",
    "--since",
    "saved",
    multiple=True,
    metavar="PATH",
    help="Judge saved evidence: a file, a folder, or a former store.",
)
@_filter_options
@click.option("-o", "--output", "store", required=True, metavar="STORE", help="The store: a folder, or an address.")
@click.option("--resume", is_flag=True, help="Go on with a store: do what it lacks and what has changed.")
@click.option(
    "--depth", type=click.Choice(("list", "full")), default="full", show_default=True,
    help="list: what the Hub's list tells, 1,000 models a request; no text is read, and nothing is ranked.",
)  # fmt: skip
@click.option("--shard", metavar="I/N", default="1/1", help="One of N parts of the models, by their names.")
@click.option("--engine", type=click.Choice(("local", "ray")), default="local", show_default=True, help="What works.")
@click.option("--address", metavar="ADDRESS", help="The Ray cluster; else one of this machine.")
@click.option(
    "--keep", type=click.Choice(("evidence", "scorecard", "none")), default="evidence", show_default=True,
    help="What is kept beside the tables; evidence can be judged again.",
)  # fmt: skip
@click.option("--hashes", is_flag=True, help="Keep the hashes of weight files, for `store study --same-weights`.")
@click.option(
    "--linked", type=click.Choice(("auto", "never", "always")), default="never", show_default=True,
    help="Whether linked code repositories are looked at with your git; auto: where that may change something.",
)  # fmt: skip
@click.option(
    "--linked-host", multiple=True, metavar="HOST", help="A further host of git to ask beside the known ones."
)
@click.option(
    "--known-weights", metavar="FILE",
    help="Hold weight files against known ones (`osaudit store study STORE --known-weights FILE`).",
)  # fmt: skip
@click.option("--chunk", type=click.IntRange(1, 100_000), default=200, show_default=True, help="Models a part.")
@click.option("--bases", type=click.IntRange(0, 8), default=4, show_default=True, help="Levels of base models.")
@asking_options
@click.option("--fail-under", type=click.FloatRange(0, 100), help="Exit 1 where a score's low end is lower.")
@click.option(
    "--fail-on", cls=Several, multiple=True, metavar="CRITERION", shell_complete=complete.cells,
    help="Exit 1 where it fails or needs review: OSD-6, C6-L, ...",
)  # fmt: skip
@click.option("--min-label", type=click.Choice(RUNGS, case_sensitive=False), metavar="LABEL", help="Exit 1 below it.")
@click.option("--probe", type=click.Choice(LEVELS), help="Try whether the weights run as well, up to this level.")
@click.option("--probe-max-bytes", type=Size(), help="The most that a probe above `structure` downloads of a model.")
@probe_options
@click.option("--patience", type=click.FloatRange(0), default=1800.0, show_default=True,
              help="Seconds to wait for a Hub that answers nobody.")  # fmt: skip
@click.option("--log-format", type=click.Choice(("text", "json")), default="text", help="What stderr has.")
@PRINTED
@looking_options("offline", "no_cache", "timeout", "quiet", "verbose")
def sweep(  # noqa: PLR0913 - a table of options
    *,
    models: tuple[str, ...],
    files: tuple[str, ...],
    columns: tuple[str, ...],
    saved: tuple[str, ...],
    store: str,
    resume: bool,
    depth: Literal["list", "full"],
    shard: str,
    engine: str,
    address: str | None,
    keep: Keep,
    hashes: bool,
    chunk: int,
    bases: int,
    patience: float,
    log_format: str,
    form: str,
    **options: Any,  # noqa: ANN401 - click's values
) -> int:
    """Audit many models into a STORE of Parquet parts, which `osaudit store` reads.

    Killed at any moment, it goes on with --resume: nothing is lost and nothing is there twice.
    """
    from osaudit.sweep.asked import shard_of  # noqa: PLC0415 - help needs none of these
    from osaudit.sweep.extras import require  # noqa: PLC0415
    from osaudit.sweep.flow import Patience  # noqa: PLC0415
    from osaudit.sweep.place import place_of  # noqa: PLC0415
    from osaudit.sweep.sweeping import Plan, sweep  # noqa: PLC0415

    require("sweep")
    part, source = shard_of(shard), _source(models, files, columns, saved, options)
    looking = _looking(options, bases)
    see = _see(looking, options)
    plan = Plan(
        how=_how(options, keep, hashes=hashes), looking=looking, depth=depth, shard=part, chunk=chunk,
        patience=Patience(patience),
    )  # fmt: skip
    set_up_log(looking)
    if source.saved:
        return summary(into_store(store, plan, source.saved, resume=resume), form, store)
    if log_format == "json":
        for handler in logging.getLogger("osaudit").handlers:
            handler.setFormatter(JsonLog())
    place = place_of(store)
    with _held(place, store, plan, resume=resume) as (run, known):
        plan = replace(plan, run=run)
        wanted, total = _wanted(source, plan)
        plan = replace(plan, many=not 0 < total < _FEW)
        if not looking.quiet and log_format == "text":
            say(_budget(total, plan), prefix="")
        progress = Progress(total, log_format, looking.quiet)
        if engine == "ray":
            from osaudit.sweep.cluster import sweep_on_ray  # noqa: PLC0415 - an extra

            require("ray")
            tally = sweep_on_ray(place, plan, wanted, known, see, progress, address=address)
        else:
            tally = sweep(place, plan, wanted, known, see, progress)
        progress.end(tally)
    return summary(tally, form, store)


def _source(
    models: tuple[str, ...],
    files: tuple[str, ...],
    columns: tuple[str, ...],
    saved: tuple[str, ...],
    options: dict[str, Any],
) -> Source:
    """Take what the options say of where the models come from; UsageError where it is nothing, or two things."""
    from osaudit.sources.catalogue import Filters  # noqa: PLC0415 - help needs none of it

    task, sort, limit, everything = (options.pop(key) for key in ("task", "sort", "limit", "everything"))
    found = Filters(
        options.pop("author"),
        options.pop("search"),
        options.pop("tags"),
        options.pop("library"),
        task,
        sort or "",
        limit,
    )
    filters = found if everything or found != Filters() else None
    if saved and (models or files or filters):
        raise UsageError("--evidence judges what is saved: name other models in a sweep of their own")
    if filters and (models or files):
        raise UsageError("name models, or take them from the Hub's list by its filters: not both at once")
    if not (models or files or saved or filters):
        raise UsageError("no models are named: give ids, -r FILE (- is stdin), --evidence PATH, or --author NAME")
    if filters and not everything and limit is None and found == Filters(sort=found.sort):
        raise UsageError("--sort alone means the whole list: add --limit N, or --all where it is meant")
    return Source(models, files, columns, saved, filters)


def _looking(options: Mapping[str, Any], bases: int) -> Looking:
    names = ("offline", "no_cache", "timeout", "quiet", "verbose", "linked", "linked_host")
    from osaudit.sources.weighed import read_known  # noqa: PLC0415 - help needs none of it

    known = read_known(options["known_weights"]) if options["known_weights"] else None
    return Looking(depth=bases, known=known, **{name: options[name] for name in names})


def _how(options: Mapping[str, Any], keep: Keep, *, hashes: bool) -> How:
    from osaudit.gate.cells import cell_of  # noqa: PLC0415 - help needs none of these
    from osaudit.gate.conditions import Conditions  # noqa: PLC0415
    from osaudit.sweep.judging import How  # noqa: PLC0415

    asked = asking(options["pack"], options["attestations"], options["signers"])
    conditions = Conditions(
        min_label=options["min_label"],
        fail_under=options["fail_under"],
        fail_on=tuple(cell_of(named, asked.packs) for named in options["fail_on"]),
    )
    return How(asked, conditions, keep, hashes)


def _see(looking: Looking, options: Mapping[str, Any]) -> Callable[[str, Run], Evidence]:
    """Look at a model, and probe it where that is asked for."""
    level: Level | None = options["probe"]
    if level is None:
        return lambda name, run: collect_evidence(name, looking, run)
    most, deep = options["probe_max_bytes"], LEVELS.index(level) > LEVELS.index("structure")
    if deep and most is None:
        raise UsageError(f"--probe {level} downloads weights: say how much of each model with --probe-max-bytes SIZE")
    from osaudit.cli.probing import Probing  # noqa: PLC0415 - few probe

    own = {key: options[key] for key in Probing.__dataclass_fields__}
    probing = Probing(**{**own, "max_download": most if most is not None else own["max_download"]}).up_to(level)
    return lambda name, run: with_probe(collect_evidence(name, looking, run), name, probing, looking)


def _wanted(source: Source, plan: Plan) -> tuple[Iterator[Wanted], int]:
    """The models of this shard, each once, and how many they are: 0 where nobody knows."""
    from osaudit.sweep.asked import mapping_of, names_in, once  # noqa: PLC0415 - help needs none of these
    from osaudit.sweep.judging import Wanted  # noqa: PLC0415
    from osaudit.sweep.sweeping import from_list  # noqa: PLC0415

    columns = mapping_of(source.columns)
    if source.filters:
        return once(from_list(source.filters, plan), plan.shard), (source.filters.limit or 0) // plan.shard.of
    stdin = sys.stdin.buffer if "-" in (*source.names, *source.files) else None
    names = [name for name in source.names if name != "-"]
    files = [*source.files, *("-" for name in source.names if name == "-")]

    def everything() -> Iterator[Wanted]:
        yield from (Wanted(name) for name in names)
        yield from itertools.chain.from_iterable(names_in(file, columns, stdin) for file in files)

    if "-" in files:
        return once(everything(), plan.shard), 0
    return once(everything(), plan.shard), sum(1 for _ in once(everything(), plan.shard))


def _budget(total: int, plan: Plan) -> str:
    """What the sweep will ask of the Hub, and how long its limit makes that."""
    from osaudit.sources import client  # noqa: PLC0415 - as above
    from osaudit.sweep.sweeping import requests_for, seconds_for  # noqa: PLC0415

    if plan.looking.offline or client.is_offline():
        return "offline: what was fetched before, and no requests"
    with_token = client.has_token(client.request_headers())
    limit = 1000 if with_token else 500
    whose = "a free account's token" if with_token else "no token"
    if not total:
        return f"requests: with {whose} the Hub allows {limit:,} of its API in 5 minutes; its headers are obeyed"
    asked, files = requests_for(total, plan.depth)
    shown = f"about {asked:,} API requests" + (f" and {files:,} files" if files else "")
    return (
        f"{total:,} models: {shown}; with {whose} the Hub allows {limit:,} API requests in 5 minutes: "
        f"{shown_time(seconds_for(asked, limit))} of waiting at the most"
    )


def into_store(store: str, plan: Plan, saved: tuple[str, ...], *, resume: bool) -> Tally:
    """Judge saved evidence into a store."""
    from osaudit.sweep.place import place_of  # noqa: PLC0415 - as above
    from osaudit.sweep.rejudging import sweep_saved, texts_of  # noqa: PLC0415

    place = place_of(store)
    with _held(place, store, plan, resume=resume) as (run, known):
        progress = Progress(0, quiet=bool(getattr(plan.looking, "quiet", False)))
        texts = itertools.chain.from_iterable(map(texts_of, saved))
        tally = sweep_saved(place, replace(plan, run=run), texts, known, progress)
        progress.end(tally)
    return tally


@contextmanager
def _held(place: Place, store: str, plan: Plan, *, resume: bool) -> Iterator[tuple[int, Mapping[str, Known]]]:
    """Hold a store for a sweep; give the number of its run, and what it knows."""
    from osaudit.sweep.locking import locked  # noqa: PLC0415 - as above
    from osaudit.sweep.storage import opened, require_store  # noqa: PLC0415

    part = plan.shard.number, plan.shard.of
    require_store(place, new=True)
    with locked(place, part):
        contents, known, lines = opened(place, part)
        for line in lines:
            say(line)
        if contents.chunks and not resume and plan.shard.of == 1:
            raise UsageError(f"{store} holds {len(known):,} models: go on with --resume, or name another folder")
        yield contents.next_run, known


def summary(tally: Tally, form: str, store: str) -> int:
    """Write the summary to stdout; give the exit code."""
    from osaudit.render.json import json_text  # noqa: PLC0415 - as above

    labels = {rung: tally.labels[rung] for rung in RUNGS if tally.labels[rung]}
    if form == "json":
        emit("-", json_text({
            "store": store, "judged": tally.judged, "labels": labels, "failed": tally.failed,
            "errors": dict(sorted(tally.errors.items())), "skipped": tally.skipped, "not_met": tally.misses,
            "open": tally.open, "chunks": tally.chunks, "exit": tally.exit,
        }))  # fmt: skip
        return tally.exit
    lines = [f"{store}: {tally.judged:,} judged, {tally.failed:,} failed, {tally.skipped:,} unchanged"]
    lines += [f"  {LADDER[rung]:<32}{count:>9,}" for rung, count in labels.items()]
    lines += [f"  failed: {kind:<24}{count:>9,}" for kind, count in sorted(tally.errors.items())]
    lines += [f"  conditions not met: {tally.misses:,}"] if tally.misses else []
    lines += [f"  asked for and not told: {tally.open:,}"] if tally.open else []
    emit("-", "\n".join(lines) + "\n")
    return tally.exit
