"""The pictures of a site and the tables behind them, and, where they are asked for, both for a paper."""

from __future__ import annotations

from collections.abc import Iterator

from osaudit.site.latex import paper
from osaudit.site.options import Site
from osaudit.site.tallies import Tally
from osaudit.site.writer import Made


def make(site: Site) -> Iterator[Made]:
    """`plots/ID.svg` and `plots/ID.csv`, and `latex/`."""
    found = site.tallied()
    for tally in found:
        yield Made(f"plots/{tally.id}.csv", tally.as_csv().encode())
        yield _made(site, f"plots/{tally.id}.svg", tally)
    if site.options.latex:
        yield from paper(site, found)


def _made(site: Site, path: str, tally: Tally) -> Made:
    """A picture, drawn only where its table is another than in the last build."""
    from osaudit.site.charts import svg_of  # noqa: PLC0415 - it takes a while to load

    key = site.key("plot", tally)
    return site.former.keep(path, key) if site.former.kept(path, key) else Made(path, svg_of(tally).encode(), key)
