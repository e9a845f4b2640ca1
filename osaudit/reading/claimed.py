"""What is said of licences, by whom and where, and the licence texts that were found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

from osaudit.evidence import (
    LicenceClaim,
    LicenceText,
    Seen,
    Where,
)
from osaudit.files import link_target
from osaudit.licences.expressions import tag_of, tag_of_all
from osaudit.licences.headers import is_name_alone
from osaudit.licences.names import names_in
from osaudit.reading.licensing.claims import read_claims
from osaudit.reading.licensing.gate import prompt_claims, prompt_of, prompt_terms
from osaudit.reading.licensing.marks import Told
from osaudit.reading.licensing.own_family import with_own_family
from osaudit.reading.licensing.referred import referred
from osaudit.reading.licensing.short_names import without_short_names
from osaudit.reading.licensing.stubs import named_by_stub
from osaudit.reading.licensing.texts import header_claims, read_embedded, read_file, read_prompt
from osaudit.reading.lineage.configured import settings_claims, settings_of
from osaudit.reading.lineage.embedded import gguf_claims
from osaudit.reading.opened import Opened, documents, terms_files
from osaudit.reading.page.places import Document, record_place


def all_claims(read: Opened, noted: Iterable[Told], texts: tuple[LicenceText, ...]) -> tuple[LicenceClaim, ...]:
    """List what is said of licences; what the licence section only points to counts where nothing else is said."""
    said = tuple(_claims(read))
    filed = (claim for doc in terms_files(read) for claim in _claims_of_file(doc, read, said))
    told = (*said, *filed, *_held_within(read), *(claim for notes in noted for claim in notes.claims))
    if not told and not texts and read.layout is not None:
        return with_own_family(referred(read.layout, read.passages, read.own), read.ref)
    return with_own_family(without_short_names(told), read.ref)


def _claims(read: Opened) -> Iterator[LicenceClaim]:
    """List the licence claims: tag, name and link of the front matter, the gate's prompt, then the card's sentences."""
    matter = read.known
    if matter is not None:
        if isinstance(matter.license, Seen) and matter.license.where:
            tag = tag_of_all(matter.license.value)
            name = ", ".join(matter.license.value)[:200]
            yield LicenceClaim(
                read.component, "front matter", name, tag.keys, matter.license.where[0], choices=tag.choices
            )
        if isinstance(matter.license_name, Seen) and matter.license_name.where:
            name, where = matter.license_name.value[:200], matter.license_name.where[0]
            tag = tag_of(name)
            yield LicenceClaim(read.component, "licence name", name, tag.keys, where, choices=tag.choices)
        if isinstance(matter.license_link, Seen) and matter.license_link.where:
            yield link_claim(read, matter.license_link.value, matter.license_link.where[0])
        prompt = prompt_of(matter)
        if prompt is not None:
            yield from prompt_claims(*prompt, read.component, read.layout.card if read.layout else None)
    if read.layout is not None:
        yield from read_claims(read.layout, read.passages, read.own)


def _held_within(read: Opened) -> Iterator[LicenceClaim]:
    """List the licences that the weights' own metadata and the settings name."""
    for head in read.snapshot.heads:
        if isinstance(head, Seen):
            yield from gguf_claims(head.value, read.component, read.commit, read.ref)
    yield from _configured(read)


def _claims_of_file(doc: Document, read: Opened, said: tuple[LicenceClaim, ...]) -> Iterator[LicenceClaim]:
    """List what a licence-like file says by name; a stub's one name stands for all that the file says so."""
    known = None if is_name_alone(doc.text) else read_file(doc)
    stub = named_by_stub(doc, known, read.component, read.own, said) if known else None
    if stub is not None:
        yield stub
    yield from (one for one in header_claims(doc, read.component) if stub is None or one.keys != stub.keys)


def _configured(read: Opened) -> Iterator[LicenceClaim]:
    """List the licences that the model's own settings name, in the record or in the file."""
    if isinstance(read.snapshot.config, Seen):
        where = record_place(read.ref, read.commit, "/config")
        yield from settings_claims(read.snapshot.config.value, read.component, where)
    for doc in documents(read, lambda path: path == "config.json"):
        yield from settings_claims(settings_of(doc.text), read.component, doc.whole())


def link_claim(read: Opened, link: str, where: Where) -> LicenceClaim:
    """Read a link to a licence: a file of this repository is read itself, so its address names nothing."""
    inside = link_target(link) in read.snapshot.texts
    hits = () if inside else names_in(unquote(link[:500]))
    return LicenceClaim(read.component, "licence link", link[:300], hits[0].keys if hits else (), where)


def licence_files(read: Opened) -> Iterator[tuple[Document, LicenceText]]:
    """Identify each licence-like file; one that only names a licence is a claim, and no text."""
    yield from ((doc, read_file(doc)) for doc in terms_files(read) if not is_name_alone(doc.text))


def texts_within(read: Opened) -> Iterator[LicenceText]:
    """Identify what licences stand in the card or the gate's prompt."""
    if read.layout is not None:
        yield from read_embedded(read.layout, read.component)
    prompt = prompt_of(read.known)
    if prompt is not None:
        spelled = read_prompt(*prompt, read.layout.card if read.layout else None, read.component)
        if spelled is not None:
            yield spelled


def prompted(read: Opened) -> Iterator[tuple[Any, ...]]:
    """Give what the gate's prompt says of use, where there is one."""
    prompt = prompt_of(read.known)
    if prompt is not None:
        yield prompt_terms(*prompt, read.own, read.layout.card if read.layout else None)
