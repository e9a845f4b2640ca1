"""The publisher's own "Model License": which one it is, where the list of families knows the licence of his model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from osaudit.compiled import regex
from osaudit.evidence import LicenceClaim, ModelRef
from osaudit.licences.families import family_of
from osaudit.licences.table import load_table

_CALLED = regex(r"(?i)(?:the |its |our )?(?:model )?licen[cs]e(?: agreement)?|模型许可(?:证|协议)?")
_POINTS = regex(r"(?i)\blicen[cs]e\b[^.;]{0,40}\blicen[cs]e\b|\blicen[cs]e\b\W*(?:for|了解)|查看\W*licen[cs]e")
_CLOSING = (1, 3, 5, 6, 7)


def with_own_family(claims: Iterable[LicenceClaim], ref: ModelRef) -> tuple[LicenceClaim, ...]:
    """Give a licence that a publisher calls by no name ("the Model License") the key that his model is known to have.

    The list of families tells it of the model's name, for its publisher's own repository alone and where it closes
    something: words that name no licence open nothing.
    """
    told = tuple(claims)
    key = _known_to_close(ref)
    if not key or any(claim.keys and claim.component == "weights" for claim in told):
        return told
    return tuple(replace(claim, keys=(key,)) if _names_nothing(claim) else claim for claim in told)


def _names_nothing(claim: LicenceClaim) -> bool:
    """Whether a statement of the card points to the model's licence and calls it by no name of its own."""
    of_the_model = claim.source == "card statement" and claim.component in {"weights", "any"}
    words = claim.name.strip(" .。`*")
    return of_the_model and not claim.keys and bool(_CALLED.fullmatch(words) or _POINTS.search(words))


def _known_to_close(ref: ModelRef) -> str:
    family = family_of(ref.repo) if ref.kind == "model" else None
    owner = ref.repo.partition("/")[0].lower()
    if family is None or owner not in family.publishers or not family.confirmed or family.any_of:
        return ""
    licence = load_table().get(family.licence)
    closes = licence is not None and any(licence.verdict(number).v == "fail" for number in _CLOSING)
    return family.licence if closes else ""
