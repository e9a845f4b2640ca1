"""What is asked of a build, and what every maker of pages is handed."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass, field
from typing import Any

from osaudit.attest.entries import Attestation
from osaudit.site.board import Connection, Summary
from osaudit.site.tallies import Tally, tallied
from osaudit.site.writer import Former
from osaudit.sweep.place import Place

LARGE = 5_000
"""Models above which a model's page is small, and a report is written only where it is asked for."""
TITLE = "How open are AI models?"


@dataclass(frozen=True, slots=True)
class Options:
    """What a user asks of a site.

    `release` names a frozen folder of data, as `2026-11`. `reports` are the models whose report is written whatever the
    site's size; above `large` models the others' pages are small. `latex`: tables and figures for a paper as well.
    `address` is where the site will stand, for what must name it in full. `sources` says where the models come from, in
    the user's words. `answered` are the attestations that answer disputes. `since` is the store of the
    sweep before; else the store's own older rows are. `by` publishes the data, under `licence` (an SPDX id).
    """

    title: str = TITLE
    release: str = ""
    reports: frozenset[str] = frozenset()
    large: int = LARGE
    latex: bool = False
    address: str = ""
    sources: str = ""
    answered: tuple[Attestation, ...] = ()
    since: Place | None = None
    by: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """A build under way: the opened store with its table `board`, what is asked, and what the last build wrote.

    `made_at` is the site's date in seconds since 1970: SOURCE_DATE_EPOCH, else when the store's newest model was looked
    at, so that nothing depends on the clock. `stamp` changes with the program and its templates, and is part of each
    key.
    """

    connection: Connection
    place: Place
    options: Options
    summary: Summary
    former: Former
    made_at: int
    stamp: str
    tallies: list[Tally] = field(default_factory=list, compare=False, repr=False)
    """What the pictures show, counted once for all pages that ask."""

    @property
    def large(self) -> bool:
        """Whether the models are so many that their pages are small."""
        return self.summary.models > self.options.large

    def tallied(self) -> list[Tally]:
        """Every tally of the store."""
        if not self.tallies:
            self.tallies.extend(tallied(self.connection))
        return self.tallies

    def key(self, *parts: object) -> str:
        """The key of a file that is made from these, by this program and in this frame."""
        asked = self.options
        digest = _begun((self.stamp, asked.title, asked.sources, asked.address, *self.summary.tools)).copy()
        for part in parts:
            digest.update(f"{part}\0".encode("utf-8", "surrogatepass"))
        told: str = digest.hexdigest()[:24]
        return told


@functools.lru_cache(maxsize=4)
def _begun(frame: tuple[str, ...]) -> Any:  # noqa: ANN401 - hashlib names no type
    """A digest that has read what all keys begin with."""
    return hashlib.sha256("\0".join(frame).encode("utf-8", "surrogatepass") + b"\0\0")
