"""A snapshot as the readers take it up: its commit, its card laid out, its metadata and the texts beside the card."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from osaudit.evidence import (
    Absent,
    Component,
    Fact,
    Files,
    FrontMatter,
    ModelRef,
    Seen,
    Unknown,
    Where,
)
from osaudit.files import card_path, is_licence_like, link_target
from osaudit.frozen import dataclass
from osaudit.reading.page import frontmatter
from osaudit.reading.page.card import Layout, lay_out
from osaudit.reading.page.places import Document, document, record_place
from osaudit.reading.page.subjects import Own, Passage, own_names, passages
from osaudit.snapshot import FetchedText, Snapshot


@dataclass(frozen=True, slots=True)
class Opened:
    """A snapshot with its commit, the card as a document, and the card's metadata."""

    snapshot: Snapshot
    commit: str | None
    own: Own
    layout: Layout | None
    passages: tuple[Passage, ...]
    matter: Fact[FrontMatter]

    @property
    def ref(self) -> ModelRef:
        """The repository."""
        return self.snapshot.ref

    @property
    def component(self) -> Component:
        """What a licence of this repository speaks of, where it says no more."""
        return "data" if self.ref.kind == "dataset" else "any"

    @property
    def listed(self) -> Files | None:
        """The list of files, where it was seen."""
        return self.snapshot.files.value if isinstance(self.snapshot.files, Seen) else None

    @property
    def known(self) -> FrontMatter | None:
        """The metadata, where it could be read."""
        return self.matter.value if isinstance(self.matter, Seen) else None


def open_snapshot(snapshot: Snapshot) -> Opened:
    """Lay the card out and read its metadata, else the record's."""
    commit = snapshot.commit.value if isinstance(snapshot.commit, Seen) else None
    path, fetched = card_text(snapshot)
    own = own_names(snapshot.ref)
    if not isinstance(fetched, Seen):
        return Opened(snapshot, commit, own, None, (), _recorded(snapshot, commit, fetched))
    doc = document_of(snapshot, commit, path, fetched.value)
    layout = lay_out(doc)
    matter = frontmatter.from_card(doc)
    if isinstance(matter, Unknown):
        recorded = _recorded(snapshot, commit, Absent())
        matter = recorded if isinstance(recorded, Seen) else matter
    return Opened(snapshot, commit, own, layout, passages(layout), matter)


def card_text(snapshot: Snapshot) -> tuple[str, Fact[FetchedText]]:
    """Find the card among what was fetched, else tell why there is none."""
    path = card_path(tuple(snapshot.texts))
    if path is not None:
        return path, snapshot.texts[path]
    if not isinstance(snapshot.files, Seen):
        return "README.md", Unknown("neither the card nor the file list could be read")
    listed = card_path(tuple(entry.path for entry in snapshot.files.value.entries))
    if listed is None:
        return "README.md", Absent()
    return listed, Unknown(f"{listed} is listed and was not fetched")


def document_of(snapshot: Snapshot, commit: str | None, path: str, fetched: FetchedText) -> Document:
    """Make a fetched text a document, whose places can be told."""
    return document(snapshot.ref, commit, path, fetched.text.removeprefix("\ufeff"), fetched.sha256)


def _recorded(snapshot: Snapshot, commit: str | None, missing: Fact[FetchedText]) -> Fact[FrontMatter]:
    """Read the metadata from the API's record, where the card's own cannot be read."""
    if not isinstance(snapshot.card_data, Seen) or not snapshot.card_data.value:
        return missing if isinstance(missing, Unknown | Absent) else Absent()

    def place(key: str, values: object) -> tuple[Where, ...]:
        quote = ", ".join(map(str, values)) if isinstance(values, tuple) else None
        return (record_place(snapshot.ref, commit, f"/cardData/{key}", quote),)

    return Seen(
        frontmatter.from_record(snapshot.card_data.value, place), (record_place(snapshot.ref, commit, "/cardData"),)
    )


def terms_files(read: Opened) -> Iterator[Document]:
    """The licence-like files that were read, the card aside."""
    return documents(read, lambda path: _is_terms(read, path))


def documents(read: Opened, wanted: Callable[[str], bool]) -> Iterator[Document]:
    """The wanted ones among the texts that were read, the card aside."""
    card, _ = card_text(read.snapshot)
    for path in sorted(read.snapshot.texts):
        fetched = read.snapshot.texts[path]
        if path != card and isinstance(fetched, Seen) and wanted(path):
            yield document_of(read.snapshot, read.commit, path, fetched.value)


def _is_terms(read: Opened, path: str) -> bool:
    link = read.known.license_link if read.known else Absent()
    return is_licence_like(path) or (isinstance(link, Seen) and link_target(link.value) == path)


def recorded(fact: Fact[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Give an object of the Hub's record, where there is one."""
    return fact.value if isinstance(fact, Seen) else None
