"""The models that a card's words say this one was made from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from osaudit.compiled import regex
from osaudit.evidence import Confidence, Relation, Statement
from osaudit.folding import ascii_lower
from osaudit.licences.called import heads
from osaudit.licences.families import family_of
from osaudit.reading.lineage.derived import is_under_its_terms
from osaudit.reading.page.card import Layout
from osaudit.reading.page.hints import Hints, folded, has_any
from osaudit.reading.page.markdown import Link
from osaudit.reading.page.subjects import Own, Passage, foreign_in, names_own, normal, others_family, place

MAX_BASES = 20
MAX_MADE = 4
MAX_REMEMBERED = 2_048  # sentences: cards share many

_HUB_MODEL = regex(
    r"(?i)^https?://(?:www\.)?(?:huggingface\.co|hf\.co)/(?P<id>[\w.-]+(?:/[\w.-]+)?)/?(?:$|[?#]|(?:tree|blob|"
    r"resolve|raw)/)"
)
_NO_MODELS = regex(
    r"(?i)(?:datasets|spaces|docs|blog|papers|models|organizations|course|join|tasks|collections|posts|transformers|"
    r"diffusers|settings|learn|chat|"
    r"pricing|search|api|new|enterprise|nlp|metrics)$"
)
_ID = regex(r"(?a)(?<![\w/@.:-])(?P<id>[A-Za-z0-9][\w.-]{0,60}/(?=[\w.-]*[0-9_-])[A-Za-z0-9][\w.-]{0,94}\w)(?![\w/])")
_FIELD = regex(
    r"(?i)^[|\s]*(?:(?:fine-?\s?tuned|finetuned|quanti[sz]ed|converted|trained|distilled|merged|derived|adapted|"
    r"continued) from(?: (?:the )?(?:base |parent )?model)?|"
    r"(?:base|parent|original|source|foundation|backbone|starting|pre-?trained|initial) (?:model|checkpoint|"
    r"language model)s?(?: (?:name|card|used))?|"
    r"基座模型|基础模型|ベースモデル|modèle de base|basismodell|modelo base)\s*(?:[(\[][^)\]]{0,20}[)\]])?\s*(?:\||"
    r"[:：])\s*(?P<value>\S.*)$"
)
_MADE: dict[Relation, re.Pattern[str]] = {
    "quantized": regex(
        r"(?i)\b(?:quanti[sz](?:ed|ation)|gptq|awq|gguf|ggml|\d-?bit|int[48]|exl2)\b[^.;]{0,60}?\b(?:versions?|"
        r"conversions?|files?|models?|format|variants?|quants?|weights|of)\b"
        r"[^.;]{0,40}?\b(?:of|for|from)\b|量化(?:版|模型)|(?:为|是)(?=[^。，]{1,60}的(?:\w+)?量化)"
    ),
    "merge": regex(
        r"(?i)\b(?:merge[ds]?|merging|blend(?:ed)?|mix(?:ture)?|mixed) (?:\w+ ){0,4}?(?:of|from|between|with)\b|融合"
    ),
    "adapter": regex(
        r"(?i)\b(?:lora|qlora|adapters?|delta weights?|adapt(?:at)?ion weights?|peft)\b[^.;]{0,60}?\b(?:for|of|on|to|"
        r"with|from|over|trained on base model)\b"
        r"|\bdelta weights?\b[^.]{0,40}\bappl(?:y|ied)\b[^.;]{0,30}\b(?:on top of|onto|over|to)\b"
        r"|^\W*(?:they|these|it) (?:must|ha(?:ve|s) to|needs? to|should|can only) be applied "
        r"(?:on top of|onto|over|to)\b"
    ),
    "finetune": regex(
        r"(?i)\b(?:fine-?tuning|finetuning) (?=(?:the |a )?(?:original |pre-?trained )*(?:(?-i:[A-Z])|"
        r"[\w.-]+/[\w.-]))"
        r"|\b(?:fine-? ?tun(?:ed?|ing)|finetun(?:ed|ing)|instruction[- ]tuned|post-?trained|"
        r"further (?:pre-?)?trained|continu\w+ (?:pre-?)?train(?:ed|ing)|retrained|dpo|sft)\b"
        r"[^.;]{0,70}?\b(?:versions? of|variants? of|checkpoint of|of|from|on top of|upon|based on|starting (?:from|"
        r"with)|using)\b"
        r"|\b(?:initiali[sz]ed|derived|distill?ed|adapted|built|developed|created|converted|pruned|sparsified|ported|"
        r"extended|warm-?started|trained|continued) (?:\w+ )?"
        r"(?:from(?! scratch)|on top of|upon|with (?:the )?weights (?:of|from))\b"
        r"|\bbased (?:up)?on\b|\bbuilt (?:up)?on\b|\b(?:variants?|(?:smaller|lighter|lite|reduced|shrunk|modified|"
        r"improved|extended|compact|optimi[sz]ed) versions?|"
        r"distill?ed|pruned|sparsified|compressed|converted|"
        r"conversion|export|mirror|copy|re-?upload|clone|fork|port) (?:version )?of\b"
        r"|基于|在[^。]{0,30}基础上|微调|\b(?:basé|fondé)e? sur\b|\bbasiert auf\b|\bbasado en\b|"
        r"\bbaseado em\b|на основе|"
        r"をベースに|ファインチューニング"
    ),
}
_MADE_HINTS: dict[Relation, tuple[str, ...]] = {
    "quantized": ("quanti", "gptq", "awq", "gguf", "ggml", "bit", "int4", "int8", "exl2", "量化"),
    "merge": ("merg", "blend", "mix", "融合"),
    "adapter": ("lora", "adapt", "delta weight", "peft", "be applied"),
    "finetune": (
        *("tun", "train", "dpo", "sft", "based on", "based up", "built", "initiali", "derived", "distil", "adapted"),
        *("developed", "created", "convert", "conversion", "pruned", "sparsified", "ported", "extended", "started"),
        *("continued", "variant", "version", "compressed", "export", "mirror", "copy", "upload", "clone", "fork"),
        *(
            "port of",
            "基于",
            "基础上",
            "微调",
            "basé",
            "fondé",
            "basiert",
            "basado",
            "baseado",
            "на основе",
            "をベース",
        ),
        "ファインチューニング",
    ),
}
_ANY_MADE = Hints(sorted({word for words in _MADE_HINTS.values() for word in words}))
_BEFORE_HINTS = Hints(("tuned", "quanti", "trained", "converted", "pruned", "distil", "を"))
_LIKELY = regex(
    r"(?i)^(?:the |a |an |our |pre-?trained |original |base |official |meta'?s? |google'?s? |openai'?s? |"
    r"microsoft'?s? |facebook'?s? |multilingual |large |released )*"
)
_NAME = regex(
    rf"(?a)(?<![\w/-])(?:(?:{heads()}|\w*bert)(?:(?!-(?:like|style|based)\b)[\w.+-])*"
    r"|[a-z]\w*(?=[\w.-]*(?:-(?:base|large|small|medium|tiny|xl)\b|\d))(?:-[\w.]+){2,})"
    r"(?:[ -](?:v?\d[\w.]*|xl|large|base|small|medium|tiny|mini|uncased|cased|multilingual|chat|instruct|inpainting|"
    r"turbo|diffusion|guard|neox|neo|j|\d+[bm]))*"
)
_ARCHITECTURE = regex(
    r"(?i)^(?:(?!\s(?:on|with|using|for|over|and|to|in)\s)[^.;,]){0,30}?(?<![\w-])(?:architectures?|papers?|approach|methods?|techniques?|pretraining|tokeni[sz]ers?|"
    r"objective|framework|library|code(?:base)?|scripts?|"
    r"repo(?:sitory)?|tutorial|notebook|recipe|implementation|style|design|embeddings|vocab\w*|dataset|corpus|data|"
    r"dataset)(?![\w-])"
)
_AS_DATA = regex(r"(?i)data ?set|corpus|https?:")
_NEAR_DATA = regex(r"(?i)^[^.;,]{0,30}?(?<![\w-])(?:data ?sets?|corpus|data)(?![\w-])")
_DATA_NEXT = regex(r"(?i)[\s`*\"')\]]{0,6}(?:data ?set|corpus)")
_ASIDE = regex(
    r"(?i)\b(?:can be|could be|you can|may be|want to|to fine-?tune|how to|compared|than|unlike|similar to|other|"
    r"another|example|e\.g\.|such as|dataset|data set|not|never|neither|nor|evaluat\w*|"
    r"outperform\w*|baselines?|benchmark\w*|tokeni[sz]er|vocabulary|card|paper|hyper-?parameters?|labels?|"
    r"section|description|readme|documentation|figure)\b|\bwe (?:also |have )?provided?\b|\brelease an?\b|"
    r"提供|发布了|推出|"
    r"所有|其他|\bwe\b.*\b(?:models|checkpoints|versions|variants)\b"
)
_OF_DESIGN = regex(
    r"(?i)\b(?:architecture|design|tokeni[sz]er|vocabulary|code\w*|scripts?) (?:(?:is|are|was|were) )?(?:\w+ly )?$"
)
_SELF = regex(
    r"(?i)^\W*(?:\d[.)]\s*)?(?:this|these|the|our|it|we|here|i|a|an|model|weights?|repo(?:sitory)?|checkpoint|"
    r"fine-?tuned|finetuned|quanti[sz]ed|merge|merged|lora|adapter|"
    r"based|trained|built|initiali[sz]ed|converted|distill?ed|derived|description|pre-?trained|continued|gptq|awq|"
    r"gguf|ggml|\d-?bit|本|该|我们|基于)\b|^\W*(?:本|该|我们|基于)"
)
_IN_FRONT = regex(
    r"(?:对|为|是|在|由|将|把)(?P<span>[^。；，]{2,90}?)(?:模型|参数|权重)?(?:进行|做|的|上|经|基础)[^。；，]{0,16}?(?P<how>微调|精调|量化|预训练|训练|蒸馏|"
    r"合并|结合|基础上)"
)
_IN_FRONT_HINTS = Hints(("微调", "精调", "量化", "训练", "蒸馏", "合并", "结合", "基础上"))
_BEFORE_VERB = (
    r"(?i)\b(?:is|are) (?:an? |the |our )?(?:english |multilingual |pre-?trained |large |"
    r"small )*(?P<span>[^.;,]{2,90}?),?(?: (?:language )?(?:models?|versions?|checkpoints?))?,?"
    r"(?: (?:that|which) (?:was|is|has been|have been|were))?(?: \w+ly| then| further)? (?P<how>fine-?\s?tuned|"
    r"finetuned|quanti[sz]ed|trained (?:on|with|using)|converted|pruned|"
    r"distill?ed)\b|(?P<how2>fine-?tuned|finetuned|quanti[sz]ed|"
    r"distill?ed) (?P<span2>[\w.-]{3,60}(?: [\w.-]{1,20}){0,2}) (?:model|version|"
    r"checkpoint)\b"
)
_IN_FRONT_LATIN = regex(_BEFORE_VERB)
_IN_FRONT_MIXED = regex(rf"{_BEFORE_VERB}|(?P<span3>[A-Za-z][A-Za-z0-9_ .-]{{2,60}})を(?:ベース|基|元|もと)(?:に|と)")
_OF_THIS = regex(
    r"(?i)^\W*(?:this (?:is |model|repo|checkpoint|adapter|lora|version)|the model (?:is|was) |our model (?:is|was) |"
    r"it (?:is|was) (?:an? |the )?(?:\w+ )?(?:fine|based|train|deriv|quanti|distil|merge|initiali)|本模型|该模型)"
)
_TITLED = regex(r"^\W*[A-Z][\w.]*(?: [A-Z\d][\w.]*){0,4} (?:is|was) (?:an? |the )")
_INHERITS = regex(r"(?i)\binherits? [^.;]{0,30}\blicen[cs]\w*(?: terms)? (?:of|from)\b")
_MERGED = regex(
    r"(?i)(?:the )?(?:models?(?: (?:and|&|\+|/) (?:loras?|adapters?))? (?:used|merged|included|in (?:this|the) "
    r"merge)\b|"
    r"(?:merged|source|parent|constituent|component) models?\b|(?:merge|recipe) (?:components|ingredients|"
    r"contents)\b|ingredients\b)"
)
_SILENT = frozenset(
    {"citation", "evaluation", "how-to-use", "limitations", "out-of-scope", "links", "training-data", "licence"}
)


class _Name(NamedTuple):
    """What a model is called in a text, and where that ends."""

    words: str
    end: int


def _named_at_once(text: str) -> _Name | None:
    found = _NAME.match(ascii_lower(text))
    return _Name(text[: found.end()], found.end()) if found else None


def _first_name(text: str) -> _Name | None:
    found = _NAME.search(ascii_lower(text))
    return _Name(text[found.start() : found.end()], found.end()) if found else None


def read_bases(layout: Layout, passages: Iterable[Passage], own: Own) -> tuple[tuple[Statement, Relation], ...]:
    """List the models that the card says this one was made from, each once, and how it was made."""
    found: dict[str, tuple[Statement, Relation]] = {}
    merged = _merged_lines(layout)
    for passage in passages if own.kind == "model" else ():
        if len(found) >= MAX_BASES:
            break
        listed = merged and passage.sentence.kind == "item" and layout.card.line_of(passage.sentence.start) in merged
        for name, relation, confidence in _of_merge(passage) if listed else _named(passage, own):
            key = normal(name.rpartition("/")[2])
            if not key or _is_itself(name, key, own) or (key in found and found[key][0].confidence == "high"):
                continue
            sure: Confidence = "high" if is_under_its_terms(passage, name) else confidence
            found[key] = (Statement("base", name, "weights", sure, place(layout, passage)), relation)
    return tuple(found.values())


def _merged_lines(layout: Layout) -> frozenset[int]:
    """The lines under the headings that list what a merge was made of; none where the card speaks of no merge."""
    if "merg" not in layout.card.text[layout.body :].lower():
        return frozenset()
    told = (section.lines for section in layout.sections if _MERGED.match(section.heading.strip(" :*_#")))
    return frozenset(line for first, last in told for line in range(first, last + 1))


def _of_merge(passage: Passage) -> Iterator[tuple[str, Relation, Confidence]]:
    """Name the models that an item of such a list names, by link or by id."""
    linked = [name for link in passage.sentence.links if (name := hub_model(link.url))]
    found = _ID.search(passage.text[:200])
    yield from ((name, "merge", "high") for name in linked[:4])
    if found and not linked:
        yield found.group("id"), "merge", "high"


def _is_itself(name: str, key: str, own: Own) -> bool:
    """Tell whether a name is this repository's own, or that of its own family without a size or version."""
    owner, _, _ = name.lower().rpartition("/")
    if key == own.name:
        return owner in {"", own.owner}
    return not owner and key in own.name and not others_family(name, own) and not regex(r"\d").search(name)


def hub_model(url: str) -> str | None:
    """Read the id of the Hub model that a link points to."""
    found = None if regex(r"(?i)/[\w.-]*licen[cs]e").search(url) else _HUB_MODEL.match(url.strip())
    if found is None or _NO_MODELS.match(found.group("id").split("/")[0]):
        return None
    # a bare name is an account, or one of the oldest models
    whole = "/" in found.group("id") or _named_at_once(found.group("id"))
    return found.group("id").rstrip(".") if whole else None


def _named(passage: Passage, own: Own) -> Iterator[tuple[str, Relation, Confidence]]:
    text = passage.text[:800]
    field = _FIELD.match(text)
    handed = _INHERITS.search(text) if "inherit" in passage.plain else None
    if field:
        yield from _of_field(passage, field)
    elif handed and passage.topic == "licence":
        yield from _models(passage, handed.end(), "unknown")
    elif passage.sentence.kind != "row" and (
        passage.topic not in _SILENT or _OF_THIS.match(text) or names_own(text[:300], own)
    ):
        yield from _of_sentence(passage, own)


def _of_sentence(passage: Passage, own: Own) -> Iterator[tuple[str, Relation, Confidence]]:
    """Read "a fine-tuned version of X" and its like; the first words that lead to a model count."""
    text = passage.text[:800]
    for relation, start, end in _made_in(text) if passage.has(_ANY_MADE) else ():
        before = text[:start]
        if not _is_own(before, own) or _ASIDE.search(before[-120:]) or _OF_DESIGN.search(before[-60:]):
            continue
        models = tuple(_models(passage, end, relation))
        if models:
            yield from models
            return
    yield from _in_front(passage, own)


@lru_cache(maxsize=MAX_REMEMBERED)
def _made_in(text: str) -> tuple[tuple[Relation, int, int], ...]:
    """Find the words on making a model from another one, and where they begin and end."""
    plain = folded(text)
    return tuple(
        (relation, made.start(), made.end())
        for relation, pattern in _MADE.items()
        if has_any(plain, _MADE_HINTS[relation])
        for made in islice(pattern.finditer(text), MAX_MADE)
    )


def _in_front(passage: Passage, own: Own) -> Iterator[tuple[str, Relation, Confidence]]:
    """Read sentences that put the model before the verb: "is a bert-base model, fine-tuned for ..."."""
    text = passage.text[:800]
    wide = _IN_FRONT.search(text) if passage.has(_IN_FRONT_HINTS) else None
    if wide and not regex(r"词表|分词|数据|架构|代码|tokeni|提供").search(wide.group()):
        if names_own(text, own) or regex(r"我们|本|该").search(text) or _SELF.match(text):
            yield from _within(wide.group("span"), "quantized" if wide.group("how") == "量化" else "finetune", own)
        return
    pattern = _IN_FRONT_MIXED if "を" in text else _IN_FRONT_LATIN
    made = pattern.search(text) if passage.has(_BEFORE_HINTS) else None
    if made is None or _ASIDE.search(text[: made.start()]) or not _is_own(text[: made.start()], own):
        return
    how = (made.group("how") or made.group("how2") or "").lower()
    relation: Relation = "quantized" if how.startswith("quanti") else "finetune"
    group = next(group for group in ("span", "span2", "span3") if made.group(group))
    linked = [hub_model(link.url) for link in passage.sentence.links if made.start(group) <= link.at <= made.end(group)]
    known = [name for name in linked if name]
    if known:
        yield known[0], relation, "high"
    elif not how.startswith("trained"):
        yield from _within(made.group(group), relation, own)


def _within(span: str, relation: Relation, own: Own) -> Iterator[tuple[str, Relation, Confidence]]:
    """Name the model that a few words hold: by its id, else by a well-known family's name."""
    found, name = _ID.search(span), _first_name(span)
    if found:
        yield found.group("id"), relation, "high"
    elif name and normal(name.words) != own.name and not name.words.endswith("Tokenizer"):
        yield name.words.strip(" .-"), relation, "low"


def _of_field(passage: Passage, field: re.Match[str]) -> Iterator[tuple[str, Relation, Confidence]]:
    """Read "Finetuned from model: X" and its like."""
    key = field.group(0)[: field.start("value")].lower()
    relation: Relation = (
        "quantized" if "quanti" in key or "original" in key else "merge" if "merge" in key else "finetune"
    )
    relation = "unknown" if "original" in key else relation
    linked = [hub_model(link.url) for link in passage.sentence.links]
    cells = [cell for cell in regex(r" \| ?").split(field.group("value")) if cell.strip(" |")]
    value = cells[0].strip(" |.`*\"'") if cells else ""
    known = [name for name in linked if name]
    if len(cells) > 1 and passage.sentence.kind == "row":
        return
    if known:
        yield from ((name, relation, "high") for name in known[:4])
    elif found := _ID.search(value):
        yield found.group("id"), relation, "high"
    elif (name := _named_at_once(value)) and len(value) < len(name.words) + 30:
        yield name.words.strip(" .-"), relation, "low"


def _is_own(before: str, own: Own) -> bool:
    """Tell whether the sentence's subject is this repository: by its name, "this model", or no other name at all."""
    if names_own(before, own):
        return True
    if foreign_in(before, own):
        return False
    other = regex(r"[\"'*_\s(]*([A-Za-z][\w.]*(?:-[\w.]+){1,})").match(before)
    if other and normal(other.group(1)) not in own.name:
        return False
    return bool(_SELF.match(before) or _TITLED.match(before) or not before.strip() or other)


def _models(passage: Passage, start: int, relation: Relation) -> Iterator[tuple[str, Relation, Confidence]]:
    """Name the models that follow the words: by link, by id, or by the name of a well-known family."""
    text = passage.text
    ahead = text[start:]
    near_data = _NEAR_DATA.match(ahead) is not None
    reach = start + (160 if relation == "merge" else 110)
    if _ARCHITECTURE.match(ahead) and relation == "finetune" and not _named_at_once(ahead.lstrip(" :`*\"'")):
        return
    linked = [(link, hub_model(link.url)) for link in passage.sentence.links if start - 2 <= link.at < reach]
    known = [
        name for link, name in linked if name and not _is_data_position(text, link) and "card" not in link.text.lower()
    ]
    if known:
        yield from ((name, relation, _sure(name, near_data)) for name in known[: 12 if relation == "merge" else 1])
        return
    found = _ID.search(ahead[:120])
    if found and not _AS_DATA.search(ahead[: found.start()]) and not _DATA_NEXT.match(ahead[found.end() :]):
        yield found.group("id"), relation, _sure(found.group("id"), near_data)
        return
    based = regex(r"(?i)\bbase model\W{1,4}(?:is )?").search(ahead[:160])
    words = ahead[based.end() :] if based else _LIKELY.sub("", ahead.lstrip(" :`*\"'"))
    name = _named_at_once(words.lstrip("`\"'")) or (_first_name(ahead[:140]) if relation == "merge" else None)
    if name and not _ARCHITECTURE.match(words[name.end - 1 :]):
        yield name.words.strip(" .-"), relation, "low"


def _sure(name: str, near_data: bool) -> Confidence:  # noqa: FBT001 - a fact of the sentence
    """How sure a name is: where a data set is named at once behind, it may be that of the data."""
    return "low" if near_data and family_of(name) is None else "high"


def _is_data_position(text: str, link: Link) -> bool:
    """Tell whether a link names what the model was trained on and not what it was made from."""
    return bool(
        regex(r"(?i)\b(?:on|using|with) (?:the )?$").search(text[: link.at])
        and regex(r"(?i)\W*(?:data|corpus)").match(text[link.at + len(link.text) :])
    )
