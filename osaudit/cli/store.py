"""`osaudit store`: what a sweep's store holds, asked, checked, compacted, exported and compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from osaudit.cli.asking import asking, asking_options
from osaudit.cli.output import PRINTED, emit, format_option
from osaudit.cli.saying import say, show_lines
from osaudit.errors import UsageError
from osaudit.sweep.columns import NAMES, Table

if TYPE_CHECKING:
    from osaudit.sweep.querying import Answer
    from osaudit.sweep.rows import Keep


@click.group()
def store() -> None:
    """Check, query, export and compare the stores of sweeps."""
    from osaudit.sweep.extras import require  # noqa: PLC0415 - help needs none of it

    require("sweep")


@store.command()
@click.argument("place", metavar="STORE")
@click.argument("sql")
@click.option("-o", "--output", default="-", show_default=True, metavar="FILE", help="Where the answer goes.")
@format_option(("text", "csv", "json"), "text", "How to write the answer.")
def query(*, place: str, sql: str, output: str, form: str) -> int:
    """Answer one SELECT over STORE: tables models, cells, findings, edges, probes, weights, evidence.

    Each shows the newest row of each model; all_models, all_cells, ... show the older ones too. Nothing is written.
    """
    from osaudit.sweep.place import place_of  # noqa: PLC0415 - help needs none of these
    from osaudit.sweep.querying import query as answered  # noqa: PLC0415

    _answered(answered(place_of(place), sql), output, form)
    return 0


@store.command()
@click.argument("place", metavar="STORE")
@format_option(("text", "json"), "text", "How to print it.")
def check(*, place: str, form: str) -> int:
    """Hold every part of STORE to its hash; exit 3 where one is damaged. Nothing is changed."""
    from osaudit.render.json import json_text  # noqa: PLC0415 - help needs none of these
    from osaudit.sweep.columns import NAMES  # noqa: PLC0415
    from osaudit.sweep.place import place_of  # noqa: PLC0415
    from osaudit.sweep.storage import look_through, require_store  # noqa: PLC0415

    where = place_of(place)
    require_store(where)
    found = look_through(where, deep=True)
    code = 3 if found.damaged else 0
    rows = {table: found.rows(table) for table in NAMES}
    if form == "json":
        damaged = [{"files": list(one.files), "why": one.why} for one in found.damaged]
        emit("-", json_text({
            "store": place, "chunks": len(found.chunks), "rows": rows, "damaged": damaged,
            "left_over": list(found.left_over), "exit": code,
        }))  # fmt: skip
        return code
    lines = [
        f"{len(found.chunks):,} chunks hold",
        *(f"  {table:<10}{count:>12,} rows" for table, count in rows.items()),
    ]
    show_lines("\n".join(lines))
    for one in found.damaged:
        say(f"{one.why}: `osaudit sweep ... -o {place} --resume` sets it aside and does its models again")
    if found.left_over:
        say(f"{len(found.left_over)} files of a cut-off run count for nothing: compact takes them away")
    return code


@store.command()
@click.argument("place", metavar="STORE")
@click.option("--rows", type=click.IntRange(1000), default=100_000, show_default=True, help="Models a part.")
def compact(*, place: str, rows: int) -> int:
    """Write the parts of STORE anew as fewer large ones; rows that are there twice for one key are left out."""
    from osaudit.sweep.locking import locked  # noqa: PLC0415 - help needs none of these
    from osaudit.sweep.place import place_of  # noqa: PLC0415
    from osaudit.sweep.storage import require_store  # noqa: PLC0415
    from osaudit.sweep.tidying import compact as compacted  # noqa: PLC0415

    where = place_of(place)
    require_store(where)
    with locked(where):
        before, after, lines = compacted(where, rows)
    for line in lines:
        say(line)
    say(f"{before:,} chunks are {after:,} now", prefix="")
    return 0


@store.command()
@click.argument("place", metavar="STORE")
@click.option("--table", type=click.Choice(NAMES), default="models", show_default=True, help="Which table.")
@click.option("--everything", is_flag=True, help="Former commits, packs and versions of a model too.")
@click.option("-o", "--output", required=True, metavar="FILE", help="The file that is written.")
@format_option(("csv", "parquet", "jsonl"), None, "The file's format; else by its suffix.")
def export(*, place: str, table: Table, everything: bool, output: str, form: str | None) -> int:
    """Write a table of STORE as one file."""
    from osaudit.sweep.exporting import export as exported  # noqa: PLC0415 - help needs none of these
    from osaudit.sweep.place import place_of  # noqa: PLC0415

    named = form or Path(output).suffix.lower().lstrip(".")
    if named not in {"csv", "parquet", "jsonl"}:
        raise UsageError(f"{output}: no format goes by its suffix: name it .csv, .parquet or .jsonl, or use --format")
    count = exported(place_of(place), table, Path(output), named, everything=everything)  # type: ignore[arg-type] # held above
    say(f"wrote {count:,} rows to {output}", prefix="")
    return 0


@store.command()
@click.argument("before", metavar="STORE")
@click.argument("after", metavar="OTHER")
@click.option("-o", "--output", default="-", show_default=True, metavar="FILE", help="Where the answer goes.")
@format_option(("text", "csv", "json"), "text", "How to write the answer.")
def diff(*, before: str, after: str, output: str, form: str) -> int:
    """Say what STORE and OTHER tell differently of the same models: commit, label, licence, every cell."""
    from osaudit.sweep.contrast import diff as contrasted  # noqa: PLC0415 - help needs none of these
    from osaudit.sweep.place import place_of  # noqa: PLC0415

    _answered(contrasted(place_of(before), place_of(after)), output, form)
    return 0


@store.command()
@click.argument("place", metavar="STORE")
@click.option("-o", "--output", required=True, metavar="STORE", help="The store that is written.")
@click.option("--resume", is_flag=True, help="Go on with it.")
@click.option("--chunk", type=click.IntRange(1, 100_000), default=200, show_default=True, help="Models a part.")
@click.option(
    "--keep",
    type=click.Choice(("evidence", "scorecard", "none")),
    default="evidence",
    show_default=True,
    help="What is kept beside the tables.",
)
@click.option("--hashes", is_flag=True, help="Keep the hashes of weight files.")
@asking_options
@PRINTED
def rejudge(  # noqa: PLR0913 - a table of options
    *, place: str, output: str, resume: bool, chunk: int, keep: Keep, hashes: bool, form: str, **options: str
) -> int:
    """Judge the evidence that STORE keeps again, by other packs or a newer osaudit, without the network."""
    from osaudit.cli.sweep import into_store, summary  # noqa: PLC0415 - help needs none of these
    from osaudit.sweep.judging import How  # noqa: PLC0415
    from osaudit.sweep.sweeping import Plan  # noqa: PLC0415

    asked = asking(options["pack"], options["attestations"], options["signers"])  # type: ignore[arg-type] # click's values
    plan = Plan(How(asked, keep=keep, hashes=hashes), chunk=chunk)
    return summary(into_store(output, plan, (place,), resume=resume), form, output)


@store.command()
@click.argument("place", metavar="STORE")
@click.option("--same-weights", is_flag=True, help="Files that stand in several repositories under other licences.")
@click.option("--known-weights", metavar="FILE", help="Write the hashes with their first owners, for `audit --hashes`.")
@click.option("--top", type=click.IntRange(1, 1000), default=10, show_default=True, help="Rows of each list.")
@click.option("-o", "--output", default="-", show_default=True, metavar="FILE", help="Where the figures go.")
@format_option(("text", "csv", "json", "latex"), "text", "How to write them.")
def study(*, place: str, same_weights: bool, known_weights: str | None, top: int, output: str, form: str) -> int:
    """Give the figures that papers give, over STORE, with confidence intervals and beside the published ones."""
    from osaudit.sweep.figures import figures_as  # noqa: PLC0415 - help needs none of these
    from osaudit.sweep.place import place_of  # noqa: PLC0415
    from osaudit.sweep.same_bytes import same_weights as shared  # noqa: PLC0415
    from osaudit.sweep.same_bytes import write_known  # noqa: PLC0415
    from osaudit.sweep.study import study as studied  # noqa: PLC0415

    where = place_of(place)
    if known_weights:
        say(f"wrote {write_known(where, Path(known_weights)):,} hashes to {known_weights}", prefix="")
    if same_weights:
        if form == "latex":
            raise UsageError("--same-weights is a list of files: use --format text, csv or json")
        _answered(shared(where), output, form)
    elif not known_weights:
        emit(output, figures_as(studied(where, top), form))
    return 0


def _answered(found: Answer, output: str, form: str) -> None:
    """Write an answer, in columns for a terminal alone."""
    from osaudit.sweep.tabular import as_csv, as_json, as_text  # noqa: PLC0415 - as above

    if form != "text":
        emit(output, as_csv(found) if form == "csv" else as_json(found))
        return
    if output != "-":
        raise UsageError(f"{output}: columns are for a terminal: write a file with --format csv or json")
    show_lines(as_text(found))
