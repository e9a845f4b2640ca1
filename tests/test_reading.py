"""The whole reading: one snapshot in, its evidence out."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_snapshots import COMMIT, WHEN, evidence_of, fetched, misquoted, recorded_snapshot, snapshot_of

from osaudit.evidence import Absent, Card, Config, Evidence, Fact, FrontMatter, Kind, Seen, Unknown
from osaudit.reading import read_snapshot
from osaudit.snapshot import FetchedText

CARD = """---
license: apache-2.0
license_name: sparrow
license_link: LICENSE
datasets:
- https://huggingface.co/datasets/maker/twigs
- seeds
base_model: https://huggingface.co/maker/egg
base_model_relation: finetune
---
# Sparrow

This model was fine-tuned on [twigs](https://huggingface.co/datasets/maker/twigs).

## License

This model is released under the Apache 2.0 license.
"""


def card_of(evidence: Evidence) -> Card:
    assert isinstance(evidence.card, Seen), evidence.card
    return evidence.card.value


def matter_of(evidence: Evidence) -> FrontMatter:
    fact = card_of(evidence).front_matter
    assert isinstance(fact, Seen), fact
    return fact.value


def config_of(settings_read: Mapping[str, object], **rest: str) -> Config:
    fact = evidence_of("# S\n", config=settings_read, **rest).config
    assert isinstance(fact, Seen)
    return fact.value


def test_a_whole_card() -> None:
    evidence = evidence_of(CARD, texts={"LICENSE": fetched("Sparrow terms.\nFeed them.\n")})
    assert [(c.source, c.component, c.keys) for c in evidence.licence_claims] == [
        ("front matter", "any", ("apache-2.0",)),
        ("licence name", "any", ()),
        ("licence link", "any", ()),
        ("card statement", "weights", ("apache-2.0",)),
    ]
    assert [(use.name, use.role, use.confidence) for use in evidence.datasets] == [
        ("maker/twigs", "fine-tuning", "high"),
        ("seeds", "fine-tuning", "low"),
    ]
    assert [(b.name, b.relation, b.named_by) for b in evidence.bases] == [("maker/egg", "finetune", "front matter")]
    assert [(text.component, text.where.path, text.where.lines) for text in evidence.licence_texts] == [
        ("any", "LICENSE", (1, 2))
    ]
    assert all(isinstance(named.evidence, Unknown) for named in (*evidence.datasets, *evidence.bases))
    assert evidence.collected_at == WHEN


def test_a_place_can_be_looked_up_again() -> None:
    evidence = evidence_of(CARD)
    place = evidence.licence_claims[-1].where
    assert (place.repo, place.commit, place.path, place.lines) == ("maker/sparrow-7b", COMMIT, "README.md", (17, 17))
    assert place.url == f"https://huggingface.co/maker/sparrow-7b/blob/{COMMIT}/README.md#L17-L17"
    assert place.sha256 == card_of(evidence).where.sha256


def test_a_data_set_repository_reads_as_data() -> None:
    evidence = evidence_of(CARD, repo="maker/twigs", kind="dataset")
    assert {claim.component for claim in evidence.licence_claims} == {"data"}
    assert evidence.datasets == ()
    assert evidence.bases == ()
    assert evidence.licence_claims[0].where.repo == "datasets/maker/twigs"


def test_a_gated_card_is_read_from_the_apis_record() -> None:
    record = {
        "license": "other",
        "license_name": "nest",
        "datasets": ["a/b"],
        "extra_gated_prompt": "Non-commercial use only.",
    }
    evidence = evidence_of(None, texts={"README.md": Unknown("gated")}, card_data=record, gated="manual")
    assert card_of(evidence).size == 0
    assert matter_of(evidence).problems == ()
    claim = evidence.licence_claims[0]
    assert (claim.name, claim.where.path, claim.where.pointer) == (
        "other",
        "api/models/maker/sparrow-7b",
        "/cardData/license",
    )
    assert [use.name for use in evidence.datasets] == ["a/b"]
    assert isinstance(evidence.gate, Seen)
    assert evidence.gate.value.mode == "manual"
    assert [(gap.what, gap.why) for gap in evidence.unseen] == [("README.md", "gated")]


def test_broken_front_matter_gives_way_to_the_apis_record() -> None:
    broken = "---\nlicense: [mit\n---\n# Sparrow\n"
    assert isinstance(card_of(evidence_of(broken)).front_matter, Unknown)
    assert any(gap.what == "front matter" for gap in evidence_of(broken).unseen)
    mended = evidence_of(broken, card_data={"license": "mit"})
    assert isinstance(matter_of(mended).license, Seen)
    assert [claim.keys for claim in mended.licence_claims] == [("mit",)]


def test_no_card_at_all() -> None:
    assert isinstance(evidence_of(None, listed=("model.safetensors",)).card, Absent)
    listed = evidence_of(None, listed=("README.md",))
    assert isinstance(listed.card, Unknown)
    assert [gap.what for gap in listed.unseen] == []


def test_a_binary_card_is_unknown_and_said_so() -> None:
    evidence = evidence_of(None, texts={"README.md": Unknown("README.md is no text")})
    assert isinstance(evidence.card, Unknown)
    assert [(gap.what, gap.why) for gap in evidence.unseen] == [("README.md", "README.md is no text")]


def test_a_cut_card_is_read_and_said_so() -> None:
    evidence = evidence_of(None, texts={"README.md": fetched(CARD, truncated=True)})
    assert card_of(evidence).truncated
    assert evidence.licence_claims
    assert any("first" in gap.why for gap in evidence.unseen)


def test_a_byte_order_mark_is_no_part_of_the_card() -> None:
    marked, plain = (evidence_of(text).licence_claims for text in (f"\ufeff{CARD}", CARD))
    assert [(c.name, c.where.lines) for c in marked] == [(c.name, c.where.lines) for c in plain]


def test_a_gates_prompt_names_a_licence_and_restricts() -> None:
    card = (
        "---\nextra_gated_prompt: |-\n  By continuing you agree to the Llama 2 Community License.\n"
        "  You must not use the model for commercial purposes.\nextra_gated_fields:\n  Country: country\n---\n# S\n"
    )
    evidence = evidence_of(card, gated="auto")
    assert [(c.source, c.keys) for c in evidence.licence_claims] == [("gate prompt", ("llama2",))]
    assert isinstance(evidence.gate, Seen)
    assert evidence.gate.value.fields == ("Country",)
    restricted = [s for s in card_of(evidence).statements if s.kind == "restriction"]
    assert [s.value for s in restricted] == ["non_commercial"]
    assert restricted[0].where.pointer == "/extra_gated_prompt"


def test_terms_outside_the_repository_are_unseen() -> None:
    card = "---\nlicense: other\nlicense_link: https://example.org/terms\n---\n## License\n\nSee the [full terms](https://example.org/more).\n"
    what = {gap.what for gap in evidence_of(card).unseen}
    assert what == {"https://example.org/terms", "https://example.org/more"}


def test_licence_files_that_cannot_be_read_are_unseen() -> None:
    listed = ("LICENSE", "Community License for Sparrow.pdf", "Other/model_licenses/that_license.txt")
    gaps = {gap.what: gap.why for gap in evidence_of("# S\n", listed=listed, texts={"LICENSE": Unknown("gone")}).unseen}
    assert gaps == {"LICENSE": "gone", "Community License for Sparrow.pdf": "it may hold terms and is not a text file"}


def test_a_licence_inside_the_card_is_a_text() -> None:
    clause = (
        "The licensor hereby grants nothing, and this grant is terminated with no warranty and no liability at all. "
    )
    evidence = evidence_of(f"# S\n\n## License\n\n{clause * 12}\n\n## Citation\n\nNone.\n")
    (text,) = evidence.licence_texts
    assert text.where.lines == (3, 5)
    assert isinstance(text.text, Seen)


def test_settings() -> None:
    read = config_of(
        {
            "architectures": ["SparrowForCausalLM"],
            "model_type": "sparrow",
            "auto_map": {"AutoModel": "modeling_sparrow.Sparrow"},
            "quantization_config": {"quant_method": "gptq"},
            "torch_dtype": "bfloat16",
            "_name_or_path": "maker/egg",
        }
    )
    assert read.architectures == ("SparrowForCausalLM",)
    assert read.remote_code
    facts = (read.model_type, read.quantization, read.dtype, read.name_or_path)
    assert [fact.value for fact in facts if isinstance(fact, Seen)] == ["sparrow", "gptq", "bfloat16", "maker/egg"]


@pytest.mark.parametrize(
    "odd", [{"architectures": "x"}, {"quantization_config": []}, {"model_type": 3}, {"auto_map": None}, {}]
)
def test_odd_settings(odd: dict[str, object]) -> None:
    read = config_of(odd)
    assert not read.remote_code
    assert isinstance(read.quantization, Absent)


@pytest.mark.parametrize(
    ("settings_read", "expected"),
    [
        ({"_name_or_path": "maker/egg"}, [("maker/egg", "config", "low")]),
        ({"text_config": {"_name_or_path": "maker/egg"}}, [("maker/egg", "config", "low")]),
        ({"_name_or_path": "bert-base-uncased"}, [("bert-base-uncased", "config", "low")]),
        ({"peft": {"base_model_name_or_path": "maker/egg"}}, [("maker/egg", "adapter config", "high")]),
        ({"_name_or_path": "maker/sparrow-7b"}, []),
        ({"_name_or_path": "/home/somebody/egg"}, []),
        ({"_name_or_path": "outputs/checkpoint-3"}, []),
        ({"_name_or_path": "./egg"}, []),
        ({"_name_or_path": 7}, []),
    ],
)
def test_bases_that_settings_name(settings_read: dict[str, object], expected: list[tuple[str, str, str]]) -> None:
    found = evidence_of("# S\n", config=settings_read).bases
    assert [(base.name, base.named_by, base.confidence) for base in found] == expected


def test_bases_of_adapter_and_merge_files() -> None:
    texts = {
        "adapter_config.json": fetched('{"base_model_name_or_path": "maker/egg"}'),
        "mergekit_config.yml": fetched(
            "models:\n  - model: maker/one\n  - model: maker/two+x/lora\nbase_model: maker/zero\n"
        ),
    }
    found = [(base.name, base.named_by) for base in evidence_of("# S\n", texts=texts).bases]
    assert found == [
        ("maker/egg", "adapter config"),
        ("maker/one", "merge config"),
        ("maker/two", "merge config"),
        ("x/lora", "merge config"),
        ("maker/zero", "merge config"),
    ]


def test_broken_settings_files_name_nothing() -> None:
    texts = {"adapter_config.json": fetched("[" * 100_000), "mergekit_config.yml": fetched("models: [" + "[" * 10_000)}
    assert evidence_of("# S\n", texts=texts).bases == ()


def test_the_cards_words_wait_behind_the_front_matter() -> None:
    text = "---\nbase_model: maker/egg\n---\n# S\n\nThis model is based on Pythia 12B.\n"
    assert [base.name for base in evidence_of(text).bases] == ["maker/egg"]
    assert [s.value for s in card_of(evidence_of(text)).statements if s.kind == "base"] == ["Pythia 12B"]


def test_metadata_hides_no_base_under_restricting_terms() -> None:
    text = "---\nbase_model: maker/egg\n---\n# S\n\nThis model is based on Llama 2.\n"
    assert [(base.name, base.named_by) for base in evidence_of(text).bases] == [
        ("maker/egg", "front matter"),
        ("Llama 2", "card"),
    ]


def test_markup_stays_text() -> None:
    evil = "<script>alert(1)</script>"
    evidence = evidence_of(f"---\nlicense: '{evil}'\n---\n# {evil}\n\nLicense: {evil}\n")
    assert evidence.licence_claims[0].name == evil


def test_the_same_snapshot_reads_the_same() -> None:
    snapshot = snapshot_of(CARD, texts={"LICENSE": fetched("x"), "NOTICE": fetched("y")}, config={"model_type": "s"})
    assert read_snapshot(snapshot, collected_at=WHEN) == read_snapshot(snapshot, collected_at=WHEN)


@settings(max_examples=60, deadline=None)
@given(
    st.text(alphabet="aA #*|-_[]()<>:.,/\n`!&0licensetrainedonwithmodel许可商用", max_size=400),
    st.sampled_from(["model", "dataset"]),
)
def test_any_card_is_read_and_quoted_truly(text: str, kind: Kind) -> None:
    snapshot = snapshot_of(text, kind=kind)
    assert misquoted(read_snapshot(snapshot, collected_at=WHEN), snapshot) == []


@pytest.mark.parametrize(
    "text",
    [
        "trained on " * 20_000,
        "[x](https://github.com/a/b) " * 8_000,
        "licensed under the " * 10_000,
        "is a fine-tuned version of " * 8_000,
        "img.shields.io/badge/License-" * 6_000,
        "LICENSE AGREEMENT\n" * 10_000,
        "* " * 60_000,
        "商用不得" * 40_000,
    ],
)
def test_hostile_cards_are_read(text: str) -> None:
    evidence = evidence_of(text)
    assert len(card_of(evidence).statements) < 400
    assert len(evidence.licence_claims) <= 60


def test_every_recorded_model_is_read(corpus: Path) -> None:
    cards = sorted(corpus.glob("models/*/*/provenance.json"))
    assert len(cards) > 100
    for provenance in cards:
        folder = provenance.parent
        snapshot = recorded_snapshot(folder, "/".join(folder.parts[-2:]))
        evidence = read_snapshot(snapshot, collected_at=WHEN)
        assert misquoted(evidence, snapshot) == [], folder


def test_recorded_cards_of_all_times_are_read(corpus: Path) -> None:
    read = 0
    for name in ("model_cards_2023-05.jsonl.gz", "model_cards_2020-12.jsonl", "dataset_cards_2022-10.jsonl"):
        path = corpus / "bulk" / name
        kind: Kind = "dataset" if name.startswith("dataset") else "model"
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
            for number, line in enumerate(lines):
                if number % 8 == 0:
                    record = json.loads(line)
                    snapshot = snapshot_of(record["card"], repo=record["id"], kind=kind)
                    assert misquoted(read_snapshot(snapshot, collected_at=WHEN), snapshot) == [], record["id"]
                    read += 1
    assert read > 1_500


@pytest.mark.parametrize(
    ("repo", "component", "key"),
    [
        ("internlm/internlm-20b", "code", "apache-2.0"),
        ("deepseek-ai/DeepSeek-R1", "any", "mit"),
        ("Qwen/Qwen-7B", "any", "tongyi-qianwen"),
        ("tiiuae/falcon-7b", "any", "tii-falcon-llm-1.0"),
        ("meta-llama/Llama-3.2-1B", "any", "llama3.2"),
    ],
)
def test_claims_of_recorded_cards(corpus: Path, repo: str, component: str, key: str) -> None:
    evidence = read_snapshot(recorded_snapshot(corpus / "models" / repo, repo), collected_at=WHEN)
    told = [(claim.component, claim.keys) for claim in evidence.licence_claims if claim.source == "card statement"]
    assert (component, (key,)) in told


@pytest.mark.parametrize(
    ("repo", "flag"),
    [
        ("internlm/internlm-20b", "registration_required"),
        ("baichuan-inc/Baichuan2-13B-Chat", "registration_required"),
        ("nvidia/NV-Embed-v2", "non_commercial"),
        ("mistralai/Mistral-7B-v0.1", None),
        ("lambdalabs/sd-image-variations-diffusers", "field_of_use_restriction"),
        ("openai/gpt-oss-20b", None),
        ("google/flan-t5-base", None),
    ],
)
def test_restrictions_of_recorded_cards(corpus: Path, repo: str, flag: str | None) -> None:
    evidence = read_snapshot(recorded_snapshot(corpus / "models" / repo, repo), collected_at=WHEN)
    found = {s.value for s in card_of(evidence).statements if s.kind == "restriction"}
    assert found == ({flag} if flag else set())


@pytest.mark.parametrize(
    ("repo", "part"),
    [
        ("deepseek-ai/DeepSeek-R1-Distill-Llama-8B", "Llama3.1"),
        ("FlagAlpha/Atom-7B", "Llama2"),
        ("FlagAlpha/Llama3-Chinese-8B-Instruct", "Llama3"),
        ("lmsys/vicuna-7b-delta-v1.1", "LLaMA"),
        ("TehVenom/Pygmalion-7b-Merged-Safetensors", "LLaMA"),
        ("codefuse-ai/CodeFuse-CodeLlama-34B", "CodeLlama"),
        ("MBZUAI/AIN", "Qwen2-VL"),
    ],
)
def test_bases_of_recorded_cards(corpus: Path, repo: str, part: str) -> None:
    evidence = read_snapshot(recorded_snapshot(corpus / "models" / repo, repo), collected_at=WHEN)
    assert any(part in base.name for base in evidence.bases)


def test_siblings_that_a_recorded_card_lists_are_no_bases(corpus: Path) -> None:
    for repo in ("deepseek-ai/DeepSeek-R1", "deepseek-ai/DeepSeek-R1-Distill-Qwen-32B"):
        evidence = read_snapshot(recorded_snapshot(corpus / "models" / repo, repo), collected_at=WHEN)
        assert not any("llama" in base.name.lower() for base in evidence.bases)


def test_texts_without_content_say_why() -> None:
    missing: Fact[FetchedText] = Absent()
    evidence = evidence_of("# S\n", texts={"LICENSE": missing})
    assert evidence.licence_texts == ()
