"""What a path tells of a file: which texts to read, which files are weights, code, tokenizer or data.

Pure functions of names. A name is a hint: nothing here opens a file.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from osaudit.compiled import regex
from osaudit.evidence import Component

MAX_TEXTS = 12
MAX_PAGES = 6
"""So many further READMEs and their like are read beside the card and what speaks of terms by its name."""
MAX_SETTINGS = 2
MAX_RECIPES = 2
MAX_HEADS = 4
"""Of so many GGUF files whose names tell different models the metadata is read."""
MAX_PATH = 512
MAX_REMEMBERED = 16_384
"""Many checks ask the same names: what they tell is remembered for this many."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_CAMEL = regex(r"(?<=[a-z])(?=[A-Z])")
_WORD = regex(r"[^\W_]+")
# a control sign, a drive, or a part that is empty or one of `.` and `..`
_UNSAFE = regex(r"[\x00-\x1f\x7f\\]|^[A-Za-z]:|(?:^|/)\.{0,2}(?:/|\Z)")
_PLAIN = regex(r"[A-Za-z0-9_-][\w.-]*+(?:/[A-Za-z0-9_-][\w.-]*+)*+")
"""Most paths: no part begins with a dot, and no sign is one of those above."""
_SHARD = regex(r"[-_.](\d{1,6})-of-(\d{1,6})(?=[.\-_]|$)")
_TF_SHARD = regex(r"\.data-\d+-of-\d+$")
_HUB_FILE = regex(r"https?://(?:www\.)?(?:huggingface\.co|hf\.co)/[^?#]+?/(?:blob|resolve|raw)/[^/?#]+/([^?#]+)")

_MERGE_SETTINGS = regex(r"(?:mergekit|merge)(?:[-_](?:moe[-_])?config)?\.ya?ml")

_GGUF_PARTS = frozenset({"mmproj", "imatrix", "vocab", "lora", "draft"})

_TEXT_SUFFIXES = frozenset({"", "txt", "md", "rst", "markdown", "text", "adoc", "html", "htm"})
_OPAQUE_SUFFIXES = _set("pdf doc docx odt rtf png jpg jpeg")
_TERMS_SUFFIXES = _TEXT_SUFFIXES | _OPAQUE_SUFFIXES
_LICENCE_WORDS = _set(
    "license licence licenses licences licensing licencing copying unlicense eula notice notices agreement licencia "
    "licencias licença licenca licenças lizenz lizenzen licenza licenze licentie licens lisens licencja licenční "
    "licenc lisenssi litsents licență licenta lisensi lisans лицензия ліцензія άδεια adeia giấyphép cluf"
)
_LICENCE_PARTS = ("许可", "許可", "协议", "協議", "授权", "授權", "ライセンス", "라이선스", "라이센스")
_LICENCE_PHRASES = ("terms of use", "terms of service", "terms and conditions", "user terms", "model terms")
_TERMS_WORDS = _set(
    "terms conditions restrictions tos aup contract rail nutzungsbedingungen nutzungsrechte "
    "rechtliches agb términos terminos condiciones condizioni termini termos condições condicoes voorwaarden villkor "
    "vilkår ehdot regulamin warunki podmínky podmienky feltételek koşulları şartları условия соглашение правила умови "
    "όροι ketentuan"
)
_TERMS_NAMES = frozenset({("legal",), ("legal", "information"), ("legal", "info"), ("legal", "disclaimer")})
_MAX_TERMS_NAME = 5  # words
_TERMS_PARTS = ("条款", "條款", "规约", "規約", "规定", "規定", "规则", "免责", "免責", "利用条件", "약관", "사용조건")
_PAGE_WORDS = _set("readme modelcard modelfile usage copyright copyrights disclaimer permissions rights authorship")
_PAGE_PARTS = ("model card", "read me", "自述", "说明", "說明", "使用说明", "版权", "版權", "著作権", "利用上の注意")
_POLICY_PHRASES = (
    *("use policy", "usage policy", "usepolicy", "usagepolicy", "acceptable use", "prohibited use", "prohibited uses"),
    *("use restrictions", "usage restrictions", "usage guidelines", "content policy", "aup"),
)
_OWNED: dict[Component, frozenset[str]] = {
    "code": _set("code source src software scripts"),
    "weights": _set(
        "model models weight weights checkpoint checkpoints ckpt transformer unet vae encoder decoder prior adapter "
        "lora"
    ),
    "data": _set("data dataset datasets corpus"),
}
_NEUTRAL_FOLDERS = _set("license licence licenses licences legal doc docs terms policy policies")
_LICENCE_FOLDERS = _set("licenses licences license licence licensing")
_REUSE_NAMES = _set("reuse.toml .reuse/dep5")
_FOREIGN_FOLDERS = _set("vendor vendored third thirdparty node_modules external site-packages")


def words_of(path: str) -> tuple[str, ...]:
    """Split a path's last part, its suffix left aside, into lower-case words."""
    return _words(_CAMEL.sub(" ", _stem(path)))


@functools.lru_cache(maxsize=MAX_REMEMBERED)
def is_safe_path(path: str) -> bool:
    """Tell whether the path stays inside its repository on every system."""
    return len(path) <= MAX_PATH and (_PLAIN.fullmatch(path) is not None or not _UNSAFE.search(path))


def card_path(paths: Sequence[str]) -> str | None:
    """Find the card: README.md at the root, or its nearest spelling."""
    ranks = {"readme.md": 1, "readme.markdown": 2, "readme": 3, "readme.txt": 4, "readme.rst": 5}
    ranked = [(0 if path == "README.md" else ranks[path.lower()], path) for path in paths if path.lower() in ranks]
    return min(ranked)[1] if ranked else None


@functools.lru_cache(maxsize=MAX_REMEMBERED)
def is_licence_like(path: str) -> bool:
    """Tell whether the name promises terms: a licence, a notice or a use policy, readable as text or not."""
    in_folder = _folder(path).rpartition("/")[2].lower() in _LICENCE_FOLDERS
    if not in_folder and path.lower() not in _REUSE_NAMES and _suffix(path) not in _TERMS_SUFFIXES:
        return False
    if not is_safe_path(path) or path.lower() in _REUSE_NAMES:
        return is_safe_path(path)
    if in_folder:
        return _suffix(path) not in _OTHER_SUFFIXES
    words = words_of(path)
    named = not _LICENCE_WORDS.isdisjoint(words) or _has_part(words, _LICENCE_PARTS)
    return named or _is_policy(path) or _is_terms(path) or _has_phrase(words, _LICENCE_PHRASES)


@functools.lru_cache(maxsize=MAX_REMEMBERED)
def is_page(path: str) -> bool:
    """Tell whether the name promises prose that a reader of the card would open too: README_zh.md, MODEL_CARD.md.

    At the root, or in a folder of documents; such a page is read for words on terms, and is no licence.
    """
    if not is_text(path) or not is_safe_path(path) or is_licence_like(path):
        return False
    folders = path.lower().split("/")[:-1]
    if folders and not (len(folders) == 1 and folders[0] in _NEUTRAL_FOLDERS):
        return False
    words = words_of(path)
    return not _PAGE_WORDS.isdisjoint(words) or _has_phrase(words, _PAGE_PARTS) or _has_part(words, _PAGE_PARTS)


def terms_listed(paths: Sequence[str]) -> tuple[str, ...]:
    """List the files that speak of terms by their names and may be the repository's own, readable or not.

    Near the root, or beside or above a weight file at any depth.
    """
    return _terms_listed(tuple(paths))


@functools.lru_cache(maxsize=8)  # one list is asked several times
def _terms_listed(paths: tuple[str, ...]) -> tuple[str, ...]:
    named = [path for path in paths if is_licence_like(path)]
    far = any(not is_near(path) for path in named)
    held = _folders_of_weights(paths) if far else frozenset()
    return tuple(path for path in named if is_near(path) or (_folder(path) in held and not _is_foreign(path)))


def _folders_of_weights(paths: Sequence[str]) -> frozenset[str]:
    """The folders that hold weights, and those above them."""
    holding = {_folder(path) for path in paths if "/" in path and weight_format(path)}
    return frozenset(
        "/".join(parts[:end]) for parts in (one.split("/") for one in holding) for end in range(1, len(parts) + 1)
    )


def is_text(path: str) -> bool:
    """Tell whether the suffix is one of plain text."""
    return _suffix(path) in _TEXT_SUFFIXES or path.lower() in _REUSE_NAMES


def texts_to_read(paths: Sequence[str], card_data: Mapping[str, Any] | None) -> tuple[str, ...]:
    """List the files that an audit reads: the card, texts of terms (at most `MAX_TEXTS`), then further pages."""
    safe, licences, pages = _texts_listed(tuple(paths))
    card = card_path(safe)
    wanted = dict.fromkeys(([card] if card else []) + _linked(safe, card_data) + list(licences))
    pages = tuple(path for path in pages if path not in wanted)
    return (*tuple(wanted)[:MAX_TEXTS], *sorted(pages, key=lambda path: (path.count("/"), path))[:MAX_PAGES])


@functools.lru_cache(maxsize=8)  # as above
def _texts_listed(paths: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Pick from a list the paths that are safe, and of these texts of terms in the order of reading, and pages."""
    safe = tuple(sorted({path for path in paths if is_safe_path(path)}))
    licences = sorted(filter(is_text, terms_listed(safe)), key=lambda path: (_reading_rank(path), path))
    return safe, tuple(licences), tuple(path for path in safe if is_page(path))


def to_read(
    paths: Sequence[str],
    card_data: Mapping[str, Any] | None,
    config: Mapping[str, Any] | None,
    shared_types: frozenset[str] = frozenset(),
) -> tuple[str, ...]:
    """List all files that an audit reads: the texts, and settings that may name a base where the metadata names none.

    `card_data` and `config` are what the Hub's record holds; a file costs a request, so that it has to add something.
    A model's own settings do where the record tells a type that families under restricting terms share with others.
    """
    if names_base(card_data, config):
        return texts_to_read(paths, card_data)
    own = "config.json" in paths and (config or {}).get("model_type") in shared_types
    return (*texts_to_read(paths, card_data), *settings_to_read(paths), *(("config.json",) if own else ()))


def names_base(card_data: Mapping[str, Any] | None, config: Mapping[str, Any] | None) -> bool:
    """Tell whether the Hub's record names a model that this one was made from."""
    return bool((card_data or {}).get("base_model") or (config or {}).get("peft"))


def ggufs_to_read(paths: Sequence[str]) -> tuple[str, ...]:
    """Pick the GGUF files whose metadata is read: of each model that the names tell apart, the first at the root.

    Files that hold a part of a model come last.
    """
    found = [path for path in paths if is_safe_path(path) and path.lower().endswith(".gguf")]
    found.sort(key=lambda path: (bool(_GGUF_PARTS & set(words_of(path))), path.count("/"), path))
    models: dict[str, str] = {}
    for path in found:
        if not models or not _GGUF_PARTS & set(words_of(path)):
            models.setdefault(plain_name(_SHARD.sub("", _stem(path))).lower(), path)
    return tuple(models.values())[:MAX_HEADS]


def settings_to_read(paths: Sequence[str]) -> tuple[str, ...]:
    """List the adapter's and the merge's settings, those at the root first, then what may be either's and a pipeline's.

    A merge's recipe may have any name, so that settings in YAML at the root are read that are no library's.
    """
    likely = {path for path in paths if path.lower().endswith((".json", ".yaml", ".yml")) and is_safe_path(path)}
    found = {path for path in likely if path.count("/") < 2 and settings_kind(path)}  # noqa: PLR2004
    named = sorted(found, key=lambda path: (path.count("/"), path))[:MAX_SETTINGS]
    recipes = [path for path in sorted(likely - found) if _may_be_recipe(path)]
    return (*named, *recipes[:MAX_RECIPES], *(("model_index.json",) if "model_index.json" in paths else ()))


def _may_be_recipe(path: str) -> bool:
    return "/" not in path and path.lower().endswith((".yaml", ".yml")) and not (path[0] == "." or is_config(path))


def settings_kind(path: str) -> Literal["adapter", "merge"] | None:
    """Tell whether a file holds the settings of an adapter, or of a merge, which name their bases."""
    name = _name(path).lower()
    if name == "adapter_config.json":
        return "adapter"
    return "merge" if _MERGE_SETTINGS.fullmatch(name) else None


def licence_component(path: str) -> Component:
    """Tell what a licence-like file speaks of, from its name and folder; a sub-project's covers its code only."""
    if _is_policy(path) or _is_terms(path):
        return "policy"
    name = set(words_of(path))
    if name & {"notice", "notices", "third", "thirdparty"}:
        return "docs"
    folders = [set(_words(folder)) for folder in path.split("/")[:-1]]
    known = _NEUTRAL_FOLDERS.union(*_OWNED.values())
    if any(not folder & known for folder in folders):
        return "code"
    owners = [component for component, words in _OWNED.items() if words & name.union(*folders)]
    return owners[0] if len(owners) == 1 else "any"


def is_near(path: str) -> bool:
    """Tell whether a file is near enough to be the repository's own: at the root, in a folder, in one of licences."""
    folders = path.lower().split("/")[:-1]
    if _is_foreign(path):
        return False
    return len(folders) < 2 or (len(folders) == 2 and folders[-1] in _NEUTRAL_FOLDERS)  # noqa: PLR2004


def _is_foreign(path: str) -> bool:
    """Tell whether a path leads into a folder of other people's code."""
    folders = path.lower().split("/")[:-1]
    return any(folder in _FOREIGN_FOLDERS or set(_words(folder)) & _FOREIGN_FOLDERS for folder in folders)


def _reading_rank(path: str) -> int:
    """Licences at the root before policies, what folders hold, and notices."""
    order: dict[Component, int] = {"policy": 1, "docs": 3}
    return 2 if "/" in path else order.get(licence_component(path), 0)


def _linked(safe: Sequence[str], card_data: Mapping[str, Any] | None) -> list[str]:
    """List the texts of this repository that the card's `license_link` points to."""
    link = (card_data or {}).get("license_link")
    links = [link] if isinstance(link, str) else link[:4] if isinstance(link, list) else []
    paths = [link_target(target) for target in links if isinstance(target, str)]
    listed = frozenset(safe)
    return [path for path in paths if path in listed and is_text(path)]


def link_target(link: str) -> str:
    """Reduce a link to the path it would have in its repository; the link itself where it has none."""
    plain = link.strip()[: MAX_PATH * 2]
    hub = _HUB_FILE.match(plain)
    return hub.group(1) if hub else plain.removeprefix("./")


def _is_policy(path: str) -> bool:
    return _has_phrase(words_of(path), _POLICY_PHRASES)


def _is_terms(path: str) -> bool:
    """Tell a file of terms that does not call itself a licence: `TERMS.md`, `LEGAL`, `使用条款.md`."""
    words = words_of(path)
    licence = not _LICENCE_WORDS.isdisjoint(words) or _has_phrase(words, _LICENCE_PHRASES)
    if licence or len(words) > _MAX_TERMS_NAME or not _NO_WEIGHTS.isdisjoint(words):
        return False
    return words in _TERMS_NAMES or not _TERMS_WORDS.isdisjoint(words) or _has_part(words, _TERMS_PARTS)


def _has_part(words: Sequence[str], parts: tuple[str, ...]) -> bool:
    """Tell whether a word holds one of the pieces: for scripts that write words without a space."""
    return any(part in word for word in words if not word.isascii() for part in parts)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _has_phrase(words: Sequence[str], phrases: tuple[str, ...]) -> bool:
    spoken = f" {' '.join(words)} "
    return any(f" {phrase} " in spoken for phrase in phrases)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD.findall(text))


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


@functools.lru_cache(maxsize=MAX_REMEMBERED)
def _suffix(path: str) -> str:
    """Give the lower-case suffix; the tail of `LICENSE-2.0`, `LICENSE.Llama` or `Llama.LICENSE` is none."""
    name = _name(path).lower()
    tail = name.lstrip(".").rpartition(".")[2] if "." in name.lstrip(".") else ""
    is_licence = name.startswith(("licen", "copying", "notice", "use_policy", "usage_policy", "readme", "terms"))
    return "" if tail in _LICENCE_WORDS or (is_licence and tail not in _KNOWN_SUFFIXES) else tail


def _stem(path: str) -> str:
    name, suffix = _name(path), _suffix(path)
    return name[: -len(suffix) - 1] if suffix else name


_SUFFIX_FORMATS = {
    "safetensors": "safetensors",
    "pytorch": "bin pt pth ckpt pt2",
    "gguf": "gguf llamafile",
    "ggml": "ggml",
    "onnx": "onnx onnx_data",
    "tensorflow": "h5 hdf5 keras",
    "flax": "msgpack",
    "tflite": "tflite litertlm",
    "coreml": "mlmodel",
    "rust": "ot",
    "tensorrt": "engine plan",
    "paddle": "pdparams pdiparams",
    "nemo": "nemo",
    "rknn": "rknn",
    "pickle": "joblib skops",
}
_BY_SUFFIX = {suffix: form for form, suffixes in _SUFFIX_FORMATS.items() for suffix in suffixes.split()}
_KNOWN_SUFFIXES = _TEXT_SUFFIXES | _OPAQUE_SUFFIXES | set(_BY_SUFFIX) | _set(
    "py sh ipynb yaml yml toml json jsonl pkl csv tsv cfg ini js ts c cpp h cu rs go zip gz tar npz npy xml parquet "
    "pyc svg gif webp lock whl"
)  # fmt: skip
_OTHER_SUFFIXES = _KNOWN_SUFFIXES - _TERMS_SUFFIXES
_NO_WEIGHTS = _set(
    "training optimizer optim scheduler scaler rng random tokenizer vocab vocabulary merges dict args index"
)
_STATES = regex(r"(?:rng|random|optim|scheduler|scaler)_?states?")
_PART = regex(r"(.+\.(?:bin|safetensors|gguf|pt|pth|ckpt))\.?(?:part|split)[-_.]?\w{1,8}$")
_COREML = regex(r"\.mlpackage/.*weights?/|\.mlmodelc/.*weight")
_GGML = regex(r"ggml|[.\-_]q[2-8](?:_[01k][a-z_]*)?\.bin$")
_AMBIGUOUS: dict[str, tuple[str, frozenset[str]]] = {
    suffix: (form, _set(words))
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
    name, words = _name(path).lower(), set(words_of(path))
    part = _PART.match(name)
    if part:
        return weight_format(part.group(1))
    if _TF_SHARD.search(name):
        return "tensorflow"
    if _COREML.search(path.lower()):
        return "coreml"
    if words & _NO_WEIGHTS or _STATES.search(name):
        return None
    return _format_by_suffix(name, _suffix(path), words)


def _format_by_suffix(name: str, suffix: str, words: set[str]) -> str | None:
    if suffix in _AMBIGUOUS:
        form, needed = _AMBIGUOUS[suffix]
        return form if words & needed else None
    if suffix == "bin" and "openvino" in words:
        return "openvino"
    if suffix == "bin" and _GGML.search(name):
        return "ggml"
    return _BY_SUFFIX.get(suffix)


def shard_of(path: str) -> tuple[int, int] | None:
    """Give a shard's number, from 1, and how many there are."""
    found = _SHARD.search(_name(path))
    if found is None:
        return None
    number, total = int(found.group(1)), int(found.group(2))
    number += _TF_SHARD.search(path) is not None  # TensorFlow counts from 0
    return (number, total) if 0 < number <= total else None


def plain_name(name: str) -> str:
    """Leave out of a model's name what says that it is quantised, with what follows: `Egg-7B` of `Egg-7B-GPTQ-Int4`."""
    found = _QUANTISED.search(name)
    return name[: found.start()].rstrip("-_. ") if found else name


def is_quantised_name(name: str) -> bool:
    """Tell whether a file's or a repository's name says that the weights are quantised."""
    last = _name(name)
    return bool(_QUANTISED.search(last)) and not (_suffix(name) in {"gguf", "ggml"} and _WIDE.search(last))


_CODE_SUFFIXES = _set("py sh ipynb cpp cu js ts rs go lua r jl")
_SETTING_SUFFIXES = _set("yaml yml toml json cfg ini gin")
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
    suffix = _suffix(path)
    if suffix not in _CODE_SUFFIXES and suffix not in _SETTING_SUFFIXES:
        return None
    named = words_of(path)
    by_name = "modelling" if _PROCESSES_INPUT.search(_name(path)) else _kind_by_words(named)
    if by_name in _TRAINS and _SHOWS & set(named):
        by_name = "inference"  # an example for others to train with did not train this model
    if suffix in _SETTING_SUFFIXES:
        is_recipe = by_name in {"training", "fine-tuning"} and not is_config(path)
        return by_name if is_recipe and not _name(path).startswith(_WRITTEN_BY_LIBRARIES) else None
    by_folder = (_kind_by_words(_words(folder)) for folder in reversed(path.split("/")[:-1]))
    return by_name or next((kind for kind in by_folder if kind), "other")


def _kind_by_words(words: Sequence[str]) -> str | None:
    return next((kind for kind, known in _CODE_WORDS.items() if _has_phrase(words, known)), None)


_TOKENIZER_NAMES = _set(
    "tokenizer.json tokenizer.model tokenizer_config.json tokenizer.bin spiece.model sentencepiece.bpe.model "
    "sentencepiece.model vocab.txt vocab.json vocab.bpe merges.txt encoder.json tekken.json bpe.codes dict.txt"
)
_CONFIG_NAMES = _set(
    "config.json config.yaml config.yml model_index.json params.json adapter_config.json open_clip_config.json "
    "hyperparams.yaml model_config.json model_config.yaml config_sentence_transformers.json"
)
_DATA_SUFFIXES = _set(
    "parquet arrow feather jsonl ndjson json csv tsv txt tar zip gz tgz zst xz bz2 7z lance db sqlite duckdb xlsx xml "
    "npz npy h5 hdf5 mds tfrecord wav mp3 flac jpg jpeg png webp mp4 webm idx bin conll pkl"
)
_NO_DATA_NAMES = _set("dataset_infos.json dataset_info.json config.json state.json requirements.txt")


def is_tokenizer(path: str) -> bool:
    """Tell whether the file holds a tokenizer or its vocabulary."""
    name = _name(path).lower()
    return name in _TOKENIZER_NAMES or name.endswith((".tiktoken", ".spm"))


def is_config(path: str) -> bool:
    """Tell whether the file describes the model's architecture."""
    return _name(path).lower() in _CONFIG_NAMES


def data_files(paths: Sequence[str]) -> tuple[str, ...]:
    """Pick the files of a data set repository that hold data, in the order given."""
    return tuple(path for path in paths if _is_data(path))


def _is_data(path: str) -> bool:
    name = _name(path).lower()
    described = name in _NO_DATA_NAMES or name.startswith((".", "readme"))
    return _suffix(path) in _DATA_SUFFIXES and not described and not is_licence_like(path)
