"""SPDX 3.0 as JSON-LD, read: AI packages, their licences, and relationships of descent."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osaudit.bom.licensing import NOASSERTION, NONE
from osaudit.bom.recognise import (
    Ancestry,
    Entry,
    Named,
    Table,
    descent_in,
    first_named,
    list_in,
    table_in,
    tables_in,
    text_in,
)

MAX_LICENCES = 50

_LISTED = re.compile(r"https?://spdx\.org/licenses/(?P<id>[A-Za-z0-9.+-]+?)(?:\.html)?")


def read(tree: Table) -> tuple[tuple[Entry, ...], tuple[Ancestry, ...]]:
    """Return the packages that are models, and what they are made from."""
    elements = {_id_of(element): element for element in tables_in(tree.get("@graph", tree))}
    named = {key: found for key, element in elements.items() if (found := _named(element))}
    relations = [element for element in elements.values() if _type_of(element) == "Relationship"]
    licences = {(key, kind): text for key, kind, text in _licences(relations, elements)}
    subjects = {text_in(key) for element in elements.values() for key in list_in(element.get("rootElement"))}
    entries = tuple(
        Entry(
            model,
            licences.get((key, "hasDeclaredLicense"), NOASSERTION),
            licences.get((key, "hasConcludedLicense"), NOASSERTION),
            key in subjects,
        )
        for key, model in named.items()
    )
    names = {key: named[key].id if key in named else text_in(one.get("name")) for key, one in elements.items()}
    return entries, tuple(_lineage(relations, named, names))


def _id_of(element: Table) -> str:
    return text_in(element.get("spdxId")) or text_in(element.get("@id"))


def _type_of(element: Table) -> str:
    """The class without its profile: `ai_AIPackage`, `AIPackage` and the whole IRI are one."""
    return re.split(r"[/#_]", text_in(element.get("type")) or text_in(element.get("@type")))[-1]


def _named(element: Table) -> Named | None:
    kind = _type_of(element)
    if kind not in {"AIPackage", "Package"}:
        return None
    identifiers = tables_in(element.get("externalIdentifier"))
    purls = [_field(element, "packageUrl"), *(text_in(one.get("identifier")) for one in identifiers)]
    addresses = [_field(element, "downloadLocation"), _field(element, "homePage")] if kind == "AIPackage" else []
    names = [text_in(element.get("name"))] if kind == "AIPackage" else []
    return first_named(purls, addresses, names, _field(element, "packageVersion"))


def _field(element: Table, name: str) -> str:
    return text_in(element.get(f"software_{name}")) or text_in(element.get(name))


def _ends(relation: Table) -> tuple[list[str], list[str]]:
    """Both ends of a relationship (one, and many), by identifier, whether they are named or written out in it."""
    source, target = relation.get("from"), relation.get("to")
    targets = target if isinstance(target, list) else [target]
    return [_end(source)], [_end(item) for item in targets]


def _end(item: object) -> str:
    return _id_of(table_in(item)) or text_in(item)


def _licences(relations: list[Table], elements: dict[str, Table]) -> Iterator[tuple[str, str, str]]:
    for relation in relations:
        kind = text_in(relation.get("relationshipType"))
        if kind in {"hasDeclaredLicense", "hasConcludedLicense"}:
            parts, licences = _ends(relation)
            written = {_id_of(one): one for one in tables_in(relation.get("to"))}
            found = (_expression(one, written.get(one) or elements.get(one, {})) for one in licences[:MAX_LICENCES])
            text = " AND ".join(found)
            yield from ((part, kind, text) for part in parts if text)


def _expression(identifier: str, element: Table) -> str:
    listed = _LISTED.fullmatch(identifier)
    if listed:
        return listed["id"]
    if identifier.endswith(("NoneLicense", "NoneElement")):
        return NONE
    told = text_in(element.get("simplelicensing_licenseExpression")) or text_in(element.get("licenseExpression"))
    return told or text_in(element.get("name")) or NOASSERTION


def _lineage(relations: list[Table], named: dict[str, Named], names: dict[str, str]) -> Iterator[Ancestry]:
    for relation in relations:
        kind = text_in(relation.get("relationshipType"))
        children, parents = _ends(relation)
        if kind == "ancestorOf":
            children, parents = parents, children
        told = descent_in(text_in(relation.get("comment")))
        if kind not in {"descendantOf", "ancestorOf"} and not (kind == "other" and told):
            continue
        word, sure = told or ("unknown", True)
        for child in children:
            if child in named:
                yield from (Ancestry(names[child], names[parent], word, sure) for parent in parents if parent in names)
