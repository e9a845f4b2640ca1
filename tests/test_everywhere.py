"""Words on terms are read wherever a careful person looks: further files, the form of the gate, free keys, fields."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from licence_samples import known, needs_texts
from made_snapshots import WHEN, evidence_of, fetched, misquoted, snapshot_of

from osaudit.evidence import Card, Evidence, Seen, Statement, Unknown
from osaudit.files import (
    MAX_PAGES,
    MAX_TEXTS,
    ggufs_to_read,
    is_licence_like,
    is_page,
    licence_component,
    settings_to_read,
    terms_listed,
    texts_to_read,
    to_read,
)
from osaudit.judge import judge
from osaudit.licences.families import shared_types
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.reading import read_snapshot
from osaudit.snapshot import GgufWords

CARD = "---\nlicense: apache-2.0\n---\n# Sparrow 7B\n\nA chat model.\n"
CLOSING = "You may not use this model for commercial purposes.\n"


def said(evidence: Evidence, kind: str = "restriction") -> list[Statement]:
    assert isinstance(evidence.card, Seen)
    card: Card = evidence.card.value
    return [statement for statement in card.statements if statement.kind == kind]


def closes(card: str, **rest: Any) -> list[str]:
    return [statement.value for statement in said(evidence_of(card, **rest))]


@pytest.mark.parametrize(
    "path",
    [
        *("TERMS.md", "TERMS", "legal.txt", "CONDITIONS_OF_USE.md", "RESTRICTIONS.txt", "AUP.md", "RAIL.md"),
        *(
            "使用条款.md",
            "利用規約.md",
            "이용약관.md",
            "Nutzungsbedingungen.txt",
            "CONDITIONS_UTILISATION.txt",
            "условия.md",
        ),
    ],
)
def test_files_of_terms_are_known_by_their_names_in_many_languages(path: str) -> None:
    assert is_licence_like(path)
    assert licence_component(path) == "policy"
    assert path in texts_to_read(["README.md", path], None)


@pytest.mark.parametrize("path", ["vocab_legal.txt", "legal_bert_notes.txt", "toc.md", "terms.json", "conditions.py"])
def test_names_that_only_sound_like_terms_are_left_alone(path: str) -> None:
    assert not is_licence_like(path)


@pytest.mark.parametrize(
    "path",
    ["README_zh.md", "README-CN.md", "README.txt", "MODEL_CARD.md", "ModelCard.md", "docs/README.md", "COPYRIGHT"],
)
def test_further_pages_are_read_after_the_card_and_the_terms(path: str) -> None:
    assert is_page(path)
    assert texts_to_read([path, "LICENSE", "README.md"], None) == ("README.md", "LICENSE", path)


@pytest.mark.parametrize("path", ["checkpoint-500/README.md", "readme.py", "LICENSE", "src/deep/README.md"])
def test_pages_of_others_and_code_are_none(path: str) -> None:
    assert not is_page(path)


def test_pages_are_bounded() -> None:
    chosen = texts_to_read([*(f"README_{n}.md" for n in range(50)), *(f"LICENSE-{n}" for n in range(50))], None)
    assert len(chosen) == MAX_TEXTS + MAX_PAGES


def test_a_licence_beside_or_above_weights_counts_at_any_depth() -> None:
    paths = ["a/b/c/model.safetensors", "a/b/c/LICENSE", "a/b/LICENSE", "x/y/z/LICENSE", "third_party/a/LICENSE"]
    assert terms_listed(paths) == ("a/b/c/LICENSE", "a/b/LICENSE")


@pytest.mark.parametrize(
    "path",
    ["TERMS.md", "USE_POLICY.md", "NOTICE", "README_zh.md", "MODEL_CARD.md", "COPYRIGHT", "LEGAL", "DISCLAIMER.md"],
)
def test_a_sentence_closes_wherever_it_stands(path: str) -> None:
    evidence = evidence_of(CARD, texts={path: fetched(f"# Sparrow\n\n{CLOSING}")})
    (one,) = said(evidence)
    assert (one.value, one.where.path, one.where.lines) == ("non_commercial", path, (3, 3))


@needs_texts
@pytest.mark.parametrize("key", ["apache-2.0", "cc-by-nc-4.0", "llama2"])
def test_a_known_text_is_the_tables_to_judge_and_is_not_read_as_prose(key: str) -> None:
    (text, *_) = (sample.text for sample in known() if sample.key == key)
    assert said(evidence_of(CARD, texts={"LICENSE": fetched(text)})) == []


def test_the_licence_of_a_sub_project_speaks_of_its_code() -> None:
    (one,) = said(evidence_of(CARD, texts={"tool/LICENSE": fetched(CLOSING.replace("this model", "it"))}))
    assert one.subject == "code"


@pytest.mark.parametrize(
    "lines",
    [
        "extra_gated_heading: Non-commercial use only\n",
        "extra_gated_description: For non-commercial use only.\n",
        "extra_gated_button_content: I agree to non-commercial use only\n",
        "extra_gated_fields:\n  Name: text\n  I agree to use this model for non-commercial use ONLY: checkbox\n",
        "extra_gated_fields:\n  terms:\n    type: checkbox\n    label: For non-commercial purposes only\n",
        "usage_restrictions: Non-commercial use only.\n",
        "description: A chat model for non-commercial use only.\n",
        "terms:\n- Non-commercial use only.\n",
        "# This model is for non-commercial use only.\n",
    ],
)
def test_the_form_and_free_keys_are_read(lines: str) -> None:
    card = CARD.replace("---\n#", f"{lines}---\n#")
    made = snapshot_of(card)
    evidence = evidence_of(card)
    assert [one.value for one in said(evidence)] == ["non_commercial"]
    assert misquoted(evidence, made) == []
    recorded = {"license": "apache-2.0", "extra_gated_heading": "Non-commercial use only"}
    alone = evidence_of(None, card_data=recorded, listed=("README.md",), texts={"README.md": Unknown("gated")})
    assert [one.value for one in said(alone)] == ["non_commercial"]


@pytest.mark.parametrize(
    "lines",
    [
        "extra_gated_fields:\n  Company: text\n  Country: country\n",
        "tags:\n- text-generation\n- not-for-all-audiences\n",
        "widget:\n- text: You may not use this model for commercial purposes.\n",
        "model_creator: Sparrow Labs\n",
    ],
)
def test_plain_fields_tags_and_examples_say_nothing(lines: str) -> None:
    assert closes(CARD.replace("---\n#", f"{lines}---\n#")) == []


@pytest.mark.parametrize(
    ("rest", "name"),
    [
        ({"listed": ("TERMS.pdf",)}, "TERMS.pdf"),
        ({"listed": ("利用規約.docx",)}, "利用規約.docx"),
        ({"texts": {"TERMS.md": Unknown("binary file")}}, "TERMS.md"),
        ({"texts": {"TERMS.md": fetched("Be kind.", truncated=True)}}, "TERMS.md"),
    ],
)
def test_terms_that_were_not_read_hold_the_gate(rest: dict[str, Any], name: str) -> None:
    evidence = evidence_of(CARD, **{"listed": (), **rest})
    assert [one.value for one in said(evidence, "unread-terms")] == [name]
    card = judge(evidence, load_pack(), load_table())
    cells = {verdict.criterion: verdict.answer.outcome for verdict in card.verdicts if verdict.facet == "licence"}
    assert cells["OSD-6"] == "review"
    assert all(name in one.what for one in evidence.unseen)


def test_a_card_that_is_cut_at_a_limit_is_not_read_to_its_end() -> None:
    evidence = evidence_of(CARD + "A word. " * 80_000)
    assert [one.value for one in said(evidence, "unread-terms")] == ["README.md"]


def test_terms_in_a_script_that_no_table_knows_hold_the_gate() -> None:
    words = "ეს მოდელი არ იყიდება აქ"
    under_licence = evidence_of(f"{CARD}\n## License\n\n{words}\n")
    assert [one.value for one in said(under_licence, "unread-terms")] == ["words in the georgian script"]
    assert said(evidence_of(f"{CARD}\n## Example\n\n{words}\n"), "unread-terms") == []


def test_a_licence_link_that_leads_elsewhere_was_not_read() -> None:
    linked = CARD.replace("---\n#", "license_link: https://acme.example/words\n---\n#")
    assert [one.value for one in said(evidence_of(linked), "unread-terms")] == ["https://acme.example/words"]
    named = CARD.replace("---\n#", "license_link: https://www.apache.org/licenses/LICENSE-2.0\n---\n#")
    assert said(evidence_of(named), "unread-terms") == []


def test_the_description_of_a_gguf_file_is_read() -> None:
    made = dataclasses.replace(
        snapshot_of(CARD, listed=("a.gguf",)),
        gguf=Seen(GgufWords("a.gguf", {"general.description": "For non-commercial use only."})),
    )
    (one,) = said(read_snapshot(made, collected_at=WHEN))
    assert (one.value, one.where.path, one.where.pointer) == ("non_commercial", "a.gguf", "/general.description")


@pytest.mark.parametrize("path", ["LICENSES/CC-BY-NC-4.0.txt", "LICENSES/LicenseRef-Own.txt", "REUSE.toml"])
def test_a_reuse_tree_is_one_of_licences(path: str) -> None:
    assert path in texts_to_read(["README.md", "LICENSE", path], None)
    assert said(evidence_of(CARD, texts={path: fetched(f"# Terms\n\n{CLOSING}")}))


def test_code_in_a_folder_of_licences_is_no_licence() -> None:
    assert not is_licence_like("licenses/check.py")


@pytest.mark.parametrize(
    ("config", "read"),
    [(None, False), ({"model_type": "llama"}, True), ({"model_type": "bert"}, False)],
)
def test_settings_are_fetched_where_the_type_is_one_of_several_families(
    config: dict[str, Any] | None, *, read: bool
) -> None:
    assert ("config.json" in to_read(["README.md", "config.json"], None, config, shared_types())) is read
    assert "config.json" not in to_read(["README.md", "config.json"], {"base_model": "egg/egg-7b"}, config)


def test_recipes_of_any_name_and_a_pipelines_settings_are_read() -> None:
    paths = ["blend.yaml", "config.yaml", ".pre-commit.yaml", "a/deep.yaml", "mergekit_config.yml", "model_index.json"]
    assert settings_to_read(paths) == ("mergekit_config.yml", "blend.yaml", "model_index.json")


def test_one_head_is_read_of_each_model_that_names_tell_apart() -> None:
    paths = [
        "egg.Q4_K_M.gguf",
        "egg.Q8_0.gguf",
        "hen-00001-of-00002.gguf",
        "hen-00002-of-00002.gguf",
        "mmproj-egg.gguf",
    ]
    assert ggufs_to_read(paths) == ("egg.Q4_K_M.gguf", "hen-00001-of-00002.gguf")


def test_the_heads_of_further_gguf_files_count() -> None:
    head = GgufWords("hen.gguf", {"general.base_model.0.repo_url": "https://huggingface.co/maker/hen-7b"})
    snapshot = dataclasses.replace(snapshot_of(CARD), more_gguf=(Seen(head),))
    assert [base.name for base in read_snapshot(snapshot, collected_at=WHEN).bases] == ["maker/hen-7b"]


@pytest.mark.parametrize("key", ["license", "license_name"])
def test_a_licence_in_the_models_own_settings_counts_and_grants_nothing(key: str) -> None:
    for rest in (
        {"config": {key: "cc-by-nc-4.0"}},
        {"texts": {"config.json": fetched(f'{{"{key}": "cc-by-nc-4.0"}}')}},
    ):
        evidence = evidence_of(CARD, **rest)
        assert [claim.keys for claim in evidence.licence_claims if claim.source == "settings"] == [("cc-by-nc-4.0",)]


@pytest.mark.parametrize("name", ["/mnt/disk/m1", "./outputs/run-3"])
def test_an_adapter_of_a_folder_has_a_base_that_nobody_knows(name: str) -> None:
    held = {"adapter_config.json": fetched(f'{{"base_model_name_or_path": "{name}"}}')}
    (base,) = evidence_of(CARD, texts=held).bases
    assert (base.relation, base.confidence, type(base.evidence)) == ("adapter", "high", Unknown)
    named = CARD.replace("license:", "base_model: egg/egg-7b\nlicense:")
    assert [base.name for base in evidence_of(named, texts=held).bases] == ["egg/egg-7b"]


def test_a_licence_given_twice_counts_twice() -> None:
    evidence = evidence_of(CARD.replace("license:", "license: cc-by-nc-4.0\nlicense:"))
    (claim,) = [claim for claim in evidence.licence_claims if claim.source == "front matter"]
    assert set(claim.keys) == {"cc-by-nc-4.0", "apache-2.0"}
