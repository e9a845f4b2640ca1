"""A page a publisher: its models, their labels, licences and contradictions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from osaudit.render.neutral import plain
from osaudit.site.board import Row
from osaudit.site.frame import View
from osaudit.site.groups import Group, Kind, make_groups, tops
from osaudit.site.naming import licence_page, publisher_page
from osaudit.site.options import Site
from osaudit.site.writer import Made

_LICENCES = 12


def make(site: Site) -> Iterator[Made]:
    """The index of publishers, and a page for each."""
    return make_groups(site, PUBLISHERS)


def _more(site: Site, group: Group, models: Sequence[Row]) -> View:
    """Which licences a publisher's models are under, and how many contradict themselves."""
    licences, conflicts = _counted(models) if len(models) == group.count else _asked(site, group)
    return {
        "licences": [
            {"name": plain(name, 120), "href": licence_page(key), "count": count} for key, name, count in licences
        ],
        "conflicts": conflicts,
        "query": f"publisher={quote(group.value, safe='')}",
    }


def _counted(models: Sequence[Row]) -> tuple[list[tuple[str, str, int]], int]:
    """Licences and contradictions of a publisher all of whose models are at hand, as most publishers' are."""
    names: dict[str, str] = {}
    for row in models:
        if row.licence:
            names[row.licence] = min(names.get(row.licence, row.licence_name), row.licence_name)
    counts = Counter(row.licence for row in models if row.licence)
    order = sorted(counts, key=lambda key: (-counts[key], key))[:_LICENCES]
    return [(key, names[key], counts[key]) for key in order], sum(row.conflicts > 0 for row in models)


def _asked(site: Site, group: Group) -> tuple[list[tuple[str, str, int]], int]:
    """The same of a publisher with more models than a page has."""
    sql = (
        "SELECT licence, min(licence_name), count(*) FROM board WHERE owner = ? AND licence <> '' "
        f"GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT {_LICENCES}"
    )
    (conflicts,) = site.connection.execute(
        "SELECT count(*) FROM board WHERE owner = ? AND conflicts > 0", [group.value]
    ).fetchone()
    return [(key, name, count) for key, name, count in tops(site, sql, group.value)], conflicts


PUBLISHERS = Kind("owner", "owner", "publisher", "publishers", publisher_page, _more, many=True)
