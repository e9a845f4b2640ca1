"""`osaudit licence`: identify texts, and read the clause table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from osaudit.cli.stages import read_input
from osaudit.errors import UsageError
from osaudit.licences.table import Licence, load_table

_FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print it."
)
MAX_TEXT = 8 * 1024 * 1024


@click.group()
def licence() -> None:
    """Identify licence texts; read the clause table."""


@licence.command()
@click.argument("file")
@_FORMAT
def identify(file: str, form: str) -> int:
    """Identify the licences in FILE (- is stdin): which, exact or variant, which words are left over."""
    from osaudit.licences.identify import identify as identify_text  # noqa: PLC0415 - help does not need the index
    from osaudit.render.json import json_text  # noqa: PLC0415

    found = identify_text(_text(file))
    table = load_table()
    data = {
        "matches": [
            {
                "key": match.key,
                "spdx": match.spdx,
                "match": match.match,
                "cover": round(match.cover, 4),
                "lines": list(match.lines),
            }
            for match in found.matches
        ],
        "residue_words": found.residue_words,
        "residue": list(found.residue),
        "restrictions": [
            {"flag": hit.flag, "quote": hit.quote, "lines": list(hit.lines)} for hit in found.restrictions
        ],
    }
    click.echo(json_text(data) if form == "json" else _told(data, table.by_key), nl=form != "json")
    return 0


def _told(data: dict[str, Any], known: Any) -> str:  # noqa: ANN401 - the table's mapping
    lines = []
    for match in data["matches"]:
        entry = known.get(match["key"])
        name = entry.name if entry else match["key"]
        manner = "word for word" if match["match"] == "exact" else f"a variant, {match['cover']:.0%} in common"
        lines.append(f"{match['key']}: {name}, {manner}, lines {match['lines'][0]}-{match['lines'][1]}")
    lines = lines or ["no licence that the index knows"]
    if data["residue_words"]:
        lines.append(f"{data['residue_words']} words are not accounted for" + (":" if data["residue"] else ""))
        lines.extend(f"  … {words}" for words in data["residue"][:20])
    lines.extend(f"{hit['flag']}, line {hit['lines'][0]}: “{hit['quote']}”" for hit in data["restrictions"])
    return "\n".join(map(_printable, lines))


def _printable(line: str) -> str:
    """A stranger's words on a terminal: control characters are shown, not obeyed."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in line)


def _text(file: str) -> str:
    data = read_input(file)
    if len(data) > MAX_TEXT:
        raise UsageError(f"{file} is over {MAX_TEXT // 2**20} MB, too large for a licence text")
    if b"\0" in data:
        raise UsageError(f"{file} is a binary file, not a text")
    return data.decode("utf-8-sig", errors="replace")


@licence.command("list")
@click.option("--category", help="Only this category, such as RAIL or permissive.")
def list_licences(category: str | None) -> None:
    """List the clause table: OSD criteria 1 to 10 as p(ass), f(ail), u(nclear), and whether OSI approved it."""
    for entry in load_table().licences:
        if category in {None, entry.category}:
            reading = "".join(verdict.v[0] for verdict in entry.osd)
            osi = "OSI" if entry.osi.approved else "-"
            click.echo(f"{entry.key:38} {reading}  {osi:4} {entry.category:24} {entry.name}")


@licence.command()
@click.argument("key")
def show(key: str) -> None:
    """Show one licence: its verdict under each criterion with clause and reason, and its flags."""
    click.echo(_shown(_entry(key)))


def _shown(entry: Licence) -> str:
    lines = [f"{entry.key}  {entry.name}", entry.summary, f"SPDX {entry.spdx or 'none'}, {entry.category}", ""]
    lines += [f"OSD-{one.criterion:<3} {one.v:8} {one.clause}: {one.why} [{one.basis}]" for one in entry.osd]
    lines += ["", *(f"{flag}: {value}" for flag, value in entry.flags.items() if value)]
    lines += [f"read: {entry.verified}, {entry.text_depth}", *(f"source: {source}" for source in entry.sources)]
    return "\n".join([*lines, *(f"note: {note}" for note in entry.notes)])


@licence.command()
@click.argument("first")
@click.argument("second")
def compare(first: str, second: str) -> None:
    """Compare two licences: the criteria and flags on which they differ."""
    one, two = _entry(first), _entry(second)
    click.echo(f"{one.name}  |  {two.name}")
    for ours, theirs in zip(one.osd, two.osd, strict=True):
        if ours.v != theirs.v:
            click.echo(f"OSD-{ours.criterion}: {ours.v} ({ours.clause})  |  {theirs.v} ({theirs.clause})")
    for flag in sorted({*one.flags, *two.flags}):
        if one.flags.get(flag) != two.flags.get(flag):
            click.echo(f"{flag}: {one.flags.get(flag)}  |  {two.flags.get(flag)}")


def _entry(key: str) -> Licence:
    from osaudit.licences.names import keys_of_tag  # noqa: PLC0415 - only a name needs it

    table = load_table()
    named = (table.get(known) for known in keys_of_tag(key))
    found = table.get(key.casefold()) or table.of_spdx(key) or next((entry for entry in named if entry), None)
    if found is None:
        raise UsageError(f"no licence {key!r} in the clause table: `osaudit licence list` shows the keys")
    return found


@licence.command()
@click.argument("folder", type=click.Path(path_type=Path))
def check(folder: Path) -> int:
    """Prove the table against a FOLDER of licence texts: hashes, and clauses found. Exit 1 where it does not hold."""
    from osaudit.licences.proof import check_table  # noqa: PLC0415 - only this command needs it

    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder: name one that holds the licence texts")
    problems = check_table(folder)
    for problem in problems:
        click.echo(str(problem))
    click.echo(f"{len(problems)} problems in {len(load_table().licences)} entries")
    return 1 if problems else 0
