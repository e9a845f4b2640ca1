"""`osaudit diff`: what changed between two revisions, or between two models."""

from __future__ import annotations

import click

from osaudit.audit import look
from osaudit.cli.looking import Looking, hub_options, set_up_log
from osaudit.cli.output import emit, format_option, formats_of
from osaudit.errors import UsageError

_FORMS = ("text", "json", "html")


@click.command()
@click.argument("before", metavar="MODEL@A")
@click.argument("after", metavar="MODEL@B")
@format_option(_FORMS, words="How to tell it; else by the file's suffix, else text.")
@click.option("-o", "--output", default="-", show_default=True, metavar="FILE", help="Where it goes.")
@hub_options
def diff(*, before: str, after: str, form: str | None, output: str, **options: object) -> int:
    """Compare two audits: texts, tags, cells and label. Exit 1 where something changed."""
    from osaudit.compare import changes  # noqa: PLC0415 - help needs none of these
    from osaudit.judge import judge  # noqa: PLC0415
    from osaudit.licences.table import load_table  # noqa: PLC0415
    from osaudit.packs import load_pack  # noqa: PLC0415
    from osaudit.render.json import json_text  # noqa: PLC0415
    from osaudit.render.neutral import plain, unordered  # noqa: PLC0415

    ((output, told),) = formats_of((output,), form)
    if told not in _FORMS:
        raise UsageError(f"{output}: a difference is told as {', '.join(_FORMS)}: name one with --format")
    looking = Looking(**options)  # type: ignore[arg-type] # click's values, by the same names
    set_up_log(looking)
    seen = [look(named, looking) for named in (before, after)]
    pairs = [(evidence, judge(evidence, load_pack(), load_table())) for evidence in seen]
    found = changes(pairs[0], pairs[1])
    sides = [{"model": card.model, "commit": card.commit} for _, card in pairs]
    if told == "html":
        from osaudit.render.differences import render_diff_html  # noqa: PLC0415 - this format was asked for

        emit(output, render_diff_html(pairs[0], pairs[1], found))
    elif told == "json":
        rows = [{"kind": one.kind, "subject": one.subject, "before": one.before, "after": one.after} for one in found]
        emit(output, json_text({"before": sides[0], "after": sides[1], "changes": rows}))
    else:
        lines = [plain(f"{one.kind} {one.subject}: {one.before}  ->  {one.after}", 2000) for one in found]
        emit(output, unordered("\n".join(lines or ["nothing that bears on openness changed"])) + "\n")
    if any(card.incomplete for _, card in pairs):
        return 3
    return 1 if found else 0
