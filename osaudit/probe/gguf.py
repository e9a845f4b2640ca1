"""The header of a GGUF file: metadata, tensor table, and whether the file can hold the tensors.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Block sizes are those of ggml's types.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from osaudit.probe.repository import Damage
from osaudit.probe.safetensors import not_weights

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_MAX_ENTRIES = 200_000
_MAX_STRING = 16 * 1024 * 1024
_KEPT_ITEMS = 16
_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9
_MAX_DIMENSIONS = 8
# name, numbers in a block, bytes of a block
_TYPES: Mapping[int, tuple[str, int, int]] = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    9: ("Q8_1", 32, 40),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1),
    25: ("I16", 1, 2),
    26: ("I32", 1, 4),
    27: ("I64", 1, 8),
    28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
    40: ("NVFP4", 64, 36),
    41: ("Q1_0", 128, 18),
}
_BLOCK = re.compile(r"blk\.(\d{1,5})\.")


@dataclass(frozen=True, slots=True)
class GgufTensor:
    """A tensor of the table: its type's name, its dimensions (fastest first), its place behind the header."""

    name: str
    type: str
    shape: tuple[int, ...]
    start: int
    size: int | None


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """Metadata (long lists cut to their length) and tensors; `lengths` are the lists' full lengths."""

    path: str
    version: int
    metadata: Mapping[str, Any]
    lengths: Mapping[str, int]
    tensors: tuple[GgufTensor, ...]

    @property
    def architecture(self) -> str:
        """What `general.architecture` names."""
        return str(self.metadata.get("general.architecture", ""))

    @property
    def parameters(self) -> int:
        """How many numbers the tensors hold."""
        return sum(math.prod(tensor.shape) for tensor in self.tensors)


def read_header(path: str, size: int, stream: BinaryIO) -> GgufHeader:
    """Read and check a header; Damage where the file cannot be what it says."""
    opening = stream.read(512)
    not_weights(path, opening)
    if opening[:4] != _MAGIC:
        raise Damage("corrupt-header", f"{path} does not start as a GGUF file does", path)
    stream.seek(4)
    reader = _Reader(path, stream)
    version = reader.number("<I")
    if version not in _VERSIONS:
        raise Damage("corrupt-header", f"{path} is of GGUF version {version}, and 2 and 3 are known", path)
    tensors, pairs = reader.count(), reader.count()
    metadata, lengths = reader.metadata(pairs)
    table = tuple(reader.tensor() for _ in range(tensors))
    alignment = metadata.get("general.alignment", 32)
    if type(alignment) is not int or not 0 < alignment <= 2**20:
        raise Damage("corrupt-header", f"{path} gives no sane alignment", path, "general.alignment")
    start = -(-stream.tell() // alignment) * alignment
    _check_room(path, size - start, table)
    return GgufHeader(path, int(version), metadata, lengths, table)


@dataclass(frozen=True, slots=True)
class _Reader:
    path: str
    stream: BinaryIO

    def bytes(self, length: int) -> bytes:
        data = self.stream.read(length)
        if len(data) < length:
            raise Damage("truncated", f"{self.path} ends inside its header", self.path)
        return data

    def number(self, form: str) -> Any:  # noqa: ANN401 - a scalar
        return struct.unpack(form, self.bytes(struct.calcsize(form)))[0]

    def count(self) -> int:
        found = int(self.number("<Q"))
        if found > _MAX_ENTRIES:
            raise Damage("corrupt-header", f"{self.path} claims {found} entries in its header", self.path)
        return found

    def string(self) -> str:
        length = int(self.number("<Q"))
        if length > _MAX_STRING:
            raise Damage("corrupt-header", f"{self.path} claims a text of {length} bytes in its header", self.path)
        return self.bytes(length).decode("utf-8", "replace")

    def metadata(self, pairs: int) -> tuple[dict[str, Any], dict[str, int]]:
        found: dict[str, Any] = {}
        lengths: dict[str, int] = {}
        for _ in range(pairs):
            key = self.string()
            kind = self.number("<I")
            if kind == _ARRAY:
                found[key], lengths[key] = self.array()
            else:
                found[key] = self.value(kind)
        return found, lengths

    def value(self, kind: int) -> Any:  # noqa: ANN401 - a scalar or a text
        if kind == _STRING:
            return self.string()
        if kind not in _SCALARS:
            raise Damage("corrupt-header", f"{self.path} holds a value of the unknown type {kind}", self.path)
        return self.number(_SCALARS[kind])

    def array(self) -> tuple[list[Any], int]:
        kind, length = self.number("<I"), int(self.number("<Q"))
        if length > 100 * _MAX_ENTRIES or kind == _ARRAY:
            raise Damage("corrupt-header", f"{self.path} holds a list of {length} items in its header", self.path)
        if kind == _STRING:
            items = [self.string() for _ in range(length)]
            return items[:_KEPT_ITEMS], length
        kept = [self.value(kind) for _ in range(min(length, _KEPT_ITEMS))]
        self.skip((length - len(kept)) * struct.calcsize(_SCALARS[kind]) if kind in _SCALARS else 0)
        return kept, length

    def skip(self, length: int) -> None:
        self.stream.seek(length, 1)

    def tensor(self) -> GgufTensor:
        name, rank = self.string(), self.number("<I")
        if rank > _MAX_DIMENSIONS:
            raise Damage("corrupt-header", f"{self.path}: a tensor of {rank} dimensions", self.path, name[:200])
        shape = tuple(int(self.number("<Q")) for _ in range(rank))
        kind, start = self.number("<I"), int(self.number("<Q"))
        known = _TYPES.get(kind)
        if known is None:
            return GgufTensor(name, f"type {kind}", shape, start, None)
        label, numbers, size = known
        return GgufTensor(name, label, shape, start, -(-math.prod(shape) // numbers) * size)


def _check_room(path: str, room: int, tensors: tuple[GgufTensor, ...]) -> None:
    place = 0
    for tensor in sorted(tensors, key=lambda tensor: tensor.start):
        if tensor.start < place:
            raise Damage("corrupt-header", f"{path}: {tensor.name[:100]} overlaps another", path, tensor.name[:200])
        place = tensor.start + (tensor.size or 0)
        if place > room:
            told = f"{path} is {place - room} bytes shorter than its header says"
            raise Damage("truncated", told, path, tensor.name[:200])


def check_structure(header: GgufHeader) -> tuple[str, ...]:
    """Hold the tensors against the metadata: layers, width, vocabulary. Returns notes; Damage where they disagree."""
    arch, path = header.architecture, header.path
    if not arch:
        raise Damage("gguf-architecture-unknown", f"{path} names no architecture", path, "general.architecture")
    blocks = {int(found.group(1)) for tensor in header.tensors if (found := _BLOCK.match(tensor.name))}
    _check_blocks(header, blocks)
    embedding = next((tensor for tensor in header.tensors if tensor.name == "token_embd.weight"), None)
    if embedding is not None and len(embedding.shape) == 2:  # noqa: PLR2004 - a matrix
        width = header.metadata.get(f"{arch}.embedding_length")
        if width is not None and width != embedding.shape[0]:
            told = f"{path}: the metadata says a width of {width}, and the embedding has {embedding.shape[0]}"
            raise Damage("shape-mismatch", told, path, embedding.name)
        tokens = header.lengths.get("tokenizer.ggml.tokens")
        if tokens is not None and tokens > embedding.shape[1]:
            told = f"{path}: the tokenizer has {tokens} tokens, and the embedding has {embedding.shape[1]} rows"
            raise Damage("vocabulary-mismatch", told, path, embedding.name)
    types = sorted({tensor.type for tensor in header.tensors})
    return (f"{path}: {arch}, {len(blocks)} blocks, {header.parameters:,} parameters in {', '.join(types)}",)


def _check_blocks(header: GgufHeader, blocks: set[int]) -> None:
    told = header.metadata.get(f"{header.architecture}.block_count")
    if type(told) is not int or not blocks or header.metadata.get("split.count", 0):
        return
    if blocks != set(range(told)):
        absent = sorted(set(range(min(told, _MAX_ENTRIES))) - blocks)
        quote = f"blk.{absent[0]}" if absent else f"blk.{max(blocks)}"
        because = f"{header.path}: the metadata says {told} blocks, and tensors of {len(blocks)} are there"
        raise Damage("layer-count", because, header.path, quote)
