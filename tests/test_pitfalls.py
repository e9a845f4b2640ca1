"""Where a naive tool is legally wrong: the 28 items at the end of the rubric, each by its number.

Each is asked of built evidence through judge(), and of a card or a text where reading is what is at stake.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import made_snapshots
import pytest
from evidence_builder import evidence_of
from test_judge import OPEN, answer, judged, outcome

from osaudit.checks.terms import resolve
from osaudit.codec import digest
from osaudit.evidence import Seen, Where
from osaudit.files import licence_component
from osaudit.judge import judge
from osaudit.licences.families import family_of
from osaudit.licences.identify import identify
from osaudit.licences.names import keys_of_tag
from osaudit.licences.restrictions import restrictions_in
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.reading import read_snapshot
from osaudit.render.json import render_json
from osaudit.verdict import Scorecard

WEIGHTS = ("model.safetensors", "config.json", "tokenizer.json", ".gitattributes")


def read(card: str, **rest: Any) -> Scorecard:
    """The scorecard of a card's own words."""
    made = made_snapshots.snapshot_of(card, **{"listed": WEIGHTS, "config": {"model_type": "tiny"}, **rest})
    api = (Where(made.ref.repo, made_snapshots.COMMIT, "api"),)
    assert isinstance(made.files, Seen)
    assert isinstance(made.gated, Seen)
    placed = replace(made, files=replace(made.files, where=api), gated=replace(made.gated, where=api))
    return judge(read_snapshot(placed, collected_at=made_snapshots.WHEN), load_pack(), load_table())


def lowered(card: Scorecard, *cells: str) -> None:
    """None of the cells passes, and the weights are not open."""
    assert [cell for cell in cells if outcome(card, cell) not in {"review", "fail"}] == []
    assert card.label.id == "weights-available"


def test_01_front_matter_is_a_claim() -> None:
    wins = judged(texts=[{"key": "cc-by-nc-4.0"}], tag="mit", library="transformers")
    assert outcome(wins, "L6") == "fail"
    assert [finding.kind for finding in wins.conflicts] == ["tag-text"]
    lowered(judged(texts=[{"key": "apache-2.0"}], tag="cc-by-nc-4.0"), "L1", "L6")
    adds = [{"kind": "restriction", "value": "acceptable_use_policy", "quote": "Users accept our use policy."}]
    lowered(judged(**OPEN, statements=adds), "L6", "W6")


def test_01_a_card_that_adds_terms() -> None:
    free = "---\nlicense: apache-2.0\n---\n# Tiny\n\n## License\n"
    assert read(free + "Apache 2.0.\n").label.id == "open-weights"
    lowered(read(free + "This model may not be used for commercial purposes.\n"), "L6", "W6")


WORDS = [
    "License: CC-BY-NC-4.0",
    "[![License](https://img.shields.io/badge/license-CC--BY--NC--4.0-red)](LICENSE)",
    "| License | non-commercial research only |\n|---|---|",
    "## License: research only",
    "<p>This model is <b>not</b> for commercial use.</p>",
    "## 许可\n本模型仅供学术研究使用，禁止商业用途。",
    "## License\nThe rights granted do not extend to persons domiciled in the European Union.",
    "For commercial use please contact sales@acme.example to obtain a licence.",
    "Use of this model is governed by the Llama 2 Community License.",
    "Companies with more than 1 million monthly active users must request a licence for this model.",
    "Built with Llama.",
    "## Built with Meta Llama 3",
    "[![Built with Llama](https://acme.example/badge.svg)](https://llama.example)",
    "This model is proudly built with Llama 3.1 8B.",
    "Powered by Stability AI",
    "Llama 3.2 is licensed under the Llama 3.2 Community License, Copyright © Meta Platforms, Inc.",
    "Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms",
]
WORDS_OF_OTHERS = [
    "Built with Llama-Factory.",
    "Built with LlamaIndex and llama.cpp.",
    "[![Built with Axolotl](https://acme.example/badge.svg)](https://axolotl.example)",
    "A list of apps built with Llama.",
    "Unlike models built with Llama, Tiny has no strings attached.",
    "Built with Qwen",
    "Tiny is faster than Llama 3.1 and Gemma 2.",
    "Llama 2 is licensed under the Llama 2 Community License, which is why we trained our own model.",
    "| Llama 3.1 is licensed under the Llama 3.1 Community License | 8B |\n|---|---|",
    "Powered by XAI methods for saliency.",
]


@pytest.mark.parametrize("words", WORDS)
def test_01_words_of_a_card_that_close_what_its_tag_leaves_open(words: str) -> None:
    assert read(f"---\nlicense: apache-2.0\n---\n# Tiny\n\n{words}\n").label.id == "weights-available"


@pytest.mark.parametrize(
    "words",
    [
        "This model is released under the Gemma Terms of Use.",
        "## License\nYou may not create derivative works of the model.",
    ],
)
def test_01_words_of_a_card_that_name_terms_and_no_licence(words: str) -> None:
    assert read(f"---\nlicense: apache-2.0\n---\n# Tiny\n\n{words}\n").label.id == "weights-available"


@pytest.mark.parametrize("words", WORDS_OF_OTHERS)
def test_01_words_of_a_card_that_are_no_terms_of_its_own(words: str) -> None:
    card = read(f"---\nlicense: apache-2.0\n---\n# Tiny\n\n{words}\n")
    assert card.label.id == "open-weights"
    assert card.lineage.edges == ()


NOTICES = [
    "Llama 3.1 is licensed under the Llama 3.1 Community License.\n",
    "Tiny\n\nLlama 3.1 is\nlicensed under the Llama 3.1\nCommunity License, Copyright (c) Meta Platforms, Inc.\n",
    "Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms\n",
    "Copyright 2026 Acme\nBuilt with Llama\n",
    "The model weights are released under the CC BY-NC 4.0 license.\n",
    "MiniMax-M1 is licensed under the MiniMax Model License.\n",
    "The model weights are subject to the CC BY-NC 4.0 license.\n",
    "Use of the model is governed by the Gemma Terms of Use.\n",
]
NOTICES_OF_OTHERS = [
    "This product includes software developed by Acme.\n",
    "Llama 3.1 support was added by Acme.\n",
    "Third-party software\n\nLlama 2 is licensed under the Llama 2 Community License.\n",
    "Portions of the training code come from a library; Llama 2 is licensed under the Llama 2 Community License.\n",
    "The llama library is licensed under the Llama 2 Community License.\n",
    "llama.cpp is licensed under the MIT License.\n",
    "Transformers is licensed under the Apache License 2.0.\n",
]


@pytest.mark.parametrize("words", NOTICES)
def test_07_a_notice_that_names_the_licence_of_a_base(words: str) -> None:
    card = read("---\nlicense: apache-2.0\n---\n# Tiny\n", texts={"NOTICE": made_snapshots.fetched(words)})
    lowered(card, "L6")
    places = [place for verdict in card.verdicts for place in verdict.answer.where]
    assert any(place.path == "NOTICE" and place.quote for place in places)


@pytest.mark.parametrize("words", NOTICES_OF_OTHERS)
def test_07_a_notice_that_lists_the_code_of_others(words: str) -> None:
    card = read("---\nlicense: apache-2.0\n---\n# Tiny\n", texts={"NOTICE": made_snapshots.fetched(words)})
    assert card.label.id == "open-weights"


def test_07_a_mark_adds_nothing_to_a_base_that_is_known_and_nothing_to_its_maker() -> None:
    tuned = "---\nlicense: llama3.1\nbase_model: meta-llama/Llama-3.1-8B\n---\n# Tiny\n\nBuilt with Llama.\n"
    assert [edge.parent for edge in read(tuned).lineage.edges] == ["meta-llama/Llama-3.1-8B"]
    maker = read("---\nlicense: llama3.1\n---\n# Llama 3.1\n\nBuilt with Llama.\n", repo="meta-llama/Llama-3.1-8B")
    assert maker.lineage.edges == ()


def test_02_an_exclusion_in_the_policy_beside_the_licence() -> None:
    policy = {"path": "USE_POLICY.md", "component": "policy", "restrictions": ["geographic_exclusion"]}
    card = judged(texts=[{"key": "llama3.1"}, policy])
    assert outcome(card, "W5") == "review"
    assert answer(card, "W5").where[0].path == "USE_POLICY.md"
    by_name = judged(tag="llama3.2", pipeline="image-text-to-text")
    assert outcome(by_name, "W5") == "fail"
    assert outcome(judged(tag="llama3.2", config={"architectures": ["LlamaForCausalLM"]}), "W5") == "pass"
    assert outcome(judged(tag="llama3.2"), "W5") == "review"
    assert "terms-may-change" in [finding.kind for finding in by_name.risks]


def test_02_a_policy_known_by_its_address_alone() -> None:
    words = "---\nlicense: apache-2.0\n---\n# Tiny\n\n## License\nUse is subject to our [terms](https://acme.example/terms).\n"
    card = read(words)
    lowered(card, "L6")
    assert "https://acme.example/terms" in [item.what for item in card.unseen]


def test_03_a_licence_that_stands_in_the_gate() -> None:
    claim = {"source": "gate prompt", "name": "mrl-0.1"}
    card = judged(**OPEN, claims=[claim], gate={"mode": "auto", "prompt": "Accept the research licence."})
    assert [outcome(card, cell) for cell in ("L1", "L6")] == ["fail", "fail"]
    prompt = "extra_gated_prompt: By clicking you accept the Mistral AI Research License.\n"
    lowered(read(f"---\nlicense: apache-2.0\n{prompt}---\n# Tiny\n", gated="auto"), "L1", "L6")
    prompt = "extra_gated_prompt: You agree to use the model for non-commercial purposes only.\n"
    lowered(read(f"---\nlicense: apache-2.0\n{prompt}---\n# Tiny\n", gated="auto"), "L6", "W6")


def test_04_a_licence_of_the_code_alone() -> None:
    texts = [{"path": "LICENSE-CODE", "component": "code", "key": "mit"}]
    assert licence_component("LICENSE-CODE") == "code"
    assert licence_component("MODEL_LICENSE.md") == "weights"
    assert judged(texts=texts, library="transformers").label.id == "weights-available"
    both = judged(texts=[*texts, {"path": "LICENSE-MODEL", "component": "weights", "key": "deepseek"}], tag="mit")
    assert (outcome(both, "L6"), both.label.id) == ("fail", "weights-available")
    unread = judged(texts=[{"key": "apache-2.0"}], unseen=[{"what": "MODEL-LICENSE.pdf", "why": "not a text file"}])
    lowered(unread, "L1", "L3", "L5", "L6", "L7")


def test_04_words_that_part_code_and_weights() -> None:
    words = "The code is under the Apache 2.0 license. The weights are released under the Llama 2 Community License."
    card = read(f"---\nlicense: apache-2.0\n---\n# Tiny\n\n## License\n{words}\n")
    assert outcome(card, "L6") == "fail"


@pytest.mark.parametrize("tag", ["modified-mit", "tencent-hunyuan-community", "exaone"])
def test_05_a_name_of_several_texts_decides_nothing(tag: str) -> None:
    assert keys_of_tag(tag) == ()
    lowered(judged(**{**OPEN, "tag": tag}), "L1", "L3", "L5", "L6", "L7")


def test_05_what_is_left_over_after_a_near_match() -> None:
    lowered(judged(texts=[{"key": "mit", "match": "variant", "residue": 60}], tag="mit"), "L1", "L3", "L5", "L6", "L7")
    lowered(judged(texts=[{"key": "mit", "residue": 1}], library="transformers"), "L6")


def test_05_modified_texts_are_never_the_original(licence_texts: Path) -> None:
    kimi = identify((licence_texts / "ai/kimi-k2-modmit.txt").read_text("utf-8"))
    assert not [match for match in kimi.matches if match.key == "mit" and match.match == "exact"]
    plain = (licence_texts / "spdx/MIT.txt").read_text("utf-8")
    added = identify(f"{plain}\n\nWhoever earns more than USD 20 million a month shall obtain a separate licence.\n")
    assert [match.match for match in added.matches] != ["exact"]
    assert added.residue_words


def test_06_boost_and_families() -> None:
    assert judged(**{**OPEN, "tag": "bsl-1.0"}).label.id == "open-weights"
    for family in ("openrail", "cc", "gpl", "lgpl", "bsd", "gfdl"):
        card = judged(**{**OPEN, "tag": family})
        lowered(card, "L1", "L3", "L5", "L6", "L7")
        assert [finding.kind for finding in card.conflicts] == ["tag-family"]


@pytest.mark.parametrize("upstream", ["llama3.1", "gemma", "creativeml-openrail-m", "cc-by-nc-4.0"])
@pytest.mark.parametrize("relation", ["finetune", "merge", "adapter", "quantized"])
def test_07_a_permissive_tag_clears_nothing_upstream(upstream: str, relation: str) -> None:
    base = {"name": "else/base-lm", "relation": relation, "is": {"tag": upstream}}
    card = judged(**OPEN, bases=[base])
    assert outcome(card, "L6") == "fail"
    assert card.label.at_best == "weights-available"
    assert [finding.kind for finding in card.conflicts] == ["lineage-drops-terms"]
    through = {"name": "third/tuned-lm", "is": {"tag": "mit", "bases": [base]}}
    assert outcome(judged(**OPEN, bases=[through]), "L6") == "fail"


@pytest.mark.parametrize("name", ["meta-llama/Llama-2-7b-hf", "google/gemma-2b", "bigscience/bloom"])
def test_07_a_base_that_could_not_be_seen_is_known_by_its_family(name: str) -> None:
    lowered(judged(**OPEN, bases=[{"name": name, "unseen": "gated"}]), "L6", "W3")
    lowered(judged(**OPEN, bases=[{"name": name.partition("/")[2], "confidence": "low", "unseen": "gone"}]), "L6")


def test_07_a_card_that_names_its_base_in_words() -> None:
    words = "---\nlicense: apache-2.0\n---\n# Sparrow\n\nThis model is fine-tuned from Llama-2-13b-chat on chats.\n"
    lowered(read(words), "L5", "L6")


def test_08_one_family_several_licences() -> None:
    assert judged(**OPEN, repo="Qwen/Qwen2.5-7B-Instruct").label.id == "open-weights"
    small = judged(**{**OPEN, "tag": "qwen-research"}, repo="Qwen/Qwen2.5-3B-Instruct")
    assert [outcome(small, cell) for cell in ("L1", "L6")] == ["fail", "fail"]
    large = judged(**{**OPEN, "tag": "qwen"}, repo="Qwen/Qwen2.5-72B")
    assert outcome(large, "L5") == "fail"
    for free in (
        "Qwen/Qwen2.5-7B",
        "mistralai/Mistral-7B-v0.1",
        "google/gemma-4-31B-it",
        "black-forest-labs/FLUX.1-schnell",
    ):
        assert family_of(free) is None, free
    assert family_of("black-forest-labs/FLUX.1-dev") is not None
    assert family_of("stabilityai/sdxl-turbo") != family_of("stabilityai/stable-diffusion-xl-base-1.0")


def test_08_a_name_lowers_and_never_raises() -> None:
    for name in ("Qwen/Qwen2.5-7B", "Qwen/Qwen2.5-3B", "mistralai/Mistral-7B-v0.1"):
        assert judged(library="transformers", bases=[{"name": name, "unseen": "gone"}]).label.id == "unlicensed"
        assert judged(repo=name, library="transformers").label.id == "unlicensed"


@pytest.mark.parametrize("tag", ["cc0-1.0", "wtfpl", "openmdw-1.0", "bsd-3-clause-clear", "cc-by-4.0"])
def test_09_conformant_and_not_approved(tag: str) -> None:
    card = judged(**{**OPEN, "tag": tag})
    assert [outcome(card, f"L{n}") for n in (1, 3, 5, 6, 7)] == ["pass"] * 5
    assert card.label.id == "weights-available"
    assert any("not on OSI's list of approved licences" in block for block in card.label.blocks)


def test_10_an_spdx_id_is_no_approval() -> None:
    for listed in ("JSON", "BUSL-1.1", "Elastic-2.0", "SSPL-1.0", "CC-BY-NC-3.0"):
        lowered(judged(**{**OPEN, "tag": listed}), "L6")
    for licence in load_table().licences:
        if not licence.osi.approved:
            assert judged(**{**OPEN, "tag": licence.key}).label.id in {"weights-available", "unlicensed"}, licence.key


def test_11_open_weights_are_not_open_source_ai() -> None:
    card = judged(**OPEN)
    assert (card.label.id, card.label.at_best) == ("open-weights", "open-weights")
    assert [outcome(card, cell) for cell in ("D2", "T2")] == ["fail", "fail"]


def test_12_data_may_be_described_and_silence_fails() -> None:
    assert outcome(judged(**OPEN), "D2") == "fail"
    named = [{"kind": "training-data", "value": "named", "quote": "the Tiny Corpus"}]
    described = judged(**OPEN, statements=named)
    assert outcome(described, "D2") == "partial"
    assert described.label.at_best == "open-weights", "the G7 label asks for more"


def test_13_evaluation_is_not_training() -> None:
    exam = [{"name": "acme/exam", "role": "evaluation", "is": {"tag": "mit"}}]
    card = judged(**OPEN, datasets=exam, files=["model.safetensors", "config.json", "tokenizer.json", "evaluate.py"])
    assert [outcome(card, cell) for cell in ("D1", "D2", "T1", "T2")] == [
        "not_applicable",
        "fail",
        "not_applicable",
        "fail",
    ]
    tuned = [{"name": "acme/chat", "role": "fine-tuning", "is": {"tag": "mit"}}]
    assert outcome(judged(**OPEN, datasets=tuned), "D2") == "partial"


@pytest.mark.parametrize("tag", ["odc-by", "odbl", "cc-by-4.0", "cc0-1.0"])
def test_14_a_licence_on_a_crawl_covers_the_collection(tag: str) -> None:
    crawl = judged(**OPEN, datasets=[{"name": "acme/refinedweb-small", "is": {"tag": tag}}])
    assert [outcome(crawl, cell) for cell in ("D1", "D6")] == ["review", "review"]
    other = judged(**OPEN, datasets=[{"name": "acme/phrases", "is": {"tag": tag}}])
    assert [outcome(other, cell) for cell in ("D1", "D6")] == ["pass", "pass"]


def test_15_nothing_is_said_on_whether_terms_can_be_enforced() -> None:
    for licence in load_table().licences:
        words = render_json([judged(**{**OPEN, "tag": licence.key})]).lower()
        assert not re.search(
            r"licen[cs]e (?:is|are) (?:not )?(?:legally )?(?:un)?(?:enforceable|valid|void|binding)", words
        )


def test_16_out_of_scope_use_is_advice() -> None:
    advice = "## Out-of-Scope Use\nThe model should not be used to create hostile environments or for medical advice.\n"
    card = read(f"---\nlicense: apache-2.0\n---\n# Tiny\n\n{advice}")
    assert [outcome(card, cell) for cell in ("L6", "W6")] == ["pass", "pass"]
    assert card.label.id == "open-weights"


def test_17_export_and_law_clauses_do_not_fail() -> None:
    law = "You agree to comply with all applicable laws and export regulations when you use the model."
    assert restrictions_in(law) == ()
    policy = {"path": "USAGE_POLICY", "component": "policy", "text": law}
    card = judged(**OPEN, texts=[{"key": "apache-2.0"}, policy])
    assert (outcome(card, "L6"), card.label.id) == ("pass", "open-weights")


def test_18_gates() -> None:
    asks = judged(**OPEN, gate={"mode": "auto", "fields": ["Name", "Country"]})
    assert [outcome(asks, cell) for cell in ("W1", "W5", "W7", "L5")] == ["partial", "partial", "partial", "pass"]
    assert asks.label.id == "open-weights"
    refuses = judged(**OPEN, gate={"mode": "auto", "eu_disallowed": True})
    assert (outcome(refuses, "W5"), refuses.label.at_best) == ("fail", "weights-available")
    assert outcome(judged(**OPEN, gate="manual"), "W5") == "review"


def test_19_the_eu_exemption_is_another_question() -> None:
    rail = load_table().get("creativeml-openrail-m")
    assert rail is not None
    assert (rail.eu.v, rail.verdict(6).v) == ("review", "fail")
    assert outcome(judged(**{**OPEN, "tag": "creativeml-openrail-m"}), "L6") == "fail"


def test_20_thresholds_differ() -> None:
    tests = {"llama2": "release date", "qwen": "commercial use", "baichuan2-community": "DAU"}
    for key, words in tests.items():
        licence = load_table().get(key)
        assert licence is not None
        assert words in str(licence.flags["user_threshold"])
        # no text of Baichuan's is at hand: what is known by report alone is for a person
        assert outcome(judged(tag=key), "L5") == ("review" if licence.verified == "secondary" else "fail")
    stability = load_table().get("stabilityai-community")
    assert stability is not None
    assert "revenue" in str(stability.flags["revenue_threshold"])


def test_21_a_threshold_that_depends_on_the_packaging() -> None:
    assert outcome(judged(texts=[{"key": "llama2"}]), "L8") == "partial"
    assert "s1.b.ii" in answer(judged(texts=[{"key": "llama2"}]), "L8").because


def test_22_a_revocable_grant_is_a_risk_and_no_fail() -> None:
    for key in ("stabilityai-community", "flux-1-dev-nc", "exaone-1.1-nc", "apple-amlr", "chatglm2-6b"):
        assert "revocable" in [finding.kind for finding in judged(tag=key).risks], key
    for key in ("apache-2.0", "creativeml-openrail-m"):
        assert "revocable" not in [finding.kind for finding in judged(tag=key).risks], key


@pytest.mark.parametrize("key", ["falcon-180b", "gemma", "llama3.1", "nvidia-open-model"])
def test_23_terms_that_may_change_are_told_and_the_text_is_pinned(key: str) -> None:
    card = judged(texts=[{"key": key}])
    risk = next(finding for finding in card.risks if finding.kind == "terms-may-change")
    assert "holds for the text seen" in risk.because
    assert all(place.sha256 and place.commit for place in risk.where)


def test_24_copyleft_on_weights() -> None:
    for key in ("gpl-3.0", "agpl-3.0", "lgpl-3.0"):
        card = judged(**{**OPEN, "tag": key})
        assert outcome(card, "L2") == "review"
        assert "corresponding source" in answer(card, "L2").because


def test_25_no_licence_is_no_permission() -> None:
    silent = judged(library="transformers")
    assert [outcome(silent, cell) for cell in ("L1", "L3", "L7")] == ["fail"] * 3
    assert silent.label.id == "unlicensed"
    assert "all rights reserved" in next(f.because for f in silent.risks if f.kind == "no-licence")
    for tag in ("other", "unknown"):
        card = judged(**{**OPEN, "tag": tag})
        lowered(card, "L1", "L3", "L5", "L6", "L7")


def test_26_old_commits_keep_old_terms() -> None:
    old, new = evidence_of({**OPEN, "tag": "tii-falcon-llm-1.0"}), evidence_of(OPEN)
    assert judge(old, load_pack(), load_table()).label.id == "weights-available"
    assert judge(new, load_pack(), load_table()).label.id == "open-weights"
    assert digest(old) != digest(new)
    assert resolve(old, "weights", load_table()).name != resolve(new, "weights", load_table()).name


def test_27_naming_and_attribution_are_obligations_even_where_all_passes() -> None:
    kinds = [finding.kind for finding in judged(**OPEN).obligations]
    assert kinds == ["include-licence", "state-changes", "keep-notices"]
    naming = {"llama3.1": "Built with Llama", "stabilityai-community": "Powered by Stability AI"}
    for key, words in naming.items():
        found = judged(**OPEN, bases=[{"name": "else/base-lm", "is": {"tag": key}}]).obligations
        assert any(finding.kind == "display-wording" and words in finding.because for finding in found), key


def test_28_no_advice_and_no_compliance_without_a_definition() -> None:
    for case in (OPEN, {"tag": "llama2"}, {}):
        card = judged(**case)
        words = render_json([card])
        assert not re.search(
            r"(?i)\bOSI[- ]?(?:compliant|certified)|\bis (?:legal|compliant|certified)\b|legal advice", words
        )
        (pack,) = card.packs
        assert "1.9" in pack.definition
        assert pack.version
        assert all(verdict.answer.basis for verdict in card.verdicts)
        assert card.commit
        assert card.collected_at
