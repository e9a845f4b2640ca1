"""`osaudit criteria explain RULE-ID`: every rule that a finding names is explained, with its words and its file."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from program import ROOT

from osaudit.attest import apply
from osaudit.checks import disagree
from osaudit.cli import run
from osaudit.cli.rules import Rule, rules, told
from osaudit.evidence import Base, GateMode
from osaudit.licences.services import services
from osaudit.packs import pack_ids
from osaudit.restrictions.book import languages
from osaudit.restrictions.phrases import phrases

SILENT = {"same-licence", "one-of-a-choice"}
"""Rows of the table of disagreements that never contradict, so that no finding names them."""
GROUPS = {rule.rpartition(".")[0] + "." for rule in rules() if "." in rule} | {"base-by-", "osaid.data-"}


def _made(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"Finding", "Statement"}:
            yield node


def _written(call: ast.Call) -> Iterator[str]:
    """The ids, and the heads of ids that are put together, that a call writes for its rule."""
    assert isinstance(call.func, ast.Name)
    given = [word.value for word in call.keywords if word.arg == "rule"]
    if call.func.id == "Finding":
        given += call.args[3:4]
    for expression in given:
        parts = expression.values[:1] if isinstance(expression, ast.JoinedStr) else [*ast.walk(expression)]
        yield from (part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))


def test_every_rule_that_the_code_writes_is_explained() -> None:
    paths = sorted((ROOT / "osaudit").rglob("*.py"))
    written = {name for path in paths for call in _made(path) for name in _written(call) if name}
    assert len(written) >= 20
    assert [name for name in sorted(written) if name not in rules() and name not in GROUPS] == []


def test_every_rule_that_is_put_together_is_explained() -> None:
    named_by = get_args(get_type_hints(Base)["named_by"])
    made = {f"base-by-{name.replace(' ', '-')}" for name in named_by}
    made |= {f"gate.{mode}" for mode in get_args(GateMode) if mode != "open"}
    made |= {row.name for row in disagree.RULES if row.name not in SILENT}
    made |= {f"attestation.{state}" for state in apply._WHY}
    made |= {f"service.{service.id}" for service in services()} | {f"pack.{name}" for name in pack_ids()}
    made |= {phrase.id for phrase in phrases()} | {f"words.{phrase.flag}" for phrase in phrases()}
    kinds = ("deny-trade", "only-study", "ask-terms", "deny-terms")
    made |= {f"{code}-{kind}" for code in languages() for kind in kinds}
    assert sorted(made - set(rules())) == []


@pytest.fixture(params=sorted(rules()))
def rule(request: pytest.FixtureRequest) -> Rule:
    return rules()[request.param]


def test_a_rule_says_what_it_asks_and_where_it_stands(rule: Rule) -> None:
    lines = told(rule).splitlines()
    assert lines[0] == rule.id
    assert lines[1].endswith(".")
    assert (ROOT / rule.file).exists()
    assert all(sentence in told(rule) for sentence in rule.closes)


@pytest.mark.parametrize(
    ("named", "says"),
    [
        (
            "en-non-commercial-2",
            ("non_commercial", "phrases/en.yaml", "Commercial use is strictly prohibited.", "Leaves"),
        ),
        ("de-deny-trade", ("German", "untersagt", "gewerblich", "words/de.yaml", "non_commercial")),
        ("de-ask-terms", ("a person is asked", "Unternehmen benötigen eine Genehmigung.")),
        ("en-not-understood", ("licence-label", "Not for client work.", "sense-en.yaml")),
        ("grants-trade", ("explained", "commercial")),
        ("another-licence", ("names another licence", "osaudit/checks/disagree.py")),
        ("service.openai", ("OpenAI", "criteria/known-services.yaml")),
    ],
)
def test_a_rule_is_told(named: str, says: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["criteria", "explain", named]) == 0
    out = capsys.readouterr().out
    assert [words for words in says if words not in out] == []


@pytest.mark.parametrize(
    ("named", "says"),
    [("en-non-comercial-2", "en-non-commercial-2"), ("de-deny-trad", "de-deny-trade"), ("OSD-99/licence", "OSD-99")],
)
def test_what_is_nearly_a_rule_is_told(named: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["criteria", "explain", named]) == 2
    assert says in capsys.readouterr().err


def test_the_rules_of_the_recorded_demo_are_explained() -> None:
    from osaudit.cli.demo import load_records  # noqa: PLC0415 - this test alone needs the records
    from osaudit.judge import judge  # noqa: PLC0415 - likewise
    from osaudit.licences.table import load_table  # noqa: PLC0415 - likewise
    from osaudit.packs import load_packs  # noqa: PLC0415 - likewise
    from osaudit.render.json import render_json  # noqa: PLC0415 - likewise

    main, further = load_packs(["all"])
    cards = [judge(record.evidence, main, load_table(), further) for record in load_records()]
    found = [json.loads(render_json([card])) for card in cards]
    named = {finding["rule"] for card in found for finding in _findings(card)}
    assert named
    assert sorted(named - set(rules())) == []


def _findings(card: dict[str, list[dict[str, str]]]) -> Iterator[dict[str, str]]:
    for name in ("conflicts", "obligations", "risks"):
        yield from card[name]
