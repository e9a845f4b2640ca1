"""The header of a safetensors file: which tensors it says it holds, and whether the file can hold them.

The format: 8 bytes of length, that much JSON, then the tensors' bytes without gaps
(https://huggingface.co/docs/safetensors, "Format").
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable
from typing import Any

from osaudit.frozen import dataclass
from osaudit.probe.repository import Damage

MAX_HEADER = 25_000_000  # the Hub's own bound
_LENGTH = 8
_MAX_RANK = 32
_BITS = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("F4", "E2M1"), 4),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 16),
    **dict.fromkeys(("I32", "U32", "F32"), 32),
    **dict.fromkeys(("I64", "U64", "F64", "C64"), 64),
}
FLOATS = frozenset({"F16", "BF16", "F32", "F64"})


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor by its header's word: `start` and `end` count from the end of the header."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


@dataclass(frozen=True, slots=True)
class Header:
    """A file's tensors in the order of their bytes; `raw` is the length field and the JSON as they stand."""

    path: str
    size: int
    raw: bytes
    tensors: tuple[Tensor, ...]


def read_header(path: str, size: int, read: Callable[[int, int], bytes]) -> Header:
    """Read and check a header; Damage where the file cannot be what it says."""
    opening = read(0, min(size, 65536))
    not_weights(path, opening)
    if len(opening) < _LENGTH:
        raise Damage("truncated", f"{path} has {size} bytes, too few for a header", path)
    length = int.from_bytes(opening[:_LENGTH], "little")
    if length > size - _LENGTH or not 1 < length <= MAX_HEADER:
        short = 1 < length <= MAX_HEADER
        told = f"{path} says that its header has {length} bytes, and the file has {size}"
        raise Damage("truncated" if short else "corrupt-header", told, path)
    end = _LENGTH + length
    raw = opening[:end] if end <= len(opening) else opening + read(len(opening), end - len(opening))
    if len(raw) < end:
        raise Damage("truncated", f"{path} ends inside its header", path)
    header = Header(path, size, raw, _tensors(path, _parsed(path, raw[_LENGTH:])))
    _check_coverage(header, size - end)
    return header


def not_weights(path: str, opening: bytes) -> None:
    """Raise Damage where a git LFS pointer or a web page stands in place of the weights."""
    start = opening[:512].lstrip().lower()
    if start.startswith(b"version https://git-lfs.github.com/spec/"):
        raise Damage("lfs-pointer", f"{path} is a Git LFS pointer: the weights themselves were not uploaded", path)
    if start.startswith((b"<!doctype html", b"<html", b"<?xml", b"<head")):
        raise Damage("html-page", f"{path} is a web page, not weights", path)
    if not opening:
        raise Damage("truncated", f"{path} is empty", path)


def _parsed(path: str, raw: bytes) -> dict[str, Any]:
    try:
        header = json.loads(raw, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        raise Damage("corrupt-header", f"{path}: the header is no JSON object ({str(error)[:80]})", path) from error
    if not isinstance(header, dict):
        raise Damage("corrupt-header", f"{path}: the header is no JSON object", path)
    return header


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _tensors(path: str, header: dict[str, Any]) -> tuple[Tensor, ...]:
    found = [_tensor(path, name, entry) for name, entry in header.items() if name != "__metadata__"]
    return tuple(sorted(found, key=lambda tensor: (tensor.start, tensor.end)))


def _tensor(path: str, name: str, entry: Any) -> Tensor:  # noqa: ANN401 - JSON
    match entry:
        case {"dtype": str(dtype), "shape": list(shape), "data_offsets": [int(start), int(end)]} if len(
            shape
        ) <= _MAX_RANK and all(type(length) is int and 0 <= length < 2**48 for length in shape):
            tensor = Tensor(name, dtype, tuple(shape), start, end)
        case _:
            raise Damage("corrupt-header", f"{path}: the entry of a tensor is not one", path, name[:200])
    bits = _BITS.get(dtype)
    if bits is not None and (end - start) * 8 != tensor.elements * bits:
        told = (
            f"{path}: {name[:100]} of {dtype}{list(shape)} has {end - start} bytes by the header, which is not its size"
        )
        raise Damage("corrupt-header", told, path, name[:200])
    return tensor


def _check_coverage(header: Header, room: int) -> None:
    """Every byte behind the header belongs to one tensor."""
    place, path = 0, header.path
    last = max((tensor.end for tensor in header.tensors), default=0)
    if last > room:
        told = f"{path} is {last - room} bytes shorter than its header says"
        cut = next(tensor for tensor in header.tensors if tensor.end > room)
        raise Damage("truncated", told, path, cut.name[:200])
    for tensor in header.tensors:
        if tensor.start != place or tensor.end < tensor.start:
            what = "overlaps the tensor before it" if tensor.start < place else "leaves a gap before it"
            raise Damage("corrupt-header", f"{path}: {tensor.name[:100]} {what}", path, tensor.name[:200])
        place = tensor.end
    if place != room:
        raise Damage("trailing-bytes", f"{path} has {room - place} bytes that belong to no tensor", path)


def parameters(headers: tuple[Header, ...]) -> Counter[str]:
    """How many numbers there are, by dtype."""
    counts: Counter[str] = Counter()
    for header in headers:
        for tensor in header.tensors:
            counts[tensor.dtype] += tensor.elements
    return counts
