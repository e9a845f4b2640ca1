"""SPDX 2.3: JSON, tag-value and YAML, written with spdx-tools' model.

That version has no kind of package for a model, no trained-on relation, and a File must have a SHA-1, which the Hub
does not give: weight files are packages of purpose FILE, and a comment says what a relation stands for.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from license_expression import LicenseExpression
from spdx_tools.spdx.jsonschema.document_converter import DocumentConverter
from spdx_tools.spdx.model.actor import Actor, ActorType
from spdx_tools.spdx.model.annotation import Annotation, AnnotationType
from spdx_tools.spdx.model.checksum import Checksum, ChecksumAlgorithm
from spdx_tools.spdx.model.document import CreationInfo, Document
from spdx_tools.spdx.model.extracted_licensing_info import ExtractedLicensingInfo
from spdx_tools.spdx.model.package import ExternalPackageRef, ExternalPackageRefCategory, Package, PackagePurpose
from spdx_tools.spdx.model.relationship import Relationship, RelationshipType
from spdx_tools.spdx.model.spdx_no_assertion import SpdxNoAssertion
from spdx_tools.spdx.model.spdx_none import SpdxNone
from spdx_tools.spdx.writer.tagvalue.tagvalue_writer import write_document

from osaudit.bom.content import Content, Link, Part, WeightFile
from osaudit.bom.identifiers import TIME
from osaudit.bom.licensing import NOASSERTION, NONE, Reference, expressions
from osaudit.bom.notes import STATED, Note
from osaudit.bom.words import DISCLAIMER, access_words, traits_words
from osaudit.jsontext import shown

_DOCUMENT = "SPDXRef-DOCUMENT"


def render_json(content: Content) -> str:
    """Write the document as JSON."""
    return shown(json.dumps(_tree(content), ensure_ascii=False, indent=2, allow_nan=False)) + "\n"


def render_yaml(content: Content) -> str:
    """Write the document as YAML."""
    return "".join(_block(_tree(content), "")).lstrip("\n") + "\n"


def render_tag_value(content: Content) -> str:
    """Write the document as tag-value."""
    out = io.StringIO()
    write_document(document_of(content), out)
    return out.getvalue()


def document_of(content: Content) -> Document:
    """Return the document in the model of spdx-tools."""
    tool = Actor(ActorType.TOOL, f"osaudit-{content.tool_version}")
    created = datetime.strptime(content.created, TIME)  # noqa: DTZ007 - spdx-tools takes naive times for UTC
    creation = CreationInfo(
        spdx_version="SPDX-2.3",
        spdx_id=_DOCUMENT,
        name=content.name,
        document_namespace=f"https://spdx.org/spdxdocs/osaudit-{content.uuid}",
        creators=[tool],
        created=created,
        document_comment=DISCLAIMER,
    )
    return Document(
        creation,
        packages=[*map(_package, content.parts), *(_file(file, content.model) for file in content.files)],
        relationships=list(_relationships(content)),
        annotations=[
            Annotation(_id(content.model.id), _annotation_type(note), tool, created, note.text)
            for note in content.notes
        ],
        extracted_licensing_info=[_extracted(reference) for reference in content.references],
    )


def _annotation_type(note: Note) -> AnnotationType:
    return AnnotationType.OTHER if note.kind in STATED else AnnotationType.REVIEW


def _tree(content: Content) -> dict[str, Any]:
    tree: dict[str, Any] = DocumentConverter().convert(document_of(content))  # type: ignore[no-untyped-call] # it has no annotations
    return tree


def _block(value: Any, indent: str) -> Iterator[str]:  # noqa: ANN401 - JSON
    """YAML's block style with every scalar as JSON writes it, which is YAML as well: PyYAML takes ten times as long."""
    match value:
        case dict() if value:
            for key, item in value.items():
                yield f"\n{indent}{key}:"
                yield from _block(item, f"{indent}  ")
        case list() if value:
            for item in value:
                first, *rest = _block(item, f"{indent}  ")
                yield f"\n{indent}- {first.lstrip()}"
                yield from rest
        case _:
            yield f" {shown(json.dumps(value, ensure_ascii=False))}"


def _id(local: str) -> str:
    return f"SPDXRef-{local}"


def _package(part: Part) -> Package:
    return Package(
        spdx_id=_id(part.id),
        name=part.name,
        download_location=part.url or SpdxNoAssertion(),
        version=part.commit,
        supplier=_supplier(part),
        files_analyzed=False,
        license_declared=_expression(part.licensing.declared),
        license_concluded=_expression(part.licensing.concluded),
        license_comment=part.licensing.comment or None,
        copyright_text=SpdxNoAssertion(),
        description=traits_words(part) or None,
        comment=access_words(part),
        external_references=[_purl(part.purl)] if part.purl else [],
        primary_package_purpose=PackagePurpose.SOURCE if part.kind == "source" else PackagePurpose.OTHER,
        release_date=datetime.strptime(part.released, TIME) if part.released else None,  # noqa: DTZ007 - likewise
    )


def _supplier(part: Part) -> Actor | SpdxNoAssertion:
    return Actor(ActorType.ORGANIZATION, part.supplier) if part.supplier else SpdxNoAssertion()


def _purl(purl: str) -> ExternalPackageRef:
    return ExternalPackageRef(ExternalPackageRefCategory.PACKAGE_MANAGER, "purl", purl)


def _file(file: WeightFile, model: Part) -> Package:
    return Package(
        spdx_id=_id(file.id),
        name=file.path,
        file_name=file.path,
        version=model.commit,
        supplier=_supplier(model),
        download_location=file.url or SpdxNoAssertion(),
        files_analyzed=False,
        checksums=[Checksum(ChecksumAlgorithm.SHA256, file.sha256)] if file.sha256 else [],
        comment=None if file.size is None else f"size in bytes: {file.size}",
        primary_package_purpose=PackagePurpose.FILE,
    )


def _expression(text: str) -> LicenseExpression | SpdxNone | SpdxNoAssertion:
    if text == NONE:
        return SpdxNone()
    return SpdxNoAssertion() if text == NOASSERTION else expressions().parse(text)


def _relationships(content: Content) -> Iterator[Relationship]:
    yield Relationship(_DOCUMENT, RelationshipType.DESCRIBES, _id(content.model.id))
    for link in content.links:
        yield _relationship(link)


def _relationship(link: Link) -> Relationship:
    source, target = _id(link.source), _id(link.target)
    match link.kind:
        case "contains":
            return Relationship(source, RelationshipType.CONTAINS, target)
        case "trained-on":
            return Relationship(target, RelationshipType.DATA_FILE_OF, source, f"trained on: {link.comment}")
        case "tested-on":
            return Relationship(target, RelationshipType.TEST_CASE_OF, source, f"tested on: {link.comment}")
        case "made-from":
            return Relationship(source, RelationshipType.DESCENDANT_OF, target, f"made from: {link.comment}")
        case "made-with":
            return Relationship(source, RelationshipType.GENERATED_FROM, target, f"made with: {link.comment}")
        case "may-be-made-from":
            return Relationship(source, RelationshipType.OTHER, target, f"may be made from: {link.comment}")


def _extracted(reference: Reference) -> ExtractedLicensingInfo:
    return ExtractedLicensingInfo(
        reference.id, reference.text, license_name=reference.name, cross_references=list(reference.see_also)
    )
