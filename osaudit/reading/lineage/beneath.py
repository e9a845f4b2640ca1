"""Families under restricting terms that a card mentions, unless the words explain the mention as something else.

A name can only lower a verdict, so reading fails closed here: a family that words of making bind to this model counts
under every heading, and one that nothing explains counts where a card speaks of its model. A guess opens a question and
decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from osaudit.compiled import regex
from osaudit.evidence import Confidence, Relation, Statement, Where
from osaudit.folding import ascii_lower
from osaudit.licences.called import heads, maker_family, maker_mention, owners_of
from osaudit.licences.called import mention as called
from osaudit.licences.families import Family, family_of, naming_marks
from osaudit.reading.lineage.addresses import models_in_code, pointed_model
from osaudit.reading.lineage.derived import is_under_its_terms
from osaudit.reading.lineage.explained import is_explained
from osaudit.reading.page.card import Layout
from osaudit.reading.page.hints import of_families
from osaudit.reading.page.subjects import Own, Passage, foreign_in, names_own, normal, place

MAX_BENEATH = 6
MAX_PASSAGE = 600
MAX_MENTIONS = 12
MAX_REMEMBERED = 2_048  # sentences: cards share many

# under these headings a mention that no word of making binds to this model is one beside it
_QUIET = frozenset({"citation", "evaluation", "limitations", "out-of-scope", "links", "training-data"})

_MENTION = regex(
    rf"(?a)(?<![\w/@.-])(?:[\w.]{{1,40}}[-/]){{0,4}}{heads()}(?:(?!-based\b)[\w.+-])*"
    r"(?:[ -](?:v?\d[\w.]*|xl|large|base|small|medium|chat|instruct|inpainting|turbo|dev|schnell|guard|r|plus|"
    r"\d+b)(?!\w| language))*"
)
_FILL = (
    r"(?:(?:the|a|an|our|of|from|on|upon|over|with|using|for|to|top|meta['’]?s?|facebook['’]?s?|google['’]?s?|"
    r"original|base|raw|pre-?trained|released?|public|large|small|full|\w*quanti[sz]ed|[48]-?bit|versions?|variants?|"
    r"copy|checkpoints?|weights|models?|language|lora|qlora|adapters?|de|d['’]un|el|la|le|les|modelo|modèle|des|von)"
    r"[\s:`*\"'(\[]+){0,8}"
)
_MAKING = (
    r"(?:fine-?\s?-?tun(?:e[ds]?|ing)|finetun(?:e[ds]?|ing)|instruction-tun(?:ed|ing)|post-?train(?:ed|ing)|"
    r"(?:further |re-?|continu\w+ (?:pre-?)?)train(?:ed|ing)|quanti[sz](?:ed|ation)|gptq|ggml|gguf|awq|exl2|"
    r"distill?(?:ed|ation)|prun(?:ed|ing)|convert(?:ed)?|conversion|adapted|affinage|ajustado a partir|entrenado|"
    r"deriv(?:ed|ation|ative)s?|initiali[sz]\w*|warm-?start\w*|(?:we |model |training )?start(?:s|ed|ing)?|"
    r"loras?|qlora|adapters?|deltas?|delta weights|xor\w*|merged?|merging|mix(?:ed)?|embeddings?|inversions?|"
    r"[2-8]-?bit|int[48]|dreambooth|taught|hypernetworks?|built (?:on|upon|from)|based|basier\w*|trained|trained on)"
)
_BEFORE = regex(rf"(?i)\b{_MAKING}[\s:`*\"'(\[]+(?:[\w/'-]+ ){{0,4}}?{_FILL}$")
_AS_BASE_BEFORE = regex(
    r"(?i)(?:\b(?:base|backbone|foundation|underlying|parent|language model|llm|decoder|text encoder|"
    r"starting point)\b|"
    rf"底座|基座|基础模型|骨干)[^.;。]{{0,40}}?(?:\b(?:is|are|was|with|from|of|to|uses?)\b|[:：=`|]|为|是|采用|使用)\s*{_FILL}$|"
    r"\bbase model[\s`*\"'(\[]+$"
)
_AFTER = regex(
    r"(?i)^[`*\"')\]]{0,3}(?:\([^)]{0,60}\))?(?:\s\(?v?\d[\w.]*\)?)?[\s-]{0,2}(?:(?:large |language |chat |base |"
    r"original "
    r"|pre-?trained )*(?:models?|weights|checkpoints?|versions?),?\s)?(?:(?:that|which)\s)?"
    r"(?:(?:was|is|were|has been|have been|have|i|we)\s)?,?\s?(?:\w+ly\s)?(?:i |we )?"
    r"(?:fine-?\s?tun|finetun|instruction[- ]tun|post-?train|further|trained|quanti[sz]|converted|pruned|distil|"
    r"adapted|"
    r"with extended|extended|derivative|based\b|loras?\b|qlora|adapters?\b|embedding|textual inversion|merge|ggml|"
    r"gguf|gptq|awq|exl2|[2-8]-?bit|via dreambooth|via textual|using dreambooth|with dreambooth|微调|基础上|底座|量化|"
    r"basier|ベース|in (?:ggml|gguf|gptq|awq)\b)"
)
_AS_BASE_AFTER = regex(
    r"(?i)^[`*\"')\]]{0,3}(?:\([^)]{0,60}\))?\s?(?:(?:language )?models? |weights )?"
    r"(?:as (?:the|its|our|a|an)? ?(?:\w+ )?(?:base|backbone|foundation|language|llm|decoder|starting|text encoder|"
    r"initial\w*)|(?:is|was) (?:used|chosen) as|作为?(?:底座|基座|基础)|为(?:底座|基座|基础))"
)
_SUBJECT = regex(
    r"(?i)^\W*(?:(?:this|it|here|these|the|our|my|model|models|repo(?:sitory)?|checkpoint|weights|files?|contains?|"
    r"holds?|is|are|was|your?|an?|based|[48]-?bit|int[48]|english|multilingual|quanti[sz]ed|pruned|new|small|large|"
    r"tuned|fine-?tuned|finetuned|instruction-tuned|chat|for|ein|une?|un|auf|以|将|对|在|on|\w+ (?:is|"
    r"was)(?= an? ))\W*)*$"
)
_ROW = regex(
    r"(?i)^\W*(?:\w+ ){0,2}?(?:base|parent|backbone|foundation|initial\w*|fine-?tuned from|starting|llm|language model|"
    r"original|source|derived from)\b[^|]{0,30}\|[^|]{0,60}$"
)
_OTHER_SUBJECT = regex(r"(?i)^\W*(?:the )?(?P<name>[\w.+-]+,?(?: [\w.,+-]+){0,8}?) (?:is|are|was|were|has been)\b")

_RELEASED = regex(
    r"(?i)\b(?:releas(?:e[sd]?|ing)|introduc(?:e[sd]?|ing)|announc(?:e[sd]?|ing)|launch(?:ed|es)?|publish(?:ed|es)?) "
    r"(?:the |our )?(?P<name>(?-i:[A-Z])[\w.+-]*), an? [^.;,]{0,60}$"
)
MAX_RELEASE = 140


class _Mention(NamedTuple):
    """A family's name, or a link to one of its models: what it is called, and its span in the passage."""

    name: str
    start: int
    end: int


class _Told(NamedTuple):
    """A family beneath this model, by what name and how surely a place tells of it."""

    name: str
    family: Family
    confidence: Confidence
    where: Where


def read_beneath(
    layout: Layout, passages: Iterable[Passage], own: Own, named: Iterable[Statement]
) -> tuple[tuple[Statement, Relation], ...]:
    """List the families that a card mentions unexplained and that no base in `named` belongs to, each once."""
    under = {family.licence for statement in named if (family := family_of(statement.value))}
    found: list[tuple[Statement, Relation]] = []
    for told in _told(layout, passages, own) if own.kind == "model" else ():
        if len(found) >= MAX_BENEATH:
            break
        if told.family.licence not in under:
            under.add(told.family.licence)
            found.append((Statement("base", told.name, "weights", told.confidence, told.where), "unknown"))
    return tuple(found)


def _told(layout: Layout, passages: Iterable[Passage], own: Own) -> Iterator[_Told]:
    title = next((block for block, _ in layout.blocks if block.kind == "heading"), None)
    for passage in passages:
        if passage.has(of_families()) or passage.sentence.links:
            headline = title is not None and title.start <= passage.sentence.start < title.end
            for name, family, made in _families(passage, own, headline=headline):
                sure: Confidence = "high" if made and is_under_its_terms(passage, name) else "low"
                yield _Told(name, family, sure, place(layout, passage))
    for name, start, end in models_in_code(layout):
        beneath = family_of(name)
        if beneath and not _is_ours(beneath, own):
            yield _Told(name, beneath, "low", layout.card.where(start, end))


def _families(passage: Passage, own: Own, *, headline: bool) -> Iterator[tuple[str, Family, bool]]:
    """Find the families that a passage mentions as what this model was made from, or without a word on why."""
    text = passage.text[:MAX_PASSAGE]
    if any(mark.fullmatch(text.strip(" .!*_")) for mark in naming_marks()):
        return  # a mark that stands alone is read as such
    for mention in _mentions(passage, text):
        family = family_of(mention.name)
        if family is None or _is_ours(family, own) or _is_siblings(mention.name, own):
            continue
        before, after = text[: mention.start], text[mention.end : mention.end + 120]
        if _speaks_of_another(before, own) or is_explained(before, after):
            continue
        made = _is_made_from(before, after, passage)
        if made or _is_unexplained(mention, passage, headline=headline):
            yield mention.name, family, made


def _mentions(passage: Passage, text: str) -> Iterator[_Mention]:
    """List what the words and links of a passage name; a linked name is the model that the link leads to."""
    links = [(link, name) for link in passage.sentence.links[:MAX_MENTIONS] if (name := pointed_model(link.url))]
    for link, name in links:
        yield _Mention(name, link.at, link.at + len(link.text))
    if not passage.has(of_families()):
        return
    by_maker, by_name = _named_in(text)
    yield from by_maker
    for mention in by_name:
        if not any(link.at <= mention.start < link.at + len(link.text) for link, _ in links):
            yield mention


@lru_cache(maxsize=MAX_REMEMBERED)
def _named_in(text: str) -> tuple[tuple[_Mention, ...], tuple[_Mention, ...]]:
    """Find the families that a text calls by their makers, and those that it calls by their names."""
    by_maker = [_Mention(maker_family(made), made.start(), made.end()) for made in maker_mention().finditer(text)]
    by_name = []
    for found in islice(_MENTION.finditer(ascii_lower(text)), MAX_MENTIONS):
        name = text[found.start() : found.end()].strip(" .-")
        if name:
            by_name.append(_Mention(name, found.start(), found.start() + len(name)))
    return tuple(by_maker), tuple(by_name)


def _is_made_from(before: str, after: str, passage: Passage) -> bool:
    """Tell whether the words around a name speak of making a model from it."""
    if passage.sentence.kind == "row":
        return _ROW.match(before) is not None
    if _BEFORE.search(before[-160:]) or _AS_BASE_BEFORE.search(before[-120:]) or _AS_BASE_AFTER.match(after):
        return True
    return bool(_AFTER.match(after) and _SUBJECT.match(before))


def _is_unexplained(mention: _Mention, passage: Passage, *, headline: bool) -> bool:
    """Tell whether a name stands where a card speaks of its model, in a way that a name of a model is written."""
    if passage.sentence.kind == "row" or passage.topic in _QUIET:
        return False
    if passage.sentence.kind == "heading" and not headline:
        return False
    return regex(r"[\dA-Z]").search(mention.name.rpartition("/")[2]) is not None


def _speaks_of_another(before: str, own: Own) -> bool:
    """Tell whether the sentence's subject is a sibling, or another project's model."""
    subject = _RELEASED.search(before[-MAX_RELEASE:]) or _OTHER_SUBJECT.match(before)
    if subject is None or names_own(subject.group("name"), own):
        return False
    name = subject.group("name").split(" ")[0].rstrip(",")
    numbered = "-" in name and regex(r"\d").search(name) is not None and not regex(r"\d+-?bit").match(name)
    if subject.re is _RELEASED:
        return normal(name) not in own.name
    return (numbered and normal(name) not in own.name) or foreign_in(subject.group("name"), own) is not None


def _is_siblings(name: str, own: Own) -> bool:
    """Tell whether a name begins with this repository's own, or with that of a family of this owner; or is a tool's."""
    begun = called().match(ascii_lower(name))
    longer = "/" not in name and normal(name) != own.name and normal(name).startswith(own.name)
    return longer or "-for-" in name.lower() or (begun is not None and own.owner in owners_of(begun))


def _is_ours(family: Family, own: Own) -> bool:
    """Tell whether the family is this owner's, or this repository's own name is an exception from it."""
    name = "-".join(own.parts)
    return own.owner in family.publishers or bool(family.unless and family.unless.search(name))
