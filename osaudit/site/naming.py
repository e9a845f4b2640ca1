"""Where a thing's page lies in the site: names of strangers made into names of files, each its own."""

from __future__ import annotations

import hashlib
import re

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9._-]+)?")
_OTHER = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 160
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


def file_name(name: str) -> str:
    """A name of a file for a name of the Hub: `org/name` is `org--name`, any other has a part of its hash.

    The Hub lets no `--` and no `..` stand in a name, so that two names of its own have two files.
    """
    if _PLAIN.fullmatch(name) and "--" not in name and ".." not in name and len(name) <= _LONGEST:
        plain = name.replace("/", "--")
        if not _DEVICES.match(plain) and not plain.endswith("."):
            return plain
    shown = _OTHER.sub("-", name)[:60].strip("-.") or "name"
    return f"{shown}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def model_page(model: str) -> str:
    """A model's page, from the site's root."""
    return f"models/{file_name(model)}.html"


def publisher_page(owner: str) -> str:
    """A publisher's page, from the site's root."""
    return f"publishers/{file_name(owner)}.html"


def licence_page(key: str) -> str:
    """A licence's page, from the site's root."""
    return f"licences/{file_name(key)}.html"


def family_page(root: str) -> str:
    """A family's page; a bare name, of which there may be several that differ in capitals, has its hash too."""
    bare = "" if "/" in root else f"-{hashlib.sha256(root.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
    return f"families/{file_name(root)}{bare}.html"


def criterion_page(criterion: str) -> str:
    """A criterion's page, from the site's root."""
    return f"criteria/{file_name(criterion)}.html"
