"""Restrictions: found where a text states them, silent where it permits, advises or speaks of something else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from licence_samples import needs_texts, samples

from osaudit.licences.restrictions import MAX_HITS, restrictions_in
from osaudit.licences.sentences import sentences
from osaudit.licences.spdx import spdx_list
from osaudit.licences.table import load_table

STATED = [
    ("This model is for non-commercial use only.", "non_commercial"),
    ("You may not use the model for commercial purposes.", "non_commercial"),
    ("Commercial use is strictly prohibited.", "non_commercial"),
    ("The weights cannot be used commercially.", "non_commercial"),
    ("Please note: NOT for commercial use!", "non_commercial"),
    ("licensed under CC BY-NC-SA 4.0", "non_commercial"),
    ("**Non**-commercial\nuse only", "non_commercial"),
    ("禁止商业用途。", "non_commercial"),
    ("你不得将模型用于商业目的", "non_commercial"),
    ("Ce modèle est destiné à un usage non commercial.", "non_commercial"),
    ("Nur für nicht-kommerzielle Zwecke.", "non_commercial"),
    ("The model is released for research purposes only.", "field_of_use_restriction"),
    ("Only for academic research.", "field_of_use_restriction"),
    ("model weights are restricted to academic research", "field_of_use_restriction"),
    ("Use it for Good, not Evil.", "field_of_use_restriction"),
    ("It must not be used for military purposes.", "field_of_use_restriction"),
    ("本模型仅供学术研究使用。", "field_of_use_restriction"),
    ("For commercial use, please contact us.", "registration_required"),
    ("To apply for a commercial license, please fill in the application form.", "registration_required"),
    ("If you want to use it commercially you must obtain a separate license.", "registration_required"),
    ("Commercial use is allowed only with permission.", "registration_required"),
    ("如需商用，请填写申请表。", "registration_required"),
    ("You may not use the outputs to train other large language models.", "output_use_restriction"),
    ("Products with more than 700 million monthly active users need a licence.", "user_threshold"),
    ("Companies with annual revenue of more than $1 million need a licence.", "revenue_threshold"),
    ("This license does not apply in the European Union.", "geographic_exclusion"),
    ("Not available to EU residents.", "geographic_exclusion"),
    ("We grant you a revocable licence.", "revocable"),
    ("Use is governed by our Acceptable Use Policy.", "acceptable_use_policy"),
    ("You agree not to use the Model or Derivatives of the Model:", "acceptable_use_policy"),
    ("No derivatives allowed.", "no_derivatives"),
    ("You must not modify the model.", "no_derivatives"),
    ("It may not be offered as a hosted service.", "hosting_restriction"),
    ('You must display "Built with Heron" on the page.', "naming_or_attribution"),
]

SILENT = [
    "This model can be used commercially.",
    "Free for commercial use.",
    "Commercial use is permitted.",
    "Available for both research and commercial use.",
    "Unlike Heron, which is for non-commercial use, our model can be used commercially.",
    "A permissive licence: no restrictions on commercial use.",
    "For non-commercial and commercial use alike.",
    "This is not a commercial product.",
    "支持免费商用",
    "本模型可商用",
    "The model was trained on non-English data only.",
    "Users should not use the model for generating fake news.",
    "The model is not intended for medical use.",
    "We evaluated only on research benchmarks.",
    "We only fine-tuned the model on academic papers.",
    "Training used only internal data.",
    "Its outputs are not used to train the model.",
    "You may not use the name of the authors to endorse products.",
    "Contact us with questions.",
    "To use the model you need to install the library.",
    "The data set has posts of 700 million users.",
    "You must accept the conditions to access.",
    "It does not support the EU languages.",
    "The model is trained to refuse military questions.",
    "This licence is irrevocable.",
    "You may modify the model.",
    "Cost is not the limiting factor of surveillance projects.",
    "",
]


def flags(text: str) -> set[str]:
    return {hit.flag for hit in restrictions_in(text)}


@pytest.mark.parametrize(("text", "flag"), STATED)
def test_what_is_stated_is_found(text: str, flag: str) -> None:
    assert flag in flags(text)


@pytest.mark.parametrize("text", SILENT)
def test_what_permits_or_advises_is_no_restriction(text: str) -> None:
    assert flags(text) == set()


def test_every_flag_is_one_of_the_clause_table() -> None:
    assert {flag for _, flag in STATED} - {"no_derivatives"} <= set(load_table().licences[0].flags)


@needs_texts
def test_no_osi_approved_text_restricts() -> None:
    for sample in samples():
        row = spdx_list().by_id(sample.name.removeprefix("spdx/").removesuffix(".txt"))
        if sample.name.startswith("spdx/") and row and row.osi_approved:
            assert restrictions_in(sample.text) == (), sample.name


@needs_texts
def test_restrictive_texts_are_seen_to_restrict() -> None:
    """Of what the clause table says of a text, the plain flags are found without knowing the licence."""
    texts = {sample.name: sample.text for sample in samples()}
    for name, expected in {
        "ai/llama2.txt": {"user_threshold", "output_use_restriction", "acceptable_use_policy", "registration_required"},
        "ai/qwen-research.txt": {"non_commercial", "field_of_use_restriction", "registration_required"},
        "ai/hunyuan-dit.txt": {
            "geographic_exclusion",
            "user_threshold",
            "output_use_restriction",
            "acceptable_use_policy",
        },
        "ai/flux-nc-2.1.txt": {"non_commercial", "output_use_restriction", "revocable"},
        "ai/creativeml-openrail-m.txt": {"acceptable_use_policy"},
        "ai/stability-community.txt": {"revenue_threshold", "acceptable_use_policy"},
        "table/meta-llama3_2-AUP.txt": {"acceptable_use_policy", "geographic_exclusion"},
        "table/cc-by-nd-4.0.txt": {"no_derivatives"},
    }.items():
        assert flags(texts[name]) >= expected, name


def test_hits_say_where() -> None:
    text = "# Heron\r\n\r\nA bird.\r\n\r\n- License: see below\r\n- For research\r\n  purposes only\r\n"
    (hit,) = restrictions_in(text)
    assert hit.flag == "field_of_use_restriction"
    assert hit.lines == (6, 7)
    assert "For research" in hit.quote


def test_hits_are_bounded() -> None:
    assert len(restrictions_in("Non-commercial use only.\n\nNo derivatives allowed.\n\n" * 500)) <= MAX_HITS
    assert all(len(hit.quote) <= 400 for hit in restrictions_in("non-commercial only " * 5_000))


def test_sentences_keep_their_lines() -> None:
    found = list(sentences("One. Two\nis here, e.g. now!\n\n* three\n* four | five\n"))
    assert [(one.quote, one.lines) for one in found] == [
        ("One.", (1, 1)),
        ("Two\nis here, e.g. now!", (1, 2)),
        ("* three", (4, 4)),
        ("* four |", (5, 5)),
        ("five", (5, 5)),
    ]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    count = text.count("\n") + text.count("\r") + 1
    assert all(1 <= hit.lines[0] <= hit.lines[1] <= count for hit in restrictions_in(text))


@pytest.mark.parametrize(
    "unit",
    ["may not ", "non-commercial ", "(a) ", "not use commercial ", "revenue more than $ ", "。", "1. ", "only for "],
)
def test_hostile_text_takes_bounded_work(unit: str) -> None:
    assert len(restrictions_in(unit * 20_000)) <= MAX_HITS
