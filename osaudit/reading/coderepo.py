"""A linked code repository read: whose it is, what it holds and under which terms, by the same rules as a card."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from osaudit.evidence import (
    Absent,
    Card,
    Evidence,
    Fact,
    Files,
    LicenceText,
    LinkedFile,
    LinkedPart,
    LinkedRepository,
    LinkedRole,
    PaperSeen,
    RepoFile,
    Seen,
    Statement,
    TieSeen,
    Unknown,
    Unseen,
    Where,
)
from osaudit.files import is_licence_like, is_text
from osaudit.licences.headers import is_name_alone
from osaudit.licences.index import index_version
from osaudit.reading.claimed import all_claims, texts_within
from osaudit.reading.licensing.found import with_findings
from osaudit.reading.licensing.stacked import WITH_FORCE, each_licence, of_any
from osaudit.reading.licensing.terms import read_terms
from osaudit.reading.licensing.texts import read_file
from osaudit.reading.making.linking import Link
from osaudit.reading.making.recipes import (
    MAX_OF_A_PART,
    folder_governed,
    licences_that_govern,
    names_family,
    parts_of,
    stem_of,
    telling_line,
)
from osaudit.reading.making.training import read_training
from osaudit.reading.opened import Opened, document_of, documents, open_snapshot
from osaudit.reading.page.card import Layout
from osaudit.reading.page.passages import for_terms
from osaudit.reading.page.places import Document, document
from osaudit.reading.page.subjects import own_names
from osaudit.reading.version import READERS
from osaudit.snapshot import Snapshot

LINKED_READERS = f"{READERS}.1"
"""The version of what chooses and reads; raised with every change of either."""

MAX_STATEMENTS = 60
MAX_PAPERS = 8
MAX_KEPT_PER_PART = 24
_ARXIV = re.compile(
    r"(?i)arxiv\.org/(?:abs|pdf|html)/(\d{4}\.\d{4,5})|\beprint ?= ?[{\"](\d{4}\.\d{4,5})|arxiv:(\d{4}\.\d{4,5})"
)
_TITLE = re.compile(r"(?is)\btitle ?= ?[{\"]+([^{}\"\n]{4,200})")
_ENTRY = re.compile(r"(?s)@\w{4,16}\{.{0,4000}?\n\}")
_PAPER = re.compile(r"(?i)paper|report|(?:^|/)(?:arxiv|publications?)/")
_GONE = re.compile(
    r"(?i)\b(?:this (?:repo(?:sitory)?|project) (?:is|has been) (?:now )?(?:archived|deprecated|not maintained))\b"
)


@dataclass(frozen=True, slots=True)
class Sight:
    """What a source hands over of a linked repository: its snapshot, its links and further repositories, its length."""

    snapshot: Snapshot
    links: tuple[str, ...] = ()
    submodules: tuple[str, ...] = ()
    listed: int = 0


def unread(link: Link, why: str) -> LinkedRepository:
    """A linked repository that was not looked into, or could not be, and why."""
    return LinkedRepository(
        repo=link.address.repo,
        address=f"https://{link.address.repo}",
        where=link.where,
        named_as=link.named_as,
        sure=link.sure,
        role="named" if link.sure else link.role,
        evidence=Unknown(why),
        notes=link.notes,
    )


def read_linked(link: Link, sight: Sight, model: Evidence) -> LinkedRepository:
    """Read what was fetched of a repository that a model's card links."""
    stem = stem_of(model.ref.repo.rpartition("/")[2])
    read = replace(open_snapshot(sight.snapshot), own=own_names(model.ref))
    parts = tuple(_parts(read, stem))
    ties = tuple(_ties(link, read, parts, model, stem))
    role = _role(link, read, ties)
    notes = (*link.notes, *_notes(read, sight))
    return LinkedRepository(
        repo=link.address.repo,
        address=f"https://{link.address.repo}",
        where=link.where,
        named_as=link.named_as,
        sure=link.sure,
        role=role,
        evidence=Seen(
            _evidence(read, sight, parts, model),
            sight.snapshot.commit.where if isinstance(sight.snapshot.commit, Seen) else (),
        ),
        ties=ties,
        parts=parts,
        papers=tuple(_papers(read))[:MAX_PAPERS],
        notes=notes,
        listed=sight.listed,
        whole=_is_whole(sight),
    )


def _is_whole(sight: Sight) -> bool:
    files = sight.snapshot.files
    return isinstance(files, Seen) and files.value.complete and not sight.submodules


def _paths(read: Opened) -> tuple[str, ...]:
    return tuple(entry.path for entry in read.listed.entries) if read.listed else ()


def _parts(read: Opened, stem: str) -> Iterator[LinkedFile]:
    """List the files that bear on a verdict: those whose words show what they are first, then those that name it."""
    sorted_out = parts_of(_paths(read))
    licences = licences_that_govern(_paths(read), (path for paths in sorted_out.values() for path in paths))
    for part, paths in sorted_out.items():
        found = [
            replace(_part(read, part, path, stem), folder=folder_governed(licences, path))
            for path in paths[:MAX_OF_A_PART]
        ]
        found.sort(key=lambda one: (not one.shown, not one.named))
        yield from found[:MAX_KEPT_PER_PART]


def _part(read: Opened, part: LinkedPart, path: str, stem: str) -> LinkedFile:
    fetched = read.snapshot.texts.get(path)
    named = names_family(path, stem)
    if isinstance(fetched, Seen):
        doc = document_of(read.snapshot, read.commit, path, fetched.value)
        span = telling_line(part, doc.text)
        if span is not None:
            return LinkedFile(part, doc.where(*span), shown=True, named=named)
        return LinkedFile(part, doc.whole(), named=named)
    return LinkedFile(part, document(read.ref, read.commit, path, "", None).whole(), named=named)


def _ties(link: Link, read: Opened, parts: Iterable[LinkedFile], model: Evidence, stem: str) -> Iterator[TieSeen]:
    """What in the repository itself tells that it is this model's."""
    page = read.layout.card if read.layout else None
    if link.same_owner and not (page and _is_fork(page, link)):
        files = read.snapshot.files
        yield TieSeen(
            "owner",
            files.where[0]
            if isinstance(files, Seen) and files.where
            else document(read.ref, read.commit, "", "", None).whole(),
        )
    if page is not None:
        found = _names_model(page, model, stem)
        if found is not None:
            yield TieSeen("readme", found)
    settings = next((one for one in parts if one.part == "settings" and one.named), None)
    if settings is not None and link.same_owner:
        yield TieSeen("settings", settings.where)


def _names_model(page: Document, model: Evidence, stem: str) -> Where | None:
    """Find where a page names this model, or one of its family, as its owner's on the Hub.

    A model's name without its owner is anybody's: whoever copies a model keeps its name.
    """
    owner, _, name = model.ref.repo.partition("/")
    if not name:
        return None
    pattern = rf"(?i)(?:(?:huggingface\.co|hf\.co)/|(?<![\w./-])){re.escape(owner)}/([A-Za-z0-9][\w.-]{{0,99}})"
    for found in re.finditer(pattern, page.text):
        told = found.group(1).rstrip(".")
        if told.lower() == name.lower() or stem_of(told) == stem:
            return page.where(*found.span())
    return None


def _is_fork(page: Document, link: Link) -> bool:
    """Whether a page tells of another owner's repository of the same name, and never of this one's."""
    same = rf"(?i){re.escape(link.address.host)}/([\w.-]+)/{re.escape(link.address.name)}(?![\w-])"
    owners = {found.group(1).casefold() for found in re.finditer(same, page.text)}
    return bool(owners) and link.address.owner.casefold() not in owners


def _role(link: Link, read: Opened, ties: tuple[TieSeen, ...]) -> LinkedRole:
    kinds = {tie.kind for tie in ties}
    if link.role == "framework":
        return "own" if "settings" in kinds else "framework"
    if kinds & {"owner", "readme"}:
        return "own"
    if read.layout and _is_fork(read.layout.card, link):
        return "fork"
    return "named" if link.sure else "other"


def _notes(read: Opened, sight: Sight) -> Iterator[str]:
    if read.layout and (found := _GONE.search(read.layout.card.text)):
        yield f"its README says that it is no longer kept: line {read.layout.card.line_of(found.start())}"
    if sight.submodules:
        yield f"a further repository lies in it and was not looked into: {sight.submodules[0]}"
    if isinstance(sight.snapshot.files, Seen) and not sight.snapshot.files.value.complete:
        yield f"it has more than the {sight.listed} files that were listed"


def _evidence(read: Opened, sight: Sight, parts: tuple[LinkedFile, ...], model: Evidence) -> Evidence:
    """The repository as evidence of its own: README, licences, and the files that bear on a verdict."""
    held = {one.where.path for one in parts}
    paths = _paths(read)
    licences = licences_that_govern(paths, held)
    texts = tuple(_texts(read, frozenset(licences)))
    kept = [path for path in paths if path in held or path in licences or path in sight.snapshot.texts]
    files = sight.snapshot.files
    found = Evidence(
        ref=read.ref,
        source="git",
        collected_at=model.collected_at,
        commit=sight.snapshot.commit,
        last_modified=Absent(),
        licence_index=index_version(),
        files=Seen(Files(tuple(map(RepoFile, kept)), len(kept) == sight.listed), files.where)
        if isinstance(files, Seen)
        else files,
        card=_card(read),
        gate=Absent(),
        config=Absent(),
        parameters=Absent(),
        licence_claims=tuple(
            claim for claim in all_claims(read, (), texts) if claim.source in {"card statement", "badge", "file header"}
        ),
        licence_texts=texts,
        unseen=tuple(_unseen(read, sight, frozenset(licences))),
        readers=LINKED_READERS,
    )
    return with_findings(found, read.layout.card if read.layout else None)


def _texts(read: Opened, licences: frozenset[str]) -> Iterator[LicenceText]:
    for doc in documents(read, lambda path: path in licences and is_licence_like(path)):
        if is_name_alone(doc.text):
            continue
        text = read_file(doc)
        several = bool(text.residue_words) and text.component != "docs"
        yield from each_licence(doc, text, read.own) if several else (of_any(text),)
    if read.layout is not None:
        yield from texts_within(read)


def _card(read: Opened) -> Fact[Card]:
    layout = read.layout
    if layout is None:
        return Absent()
    where = layout.card.whole()
    told = (*_terms(read, layout), *read_training(layout, read.passages, read.own))
    return Seen(
        Card(
            where,
            len(layout.card.text),
            truncated=False,
            front_matter=Absent(),
            sections=layout.sections,
            statements=told[:MAX_STATEMENTS],
        ),
        (where,),
    )


def _terms(read: Opened, layout: Layout) -> Iterator[Statement]:
    """What the README says on what may be done; with code it may speak of the code alone."""
    for said in read_terms(layout, for_terms(layout, read.passages), read.own):
        if said.kind in WITH_FORCE:
            yield said


def _papers(read: Opened) -> Iterator[PaperSeen]:
    """Name the papers that the repository cites or holds."""
    for path in _paths(read):
        if path.lower().endswith(".pdf") and _PAPER.search(path):
            yield PaperSeen(path, path.rsplit("/", 1)[-1], document(read.ref, read.commit, path, "", None).whole())
    if read.layout is None:
        return
    page = read.layout.card
    titles = dict(_entries(page.text))
    known: set[str] = set()
    for found in _ARXIV.finditer(page.text):
        number = next(group for group in found.groups() if group)
        if number not in known:
            known.add(number)
            title = titles.get(number) or _link_words(read, number)
            yield PaperSeen(f"https://arxiv.org/abs/{number}", title, page.where(*found.span()))


def _entries(text: str) -> Iterator[tuple[str, str]]:
    for entry in _ENTRY.finditer(text):
        number, title = _ARXIV.search(entry.group()), _TITLE.search(entry.group())
        if number and title:
            yield next(group for group in number.groups() if group), " ".join(title.group(1).split())


def _link_words(read: Opened, number: str) -> str:
    links = (link for passage in read.passages for link in passage.sentence.links if number in link.url)
    return next((" ".join(link.text.split())[:160] for link in links if not link.text.startswith("http")), "")


def _unseen(read: Opened, sight: Sight, licences: frozenset[str]) -> Iterator[Unseen]:
    """Name the licence texts at the root, or above what bears on a verdict, that were not read."""
    for path in licences:
        fetched = read.snapshot.texts.get(path)
        if path in sight.links:
            yield Unseen(path, "it is a link, and none is followed")
        elif not isinstance(fetched, Seen):
            yield Unseen(path, fetched.why if isinstance(fetched, Unknown) else "it is listed and was not read")
    for path in _paths(read):
        if "/" not in path and is_licence_like(path) and not is_text(path):
            yield Unseen(path, "it may hold terms and is not a text file")
