"""Made-up input read to its end: a value, or one line. OSAUDIT_FUZZ tells how many examples of each kind are made."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from evidence_builder import evidence_of as built
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_snapshots import evidence_of

from osaudit.codec import digest, dump, load
from osaudit.errors import OsauditError
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.reading.licensing.texts import identify_file
from osaudit.render import RENDERERS, Options
from osaudit.render.json import render_json
from osaudit.render.jsonread import held, scorecards_from_json
from osaudit.verdict import Scorecard

pytestmark = pytest.mark.slow

FUZZ = settings(
    max_examples=int(os.environ.get("OSAUDIT_FUZZ", "25")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
PIECES = (
    *("---\n", "license: ", "mit\n", "license_name: ", "base_model:\n- ", "datasets: [", "]", "{", "}", "&a ", "*a\n"),
    *("# ", "## Licence\n", "- ", "| a | b |\n|---|---|\n", "```\n", "~~~", "<!--", "-->", "<details>", "[x]("),
    *("not for commercial use", "research only", "MIT License\n", "Permission is hereby granted, free of charge, "),
    *("\u202e", "\x00", "\x1b[31m", "\ud7ff", "\ufeff", "\r\n", "\r", "\t", "\u2028", "禁止商用", "    ", "\n\n"),
    *("https://huggingface.co/acme/x", "acme/base-7b", "fine-tuned from ", "10^9", "1e999", "null", "~", "%YAML 9\n"),
    *(")", "![", '"', "'", "!!x ", "\\", "©", "0x", "|", ">"),
)  # fmt: skip
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=12), max_size=40).map("".join)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=6), below, max_size=3),
    max_leaves=6,
)
WHOLE = built({"tag": "mit", "texts": [{"key": "llama2", "text": "words"}], "bases": [{"name": "else/base-lm"}]})


def card_of(case: dict[str, Any]) -> Scorecard:
    return judge(built(case), load_pack(), load_table())


@FUZZ
@given(front=texts, body=texts)
def test_any_card_is_read_judged_and_drawn(front: str, body: str) -> None:
    evidence = evidence_of(f"---\n{front}\n---\n{body}")
    assert digest(load(dump(evidence))) == digest(evidence)
    card = judge(evidence, load_pack(), load_table())
    for form, draw in RENDERERS.items():
        assert draw([card], Options()), form


@FUZZ
@given(text=texts)
def test_any_text_is_identified(text: str) -> None:
    found = identify_file("LICENSE", text)
    assert all(1 <= match.lines[0] <= match.lines[1] for match in found.matches)


def _places(data: object, at: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Every place in JSON, by the keys that lead there."""
    below = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [at, *(place for key, value in below for place in _places(value, (*at, key)))]


def _with(text: str, draw: st.DataObject) -> str:
    """JSON of which one place holds something else, or nothing."""
    data: Any = json.loads(text)
    *way, last = draw.draw(st.sampled_from(_places(data)[1:]))
    inner = data
    for key in way:
        inner = inner[key]
    if draw.draw(st.booleans()):
        inner[last] = draw.draw(json_values)
    else:
        del inner[last]
    return json.dumps(data)


@FUZZ
@given(draw=st.data())
def test_changed_evidence_is_read_or_told_in_a_line(draw: st.DataObject) -> None:
    try:
        judge(load(_with(dump(WHOLE), draw)), load_pack(), load_table())
    except OsauditError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either end is right
        assert error.exit_code in {2, 3}  # noqa: PT017 - likewise


@FUZZ
@given(draw=st.data())
def test_changed_evidence_from_before_its_digest_is_read_or_told(draw: st.DataObject) -> None:
    data = json.loads(dump(WHOLE))
    del data["sha256"], data["whole_texts"]
    try:
        judge(load(_with(json.dumps(data), draw)), load_pack(), load_table())
    except OsauditError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either end is right


@FUZZ
@given(draw=st.data())
def test_a_changed_scorecard_is_drawn_or_told_in_a_line(draw: st.DataObject) -> None:
    text = render_json([card_of({"tag": "mit", "bases": [{"name": "else/base-lm"}]})])
    try:
        cards = [held(card) for card in scorecards_from_json(_with(text, draw))]
        for form, drawn in RENDERERS.items():
            assert drawn(cards, Options()), form
    except OsauditError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either end is right
