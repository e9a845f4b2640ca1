"""The remarks that the framework asks for beside a class: what may stand elsewhere, and licences that are unusual."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from osaudit.licences.names import keys_of_tag
from osaudit.licences.spdx import spdx_list
from osaudit.licences.table import load_table
from osaudit.mof.classes import Component
from osaudit.mof.components import PAPER, REPORT


def remarks(opened: Collection[str], present: Collection[str]) -> Iterable[tuple[str, str]]:
    """Remarks on what is there and not there, by the names of the components; kind and sentence."""
    if PAPER in opened and REPORT not in opened:
        yield "paper-stands-in", "The research paper stands in for the technical report, and counts once."
    if "Evaluation results" not in present and {REPORT, PAPER, "Model card"} & set(present):
        words = "Evaluation results may stand in the technical report, the research paper or the model card"
        yield "may-stand-elsewhere", f"{words}: where they do, the component is included."
    if "Data card" not in present and "Model card" in present:
        yield "may-stand-elsewhere", "The model card may hold what a data card tells: where it does, it is included."


def licence_warnings(components: Iterable[Component]) -> Iterable[tuple[str, str]]:
    """What is unusual about the licences of an inventory's components; kind and sentence."""
    kinds = {"open": "licence-of-another-type", "invalid": "licence-not-open", "none": "no-licence"}
    for one in components:
        ruling = one.ruling
        if ruling.standing in kinds:
            yield kinds[ruling.standing], f"{one.kind.name}: {ruling.because}{_meant(one)}."


def _meant(one: Component) -> str:
    """The SPDX id that a licence's name may stand for: the framework counts ids, and a person writes them."""
    if one.ruling.standing != "invalid" or spdx_list().by_id(one.licence or ""):
        return ""
    known = [licence.spdx for key in keys_of_tag(one.licence or "") if (licence := load_table().get(key))]
    return f"; if {known[0]} is meant, the inventory has to say so" if len(known) == 1 and known[0] else ""
