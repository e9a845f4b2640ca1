"""Licence claims: the sentences and fields in which a card says under what licence its own parts are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from urllib.parse import unquote

from osaudit.compiled import regex
from osaudit.evidence import Component, LicenceClaim, Where
from osaudit.files import is_licence_like, link_target
from osaudit.licences.expressions import Tag, tag_of
from osaudit.licences.names import NameHit, names_in
from osaudit.licences.table import load_table
from osaudit.licences.worded import Choices
from osaudit.reading.licensing.badges import MAX_CLAIMS, MAX_NAME, badges, misplaced
from osaudit.reading.licensing.said_of import MAX_FRAGMENT, OTHERS, said_of
from osaudit.reading.page.card import Layout
from osaudit.reading.page.hints import folded, has_any
from osaudit.reading.page.markdown import Sentence
from osaudit.reading.page.subjects import Own, Passage, component_of, place

MAX_REMEMBERED = 2_048  # sentences: cards share many

_WORD = (
    r"licen[cs](?:e|es|ing|ed)|terms of use|许可|(?:使用|开源)?协议|ライセンス|"
    r"lizenz|licencia|licença|лицензия"
)
_FIELD = regex(
    r"(?i)^[|\s]*(?P<part>(?:(?:model|code|source code|weights?|data(?:set)?|repository|project|software|"
    r"delta weights?)"
    rf"(?: ?(?:and|&|/) ?\w+)? )?)(?:{_WORD})(?: (?:type|information|name))?\s{{0,3}}(?:[(（][^)）]{{0,40}}[)）])?"
    r"(?: for (?:the )?(?P<for>[\w ]{1,30}))?\s{0,3}(?:\||[:：=]|[-–—]\s)\s*(?P<value>\S.*)$"
)
_PART_FIELD = regex(
    r"(?i)^[|\s*•-]{0,4}(?P<part>(?:source )?code|scripts?|(?:model )?(?:weights?|checkpoints?|parameters)|models?|"
    r"data(?:set)?s?|代码|源代码|(?:模型)?权重|模型|数据集?|code source|poids(?: du modèle)?|modèles?|données)"
    r"\**\s{0,3}(?:[:：]|\|)\s*(?P<value>\S.*)$"
)
_LABELS = regex("[:：|]")
_WEIGHTS = regex(r"(?i)weights?|checkpoints?|权重|poids")
_NOTHING = regex(
    r"(?i)^\W*(?:\[?more information (?:is )?needed\]?|n/?a|none|unknown|tbd|todo|other|terms|see .*|not specified|"
    r"not yet.*|"
    r"\?+|-+|待.*|unlicensed|the license.*|licen[sc]e)?\W*$"
)
_AND = regex(r"(?i)^[\s\W]{0,6}(?:licen[cs]e[\s\W]{1,6})?(?:and|or|及|和|或|&|/)?[\s\W]{0,6}(?:the |an? )?(?:both )?$")
_OR = regex(r"(?i)\bor\b|\bou\b|\boder\b|或")
_ALSO = regex(r"(?i)\b(?:and|et|und)\b|[,和及]")
_OPTION = regex(
    r"(?i)\b(?:at your (?:option|choice|discretion)|your choice|choose|choice of|either|dual[- ]licen[sc]ed|au choix|"
    r"à votre choix|nach (?:Ihrer )?Wahl|wahlweise)\b|任选|自行选择|二选一"
)
_MAY_NAME = regex(
    r"(?i)licen|agreement|terms of|apache|creative ?commons|"
    r"\b(?:mit|cc0?|a?gpl|lgpl|bsd|mpl|odbl|odc|cdla|wtfpl|eupl)\b|"
    r"\bcc[ -]?by|rail\b|rail[+-]|"
    r"public domain|协议|许可|授权|ライセンス|лиценз"
)
_NAME_HINTS = (
    *("licen", "agreement", "terms of", "apache", "creative", "mit", "cc", "gpl", "bsd", "mpl", "odbl", "odc", "cdla"),
    *("wtfpl", "eupl", "rail", "public domain", "协议", "许可", "授权", "ライセンス", "лиценз"),
)
_FIELD_HINTS = ("licen", "terms of use", "协议", "许可", "ライセンス", "lizenz", "лиценз")
_UNKNOWN = regex(
    r"(?P<name>(?<![\w'])[A-Z][\w.+'-]*(?: (?:[A-Z(\d][\w.+)'-]*|of|&)){0,7} (?:Licen[sc]e|LICEN[SC]E|Agreement)"
    r"(?: Agreement)?(?: for [A-Z]\S*(?: [A-Z\d]\S*){0,3})?(?!\w))|《(?P<title>[^》\n]{2,60}(?:协议|许可证?))》"
)
_CALLED = regex(r"Model Licen[sc]e(?: Agreement)?(?! (?:Version|v?\d))")
_GENERIC = regex(
    r"(?i)(?:(?:see|check|read|under|the|this|our|its?|a|an|open|source|software|model|code|data|full|official|"
    r"permissive|community|enterprise|license|"
    r"licence|agreement|terms|of|use|please|by|for|commercial|and|more|custom|research|user|end) ?)+"
)
_FAMILIES = {"cc": "cc-", "openrail": "openrail", "gpl": "gpl-", "lgpl": "lgpl-", "bsd": "bsd-", "gfdl": "gfdl-"}
_ALTERED_BEFORE = regex(r"(?i)\b(?:modified|adapted|customi[sz]ed|based on)\W{0,6}$")
_ALTERED_AFTER = regex(r"(?i)^(?:-(?!licen[sc]ed\b)[a-z]|\+|[ -](?:based|like|style|derived|compatible)\b)")
_WISH = regex(r"(?i)(?:we|i) (?:hope|wish|thank|believe|are (?:happy|glad|proud|excited|grateful))\b")
_FORCE = regex(
    r"(?i)\b(?:must|shall|only|not|no|may|permi\w+|allow\w*|agree\w*|contact|ask|consent\w*|requir\w+|restrict\w*|"
    r"commercial\w*|research|terms|licen[cs]\w+)\b|n['’]t\b"
)
_HUB_REPO = regex(r"(?i)https?://(?:www\.)?(?:huggingface\.co|hf\.co)/((?:datasets/)?[\w.-]+/[\w.-]+)/")
_FURTHER = regex(r"(?i)^\W*additional (?:information|terms|licen[cs]es?)\W")
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


@lru_cache(maxsize=MAX_REMEMBERED)
def _forms_of(text: str) -> tuple[re.Match[str] | None, re.Match[str] | None, bool]:
    """Tell how a sentence may name a licence: as a field, as a field of a part, or by words."""
    plain = folded(text)
    field = _FIELD.match(text[:600]) if has_any(plain, _FIELD_HINTS) else None
    part = _PART_FIELD.match(text[:200]) if not field and _LABELS.search(text, 0, 200) else None
    return field, part, has_any(plain, _NAME_HINTS) and _MAY_NAME.search(text) is not None


def _claims(layout: Layout, passage: Passage, own: Own) -> Iterator[LicenceClaim]:
    elsewhere = own.kind == "model" and passage.topic in _OTHER_TOPICS
    field, part, names_one = _forms_of(passage.text)
    if field and not (elsewhere and passage.topic == "training-data"):
        yield from tuple(_parted(layout, passage, own, field)) or _field_claim(layout, passage, own, field)
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
    if not names_one:
        return
    hits = _named(passage) or _linked_names(passage.sentence)
    yield from _told(layout, passage, own, hits)


def _told(layout: Layout, passage: Passage, own: Own, hits: tuple[NameHit, ...]) -> Iterator[LicenceClaim]:
    """List the licences that a sentence names, each for the part that it is said of."""
    parts: set[Component | None] = set()
    for keys, name, start, beside in _all_named(passage.text, hits):
        claimed = said_of(passage, own, start, name)
        component = _part_of_heading(layout, passage, own) if claimed == "any" else claimed
        if component is None or (beside and not _is_of_another_part(passage, name, start, component, parts)):
            continue
        parts.add(component)
        if _FURTHER.match(passage.text) and _opens_all(keys):
            continue
        sure = () if _is_altered(passage.text, start, name) else keys
        offered = _offered(passage.text, name, sure)
        where, links = place(layout, passage), _links_to(layout, passage)
        yield LicenceClaim(component, "card statement", name[:MAX_NAME], sure, where, offered, links)


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
    return any(regex(r"(?i)(?:\./)?licen[cs]e(?:\.\w+)?$").match(url) for url in links)


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
    if _NOTHING.match(value) or OTHERS.search(field.group("for") or "") or _is_no_name(passage, value):
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
    where, links = place(layout, passage), _links_to(layout, passage)
    yield LicenceClaim(component, "card statement", value[:MAX_NAME], keys, where, tag.choices, links)


def _is_no_name(passage: Passage, value: str) -> bool:
    """Tell a column's head, a mark or a wish from a licence's name."""
    if names_in(f"License: {value}") or tag_of(value).keys:
        return False
    head = passage.sentence.kind == "row" and passage.text.strip(" |").count("|") > 1
    return head or value.startswith("#") or (_WISH.match(value) is not None and not _FORCE.search(value))


def _links_to(layout: Layout, passage: Passage) -> str:
    """The licence file of this repository to which a sentence links; empty where there is none."""
    for link in passage.sentence.links[:8]:
        other = _HUB_REPO.match(link.url)
        if other and other.group(1).casefold() != layout.card.ref.path.casefold():
            continue  # another repository's file
        path = unquote(link_target(link.url)).partition("#")[0]
        if is_licence_like(path):
            return path[:MAX_NAME]
    return ""


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
        if regex(r"(?i)licen[cs]e|creativecommons|gnu\.org").search(link.url):
            hits = names_in(unquote(link.url))
            found += [NameHit(hit.keys, link.at, link.at + len(link.text), link.text) for hit in hits[:1]]
    return tuple(found)


def _unknown(text: str) -> Iterator[tuple[tuple[str, ...], str, int]]:
    """Find licences that are named and not known: "must follow the Acme Model License"."""
    for found in _UNKNOWN.finditer(text):
        start, end = found.span("name" if found.group("name") else "title")
        if not _GENERIC.fullmatch(text[start:end]):
            yield (), text[start:end], start
