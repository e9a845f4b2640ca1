"""Names and shapes of the weights against the architecture that the configuration describes, on the meta device."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from osaudit.probe.worker.matching import check_matching
from osaudit.probe.worker.trouble import Trouble

_LISTED = 12
_DTYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "BOOL": "bool",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
}


def compare(job: Mapping[str, Any]) -> dict[str, Any]:
    """Build the model without memory and let the library match the weights' names, by its own conversions."""
    folder = Path(job["folder"])
    tables = json.loads((folder / "tensors.json").read_text(encoding="utf-8"))
    if job["backend"] == "diffusers":
        return _pipeline(folder, tables)
    held = _model(folder, tables.get("", {}))
    notes = check_matching(held, held["layers"])
    if held["other_family"]:
        words = f"config.json says model_type {held['declared']}, and its keys are those of {held['other_family']}"
        raise Trouble("other-family-config", words, held["declared"], "config.json")
    return {"class_name": held["class_name"], "parameters": held["parameters"], "notes": list(notes)}


def _model(folder: Path, table: Mapping[str, Any]) -> dict[str, Any]:
    config = read_config(folder)
    kind = model_class(folder, config)
    model, info = kind.from_pretrained(
        None,
        config=config,
        state_dict=_without_numbers(table),
        dtype="auto",
        device_map={"": "meta"},
        output_loading_info=True,
        ignore_mismatched_sizes=True,
        trust_remote_code=False,
        local_files_only=True,
    )
    return {
        **differences(info),
        "class_name": kind.__name__,
        "layers": layers_of(config),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "other_family": other_family(folder, config),
        "declared": config.model_type,
    }


def layers_of(config: Any) -> int:  # noqa: ANN401 - a library's object
    """How many layers the configuration says that the text model has; 0 where it does not."""
    return int(getattr(config.get_text_config(), "num_hidden_layers", 0) or 0)


def _without_numbers(table: Mapping[str, Any]) -> dict[str, Any]:
    """The table as tensors of the meta device: names, shapes and types, and no bytes."""
    torch = importlib.import_module("torch")
    return {
        name: torch.empty(shape, dtype=getattr(torch, _DTYPES.get(dtype, ""), torch.uint8), device="meta")
        for name, (dtype, shape) in table.items()
    }


def read_config(folder: Path) -> Any:  # noqa: ANN401 - a library's object
    """The library's configuration object, made without the repository's code."""
    transformers = importlib.import_module("transformers")
    return transformers.AutoConfig.from_pretrained(folder, trust_remote_code=False, local_files_only=True)


def model_class(folder: Path, config: Any) -> Any:  # noqa: ANN401 - a library's class
    """The class that `architectures` names; the plain model of the type where it names none."""
    transformers = importlib.import_module("transformers")
    named = config.architectures or []
    if not named and getattr(config, "transformers_version", None) and (folder / "config.json").is_file():
        told = "config.json names no class, which saving a model always writes: these weights were not saved with it"
        raise Trouble("other-family-config", told, config.model_type, "config.json")
    if not named:
        return _headed_class(transformers, config)
    kind = getattr(transformers, named[0], None)
    if kind is None or not hasattr(kind, "from_pretrained"):
        told = f"the configuration's class {named[0][:80]} is none that transformers {transformers.__version__} has"
        raise Trouble("unknown-architecture-class", told, named[0][:200], "config.json")
    own = getattr(getattr(kind, "config_class", None), "model_type", None)
    if own not in (None, config.model_type) and not isinstance(config, kind.config_class):
        told = f"config.json says model_type {config.model_type} and the class {named[0]}, which is of {own}"
        raise Trouble("other-family-config", told, config.model_type, "config.json")
    if not folder.is_dir():
        raise Trouble("missing-weight-file", "the folder is gone")
    return kind


def _headed_class(transformers: Any, config: Any) -> Any:  # noqa: ANN401 - a library's class
    """Without a class named, the one that generates text where there is one, as most published weights do."""
    for name in ("AutoModelForCausalLM", "AutoModelForSeq2SeqLM", "AutoModel"):
        auto = getattr(transformers, name)
        if type(config) in auto._model_mapping:  # noqa: SLF001 - the library's own table
            return auto._model_mapping[type(config)]  # noqa: SLF001 - likewise
    raise Trouble("unknown-model-type", f"no class of transformers goes with {config.model_type}", config.model_type)


def differences(info: Any) -> dict[str, Any]:  # noqa: ANN401 - the library's report
    """The library's loading report as lists: what lacks, what is left over, and what has another shape."""
    mismatched = [
        [str(entry[0]), *[list(shape) for shape in entry[1:3]]] if isinstance(entry, tuple) else [str(entry)]
        for entry in info["mismatched_keys"]
    ]
    return {
        "missing": sorted(map(str, info["missing_keys"])),
        "unexpected": sorted(map(str, info["unexpected_keys"])),
        "mismatched": sorted(mismatched),
        "errors": [str(message)[:300] for message in info.get("error_msgs", [])][:_LISTED],
    }


def other_family(folder: Path, config: Any) -> str | None:  # noqa: ANN401 - a library's object
    """Name the model type to which all keys of config.json belong where the declared one lacks several of them."""
    raw = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    foreign = _keys(raw) - _known(type(config))
    if len(foreign) < 2:  # noqa: PLR2004 - one stray key is common
        return None
    mapping = importlib.import_module("transformers.models.auto.configuration_auto").CONFIG_MAPPING
    fitting: list[tuple[int, int, str]] = []
    for model_type in mapping:
        if model_type == config.model_type:
            continue
        try:
            known = _known(mapping[model_type])
        except Exception:  # noqa: BLE001, S112 - a type whose module needs what is not installed
            continue
        if _keys(raw) <= known:
            fitting.append((len(known - _keys(raw)), len(model_type), str(model_type)))
    return min(fitting)[2] if fitting else None


def _keys(raw: Mapping[str, Any]) -> set[str]:
    """The keys that the architecture owns: those of the file format, of every model, and of old versions left aside."""
    common = _known(importlib.import_module("transformers").PretrainedConfig)
    written = {"torch_dtype", "dtype", "rope_scaling", "rope_theta", "rope_parameters", "auto_map"}
    return {key for key in raw if not key.startswith("_")} - common - written


def _known(kind: Any) -> set[str]:  # noqa: ANN401 - a library's class
    found = {name for base in kind.__mro__ for name in vars(base).get("__annotations__", {})}
    return found | set(getattr(kind, "attribute_map", {}) or {})


def _pipeline(folder: Path, tables: Mapping[str, Any]) -> dict[str, Any]:
    """Each component of a diffusion pipeline, one after the other."""
    index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    diffusers = importlib.import_module("diffusers")
    name = index.get("_class_name")
    if isinstance(name, list):
        raise Trouble(
            "remote-code", "the pipeline is defined by the repository's own code", str(name), "model_index.json"
        )
    if not hasattr(diffusers, str(name)):
        told = f"the pipeline is a {str(name)[:80]}, which diffusers {diffusers.__version__} does not have"
        raise Trouble("unknown-architecture-class", told, str(name)[:200], "model_index.json")
    found: dict[str, Any] = {"missing": [], "unexpected": [], "mismatched": [], "errors": [], "parameters": 0}
    for component, entry in sorted(index.items()):
        part = folder / component
        if isinstance(entry, list) and len(entry) == 2 and (part / "config.json").is_file():  # noqa: PLR2004 - library, class
            held = _component(part, str(entry[0]), str(entry[1]), tables.get(component, {}))
            for key in ("missing", "unexpected"):
                found[key] += [f"{component}: {one}" for one in held[key]]
            found["mismatched"] += [[f"{component}: {one[0]}", *one[1:]] for one in held["mismatched"]]
            found["parameters"] += held["parameters"]
    notes = check_matching(found, 0)
    return {"class_name": str(name), "parameters": found["parameters"], "notes": list(notes)}


def _component(folder: Path, library: str, name: str, table: Mapping[str, Any]) -> dict[str, Any]:
    if library not in {"diffusers", "transformers"}:
        raise Trouble(
            "remote-code", f"{folder.name} is made by {library}.{name}, not by a library", name, "model_index.json"
        )
    if not table:
        return {"missing": [], "unexpected": [], "mismatched": [], "parameters": 0}
    module = importlib.import_module(library)
    kind = getattr(module, name, None)
    if kind is None:
        told = f"{folder.name} is a {name[:80]}, which {library} {module.__version__} does not have"
        raise Trouble("unknown-architecture-class", told, name[:200], "model_index.json")
    return _model(folder, table) if library == "transformers" else _diffusers_model(folder, kind, table)


def _diffusers_model(folder: Path, kind: Any, table: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - a library's class
    accelerate = importlib.import_module("accelerate")
    with accelerate.init_empty_weights():
        model = kind.from_config(kind.load_config(folder, local_files_only=True))
    wanted = {name: list(tensor.shape) for name, tensor in model.state_dict().items()}
    held = {name: list(shape) for name, (_, shape) in table.items()}
    if set(held) != set(wanted) and getattr(model, "_convert_deprecated_attention_blocks", None):
        held = {_renewed(name): shape for name, shape in held.items()}
    shared = set(held) & set(wanted)
    return {
        "missing": sorted(set(wanted) - set(held)),
        "unexpected": sorted(set(held) - set(wanted)),
        "mismatched": [[name, held[name], wanted[name]] for name in sorted(shared) if held[name] != wanted[name]],
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
    }


def _renewed(name: str) -> str:
    """Old names of attention blocks, which the library still reads."""
    parts = name.split(".")
    if len(parts) > 2 and "attentions" in parts:  # noqa: PLR2004 - block, module, kind
        new = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
        parts[-2] = new.get(parts[-2], parts[-2])
    return ".".join(parts)
