"""Names and addresses within a bill of materials: purls, pages on the Hub, identifiers, and text made harmless."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import quote

from osaudit.evidence import Where

HUB = "https://huggingface.co"
TIME = "%Y-%m-%dT%H:%M:%SZ"
MAX_TEXT = 2_000
MAX_PLACES = 4

_REPO_ID = re.compile(r"(?:[A-Za-z0-9_][\w.-]{0,95}/)?[A-Za-z0-9_][\w.-]{0,95}", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_UNSAFE = re.compile(r"[^A-Za-z0-9.]+")
_TAG = re.compile(r"<(/?text)>", re.IGNORECASE)  # what ends a text in SPDX's tag-value form


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """Return the text as one bounded line of printable characters, fit for JSON, YAML and tag-value alike."""
    cut = text[: limit + 1]
    shown = cut if cut.isprintable() else "".join(char if char.isprintable() else " " for char in cut)
    line = _TAG.sub(r"‹\1›", " ".join(shown.split()))
    return line if len(text) <= limit else f"{line[:limit]}…"


def is_repo_id(name: str) -> bool:
    """Tell whether a repository on the Hub could go by this name."""
    return bool(_REPO_ID.fullmatch(name)) and not name.endswith(".git") and "--" not in name and ".." not in name


def commit_of(text: str | None) -> str | None:
    """Return the text if it is a whole commit id."""
    return text if text and _COMMIT.fullmatch(text) else None


def sha256_of(text: str | None) -> str | None:
    """Return the text if it is a SHA-256 in hex."""
    return text if text and _SHA256.fullmatch(text) else None


def owner_of(name: str) -> str | None:
    """Return the account that a repository id stands under; old ids stand under none."""
    return name.split("/", 1)[0] if is_repo_id(name) and "/" in name else None


def purl(name: str, commit: str | None) -> str | None:
    """Return a model's package URL (type `huggingface`), None for what is no repository id."""
    if not is_repo_id(name):
        return None
    return f"pkg:huggingface/{name}@{commit}" if commit else f"pkg:huggingface/{name}"


def source_purl(name: str, commit: str | None) -> str | None:
    """Return the package URL of `host/owner/name`; types are known for three of the hosts, else it is generic.

    https://github.com/package-url/purl-spec/blob/main/PURL-TYPES.rst
    """
    host, owner, repo = (*name.split("/"), "", "")[:3]
    at = f"@{commit}" if commit else ""
    kind = {"github.com": "github", "bitbucket.org": "bitbucket"}.get(host)
    if not owner or not repo:
        return None
    if kind:  # these two know no difference of case
        return f"pkg:{kind}/{owner.lower()}/{repo.lower()}{at}"
    return f"pkg:generic/{repo}{at}?vcs_url={quote(f'git+https://{name}', safe='')}"


def page(path: str, commit: str | None) -> str:
    """Return the address of a repository, at its commit where there is one; `path` is that of `ModelRef`."""
    return f"{HUB}/{path}/tree/{commit}" if commit else f"{HUB}/{path}"


def file_address(path: str, commit: str, file: str) -> str:
    """Return the address under which a file of a repository is downloaded."""
    return f"{HUB}/{path}/resolve/{commit}/{quote(file)}"


def slug(text: str) -> str:
    """Return the text's letters, digits and dots, with hyphens for the rest; may be empty."""
    return _UNSAFE.sub("-", text)[:60].strip("-.")


def local_id(kind: str, name: str) -> str:
    """Return an identifier within a document: readable, and different for different names."""
    mark = hashlib.sha256(name.encode(errors="replace")).hexdigest()[:8]
    return "-".join(part for part in (kind, slug(name), mark) if part)


def moment(text: str) -> str | None:
    """Return an ISO 8601 time in UTC to the second, as the standards write it; None for what is no time."""
    try:
        parsed = datetime.fromisoformat(text)
        utc = parsed.astimezone(UTC) if parsed.tzinfo else parsed
        return utc.strftime(TIME) if utc.year > 999 else None  # noqa: PLR2004 - strftime pads no year
    except (ValueError, OverflowError):
        return None


def web_address(url: str | None) -> str:
    """Return the address if it is one of the web, and nothing for any other kind."""
    return url if url and url.startswith(("https://", "http://")) else ""


def told(where: Where) -> str:
    """Return a place in words: repository, commit, file, lines or pointer, hash of the file, address."""
    at = f"@{where.commit[:12]}" if where.commit else ""
    spot = where.pointer or ""
    if where.lines:
        spot = f"lines {where.lines[0]}-{where.lines[1]}"
    sha = f"sha256 {where.sha256}" if where.sha256 else ""
    more = ", ".join(part for part in (spot, sha, web_address(where.url)) if part)
    return clean(f"{where.repo}{at} {where.path}{f' ({more})' if more else ''}", 600)


def told_places(places: Iterable[Where]) -> str:
    """Return the first few places in words."""
    return "; ".join(told(place) for place in tuple(places)[:MAX_PLACES])
