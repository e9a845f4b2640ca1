"""Restrictions and duties that a card's own words put on this model, apart from its licence's text.

Words lower and never raise, so precision comes first: what a card advises against, says of its data's source or of
another model is no term of this one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from osaudit.evidence import Component, Confidence, Statement
from osaudit.licences.quotes import unmarked
from osaudit.licences.restrictions import restrictions_in
from osaudit.reading.licensing.advice import ADVISED, binds
from osaudit.reading.licensing.closing import HINTS as CLOSING_HINTS
from osaudit.reading.licensing.closing import NEEDS_NO_SUBJECT, closing_words
from osaudit.reading.making.generated import bound_outputs
from osaudit.reading.page.card import Layout
from osaudit.reading.page.hints import has_any
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

MAX_TERMS = 30
MAX_SHORT = 9  # words
MAX_REMEMBERED = 2_048  # sentences: cards and prompts share many

_SCIENCE = r"(?:academic|scientific|research|educational|education|non-?profit|personal|study|evaluation)"
_USE = r"(?:uses?|usage|purposes?|applications?|products?|deployments?|exploitation|settings?|activit(?:y|ies))"
_NOT = r"(?:not|never|cannot|can['’]?t|can not|mustn['’]?t|shouldn['’]?t|don['’]?t|isn['’]?t|aren['’]?t)"
_BAR = (
    rf"(?:do not|don['’]?t|{_NOT} (?:be )?|may not|must not|shall not|not allowed to|forbidden to|"
    r"prohibited (?:to|from)|no)"
)


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("(?i)" + "|".join(patterns))


_FLAGS: dict[str, re.Pattern[str]] = {
    "non_commercial": _any(
        rf"\b{_NOT}\b (?:to )?(?:be )?(?:\w+ ){{0,3}}(?:used|use|sold|deployed|intended|licensed|available|allowed|"
        rf"permitted|meant|free)?"
        rf" ?(?:(?:for|in|to|as|with) )?(?:\w+ ){{0,3}}commercial(?:ly|\b(?= {_USE}))",
        rf"\bcommercial {_USE}[^.;]{{0,40}}\b(?:is|are|be) (?:\w+ ){{0,2}}(?:not (?:allowed|permitted|authori[sz]ed)|"
        rf"prohibited|forbidden)",
        rf"\b(?:prohibit|forbid|disallow|exclud)\w* (?:\w+ ){{0,3}}commercial(?:ly|\b(?= {_USE}))",
        rf"\b(?:no|except(?: for)?|excluding) (?:any )?commercial {_USE}",
        rf"\bnon-?\s?commercial (?:\w+ ){{0,3}}(?:{_USE}|research)? ?only\b",
        r"\b(?:only|solely|exclusively|strictly|restricted|limited)\b[^.;]{0,60}\bnon-?\s?commercial",
        r"\bnon-?commercial (?:\w+ ){0,3}licen[sc]e",
        rf"\b(?:released|available|licensed|provided|open|shared|"
        rf"free) (?:\w+ ){{0,3}}for non-?\s?commercial (?:{_USE}|research)",
        r"(?:禁止|不得|不允许|不可|请勿|严禁|不能)[^。；，]{0,12}商(?:业|用)|(?:仅|只)[^。；]{0,16}非商(?:业|用)|非商(?:业|用)(?:用途|使用|目的)",
        r"商用利用[^。]{0,10}(?:禁止|不可|でき(?:ない|ません))|商用(?:利用)?(?:禁止|不可)|非商用|営利目的[^。]{0,12}(?:禁止|不可)|비상업",
        r"\b(?:usage|utilisation) commerciale?[^.]{0,20}(?:interdit|exclu|pas autorisé)|"
        r"\bpas être utilisée?s? à des fins commerciales",
        r"\bà des fins non commerciales (?:uniquement|seulement|exclusivement)|"
        r"\buniquement à des fins non commerciales",
        r"\bnicht (?:für|zu) kommerziell|\bkeine kommerzielle nutzung|\bnur für nicht-?\s?kommerziell",
        r"\b(?:prohibido|no se permite) el uso comercial|\buso no comercial\b|\buso não comercial\b|"
        r"\bproibido o uso comercial",
        r"запрещ\w+[^.]{0,30}коммерч|только[^.]{0,20}некоммерч",
    ),
    "field_of_use_restriction": _any(
        rf"\bfor (?:{_SCIENCE}(?:,| and| or|/)? ?){{1,4}}{_USE}? ?only\b",
        rf"\b(?:only|solely|exclusively|strictly|purely) (?:\w+ ){{0,3}}(?:for|"
        rf"to) (?:the )?(?:purposes? of )?{_SCIENCE}\b",
        rf"\b(?:restricted|limited) to (?:\w+ ){{0,3}}{_SCIENCE}\b",
        rf"\b(?:for|is|are|under|as) (?:a )?{_SCIENCE}[- ](?:use[- ])?only\b",
        rf"\b(?:you|users?|model|weights|it)\b[^.;]{{0,30}}{_BAR} ?(?:\w+ ){{0,3}}use[d]? (?:[\w']+ ){{0,4}}(?:to|"
        rf"for|in) [^.;]{{0,40}}"
        r"\b(?:illegal|unlawful|harm\w*|militar\w*|weapons?|surveillance|malicious|hate\w*|disinformation|"
        r"misinformation|pornogra\w*|"
        r"nsfw|violat\w*|political|nfts?|medical)\b",
        r"(?:仅|只)(?:供|可|能|用于|限于?|允许|作为?)[^。；]{0,12}(?:学术|研究|科研|学习|教育)(?![^。；]{0,20}商)",
        r"研究目的(?:のみ|に限|以外)|学術(?:研究)?目的(?:のみ|に限)|연구 ?목적으로만",
        r"\buniquement à des fins (?:de recherche|académiques)|\bà des fins de recherche (?:uniquement|seulement)",
        r"\b(?:nur|ausschließlich) (?:für|zu) (?:\w+ )?(?:forschung|wissenschaft)\w*|"
        r"\bsolo para (?:fines de )?investigación",
        r"\bapenas para (?:fins de )?pesquisa|только (?:для|в) (?:исследоват|научн)",
    ),
    "registration_required": _any(
        r"\b(?:appl(?:y|ied|ication)|contact|email|e-mail|mail|write to|reach out|fill|regist\w+|request|obtain\w*|"
        r"acquir\w*|ask|purchase|buy)"
        rf"\b[^.;]{{0,90}}\bcommercial (?:{_USE}|licen[sc]es?|licensing|permission|authori[sz]ation|rights)",
        rf"\b(?:for|if|to)\b[^.;]{{0,60}}\bcommercial(?:ly\b| (?:{_USE}|licen[sc]es?|"
        rf"licensing)\b)[^.;]{{0,90}}?\b(?:contact|fill|apply|e-?mail|"
        r"request|register|registration|obtain|reach out|get in touch|write to|ask)\b",
        r"\b(?:after|upon|by) (?:filling|registering|registration|applying)\b[^.;]{0,120}\bcommercial",
        r"商(?:用|业)[^。；]{0,30}(?:申请|填写|授权|登记|问卷|许可)|(?:申请|填写|登记|获得)[^。；]{0,30}商(?:用|业)",
        r"\b(?:pour|en cas d')(?: un)? ?(?:usage|utilisation) commerciale?[^.]{0,60}(?:contacte|demand)",
    ),
    "revenue_threshold": _any(
        r"\b(?:royalt\w+|commercial|licen[sc]e)\b[^.]{0,120}\b(?:revenues?|turnover|income)\b[^.]{0,60}(?:[$€£] ?\d|"
        r"\d[\d,.]* ?(?:usd|dollars|"
        r"million|m\b|k\b))",
    ),
    "user_threshold": _any(
        r"\b\d[\d,.]* ?(?:million|m|k|thousand|billion)? (?:or more )?(?:monthly|daily) active users",
        r"(?:月|日)活[^。]{0,12}\d"
    ),
    "acceptable_use_policy": _any(
        r"\b(?:subject to|governed by|comply with|complies with|accordance with|abide by|agree to|adhere to|"
        r"prohibited by)\b[^.]{0,80}"
        r"\b(?:acceptable use policy|use policy|usage policy|prohibited uses? policy|use restrictions)\b"
    ),
    "output_use_restriction": _any(
        r"\b(?:outputs?|generated (?:data|texts?|content|images?))\b[^.]{0,60}\b(?:may|must|can|should|"
        r"shall)(?: ?not|n['’]?t) be (?:used|sold)",
        rf"{_BAR} (?:\w+ ){{0,3}}use[d]? [^.]{{0,60}}\b(?:train|improve|develop)\w* (?:any |an |a )?(?:other|another|"
        rf"competing)\b",
        rf"{_BAR} ?(?:\w+ ){{0,3}}sell(?:ing)? (?:\w+ ){{0,3}}(?:images?|outputs?|generations?)",
    ),
    "hosting_restriction": _any(
        rf"{_BAR} ?(?:\w+ ){{0,3}}(?:host|hosting|re-?upload|monetiz\w+|sell|selling|"
        rf"re-?sell) (?:[\w,/]+ ){{0,4}}(?:this|the|these|my|our)? ?"
        r"(?:models?|merges?|checkpoints?|weights|files?|loras?|embeddings?)\b"
    ),
    "geographic_exclusion": _any(
        r"\b(?:not|excluded|prohibited|no) [^.;]{0,80}\b(?:in|within|from|domiciled in|"
        r"located in) the (?:European Union|EU|EEA)\b",
        r"\b(?:European Union|EU)\b[^.;]{0,80}\b(?:not (?:granted|licensed|permitted|allowed|available)|excluded)\b",
    ),
}  # fmt: skip
_TRADE = ("commercial", "kommerzi", "comercial", "коммерч", "商", "営利", "상업")
_BAR_HINTS = (
    *_TRADE,
    *("学术", "研究", "科研", "学习", "学術", "教育", "연구", "research", "academic", "education", "scientific"),
    *("personal", "study", "evaluation", "non-profit", "nonprofit", "royalt", "revenue", "income", "turnover"),
    *("active users", "月活", "日活", "polic", "use restriction", "output", "generated", "other", "competing", "sell"),
    *("host", "upload", "monetiz", "european union", "illegal", "harm", "militar", "weapon", "malicious"),
    *("unlawful", "hate", "disinformation", "misinformation", "pornogra", "violat", "political", "medical"),
    *(
        "surveillance",
        "nsfw",
        "recherche",
        "forschung",
        "wissenschaft",
        "académi",
        "investigación",
        "pesquisa",
        "исслед",
        "научн",
    ),
)
_BAR_SHORT = ("eu", "eea", "nft")  # too short to tell anything inside other words
_BAR_WORD = re.compile(r"(?i)\bE(?:U|EA)\b|nfts?\b")
_FLAG_HINTS: dict[str, tuple[str, ...]] = {
    "non_commercial": _TRADE,
    "field_of_use_restriction": (
        *(
            "only",
            "solely",
            "exclusively",
            "strictly",
            "purely",
            "restricted",
            "limited",
            "illegal",
            "unlawful",
            "harm",
        ),
        *("militar", "weapon", "surveillance", "malicious", "hate", "information", "pornogra", "nsfw", "violat"),
        *("political", "nft", "medical", "仅", "只", "目的", "연구", "uniquement", "seulement", "nur", "ausschlie"),
        *("solo para", "apenas", "только"),
    ),
    "registration_required": ("commercial", "商"),
    "revenue_threshold": ("revenue", "turnover", "income"),
    "user_threshold": ("active users", "月活", "日活"),
    "acceptable_use_policy": ("polic", "use restrictions"),
    "output_use_restriction": ("output", "generated", "other", "competing", "sell"),
    "hosting_restriction": ("host", "upload", "monetiz", "sell"),
    "geographic_exclusion": ("european union", "eu", "eea"),
}
_BOTH = re.compile(
    r"(?i)\bcommercial(?:ly)?\b[^.;]{0,25}\b(?:and|or|&|as well as)\b[^.;]{0,12}\bnon-?\s?commercial|"
    r"non-?\s?commercial(?:ly)?\b[^.;]{0,25}\b(?:and|or|as well as|"
    r"&)\b[^.;]{0,12}(?<!non)(?<!non-)(?<!non )\bcommercial|whether commercial|"
    r"\bwithout (?:any )?restrict|commercial use is (?:allowed|permitted)|"
    r"\b(?:not|n['’]t|never) (?:restrict|limit|prohibit|forbid|prevent|preclude|exclude)\w* (?:any |the )?commercial"
)
_ALLOWED = re.compile(
    r"(?i)\b(?:may|can|free to|allowed to|permitted to)\b(?! ?(?:not|"
    r"only))[^.;]{0,60}(?<!non-)(?<!non )(?<!non)\bcommercial(?:ly)?\b"
)
_ADVICE = re.compile(
    r"(?i)\b(?:intended|intends?|meant|designed|recommend\w*|suggest\w*|suitable|aimed?|ideal|developed|planned|"
    r"planning|hope|expect\w*)\b"
)
_SOFT = re.compile(r"(?i)\b(?:should|shouldn['’]?t|please|advis\w+|prefer\w*|in support of|caution|careful)\b")
_ELSEWHERE = re.compile(
    r"(?i)\bused under\b|\b(?:other|better than|existing|current|many|several|compared) (?:\w+ )?commercial|"
    r"\bcommercial (?:\w+ )?(?:models?|"
    r"systems?|apis?|chatbots?|compan(?:y|ies)|llms?|services?|quality|gpus?|area|space)\b|\b(?:originally|"
    r"previously|no longer|formerly|call on|urge)\b"
)
_OTHER_SUBJECT = re.compile(
    r"(?i)\b(?:base|original|underlying|upstream|parent|teacher|source|third[- ]party) (?:\w+ )?(?:models?|weights?|"
    r"data ?sets?|data|images)\b"
)
_IT = re.compile(r"(?i)\b(?:it|this)\W*$")
_OPENS_OWN = re.compile(r"(?i)^\W*(?:this|these|our) (?:\w+ )?(?:models?|weights|checkpoints?)\b")
_DUTY_HINTS = ("must", "shall", "required to", "have to", "obliged", "need to agree")
_REASON = re.compile(r"(?i)^\W*(?:since|because|as|due to|given(?: that)?|owing to)\b[^,]{4,160}, ")
_SO = re.compile(r"(?i), (?:and )?(?:so|thus|hence|therefore|which means)(?: that)?,? ")
_TRADE_ROW = re.compile(r"(?i)^\W*commercial (?:uses?|usage)\b")
_OF_DATA = re.compile(r"(?i)\b(?:data ?sets?|data|corpus|corpora|outputs?)\b")
_INHERITS = re.compile(
    r"(?i)\b(?:models?|weights|checkpoints?|it)\b[^,]{0,20}\b(?:inherits?|carr(?:y|ies)|(?:is|are) (?:also "
    r")?(?:bound by|subject to|"
    r"under)|falls? under) (?:this|these|those|the same|that) (?:\w+ )?(?:restrictions?|limitations?|"
    r"licen[cs]es?|terms|"
    r"conditions?)\b"
)
_DUTY = re.compile(
    r"(?i)\b(?:you|users?|developers?|anyone|people|everyone|licensees?|deployers?|organi[sz]ations?|publications?|"
    r"works?|derivatives?|any use)"
    r"\b[^.;:]{0,60}?\b(?P<duty>(?:must|shall|are required to|is required to|have to|are obliged to|need to agree to|"
    r"required to)\s+(?:also |always |"
    r"clearly |first |explicitly |properly )?(?:comply|adhere|abide|agree|accept|obtain|notify|credit|attribute|"
    r"give (?:\w+ )?(?:credit|attribution)|"
    r"cite|display|register|sign|disclose|request|share|acknowledge|mention|link back|delete|destroy|pay|not (?:use|"
    r"remove))\b[^.;]{0,60})"
)


_LAW_ALONE = re.compile(
    r"(?i)^(?:must|shall|(?:are|is) required to|have to|are obliged to|need to agree to|required to) (?:\w+ "
    r")?(?:comply|adhere|abide)"
    r" (?:with|to|by) (?:all |any )?(?:of )?(?:the )?(?:applicable |relevant |local |national |international |"
    r"your |their )*"
    r"(?:laws?|regulations?|legislation)(?: and (?:other )?(?:laws?|regulations?|rules))?(?: in [\w ]{2,30})?\W*$"
)


def read_terms(layout: Layout, passages: Iterable[Passage], own: Own) -> tuple[Statement, ...]:
    """List the restrictions and duties that the card's words put on this repository."""
    found: list[Statement] = []
    for passage in passages:
        if len(found) >= MAX_TERMS:
            break
        if _is_said(passage) and (passage.topic not in ADVISED or binds(passage)):
            told = _effect(passage, own)
            plain = told.plain
            bars = (
                passage.topic == "licence" or _may_bar(plain) or has_any(plain, CLOSING_HINTS)
            )  # under such a heading, words of a licence count too
            found += _restrictions(layout, told, plain, own) if bars else ()
            found += _handed_down(layout, passage, told)
            duty = passage.topic not in ADVISED and has_any(plain, _DUTY_HINTS)
            found += _duties(layout, passage, own) if duty else ()
    return tuple(found)


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
    after = text.rpartition(", ")[2] if opened else text[found.end() :] if (found := _SO.search(text)) else ""
    if not after or not _OF_DATA.search(text[: len(text) - len(after)]):
        return passage
    tells = calls_own(after, own) or component_of(after, own) == "weights" or _is_short(after)
    return passage_of(passage.sentence._replace(text=after), passage.topics, passage.lead) if tells else passage


def _handed_down(layout: Layout, passage: Passage, told: Passage) -> Iterator[Statement]:
    """Read "..., so the model inherits this restriction": what the data's terms close is closed here too."""
    if told is passage or not _INHERITS.search(told.text):
        return
    flags = [flag for flag in ("non_commercial", "field_of_use_restriction") if _FLAGS[flag].search(passage.text)]
    for flag in flags[:1]:
        yield Statement("restriction", flag, "weights", "high", place(layout, passage))


def _may_bar(plain: str) -> bool:
    """Tell whether a sentence has a word that a restriction needs."""
    return has_any(plain, _BAR_HINTS) or (has_any(plain, _BAR_SHORT) and _BAR_WORD.search(plain) is not None)


def _restrictions(layout: Layout, passage: Passage, plain: str, own: Own) -> Iterator[Statement]:
    for flag, starts in _touched(passage.text, plain, licensing=passage.topic == "licence"):
        confidence = _confidence(passage, flag)
        sure = flag in NEEDS_NO_SUBJECT
        if flag == "acceptable_use_policy" and bound_outputs(passage.text, own):
            continue  # a risk of the data, which is told apart
        if flag == "acceptable_use_policy" and _OPENS_OWN.match(passage.text):
            subject: Component | None = "weights"
        else:
            subject = next((found for at in starts if (found := _subject(passage, own, at, sure=sure))), None)
        if confidence is not None and subject is not None:
            yield Statement("restriction", flag, subject, confidence, place(layout, passage))


@lru_cache(maxsize=MAX_REMEMBERED)
def _touched(text: str, plain: str, *, licensing: bool) -> tuple[tuple[str, tuple[int, int]], ...]:
    """Find the flags that a sentence's words touch, and where by either list; whom they speak of is not asked here."""
    flags = {
        flag: found.start()
        for flag, pattern in _FLAGS.items()
        if has_any(plain, _FLAG_HINTS[flag]) and (found := pattern.search(text))
    }
    further = dict(closing_words(text, plain))
    flags |= {flag: start for flag, start in further.items() if flag not in flags}
    if not (flags or licensing) or _BOTH.search(text) or _ELSEWHERE.search(text):
        return ()
    for hit in restrictions_in(text) if licensing else ():
        flags.setdefault(hit.flag, max(0, text.find(unmarked(hit.quote))))
    if "non_commercial" in flags and _ALLOWED.search(text):
        del flags["non_commercial"]
    return tuple((flag, (start, further.get(flag, start))) for flag, start in flags.items())


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
        return re.search(r"(?i)\bnot\b|\bnon-?\s?commercial", text) is not None
    return (
        flag == "field_of_use_restriction"
        and re.search(r"(?i)\b(?:only|solely|exclusively|strictly)\b", text) is not None
    )


def _subject(passage: Passage, own: Own, start: int, *, sure: bool = False) -> Component | None:
    """Tell what the words restrict; None where it is not this repository's."""
    text, before = passage.text, passage.text[:start]
    foreign = foreign_in(before, own) and not (calls_own(before, own) or _IT.search(before))
    if lists_another(text, own) or _OTHER_SUBJECT.search(text) or foreign:
        return None
    component = component_of(before or text, own)
    if component == "data" and own.kind == "model":
        ours = re.search(r"(?i)\b(?:this|these|our) (?:\w+ )?(?:data ?sets?|data|corpus)\b|本数据", text)
        return "data" if ours else None
    speaks = calls_own(text, own) or passage.topic == "licence" or component_of(text, own) in {"weights", "code"}
    if not (
        speaks
        or sure
        or _is_short(text)
        or _IT.search(before)
        or re.match(
            r"(?i)\W{0,6}(?:do not|don't|for|if|not|no|only|please|you|use|free|non-?commercial|commercial|"
            r"subject)\b",
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
