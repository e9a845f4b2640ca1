"""CycloneDX 1.6 and 1.7 as JSON: a machine-learning model with its model card, data, pedigree and annotations.

Written out by hand: cyclonedx-python-lib knows no model card, data or annotation, drops them on reading, and takes
0.25 ms a weight file. Its strict validator holds the documents to the schemas in the tests.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias

from osaudit.bom.content import Content, Link, Part, WeightFile
from osaudit.bom.licensing import NOASSERTION, NONE, Reference
from osaudit.bom.making import Stated, consumed, cost_words, emitted, is_fine_tuning
from osaudit.bom.words import DISCLAIMER
from osaudit.jsontext import shown

Version: TypeAlias = Literal["1.6", "1.7"]
Tree: TypeAlias = dict[str, Any]

LICENCE = "osaudit:licence"
RELATION = "osaudit:lineage:relation"
GUESS = "osaudit:lineage:may-be-made-from"
BENEATH = {
    "made-from": "osaudit:lineage:made-from-beneath",
    "may-be-made-from": "osaudit:lineage:may-be-made-from-beneath",
}
"""What a model that a guess alone leads to was made from: it stands in no pedigree."""
_TYPES = {"model": "machine-learning-model", "dataset": "data", "source": "application"}
_REFERS = {"source": "vcs"}
BELOW = " => "


def render(content: Content, version: Version) -> str:
    """Write the document."""
    return shown(json.dumps(_document(content, version), ensure_ascii=False, indent=2, allow_nan=False)) + "\n"


def _document(content: Content, version: Version) -> Tree:
    tool = {"type": "application", "name": "osaudit", "version": content.tool_version}
    datasets = [link for link in content.links if link.kind in {"trained-on", "tested-on"}]
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{version}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": version,
        "serialNumber": f"urn:uuid:{content.uuid}",
        "version": 1,
        "metadata": {
            "timestamp": content.created,
            "tools": {"components": [tool]},
            "component": _model(content, version, datasets),
            "properties": [_property("osaudit:disclaimer", DISCLAIMER)],
        },
        "components": [
            *(_dataset(part, content, version) for part in content.datasets),
            *(_component(part, content, version) for part in content.sources),
        ],
        "dependencies": [
            {
                "ref": content.model.id,
                "dependsOn": sorted({*(one.target for one in datasets), *(p.id for p in content.sources)}),
            },
            *({"ref": part.id} for part in (*content.datasets, *content.sources)),
        ],
        "compositions": [
            {"aggregate": "complete" if content.files_complete else "incomplete", "assemblies": [content.model.id]}
        ],
        "annotations": [
            {
                "bom-ref": f"note-{number:03}-{note.kind}",
                "subjects": [content.model.id],
                "annotator": {"component": tool},
                "timestamp": content.created,
                "text": note.text,
            }
            for number, note in enumerate(content.notes, 1)
        ],
    }


def _model(content: Content, version: Version, datasets: list[Link]) -> Tree:
    model = content.model
    tree = _component(model, content, version, _guesses(model, content))
    tree["modelCard"] = _model_card(model, datasets)
    tree["components"] = [_file(file, model) for file in content.files]
    pedigree = _pedigree(model, content, version, {model.id})
    return _without_empty({**tree, "pedigree": pedigree})


def _component(part: Part, content: Content, version: Version, more: Iterable[Tree] = ()) -> Tree:
    group, _, name = part.name.rpartition("/") if part.supplier and part.kind == "model" else ("", "", part.name)
    licensing = part.licensing
    properties = [
        *(_unsaid("declared", licensing.declared)),
        *(_unsaid("concluded", licensing.concluded)),
        _property(f"{LICENCE}:comment", licensing.comment),
        _property("osaudit:availability", part.access),
        _property("osaudit:released", part.released),
        _property("osaudit:unseen", part.unseen),
        *more,
    ]
    return _without_empty(
        {
            "type": _TYPES[part.kind],
            "bom-ref": part.id,
            "supplier": _supplier(part),
            "group": group,
            "name": name,
            "version": part.commit,
            "licenses": _licences(part, content, version),
            "purl": part.purl,
            "externalReferences": [{"type": _REFERS.get(part.kind, "distribution"), "url": part.url}]
            if part.url
            else [],
            "properties": [one for one in properties if one["value"]],
        }
    )


def _supplier(part: Part) -> Tree:
    return {"name": part.supplier} if part.supplier else {}


def _unsaid(manner: str, expression: str) -> list[Tree]:
    """CycloneDX has no word for a licence that is not asserted, or is not there."""
    return [_property(f"{LICENCE}:{manner}", expression)] if expression in {NONE, NOASSERTION} else []


def _licences(part: Part, content: Content, version: Version) -> list[Tree]:
    references = {reference.id: reference for reference in content.references}
    both = (("declared", part.licensing.declared), ("concluded", part.licensing.concluded))
    return [
        _licence(expression, manner, references, version)
        for manner, expression in both
        if expression not in {NONE, NOASSERTION}
    ]


def _licence(expression: str, manner: str, references: Mapping[str, Reference], version: Version) -> Tree:
    own = references.get(expression)
    if own:
        properties = [_property(LICENCE, expression), _property(f"{LICENCE}:reference", own.text)]
        licence = {
            "name": own.name,
            "acknowledgement": manner,
            "url": next(iter(own.see_also), None),
            "properties": properties,
        }
        return {"license": _without_empty(licence)}
    if " " not in expression:
        return {"license": {"id": expression, "acknowledgement": manner}}
    if version == "1.6":  # there, an expression stands alone or not at all
        named = {"name": expression, "acknowledgement": manner, "properties": [_property(LICENCE, expression)]}
        return {"license": named}
    return {"expression": expression, "acknowledgement": manner}


def _pedigree(part: Part, content: Content, version: Version, told: set[str]) -> Tree:
    """The models that this one is made from, theirs within them, each model's own ancestors once."""
    ancestors = []
    for link in _made(part, content, sure=True):
        base = next(other for other in content.parts if other.id == link.target)
        more = [_property(RELATION, link.detail), _property("osaudit:lineage:comment", link.comment)]
        more += _guesses(base, content)
        tree = _component(base, content, version, more)
        del tree["bom-ref"]  # one model may stand at several places of the chain
        if base.id not in told:
            told.add(base.id)
            tree["pedigree"] = _pedigree(base, content, version, told)
        ancestors.append(_without_empty(tree))
    return {"ancestors": ancestors} if ancestors else {}


def _made(part: Part, content: Content, *, sure: bool) -> list[Link]:
    kind = "made-from" if sure else "may-be-made-from"
    return [link for link in content.links if link.source == part.id and link.kind == kind]


def _guesses(part: Part, content: Content) -> list[Tree]:
    """The models that a model may be made from, and what those may be made from in their turn."""
    links = _made(part, content, sure=False)
    told = [_property(GUESS, f"{link.detail}: {_name_of(link.target, content)}") for link in links]
    return told + [
        _property(
            BENEATH[link.kind],
            f"{link.detail}: {_name_of(link.source, content)}{BELOW}{_name_of(link.target, content)}",
        )
        for link in _beneath({link.target for link in links}, content)
    ]


def _beneath(guessed: set[str], content: Content) -> list[Link]:
    """The links of models that a guess alone leads to, which stand in no pedigree."""
    found: list[Link] = []
    ahead, reached = list(guessed), set(guessed)
    while ahead:
        child = ahead.pop()
        below = [link for link in content.links if link.source == child and link.kind in BENEATH]
        found += below
        new = {link.target for link in below} - reached
        reached |= new
        ahead += sorted(new)
    return found


def _name_of(identifier: str, content: Content) -> str:
    return next((part.name for part in content.parts if part.id == identifier), identifier)


def _model_card(model: Part, datasets: list[Link]) -> Tree:
    traits = model.traits
    parameters = {
        "task": traits.task,
        "architectureFamily": traits.family,
        "modelArchitecture": ", ".join(traits.architectures),
        "datasets": [{"ref": target} for target in sorted({link.target for link in datasets})],
    }
    properties = [
        _property("osaudit:model:library", traits.library),
        _property("osaudit:model:languages", ", ".join(traits.languages)),
        _property("osaudit:model:parameters", str(traits.parameters or "")),
        *(_property("osaudit:model:training-described-in", place) for place in traits.training),
        *(_property(f"osaudit:hyperparameter:{one.name}", one.value) for one in traits.settings),
    ]
    considerations = {
        "technicalLimitations": [f"stated in the card: {place}" for place in traits.limitations],
        "environmentalConsiderations": _environment(traits.costs),
    }
    return _without_empty(
        {
            "modelParameters": _without_empty(parameters),
            "considerations": _without_empty(considerations),
            "properties": [one for one in properties if one["value"]],
        }
    )


def _environment(costs: tuple[Stated, ...]) -> Tree:
    """What the card states. An entry of energy must have kilowatt-hours: emissions alone are properties."""
    energy, emissions = consumed(costs), emitted(costs)
    entry: Tree = {
        "activity": "fine-tuning" if is_fine_tuning(costs) else "training",
        "energyProviders": [],
        "activityEnergyCost": {"value": energy, "unit": "kWh"},
    }
    if emissions is not None:
        entry["co2CostEquivalent"] = {"value": emissions, "unit": "tCO2eq"}
    return _without_empty(
        {
            "energyConsumptions": [] if energy is None else [entry],
            "properties": [_property("osaudit:stated-in-the-card", cost_words(cost)) for cost in costs],
        }
    )


def _file(file: WeightFile, model: Part) -> Tree:
    size = [] if file.size is None else [_property("osaudit:file:size", str(file.size))]
    return _without_empty(
        {
            "type": "file",
            "bom-ref": file.id,
            "supplier": _supplier(model),
            "name": file.path,
            "version": model.commit,
            "hashes": [{"alg": "SHA-256", "content": file.sha256}] if file.sha256 else [],
            "externalReferences": [{"type": "distribution", "url": file.url}] if file.url else [],
            "properties": size,
        }
    )


def _dataset(part: Part, content: Content, version: Version) -> Tree:
    roles = [link for link in content.links if link.target == part.id]
    more = [_property("osaudit:dataset:use", f"{link.kind.replace('-', ' ')}: {link.comment}") for link in roles]
    data = {"type": "dataset", "name": part.name, "contents": {"url": part.url} if part.url else {}}
    return {**_component(part, content, version, more), "data": [_without_empty(data)]}


def _property(name: str, value: str | None) -> Tree:
    return {"name": name, "value": value or ""}


def _without_empty(tree: Tree) -> Tree:
    return {key: value for key, value in tree.items() if value not in (None, "", [], {})}
