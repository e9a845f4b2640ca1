"""General libraries and trainers that a card names: what it says of code where it leads to none of this model's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from osaudit.compiled import regex
from osaudit.evidence import FrontMatter, Seen, Statement
from osaudit.reading.making.links import repository_of
from osaudit.reading.page.card import Layout
from osaudit.reading.page.hints import Hints
from osaudit.reading.page.subjects import Passage, place
from osaudit.reading.page.wordlists import LIBRARY_TAGS

MAX_LIBRARIES = 6
MAX_LOOKED = 4_000
MAX_TEXT = 60

_NAMED = regex(
    r"(?<![\w/.-])(?:(?P<transformers>(?:[Hh]ugging ?[Ff]ace(?:['’]s)?|HF|🤗) ?/?[Tt]ransformers|"
    r"PyTorch-Transformers|[Tt]ransformers(?= (?:library|package|version|framework|>=|v?\d\.\d)| ?\*\*|: ?v?\d))|"
    r"(?i:pytorch|tensorflow(?! ?lite| datasets| hub| research)|keras|autotrain|autonlp|sentence[- ]transformers|"
    r"adapter-transformers|simple ?transformers|speechbrain|espnet\d?|fairseq|nvidia nemo|stable[- ]baselines-?3|"
    r"ml-agents(?: library)?|rl ?zoo|cleanrl|sample[- ]factory|fast\.?ai(?= (?:library|v?\d))|allennlp|setfit|"
    r"deepspeed|megatron(?:-lm)?|paddlenlp|paddlepaddle|scikit-learn|xgboost|lightgbm|ml console|llama-factory|"
    r"unsloth|mergekit|ctranslate2|opennmt\S*|pytorch lightning|open_?clip|ultralytics|mmdetection|detectron2|"
    r"sample-factory|pyannote\.audio|marian(?:-nmt| nmt)|coqui tts|kohya\S*|colossal-?ai|mindspore)|"
    r"(?:spaCy|Stanza|Flair|Diffusers|NeMo|JAX|Flax|Haystack|FARM|TRL|PEFT|Axolotl|Asteroid|Trax|T5X)(?![\w-])|"
    r"diffusers|timm)(?!\w)"
)
_HINTS = Hints(
    (
        *("transformers", "torch", "tensorflow", "keras", "autotrain", "autonlp", "speechbrain", "espnet", "fairseq"),
        *("nemo", "baselines", "ml-agents", "zoo", "cleanrl", "factory", "fastai", "fast.ai", "allennlp", "setfit"),
        *("deepspeed", "megatron", "paddle", "scikit", "xgboost", "lightgbm", "ml console", "unsloth", "mergekit"),
        *("ctranslate", "opennmt", "openclip", "open_clip", "ultralytics", "mmdet", "detectron", "pyannote", "marian"),
        *(
            "coqui",
            "kohya",
            "colossal",
            "mindspore",
            "spacy",
            "stanza",
            "flair",
            "diffusers",
            "jax",
            "flax",
            "haystack",
        ),
        *("farm", "trl", "peft", "axolotl", "asteroid", "trax", "t5x", "timm"),
    )
)
_QUIET = frozenset({"citation", "licence"})


def read_libraries(layout: Layout, passages: Iterable[Passage], matter: FrontMatter | None) -> tuple[Statement, ...]:
    """List the general libraries that the metadata names, else the card's words, each once; naming one is no recipe."""
    found: dict[str, Statement] = {}
    for statement in tuple(_in_metadata(matter)) or _in_words(layout, passages):
        found.setdefault(regex(r"\W+").sub("", statement.value.lower()), statement)
        if len(found) >= MAX_LIBRARIES:
            break
    return tuple(found.values())


def _in_words(layout: Layout, passages: Iterable[Passage]) -> Iterator[Statement]:
    for _, passage in zip(range(MAX_LOOKED), passages, strict=False):
        if passage.topic not in _QUIET and passage.has(_HINTS):
            for found in _NAMED.finditer(passage.text):
                if _is_linked(passage, found.start()):
                    continue
                name = "transformers" if found.group("transformers") else found.group()
                yield Statement("framework", name[:MAX_TEXT], "code", "low", place(layout, passage))


def _is_linked(passage: Passage, at: int) -> bool:
    """Tell whether a name is the words of a link to code, which speaks for itself."""
    links = (link for link in passage.sentence.links if link.at <= at < link.at + len(link.text))
    return any(repository_of(link.url) for link in links)


def _in_metadata(matter: FrontMatter | None) -> Iterator[Statement]:
    """Read the library's name, and the tags that name one or that its trainer writes."""
    if matter is None:
        return
    if isinstance(matter.library_name, Seen) and matter.library_name.where and matter.library_name.value.strip():
        name = matter.library_name.value.strip()[:MAX_TEXT]
        yield Statement("framework", name, "code", "low", matter.library_name.where[0])
    if isinstance(matter.tags, Seen) and matter.tags.where:
        for tag in matter.tags.value:
            if tag.strip().lower() in LIBRARY_TAGS:
                yield Statement("framework", tag.strip()[:MAX_TEXT], "code", "low", matter.tags.where[0])
