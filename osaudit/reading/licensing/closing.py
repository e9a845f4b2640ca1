"""More words by which a card closes a use, a place, or the passing on: further wordings, and further languages.

They stand apart from those in `terms`, so that each list can be read at once. Whom the words speak of, and whether they
are advice, is asked there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osaudit.reading.page.hints import has_any

HINTS = (
    *("research", "evaluation", "educational", "weapon", "militar", "surveillance", "revenue", "turnover"),
    *("firms", "organi", "not be used", "start", "internal", "reproducib", "replicat", "government"),
    *("production", "political", "licence does", "license does", "use in ", "usage in ", "use by "),
    *("usage by ", "use for ", "usage for ", "use is ", "use of ", "licensed", "solo para", "endast"),
    *("for training", "to use ", "sales", "royalt", "output", "generat", "only ", "not available", "law"),
    *("investigación", "subject to", "additional", "further", "separate", "access", "distribut", "derivative"),
    *("modify", "openai", "compet", "european union", " eu ", " eu.", " eu,", "the eu", "eea", "reupload"),
    *("re-upload", "komercyjn", "ticari", "thương mại", "komersial", "kommersiell", "kommerzi", "comercia"),
    *("enterprise", "compan", "business", "paid", "personal", "non-profit", "nonprofit", "modification"),
    *("prohibit", "forbid", "banned", "do not permit", "do not allow", "by using", "commerci", "private"),
    *("corporation", "income", " users", "modified", "agree", "adapt", "alter ", "unauthori", "consensual"),
    *("we do", "we never", "illegal", "harm", "malicious", "fraud", "hateful", "deepfake", "ban ", "bans "),
    *("academ", "académ", "universit", "students", "individuals", "register", "use-based", "réservé"),
    *("reservado", "ricerca", "accadem", "acadêm", "pesquisa", "nghiên cứu", "penelitian", "遠慮", "控え", "商用"),
    *("коммерч", "상업", "연구", "研究", "تجاري", "व्यावसायिक", "वाणिज्यिक", "utilisation", "warfare", "torture"),
    *("finetun", "fine-tun", "scopi", " fini", "studio", "finalit", "esclusiv", "prepare", "publish"),
)
NEEDS_NO_SUBJECT = frozenset({"geographic_exclusion", "no_redistribution", "revenue_threshold", "user_threshold"})
"""What no sentence says of a model in passing: who is left out, and who has to pay."""

_CLOSED = r"(?:forbidden|prohibited|banned|not (?:allowed|permitted|authori[sz]ed|granted|licensed))"
_FIRMS = (
    r"(?:compan(?:y|ies)|organi[sz]ations?|enterprises?|businesses|corporations?|firms|start-?ups|commercial users?)"
)
_STAFF = r"(?:(?:less|fewer|more) than|under|below|over|up to) \d[\d,.]* (?:employees|people|staff|seats|developers)\b"
_BAR = r"(?:may not|must not|cannot|can not|can['’]t|do not|don['’]t|shall not|not allowed to|not permitted to)"
_MONEY = r"(?:[$€£] ?\d[\d,.]* ?(?:million|m\b|k\b|bn)?|\d[\d,.]* ?(?:million|m\b|k\b|bn)? ?(?:usd|eur|dollars|euros?))"


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("(?i)" + "|".join(patterns))


_FLAGS: dict[str, re.Pattern[str]] = {
    "non_commercial": _any(
        r"^\W*no commercial (?:use|usage|applications?|deployments?)\b",
        r"\bnon[- ]commerciale?s? (?:uniquement|seulement|exclusivement)",
        r"\b(?:is|are) (?:only |solely |intended |meant )?for non-?\s?commercial (?:use|usage|purposes?|research)",
        r"\bcommercial exploitation\b[^.;]{0,20}\b(?:not|prohibited|forbidden)|\bnot (?:permit|allow)\w* commercial",
        r"\buso non commerciale\b|\buso commerciale [^.]{0,12}(?:vietato|proibito|non consentito|non è)",
        r"\buso comercial (?:não (?:é )?permitido|(?:está )?prohibido|(?:é )?proibido|no (?:está )?permitido)",
        r"\bkommerzielle nutzung [^.]{0,20}(?:untersagt|verboten|nicht (?:erlaubt|gestattet))",
        r"\bniet-?\s?commerci[eë]+l|\bcommercieel gebruik [^.]{0,20}(?:verboden|niet toegestaan)",
        r"\bniekomercyjn|\bicke-?\s?kommersiell|\bikke-?\s?kommersiell|\bnon-?\s?komersial|phi thương mại",
        r"\bticari (?:olmayan|kullanım\w*[^.]{0,20}(?:yasak|izin verilmez)|amaç\w*[^.]{0,20}kullanılamaz)",
        r"(?:для|только)[^.]{0,20}некоммерч|коммерч\w+ использован\w+[^.]{0,20}(?:запрещ|не допуск|не разреш)",
        r"상업[^.]{0,12}(?:금지|불가|허용(?:되지|하지) 않|할 수 없)",
        r"غير (?:ال)?تجاري|गैर-?\s?(?:व्यावसायिक|वाणिज्यिक)",
        rf"^\W*commercial (?:uses?|usage|applications?|purposes?)\s{{0,3}}(?:[:：|=]|[-–—]\s)\W{{0,4}}(?:no(?:ne|"
        rf"pe)?\b(?!\W+restrict|\W+limit)|"
        rf"❌|✗|✘|🚫|{_CLOSED})",
        rf"\bcommercial (?:use|usage|purposes?)\b[^.;]{{0,20}}\b(?:is|are) (?:\w+ )?{_CLOSED}",
        r"^\W*(?:prohibited|forbidden|not (?:allowed|permitted))(?: uses?)?\s*[:：][^.;]{0,60}\bcommercial "
        r"us(?:e|age)",
        r"\bprohibid[oa]s? (?:su|el|todo|cualquier) uso comercial",
        r"(?:商用|商業|営利)(?:利用|使用)?[^。]{0,12}(?:遠慮|控え)|không[^.]{0,40}thương mại",
        r"(?:tidak|dilarang)[^.]{0,30}(?:secara )?komersial",
    ),
    "field_of_use_restriction": _any(
        r"\b(?:free|welcome|allowed|permitted) to use (?:\w+ ){1,4}for (?:personal|academic|research|"
        r"non-?profit|educational)"
        r"(?: \w+)? (?:projects?|use|purposes?|work) only\b",
        r"\bfor internal (?:evaluation|use|testing)(?: purposes?)? only\b",
        r"\b(?:shared|released|provided|published|available)\b[^.;]{0,40}\bfor (?:the )?(?:reproducib|"
        r"replicat)\w+\b[^.;]{0,40}\bonly\b",
        r"^\W*no (?:military|political|surveillance|government\w*|law[- ]enforcement|production) (?:use|"
        r"usage|applications?|deployments?)\b",
        r"\blicen[cs]e does not (?:cover|permit|allow|extend to|include)\b[^.;]{0,60}\b(?:use|usage|"
        r"governments?|militar\w+|commercial|compan\w+)",
        r"\b(?:must|may|shall) not be used (?:in|for) production\b",
        rf"^\W*(?:use|usage) (?:in|for|by) [^.;]{{2,50}}\b(?:is|are) (?:strictly |expressly )?{_CLOSED}",
        r"\blicensed (?:to|for) (?:academic|research|non-?profit|educational)\b[^.;]{0,30}\bonly\b",
        r"\bsolo para (?:uso|fines)[^.]{0,20}(?:académic|investigación)|\bendast för (?:forskning|icke)",
        r"^\W*(?:(?:for|under|licensed for|released for|available for) )?(?:academic|research|evaluation|"
        r"educational)(?: (?:and|or|/) (?:academic|research|educational))?(?: use| usage| purposes?)? only\b",
        r"\b(?:use|usage|deployment) (?:in|for|as|with|of (?:this|the) \w+ (?:in|for)) [^.;]{0,40}\b(?:weapons?|"
        rf"militar\w+|surveillance|warfare|torture)\b[^.;]{{0,30}}{_CLOSED}",
        rf"\b(?:militar\w+|warfare|weapons?|surveillance)(?: (?:and|or) \w+)? (?:uses?|usage|purposes?|"
        rf"applications?)\b[^.;]{{0,20}}"
        rf"\b(?:is|are) (?:\w+ )?{_CLOSED}",
        r"\bwe (?:do not|don['’]t|never) (?:permit|allow|authori[sz]e|consent to) [^.;]{0,60}\b(?:militar\w+|"
        r"weapons?|surveillance|"
        r"warfare|policing|deepfakes?|impersonat\w+)",
        r"\b(?:prohibit|forbid|ban)(?:s|ned)? [^.;]{0,20}\b(?:use|usage|using|applications?) "
        r"[^.;]{0,50}\b(?:militar\w+|weapons?|"
        r"surveillance|harm\w*|illegal|unlawful|malicious)",
        rf"\b(?:use|usage) (?:of (?:this|the|these|our) (?:\w+ )?)?(?:for|in) [^.;]{{0,40}}\b(?:illegal|unlawful|"
        rf"harm\w*|malicious|"
        rf"hateful|deepfakes?|fraud\w*) [^.;]{{0,30}}\b(?:is|are) (?:\w+ )?{_CLOSED}",
        rf"\b(?:unauthori[sz]ed|non-?consensual) (?:\w+ ){{0,2}}(?:cloning|impersonation|imitation|use|"
        rf"deepfakes?)\b[^.;]{{0,30}}"
        rf"\b(?:is|are) (?:\w+ )?{_CLOSED}",
        r"\bby (?:using|downloading|accessing) [^.;]{0,40}\byou (?:also )?agree (?:to only|only to|not to|that "
        r"you will not|to use [^.;]{0,30}\bonly)\b",
        r"^\W*(?:the (?:model|weights?) (?:is|are) )?free (?:of charge )?for (?:(?:personal|private|academic|"
        r"non-?profit|educational|"
        r"research)(?:,| and| or|/)? ?){1,4}(?:use|usage|purposes?|organi[sz]ations?|users?)?(?: only)?\s*[.;,!]?\s*"
        r"(?:$|contact\b|(?:but|and) (?:not|contact)\b)",
        r"^\W*only (?:non-?profits?|academics?|researchers?|universities|students|"
        r"individuals)\b[^.;]{0,20}\b(?:may|can) use\b",
        r"\b(?:models?|weights|checkpoints?)\b[^.;]{0,40}\b(?:may|must|shall) not be used(?: for| in| by| to)?\W*$",
        r"\buso exclusivamente (?:académico|de investigación)|\bexclusivamente para uso académico",
        r"\bréservée?s? (?:à|aux) (?:la |des )?(?:fins de )?(?:recherche|usages? (?:acad|non))|\b(?:apenas|"
        r"somente|só) para "
        r"(?:uso|fins) acad[êé]mic",
        r"\b(?:solo|soltanto|esclusivamente) (?:per|a) (?:scopi|fini|finalità|uso)(?: di)? (?:ricerca|"
        r"accademic\w+|studio)",
        r"chỉ (?:dành cho|dùng cho|phục vụ)[^.]{0,20}nghiên cứu|\bhanya untuk (?:tujuan |keperluan )?penelitian",
        r"研究目的(?:でのみ|のためだけ)|研究用途(?:に限|のみ)|연구[^.]{0,8}(?:으로만|목적으로만|에만)",
    ),
    "registration_required": _any(
        r"\bcommercial (?:users|customers|use|usage|deployments?|licen[sc](?:es?|ing))\s*[:,]?\s*(?:please "
        r")?(?:e-?mail|contact|see|write to)\b",
        r"\bfor commercial (?:\w+,? )?(?:please )?(?:see|contact|visit|e-?mail|write to)\b|\bcontact sales\b",
        r"\bcommercial licen[sc]es? (?:(?:is|are) )?available (?:on|upon|from)\b|\bfees? appl(?:y|ies) "
        r"(?:to|for) commercial",
        r"\broyalt(?:y|ies) (?:is|are) (?:due|payable|required|owed)\b",
        rf"\b(?:use|usage) by {_FIRMS}\b[^.;]{{0,20}}\b(?:requires?|needs?)\b",
        r"\bcommercial (?:us(?:e|age)|deployment|applications?|licensing)\b[^.;]{0,20}\b(?:requires?|"
        r"needs?)\b[^.;]{0,40}"
        r"\b(?:licen[sc]e|permission|approval|agreement|consent|authori[sz]ation)",
        r"\bcommercially\b[^.;]{0,50}\b(?:need|require|must|ask|obtain|contact)\b[^.;]{0,40}\b(?:permission|"
        r"licen[sc]e|"
        r"approval|agreement|consent|us\b)",
        r"\b(?:a |separate |paid )+commercial licen[sc]es? (?:is|are|can be) (?:also )?(?:available|obtained|offered|"
        r"granted|required|needed)",
        r"\bonly registered users (?:may|can)\b",
        r"\b(?:compan(?:y|ies)|enterprises?|businesses|corporations?|commercial users?|(?:business|production|"
        r"enterprise|commercial) use)"
        r" (?:(?:must|should|have to|will) )?(?:also )?(?:needs?|requires?|purchase|buy|obtain|acquire)(?: to "
        r"(?:purchase|buy|obtain|"
        r"acquire))? (?:a|an|the) (?:\w+ ){0,2}(?:licen[sc]e|subscription|agreement)\b",
        r"\b(?:need|must|have|required) (?:to )?register (?:with us )?(?:before|prior to) (?:using|downloading|"
        r"deploying)\b",
        r"\bfree for (?:personal|academic|research) use\b[^.]{0,20}\bcontact (?:us|me)\b",
        rf"\b{_FIRMS}\b[^.;]{{0,30}}\b(?:needs?|must|should|have|has|are required)(?: to)? (?:contact|buy|purchase|"
        r"obtain|acquire|get|apply|ask)\b[^;]{0,60}\blicen[sc]",
        r"\baccess(?: to (?:the |these |our )?(?:\w+ )?(?:models?|weights|checkpoints?))? (?:is granted|requires?|"
        r"needs?|is given|will be granted)\b[^.;]{0,60}\bsign(?:ing|ed|ature)?\b[^.;]{0,30}\b(?:agreement|"
        r"licen[sc]es?|terms|nda|contract)",
    ),
    "revenue_threshold": _any(
        rf"\b(?:free|allowed|"
        rf"permitted)\b[^.;]{{0,30}}\b{_FIRMS}\b[^.;]{{0,30}}{_MONEY}[^.;]{{0,20}}\b(?:revenues?|turnover|income)",
        rf"{_MONEY}[^.]{{0,60}}\b(?:revenues?|turnover|income)\b[^.]{{0,80}}\b(?:must|need|required?|have to|"
        rf"licen[sc]e)",
        rf"\b(?:revenues?|turnover|income)\b[^.]{{0,40}}{_MONEY}[^.]{{0,80}}\b(?:must|need|required?|have to|"
        rf"licen[sc]e)",
    ),
    "user_threshold": _any(
        rf"\bfree\b[^.;]{{0,40}}\b{_FIRMS}\b[^.;]{{0,30}}\b{_STAFF}",
        rf"\b{_FIRMS}\b[^.;]{{0,30}}\b{_STAFF}[^.;]{{0,40}}\b(?:must|needs?|requires?|have to|may not|pay|"
        rf"licen[sc]e)",
        r"\b(?:more than|over|above|exceed\w*) \d[\d,.]* ?(?:million|m|k|thousand|billion)? "
        r"users\b[^.;]{0,60}\b(?:requires?|needs?|"
        r"must|licen[sc]e)"
    ),
    "acceptable_use_policy": _any(
        r"^\W*(?:the )?use (?:of (?:this|the|our) (?:model|weights|checkpoints?) )?is subject to (?:our|"
        r"the|its) (?:\w+ ){0,2}terms of (?:service|use)\b",
        r"\b(?:is|are|remains?) (?:also )?subject to (?:the )?(?:additional|further|other|separate) (?:\w+ )?"
        r"(?:terms|conditions|restrictions)\b",
        r"\b(?:bound by|subject to|appl(?:y|ies)|comply with)\b[^.;]{0,60}\buse-based restrictions?",
    ),
    "output_use_restriction": _any(
        rf"\b(?:use|usage) (?:of (?:\w+ ){{1,3}})?for training (?:other|competing) (?:\w+ )?(?:models?|"
        rf"llms?)\b[^.;]{{0,20}}\b(?:is|are) (?:\w+ )?{_CLOSED}",
        rf"{_BAR} use (?:its |the |any |model )?(?:outputs?|generations|generated \w+) to (?:train|improve|"
        rf"develop)\b",
        rf"{_BAR} (?:\w+ ){{0,3}}(?:used? (?:\w+ ){{0,4}})?to compete\b|{_BAR} (?:\w+ ){{0,3}}compete with\b",
        r"\b(?:subject to|comply with|under|violat\w+|according to|"
        r"due to) [^.]{0,30}\bopenai['’]?s? (?:\w+ )?(?:terms|"
        r"polic|usage)",
    ),
    "geographic_exclusion": _any(
        r"\bonly (?:users|residents|persons|people|citizens|compan\w+|organi[sz]ations) (?:in|from|of|"
        r"based in|located in) (?:the )?(?-i:[A-Z])",
        r"^\W*(?:it is )?not available (?:to|for) (?:persons|users|residents|people|citizens|minors)\b",
        r"\b(?:users?|residents?|persons?|people|entit\w+|compan\w+|individuals?|anyone|"
        r"organi[sz]ations?)\b[^.;]{0,40}"
        r"\b(?:European Union|EU|EEA)\b[^.;]{0,40}\b(?:may not|cannot|must not|are not (?:granted|licensed|permitted|"
        r"allowed)|are excluded|not allowed)\b",
        r"\b(?:not|never) (?:extend|apply|be granted|be available|available) [^.;]{0,50}\b(?:European Union|EU|"
        r"EEA)\b",
    ),
    "no_redistribution": _any(
        r"\b(?:models?|weights|checkpoints?|files?) (?:may|must|can|shall) ?not be (?:\w+ )?re-?(?:distributed|"
        r"uploaded)\b",
        rf"\b(?:{_BAR}|no) (?:\w+ ){{0,2}}(?:re-?distribut\w*|re-?upload\w*) ?(?:[\w,/]+ ){{0,4}}(?:models?|weights|"
        r"checkpoints?|files?|it|them|this)\b",
        rf"^\W*(?:re-?distribution|re-?uploads?)\b[^.;]{{0,40}}\b(?:is|are) (?:\w+ )?{_CLOSED}|"
        rf"^\W*no redistribution\b",
    ),
    "no_derivatives": _any(
        rf"\b(?:derivatives?|derivative works?|modifications?|fine-?tuning)\b[^.;]{{0,30}}\b(?:is|"
        rf"are) (?:\w+ )?{_CLOSED}",
        rf"\b{_BAR} (?:create|make|prepare|publish|distribute|share) (?:any )?(?:derivatives?|derivative works?|"
        rf"modified versions?)\b",
        r"\bno (?:derivatives?|derivative works?) (?:\w+ ){0,2}(?:made|created|allowed|permitted|distributed)",
        rf"\byou (?:{_BAR}) (?:\w+ ){{0,5}}(?:fine-?tune|modify|adapt|alter) (?:the |this |"
        rf"these )(?:\w+ )?(?:models?|"
        r"weights)",
    ),
}  # fmt: skip
_FLAG_HINTS: dict[str, tuple[str, ...]] = {
    "non_commercial": (
        *("commerci", "comercial", "kommerzi", "komercyjn", "kommersiell", "komersial", "thương mại", "ticari"),
        *("коммерч", "상업", "تجاري", "गैर", "商用", "商業", "営利"),
    ),
    "field_of_use_restriction": (
        *("research", "evaluation", "educational", "weapon", "militar", "surveillance", "warfare", "torture"),
        *("policing", "deepfake", "impersonat", "harm", "illegal", "malicious", "hateful", "fraud"),
        *("unauthori", "consensual", "agree", "free", "profit", "universities", "students", "individuals"),
        *("not be used", "internal", "reproducib", "replicat", "government", "political", "law", "production"),
        *("not cover", "does not", "use in", "use for", "use by", "usage in", "usage for", "usage by"),
        *("licensed", "solo para", "endast", "personal", "to use", "exclusiv", "réserv", "acad", "accadem"),
        *("ricerca", "studio", "nghiên cứu", "penelitian", "研究", "연구"),
    ),
    "registration_required": (
        *("commercial", "register", "compan", "enterprise", "business", "corporation", "production", "contact"),
        *("firms", "organi", "access", "start", "sales", "royalt", "users"),
    ),
    "revenue_threshold": ("revenue", "turnover", "income"),
    "user_threshold": ("users", "employees", "people", "staff", "seats", "developers"),
    "acceptable_use_policy": ("restriction", "subject to"),
    "output_use_restriction": ("compet", "openai", "for training", "output", "generat"),
    "geographic_exclusion": ("european union", "eu", "eea", "only ", "not available"),
    "no_redistribution": ("distribut", "upload"),
    "no_derivatives": ("derivative", "modif", "tuning", "tune", "adapt", "alter"),
}


def closing_words(text: str, plain: str) -> Iterator[tuple[str, int]]:
    """Find the flags of the clause table that a sentence's words touch, and where; `plain` is the folded text."""
    if has_any(plain, HINTS):
        for flag, pattern in _FLAGS.items():
            found = pattern.search(text) if has_any(plain, _FLAG_HINTS[flag]) else None
            if found:
                yield flag, found.start()
