"""The whole reading: one snapshot in, its evidence out. Nothing here fetches, and the same snapshot reads the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from osaudit.evidence import (
    Absent,
    Base,
    Card,
    DatasetUse,
    Evidence,
    Fact,
    LicenceText,
    Relation,
    Seen,
    Statement,
    Unknown,
)
from osaudit.files import is_page
from osaudit.licences.index import index_version
from osaudit.reading.claimed import all_claims, licence_files, prompted, texts_within
from osaudit.reading.licensing.found import with_findings
from osaudit.reading.licensing.gate import read_gate
from osaudit.reading.licensing.marks import card_notices, read_notices
from osaudit.reading.licensing.pages import (
    Page,
    hidden_words,
    is_known,
    page_of,
    page_terms,
    piece_terms,
    unread_terms,
)
from osaudit.reading.licensing.terms import read_terms
from osaudit.reading.lineage.bases import read_bases
from osaudit.reading.lineage.beneath import read_beneath
from osaudit.reading.lineage.configured import bases_in_file, configured_bases, recorded_bases
from osaudit.reading.lineage.embedded import gguf_bases, gguf_families, gguf_words
from osaudit.reading.lineage.modelfile import built_on, is_modelfile, licence_words
from osaudit.reading.lineage.related import bases_of, datasets_of, listed_sets, local_sets
from osaudit.reading.making.commands import read_commands
from osaudit.reading.making.config import read_config
from osaudit.reading.making.costs import read_costs
from osaudit.reading.making.data_sources import read_sources
from osaudit.reading.making.generated import read_generated
from osaudit.reading.making.libraries import read_libraries
from osaudit.reading.making.links import read_further, read_links
from osaudit.reading.making.settings import read_settings
from osaudit.reading.making.stages import read_stage, told_stages
from osaudit.reading.making.training import read_training, read_uses
from osaudit.reading.missed import policies_elsewhere, unread_words, unseen
from osaudit.reading.opened import Opened, card_text, document_of, documents, open_snapshot, recorded
from osaudit.reading.page.free import Piece, free_words, recorded_words
from osaudit.reading.page.passages import for_terms
from osaudit.reading.page.places import Document, record_place
from osaudit.reading.version import READERS
from osaudit.snapshot import Snapshot

MAX_UNSEEN = 40


def read_snapshot(snapshot: Snapshot, *, collected_at: str, hosts: tuple[str, ...] = ()) -> Evidence:
    """Read everything that bears on openness out of one repository's snapshot; `hosts` are further ones of code."""
    read = open_snapshot(snapshot)
    files = tuple(licence_files(read))
    pages = tuple(_pages(read, files))
    noted = [read_notices(doc, text, read.own) for doc, text in files]
    if read.layout:
        noted.append(card_notices(read.layout, read.passages, read.own))
    told = (*_told(read), *(one for page in pages if is_page(page.layout.card.path) for one in _told_by(page, read)))
    told = (*told, *_built_on(read))
    linked = read_uses(read.layout, read.passages, read.own) if read.layout else ()
    hinted = (*(base for notes in noted for base in notes.bases), *_embedded(read))
    is_model = read.ref.kind == "model"
    bases = bases_of(read.ref, read.known, told, _configured(read), hinted, read.listed) if is_model else ()
    texts = (*(text for _, text in files), *texts_within(read))
    stage = read_stage(read.passages, read.own, bases)
    roles = told_stages(listed_sets(read.known), stage, read.own)
    found = Evidence(
        ref=read.ref,
        source=snapshot.source,
        unverified=snapshot.unverified,
        collected_at=collected_at,
        commit=snapshot.commit,
        last_modified=snapshot.last_modified,
        licence_index=index_version(),
        files=snapshot.files,
        card=_card(read, told, _elsewhere(read, pages), hosts, derived=stage.of_card == "fine-tuning"),
        gate=read_gate(snapshot.gated, read.known),
        config=read_config(read.snapshot.config, read.ref, read.commit),
        parameters=snapshot.parameters,
        licence_claims=all_claims(read, noted, texts),
        licence_texts=texts,
        datasets=datasets_of(read.known, linked, roles) if is_model else _sources(read),
        bases=bases,
        unseen=(*tuple(unseen(read))[:MAX_UNSEEN], *policies_elsewhere(texts)),
        readers=READERS,
    )
    return with_findings(found, read.layout.card if read.layout else None)


def _sources(read: Opened) -> tuple[DatasetUse, ...]:
    """List what a data set was made from."""
    record = recorded(read.snapshot.card_data)
    return read_sources(read.ref, read.commit, read.layout, record, read.passages, read.own)


def _told(read: Opened) -> tuple[tuple[Statement, Relation], ...]:
    """List the models that the card's words say this one was made from, and the families that stand beneath it."""
    if read.layout is None:
        return ()
    told = read_bases(read.layout, read.passages, read.own)
    return (*told, *read_beneath(read.layout, read.passages, read.own, (statement for statement, _ in told)))


def _told_by(page: Page, read: Opened) -> tuple[tuple[Statement, Relation], ...]:
    return tuple(read_bases(page.layout, page.passages, read.own)) if read.ref.kind == "model" else ()


def _pages(read: Opened, files: tuple[tuple[Document, LicenceText], ...]) -> Iterator[Page]:
    """Lay out what is read beside the card: files of terms, and further READMEs and their like."""
    yield from (page_of(doc, read.own, text) for doc, text in files if not is_known(text))
    for doc in documents(read, is_page):
        yield page_of(licence_words(doc) if is_modelfile(doc.path) else doc, read.own)


def _built_on(read: Opened) -> Iterator[tuple[Statement, Relation]]:
    """List the models that a Modelfile says this one is built on."""
    for doc in documents(read, is_modelfile) if read.ref.kind == "model" else ():
        yield from built_on(doc, read.own)


def _elsewhere(read: Opened, pages: tuple[Page, ...]) -> tuple[Statement, ...]:
    """List the restrictions that stand outside the card's body, and what speaks of terms and was not read."""
    card = read.layout.card if read.layout else None
    return (
        *piece_terms(_pieces(read), read.own, card),
        *(statement for page in pages for statement in page_terms(page, read.own)),
        *unread_terms(unread_words(read)),
    )


def _pieces(read: Opened) -> Iterator[Piece]:
    if read.layout is not None:
        yield from free_words(read.layout.card)
    elif (record := recorded(read.snapshot.card_data)) is not None:
        yield from recorded_words(record, record_place(read.ref, read.commit, "/cardData"))
    for head in read.snapshot.heads:
        if isinstance(head, Seen):
            yield from gguf_words(head.value, read.commit, read.ref)


def _card(
    read: Opened,
    told: tuple[tuple[Any, Any], ...],
    elsewhere: tuple[Statement, ...],
    hosts: tuple[str, ...],
    *,
    derived: bool,
) -> Fact[Card]:
    _, fetched = card_text(read.snapshot)
    if read.layout is None or not isinstance(fetched, Seen):
        if isinstance(read.matter, Seen):
            said = (*(statement for claim in prompted(read) for statement in claim), *elsewhere)
            bare = Card(read.matter.where[0], 0, truncated=False, front_matter=read.matter, statements=said)
            return Seen(bare, read.matter.where)
        return Unknown(fetched.why) if isinstance(fetched, Unknown) else Absent()
    layout, spoken = read.layout, read.passages
    statements = (
        *read_terms(layout, for_terms(layout, spoken), read.own),
        *hidden_words(layout, spoken),
        *(statement for claim in prompted(read) for statement in claim),
        *elsewhere,
        *read_training(layout, spoken, read.own),
        *(local_sets(read.known) if read.ref.kind == "model" else ()),
        *read_generated(layout, spoken, read.own),
        *read_links(layout, spoken, read.own, derived=derived),
        *read_further(layout, spoken, read.own, hosts, derived=derived),
        *read_commands(layout, read.own, derived=derived),
        *(read_libraries(layout, spoken, read.known) if read.ref.kind == "model" else ()),
        *(statement for statement, _ in told),
    )
    where = layout.card.whole()
    card = Card(
        where,
        fetched.value.size,
        fetched.value.truncated,
        read.matter,
        layout.sections,
        statements,
        read_costs(layout, spoken, read.own),
        read_settings(layout, spoken, read.own),
    )
    return Seen(card, (where,))


def _embedded(read: Opened) -> Iterator[Base]:
    """List the families that the names and types in GGUF files tell of."""
    for head in read.snapshot.heads:
        if isinstance(head, Seen):
            yield from gguf_families(head.value, read.commit, read.ref)


def _configured(read: Opened) -> Iterator[Base]:
    """List the bases that settings name: config.json, an adapter's file, a merge's file."""
    for path in sorted(read.snapshot.texts):
        fetched = read.snapshot.texts[path]
        if isinstance(fetched, Seen):
            yield from bases_in_file(document_of(read.snapshot, read.commit, path, fetched.value), read.ref)
    for head in read.snapshot.heads:
        if isinstance(head, Seen):
            yield from gguf_bases(head.value, read.commit, read.ref)
    named = read.snapshot.base_models
    if isinstance(named, Seen):
        yield from recorded_bases(named.value, named.where[0], read.ref)
    fact = read.snapshot.config
    if isinstance(fact, Seen):
        where = fact.where[0] if fact.where else record_place(read.ref, read.commit, "/config")
        yield from configured_bases(fact.value, where, read.ref)
