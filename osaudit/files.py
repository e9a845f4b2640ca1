"""What a path tells of a file: which texts hold terms, which to read, and in what order.

Pure functions of names. A name is a hint: nothing here opens a file.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from osaudit.compiled import regex
from osaudit.contents import NO_WEIGHTS, SHARD, is_config, plain_name, weight_format
from osaudit.evidence import Component
from osaudit.pathnames import (
    KNOWN_SUFFIXES,
    LICENCE_WORDS,
    MAX_REMEMBERED,
    OPAQUE_SUFFIXES,
    TEXT_SUFFIXES,
    folder_of,
    has_phrase,
    last_part,
    split_words,
    stem_of,
    suffix_of,
    words_of,
    words_set,
)

MAX_TEXTS = 12

MAX_TEXTS = 12
MAX_PAGES = 6
"""So many further READMEs and their like are read beside the card and what speaks of terms by its name."""
MAX_SETTINGS = 2
MAX_RECIPES = 2
MAX_HEADS = 4
"""Of so many GGUF files whose names tell different models the metadata is read."""
MAX_PATH = 512
# a control sign, a drive, or a part that is empty or one of `.` and `..`
_UNSAFE = regex(r"[\x00-\x1f\x7f\\]|^[A-Za-z]:|(?:^|/)\.{0,2}(?:/|\Z)")
_PLAIN = regex(r"[A-Za-z0-9_-][\w.-]*+(?:/[A-Za-z0-9_-][\w.-]*+)*+")
"""Most paths: no part begins with a dot, and no sign is one of those above."""
_HUB_FILE = regex(r"https?://(?:www\.)?(?:huggingface\.co|hf\.co)/[^?#]+?/(?:blob|resolve|raw)/[^/?#]+/([^?#]+)")
_MERGE_SETTINGS = regex(r"(?:mergekit|merge)(?:[-_](?:moe[-_])?config)?\.ya?ml")
_GGUF_PARTS = frozenset({"mmproj", "imatrix", "vocab", "lora", "draft"})
_TERMS_SUFFIXES = TEXT_SUFFIXES | OPAQUE_SUFFIXES
_LICENCE_PARTS = ("许可", "許可", "协议", "協議", "授权", "授權", "ライセンス", "라이선스", "라이센스")
_LICENCE_PHRASES = ("terms of use", "terms of service", "terms and conditions", "user terms", "model terms")
_TERMS_WORDS = words_set(
    "terms conditions restrictions tos aup contract rail nutzungsbedingungen nutzungsrechte "
    "rechtliches agb términos terminos condiciones condizioni termini termos condições condicoes voorwaarden villkor "
    "vilkår ehdot regulamin warunki podmínky podmienky feltételek koşulları şartları условия соглашение правила умови "
    "όροι ketentuan"
)
_TERMS_NAMES = frozenset({("legal",), ("legal", "information"), ("legal", "info"), ("legal", "disclaimer")})
_MAX_TERMS_NAME = 5  # words
_TERMS_PARTS = ("条款", "條款", "规约", "規約", "规定", "規定", "规则", "免责", "免責", "利用条件", "약관", "사용조건")
_PAGE_WORDS = words_set(
    "readme modelcard modelfile usage copyright copyrights disclaimer permissions rights authorship "
    "policy pricing prices fees faq rules eligibility subscription commercial preise tarifs precios prezzi"
)
_PAGE_PARTS = ("model card", "read me", "自述", "说明", "說明", "使用说明", "版权", "版權", "著作権", "利用上の注意")
_POLICY_PHRASES = (
    *("use policy", "usage policy", "usepolicy", "usagepolicy", "acceptable use", "prohibited use", "prohibited uses"),
    *("use restrictions", "usage restrictions", "usage guidelines", "content policy", "aup"),
)
_OWNED: dict[Component, frozenset[str]] = {
    "code": words_set("code source src software scripts"),
    "weights": words_set(
        "model models weight weights checkpoint checkpoints ckpt transformer unet vae encoder decoder prior adapter "
        "lora"
    ),
    "data": words_set("data dataset datasets corpus"),
}
_NEUTRAL_FOLDERS = words_set("license licence licenses licences legal doc docs terms policy policies")
_LICENCE_FOLDERS = words_set("licenses licences license licence licensing")
_REUSE_NAMES = words_set("reuse.toml .reuse/dep5")
_FOREIGN_FOLDERS = words_set("vendor vendored third thirdparty node_modules external site-packages")


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
    in_folder = folder_of(path).rpartition("/")[2].lower() in _LICENCE_FOLDERS
    if not in_folder and path.lower() not in _REUSE_NAMES and suffix_of(path) not in _TERMS_SUFFIXES:
        return False
    if not is_safe_path(path) or path.lower() in _REUSE_NAMES:
        return is_safe_path(path)
    if in_folder:
        return suffix_of(path) not in _OTHER_SUFFIXES
    words = words_of(path)
    named = not LICENCE_WORDS.isdisjoint(words) or _has_part(words, _LICENCE_PARTS)
    return named or _is_policy(path) or _is_terms(path) or has_phrase(words, _LICENCE_PHRASES)


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
    return not _PAGE_WORDS.isdisjoint(words) or has_phrase(words, _PAGE_PARTS) or _has_part(words, _PAGE_PARTS)


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
    return tuple(path for path in named if is_near(path) or (folder_of(path) in held and not _is_foreign(path)))


def _folders_of_weights(paths: Sequence[str]) -> frozenset[str]:
    """The folders that hold weights, and those above them."""
    holding = {folder_of(path) for path in paths if "/" in path and weight_format(path)}
    return frozenset(
        "/".join(parts[:end]) for parts in (one.split("/") for one in holding) for end in range(1, len(parts) + 1)
    )


def is_text(path: str) -> bool:
    """Tell whether the suffix is one of plain text."""
    return suffix_of(path) in TEXT_SUFFIXES or path.lower() in _REUSE_NAMES


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
            models.setdefault(plain_name(SHARD.sub("", stem_of(path))).lower(), path)
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
    name = last_part(path).lower()
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
    folders = [set(split_words(folder)) for folder in path.split("/")[:-1]]
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
    return any(folder in _FOREIGN_FOLDERS or set(split_words(folder)) & _FOREIGN_FOLDERS for folder in folders)


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
    return has_phrase(words_of(path), _POLICY_PHRASES)


def _is_terms(path: str) -> bool:
    """Tell a file of terms that does not call itself a licence: `TERMS.md`, `LEGAL`, `使用条款.md`."""
    words = words_of(path)
    licence = not LICENCE_WORDS.isdisjoint(words) or has_phrase(words, _LICENCE_PHRASES)
    if licence or len(words) > _MAX_TERMS_NAME or not NO_WEIGHTS.isdisjoint(words):
        return False
    return words in _TERMS_NAMES or not _TERMS_WORDS.isdisjoint(words) or _has_part(words, _TERMS_PARTS)


def _has_part(words: Sequence[str], parts: tuple[str, ...]) -> bool:
    """Tell whether a word holds one of the pieces: for scripts that write words without a space."""
    return any(part in word for word in words if not word.isascii() for part in parts)


_OTHER_SUFFIXES = KNOWN_SUFFIXES - _TERMS_SUFFIXES
_DATA_SUFFIXES = words_set(
    "parquet arrow feather jsonl ndjson json csv tsv txt tar zip gz tgz zst xz bz2 7z lance db sqlite duckdb xlsx xml "
    "npz npy h5 hdf5 mds tfrecord wav mp3 flac jpg jpeg png webp mp4 webm idx bin conll pkl"
)
_NO_DATA_NAMES = words_set("dataset_infos.json dataset_info.json config.json state.json requirements.txt")


def data_files(paths: Sequence[str]) -> tuple[str, ...]:
    """Pick the files of a data set repository that hold data, in the order given."""
    return tuple(path for path in paths if _is_data(path))


def _is_data(path: str) -> bool:
    name = last_part(path).lower()
    described = name in _NO_DATA_NAMES or name.startswith((".", "readme"))
    return suffix_of(path) in _DATA_SUFFIXES and not described and not is_licence_like(path)
