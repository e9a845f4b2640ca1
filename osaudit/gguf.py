"""The metadata at the head of a GGUF file, read within bounds: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

from osaudit.frozen import dataclass

HEAD_BYTES = 1024 * 1024
"""So much of a file holds what is said of the model: its words come before the vocabulary."""

MAX_ENTRIES = 200_000
MAX_WORDS = 2_000
_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_MAX_STRING = 16 * 1024 * 1024
_KEPT_ITEMS = 16
_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9


class BadGgufError(Exception):
    """The bytes are no GGUF header: `failure` is corrupt-header or truncated; `because` lacks its subject, the file."""

    def __init__(self, failure: str, because: str) -> None:
        super().__init__(because)
        self.failure = failure
        self.because = because


@dataclass(frozen=True, slots=True)
class GgufReader:
    """Reads a header's values one after the other; BadGgufError where they cannot be what they say."""

    stream: BinaryIO

    def opening(self) -> tuple[int, int, int]:
        """Read the version, and how many tensors and pairs the header holds."""
        if self.stream.read(4) != _MAGIC:
            raise BadGgufError("corrupt-header", "does not start as a GGUF file does")
        version = int(self.number("<I"))
        if version not in _VERSIONS:
            raise BadGgufError("corrupt-header", f"is of GGUF version {version}, and 2 and 3 are known")
        return version, self.count(), self.count()

    def bytes(self, length: int) -> bytes:
        """Read exactly so many bytes."""
        data = self.stream.read(length)
        if len(data) < length:
            raise BadGgufError("truncated", "ends inside its header")
        return data

    def number(self, form: str) -> Any:  # noqa: ANN401 - a scalar
        """Read a number of a `struct` format."""
        return struct.unpack(form, self.bytes(struct.calcsize(form)))[0]

    def count(self) -> int:
        """Read a count of entries."""
        found = int(self.number("<Q"))
        if found > MAX_ENTRIES:
            raise BadGgufError("corrupt-header", f"claims {found} entries in its header")
        return found

    def string(self) -> str:
        """Read a text."""
        length = int(self.number("<Q"))
        if length > _MAX_STRING:
            raise BadGgufError("corrupt-header", f"claims a text of {length} bytes in its header")
        return self.bytes(length).decode("utf-8", "replace")

    def pair(self) -> tuple[str, Any, int | None]:
        """Read a key and its value; a long list is cut, and its length told."""
        key, kind = self.string(), self.number("<I")
        return (key, *self._array()) if kind == _ARRAY else (key, self._value(kind), None)

    def _value(self, kind: int) -> Any:  # noqa: ANN401 - a scalar or a text
        if kind == _STRING:
            return self.string()
        if kind not in _SCALARS:
            raise BadGgufError("corrupt-header", f"holds a value of the unknown type {kind}")
        return self.number(_SCALARS[kind])

    def _array(self) -> tuple[list[Any], int]:
        kind, length = self.number("<I"), int(self.number("<Q"))
        if length > 100 * MAX_ENTRIES or kind == _ARRAY:
            raise BadGgufError("corrupt-header", f"holds a list of {length} items in its header")
        if kind == _STRING:
            items = [self.string() for _ in range(length)]
            return items[:_KEPT_ITEMS], length
        kept = [self._value(kind) for _ in range(min(length, _KEPT_ITEMS))]
        self.stream.seek((length - len(kept)) * struct.calcsize(_SCALARS[kind]) if kind in _SCALARS else 0, 1)
        return kept, length


def general_words(data: bytes) -> Mapping[str, str]:
    """Read the texts under `general.` out of a file's first bytes, as far as these go; BadGgufError for other bytes."""
    reader = GgufReader(io.BytesIO(data))
    _, _, pairs = reader.opening()
    found: dict[str, str] = {}
    try:
        for _ in range(pairs):
            key, value, _ = reader.pair()
            if key.startswith("general.") and isinstance(value, str) and value.strip():
                found.setdefault(key[:200], value[:MAX_WORDS])
    except BadGgufError as error:
        if error.failure != "truncated":
            raise
    return found
