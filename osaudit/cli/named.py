"""From what a user names to one text to identify: a file, standard input, or a file of a repository on the Hub."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from osaudit.audit import hub_source
from osaudit.cli.looking import Looking
from osaudit.cli.stages import read_input
from osaudit.errors import UsageError
from osaudit.evidence import Where

MAX_TEXT = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class NamedText:
    """A text, the name by which its kind is told, and for a file of the Hub where it stands."""

    name: str
    text: str
    where: Where | None = None


def text_named(named: str, looking: Looking) -> NamedText:
    """Read the text that a user names; UsageError where it is none, OsauditError where the Hub does not give it."""
    from osaudit.sources.refs import parse_file  # noqa: PLC0415 - help does not need it

    target = None if named == "-" or Path(named).exists() else parse_file(named, revision=looking.revision)
    if target is None:
        if looking.revision:
            raise UsageError(
                "--revision names a revision on the Hub: name a file there by its address, or leave it out"
            )
        return NamedText("" if named == "-" else named, _decoded(named, read_input(named)))
    from osaudit.reading.page.places import document  # noqa: PLC0415 - only a file of the Hub has such a place

    seen = hub_source(looking).file(*target)
    if seen.text.truncated:
        raise UsageError(f"{seen.ref.path}: {seen.path} is too large for a licence text")
    place = document(seen.ref, seen.commit, seen.path, seen.text.text, seen.text.sha256).whole()
    return NamedText(seen.path, seen.text.text, place)


def _decoded(named: str, data: bytes) -> str:
    from osaudit.evidence import Seen, Unknown  # noqa: PLC0415 - help needs neither
    from osaudit.sources.text import as_text  # noqa: PLC0415

    if len(data) > MAX_TEXT:
        raise UsageError(f"{named} is over {MAX_TEXT // 2**20} MB, too large for a licence text")
    match as_text(f"{named}.html", data):  # a saved page is a text too
        case Seen(fetched, _):
            return fetched.text
        case Unknown(why):
            raise UsageError(f"{named} is not a text: {why}")
        case _:
            raise UsageError(f"{named} is not a text")
