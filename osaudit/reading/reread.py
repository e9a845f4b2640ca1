"""Evidence that was saved by 0.1.0 holds words and no findings: what it kept is read again with today's readers.

What it did not keep stays unread and is named: of the card the quotes of its statements alone were kept.
"""

from __future__ import annotations

from dataclasses import replace

from osaudit import codec
from osaudit.evidence import Evidence, Fact, LicenceText, Restriction, Seen, Unseen
from osaudit.licences.identify import identify
from osaudit.reading.licensing.found import with_findings
from osaudit.reading.version import READERS

NOT_KEPT = "the evidence is of an earlier version and kept quotes of it alone, so today's readers could not read it"


def load_evidence(text: str | bytes, name: str = "the evidence file") -> Evidence:
    """Read an evidence file's text, and what it kept again where no reader left findings in it."""
    found = codec.load(text, name)
    return found if found.readers else replace(reread(found), reread=codec.digest(found))


def reread(evidence: Evidence) -> Evidence:
    """Read again what evidence kept, that of its bases and data sets too.

    What was found before stays: today's readers add to it, and the licence that a text was found to be is left to the
    index that it names.
    """
    texts = tuple(_again(text) for text in evidence.licence_texts)
    read = with_findings(replace(evidence, licence_texts=texts))
    return replace(
        read,
        datasets=tuple(replace(use, evidence=_nested(use.evidence)) for use in evidence.datasets),
        bases=tuple(replace(base, evidence=_nested(base.evidence)) for base in evidence.bases),
        unseen=(*evidence.unseen, *_not_kept(evidence)),
        readers=READERS,
    )


def _nested(fact: Fact[Evidence]) -> Fact[Evidence]:
    return replace(fact, value=reread(fact.value)) if isinstance(fact, Seen) and not fact.value.readers else fact


def _again(text: LicenceText) -> LicenceText:
    """A text with the restrictions that today's readers find in it beside those found before."""
    if not isinstance(text.text, Seen):
        return text
    known = {(hit.flag, hit.where.quote) for hit in text.restrictions}
    further = (
        Restriction(hit.flag, replace(text.where, lines=hit.lines, quote=hit.quote), hit.rule, hit.confidence)
        for hit in identify(text.text.value).restrictions
    )
    new = tuple(hit for hit in further if (hit.flag, hit.where.quote) not in known)
    return replace(text, restrictions=(*text.restrictions, *new))


def _not_kept(evidence: Evidence) -> tuple[Unseen, ...]:
    """The card, of which quotes alone are kept, where there is one."""
    card = evidence.card
    return (Unseen(f"{card.value.where.path}, beyond its quotes", NOT_KEPT),) if isinstance(card, Seen) else ()
