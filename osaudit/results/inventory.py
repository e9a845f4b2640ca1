"""A model's evidence as a component inventory, for the Model Openness Tool: what was seen there, and its licence."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from osaudit.checks.case import Case
from osaudit.checks.openly import licence_of
from osaudit.evidence import Config, Seen
from osaudit.mof.components import COMPONENTS, Kind
from osaudit.mof.inventoryfile import Entry, Inventory, Stated
from osaudit.packs import Pack
from osaudit.verdict import Verdict

_PREFIX = "MOF-"


def inventory_of(case: Case, pack: Pack, verdicts: Iterable[Verdict]) -> Inventory:
    """List the components whose presence was seen; what is open to review is left out, and the report tells it."""
    cells = {
        (verdict.criterion, verdict.facet == "licence"): verdict for verdict in verdicts if verdict.pack == pack.id
    }
    asked = {criterion.id: _component(pack, criterion.id) for criterion in pack.criteria}
    entries = [
        _entry(case, kind, cells[found, False], asked.get(found, ""))
        for kind in COMPONENTS
        if (found := f"{_PREFIX}{kind.id}", False) in cells and cells[found, False].answer.outcome == "pass"
    ]
    evidence = case.evidence
    owner, _, name = evidence.ref.repo.rpartition("/")
    details = {
        "version": "",
        "date": evidence.last_modified.value[:10] if isinstance(evidence.last_modified, Seen) else "",
        "architecture": _architecture(evidence.config.value) if isinstance(evidence.config, Seen) else "",
        "origin": case.parents[0].base.name if case.parents else name,
        "producer": owner,
        "huggingface": f"https://huggingface.co/{evidence.ref.repo}",
    }
    return Inventory(name, tuple(entries), details=MappingProxyType(details))


def _component(pack: Pack, criterion: str) -> str:
    """The component that the criterion's licence cell asks about, in the check's own word."""
    calls = (call for row, _, cell in pack.cells if row.id == criterion for call in cell.checks)
    return next((str(call.arguments["component"]) for call in calls if "component" in call.arguments), "")


def _entry(case: Case, kind: Kind, there: Verdict, component: str) -> Entry:
    spdx = licence_of(case, component) if component else None
    url = next((place.url for place in there.answer.where if place.url), None)
    return Entry(kind, Stated(spdx or "unlicensed"), location=url or "")


def _architecture(config: Config) -> str:
    """The tool's word for the architecture, where the configuration leaves no doubt; else nothing is claimed."""
    names = " ".join(config.architectures)
    return "transformer decoder" if "ForCausalLM" in names else ""
