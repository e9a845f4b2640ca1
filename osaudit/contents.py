"""What a path tells that its file holds: weights and their format, code and what for, a tokenizer, settings.

Pure functions of names. A name is a hint: nothing here opens a file.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from osaudit.compiled import regex
from osaudit.pathnames import (
    FORMAT_BY_SUFFIX,
    MAX_REMEMBERED,
    has_phrase,
    last_part,
    split_words,
    suffix_of,
    words_of,
    words_set,
)

SHARD = regex(r"[-_.](\d{1,6})-of-(\d{1,6})(?=[.\-_]|$)")
_TF_SHARD = regex(r"\.data-\d+-of-\d+$")
NO_WEIGHTS = words_set(
    "training optimizer optim scheduler scaler rng random tokenizer vocab vocabulary merges dict args index"
)
_STATES = regex(r"(?:rng|random|optim|scheduler|scaler)_?states?")
_PART = regex(r"(.+\.(?:bin|safetensors|gguf|pt|pth|ckpt))\.?(?:part|split)[-_.]?\w{1,8}$")
_COREML = regex(r"\.mlpackage/.*weights?/|\.mlmodelc/.*weight")
_GGML = regex(r"ggml|[.\-_]q[2-8](?:_[01k][a-z_]*)?\.bin$")
_AMBIGUOUS: dict[str, tuple[str, frozenset[str]]] = {
    suffix: (form, words_set(words))
    for suffixes, form, words in (
        (
            "pkl pickle",
            "pickle",
            "model pipeline classifier clf learner export weights network policy regressor estimator",
        ),
        ("npz npy", "numpy", "weights model params"),
        ("zip tar gz tgz 7z", "archive", "model weights checkpoint ckpt policy"),
        ("pb", "tensorflow", "saved frozen model graph"),
    )
    for suffix in suffixes.split()
}
_QUANTISED = regex(
    r"(?i)(?<![a-z0-9])(?:gptq|awq|exl[23]|hqq|aqlm|eetq|bnb4?|nf4|q4f16|(?:nv|mx)?fp4|fp8|u?int[48]|[2-8][-_]?bits?|"
    r"w[48]a(?:8|16)|i?q[1-8](?:_[0-9a-z]+)*|quanti[sz]ed|quant|gguf|ggml)(?![a-z0-9])"
)
_WIDE = regex(r"(?i)(?<![a-z0-9])(?:bf16|f16|f32|fp16|fp32)(?![a-z0-9])")


@functools.lru_cache(maxsize=MAX_REMEMBERED)
def weight_format(path: str) -> str | None:
    """Name the weights' format; optimizer states, training arguments, tokenizers and indices are no weights."""
    name, words = last_part(path).lower(), set(words_of(path))
    part = _PART.match(name)
    if part:
        return weight_format(part.group(1))
    if _TF_SHARD.search(name):
        return "tensorflow"
    if _COREML.search(path.lower()):
        return "coreml"
    if words & NO_WEIGHTS or _STATES.search(name):
        return None
    return _format_by_suffix(name, suffix_of(path), words)


def _format_by_suffix(name: str, suffix: str, words: set[str]) -> str | None:
    if suffix in _AMBIGUOUS:
        form, needed = _AMBIGUOUS[suffix]
        return form if words & needed else None
    if suffix == "bin" and "openvino" in words:
        return "openvino"
    if suffix == "bin" and _GGML.search(name):
        return "ggml"
    return FORMAT_BY_SUFFIX.get(suffix)


@functools.lru_cache(maxsize=MAX_REMEMBERED)
def shard_of(path: str) -> tuple[int, int] | None:
    """Give a shard's number, from 1, and how many there are."""
    found = SHARD.search(last_part(path))
    if found is None:
        return None
    number, total = int(found.group(1)), int(found.group(2))
    number += _TF_SHARD.search(path) is not None  # TensorFlow counts from 0
    return (number, total) if 0 < number <= total else None


def plain_name(name: str) -> str:
    """Leave out of a model's name what says that it is quantised, with what follows: `Egg-7B` of `Egg-7B-GPTQ-Int4`."""
    found = _QUANTISED.search(name)
    return name[: found.start()].rstrip("-_. ") if found else name


@functools.lru_cache(maxsize=MAX_REMEMBERED)
def is_quantised_name(name: str) -> bool:
    """Tell whether a file's or a repository's name says that the weights are quantised."""
    last = last_part(name)
    return bool(_QUANTISED.search(last)) and not (suffix_of(name) in {"gguf", "ggml"} and _WIDE.search(last))


_CODE_SUFFIXES = words_set("py sh ipynb cpp cu js ts rs go lua r jl")
_SETTING_SUFFIXES = words_set("yaml yml toml json cfg ini gin")
_CODE_WORDS: dict[str, tuple[str, ...]] = {
    "modelling": ("modeling", "modelling", "configuration", "tokenization", "tokenisation", "processing"),
    "preprocessing": (
        *("preprocess", "preprocessing", "prepare", "tokenize", "train tokenizer", "dedup", "deduplicate"),
        "download data",
        *("dataset prep", "data prep", "clean data", "collect", "make dataset", "create dataset", "build dataset"),
    ),
    "fine-tuning": (
        *("finetune", "finetuning", "fine tune", "fine tuning", "finetuned", "lora", "qlora", "sft", "dpo", "rlhf"),
        *("ppo", "orpo", "grpo", "dreambooth", "axolotl", "instruct tune", "run summarization", "run translation"),
        *("run ner", "run qa", "run glue", "run squad", "run speech", "run common voice"),
    ),
    "evaluation": (
        *("eval", "evaluate", "evaluation", "benchmark", "bench", "test", "metrics", "metric", "bleu", "mmlu"),
        *("score", "humaneval"),
    ),
    "training": (
        *("train", "training", "trainer", "pretrain", "pretraining", "pre train", "deepspeed", "ds config"),
        *("run mlm", "run clm"),
    ),
    "inference": (
        *("inference", "infer", "generate", "generation", "demo", "app", "predict", "handler", "pipeline", "serve"),
        *("server", "chat", "example", "sample", "convert", "export", "quantize"),
    ),
}
_TRAINS = frozenset({"training", "fine-tuning", "preprocessing"})
_SHOWS = frozenset({"sample", "samples", "example", "examples", "demo", "tutorial", "quickstart", "cookbook"})
# beside modeling_NAME.py: what makes a model's input, not its training data
_PROCESSES_INPUT = regex(r"^(?:image_|audio_|video_)?(?:pre|post)?processing_\w+\.py$")
_WRITTEN_BY_LIBRARIES = ("trainer_state", "train_results", "eval_", "all_results")


@functools.lru_cache(maxsize=MAX_REMEMBERED)
def code_kind(path: str) -> str | None:
    """Tell what a code file, or a recipe's settings, is for; None for files that are neither.

    One of training, fine-tuning, preprocessing, evaluation, modelling, inference, other; from the file's name, then its
    folders' names, the nearest first.
    """
    suffix = suffix_of(path)
    if suffix not in _CODE_SUFFIXES and suffix not in _SETTING_SUFFIXES:
        return None
    named = words_of(path)
    by_name = "modelling" if _PROCESSES_INPUT.search(last_part(path)) else _kind_by_words(named)
    if by_name in _TRAINS and _SHOWS & set(named):
        by_name = "inference"  # an example for others to train with did not train this model
    if suffix in _SETTING_SUFFIXES:
        is_recipe = by_name in {"training", "fine-tuning"} and not is_config(path)
        return by_name if is_recipe and not last_part(path).startswith(_WRITTEN_BY_LIBRARIES) else None
    by_folder = (_kind_by_words(split_words(folder)) for folder in reversed(path.split("/")[:-1]))
    return by_name or next((kind for kind in by_folder if kind), "other")


def _kind_by_words(words: Sequence[str]) -> str | None:
    return next((kind for kind, known in _CODE_WORDS.items() if has_phrase(words, known)), None)


_TOKENIZER_NAMES = words_set(
    "tokenizer.json tokenizer.model tokenizer_config.json tokenizer.bin spiece.model sentencepiece.bpe.model "
    "sentencepiece.model vocab.txt vocab.json vocab.bpe merges.txt encoder.json tekken.json bpe.codes dict.txt"
)
_CONFIG_NAMES = words_set(
    "config.json config.yaml config.yml model_index.json params.json adapter_config.json open_clip_config.json "
    "hyperparams.yaml model_config.json model_config.yaml config_sentence_transformers.json"
)


def is_tokenizer(path: str) -> bool:
    """Tell whether the file holds a tokenizer or its vocabulary."""
    name = last_part(path).lower()
    return name in _TOKENIZER_NAMES or name.endswith((".tiktoken", ".spm"))


def is_config(path: str) -> bool:
    """Tell whether the file describes the model's architecture."""
    return last_part(path).lower() in _CONFIG_NAMES
