"""Statements: what a card says of licences, terms, data, code and bases, and what it does not say."""

from __future__ import annotations

from typing import Any

import pytest
from made_snapshots import evidence_of

from osaudit.evidence import Evidence, Seen


def read(text: str, **rest: Any) -> Evidence:
    return evidence_of(text, **rest)


def claims(text: str, **rest: Any) -> list[tuple[str, tuple[str, ...]]]:
    found = (claim for claim in read(text, **rest).licence_claims if claim.source in {"card statement", "badge"})
    return [(claim.component, claim.keys) for claim in found]


def said(text: str, kind: str, **rest: Any) -> list[tuple[str, str, str]]:
    card = read(text, **rest).card
    assert isinstance(card, Seen)
    return [(s.value, s.subject, s.confidence) for s in card.value.statements if s.kind == kind]


def values(text: str, kind: str, **rest: Any) -> list[str]:
    return [value for value, _, _ in said(text, kind, **rest)]


MIT = ("mit",)
APACHE = ("apache-2.0",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("License: Apache 2.0", [("any", APACHE)]),
        ("- **License:** [Apache 2.0](https://www.apache.org/licenses/LICENSE-2.0)", [("any", APACHE)]),
        ("| **License** | `MIT` |", [("any", MIT)]),
        ("## License: MIT", [("any", MIT)]),
        ("**License:**\nApache License 2.0", [("any", APACHE)]),
        ("**Code License:** MIT", [("code", MIT)]),
        ("License for delta weights: CC-BY-NC-4.0", [("weights", ("cc-by-nc-4.0",))]),
        ("## License\n\n[MIT](https://opensource.org/licenses/MIT)", [("any", MIT)]),
        ("## License\n\nSparrow is licensed under the Apache 2.0 license.", [("weights", APACHE)]),
        ("This model is released under the MIT License.", [("weights", MIT)]),
        ("We release our code under the MIT License.", [("code", MIT)]),
        ("The code in this repo is released under the Apache-2.0 License.", [("code", APACHE)]),
        ("This repository is licensed under the MIT License.", [("any", MIT)]),
        ("This code repository and the model weights are licensed under the MIT License.", [("any", MIT)]),
        ("Sparrow-7B is a model of ours. It is made available under the Apache 2.0 license.", [("any", APACHE)]),
        ("Released under the `apache-2.0` licence, it may be used by all.", [("any", APACHE)]),
        ("This model is based on Llama 2, and is governed by apache 2.0 license.", [("weights", APACHE)]),
        ("## 许可证\n\n本仓库的代码依照 Apache-2.0 协议开源。", [("code", APACHE)]),
        ("本项目采用 Apache License 2.0 许可证。", [("any", APACHE)]),
        ("[![License](https://img.shields.io/badge/License-MIT-blue.svg)](LICENSE)", [("any", MIT)]),
        ("![x](https://img.shields.io/badge/Code_License-Apache%202.0-green)", [("code", APACHE)]),
    ],
)
def test_licences_that_a_card_claims(text: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    assert claims(f"# Sparrow\n\n{text}\n") == expected


def test_code_and_weights_apart_in_one_sentence() -> None:
    found = claims("The code is licensed under Apache-2.0, the weights are licensed under CC-BY-NC-4.0.\n")
    assert found == [("code", APACHE), ("weights", ("cc-by-nc-4.0",))]


@pytest.mark.parametrize(
    "text",
    [
        "Llama 2 is licensed under the LLAMA 2 Community License.",
        "## License\n\nLlama 2 is licensed under the LLAMA 2 Community License.",
        "It builds on Falcon-7B, which is released under the Apache 2.0 license.",
        "## License\n\n- Sparrow-7B-Mini is derived from Qwen-2.5, which is originally licensed under Apache 2.0.",
        "The base model is released under the MIT license.",
        "The model is not released under the MIT license.",
        "Earlier versions were previously released under the MIT license.",
        "- **License:** [More Information Needed]",
        "| **License** | n/a |",
        "## Training data\n\nThe forest corpus is released under the CC-BY-4.0 license.",
        "This work is a derivative of the Twig corpus, used under CC BY-NC 4.0.",
        "Outputs of this model are released under the CC0 license.",
        "```\nLicense: MIT\n```",
        "<!-- License: MIT -->",
        "The data holds permissively licensed code only (MIT, Apache-2.0).",
    ],
)
def test_sentences_that_claim_nothing_for_this_model(text: str) -> None:
    assert claims(f"# Sparrow\n\n{text}\n") == []


def test_an_unknown_licence_keeps_its_name_and_no_key() -> None:
    (claim,) = read("# Sparrow\n\nUse of these weights must follow the Sparrow Nest Model License.\n").licence_claims
    assert (claim.component, claim.keys, claim.name) == ("weights", (), "Sparrow Nest Model License")


def test_an_altered_licence_is_not_the_original() -> None:
    assert claims("# S\n\nThis model is licensed under a modified MIT license.\n") == [("weights", ())]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("# Sparrow\n\n---\nlanguage:\n- en\nlicense: mit\ntags:\n- x\n---\n", MIT),
        ("---\nlicense: apache-2.0\ntags:\n- bird\n\n# Results\n", APACHE),
        ("language: en\nlicense: mit\n---\n\n# Sparrow\n", MIT),
    ],
)
def test_metadata_in_the_wrong_place_is_still_the_cards_word(text: str, keys: tuple[str, ...]) -> None:
    assert [found for _, found in claims(text)] == [keys]


@pytest.mark.parametrize(
    "text",
    [
        "The code is licensed under Apache-2.0, while using the model weights needs to comply with the Model License.",
        "本仓库的代码依照 Apache-2.0 协议开源，模型权重的使用则需要遵循 [Model License](MODEL_LICENSE)。",
        "The code is licensed under Apache-2.0; the model weights are governed by the Sparrow Community License.",
    ],
)
def test_weights_under_other_terms_than_the_code_in_one_sentence(text: str) -> None:
    found = claims(f"# Sparrow\n\n## License\n\n{text}\n")
    assert ("code", APACHE) in found
    assert ("weights", ()) in found
    assert all(part != "weights" or not keys for part, keys in found)


def test_a_generic_name_beside_nothing_or_linked_to_the_repositorys_own_file_names_no_other_licence() -> None:
    beside = "The code is under Apache-2.0; the model weights are subject to the [Model License](LICENSE)."
    for text in ("The model weights are subject to the Model License.", beside):
        assert ("weights", ()) not in claims(f"# Sparrow\n\n## License\n\n{text}\n")


def test_a_field_that_licenses_two_parts() -> None:
    text = "**License:** The code is released under MIT, the model weights are released under CC-BY-NC 4.0."
    assert claims(f"# Sparrow\n\n{text}\n") == [("code", MIT), ("weights", ("cc-by-nc-4.0",))]


def test_a_list_of_siblings_licences() -> None:
    text = "## License\n\n- maker/sparrow-7b: apache-2.0\n- maker/sparrow-7b-chat-v2: cc-by-nc-4.0, for its data\n"
    own = {"repo": "maker/sparrow-7b"}
    other = text.replace("sparrow-7b-chat-v2", "wren-70b")
    assert claims(other, **own) == [("any", APACHE)]
    assert said(other, "restriction", **own) == []


def test_metadata_in_code_claims_nothing() -> None:
    assert claims("# Sparrow\n\n```yaml\nlicense: mit\n```\n") == []


def test_the_licence_that_was_altered_is_not_this_models() -> None:
    assert claims("# Sparrow\n\nもとのライセンス Apache License 2.0 に商用利用禁止を追加しただけです。\n") == []


def test_a_family_gives_way_to_its_member() -> None:
    text = "## License\n\nThis model is released under Creative Commons (CC BY-NC 4.0).\n"
    assert claims(text) == [("weights", ("cc-by-nc-4.0",))]


def test_a_data_set_speaks_of_its_data() -> None:
    assert claims("## License\n\nMIT\n", kind="dataset") == [("data", MIT)]


@pytest.mark.parametrize(
    ("text", "flag", "confidence"),
    [
        ("This model must not be used for any commercial purpose.", "non_commercial", "high"),
        ("## License\n\nThis model should not be used for any commercial purpose.", "non_commercial", "high"),
        ("Do not use for commercial purposes.", "non_commercial", "high"),
        ("The weights are under a non-commercial license.", "non_commercial", "high"),
        ("本模型禁止商用。", "non_commercial", "high"),
        ("Ce modèle ne peut pas être utilisé à des fins commerciales.", "non_commercial", "high"),
        ("This repository and model are provided for research purposes only.", "field_of_use_restriction", "high"),
        ("本模型仅供学术研究使用。", "field_of_use_restriction", "high"),
        ("This release is for research purposes only in support of a paper.", "field_of_use_restriction", "low"),
        ("The model is intended for research purposes only.", "field_of_use_restriction", "low"),
        ("The model is meant solely for academic study.", "field_of_use_restriction", "low"),
        ("For commercial use of this model, please contact the authors.", "registration_required", "high"),
        ("## 协议\n\n模型权重对学术研究完全开放，也可申请免费的商业使用授权。", "registration_required", "high"),
        ("You are not allowed to sell this model.", "hosting_restriction", "high"),
    ],
)
def test_restrictions(text: str, flag: str, confidence: str) -> None:
    found = {value: sure for value, _, sure in said(f"# Sparrow\n\n{text}\n", "restriction")}
    assert found.get(flag) == confidence


@pytest.mark.parametrize(
    "text",
    [
        "The model is intended for research purposes.",
        "## Out-of-scope use\n\nThe model should not be used for commercial purposes.",
        "The model is intended for commercial and research use in English.",
        "It may be used for both commercial and non-commercial purposes.",
        "The weights are open for research and also allow free commercial usage.",
        "Commercial chatbots behave otherwise, and this model is not one of them.",
        "## Training data\n\nThe twig corpus must not be used for commercial purposes.",
        "LLaMA must not be used for commercial purposes.",
        "The model must not be used without its tokenizer.",
    ],
)
def test_advice_and_others_terms_restrict_nothing(text: str) -> None:
    assert said(f"# Sparrow\n\n{text}\n", "restriction") == []


def test_duties_beside_the_licence() -> None:
    text = "# Sparrow\n\nUsers of this model must give attribution to the makers.\n\nYou must install version 4.\n"
    (duty,) = said(text, "requirement")
    assert duty[0].startswith("must give attribution")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("This model was trained on [the twigs](https://huggingface.co/datasets/maker/twigs).", "published"),
        ("It was pre-trained on [Twigs](https://zenodo.org/record/1).", "linked"),
        ("It was trained on [Twigs](https://twigs.example/), a corpus.", "linked"),
        ("The training data was taken from `gs://maker/twigs.txt`.", "linked"),
        ("We use the part in English of [Twigs](https://zenodo.org/record/1) as training set.", "linked"),
        ("## Corpus\n\n| Corpus | Tokens |\n|---|---|\n| [Twigs of Oak](https://twigs.example/) | 12M |", "linked"),
        ("It was trained on tweets by Ada Example.", "named"),
        ("* dataset: opus", "named"),
        ("사용된 데이터: TWIGHUB의 문장", "named"),
        ("It was fine-tuned on Wikipedia and Common Crawl.", "named"),
        ("This model is a fine-tuned version of maker/egg on the imdb dataset.", "named"),
        ("It was trained in two steps on Kinetics-400.", "named"),
        ("Sparrow was trained on a large corpus of public web data.", "vague"),
        ("## Training data\n\n- Wikipedia dumps of 2020", "named"),
        ("## Training data\n\n| [Twigs](https://huggingface.co/datasets/maker/twigs) | 10% |", "published"),
        ("模型在大规模中文语料上进行了预训练。", "vague"),
        ("Le modèle a été entraîné sur Wikipedia.", "named"),
    ],
)
def test_training_data(text: str, value: str) -> None:
    assert value in values(f"# Sparrow\n\n{text}\n", "training-data")


@pytest.mark.parametrize(
    "text",
    [
        "It writes poems.",
        "This model is a fine-tuned version of maker/egg on an unknown dataset.",
        "## Training and evaluation data\n\nMore information needed",
        "You can fine-tune it on your own data.",
        "The model can be trained on Wikipedia.",
        "It was not trained on Wikipedia.",
        "Llama 2 was pretrained on Common Crawl.",
        "It is based on Llama 2, which was pretrained on Common Crawl.",
        "It was trained on 8 A100 GPUs.",
        "It was trained with AdamW and a batch size of 64.",
        "## Evaluation\n\nResults on SQuAD are below.",
        "It outperforms a baseline trained on Wikipedia.",
        "The tokenizer was trained on Wikipedia.",
    ],
)
def test_silence_is_no_statement(text: str) -> None:
    assert values(f"# Sparrow\n\n{text}\n", "training-data") == []


@pytest.mark.parametrize(
    "text",
    [
        "We do not release the training data.",
        "It was trained on a proprietary dataset of calls.",
        "The training data is not publicly available.",
        "我们的训练数据暂不公开。",
    ],
)
def test_withheld_data(text: str) -> None:
    assert values(f"# Sparrow\n\n{text}\n", "data-withheld") == ["training data"]


@pytest.mark.parametrize(
    ("text", "kind", "confidence"),
    [
        ("The training code is at https://github.com/maker/nest", "training-code", "high"),
        ("Pre-training scripts: [nest](https://github.com/maker/nest)", "training-code", "high"),
        ("We provide fine-tuning scripts in [our repo](https://github.com/maker/nest).", "fine-tuning-code", "high"),
        ("You can fine-tune it with [nest](https://github.com/maker/nest).", "fine-tuning-code", "low"),
        ("Evaluation code: https://github.com/maker/nest", "evaluation-code", "high"),
        ("To run the demo, see [this code](https://github.com/maker/nest).", "inference-code", "high"),
        ("[GitHub](https://github.com/maker/nest)", "code", "low"),
        ("It was trained with [Megatron](https://github.com/NVIDIA/Megatron-LM).", "framework", "high"),
        ("Use [transformers](https://github.com/huggingface/transformers).", "framework", "high"),
        ("It was trained with [moss](https://github.com/finch/moss).", "training-tool", "high"),
        ("It was trained with [sparrow](https://github.com/finch/sparrow).", "training-code", "high"),
        ("The training script is [here](https://www.kaggle.com/code/maker/train-it).", "training-code", "high"),
        ("[Nest](https://github.com/maker/nest) is a model trained on twigs.", "code", "low"),
        ("Find recipes for how to use it [here](https://github.com/maker/nest).", "inference-code", "high"),
        ("학습 코드: https://github.com/maker/nest", "training-code", "high"),
    ],
)
def test_links_to_code(text: str, kind: str, confidence: str) -> None:
    assert [sure for _, _, sure in said(f"# Sparrow\n\n{text}\n", kind)] == [confidence]


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/maker",
        "https://github.com/maker/nest/issues/3",
        "https://github.com/maker/nest/blob/main/LICENSE",
        "https://github.com/maker/nest/raw/main/logo.png",
        "https://example.org/maker/nest",
    ],
)
def test_links_that_are_no_code(url: str) -> None:
    card = read(f"# Sparrow\n\nSee [this]({url}).\n").card
    assert isinstance(card, Seen)
    assert card.value.statements == ()


def test_a_data_set_on_a_code_host_is_no_code() -> None:
    text = "# Sparrow\n\nIt was trained on [Twigs](https://github.com/maker/twigs-dataset).\n"
    assert values(text, "code") == []
    assert values(text, "training-code") == []
    assert values(text, "training-data") == ["linked"]


def test_what_trained_a_model_made_from_another_is_fine_tuning_code() -> None:
    link = "[script](https://github.com/maker/nest/blob/main/train.py)"
    text = f"# Sparrow\n\nThis is a fine-tuned version of maker/egg-1b. The training {link} is published.\n"
    assert values(text, "fine-tuning-code") == ["https://github.com/maker/nest/blob/main/train.py"]
    assert values(f"# Sparrow\n\nThe training {link} is published.\n", "fine-tuning-code") == []


def test_a_set_that_is_tested_on_is_neither_code_nor_training_data() -> None:
    text = "# Sparrow\n\nIt was trained on texts, and evaluated on [Moss](https://github.com/finch/moss-corpus).\n"
    assert values(text, "training-data") == ["vague"]
    assert [values(text, kind) for kind in ("code", "evaluation-code", "training-code")] == [[], [], []]


COMMAND = "```\npython run_qa.py \\\n  --do_train \\\n  --learning_rate 3e-5 \\\n  --epochs 2\n```\n"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"## Training\n\n{COMMAND}", "training-code"),
        (f"This model was fine-tuned on Twigs:\n\n{COMMAND}", "fine-tuning-code"),
        (f"You can fine-tune it:\n\n{COMMAND}", None),
        (f"## Usage\n\n{COMMAND}", None),
        ("## Training\n\n```\npython train.py --algo ppo\n```\n", None),
    ],
)
def test_a_command_with_its_settings_is_a_recipe(text: str, kind: str | None) -> None:
    found = [name for name in ("training-code", "fine-tuning-code") if values(f"# Sparrow\n\n{text}", name)]
    assert found == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Trained with the PyTorch library.", ["PyTorch"]),
        ("### Framework versions\n\n- Transformers 4.20.1\n", ["transformers"]),
        ("---\ntags:\n- keras\n- birds\nlibrary_name: timm\n---\n# S\n\nTrained with PyTorch.", ["timm", "keras"]),
        ("Bidirectional encoder representations from Transformers.", []),
        ("```\nimport torch\n```", []),
    ],
)
def test_general_libraries_that_are_named(text: str, names: list[str]) -> None:
    card = text if text.startswith("---") else f"# Sparrow\n\n{text}\n"
    assert said(card, "framework") == [(name, "code", "low") for name in names]


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("This model is a fine-tuned version of maker/egg-1b on the twigs_8_0 data set.", "fine-tuning"),
        ("This language model was pre-trained on Twigs 8.0.", "pre-training"),
        ("The Twigs 8.0 corpus was used for pre-training. Then it was fine-tuned on moss.", "pre-training"),
        ("It scores 0.9 on Twigs 8.0.", "unknown"),
        ("A model.", "unknown"),
    ],
)
def test_the_stage_at_which_a_listed_set_was_used(text: str, role: str) -> None:
    (use,) = read(f"---\ndatasets:\n- twigs_8_0\n---\n# Sparrow\n\n{text}\n").datasets
    assert use.role == role
    assert use.confidence == ("high" if role == "unknown" else "low")  # words alone never make data open


def test_loaders_and_files_are_no_data_sets() -> None:
    evidence = read(
        "---\ndatasets:\n- imagefolder\n- train.csv\n- '[Twigs](https://huggingface.co/datasets/a/b)'\n---\n# S\n"
    )
    assert [use.name for use in evidence.datasets] == ["a/b"]
    assert values("---\ndatasets:\n- imagefolder\n---\n# S\n", "training-data") == ["vague"]
    assert values("---\ndatasets:\n- none\n---\n# S\n", "training-data") == []


def test_papers_say_what_they_are_cited_for() -> None:
    text = (
        "# Sparrow\n\nSee [the paper](https://arxiv.org/abs/2001.00001).\n\n## Training data\n\nIts sources are in "
        "[the datasheet](https://example.org/datasheet.pdf).\n\n## Citation\n\n```\neprint={2002.00002}\n```\n"
    )
    assert said(text, "paper") == [
        ("https://arxiv.org/abs/2001.00001", "any", "high"),
        ("https://example.org/datasheet.pdf", "data", "high"),
        ("https://arxiv.org/abs/2002.00002", "any", "low"),
    ]


def test_remote_code_is_noticed() -> None:
    assert values("# S\n\n```python\nload('x', trust_remote_code=True)\n```\n", "remote-code") == ["trust_remote_code"]


@pytest.mark.parametrize(
    ("text", "name", "relation", "confidence"),
    [
        ("- **Finetuned from model:** maker/egg-1b", "maker/egg-1b", "finetune", "high"),
        ("Base model: [egg](https://huggingface.co/maker/egg)", "maker/egg", "finetune", "high"),
        (
            "This model is a fine-tuned version of [egg](https://huggingface.co/maker/egg).",
            "maker/egg",
            "finetune",
            "high",
        ),
        ("This model is based on Llama 2.", "Llama 2", "finetune", "low"),
        ("This is a 4-bit GPTQ quantised version of maker/egg-1b.", "maker/egg-1b", "quantized", "high"),
        ("This is a LoRA for [egg](https://huggingface.co/maker/egg).", "maker/egg", "adapter", "high"),
        ("This is a merge of [egg](https://huggingface.co/maker/egg) and others.", "maker/egg", "merge", "high"),
        ("It was obtained by fine-tuning maker/egg-1b on twigs.", "maker/egg-1b", "finetune", "high"),
        ("This is a bert-base-uncased model, fine-tuned for names.", "bert-base-uncased", "finetune", "low"),
        ("我们对maker/egg-1b进行LoRA微调。", "maker/egg-1b", "finetune", "high"),
        ("本模型基于Llama2-7B继续预训练。", "Llama2-7B", "finetune", "low"),
    ],
)
def test_bases(text: str, name: str, relation: str, confidence: str) -> None:
    found = [(base.name, base.relation, base.confidence) for base in read(f"# Sparrow\n\n{text}\n").bases]
    assert found == [(name, relation, confidence)]


@pytest.mark.parametrize(
    "text",
    [
        "It is based on the Transformer architecture.",
        "This model outperforms models based on Llama 2.",
        "We open-source dense models distilled from Sparrow-7B, based on Llama and Qwen.",
        "Sparrow-7B-Mini is derived from Llama 3.1.",
        "Llama 2 Chat is a fine-tuned version of Llama 2.",
        "You can use a fine-tuned version of maker/egg-1b.",
        "| Sparrow-7B-Mini | fine-tuned from maker/egg-1b |",
        "It was trained from scratch on twigs.",
        "## Evaluation\n\nIt is compared with a fine-tuned version of maker/egg-1b.",
        "- **Finetuned from model [optional]:** [More Information Needed]",
    ],
)
def test_mentions_that_name_no_base(text: str) -> None:
    assert read(f"# Sparrow\n\n{text}\n").bases == ()


def test_a_sibling_is_not_this_model_and_this_model_is() -> None:
    text = "- Sparrow-7B-Mini is derived from Qwen2.5.\n- Sparrow-7B is derived from Llama3.1-8B.\n"
    assert [base.name for base in read(text).bases] == ["Llama3.1-8B"]
