"""SHACL for SPDX 3.0.1, offline: the shapes that spdx-python-model's bindings were made from, as a graph for pyshacl.

`python tests/spdx3_shapes.py FILE...` validates documents and says how long each takes.
"""

from __future__ import annotations

import functools
import json
import sys
import time
from pathlib import Path
from typing import Any

from pyshacl import validate
from rdflib import RDF, RDFS, SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from spdx_python_model.bindings.v3_0_1 import model as spdx

_DATATYPES = (
    (spdx.AnyURIProp, XSD.anyURI),
    (spdx.DateTimeStampProp, XSD.dateTimeStamp),
    (spdx.PositiveIntegerProp, XSD.positiveInteger),
    (spdx.NonNegativeIntegerProp, XSD.nonNegativeInteger),
    (spdx.IntegerProp, XSD.integer),
    (spdx.BooleanProp, XSD.boolean),
    (spdx.FloatProp, XSD.decimal),
    (spdx.StringProp, XSD.string),
)


def violations(document: str) -> list[str]:
    """Return what is wrong with a document, in SHACL's words; nothing where it conforms."""
    data = graph_of(json.loads(document))
    conforms, _, words = validate(data, shacl_graph=shapes(), inference="none", advanced=False)
    return [] if conforms else [str(words)]


@functools.cache
def shapes() -> Graph:
    """One node shape a class, one property shape a property that it adds to its parents'."""
    graph = Graph()
    for kind in set(spdx.SHACLObject.CLASSES.values()):
        _add_shape(graph, kind)
    return graph


def _add_shape(graph: Graph, kind: Any) -> None:
    iri = URIRef(kind._TYPE)
    graph.add((iri, RDF.type, RDFS.Class))
    graph.add((iri, RDF.type, SH.NodeShape))
    parents = [parent for parent in kind.__bases__ if getattr(parent, "_TYPE", None)]
    inherited = {name for parent in parents for name in parent._OBJ_PY_PROPS}
    for parent in parents:
        graph.add((iri, RDFS.subClassOf, URIRef(parent._TYPE)))
    for name, held in kind._OBJ_PY_PROPS.items():
        if name not in inherited and held.iri != "@id":
            graph.add((iri, SH.property, _property_shape(graph, held)))


def _property_shape(graph: Graph, held: Any) -> BNode:
    shape, prop = BNode(), held.prop or held.reg()
    graph.add((shape, SH.path, URIRef(held.iri)))
    many = isinstance(prop, spdx.ListProp)
    item = prop.prop if many else prop
    if held.min_count:
        graph.add((shape, SH.minCount, Literal(held.min_count)))
    if held.max_count or not many:
        graph.add((shape, SH.maxCount, Literal(held.max_count or 1)))
    if isinstance(item, spdx.EnumProp):
        members = BNode()
        Collection(graph, members, [URIRef(iri) for iri in item.iri_values()])
        graph.add((shape, SH["in"], members))
    elif isinstance(item, spdx.ObjectProp):
        graph.add((shape, SH["class"], URIRef(item.cls._TYPE)))
    else:
        graph.add((shape, SH.datatype, _datatype(item)))
    if item.pattern:
        graph.add((shape, SH.pattern, Literal(item.pattern)))
    return shape


def _datatype(prop: Any) -> URIRef:
    return next(datatype for kind, datatype in _DATATYPES if isinstance(prop, kind))


def graph_of(document: dict[str, Any]) -> Graph:
    """Read JSON-LD in SPDX's context; an unknown key fails, which the context would pass over."""
    assert document["@context"] == "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
    graph = Graph()
    for triple in _of_the_standard():
        graph.add(triple)
    for element in document["@graph"]:
        _add(graph, element)
    return graph


@functools.cache
def _of_the_standard() -> list[tuple[Any, Any, Any]]:
    """The class hierarchy and the named individuals, which a document refers to and does not repeat."""
    core, made = "https://spdx.org/rdf/3.0.1/terms/Core/", BNode("of-the-standard")
    triples = [
        *shapes().triples((None, RDFS.subClassOf, None)),
        (made, RDF.type, URIRef(f"{core}CreationInfo")),
        (made, URIRef(f"{core}created"), Literal("2024-12-17T00:00:00Z", datatype=XSD.dateTimeStamp)),
        (made, URIRef(f"{core}createdBy"), URIRef(f"{core}SpdxOrganization")),
        (made, URIRef(f"{core}specVersion"), Literal("3.0.1", datatype=XSD.string)),
    ]
    for kind in set(spdx.SHACLObject.CLASSES.values()):
        for iri in kind.NAMED_INDIVIDUALS.values():
            triples.append((URIRef(iri), RDF.type, URIRef(kind._TYPE)))
            if issubclass(kind, spdx.Element):
                triples.append((URIRef(iri), URIRef(f"{core}creationInfo"), made))
    return triples


@functools.cache
def _by_compact_name() -> dict[str, Any]:
    return {kind._COMPACT_TYPE: kind for kind in spdx.SHACLObject.CLASSES.values() if kind._COMPACT_TYPE}


def _add(graph: Graph, element: dict[str, Any]) -> URIRef | BNode:
    kind = _by_compact_name()[element["type"]]
    node = _node(element.get("spdxId") or element.get("@id") or f"_:{id(element)}")
    graph.add((node, RDF.type, URIRef(kind._TYPE)))
    known = kind._OBJ_COMPACT_PROPS
    for key, value in element.items():
        if key in {"type", "spdxId", "@id"}:
            continue
        assert key in known, f"{element['type']} has no {key}"
        for item in value if isinstance(value, list) else [value]:
            graph.add((node, URIRef(known[key].iri), _value(graph, known[key].prop or known[key].reg(), item)))
    return node


def _value(graph: Graph, prop: Any, item: Any) -> URIRef | BNode | Literal:
    prop = prop.prop if isinstance(prop, spdx.ListProp) else prop
    if isinstance(item, dict):
        return _add(graph, item)
    if isinstance(prop, spdx.EnumProp):
        return URIRef(prop.expand(item) or f"unknown:{item}")
    if isinstance(prop, spdx.ObjectProp):
        return _node(prop.expand(item) or item)
    return Literal(item, datatype=_datatype(prop))


def _node(name: str) -> URIRef | BNode:
    return BNode(name[2:]) if name.startswith("_:") else URIRef(name)


if __name__ == "__main__":
    wrong = 0
    for path in sys.argv[1:]:
        start = time.process_time()
        found = violations(Path(path).read_text(encoding="utf-8"))
        wrong += bool(found)
        sys.stdout.write(
            f"{path}: {'conforms' if not found else found[0][:2_000]} ({time.process_time() - start:.1f} s)\n"
        )
    sys.exit(1 if wrong else 0)
