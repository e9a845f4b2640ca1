"""Frozen dataclasses that are cheap to define: what `dataclasses` writes and compiles for each, all have in common.

`dataclasses` compiles six methods of every class when its module is loaded, which took a fifth of a start. Here one is
written, `__init__`, when the first value is made. Everything that the standard library tells of a dataclass holds of
these; a class that is not plain, frozen and slotted is its own.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import operator
import reprlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - what the checkers take it for
else:

    def dataclass(cls: type | None = None, /, **options: bool) -> Any:  # noqa: ANN401 - a class, or what makes one
        """Make a class a dataclass; where it is plain, frozen and slotted, with methods to be made later."""
        if cls is None:
            return lambda cls: dataclass(cls, **options)
        return _later(cls, options) if _is_plain(cls, options) else dataclasses.dataclass(**options)(cls)


_C = TypeVar("_C", bound=type)
_T = TypeVar("_T")
_OPTIONS = {"frozen", "slots", "eq", "kw_only"}
_OWN = ("init", "repr", "eq", "hash", "setattr", "delattr", "getstate", "setstate", "post_init", "slots")


def _is_plain(cls: type, options: dict[str, Any]) -> bool:
    """Whether nothing of the class needs more than the methods that are made for it."""
    if not (options.get("frozen") and options.get("slots") and options.keys() <= _OPTIONS):
        return False
    inherits = any(hasattr(base, "__dataclass_fields__") for base in cls.__mro__[1:])
    told = map(str, inspect.get_annotations(cls).values())
    if inherits or any(word in kind for kind in told for word in ("ClassVar", "InitVar", "KW_ONLY")):
        return False
    kept = (value for value in cls.__dict__.values() if isinstance(value, dataclasses.Field) and not value.init)
    if any(field.default_factory is dataclasses.MISSING for field in kept):
        return False
    return not any(f"__{name}__" in cls.__dict__ for name in _OWN)


def replace(value: _T, **changes: Any) -> _T:  # noqa: ANN401 - whatever the fields are
    """Make a dataclass's value again with changes, as `dataclasses.replace` does, and several times as fast.

    What the value keeps beside what it is equal to (`osaudit.once`) does not come along. TypeError for no field.
    """
    made: Any = type(value)
    same: _T = _changer(made)(value, **changes)
    return same


@functools.lru_cache(maxsize=512)
def _changer(cls: type) -> Callable[..., Any]:
    """Write the function that makes a value of a class again: what is not given anew is taken from the old one."""
    fields = [one for one in dataclasses.fields(cls) if one.init]
    carried = [one for one in fields if one.compare or one.default_factory is dataclasses.MISSING]
    others = [one for one in fields if one not in carried]
    heads = [f"{one.name}=_old" for one in (*carried, *others)]
    given = [f"{one.name}=_value.{one.name} if {one.name} is _old else {one.name}" for one in carried]
    lines = [f"def changed(_value, *, {', '.join(heads)}):" if heads else "def changed(_value):"]
    if others:
        told = "".join(f"({one.name!r}, {one.name}), " for one in others)
        given.append(f"**{{name: new for name, new in ({told}) if new is not _old}}")
    lines.append(f" return _kind({', '.join(given)})")
    known: dict[str, Any] = {"_old": dataclasses.MISSING, "_kind": cls}
    exec("\n".join(lines), known)  # noqa: S102 - as `dataclasses` does
    made: Callable[..., Any] = known["changed"]
    return made


def _later(cls: _C, options: dict[str, Any]) -> _C:
    """Make the class again with slots, as `dataclasses` does, and with an `__init__` that makes its own successor."""
    named = tuple(inspect.get_annotations(cls))
    shown, told = _with("repr", named, cls), _with("compare", named, cls)
    held = {name: value for name, value in cls.__dict__.items() if name not in {"__dict__", "__weakref__"}}
    given = {name: held.pop(name) for name in named if name in held}
    of_fields = operator.attrgetter(*told) if len(told) > 1 else _of_one(*told)
    compares = {"__eq__": _eq_by(of_fields), "__hash__": _hash_by(of_fields)} if options.get("eq", True) else {}
    methods = {
        "__slots__": named,
        "__match_args__": () if options.get("kw_only") else named,
        "__dataclass_fields__": _Told("__dataclass_fields__", _fields_of, given, options),
        "__dataclass_params__": _Told("__dataclass_params__", _params_of, given, options),
        "__init__": _init,
        "__signature__": _Signed(),
        "__repr__": _repr if shown == named else _repr_of(shown),
        "__setattr__": _setattr,
        "__delattr__": _delattr,
        "__getstate__": _getstate,
        "__setstate__": _setstate,
    }
    made: _C = type(cls)(cls.__name__, cls.__bases__, {**held, **methods, **compares})
    made.__qualname__ = cls.__qualname__
    return made


def _with(what: str, named: tuple[str, ...], cls: type) -> tuple[str, ...]:
    """The fields that are not left out where values are shown or compared."""
    return tuple(name for name in named if getattr(cls.__dict__.get(name), what, True) is not False)


class _Told:
    """What `dataclasses` tells of a class, once somebody asks."""

    def __init__(self, name: str, tell: Callable[..., Any], given: dict[str, Any], options: dict[str, Any]) -> None:
        self.name, self.tell, self.given, self.options = name, tell, given, options

    def __get__(self, _: object, owner: type) -> Any:  # noqa: ANN401 - what `dataclasses` keeps there
        cls = next((one for one in owner.__mro__ if one.__dict__.get(self.name) is self), None)
        if cls is None:  # another thread was first
            return getattr(owner, self.name)
        told = self.tell(cls, self.given, self.options)
        setattr(cls, self.name, told)
        return told


def _fields_of(cls: type, given: dict[str, Any], options: dict[str, Any]) -> dict[str, dataclasses.Field[Any]]:
    """The fields as `dataclasses` tells them, which reads them off a class that it makes anew."""
    fields: dict[str, Any] = {}
    for name, kind in inspect.get_annotations(cls).items():
        held = given.get(name, dataclasses.MISSING)
        field: Any = held if isinstance(held, dataclasses.Field) else dataclasses.field(default=held)
        field.name, field.type, field.kw_only = name, kind, bool(options.get("kw_only"))
        field._field_type = dataclasses._FIELD  # type: ignore[attr-defined] # noqa: SLF001 - what it calls a field
        fields[name] = field
    return fields


def _params_of(cls: type, given: dict[str, Any], options: dict[str, Any]) -> Any:  # noqa: ANN401 - of a private type
    same = {"__annotations__": cls.__annotations__, "__module__": cls.__module__, "__doc__": cls.__doc__}
    made: Any = dataclasses.dataclass(**options)(type(cls.__name__, (), {**same, **given}))
    return made.__dataclass_params__


class _Signed:
    """The signature of a class, for whoever inspects one that no value was made of yet."""

    def __get__(self, _: object, owner: type) -> inspect.Signature:
        if owner.__dict__.get("__signature__") is not self:  # a class made from this one has its own fields
            raise AttributeError("__signature__")
        told = inspect.signature(_init_of(owner))
        return told.replace(parameters=list(told.parameters.values())[1:], return_annotation=inspect.Signature.empty)


def _init(self: object, *args: Any, **named: Any) -> None:  # noqa: ANN401 - whatever the fields are
    """Put the `__init__` of the fields in this one's place, and call it."""
    cls = next((one for one in type(self).__mro__ if one.__dict__.get("__init__") is _init), None)
    if cls is not None:  # else another thread was first
        cls.__init__ = _init_of(cls)  # type: ignore[misc] # the fields' own
    made: Any = type(self)
    made.__init__(self, *args, **named)


def made_by(cls: type, values: Sequence[str]) -> tuple[list[str], dict[str, Any]]:
    """Write the lines that make and return a value of a class, from its fields in their order; give what they name.

    For those who write functions of their own: sooner than a call of the class, which takes what is given by name too.
    """
    fields = dataclasses.fields(cls)
    if cls.__dict__.get("__setattr__") is not _setattr or len(fields) < _MANY:
        taken = zip((one for one in fields if one.init), values, strict=True)
        given = (f"{one.name}={value}" if one.kw_only else value for one, value in taken)
        return [f"return _cls({', '.join(given)})"], {"_cls": cls}
    left = iter(values)
    lines = [f"self.{one.name} = {next(left) if one.init else f'_make{at}()'}" for at, one in enumerate(fields)]
    known: dict[str, Any] = {f"_make{at}": one.default_factory for at, one in enumerate(fields) if not one.init}
    known |= {"_cls": cls, "_twin": _twin(cls), "_new": object.__new__}
    return ["self = _new(_twin)", *lines, "self.__class__ = _cls", "return self"], known


@functools.lru_cache(maxsize=512)
def _twin(cls: type) -> type:
    """Make a class of the same slots whose values can be set, and become the other's: frozen.

    Python sets a slot several times as fast where no `__setattr__` stands before it as by the slot's own `__set__`.
    """
    held = {name: cls.__dict__[name] for name in ("__slots__", "__module__", "__orig_bases__") if name in cls.__dict__}
    twin: type = type(cls)(cls.__name__, cls.__bases__, held)
    return twin


_MANY = 5
"""Of so many fields on, a value is set as its twin; of fewer, becoming another's takes longer than is won."""


def _init_of(cls: type) -> Callable[..., None]:
    """Write the `__init__` of a class: each argument goes into its slot."""
    fields: tuple[dataclasses.Field[Any], ...] = dataclasses.fields(cls)
    known: dict[str, Any] = {"_new": dataclasses.MISSING}
    heads, values, star = ["self"], [], False
    for number, field in enumerate(fields):
        known[f"_make{number}"], known[f"_given{number}"] = field.default_factory, field.default
        if not field.init:
            values.append(f"_make{number}()")
            continue
        if field.kw_only and not star:
            heads, star = [*heads, "*"], True
        value = field.name
        if field.default_factory is not dataclasses.MISSING:
            heads.append(f"{field.name}=_new")
            value = f"_make{number}() if {field.name} is _new else {field.name}"
        elif field.default is not dataclasses.MISSING:
            heads.append(f"{field.name}=_given{number}")
        else:
            heads.append(field.name)
        values.append(value)
    puts = [cls.__dict__[field.name].__set__ for field in fields]
    if len(fields) < _MANY:
        known |= {f"_put{number}": put for number, put in enumerate(puts)}
        lines = [f" _put{number}(self, {value})" for number, value in enumerate(values)]
    else:
        become = object.__dict__["__class__"].__set__
        known |= {"_cls": cls, "_twin": _twin(cls), "_become": become, "_type": type, "_put": _putting(puts)}
        lines = [f" self.{field.name} = {value}" for field, value in zip(fields, values, strict=True)]
        lines = [" _become(self, _twin)", *lines, " self.__class__ = _cls"]
        lines.insert(0, f" if _type(self) is not _cls: return _put(self, ({', '.join(values)}))")
    exec(f"def __init__({', '.join(heads)}):\n" + ("\n".join(lines) or " pass"), known)  # noqa: S102 - as `dataclasses` does
    made: Callable[..., None] = known["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    made.__module__ = cls.__module__
    made.__annotations__ = {**cls.__annotations__, "return": None}
    return made


def _putting(puts: Sequence[Callable[[Any, Any], None]]) -> Callable[[Any, Sequence[Any]], None]:
    """How the slots of a value are set whose class is made from the one that has them: it has slots of its own."""

    def put_all(value: object, given: Sequence[Any]) -> None:
        for put, one in zip(puts, given, strict=True):
            put(value, one)

    return put_all


def _of_one(*name: str) -> Callable[[Any], tuple[Any, ...]]:
    """What `operator.attrgetter` gives of several names, of one or none."""
    return lambda value: tuple(getattr(value, one) for one in name)


def _eq_by(of_fields: Callable[[Any], Any]) -> Callable[[object, object], Any]:
    def __eq__(self: object, other: object) -> Any:  # noqa: ANN401, N807 - a bool, or NotImplemented
        return of_fields(self) == of_fields(other) if other.__class__ is self.__class__ else NotImplemented

    return __eq__


def _hash_by(of_fields: Callable[[Any], Any]) -> Callable[[object], int]:
    def __hash__(self: object) -> int:  # noqa: N807 - a method
        return hash(of_fields(self))

    return __hash__


@reprlib.recursive_repr()
def _repr(self: Any) -> str:  # noqa: ANN401 - of any such class
    return _shown(self, self.__slots__)


def _repr_of(names: tuple[str, ...]) -> Callable[[Any], str]:
    def __repr__(self: Any) -> str:  # noqa: ANN401, N807 - of such a class, a method
        return _shown(self, names)

    return reprlib.recursive_repr()(__repr__)


def _shown(self: object, names: tuple[str, ...]) -> str:
    told = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
    return f"{self.__class__.__qualname__}({told})"


def _setattr(_: object, name: str, __: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _delattr(_: object, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _getstate(self: Any) -> list[Any]:  # noqa: ANN401 - likewise
    return [getattr(self, name) for name in self.__slots__]


def _setstate(self: Any, state: list[Any]) -> None:  # noqa: ANN401 - likewise
    for name, value in zip(self.__slots__, state, strict=True):
        object.__setattr__(self, name, value)
