"""Sentences in which a publisher says himself that a base's own terms hold: "made from X, licensed under Y"."""

from __future__ import annotations

from osaudit.compiled import regex
from osaudit.licences.families import family_of
from osaudit.licences.names import names_in
from osaudit.reading.page.hints import Hints
from osaudit.reading.page.subjects import Passage

_HINTS = Hints(("licen", "lizenz", "terms", "agreement", "许可", "协议"))
_UNSURE = regex(
    r"(?i)\b(?:not?|never|unlike|no longer|previous\w*|former\w*|instead|rather|unless|whether|nicht|pas|"
    r"не)\b|n['’]t\b|不"
)


def is_under_its_terms(passage: Passage, name: str) -> bool:
    """Tell whether the sentence names, beside a family, the licence that this family is under."""
    family = family_of(name)
    if family is None or not passage.has(_HINTS) or _UNSURE.search(passage.text):
        return False
    terms = family.any_of.union((family.licence,))
    return any(not terms.isdisjoint(hit.keys) for hit in names_in(passage.text))
