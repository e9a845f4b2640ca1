"""Values as JSON's and back, by the types of their fields: what saved evidence and the cache are written and read with.

A shape knows dataclasses, tuples, mappings, literals, options and plain values. A plain value is taken as it is: a text
is no number, and "false" is not false. Fields that JSON does not have keep their defaults, and fields that the class
does not have are left aside. How a shape of another kind is written and read is told beforehand.
"""

from __future__ import annotations

import dataclasses
import functools
import operator
import threading
import types
from collections.abc import Callable, Mapping
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

Write = Callable[[Any], Any]
Read = Callable[[Any], Any]


class ShapeError(ValueError):
    """JSON that is not of the shape that is read; says where."""


class Shapes:
    """How values of each type are written and read; made when a type is first met.

    `later` names the fields of a class that are left out where they hold their default. `special` may give the two
    functions of a type of its own kind, None for all others.
    """

    def __init__(
        self, later: Mapping[type, tuple[str, ...]], special: Callable[[Shapes, Any], tuple[Write, Read] | None]
    ) -> None:
        self._later = later
        self._special = special
        self._writes: dict[Any, Write | None] = {}
        self._reads: dict[Any, Read] = {}
        self._making: set[tuple[str, Any]] = set()  # those being made, by whoever holds the lock
        self._lock = threading.RLock()

    def write(self, kind: Any, value: Any) -> Any:  # noqa: ANN401 - a type form, any value of it
        """Give a value as JSON has it."""
        written = self.writer(kind)
        return value if written is None else written(value)

    def read(self, kind: Any, data: Any) -> Any:  # noqa: ANN401 - a type form, JSON
        """Make a value of JSON; ShapeError where it is not of that shape."""
        return self.reader(kind)(data)

    def writer(self, kind: Any) -> Write | None:  # noqa: ANN401 - a type form
        """How values of a type are written; None where they are what JSON has."""
        if kind not in self._writes:
            with self._lock:
                if ("write", kind) in self._making:  # a type that holds itself asks for this one
                    return functools.partial(self.write, kind)
                self._making.add(("write", kind))
                try:
                    self._writes.setdefault(kind, self._made_writer(kind))
                finally:
                    self._making.discard(("write", kind))
        return self._writes[kind]

    def _made_writer(self, kind: Any) -> Write | None:  # noqa: ANN401 - a type form
        special = self._special(self, kind)
        if special is not None:
            return special[0]
        if isinstance(kind, type) and dataclasses.is_dataclass(kind):
            return self._class_writer(kind)
        arguments = get_args(kind)
        if get_origin(kind) is tuple:
            return _tuple_writer([self.writer(one) for one in arguments if one is not Ellipsis], arguments)
        if _is_mapping(kind):
            inner = self.writer(arguments[1])
            return dict if inner is None else functools.partial(_written_values, inner)
        if _is_option(kind):
            inner = self.writer(_some(kind))
            return None if inner is None else functools.partial(_written_option, inner)
        return None

    def _class_writer(self, kind: type) -> Write:
        hints, fields = get_type_hints(kind), dataclasses.fields(kind)
        names = tuple(field.name for field in fields)
        rows = [(name, writer) for name in names if (writer := self.writer(hints[name])) is not None]
        later = [(one.name, _default(one)) for one in fields if one.name in self._later.get(kind, ())]
        values = operator.attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),)

        def write(value: Any) -> dict[str, Any]:  # noqa: ANN401 - of the class
            told = dict(zip(names, values(value), strict=True))
            for name, default in later:
                if told[name] == default:
                    del told[name]
            for name, writer in rows:
                if name in told:
                    told[name] = writer(told[name])
            return told

        return write

    def reader(self, kind: Any) -> Read:  # noqa: ANN401 - a type form
        """How values of a type are read."""
        if kind not in self._reads:
            with self._lock:
                if ("read", kind) in self._making:  # likewise
                    return functools.partial(self.read, kind)
                self._making.add(("read", kind))
                try:
                    self._reads.setdefault(kind, self._made_reader(kind))
                finally:
                    self._making.discard(("read", kind))
        return self._reads[kind]

    def _made_reader(self, kind: Any) -> Read:  # noqa: ANN401, PLR0911 - a type form, a kind of type a return
        special = self._special(self, kind)
        if special is not None:
            return special[1]
        if kind in _PLAIN:
            return _PLAIN[kind]
        if isinstance(kind, type) and dataclasses.is_dataclass(kind):
            return self._class_reader(kind)
        arguments = get_args(kind)
        if get_origin(kind) is Literal:
            return _one_of(arguments)
        if get_origin(kind) is tuple:
            return _tuple_reader([self.reader(one) for one in arguments if one is not Ellipsis], arguments)
        if _is_mapping(kind):
            return _mapping_reader(None if arguments[1] is Any else self.reader(arguments[1]))
        if _is_option(kind):
            inner = self.reader(_some(kind))
            return lambda data: None if data is None else inner(data)
        raise TypeError(f"{kind} is of no shape that can be read")

    def _class_reader(self, kind: type) -> Read:
        hints, fields = get_type_hints(kind), dataclasses.fields(kind)
        rows = [(one.name, self.reader(hints[one.name]), _default(one) is dataclasses.MISSING) for one in fields]

        def read(data: Any) -> Any:  # noqa: ANN401 - JSON
            if type(data) is not dict:
                raise ShapeError(f"{kind.__name__} expected, {type(data).__name__} found")
            arguments: dict[str, Any] = {}
            name = ""
            try:
                for name, inner, needed in rows:
                    if needed or name in data:
                        arguments[name] = inner(data[name])
            except ShapeError as error:
                raise ShapeError(f"{name}: {error}") from error
            except KeyError as error:
                raise ShapeError(f"{name} is missing") from error
            return kind(**arguments)

        return read


def _written_values(inner: Write, value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: inner(one) for key, one in value.items()}


def _written_option(inner: Write, value: Any) -> Any:  # noqa: ANN401 - of any type, JSON
    return None if value is None else inner(value)


def _default(field: dataclasses.Field[Any]) -> Any:  # noqa: ANN401 - of any type
    made = field.default_factory
    return field.default if made is dataclasses.MISSING else made()


def _is_mapping(kind: Any) -> bool:  # noqa: ANN401 - a type form
    origin = get_origin(kind)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _is_option(kind: Any) -> bool:  # noqa: ANN401 - a type form
    return get_origin(kind) in (Union, types.UnionType) and type(None) in get_args(kind) and len(get_args(kind)) == 2  # noqa: PLR2004 - a type, or nothing


def _some(kind: Any) -> Any:  # noqa: ANN401 - type forms
    return next(one for one in get_args(kind) if one is not type(None))


def _tuple_writer(writers: list[Write | None], arguments: tuple[Any, ...]) -> Write | None:
    if not any(writers):
        return list
    if Ellipsis in arguments:
        (inner,) = writers
        return lambda value: [inner(one) for one in value] if inner else list(value)
    return lambda value: [inner(one) if inner else one for inner, one in zip(writers, value, strict=True)]


def _tuple_reader(readers: list[Read], arguments: tuple[Any, ...]) -> Read:
    if Ellipsis in arguments:
        (inner,) = readers
        return lambda data: tuple([inner(one) for one in _listed(data)])
    return lambda data: tuple([inner(one) for inner, one in zip(readers, _listed(data, len(readers)), strict=True)])


def _listed(data: Any, length: int | None = None) -> list[Any]:  # noqa: ANN401 - JSON
    if type(data) is not list or length not in {None, len(data)}:
        raise ShapeError(f"a list{f' of {length}' if length else ''} expected, {type(data).__name__} found")
    return data


def _mapping_reader(inner: Read | None) -> Read:
    def read(data: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        if type(data) is not dict:
            raise ShapeError(f"a mapping expected, {type(data).__name__} found")
        return data if inner is None else {key: inner(value) for key, value in data.items()}

    return read


def _one_of(known: tuple[Any, ...]) -> Read:
    allowed = frozenset(known)

    def read(data: Any) -> Any:  # noqa: ANN401 - JSON
        if type(data) is str and data in allowed:
            return data
        raise ShapeError(f"one of {', '.join(map(str, known))} expected")

    return read


def _plain(kind: type) -> Read:
    def read(data: Any) -> Any:  # noqa: ANN401 - JSON
        if type(data) is kind:
            return data
        if kind is float and type(data) is int:
            return kind(data)
        raise ShapeError(f"{kind.__name__} expected, {type(data).__name__} found")

    return read


_PLAIN: dict[Any, Read] = {kind: _plain(kind) for kind in (bool, int, float, str)} | {Any: lambda data: data}
