"""Sentences that put a model under a family's licence without "licensed under": it applies, is kept, is to be met.

Words lower and never raise: only names of licences whose terms restrict are told, and a sentence that compares, denies,
or speaks of data or code tells nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from osaudit.compiled import regex
from osaudit.licences.families import family_of
from osaudit.licences.names import names_in
from osaudit.licences.table import Licence, load_table
from osaudit.reading.page.hints import Hints, folded, has_any

MAX_TRIES = 8

BOUND_HINTS = Hints(
    (
        *("comply", "adher", "abid", "agree", "accept", "respect", "conform", "follow", "bound", "inherit", "retain"),
        *("keep", "carr", "same", "appl", "refer to", "see the", "read the", "check the", "consult"),
    )
)
_LICENCE_HINTS = Hints(("licen", "terms", "agreement"))
_TERMS = r"(?:licen[cs]es?|licensing|terms|agreement|restrictions?)\b"
_SO = r"(?:[^.;]|\.(?=\d))"  # words of one clause, version numbers and all
_BINDS = regex(
    r"(?i)\b(?:must|please|(?:need|have|has|required|obliged|sure) to|should|shall|by (?:using|downloading)|"
    r"users?|you)\b"
    rf"{_SO}{{0,60}}?\b(?:comply|adhere|abide|agree|accept|respect|conform|follow)\b"
    r"|\b(?:is|are|remains?|stays?|be) (?:also |still )?bound (?:by|to)\b"
    rf"|\b(?:inherits?|retains?|keeps?|carr(?:y|ies)|follows?)\b{_SO}{{0,50}}{_TERMS}|{_TERMS} (?:is |are "
    rf")?inherited\b"
    rf"|\bsame {_TERMS}|{_TERMS}{_SO}{{0,30}}\b(?:is|are) (?:the )?same (?:as|that)\b"
    rf"|{_TERMS}{_SO}{{0,40}}?\bapply\b|{_TERMS}{_SO}{{0,30}}?\bapplies\b"
    rf"|^\W*(?:please )?(?:refer to|see|read|check|consult) (?:the "
    rf")?{_SO}{{0,50}}{_TERMS}{_SO}{{0,20}}\bfor\b{_SO}{{0,30}}"
    r"\b(?:terms|conditions|restrictions?|usage|uses?|licens\w+)\b"
)
_OF_FAMILY = regex(
    rf"(?i){_TERMS}(?: (?:is|are|was))?(?: (?:inherited|taken|the same|carried over))? (?:of|as|from|that)"
    r"(?: (?:of|the|original|base|parent|model))* (?P<name>[a-z][\w.-]*\w(?:[ -]\d[\w.]*)?)"
)
_ASIDE = regex(
    r"(?i)\b(?:unlike|whereas|instead|rather|compar\w+|than|not|n['’]t|no longer|never|neither|differs?|other models|"
    r"such as|e\.g|"
    r"data ?sets?|data|corpus|codes?|codebase|scripts?|tokeni[sz]ers?|architectures?|from scratch|outputs?|"
    r"compatible|"
    r"if you (?:use|want|choose)|originally|previously|formerly|prompts?|templates?|format)\b|n['’]t\b"
)


def bound_by(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Name the restricting licences, or the families of models, whose terms the sentence says to hold."""
    plain = folded(text)
    if not (has_any(plain, BOUND_HINTS) and has_any(plain, _LICENCE_HINTS)):
        return
    if not _BINDS.search(text) or _ASIDE.search(text):
        return
    for hit in names_in(text):
        keys = tuple(licence.key for licence in _known(hit.keys) if _restricts(licence))
        if keys:
            yield hit.matched, keys
            return
    for found, _ in zip(_OF_FAMILY.finditer(text), range(MAX_TRIES), strict=False):
        family = family_of(found.group("name"))
        if family:
            yield found.group("name"), (family.licence,)
            return


def _known(keys: tuple[str, ...]) -> Iterator[Licence]:
    return (licence for key in keys if (licence := load_table().get(key)))


def _restricts(licence: Licence) -> bool:
    """Tell whether a licence closes something, and is one that is written for models."""
    return any(verdict.v == "fail" for verdict in licence.osd) and not licence.category.endswith("data licence")
