"""The table of model families: every entry says where it was seen, and what is not sure is left to a human."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml
from made_snapshots import evidence_of

from osaudit.judge import judge
from osaudit.licences.families import OPEN, all_families, families, family_of
from osaudit.licences.services import restricts_output
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.resources import data_path
from osaudit.verdict import Scorecard

ROWS: list[dict[str, Any]] = yaml.safe_load(data_path("criteria", "model-families.yaml").read_text("utf-8"))
TABLE = load_table()
FIRST_CHECK = date(2026, 11, 28)
KNOWN = {"id", "licence", "match", "publishers", "source"}
MORE = {
    "unless",
    "any_of",
    "tags",
    "tasks",
    "seen",
    "unconfirmed",
    "names",
    "owners",
    "types",
    "marks",
    "shared",
    "code",
    "makers",
}
DOUBTED = {
    "medgemma": "medgemma-4b-it",
    "codeqwen": "CodeQwen1.5-7B",
    "falcon-mamba": "falcon-mamba-7b",
    "deepseek-later": "DeepSeek-Math-V2",
    "flux-2-dev": "FLUX.2-dev",
    "exaone-4": "EXAONE-4.0-32B",
    "hunyuan-dense": "Hunyuan-7B-Instruct",
    "glm-4-9b": "glm-4-9b-chat",
    "llama-1-tunes-more": "koala-13b",
    "yi": "Yi-34B",
}


def made_from(base: str, tag: str = "apache-2.0") -> Scorecard:
    card = f"---\nlicense: {tag}\nbase_model: {base}\n---\n# S\n"
    return judge(evidence_of(card, listed=("model.safetensors", ".gitattributes")), load_pack(), TABLE)


def outcomes(card: Scorecard) -> dict[int, str]:
    told = {v.criterion: v.answer.outcome for v in card.verdicts if v.facet == "licence"}
    return {number: told[f"OSD-{number}"] for number in range(1, 11)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_an_entry_was_seen_or_says_why_not(row: dict[str, Any]) -> None:
    assert KNOWN <= row.keys() <= KNOWN | MORE
    assert ("seen" in row) != ("unconfirmed" in row)
    assert "unconfirmed" in row or row["seen"] >= FIRST_CHECK
    assert row["source"]
    assert all(key == OPEN or TABLE.get(key) for key in (row["licence"], *row.get("any_of", ())))


def test_every_entry_is_read_once() -> None:
    assert len(ROWS) == len(all_families()) == len({row["id"] for row in ROWS})
    assert {family.id for family in families() if not family.confirmed} == DOUBTED.keys()


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("google/medgemma-27b-it", "medgemma"),
        ("google/txgemma-9b-chat", "medgemma"),
        ("google/embeddinggemma-300m", "gemma"),
        ("google/gemma-3n-E4B-it", "gemma"),
        ("google/gemma-4-31B-it", None),
        ("mistralai/Mistral-Large-Instruct-2411", "mistral-research"),
        ("mistralai/Mistral-Small-Instruct-2409", "mistral-research"),
        ("mistralai/Mistral-Small-24B-Instruct-2501", None),
        ("mistralai/Mistral-Large-3-675B-Instruct-2512", None),
        ("mistralai/Ministral-3-8B-Instruct-2512", None),
        ("mistralai/Devstral-2-123B-Instruct-2512", "devstral-2"),
        ("mistralai/Devstral-Small-2-24B-Instruct-2512", None),
        ("Qwen/Qwen-1_8B-Chat", "qwen-1-1.8b"),
        ("Qwen/Qwen-7B-Chat", "qwen-1"),
        ("Qwen/Qwen2.5-Omni-3B", "qwen-2.5-3b"),
        ("Qwen/Qwen2.5-Omni-7B", None),
        ("Qwen/Qwen2.5-Math-RM-72B", "qwen-2.5-72b"),
        ("Qwen/CodeQwen1.5-7B-Chat", "codeqwen"),
        ("tiiuae/falcon-mamba-7b", "falcon-mamba"),
        ("tiiuae/Falcon3-Mamba-7B-Base", "falcon-3"),
        ("tiiuae/Falcon-H1-7B-Instruct", "falcon-3"),
        ("tiiuae/falcon-7b", None),
        ("deepseek-ai/DeepSeek-Math-V2", "deepseek-later"),
        ("deepseek-ai/deepseek-math-7b-base", "deepseek"),
        ("deepseek-ai/DeepSeek-V3.2", None),
        ("deepseek-ai/DeepSeek-R1", None),
        ("stabilityai/sdxl-turbo", "sd-turbo"),
        ("stabilityai/stable-cascade", "stable-cascade"),
        ("black-forest-labs/FLUX.2-klein-4B", None),
        ("black-forest-labs/FLUX.2-dev", "flux-2-dev"),
        ("THUDM/glm-4-9b-chat", "glm-4-9b"),
        ("THUDM/GLM-4-9B-0414", None),
        ("liuhaotian/llava-v1.5-7b", "llava-1.5"),
        ("llava-hf/llava-1.5-13b-hf", "llava-1.5"),
        ("liuhaotian/llava-v1.6-mistral-7b", None),
        ("moonshotai/Kimi-K3", "kimi-k3"),
        ("jinaai/jina-embeddings-v4", "jina-4"),
        ("apple/MobileCLIP-S2", "mobileclip"),
        ("apple/MobileCLIP2-S3", "fastvlm"),
        ("openai/gpt-oss-20b", None),
        ("microsoft/phi-2", None),
        ("ibm-granite/granite-3.3-8b-instruct", None),
    ],
)
def test_which_entry_decides(name: str, family: str | None) -> None:
    found = family_of(name)
    assert (found.id if found else None) == family


@pytest.mark.parametrize(("family", "name"), DOUBTED.items())
def test_a_doubt_never_fails_and_leaves_to_a_human_what_the_licence_fails(family: str, name: str) -> None:
    row = next(row for row in ROWS if row["id"] == family)
    licence = TABLE.get(row["licence"])
    assert licence is not None
    for number, outcome in outcomes(made_from(f"gone/{name}")).items():
        assert outcome == "review" if licence.verdict(number).v == "fail" else outcome != "fail", number


def test_a_licence_that_changed_fails_only_what_all_of_its_versions_fail() -> None:
    card = made_from("gone/sdxl-turbo")
    found = outcomes(card)
    assert found[6] == "fail"
    assert (found[1], found[5], found[7]) == ("review",) * 3
    (finding,) = [finding for finding in card.conflicts if finding.kind == "lineage-drops-terms"]
    assert "OSD-6" in finding.because
    assert "OSD-5" not in finding.because


def test_an_unconfirmed_name_is_no_conflict_and_holds_the_label_down() -> None:
    card = made_from("gone/falcon-mamba-7b")
    assert card.conflicts == ()
    assert not [duty for duty in card.obligations if "Falcon" in duty.because]
    assert card.label.id == "weights-available"
    words = next(v.answer.because for v in card.verdicts if (v.criterion, v.facet) == ("OSD-6", "licence"))
    assert "its name may point to the TII Falcon-LLM License 2.0" in words
    (node,) = [node for node in card.lineage.nodes if node.id == "gone/falcon-mamba-7b"]
    assert "(perhaps told by its name)" in node.licence


def test_a_version_that_is_known_to_govern_silences_the_name() -> None:
    family = family_of("sdxl-turbo")
    assert family is not None
    assert not family.adds_to(["stabilityai-nc"])
    assert not family.adds_to(["stabilityai-community"])
    assert family.adds_to(["mit"])


def test_what_output_may_be_used_for_is_told_of_a_family() -> None:
    assert (restricts_output("FLUX.1-dev") or "").startswith("FLUX.1 [dev] Non-Commercial License")
    assert (restricts_output("FLUX.2-dev") or "").startswith("perhaps FLUX.1 [dev] Non-Commercial License")
    assert restricts_output("Mistral-Large-3-675B-Instruct-2512") is None


@pytest.mark.parametrize("words", ["license: other\nlicense_name: jais", "license: jais"])
def test_the_name_of_a_model_is_no_licence(words: str) -> None:
    card = judge(evidence_of(f"---\n{words}\n---\n# S\n", listed=("model.safetensors",)), load_pack(), TABLE)
    assert "pass" not in {outcomes(card)[number] for number in (1, 3, 5, 6, 7)}
