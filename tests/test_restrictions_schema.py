"""The rule book's files have the form that `criteria/restrictions.schema.json` tells."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from osaudit.resources import data_path
from osaudit.restrictions.phrases import phrases

SCHEMA = json.loads(data_path("criteria", "restrictions.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
PATHS = sorted(data_path("criteria", "restrictions").rglob("*.yaml"))


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_of_the_rule_book_is_valid(path: Path) -> None:
    assert [error.message[:200] for error in VALIDATOR.iter_errors(_read(path))] == []


@pytest.mark.parametrize("missing", ["closes", "leaves", "id", "flag", "where", "says"])
def test_a_phrase_without_its_examples_or_its_words_is_not(missing: str) -> None:
    content = copy.deepcopy(_read(data_path("criteria", "restrictions", "phrases", "fr.yaml")))
    del content["rules"][0][missing]
    assert not VALIDATOR.is_valid(content)


@pytest.mark.parametrize("empty", ["closes", "leaves"])
def test_a_phrase_with_no_example_of_a_kind_is_not(empty: str) -> None:
    content = copy.deepcopy(_read(data_path("criteria", "restrictions", "phrases", "fr.yaml")))
    content["rules"][0][empty] = []
    assert not VALIDATOR.is_valid(content)


@pytest.mark.parametrize("missing", ["closes", "leaves", "deny", "language"])
def test_a_language_without_examples_or_a_class_is_not(missing: str) -> None:
    content = _read(data_path("criteria", "restrictions", "words", "de.yaml"))
    del content[missing]
    assert not VALIDATOR.is_valid(content)


def test_the_schema_knows_each_flag_that_a_phrase_closes() -> None:
    known = set(SCHEMA["$defs"]["flag"]["enum"])
    assert {phrase.flag for phrase in phrases()} <= known
