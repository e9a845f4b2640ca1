"""Naming duties carried out: marks ("Built with ...") and licence notices that tell under whose terms the weights are.

Words lower and never raise: each is a base of low confidence, and counts where its family's terms restrict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Literal

from osaudit.compiled import regex
from osaudit.evidence import Base, LicenceClaim, LicenceText, Unknown, Where
from osaudit.frozen import dataclass
from osaudit.licences.families import family_of, naming_marks
from osaudit.licences.names import names_in
from osaudit.licences.table import load_table
from osaudit.reading.licensing.bound import BOUND_HINTS, bound_by
from osaudit.reading.page.card import Layout
from osaudit.reading.page.hints import Hints, folded, has_any
from osaudit.reading.page.places import Document, collapse
from osaudit.reading.page.subjects import Own, Passage, calls_own, foreign_in, place

MAX_NOTICE = 20_000
MAX_FOUND = 8
MAX_LEAD = 8  # words before a mark

_MARK_HINTS = Hints(("built ", "made ", "powered ", "improved "))
_NOTICE_HINTS = Hints((" under ", " subject to ", " governed by "))
_ENDS = regex(r"\s*(?:$|[.,;:!|)\]}\"'*_™®~-]+(?:\s|$)|(?:and|&|using|by|from)\b)")
_SIZES = regex(r"(?i)(?:[ -](?:\d+(?:\.\d+)?b|instruct|chat|vision|base|community|scout|maverick))*")
_OTHERS = regex(
    r"(?i)\b(?:apps?|applications?|demos?|products?|chatbots?|agents?|examples?|other|unlike|than|versus|vs|compared|"
    r"e\.g|such as|spaces?|tools?|not)\b"
)
_PROUD = regex(r"(?i)\W*(?:proudly|also|©[^,;]{0,40}[,;.])?\W*")
_NOTICE = regex(
    r"(?:^|(?<=[.!?:;\n>*•-]))[\s>*•\"'_-]{0,12}(?P<subject>(?:[^\W\d_]|\d)(?:[^\n.;:!?]|\.(?=\d)){1,60}?)\s{1,4}(?:is|are)\s{1,4}"
    r"(?:(?:licen[sc]ed|provided|distributed|released|made\s{1,4}available)\s{1,4}under\s{1,4}(?:and\s{1,4}subject\s{1,4}to\s{1,4})?|"
    r"subject\s{1,4}to\s{1,4}|governed\s{1,4}by\s{1,4})(?:the\s{1,4})?"
    r"(?P<terms>[^;]{3,160}?)(?=$|\n\s*\n|[.;](?:\s|$))"
)
_NOT_WEIGHTS = regex(
    r"(?i)\b(?:code|software|librar(?:y|ies)|scripts?|packages?|framework|modules?|kernels?|tokeni[sz]ers?|fonts?|"
    r"data ?sets?|data|corpus|images?|documentation|repositor(?:y|ies)|github|which|that|logo)\b"
)
_THIRD_PARTY = regex(
    r"(?i)\b(?:third[- ]party (?:software|code|components?|librar\w+|notices|licen[cs]es)|open[- ]source software|"
    r"(?:includes?|contains?|uses?|portions of) [^.\n]{0,60}\b(?:software|code|librar\w+))"
)
_SILENT = frozenset({"evaluation", "citation", "training-data"})
_REMARK = regex(r"(?i)\b(?:which|whereas|while|but|unlike|however|so|therefore|ours|we)\b")
_OWN_WEIGHTS = regex(r"(?i)\b(?:model|weights?|checkpoints?|adapters?|parameters)\b")


@dataclass(frozen=True, slots=True)
class Told:
    """What notices tell: models that this one was made from, and names of licences for the weights themselves."""

    bases: tuple[Base, ...] = ()
    claims: tuple[LicenceClaim, ...] = ()


@dataclass(frozen=True, slots=True)
class _Notice:
    """A sentence that puts something under a restricting licence; `of_models`: one that is written for models."""

    subject: str
    licence: str
    keys: tuple[str, ...]
    of_models: bool
    start: int
    end: int


def card_notices(layout: Layout, passages: Iterable[Passage], own: Own) -> Told:
    """Read the marks and licence notices that a card shows for this repository."""
    bases: dict[str, Base] = {}
    claims: list[LicenceClaim] = []
    for passage in passages if own.kind == "model" else ():
        if passage.has(_MARK_HINTS):
            for name in _marks(passage.text, own):
                bases.setdefault(name, _base(f"{name} (by its mark)", "card", place(layout, passage)))
        if passage.has(_NOTICE_HINTS) and passage.sentence.kind != "row" and passage.topic not in _SILENT:
            for notice in () if _REMARK.search(passage.text) else _notices(passage.text):
                if _names_other(notice.subject, own):
                    bases.setdefault(notice.subject, _base(_noted(notice), "card", place(layout, passage)))
                elif foreign_in(notice.subject, own):
                    claims.append(_claim(notice, "card statement", place(layout, passage)))
        _add_bound(layout, passage, own, bases, claims)
    return Told(tuple(bases.values())[:MAX_FOUND], tuple(claims)[:MAX_FOUND])


def _add_bound(layout: Layout, passage: Passage, own: Own, bases: dict[str, Base], claims: list[LicenceClaim]) -> None:
    """Add what a sentence says to hold for this model, as a base where the name is another's family."""
    if passage.sentence.kind == "row" or passage.topic in _SILENT:
        return
    for name, keys in bound_by(passage.text) if passage.has(BOUND_HINTS) else ():
        if _names_other(name, own):
            base = replace(_base(f"{name} (by its notice)", "card", place(layout, passage)), confidence="high")
            bases.setdefault(name, base)
        elif family_of(name) is None:
            claims.append(LicenceClaim("any", "card statement", name, keys, place(layout, passage)))


def read_notices(doc: Document, text: LicenceText, own: Own) -> Told:
    """Read what a notice, or the words around a licence's text, puts under another licence.

    A licence that stands in the file itself speaks of its own model: that is told by the text.
    """
    if own.kind != "model" or text.component == "policy":
        return Told()
    words = doc.text[:MAX_NOTICE]
    stands = {match.key for match in text.matches}
    bases: dict[str, Base] = {}
    claims: list[LicenceClaim] = []
    for notice in _notices(words):
        where = doc.where(notice.start, notice.end)
        if stands.intersection(notice.keys) or _is_third_party(words, notice):
            continue
        if _names_other(notice.subject, own):
            bases.setdefault(notice.subject, _base(_noted(notice), "notice", where))
        elif notice.of_models or _OWN_WEIGHTS.search(notice.subject) or calls_own(notice.subject, own):
            claims.append(_claim(notice, "file header", where))
    for name, start, end in () if stands else _marked_lines(words, own):
        bases.setdefault(name, _base(f"{name} (by its mark)", "notice", doc.where(start, end)))
    return Told(tuple(bases.values())[:MAX_FOUND], tuple(claims)[:MAX_FOUND])


def _claim(notice: _Notice, source: Literal["card statement", "file header"], where: Where) -> LicenceClaim:
    return LicenceClaim("any", source, notice.licence, notice.keys, where)


def _base(name: str, named_by: Literal["card", "notice"], where: Where) -> Base:
    return Base(name, "unknown", named_by, "low", where, Unknown("a mark or notice alone tells of it"))


def _noted(notice: _Notice) -> str:
    return f"{notice.subject} (by its notice)"


def _names_other(subject: str, own: Own) -> bool:
    """Tell whether the words name a family under restricting terms that somebody else than this owner publishes."""
    family = family_of(subject)
    return family is not None and own.owner not in family.publishers


def _marks(text: str, own: Own) -> Iterator[str]:
    """Name the families whose mark the words show: the mark stands alone, or is said of this repository."""
    for mark in naming_marks():
        shown = mark.search(text)
        if shown is None or not _names_other(shown.group("name"), own):
            continue
        tail = _SIZES.match(text, shown.end())
        if _ENDS.match(text, tail.end() if tail else shown.end()) and _is_of_this(text[: shown.start()], own):
            yield collapse(shown.group("name"))


def _is_of_this(before: str, own: Own) -> bool:
    if _PROUD.fullmatch(before):
        return True
    if len(before.split()) > MAX_LEAD or _OTHERS.search(before) or foreign_in(before, own):
        return False
    return calls_own(before, own)


def _marked_lines(words: str, own: Own) -> Iterator[tuple[str, int, int]]:
    at = 0
    for line in words.splitlines(keepends=True):
        if has_any(folded(line), _MARK_HINTS):
            for name in _marks(line.strip(), own):
                yield name, at, at + len(line)
        at += len(line)


@lru_cache(maxsize=256)  # many repositories hold the same licence
def _notices(text: str) -> tuple[_Notice, ...]:
    return tuple(_found(text))


def _found(text: str) -> Iterator[_Notice]:
    """Find the sentences that put something other than code under a licence whose terms restrict."""
    for found, _ in zip(_NOTICE.finditer(text), range(MAX_FOUND * 4), strict=False):
        subject = collapse(found.group("subject"))
        hit = next(iter(names_in(collapse(f"licensed under the {found.group('terms')}"))), None)
        known = [licence for key in (hit.keys if hit else ()) if (licence := load_table().get(key))]
        restricting = [licence for licence in known if any(verdict.v == "fail" for verdict in licence.osd)]
        if hit and restricting and not _NOT_WEIGHTS.search(subject):
            keys = tuple(licence.key for licence in restricting)
            of_models = not any(licence.category.endswith("data licence") for licence in restricting)
            yield _Notice(subject, hit.matched, keys, of_models, found.start("subject"), found.end())


def _is_third_party(words: str, notice: _Notice) -> bool:
    """Tell whether the paragraph, or the heading above it, lists other people's code."""
    start = words.rfind("\n\n", 0, notice.start) + 1
    above = words.rfind("\n\n", 0, max(0, start - 1)) + 1
    end = words.find("\n\n", notice.end)
    paragraph = words[start : end if end >= 0 else len(words)]
    return bool(_THIRD_PARTY.search(paragraph) or _THIRD_PARTY.search(words[above:start]))
