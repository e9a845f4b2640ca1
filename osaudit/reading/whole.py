"""The whole reading: one snapshot in, its evidence out. Nothing here fetches, and the same snapshot reads the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from osaudit.evidence import (
    Absent,
    Base,
    Card,
    Component,
    DatasetUse,
    Evidence,
    Fact,
    Files,
    FrontMatter,
    LicenceClaim,
    LicenceText,
    ModelRef,
    Relation,
    Seen,
    Statement,
    Unknown,
    Unseen,
    Where,
)
from osaudit.files import card_path, is_licence_like, is_page, is_text, link_target, terms_listed, to_read
from osaudit.licences.expressions import tag_of, tag_of_all
from osaudit.licences.headers import is_name_alone
from osaudit.licences.identify import index_version
from osaudit.licences.names import names_in
from osaudit.reading.licensing.claims import read_claims
from osaudit.reading.licensing.found import with_findings
from osaudit.reading.licensing.gate import prompt_claims, prompt_of, prompt_terms, read_gate
from osaudit.reading.licensing.marks import Told, card_notices, read_notices
from osaudit.reading.licensing.pages import (
    Page,
    hidden_words,
    is_known,
    page_of,
    page_terms,
    piece_terms,
    scripts_of_terms,
    unread_terms,
)
from osaudit.reading.licensing.referred import referred
from osaudit.reading.licensing.short_names import without_short_names
from osaudit.reading.licensing.terms import read_terms
from osaudit.reading.licensing.texts import header_claims, policies_referred, read_embedded, read_file, read_prompt
from osaudit.reading.lineage.bases import read_bases
from osaudit.reading.lineage.beneath import read_beneath
from osaudit.reading.lineage.configured import bases_in_file, configured_bases, recorded_bases
from osaudit.reading.lineage.embedded import gguf_bases, gguf_claims, gguf_words
from osaudit.reading.lineage.related import bases_of, datasets_of, listed_sets, local_sets
from osaudit.reading.making.commands import read_commands
from osaudit.reading.making.config import read_config
from osaudit.reading.making.costs import read_costs
from osaudit.reading.making.data_sources import read_sources
from osaudit.reading.making.generated import read_generated
from osaudit.reading.making.libraries import read_libraries
from osaudit.reading.making.links import read_links
from osaudit.reading.making.settings import read_settings
from osaudit.reading.making.stages import read_stage, told_stages
from osaudit.reading.making.training import read_training, read_uses
from osaudit.reading.page import frontmatter
from osaudit.reading.page.card import Layout, lay_out
from osaudit.reading.page.free import Piece, free_words, recorded_words
from osaudit.reading.page.markdown import MAX_BODY
from osaudit.reading.page.places import Document, document, record_place
from osaudit.reading.page.subjects import MAX_PASSAGES, Own, Passage, own_names, passages
from osaudit.reading.page.terms import for_terms
from osaudit.reading.version import READERS
from osaudit.snapshot import FetchedText, Snapshot

MAX_UNSEEN = 40
MAX_TERM_LINKS = 6


@dataclass(frozen=True, slots=True)
class _Read:
    """A snapshot with its commit, the card as a document, and the card's metadata."""

    snapshot: Snapshot
    commit: str | None
    own: Own
    layout: Layout | None
    passages: tuple[Passage, ...]
    matter: Fact[FrontMatter]

    @property
    def ref(self) -> ModelRef:
        return self.snapshot.ref

    @property
    def component(self) -> Component:
        return "data" if self.ref.kind == "dataset" else "any"

    @property
    def listed(self) -> Files | None:
        return self.snapshot.files.value if isinstance(self.snapshot.files, Seen) else None

    @property
    def known(self) -> FrontMatter | None:
        return self.matter.value if isinstance(self.matter, Seen) else None


def read_snapshot(snapshot: Snapshot, *, collected_at: str) -> Evidence:
    """Read everything that bears on openness out of one repository's snapshot."""
    read = _open(snapshot)
    files = tuple(_licence_files(read))
    pages = tuple(_pages(read, files))
    noted = [read_notices(doc, text, read.own) for doc, text in files]
    if read.layout:
        noted.append(card_notices(read.layout, read.passages, read.own))
    told = (*_told(read), *(one for page in pages if is_page(page.layout.card.path) for one in _told_by(page, read)))
    linked = read_uses(read.layout, read.passages, read.own) if read.layout else ()
    hinted = tuple(base for notes in noted for base in notes.bases)
    is_model = read.ref.kind == "model"
    bases = bases_of(read.ref, read.known, told, _configured(read), hinted, read.listed) if is_model else ()
    texts = (*(text for _, text in files), *_texts_within(read))
    stage = read_stage(read.passages, read.own, bases)
    roles = told_stages(listed_sets(read.known), stage, read.own)
    found = Evidence(
        ref=read.ref,
        source=snapshot.source,
        collected_at=collected_at,
        commit=snapshot.commit,
        last_modified=snapshot.last_modified,
        licence_index=index_version(),
        files=snapshot.files,
        card=_card(read, told, _elsewhere(read, pages), derived=stage.of_card == "fine-tuning"),
        gate=read_gate(snapshot.gated, read.known),
        config=read_config(read.snapshot.config, read.ref, read.commit),
        parameters=snapshot.parameters,
        licence_claims=_all_claims(read, noted, texts),
        licence_texts=texts,
        datasets=datasets_of(read.known, linked, roles) if is_model else _sources(read),
        bases=bases,
        unseen=(*tuple(_unseen(read))[:MAX_UNSEEN], *_policies_elsewhere(texts)),
        readers=READERS,
    )
    return with_findings(found, read.layout.card if read.layout else None)


def _sources(read: _Read) -> tuple[DatasetUse, ...]:
    """List what a data set was made from."""
    record = _recorded_value(read.snapshot.card_data)
    return read_sources(read.ref, read.commit, read.layout, record, read.passages, read.own)


def _told(read: _Read) -> tuple[tuple[Statement, Relation], ...]:
    """List the models that the card's words say this one was made from, and the families that stand beneath it."""
    if read.layout is None:
        return ()
    told = read_bases(read.layout, read.passages, read.own)
    return (*told, *read_beneath(read.layout, read.passages, read.own, (statement for statement, _ in told)))


def _told_by(page: Page, read: _Read) -> tuple[tuple[Statement, Relation], ...]:
    return tuple(read_bases(page.layout, page.passages, read.own)) if read.ref.kind == "model" else ()


def _pages(read: _Read, files: tuple[tuple[Document, LicenceText], ...]) -> Iterator[Page]:
    """Lay out what is read beside the card: files of terms, and further READMEs and their like."""
    yield from (page_of(doc, text) for doc, text in files if not is_known(text))
    for doc in _documents(read, is_page):
        yield page_of(doc)


def _elsewhere(read: _Read, pages: tuple[Page, ...]) -> tuple[Statement, ...]:
    """List the restrictions that stand outside the card's body, and what speaks of terms and was not read."""
    card = read.layout.card if read.layout else None
    return (
        *piece_terms(_pieces(read), read.own, card),
        *(statement for page in pages for statement in page_terms(page, read.own)),
        *unread_terms(_unread_terms(read)),
    )


def _pieces(read: _Read) -> Iterator[Piece]:
    if read.layout is not None:
        yield from free_words(read.layout.card)
    elif (record := _recorded_value(read.snapshot.card_data)) is not None:
        yield from recorded_words(record, record_place(read.ref, read.commit, "/cardData"))
    if isinstance(read.snapshot.gguf, Seen):
        yield from gguf_words(read.snapshot.gguf.value, read.commit, read.ref)


def _unread_terms(read: _Read) -> Iterator[tuple[str, Where]]:
    """Name what speaks of terms and was not read, or not whole: files by their names, a link, words in a script."""
    yield from ((path, Where(read.ref.path, read.commit, path)) for path in _unread_paths(read))
    if read.layout is not None:
        yield from scripts_of_terms(read.layout, read.passages)
    link = read.known.license_link if read.known else Absent()
    if isinstance(link, Seen) and link.where and _leads_out(read, link.value):
        yield link.value[:300], link.where[0]


def _leads_out(read: _Read, link: str) -> bool:
    """Tell whether the card's licence link leads to terms that were not read and whose address names no licence."""
    return link_target(link) not in read.snapshot.texts and not names_in(unquote(link[:500]))


def _unread_paths(read: _Read) -> Iterator[str]:
    texts = read.snapshot.texts
    card, _ = _card_text(read.snapshot)
    for path in terms_listed(tuple(entry.path for entry in read.listed.entries)) if read.listed else ():
        fetched = texts.get(path)
        if path != card and not (isinstance(fetched, Seen) and not fetched.value.truncated):
            yield path
    for path in sorted(texts):
        fetched = texts[path]
        if isinstance(fetched, Seen) and (fetched.value.truncated or (path == card and _is_cut(read))):
            yield path


def _is_cut(read: _Read) -> bool:
    """Tell whether the card is longer than what is read of it, in characters or in sentences."""
    length = len(read.layout.card.text) - read.layout.body if read.layout else 0
    return length > MAX_BODY or len(read.passages) >= MAX_PASSAGES


def _open(snapshot: Snapshot) -> _Read:
    commit = snapshot.commit.value if isinstance(snapshot.commit, Seen) else None
    path, fetched = _card_text(snapshot)
    own = own_names(snapshot.ref)
    if not isinstance(fetched, Seen):
        return _Read(snapshot, commit, own, None, (), _recorded(snapshot, commit, fetched))
    doc = _document(snapshot, commit, path, fetched.value)
    layout = lay_out(doc)
    matter = frontmatter.from_card(doc)
    if isinstance(matter, Unknown):
        recorded = _recorded(snapshot, commit, Absent())
        matter = recorded if isinstance(recorded, Seen) else matter
    return _Read(snapshot, commit, own, layout, passages(layout), matter)


def _card_text(snapshot: Snapshot) -> tuple[str, Fact[FetchedText]]:
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


def _document(snapshot: Snapshot, commit: str | None, path: str, fetched: FetchedText) -> Document:
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


def _card(
    read: _Read, told: tuple[tuple[Any, Any], ...], elsewhere: tuple[Statement, ...], *, derived: bool
) -> Fact[Card]:
    _, fetched = _card_text(read.snapshot)
    if read.layout is None or not isinstance(fetched, Seen):
        if isinstance(read.matter, Seen):
            said = (*(statement for claim in _prompted(read) for statement in claim), *elsewhere)
            bare = Card(read.matter.where[0], 0, truncated=False, front_matter=read.matter, statements=said)
            return Seen(bare, read.matter.where)
        return Unknown(fetched.why) if isinstance(fetched, Unknown) else Absent()
    layout, spoken = read.layout, read.passages
    statements = (
        *read_terms(layout, for_terms(layout, spoken), read.own),
        *hidden_words(layout, spoken),
        *(statement for claim in _prompted(read) for statement in claim),
        *elsewhere,
        *read_training(layout, spoken, read.own),
        *(local_sets(read.known) if read.ref.kind == "model" else ()),
        *read_generated(layout, spoken, read.own),
        *read_links(layout, spoken, read.own, derived=derived),
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


def _prompted(read: _Read) -> Iterator[tuple[Any, ...]]:
    prompt = prompt_of(read.known)
    if prompt is not None:
        yield prompt_terms(*prompt, read.own, read.layout.card if read.layout else None)


def _all_claims(read: _Read, noted: Iterable[Told], texts: tuple[LicenceText, ...]) -> tuple[LicenceClaim, ...]:
    """List what is said of licences; what the licence section only points to counts where nothing else is said."""
    told = (*_claims(read), *(claim for notes in noted for claim in notes.claims))
    if not told and not texts and read.layout is not None:
        return tuple(referred(read.layout, read.passages, read.own))
    return without_short_names(told)


def _claims(read: _Read) -> Iterator[LicenceClaim]:
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
            yield _link_claim(read, matter.license_link.value, matter.license_link.where[0])
        prompt = prompt_of(matter)
        if prompt is not None:
            yield from prompt_claims(*prompt, read.component, read.layout.card if read.layout else None)
    if read.layout is not None:
        yield from read_claims(read.layout, read.passages, read.own)
    for doc in _terms_files(read):
        yield from header_claims(doc, read.component)
    if isinstance(read.snapshot.gguf, Seen):
        yield from gguf_claims(read.snapshot.gguf.value, read.component, read.commit, read.ref)


def _link_claim(read: _Read, link: str, where: Where) -> LicenceClaim:
    """Read a link to a licence: a file of this repository is read itself, so its address names nothing."""
    inside = link_target(link) in read.snapshot.texts
    hits = () if inside else names_in(unquote(link[:500]))
    return LicenceClaim(read.component, "licence link", link[:300], hits[0].keys if hits else (), where)


def _licence_files(read: _Read) -> Iterator[tuple[Document, LicenceText]]:
    """Identify each licence-like file; one that only names a licence is a claim, and no text."""
    yield from ((doc, read_file(doc)) for doc in _terms_files(read) if not is_name_alone(doc.text))


def _texts_within(read: _Read) -> Iterator[LicenceText]:
    """Identify what licences stand in the card or the gate's prompt."""
    if read.layout is not None:
        yield from read_embedded(read.layout, read.component)
    prompt = prompt_of(read.known)
    if prompt is not None:
        spelled = read_prompt(*prompt, read.layout.card if read.layout else None, read.component)
        if spelled is not None:
            yield spelled


def _terms_files(read: _Read) -> Iterator[Document]:
    """The licence-like files that were read, the card aside."""
    return _documents(read, lambda path: _is_terms(read, path))


def _documents(read: _Read, wanted: Callable[[str], bool]) -> Iterator[Document]:
    """The wanted ones among the texts that were read, the card aside."""
    card, _ = _card_text(read.snapshot)
    for path in sorted(read.snapshot.texts):
        fetched = read.snapshot.texts[path]
        if path != card and isinstance(fetched, Seen) and wanted(path):
            yield _document(read.snapshot, read.commit, path, fetched.value)


def _is_terms(read: _Read, path: str) -> bool:
    link = read.known.license_link if read.known else Absent()
    return is_licence_like(path) or (isinstance(link, Seen) and link_target(link.value) == path)


def _configured(read: _Read) -> Iterator[Base]:
    """List the bases that settings name: config.json, an adapter's file, a merge's file."""
    for path in sorted(read.snapshot.texts):
        fetched = read.snapshot.texts[path]
        if isinstance(fetched, Seen):
            yield from bases_in_file(_document(read.snapshot, read.commit, path, fetched.value), read.ref)
    if isinstance(read.snapshot.gguf, Seen):
        yield from gguf_bases(read.snapshot.gguf.value, read.commit, read.ref)
    named = read.snapshot.base_models
    if isinstance(named, Seen):
        yield from recorded_bases(named.value, named.where[0], read.ref)
    fact = read.snapshot.config
    if isinstance(fact, Seen):
        where = fact.where[0] if fact.where else record_place(read.ref, read.commit, "/config")
        yield from configured_bases(fact.value, where, read.ref)


def _unseen(read: _Read) -> Iterator[Unseen]:
    """Name what bears on the verdict and was not seen."""
    texts = read.snapshot.texts
    for path in sorted(texts):
        fetched = texts[path]
        if isinstance(fetched, Unknown):
            yield Unseen(path, fetched.why)
        elif isinstance(fetched, Seen) and fetched.value.truncated:
            yield Unseen(path, f"only the first {len(fetched.value.text):,} characters were read")
    if read.layout is not None and len(read.layout.card.text) - read.layout.body > MAX_BODY:
        yield Unseen(read.layout.card.path, f"only the first {MAX_BODY:,} characters of its body were read")
    yield from _unread_files(read)
    if isinstance(read.snapshot.gguf, Unknown):
        yield Unseen("the metadata of the GGUF files", read.snapshot.gguf.why)
    if isinstance(read.matter, Unknown) and read.layout is not None:
        yield Unseen("front matter", read.matter.why)
    for key in read.known.problems if read.known else ():
        yield Unseen(f"front matter: {key}", "its value, or a part of it, is neither a text nor a list of texts")
    yield from _terms_elsewhere(read)


def _unread_files(read: _Read) -> Iterator[Unseen]:
    if read.listed is None:
        return
    paths = tuple(entry.path for entry in read.listed.entries)
    card, _ = _card_text(read.snapshot)
    wanted = to_read(paths, _recorded_value(read.snapshot.card_data), _recorded_value(read.snapshot.config))
    for path in dict.fromkeys((*wanted, *terms_listed(paths))):
        if path not in read.snapshot.texts and path != card:
            why = "it is listed and was not read" if is_text(path) else "it may hold terms and is not a text file"
            yield Unseen(path, why)


def _recorded_value(fact: Fact[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    return fact.value if isinstance(fact, Seen) else None


def _terms_elsewhere(read: _Read) -> Iterator[Unseen]:
    """Name the terms that stand outside the repository and are known by their address alone."""
    link = read.known.license_link if read.known else Absent()
    if isinstance(link, Seen) and link_target(link.value) not in read.snapshot.texts:
        claim = _link_claim(read, link.value, Where(read.ref.path, read.commit, "README.md"))
        if not claim.keys:
            yield Unseen(link.value[:300], "the card's licence link leads out of what was read")
    found: dict[str, Unseen] = {}
    for passage in read.passages:
        if passage.topic == "licence":
            for target in passage.sentence.links:
                path = link_target(target.url)
                outside = target.url.startswith("http") and path not in read.snapshot.texts
                if (
                    outside
                    and _names_terms(f"{target.text} {target.url}")
                    and not names_in(f"{target.text} {unquote(target.url)}")
                ):
                    found.setdefault(
                        target.url, Unseen(target.url[:300], "the card refers to terms outside the repository")
                    )
    yield from tuple(found.values())[:MAX_TERM_LINKS]


def _policies_elsewhere(texts: Iterable[LicenceText]) -> Iterator[Unseen]:
    for address in policies_referred(texts):
        yield Unseen(address, "the licence incorporates this policy by its address, which may change at any time")


def _names_terms(words: str) -> bool:
    plain = words.lower()
    return any(word in plain for word in ("licen", "terms", "policy", "agreement", "协议", "许可"))
