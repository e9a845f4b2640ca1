"""The level `structure`: do names, shapes, types and counts agree with the configuration? Needs headers alone."""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from osaudit.probe import ggufheader
from osaudit.probe.backends import Choice, chosen_tensors, quantised_with
from osaudit.probe.cage import Caged, Limits, run_worker, workspace
from osaudit.probe.endings import ended_badly
from osaudit.probe.integrity import failed
from osaudit.probe.inventory import Inventory, json_object, weights_of
from osaudit.probe.pickles import Pickled
from osaudit.probe.repository import Damage, Repository, place
from osaudit.probe.safetensors import FLOATS, parameters
from osaudit.probe.skeleton import write_skeleton
from osaudit.proberun import Cage, LevelResult

_DTYPES = {"float32": "F32", "float16": "F16", "bfloat16": "BF16", "float64": "F64"}
_CLAIM = re.compile(r"(?<![A-Za-z0-9.])(\d{1,4}(?:\.\d{1,3})?)\s?([bBmM])(?![A-Za-z0-9])")
_FAR = 3.0
_UNITS = {"b": 10**9, "m": 10**6}
_LIMITS = Limits(memory=6 * 10**9, address_space=64 * 10**9, wall=300.0)


def check_structure(  # noqa: PLR0911 - each return is one way to stop
    repository: Repository, inventory: Inventory, choice: Choice
) -> tuple[LevelResult, Cage | None, tuple[str, ...]]:
    """Check what headers tell, then, with the extra, let the library match names and shapes without the numbers."""
    try:
        config = json_object(repository, "config.json")
        notes = tuple(_by_headers(repository, inventory, choice, config))
    except Damage as damage:
        return failed("structure", repository, damage), None, ()
    scanned = _second_opinion(repository, inventory)
    if isinstance(scanned, LevelResult):
        return scanned, None, ()
    notes += scanned
    if choice.backend in {"gguf", "llama-cpp", "onnxruntime"}:
        return LevelResult("structure", "pass", "The header's tables agree with each other.", notes=notes), None, notes
    if choice.backend is None:
        return _left(f"{choice.because}; only headers were looked at", "no-backend", notes), None, notes
    quantised = quantised_with(config)
    if quantised and choice.backend == "transformers":
        told = f"the weights are quantised with {quantised}, and names are compared for plain ones alone"
        return _left(told, "quantised", notes), None, notes
    if choice.lacking:
        told = "the headers agree, but names and shapes were not compared with the architecture"
        return _left(f"{told}: install osaudit[{choice.lacking}]", "extra-missing", notes), None, notes
    return *_by_library(repository, inventory, choice, notes), notes


def _left(because: str, reason: str, notes: tuple[str, ...]) -> LevelResult:
    sentence = because[:1].upper() + because[1:].rstrip(".") + "."
    return LevelResult("structure", "not_attempted", sentence, reason, notes=notes)


def _by_headers(
    repository: Repository, inventory: Inventory, choice: Choice, config: Mapping[str, Any] | None
) -> Iterable[str]:
    """Everything that needs no library; Damage where something contradicts, notes otherwise."""
    weights = weights_of(repository)
    for one in inventory.pickles:
        yield from _pickle(one, is_weights=weights.get(one.path) == "pytorch")
    for header in inventory.gguf:
        yield from ggufheader.check_structure(header)
    for outline in inventory.onnx:
        sets = ", ".join(map(str, sorted(outline.opsets)))
        yield f"{outline.path}: {outline.nodes} nodes, operator sets {sets}, {outline.parameters:,} parameters"
    loaded = {path for path, _, _ in chosen_tensors(inventory, choice)}
    headers = tuple(header for header in inventory.safetensors if not loaded or header.path in loaded)
    counts = parameters(headers)
    if counts:
        told = ", ".join(f"{count:,} {dtype}" for dtype, count in counts.most_common())
        yield f"the safetensors headers hold {counts.total():,} numbers ({told})"
    if config:
        if "auto_map" in config:
            yield "config.json declares code of the repository (auto_map), which the probe does not run"
        if quantised_with(config):
            yield f"config.json says that the weights are quantised with {quantised_with(config)}"
        elif choice.backend == "transformers":
            _check_dtype(counts or _pickled_dtypes(inventory), config, min(loaded, default="config.json"))
            yield from _claims(repository, sum(counts.values()))


def _pickle(one: Pickled, *, is_weights: bool) -> Iterable[str]:
    if one.dangerous:
        told = f"{one.path} would import {one.dangerous[0]} when it is unpickled, which no checkpoint needs"
        raise Damage("unsafe-pickle", told, one.path, one.dangerous[0])
    if not one.complete and is_weights:
        raise Damage("pickle-refused", f"{one.path} is a pickle that cannot be followed to its end", one.path)
    if one.unusual:
        yield f"{one.path} would import {', '.join(one.unusual[:3])}, which weights_only refuses"


def _second_opinion(repository: Repository, inventory: Inventory) -> tuple[str, ...] | LevelResult:
    """Ask picklescan too, where it is installed and the files are at hand; in the cage, as it reads hostile bytes."""
    paths = [one.path for one in inventory.pickles]
    if not paths or repository.folder is None or importlib.util.find_spec("picklescan") is None:
        return ()
    with workspace() as folder:
        limits = Limits(memory=2 * 10**9, address_space=16 * 10**9, wall=120.0)
        caged = run_worker(folder, {"kind": "scan", "folder": str(repository.folder.resolve()), "files": paths}, limits)
    found = next((event["dangerous"] for event in caged.events if event.get("event") == "scanned"), None)
    if found is None:
        return ("picklescan did not come to an end",)
    if found:
        path, name = str(found[0][0]), str(found[0][1])[:200]
        damage = Damage("unsafe-pickle", f"picklescan calls {name} in {path} dangerous", path, name)
        return failed("structure", repository, damage)
    return (f"picklescan finds nothing in {len(paths)} pickle files",)


def _pickled_dtypes(inventory: Inventory) -> Counter[str]:
    counts: Counter[str] = Counter()
    for one in inventory.pickles:
        for _, dtype, shape in one.tensors:
            size = 1
            for length in shape:
                size *= length
            counts[dtype] += size
    return counts


def _check_dtype(counts: Counter[str], config: Mapping[str, Any], path: str) -> None:
    """Most of the numbers have the type that the configuration says."""
    told = config.get("dtype", config.get("torch_dtype"))
    wanted = _DTYPES.get(str(told))
    floats = Counter({dtype: count for dtype, count in counts.items() if dtype in FLOATS})
    if wanted is None or not floats or set(counts) - FLOATS - {"I64", "I32", "U8", "BOOL"}:
        return
    most, count = floats.most_common(1)[0]
    if most != wanted and 2 * count > counts.total():
        because = f"config.json says {told}, and {count / counts.total():.0%} of the numbers are {most}"
        raise Damage("wrong-dtype", because, path, most)


def _claims(repository: Repository, held: int) -> Iterable[str]:
    """Compare the count with the one that the repository's name claims, and with the card's."""
    if not held:
        return
    name = repository.name.rpartition("/")[2]
    claimed = _claimed(name)
    if claimed:
        far = max(held / claimed, claimed / held) > _FAR  # names round, and count active parameters alone
        far_off = ", which is far from it" if far else ""
        yield f"the name {name} says {claimed:,} parameters, and the headers hold {held:,}{far_off}"
    card = next((file.path for file in repository.files if file.path.lower() == "readme.md"), None)
    text = repository.read(card, 0, 200_000).decode("utf-8", "replace") if card else ""
    words = re.search(r"(\d{1,4}(?:\.\d{1,3})?)\s?(billion|million|[BM])(?:[ -]+\w+)?[ -]param", text)
    if words:
        said = int(float(words.group(1)) * _UNITS[words.group(2)[0].lower()])
        yield f"the card says {said:,} parameters, and the headers hold {held:,}"


def _claimed(name: str) -> int:
    """The one size that a name tells; 0 where it tells none or several, or a mixture's."""
    found = _CLAIM.findall(name.replace("-", " ").replace("_", " "))
    if len(found) != 1 or re.search(r"\d+x\d", name):
        return 0
    number, unit = found[0]
    return int(float(number) * _UNITS[unit.lower()])


def _by_library(
    repository: Repository, inventory: Inventory, choice: Choice, notes: tuple[str, ...]
) -> tuple[LevelResult, Cage]:
    with workspace() as folder:
        model = write_skeleton(repository, inventory, choice, folder / "model")
        caged = run_worker(folder, {"kind": "structure", "backend": choice.backend, "folder": str(model)}, _LIMITS)
    told = next((event for event in caged.events if event.get("event") == "structure"), None)
    if told is None:
        return _explained(repository, inventory, caged, notes), caged.cage
    because = f"Every name and shape is that of {told['class_name']!s:.100}, {int(told['parameters']):,} parameters."
    notes = (*notes, *(str(note)[:400] for note in told["notes"][:20]))
    return LevelResult("structure", "pass", because, notes=notes), caged.cage


def _explained(repository: Repository, inventory: Inventory, caged: Caged, notes: tuple[str, ...]) -> LevelResult:
    failure, because, quote, path = ended_badly(caged)
    first = inventory.safetensors[0].path if quote and inventory.safetensors else "config.json"
    where = path or shard_with(inventory, quote) or first
    outcome = "not_attempted" if failure in {"dependency-missing", "cage-broken"} else "fail"
    return LevelResult("structure", outcome, because, failure, (place(repository, where, quote),), notes)  # type: ignore[arg-type] # one of the outcomes


def shard_with(inventory: Inventory, tensor: str | None) -> str | None:
    """The file that holds the tensor of that name."""
    if tensor is None:
        return None
    part, _, name = tensor.rpartition(": ")
    for header in inventory.safetensors:
        if any(one.name == name and header.path.startswith(part) for one in header.tensors):
            return header.path
    return next((one.path for one in inventory.pickles if any(entry[0] == tensor for entry in one.tensors)), None)
