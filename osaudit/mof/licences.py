"""Whether a licence is open in the framework's sense, and appropriate to the type of a component."""

from __future__ import annotations

import functools
import re
from typing import Literal, TypeAlias

from osaudit.compiled import regex
from osaudit.frozen import dataclass
from osaudit.licences.spdx import spdx_list
from osaudit.mof.components import ContentType

Standing: TypeAlias = Literal[
    "appropriate",  # on the framework's list for this type of component
    "open",  # open, and made for another type: passes with a warning
    "invalid",  # not open, or no SPDX id that could be looked up
    "none",  # no licence is stated
]

_CODE = regex(r"0BSD|AFL-\d\.\d|Apache-\d\.\d|ECL-\d\.\d|ISC|MIT|MIT-0|MulanPSL-\d\.\d|NCSA|UPL-1\.0")
_DATA = regex(r"CDLA-Permissive-\d\.\d|C-UDA-1\.0|CC0-1\.0|PDDL-1\.0|CC-PDDC")
_DOCUMENT = regex(r"CC-BY-4\.0|CC-BY-SA-[34]\.0|CC0-1\.0|FreeBSD-DOC|Apache-2\.0|CC-PDDC")
_EVERYWHERE = regex(r"OpenMDW-\d\.\d")
_APPROPRIATE: dict[ContentType, re.Pattern[str]] = {"code": _CODE, "data": _DATA, "document": _DOCUMENT}
_OPEN_DATA = regex(
    r"CC-BY(?:-SA)?-\d\.\d(?:-[A-Z]{2,3})?|CC0-1\.0|CC-PDDC|CDLA-(?:Permissive|Sharing)-\d\.\d|C-UDA-1\.0|O-UDA-1\.0|"
    r"ODbL-1\.0|ODC-By-1\.0|PDDL-1\.0|DL-DE-(?:BY|ZERO)-2\.0|OGL-(?:UK-\d\.\d|Canada-2\.0)|NLOD-\d\.\d|etalab-2\.0|"
    r"GFDL-1\.3(?:-no-invariants)?-(?:only|or-later)"
)
NOT_LISTED = "not on the framework's list"
"""What the words of a licence that passes with a warning hold."""

_NO_LICENCE = frozenset({"", "unlicensed", "none"})


@dataclass(frozen=True, slots=True)
class Ruling:
    """How a licence stands for one type of component, and why in a few words."""

    standing: Standing
    because: str

    @property
    def is_open(self) -> bool:
        """Whether the component counts as released openly."""
        return self.standing in {"appropriate", "open"}


@functools.lru_cache(maxsize=4096)
def rule(licence: str | None, content: ContentType) -> Ruling:
    """Rule on a licence's SPDX id. Names that are no SPDX id are not guessed at: the framework asks for ids."""
    named = (licence or "").strip()
    if named.casefold() in _NO_LICENCE:
        return Ruling("none", "no licence is stated, and what has none is not open")
    row = spdx_list().by_id(named)
    spdx = row.id if row else named
    if _APPROPRIATE[content].fullmatch(spdx) or _EVERYWHERE.fullmatch(spdx):
        return Ruling("appropriate", f"{spdx} is on the framework's list for {content}")
    if row and (row.osi_approved or row.fsf_libre or _OPEN_DATA.fullmatch(spdx)):
        return Ruling("open", f"{spdx} is open, and {NOT_LISTED} for {content}")
    if row:
        return Ruling("invalid", f"{spdx} is not an open licence")
    return Ruling("invalid", f"“{named[:80]}” is no SPDX id of an open licence")
