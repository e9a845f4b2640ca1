"""Licences as a policy names them: by key, SPDX id, `category:NAME` or `flag:NAME` of the clause table."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence

from osaudit.errors import UsageError, meant
from osaudit.licences.spdx import alternatives_of
from osaudit.licences.table import NO_FLAGS, Licence, LicenceTable, load_table

CATEGORY, FLAG = "category:", "flag:"


def require_selector(name: str) -> str:
    """Give the selector in the table's own spelling; UsageError, with the nearest, where the table has no such."""
    word = name.strip()
    folded = word.casefold()
    known = _known()
    if folded in known:
        return known[folded]
    near = (
        meant(folded, known) or ": name a licence's key or SPDX id, category:NAME or flag:NAME (osaudit licence list)"
    )
    raise UsageError(f"no licence is named {word[:80]!r}{near}")


@functools.cache
def _known() -> Mapping[str, str]:
    table = load_table()
    names = [licence.key for licence in table.licences]
    names += [licence.spdx for licence in table.licences if licence.spdx]
    names += [f"{CATEGORY}{licence.category}" for licence in table.licences]
    names += [f"{FLAG}{flag}" for flag in NO_FLAGS]
    names += [f"{FLAG}{flag.replace('_', '-')}" for flag in NO_FLAGS]
    return {name.casefold(): name for name in names}


def selects(selector: str, licence: Licence) -> bool:
    """Whether a selector names this entry of the table."""
    if selector.startswith(CATEGORY):
        return licence.category == selector.removeprefix(CATEGORY)
    if selector.startswith(FLAG):
        return bool(licence.flags.get(selector.removeprefix(FLAG).replace("-", "_")))
    return selector.casefold() in {licence.key.casefold(), (licence.spdx or licence.key).casefold()}


def any_selects(selectors: Iterable[str], licence: Licence) -> bool:
    """Whether one of the selectors names the entry."""
    return any(selects(one, licence) for one in selectors)


def choices_of(key: str | None, spdx: str | None, table: LicenceTable) -> Sequence[Sequence[Licence | None]]:
    """The licences of a component: for each choice that an OR leaves, all that hold; None for one of no entry.

    Empty where nothing is known of them.
    """
    if key is not None:
        return ((table.get(key),),)
    if not spdx:
        return ()
    return tuple(
        tuple(table.of_spdx(one) or table.get(one.casefold()) for one in choice) for choice in alternatives_of(spdx)
    )
