"""The unpickler's stack machine with every call noted down in place of made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from osaudit.frozen import dataclass

_STORAGES = {
    "FloatStorage": "F32",
    "DoubleStorage": "F64",
    "HalfStorage": "F16",
    "BFloat16Storage": "BF16",
    "LongStorage": "I64",
    "IntStorage": "I32",
    "ShortStorage": "I16",
    "CharStorage": "I8",
    "ByteStorage": "U8",
    "BoolStorage": "BOOL",
}
_REBUILD = frozenset(
    {"torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v3"}
)
_REBUILD_PARAMETER = "torch._utils._rebuild_parameter"


@dataclass(frozen=True, slots=True)
class _Global:
    name: str


@dataclass(frozen=True, slots=True)
class _Called:
    function: Any
    arguments: Any


@dataclass(frozen=True, slots=True)
class _Storage:
    dtype: str | None


@dataclass(frozen=True, slots=True)
class _Shape:
    dtype: str | None
    shape: tuple[int, ...]


class _Mark:
    """The stack's mark."""


_MARK = _Mark()


class Machine:
    """The unpickler's stack machine with every call noted down in place of made."""

    def __init__(self) -> None:
        self.imports: list[str] = []
        self.result: Any = None
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def run(self, opcodes: Iterable[tuple[str, Any]]) -> None:
        """Step through one pickle."""
        for name, argument in opcodes:
            self._step(name, argument)
        self.result = self._stack[-1] if self._stack else None

    def tensors(self) -> tuple[tuple[str, str, tuple[int, ...]], ...]:
        """The state dict's entries, at the top or one level down; none where a dtype is not known."""
        table = _as_table(self.result)
        nested = next((_as_table(table[key]) for key in ("state_dict", "model", "module") if key in table), {})
        for one in (nested, table):
            found = [(key, value) for key, value in one.items() if isinstance(key, str) and isinstance(value, _Shape)]
            if found and all(value.dtype for _, value in found):
                return tuple((key, value.dtype or "", value.shape) for key, value in found)
        return ()

    def _step(self, name: str, argument: Any) -> None:  # noqa: ANN401 - an opcode's argument
        stack = self._stack
        if name == "GLOBAL":
            self._import(argument.replace(" ", ".", 1))
        elif name == "INST":
            self._import(argument.replace(" ", ".", 1))
            function, arguments = stack.pop(), self.popped()
            stack.append(_called(function, tuple(arguments)))
        elif name == "STACK_GLOBAL":
            attribute, module = stack.pop(), stack.pop()
            self._import(f"{module}.{attribute}" if isinstance(module, str) else f"?.{attribute}")
        elif name in _SIMPLE:
            _SIMPLE[name](self)
        elif name in {"PUT", "BINPUT", "LONG_BINPUT"}:
            self._memo[argument] = stack[-1]
        elif name in {"GET", "BINGET", "LONG_BINGET"}:
            stack.append(self._memo[argument])
        elif name in {"PERSID", "EXT1", "EXT2", "EXT4"}:
            stack.append(None)
        elif name in {"PROTO", "FRAME", "STOP", "NONE"}:
            stack.extend([None] if name == "NONE" else [])
        else:
            stack.append(_CONSTANTS.get(name, argument))

    def _import(self, name: str) -> None:
        self.imports.append(name[:200])
        self._stack.append(_Global(name))

    def popped(self) -> list[Any]:
        """What stands above the last mark, which goes too."""
        items: list[Any] = []
        while (item := self._stack.pop()) is not _MARK:
            items.append(item)
        return items[::-1]

    def memoize(self) -> None:
        """Give the top the next number."""
        self._memo[len(self._memo)] = self._stack[-1]

    def gather(self, kind: type) -> None:
        """Put what stands above the mark into one list or tuple."""
        self._stack.append(kind(self.popped()))

    def table(self) -> None:
        """Put the pairs above the mark into a table."""
        items = self.popped()
        self._stack.append({_key(key): value for key, value in zip(items[::2], items[1::2], strict=True)})

    def fill(self) -> None:
        """Add the pairs above the mark to the table below it."""
        items = self.popped()
        table = _as_table(self._stack[-1])
        table.update((_key(key), value) for key, value in zip(items[::2], items[1::2], strict=True))

    def tuple_of(self, count: int) -> None:
        """Gather the last few."""
        items = tuple(self._stack[-count:])
        del self._stack[-count:]
        self._stack.append(items)

    def call(self) -> None:
        """Note a call: tensors and tables are understood, all else is not."""
        arguments, function = self._stack.pop(), self._stack.pop()
        self._stack.append(_called(function, arguments))

    def persistent(self) -> None:
        """A reference to a storage: (word, kind, key, place, numbers)."""
        told = self._stack.pop()
        kind = told[1] if isinstance(told, tuple) and len(told) > 1 else None
        name = kind.name.rpartition(".")[2] if isinstance(kind, _Global) else ""
        self._stack.append(_Storage(_STORAGES.get(name)))

    def set_item(self) -> None:
        """One pair."""
        value, key = self._stack.pop(), self._stack.pop()
        _as_table(self._stack[-1])[_key(key)] = value

    def drop(self, count: int = 1) -> None:
        """Forget the last few."""
        del self._stack[-count:]

    def push(self, value: Any) -> None:  # noqa: ANN401 - a stack's item
        """Put on top."""
        self._stack.append(value)

    def object_of_mark(self) -> None:
        """A class and its arguments above the mark."""
        items = self.popped()
        self._stack.append(_called(items[0] if items else None, tuple(items[1:])))


def _called(function: Any, arguments: Any) -> Any:  # noqa: ANN401 - what a pickle holds
    name = function.name if isinstance(function, _Global) else ""
    if name == "collections.OrderedDict":
        return dict(arguments[0]) if arguments and isinstance(arguments[0], list) else {}
    if name in _REBUILD and isinstance(arguments, tuple) and len(arguments) > 2:  # noqa: PLR2004 - storage, offset, shape
        storage, shape = arguments[0], arguments[2]
        if isinstance(storage, _Storage) and isinstance(shape, tuple) and all(type(one) is int for one in shape):
            return _Shape(storage.dtype, shape)
    if name == _REBUILD_PARAMETER and isinstance(arguments, tuple) and arguments:
        return arguments[0]
    return _Called(function, None)


def _as_table(value: Any) -> dict[Any, Any]:  # noqa: ANN401 - what a pickle holds
    return value if isinstance(value, dict) else {}


def _key(key: Any) -> Any:  # noqa: ANN401 - what a pickle holds
    return key if isinstance(key, str | int | float | bool | None) else repr(key)[:200]


_CONSTANTS: dict[str, Any] = {"NEWTRUE": True, "NEWFALSE": False}
_SIMPLE: dict[str, Any] = {
    "MARK": lambda machine: machine.push(_MARK),
    "EMPTY_DICT": lambda machine: machine.push({}),
    "EMPTY_LIST": lambda machine: machine.push([]),
    "EMPTY_TUPLE": lambda machine: machine.push(()),
    "EMPTY_SET": lambda machine: machine.push([]),
    "TUPLE": lambda machine: machine.gather(tuple),
    "LIST": lambda machine: machine.gather(list),
    "FROZENSET": lambda machine: machine.gather(tuple),
    "DICT": lambda machine: machine.table(),
    "TUPLE1": lambda machine: machine.tuple_of(1),
    "TUPLE2": lambda machine: machine.tuple_of(2),
    "TUPLE3": lambda machine: machine.tuple_of(3),
    "MEMOIZE": lambda machine: machine.memoize(),
    "REDUCE": lambda machine: machine.call(),
    "NEWOBJ": lambda machine: machine.call(),
    "NEWOBJ_EX": lambda machine: (machine.drop(), machine.call()),
    "OBJ": lambda machine: machine.object_of_mark(),
    "BUILD": lambda machine: machine.drop(),
    "BINPERSID": lambda machine: machine.persistent(),
    "SETITEM": lambda machine: machine.set_item(),
    "SETITEMS": lambda machine: machine.fill(),
    "APPEND": lambda machine: machine.drop(),
    "APPENDS": lambda machine: machine.popped(),
    "ADDITEMS": lambda machine: machine.popped(),
    "POP": lambda machine: machine.drop(),
    "POP_MARK": lambda machine: machine.popped(),
    "DUP": lambda machine: machine.push(machine._stack[-1]),  # noqa: SLF001 - its own table
    "NEXT_BUFFER": lambda machine: machine.push(None),
    "READONLY_BUFFER": lambda _: None,
}
