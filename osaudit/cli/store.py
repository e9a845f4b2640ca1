"""`osaudit store`: what a sweep's store holds, asked, checked, compacted, exported and compared."""

from __future__ import annotations

import click

from osaudit.cli.output import emit, format_option
from osaudit.cli.saying import say, show_lines
from osaudit.errors import UsageError


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
    from osaudit.sweep.tabular import as_csv, as_json, as_text  # noqa: PLC0415

    found = answered(place_of(place), sql)
    if form == "text":
        if output != "-":
            raise UsageError(
                f"{output}: an answer in columns is for a terminal: write a file with --format csv or json"
            )
        show_lines(as_text(found))
        return 0
    emit(output, as_csv(found) if form == "csv" else as_json(found))
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
