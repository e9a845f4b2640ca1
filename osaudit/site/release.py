"""A release: the data of one month as a frozen folder that can be cited, checked and built again.

`releases/NAME/` holds the site's data as it was, the store that it was built from, the hashes of both, how to cite
it (CITATION.cff 1.2.0), what it is in terms of a machine (Croissant 1.1, https://docs.mlcommons.org/croissant/), and
how to build the site again. A release that is there is never written again with other content.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from osaudit import __version__
from osaudit.errors import UsageError
from osaudit.site.croissant import described
from osaudit.site.downloads import date_of, json_of
from osaudit.site.options import TITLE, Site
from osaudit.site.writer import Made
from osaudit.sweep.columns import NAMES
from osaudit.sweep.parts import path_of
from osaudit.sweep.place import Place
from osaudit.sweep.storage import look_through

ROOM = "releases"
_SHAPING = ("duckdb", "pyarrow", "matplotlib", "jinja2", "orjson")
"""The packages whose versions shape the bytes of a site."""
_QUOTED = re.compile(r"[^\w./:@%+=,-]", re.ASCII)


def make(site: Site) -> Iterator[Made]:
    """The former releases as they are, and the one that is asked for. It comes after the data, which it holds."""
    own = f"{ROOM}/{site.options.release}/" if site.options.release else None
    for path in site.former.files:
        if path.startswith(f"{ROOM}/") and not (own and path.startswith(own)):
            yield site.former.keep(path, site.former.key(path))
    if own:
        yield from _frozen(site, own)


def _frozen(site: Site, room: str) -> Iterator[Made]:
    """The files of a release, their hashes last: what stands there with other content is not touched."""
    hashes: dict[str, str] = {}
    for made in (*_data(site, room), *_stores(site, room), *_told(site, room)):
        name = made.path.removeprefix(room)
        hashes[name] = _kept_hash(site, made)
        yield made
    if site.options.release:
        croissant = json_of(described(site, hashes))
        hashes["croissant.json"] = hashlib.sha256(croissant).hexdigest()
        made = Made(f"{room}croissant.json", croissant)
        _require_same(site, made.path, hashes["croissant.json"])
        yield made
    sums = "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(hashes.items()))
    yield Made(f"{room}SHA256SUMS", sums.encode())


def _kept_hash(site: Site, made: Made) -> str:
    sha256 = hashlib.sha256(made.data if isinstance(made.data, bytes) else b"").hexdigest()
    _require_same(site, made.path, sha256)
    return sha256


def _require_same(site: Site, path: str, sha256: str) -> None:
    """Raise a UsageError where a release holds a file already, and another."""
    told = site.former.digest(path)
    if told and told != sha256 and (site.former.root / path).is_file():
        name = site.options.release
        raise UsageError(
            f"release {name} is frozen, and {path} would be another: name a new one, such as {name}.1, or take the "
            f"folder {ROOM}/{name} away"
        )


def _data(site: Site, room: str) -> Iterator[Made]:
    """The site's data and the tables behind the pictures, as this build wrote them."""
    for folder, pattern in (("data", "*"), ("plots", "*.csv")):
        for path in sorted((site.former.root / folder).glob(pattern)):
            yield Made(f"{room}{folder}/{path.name}", path.read_bytes())


def _stores(site: Site, room: str) -> Iterator[Made]:
    """The parts of the store that count, and of the store of the sweep before, where one is named."""
    yield from _parts(site.place, f"{room}store/")
    if site.options.since is not None:
        yield from _parts(site.options.since, f"{room}since/")


def _parts(place: Place, room: str) -> Iterator[Made]:
    contents = look_through(place, light=True)
    for table in NAMES:
        for file in contents.files(table):
            yield Made(f"{room}{path_of(table, file)}", place.read(path_of(table, file)))


def _told(site: Site, room: str) -> Iterator[Made]:
    yield Made(f"{room}CITATION.cff", citation(site).encode())
    yield Made(f"{room}REBUILD.md", rebuild(site).encode())


def citation(site: Site) -> str:
    """How to cite the release, as CITATION.cff 1.2.0; JSON's strings are YAML's too."""
    asked = site.options
    day = date_of(site.made_at)[:10]
    lines = [
        "cff-version: 1.2.0",
        "message: If you use this data, please cite it as below.",
        "type: dataset",
        f"title: {_text(asked.title)}",
        f"version: {_text(asked.release)}",
        f"date-released: {_text(day)}",
        "authors:",
        f"  - name: {_text(asked.by or 'osaudit')}",
        *([f"url: {_text(asked.address)}"] if asked.address else []),
        *([f"license: {_text(asked.licence)}"] if asked.licence else []),
        f"abstract: {_text(about(site))}",
        "keywords: [open source, AI models, licences, openness]",
        "references:",
        "  - type: software",
        "    title: osaudit",
        f"    version: {_text(__version__)}",
        "    authors:",
        "      - name: osaudit",
    ]
    return "\n".join(lines) + "\n"


def about(site: Site) -> str:
    """What the release is, in a sentence or two."""
    told = site.summary
    packs = ", ".join(told.packs) or "no definition"
    sources = f" {site.options.sources}" if site.options.sources else ""
    return (
        f"Openness of {told.models:,} AI models, audited at a commit each by {packs}; {told.stands['ranked']:,} of "
        f"them are ranked.{sources}"
    )


def _text(text: str) -> str:
    return json.dumps(text)


def rebuild(site: Site) -> str:
    """The commands and versions by which the site is built again from the release."""
    asked, name = site.options, site.options.release
    options = [f"--release {name}"]
    options += [f"--since releases/{name}/since"] * (asked.since is not None)
    told: Mapping[str, str] = {
        "title": asked.title if asked.title != TITLE else "",
        "sources": asked.sources,
        "address": asked.address,
        "by": asked.by,
        "licence": asked.licence,
    }
    options += [f"--{key} {_shell(value)}" for key, value in told.items() if value]
    options += ["--latex"] * asked.latex
    lost = [
        f"`--{option}` with the file of that build"
        for option, given in (("reports", asked.reports), ("answered", asked.answered))
        if given
    ]
    more = f"\nThat build had {' and '.join(lost)} besides, whose content is not part of the data.\n" if lost else ""
    versions = "\n".join(f"- {package} {_version(package)}" for package in _SHAPING)
    return f"""# How to build this again

From the folder that holds `releases/`, with osaudit {__version__} and its extra `site` (`pip install '.[site]'` in its
clone):

```sh
(cd releases/{name} && sha256sum --check --quiet SHA256SUMS)
osaudit store check releases/{name}/store
SOURCE_DATE_EPOCH={site.made_at} osaudit leaderboard releases/{name}/store -o rebuilt {" ".join(options)}
```
{more}
The pages are the same byte for byte with osaudit {__version__} and

{versions}

Other versions may draw or pack the same data otherwise. The evidence behind each row stands in `store/evidence` where
the sweep kept it; `osaudit store rejudge` judges it again. To look at the models anew, sweep the ids of
`data/models.csv` at their commits: `osaudit sweep ORG/NAME@COMMIT ... -o store`.
"""


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


def _shell(text: str) -> str:
    """A word of a shell's command."""
    import shlex  # noqa: PLC0415 - one of few

    return shlex.quote(text) if _QUOTED.search(text) else text


def released(root: Path) -> list[str]:
    """The releases that a site's folder holds, the newest first."""
    return sorted((one.name for one in (root / ROOM).glob("*") if (one / "SHA256SUMS").is_file()), reverse=True)


def sums(path: Path) -> dict[str, Any]:
    """The hashes that a release names, by file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {name: sha256 for sha256, _, name in (line.partition("  ") for line in lines)}
