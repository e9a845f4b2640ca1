"""A store in, a site out: the same bytes from the same store, and only what changed is written again."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from osaudit import __version__
from osaudit.errors import UsageError
from osaudit.resources import data_path
from osaudit.site.board import Summary, lay_out, summary
from osaudit.site.descent import lay_out_families
from osaudit.site.makers import every
from osaudit.site.options import Options, Site
from osaudit.site.writer import opened, write
from osaudit.sweep.columns import Table
from osaudit.sweep.place import Place
from osaudit.sweep.querying import connected
from osaudit.sweep.storage import require_sound

_LATEST = 253_402_300_799
"""The last second of the year 9999."""
_READ: tuple[Table, ...] = ("cells", "findings", "edges", "probes")
"""What pages are counted of, beside the models; evidence is held to its digest where a report is made of it."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: the files that there are, those written, those taken away, and the store's summary."""

    files: int
    written: int
    removed: int
    summary: Summary


def build(store: Place, out: Path, options: Options | None = None) -> Built:
    """Write the site of a store into a folder, which is new, empty or a former site.

    UsageError where there is no store, the store holds no model, or the folder holds something else; OsauditError where
    it cannot be written, or where a part of the store is not what was written.
    """
    asked = options or Options()
    contents = require_sound(store, _READ)
    if asked.since:
        require_sound(asked.since, ("models",))
    with connected(store, contents, beside={"since": asked.since} if asked.since else None) as connection:
        lay_out(connection)
        lay_out_families(connection)
        told = summary(connection)
        if not told.models:
            raise UsageError(f"{store.name} holds no models: sweep some into it first")
        date = made_at(told)
        with opened(out) as former:
            site = Site(connection, store, asked, told, former, date, stamp())
            done = write(former, every(site))
    return Built(done.files, done.written, done.removed, told)


def made_at(told: Summary) -> int:
    """The site's date: SOURCE_DATE_EPOCH, else when the newest model was looked at; UsageError where it is no time."""
    named = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not named:
        return told.as_of
    if not named.isascii() or not named.isdigit() or int(named) > _LATEST:
        raise UsageError(f"SOURCE_DATE_EPOCH is {named[:40]!r}: give the seconds since 1970 in digits, or unset it")
    return int(named)


def stamp() -> str:
    """A digest of the program's version, and of the templates, scripts, styles and words that pages are made with."""
    digest = hashlib.sha256(__version__.encode())
    for folder, endings in (("reports", {".j2", ".css", ".js"}), ("criteria", {".yaml"})):
        root = data_path(folder)
        for path in sorted(root.rglob("*")):
            if path.suffix in endings:
                digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
