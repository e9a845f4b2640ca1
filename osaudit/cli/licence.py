"""`osaudit licence`: identify texts, and read the clause table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from osaudit.cli import complete
from osaudit.cli.looking import Looking, looking_options, set_up_log
from osaudit.cli.named import text_named
from osaudit.cli.output import PRINTED, emit
from osaudit.cli.saying import show_lines
from osaudit.errors import UsageError, meant
from osaudit.licences.table import Licence, load_table

if TYPE_CHECKING:
    from osaudit.evidence import TextMatch
    from osaudit.licences.headers import Named


@click.group()
def licence() -> None:
    """Identify licence texts; read the clause table."""


@licence.command()
@click.argument("file")
@PRINTED
@looking_options("revision", "offline", "no_cache", "timeout", "quiet", "verbose")
def identify(file: str, form: str, **options: object) -> int:
    """Identify the licences in FILE: which, exact or variant, which words are left over.

    FILE is a text, - for stdin, or a file on the Hub: the address of its page, or org/name/LICENSE@main.
    """
    from osaudit.licences.headers import named_in  # noqa: PLC0415 - help does not need the index
    from osaudit.reading.licensing.texts import identify_file  # noqa: PLC0415
    from osaudit.render.json import json_text  # noqa: PLC0415
    from osaudit.render.places import places_out  # noqa: PLC0415

    looking = Looking(**options)  # type: ignore[arg-type] # click's values, by the same names
    set_up_log(looking)
    named = text_named(file, looking)
    found = identify_file(named.name, named.text)
    names = () if found.matches else named_in(named.text)
    data = {
        "matches": [_match(match) for match in found.matches] or list(_by_identifier(names, named.text)),
        "residue_words": found.residue_words,
        "residue": list(found.residue),
        "restrictions": [
            {"flag": hit.flag, "quote": hit.quote, "lines": list(hit.lines)} for hit in found.restrictions
        ],
        "named": [_named(one, named.text) for one in names],
        "where": places_out((named.where,))[0] if named.where else None,
    }
    if form == "json":
        emit("-", json_text(data))
    else:
        show_lines(_told(data, load_table().by_key))
    return 0


def _by_identifier(names: Iterable[Named], text: str) -> Iterator[dict[str, Any]]:
    """The licences of SPDX lines, of which no word stands in the file: no more than variants."""
    from osaudit.licences.worded import spdx_id  # noqa: PLC0415 - only a name needs it

    for one in names:
        for key in one.keys if one.identifier else ():
            lines = _named(one, text)["lines"]
            yield {"key": key, "spdx": spdx_id(key), "match": "variant", "cover": 0.0, "lines": lines}


def _match(match: TextMatch) -> dict[str, Any]:
    return {
        "key": match.key,
        "spdx": match.spdx,
        "match": match.match,
        "cover": round(match.cover, 4),
        "lines": list(match.lines),
    }


def _named(one: Named, text: str) -> dict[str, Any]:
    from osaudit.licences.worded import spdx_id, worded  # noqa: PLC0415 - only a name needs it

    known = one.choices or ((one.keys,) if one.keys else ())
    has_ids = bool(known) and all(spdx_id(key) for choice in known for key in choice)
    lines = [text.count("\n", 0, at) + 1 for at in (one.span[0], max(one.span[0], one.span[1] - 1))]
    return {"name": one.name, "keys": list(one.keys), "spdx": worded(known) if has_ids else None, "lines": lines}


def _told(data: dict[str, Any], known: Any) -> str:  # noqa: ANN401 - the table's mapping
    lines = []
    for match in data["matches"]:
        entry = known.get(match["key"])
        name = entry.name if entry else match["key"]
        manner = "word for word" if match["match"] == "exact" else f"a variant, {match['cover']:.0%} in common"
        manner = manner if match["cover"] else "by its name alone"
        lines.append(f"{match['key']}: {name}, {manner}, lines {match['lines'][0]}-{match['lines'][1]}")
    lines = lines or ["no licence text that the index knows"]
    for one in data["named"]:
        meant = " and ".join(known[key].name if key in known else key for key in one["keys"])
        lines.append(
            f"names {one['spdx'] or meant or 'a licence that is not known'}, line {one['lines'][0]}: {one['name']}"
        )
    if data["residue_words"]:
        lines.append(f"{data['residue_words']} words are not accounted for" + (":" if data["residue"] else ""))
        lines.extend(f"  … {words}" for words in data["residue"][:20])
    lines.extend(f"{hit['flag']}, line {hit['lines'][0]}: “{hit['quote']}”" for hit in data["restrictions"])
    return "\n".join(" ".join(line.split()) for line in lines)


@licence.command("list")
@click.option("--category", help="Only this category, such as RAIL or permissive.")
def list_licences(category: str | None) -> None:
    """List the clause table: OSD criteria 1 to 10 as p(ass), f(ail), u(nclear), and whether OSI approved it."""
    for entry in load_table().licences:
        if category in {None, entry.category}:
            reading = "".join(verdict.v[0] for verdict in entry.osd)
            osi = "OSI" if entry.osi.approved else "-"
            show_lines(f"{entry.key:38} {reading}  {osi:4} {entry.category:24} {entry.name}")


@licence.command()
@click.argument("key", shell_complete=complete.licences)
def show(key: str) -> None:
    """Show one licence: its verdict under each criterion with clause and reason, and its flags."""
    show_lines(_shown(_entry(key)))


def _shown(entry: Licence) -> str:
    lines = [f"{entry.key}  {entry.name}", entry.summary, f"SPDX {entry.spdx or 'none'}, {entry.category}", ""]
    lines += [f"OSD-{one.criterion:<3} {one.v:8} {one.clause}: {one.why} [{one.basis}]" for one in entry.osd]
    lines += ["", *(f"{flag}: {value}" for flag, value in entry.flags.items() if value)]
    lines += ["", *_computed(entry), ""]
    lines += [f"read: {entry.verified}, {entry.text_depth}", *(f"source: {source}" for source in entry.sources)]
    return "\n".join([*lines, *(f"note: {note}" for note in entry.notes)])


def _computed(entry: Licence) -> Iterator[str]:
    """Uses as the licence alone leaves them, then limits, duties and risks."""
    from osaudit.adopter import NOBODY  # noqa: PLC0415 - only this command needs them
    from osaudit.licences.grants import load_vocabulary  # noqa: PLC0415
    from osaudit.limits import effect_of  # noqa: PLC0415

    words = load_vocabulary()
    for use in words.uses.values():
        effects = [(limit, effect) for limit in entry.limits if (effect := effect_of(limit, use.id, NOBODY, None))]
        dues = [f"{due.id} ({due.clause})" for due in entry.duties if use.id in due.uses]
        told = [f"{effect.answer} by {limit.id} ({limit.clause})" for limit, effect in effects] + dues
        yield f"use {use.id}: {'; '.join(told) or 'no limit and no duty'}"
    for due in entry.duties:
        yield f"duty {due.id}, {due.clause}: {words.duties[due.id].text}{f' {due.note}' if due.note else ''}"
    for risk in entry.risks:
        yield f"risk {risk.id}, {risk.clause}: {words.risks[risk.id]}{f', {risk.note}' if risk.note else ''}"


@licence.command()
@click.argument("first")
@click.argument("second")
def compare(first: str, second: str) -> None:
    """Compare two licences: the criteria and flags on which they differ."""
    one, two = _entry(first), _entry(second)
    show_lines(f"{one.name}  |  {two.name}")
    for ours, theirs in zip(one.osd, two.osd, strict=True):
        if ours.v != theirs.v:
            show_lines(f"OSD-{ours.criterion}: {ours.v} ({ours.clause})  |  {theirs.v} ({theirs.clause})")
    for flag in sorted({*one.flags, *two.flags}):
        if one.flags.get(flag) != two.flags.get(flag):
            show_lines(f"{flag}: {one.flags.get(flag)}  |  {two.flags.get(flag)}")


def _entry(key: str) -> Licence:
    from osaudit.licences.names import keys_of_tag  # noqa: PLC0415 - only a name needs it

    table = load_table()
    named = (table.get(known) for known in keys_of_tag(key))
    found = table.get(key.casefold()) or table.of_spdx(key) or next((entry for entry in named if entry), None)
    if found is None:
        near = meant(key, table.by_key) or ": `osaudit licence list` shows the keys"
        raise UsageError(f"no licence {key!r} in the clause table{near}")
    return found


@licence.command()
@click.argument("folders", metavar="FOLDER...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--all-texts", is_flag=True, help="Exit 1 as well where an entry's text is in none of the folders.")
@PRINTED
def check(folders: tuple[Path, ...], form: str, *, all_texts: bool) -> int:
    """Prove the table against FOLDERs of licence texts: hashes, clauses and sentences found.

    Exit 1 where the texts do not bear the table out, 3 where none of its texts is in the folders.
    """
    from osaudit.licences.proof import check_table, with_text  # noqa: PLC0415 - only this command needs it
    from osaudit.render.json import json_text  # noqa: PLC0415

    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"{folder} is not a folder: name one that holds the licence texts")
    found, named = check_table(*folders), with_text()
    absent = [problem for problem in found if problem.kind == "missing"]
    problems = [problem for problem in found if problem.kind != "missing"]
    proved = len(named - {problem.key for problem in found})
    if form == "json":
        rows = {kind: [asdict(one) for one in ones] for kind, ones in (("problems", problems), ("absent", absent))}
        emit("-", json_text({"entries": len(named), "proved": proved, **rows}))
    else:
        for problem in problems:
            show_lines(f"{problem.key}: {problem.because}")
        if absent:
            show_lines(f"not at hand: {', '.join(problem.key for problem in absent)}")
        show_lines(
            f"{proved} of {len(named)} entries proved, {len(absent)} texts not at hand, {len(problems)} problems"
        )
    if problems or (all_texts and absent):
        return 1
    return 0 if proved else 3
