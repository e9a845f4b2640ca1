"""The outline of an ONNX file, read off its protobuf wire format without the library.

Field numbers are those of onnx.proto (ModelProto, GraphProto, TensorProto): https://github.com/onnx/onnx.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import field
from typing import BinaryIO

from osaudit.files import is_safe_path
from osaudit.frozen import dataclass
from osaudit.probe.repository import Damage
from osaudit.probe.safetensors import not_weights

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MAX_FIELDS = 400_000
_MAX_TEXT = 64 * 1024
_EXTERNAL = 1
_MODEL_IR, _MODEL_PRODUCER, _MODEL_GRAPH, _MODEL_OPSET = 1, 2, 7, 8
_GRAPH_NODE, _GRAPH_TENSOR, _GRAPH_INPUT, _GRAPH_OUTPUT = 1, 5, 11, 12
_TENSOR_DIMS, _TENSOR_NAME, _TENSOR_EXTERNAL, _TENSOR_LOCATION = 1, 8, 13, 14


@dataclass(frozen=True, slots=True)
class External:
    """Where a tensor's bytes are outside the file."""

    tensor: str
    location: str
    offset: int
    length: int | None


@dataclass(slots=True)
class OnnxOutline:
    """What the graph says: parameters, inputs, outputs, the operator sets' versions, and data in other files."""

    path: str
    ir_version: int = 0
    opsets: list[int] = field(default_factory=list)
    nodes: int = 0
    inputs: int = 0
    outputs: int = 0
    tensors: int = 0
    parameters: int = 0
    external: list[External] = field(default_factory=list)
    has_graph: bool = False


@dataclass(frozen=True, slots=True)
class _Field:
    number: int
    wire: int
    value: int  # of a varint; the length of bytes
    start: int  # of the bytes


def read_outline(path: str, size: int, stream: BinaryIO) -> OnnxOutline:
    """Walk the file's fields; Damage where they do not fill it."""
    not_weights(path, stream.read(512))
    outline = OnnxOutline(path)
    walk = _Walk(path, stream, [_MAX_FIELDS])
    for item in walk.fields(0, size):
        if item.number == _MODEL_IR and item.wire == _VARINT:
            outline.ir_version = item.value
        elif item.number == _MODEL_GRAPH and item.wire == _BYTES:
            outline.has_graph = True
            _graph(walk, item, outline)
        elif item.number == _MODEL_OPSET and item.wire == _BYTES:
            versions = [one.value for one in walk.fields(item.start, item.start + item.value) if one.number == 2]  # noqa: PLR2004
            outline.opsets += versions
    if not outline.has_graph or not outline.ir_version:
        raise Damage("corrupt-header", f"{path} holds no ONNX graph", path)
    return outline


def _graph(walk: _Walk, graph: _Field, outline: OnnxOutline) -> None:
    for item in walk.fields(graph.start, graph.start + graph.value):
        match item.number:
            case 1:
                outline.nodes += 1
            case 5:
                _tensor(walk, item, outline)
            case 11:
                outline.inputs += 1
            case 12:
                outline.outputs += 1
            case _:
                pass


def _tensor(walk: _Walk, tensor: _Field, outline: OnnxOutline) -> None:
    shape: list[int] = []
    name, location, entries = "", 0, []
    for item in walk.fields(tensor.start, tensor.start + tensor.value):
        if item.number == _TENSOR_DIMS:
            shape += [item.value] if item.wire == _VARINT else walk.varints(item)
        elif item.number == _TENSOR_NAME:
            name = walk.text(item)
        elif item.number == _TENSOR_LOCATION:
            location = item.value
        elif item.number == _TENSOR_EXTERNAL:
            entries.append(walk.pair(item))
    outline.tensors += 1
    outline.parameters += math.prod(shape)
    if location == _EXTERNAL:
        told = dict(entries)
        length = told.get("length", "")
        offset = told.get("offset", "0")
        outline.external.append(
            External(
                name[:200],
                told.get("location", ""),
                int(offset) if offset.isdecimal() else 0,
                int(length) if length.isdecimal() else None,
            )
        )


@dataclass(frozen=True, slots=True)
class _Walk:
    """Steps over the wire format; `left` bounds the fields in all."""

    path: str
    stream: BinaryIO
    left: list[int]

    def fields(self, start: int, end: int) -> Iterator[_Field]:
        place = start
        while place < end:
            self.left[0] -= 1
            if self.left[0] < 0:
                raise Damage("corrupt-header", f"{self.path} has too many fields to be read", self.path)
            key, place = self.varint(place, end)
            item, place = self._field(key >> 3, key & 7, place, end)
            yield item

    def _field(self, number: int, wire: int, place: int, end: int) -> tuple[_Field, int]:
        if wire == _VARINT:
            value, place = self.varint(place, end)
            return _Field(number, wire, value, place), place
        if wire == _BYTES:
            length, place = self.varint(place, end)
        else:
            length = {_FIXED64: 8, _FIXED32: 4}.get(wire, -1)
        if length < 0 or number == 0:
            raise Damage("corrupt-header", f"{self.path} is no protobuf at byte {place}", self.path)
        if place + length > end:
            told = f"{self.path} ends {place + length - end} bytes before its last field does"
            raise Damage("truncated", told, self.path)
        return _Field(number, wire, length, place), place + length

    def varint(self, place: int, end: int) -> tuple[int, int]:
        self.stream.seek(place)
        data = self.stream.read(min(10, max(0, end - place)))
        value = 0
        for count, byte in enumerate(data):
            value |= (byte & 0x7F) << (7 * count)
            if byte < 0x80:  # noqa: PLR2004 - the continuation bit
                return value, place + count + 1
        kind = "truncated" if len(data) < 10 else "corrupt-header"  # noqa: PLR2004 - the longest varint
        raise Damage(kind, f"{self.path} ends inside a number", self.path)

    def varints(self, item: _Field) -> list[int]:
        found, place, end = [], item.start, item.start + item.value
        while place < end:
            value, place = self.varint(place, end)
            found.append(value)
        return found

    def text(self, item: _Field) -> str:
        self.stream.seek(item.start)
        return self.stream.read(min(item.value, _MAX_TEXT)).decode("utf-8", "replace")

    def pair(self, item: _Field) -> tuple[str, str]:
        parts = {part.number: self.text(part) for part in self.fields(item.start, item.start + item.value)}
        return parts.get(1, ""), parts.get(2, "")


def check_external(outline: OnnxOutline, sizes: dict[str, int]) -> None:
    """Hold the tensors outside the file against the files beside it."""
    folder = outline.path.rpartition("/")[0]
    for tensor in outline.external:
        path = f"{folder}/{tensor.location}" if folder else tensor.location
        if not is_safe_path(path):
            told = f"{outline.path} looks for data outside the repository: {tensor.location[:100]!r}"
            raise Damage("unsafe-path", told, outline.path, tensor.tensor)
        if path not in sizes:
            told = f"{outline.path} needs {path}, which is not there"
            raise Damage("missing-weight-file", told, outline.path, tensor.tensor)
        if tensor.offset + (tensor.length or 0) > sizes[path]:
            raise Damage("truncated", f"{path} is shorter than {outline.path} says", path, tensor.tensor)
