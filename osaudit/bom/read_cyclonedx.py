"""CycloneDX as JSON, read: components that are models, their licences, and their pedigree."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from osaudit.bom.cyclonedx import BELOW, BENEATH, GUESS, LICENCE, RELATION
from osaudit.bom.licensing import NOASSERTION
from osaudit.bom.recognise import Ancestry, Entry, Named, Table, first_named, table_in, tables_in, text_in

MAX_LICENCES = 50

_MODEL = "machine-learning-model"


def read(tree: Table) -> tuple[tuple[Entry, ...], tuple[Ancestry, ...]]:
    """Return the models among all components, however deep, and what they are made from."""
    entries: list[Entry] = []
    lineage: list[Ancestry] = []
    subjects = tables_in(table_in(tree.get("metadata")).get("component"))
    ahead = deque([*((one, True) for one in subjects), *((one, False) for one in tables_in(tree.get("components")))])
    while ahead:
        component, subject = ahead.popleft()
        ahead.extend((one, False) for one in tables_in(component.get("components")))
        named = _named(component)
        if named:
            stated = _licence(component, "declared"), _licence(component, "concluded")
            entries.append(Entry(named, *stated, subject))
            lineage.extend(_lineage(component))
    return tuple(entries), tuple(lineage)


def _named(component: Table) -> Named | None:
    kind = text_in(component.get("type"))
    if kind == "data":
        return None
    is_model = kind == _MODEL
    references = tables_in(component.get("externalReferences"))
    addresses = [text_in(reference.get("url")) for reference in references] if is_model else []
    names = [_name(component)] if is_model else []
    version = text_in(component.get("version"))
    return first_named([text_in(component.get("purl"))], addresses, names, version)


def _name(component: Table) -> str:
    group, name = text_in(component.get("group")), text_in(component.get("name"))
    return f"{group}/{name}" if group and "/" not in name else name


def _licence(component: Table, manner: str) -> str:
    """Return the expression of one manner; a licence that names none is taken for declared."""
    terms = [
        expression
        for choice in tables_in(component.get("licenses"))[:MAX_LICENCES]
        if (expression := _expression(choice)) and _manner(choice) == manner
    ]
    if terms:
        return " AND ".join(dict.fromkeys(terms))
    return _property(component, f"{LICENCE}:{manner}") or NOASSERTION


def _expression(choice: Table) -> str:
    licence = table_in(choice.get("license"))
    own = _property(licence, LICENCE)
    return own or text_in(choice.get("expression")) or text_in(licence.get("id")) or text_in(licence.get("name"))


def _manner(choice: Table) -> str:
    told = choice.get("acknowledgement") or table_in(choice.get("license")).get("acknowledgement")
    return text_in(told) or "declared"


def _property(tree: Table, name: str) -> str:
    return next(iter(_properties(tree, name)), "")


def _properties(tree: Table, name: str) -> list[str]:
    return [text_in(one.get("value")) for one in tables_in(tree.get("properties")) if one.get("name") == name]


def _lineage(component: Table) -> Iterator[Ancestry]:
    ahead = deque([component])
    while ahead:
        child = ahead.popleft()
        name = _id(child)
        for ancestor in tables_in(table_in(child.get("pedigree")).get("ancestors")):
            yield Ancestry(name, _id(ancestor), _property(ancestor, RELATION) or "unknown")
            ahead.append(ancestor)
        for guess in _properties(child, GUESS):
            relation, _, parent = guess.partition(": ")
            yield Ancestry(name, parent, relation, sure=False)
        for kind, key in BENEATH.items():
            for told in _properties(child, key):
                relation, _, edge = told.partition(": ")
                below, _, parent = edge.partition(BELOW)
                yield Ancestry(below, parent, relation, sure=kind == "made-from")


def _id(component: Table) -> str:
    named = _named(component)
    return named.id if named else _name(component)
