"""At which stage a model was trained on the data sets that its front matter lists, as far as the card's words tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from osaudit.compiled import regex
from osaudit.evidence import Base, DataRole
from osaudit.frozen import dataclass
from osaudit.reading.making.training import TRAIN_HINTS, stage_in, trained_at
from osaudit.reading.page.hints import Hints, folded
from osaudit.reading.page.subjects import Own, Passage

MAX_NAMES = 60
MAX_TOLD = 400  # passages
SHORT = 3  # letters of a name that is looked for as a word

_PRETRAINED = regex(
    r"(?i)\bpre-?trained (?:\w+ ){0,4}?(?:model|transformer|bert|roberta|electra|gpt|on|from scratch)\b|"
    r"\btrained from scratch\b|\bpre-?training (?:corpus|corpora|data|details)\b|"
    r"\b(?:language|transformer) models?\b[^.;]{0,60}\btrained\b|\bwas pre-?trained\b|从零|预训练模型|事前学習モデル"
)
_TUNED = regex(
    r"(?i)\bfine-? ?tuned|finetuned|fine-? ?tuning of|finetuning of|post-?trained|(?:bert|roberta|t5|gpt2|electra)\S* "
    r"(?:model )?(?:fine-? ?tuned|trained) (?:on|for)\b|微调|精调"
)
# what leaves no doubt that the whole model was made from another one
_IS_TUNED = regex(
    r"(?i)^\W*(?:this|the) (?:model |checkpoint |repo(?:sitory)? )?(?:is|was|contains) (?:an? |the )?(?:\S+ ){0,2}?"
    r"(?:fine-? ?tun(?:ed|ing)|finetun(?:ed|ing))\b|^\W*downstream[- ]task\W|"
    r"\b(?:derived|initiali[sz]ed|warm-?started) (?:from|with) (?!scratch|random|the weights of the tokeni)"
)
_STAGE_HINTS = Hints((*TRAIN_HINTS, "从零", "事前", "downstream", "derived", "initiali", "warm"))


@dataclass(frozen=True, slots=True)
class Stage:
    """What a card says of its model's training as a whole, and the passages that speak of training."""

    of_card: DataRole
    telling: tuple[Passage, ...]


def read_stage(passages: Iterable[Passage], own: Own, bases: Iterable[Base]) -> Stage:
    """Tell whether a model was trained from nothing or from another model; of both or neither: unknown."""
    telling = (passage for passage in passages if passage.has(_STAGE_HINTS))
    found = tuple(passage for passage, _ in zip(telling, range(MAX_TOLD), strict=False))
    return Stage(_of_card(found, own, derived=is_derived(bases)), found)


def told_stages(names: Sequence[str], stage: Stage, own: Own) -> Mapping[str, DataRole]:
    """Tell each listed name's role: by a sentence that names it, else by what the card says of the whole training.

    Never "evaluation": that a set is also tested on takes nothing away from its being trained on.
    """
    return {name: _named_in(name, stage.telling, own) or stage.of_card for name in names[:MAX_NAMES]}


def is_derived(bases: Iterable[Base]) -> bool:
    """Tell whether a card says, or a setting shows, that the model was made by training another one further."""
    return any(
        base.relation in {"finetune", "adapter"} or base.named_by == "front matter"
        for base in bases
        if base.named_by != "name" and base.relation not in {"merge", "quantized"}
    )


def _named_in(name: str, telling: Iterable[Passage], own: Own) -> DataRole | None:
    """Find the stage in a sentence that says that this model was trained on the named set."""
    parts = regex(r"[^\W\d_]+|\d+").findall(folded(name.rpartition("/")[2]))
    if len("".join(parts)) < SHORT:
        return None
    for passage in telling:
        if all(part in passage.plain for part in parts) and _spelling(tuple(parts)).search(passage.text):
            stage = stage_in(passage.text) if trained_at(passage.text, own) is not None else "unknown"
            if stage != "unknown":
                return stage
    return None


@lru_cache(maxsize=256)
def _spelling(parts: tuple[str, ...]) -> re.Pattern[str]:
    """Match a data set's name however its words are joined: `common_voice_8_0`, `Common Voice 8.0`."""
    joined = r"[\W_]{0,2}".join(map(re.escape, parts))
    return re.compile(rf"(?<![^\W\d_]){joined}(?![^\W\d_])", re.IGNORECASE)


def _of_card(telling: Iterable[Passage], own: Own, *, derived: bool) -> DataRole:
    """Tell the stage that the card speaks of; a model made from another one was fine-tuned."""
    pre = derived_told = False
    if derived:
        return "fine-tuning"
    for passage in telling:
        if passage.topic not in {"citation", "how-to-use", "uses", "limitations", "out-of-scope"}:
            pre = pre or _PRETRAINED.search(passage.text) is not None
            derived_told = derived_told or (_TUNED.search(passage.text) is not None and _is_told(passage, own))
            title = passage.sentence.kind == "heading" and passage.topic == "other"
            if _IS_TUNED.search(passage.text) or (title and _TUNED.search(passage.text)):
                return "fine-tuning"
    if derived_told and not pre:
        return "fine-tuning"
    return "pre-training" if pre and not derived_told else "unknown"


def _is_told(passage: Passage, own: Own) -> bool:
    return passage.sentence.kind == "heading" or trained_at(passage.text, own) is not None
