"""Which library runs these artifacts, and whether it is installed. Nothing of it is imported here."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import Any

from osaudit import contents
from osaudit.frozen import dataclass
from osaudit.probe.inventory import Inventory, is_adapter, json_object, weights_of
from osaudit.probe.repository import Damage, Repository, sized

_EXTRAS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "transformers": (("torch", "transformers", "safetensors", "accelerate"), "probe"),
    "gguf": (("torch", "transformers", "gguf"), "probe-gguf"),
    "llama-cpp": (("llama_cpp",), "probe-gguf"),
    "onnxruntime": (("onnxruntime", "numpy"), "probe-onnx"),
    "diffusers": (("torch", "transformers", "diffusers", "accelerate"), "probe-diffusers"),
}
_SMALL_FILE = 64 * 1024 * 1024
_CARDS = (".md", ".txt", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".mp4", ".py", ".gitattributes")


@dataclass(frozen=True, slots=True)
class Choice:
    """What would run the model: the backend, the one file that it is given where that is how it works, and why."""

    backend: str | None
    file: str | None
    because: str

    @property
    def lacking(self) -> str | None:
        """The extra to install, where the backend's packages are not all there."""
        packages, extra = _EXTRAS[self.backend or "transformers"]
        return extra if any(importlib.util.find_spec(package) is None for package in packages) else None


def choose(repository: Repository, inventory: Inventory) -> Choice:
    """Pick a backend by the artifacts alone."""
    names = sized(repository)
    if is_adapter(repository):
        return Choice(None, None, "these are adapter weights, which run with their base alone")
    if "model_index.json" in names:
        return Choice("diffusers", None, "model_index.json describes a pipeline of diffusers")
    tensors = [header.path for header in inventory.safetensors] + [one.path for one in inventory.pickles if one.tensors]
    if _is_transformers(repository) and any("/" not in path for path in tensors):
        return Choice("transformers", None, "config.json describes a model of transformers")
    if inventory.gguf:
        native = importlib.util.find_spec("llama_cpp") is not None
        return Choice("llama-cpp" if native else "gguf", _gguf_file(inventory, names), "the weights are a GGUF file")
    if inventory.onnx:
        return Choice("onnxruntime", _onnx_file(inventory), "the weights are an ONNX graph")
    forms = ", ".join(inventory.formats) or "no known format"
    return Choice(None, None, f"no backend of the probe runs weights of this layout ({forms})")


def fallback(choice: Choice) -> Choice | None:
    """The library to try where the first one crashes: transformers reads GGUF too."""
    second = Choice("gguf", choice.file, choice.because)
    return second if choice.backend == "llama-cpp" and second.lacking is None else None


def _is_transformers(repository: Repository) -> bool:
    try:
        config = json_object(repository, "config.json")
    except Damage:
        return False
    return config is not None and ("model_type" in config or "architectures" in config)


def _gguf_file(inventory: Inventory, sizes: Mapping[str, int]) -> str:
    """The smallest model: the others are the same at another precision."""
    plain = [
        header.path for header in inventory.gguf if not contents.shard_of(header.path) and header.architecture != "clip"
    ]
    whole = [path for path in plain if sizes[path]]
    return min(whole, key=lambda path: (sizes[path], path)) if whole else min(one.path for one in inventory.gguf)


def _onnx_file(inventory: Inventory) -> str:
    """`model.onnx` where there is one, else the shortest name."""
    paths = [outline.path for outline in inventory.onnx]
    return min(paths, key=lambda path: (path.rpartition("/")[2] != "model.onnx", len(path), path))


def needed_files(repository: Repository, inventory: Inventory, choice: Choice) -> tuple[str, ...]:
    """The files that running takes: one format's weights, and everything small beside them but cards and code."""
    weights = weights_of(repository)
    chosen = _chosen_weights(inventory, choice)
    return tuple(
        file.path
        for file in repository.files
        if file.path in chosen
        or (
            file.path not in weights
            and (file.size or 0) <= _SMALL_FILE
            and (
                not file.path.lower().endswith(_CARDS) or contents.is_tokenizer(file.path) or file.path == "merges.txt"
            )
        )
    )


def _chosen_weights(inventory: Inventory, choice: Choice) -> frozenset[str]:
    if choice.backend in {"gguf", "llama-cpp"}:
        shard = contents.shard_of(choice.file or "")
        stem = (choice.file or "").partition("-00001-of-")[0]
        return frozenset(one.path for one in inventory.gguf if shard and one.path.startswith(f"{stem}-")) | {
            choice.file or ""
        }
    if choice.backend == "onnxruntime":
        folder = (choice.file or "").rpartition("/")[0]
        outline = next(outline for outline in inventory.onnx if outline.path == choice.file)
        beside = {f"{folder}/{one.location}" if folder else one.location for one in outline.external}
        return frozenset({choice.file or "", *beside})
    return frozenset(path for path, _, _ in chosen_tensors(inventory, choice))


def chosen_tensors(inventory: Inventory, choice: Choice) -> tuple[tuple[str, int, int], ...]:
    """(path, bytes of weights, numbers) of the files that the backend would load: safetensors before pickles."""
    if choice.backend in {"gguf", "llama-cpp"}:
        return tuple((one.path, 0, one.parameters) for one in inventory.gguf if one.path == choice.file)
    if choice.backend == "onnxruntime":
        return tuple((one.path, 0, one.parameters) for one in inventory.onnx if one.path == choice.file)
    rows = [
        (header.path, sum(one.end - one.start for one in header.tensors), sum(one.elements for one in header.tensors))
        for header in inventory.safetensors
        if _is_loaded(header.path, choice)
    ]
    return tuple(rows) or tuple((one.path, 0, 0) for one in inventory.pickles if one.tensors and "/" not in one.path)


def _is_loaded(path: str, choice: Choice) -> bool:
    """Leave aside what the library does not look for: other names at the root, variants of a pipeline's parts."""
    if choice.backend == "diffusers":
        return "/" in path and ".fp16." not in path and ".non_ema." not in path
    return "/" not in path and path.startswith("model") and not path.startswith("model.fp")


def quantised_with(config: Mapping[str, Any] | None) -> str:
    """The method that the configuration says the weights are quantised with."""
    section = (config or {}).get("quantization_config")
    return str(section.get("quant_method", "unknown"))[:40] if isinstance(section, dict) else ""
