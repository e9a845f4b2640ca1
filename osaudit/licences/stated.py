"""What the Open Source Initiative itself has stated of a licence: which statement, of which day, and its address."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from osaudit.data import data_path
from osaudit.errors import UsageError


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of the Open Source Initiative on licences (`keys`), and the criteria that it finds not met."""

    title: str
    date: str
    url: str
    keys: tuple[str, ...]
    criteria: tuple[int, ...]


@functools.cache
def load_statements() -> tuple[Statement, ...]:
    """Read `criteria/known-statements.yaml`, once a process."""
    import yaml  # noqa: PLC0415 - as the clause table does

    path = data_path("criteria", "known-statements.yaml")
    try:
        rows = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return tuple(
            Statement(row["title"], row["date"], row["url"], tuple(row["keys"]), tuple(row["criteria"])) for row in rows
        )
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise UsageError(f"The statements in {path} cannot be read: {error}") from error


def statement_on(key: str, criterion: int) -> Statement | None:
    """The latest statement on a licence under a criterion."""
    fitting = (one for one in load_statements() if key in one.keys and criterion in one.criteria)
    return max(fitting, key=lambda one: one.date, default=None)
