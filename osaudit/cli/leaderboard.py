"""`osaudit leaderboard`: a sweep's store as a site of static files."""

from __future__ import annotations

import re
from pathlib import Path

import click

from osaudit.cli.saying import say
from osaudit.errors import UsageError

MAX_NAMES = 16 * 1024 * 1024
_RELEASE = re.compile(r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?(?:\.[0-9]{1,3})?")


_SPDX = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,60}")


@click.command()
@click.argument("place", metavar="STORE")
@click.option("-o", "--output", required=True, metavar="SITE", help="The folder: new, empty or a former site.")
@click.option("--title", default="", metavar="TEXT", help="The site's title.")
@click.option("--sources", default="", metavar="TEXT", help="Where the models come from, in a sentence for readers.")
@click.option("--address", default="", metavar="URL", help="Where the site will stand, for what must name it in full.")
@click.option("--release", default="", metavar="YEAR-MONTH", help="Freeze the data as releases/YEAR-MONTH as well.")
@click.option("--by", default="", metavar="NAME", help="Who publishes the data, for its citation.")
@click.option("--licence", default="", metavar="SPDX-ID", help="The licence of the data, as CC-BY-4.0.")
@click.option("--reports", default="", metavar="FILE", help="Models, a line each, whose full report a large site has.")
@click.option("--since", default="", metavar="STORE", help="The sweep before; else STORE's own older rows.")
@click.option("--answered", default="", metavar="FILE", help="Attestations that answer disputes, listed on their page.")
@click.option("--latex", is_flag=True, help="Tables and figures for a paper as well.")
def leaderboard(  # noqa: PLR0913 - a table of options
    *,
    place: str,
    output: str,
    title: str,
    sources: str,
    address: str,
    release: str,
    reports: str,
    since: str,
    by: str,
    licence: str,
    answered: str,
    latex: bool,
) -> int:
    """Write the leaderboard of STORE as static files for any web server, or to be opened from the disk.

    Built twice from one store it is the same, byte for byte; only what changed is written again.
    """
    from osaudit.cli.asking import read_entries  # noqa: PLC0415 - help needs none of these
    from osaudit.site.options import TITLE, Options  # noqa: PLC0415
    from osaudit.site.publish import build  # noqa: PLC0415
    from osaudit.sweep.extras import require  # noqa: PLC0415
    from osaudit.sweep.place import place_of  # noqa: PLC0415

    require("site")
    options = Options(
        title=title or TITLE,
        sources=sources,
        address=_address(address),
        release=_release(release),
        reports=_names(reports) if reports else frozenset(),
        answered=read_entries(Path(answered)) if answered else (),
        latex=latex,
        by=by,
        licence=_licence(licence),
        since=place_of(since) if since else None,
    )
    built = build(place_of(place), Path(output), options)
    told = f"{output}: {built.summary.models:,} models in {built.files:,} files, {built.written:,} of them written"
    say(f"{told}, {built.removed:,} taken away; open {output.rstrip('/')}/index.html", prefix="")
    return 0


def _release(named: str) -> str:
    if named and not _RELEASE.fullmatch(named):
        raise UsageError(f"--release {named[:40]!r}: name it by year and month, as 2026-11")
    return named


def _licence(named: str) -> str:
    if named and not _SPDX.fullmatch(named):
        raise UsageError(f"--licence {named[:40]!r}: give an SPDX id, as CC-BY-4.0")
    return named


def _address(named: str) -> str:
    from osaudit.render.neutral import web_url  # noqa: PLC0415 - as above

    if named and web_url(named) is None:
        raise UsageError(f"--address {named[:80]!r}: give the site's whole address, as https://example.org/openness/")
    return named and f"{named.rstrip('/')}/"


def _names(file: str) -> frozenset[str]:
    """The names in a file, a line each; `#` begins a comment."""
    try:
        with Path(file).expanduser().open("rb") as opened:
            data = opened.read(MAX_NAMES + 1)
        lines = data.decode().splitlines()
    except (OSError, ValueError) as error:
        raise UsageError(f"--reports {file}: it cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(data) > MAX_NAMES:
        raise UsageError(f"--reports {file}: it is over {MAX_NAMES // 2**20} MB: is it a list of names?")
    return frozenset(name for line in lines if (name := line.partition("#")[0].strip()))
