"""Families under restricting terms that a card's words put beneath this model, where no base was read in full.

A name can only lower a verdict, so recall comes first here: a family that stands where words speak of making this
model counts as a guess, and a guess opens a question and decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from osaudit.evidence import Relation, Statement
from osaudit.licences.families import Family, family_of
from osaudit.reading.lineage.bases import hub_model
from osaudit.reading.page.card import Layout
from osaudit.reading.page.hints import has_any
from osaudit.reading.page.subjects import Own, Passage, foreign_in, names_own, normal, place

MAX_BENEATH = 6
MAX_PASSAGE = 600
_SILENT = frozenset({"citation", "evaluation", "limitations", "out-of-scope", "links", "training-data"})

_HINTS = (
    *("llama", "vicuna", "alpaca", "wizard", "guanaco", "koala", "hermes", "gemma", "qwen", "falcon", "bloom", "opt-"),
    *(
        "diffusion",
        "sdxl",
        "sd1",
        "sd2",
        "sd3",
        "sd 1",
        "sd 2",
        "sd 3",
        "sd-",
        "sd v",
        "sdv",
        "flux",
        "starc",
        "santac",
    ),
    *("glm", "baichuan", "codestral", "mistral", "pixtral", "deepseek", "command-", "command r", "command a", "aya-"),
    *("aya ", "dbrx", "grok", "exaone", "hunyuan", "kimi", "galactica", "nllb", "seamlessm", "seamless-m", "musicgen"),
    *("mms-", "internlm", "ministral", "yi-", "jamba", "minimax", "nemotron", "llava", "anything v", "anything-v"),
)
_MENTION = re.compile(
    r"(?ai)(?<![\w/@.-])(?:[\w.-]+/)?"
    r"(?:(?:meta-?|code ?|chinese-?)?llama|[a-z]*vicuna|alpaca|wizard[a-z]*|guanaco|koala|nous-hermes|"
    r"(?:code|med|shield|vault|t5|pali)?gemma|qwen|falcon|bloomz?|opt-?\d|stable[ -]?diffusion|waifu[ -]diffusion|"
    r"sdxl|"
    r"sd(?=[ -]?v?\d)|flux|star(?:coder|chat)|santacoder|(?:chat)?glm|baichuan|codestral|mistral|ministral|pixtral|"
    r"deepseek|(?:c4ai-)?command|aya|dbrx|grok|exaone|hunyuan|kimi|galactica|nllb|seamless|musicgen|mms|internlm|yi-|"
    r"jamba|minimax|nemotron|llava|anything(?=[ -]v?\d))(?:(?!-based\b)[\w.+-])*"
    r"(?:[ -](?:v?\d[\w.]*|xl|large|base|small|medium|chat|instruct|inpainting|turbo|dev|schnell|guard|r|plus|"
    r"\d+b)(?!\w))*"
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
_BEFORE = re.compile(rf"(?i)\b{_MAKING}[\s:`*\"'(\[]+(?:[\w/'-]+ ){{0,4}}?{_FILL}$")
_AS_BASE_BEFORE = re.compile(
    r"(?i)(?:\b(?:base|backbone|foundation|underlying|parent|language model|llm|decoder|text encoder|"
    r"starting point)\b|"
    rf"底座|基座|基础模型|骨干)[^.;。]{{0,40}}?(?:\b(?:is|are|was|with|from|of|to|uses?)\b|[:：=`|]|为|是|采用|使用)\s*{_FILL}$|"
    r"\bbase model[\s`*\"'(\[]+$"
)
_AFTER = re.compile(
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
_AS_BASE_AFTER = re.compile(
    r"(?i)^[`*\"')\]]{0,3}(?:\([^)]{0,60}\))?\s?(?:(?:language )?models? |weights )?"
    r"(?:as (?:the|its|our|a|an)? ?(?:\w+ )?(?:base|backbone|foundation|language|llm|decoder|starting|text encoder|"
    r"initial\w*)|(?:is|was) (?:used|chosen) as|作为?(?:底座|基座|基础)|为(?:底座|基座|基础))"
)
_SUBJECT = re.compile(
    r"(?i)^\W*(?:(?:this|it|here|these|the|our|my|model|models|repo(?:sitory)?|checkpoint|weights|files?|contains?|"
    r"holds?|is|are|was|your?|an?|based|[48]-?bit|int[48]|english|multilingual|quanti[sz]ed|pruned|new|small|large|"
    r"tuned|fine-?tuned|finetuned|instruction-tuned|chat|for|ein|une?|un|auf|以|将|对|在|on|\w+ (?:is|"
    r"was)(?= an? ))\W*)*$"
)
_NOT_MODEL = re.compile(
    r"(?i)^[`*\"')\]]{0,3}[\s-](?:(?!(?:for|on|to|with|in|and|by|from|using)\b)\w+[\s-]){0,2}?(?:data\b|"
    r"data ?sets?|corpus|corpora|instructions\b|prompts?\b|style|"
    r"format|templates?|tokeni[sz]er|vocab\w*|architectures?|papers?|code\b|codebase|repo\w*|projects?|scripts?|"
    r"trainers?|outputs?|recipes?|licen[cs]es?|pipelines?|web-?ui|webui|framework|families|family|series|generated|"
    r"samples|dialogues|conversations|responses|answers|tokens|pairs|images\b)|^['’]s? (?:\w+ ){0,2}(?:architecture|"
    r"tokeni[sz]er|paper|licen[cs]e|code|data\w*|outputs?)"
)
_ASIDE = re.compile(
    r"(?i)\b(?:compar(?:ed|ison|able|es?)|outperform\w*|(?:better|worse|faster|smaller|larger) than|unlike|"
    r"similar(?:ly)? to|"
    r"benchmark\w*|evaluat\w+|inspired|such as|e\.g\.|for example|competitive|state-of-the-art|surpass\w*|beats?|"
    r"can (?:also )?be|could be|you (?:can|may|could)|may be|if you|want to|how to|to fine-?tune|compatible|"
    r"supports?|"
    r"reproduc\w+|replicat\w+|alternative|not (?:a|an|based|derived|using|fine)|from scratch|generated (?:by|with|"
    r"from|"
    r"using)|judged?|reward|other models|architectures?|tokeni[sz]er|codebase|code (?:is|was)|scripts?|"
    r"same (?:\w+ )?(?:architecture|as)|prompts? for|recommended?|works? with|"
    r"used by|see also|instead of|rather than|we\b.*\b(?:models|checkpoints|versions|variants))\b|"
    r"类似|相比|对比|优于|超过"
)

_OTHER_SUBJECT = re.compile(r"(?i)^\W*(?:the )?(?P<name>[\w.+-]+,?(?: [\w.,+-]+){0,8}?) (?:is|are|was|were|has been)\b")


def read_beneath(
    layout: Layout, passages: Iterable[Passage], own: Own, named: Iterable[Statement]
) -> tuple[tuple[Statement, Relation], ...]:
    """List the families that the words put beneath this model and that no base in `named` belongs to, each once."""
    under = {family.licence for statement in named if (family := family_of(statement.value))}
    found: list[tuple[Statement, Relation]] = []
    for passage in passages if own.kind == "model" else ():
        if len(found) >= MAX_BENEATH:
            break
        for name, family in _families(passage, own):
            if family.licence not in under:
                under.add(family.licence)
                found.append((Statement("base", name, "weights", "low", place(layout, passage)), "unknown"))
    return tuple(found)


def _families(passage: Passage, own: Own) -> Iterator[tuple[str, Family]]:
    """Find the families that a passage speaks of as what this model was made from."""
    text = passage.text[:MAX_PASSAGE]
    if passage.sentence.kind == "row" or passage.topic in _SILENT or not has_any(passage.plain[:MAX_PASSAGE], _HINTS):
        return
    for mention in _MENTION.finditer(text):
        name = mention.group().strip(" .-")
        family = family_of(name)
        if (
            family
            and not _is_ours(family, own)
            and _is_beneath(text, mention.start(), mention.start() + len(name), own)
        ):
            yield _linked(passage, mention.start(), name), family


def _linked(passage: Passage, start: int, name: str) -> str:
    """Give the id of the Hub model that a name is linked to, else the name."""
    links = (link for link in passage.sentence.links if link.at <= start < link.at + max(1, len(link.text)))
    return next((found for link in links if (found := hub_model(link.url))), name)


def _is_beneath(text: str, start: int, end: int, own: Own) -> bool:
    """Tell whether the words around a name speak of making a model from it, and not of something beside it."""
    before, after = text[:start], text[end : end + 120]
    if _speaks_of_another(before, own):
        return False
    if _ASIDE.search(before[-160:]) or _ASIDE.search(after[:60]) or _NOT_MODEL.match(after):
        return False
    if _BEFORE.search(before[-160:]) or _AS_BASE_BEFORE.search(before[-120:]) or _AS_BASE_AFTER.match(after):
        return True
    return bool(_AFTER.match(after) and _SUBJECT.match(before))


def _speaks_of_another(before: str, own: Own) -> bool:
    """Tell whether the sentence's subject is a sibling, or another project's model."""
    subject = _OTHER_SUBJECT.match(before)
    if subject is None or names_own(subject.group("name"), own):
        return False
    name = subject.group("name").split(" ")[0].rstrip(",")
    numbered = "-" in name and re.search(r"\d", name) is not None and not re.match(r"\d+-?bit", name)
    return (numbered and normal(name) not in own.name) or foreign_in(subject.group("name"), own) is not None


def _is_ours(family: Family, own: Own) -> bool:
    """Tell whether the family is this owner's, or this repository's own name is an exception from it."""
    name = "-".join(own.parts)
    return own.owner in family.publishers or bool(family.unless and family.unless.search(name))
