"""`osaudit lineage` as its user sees it: the tree, the JSON, the drawing."""

from __future__ import annotations

import json

import pytest
from hub.server import LoopbackHub

from osaudit.cli import run

WEIGHTS = {"model.safetensors": "x", "config.json": "{}", ".gitattributes": ""}


@pytest.fixture
def chain(hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> LoopbackHub:
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    card = "---\nlicense: {tag}\n{more}---\n# Tiny\n"
    hub.add_model("first/base", files={**WEIGHTS, "README.md": card.format(tag="cc-by-nc-4.0", more="")})
    middle = card.format(tag="cc-by-nc-4.0", more="base_model: first/base\n")
    hub.add_model("second/tuned", files={**WEIGHTS, "README.md": middle})
    last = card.format(tag="apache-2.0", more="base_model: second/tuned\nbase_model_relation: quantized\n")
    hub.add_model("third/small", files={**WEIGHTS, "README.md": last})
    return hub


@pytest.mark.usefixtures("chain")
def test_the_tree_is_indented_and_names_what_a_step_drops(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lineage", "third/small", "-q"]) == 0
    lines = capsys.readouterr().out.splitlines()
    heads = [(len(line) - len(line.lstrip()), line.split("@")[0].strip()) for line in lines if "@" in line]
    assert heads == [(0, "third/small"), (4, "second/tuned"), (8, "first/base")]
    assert any("! drops OSD-6: CC BY-NC 4.0" in line for line in lines)


@pytest.mark.usefixtures("chain")
def test_the_json_holds_nodes_edges_and_the_conflict(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lineage", "third/small", "--format", "json", "-q"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [node["id"] for node in told["nodes"]] == ["third/small", "second/tuned", "first/base"]
    edges = {(edge["child"], edge["parent"]): edge for edge in told["edges"]}
    assert edges["third/small", "second/tuned"]["relation"] == "quantized"
    assert edges["third/small", "second/tuned"]["dropped"]
    assert edges["second/tuned", "first/base"]["dropped"] == []
    assert [conflict["kind"] for conflict in told["conflicts"]] == ["lineage-drops-terms"]


@pytest.mark.usefixtures("chain")
def test_the_drawing_is_mermaid(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lineage", "third/small", "--format", "mermaid", "-q"]) == 0
    drawn = capsys.readouterr().out.splitlines()
    assert drawn[0] == "graph TD"
    assert sum("-->" in line for line in drawn) == 2


def test_bases_told_by_marks_notices_settings_and_names_are_shown(
    hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    files = {
        **WEIGHTS,
        "README.md": "---\nlicense: apache-2.0\n---\n# Tiny\n\nBuilt with Llama 3.\n",
        "NOTICE": "Gemma 2 is licensed under the Gemma Terms of Use.\n",
        "mergekit_config.yml": "models:\n  - model: first/base\n",
    }
    hub.add_model("third/tiny", files=files)
    assert run(["lineage", "third/tiny", "-q"]) == 0
    told = capsys.readouterr().out
    assert "Llama 3 (by its mark): Llama 3 Community License" in told
    assert "Gemma 2 (by its notice): Gemma" in told
    assert "merge of, named by merge config (confidence high)" in told
    assert "unknown of, named by notice (confidence low)" in told
    assert run(["lineage", "third/tiny", "--format", "mermaid", "-q"]) == 0
    assert "Llama 3 (by its mark)" in capsys.readouterr().out
    assert run(["lineage", "third/tiny", "--format", "json", "-q"]) == 0
    edges = json.loads(capsys.readouterr().out)["edges"]
    assert sorted(edge["named_by"] for edge in edges) == ["card", "merge config", "notice"]
