"""What a path tells: texts to read, weights, shards, code, data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osaudit.contents import code_kind, is_config, is_quantised_name, is_tokenizer, shard_of, weight_format
from osaudit.evidence import Component
from osaudit.files import (
    MAX_TEXTS,
    card_path,
    data_files,
    is_licence_like,
    is_safe_path,
    licence_component,
    link_target,
    texts_to_read,
)


@pytest.mark.parametrize(
    "path",
    ["../LICENSE", "a/../b", "/etc/passwd", "C:/x", "a\\b", "", "a//b", "./a", "a\nb", "a\x00b", "x" * 600],
)
def test_unsafe_paths_are_refused(path: str) -> None:
    assert not is_safe_path(path)
    assert path not in texts_to_read([path, "README.md"], None)


@pytest.mark.parametrize(
    "path",
    [
        "LICENSE",
        "licence.md",
        "COPYING",
        "LICENSE.txt",
        "License.rst",
        "MODEL_LICENSE",
        "MODEL_LICENSE_AGREEMENT.txt",
        "LICENSE-CODE",
        "LICENSE-2.0",
        "LICENSE.Llama",
        "Llama.LICENSE",
        "sparrow_LICENSE",
        "Tongyi Qianwen LICENSE AGREEMENT",
        "USE_POLICY.md",
        "USAGE_POLICY",
        "UsePolicy.md",
        "acceptable-use-policy.txt",
        "NOTICE",
        "Notice.txt",
        "terms-of-use.md",
        "Sparrow_Terms_of_Use.txt",
        "EULA.txt",
        "模型许可协议.txt",
        "Community License for Sparrow.pdf",
    ],
)
def test_licence_like_names_are_known(path: str) -> None:
    assert is_licence_like(path)


@pytest.mark.parametrize(
    "path", ["license_checker.py", "useful_repos.pkl", "license.json", "model.safetensors", "notes.md", "silicense.txt"]
)
def test_other_names_are_not(path: str) -> None:
    assert not is_licence_like(path)


def test_texts_come_card_first_then_licences_then_policies_then_notices() -> None:
    paths = [
        "NOTICE",
        "USE_POLICY.md",
        "model.safetensors",
        "LICENSE",
        "README.md",
        "legal/LICENSE-DATA",
        "a/b/LICENSE",
    ]
    assert texts_to_read(paths, None) == ("README.md", "LICENSE", "USE_POLICY.md", "legal/LICENSE-DATA", "NOTICE")


def test_a_linked_licence_inside_the_repository_is_read() -> None:
    paths = ["README.md", "terms/sparrow.txt", "model.bin"]
    assert texts_to_read(paths, {"license_link": "./terms/sparrow.txt"}) == ("README.md", "terms/sparrow.txt")
    link = "https://huggingface.co/maker/sparrow/blob/main/terms/sparrow.txt"
    assert texts_to_read(paths, {"license_link": [link]}) == ("README.md", "terms/sparrow.txt")
    assert texts_to_read(paths, {"license_link": "model.bin"}) == ("README.md",)
    assert texts_to_read(paths, {"license_link": {"no": "text"}}) == ("README.md",)


def test_a_pdf_is_licence_like_and_not_read() -> None:
    assert texts_to_read(["License.pdf", "README.md"], None) == ("README.md",)


def test_no_flood_of_licences_is_read() -> None:
    assert len(texts_to_read([f"LICENSE-{number}" for number in range(500)], None)) == MAX_TEXTS


@given(st.lists(st.text(max_size=30), max_size=40))
def test_what_is_read_is_safe_listed_bounded_and_settled(paths: list[str]) -> None:
    chosen = texts_to_read(paths, None)
    assert len(chosen) <= MAX_TEXTS
    assert set(chosen) <= set(paths)
    assert all(is_safe_path(path) for path in chosen)
    assert chosen == texts_to_read(list(reversed(paths)), None)


def test_the_card_is_the_usual_spelling_where_it_is_there() -> None:
    assert card_path(["readme.md", "README.md"]) == "README.md"
    assert card_path(["ReadMe.md"]) == "ReadMe.md"
    assert card_path(["docs/README.md", "x"]) is None


@pytest.mark.parametrize(
    ("path", "component"),
    [
        ("LICENSE", "any"),
        ("LICENSE-CODE", "code"),
        ("LICENSE-MODEL", "weights"),
        ("MODEL_LICENSE.md", "weights"),
        ("LICENSE_DATA.txt", "data"),
        ("LICENSE-CODE-AND-MODEL", "any"),
        ("USE_POLICY.md", "policy"),
        ("NOTICE.md", "docs"),
        ("THIRD_PARTY_LICENSES", "docs"),
        ("transformer/LICENSE", "weights"),
        ("data/LICENSE", "data"),
        ("legal/LICENSE", "any"),
        ("OtherProject/LICENSE.txt", "code"),
        ("other-project/model_licenses/that_license.txt", "code"),
    ],
)
def test_the_name_tells_the_component(path: str, component: Component) -> None:
    assert licence_component(path) == component


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("model.safetensors", "safetensors"),
        ("unet/diffusion_pytorch_model.bin", "pytorch"),
        ("pytorch_model-00001-of-00002.bin", "pytorch"),
        ("consolidated.00.pth", "pytorch"),
        ("sparrow-Q4_K_M.gguf", "gguf"),
        ("ggml-model-q4_0.bin", "ggml"),
        ("onnx/model.onnx_data", "onnx"),
        ("tf_model.h5", "tensorflow"),
        ("saved_model.pb", "tensorflow"),
        ("variables/variables.data-00000-of-00001", "tensorflow"),
        ("flax_model.msgpack", "flax"),
        ("64-fp16.tflite", "tflite"),
        ("coreml/a.mlpackage/Data/weights/weight.bin", "coreml"),
        ("vae/openvino_model.bin", "openvino"),
        ("model.safetensors.part-aa", "safetensors"),
        ("weights.npz", "numpy"),
        ("model.pkl", "pickle"),
        ("training_args.bin", None),
        ("optimizer.pt", None),
        ("scheduler.pt", None),
        ("rng_state_0.pth", None),
        ("global_step1/bf16_zero_pp_rank_0_optim_states.pt", None),
        ("tokenizer.bin", None),
        ("model.safetensors.index.json", None),
        ("repos.pkl", None),
        ("LICENSE", None),
    ],
)
def test_weights_are_told_by_name(path: str, form: str | None) -> None:
    assert weight_format(path) == form


def test_shards_count_from_one() -> None:
    assert shard_of("model-00002-of-00005.safetensors") == (2, 5)
    assert shard_of("model-00001-of-000163.safetensors") == (1, 163)
    assert shard_of("variables.data-00000-of-00001") == (1, 1)
    assert shard_of("model.safetensors") is None
    assert shard_of("model-00009-of-00002.safetensors") is None


@pytest.mark.parametrize(
    "name", ["Sparrow-7B-GPTQ", "sparrow-awq", "a-Q5_K_M.gguf", "model_int8.onnx", "sparrow-8bit", "x-fp8"]
)
def test_quantised_names(name: str) -> None:
    assert is_quantised_name(name)


@pytest.mark.parametrize("name", ["sparrow-7b", "sparrow-f16.gguf", "model.safetensors", "bitter-model", "quantum-7b"])
def test_names_that_are_not_quantised(name: str) -> None:
    assert not is_quantised_name(name)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("train.py", "training"),
        ("scripts/pretrain_sparrow.sh", "training"),
        ("sample_finetune.py", "inference"),
        ("adapt_tokenizer.py", "other"),
        ("preprocessing_sparrow.py", "modelling"),
        ("preprocessing.py", "preprocessing"),
        ("configs/sft.yaml", "fine-tuning"),
        ("prepare_data.py", "preprocessing"),
        ("train_tokenizer.py", "preprocessing"),
        ("eval/run.py", "evaluation"),
        ("modeling_sparrow.py", "modelling"),
        ("configuration_sparrow.py", "modelling"),
        ("demo.ipynb", "inference"),
        ("utils.py", "other"),
        ("ds_config.json", "training"),
        ("config.json", None),
        ("trainer_state.json", None),
        ("README.md", None),
    ],
)
def test_code_is_told_by_name(path: str, kind: str | None) -> None:
    assert code_kind(path) == kind


def test_tokenizers_settings_and_data() -> None:
    assert is_tokenizer("spiece.model")
    assert is_tokenizer("sparrow.tiktoken")
    assert not is_tokenizer("model.json")
    assert is_config("vae/config.json")
    assert not is_config("tokenizer_config.json")
    paths = (
        "README.md",
        "data/train.parquet",
        "LICENSE.txt",
        "dataset_infos.json",
        "x.jsonl",
        "load.py",
        ".gitattributes",
    )
    assert data_files(paths) == ("data/train.parquet", "x.jsonl")


def test_a_link_is_reduced_to_its_path() -> None:
    assert link_target("https://huggingface.co/a/b/resolve/main/x/LICENSE?download=true") == "x/LICENSE"
    assert link_target("./LICENSE") == "LICENSE"
    assert link_target("https://example.org/LICENSE") == "https://example.org/LICENSE"


def test_every_recorded_listing_is_read(corpus: Path) -> None:
    listings = sorted(corpus.glob("models/*/*/siblings.json"))
    assert listings
    with_weights = 0
    for listing in listings:
        paths = [entry["rfilename"] for entry in json.loads(listing.read_text())]
        chosen = texts_to_read(paths, None)
        assert len(chosen) <= MAX_TEXTS
        assert not any(weight_format(path) or code_kind(path) for path in chosen)
        with_weights += any(weight_format(path) for path in paths)
    assert with_weights > len(listings) * 0.8
