"""What a repository holds, read off headers alone: the weights by format, and what each file's header tells."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from osaudit import contents
from osaudit.frozen import dataclass
from osaudit.probe import ggufheader, onnx, pickles, safetensors
from osaudit.probe.ggufheader import GgufHeader
from osaudit.probe.onnx import OnnxOutline
from osaudit.probe.pickles import Pickled
from osaudit.probe.repository import Damage, RangeFile, Repository, read_whole, sized
from osaudit.probe.safetensors import Header

MAX_JSON = 64 * 1024 * 1024
_INDEX = ".index.json"
_PICKLES = (".pkl", ".pickle", ".joblib", ".dill")
_ADAPTER = "adapter_config.json"


@dataclass(frozen=True, slots=True)
class Inventory:
    """The headers of all weight files. `others` are weights of formats that are not read here, by format."""

    safetensors: tuple[Header, ...] = ()
    gguf: tuple[GgufHeader, ...] = ()
    onnx: tuple[OnnxOutline, ...] = ()
    pickles: tuple[Pickled, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats of the weights, the ones read here first."""
        named = (
            ("safetensors", self.safetensors),
            ("pytorch", self.pickles),
            ("gguf", self.gguf),
            ("onnx", self.onnx),
        )
        return (*(name for name, found in named if found), *dict.fromkeys(form for form, _ in self.others))


def weights_of(repository: Repository) -> Mapping[str, str]:
    """The weight files and their formats, by path, in order."""
    found = {file.path: contents.weight_format(file.path) for file in repository.files}
    return {path: form for path, form in found.items() if form}


def json_object(repository: Repository, path: str) -> Mapping[str, Any] | None:
    """Read a JSON object of the repository; None where the file is not listed, Damage where it is no object."""
    if path not in sized(repository):
        return None
    data = read_whole(repository, path, MAX_JSON)
    safetensors.not_weights(path, data)
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Damage("corrupt-config", f"{path} is no JSON ({str(error)[:80]})", path) from error
    if not isinstance(value, dict):
        raise Damage("corrupt-config", f"{path} holds no JSON object", path)
    return value


def take_stock(repository: Repository) -> Inventory:
    """Read every weight file's header; Damage at the first that is not what it should be."""
    sizes, weights = sized(repository), weights_of(repository)
    if not weights:
        raise Damage("missing-weight-file", "no weight file is listed", "")
    _check_shards(repository, weights)
    stock = _Stock(repository, sizes)
    found: dict[str, list[Any]] = {"safetensors": [], "gguf": [], "onnx": [], "pytorch": [], "pickle": []}
    others = []
    for path, form in weights.items():
        if path not in sizes:
            raise Damage("unreadable", f"the size of {path} is not known", path)
        one = stock.read_or_leave(path, form) if form in found and not path.endswith(".onnx_data") else None
        if one is None:
            safetensors.not_weights(path, repository.read(path, 0, 512))
            others.append((form, path))
        else:
            found[form].append(one)
    for outline in found["onnx"]:
        onnx.check_external(outline, dict(sizes))
    beside = [stock.read_or_leave(path, "pickle") for path in _other_pickles(repository, weights)]
    inventory = Inventory(
        safetensors=tuple(found["safetensors"]),
        gguf=tuple(found["gguf"]),
        onnx=tuple(found["onnx"]),
        pickles=(*found["pytorch"], *found["pickle"], *(one for one in beside if isinstance(one, Pickled))),
        others=tuple(others),
    )
    return _checked_against_indices(repository, inventory)


@dataclass(frozen=True, slots=True)
class _Stock:
    repository: Repository
    sizes: Mapping[str, int]

    def read_or_leave(self, path: str, form: str) -> Header | GgufHeader | OnnxOutline | Pickled | None:
        """Read a header; None for what only shares a suffix, as other libraries write `.bin` in their own way."""
        name = path.rpartition("/")[2]
        if form == "pytorch" and name.endswith(".bin") and "pytorch" not in name and "adapter" not in name:
            opening = self.repository.read(path, 0, 512)
            safetensors.not_weights(path, opening)
            return self.read(path, form) if _starts_as_pickle(opening) else None
        try:
            return self.read(path, form)
        except Damage as damage:
            if form == "pickle" and damage.failure == "corrupt-header":
                return None
            raise

    def read(self, path: str, form: str) -> Header | GgufHeader | OnnxOutline | Pickled:
        size = self.sizes[path]
        if form == "safetensors":
            return safetensors.read_header(path, size, lambda start, length: self.repository.read(path, start, length))
        stream: Any = RangeFile(self.repository, path, size)
        if form == "gguf":
            return ggufheader.read_header(path, size, stream)
        if form == "onnx":
            return onnx.read_outline(path, size, stream)
        return pickles.read_pickles(path, size, stream)


def _other_pickles(repository: Repository, weights: Mapping[str, str]) -> list[str]:
    """Pickles beside the weights, such as training arguments, which loading the model does not touch."""
    suffixes = (*_PICKLES, ".bin", ".pt", ".pth", ".ckpt")
    found = [file.path for file in repository.files if file.path.endswith(suffixes) and file.path not in weights]
    return [path for path in found if _starts_as_pickle(repository.read(path, 0, 4))][:64]


def _starts_as_pickle(opening: bytes) -> bool:
    return opening[:4] == b"PK\x03\x04" or opening[:1] == b"\x80"


def _check_shards(repository: Repository, weights: Mapping[str, str]) -> None:
    """Numbered sets are whole, and those of safetensors and torch have an index."""
    if not repository.complete and repository.folder is None:
        return
    sets: dict[tuple[str, int], dict[int, str]] = {}
    for path, form in weights.items():
        shard = contents.shard_of(path)
        if shard and form in {"safetensors", "pytorch", "gguf"}:
            stem = path[: path.rfind("-of-")].rstrip("0123456789")
            sets.setdefault((stem, shard[1]), {})[shard[0]] = path
    for (stem, count), found in sorted(sets.items()):
        absent = sorted(set(range(1, count + 1)) - set(found))
        if absent:
            told = f"{len(absent)} of the {count} files of {stem}* are not there, number {absent[0]} the first"
            raise Damage("missing-shard", told, min(found.values()), f"{stem}{absent[0]:05d}-of-{count:05d}")
        path = found[1]
        folder = str(PurePosixPath(path).parent)
        indexed = any(
            file.path.endswith(_INDEX) and str(PurePosixPath(file.path).parent) == folder for file in repository.files
        )
        if count > 1 and not indexed and weights[path] != "gguf":
            raise Damage("absent-index", f"{stem}* are {count} files, and no index says what is in which", path)


def _checked_against_indices(repository: Repository, inventory: Inventory) -> Inventory:
    notes = []
    for file in repository.files:
        if file.path.endswith(_INDEX):
            note = _check_index(repository, inventory, file.path)
            notes += [note] if note else []
    return Inventory(
        inventory.safetensors, inventory.gguf, inventory.onnx, inventory.pickles, inventory.others, tuple(notes)
    )


def _check_index(repository: Repository, inventory: Inventory, path: str) -> str | None:
    """Hold an index against the shards that it names; a note where none of them is there but other weights are."""
    index = json_object(repository, path) or {}
    table = index.get("weight_map")
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        raise Damage("stale-index", f"{path} holds no weight map", path)
    folder = path.rpartition("/")[0]
    listed = sized(repository)
    shards = {name: f"{folder}/{name}" if folder else name for name in dict.fromkeys(table.values())}
    absent = [name for name, shard in shards.items() if shard not in listed]
    if absent and len(absent) == len(shards) and path.endswith(".bin.index.json") and inventory.safetensors:
        return f"{path} is left over: none of its files is there"
    if absent:
        told = f"{path} names {len(absent)} files that are not there, such as {absent[0]}"
        raise Damage("missing-shard", told, path, absent[0][:200])
    _check_weight_map(inventory, path, {name: shards[shard] for name, shard in table.items()}, index.get("metadata"))
    return None


def _check_weight_map(inventory: Inventory, path: str, table: Mapping[str, str], metadata: object) -> None:
    shards = set(table.values())
    held = {
        tensor.name: header.path
        for header in inventory.safetensors
        if header.path in shards
        for tensor in header.tensors
    }
    if not held:
        held = {name: one.path for one in inventory.pickles if one.path in shards for name, _, _ in one.tensors}
        if {one.path for one in inventory.pickles if one.tensors} < shards:
            return
    for name, shard in table.items():
        if held.get(name) != shard:
            where = f"in {held[name]}" if name in held else "in none of its files"
            raise Damage("stale-index", f"{path} puts {name[:100]} in {shard}, and it is {where}", path, name[:200])
    left = [name for name in held if name not in table]
    if left:
        told = f"{path} leaves out {len(left)} tensors of its files, such as {left[0][:100]}"
        raise Damage("stale-index", told, path, left[0][:200])
    total = metadata.get("total_size") if isinstance(metadata, dict) else None
    bytes_held = sum(
        tensor.end - tensor.start
        for header in inventory.safetensors
        if header.path in shards
        for tensor in header.tensors
    )
    if bytes_held and isinstance(total, int | float) and int(total) != bytes_held:
        told = f"{path} says {int(total)} bytes in all, and its files hold {bytes_held}"
        raise Damage("stale-index", told, path, "total_size")


def is_adapter(repository: Repository) -> bool:
    """Tell whether the weights are an adapter, which runs with its base alone."""
    names = sized(repository)
    return _ADAPTER in names and "config.json" not in names
