"""The header of a GGUF file: metadata, tensor table, and whether the file can hold the tensors.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Block sizes are those of ggml's types.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, BinaryIO

from osaudit.frozen import dataclass
from osaudit.gguf import MAX_ENTRIES, BadGgufError, GgufReader
from osaudit.probe.repository import Damage
from osaudit.probe.safetensors import not_weights

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
    not_weights(path, stream.read(512))
    stream.seek(0)
    try:
        return _header(path, size, GgufReader(stream))
    except BadGgufError as error:
        raise Damage(error.failure, f"{path} {error.because}", path) from error


def _header(path: str, size: int, reader: GgufReader) -> GgufHeader:
    version, tensors, pairs = reader.opening()
    metadata: dict[str, Any] = {}
    lengths: dict[str, int] = {}
    for _ in range(pairs):
        key, value, length = reader.pair()
        metadata[key] = value
        if length is not None:
            lengths[key] = length
    table = tuple(_tensor(path, reader) for _ in range(tensors))
    alignment = metadata.get("general.alignment", 32)
    if type(alignment) is not int or not 0 < alignment <= 2**20:
        raise Damage("corrupt-header", f"{path} gives no sane alignment", path, "general.alignment")
    start = -(-reader.stream.tell() // alignment) * alignment
    _check_room(path, size - start, table)
    return GgufHeader(path, version, metadata, lengths, table)


def _tensor(path: str, reader: GgufReader) -> GgufTensor:
    name, rank = reader.string(), reader.number("<I")
    if rank > _MAX_DIMENSIONS:
        raise Damage("corrupt-header", f"{path}: a tensor of {rank} dimensions", path, name[:200])
    shape = tuple(int(reader.number("<Q")) for _ in range(rank))
    kind, start = reader.number("<I"), int(reader.number("<Q"))
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
        absent = sorted(set(range(min(told, MAX_ENTRIES))) - blocks)
        quote = f"blk.{absent[0]}" if absent else f"blk.{max(blocks)}"
        because = f"{header.path}: the metadata says {told} blocks, and tensors of {len(blocks)} are there"
        raise Damage("layer-count", because, header.path, quote)
