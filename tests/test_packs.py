"""Criteria packs: the project's own hold to the schema; a user's own is read, or refused in one line."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from evidence_builder import evidence_of

from osaudit.errors import UsageError
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack, pack_ids
from osaudit.resources import data_path
from osaudit.verdict import FACETS

OSD = yaml.safe_load(data_path("criteria", "osd.yaml").read_text(encoding="utf-8"))
SCHEMA = json.loads(data_path("criteria", "pack.schema.json").read_text(encoding="utf-8"))
SMALL: dict[str, Any] = {
    "id": "mine",
    "name": "Our own",
    "version": 1,
    "definition": "Two questions",
    "gate": {"criteria": ["OSD-6"], "facets": ["licence"]},
    "criteria": [
        {
            "id": "OSD-6",
            "title": "Uses",
            "demands": "No use may be closed.",
            "cells": {
                "licence": {
                    "question": "Is every use open?",
                    "weight": 3,
                    "passes": "It is.",
                    "remedy": "Open it.",
                    "checks": [{"check": "licence-permits", "component": "licence", "criterion": 6}],
                }
            },
        }
    ],
}


def written(tmp_path: Path, data: object, name: str = "mine.yaml") -> str:
    path = tmp_path / name
    path.write_text(data if isinstance(data, str) else yaml.safe_dump(data), encoding="utf-8")
    return str(path)


def refusal(name: str) -> str:
    with pytest.raises(UsageError) as caught:
        load_pack(name)
    words = str(caught.value)
    assert "\n" not in words
    assert len(words) < 600
    return words


# --- the project's own


@pytest.mark.parametrize("name", pack_ids())
def test_the_projects_packs_hold_to_their_schema(name: str) -> None:
    data = yaml.safe_load(data_path("criteria", f"{name}.yaml").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(data)
    pack = load_pack(name)
    assert pack.id == name
    assert sum(cell.weight for _, _, cell in pack.cells) == 100
    assert pack.gate_criteria <= {criterion.id for criterion in pack.criteria}
    ids = [criterion.id for criterion in pack.criteria]
    assert len(ids) == len(set(ids))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_osd_asks_ten_criteria_of_four_facets_in_words() -> None:
    pack = load_pack()
    assert [criterion.id for criterion in pack.criteria] == [f"OSD-{number}" for number in range(1, 11)]
    for criterion, facet, cell in pack.cells:
        words = (cell.question, cell.passes, cell.partial, cell.fails, cell.review, cell.remedy)
        assert facet in FACETS
        assert cell.question.endswith("?")
        assert all(not text or (text[0].isupper() and text.endswith(".")) for text in words[1:]), (criterion.id, facet)


def test_yaml_holds_words_and_plain_arguments_alone() -> None:
    for criterion in OSD["criteria"]:
        for cell in criterion["cells"].values():
            for call in cell["checks"]:
                for value in call.values():
                    flat = value if isinstance(value, list) else [value]
                    assert all(isinstance(item, str | int) and not isinstance(item, bool) for item in flat)
                    assert not any("{" in str(item) or "${" in str(item) for item in flat)


# --- a user's own


def test_a_users_pack_is_read_by_its_path(tmp_path: Path) -> None:
    pack = load_pack(written(tmp_path, SMALL))
    card = judge(evidence_of({"tag": "llama2"}), pack, load_table())
    assert [(v.pack, v.criterion, v.facet, v.answer.outcome) for v in card.verdicts] == [
        ("mine", "OSD-6", "licence", "fail")
    ]
    assert card.score.high == 0
    assert judge(evidence_of({"tag": "mit"}), pack, load_table()).score.low == 100


@pytest.mark.parametrize("name", ["mine.yml", "my pack.yaml", "m.txt", "mine"])
def test_a_users_pack_may_have_any_name(tmp_path: Path, name: str) -> None:
    assert load_pack(written(tmp_path, SMALL, name)).id == "mine"


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "nope", "no-such", "../osd", "/", "known-libraries", "hub-licences", "model-families",
     "licence-texts", "pack.schema", "x" * 5000, "a\0b", "criteria"],
)  # fmt: skip
def test_a_name_that_is_no_pack_is_told_in_one_line(name: str) -> None:
    assert "osd" in refusal(name) or "cannot be read" in refusal(name)


def _without(path: str) -> dict[str, Any]:
    data = copy.deepcopy(SMALL)
    *way, last = path.split("/")
    at: Any = data
    for step in way:
        at = at[int(step) if step.isdigit() else step]
    del at[int(last) if last.isdigit() else last]
    return data


def _with(path: str, value: object) -> dict[str, Any]:
    data = copy.deepcopy(SMALL)
    *way, last = path.split("/")
    at: Any = data
    for step in way:
        at = at[int(step) if step.isdigit() else step]
    at[last] = value
    return data


CELL = "criteria/0/cells/licence"


@pytest.mark.parametrize(
    "path",
    ["id", "name", "version", "definition", "criteria", "gate/criteria", "gate/facets", "criteria/0/title",
     "criteria/0/cells", f"{CELL}/question", f"{CELL}/weight", f"{CELL}/remedy", f"{CELL}/checks",
     f"{CELL}/checks/0/check"],
)  # fmt: skip
def test_a_missing_key_is_told_with_its_place(tmp_path: Path, path: str) -> None:
    words = refusal(written(tmp_path, _without(path)))
    assert words.startswith("mine.yaml is not a criteria pack: $")
    assert repr(path.rpartition("/")[2]) in words


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("id", "Mine!", "$.id"),
        ("version", None, "$.version"),
        ("extra", 1, "'extra'"),
        ("gate/facets", ["soul"], "$.gate.facets[0]"),
        ("gate/criteria", ["OSD-7"], "OSD-7 is none of its criteria"),
        ("criteria", [], "$.criteria"),
        ("criteria", [*SMALL["criteria"], copy.deepcopy(SMALL["criteria"][0])], "OSD-6 stands there twice"),
        ("criteria/0/cells", {}, "$.criteria[0].cells"),
        ("criteria/0/cells", {"soul": {}}, "'soul'"),
        (f"{CELL}/weight", 101, "weight"),
        (f"{CELL}/weight", -1, "weight"),
        (f"{CELL}/weight", 1.5, "weight"),
        (f"{CELL}/weight", True, "weight"),
        (f"{CELL}/question", "Say so.", "question"),
        (f"{CELL}/checks", [], "checks"),
        (f"{CELL}/checks", ["licence-permits"], "checks[0]"),
        (f"{CELL}/if", "x", "'if'"),
    ],
)
def test_a_wrong_value_is_told_with_its_place(tmp_path: Path, path: str, value: object, says: str) -> None:
    words = refusal(written(tmp_path, _with(path, value)))
    assert words.startswith("mine.yaml is not a criteria pack: $")
    assert says in words


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "just words",
        "- a\n- list",
        "null",
        "{",
        "a: b: c",
        "\t- tab",
        "id: !!python/object/apply:os.system ['true']",
        "id: !!bool perhaps",
        "id: !!int ten",
        "id: !!timestamp never",
        "date: 2026-13-45",
        "? [a, b]\n: c",
        "id: &a [*a]",
        BOMB,
        f"{BOMB}\nid: *a9",
        "[" * 5000,
        "a: " * 2000 + "b",
        "id: \x01",
        "%YAML 9.9\n---\nid: a",
        "---\nid: a\n---\nid: b",
        "id: " + "9" * 6000,
    ],
    ids=range(22),
)
def test_hostile_yaml_is_told_in_one_line(tmp_path: Path, text: str) -> None:
    words = refusal(written(tmp_path, text))
    assert words.startswith("mine.yaml ")


def test_a_file_that_is_no_text_or_too_large_is_told(tmp_path: Path) -> None:
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\xfd\x00" * 10)
    assert refusal(str(binary)).startswith("binary.yaml is not")
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * (1024 * 1024 + 1))
    assert "too large" in refusal(str(large))
