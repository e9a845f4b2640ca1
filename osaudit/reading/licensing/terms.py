"""Restrictions and duties that a card's own words put on this model, apart from its licence's text.

Words lower and never raise, so precision comes first: what a card advises against, says of its data's source or of
another model is no term of this one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from osaudit.compiled import regex
from osaudit.evidence import Component, Confidence, Statement
from osaudit.licences.quotes import unmarked
from osaudit.licences.restrictions import restrictions_in
from osaudit.prefilter import first_needles
from osaudit.reading.licensing.advice import ADVISED, binds
from osaudit.reading.licensing.unexplained import read_unexplained
from osaudit.reading.making.generated import bound_outputs
from osaudit.reading.page.card import Layout
from osaudit.reading.page.hints import Hints
from osaudit.reading.page.subjects import (
    Own,
    Passage,
    calls_own,
    component_of,
    foreign_in,
    lists_another,
    passage_of,
    place,
)
from osaudit.restrictions.phrases import closed

MAX_TERMS = 30
MAX_RISKS = 5
MAX_SHORT = 9  # words
MAX_REMEMBERED = 2_048  # sentences: cards and prompts share many
NEEDS_NO_SUBJECT = frozenset({"geographic_exclusion", "no_redistribution", "revenue_threshold", "user_threshold"})
"""What no sentence says of a model in passing: who is left out, and who has to pay."""


_BOTH = regex(
    r"(?i)\bcommercial(?:ly)?\b[^.;]{0,25}\b(?:and|or|&|as well as)\b[^.;]{0,12}\bnon-?\s?commercial|"
    r"non-?\s?commercial(?:ly)?\b[^.;]{0,25}\b(?:and|or|as well as|"
    r"&)\b[^.;]{0,12}(?<!non)(?<!non-)(?<!non )\bcommercial|whether commercial|"
    r"\bwithout (?:any )?restrict|commercial use is (?:allowed|permitted)|"
    r"\b(?:not|n['’]t|never) (?:restrict|limit|prohibit|forbid|prevent|preclude|exclude)\w* (?:any |the )?commercial"
)
_ALLOWED = regex(
    r"(?i)\b(?:may|can|free to|allowed to|permitted to)\b(?! ?(?:not|"
    r"only))[^.;]{0,60}(?<!non-)(?<!non )(?<!non)\bcommercial(?:ly)?\b"
)
_ADVICE = regex(
    r"(?i)\b(?:intended|intends?|meant|designed|recommend\w*|suggest\w*|suitable|aimed?|ideal|developed|planned|"
    r"planning|hope|expect\w*)\b"
)
_SOFT = regex(r"(?i)\b(?:should|shouldn['’]?t|please|advis\w+|prefer\w*|in support of|caution|careful)\b")
_ELSEWHERE = regex(
    r"(?i)\bused under\b|\b(?:other|better than|existing|current|many|several|compared) (?:\w+ )?commercial|"
    r"\bcommercial (?:\w+ )?(?:models?|"
    r"systems?|apis?|chatbots?|compan(?:y|ies)|llms?|services?|quality|gpus?|area|space)\b|\b(?:originally|"
    r"previously|no longer|formerly|call on|urge)\b"
)
_OTHER_SUBJECT = regex(
    r"(?i)\b(?:base|original|underlying|upstream|parent|teacher|source|third[- ]party) (?:\w+ )?(?:models?|weights?|"
    r"data ?sets?|data|images)\b"
)
_IT = regex(r"(?i)\b(?:it|this)\W*$")
_OPENS_OWN = regex(r"(?i)^\W*(?:this|these|our) (?:\w+ )?(?:models?|weights|checkpoints?)\b")
_DUTY_HINTS = Hints(("must", "shall", "required to", "have to", "obliged", "need to agree"))
_REASON = regex(r"(?i)^\W*(?:since|because|as|due to|given(?: that)?|owing to)\b[^,]{4,160}, ")
_SO = regex(r"(?i), (?:and )?(?:so|thus|hence|therefore|which means)(?: that)?,? ")
_SO_HINTS = Hints(first_needles("what follows", _SO))
_TRADE_ROW = regex(r"(?i)^\W*commercial (?:uses?|usage)\b")
_OF_DATA = regex(r"(?i)\b(?:data ?sets?|data|corpus|corpora|outputs?)\b")
_INHERITS = regex(
    r"(?i)\b(?:models?|weights|checkpoints?|it)\b[^,]{0,20}\b(?:inherits?|carr(?:y|ies)|(?:is|are) (?:also "
    r")?(?:bound by|subject to|"
    r"under)|falls? under) (?:this|these|those|the same|that) (?:\w+ )?(?:restrictions?|limitations?|"
    r"licen[cs]es?|terms|"
    r"conditions?)\b"
)
_DUTY = regex(
    r"(?i)\b(?:you|users?|developers?|anyone|people|everyone|licensees?|deployers?|organi[sz]ations?|publications?|"
    r"works?|derivatives?|any use)"
    r"\b[^.;:]{0,60}?\b(?P<duty>(?:must|shall|are required to|is required to|have to|are obliged to|need to agree to|"
    r"required to)\s+(?:also |always |"
    r"clearly |first |explicitly |properly )?(?:comply|adhere|abide|agree|accept|obtain|notify|credit|attribute|"
    r"give (?:\w+ )?(?:credit|attribution)|"
    r"cite|display|register|sign|disclose|request|share|acknowledge|mention|link back|delete|destroy|pay|not (?:use|"
    r"remove))\b[^.;]{0,60})"
)


_LAW_ALONE = regex(
    r"(?i)^(?:must|shall|(?:are|is) required to|have to|are obliged to|need to agree to|required to) (?:\w+ "
    r")?(?:comply|adhere|abide)"
    r" (?:with|to|by) (?:all |any )?(?:of )?(?:the )?(?:applicable |relevant |local |national |international |"
    r"your |their )*"
    r"(?:laws?|regulations?|legislation)(?: and (?:other )?(?:laws?|regulations?|rules))?(?: in [\w ]{2,30})?\W*$"
)


def read_terms(layout: Layout, passages: Iterable[Passage], own: Own) -> tuple[Statement, ...]:
    """List the restrictions and duties that the card's words put on this repository."""
    found: list[Statement] = []
    unclear: list[Statement] = []
    for passage in passages:
        if len(found) >= MAX_TERMS or len(unclear) >= MAX_TERMS:
            unread = Statement("unread-terms", "words on terms beyond the first", "any", "low", place(layout, passage))
            return (*found, *unclear, unread)
        before = len(found)
        if _is_said(passage) and (passage.topic not in ADVISED or binds(passage)):
            told = _effect(passage, own)
            plain = told.plain
            found += _restrictions(layout, told, plain, own)
            found += _handed_down(layout, passage, told)
            duty = passage.topic not in ADVISED and told.has(_DUTY_HINTS)
            found += _duties(layout, passage, own) if duty else ()
        if not any(one.kind == "restriction" and one.subject != "data" for one in found[before:]):
            unclear += _new(read_unexplained(layout, passage, own), unclear)
    return (*found, *unclear)


def _new(told: Iterable[Statement], before: list[Statement]) -> Iterator[Statement]:
    """Pass on what closes or is a question, and of the risks so many as a reader looks at."""
    for statement in told:
        risks = sum(one.kind == "words-not-understood" for one in before)
        if statement.kind != "words-not-understood" or risks < MAX_RISKS:
            yield statement


def _is_said(passage: Passage) -> bool:
    """Tell words from tables; a row of two cells may be the model's own line on trade."""
    told = passage.sentence.kind in {"paragraph", "item", "heading"}
    return told or (passage.text.strip(" |").count("|") == 1 and _TRADE_ROW.match(passage.text) is not None)


def _effect(passage: Passage, own: Own) -> Passage:
    """Leave out a sentence's reason ("Since its data are for research, ...", "..., so ..."), where it is about data.

    What is left has to speak of this repository, or of the uses that it closes.
    """
    text = passage.text
    opened = _REASON.match(text)
    after = (
        text.rpartition(", ")[2]
        if opened
        else text[found.end() :]
        if passage.has(_SO_HINTS) and (found := _SO.search(text))
        else ""
    )
    if not after or not _OF_DATA.search(text[: len(text) - len(after)]):
        return passage
    tells = calls_own(after, own) or component_of(after, own) == "weights" or _is_short(after)
    return passage_of(passage.sentence._replace(text=after), passage.topics, passage.lead) if tells else passage


def _handed_down(layout: Layout, passage: Passage, told: Passage) -> Iterator[Statement]:
    """Read "..., so the model inherits this restriction": what the data's terms close is closed here too."""
    if told is passage or not _INHERITS.search(told.text):
        return
    told_of = {phrase.flag for phrase, _ in closed(passage.text, passage.plain, "card")}
    flags = [flag for flag in ("non_commercial", "field_of_use_restriction") if flag in told_of]
    for flag in flags[:1]:
        yield Statement("restriction", flag, "weights", "high", place(layout, passage))


def _restrictions(layout: Layout, passage: Passage, plain: str, own: Own) -> Iterator[Statement]:
    for flag, rule, starts in _touched(passage.text, plain, passage.topic == "licence"):
        confidence = _confidence(passage, flag)
        sure = flag in NEEDS_NO_SUBJECT
        if flag == "acceptable_use_policy" and bound_outputs(passage.text, own):
            continue  # a risk of the data, which is told apart
        if flag == "acceptable_use_policy" and _OPENS_OWN.match(passage.text):
            subject: Component | None = "weights"
        else:
            subject = next((found for at in starts if (found := _subject(passage, own, at, sure=sure))), None)
        if confidence is not None and subject is not None:
            yield Statement("restriction", flag, subject, confidence, place(layout, passage), rule=rule)


@lru_cache(maxsize=MAX_REMEMBERED)
def _touched(
    text: str,
    plain: str,
    licensing: bool,  # noqa: FBT001 - by place a memory is asked sooner
) -> tuple[tuple[str, str, tuple[int, ...]], ...]:
    """Find the flags that a sentence's words touch, by which rule, and where; whom they speak of is not asked here.

    Under a heading of licences the words of a licence count too.
    """
    flags: dict[str, tuple[str, tuple[int, ...]]] = {}
    for phrase, start in closed(text, plain, "card"):
        rule, starts = flags.get(phrase.flag, (phrase.id, ()))
        flags[phrase.flag] = rule, (*starts, start)
    if not (flags or licensing) or _BOTH.search(text) or _ELSEWHERE.search(text):
        return ()
    for hit in restrictions_in(text) if licensing else ():
        flags.setdefault(hit.flag, (hit.rule, (max(0, text.find(unmarked(hit.quote))),)))
    if "non_commercial" in flags and _ALLOWED.search(text):
        del flags["non_commercial"]
    return tuple((flag, rule, starts) for flag, (rule, starts) in flags.items())


def _confidence(passage: Passage, flag: str) -> Confidence | None:
    """Tell a term from advice: what a model is "intended" for closes nothing, what it is for "only" closes little."""
    binding = passage.topic == "licence"
    if _ADVICE.search(passage.text) and not binding:
        return "low" if _is_more_than_advice(flag, passage.text) else None
    if _SOFT.search(passage.text) and not binding and flag != "registration_required":
        return "low"
    return "low" if passage.topic == "limitations" and flag == "field_of_use_restriction" else "high"


def _is_short(text: str) -> bool:
    """Tell whether a sentence has no room for another subject than the model whose card it stands in."""
    return len(text.split()) <= MAX_SHORT and len(text) <= MAX_SHORT * 10


def _is_more_than_advice(flag: str, text: str) -> bool:
    """Tell what a model is meant for alone from what it is good for: "not intended for sale", "for research only"."""
    if flag == "non_commercial":
        return regex(r"(?i)\bnot\b|\bnon-?\s?commercial").search(text) is not None
    return (
        flag == "field_of_use_restriction"
        and regex(r"(?i)\b(?:only|solely|exclusively|strictly)\b").search(text) is not None
    )


def _subject(passage: Passage, own: Own, start: int, *, sure: bool = False) -> Component | None:
    """Tell what the words restrict; None where it is not this repository's."""
    text, before = passage.text, passage.text[:start]
    foreign = foreign_in(before, own) and not (calls_own(before, own) or _IT.search(before))
    if lists_another(text, own) or _OTHER_SUBJECT.search(text) or foreign:
        return None
    component = component_of(before or text, own)
    if component == "data" and own.kind == "model":
        ours = regex(r"(?i)\b(?:this|these|our) (?:\w+ )?(?:data ?sets?|data|corpus)\b|本数据").search(text)
        return "data" if ours else None
    speaks = calls_own(text, own) or passage.topic == "licence" or component_of(text, own) in {"weights", "code"}
    if not (
        speaks
        or sure
        or _is_short(text)
        or _IT.search(before)
        or regex(
            r"(?i)\W{0,6}(?:do not|don't|for|if|not|no|only|please|you|use|free|non-?commercial|commercial|"
            r"subject)\b"
        ).match(
            text,
        )
    ):
        return None
    return "data" if own.kind == "dataset" and component == "any" else component


def _duties(layout: Layout, passage: Passage, own: Own) -> Iterator[Statement]:
    """Read "you must ..." where it speaks of terms and not of technique."""
    if passage.topic == "how-to-use":
        return
    duty = _DUTY.search(passage.text)
    if (
        duty
        and not _LAW_ALONE.search(passage.text[duty.start("duty") :])
        and _subject(passage, own, duty.start()) is not None
    ):
        yield Statement("requirement", duty.group("duty").strip()[:120], "any", "low", place(layout, passage))
