"""The loaded weights themselves: the same bytes as in the file, finite, and not all zero."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from osaudit.probe.worker.trouble import Trouble

_COMPARED = 4
_MATRIX = 1024
_ZERO_SHARE = 0.05


def check_values(torch: Any, model: Any) -> tuple[str, ...]:  # noqa: ANN401 - the library's
    """Look at every number once: NaN and infinity are damage, and so are matrices of zeros that matter."""
    zeros: list[tuple[str, int]] = []
    total = 0
    for name, tensor in model.named_parameters():
        if not tensor.is_floating_point() or tensor.element_size() < 2 or tensor.is_meta:  # noqa: PLR2004 - bytes
            continue
        extremes = torch.stack(tensor.detach().aminmax()).float() if tensor.numel() else torch.ones(2)
        if not bool(torch.isfinite(extremes).all()):
            raise Trouble("nan-weights", f"{name} holds NaN or infinity", name)
        if tensor.dim() > 1 and tensor.numel() >= _MATRIX:
            total += tensor.numel()
            if not bool(extremes.any()):
                zeros.append((name, tensor.numel()))
    if total and sum(count for _, count in zeros) > _ZERO_SHARE * total:
        told = f"nothing but zeros is in {len(zeros)} of the weight matrices, {zeros[0][0]} the first"
        raise Trouble("zero-weights", told, zeros[0][0])
    return tuple(f"{name} holds nothing but zeros" for name, _ in zeros[:3])


def compare_bytes(torch: Any, model: Any, folder: Path) -> str:  # noqa: ANN401 - the library's
    """Compare a few loaded tensors with the file's; which ones, in words."""
    loaded = dict(model.state_dict())
    held = _some_tensors(torch, folder, loaded)
    if not held:
        return "no loaded tensor has the name of one in the files, so none was compared"
    for name, tensor in held.items():
        same = torch.equal(tensor.to(loaded[name].dtype), loaded[name].to("cpu"))
        both_nan = not same and bool(tensor.isnan().any()) if tensor.is_floating_point() else False
        if not same and not both_nan:
            raise Trouble("tensor-differs", f"{name} is not in memory what it is in the file", name)
    return f"{len(held)} loaded tensors are those of the file, number for number"


def _some_tensors(torch: Any, folder: Path, loaded: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - the library
    files = sorted(folder.glob("model*.safetensors"))
    if files:
        return _of_safetensors(files, loaded)
    found: dict[str, Any] = {}
    for file in sorted(folder.glob("pytorch_model*.bin"))[:1]:
        table = torch.load(file, map_location="cpu", weights_only=True)
        names = _spread([name for name in table if name in loaded and table[name].shape == loaded[name].shape])
        found.update({name: table[name].clone() for name in names})
    return found


def _of_safetensors(files: list[Path], loaded: Mapping[str, Any]) -> dict[str, Any]:
    safe_open = importlib.import_module("safetensors").safe_open
    found: dict[str, Any] = {}
    for file in (files[0], files[-1]):
        with safe_open(file, framework="pt") as opened:
            shared = [
                name
                for name in opened.keys()  # noqa: SIM118 - no mapping
                if name in loaded and tuple(opened.get_slice(name).get_shape()) == tuple(loaded[name].shape)
            ]
            found.update({name: opened.get_tensor(name) for name in _spread(sorted(shared))})
    return found


def _spread(names: list[str]) -> list[str]:
    """A few names from the first to the last."""
    if len(names) <= _COMPARED:
        return names
    return [names[place * (len(names) - 1) // (_COMPARED - 1)] for place in range(_COMPARED)]
