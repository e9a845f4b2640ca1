"""Frozen dataclasses of osaudit's own making: nothing tells them from those of the standard library."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from typing import Generic, TypeVar

import pytest

from osaudit import evidence, verdict
from osaudit.frozen import dataclass, made_by, replace
from osaudit.once import worked_field

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ours(Generic[T]):
    """A class of ours."""

    value: T
    named: str = "a name"
    listed: list[int] = dataclasses.field(default_factory=list)

    @property
    def twice(self) -> str:
        return self.named * 2


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs(Generic[T]):
    """The same, by the standard library."""

    value: T
    named: str = "a name"
    listed: list[int] = dataclasses.field(default_factory=list)

    @property
    def twice(self) -> str:
        return self.named * 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ByName:
    value: int
    more: int = 2


@dataclass(frozen=True, slots=True)
class Under(Ours[int]):
    last: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Itself:
    value: int


@dataclass(frozen=True, slots=True)
class Empty:
    pass


def test_it_is_built_and_told_as_the_standard_librarys() -> None:
    for made in (Ours(1), Ours(1, "b"), Ours(value=1, listed=[2])):
        theirs = Theirs(made.value, made.named, made.listed)
        assert dataclasses.asdict(made) == dataclasses.asdict(theirs)
        assert repr(made) == repr(theirs).replace("Theirs", "Ours")
        assert made.twice == theirs.twice
    assert Ours(1).listed is not Ours(1).listed
    assert Ours.__match_args__ == Theirs.__match_args__
    assert _signature(Ours(1)) == _signature(Theirs(1))
    ours, theirs = dataclasses.fields(Ours), dataclasses.fields(Theirs)
    assert [(one.name, one.type, one.default) for one in ours] == [(one.name, one.type, one.default) for one in theirs]


def _signature(value: object) -> list[tuple[object, ...]]:
    found = inspect.signature(value.__init__).parameters.values()  # type: ignore[misc]
    return [(one.name, one.kind, one.annotation, one.default is one.empty) for one in found]


@pytest.mark.parametrize("arguments", [(), (1, "b", [], 4)])
def test_wrong_arguments_are_refused(arguments: tuple[object, ...]) -> None:
    with pytest.raises(TypeError, match="argument"):
        Ours(*arguments)
    with pytest.raises(TypeError, match="argument"):
        ByName(1)  # type: ignore[misc]


def test_equal_values_are_equal_and_of_one_hash() -> None:
    assert Ours(1, "a", []) == Ours(1, "a", [])
    assert Ours(1) != Ours(2)
    assert Ours(1) != Theirs(1)
    assert ByName(value=1) == ByName(value=1, more=2)
    assert len({ByName(value=1), ByName(value=1), ByName(value=2)}) == 2
    assert len({Empty(), Empty()}) == 1
    assert Itself(1) != Itself(1)


def test_nothing_can_be_set_or_added() -> None:
    made = Ours(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.value = 2  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del made.value
    with pytest.raises(AttributeError):
        made.other = 2  # type: ignore[attr-defined]
    assert not hasattr(made, "__dict__")


@dataclass(frozen=True, slots=True)
class Wide(Generic[T]):
    one: T
    two: int = 2
    three: int = 3
    four: int = 4
    five: int = 5
    worked: dict[str, int] = worked_field()  # type: ignore[assignment]


class Wider(Wide[int]):
    """Not a dataclass of its own, with a place for more."""


def _written(cls: type, *values: object) -> object:
    """A value made by a function that is written for it."""
    names = [f"it{number}" for number in range(len(values))]
    lines, known = made_by(cls, names)
    exec("\n ".join([f"def make({', '.join(names)}):", *lines]), known)  # noqa: S102 - what it is for
    return known["make"](*values)


def test_a_value_is_made_alike_by_its_class_and_by_what_is_sooner() -> None:
    for made in (Wide(1), Wide(1, five=6), _written(Wide, 1, 2, 3, 4, 5), Wider(1), replace(Wide(2), one=1)):
        assert isinstance(made, Wide)
        assert (made.one, made.two, made.worked) == (1, 2, {})
        with pytest.raises(dataclasses.FrozenInstanceError):
            made.one = 2
    assert type(Wide(1)) is Wide
    assert type(_written(Wide, 1, 2, 3, 4, 5)) is Wide
    assert type(Wider(1)) is Wider
    assert Wide(1) == _written(Wide, 1, 2, 3, 4, 5)
    assert repr(Wide(1)) == "Wide(one=1, two=2, three=3, four=4, five=5)"
    assert _written(Ours, 1, "b", []) == Ours(1, "b", [])
    assert _written(Theirs, 1, "b", []) == Theirs(1, "b", [])
    assert _written(ByName, 1, 3) == ByName(value=1, more=3)


def test_what_a_value_keeps_is_its_own() -> None:
    made = Wide(1)
    made.worked["kept"] = 1
    assert made == Wide(1)
    for other in (replace(made, two=3), dataclasses.replace(made, two=3)):
        assert other.worked == {}
    with pytest.raises(TypeError):
        replace(made, six=6)


def test_copies_and_changes() -> None:
    made = Ours(1, "b", [3])
    assert dataclasses.replace(made, value=2) == Ours(2, "b", [3])
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 - its own
    assert copy.deepcopy(made) == made
    assert dataclasses.is_dataclass(Ours)


def test_a_class_may_follow_another() -> None:
    assert Under(1, last=4) == Under(1, "a name", [], 4)
    assert Under(1) != Ours(1)
    assert dataclasses.replace(Under(1), last=2).last == 2


def test_the_projects_own_values_are_of_this_kind() -> None:
    for kind in (evidence.Evidence, verdict.Scorecard):
        assert isinstance(kind.__dict__["__match_args__"], tuple)
        assert kind.__dict__["__eq__"].__module__ == "osaudit.frozen"
