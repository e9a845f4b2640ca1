"""Expressions as values: what an OR, AND or WITH joins, and how it is written. Nothing here reads words."""

from __future__ import annotations

from osaudit.licences.spdx import spdx_list
from osaudit.licences.table import load_table

Choices = tuple[tuple[str, ...], ...]
"""The alternatives of an expression, each the keys that hold together."""


def worded(choices: Choices) -> str:
    """Write an expression by SPDX ids, and by keys where there is no id."""
    return " OR ".join(_joined(choice, bracketed=len(choices) > 1) for choice in choices)


def _joined(choice: tuple[str, ...], *, bracketed: bool) -> str:
    together = " AND ".join(spdx_id(key) or key for key in choice)
    return f"({together})" if bracketed and len(choice) > 1 else together


def spdx_id(key: str) -> str | None:
    """Return the SPDX id of a key, None where SPDX lists no such licence."""
    licence = load_table().get(key)
    row = spdx_list().by_id(key) if licence is None else None
    return licence.spdx if licence else row.id if row else None
