"""What a release is, as Croissant 1.1 tells machines: its files with their hashes, its records field by field.

https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from osaudit.site.downloads import date_of
from osaudit.site.fields import WIDE, Field
from osaudit.site.options import Site
from osaudit.sweep.columns import Kind

_CONTEXT: Mapping[str, Any] = MappingProxyType(
    {
        "@language": "en",
        "@vocab": "https://schema.org/",
        "citeAs": "cr:citeAs",
        "column": "cr:column",
        "conformsTo": "dct:conformsTo",
        "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "dct": "http://purl.org/dc/terms/",
        "equivalentProperty": "cr:equivalentProperty",
        "examples": {"@id": "cr:examples", "@type": "@json"},
        "extract": "cr:extract",
        "field": "cr:field",
        "fileProperty": "cr:fileProperty",
        "fileObject": "cr:fileObject",
        "fileSet": "cr:fileSet",
        "format": "cr:format",
        "includes": "cr:includes",
        "isLiveDataset": "cr:isLiveDataset",
        "jsonPath": "cr:jsonPath",
        "key": "cr:key",
        "md5": "cr:md5",
        "parentField": "cr:parentField",
        "path": "cr:path",
        "recordSet": "cr:recordSet",
        "references": "cr:references",
        "regex": "cr:regex",
        "repeated": "cr:repeated",
        "replace": "cr:replace",
        "samplingRate": "cr:samplingRate",
        "sc": "https://schema.org/",
        "separator": "cr:separator",
        "source": "cr:source",
        "subField": "cr:subField",
        "transform": "cr:transform",
    }
)
_TYPES: Mapping[Kind, str] = MappingProxyType(
    {
        "text": "sc:Text",
        "texts": "sc:Text",
        "whole": "sc:Integer",
        "number": "sc:Float",
        "truth": "sc:Boolean",
        "time": "sc:DateTime",
    }
)
_FORMS: Mapping[str, str] = MappingProxyType(
    {
        "csv": "text/csv",
        "parquet": "application/x-parquet",
        "json": "application/json",
        "jsonl": "application/jsonlines",
    }
)
_MAIN = "data/models.parquet"


def described(site: Site, hashes: Mapping[str, str]) -> dict[str, Any]:
    """The metadata of a release whose files have these hashes, by their names from the release's folder."""
    from osaudit.site.release import about  # noqa: PLC0415 - the two tell of each other

    asked = site.options
    files = [name for name in sorted(hashes) if name.partition(".")[2] in _FORMS and not name.startswith("s")]
    return {
        "@context": dict(_CONTEXT),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": asked.title,
        "description": about(site),
        "version": _version(asked.release),
        "datePublished": date_of(site.made_at)[:10],
        "creator": {"@type": "sc:Organization", "name": asked.by or "osaudit"},
        **({"license": f"https://spdx.org/licenses/{asked.licence}.html"} if asked.licence else {}),
        **({"url": asked.address} if asked.address else {}),
        "citeAs": f"{asked.by or 'osaudit'}: {asked.title}, release {asked.release}. {asked.address}".strip(),
        "isLiveDataset": False,
        "distribution": [_file(name, hashes[name]) for name in files],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "models",
                "name": "models",
                "description": "A row a model, in the order of the ranking.",
                "key": {"@id": "models/model"},
                "field": [_field(one) for one in WIDE],
            }
        ],
    }


def _version(release: str) -> str:
    """A release's name as the semantic version that Croissant asks for: 2026-11.2 is 2026.11.2."""
    parts = [str(int(part)) for part in release.replace(".", "-").split("-")]
    return ".".join([*parts, "0", "0"][:3])


def _file(name: str, sha256: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "encodingFormat": _FORMS[name.rpartition(".")[2]],
        "sha256": sha256,
    }


def _field(one: Field) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"models/{one.name}",
        "name": f"models/{one.name}",
        "description": one.what,
        "dataType": _TYPES[one.kind],
        **({"repeated": True} if one.kind == "texts" else {}),
        "source": {"fileObject": {"@id": _MAIN}, "extract": {"column": one.name}},
    }
