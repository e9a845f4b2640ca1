"""Pickles read as a list of opcodes: what they would import and call, and the tensors that they tell of.

Nothing is unpickled. A scan is evidence, never the guard: the guard is `weights_only` in a cage. Format:
https://github.com/python/cpython/blob/main/Lib/pickletools.py and torch/serialization.py.
"""

from __future__ import annotations

import io
import pickletools
import struct
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO

from osaudit.frozen import dataclass
from osaudit.probe.repository import Damage
from osaudit.probe.safetensors import not_weights
from osaudit.probe.unpickling import Machine

MAX_OPCODES = 4_000_000
_MAX_PICKLE = 64 * 1024 * 1024
_MAX_MEMBERS = 200_000
_LEGACY_PARTS = 4  # magic number, protocol, system, the object

# What runs code, opens files or processes, or builds what does: no checkpoint needs any of it.
_MODULES = """
os nt posix subprocess sys shutil socket pty commands builtins __builtin__ importlib runpy code codeop bdb pdb
webbrowser http urllib requests httpx ctypes multiprocessing threading asyncio concurrent signal pip pkgutil types
functools operator timeit cProfile profile trace marshal pickle _pickle dill cloudpickle tempfile pathlib io _io
platform zipimport zipapp ensurepip venv inspect gc codecs linecache imp idlelib lib2to3 distutils setuptools
doctest unittest smtplib ftplib telnetlib ssl sqlite3 antigravity turtledemo nturl2path torch.hub
torch.utils.cpp_extension torch.jit torch._dynamo torch._inductor torch.package numpy.testing numpy.f2py
numpy.distutils logging.config joblib._utils torch.load torch.serialization _thread
"""
_DANGEROUS_MODULES = frozenset(_MODULES.split())
_HARMLESS = frozenset(
    {
        *(
            f"builtins.{name}"
            for name in ("set", "frozenset", "dict", "list", "tuple", "int", "float", "complex", "bool")
        ),
        *(f"builtins.{name}" for name in ("bytearray", "slice", "range", "str", "bytes", "object")),
        *(f"__builtin__.{name}" for name in ("set", "frozenset", "dict", "list", "tuple", "long", "int", "object")),
        *("_codecs.encode", "pathlib.PosixPath", "pathlib.WindowsPath", "pathlib.Path", "pathlib.PurePosixPath"),
        *("torch.jit._pickle.build_intlist", "torch.jit._pickle.build_tensorlist", "functools.partial"),
        *("codecs.encode", "types.SimpleNamespace", "threading.local", "torch.serialization._get_layout"),
    }
)
_EXPECTED_MODULES = (
    "torch",
    "collections",
    "numpy",
    "_codecs",
    "copyreg",
    "copy_reg",
    "transformers",
    "argparse",
    "__torch__",
)


@dataclass(frozen=True, slots=True)
class Pickled:
    """One file's pickles: the names that they would import, and (name, dtype, shape) of the state dict they tell of."""

    path: str
    imports: tuple[str, ...]
    tensors: tuple[tuple[str, str, tuple[int, ...]], ...]
    complete: bool

    @property
    def dangerous(self) -> tuple[str, ...]:
        """The imports that no checkpoint needs."""
        return tuple(name for name in self.imports if is_dangerous(name))

    @property
    def unusual(self) -> tuple[str, ...]:
        """The imports of neither kind: `weights_only` will refuse most of them."""
        return tuple(
            name
            for name in self.imports
            if not is_dangerous(name) and name not in _HARMLESS and name.partition(".")[0] not in _EXPECTED_MODULES
        )


def is_dangerous(name: str) -> bool:
    """Tell whether an import leads to code, files or processes."""
    if name in _HARMLESS:
        return False
    if name.startswith("?."):  # the module's name is made while unpickling
        return True
    parts = name.split(".")
    return any(".".join(parts[:count]) in _DANGEROUS_MODULES for count in range(1, len(parts) + 1))


def read_pickles(path: str, size: int, stream: BinaryIO) -> Pickled:
    """Scan a checkpoint: a zip of torch, a legacy torch file, or a plain pickle. Damage where it is none of them."""
    opening = stream.read(512)
    not_weights(path, opening)
    stream.seek(0)
    zipped = opening[:4] == b"PK\x03\x04"
    found = list(_zipped(path, stream)) if zipped else [_streamed(path, size, stream)]
    imports = dict.fromkeys(name for one in found for name in one.imports)
    tensors = next((one.tensors for one in found if one.tensors), ())
    return Pickled(path, tuple(imports), tensors, all(one.complete for one in found))


def _zipped(path: str, stream: BinaryIO) -> Iterator[Pickled]:
    try:
        archive = zipfile.ZipFile(stream)
        members = archive.infolist()[:_MAX_MEMBERS]
        pickles = [member for member in members if member.filename.endswith((".pkl", ".pickle", ".bin"))]
        for member in pickles or members[:1]:
            if member.file_size > _MAX_PICKLE or member.compress_size > _MAX_PICKLE:
                yield Pickled(path, (), (), complete=False)
                continue
            yield _scan(path, io.BytesIO(archive.read(member)), 1)
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
        struct.error,
    ) as error:
        told = f"{path} is a damaged zip archive ({str(error)[:80]})"
        raise Damage("truncated" if "not a zip file" in str(error) else "corrupt-header", told, path) from error


def _streamed(path: str, size: int, stream: BinaryIO) -> Pickled:
    first = stream.read(1)
    stream.seek(0)
    if first not in (b"\x80", b"(", b"c", b"}", b"]", b"l", b"d"):
        raise Damage("corrupt-header", f"{path} is neither a zip archive nor a pickle", path)
    if size > _MAX_PICKLE:
        return _scan(path, stream, _LEGACY_PARTS)
    return _scan(path, io.BytesIO(stream.read(size)), _LEGACY_PARTS)


def _scan(path: str, stream: BinaryIO, parts: int) -> Pickled:
    """Read up to `parts` pickles that follow each other; what cannot be read ends the scan, and is said."""
    imports: dict[str, None] = {}
    tensors: tuple[tuple[str, str, tuple[int, ...]], ...] = ()
    complete = True
    for number in range(parts):
        machine = Machine()
        try:
            machine.run(_opcodes(stream))
        except (ValueError, IndexError, KeyError, TypeError, OverflowError, UnicodeError, RecursionError):
            complete = bool(number)  # behind the object come raw storages
        imports.update(dict.fromkeys(machine.imports))
        found = machine.tensors()
        tensors = tensors or found
        if not complete or (number and machine.result is None):
            break
    return Pickled(path, tuple(imports), tensors, complete)


def _opcodes(stream: BinaryIO) -> Iterator[tuple[str, Any]]:
    for count, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
        if count > MAX_OPCODES:
            raise ValueError("too many opcodes")
        yield opcode.name, argument
