"""`osaudit may` as its user sees it, and the file that says who asks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hub.server import LoopbackHub
from made_snapshots import evidence_of

from osaudit.adopter import Adopter, adopter_from
from osaudit.checks.added import added_words
from osaudit.checks.case import build_case
from osaudit.cli import run
from osaudit.errors import UsageError
from osaudit.licences.table import load_table

WEIGHTS = {"model.safetensors": "x", "config.json": "{}", ".gitattributes": ""}


@pytest.fixture
def models(hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> LoopbackHub:
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    for name, tag in (("free", "apache-2.0"), ("closed", "cc-by-nc-4.0"), ("odd", "other")):
        hub.add_model(f"acme/{name}", files={**WEIGHTS, "README.md": f"---\nlicense: {tag}\n---\n# Tiny\n"})
    return hub


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (["acme/free"], 0),
        (["acme/free", "--use", "run", "--min-basis", "declared"], 0),
        (["acme/free", "--use", "run", "--min-basis", "licence-text"], 3),
        (["acme/closed", "--use", "sell"], 1),
        (["acme/closed", "--use", "redistribute"], 0),
        (["acme/odd", "--use", "run"], 3),
        (["acme/free", "--use", "runn"], 2),
        (["acme/free", "--as", "nowhere.yaml"], 2),
    ],
)
def test_exit_codes(asked: list[str], code: int) -> None:
    assert run(["may", *asked, "-q"]) == code


@pytest.mark.usefixtures("models")
def test_the_json_answers_each_use_that_is_asked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    adopter = tmp_path / "adopter.yaml"
    adopter.write_text("territory: [DE, FR]\nkind: company\nuses: [sell, territory]\n", "utf-8")
    assert run(["may", "acme/free", "--as", str(adopter), "--format", "json", "-q"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["model", "commit", "label", "answers"]
    answers = {one["use"]: one["answer"] for one in told["answers"]}
    assert answers == {"sell": "yes-if", "territory": "yes"}
    assert {one["basis"] for one in told["answers"]} == {"declared by publisher"}


@pytest.mark.usefixtures("models")
def test_the_text_tells_answer_reason_and_basis(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["may", "acme/closed", "--use", "sell", "--use", "evaluate", "-q"]) == 1
    text = capsys.readouterr().out
    assert "Sell a product with it" in text
    assert "no [declared by publisher]" in text
    assert "non-commercial purposes" in text.replace("\n      ", " ")


def test_a_file_says_who_asks() -> None:
    data = {"territory": "uk", "monthly_users": 5, "revenue_usd": 1e6, "kind": "non-profit", "fields": ["medical"]}
    assert adopter_from(data, "a.yaml") == Adopter(("GB",), 5, 1_000_000, "non-profit", (), ("medical",))
    assert adopter_from({"territory": False}, "a.yaml").territory == ("NO",)  # YAML 1.1 takes NO for a truth value


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "describes no adopter"),
        ({"teritory": "DE"}, "did you mean territory"),
        ({"kind": "compny"}, "did you mean company"),
        ({"uses": ["sel"]}, "did you mean sell"),
        ({"fields": ["militry"]}, "did you mean military"),
        ({"territory": "Germany"}, "ISO 3166"),
        ({"territory": [1]}, "a name or a list of names"),
        ({"monthly_users": "many"}, "has to be a number"),
        ({"revenue_usd": True}, "has to be a number"),
        ({"revenue_usd": -1}, "has to be a number"),
    ],
)
def test_what_is_no_fact_is_refused_with_the_nearest(data: object, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        adopter_from(data, "a.yaml")


@pytest.mark.parametrize(
    ("tag", "words", "adds"),
    [
        ("openrail++", "The model is intended for research purposes only.", True),
        ("openrail++", "It must not be used for military purposes.", False),
        ("openrail++", "It works well for research and for products.", False),
        ("cc-by-nc-4.0", "The model is intended for research purposes only.", False),
    ],
)
def test_a_purpose_in_the_card_is_none_that_a_licence_of_closed_fields_has(
    tag: str,
    words: str,
    adds: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """A licence that closes some fields leaves trade open: words that leave study alone are more than it has."""
    card = f"---\nlicense: {tag}\n---\n# A model\n\n{words}\n"
    case = build_case(evidence_of(card), load_table())
    assert case.weights.settled
    assert any(6 in word.criteria for word in added_words(case)) is adds
