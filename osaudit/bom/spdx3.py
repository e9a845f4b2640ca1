"""SPDX 3.0.1 with the AI and Dataset profiles, as JSON-LD, written with the bindings of spdx-python-model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from spdx_python_model.bindings import v3_0_1 as spdx

from osaudit.bom.check import AI_PROFILE, is_ai_package, missing_in
from osaudit.bom.content import Access, Content, Link, LinkKind, Part, Traits, WeightFile
from osaudit.bom.identifiers import TIME, clean, local_id
from osaudit.bom.licensing import NOASSERTION, NONE
from osaudit.bom.making import consumed, cost_words, is_fine_tuning
from osaudit.bom.notes import STATED
from osaudit.bom.words import DISCLAIMER, access_words, traits_words
from osaudit.jsontext import shown

ElementT = TypeVar("ElementT", bound=spdx.Element)

_INDIVIDUALS: dict[str, str] = {
    NONE: spdx.expandedlicensing_IndividualLicensingInfo.NoneLicense,
    NOASSERTION: spdx.expandedlicensing_IndividualLicensingInfo.NoAssertionLicense,
}
_AVAILABILITY: dict[Access, str] = {
    "open": spdx.dataset_DatasetAvailabilityType.directDownload,
    "auto": spdx.dataset_DatasetAvailabilityType.clickthrough,
    "manual": spdx.dataset_DatasetAvailabilityType.registration,
}
_RELATIONS: dict[LinkKind, str] = {
    "contains": spdx.RelationshipType.contains,
    "trained-on": spdx.RelationshipType.trainedOn,
    "tested-on": spdx.RelationshipType.testedOn,
    "made-from": spdx.RelationshipType.descendantOf,
    "may-be-made-from": spdx.RelationshipType.other,
    "made-with": spdx.RelationshipType.generates,
}


@dataclass(frozen=True, slots=True)
class _Frame:
    """What all elements of one document share: their namespace and how they came about."""

    space: str
    creation: spdx.CreationInfo

    def iri(self, local: str) -> str:
        return f"{self.space}#{local}"

    def new(self, kind: type[ElementT], local: str, **fields: Any) -> ElementT:  # noqa: ANN401 - the bindings check them
        filled = {key: value for key, value in fields.items() if value is not None and value != ""}
        return kind(_id=self.iri(local), creationInfo=self.creation, **filled)


def render(content: Content) -> str:
    """Write the document as JSON-LD; the bindings sort the elements by their ids."""
    objects = spdx.SHACLObjectSet()
    objects.objects = set(_document(content))  # adding them one by one would index each for look-ups nobody makes
    tree: dict[str, Any] = spdx.JSONLDSerializer().serialize_data(objects, force_at_graph=True)
    return shown(json.dumps(tree, ensure_ascii=False, indent=2, allow_nan=False)) + "\n"


def _frame(content: Content) -> _Frame:
    space = f"https://spdx.org/spdxdocs/osaudit-{content.uuid}"
    creation = spdx.CreationInfo(
        _id="_:creation-info",
        specVersion="3.0.1",
        created=_time(content.created),
        createdBy=[f"{space}#agent-osaudit"],
        createdUsing=[f"{space}#tool-osaudit"],
    )
    return _Frame(space, creation)


def _time(text: str) -> datetime:
    return datetime.strptime(text, TIME).replace(tzinfo=UTC)


def _document(content: Content) -> Iterator[spdx.SHACLObject]:
    frame = _frame(content)
    elements = list(_elements(content, frame))
    ids = [element.get_id() for element in elements]
    profiles = [getattr(spdx.ProfileIdentifierType, name) for name in _profiles(content)]
    yield frame.creation
    yield from elements
    yield frame.new(
        spdx.software_Sbom,
        "bom",
        rootElement=[frame.iri(content.model.id)],
        element=ids,
        profileConformance=profiles,
    )
    yield frame.new(
        spdx.SpdxDocument,
        "document",
        name=content.name,
        rootElement=[frame.iri("bom")],
        element=[frame.iri("bom"), *ids],
        profileConformance=profiles,
        dataLicense=frame.iri("licence-of-this-document"),
        comment=DISCLAIMER,
    )


def _profiles(content: Content) -> tuple[str, ...]:
    """The profiles that the document meets; nobody should take its word for one whose mandatory fields it lacks."""
    met = ("core", "software", "simpleLicensing")
    return met if missing_in(content, AI_PROFILE) else (*met, "ai")


def _elements(content: Content, frame: _Frame) -> Iterator[spdx.Element]:
    yield frame.new(spdx.SoftwareAgent, "agent-osaudit", name="osaudit")
    yield frame.new(spdx.Tool, "tool-osaudit", name=f"osaudit-{content.tool_version}")
    for supplier in sorted({part.supplier for part in content.parts if part.supplier}):
        yield frame.new(spdx.Organization, local_id("owner", supplier), name=supplier)
    for part in content.parts:
        yield _part(part, frame)
        yield from _licensing(part, frame)
    yield from (_file(file, frame) for file in content.files)
    yield from _licences(content, frame)
    yield from _links(content, frame)
    for number, note in enumerate(content.notes, 1):
        yield frame.new(
            spdx.Annotation,
            f"note-{number:03}-{note.kind}",
            subject=frame.iri(content.model.id),
            annotationType=spdx.AnnotationType.other if note.kind in STATED else spdx.AnnotationType.review,
            contentType="text/plain",
            statement=note.text,
        )


def _part(part: Part, frame: _Frame) -> spdx.software_Package:
    fields: dict[str, Any] = {
        "name": part.name,
        "software_packageVersion": part.commit,
        "software_packageUrl": part.purl,
        "software_downloadLocation": part.url,
        "suppliedBy": frame.iri(local_id("owner", part.supplier)) if part.supplier else None,
        "releaseTime": _time(part.released) if part.released else None,
        "description": traits_words(part),
        "comment": access_words(part),
    }
    if part.kind == "dataset":
        return frame.new(
            spdx.dataset_DatasetPackage,
            part.id,
            **fields,
            software_primaryPurpose=spdx.software_SoftwarePurpose.data,
            dataset_datasetType=[spdx.dataset_DatasetType.noAssertion],
            dataset_datasetAvailability=_AVAILABILITY.get(part.access),
        )
    if part.kind == "source":
        fields["software_primaryPurpose"] = spdx.software_SoftwarePurpose.source
        return frame.new(spdx.software_Package, part.id, **fields)
    fields["software_primaryPurpose"] = spdx.software_SoftwarePurpose.model
    if not is_ai_package(part):
        return frame.new(spdx.software_Package, part.id, **fields)
    traits = part.traits
    return frame.new(
        spdx.ai_AIPackage,
        part.id,
        **fields,
        ai_typeOfModel=list(traits.architectures) or ([traits.family] if traits.family else None),
        ai_domain=[traits.task] if traits.task else None,
        ai_limitation=_stated(traits.limitations),
        ai_informationAboutTraining=_on_training(traits),
        ai_hyperparameter=[spdx.DictionaryEntry(key=one.name, value=one.value) for one in traits.settings] or None,
        ai_energyConsumption=_energy(traits),
    )


def _on_training(traits: Traits) -> str:
    """Where the card describes it, and what it cost: the standard has a field for energy, and none for emissions."""
    costs = "; ".join(map(cost_words, traits.costs))
    parts = (_stated(traits.training), f"as the card states, {costs}" if costs else "")
    return clean(". ".join(part for part in parts if part))


def _energy(traits: Traits) -> spdx.ai_EnergyConsumption | None:
    figure = consumed(traits.costs)
    if figure is None:
        return None
    described = [
        spdx.ai_EnergyConsumptionDescription(
            ai_energyQuantity=figure, ai_energyUnit=spdx.ai_EnergyUnitType.kilowattHour
        )
    ]
    if is_fine_tuning(traits.costs):
        return spdx.ai_EnergyConsumption(ai_finetuningEnergyConsumption=described)
    return spdx.ai_EnergyConsumption(ai_trainingEnergyConsumption=described)


def _stated(sections: tuple[str, ...]) -> str:
    return f"stated in the card: {'; '.join(sections)}" if sections else ""


def _file(file: WeightFile, frame: _Frame) -> spdx.software_File:
    hashes = [spdx.Hash(algorithm=spdx.HashAlgorithm.sha256, hashValue=file.sha256)] if file.sha256 else None
    return frame.new(
        spdx.software_File,
        file.id,
        name=file.path,
        software_fileKind=spdx.software_FileKindType.file,
        software_primaryPurpose=spdx.software_SoftwarePurpose.model,
        verifiedUsing=hashes,
        comment=None if file.size is None else f"size in bytes: {file.size}",
    )


def _licensing(part: Part, frame: _Frame) -> Iterator[spdx.Relationship]:
    licensing = part.licensing
    declared, concluded = spdx.RelationshipType.hasDeclaredLicense, spdx.RelationshipType.hasConcludedLicense
    for name, kind, expression, comment in (
        ("declared", declared, licensing.declared, ""),
        ("concluded", concluded, licensing.concluded, licensing.comment),
    ):
        yield frame.new(
            spdx.Relationship,
            f"{name}-{part.id}",
            from_=frame.iri(part.id),
            relationshipType=kind,
            to=[_licence_iri(expression, frame)],
            comment=comment,
        )


def _licence_iri(expression: str, frame: _Frame) -> str:
    return _INDIVIDUALS.get(expression) or frame.iri(local_id("licence", expression))


def _licences(content: Content, frame: _Frame) -> Iterator[spdx.Element]:
    yield frame.new(
        spdx.simplelicensing_LicenseExpression, "licence-of-this-document", simplelicensing_licenseExpression="CC0-1.0"
    )
    named = {part.licensing.declared for part in content.parts} | {part.licensing.concluded for part in content.parts}
    for expression in sorted(named - set(_INDIVIDUALS)):
        own = [one for one in content.references if one.id in expression.replace("(", " ").replace(")", " ").split()]
        entries = [spdx.DictionaryEntry(key=one.id, value=frame.iri(_text_id(one.id))) for one in own]
        yield frame.new(
            spdx.simplelicensing_LicenseExpression,
            local_id("licence", expression),
            simplelicensing_licenseExpression=expression,
            simplelicensing_customIdToUri=entries or None,
        )
    for one in content.references:
        yield frame.new(
            spdx.simplelicensing_SimpleLicensingText,
            _text_id(one.id),
            name=one.name,
            simplelicensing_licenseText=one.text,
            comment=f"See also: {', '.join(one.see_also)}" if one.see_also else "",
        )


def _text_id(reference: str) -> str:
    return f"text-{reference}"


def _links(content: Content, frame: _Frame) -> Iterator[spdx.Relationship]:
    kinds = spdx.RelationshipCompleteness
    if content.files:
        yield frame.new(
            spdx.Relationship,
            "contains",
            from_=frame.iri(content.model.id),
            relationshipType=spdx.RelationshipType.contains,
            to=[frame.iri(file.id) for file in content.files],
            completeness=kinds.complete if content.files_complete else kinds.incomplete,
        )
    for link in content.links:
        if link.kind != "contains":
            yield _link(link, frame)


def _link(link: Link, frame: _Frame) -> spdx.Relationship:
    source, target = (link.target, link.source) if link.kind == "made-with" else (link.source, link.target)
    return frame.new(
        spdx.Relationship,
        local_id(link.kind, f"{link.source} {link.target}"),
        from_=frame.iri(source),
        relationshipType=_RELATIONS[link.kind],
        to=[frame.iri(target)],
        completeness=spdx.RelationshipCompleteness.noAssertion,
        comment=f"{link.kind.replace('-', ' ')}: {link.comment}",
    )
