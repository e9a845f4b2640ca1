"""JSON as it is written: by another encoder than Python's own, and letter by letter the same."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osaudit.jsontext import indented, shown

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=24
)


def theirs(data: object, indent: int) -> str:
    return json.dumps(data, ensure_ascii=False, indent=indent)


@given(JSON, st.sampled_from((1, 2)))
def test_it_is_what_python_writes(data: Any, indent: int) -> None:
    assert indented(data, indent) == theirs(data, indent)


ODD: list[Any] = [
    *(1e-4, 9.9e-5, 1e-5, 1.234e-5, 1e15, 1e16, 1e22, 1e300, 5e-324, -0.0, 0.1 + 0.2, 2**63, 2**64, -(2**70)),
    *("\x00\x01\x1f\x7f\x80\u2028\ud800", '"\\\n\t', "  two\n  lines", [], {}, [[], {}], (1, (2,)), {1: "a"}),
]


@pytest.mark.parametrize("data", [*ODD, ODD, {"a": {"b": ODD}}])
@pytest.mark.parametrize("indent", [1, 2])
def test_odd_values_too(data: Any, indent: int) -> None:
    assert indented(data, indent) == theirs(data, indent)


def test_deep_nesting_too() -> None:
    data: Any = "deepest"
    for _ in range(200):
        data = [data]
    assert indented(data, 1) == theirs(data, 1)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        indented([1.0, {"a": number}], 2)
    assert indented([number], 1, allow_nan=True) == theirs([number], 1)


def test_only_the_fractions_that_are_named_are_looked_at() -> None:
    data = {"low": 1e-7, "words": "ä", "listed": [1, True, None]}
    assert indented(data, 2, fractions=[data["low"]]) == theirs(data, 2)
    assert indented({"words": "ä"}, 2, fractions=[]) == theirs({"words": "ä"}, 2)


@given(st.text(st.sampled_from("ab#[]\u202e\x7f\x9b\ufeff“ä\n"), max_size=12))
def test_what_nobody_may_see_is_escaped_wherever_it_stands(text: str) -> None:
    told = shown(json.dumps(text, ensure_ascii=False))
    assert json.loads(told) == text
    assert not set(told) & set("\u202e\x7f\x9b\ufeff")
    assert "##[" not in told
