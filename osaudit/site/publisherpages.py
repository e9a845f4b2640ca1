"""A page a publisher: its models, their labels, licences and contradictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from osaudit.render.neutral import plain
from osaudit.site.board import Row
from osaudit.site.frame import View
from osaudit.site.groups import Group, Kind, make_groups, tops
from osaudit.site.naming import licence_page, publisher_page
from osaudit.site.options import Site
from osaudit.site.writer import Made


def make(site: Site) -> Iterator[Made]:
    """The index of publishers, and a page for each."""
    return make_groups(site, PUBLISHERS)


def _more(site: Site, group: Group, _: Sequence[Row]) -> View:
    """Which licences a publisher's models are under, and how many contradict themselves."""
    sql = (
        "SELECT licence, min(licence_name), count(*) FROM board WHERE owner = ? AND licence <> '' "
        "GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT 12"
    )
    (conflicts,) = site.connection.execute(
        "SELECT count(*) FROM board WHERE owner = ? AND conflicts > 0", [group.value]
    ).fetchone()
    return {
        "licences": [
            {"name": plain(name, 120), "href": licence_page(key), "count": count}
            for key, name, count in tops(site, sql, group.value)
        ],
        "conflicts": conflicts,
        "query": f"publisher={quote(group.value, safe='')}",
    }


PUBLISHERS = Kind("owner", "owner", "publisher", "publishers", publisher_page, _more)
