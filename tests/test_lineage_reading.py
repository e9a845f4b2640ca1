"""Where a base may be named beside the front matter: settings files, names of files and repositories, odd metadata."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import made_snapshots
import pytest
from hub.server import LoopbackHub
from made_snapshots import evidence_of, fetched

from osaudit.contents import plain_name
from osaudit.evidence import Evidence, ModelRef, Seen
from osaudit.files import settings_to_read
from osaudit.judge import judge
from osaudit.licences.families import family_of, naming_marks
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.reading import read_snapshot
from osaudit.sources.collect import collect
from osaudit.sources.folder import fetch_folder
from osaudit.sources.hub import HubSource
from osaudit.verdict import Scorecard

FREE = "---\nlicense: apache-2.0\n---\n# Sparrow\n"
ADAPTER = json.dumps({"base_model_name_or_path": "else/egg-7b", "peft_type": "LORA"})


def bases(evidence: Evidence) -> list[tuple[str, str, str, str]]:
    return [(base.name, base.relation, base.named_by, base.confidence) for base in evidence.bases]


def judged(evidence: Evidence) -> Scorecard:
    return judge(evidence, load_pack(), load_table())


def outcome(card: Scorecard, criterion: str, facet: str) -> str:
    return next(v.answer.outcome for v in card.verdicts if (v.criterion, v.facet) == (criterion, facet))


def from_hub(name: str, depth: int = 0) -> Evidence:
    read = partial(read_snapshot, collected_at=made_snapshots.WHEN)
    return collect(ModelRef(name), open_snapshot=HubSource().fetch, read=read, depth=depth)


@pytest.mark.parametrize(
    ("paths", "chosen"),
    [
        (["adapter_config.json", "README.md"], ("adapter_config.json",)),
        (["mergekit_config.yml", "mergekit_moe_config.yml"], ("mergekit_config.yml", "mergekit_moe_config.yml")),
        (["b/adapter_config.json", "adapter_config.json", "a/adapter_config.json"],
         ("adapter_config.json", "a/adapter_config.json")),
        (["a/b/adapter_config.json", "../adapter_config.json", "config.json", "merges.txt"], ()),
    ],
)  # fmt: skip
def test_settings_that_may_name_a_base(paths: list[str], chosen: tuple[str, ...]) -> None:
    assert settings_to_read(paths) == chosen


def test_an_adapters_base_is_read_over_the_hub_and_costs_one_request(hub: LoopbackHub) -> None:
    files = {"README.md": FREE, "adapter_config.json": ADAPTER, "adapter_model.safetensors": "x"}
    hub.hops = False
    hub.add_model("maker/sparrow", files=files)
    hub.add_model("else/egg-7b", files={"README.md": "---\nlicense: cc-by-nc-4.0\n---\n# Egg\n", "m.safetensors": "x"})
    evidence = from_hub("maker/sparrow", depth=1)
    assert bases(evidence) == [("else/egg-7b", "adapter", "adapter config", "high")]
    assert evidence.bases[0].where.path == "adapter_config.json"
    assert evidence.bases[0].where.quote == "else/egg-7b"
    card = judged(evidence)
    assert outcome(card, "OSD-6", "licence") == "fail"
    assert [finding.kind for finding in card.conflicts] == ["lineage-drops-terms"]
    assert hub.counts() == {"api": 2, "file": 3}


@pytest.mark.parametrize(
    "settings",
    [
        {"files": {"README.md": "---\nbase_model: else/egg-7b\n---\n# S\n"}},
        {"files": {"README.md": FREE}, "record": {"config": {"peft": {"base_model_name_or_path": "else/egg-7b"}}}},
    ],
)
def test_settings_are_not_asked_for_where_the_record_names_the_base(
    hub: LoopbackHub, settings: dict[str, dict[str, object]]
) -> None:
    hub.hops = False
    settings["files"]["adapter_config.json"] = ADAPTER
    hub.add_model("maker/sparrow", **settings)  # type: ignore[arg-type] # the keys are those of add_model
    evidence = from_hub("maker/sparrow")
    assert [base.name for base in evidence.bases] == ["else/egg-7b"]
    assert hub.counts() == {"api": 1, "file": 1}
    assert not [item for item in evidence.unseen if "adapter_config" in item.what]


def test_a_merge_takes_the_union_of_what_its_settings_name(hub: LoopbackHub) -> None:
    merge = (
        "merge_method: slerp\nslices:\n  - sources:\n    - model: else/one\n    - model: {model: {path: else/two}}\n"
    )
    files = {"README.md": FREE, "mergekit_config.yml": merge, "m.safetensors": "x"}
    hub.add_model("maker/sparrow", files=files)
    for name, tag in (("one", "cc-by-nc-4.0"), ("two", "cc-by-nd-4.0")):
        hub.add_model(f"else/{name}", files={"README.md": f"---\nlicense: {tag}\n---\n# E\n", "m.safetensors": "x"})
    evidence = from_hub("maker/sparrow", depth=1)
    assert [(name, relation) for name, relation, *_ in bases(evidence)] == [
        ("else/one", "merge"),
        ("else/two", "merge"),
    ]
    card = judged(evidence)
    assert [outcome(card, f"OSD-{number}", "licence") for number in (3, 6)] == ["fail", "fail"]
    assert len([finding for finding in card.conflicts if finding.kind == "lineage-drops-terms"]) == 2


def test_a_folders_settings_are_read_whatever_the_card_says(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("---\nbase_model: else/other\n---\n# S\n")
    (tmp_path / "adapter_config.json").write_text(ADAPTER)
    evidence = read_snapshot(fetch_folder(tmp_path), collected_at=made_snapshots.WHEN)
    assert [base.name for base in evidence.bases] == ["else/other", "else/egg-7b"]


@pytest.mark.parametrize("path", ["/home/somebody/Llama-2-7b-hf", "./models/llama-2-7b/", "llama-2-7b-hf"])
def test_the_name_of_somebodys_folder_tells_a_family_and_no_more(path: str) -> None:
    texts = {"adapter_config.json": fetched(json.dumps({"base_model_name_or_path": path}))}
    evidence = evidence_of(FREE, texts=texts, listed=("adapter_model.safetensors",))
    ((name, relation, named_by, confidence),) = bases(evidence)
    assert (relation, named_by, confidence) == ("adapter", "adapter config", "low")
    assert name.lower().startswith("llama-2-7b")
    assert outcome(judged(evidence), "OSD-6", "licence") == "review"


def test_the_name_of_a_folder_adds_nothing_to_a_base_that_is_known() -> None:
    texts = {"adapter_config.json": fetched('{"base_model_name_or_path": "/data/Llama-2-7b-hf"}')}
    card = "---\nbase_model: meta-llama/Llama-2-7b\n---\n# S\n"
    assert [base.name for base in evidence_of(card, texts=texts).bases] == ["meta-llama/Llama-2-7b"]


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("else/egg", ["else/egg"]),
        ("https://huggingface.co/else/egg/tree/main", ["else/egg"]),
        ("else/egg@v1.0", ["else/egg"]),
        ("[else/egg, 'https://hf.co/else/yolk']", ["else/egg", "else/yolk"]),
        ("else/egg, else/yolk and else/white", ["else/egg", "else/yolk", "else/white"]),
        ("Llama-2-7b-hf", ["Llama-2-7b-hf"]),
        ("{name: else/egg}", ["a base model that the metadata names in no readable way"]),
        ("[else/egg, {name: else/yolk}]", ["else/egg", "a base model that the metadata names in no readable way"]),
    ],
)
def test_ways_to_write_a_base(value: str, names: list[str]) -> None:
    card = f"---\nlicense: apache-2.0\nbase_model: {value}\n---\n# Sparrow\n"
    evidence = evidence_of(card, listed=("model.safetensors", ".gitattributes"))
    assert [base.name for base in evidence.bases] == names
    assert judged(evidence).label.id == "weights-available"


def test_a_base_without_its_owner_is_known_by_its_name() -> None:
    card = judged(evidence_of("---\nlicense: mit\nbase_model: Llama-2-7b-hf\n---\n# S\n", listed=("m.safetensors",)))
    assert [outcome(card, f"OSD-{number}", "licence") for number in (5, 6, 7)] == ["fail"] * 3


@pytest.mark.parametrize(
    ("repo", "more", "listed", "relation"),
    [
        ("maker/s", "base_model_relation: merge\n", (), "merge"),
        ("maker/s", "base_model_relation: something\n", (), "unknown"),
        ("maker/s", "library_name: peft\n", (), "adapter"),
        ("maker/s", "tags: [mergekit]\n", (), "merge"),
        ("maker/s-AWQ", "", (), "quantized"),
        ("maker/s", "", ("adapter_config.json",), "adapter"),
        ("maker/s", "", (), "unknown"),
    ],
)
def test_how_it_was_made_from_its_base(repo: str, more: str, listed: tuple[str, ...], relation: str) -> None:
    evidence = evidence_of(f"---\nbase_model: else/egg\n{more}---\n# S\n", repo=repo, listed=listed)
    assert [base.relation for base in evidence.bases] == [relation]


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Egg-7B-GPTQ", "Egg-7B"),
        ("Egg-7B-GPTQ-Int4", "Egg-7B"),
        ("Egg-7B.i1-GGUF", "Egg-7B.i1"),
        ("egg-7b-bnb-4bit", "egg-7b"),
        ("Egg_AWQ", "Egg"),
        ("Egg-7B", "Egg-7B"),
        ("AWQ", ""),
    ],
)
def test_what_a_quantised_repository_is_named_after(name: str, plain: str) -> None:
    assert plain_name(name) == plain


def test_a_quantised_repository_names_its_base_where_nothing_else_does() -> None:
    evidence = evidence_of(FREE, repo="maker/Egg-7B-GPTQ", listed=("model.safetensors", ".gitattributes"))
    assert bases(evidence) == [("Egg-7B (its own name)", "quantized", "name", "low")]
    card = judged(evidence)
    assert "the base model Egg-7B (its own name)" in [item.what for item in card.unseen]
    declared = evidence_of("---\nbase_model: else/egg\n---\n# S\n", repo="maker/Egg-7B-GPTQ")
    assert [base.name for base in declared.bases] == ["else/egg"]


def test_the_name_of_a_weight_file_lowers_and_never_raises() -> None:
    listed = ("Meta-Llama-3-8B-Instruct.Q4_K_M.gguf", ".gitattributes")
    evidence = evidence_of(FREE, listed=listed)
    assert bases(evidence) == [(f"{listed[0]} (by a file's name)", "unknown", "name", "low")]
    assert outcome(judged(evidence), "OSD-6", "licence") == "review"
    maker = evidence_of(FREE, repo="meta-llama/Meta-Llama-3-8B-Instruct", listed=listed)
    assert maker.bases == ()
    notes = evidence_of(FREE, listed=("llama-3-notes.txt", "model.safetensors"))
    assert notes.bases == ()


def test_a_gated_ancestor_is_known_by_its_record_and_its_name(hub: LoopbackHub) -> None:
    card = {"license": "llama3.1", "extra_gated_prompt": "Accept."}
    closed = {"README.md": "---\nlicense: llama3.1\n---\n# L\n", "m.safetensors": "x"}
    hub.add_model("meta-llama/Llama-3.1-8B", files=closed, gated="manual", record={"cardData": card})
    hub.add_model("maker/s", files={"README.md": "---\nlicense: mit\nbase_model: meta-llama/Llama-3.1-8B\n---\n# S\n"})
    evidence = from_hub("maker/s", depth=1)
    assert isinstance(evidence.bases[0].evidence, Seen)
    assert outcome(judged(evidence), "OSD-6", "licence") == "fail"


def test_a_missing_ancestor_is_unseen_and_its_family_still_counts(hub: LoopbackHub) -> None:
    hub.add_model("maker/s", files={"README.md": "---\nlicense: mit\nbase_model: gone/Llama-3.1-8B-x\n---\n# S\n"})
    card = judged(from_hub("maker/s", depth=1))
    assert outcome(card, "OSD-6", "licence") == "fail"
    assert "the base model gone/Llama-3.1-8B-x" in [item.what for item in card.unseen]


@pytest.mark.parametrize(
    ("words", "licence"),
    [
        ("Built with Llama", "llama"),
        ("Built with Meta Llama 3", "llama3"),
        ("Improved using Llama 3.2", "llama3.2"),
        ("Powered by Stability AI", "stabilityai-community"),
        ("Powered by xAI", "grok2-community"),
        ("built using Falcon LLM technology from the Technology Innovation Institute", "falcon-llm-2.0"),
        ("built using artificial intelligence technology from the Technology Innovation Institute", "falcon-llm-2.0"),
    ],
)
def test_every_mark_of_the_table_leads_to_a_family(words: str, licence: str) -> None:
    shown = [found.group("name") for mark in naming_marks() if (found := mark.search(words))]
    families = [family_of(name) for name in shown]
    assert [family.licence for family in families if family] == [licence]
    assert len(naming_marks()) == 5
