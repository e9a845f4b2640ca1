"""Values as JSON's and back, by the types of their fields: what saved evidence and the cache are written and read with.

A shape knows dataclasses, tuples, mappings, literals, options and plain values. A plain value is taken as it is: a text
is no number, and "false" is not false. Fields that JSON does not have keep their defaults, and fields that the class
does not have are left aside. How a shape of another kind is written and read is told beforehand.

A class's two functions are written as Python when it is first met, as `osaudit.frozen` writes its `__init__`: half of
what decoding a record took was the calls from field to field.
"""

from __future__ import annotations

import dataclasses
import functools
import sys
import threading
import types
from collections.abc import Callable, Mapping
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from osaudit.frozen import made_by

Write = Callable[[Any], Any]
Read = Callable[[Any], Any]


class ShapeError(ValueError):
    """JSON that is not of the shape that is read; says where."""


class _Odd(threading.local):
    """Whether this thread met something that would be written otherwise than it was read."""

    met = False


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
        self._odd = _Odd()

    def write(self, kind: Any, value: Any) -> Any:  # noqa: ANN401 - a type form, any value of it
        """Give a value as JSON has it."""
        written = self.writer(kind)
        return value if written is None else written(value)

    def read(self, kind: Any, data: Any) -> Any:  # noqa: ANN401 - a type form, JSON
        """Make a value of JSON; ShapeError where it is not of that shape."""
        return self.reader(kind)(data)

    def read_exactly(self, kind: Any, data: Any) -> tuple[Any, bool]:  # noqa: ANN401 - likewise
        """Make a value of JSON, and tell whether it is sure to be written as this very JSON again.

        Nothing stands there then that no field takes, that a default would fill in or leave out, or that JSON's writers
        spell differently (`write_plainly`). ShapeError as `read`.
        """
        self._odd.met = False
        return self.read(kind, data), not self._odd.met

    def write_plainly(self, kind: Any, value: Any) -> tuple[Any, bool]:  # noqa: ANN401 - likewise
        """Give a value as JSON has it, and tell whether every writer of JSON is sure to spell its numbers alike."""
        self._odd.met = False
        return self.write(kind, value), not self._odd.met

    def odd(self) -> None:
        """Tell that what is read or written has more than one spelling; for those who read a kind of their own."""
        self._odd.met = True

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

    def _made_writer(self, kind: Any) -> Write | None:  # noqa: ANN401, PLR0911 - a type form, a kind of type a return
        special = self._special(self, kind)
        if special is not None:
            return special[0]
        if kind is float:
            return self._number
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

    def _number(self, value: float) -> float:
        """A fraction as it is; those that Python spells with an exponent are spelled otherwise elsewhere."""
        if not (_LEAST <= abs(value) < _MOST or value == 0):
            self._odd.met = True
        return value

    def _class_writer(self, kind: type) -> Write:
        """Write the function that gives a class's fields in their order, without the later ones that hold a default."""
        hints, fields = _hints(kind), _fields(kind)
        later = self._later.get(kind, ())
        known: dict[str, Any] = {}
        lines = ["def write(value):", " told = {}"]
        for number, field in enumerate(fields):
            known[f"_write{number}"] = writer = self.writer(hints[field.name])
            spelled = f"_write{number}(it)" if writer else "it"
            lines.append(f" it = value.{field.name}")
            if field.name in later:
                known[f"_given{number}"] = _default(field)
                lines.append(f" if it != _given{number}: told[{field.name!r}] = {spelled}")
            else:
                lines.append(f" told[{field.name!r}] = {spelled}")
        return _made(kind, [*lines, " return told"], "write", known)

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
        if kind is float:
            return self._read_number
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
            return self._mapping_reader(None if arguments[1] is Any else self.reader(arguments[1]))
        if _is_option(kind):
            inner = self.reader(_some(kind))
            return lambda data: None if data is None else inner(data)
        raise TypeError(f"{kind} is of no shape that can be read")

    def _read_number(self, data: Any) -> float:  # noqa: ANN401 - JSON
        if type(data) is float:
            return self._number(data)
        if type(data) is int:
            self._odd.met = True
            return float(data)
        raise ShapeError(f"float expected, {type(data).__name__} found")

    def _mapping_reader(self, inner: Read | None) -> Read:
        def read(data: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
            if type(data) is not dict:
                raise ShapeError(f"a mapping expected, {type(data).__name__} found")
            self._odd.met = True  # anything may stand in it
            return data if inner is None else {key: inner(value) for key, value in data.items()}

        return read

    def _class_reader(self, kind: type) -> Read:
        """Write the function that makes a value of a class; the line that fails tells which field it was."""
        hints, fields = _hints(kind), _fields(kind)
        making, made_with = made_by(kind, [f"it{at}" for at in range(len(fields))])
        known = {**made_with, "_odd": self.odd, "_error": ShapeError, "_dict": dict}
        lines = [
            "def read(data):",
            f" if type(data) is not _dict: raise _error(f'{kind.__name__} expected, {{type(data).__name__}} found')",
            f" count = {len(fields)}",
            " try:",
        ]
        names = [""] * len(lines)
        for number, field in enumerate(fields):
            known[f"_read{number}"] = self.reader(hints[field.name])
            of_field = _lines(number, field, hints[field.name], known, is_later=field.name in self._later.get(kind, ()))
            lines += [f"  {line}" for line in of_field]
            names += [field.name] * len(of_field)
        lines += [
            " except (KeyError, _error) as error: raise _told(error) from error",
            " if len(data) != count: _odd()",
            *(f" {line}" for line in making),
        ]
        known["_told"] = functools.partial(_told, tuple(names))
        return _made(kind, lines, "read", known)


def _fields(kind: type) -> tuple[dataclasses.Field[Any], ...]:
    """The fields that make a value what it is equal to: what it keeps besides (`osaudit.once`) is in no JSON."""
    return tuple(field for field in dataclasses.fields(kind) if field.compare)


def _hints(kind: type) -> dict[str, Any]:
    """The types of a class's fields, as `typing.get_type_hints` gives them; what two fields name is made out once."""
    if any(not isinstance(field.type, str) for field in dataclasses.fields(kind)):
        return get_type_hints(kind)
    return {field.name: _named(kind.__module__, str(field.type)) for field in dataclasses.fields(kind)}


@functools.lru_cache(maxsize=1024)
def _named(module: str, name: str) -> Any:  # noqa: ANN401 - a type form
    return eval(name, vars(sys.modules[module]))  # noqa: S307 - an annotation of our own


_LEAST, _MOST = 1e-4, 1e16
"""Between these Python spells a fraction without an exponent (`float.__repr__`), as every writer of JSON does."""


def _lines(
    number: int,
    field: dataclasses.Field[Any],
    kind: Any,  # noqa: ANN401 - a type form
    known: dict[str, Any],
    *,
    is_later: bool,
) -> list[str]:
    """The lines that read a field into `it{number}`; what is plain is looked at on the spot.

    `count` is how many fields the JSON has where it would be written as it is.
    """
    it, name = f"it{number}", repr(field.name)
    plain = _some(kind) if _is_option(kind) else kind
    taken = [f"{it} = _read{number}(data[{name}])"]
    if plain in (str, int, bool):
        known[f"_type{number}"] = plain
        seldom = f"{it} is not None and " if plain is not kind else ""
        taken = [f"{it} = data[{name}]", f"if {seldom}type({it}) is not _type{number}: {it} = _read{number}({it})"]
    default = _default(field)
    if default is dataclasses.MISSING:
        return taken
    known[f"_given{number}"] = default
    redundant = [f" if {it} == _given{number}: _odd()"] if is_later else []
    absent = f" {it} = _given{number}; " + ("count -= 1" if is_later else "count = -1")
    return [f"if {name} in data:", *(f" {line}" for line in taken), *redundant, "else:", absent]


def _told(names: tuple[str, ...], error: Exception) -> ShapeError:
    """Say in which field a written reader failed, by the line that it was at."""
    at = error.__traceback__
    name = names[at.tb_lineno - 1] if at else ""
    return ShapeError(f"{name}: {error}" if isinstance(error, ShapeError) else f"{name} is missing")


def _made(kind: type, lines: list[str], name: str, known: dict[str, Any]) -> Callable[[Any], Any]:
    exec(compile("\n".join(lines), f"<{name} {kind.__name__}>", "exec"), known)  # noqa: S102 - as `dataclasses` does
    made: Callable[[Any], Any] = known[name]
    return made


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
        raise ShapeError(f"{kind.__name__} expected, {type(data).__name__} found")

    return read


_PLAIN: dict[Any, Read] = {kind: _plain(kind) for kind in (bool, int, str)} | {Any: lambda data: data}
