"""What a bill of materials must hold and lacks: NTIA's minimum elements and the mandatory fields of SPDX's AI profile.

Sources: NTIA, The Minimum Elements For a Software Bill of Materials (2021), part IV; SPDX 3.0.1, AI profile, AIPackage.
No validator of the standards asks for these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from osaudit.bom.content import Content, Part

Standard: TypeAlias = Literal["NTIA minimum elements", "SPDX AI profile"]

NTIA: Standard = "NTIA minimum elements"
AI_PROFILE: Standard = "SPDX AI profile"


@dataclass(frozen=True, slots=True)
class Field:
    """A field that a standard asks of one component; `value` is empty where nothing was seen, and `why` says so."""

    standard: Standard
    component: str
    name: str
    value: str
    why: str = ""


def fields_of(content: Content) -> tuple[Field, ...]:
    """Every field that is asked for, with its value."""
    return (*_document(content), *(field for part in content.parts for field in _part(content, part)))


def missing_in(content: Content, standard: Standard | None = None) -> tuple[Field, ...]:
    """The fields without a value, of one standard or of both."""
    lacking = (field for field in fields_of(content) if not field.value)
    return tuple(field for field in lacking if standard in {None, field.standard})


def is_ai_package(part: Part) -> bool:
    """Whether it is written as an AI package: of a model that was not looked into, too little is known for one."""
    return part.kind == "model" and not part.unseen


def _document(content: Content) -> Iterator[Field]:
    yield Field(NTIA, "document", "author of the data", f"osaudit {content.tool_version}")
    yield Field(NTIA, "document", "timestamp", content.created)


def _part(content: Content, part: Part) -> Iterator[Field]:
    related = part is content.model or any(part.id in {link.source, link.target} for link in content.links)
    asked = [
        (NTIA, "supplier name", part.supplier, "no account stands in its name"),
        (NTIA, "component name", part.name, "it has no name"),
        (NTIA, "version", part.commit, "no commit is known"),
        (NTIA, "unique identifier", part.purl or part.url, "it has no page on the Hub"),
        (NTIA, "dependency relationship", "related" if related else None, "nothing relates to it"),
    ]
    if is_ai_package(part):
        asked += [
            (AI_PROFILE, "suppliedBy", part.supplier, "no account stands in its name"),
            (AI_PROFILE, "downloadLocation", part.url, "it has no page on the Hub"),
            (AI_PROFILE, "packageVersion", part.commit, "no commit is known"),
            (AI_PROFILE, "primaryPurpose", "model", ""),
            (AI_PROFILE, "releaseTime", part.released, "the date of the commit was not seen"),
            (AI_PROFILE, "hasDeclaredLicense", part.licensing.declared, ""),
            (AI_PROFILE, "hasConcludedLicense", part.licensing.concluded, ""),
        ]
    for standard, name, value, why in asked:
        yield Field(standard, part.name, name, value or "", part.unseen or why if not value else "")
