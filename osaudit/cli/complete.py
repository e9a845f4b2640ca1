"""What a shell may complete: the ids of packs, of cells, and of licences."""

from __future__ import annotations

from collections.abc import Iterable

import click
from click.shell_completion import CompletionItem


def packs(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete a pack's id, the last of a list with commas too."""
    from osaudit.packs import EVERY_PACK, pack_ids  # noqa: PLC0415 - a shell alone asks for it

    return _beginning(begun, (*pack_ids(), EVERY_PACK))


def cells(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete a criterion of the Open Source Definition, or one of its cells."""
    from osaudit.packs import load_pack  # noqa: PLC0415 - as above

    pack = load_pack()
    return _beginning(
        begun, [*(row.id for row in pack.criteria), *(f"{row.id}/{facet}" for row, facet, _ in pack.cells)]
    )


def licences(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete a key of the clause table."""
    from osaudit.licences.table import load_table  # noqa: PLC0415 - as above

    return _beginning(begun, load_table().by_key)


def _beginning(begun: str, known: Iterable[str]) -> list[CompletionItem]:
    before, comma, last = begun.rpartition(",")
    return [CompletionItem(f"{before}{comma}{one}") for one in known if one.casefold().startswith(last.casefold())]
