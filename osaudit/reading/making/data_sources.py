"""What a data set was itself made from: its card's `source_datasets`, and its words "derived from", "a subset of"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from osaudit.compiled import regex
from osaudit.evidence import NOT_LOOKED, Confidence, DatasetUse, ModelRef, Seen, Where
from osaudit.reading.making.sources_named import hub_dataset, known_names
from osaudit.reading.page import frontmatter
from osaudit.reading.page.card import Layout
from osaudit.reading.page.hints import Hints
from osaudit.reading.page.hub_names import hub_name
from osaudit.reading.page.places import record_place
from osaudit.reading.page.subjects import Own, Passage, calls_own, normal, place

MAX_SOURCES = 30
MAX_AHEAD = 220
MAX_KNOWN = 120  # characters in which a well-known name counts without a link
MAX_LEAD = 14  # words before the verb

_KEY = "source_datasets"
_NO_NAME = regex(r"(?i)^(?:original|found|other|none|n/?a|unknown|custom|-|mixed|several|various)?$")
_EXTENDED = regex(r"(?i)^extended\|(?:other-)?")
_HINTS = Hints(
    ("from", "subset", "based on", "built on", "version of", "using", "sample of", "mix", "combin", "基于", "来自")
)
_MADE = regex(
    r"(?i)\b(?:derived|built|built up|created|constructed|collected|compiled|extracted|sampled|taken|drawn|sourced|"
    r"scraped|crawled|filtered|distill?ed|adapted|curated|generated|translated|aggregated|gathered|composed|made)\s+"
    r"(?:\w+\s+){0,3}?(?:from|out of|up of|of|using|on top of)\b|\b(?:based|built) (?:up)?on\b|"
    r"\b(?:subset|version|sample|samples|portion|part|translation|extension|mix|mixture|combination|copy|reformat\w*|"
    r"clean\w*) (?:\w+\s+){0,2}?of\b|基于|来自"
)
_OTHER = regex(
    r"(?i)\b(?:unlike|similar to|compared|inspired by|in contrast|other data ?sets?|existing|previous|prior|not|"
    r"no longer|deduplicated against|"
    r"decontaminat\w*|overlap\w*|evaluat\w*|model|models|trained)\b"
)
_ENOUGH = regex(r"(?i)\b(?:using|used|selected|chosen|compared?|replicate|match|criteria|format|style)\b|[;。]|\.\s")
_QUIET = frozenset({"citation", "how-to-use", "evaluation", "links", "licence"})


def read_sources(
    ref: ModelRef,
    commit: str | None,
    layout: Layout | None,
    record: Mapping[str, Any] | None,
    passages: Iterable[Passage],
    own: Own,
) -> tuple[DatasetUse, ...]:
    """List the data sets and collections that a data set says it was made from, each once."""
    found: dict[str, DatasetUse] = {}
    for name, where, sure in (*_declared(ref, commit, layout, record), *_worded(layout, passages, own)):
        if normal(name.rpartition("/")[2]) != own.name and name.lower() != ref.repo.lower():
            found.setdefault(normal(name), DatasetUse(name, "unknown", sure, where, NOT_LOOKED))
    return tuple(found.values())[:MAX_SOURCES]


def _declared(
    ref: ModelRef, commit: str | None, layout: Layout | None, record: Mapping[str, Any] | None
) -> Iterator[tuple[str, Where, Confidence]]:
    read = frontmatter.texts_at(layout.card, _KEY) if layout and _KEY in layout.card.text[: layout.body] else None
    if read is None and layout is None and record:
        value = record.get(_KEY)
        listed = tuple(str(item) for item in value) if isinstance(value, list) else (str(value or ""),)
        read = Seen(listed, (record_place(ref, commit, f"/cardData/{_KEY}", ", ".join(listed)),))
    for value in read.value[:MAX_SOURCES] if isinstance(read, Seen) else ():
        name = hub_name(_EXTENDED.sub("", value.strip()))
        if not _NO_NAME.match(name) and isinstance(read, Seen) and read.where:
            yield name, read.where[0], "high"


def _worded(layout: Layout | None, passages: Iterable[Passage], own: Own) -> Iterator[tuple[str, Where, Confidence]]:
    for passage in passages if layout else ():
        text = passage.text
        if layout is None or passage.topic in _QUIET or not passage.has(_HINTS):
            continue
        made = _MADE.search(text)
        if made and _is_own(text[: made.start()], own):
            for name in _named(passage, made.end(), own):
                yield name, place(layout, passage), "low"


def _is_own(before: str, own: Own) -> bool:
    """Tell whether a sentence's subject is this data set: by its name, "this dataset", or no subject at all."""
    if _OTHER.search(before) or len(before.split()) > MAX_LEAD:
        return False
    return (
        not before.strip(" \"'*_-•") or calls_own(before, own) or bool(regex(r"(?i)\W*(?:it|the|a|an)\b").match(before))
    )


def _named(passage: Passage, start: int, own: Own) -> Iterator[str]:
    links = (link for link in passage.sentence.links if start <= link.at < start + MAX_AHEAD)
    linked = tuple(name for link in links if (name := hub_dataset(link.url)))
    ahead = _ENOUGH.split(passage.text[start : start + MAX_KNOWN], maxsplit=1)[0]
    yield from linked or (name for name in known_names(ahead) if normal(name) not in own.name)
