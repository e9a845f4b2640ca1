"""The model's settings: its architecture, its number format, and whether it runs code of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from osaudit.evidence import Absent, Config, Fact, ModelRef, Seen, Where
from osaudit.reading.page.places import record_place


def read_config(fact: Fact[Mapping[str, Any]], ref: ModelRef, commit: str | None) -> Fact[Config]:
    """Read what a repository's settings say of the model's form."""
    if not isinstance(fact, Seen):
        return fact
    settings = fact.value
    where = fact.where or (record_place(ref, commit, "/config"),)
    architectures = settings.get("architectures")
    names = tuple(str(name) for name in architectures[:16]) if isinstance(architectures, list) else ()
    tokenizer = settings.get("tokenizer_config")
    mapped = settings.get("auto_map") or (tokenizer.get("auto_map") if isinstance(tokenizer, Mapping) else None)
    config = Config(
        architectures=names,
        model_type=_setting(settings, where, "model_type"),
        remote_code=bool(mapped),
        quantization=_quantization(settings, where),
        dtype=_setting(settings, where, "torch_dtype", "dtype"),
        name_or_path=_setting(settings, where, "_name_or_path"),
    )
    return Seen(config, where)


def _setting(settings: Mapping[str, Any], where: tuple[Where, ...], *keys: str) -> Fact[str]:
    for key in keys:
        value = settings.get(key)
        if isinstance(value, str) and value.strip():
            return Seen(value.strip()[:200], where)
    return Absent(where)


def _quantization(settings: Mapping[str, Any], where: tuple[Where, ...]) -> Fact[str]:
    found = settings.get("quantization_config")
    if not isinstance(found, Mapping):
        return Absent(where)
    method = found.get("quant_method")
    if isinstance(method, str) and method.strip():
        return Seen(method.strip()[:60], where)
    bits = any(found.get(key) for key in ("load_in_4bit", "load_in_8bit", "bits"))
    return Seen("bitsandbytes" if bits else "unnamed", where)
