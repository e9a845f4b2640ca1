"""Licence claims: the sentences and fields in which a card says under what licence its own parts are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import unquote

from osaudit.evidence import Component, LicenceClaim, Where
from osaudit.licences.expressions import Tag, tag_of
from osaudit.licences.names import NameHit, names_in
from osaudit.licences.table import load_table
from osaudit.licences.worded import Choices
from osaudit.reading.licensing.badges import MAX_CLAIMS, MAX_NAME, badges, misplaced
from osaudit.reading.page.card import Layout
from osaudit.reading.page.hints import has_any
from osaudit.reading.page.markdown import Sentence
from osaudit.reading.page.subjects import Own, Passage, calls_own, component_of, foreign_in, lists_another, place

MAX_FRAGMENT = 8  # words: a licence's name with its article and year

_WORD = (
    r"licen[cs](?:e|es|ing|ed)|terms of use|许可|(?:使用|开源)?协议|ライセンス|"
    r"lizenz|licencia|licença|лицензия"
)
_FIELD = re.compile(
    r"(?i)^[|\s]*(?P<part>(?:(?:model|code|source code|weights?|data(?:set)?|repository|project|software|"
    r"delta weights?)"
    rf"(?: ?(?:and|&|/) ?\w+)? )?)(?:{_WORD})(?: (?:type|information|name))?\s{{0,3}}(?:[(（][^)）]{{0,40}}[)）])?"
    r"(?: for (?:the )?(?P<for>[\w ]{1,30}))?\s{0,3}(?:\||[:：=]|[-–—]\s)\s*(?P<value>\S.*)$"
)
_PART_FIELD = re.compile(
    r"(?i)^[|\s*•-]{0,4}(?P<part>(?:source )?code|scripts?|(?:model )?(?:weights?|checkpoints?|parameters)|models?|"
    r"data(?:set)?s?|代码|源代码|(?:模型)?权重|模型|数据集?|code source|poids(?: du modèle)?|modèles?|données)"
    r"\**\s{0,3}(?:[:：]|\|)\s*(?P<value>\S.*)$"
)
_WEIGHTS = re.compile(r"(?i)weights?|checkpoints?|权重|poids")
_IS = re.compile(r"(?i)\b(?:is|are|est|sont)(?: now| also| both)?(?: the| an?)?\s*$|[是为]\s*$")
_NOTHING = re.compile(
    r"(?i)^\W*(?:\[?more information (?:is )?needed\]?|n/?a|none|unknown|tbd|todo|other|terms|see .*|not specified|"
    r"not yet.*|"
    r"\?+|-+|待.*|unlicensed|the license.*|licen[sc]e)?\W*$"
)
_LINK = re.compile(
    r"(?i)\b(?:licen[sc]ed?|licensing)\b"
    r"|\b(?:is|are|was|were|been|be|all|now|also|code|weights|models?|it|publicly|freely|openly|available|released?|"
    r"releasing|"
    r"distributed|published|provided|shared|offered|open-?sourced|governed|covered|use|used|falls?|made available|"
    r"subject|comes?|"
    r"goes|open access|available to all,?) (?:under|by|with|to|according|in accordance|as|using)\b"
    r"|\bunder (?:the|a|an|this)\b|\b(?:follows?|adopts?|adheres?|compl(?:y|ies)|implies|inherits?|accept\w*|agree)\b|"
    r"^\W*[\w .()-]{1,40}[:：]\s*$"
    r"|依照|遵循|采用|基于|遵守|按照|使用|以|采取|sous|unter der|bajo|sob"
)
_NEGATED = re.compile(
    r"(?i)\b(?:not|no longer|isn't|aren't|never|cannot|neither|nor|without)\b[^,;]{0,30}$"
    r"|\b(?:originally|previously|formerly|unlike|instead of|rather than|compatible with|unless|similar to|"
    r"as opposed to|until|"
    r"before|prior to|used under|used with permission under|adapted from|copied from|borrowed|portions? of|parts? of|"
    r"some of|"
    r"if you (?:want|need|use|prefer)|in case|such as|e\.g\.|permissively|copyleft|contributions?|licen[cs]e is an?)\b"
    r"|(?:もと|元)のライセンス\W{0,3}$"
)
_RELATIVE = re.compile(r"(?i)\b(?:(?:which|that|whose|who) (?:is|are|was|were|has|have|had)|which|whose)\b[^,]*$")
_OTHERS = re.compile(
    r"(?i)\b(?:base|original|underlying|upstream|parent|teacher|source(?! code)|third[- ]party|foundation|input|"
    r"following|other|training) "
    r"(?:\w+ )?(?:models?|weights?|data ?sets?|data|images|corpus|code|components?|librar(?:y|ies)|software|work)\b"
    r"|\boutputs?\b|\bgenerated (?:images?|content|text)|生成物"
)
_CLAUSE = re.compile(
    r"(?i)[;；]|,? (?:while|whereas|but|although)\b|"
    r"[,，。] ?(?:而|模型|权重|数据|(?:the|model|weights|use|usage|our|les?|la|ceux)(?=\W))"
    r"|，(?=[^，。]{0,24}(?:模型|权重|数据|代码))"
)
_SUBJECTLESS = re.compile(
    r"(?i)^\W{0,4}(?:\d[.)]\s*)?(?:(?:the |its |our )?licen[cs]e is|(?:re)?released|licensed|licenced|distributed|"
    r"available|published|provided|made available|under|"
    r"copyright|\(c\)|©|open[- ]sourced)\b"
)
_IT = re.compile(r"(?i)^\W{0,4}(?:it|they|these|this) (?:is|are|was|were|has been|comes?|can)\b")
_AND = re.compile(
    r"(?i)^[\s\W]{0,6}(?:licen[cs]e[\s\W]{1,6})?(?:and|or|及|和|或|&|/)?[\s\W]{0,6}(?:the |an? )?(?:both )?$"
)
_OR = re.compile(r"(?i)\bor\b|\bou\b|\boder\b|或")
_ALSO = re.compile(r"(?i)\b(?:and|et|und)\b|[,和及]")
_OPTION = re.compile(
    r"(?i)\b(?:at your (?:option|choice|discretion)|your choice|choose|choice of|either|dual[- ]licen[sc]ed|au choix|"
    r"à votre choix|nach (?:Ihrer )?Wahl|wahlweise)\b|任选|自行选择|二选一"
)
_MAY_NAME = re.compile(
    r"(?i)licen|agreement|terms of|apache|creative ?commons|"
    r"\b(?:mit|cc0?|a?gpl|lgpl|bsd|mpl|odbl|odc|cdla|wtfpl|eupl)\b|"
    r"\bcc[ -]?by|rail\b|rail[+-]|"
    r"public domain|协议|许可|授权|ライセンス|лиценз"
)
_NAME_HINTS = (
    *(
        "licen",
        "agreement",
        "terms of",
        "apache",
        "creative",
        "mit",
        "cc",
        "gpl",
        "bsd",
        "mpl",
        "odbl",
        "odc",
        "cdla",
        "wtfpl",
    ),
    *("eupl", "rail", "public domain", "协议", "许可", "授权", "ライセンス", "лиценз"),
)
_FIELD_HINTS = ("licen", "terms of use", "协议", "许可", "ライセンス", "lizenz", "лиценз")
_UNKNOWN = re.compile(
    r"(?P<name>(?<![\w'])[A-Z][\w.+'-]*(?: (?:[A-Z(\d][\w.+)'-]*|of|&)){0,7} (?:Licen[sc]e|LICEN[SC]E|Agreement)"
    r"(?: Agreement)?(?: for [A-Z]\S*(?: [A-Z\d]\S*){0,3})?(?!\w))|《(?P<title>[^》\n]{2,60}(?:协议|许可证?))》"
)
_CALLED = re.compile(r"Model Licen[sc]e(?: Agreement)?(?! (?:Version|v?\d))")
_GENERIC = re.compile(
    r"(?i)(?:(?:see|check|read|under|the|this|our|its?|a|an|open|source|software|model|code|data|full|official|"
    r"permissive|community|enterprise|license|"
    r"licence|agreement|terms|of|use|please|by|for|commercial|and|more|custom|research|user|end) ?)+"
)
_FAMILIES = {"cc": "cc-", "openrail": "openrail", "gpl": "gpl-", "lgpl": "lgpl-", "bsd": "bsd-", "gfdl": "gfdl-"}
_ALTERED_BEFORE = re.compile(r"(?i)\b(?:modified|adapted|customi[sz]ed|based on)\W{0,6}$")
_ALTERED_AFTER = re.compile(r"(?i)^(?:-(?!licen[sc]ed\b)[a-z]|\+|[ -](?:based|like|style|derived|compatible)\b)")
_FURTHER = re.compile(r"(?i)^\W*additional (?:information|terms|licen[cs]es?)\W")
_OTHER_TOPICS = frozenset({"training-data", "evaluation", "citation"})


def read_claims(layout: Layout, passages: Iterable[Passage], own: Own) -> tuple[LicenceClaim, ...]:
    """List what the card says of this repository's licences, in order."""
    claims: list[LicenceClaim] = list(badges(layout))
    for passage in passages:
        claims += _claims(layout, passage, own)
    told = {claim.keys for claim in claims}
    claims += (claim for claim in misplaced(layout, own) if claim.keys not in told)
    return _without_families(dict.fromkeys(claims))[:MAX_CLAIMS]


def _without_families(claims: Iterable[LicenceClaim]) -> tuple[LicenceClaim, ...]:
    """Drop a family's name ("Creative Commons") where the card names the member as well ("CC BY-NC 4.0")."""
    kept = tuple(claims)
    keys = {key for claim in kept for key in claim.keys}
    idle = {family for family, sign in _FAMILIES.items() if any(sign in key and key != family for key in keys)}
    members = (replace(claim, keys=tuple(key for key in claim.keys if key not in idle)) for claim in kept)
    return tuple(member for member, claim in zip(members, kept, strict=True) if member.keys or not claim.keys)


def _claims(layout: Layout, passage: Passage, own: Own) -> Iterator[LicenceClaim]:
    elsewhere = own.kind == "model" and passage.topic in _OTHER_TOPICS
    plain = passage.plain
    field = _FIELD.match(passage.text[:600]) if has_any(plain, _FIELD_HINTS) else None
    if field and not (elsewhere and passage.topic == "training-data"):
        yield from tuple(_parted(layout, passage, own, field)) or _field_claim(layout, passage, own, field)
    part = None if field else _PART_FIELD.match(passage.text[:200])
    if (
        part
        and (passage.topic == "licence" or _WEIGHTS.search(part.group("part")))
        and (tag := _tag_in(part.group("value"))).keys
    ):
        owner = component_of(part.group("part"), own)
        yield _statement(owner, part.group("value").strip(" |.;,*`\"'"), tag, place(layout, passage))
        return
    if field or elsewhere:
        return
    if not has_any(plain, _NAME_HINTS) or not _MAY_NAME.search(passage.text):
        return
    hits = _named(passage) or _linked_names(passage.sentence)
    yield from _told(layout, passage, own, hits)


def _told(layout: Layout, passage: Passage, own: Own, hits: tuple[NameHit, ...]) -> Iterator[LicenceClaim]:
    """List the licences that a sentence names, each for the part that it is said of."""
    parts: set[Component | None] = set()
    for keys, name, start, beside in _all_named(passage.text, hits):
        claimed = _claimed(passage, own, start, name)
        component = _part_of_heading(layout, passage, own) if claimed == "any" else claimed
        if component is None or (beside and not _is_of_another_part(passage, name, start, component, parts)):
            continue
        parts.add(component)
        if _FURTHER.match(passage.text) and _opens_all(keys):
            continue
        sure = () if _is_altered(passage.text, start, name) else keys
        offered = _offered(passage.text, name, sure)
        yield LicenceClaim(component, "card statement", name[:MAX_NAME], sure, place(layout, passage), offered)


def _opens_all(keys: tuple[str, ...]) -> bool:
    """Tell whether all of the licences are approved: named "in addition", such terms are those of a part or a base."""
    known = [load_table().get(key) for key in keys]
    return bool(known) and all(licence is not None and licence.osi.approved for licence in known)


def _is_of_another_part(
    passage: Passage, name: str, start: int, component: Component, parts: set[Component | None]
) -> bool:
    """Tell whether an unknown name beside known ones licenses the weights, and those the code or the data alone."""
    apart = component == "weights" and bool(parts) and parts.isdisjoint({"weights", "any"})
    return apart and not (_CALLED.fullmatch(name) and _is_here(passage, start))


def _statement(component: Component, name: str, tag: Tag, where: Where) -> LicenceClaim:
    return LicenceClaim(component, "card statement", name[:MAX_NAME], tag.keys, where, tag.choices)


def _tag_in(value: str) -> Tag:
    """Read a value that is a licence's name, with at most a link or a bracket behind it."""
    plain = value.partition(" | ")[0].strip(" |.;,*`\"'")
    tag = tag_of(plain)
    hits = () if tag.keys else names_in(f"License: {plain}")
    altered = hits and _is_altered(f"License: {plain}", hits[0].start, hits[0].matched)
    return tag if tag.keys or len(hits) != 1 or altered else Tag(hits[0].keys)


def _part_of_heading(layout: Layout, passage: Passage, own: Own) -> Component:
    """The part that the nearest heading names ("Model License"), where the words below it name none."""
    line = layout.card.line_of(passage.sentence.start)
    near = next((section for section in reversed(layout.sections) if section.lines[0] <= line), None)
    return component_of(near.heading, own) if near and near.topic == "licence" and near.lines[0] < line else "any"


def _offered(text: str, name: str, keys: tuple[str, ...]) -> Choices:
    """Tell whether a sentence leaves the choice between the licences that it names; a bare "or" may mean anything."""
    joined = len(keys) > 1 and _OR.search(name) and not _ALSO.search(name)
    return tuple((key,) for key in keys) if joined and (" OR " in name or _OPTION.search(text)) else ()


def _named(passage: Passage) -> tuple[NameHit, ...]:
    """Find the licences that a sentence names; a few words under a licence heading are one by their place."""
    hits = names_in(passage.text)
    if hits or passage.topic != "licence" or len(passage.text.split()) > MAX_FRAGMENT:
        return hits
    lead = len("License: ")
    placed = names_in(f"License: {passage.text}")
    return tuple(
        NameHit(hit.keys, hit.start - lead, hit.end - lead, hit.matched) for hit in placed if hit.start >= lead
    )


def _is_altered(text: str, start: int, name: str) -> bool:
    """Tell whether the words make another licence of it: "a modified X", "X-NC"."""
    after = text[start + len(name) : start + len(name) + 20]
    return bool(_ALTERED_BEFORE.search(text[:start]) or _ALTERED_AFTER.match(after))


def _all_named(text: str, hits: Iterable[NameHit]) -> Iterator[tuple[tuple[str, ...], str, int, bool]]:
    """Name the licences of a sentence, the unknown ones beside the known: one may be the code's, the other not.

    "The Model License" names one only beside another.
    """
    known = tuple(_joined(text, hits))
    yield from ((*named, False) for named in known)
    taken = [(start, start + len(name)) for _, name, start in known]
    beside = _CALLED.finditer(text) if known else ()
    called = (((), found.group(), found.start()) for found in beside)
    for keys, name, start in (*_unknown(text), *called):
        if not any(start < end and begin < start + len(name) for begin, end in taken):
            yield keys, name, start, bool(known)


def _is_here(passage: Passage, start: int) -> bool:
    """Tell whether a licence's name is linked to a file of this repository, which speaks for itself if it is there."""
    links = (link.url for link in passage.sentence.links if link.at <= start < link.at + max(1, len(link.text)))
    return any(re.match(r"(?i)(?:\./)?licen[cs]e(?:\.\w+)?$", url) for url in links)


def _parted(layout: Layout, passage: Passage, own: Own, field: re.Match[str]) -> Iterator[LicenceClaim]:
    """Read "License: the code is under X, the weights under Y": the value says which part has which."""
    value, end = field.group("value"), 0
    groups = tuple(_joined(value, names_in(value)))
    for keys, name, start in groups if len(groups) > 1 else ():
        part = component_of(value[end:start], own)
        end = start + len(name)
        if part != "any":
            yield LicenceClaim(part, "card statement", name[:MAX_NAME], keys, place(layout, passage))


def _field_claim(layout: Layout, passage: Passage, own: Own, field: re.Match[str]) -> Iterator[LicenceClaim]:
    """Read "License: ..." in a line, a bullet, a heading or a table row."""
    value = field.group("value").split(" | ")[0].strip(" |.;,*`\"'")
    if _NOTHING.match(value) or _OTHERS.search(field.group("for") or ""):
        return
    tag = tag_of(value)
    keys = tag.keys
    if not keys:
        first = next(iter(_joined(value, names_in(f"License: {value}"), shift=len("License: "))), None)
        keys = first[0] if first and not _is_altered(value, first[2], first[1]) else ()
    if not keys and not names_in(f"License: {value}"):
        first = next(iter(_joined("", _linked_names(passage.sentence))), None)
        keys = first[0] if first else ()
    component = component_of(f"{field.group('part')} {field.group('for') or ''}", own)
    if own.kind == "dataset" and component == "any":
        component = "data"
    yield LicenceClaim(component, "card statement", value[:MAX_NAME], keys, place(layout, passage), tag.choices)


def _joined(text: str, hits: Iterable[NameHit], shift: int = 0) -> Iterator[tuple[tuple[str, ...], str, int]]:
    """Put names that an "and", "or" or comma joins into one claim: its keys, its words, where it begins."""
    keys: tuple[str, ...] = ()
    start = end = -1
    for hit in hits:
        at, stop = max(0, hit.start - shift), max(0, hit.end - shift)
        if start >= 0 and _AND.match(text[end:at]):
            keys, end = (*keys, *hit.keys), stop
            continue
        if start >= 0:
            yield tuple(dict.fromkeys(keys)), text[start:end], start
        keys, start, end = hit.keys, at, stop
    if start >= 0:
        yield tuple(dict.fromkeys(keys)), text[start:end], start


def _linked_names(sentence: Sentence) -> tuple[NameHit, ...]:
    """Find the licences that a sentence's links name, where its words name none."""
    found: list[NameHit] = []
    for link in sentence.links[:8]:
        if re.search(r"(?i)licen[cs]e|creativecommons|gnu\.org", link.url):
            hits = names_in(unquote(link.url))
            found += [NameHit(hit.keys, link.at, link.at + len(link.text), link.text) for hit in hits[:1]]
    return tuple(found)


def _claimed(passage: Passage, own: Own, start: int, name: str) -> Component | None:
    """Tell of which part of this repository the sentence says the licence; None where it speaks of something else."""
    before = passage.text[:start]
    breaks = [found.start() for found in _CLAUSE.finditer(before)]
    clause = before[breaks[-1] :] if breaks and component_of(before[breaks[-1] :], own) != "any" else before
    if (
        lists_another(passage.text, own)
        or _NEGATED.search(before[-160:])
        or _OTHERS.search(clause)
        or _is_relative(clause, own)
    ):
        return None
    licensing = passage.topic == "licence"
    fragment = licensing and len(passage.text.split()) <= MAX_FRAGMENT
    linked = _LINK.search(before[-120:]) or (licensing and (not before.strip() or _IS.search(before)))
    plainly = _IS.search(before) and re.search(r"(?i)\b(?:weights|checkpoints?)\b", clause)
    if not fragment and not linked and not plainly:
        return None
    if not (_is_own(passage, own, clause) or licensing) or _of_others_data(clause, own):
        return None
    part = _part(passage.text[start + len(name) :], clause, own)
    return None if own.kind == "dataset" and part == "weights" else part


def _unknown(text: str) -> Iterator[tuple[tuple[str, ...], str, int]]:
    """Find licences that are named and not known: "must follow the Acme Model License"."""
    for found in _UNKNOWN.finditer(text):
        start, end = found.span("name" if found.group("name") else "title")
        if not _GENERIC.fullmatch(text[start:end]):
            yield (), text[start:end], start


def _is_own(passage: Passage, own: Own, clause: str) -> bool:
    if _IT.match(passage.text) and not calls_own(clause[3:], own):
        return calls_own(passage.lead[:120], own)
    return calls_own(clause, own) or bool(_SUBJECTLESS.match(passage.text))


def _is_relative(clause: str, own: Own) -> bool:
    """Tell whether the licence is said of a model that the sentence only mentions."""
    foreign = foreign_in(clause, own)
    if foreign is None:
        return bool(_RELATIVE.search(clause[-60:])) and not calls_own(clause[-60:], own)
    after = clause[foreign.end() :]
    return not (
        calls_own(clause[: foreign.start()], own) and re.search(r"(?i)(?:,| and) (?:it )?(?:is|are)\b", after)
    ) or bool(_RELATIVE.search(after))


def _of_others_data(clause: str, own: Own) -> bool:
    """Tell whether the clause is about a data set that is not this repository's own."""
    if own.kind == "dataset" or component_of(clause, own) != "data":
        return False
    return re.search(r"(?i)\b(?:this|these|our|the) (?:\w+ )?(?:data ?sets?|data|corpus)\b|本数据", clause) is None


def _part(after: str, clause: str, own: Own) -> Component:
    """Tell the part by the clause's nearest words, or by what follows the licence's name."""
    part = component_of(clause, own)
    following = re.match(r"(?i)\W{0,4}(?:licen[sc]e)?\W{0,3}(?:for|applies to|covers) (?:the |our )?(.{0,40})", after)
    if part == "any" and following and not clause.strip():
        part = component_of(following.group(1), own)
    return "data" if own.kind == "dataset" and part == "any" else part
