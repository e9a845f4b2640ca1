"""The makers of a site's files, in the order in which they work: the one list. Each is imported when a site is built.

A maker takes the `Site` and gives its files one by one, from as few rows at a time as it can: sites have a hundred
thousand models. Where making a file costs something, its maker asks `site.former.kept(path, key)` first, and gives
`site.former.keep(path, key)` where it holds.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias

from osaudit.site.options import Site
from osaudit.site.writer import Made

Maker: TypeAlias = Callable[[Site], Iterator[Made]]

MAKERS: Mapping[str, str] = MappingProxyType(
    {
        "assets": "osaudit.site.assets:make",
        "badges": "osaudit.site.badges:make",
        "pictures": "osaudit.site.pictures:make",
        "downloads": "osaudit.site.downloads:make",
        "changes": "osaudit.site.changes:make",
        "release": "osaudit.site.release:make",
        "ranking": "osaudit.site.ranking:make",
        "rows": "osaudit.site.rowdata:make",
        "models": "osaudit.site.models:make",
        "publishers": "osaudit.site.publisherpages:make",
        "licences": "osaudit.site.licencepages:make",
        "families": "osaudit.site.familypages:make",
        "criteria": "osaudit.site.criterionpages:make",
        "trends": "osaudit.site.trendpages:make",
        "prose": "osaudit.site.prose:make",
    }
)
"""A maker's name and where it is: `module:function`."""


def every(site: Site) -> Iterator[Made]:
    """All files of a site."""
    for named in MAKERS.values():
        module, _, function = named.partition(":")
        make: Maker = getattr(importlib.import_module(module), function)
        yield from make(site)
