"""Headings under which a card advises or speaks of something else, and the words that bind all the same.

"Out-of-scope use" is advice (RUBRIC, C6-W) and "Training data" speaks of data. But "Commercial use is prohibited"
closes the use wherever it stands.
"""

from __future__ import annotations

from osaudit.compiled import regex
from osaudit.prefilter import first_needles
from osaudit.reading.page.hints import Hints
from osaudit.reading.page.subjects import Passage

ADVISED = frozenset({"out-of-scope", "citation", "evaluation", "training-data"})
"""Topics under which a sentence has to bind by its own words to count as a term."""

_BINDS = regex(
    r"(?i)\b(?:prohibited|forbidden|not (?:be )?(?:permitted|allowed|authori[sz]ed|licensed)|licensed|licen[cs]es?|"
    r"(?:may|must|shall|can) (?:only|not)|cannot|only (?:be|for)|(?:is|are) (?:\w+ )?for|strictly|solely|exclusively)\b"
    r"|禁止|不得|仅|只"
)
_BINDS_HINTS = Hints(first_needles("what binds", _BINDS))
_OF_THE_MODEL = regex(r"(?i)\b(?:models?|weights?|checkpoints?|you|commercial (?:use|usage|purposes?))\b|模型|权重")
_OF_OTHERS = regex(
    r"(?i)^[^.;,]{0,60}?\b(?:data ?sets?|data|corpus|corpora|annotations?|images?|texts?|papers?|benchmarks?)\b"
)
_OWN_CLAUSE = regex(
    r"(?i)\b(?:models?|weights?|checkpoints?)\b(?! data)[^.;,]{0,30}\b(?:is|are|may|must|can|cannot|shall)\b"
)
_OPENS_A_LIST = regex(r"(?i)\bbe used(?: for| in| by| to)?\W*$")


def binds(passage: Passage) -> bool:
    """Tell terms of the model from advice on it, and from words on its data, tests or papers, by the sentence alone."""
    text = passage.text
    if not passage.has(_BINDS_HINTS) or not (_BINDS.search(text) and _OF_THE_MODEL.search(text)):
        return False
    if passage.topic == "out-of-scope":
        return not _OPENS_A_LIST.search(text)
    return not _OF_OTHERS.search(text) or _OWN_CLAUSE.search(text) is not None
