"""Bills of materials read back: our own in a round trip, other generators' shapes, and input that is none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from made_boms import COMMIT, MADE, content_of, rich
from samples import HOSTILE_TEXTS

from osaudit.bom import WRITERS
from osaudit.bom.read import MAX_BYTES, MAX_MODELS, NamedModel, read_bom
from osaudit.bom.recognise import Named, of_address, of_name, of_purl
from osaudit.errors import OsauditError

READABLE = ("spdx-2.3-json", "spdx-3.0.1", "cyclonedx-1.6", "cyclonedx-1.7")
ON_THE_HUB = sorted(set(MADE) - {"folder", "hostile"})
SPDX3_CONTEXT = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
SHA = "0123456789abcdef0123456789abcdef01234567"


def read(document: Any) -> tuple[NamedModel, ...]:
    return read_bom(json.dumps(document).encode())


def named(document: Any) -> list[tuple[str, str | None]]:
    return [(model.id, model.commit or model.revision) for model in read(document)]


@pytest.mark.parametrize("form", READABLE)
@pytest.mark.parametrize("name", ON_THE_HUB)
def test_what_was_written_is_read_back(name: str, form: str) -> None:
    content = content_of(MADE[name])
    names = {part.id: part.name for part in content.parts}
    (model,) = read_bom(WRITERS[form](content).encode())
    assert (model.id, model.commit) == (content.model.name, content.model.commit)
    assert (model.declared, model.concluded) == (content.model.licensing.declared, content.model.licensing.concluded)
    assert {(edge.child, edge.parent, edge.relation, edge.sure) for edge in model.lineage} == {
        (names[link.source], names[link.target], link.detail, link.kind == "made-from")
        for link in content.links
        if link.kind in {"made-from", "may-be-made-from"}
    }


def test_the_round_trip_has_a_chain_to_lose() -> None:
    (model,) = read_bom(WRITERS["cyclonedx-1.6"](content_of(rich())).encode())
    assert len(model.lineage) == 3


@pytest.mark.parametrize("form", READABLE)
def test_a_folder_is_nothing_that_could_be_looked_up(form: str) -> None:
    with pytest.raises(OsauditError, match="names no model"):
        read_bom(WRITERS[form](content_of(MADE["folder"])).encode())


def test_a_generator_that_escapes_the_slash_and_makes_up_a_version() -> None:
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "metadata": {"component": {"type": "application", "name": "lm", "purl": "pkg:generic/acme%2Flm@1.0"}},
        "components": [
            {
                "type": "machine-learning-model",
                "group": "acme",
                "name": "lm",
                "version": "1.0",
                "purl": "pkg:huggingface/acme%2Flm@1.0",
                "licenses": [{"license": {"id": "apache-2.0"}}],
                "modelCard": {"modelParameters": {"task": "text-generation"}},
            }
        ],
    }
    (model,) = read(document)
    assert (model.id, model.commit, model.revision, model.version) == ("acme/lm", None, None, "1.0")
    assert (model.declared, model.concluded) == ("apache-2.0", "NOASSERTION")


@pytest.mark.parametrize(
    ("component", "expected"),
    [
        ({"purl": f"pkg:huggingface/acme/lm@{SHA}"}, [("acme/lm", SHA)]),
        ({"purl": f"pkg:huggingface/acme/lm@{SHA.upper()}"}, [("acme/lm", SHA)]),
        ({"purl": "pkg:huggingface/acme/lm@main?repository_url=https://hub.example"}, [("acme/lm", "main")]),
        ({"purl": "pkg:huggingface/gpt2", "version": SHA}, [("gpt2", SHA)]),
        ({"group": "acme", "name": "lm", "version": SHA}, [("acme/lm", SHA)]),
        ({"name": "acme/lm"}, [("acme/lm", None)]),
        (
            {
                "name": "lm",
                "externalReferences": [{"type": "website", "url": f"https://huggingface.co/acme/lm/tree/{SHA}"}],
            },
            [("acme/lm", SHA)],
        ),
        ({"type": "library", "purl": "pkg:huggingface/acme/lm@v2"}, [("acme/lm", "v2")]),
    ],
)
def test_cyclonedx_components_of_many_kinds(component: dict[str, Any], expected: list[Any]) -> None:
    component = {"type": "machine-learning-model", **component}
    nested = {"type": "application", "name": "app", "components": [component]}
    for document in ({"components": [component]}, {"components": [nested]}, {"metadata": {"component": component}}):
        assert named({"bomFormat": "CycloneDX", "specVersion": "1.5", **document}) == expected


@pytest.mark.parametrize(
    "component",
    [
        {"type": "data", "purl": "pkg:huggingface/datasets/acme/talk"},
        {"type": "machine-learning-model", "purl": "pkg:huggingface/datasets/acme/talk"},
        {"type": "machine-learning-model", "name": "lm"},
        {"type": "library", "group": "huggingface", "name": "transformers", "purl": "pkg:pypi/transformers@5"},
        {"type": "machine-learning-model", "name": "../../etc/passwd"},
        {"type": "machine-learning-model", "purl": "pkg:huggingface/..%2F..%2Fetc/passwd"},
        {"type": "machine-learning-model", "purl": 7, "name": ["acme/lm"], "group": {}, "externalReferences": "x"},
    ],
)
def test_what_is_no_model_on_the_hub(component: dict[str, Any]) -> None:
    with pytest.raises(OsauditError, match="names no model") as caught:
        read({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component]})
    assert caught.value.exit_code == 3


def test_a_base_is_lineage_and_not_audited_by_itself() -> None:
    base = {"type": "machine-learning-model", "purl": f"pkg:huggingface/acme/base@{SHA}"}
    tuned = {
        "type": "machine-learning-model",
        "purl": "pkg:huggingface/acme/tuned",
        "pedigree": {"ancestors": [base]},
        "licenses": [{"expression": "MIT OR Apache-2.0", "acknowledgement": "concluded"}],
    }
    (model,) = read({"bomFormat": "CycloneDX", "specVersion": "1.7", "components": [tuned, base]})
    assert (model.id, model.concluded) == ("acme/tuned", "MIT OR Apache-2.0")
    assert [(edge.child, edge.parent, edge.relation) for edge in model.lineage] == [
        ("acme/tuned", "acme/base", "unknown")
    ]


def test_models_that_name_each_other_as_bases_are_all_kept() -> None:
    def component(name: str, of: str) -> dict[str, Any]:
        base = {"type": "machine-learning-model", "purl": f"pkg:huggingface/{of}"}
        purl = f"pkg:huggingface/{name}"
        return {"type": "machine-learning-model", "purl": purl, "pedigree": {"ancestors": [base]}}

    components = [component("acme/one", "acme/two"), component("acme/two", "acme/one")]
    models = read({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components})
    assert [model.id for model in models] == ["acme/one", "acme/two"]


def test_spdx_2_of_another_generator() -> None:
    def package(name: str, **more: Any) -> dict[str, Any]:
        return {"SPDXID": f"SPDXRef-{name}", "name": name, "downloadLocation": "NOASSERTION", **more}

    document = {
        "spdxVersion": "SPDX-2.2",
        "packages": [
            package("lm", downloadLocation=f"https://huggingface.co/acme/lm/tree/{SHA}", licenseDeclared="MIT"),
            package("base", externalRefs=[{"referenceType": "purl", "referenceLocator": "pkg:huggingface/acme/base"}]),
            package("data", downloadLocation="https://huggingface.co/datasets/acme/talk"),
            package("file", downloadLocation=f"https://huggingface.co/acme/lm/resolve/{SHA}/model.bin"),
            package("library", externalRefs=[{"referenceType": "purl", "referenceLocator": "pkg:pypi/torch@3"}]),
        ],
        "relationships": [
            {
                "spdxElementId": "SPDXRef-lm",
                "relationshipType": "GENERATED_FROM",
                "relatedSpdxElement": f"SPDXRef-{name}",
            }
            for name in ("base", "data")
        ],
    }
    (model,) = read(document)
    assert (model.id, model.commit, model.declared, model.concluded) == ("acme/lm", SHA, "MIT", "NOASSERTION")
    assert [edge.parent for edge in model.lineage] == ["acme/base"]


def test_spdx_3_of_another_generator() -> None:
    document = {
        "@context": SPDX3_CONTEXT,
        "@graph": [
            {
                "@type": "ai_AIPackage",
                "@id": "urn:lm",
                "name": "acme/lm",
                "software_downloadLocation": f"https://huggingface.co/acme/lm/tree/{SHA}",
            },
            {
                "type": "https://spdx.org/rdf/3.0.1/terms/AI/AIPackage",
                "spdxId": "urn:base",
                "externalIdentifier": [
                    {"externalIdentifierType": "packageUrl", "identifier": "pkg:huggingface/acme/base"}
                ],
            },
            {"type": "dataset_DatasetPackage", "spdxId": "urn:data", "name": "acme/talk"},
            {
                "type": "Relationship",
                "spdxId": "urn:r1",
                "from": "urn:base",
                "relationshipType": "ancestorOf",
                "to": ["urn:lm"],
            },
            {
                "type": "Relationship",
                "spdxId": "urn:r2",
                "from": "urn:lm",
                "relationshipType": "hasDeclaredLicense",
                "to": ["https://spdx.org/licenses/Apache-2.0"],
            },
            {
                "type": "Relationship",
                "spdxId": "urn:r3",
                "from": "urn:lm",
                "relationshipType": "hasConcludedLicense",
                "to": [{"type": "expandedlicensing_CustomLicense", "spdxId": "urn:own", "name": "Acme Licence"}],
            },
        ],
    }
    (model,) = read(document)
    assert (model.id, model.commit) == ("acme/lm", SHA)
    assert (model.declared, model.concluded) == ("Apache-2.0", "Acme Licence")
    assert [edge.parent for edge in model.lineage] == ["acme/base"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://huggingface.co/acme/lm", Named("acme/lm")),
        ("https://hf.co/acme/lm/", Named("acme/lm")),
        ("https://www.huggingface.co/acme/lm?library=x#y", Named("acme/lm")),
        (f"https://huggingface.co/acme/lm/tree/{SHA}", Named("acme/lm", SHA)),
        ("https://huggingface.co/acme/lm/tree/refs%2Fpr%2F1", Named("acme/lm", "refs/pr/1")),
        (f"https://huggingface.co/acme/lm/resolve/{SHA}/model.bin", None),
        ("https://huggingface.co/datasets/acme/talk", None),
        ("https://huggingface.co/spaces/acme/app", None),
        ("https://huggingface.co/acme", None),
        ("https://huggingface.co.evil.example/acme/lm", None),
        ("https://evil.example/https://huggingface.co/acme/lm", None),
        ("ftp://huggingface.co/acme/lm", None),
    ],
)
def test_addresses_of_models(address: str, expected: Named | None) -> None:
    assert of_address(address) == expected


@pytest.mark.parametrize("text", [*HOSTILE_TEXTS, "", "a" * 100_000, "pkg:huggingface/" + "a/" * 10_000, "%" * 5_000])
def test_hostile_names_name_nothing(text: str) -> None:
    assert of_purl(text) is None
    assert of_address(text) is None
    assert of_name(text) is None


@pytest.mark.parametrize(
    ("version", "revision"),
    [("main", "main"), ("v1.0", "v1.0"), ("1.0", None), ("latest", None), ("", None), ("NOASSERTION", None)],
)
def test_a_version_that_says_nothing_is_no_revision(version: str, revision: str | None) -> None:
    assert Named("acme/lm", version).revision == revision


SOUND = WRITERS["cyclonedx-1.6"](content_of(MADE["plain"]))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not JSON"),
        (b"\x00\xff\xfe\x00", "not JSON"),
        (SOUND[: len(SOUND) // 2].encode(), "cut off"),
        (b"[]", "no bill of materials"),
        (b'"text"', "no bill of materials"),
        (b"{}", "no bill of materials"),
        (b"<?xml version='1.0'?><!DOCTYPE b [<!ENTITY a 'x'><!ENTITY b '&a;&a;'>]><bom>&b;</bom>", "XML"),
        (b"\xef\xbb\xbf  <bom xmlns='http://cyclonedx.org/schema/bom/1.6'/>", "XML"),
        (b"SPDXVersion: SPDX-2.3\n", "tag-value"),
        (b"SPDXID: SPDXRef-DOCUMENT\nspdxVersion: SPDX-2.3\n", "YAML"),
        (b'spdxVersion: "SPDX-2.3"\n', "not JSON"),
        (b'{"bomFormat": "CycloneDX", "specVersion": "9.9"}', "'9.9' is not known"),
        (b'{"bomFormat": "CycloneDX"}', "'' is not known"),
        (b'{"bomFormat": "CycloneDX", "specVersion": {"a": 1}}', "'' is not known"),
        (b'{"spdxVersion": "SPDX-1.2"}', "'SPDX-1.2' is not known"),
        (b'{"@context": "https://spdx.org/rdf/4.0.0/spdx-context.jsonld", "@graph": []}', "not that of SPDX 3.0"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"1" * 10_000, "not JSON"),
        (b" " * (MAX_BYTES + 1), "over 16 MB"),
        (b'{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []}', "names no model"),
        (b'{"spdxVersion": "SPDX-2.3", "packages": {"SPDXID": 1}}', "names no model"),
        (json.dumps({"@context": SPDX3_CONTEXT, "@graph": [None, 1, "x", {}, {"type": 1}]}).encode(), "names no model"),
    ],
)
def test_what_is_no_bill_of_materials_is_told_in_one_line(data: bytes, words: str) -> None:
    with pytest.raises(OsauditError, match=words) as caught:
        read_bom(data)
    assert caught.value.exit_code in {2, 3}
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_more_models_than_are_audited_are_refused() -> None:
    components = [{"purl": f"pkg:huggingface/acme/lm-{number}"} for number in range(MAX_MODELS + 1)]
    with pytest.raises(OsauditError, match=f"names {MAX_MODELS + 1} models"):
        read({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components})


def test_large_documents_take_no_more_than_their_size() -> None:
    """Each of these is quadratic or worse for a reader that goes through everything for every entry."""
    many = 10_000
    chain = [
        {"purl": f"pkg:huggingface/acme/lm-{n}", "pedigree": {"ancestors": [{"name": str(n)}]}} for n in range(many)
    ]
    relations = [
        {
            "type": "Relationship",
            "spdxId": f"urn:{n}",
            "from": ["urn:a"] * 3,
            "relationshipType": "hasDeclaredLicense",
            "to": [{"spdxId": f"urn:l{n}", "name": "x"}],
        }
        for n in range(many)
    ]
    model = {"type": "ai_AIPackage", "spdxId": "urn:a", "name": "acme/lm"}
    with pytest.raises(OsauditError, match="models"):
        read({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": chain})
    assert len(read({"@context": SPDX3_CONTEXT, "@graph": [model, *relations]})) == 1


def test_the_commit_of_this_module_is_one() -> None:
    assert Named("acme/lm", COMMIT).commit == SHA
