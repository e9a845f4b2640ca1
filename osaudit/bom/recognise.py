"""Which model an entry of somebody's bill of materials names: by package URL, by address, by name.

The documents are strangers' JSON: a value of another type than expected counts as not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import unquote

from osaudit.bom.identifiers import commit_of, is_repo_id
from osaudit.bom.licensing import NOASSERTION

Table: TypeAlias = Mapping[str, Any]

MAX_FIELD = 2_000

_PURL = re.compile(r"pkg:/{0,2}huggingface/(?P<name>[^@?#]{1,300})(?:@(?P<version>[^?#]{0,200}))?", re.IGNORECASE)
_PAGE = re.compile(
    r"https?://(?:www\.)?(?:huggingface\.co|hf\.co)/(?:models/)?(?P<name>[\w.-]{1,96}/[\w.-]{1,96})"
    r"(?:/(?:tree|commit|revision)/(?P<version>[^/?#]{1,200}))?/?(?:[?#].*)?",
    re.IGNORECASE,
)
_DESCENT = re.compile(r"(?P<guess>may be )?made from: (?P<relation>[a-z]{1,20})\b")
_NO_MODELS = frozenset({"api", "blog", "collections", "datasets", "docs", "models", "papers", "spaces"})
# what generators write where they know no revision
_NO_REVISION = re.compile(r"(?:\d+(?:\.\d+)*|latest|unknown|none|n/?a|noassertion|unspecified)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Named:
    """A model's id on the Hub and the revision that stands beside it: a commit, a branch, or what was made up."""

    id: str
    version: str = ""

    @property
    def commit(self) -> str | None:
        """The commit, if the revision is one."""
        return commit_of(self.version.lower())

    @property
    def revision(self) -> str | None:
        """The revision, None where it says nothing."""
        return None if _NO_REVISION.fullmatch(self.version) else self.version


@dataclass(frozen=True, slots=True)
class Ancestry:
    """`child` is said to be made from `parent`; `sure` is False where the document only supposes it."""

    child: str
    parent: str
    relation: str = "unknown"
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """A model that a document names, with the licences that it states (SPDX expressions).

    `subject`: the document says that this is what it describes.
    """

    named: Named
    declared: str = NOASSERTION
    concluded: str = NOASSERTION
    subject: bool = False


def text_in(value: object) -> str:
    """Return a string as it is, bounded, and anything else as empty."""
    return value[:MAX_FIELD] if isinstance(value, str) else ""


def list_in(value: object) -> list[Any]:
    """Return a list as it is, and anything else as empty."""
    return value if isinstance(value, list) else []


def tables_in(value: object) -> list[Table]:
    """Return the objects of a list; one object counts as a list of it."""
    items = [value] if isinstance(value, dict) else list_in(value)
    return [item for item in items if isinstance(item, dict)]


def table_in(value: object) -> Table:
    """Return an object as it is, and anything else as empty."""
    return value if isinstance(value, dict) else {}


def of_purl(purl: str) -> Named | None:
    """Read a package URL of type `huggingface`; data sets are no models."""
    found = _PURL.match(purl)
    if not found:
        return None
    name = unquote(found["name"]).strip("/")
    return _checked(name, unquote(found["version"] or ""))


def of_address(address: str) -> Named | None:
    """Read the address of a model's page on the Hub; that of a file, a data set or a space is none."""
    found = _PAGE.fullmatch(address)
    return _checked(found["name"], unquote(found["version"] or "")) if found else None


def of_name(name: str) -> Named | None:
    """Read a name of the form `org/name`."""
    return _checked(unquote(name), "") if "/" in unquote(name) else None


def first_named(purls: Iterable[str], addresses: Iterable[str], names: Iterable[str], version: str) -> Named | None:
    """Return the first that names a model; `version` is the entry's own, for one whose name carries none."""
    for read, texts in ((of_purl, purls), (of_address, addresses), (of_name, names)):
        for text in texts:
            found = read(text)
            if found:
                return found if found.version else Named(found.id, version.strip())
    return None


def descent_in(comment: str) -> tuple[str, bool] | None:
    """Read the relation, and whether it is sure, off the comment that osaudit writes beside it."""
    found = _DESCENT.match(comment)
    return (found["relation"], not found["guess"]) if found else None


def _checked(name: str, version: str) -> Named | None:
    owner = name.split("/", 1)[0].casefold()
    return Named(name, version.strip()) if is_repo_id(name) and owner not in _NO_MODELS else None
