"""The files that every page shares: the style sheet and the scripts, as they stand in reports/."""

from __future__ import annotations

from collections.abc import Iterator

from osaudit.resources import data_path
from osaudit.site.options import Site
from osaudit.site.writer import Made

STYLES = ("tokens.css", "style.css", "site/site.css")
SCRIPTS = ("shared.js", "ranking.js", "compare.js", "disputes.js")


def make(_: Site) -> Iterator[Made]:
    """The style sheet, one file of the audit report's own and the site's, and each script."""
    yield Made("assets/site.css", b"\n".join(data_path("reports", name).read_bytes() for name in STYLES))
    for name in SCRIPTS:
        yield Made(f"assets/{name}", data_path("reports", "site", name).read_bytes())
