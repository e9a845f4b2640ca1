"""Trends: the pictures, and how the labels of what was swept stand from sweep to sweep."""

from __future__ import annotations

from collections.abc import Iterator

from osaudit.render.words import RUNGS
from osaudit.site.frame import View, date_words, page
from osaudit.site.options import Site
from osaudit.site.writer import Made
from osaudit.sweep.parts import CHUNKS_A_RUN

_RUNS = f"""
SELECT run, max(seen), label, count(*) FROM (
  SELECT seq // {CHUNKS_A_RUN} AS run, CAST(epoch(collected_at) AS BIGINT) AS seen,
    CASE WHEN status = 'judged' AND coalesce(ranked, false) AND coalesce(determined, false) THEN label
      ELSE 'untold' END AS label
  FROM all_models
) GROUP BY 1, 3 ORDER BY 1, 3
"""
_MOST = 60


def make(site: Site) -> Iterator[Made]:
    """The page of trends."""
    view = {"pictures": [{"id": one.id, "title": one.title, "says": one.says} for one in site.tallied()]}
    data = page(site, "trends.html.j2", "trends.html", view=view | {"runs": _runs(site)})
    yield Made("trends.html", data)


def _runs(site: Site) -> list[View]:
    """The models that each run judged, by label; nothing where there was but one run."""
    found: dict[int, dict[str, int]] = {}
    dates: dict[int, int] = {}
    for run, at, label, count in site.connection.execute(_RUNS).fetchall():
        found.setdefault(run, {})[label or "untold"] = count
        dates[run] = max(at or 0, dates.get(run, 0))
    names = {"untold": "no rank"} | {str(rung): name for rung, name in RUNGS.items()}
    order = [*reversed(tuple(RUNGS)), "untold"]
    runs = [
        {
            "date": date_words(dates[run]),
            "count": f"{sum(counts.values()):,}",
            "shares": [
                {"id": label, "count": counts[label], "words": f"{names[label]}: {counts[label]:,}"}
                for label in order
                if counts.get(label)
            ],
        }
        for run, counts in sorted(found.items())[-_MOST:]
    ]
    return runs if len(runs) > 1 else []
