"""Copyright notices and name slots: the only words that may differ between a licence and its exact copy.

This is where a restriction could hide ("Copyright 2024 X. Research use only."), so what passes is a short row of
names, years and addresses, and never a word that could open, close or condition a use.
"""

from __future__ import annotations

import difflib
import functools
import re

from osaudit.compiled import regex

NOTICE_LINE = regex(
    r"^[^\w\n©(<\[{]{0,24}(?:(?:portions|parts|software|model|code|data|document)[ \t]+|SPDX-FileCopyrightText:[ \t]*)?"
    r"(?:copyright\b|版权所有|版權所有|©|\(c\)[ \t]*(?:19|20)\d\d|all rights reserved)[^\n]{0,200}$",
    re.IGNORECASE | re.MULTILINE,
)
MAX_NAME_WORDS = 14
_MAX_WORDS = 24
_MAX_LOWER = 2

_GUARD = regex(
    r"(?:alone|use[drs]?|using|usage|usable|utili[sz]\w*|uso|\w*commer[cz]\w*|\w*profit\w*|academ\w*|"
    r"educat\w*|scholar\w*|personal|"
    r"privat\w*|evaluat\w*|internal\w*|hobby\w*|only|just|sole|solely|mere\w*|exclu[ds]\w*|exempt\w*|"
    r"purpos\w*|prohibit\w*|"
    r"forbid\w*|forbad\w*|ban|bans|banned|bar|bars|barred|den[iy]\w*|refus\w*|reject\w*|must|shall|"
    r"should|ought|may|might|can|cannot|"
    r"will|would|not|no|non|none|nor|never|don ?t|nobody|except\w*|without|unless|until|if|when|"
    r"where|provid\w*|permi\w*|licen\w*|"
    r"sell\w*|sale|sales|sold|resale|resell\w*|fee|fees|free|pay\w*|paid|price\w*|royalt\w*|"
    r"revenue\w*|monthly|annual\w*|"
    r"evil|good|harm\w*|ethic\w*|moral\w*|agree\w*|consent\w*|accept\w*|terms?|condition\w*|"
    r"\w*restrict\w*|limit|limited to|"
    r"limitation\w*|allow\w*|grant\w*|\w*distribut\w*|shar(?:e|ed|ing|ealike)|alike|copyleft|"
    r"\w*modif\w*|deriv\w*|noderiv\w*|attribut\w*|"
    r"militar\w*|weapon\w*|war|warfare|defen[cs]e|nuclear|govern\w*|polic[ey]\w*|surveil\w*|"
    r"territor\w*|countr\w*|nation\w*|"
    r"region\w*|resident\w*|citizen\w*|sanction\w*|export\w*|person|persons|people|anyone|anybody|"
    r"everyone|you|your|he|she|they|"
    r"we|our|us|this|that|these|those|is|are|be|been|was|were|has|have|had|does|do|"
    r"compete\w*|competit\w*|train\w*|distil\w*|output\w*|host\w*|regist\w*|approv\w*|authori[sz]\w*|"
    r"request\w*|appl[iy]\w*|"
    r"contact|written|prior|propriet\w*|confiden\w*|secret\w*|patent\w*|trademark\w*|warrant\w*|"
    r"liab\w*|oblig\w*|require\w*|"
    r"rights?|reserved|some|condit\w*|notice\w*|purchas\w*|subscri\w*|\w*trial|test(?:ing|s)?|"
    r"demo\w*|beta|student\w*|teach\w*|for|"
    r"revoc\w*|revok\w*|terminat\w*|expire\w*|void|law|laws|legal\w*|illegal\w*|lawful\w*|hereby|"
    r"herein|thereof|above|below|"
    r"versions?|ask\w*|behav\w*|welcome\w*|buy\w*|rent\w*|leas\w*|see|read|respect\w*|responsib\w*|scientists?|researchers?|"
    r"\w*licen[sc]\w*|noncom\w*|nc|nd|cc|a?gpl\w*|lgpl|e?rail|openrail\w*|eula|aup|tos|sspl|busl|osl|"
    # the same in German, French, Spanish, Italian, Portuguese and Russian
    r"nur|nicht\w*|kein\w*|ohne|gewerb\w*|kommerz\w*|forschung\w*|wissenschaft\w*|verbot\w*|untersagt|nutzung\w*|"
    r"zweck\w*|lehre|behörden|waffen\w*|erlaub\w*|"
    r"uniquement|seule\w*|interdi\w*|recherche\w*|utilis\w*|sauf|acad[ée]m\w*|pas|sans|réserv[ée]\w*|autoris\w*|lucrati\w*|"
    r"s[oó]l[oa]?|solamente|[uú]nic\w*|soltanto|apenas|somente|prohib\w*|pro[ií]b\w*|vietat\w*|investigaci\w*|"
    r"pesquis\w*|ricerc\w*|lucr[oe]\w*|comerci\w*|sin|sem|senza|excep\w*|excet\w*|salvo|fines|fins|fini|"
    r"только|нет?|без|запре\w*|исследова\w*|научн\w*|некоммер\w*|коммер\w*|использ\w*|нельзя|разреш\w*)",
    re.IGNORECASE,
)
# scripts that write a sentence without a space, where a word of a condition stands within a run of letters
_GUARD_WITHIN = regex(
    r"[禁仅僅只限需須须请請非]|不得|不可|不能|不准|研究(?!院|所|中心|室|会|機構|机构|センター)|専用|专用|專用|のみ|目的|用途|"
    r"使用|利用|商用|商业|商業|许可|許可|授权|授權|同意|학술|연구(?!소|원|실)|전용|금지|비상업|비영리|목적|한정|사용|이용"
)
_WORD = regex(r"[^\W_]+")
_RESERVED = regex(
    r"all\s+rights?\s+reserved|保留所有权利|tous\s+droits\s+r[ée]serv[ée]s|alle\s+rechte\s+vorbehalten",
    re.IGNORECASE,
)
_PARAGRAPH = regex(r"\n\s*\n")
_NEXT = regex(r"(?=\bportions copyright\b)|(?<!portions )(?=\bcopyright\b)", re.IGNORECASE)
_MARK = regex(r"SPDX-FileCopyrightText:|版权所有|版權所有|copyright|\(c\)|©|copr\.?", re.IGNORECASE)
_DATED = regex(
    r"(?:19|20)\d\d|\([cC]\)|©|<[^<>\n]{2,40}>|\[[^\[\]\n]{2,40}\]|\{[^{}\n]{2,40}\}|\byear\b|\byyyy\b", re.IGNORECASE
)
# where a notice ends and something else begins: a full stop behind a word that is no abbreviation, a colon, a dash
_SECOND = regex(
    r"(?<![\s.(])(?<!\b\w)(?<!inc)(?<!ltd)(?<!corp)(?<!\bco)(?<!gmbh)(?<!llc)(?<!\bst)(?<!\bdr)(?<!\bal)(?<!\bjr)(?<!\bsr)"
    r"(?<!pty)(?<!dept)(?<!univ)(?<!\bbv)(?<!assoc)(?<!bros)(?<!int)(?<!\d)[.。]\s+\w|"
    r"(?<!copyright)(?<!copyrighttext)(?<!\(c\)):\s|\s[–—]\s|\s-\s(?!\s*(?:\d|present|now))",
    re.IGNORECASE,
)
# an address that says nothing but where somebody is found
_ADDRESS = regex(r"<?\b[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}\b>?")
# a notice without a year: the word and a short row of names with capitals
_BARE = regex(r"[Cc]opyright(?:[ ,]+(?:of|the|and|&|[A-Z][\w&'-]*)){1,6}\.?")
_SLOT = regex(r"<[^<>\n]{1,60}>|\[[^\[\]\n]{1,60}\]|\{[^{}\n]{1,60}\}")
_SMALL = frozenset(
    {
        *("of", "the", "and", "de", "der", "des", "di", "da", "du", "del", "van", "von", "la", "le", "et"),
        *("al", "und", "y", "e", "by", "in", "at", "on", "a", "an", "as", "its", "inc", "llc", "ltd"),
        *("gmbh", "corp", "co", "authors", "author", "contributors", "contributor", "holders", "holder"),
        *("owners", "owner", "owning", "team", "community", "developers", "project", "maintainers"),
        *("affiliates", "others", "other", "respective", "individual", "subsidiaries", "present", "now"),
        *("year", "years", "name", "names", "yyyy", "xxxx", "fullname", "full", "email", "organization"),
        *("organisation", "http", "https", "www", "com", "org", "net", "edu", "io", "ai", "gov", "cn", "de"),
        *("fr", "uk"),
    }
)
_RESEARCH = regex(r"\bresearch\b", re.IGNORECASE)
_USUAL = (
    "copyright",
    "holder",
    "holders",
    "contributor",
    "contributors",
    "author",
    "authors",
    "owner",
    "owners",
    "regents",
)
_LEAST_USUAL = 5
# names that hold a guarded word and nothing more than a name
_NAMES = regex(
    r"\bAcademy[ \t]+(?:of|for)\b(?=[ \t]+[A-Z])"
    r"|\b(?:(?!For\b|In\b|By\b|As\b|With\b)[A-Z][\w&-]*[ \t]+){1,4}Research\b(?![ \t]*(?:Only|Use|"
    r"Purpose|Project|Licen))"
    r"|\bResearch[ \t]+(?:Institute|Cent(?:er|re)|Lab\w*|Group|Foundation|Council|Inc|Ltd|"
    r"Corporation|Team|Organi[sz]ation)\b"
    r"|\bFree Software Foundation\b|\b(?:Institute|Foundation|Cent(?:er|re)|Association|"
    r"Society)[ \t]+for(?=[ \t]+[A-Z])"
)


def restricts(text: str) -> bool:
    """Whether a phrase has a word that could open, close or condition a use."""
    plain = _NAMES.sub(" ", _RESERVED.sub(" ", text))
    if not plain.isascii() and _GUARD_WITHIN.search(plain):
        return True
    return bool(_RESEARCH.search(plain)) or any(_GUARD.fullmatch(word) for word in _WORD.findall(plain))


def is_notice(text: str) -> bool:
    """Whether a phrase is a copyright notice and nothing else."""
    if _PARAGRAPH.search(text.strip()):
        return False
    text = " ".join(text.split())
    reserved = _RESERVED.search(text)
    if reserved and _WORD.search(text, reserved.end()):
        return False
    bare = _ADDRESS.sub(" ", _RESERVED.sub(" ", text))
    if not _WORD.search(bare):
        return reserved is not None
    if _SECOND.search(bare):
        return False
    dated = bool(_DATED.search(bare)) or bool(_BARE.fullmatch(bare.strip()))
    return bool(_MARK.search(bare)) and dated and is_name(_MARK.sub(" ", bare), most=_MAX_WORDS)


def are_notices(text: str) -> bool:
    """Whether a phrase is one copyright notice or several in a row."""
    if is_notice(text):
        return True
    parts = [part for part in _NEXT.split(" ".join(text.split())) if part.strip()]
    return bool(parts) and all(is_notice(part) for part in parts)


def is_name(text: str, *, most: int = MAX_NAME_WORDS) -> bool:
    """Whether a phrase can stand where a template has a name: short, of names and years, free of conditions."""
    text = " ".join(text.split())
    words = _WORD.findall(_SLOT.sub(" ", text))
    slots = _SLOT.findall(text)
    if len(words) + 2 * len(slots) > most or restricts(text):
        return False
    if any(_misspelt(word.casefold()) for word in words):
        return False
    lower = [word for word in words if word.islower() and word not in _SMALL and not word.isdigit()]
    return len(lower) <= _MAX_LOWER


@functools.lru_cache(4096)
def _misspelt(word: str) -> bool:
    """Whether a word is nearly one of those that notices are made of: then it is damage and no name."""
    if word in _USUAL or len(word) < _LEAST_USUAL:
        return False
    return bool(difflib.get_close_matches(word, _USUAL, n=1, cutoff=0.8))
