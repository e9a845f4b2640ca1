"""Frozen dataclasses whose methods are made when the first one is asked for.

`dataclasses` writes and compiles six methods of every class when its module is loaded, which took a fifth of a start;
most runs need few of them. What is made later is what it makes: only the moment differs.
"""

from __future__ import annotations

import dataclasses
import inspect
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
_MADE = ("__init__", "__repr__", "__eq__", "__hash__")
_TOLD = ("__dataclass_fields__", "__dataclass_params__")
_OPTIONS = {"frozen", "slots", "eq", "kw_only"}


def _is_plain(cls: type, options: dict[str, Any]) -> bool:
    """Whether nothing of the class needs more than the methods that are made for it."""
    if not (options.get("frozen") and options.get("slots") and options.keys() <= _OPTIONS):
        return False
    own = {*_MADE, "__setattr__", "__delattr__", "__getstate__", "__setstate__", "__post_init__", "__slots__"}
    inherits = any(hasattr(base, "__dataclass_fields__") for base in cls.__mro__[1:])
    return not inherits and own.isdisjoint(cls.__dict__)


def _later(cls: _C, options: dict[str, Any]) -> _C:
    """Make the class again with slots, as `dataclasses` does, and with stand-ins for the methods."""
    named = tuple(inspect.get_annotations(cls))
    held = {name: value for name, value in cls.__dict__.items() if name not in {"__dict__", "__weakref__"}}
    given = {name: held.pop(name) for name in named if name in held}
    stands_in = {name: _Told(name) for name in _TOLD}
    made: _C = type(cls)(
        cls.__name__,
        cls.__bases__,
        {
            **held,
            **stands_in,
            "__slots__": named,
            "__match_args__": () if options.get("kw_only") else named,
            "__init__": _init,
            "__repr__": _repr,
            **({"__eq__": _eq, "__hash__": _hash} if options.get("eq", True) else {}),
            "__setattr__": _setattr,
            "__delattr__": _delattr,
            "__getstate__": _getstate,
            "__setstate__": _setstate,
        },
    )
    made.__qualname__ = cls.__qualname__
    _waiting[made] = given, options
    return made


_waiting: dict[type, tuple[dict[str, Any], dict[str, Any]]] = {}


def _fill(kind: type) -> None:
    """Make the methods of a class, or of the one that it inherits them from."""
    cls = next((one for one in kind.__mro__ if one in _waiting), None)
    if cls is None:  # another thread was first
        return
    given, options = _waiting[cls]
    told = {"__annotations__": cls.__annotations__, "__module__": cls.__module__, "__qualname__": cls.__qualname__}
    made: type = dataclasses.dataclass(**options)(type(cls.__name__, (), {**told, "__doc__": cls.__doc__, **given}))
    for name in (*_MADE, *_TOLD):
        if name in made.__dict__ and name in cls.__dict__:
            setattr(cls, name, made.__dict__[name])
    _waiting.pop(cls, None)


class _Told:
    """What `dataclasses` tells of a class, once somebody asks."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, _: object, owner: type) -> Any:  # noqa: ANN401 - what `dataclasses` keeps there
        _fill(owner)
        return getattr(owner, self.name)


def _init(self: object, *args: Any, **named: Any) -> None:  # noqa: ANN401 - whatever the fields are
    _fill(type(self))
    type(self).__init__(self, *args, **named)  # the one that was made


def _repr(self: object) -> str:
    _fill(type(self))
    return repr(self)


def _eq(self: object, other: object) -> bool:
    _fill(type(self))
    return self == other


def _hash(self: object) -> int:
    _fill(type(self))
    return hash(self)


def _setattr(_: object, name: str, __: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _delattr(_: object, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _getstate(self: Any) -> list[Any]:  # noqa: ANN401 - of any such class
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _setstate(self: Any, state: list[Any]) -> None:  # noqa: ANN401 - likewise
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)
