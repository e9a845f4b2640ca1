"""Licence texts: the repository's own files, and those that stand inside a card or a gate's prompt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from osaudit.compiled import regex
from osaudit.evidence import (
    ClauseSeen,
    Component,
    FlagSeen,
    LicenceClaim,
    LicenceText,
    ModelRef,
    Restriction,
    Seen,
    Where,
)
from osaudit.files import card_path, licence_component
from osaudit.licences.headers import Named, header_of, is_name_alone, named_in, names_that_bind
from osaudit.licences.identify import Identified, identify
from osaudit.licences.quotes import LEFT_OUT, MAX_SENTENCE, clip
from osaudit.licences.restrictions import RestrictionHit, restrictions_in
from osaudit.licences.table import load_table
from osaudit.reading.licensing.gate import quoting
from osaudit.reading.page.card import Layout, lay_out
from osaudit.reading.page.hints import has_any
from osaudit.reading.page.places import MAX_QUOTE, Document, collapse, document

MAX_TEXT = 100_000
MIN_WORDS = 110
MAX_EMBEDDED = 6
MAX_POLICIES = 4
MAX_RESIDUE = 20
MAX_LEVEL = 2
MIN_LEGAL = 6
SHORT_TEXT = 150  # words: what is shorter and no known text points to a licence rather than being one

_OPENING = regex(
    r"(?m)^[ \t>#*`_-]{0,8}(?:Permission is hereby granted|TERMS AND CONDITIONS FOR USE|"
    r"[^\n]{0,80}LICEN[SC]E (?:TERMS|AGREEMENT)\b[^\n]{0,60}$|"
    r"[^\n]{0,60}(?:Community|Research|Model) Licen[sc]e Agreement[^\n]{0,40}$|"
    r"[^\n]{0,20}\bLicen[sc]e,? Version \d[^\n]{0,30}$)"
)
_OPENING_HINTS = (
    *("Permission is hereby", "TERMS AND CONDITIONS FOR USE", "LICENSE ", "LICENCE ", "License Agreement"),
    *("Licence Agreement", "License, V", "Licence, V", "License V", "Licence V"),
)
_POLICY_AT = regex(
    r"(?is)\bpolic(?:y|ies)\b(?:(?!\n\s*\n).){0,120}?"
    r"(?P<address>(?:https?://)?(?:[a-z0-9-]{1,40}\.){1,4}[a-z]{2,10}/[\w./%~-]{0,120}polic[\w./%~-]{0,60})"
)
_LEGAL = regex(
    r"(?i)\b(?:licensor|licensee|hereby|warrant\w*|liab\w+|terminat\w+|sublicens\w+|grant(?:s|ed)?|redistribut\w+|"
    r"indemnif\w+)\b"
)


def read_file(doc: Document) -> LicenceText:
    """Identify the text of a licence-like file."""
    lines = (1, max(1, doc.line_of(max(0, len(doc.text.rstrip()) - 1))))
    identified = identify(doc.text)
    part = licence_component(doc.path)
    if part == "policy" and _is_known_whole(identified):
        part = "any"  # what stands in a file of terms is a licence
    return _licence_text(part, identified, doc.text, doc.place(lines, None), _below(doc, 0))


def _is_known_whole(found: Identified) -> bool:
    """Tell whether a text is known licences word for word, and nothing else."""
    return bool(found.matches) and not found.residue_words and all(one.match == "exact" for one in found.matches)


def header_claims(doc: Document, component: Component) -> Iterator[LicenceClaim]:
    """What a licence-like file says by name: an SPDX line that is all of it, or a short text.

    What a notice says is read apart (`osaudit.reading.licensing.marks`): most of it is about the code of others.
    """
    if is_name_alone(doc.text):
        for one in named_in(doc.text):
            part = component if licence_component(doc.path) == "any" else licence_component(doc.path)
            yield _header_claim(doc, one, part)
    elif licence_component(doc.path) != "docs" and len(doc.text.split(maxsplit=SHORT_TEXT)) < SHORT_TEXT:
        part = licence_component(doc.path)
        for one in names_that_bind(doc.text):
            yield _header_claim(doc, one, component if part == "any" else part)


def _header_claim(doc: Document, one: Named, component: Component) -> LicenceClaim:
    return LicenceClaim(component, "file header", one.name[:MAX_QUOTE], one.keys, doc.where(*one.span), one.choices)


def read_embedded(layout: Layout, component: Component) -> tuple[LicenceText, ...]:
    """Identify the licence texts that stand in a card: whole sections, or what follows a licence's opening words."""
    found: list[LicenceText] = []
    for start, end in _spans(layout):
        text = layout.card.text[start:end]
        identified = identify(text)
        if identified.matches or len(_LEGAL.findall(text[:MAX_TEXT])) >= MIN_LEGAL:
            first = layout.card.line_of(start)
            last = layout.card.line_of(start + max(0, len(text.rstrip()) - 1))
            where = layout.card.place((first, last), clip(collapse(text[:1200]), 160) or None)
            found.append(_licence_text(component, identified, text, where, _below(layout.card, first - 1)))
    return tuple(found)[:MAX_EMBEDDED]


def identify_file(path: str, text: str) -> Identified:
    """Identify the licences of a file on its own: the whole text, a card's licence sections, a code file's header.

    What of a card or of code is no licence is not counted as words left over, and is searched for restrictions too.
    """
    header = header_of(path, text)
    if header:
        return _shifted(identify(header[0]), header[1])
    if card_path((path.rsplit("/", 1)[-1],)) is None:
        return identify(text)
    layout = lay_out(document(ModelRef("card"), None, path, text, None))
    spans = [(layout.card.line_of(start) - 1, identify(text[start:end])) for start, end in _spans(layout)]
    parts = [_shifted(found, before) for before, found in spans if found.matches]
    if not parts:
        return identify(text)
    return Identified(
        matches=tuple(match for part in parts for match in part.matches),
        residue_words=sum(part.residue_words for part in parts),
        residue=tuple(words for part in parts for words in part.residue)[:MAX_RESIDUE],
        restrictions=_restrictions_below(layout),
    )


def _restrictions_below(layout: Layout) -> tuple[RestrictionHit, ...]:
    before = layout.card.line_of(layout.body) - 1
    hits = restrictions_in(layout.card.text[layout.body :])
    return tuple(replace(hit, lines=(hit.lines[0] + before, hit.lines[1] + before)) for hit in hits)


def _shifted(found: Identified, before: int) -> Identified:
    """The same, of a text that begins `before` lines down in its file."""
    return replace(
        found,
        matches=tuple(replace(m, lines=(m.lines[0] + before, m.lines[1] + before)) for m in found.matches),
        restrictions=tuple(replace(h, lines=(h.lines[0] + before, h.lines[1] + before)) for h in found.restrictions),
    )


def policies_referred(texts: Iterable[LicenceText]) -> tuple[str, ...]:
    """The addresses of use policies that licence texts incorporate, where no policy lies in the repository itself.

    Known licences are asked where the clause table says that they have such a policy; of others any that they name.
    """
    held = tuple(texts)
    if any(text.component == "policy" for text in held):
        return ()
    found = (address for text in held if _may_incorporate(text) for address in _addresses_of_policies(text))
    return tuple(dict.fromkeys(found))[:MAX_POLICIES]


def _may_incorporate(text: LicenceText) -> bool:
    known = [load_table().get(match.key) for match in text.matches]
    exact = bool(known) and all(match.match == "exact" for match in text.matches)
    return not exact or any(licence and licence.flags.get("acceptable_use_policy") for licence in known)


def _addresses_of_policies(text: LicenceText) -> Iterator[str]:
    words = text.text.value if isinstance(text.text, Seen) else ""
    for found in _POLICY_AT.finditer(words):
        address = found.group("address").rstrip(".,;:)”’\"'")
        yield address if "://" in address else f"https://{address}"


def read_prompt(prompt: str, where: Where, doc: Document | None, component: Component) -> LicenceText | None:
    """Identify a licence that a gate's prompt spells out."""
    if len(prompt.split()) < MIN_WORDS:
        return None
    identified = identify(prompt)
    if not identified.matches and len(_LEGAL.findall(prompt[:MAX_TEXT])) < MIN_LEGAL:
        return None
    return _licence_text(component, identified, prompt, where, lambda _, quote: quoting(where, quote, doc))


def _licence_text(
    component: Component,
    identified: Identified,
    text: str,
    where: Where,
    place: Callable[[tuple[int, int], str], Where],
) -> LicenceText:
    """Put an identified text together; `place` turns its lines and a quote into a place."""
    return LicenceText(
        component=component,
        where=where,
        text=Seen(text[:MAX_TEXT], (where,)),
        matches=identified.matches,
        residue_words=identified.residue_words,
        residue=identified.residue[:MAX_RESIDUE],
        restrictions=tuple(
            Restriction(hit.flag, place(hit.lines, hit.quote), hit.rule, hit.confidence)
            for hit in identified.restrictions
        ),
        clauses=tuple(
            ClauseSeen(hit.key, hit.criterion, hit.clause, hit.verbatim, place(hit.lines, hit.quote))
            for hit in identified.clauses
        ),
        located=tuple(FlagSeen(hit.key, hit.flag, hit.clause, place(hit.lines, hit.quote)) for hit in identified.flags),
    )


def _below(doc: Document, before: int) -> Callable[[tuple[int, int], str], Where]:
    """Place findings of a text that begins `before` lines down in its file."""
    return lambda lines, quote: doc.place(
        (lines[0] + before, lines[1] + before), clip(collapse(quote), MAX_SENTENCE + 2 * len(LEFT_OUT)) or None
    )


def _spans(layout: Layout) -> Iterator[tuple[int, int]]:
    """Find the stretches of a card that are long enough to be a licence, none inside another."""
    taken: list[tuple[int, int]] = []
    for start, end in (*_sections(layout), *_openings(layout)):
        inside = any(start < stop and at < end for at, stop in taken)
        if not inside and len(layout.card.text[start:end].split(maxsplit=MIN_WORDS)) > MIN_WORDS:
            taken.append((start, end))
            yield start, end


def _sections(layout: Layout) -> Iterator[tuple[int, int]]:
    starts = layout.card.starts
    for section in layout.sections:
        if section.topic == "licence":
            first, last = section.lines
            yield starts[first - 1], starts[last] if last < len(starts) else len(layout.card.text)


def _openings(layout: Layout) -> Iterator[tuple[int, int]]:
    """From a licence's opening words to the next heading above the level of bold lines, or to the end."""
    text = layout.card.text
    if not has_any(text, _OPENING_HINTS):
        return
    tops = [block.start for block, _ in layout.blocks if block.kind == "heading" and block.level <= MAX_LEVEL]
    for number, found in enumerate(_OPENING.finditer(text, layout.body)):
        if number >= MAX_EMBEDDED:
            return
        ends = (start for start in tops if start > found.end())
        yield found.start(), next(ends, len(text))
