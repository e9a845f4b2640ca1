"""What is unusual about the licences of an inventory that a person wrote, whose names are read here."""

from __future__ import annotations

from collections.abc import Iterable

from osaudit.licences.names import keys_of_tag
from osaudit.licences.spdx import spdx_list
from osaudit.licences.table import load_table
from osaudit.mof.classes import Component


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
