"""Sentences that point at a licence and say nothing else: "License: Acme Model License", "released under the ...".

They are words on terms that no harmless rule covers, since the licence may be any. Where it is the one that governs,
they add nothing to it: the judge compares, by the licence's key.
"""

from __future__ import annotations

import functools

from osaudit.compiled import regex
from osaudit.evidence import CUSTOM
from osaudit.folding import folded
from osaudit.licences.names import key_of_name
from osaudit.licences.table import load_table

MAX_WORDS = 24
_FRAMING = frozenset(
    {
        *("license", "licenses", "licence", "licences", "licensed", "terms", "use", "used", "using", "note", "card"),
        *("model", "models", "weights", "release", "released", "published", "provided", "shared", "distributed"),
        *("made", "available", "governed", "subject", "see", "is", "are", "was", "were", "a", "all", "an", "and"),
        *(
            "at",
            "by",
            "for",
            "here",
            "in",
            "it",
            "its",
            "of",
            "on",
            "that",
            "the",
            "these",
            "this",
            "to",
            "under",
            "which",
            "with",
        ),
    }
)
_LINK = regex(r"\]\([^()\s]{1,300}\)|https?://\S{1,300}")
_KIND = regex(
    r"\ba (?:custom,? )?(?:commercial |community |model )?licen[cs]e, (?=the )"
    r"|\(an? (?:custom,? )?(?:commercial |community |model )?licen[cs]e(?: agreement)?\)"
)
"""What a licence is called before it is named, or behind it: "a custom commercial license, the Acme License, is at"."""
_UNNAMED = regex(r"\ba custom,? (?:commercial |community |model )?licen[cs]e\b")
_GATE = regex(
    r"^\W*to access [\w .+-]{2,60}? on hugging ?face, you(?: are|['’]?re) required to (?:review and )?agree to (?=\S)"
)
"""What a gate's form says of itself before it names the licence."""
_SUBJECT = regex(r"\b(?<=use of )[\w.+-]{2,30}(?: \d[\w.]{0,8})?(?: models?)?(?= is governed by\b)")
"""Whose use a licence governs, where that is told before its name."""
_WORD = regex(r"[\w.+-]*[\w+]")


def pointed_at(plain: str) -> tuple[str, ...]:
    """The keys of the licences that a sentence can point at, where it says nothing besides; else none.

    `plain` are the sentence's folded words. A licence named in part ("the Meta license") may be any whose names have
    these words. An approved licence is nobody's custom or community one, so that such words contradict its name. A
    custom licence without a name is `CUSTOM`: whichever governs, where that is no approved one.
    """
    bare = _SUBJECT.sub(" ", _GATE.sub(" ", _LINK.sub(" ", plain)))
    if _UNNAMED.search(bare) and _FRAMING.issuperset(found.group() for found in _WORD.finditer(_UNNAMED.sub("", bare))):
        return (CUSTOM,)
    keys = _named_alone(_KIND.sub("", bare))
    return tuple(key for key in keys if not _is_approved(key)) if _KIND.search(bare) else keys


def _is_approved(key: str) -> bool:
    licence = load_table().get(key)
    return licence is not None and licence.osi.approved


def _named_alone(plain: str) -> tuple[str, ...]:
    words = [found.group() for found in _WORD.finditer(plain)]
    if not 1 < len(words) <= MAX_WORDS:
        return ()
    before = next((at for at, word in enumerate(words) if word not in _FRAMING), len(words))
    after = next((at for at, word in enumerate(reversed(words)) if word not in _FRAMING), len(words))
    for begin in range(before, -1, -1):  # the name may itself begin or end with such words
        for end in range(len(words) - after, len(words) + 1):
            key = key_of_name(" ".join(words[begin:end])) if begin < end else None
            if key:
                return (key,)
    named = frozenset(words[before : len(words) - after])
    return tuple(key for key, known in _words_of_names() if named <= known) if named else ()


@functools.cache
def _words_of_names() -> tuple[tuple[str, frozenset[str]], ...]:
    """The words of each licence's names."""
    return tuple(
        (licence.key, frozenset(word for name in licence.names for word in _WORD.findall(folded(name))))
        for licence in load_table().licences
    )
