"""What bears on the verdict and was not seen, and what speaks of terms and was not read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from osaudit.evidence import (
    Absent,
    LicenceText,
    Seen,
    Unknown,
    Unseen,
    Where,
)
from osaudit.files import is_text, link_target, terms_listed, to_read
from osaudit.licences.names import names_in
from osaudit.reading.claimed import link_claim
from osaudit.reading.licensing.pages import (
    scripts_of_terms,
)
from osaudit.reading.licensing.texts import policies_referred
from osaudit.reading.opened import Opened, card_text, recorded
from osaudit.reading.page.markdown import MAX_BODY
from osaudit.reading.page.subjects import MAX_PASSAGES

MAX_TERM_LINKS = 6


def unread_words(read: Opened) -> Iterator[tuple[str, Where]]:
    """Name what speaks of terms and was not read, or not whole: files by their names, a link, words in a script."""
    yield from ((path, Where(read.ref.path, read.commit, path)) for path in _unread_paths(read))
    if read.layout is not None:
        yield from scripts_of_terms(read.layout, read.passages)
    link = read.known.license_link if read.known else Absent()
    if isinstance(link, Seen) and link.where and _leads_out(read, link.value):
        yield link.value[:300], link.where[0]


def _leads_out(read: Opened, link: str) -> bool:
    """Tell whether the card's licence link leads to terms that were not read and whose address names no licence."""
    target = link_target(link)
    return target not in read.snapshot.texts and not names_in(unquote(link[:500])) and not _is_gone(read, link, target)


def _is_gone(read: Opened, link: str, target: str) -> bool:
    """Tell whether a link is to a file of this repository that it does not have: there is nothing to read."""
    inside = "://" not in target and ("://" not in link or f"/{read.ref.repo}/" in link)
    listed = read.listed
    return inside and listed is not None and listed.complete and target not in {file.path for file in listed.entries}


def _unread_paths(read: Opened) -> Iterator[str]:
    texts = read.snapshot.texts
    card, _ = card_text(read.snapshot)
    for path in terms_listed(tuple(entry.path for entry in read.listed.entries)) if read.listed else ():
        fetched = texts.get(path)
        if path != card and not (isinstance(fetched, Seen) and not fetched.value.truncated):
            yield path
    for path in sorted(texts):
        fetched = texts[path]
        if isinstance(fetched, Seen) and (fetched.value.truncated or (path == card and _is_cut(read))):
            yield path


def _is_cut(read: Opened) -> bool:
    """Tell whether the card is longer than what is read of it, in characters or in sentences."""
    length = len(read.layout.card.text) - read.layout.body if read.layout else 0
    return length > MAX_BODY or len(read.passages) >= MAX_PASSAGES


def unseen(read: Opened) -> Iterator[Unseen]:
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
    for head in read.snapshot.heads:
        if isinstance(head, Unknown):
            yield Unseen("the metadata of the GGUF files", head.why)
    if isinstance(read.matter, Unknown) and read.layout is not None:
        yield Unseen("front matter", read.matter.why)
    for key in read.known.problems if read.known else ():
        yield Unseen(f"front matter: {key}", "its value, or a part of it, is neither a text nor a list of texts")
    yield from _terms_elsewhere(read)


def _unread_files(read: Opened) -> Iterator[Unseen]:
    if read.listed is None:
        return
    paths = tuple(entry.path for entry in read.listed.entries)
    card, _ = card_text(read.snapshot)
    wanted = to_read(paths, recorded(read.snapshot.card_data), recorded(read.snapshot.config))
    for path in dict.fromkeys((*wanted, *terms_listed(paths))):
        if path not in read.snapshot.texts and path not in {card, "model_index.json"}:
            why = "it is listed and was not read" if is_text(path) else "it may hold terms and is not a text file"
            yield Unseen(path, why)


def _terms_elsewhere(read: Opened) -> Iterator[Unseen]:
    """Name the terms that stand outside the repository and are known by their address alone."""
    link = read.known.license_link if read.known else Absent()
    if isinstance(link, Seen) and link_target(link.value) not in read.snapshot.texts:
        claim = link_claim(read, link.value, Where(read.ref.path, read.commit, "README.md"))
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


def policies_elsewhere(texts: Iterable[LicenceText]) -> Iterator[Unseen]:
    """Name the use policies that licence texts incorporate and that lie outside the repository."""
    for address in policies_referred(texts):
        yield Unseen(address, "the licence incorporates this policy by its address, which may change at any time")


def _names_terms(words: str) -> bool:
    plain = words.lower()
    return any(word in plain for word in ("licen", "terms", "policy", "agreement", "协议", "许可"))
