"""What is worked out of a frozen value once: by its arguments, with the value, and no part of what it is equal to."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from osaudit.evidence import Unknown
from osaudit.frozen import dataclass, replace
from osaudit.once import once, once_for_each, worked_field

ASKED: list[tuple[object, ...]] = []


@dataclass(frozen=True, slots=True)
class Ours:
    """A value that keeps what is worked out of it."""

    name: str
    worked: dict[Any, Any] = worked_field()

    @once
    def loud(self) -> str:
        """Its name in capitals."""
        ASKED.append(("loud", self.name))
        return self.name.upper()


@once_for_each
def told(value: Ours, number: int, more: str = "") -> str | None:
    """Something of a value and arguments."""
    ASKED.append((value.name, number, more))
    return None if number == 0 else f"{value.name}{number}{more}"


def test_what_is_worked_out_is_kept_by_the_value_and_by_the_arguments() -> None:
    ASKED.clear()
    one, two = Ours("a"), Ours("b")
    assert [one.loud, one.loud, two.loud] == ["A", "A", "B"]
    assert [told(one, 1), told(one, 1), told(one, 2), told(one, 1, more="x"), told(two, 1)] == [
        "a1", "a1", "a2", "a1x", "b1",
    ]  # fmt: skip
    assert told(one, 0) is told(one, 0) is None
    assert len(ASKED) == len(set(ASKED)) == 7


def test_it_is_no_part_of_the_value() -> None:
    one, two = Ours("a"), Ours("a")
    assert one.loud == "A"
    assert one.worked != two.worked
    assert (one, hash(one), repr(one)) == (two, hash(two), "Ours(name='a')")
    assert Ours("b") != one
    assert (replace(one, name="b").loud, replace(one).worked) == ("B", {})
    with pytest.raises(TypeError):
        replace(one, nonesuch=1)
    assert replace(Unknown("so"), why="no") == dataclasses.replace(Unknown("so"), why="no") == Unknown("no")
    assert Ours.loud.__doc__ == "Its name in capitals."
