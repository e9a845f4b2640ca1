"""SPDX 2.2 and 2.3 as JSON, read: packages that are models, their licences, and relationships of descent."""

from __future__ import annotations

from collections.abc import Iterator

from osaudit.bom.licensing import NOASSERTION
from osaudit.bom.recognise import Ancestry, Entry, Named, Table, descent_in, first_named, list_in, tables_in, text_in

_DESCENT = frozenset({"DESCENDANT_OF", "GENERATED_FROM"})
_REVERSED = frozenset({"ANCESTOR_OF", "GENERATES"})


def read(tree: Table) -> tuple[tuple[Entry, ...], tuple[Ancestry, ...]]:
    """Return the packages that are models, and what they are made from."""
    packages = {text_in(package.get("SPDXID")): package for package in tables_in(tree.get("packages"))}
    named = {key: found for key, package in packages.items() if (found := _named(package))}
    subjects = _subjects(tree)
    entries = tuple(
        Entry(
            model,
            _licence(packages[key], "licenseDeclared"),
            _licence(packages[key], "licenseConcluded"),
            key in subjects,
        )
        for key, model in named.items()
    )
    names = {key: named[key].id if key in named else text_in(package.get("name")) for key, package in packages.items()}
    return entries, tuple(_lineage(tree, named, names))


def _subjects(tree: Table) -> set[str]:
    described = {text_in(key) for key in list_in(tree.get("documentDescribes"))}
    relationships = tables_in(tree.get("relationships"))
    told = (one for one in relationships if one.get("relationshipType") == "DESCRIBES")
    return described | {text_in(one.get("relatedSpdxElement")) for one in told}


def _named(package: Table) -> Named | None:
    if package.get("primaryPackagePurpose") == "FILE":
        return None
    references = tables_in(package.get("externalRefs"))
    purls = [text_in(one.get("referenceLocator")) for one in references if one.get("referenceType") == "purl"]
    addresses = [text_in(package.get("downloadLocation")).removeprefix("git+"), text_in(package.get("homepage"))]
    return first_named(purls, addresses, (), text_in(package.get("versionInfo")))


def _licence(package: Table, key: str) -> str:
    return text_in(package.get(key)).strip() or NOASSERTION


def _lineage(tree: Table, named: dict[str, Named], names: dict[str, str]) -> Iterator[Ancestry]:
    for one in tables_in(tree.get("relationships")):
        kind = text_in(one.get("relationshipType"))
        child, parent = text_in(one.get("spdxElementId")), text_in(one.get("relatedSpdxElement"))
        if kind in _REVERSED:
            child, parent = parent, child
        told = descent_in(text_in(one.get("comment")))
        descent = kind in _DESCENT | _REVERSED and (parent in named or kind == "DESCENDANT_OF")
        if child in named and parent in names and (descent or (kind == "OTHER" and told)):
            yield Ancestry(names[child], names[parent], *(told or ("unknown", True)))
