"""Each form of a bill of materials: valid by its standard's own validator, whole, and the same bytes every time."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from made_boms import COMMIT, MADE, content_of, rich
from program import ROOT
from spdx3_shapes import violations
from spdx_python_model.bindings import v3_0_1
from spdx_tools.spdx.parser.json.json_parser import parse_from_file as parse_json
from spdx_tools.spdx.parser.tagvalue.tagvalue_parser import parse_from_file as parse_tag_value
from spdx_tools.spdx.parser.yaml.yaml_parser import parse_from_file as parse_yaml
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from osaudit.bom import WRITERS
from osaudit.bom.content import Content
from osaudit.bom.spdx2 import document_of
from osaudit.evidence import Seen

CONTENTS = {name: content_of(evidence) for name, evidence in MADE.items()}
RICH = CONTENTS["rich"]
NAMES = sorted(CONTENTS)
CYCLONEDX = {
    "cyclonedx-1.6": JsonStrictValidator(SchemaVersion.V1_6),
    "cyclonedx-1.7": JsonStrictValidator(SchemaVersion.V1_7),
}
PARSERS: dict[str, Callable[[str], Any]] = {
    "spdx-2.3-json": parse_json,
    "spdx-2.3-yaml": parse_yaml,
    "spdx-2.3-tv": parse_tag_value,
}


def spdx3(name: str) -> list[dict[str, Any]]:
    return list(json.loads(WRITERS["spdx-3.0.1"](CONTENTS[name]))["@graph"])


def of_type(graph: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [element for element in graph if element["type"] == kind]


def related(graph: list[dict[str, Any]], kind: str) -> dict[str, list[str]]:
    """The names of what each element is related to in one way, by its name."""
    names = {element.get("spdxId"): element.get("name", element.get("spdxId")) for element in graph}
    return {
        names[one["from"]]: [names.get(target, target) for target in one["to"]]
        for one in of_type(graph, "Relationship")
        if one["relationshipType"] == kind
    }


@pytest.mark.parametrize("name", NAMES)
def test_spdx_2_is_valid(name: str) -> None:
    assert [message.validation_message for message in validate_full_spdx_document(document_of(CONTENTS[name]))] == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # that parser leaves a log file open
@pytest.mark.parametrize("form", PARSERS)
@pytest.mark.parametrize("name", NAMES)
def test_spdx_2_is_read_by_the_standards_own_tools(name: str, form: str, tmp_path: Path) -> None:
    path = tmp_path / "document"
    path.write_text(WRITERS[form](CONTENTS[name]), encoding="utf-8")
    document, written = PARSERS[form](str(path)), document_of(CONTENTS[name])
    assert [message.validation_message for message in validate_full_spdx_document(document)] == []
    assert len(document.packages) == len(written.packages)
    assert [note.annotation_comment for note in document.annotations] == [
        note.annotation_comment for note in written.annotations
    ]
    if form != "spdx-2.3-tv":  # its parser loses relationships
        assert len(document.relationships) == len(written.relationships)


@pytest.mark.parametrize("name", NAMES)
def test_yaml_says_what_json_says(name: str) -> None:
    content = CONTENTS[name]
    assert yaml.safe_load(WRITERS["spdx-2.3-yaml"](content)) == json.loads(WRITERS["spdx-2.3-json"](content))


@pytest.mark.parametrize("form", CYCLONEDX)
@pytest.mark.parametrize("name", NAMES)
def test_cyclonedx_is_valid(name: str, form: str) -> None:
    error = CYCLONEDX[form].validate_str(WRITERS[form](CONTENTS[name]))
    assert error is None, str(error)[:2_000]


@pytest.mark.parametrize("name", NAMES)
def test_spdx_3_conforms_to_its_shapes(name: str) -> None:
    assert violations(WRITERS["spdx-3.0.1"](CONTENTS[name])) == []


@pytest.mark.parametrize("name", NAMES)
def test_spdx_3_is_loaded_by_its_own_bindings_and_refers_to_nothing_else(name: str, tmp_path: Path) -> None:
    path = tmp_path / "document.json"
    path.write_text(WRITERS["spdx-3.0.1"](CONTENTS[name]), encoding="utf-8")
    objects = v3_0_1.SHACLObjectSet()
    with path.open("rb") as file:
        v3_0_1.JSONLDDeserializer().read(file, objects)
    assert objects.link() == set()


def test_the_shapes_refuse_what_the_standard_refuses() -> None:
    document = json.loads(WRITERS["spdx-3.0.1"](RICH))
    for element in document["@graph"]:
        if element["type"] == "ai_AIPackage":
            element["suppliedBy"] = element["spdxId"]
    assert "Core/Agent" in violations(json.dumps(document))[0]


@pytest.mark.parametrize("name", NAMES)
def test_every_ai_package_has_one_declared_and_one_concluded_licence(name: str) -> None:
    graph = spdx3(name)
    for package in of_type(graph, "ai_AIPackage"):
        for kind in ("hasDeclaredLicense", "hasConcludedLicense"):
            of_it = [
                one
                for one in of_type(graph, "Relationship")
                if one["from"] == package["spdxId"] and one["relationshipType"] == kind
            ]
            assert [len(one["to"]) for one in of_it] == [1]


def test_the_same_evidence_gives_the_same_bytes_in_another_process() -> None:
    script = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "import hashlib\n"
        "from made_boms import content_of, rich\n"
        "from osaudit.bom import WRITERS\n"
        "print(*(hashlib.sha256(write(content_of(rich())).encode()).hexdigest() for write in WRITERS.values()))\n"
    )
    seen = set()
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", script, str(ROOT), str(ROOT / "tests")],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        seen.add(done.stdout)
    assert len(seen) == 1


def test_identifiers_follow_the_content() -> None:
    again, later = content_of(rich()), content_of(rich(), "2027-01-01T00:00:00Z")
    other = content_of(replace(rich(), last_modified=rich().commit))
    assert uuid.UUID(RICH.uuid).version == 5
    assert RICH.uuid == again.uuid
    assert len({RICH.uuid, later.uuid, other.uuid}) == 3
    assert [part.id for part in RICH.parts] == [part.id for part in later.parts]


@pytest.mark.parametrize("form", WRITERS)
def test_every_form_names_model_commit_weights_and_verdicts(form: str) -> None:
    text = WRITERS[form](RICH)
    assert f"pkg:huggingface/acme/tuned-lm@{COMMIT}" in text
    for told in ("a" * 64, "b" * 64, "4000000000", "model-00001-of-00002.safetensors", RICH.uuid, "osd OSD-6 licence"):
        assert told in text
    assert text.count("osd OSD-") >= 40
    assert text.endswith("\n")


@pytest.mark.parametrize("form", WRITERS)
def test_the_time_is_the_one_passed_in(form: str) -> None:
    assert "2031-02-03T04:05:06Z" in WRITERS[form](content_of(rich(), "2031-02-03T04:05:06+00:00"))
    assert RICH.created == rich().collected_at


def test_spdx_2_tells_relations() -> None:
    document = json.loads(WRITERS["spdx-2.3-json"](RICH))
    names = {package["SPDXID"]: package["name"] for package in document["packages"]}
    told = {
        (names.get(one["spdxElementId"]), one["relationshipType"], names.get(one["relatedSpdxElement"]))
        for one in document["relationships"]
    }
    assert {
        ("acme/tuned-lm", "DESCENDANT_OF", "acme/mid-lm"),
        ("acme/mid-lm", "DESCENDANT_OF", "meta-llama/Llama-2-7b-hf"),
        ("acme/tuned-lm", "OTHER", "LLaMA"),
        ("acme/talk", "DATA_FILE_OF", "acme/tuned-lm"),
        ("Common Crawl", "DATA_FILE_OF", "acme/tuned-lm"),
        ("acme/exam", "TEST_CASE_OF", "acme/tuned-lm"),
        ("acme/tuned-lm", "CONTAINS", "adapter/ä b.bin"),
    } <= told


def test_spdx_3_tells_relations_and_traits() -> None:
    graph = spdx3("rich")
    assert related(graph, "descendantOf") == {
        "acme/tuned-lm": ["acme/mid-lm"],
        "acme/mid-lm": ["meta-llama/Llama-2-7b-hf"],
    }
    assert related(graph, "other") == {"acme/tuned-lm": ["LLaMA"]}
    assert related(graph, "testedOn") == {"acme/tuned-lm": ["acme/exam"]}
    trained = [one for one in of_type(graph, "Relationship") if one["relationshipType"] == "trainedOn"]
    assert len(trained) == 2
    model = next(one for one in of_type(graph, "ai_AIPackage") if one["name"] == "acme/tuned-lm")
    assert model["ai_domain"] == ["text-generation"]
    assert model["ai_typeOfModel"] == ["TinyForCausalLM"]
    assert "lines 30-41" in model["ai_limitation"]
    assert model["releaseTime"] == "2026-03-04T05:06:07Z"
    assert model["software_primaryPurpose"] == "model"
    sets = {one["name"]: one for one in of_type(graph, "dataset_DatasetPackage")}
    assert sets["acme/exam"]["dataset_datasetAvailability"] == "registration"
    assert "dataset_datasetAvailability" not in sets["Common Crawl"]


def test_spdx_3_claims_the_ai_profile_only_where_its_fields_are_there() -> None:
    complete = content_of(replace(MADE["plain"], last_modified=rich().last_modified))
    for content, claimed in ((complete, True), (CONTENTS["plain"], False)):
        graph = json.loads(WRITERS["spdx-3.0.1"](content))["@graph"]
        (document,) = of_type(graph, "SpdxDocument")
        assert ("ai" in document["profileConformance"]) is claimed


def test_spdx_3_refers_to_the_text_of_every_licence_without_an_id() -> None:
    graph = spdx3("rich")
    texts = {one["spdxId"]: one for one in of_type(graph, "simplelicensing_SimpleLicensingText")}
    used = [
        entry
        for one in of_type(graph, "simplelicensing_LicenseExpression")
        for entry in one.get("simplelicensing_customIdToUri", ())
    ]
    assert {entry["key"] for entry in used} == {"LicenseRef-osaudit-llama2"}
    assert all("LICENSE.txt" in texts[entry["value"]]["simplelicensing_licenseText"] for entry in used)


@pytest.mark.parametrize("form", CYCLONEDX)
def test_cyclonedx_tells_card_pedigree_and_data(form: str) -> None:
    document = json.loads(WRITERS[form](RICH))
    model = document["metadata"]["component"]
    assert (model["type"], model["group"], model["name"]) == ("machine-learning-model", "acme", "tuned-lm")
    assert model["modelCard"]["modelParameters"]["task"] == "text-generation"
    assert "lines 30-41" in model["modelCard"]["considerations"]["technicalLimitations"][0]
    (mid,) = model["pedigree"]["ancestors"]
    assert [one["name"] for one in mid["pedigree"]["ancestors"]] == ["Llama-2-7b-hf"]
    assert {"name": "osaudit:lineage:relation", "value": "quantized"} in mid["properties"]
    assert {"name": "osaudit:lineage:may-be-made-from", "value": "unknown: LLaMA"} in model["properties"]
    assert [one["name"] for one in document["components"]] == ["acme/talk", "acme/exam", "Common Crawl"]
    assert {one["data"][0]["type"] for one in document["components"]} == {"dataset"}
    refs = {one["bom-ref"] for one in document["components"]}
    assert {one["ref"] for one in model["modelCard"]["modelParameters"]["datasets"]} == refs
    assert [one["name"] for one in model["components"]] == [file.path for file in RICH.files]


@pytest.mark.parametrize("form", CYCLONEDX)
def test_cyclonedx_tells_energy_emissions_and_hyperparameters(form: str) -> None:
    card = json.loads(WRITERS[form](RICH))["metadata"]["component"]["modelCard"]
    environment = card["considerations"]["environmentalConsiderations"]
    assert environment["energyConsumptions"] == [
        {
            "activity": "fine-tuning",
            "energyProviders": [],
            "activityEnergyCost": {"value": 12.0, "unit": "kWh"},
            "co2CostEquivalent": {"value": 0.0015, "unit": "tCO2eq"},
        }
    ]
    assert [one["value"] for one in environment["properties"]] == [
        "emissions: 1500 (1500 g of CO2 equivalent)",
        "stage of training: fine-tuning",
        "energy: 12 kWh",
        "hardware: 1 GPU",
    ]
    assert {"name": "osaudit:hyperparameter:learning_rate", "value": "2e-05"} in card["properties"]


def emissions_alone() -> Content:
    evidence = rich()
    assert isinstance(evidence.card, Seen)
    return content_of(replace(evidence, card=replace(evidence.card, value=replace(evidence.card.value, costs=()))))


@pytest.mark.parametrize("form", CYCLONEDX)
def test_cyclonedx_makes_no_energy_out_of_emissions(form: str) -> None:
    text = WRITERS[form](emissions_alone())
    assert CYCLONEDX[form].validate_str(text) is None
    environment = json.loads(text)["metadata"]["component"]["modelCard"]["considerations"][
        "environmentalConsiderations"
    ]
    assert "energyConsumptions" not in environment
    assert environment["properties"][0]["value"] == "emissions: 1500 (1500 g of CO2 equivalent)"


def test_spdx_3_tells_energy_emissions_and_hyperparameters() -> None:
    model = next(one for one in of_type(spdx3("rich"), "ai_AIPackage") if one["name"] == "acme/tuned-lm")
    (described,) = model["ai_energyConsumption"]["ai_finetuningEnergyConsumption"]
    assert (float(described["ai_energyQuantity"]), described["ai_energyUnit"]) == (12, "kilowattHour")
    assert [(one["key"], one["value"]) for one in model["ai_hyperparameter"]] == [
        ("learning_rate", "2e-05"),
        ("num_epochs", "3"),
    ]
    assert "emissions: 1500 (1500 g of CO2 equivalent)" in model["ai_informationAboutTraining"]


def test_spdx_3_makes_no_energy_out_of_emissions() -> None:
    text = WRITERS["spdx-3.0.1"](emissions_alone())
    assert violations(text) == []
    assert "ai_energyConsumption" not in text
    assert "1500 g of CO2 equivalent" in text


def test_spdx_2_marks_the_cards_words_apart_from_the_audits() -> None:
    notes = json.loads(WRITERS["spdx-2.3-json"](RICH))["packages"][0]["annotations"]
    other = [note["comment"] for note in notes if note["annotationType"] == "OTHER"]
    assert len(other) == 5
    assert all("card state" in text for text in other)


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


@pytest.mark.parametrize("form", ["spdx-2.3-json", "spdx-3.0.1", "cyclonedx-1.6", "cyclonedx-1.7"])
def test_nothing_hostile_passes(form: str) -> None:
    document = json.loads(WRITERS[form](CONTENTS["hostile"]))
    for text in strings(document):
        assert text.isprintable()
        assert "<text>" not in text.lower()
        assert len(text) < 5_000
    assert "pkg:" not in WRITERS[form](CONTENTS["hostile"])
