"""Work done once for a frozen value: what is worked out of it is kept by it, in its field `worked`.

A value that is judged is asked the same by many cells, uses and rungs. `worked` is no part of what the value is equal
to, and goes when the value goes. Two threads that ask at once work it out twice, to the same end.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast


class Working(Protocol):
    """A frozen value that keeps what was worked out of it."""

    @property
    def worked(self) -> dict[Any, Any]:
        """What was worked out so far."""


_T = TypeVar("_T")
_F = TypeVar("_F", bound=Callable[..., Any])
_MISSING: Any = object()


def worked_field() -> dict[Any, Any]:
    """The field `worked`: new with each value and each changed copy of it, neither compared nor shown."""
    return cast("dict[Any, Any]", dataclasses.field(default_factory=dict, init=False, compare=False, repr=False))


if TYPE_CHECKING:
    from functools import cached_property

    class once(cached_property[_T]):  # noqa: N801 - used as `property` is
        """What the checkers take it for."""

else:

    class once:  # noqa: N801 - used as `property` is
        """A property of a frozen value that is worked out when it is first asked for."""

        def __init__(self, work: Callable[[Any], _T]) -> None:
            self.work, self.__doc__ = work, work.__doc__

        def __get__(self, value: Any, owner: type) -> Any:  # noqa: ANN401 - of any type
            if value is None:
                return self
            worked = value.worked
            found = worked.get(self, _MISSING)
            if found is _MISSING:
                found = worked[self] = self.work(value)
            return found


def once_for_each(function: _F) -> _F:
    """Keep what a function of a value and hashable arguments gives, by its arguments, with the value.

    It has to be pure, and what it gives immutable.
    """

    @functools.wraps(function)
    def asked(value: Working, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the function takes
        key = (function, args, *named.items()) if named else (function, args)
        worked = value.worked
        found = worked.get(key, _MISSING)
        if found is _MISSING:
            found = worked[key] = function(value, *args, **named)
        return found

    return cast("_F", asked)
