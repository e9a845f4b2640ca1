"""Bills of materials of every recorded model: valid, read back the same, and true to what the engine concludes.

The slow validators see a sample: `OSAUDIT_EVERY_BOM=1 python -m pytest tests/test_bom_corpus.py` shows them all models.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hub.server import LoopbackHub
from spdx3_shapes import violations
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from osaudit.audit import Looking, look
from osaudit.bom import WRITERS
from osaudit.bom.content import Content, describe
from osaudit.bom.read import read_bom
from osaudit.bom.spdx2 import document_of
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.verdict import Scorecard

pytestmark = pytest.mark.slow

ROUND_TRIPS = ("spdx-2.3-json", "spdx-3.0.1", "cyclonedx-1.6")
PERMISSIVE = frozenset({"Apache-2.0", "MIT", "BSD-3-Clause"})
SAMPLE = 20  # every so many models, of those with few files: the strict validators compare each list's items in pairs
FEW = 12

Described = list[tuple[Scorecard, Content]]


@pytest.fixture(scope="module")
def described(_corpus_server: LoopbackHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_ENDPOINT", _corpus_server.endpoint)
        patch.setenv("HF_HOME", str(tmp_path_factory.mktemp("hf")))
        patch.setenv("SOURCE_DATE_EPOCH", "1795392000")
        patch.delenv("HF_TOKEN", raising=False)
        pack, table = load_pack(), load_table()
        found = []
        for name in _corpus_server.shelf.ids("model"):
            evidence = look(name, Looking(no_cache=True))
            card = judge(evidence, pack, table)
            found.append((card, describe(evidence, card, table)))
        yield found


def sample(described: Described) -> list[Content]:
    contents = [content for _, content in described]
    if os.environ.get("OSAUDIT_EVERY_BOM"):
        return contents
    return [content for content in contents if len(content.files) <= FEW][::SAMPLE]


def test_every_document_is_valid_spdx_2(described: Described, corpus: Path) -> None:
    assert corpus.is_dir()
    wrong = {
        content.name: [message.validation_message for message in found]
        for _, content in described
        if (found := validate_full_spdx_document(document_of(content)))
    }
    assert wrong == {}
    assert len(described) > 100


def test_documents_conform_to_the_shapes_of_spdx_3(described: Described, corpus: Path) -> None:
    assert corpus.is_dir()
    wrong = [content.name for content in sample(described) if violations(WRITERS["spdx-3.0.1"](content))]
    assert wrong == []


@pytest.mark.parametrize(
    ("form", "version"), [("cyclonedx-1.6", SchemaVersion.V1_6), ("cyclonedx-1.7", SchemaVersion.V1_7)]
)
def test_documents_are_valid_cyclonedx(described: Described, corpus: Path, form: str, version: SchemaVersion) -> None:
    assert corpus.is_dir()
    validator = JsonStrictValidator(version)
    wrong = [content.name for content in sample(described) if validator.validate_str(WRITERS[form](content))]
    assert wrong == []


def test_every_document_is_read_back_the_same(described: Described, corpus: Path) -> None:
    assert corpus.is_dir()
    for _, content in described:
        names = {part.id: part.name for part in content.parts}
        lineage = {
            (names[link.source], names[link.target], link.detail, link.kind == "made-from")
            for link in content.links
            if link.kind in {"made-from", "may-be-made-from"}
        }
        for form in ROUND_TRIPS:
            (model,) = read_bom(WRITERS[form](content).encode())
            assert (model.id, model.commit) == (content.model.name, content.model.commit), form
            licensing = content.model.licensing
            assert (model.declared, model.concluded) == (licensing.declared, licensing.concluded), (content.name, form)
            assert {(one.child, one.parent, one.relation, one.sure) for one in model.lineage} == lineage, content.name


def test_a_document_is_the_same_twice(described: Described, corpus: Path) -> None:
    assert corpus.is_dir()
    for content in sample(described):
        for form, write in WRITERS.items():
            assert write(content) == write(content), (content.name, form)


def test_a_licence_is_concluded_as_the_engine_concludes(described: Described, corpus: Path) -> None:
    """What is asserted is the governing licence; a conflict or an unsettled licence lets no permissive one stand."""
    assert corpus.is_dir()
    for card, content in described:
        weights, concluded = dict(card.licences)["weights"], content.model.licensing.concluded
        if not weights.settled:
            assert concluded in {"NONE", "NOASSERTION"}, card.model
        elif concluded != "NOASSERTION":
            own = {weights.spdx, f"LicenseRef-osaudit-{weights.key}".replace("+", "-plus")}
            assert own & set(concluded.split(" AND ")), card.model
        if card.conflicts:
            assert concluded not in PERMISSIVE, card.model


def test_a_llama_fine_tune_tagged_permissive_keeps_its_tag_and_its_base(described: Described, corpus: Path) -> None:
    assert corpus.is_dir()
    tuned = [
        content
        for card, content in described
        if content.model.licensing.declared in PERMISSIVE
        and any("llama" in base.name.lower() for base in content.bases)
        and any(finding.kind.startswith("lineage") for finding in card.conflicts)
    ]
    assert len(tuned) >= 3
    for content in tuned:
        assert content.model.licensing.concluded not in PERMISSIVE, content.name
        graph: list[dict[str, Any]] = json.loads(WRITERS["spdx-3.0.1"](content))["@graph"]
        kinds = {one["relationshipType"] for one in graph if one["type"] == "Relationship"}
        assert kinds & {"descendantOf", "other"}, content.name
