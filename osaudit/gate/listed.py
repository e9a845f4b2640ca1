"""Models as people list them: one a line, with the revision behind an @, and what a # begins left out."""

from __future__ import annotations

from collections.abc import Iterable

from osaudit.audit import is_folder
from osaudit.errors import UsageError
from osaudit.gate.findings import Adoption, Place
from osaudit.sources.refs import is_commit, parse_ref

MAX_MODELS = 100_000


def adoption_of(named: str, place: Place | None = None) -> Adoption:
    """Read `org/name`, `org/name@revision`, an address of the Hub, or a folder; UsageError where it is none."""
    if is_folder(named):
        return Adoption(named, None, (place,) if place else ())
    ref = parse_ref(named)
    if ref.kind == "dataset":
        raise UsageError(f"{named[:200]} is a data set, and the gate is for models: leave it out")
    pinned = bool(ref.revision and is_commit(ref.revision))
    at = () if place is None else (Place(place.path, place.line, place.column, place.how, pinned),)
    return Adoption(ref.repo, ref.revision, at)


def listed_in(text: str, name: str) -> Iterable[Adoption]:
    """Read a list of models; UsageError, with the line, for one that is none."""
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        named = line.split("#", 1)[0].strip()
        if not named:
            continue
        if number > MAX_MODELS:
            raise UsageError(f"{name} lists over {MAX_MODELS:,} models: use `osaudit sweep`")
        try:
            yield adoption_of(named, Place(name, number, line.index(named[0]) + 1, "list") if name else None)
        except UsageError as error:
            raise UsageError(f"{name or 'standard input'}, line {number}: {error}") from error
