from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from samples import CHAT, SAMPLES, TINY, TITLES, hostile

from osaudit.errors import UsageError
from osaudit.evidence import Unseen, Where
from osaudit.render.json import render_json, scorecard_to_dict
from osaudit.render.jsonread import scorecard_from_dict, scorecards_from_json
from osaudit.resources import data_path
from osaudit.verdict import (
    Answer,
    DatasetLine,
    Duty,
    Finding,
    GoverningLicence,
    Lineage,
    LineageEdge,
    LineageNode,
    PackId,
    Score,
    Scorecard,
    UseAnswer,
    Verdict,
)

SCHEMA = json.loads(data_path("reports", "scorecard.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_written_meets_the_schema_and_reads_back(name: str) -> None:
    data = json.loads(render_json([SAMPLES[name]]))
    assert [error.message for error in VALIDATOR.iter_errors(data)] == []
    assert scorecard_from_dict(data) == SAMPLES[name]


def test_an_obligation_from_before_there_were_ids_is_still_read() -> None:
    data = scorecard_to_dict(CHAT)
    data["obligations"] = [{"kind": "naming", "because": "Show a name.", "where": []}]
    del data["uses"]
    assert scorecard_from_dict(data).obligations == (Duty("naming", "Show a name."),)


def test_the_keys_that_outside_readers_rely_on() -> None:
    data = scorecard_to_dict(CHAT)
    top = "schema tool model revision commit source collected_at evidence_sha256 packs label score licence verdicts "
    top += "conflicts obligations risks unseen lineage datasets probe incomplete results attestations reread "
    top += "unverified uses"
    assert list(data) == top.split()
    assert data["schema"] == 1
    assert data["tool"] == {"name": "osaudit", "version": "0.1.0"}
    assert data["probe"] is None
    assert list(data["label"]) == [
        *("id", "name", "candidate", "at_best", "blocks", "determined", "basis", "attested", "asks")
    ]
    assert data["score"] == {"low": 31.0, "high": 58.25}
    assert list(data["licence"]) == ["weights", "code", "data"]
    assert list(data["licence"]["data"]) == ["key", "spdx", "name", "basis", "settled", "where", "steps"]
    keys = "pack criterion facet question outcome because basis weight counted remedy where"
    assert list(data["verdicts"][0]) == keys.split()
    assert len(data["verdicts"]) == 40
    assert data["packs"][0]["titles"] == dict(TITLES)
    assert data["conflicts"][0]["where"][0] == {
        "repo": "acme/tiny-lm-chat",
        "commit": "0123456789abcdef0123456789abcdef01234567",
        "path": "README.md",
        "lines": [3, 3],
        "pointer": None,
        "quote": "license: apache-2.0",
        "sha256": "5" * 64,
        "url": "https://hub.example/acme/tiny-lm-chat/blob/0123456789abcdef0123456789abcdef01234567/README.md",
    }


def test_one_model_is_an_object_and_several_are_a_list_in_the_order_given() -> None:
    assert isinstance(json.loads(render_json([TINY])), dict)
    assert [card["model"] for card in json.loads(render_json([CHAT, TINY]))] == [CHAT.model, TINY.model]
    assert render_json([]) == "[]\n"
    assert scorecards_from_json(render_json([CHAT, TINY])) == (CHAT, TINY)
    assert scorecards_from_json("\ufeff" + render_json([TINY])) == (TINY,)


def test_bytes_are_the_same_each_time_and_a_report_of_a_report_is_the_same() -> None:
    text = render_json([CHAT])
    assert text == render_json([replace(CHAT)])
    assert text.endswith("\n}\n")
    assert render_json(scorecards_from_json(text)) == text
    assert render_json([replace(TINY, score=Score(low=0, high=100))]) == render_json(
        [replace(TINY, score=Score(0.0, 100.0))]
    )


def test_no_character_of_a_stranger_reaches_the_terminal_as_itself() -> None:
    text = render_json([hostile()])
    text.encode("utf-8")
    assert not [char for char in set(text) if not char.isprintable() and char != "\n"]
    assert "许可证" in text


SHA = st.text("0123456789abcdef", min_size=64, max_size=64)
COMMITS = st.none() | st.text("0123456789abcdef", min_size=40, max_size=40)
WORDS = st.text(max_size=8)
FULL = st.text(min_size=1, max_size=8)
SPANS = st.none() | st.tuples(st.integers(1, 10**6), st.integers(1, 10**6))
NAMED = st.dictionaries(FULL, WORDS, max_size=2).map(lambda pairs: tuple(pairs.items()))


def few(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(strategy, max_size=2).map(tuple)


ANSWERS = st.sampled_from(["yes", "yes-if", "no", "not-known"])
PLACES = few(st.builds(Where, WORDS, COMMITS, WORDS, SPANS, st.none() | WORDS, st.none() | WORDS, st.none() | SHA))
FINDINGS = few(st.builds(Finding, FULL, WORDS, PLACES))
LICENCES = st.dictionaries(
    st.sampled_from(["weights", "code", "data"]),
    st.builds(GoverningLicence, key=st.none() | WORDS, name=WORDS, where=PLACES, steps=few(WORDS)),
).map(lambda licences: tuple(licences.items()))
CARDS = st.builds(
    Scorecard,
    model=FULL,
    commit=COMMITS,
    source=FULL,
    evidence_sha256=SHA,
    tool_version=FULL,
    packs=few(st.builds(PackId, WORDS, WORDS, WORDS, WORDS, NAMED)),
    score=st.builds(Score, st.floats(0, 100), st.floats(0, 100)),
    licences=LICENCES,
    verdicts=few(
        st.builds(
            Verdict,
            criterion=FULL,
            answer=st.builds(Answer, because=FULL, where=PLACES),
            weight=st.integers(0, 100),
        )
    ),
    conflicts=FINDINGS,
    obligations=few(st.builds(Duty, FULL, FULL, PLACES, WORDS, st.just(("sell", "run")), WORDS)),
    risks=FINDINGS,
    uses=few(st.builds(UseAnswer, FULL, ANSWERS, FULL, few(FULL), PLACES, st.just("licence text"))),
    unseen=few(st.builds(Unseen, WORDS, WORDS)),
    lineage=st.builds(
        Lineage,
        few(st.builds(LineageNode, WORDS, COMMITS, WORDS, WORDS)),
        few(st.builds(LineageEdge, WORDS, WORDS, WORDS, WORDS, WORDS, few(WORDS))),
    ),
    datasets=few(
        st.builds(DatasetLine, commit=COMMITS, where=PLACES, licences=few(WORDS), sources=few(WORDS), note=WORDS)
    ),
)


@settings(max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(CARDS)
def test_every_scorecard_reads_back_as_it_was(card: Scorecard) -> None:
    assert scorecards_from_json(render_json([card])) == (card,)


def broken(path: str, value: object) -> dict[str, Any]:
    data = deepcopy(scorecard_to_dict(CHAT))
    *parents, last = path.split("/")
    place: Any = data
    for key in parents:
        place = place[int(key) if key.isdigit() else key]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("model", None),
        ("model", ""),
        ("model", ...),
        ("extra", 1),
        ("tool/name", "other"),
        ("commit", "main"),
        ("evidence_sha256", "A" * 64),
        ("label/id", "open"),
        ("label/extra", 1),
        ("score/low", -1),
        ("score/high", "100"),
        ("score/high", 101),
        ("licence/model", {}),
        ("licence/weights/basis", "hearsay"),
        ("licence/weights/settled", 1),
        ("verdicts", {}),
        ("verdicts/0/outcome", "open"),
        ("verdicts/0/facet", "docs"),
        ("verdicts/0/because", ""),
        ("verdicts/0/weight", 1.5),
        ("verdicts/0/weight", True),
        ("verdicts/0/where/0/lines", [1]),
        ("verdicts/0/where/0/lines", [0, 1]),
        ("verdicts/0/where/0/sha256", "x"),
        ("verdicts/0/where/0/extra", None),
        ("packs/0/titles", [["OSD-1", "x"]]),
        ("lineage/nodes/0/seen", "yes"),
        ("lineage/edges/0/dropped", "all"),
        ("datasets/0/where", None),
        ("probe", {}),
        ("incomplete", None),
    ],
)
def test_a_damaged_scorecard_is_refused_in_one_line(path: str, value: object) -> None:
    with pytest.raises(UsageError, match=r"^the scorecard is damaged \(.+\): .+") as failure:
        scorecard_from_dict(broken(path, value))
    assert "\n" not in str(failure.value)
    assert len(str(failure.value)) < 400
    assert failure.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ("<!doctype html>", "not JSON"),
        (render_json([TINY])[:-40], "not JSON"),
        ('{"schema": NaN, "verdicts": []}', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("9" * 5_000, "not JSON"),
        ("null", "not a scorecard"),
        ("[1]", "not a scorecard"),
        ('{"schema": 1}', "not a scorecard"),
        ('{"schema": 2, "verdicts": []}', "scorecard schema 2 is not known"),
        ('{"schema": true, "verdicts": []}', "scorecard schema True is not known"),
        ('{"schema": "\\u001b[2J", "verdicts": []}', "scorecard schema ⟨U\\+001B⟩"),
        ('{"schema": 1, "verdicts": []}', "damaged"),
    ],
)
def test_a_text_that_is_no_scorecard_is_refused_in_one_line(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as failure:
        scorecards_from_json(text)
    assert str(failure.value).isprintable()
    assert len(str(failure.value)) < 400
