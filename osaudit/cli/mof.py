"""`osaudit mof`: the Model Openness Framework asked of a component inventory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from osaudit.cli.output import PRINTED, emit, formats_of
from osaudit.mof.classes import MofClass, mof_class
from osaudit.mof.components import CLASSES, COMPONENTS
from osaudit.mof.remarks import remarks
from osaudit.mof.warnings import licence_warnings
from osaudit.render.json import json_text
from osaudit.render.neutral import lines, plain
from osaudit.render.words import number

if TYPE_CHECKING:
    from osaudit.mof.inventoryfile import Inventory


@click.command()
@click.argument("inventory", metavar="INVENTORY")
@PRINTED
@click.option("-o", "--output", metavar="FILE", help="Write the inventory there as the Model Openness Tool reads it.")
def mof(*, inventory: str, form: str, output: str | None) -> int:
    """Classify INVENTORY: a YAML file that lists a release's components, or saved evidence (JSON).

    Prints the class of the Model Openness Framework 1.0, the progress towards each, remarks and licence warnings.
    """
    formats_of((output,) if output else (), "text")
    listed = _read(Path(inventory))
    if output:
        from osaudit.mof.inventoryfile import write_inventory  # noqa: PLC0415 - this is what was asked for

        emit(output, write_inventory(listed))
    if output != "-":
        emit("-", _as_json(listed) if form == "json" else _as_text(listed))
    return 0


def _read(path: Path) -> Inventory:
    from osaudit.cli.stages import MAX_BYTES  # noqa: PLC0415 - help needs none of these
    from osaudit.mof.inventoryfile import read_inventory  # noqa: PLC0415
    from osaudit.yamlfile import MAX_BYTES as MAX_YAML  # noqa: PLC0415
    from osaudit.yamlfile import read_bytes  # noqa: PLC0415

    evidence = path.suffix.lower() == ".json"
    data = read_bytes(path, MAX_BYTES if evidence else MAX_YAML)
    return _from_evidence(data) if evidence else read_inventory(data, path.name)


def _from_evidence(data: bytes) -> Inventory:
    from osaudit.checks.case import build_case  # noqa: PLC0415
    from osaudit.judge import judge  # noqa: PLC0415
    from osaudit.licences.table import load_table  # noqa: PLC0415
    from osaudit.packs import load_pack  # noqa: PLC0415
    from osaudit.reading.reread import load_evidence  # noqa: PLC0415
    from osaudit.results.inventory import inventory_of  # noqa: PLC0415

    evidence, pack = load_evidence(data), load_pack("mof")
    return inventory_of(build_case(evidence, load_table()), pack, judge(evidence, pack, load_table()).verdicts)


def _told(listed: Inventory) -> tuple[MofClass, list[tuple[str, str]]]:
    components = listed.components
    opened = {one.kind.name for one in components if one.ruling.is_open}
    present = {one.kind.name for one in components}
    return mof_class(components), [*remarks(opened, present), *licence_warnings(components)]


def _as_text(listed: Inventory) -> str:
    found, said = _told(listed)
    told = [plain(listed.name, 200), CLASSES.get(found.level, "No class"), ""]
    for level, name in CLASSES.items():
        there, asked = found.counts[level]
        lacking = f"; lacks {', '.join(found.missing[level])}" if found.missing[level] else ""
        told.append(f"{name:24} {number(found.progress[level]):>5} %  {there} of {asked}{lacking}")
    governing = {one.kind.name: one for one in listed.components}
    told += ["", *(_component_line(kind.name, governing) for kind in COMPONENTS)]
    if said:
        told += ["", "Remarks", *(f"  {plain(words)} [{kind}]" for kind, words in said)]
    return lines("\n".join(told)) + "\n"


def _component_line(name: str, governing: dict[str, Any]) -> str:
    one = governing.get(name)
    if one is None:
        return f"  - {name}"
    mark = "+" if one.ruling.is_open else "!"
    return f"  {mark} {name:34} {plain(one.licence or 'no licence', 80)}"


def _as_json(listed: Inventory) -> str:
    found, said = _told(listed)
    governing = {one.kind.name: one for one in listed.components}
    data = {
        "name": listed.name,
        "class": found.level,
        "label": CLASSES.get(found.level, "No class"),
        "progress": {str(level): found.progress[level] for level in sorted(CLASSES)},
        "missing": {str(level): list(found.missing[level]) for level in sorted(CLASSES)},
        "components": [
            {
                "name": kind.name,
                "type": kind.type,
                "class": kind.level,
                "required": kind.required,
                "included": kind.name in governing,
                "licence": governing[kind.name].licence if kind.name in governing else None,
                "standing": governing[kind.name].ruling.standing if kind.name in governing else None,
            }
            for kind in COMPONENTS
        ],
        "remarks": [{"kind": kind, "because": words} for kind, words in said],
    }
    return json_text(data)
