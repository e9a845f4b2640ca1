"""What a bill of materials says of a model: licences, parts, identifiers, and what is missing of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from made_boms import COMMIT, LLAMA, LLAMA_TERMS, MADE, OPEN_BASE, UNSEEN_LLAMA, content_of, evidence_of, rich
from samples import HOSTILE_TEXTS

from osaudit.bom import identifiers
from osaudit.bom.check import AI_PROFILE, NTIA, fields_of, missing_in
from osaudit.bom.notes import STATED
from osaudit.errors import UsageError
from osaudit.evidence import Seen

APACHE_TEXT = {"key": "apache-2.0", "path": "LICENSE"}
LLAMA_TEXT = {"key": "llama2", "path": "LICENSE"}
LLAMA2 = "LicenseRef-osaudit-llama2"


def licences(**case: Any) -> tuple[str, str]:
    licensing = content_of({"repo": "acme/tuned", **case}).model.licensing
    return licensing.declared, licensing.concluded


@pytest.mark.parametrize(
    ("case", "declared", "concluded"),
    [
        ({"tag": "mit"}, "MIT", "MIT"),
        ({"tag": "apache-2.0", "texts": [APACHE_TEXT]}, "Apache-2.0", "Apache-2.0"),
        ({"texts": [APACHE_TEXT]}, "Apache-2.0", "Apache-2.0"),
        ({"tag": "llama2", "texts": [LLAMA_TEXT]}, LLAMA2, LLAMA2),
        ({"tag": "apache-2.0", "texts": [LLAMA_TEXT]}, "Apache-2.0", LLAMA2),  # a text that closes is certain
        ({"tag": "mit", "texts": [{"key": "mit", "match": "variant"}]}, "MIT", "NOASSERTION"),
        ({}, "NONE", "NONE"),
        ({"tag": "other"}, "NOASSERTION", "NOASSERTION"),
        ({"tag": "other", "license_name": "llama2"}, LLAMA2, LLAMA2),
        ({"tag": "cc"}, "LicenseRef-osaudit-cc", "NOASSERTION"),
        ({"tag": "openrail++"}, "LicenseRef-osaudit-openrail-plus-plus", "LicenseRef-osaudit-openrail-plus-plus"),
        (
            {"claims": [{"source": "front matter", "name": "MIT OR Apache-2.0"}]},
            "MIT OR Apache-2.0",
            "MIT OR Apache-2.0",
        ),
        ({"tag": "(MIT AND CC-BY-4.0) OR ISC"}, "MIT AND CC-BY-4.0 OR ISC", "MIT AND CC-BY-4.0 OR ISC"),
        ({"tag": "MIT AND CC-BY-4.0"}, "MIT AND CC-BY-4.0", "MIT AND CC-BY-4.0"),
        (
            {"claims": [{"source": "front matter", "name": "mit"}, {"source": "front matter", "name": "cc-by-4.0"}]},
            "MIT AND CC-BY-4.0",
            "NOASSERTION",
        ),
        ({"claims": [{"source": "card statement", "name": "mit"}]}, "MIT", "MIT"),
        ({"claims": [{"source": "licence link", "name": "https://example.com/terms", "keys": []}]}, "NONE", "NONE"),
    ],
)
def test_licences_as_declared_and_as_concluded(case: dict[str, Any], declared: str, concluded: str) -> None:
    assert licences(**case) == (declared, concluded)


@pytest.mark.parametrize(
    ("base", "concluded"),
    [
        (LLAMA, f"Apache-2.0 AND {LLAMA2}"),
        ({**LLAMA, "confidence": "low"}, "NOASSERTION"),
        (UNSEEN_LLAMA, "NOASSERTION"),
        ({"name": "else/unknown-lm", "unseen": "it is private"}, "NOASSERTION"),
        ({"name": "acme/unknown-lm", "unseen": "it is private"}, "Apache-2.0"),
        (OPEN_BASE, "Apache-2.0"),
        ({"name": "acme/silent-lm", "is": {}}, "NOASSERTION"),
        ({"name": "acme/mixed", "is": {"tag": "mit", "texts": [LLAMA_TEXT]}}, f"Apache-2.0 AND {LLAMA2}"),
        ({"name": "acme/middle", "is": {"tag": "mit", "bases": [LLAMA]}}, f"Apache-2.0 AND MIT AND {LLAMA2}"),
    ],
)
def test_a_permissive_tag_does_not_clear_what_a_base_hands_down(base: dict[str, Any], concluded: str) -> None:
    assert licences(tag="apache-2.0", bases=[base]) == ("Apache-2.0", concluded)


def test_a_fine_tune_that_keeps_its_bases_terms_names_them_once() -> None:
    assert licences(**LLAMA_TERMS, bases=[LLAMA]) == (LLAMA2, LLAMA2)


@pytest.mark.parametrize(
    "case",
    [
        {"statements": [{"kind": "restriction", "value": "non_commercial"}]},
        {"statements": [{"kind": "requirement", "value": "an application"}]},
        {"texts": [{"path": "USE_POLICY.md", "component": "policy", "restrictions": ["field_of_use_restriction"]}]},
        {"unseen": [{"what": "the use policy", "why": "it was not recorded"}]},
        {"unseen": [{"what": "LICENSE.txt", "why": "the gate refused it"}]},
    ],
)
def test_nothing_is_concluded_where_words_beside_the_licence_are_for_a_person(case: dict[str, Any]) -> None:
    declared, concluded = licences(tag="apache-2.0", **case)
    assert (declared, concluded) == ("Apache-2.0", "NOASSERTION")
    assert content_of({"repo": "acme/tuned", "tag": "apache-2.0", **case}).model.licensing.comment


def test_a_licence_that_only_its_publisher_knows_keeps_its_name() -> None:
    licensing = content_of(MADE["named by its publisher"]).model.licensing
    (reference,) = licensing.references
    assert licensing.declared == reference.id
    assert reference.id.startswith("LicenseRef-osaudit-named-")
    assert "Acme Lizenz v3 (ünïcode)" in reference.name
    assert licensing.concluded == "NOASSERTION"


def test_an_extracted_text_is_a_reference_and_no_text() -> None:
    (reference,) = content_of(MADE["of a llama"]).references
    assert reference.id == LLAMA2
    assert "LICENSE.txt" in reference.text
    assert "sha256" in reference.text
    assert "the text" not in reference.text.replace("The text itself is not part of this document", "")


def test_data_sets_carry_their_licences_and_how_to_get_them() -> None:
    sets = {part.name: part for part in content_of(rich()).datasets}
    assert (sets["acme/talk"].licensing.concluded, sets["acme/talk"].access) == ("CC-BY-4.0", "open")
    assert (sets["acme/exam"].licensing.concluded, sets["acme/exam"].access) == ("NONE", "manual")
    unseen = sets["Common Crawl"]
    assert (unseen.licensing.concluded, unseen.licensing.declared) == ("NOASSERTION", "NOASSERTION")
    assert (unseen.access, unseen.url, unseen.unseen) == ("unknown", None, "it is not a Hub id")


def test_every_weight_file_with_what_the_listing_tells_and_no_other_file() -> None:
    files = content_of(rich()).files
    assert [(file.path, file.size, file.sha256) for file in files] == [
        ("adapter/ä b.bin", None, None),
        ("model-00001-of-00002.safetensors", 4_000_000_000, "a" * 64),
        ("model-00002-of-00002.safetensors", 123, "b" * 64),
    ]
    assert files[0].url == f"https://huggingface.co/acme/tuned-lm/resolve/{COMMIT}/adapter/%C3%A4%20b.bin"


def test_lineage_is_told_once_and_a_circle_ends() -> None:
    links = [(link.source, link.kind, link.target) for link in content_of(MADE["circle"]).links]
    (base,) = content_of(MADE["circle"]).bases
    assert base.name == "acme/other-ring"
    assert ("model", "made-from", base.id) in links
    assert (base.id, "made-from", "model") in links


def test_a_folder_has_no_address() -> None:
    model = content_of(MADE["folder"]).model
    assert (model.purl, model.url, model.supplier, model.commit) == (None, None, None, None)


def test_an_account_is_the_supplier_and_an_old_id_has_none() -> None:
    assert content_of(MADE["plain"]).model.supplier == "acme"
    old = content_of(MADE["old id"]).model
    assert (old.supplier, old.purl) == (None, f"pkg:huggingface/gpt2@{COMMIT}")


def test_nothing_is_missing_of_a_model_that_was_seen_whole() -> None:
    whole = content_of(replace(MADE["plain"], last_modified=Seen("2026-01-01T10:00:00+02:00")))
    assert whole.model.released == "2026-01-01T08:00:00Z"
    assert missing_in(whole) == ()
    assert {field.standard for field in fields_of(whole)} == {NTIA, AI_PROFILE}


def test_what_is_missing_is_named_with_the_reason() -> None:
    lacking = {(field.component, field.name): field.why for field in missing_in(content_of(rich()))}
    assert lacking == {
        ("acme/mid-lm", "releaseTime"): "the date of the commit was not seen",
        ("meta-llama/Llama-2-7b-hf", "releaseTime"): "the date of the commit was not seen",
        ("LLaMA", "supplier name"): "it is not a Hub id",
        ("LLaMA", "version"): "it is not a Hub id",
        ("LLaMA", "unique identifier"): "it is not a Hub id",
        ("Common Crawl", "supplier name"): "it is not a Hub id",
        ("Common Crawl", "version"): "it is not a Hub id",
        ("Common Crawl", "unique identifier"): "it is not a Hub id",
    }


@pytest.mark.parametrize("damaged", ["", "yesterday", "0001-01-01T00:00:00+23:59", "2026-13-01"])
def test_a_damaged_date_is_told(damaged: str) -> None:
    with pytest.raises(UsageError, match="is no time"):
        content_of(replace(MADE["plain"], collected_at=damaged))


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_cleaned_text_is_one_bounded_printable_line(text: str) -> None:
    assert identifiers.clean(text).isprintable()
    assert len(identifiers.clean(text, 50)) <= 51 + text.lower().count("text>")


@pytest.mark.parametrize(
    "name", ["../x", "a/b/c", "a b", "a/..b", "", "a/", "/b", "a@b", "-a", "a/b#c", "ä", "a" * 200, "a\n"]
)
def test_no_package_url_is_made_of_what_is_no_repository_id(name: str) -> None:
    assert identifiers.purl(name, COMMIT) is None


def test_identifiers_are_different_for_different_names() -> None:
    made = {identifiers.local_id("file", name) for name in ("a b", "a-b", "a/b", "ä", "ö", "", "x" * 100, "x" * 101)}
    assert len(made) == 8


def test_evidence_of_a_case_is_described_the_same_twice() -> None:
    case = {"repo": "acme/tuned", "tag": "apache-2.0", "bases": [LLAMA]}
    assert content_of(evidence_of(case)) == content_of(evidence_of(case))


def test_what_the_card_states_of_its_making_comes_with_places_and_is_not_added_to() -> None:
    content = content_of(rich())
    costs = {cost.name: (cost.value, cost.amount) for cost in content.model.traits.costs}
    assert costs == {
        "emissions": ("1500", 1500.0),
        "stage of training": ("fine-tuning", None),
        "energy": ("12 kWh", 12.0),
        "hardware": ("1 GPU", None),
    }
    told = [note.text for note in content.notes if note.kind in STATED]
    assert len(told) == 5
    assert "emissions: 1500 (1500 g of CO2 equivalent). Seen at: acme/tuned-lm@" in told[0]
    assert "lines 3-3" in told[0]
    assert "learning_rate = 2e-05 (line 50); num_epochs = 3 (lines 51-52). Seen at: " in told[4]


def test_a_card_that_states_nothing_of_its_making_has_no_word_of_it() -> None:
    content = content_of(MADE["plain"])
    assert content.model.traits.costs == content.model.traits.settings == ()
    assert not [note for note in content.notes if note.kind in STATED]


def test_the_models_own_code_is_a_source_at_its_commit() -> None:
    content = content_of(MADE["coded"])
    told = {part.name: (part.purl, part.commit, part.licensing.concluded) for part in content.sources}
    assert told == {
        "github.com/Acme/Code": (f"pkg:github/acme/code@{COMMIT}", COMMIT, "Apache-2.0"),
        "git.example.org/acme/tools": (
            f"pkg:generic/tools@{COMMIT}?vcs_url=git%2Bhttps%3A%2F%2Fgit.example.org%2Facme%2Ftools",
            COMMIT,
            "Apache-2.0 AND MIT",
        ),
    }
    assert [link.target for link in content.links if link.kind == "made-with"] == [part.id for part in content.sources]
