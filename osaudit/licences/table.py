"""The clause table: what each licence's text says under each criterion of the Open Source Definition."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from osaudit.compiled import made
from osaudit.errors import UsageError
from osaudit.frozen import dataclass
from osaudit.licences.grants import Danger, Due, Limit, dangers_of, dues_of, limits_of
from osaudit.licences.grounds import grounds_of
from osaudit.once import once, worked_field
from osaudit.resources import data_path
from osaudit.yamlfile import own_table

Reading: TypeAlias = Literal["pass", "fail", "unclear"]
Flag: TypeAlias = bool | str | None

CRITERIA = range(1, 11)
NO_FLAGS: Mapping[str, Flag] = MappingProxyType(
    dict.fromkeys(
        (
            "osi_approved",
            "field_of_use_restriction",
            "non_commercial",
            "aup_mutable",
            "derivative_share_alike",
            "restriction_flow_down",
            "registration_required",
            "remote_restriction",
            "must_use_latest",
            "licensor_may_change_terms",
            "product_exception",
        ),
        False,
    )
    | dict.fromkeys(
        (
            "user_threshold",
            "revenue_threshold",
            "geographic_exclusion",
            "acceptable_use_policy",
            "naming_or_attribution",
            "output_use_restriction",
            "revocable",
            "hosting_restriction",
            "patent_grant",
            "scaled_duty",
        )
    )
)
"""What a flag is that an entry does not give."""


@dataclass(frozen=True, slots=True)
class CriterionVerdict:
    """What the licence's text says under one criterion, and the clause that decides it."""

    criterion: int
    v: Reading
    clause: str
    why: str
    basis: str


@dataclass(frozen=True, slots=True)
class Marks:
    """How the text names itself: headings, and dates or versions of which one must stand in the head."""

    titles: tuple[str, ...]
    versions: tuple[str, ...]
    title_required: bool


@dataclass(frozen=True, slots=True)
class Osi:
    """What the Open Source Initiative and the SPDX list say of the licence."""

    approved: bool
    spdx_flag: bool | None
    stated_failures: tuple[int, ...]
    note: str | None


@dataclass(frozen=True, slots=True)
class EuVerdict:
    """The licence limb of Art. 53(2) of the EU's AI Act."""

    v: str
    para: str
    why: str


@dataclass(frozen=True, slots=True)
class TextChecked:
    """The text that the entry was made from."""

    file: str
    words: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Licence:
    """One entry of the clause table."""

    key: str
    name: str
    names: tuple[str, ...]
    hub_ids: tuple[str, ...]
    hub_names: tuple[str, ...]
    spdx: str | None
    category: str
    summary: str
    marks: Marks
    osi: Osi
    osd: tuple[CriterionVerdict, ...]
    flags: Mapping[str, Flag]
    eu: EuVerdict
    g7_ceiling: str
    verified: str
    text_depth: str
    text_checked: TextChecked | None
    sources: tuple[str, ...]
    notes: tuple[str, ...]
    limits: tuple[Limit, ...] = ()
    duties: tuple[Due, ...] = ()
    risks: tuple[Danger, ...] = ()
    worked: dict[Any, Any] = worked_field()

    def verdict(self, criterion: int) -> CriterionVerdict:
        """Return what the text says under criterion 1 to 10."""
        return self.osd[criterion - 1]

    @once
    def permissive(self) -> bool:
        """Whether no criterion fails or is in doubt, criterion 2 aside."""
        return all(verdict.v == "pass" for verdict in self.osd if verdict.criterion != 2)  # noqa: PLR2004 OSD 2


@dataclass(frozen=True, slots=True)
class HubId:
    """A licence id of the Hub. `osi` is None where it depends on the text; a family names several texts."""

    id: str
    name: str
    spdx: str | None
    licenseref: str | None
    osi: bool | None
    kind: str
    ambiguous: bool
    family: bool
    key: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class LicenceTable:
    """All entries, and the Hub's ids. `version` is a hash of both: the same words, the same version."""

    version: str
    licences: tuple[Licence, ...]
    hub_ids: tuple[HubId, ...]
    by_key: Mapping[str, Licence]
    by_spdx: Mapping[str, Licence]

    def get(self, key: str) -> Licence | None:
        """Return the entry of a key, None where the table has none."""
        return self.by_key.get(key)

    def of_spdx(self, spdx: str) -> Licence | None:
        """Return the entry of an SPDX id (any case)."""
        return self.by_spdx.get(spdx.casefold())

    def of_hub_id(self, hub_id: str) -> Licence | None:
        """Return the entry of one of the Hub's own ids."""
        return next((self.by_key[h.key] for h in self.hub_ids if h.id == hub_id.casefold() and h.key), None)


@functools.cache
def load_table() -> LicenceTable:
    """Read `criteria/licences/` and `criteria/hub-licences.yaml`, once a process."""
    paths = sorted(data_path("criteria", "licences").glob("*.yaml"))
    texts = [path.read_text(encoding="utf-8") for path in paths]
    hub = data_path("criteria", "hub-licences.yaml").read_text(encoding="utf-8")
    try:
        joined = "\n---\n".join(texts)
        entries = [_licence(raw) for raw in made("licences", joined.encode(), lambda: _entries(joined))]
        hub_ids = tuple(HubId(**raw) for raw in own_table("hub-licences.yaml"))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(
            f"The clause table in {paths[0].parent if paths else 'criteria'} cannot be read: {error}"
        ) from error
    return table_of(tuple(entries), hub_ids, version="\0".join((*texts, hub)))


def _entries(texts: str) -> list[dict[str, Any]]:
    """Parse all entries; what is told of the ten criteria stands in their order."""
    import yaml  # noqa: PLC0415 - only where the table was changed

    try:
        raws = list(yaml.load_all(texts, Loader=yaml.CSafeLoader))
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    return [{**raw, "osd": [raw["osd"][criterion] for criterion in CRITERIA]} for raw in raws]


def table_of(licences: tuple[Licence, ...], hub_ids: tuple[HubId, ...], *, version: str) -> LicenceTable:
    """Build a table from its entries; `version` is the text that its version is the hash of."""
    by_key = {licence.key: licence for licence in licences}
    # an entry whose key is the SPDX id comes first: another one of the same id is a model's name for that licence
    ordered = sorted(licences, key=lambda licence: licence.key != (licence.spdx or "").casefold())
    by_spdx: dict[str, Licence] = {}
    for licence in ordered:
        if licence.spdx:
            by_spdx.setdefault(licence.spdx.casefold(), licence)
    digest = hashlib.sha256(version.encode()).hexdigest()[:12]
    return LicenceTable(digest, licences, hub_ids, MappingProxyType(by_key), MappingProxyType(by_spdx))


def _licence(raw: Mapping[str, Any]) -> Licence:
    marks, osi, eu, checked = raw["identify"], raw["osi"], raw["eu_art53_2_licence"], raw["text_checked"]
    limits = limits_of(raw)
    why = eu.get("why") or grounds_of(limits)
    if not why:
        raise ValueError(f"{raw['key']}: eu_art53_2_licence has no `why`, and no limit tells one")
    return Licence(
        key=raw["key"],
        name=raw["name"],
        names=tuple(raw["names"]),
        hub_ids=tuple(raw["hf_license_ids"]),
        hub_names=tuple(raw["hf_license_names"]),
        spdx=raw["spdx"],
        category=raw["category"],
        summary=raw["summary"],
        marks=Marks(tuple(marks["titles"]), tuple(marks["versions"]), marks["title_required"]),
        osi=Osi(osi["approved"], osi["spdx_flag"], tuple(osi["osi_stated_failures"]), osi["note"]),
        osd=tuple(CriterionVerdict(criterion, **row) for criterion, row in zip(CRITERIA, raw["osd"], strict=True)),
        flags=MappingProxyType({**NO_FLAGS, **raw["flags"]}),
        eu=EuVerdict(eu["v"], eu["para"], why),
        g7_ceiling=raw["g7_label_ceiling"],
        verified=raw["verified"],
        text_depth=raw["text_depth"],
        text_checked=TextChecked(**checked) if checked else None,
        sources=tuple(raw["sources"]),
        notes=tuple(raw["notes"]),
        limits=limits,
        duties=dues_of(raw),
        risks=dangers_of(raw),
    )
