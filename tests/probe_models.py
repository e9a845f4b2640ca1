"""Models for the probe's tests, written byte by byte: none of their libraries is needed to make them."""

from __future__ import annotations

import io
import json
import math
import pickle
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Shapes = Mapping[str, tuple[int, ...]]

CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "vocab_size": 64,
    "dtype": "float32",
}


def header_of(shapes: Shapes, dtype: str) -> tuple[bytes, int]:
    """The header of a safetensors file, and the size of the whole."""
    place, table = 0, {}
    for name, shape in shapes.items():
        end = place + math.prod(shape) * {"F32": 4, "BF16": 2}[dtype]
        table[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [place, end]}
        place = end
    raw = json.dumps({"__metadata__": {"format": "pt"}, **table}, separators=(",", ":")).encode()
    raw += b" " * (-len(raw) % 8)
    return len(raw).to_bytes(8, "little") + raw, 8 + len(raw) + place


def llama_shapes(
    *, hidden: int = 16, inner: int = 32, layers: int = 2, rows: int = 64, keys: int | None = None
) -> dict[str, tuple[int, ...]]:
    """The names and shapes of a Llama."""
    keys = keys or hidden
    shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (rows, hidden)}
    for layer in range(layers):
        at = f"model.layers.{layer}"
        shapes |= {
            f"{at}.self_attn.q_proj.weight": (hidden, hidden),
            f"{at}.self_attn.k_proj.weight": (keys, hidden),
            f"{at}.self_attn.v_proj.weight": (keys, hidden),
            f"{at}.self_attn.o_proj.weight": (hidden, hidden),
            f"{at}.mlp.gate_proj.weight": (inner, hidden),
            f"{at}.mlp.up_proj.weight": (inner, hidden),
            f"{at}.mlp.down_proj.weight": (hidden, inner),
            f"{at}.input_layernorm.weight": (hidden,),
            f"{at}.post_attention_layernorm.weight": (hidden,),
        }
    return {**shapes, "model.norm.weight": (hidden,), "lm_head.weight": (rows, hidden)}


def safetensors_bytes(shapes: Shapes, dtype: str = "F32") -> bytes:
    """A whole file; its numbers are small and differ from each other."""
    raw, size = header_of(shapes, dtype)
    count = (size - len(raw)) // 4
    return raw + struct.pack(f"<{count}f", *(((place * 37) % 101 - 50) / 500 for place in range(count)))


def write_hollow(path: Path, shapes: Shapes, dtype: str = "F32") -> None:
    """A file with a true header, and a hole where its numbers would be."""
    raw, size = header_of(shapes, dtype)
    with path.open("wb") as file:
        file.write(raw)
        file.truncate(size)


def write_model(folder: Path, shapes: Shapes | None = None, config: Mapping[str, Any] = CONFIG) -> Path:
    """A Llama in one file, with its configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "model.safetensors").write_bytes(safetensors_bytes(llama_shapes() if shapes is None else shapes))
    return folder


def write_shards(folder: Path, count: int = 3, shapes: Shapes | None = None) -> Path:
    """A Llama in several files with an index."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    entries = list((shapes or llama_shapes()).items())
    table: dict[str, str] = {}
    total = 0
    for number in range(count):
        name = f"model-{number + 1:05d}-of-{count:05d}.safetensors"
        part = dict(entries[number::count])
        data = safetensors_bytes(part)
        (folder / name).write_bytes(data)
        total += len(data) - 8 - int.from_bytes(data[:8], "little")
        table |= dict.fromkeys(part, name)
    index = {"metadata": {"total_size": total}, "weight_map": table}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    return folder


def gguf_bytes(
    *,
    blocks: int = 2,
    told: int | None = None,
    width: int = 32,
    architecture: str = "llama",
    words: Mapping[str, str] | None = None,
) -> bytes:
    """A GGUF file of a few F32 tensors; `words` are further texts of its metadata."""
    names = {"token_embd.weight": (width, 8)} | {
        f"blk.{block}.attn_q.weight": (width, width) for block in range(blocks)
    }
    pairs = [
        (b"general.architecture", struct.pack("<I", 8) + _text(architecture.encode())),
        (f"{architecture}.block_count".encode(), struct.pack("<II", 4, blocks if told is None else told)),
        (f"{architecture}.embedding_length".encode(), struct.pack("<II", 4, width)),
        *((key.encode(), struct.pack("<I", 8) + _text(value.encode())) for key, value in (words or {}).items()),
        (b"tokenizer.ggml.tokens", struct.pack("<IIQ", 9, 8, 8) + b"".join(_text(b"t%d" % one) for one in range(8))),
    ]
    head = b"GGUF" + struct.pack("<IQQ", 3, len(names), len(pairs))
    head += b"".join(_text(key) + value for key, value in pairs)
    place = 0
    for name, shape in names.items():
        head += _text(name.encode()) + struct.pack("<I", 2) + struct.pack("<QQ", *shape) + struct.pack("<IQ", 0, place)
        place += shape[0] * shape[1] * 4
    head += b"\0" * (-len(head) % 32)
    return head + b"\x01" * place


def _text(data: bytes) -> bytes:
    return struct.pack("<Q", len(data)) + data


def _varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def field(number: int, value: int | bytes) -> bytes:
    """One field of protobuf's wire format."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def onnx_bytes(*, outside: str | None = None) -> bytes:
    """y = x * w for three numbers; with `outside`, w's bytes are in that file."""
    kind = field(1, field(1, 1) + field(2, field(1, field(1, 3))))
    weights = field(1, 3) + field(2, 1) + field(8, b"w")
    if outside is None:
        weights += field(9, struct.pack("<3f", 0.5, -1.0, 2.0))
    else:
        place = {"location": outside, "offset": "0", "length": "12"}
        weights += b"".join(
            field(13, field(1, key.encode()) + field(2, value.encode())) for key, value in place.items()
        )
        weights += field(14, 1)
    node = field(1, b"x") + field(1, b"w") + field(2, b"y") + field(4, b"Mul")
    graph = field(1, node) + field(2, b"g") + field(5, weights)
    graph += field(11, field(1, b"x") + field(2, kind)) + field(12, field(1, b"y") + field(2, kind))
    return field(1, 8) + field(7, graph) + field(8, field(2, 13))


class _Storage:
    """Stands for torch's reference to a storage while pickling."""

    def __init__(self, key: str, count: int) -> None:
        self.told = ("storage", _Named("torch", "FloatStorage"), key, "cpu", count)


class _Named:
    """Stands for a global while pickling."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class _Call:
    """Stands for a call while pickling."""

    def __init__(self, module: str, name: str, *arguments: Any) -> None:
        self.what, self.arguments = _Named(module, name), arguments


class _Pickler(pickle._Pickler):
    """Writes the stand-ins as what they stand for."""

    def persistent_id(self, value: Any) -> Any:
        return value.told if isinstance(value, _Storage) else None

    def save(self, value: Any, save_persistent_id: bool = True) -> None:  # noqa: FBT001, FBT002 - pickle's own
        if isinstance(value, _Named):
            self.write(f"c{value.module}\n{value.name}\n".encode())
        elif isinstance(value, _Call):
            self.save(value.what)
            self.save(value.arguments)
            self.write(pickle.REDUCE)
        else:
            super().save(value, save_persistent_id)


def torch_bytes(shapes: Shapes, *, payload: tuple[str, str, Any] | None = None) -> bytes:
    """A checkpoint in torch's zip format; with a payload, it calls that when it is unpickled carelessly."""
    table: dict[str, Any] = {}
    storages: dict[str, bytes] = {}
    for number, (name, shape) in enumerate(shapes.items()):
        count = math.prod(shape)
        strides = tuple(math.prod(shape[place + 1 :]) for place in range(len(shape)))
        storage = _Storage(str(number), count)
        table[name] = _Call(
            "torch._utils", "_rebuild_tensor_v2", storage, 0, shape, strides, False, _Call("collections", "OrderedDict")
        )
        storages[str(number)] = struct.pack(f"<{count}f", *(((place * 37) % 101 - 50) / 500 for place in range(count)))
    if payload:
        table["payload"] = _Call(payload[0], payload[1], payload[2])
    stream = io.BytesIO()
    _Pickler(stream, 2).dump(table)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("archive/data.pkl", stream.getvalue())
        archive.writestr("archive/byteorder", "little")
        for name, data in storages.items():
            archive.writestr(f"archive/data/{name}", data)
        archive.writestr("archive/version", "3\n")
    return out.getvalue()
