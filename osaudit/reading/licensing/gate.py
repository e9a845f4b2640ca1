"""The Hub's gate: how files are guarded, what is asked, and what its prompt says of terms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from osaudit.evidence import (
    Absent,
    Component,
    Fact,
    FrontMatter,
    Gate,
    GateMode,
    LicenceClaim,
    ModelRef,
    Seen,
    Statement,
    Unknown,
    Where,
)
from osaudit.licences.names import names_in
from osaudit.licences.quotes import clip, unmarked, widened
from osaudit.reading.licensing.terms import read_terms
from osaudit.reading.page.card import lay_out
from osaudit.reading.page.passages import for_terms
from osaudit.reading.page.places import MAX_QUOTE, Document, collapse, document
from osaudit.reading.page.subjects import Own, passage_of, passages

MAX_PROMPT = 100_000
MAX_CLAIMS = 3
MAX_STATEMENTS = 8


def read_gate(mode: Fact[GateMode], matter: FrontMatter | None) -> Fact[Gate]:
    """Put the gate's mode together with what the card's metadata says of it."""
    if not isinstance(mode, Seen):
        return mode
    if matter is None:
        return Seen(Gate(mode.value, Unknown("the card's metadata could not be read")), mode.where)
    fields = matter.gated_fields.value if isinstance(matter.gated_fields, Seen) else ()
    refused = isinstance(matter.gated_eu_disallowed, Seen) and matter.gated_eu_disallowed.value
    prompt = matter.gated_prompt
    where = prompt.where if isinstance(prompt, Seen) else ()
    return Seen(Gate(mode.value, prompt, fields, refused), (*mode.where, *where))


def prompt_of(matter: FrontMatter | None) -> tuple[str, Where] | None:
    """Give the prompt's words and place, where there is one."""
    prompt = matter.gated_prompt if matter is not None else Absent()
    return (prompt.value[:MAX_PROMPT], prompt.where[0]) if isinstance(prompt, Seen) and prompt.where else None


def prompt_claims(prompt: str, where: Where, component: Component, doc: Document | None) -> Iterator[LicenceClaim]:
    """List the licences that a prompt names; the words beside a name must speak of agreeing to it."""
    seen: set[tuple[str, ...]] = set()
    for hit in names_in(prompt):
        if hit.keys not in seen and len(seen) < MAX_CLAIMS:
            seen.add(hit.keys)
            words = widened(prompt, hit.start, hit.end, 60)
            yield LicenceClaim(component, "gate prompt", hit.matched, hit.keys, quoting(where, words, doc))


def prompt_terms(prompt: str, where: Where, own: Own, doc: Document | None) -> tuple[Statement, ...]:
    """List the restrictions that a prompt states: whoever passes the gate agrees to them."""
    layout = lay_out(document(ModelRef(where.repo), None, where.path, f"{prompt}\n", None))
    agreed = tuple(passage_of(passage.sentence, ("licence",), passage.lead) for passage in passages(layout))
    terms = read_terms(layout, for_terms(layout, agreed), own)[:MAX_STATEMENTS]
    return tuple(replace(term, where=quoting(where, term.where.quote or "", doc)) for term in terms)


def quoting(where: Where, words: str, doc: Document | None) -> Where:
    """Quote a prompt; lines are named only where they hold the words as they are: YAML may write them otherwise."""
    quote = clip(collapse(words), MAX_QUOTE) or None
    lines = where.lines
    if doc is not None and lines and quote:
        end = doc.starts[lines[1]] if lines[1] < len(doc.starts) else len(doc.text)
        lines = lines if unmarked(quote) in collapse(doc.text[doc.starts[lines[0] - 1] : end]) else None
    url = where.url if lines or where.url is None else where.url.partition("#")[0]
    return replace(where, quote=quote, lines=lines, url=url)
