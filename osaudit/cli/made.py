"""The demo's models of our own making: cards, settings and licences ship with the program, weights are written here."""

from __future__ import annotations

import functools
import importlib.util
import json
import math
import shutil
import struct
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from osaudit.errors import OsauditError, UsageError
from osaudit.evidence import Evidence, ModelRef, Seen, Where
from osaudit.proberun import Level
from osaudit.snapshot import Snapshot

SOURCE = Path(__file__).resolve().parent.parent / "demo" / "models"
OWNERS: Mapping[str, str] = MappingProxyType(
    {
        "open-wren": "osaudit-demo",
        "reed-chat": "osaudit-demo-chat",
        "reed-base": "osaudit-demo-reed",
        "wren-songs": "osaudit-demo",
    }
)
MODELS, BASES, DATASETS = ("open-wren", "reed-chat"), ("reed-base",), ("wren-songs",)
LETTERS = "abcdefghijklmnopqrstuvwxyz ,.'"
COLLECTED_AT = "2026-11-30T00:00:00Z"
PROBE_NEEDS = ("torch", "transformers", "safetensors")

_HIDDEN, _INNER, _LAYERS, _VOCABULARY = 16, 32, 2, 64
_FLOAT = 4
_TOKENIZER_CONFIG = (
    '{"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}\n'
)


def write_models(folder: Path) -> None:
    """Write the models, what they were made from and the data set, each as a folder in the Hub's layout."""
    try:
        for name in (*MODELS, *BASES, *DATASETS):
            shutil.copytree(SOURCE / name, folder / name, dirs_exist_ok=True)
        for seed, name in enumerate((*MODELS, *BASES), 1):
            (folder / name / "model.safetensors").write_bytes(_safetensors(_shapes(), seed))
            (folder / name / "tokenizer.json").write_text(_tokenizer(), encoding="utf-8")
            (folder / name / "tokenizer_config.json").write_text(_TOKENIZER_CONFIG, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write the demo's models to {folder}: {error.strerror or error}") from error


def look_at(folder: Path, name: str) -> Evidence:
    """Collect a model's evidence from the folders alone; what it names is looked for among them."""
    from osaudit.reading import read_snapshot  # noqa: PLC0415 - help needs none of these
    from osaudit.sources.collect import collect  # noqa: PLC0415

    read = functools.partial(read_snapshot, collected_at=COLLECTED_AT)
    return collect(
        ModelRef(f"{OWNERS[name]}/{name}"), open_snapshot=functools.partial(_open, folder), read=read, depth=2
    )


def _open(folder: Path, ref: ModelRef) -> Snapshot:
    from osaudit.sources.folder import snapshot_of_files, walk  # noqa: PLC0415 - as above

    owner, _, name = ref.repo.partition("/")
    known = DATASETS if ref.kind == "dataset" else (*MODELS, *BASES)
    if name not in known or owner != OWNERS[name]:
        raise OsauditError(f"{ref.path} is no part of the demo")
    found = snapshot_of_files(replace(ref, revision=None), None, walk(folder / name, is_cached=False), "folder")
    return replace(found, gated=Seen("open", (Where(ref.repo, None, "(as made)"),)))


def probe_level() -> Level:
    """Return how far the models can be probed here: to inference where the extra is installed."""
    there = all(importlib.util.find_spec(name) is not None for name in PROBE_NEEDS)
    return "infers" if there else "integrity"


def _tokenizer() -> str:
    """Return a tokenizer that gives each letter a number, in the form of the tokenizers library."""
    words = ("<unk>", "<s>", "</s>", *LETTERS)
    special = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    told = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": at, "content": word, **special} for at, word in enumerate(words[:3])],
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Split", "pattern": {"Regex": ""}, "behavior": "Isolated", "invert": False},
        "post_processor": None,
        "decoder": {"type": "Fuse"},
        "model": {"type": "WordLevel", "vocab": {word: at for at, word in enumerate(words)}, "unk_token": "<unk>"},
    }
    return json.dumps(told, indent=1) + "\n"


def _shapes() -> Mapping[str, tuple[int, ...]]:
    """The names and shapes of a Llama of two layers."""
    square = (_HIDDEN, _HIDDEN)
    shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (_VOCABULARY, _HIDDEN)}
    for layer in range(_LAYERS):
        at = f"model.layers.{layer}"
        shapes |= {f"{at}.self_attn.{one}_proj.weight": square for one in "qkvo"}
        shapes |= {f"{at}.mlp.{one}_proj.weight": (_INNER, _HIDDEN) for one in ("gate", "up")}
        shapes[f"{at}.mlp.down_proj.weight"] = (_HIDDEN, _INNER)
        shapes |= {f"{at}.{one}_layernorm.weight": (_HIDDEN,) for one in ("input", "post_attention")}
    return {**shapes, "model.norm.weight": (_HIDDEN,), "lm_head.weight": (_VOCABULARY, _HIDDEN)}


def _safetensors(shapes: Mapping[str, tuple[int, ...]], seed: int) -> bytes:
    """Return a file in the safetensors form (an 8-byte length, a JSON header, the numbers), float32, by a seed."""
    place, table = 0, {}
    for name, shape in shapes.items():
        end = place + math.prod(shape) * _FLOAT
        table[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [place, end]}
        place = end
    head = json.dumps({"__metadata__": {"format": "pt"}, **table}, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    numbers = (((at * 37 + seed * 11) % 101 - 50) / 500 for at in range(place // _FLOAT))
    return len(head).to_bytes(8, "little") + head + struct.pack(f"<{place // _FLOAT}f", *numbers)
