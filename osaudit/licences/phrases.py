"""The phrases by which restrictions are found: data for `osaudit.licences.restrictions`.

All patterns are read against one sentence in lower case; every gap is bounded, so that the time is linear in the text.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

_NOT = (
    r"(?:(?:may|must|shall|will|can)\s*(?:not|n't|never)|cannot|can't|won't|don't|mustn't|agrees?\s+not\s+to|"
    r"do(?:es)?\s+not\s+(?:use|allow|permit|grant|distribute|sell|deploy|offer|include\s+the\s+right)|never\s+(?:be\s+)?use|"
    r"(?:is|are|be)\s+not\s+(?:to\s+be\s+)?(?:used|for|granted|intended\s+for\s+commercial)\b|without\s+the\s+right|"
    r"not\s+(?:be\s+)?(?:permitted|allowed|authori[sz]ed|licensed|entitled)|prohibit(?:ed|s)?|forbid(?:den|s)?|"
    r"disallow(?:ed|s)?|refrain)"
)
_CLOSED = (
    r"(?:(?:is|are|be|being|remains?)\s+)?(?:strictly\s+|expressly\s+|explicitly\s+|currently\s+)?"
    r"(?:not\s+(?:be\s+)?(?:permitted|allowed|authori[sz]ed|granted|licensed|possible)|prohibited|"
    r"forbidden|disallowed|excluded|banned)"
)
_USE = (
    r"(?:use|usage|uses|purposes?|exploitation|applications?|distribution|deployment|activit(?:y|ies)|product(?:s|ion)?|"
    r"gain|advantage)"
)
_ONLY = r"(?:only|solely|exclusively|strictly|purely|merely)"
_FIELD = (
    r"(?:research|academic|scientific|educational?|education|evaluation|personal|internal|demonstration|testing|"
    r"non-?\s?production|hobby(?:ist)?|study|teaching|experimental)"
)
_WAR = (
    r"(?:military|warfare|weapons?|weaponry|nuclear|surveillance|espionage|law\s+enforcement|"
    r"critical\s+infrastructure|gambling|"
    r"predictive\s+policing|facial\s+recognition|spam|disinformation|misinformation|medical\s+advice)"
)
_PERMITS_TRADE = (
    r"(?:can|may|could)\s+(?:also\s+|freely\s+)?(?:be\s+)?(?:freely\s+)?(?:used?|deployed?|sold)\s+commercially|"
    r"(?:for|of)\s+both\s+(?:non-?\s?commercial|research|academic|commercial)|"
    r"(?<!not )(?<!no )(?:free|open|suitable|ready|available|usable|licensed)\s+for\s+(?:\w+\s+"
    r"(?:and|or|&)\s+)?(?:any\s+|all\s+)?commercial|"
    r"commercially[\s-](?:usable|viable|friendly|permissive)|"
    r"commercial\s+(?:and|or|&|as\s+well\s+as)\s+non-?\s?commercial|non-?\s?commercial\s*(?:and|or|&|"
    r"/|as\s+well\s+as|,)\s*commercial|"
    r"(?:allow|permit|support)(?:s|ed|ing)?\s+(?:for\s+)?(?:both\s+)?(?:free\s+|unrestricted\s+"
    r")?(?:research\s+and\s+)?commercial|"
    r"commercial\s+use\s+(?:is\s+)?(?:also\s+)?(?:fully\s+)?(?:permitted|allowed|ok|okay|fine|"
    r"welcome)(?!\s+(?:only|with|after|upon|if|under|subject|provided|through))|"
    r"whether\s+(?:or\s+not\s+)?(?:for\s+)?(?:non-?\s?)?commercial|regardless\s+of|no\s+(?:restrictions?|limits?)\s+on|"
    r"does\s+not\s+(?:restrict|limit|prohibit|prevent|impose)|nothing\s+in\s+this"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A sentence states `flag` where it has a word of `needs`, a phrase of `says`, and none of `unless` around it."""

    flag: str
    needs: re.Pattern[str]
    says: re.Pattern[str]
    unless: re.Pattern[str] | None = None


_NAMES_ONLY = (
    r"trade\s?marks?|endors|promot|\bname\b|\bnames\b|logos?|misrepresent|publicity|warrant|liab|"
    r"this\s+(?:license|licence)\s+document|verbatim\s+copies"
)


# each row: the flag, a word that the sentence must have, the phrases that state it, and those that turn it round
_PHRASES: tuple[tuple[str, str, str, str], ...] = (
    (
        "non_commercial",
        r"commerc|profit|\bnc\b|-nc-",
        (
            r"\bnon-?\s?commercial(?:ly|\b)|\bcc[\s-]by[\s-]nc\b|"
            rf"{_NOT}[^.]{{0,120}}?\bcommercial(?:ly|\s+{_USE}|\s+or\b|\s+advantage)|"
            rf"\bcommercial\s+{_USE}[^.]{{0,40}}?{_CLOSED}|"
            rf"\bno\s+commercial\s+{_USE}|\b(?:not|never)\s+(?:for|in)\s+(?:any\s+)?commercial|"
            rf"\bnot-?\s?for-?\s?profit\s+(?:use|purposes?|only)"
        ),
        (
            rf"{_PERMITS_TRADE}|alternative\s+is\s+allowed|occasionally|commercial\s+(?:product|support|warranty)\s+names?|"
            r"non-?\s?commercial\s+(?:organi[sz]ations?|entit|institution)|commercial\s+(?:damages?|losses)|"
            r"no\s+longer|not\s+an?\s+commercial"
        ),
    ),
    (
        "non_commercial",
        r"商|kommerz|comercial|commercial",
        (
            r"非商业|非商用|(?:不得|禁止|不可|不能|不允许|不许|严禁|请勿|勿)[^。]{0,30}(?:商用|商业)|(?:商用|商业)[^。]{0,12}(?:被?禁止|不被?允许|不得)|"
            r"(?:usage|utilisation|fins?|usages|exploitation)\s+(?:strictement\s+)?non[\s-]commerc|usage\s+"
            r"commercial\s+(?:est\s+)?(?:interdit|prohibé)|"
            r"nicht[\s-]?kommerziell|keine\s+kommerzielle|\bno\s+comercial\b|uso\s+comercial\s+(?:está\s+)?prohibid"
        ),
        r"可(?:以)?(?:免费)?商用|(?:支持|允许|可用于|可以用于)[^。]{0,8}商|商业(?:和|及|与|或)非商业|非商业(?:和|及|与|或)商业",
    ),
    (
        "field_of_use_restriction",
        r"only|solely|exclusiv|strictly|purely|limited|restrict|intended|production|merely",
        (
            rf"{_FIELD}(?:\s*(?:,|and|or|&|/|-)\s*[\w-]+){{0,3}}(?:[\s-]+{_USE})?[\s-]+(?:is\s+)?{_ONLY}\b|"
            rf"{_ONLY}\s+(?:be\s+)?(?:used?\s+|available\s+|released\s+|licensed\s+|intended\s+|permitted\s+|"
            rf"allowed\s+|provided\s+)?(?:for|in|to)\s+(?:the\s+purposes?\s+of\s+)?"
            rf"(?:your\s+|its\s+|the\s+|any\s+)?(?:own\s+)?(?:[\w-]+\s+(?:and\s+|or\s+)?){{0,2}}{_FIELD}|"
            rf"\bonly\s+use[^.]{{0,140}}?\bfor\s+(?:\w+\s+)?{_FIELD}\b|{_ONLY}\s+for\s+\([a-z]\)\s+{_FIELD}\b|"
            rf"(?:limited|restricted)\s+to\s+(?:[\w-]+\s+(?:and\s+|or\s+)?){{0,2}}{_FIELD}\b|"
            rf"{_NOT}[^.]{{0,60}}?\b(?:in\s+)?production\s+(?:use|environments?|purposes?)|\bnon-production\s+"
            rf"(?:use|purposes?|licen)"
        ),
        (
            r"not\s+(?:limited|restricted)\s+to|without\s+limit|internal\s+(?:use\s+)?(?:is|are)\s+not|"
            r"\bnot\s+only\b|no\s+longer|"
            r"personal\s+(?:data|information|injur)|internal(?:ly)?\s+(?:within|at|by)\b|was\s+(?:only\s+"
            r")?(?:trained|evaluated|tested)|we\s+only|"
            r"(?:trained|evaluated|tested|fine-?tuned)\s+(?:only|solely|exclusively)|testing\s+(?:only|set)"
        ),
    ),
    (
        "field_of_use_restriction",
        rf"{_WAR}|evil|good",
        (
            rf"{_NOT}[^.]{{0,160}}?\b{_WAR}|\b{_WAR}\s+{_USE}[^.]{{0,30}}?{_CLOSED}|\bno\s+{_WAR}|"
            r"(?:used\s+)?for\s+good,?\s+(?:and\s+)?not\s+(?:for\s+)?evil"
        ),
        r"should\s+not|not\s+(?:designed|intended)|no\s+warrant",
    ),
    (
        "field_of_use_restriction",
        r"仅|只|recherche|forschung",
        (
            r"(?:仅|只)(?:限于?|供|用于|能用于|可用于|允许用于|支持)[^。]{0,16}(?:研究|学术|教育|个人|学习|科研)|"
            r"(?:uniquement|exclusivement)\s+(?:à\s+des\s+fins\s+de|pour\s+la|à\s+la)\s+recherche|"
            r"(?:recherche)\s+(?:uniquement|exclusivement)|(?:nur|ausschlie(?:ß|ss)lich)\s+(?:für|zu)\s+forschung"
        ),
        r"不(?:仅|只)",
    ),
    (
        "acceptable_use_policy",
        r"polic|prohibited|restrict|not\s|acceptable|conduct",
        (
            r"\b(?:acceptable|prohibited|responsible)[\s-]use\s+(?:policy|policies|addendum|guidelines)|"
            r"\busage?\s+polic(?:y|ies)\b|\btrustworthy\s+ai\s+terms\b|"
            r"\buse-based\s+restrictions?|\bprohibited\s+uses?\b|\buse\s+restrictions\b|"
            r"\b(?:you|licensee|user|users)\s+(?:agree\s+(?:that\s+you\s+will\s+)?not\s+to|agree\s+that\s+"
            r"you\s+will\s+not|will\s+not|shall\s+not|may\s+not|must\s+not)\s+use"
            r"(?:,?\s+(?:or|nor)\s+(?:allow|permit|help|assist)[\w\s]{0,30},)?[^.:]{0,90}(?::|\b(?:in\s+"
            r"any\s+way\s+that|for\s+the\s+following|to\s+(?:violate|harm|exploit|generate|harass|deceive|"
            r"infring))\b)"
        ),
        r"except\s+in\s+compliance|trade\s?marks?|endors|privacy\s+policy",
    ),
    (
        "user_threshold",
        r"active|mau\b|dau\b|users|月活|日活|活跃",
        (
            r"\b(?:monthly|daily)\s+active\s+users?\b|\b(?:mau|dau)s?\b[^.]{0,30}\d|\d[\d,.]*\s*(?:million|m|"
            r"k|thousand|billion)?\s+(?:monthly|daily|active|registered)\s+(?:active\s+)?users?\b|"
            r"(?:more\s+than|exceed(?:s|ing)?|over|greater\s+than|fewer\s+than|less\s+than)\s+"
            r"[\d,.]+\s*(?:million|m|k|thousand|billion)?\s+users\b|"
            r"(?:月活|日活|月活跃|日活跃|日均用户活跃|活跃用户)"
        ),
        r"downloads?|has\s+reached|we\s+have",
    ),
    (
        "revenue_threshold",
        r"revenue|turnover|income|funding|营收|收入|营业额",
        (
            r"(?:revenues?|turnover|income|funding)\b[^.]{0,120}?(?:exceed|more\s+than|greater\s+than|less\s+"
            r"than|under|above|below|over|at\s+least|equal)[^.]{0,40}?(?:[$€£¥]|usd|dollars?|eur|\d)|"
            r"(?:more\s+than|exceed(?:s|ing)?|over|less\s+than|under|below|above|at\s+least|up\s+"
            r"to)[^.]{0,24}?(?:[$€£¥]|usd|us\s+dollars|eur|rmb)[^.]{0,90}?(?:revenues?|turnover|income|"
            r"funding)|"
            r"(?:营收|收入|营业额)[^。]{0,30}(?:超过|大于|低于|高于|不超过|达到)"
        ),
        "",
    ),
    (
        "geographic_exclusion",
        r"\beu\b|european|kingdom|korea|china|russia|territor|countr|eea\b|欧盟|大陆",
        (
            r"(?:not\s+(?:apply|be\s+available|available|being\s+granted|granted|licensed|permitted|offered|"
            r"intended)|exclud(?:es?|ed|ing)|prohibit(?:ed|s)|unavailable|restricted)[^.]{0,140}?"
            r"\b(?:european\s+union|eu|eea|european\s+economic\s+area|united\s+kingdom|uk|south\s+korea|"
            r"mainland\s+china|china|russia)\b|"
            r"\b(?:european\s+union|eu|eea|united\s+kingdom|south\s+korea|mainland\s+china|china|"
            r"russia)\b[^.]{0,120}?(?:not\s+(?:granted|permitted|licensed|available|eligible|allowed|apply|"
            r"being\s+granted)|excluded|prohibited|excepted)|"
            r"\boutside\s+(?:of\s+)?the\s+(?:territory|european\s+union|eu)\b|worldwide\s+(?:territory\s+"
            r")?excluding|(?:不适用于|禁止|不包括|除)[^。]{0,10}(?:欧盟|中国大陆|英国|韩国)"
        ),
        r"export|embargo|sanction|languages?|training\s+data|news|laws?\s+of|court|jurisdiction|governed",
    ),
    (
        "output_use_restriction",
        r"output|result|generat|distil|compet|train|improv|生成|输出",
        (
            rf"{_NOT}[^.]{{0,160}}?\b(?:outputs?|results?|generat\w+|materials|model|"
            rf"works)\b[^.]{{0,90}}?\b(?:to|for|in)\s+(?:\w+\s+){{0,2}}(?:train|improv|develop|creat|enhanc|"
            rf"distil|build|fine-?tun)\w*[^.]{{0,90}}?"
            r"\b(?:models?|llms?|language\s+models?|ai)\b|"
            rf"{_NOT}[^.]{{0,100}}?\b(?:compet(?:e|es|ing|itive))\b[^.]{{0,60}}?\bmodels?\b|"
            rf"{_NOT}[^.]{{0,80}}?\b(?:distil\w*)\b[^.]{{0,60}}?\bmodels?\b|"
            r"(?:不得|禁止|不能|不可)[^。]{0,40}(?:输出|生成|结果)[^。]{0,30}(?:训练|改进|蒸馏|优化)[^。]{0,20}模型"
        ),
        (
            r"should\s+not|we\s+(?:do|did)\s+not|was\s+not|were\s+not|does\s+not\s+(?:generate|produce|"
            r"improve)|not\s+(?:been\s+)?(?:trained|fine-?tuned|instruction)|is\s+not\s+(?:able|trained)|"
            r"claim|own(?:s|ership)|(?:is|are|was|were)\s+not\s+used\s+to"
        ),
    ),
    (
        "no_derivatives",
        r"deriv|modif|adapt|noderiv|\bnd\b|alter|修改|衍生",
        (
            r"\bno-?deriv(?:ative)?s\b|\bno\s+derivatives?(?:\s+works?)?(?:\s+(?:are|is))?\s+(?:allowed|"
            r"permitted|may)|\bcc[\s-]by(?:[\s-]nc)?[\s-]nd\b|"
            r"(?:(?:may|must|shall|will|can)\s*(?:not|n't)|cannot|are\s+not\s+(?:permitted|allowed)\s+to|"
            r"do\s+not)\s+(?:be\s+)?(?:\w+,?\s+(?:or\s+)?){0,4}"
            r"(?:modif(?:y|ied)|adapt(?:ed)?|alter(?:ed)?|(?:create|make|prepare|produce|distribute|share)\s+"
            r"(?:any\s+)?(?:derivative|modified|adapted))\b|"
            r"\b(?:derivatives?|derivative\s+works?|modifications?)\s+(?:is|are)\s+(?:strictly\s+)?(?:not\s+"
            r"(?:permitted|allowed)|prohibited|forbidden)|"
            r"not\s+have\s+permission\s+[^.]{0,50}\bshare\s+adapted|but\s+not\s+share,?\s+adapted|(?:不得|"
            r"禁止)[^。]{0,10}(?:修改|衍生|改编)"
        ),
        (
            rf"{_NAMES_ONLY}|except\s+(?:as|to|under|in|that)|unless|notices?|license\s+text|this\s+"
            rf"(?:licen[sc]e|agreement)|the\s+licen[sc]e|copyright\s+(?:notice|statement)|"
            r"terms|standard\s+version|invariant|disclaimer|technolog|reserved\s+font|legends?|headers?|"
            r"recipients|rights|contributions?\s+do|not\s+modified"
        ),
    ),
    (
        "registration_required",
        r"regist|appl(?:y|ication)|request|obtain|permission|consent|contact|separate|form\b|authori|申请|登记|注册|授权|联系|许可",
        (
            r"\b(?:must|shall|need(?:s)?\s+to|have\s+to|has\s+to|required\s+to|please)\s+(?:first\s+|also\s+"
            r")?(?:request|apply\s+(?:for|to|via|by|through|in|at)|register|obtain|fill|submit|sign|contact|"
            r"acquire|secure)\b[^.]{0,110}?"
            r"\b(?:licen[sc]e|permission|authori[sz]ation|registration|application|consent|agreement|commercial)|"
            r"\bcommercial\s+(?:use|usage|purposes?|licen[sc]e|licensing|deployment|"
            r"applications?)[^.]{0,90}?\b(?:please\s+)?(?:contact|apply|fill|request|register|e-?mail|obtain|"
            r"authori[sz]ation|prior\s+(?:written\s+)?(?:permission|consent|approval)|separate\s+licen|"
            r"requires?)|"
            r"\b(?:apply|application|contact\s+us|request|register|registration|obtain|fill\s+(?:in|"
            r"out))\b[^.]{0,60}?\bfor\s+(?:a\s+|the\s+)?commercial\b|"
            r"\bcommercial\s+\w+\s+(?:is\s+)?(?:allowed|permitted|possible)\s+(?:only\s+)?(?:with|after|upon|"
            r"through|under\s+a\s+separate)\b|"
            r"\bseparate\s+(?:commercial\s+)?(?:written\s+)?(?:licen[sc]e|agreement)\s+(?:is\s+|from|with|"
            r"must|agreement\s+with)|"
            r"(?:商用|商业)[^。]{0,40}(?:申请|登记|注册|授权|联系|许可|问卷)|(?:申请|登记|填写|授权)[^。]{0,30}(?:商用|商业)"
        ),
        (
            rf"{_NAMES_ONLY}|without\s+(?:any\s+)?(?:prior\s+)?(?:registration|permission|contact)|no\s+"
            rf"(?:registration|permission|application)|(?:do|does|need)\s+not\s+(?:need|require|have)|"
            r"access\s+token|hugging\s?face\s+(?:token|account)|warrant|free\s+software\s+foundation|github|"
            r"issue|question|feedback|version\s+of\s+this|"
            r"无需(?:申请|授权)?|不需要"
        ),
    ),
    (
        "revocable",
        r"revo[ck]|terminate|withdraw|suspend",
        (
            r"(?<!ir)(?<!non-)(?<!non)(?<!not )\brevocable\b|(?:may|can|reserves?\s+the\s+right\s+to)\s+"
            r"(?:\w+\s+(?:and|or)\s+)?(?:revoke|terminate|withdraw|suspend)\b[^.]{0,80}?(?:any\s+time|any\s+"
            r"reason|sole\s+discretion|with\s+or\s+without\s+cause|on\s+notice)|"
            r"at\s+any\s+time[^.]{0,60}?\b(?:revoke|terminate|withdraw)\b"
        ),
        r"\byou\s+may\s+(?:also\s+)?terminate|either\s+party|licensee\s+may|not\s+be\s+revo|irrevocabl",
    ),
    (
        "naming_or_attribution",
        r"built\s+(?:with|using|on)|powered\s+by|improved\s+using|beginning\s+of|begin|prominently|display",
        (
            r"\"(?:built|improved|powered|created|made)\s+(?:with|using|by|on)\b|"
            r"(?:must|shall|required\s+to|should|will)\s+[^.]{0,80}?\bprominently\s+(?:display|state|"
            r"publish)|\bprominently\s+display|"
            r"(?:include|begin|start)\w*\s+[^.]{0,60}?\bat\s+the\s+beginning\s+of\s+(?:any|the|its|"
            r"your)[^.]{0,30}\bname|name[^.]{0,40}?\b(?:must|shall)\s+begin"
        ),
        r"prominent\s+notices?|interactive|appropriate\s+(?:legal|copyright)",
    ),
    (
        "hosting_restriction",
        r"host|as[\s-]a[\s-]service|managed|\bapi\b|saas|cloud|third\s+parties",
        (
            rf"{_NOT}[^.]{{0,220}}?\b(?:hosted|hosting|managed)\s+(?:\w+\s+)?(?:services?|api|use|basis|or)|"
            rf"{_NOT}[^.]{{0,100}}?\b(?:as[\s-]a[\s-]service|service\s+bureau|software\s+as\s+a\s+service|"
            rf"cloud\s+services?)\b|"
            r"\bhosting\s+(?:use|user|purposes?)[^.]{0,100}?(?:separate|licen[sc]e|not)|"
            r"\bmodel[\s-]as[\s-]a[\s-]service\b[^.]{0,160}?(?:separate|agreement|licen[sc]e|not)"
        ),
        r"should\s+not|does\s+not\s+(?:include|require)|not\s+(?:yet\s+)?(?:available|supported|deployed)",
    ),
)


@functools.cache
def rules() -> tuple[Rule, ...]:
    """Return the rules, compiled once a process and not before a text is searched."""
    return tuple(
        Rule(flag, re.compile(needs), re.compile(says), re.compile(unless) if unless else None)
        for flag, needs, says, unless in _PHRASES
    )
