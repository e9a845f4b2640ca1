"""The parts and words of a path. Pure functions of names: nothing here opens a file."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from osaudit.compiled import regex

MAX_REMEMBERED = 16_384
"""Many checks ask the same names: what they tell is remembered for this many."""


def words_set(words: str) -> frozenset[str]:
    """Make a set of the words."""
    return frozenset(words.split())


_CAMEL = regex(r"(?<=[a-z])(?=[A-Z])")
_WORD = regex(r"[^\W_]+")
TEXT_SUFFIXES = frozenset({"", "txt", "md", "rst", "markdown", "text", "adoc", "html", "htm"})
OPAQUE_SUFFIXES = words_set("pdf doc docx odt rtf png jpg jpeg")
LICENCE_WORDS = words_set(
    "license licence licenses licences licensing licencing copying unlicense eula notice notices agreement licencia "
    "licencias licença licenca licenças lizenz lizenzen licenza licenze licentie licens lisens licencja licenční "
    "licenc lisenssi litsents licență licenta lisensi lisans лицензия ліцензія άδεια adeia giấyphép cluf"
)


def words_of(path: str) -> tuple[str, ...]:
    """Split a path's last part, its suffix left aside, into lower-case words."""
    return split_words(_CAMEL.sub(" ", stem_of(path)))


def folder_of(path: str) -> str:
    """Give the path of the folder, empty at the root."""
    return path.rpartition("/")[0]


def has_phrase(words: Sequence[str], phrases: tuple[str, ...]) -> bool:
    """Tell whether the words hold one of the phrases, whole words only."""
    spoken = f" {' '.join(words)} "
    return any(f" {phrase} " in spoken for phrase in phrases)


def split_words(text: str) -> tuple[str, ...]:
    """Split a text into lower-case words."""
    return tuple(word.lower() for word in _WORD.findall(text))


def last_part(path: str) -> str:
    """Give a path's last part."""
    return path.rsplit("/", 1)[-1]


@functools.lru_cache(maxsize=MAX_REMEMBERED)
def suffix_of(path: str) -> str:
    """Give the lower-case suffix; the tail of `LICENSE-2.0`, `LICENSE.Llama` or `Llama.LICENSE` is none."""
    name = last_part(path).lower()
    tail = name.lstrip(".").rpartition(".")[2] if "." in name.lstrip(".") else ""
    is_licence = name.startswith(("licen", "copying", "notice", "use_policy", "usage_policy", "readme", "terms"))
    return "" if tail in LICENCE_WORDS or (is_licence and tail not in KNOWN_SUFFIXES) else tail


def stem_of(path: str) -> str:
    """Give the last part without its suffix."""
    name, suffix = last_part(path), suffix_of(path)
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
FORMAT_BY_SUFFIX = {suffix: form for form, suffixes in _SUFFIX_FORMATS.items() for suffix in suffixes.split()}
KNOWN_SUFFIXES = TEXT_SUFFIXES | OPAQUE_SUFFIXES | set(FORMAT_BY_SUFFIX) | words_set(
    "py sh ipynb yaml yml toml json jsonl pkl csv tsv cfg ini js ts c cpp h cu rs go zip gz tar npz npy xml parquet "
    "pyc svg gif webp lock whl"
)  # fmt: skip
