"""What the Open Source Initiative itself has stated of a licence: which statement, of which day, and its address."""

from __future__ import annotations

import functools

from osaudit.errors import UsageError
from osaudit.frozen import dataclass
from osaudit.yamlfile import own_table


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
    rows = own_table("known-statements.yaml")
    try:
        return tuple(
            Statement(row["title"], row["date"], row["url"], tuple(row["keys"]), tuple(row["criteria"])) for row in rows
        )
    except (KeyError, TypeError) as error:
        raise UsageError(f"The statements in known-statements.yaml cannot be read: {error}") from error


def statement_on(key: str, criterion: int) -> Statement | None:
    """The latest statement on a licence under a criterion."""
    fitting = (one for one in load_statements() if key in one.keys and criterion in one.criteria)
    return max(fitting, key=lambda one: one.date, default=None)
