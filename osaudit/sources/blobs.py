"""What the Hub says that a file's content is, and whether what came is that.

The Hub keeps files in git: the id of a plain one is the SHA-1 of `blob`, its length and its content, the id of one that
Git LFS keeps is the sha256 of its content. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from osaudit.compiled import regex
from osaudit.frozen import dataclass

_ID = regex(r"[0-9a-f]{40}|[0-9a-f]{64}")
_ETAG = regex(r'(?:W/)?"?([0-9a-f]{64}|[0-9a-f]{40})"?')


@dataclass(frozen=True, slots=True)
class Listed:
    """What a file list tells of one content; its id is git's (40 digits) or, where LFS keeps it, a sha256 (64)."""

    id: str | None = None
    size: int | None = None


UNLISTED = Listed()


def listed_in(record: Mapping[str, Any]) -> Mapping[str, Listed]:
    """Read the ids and sizes off a record's file list."""
    siblings = record.get("siblings")
    entries = siblings if isinstance(siblings, list) else []
    return {
        entry["rfilename"]: _listed(entry)
        for entry in entries
        if isinstance(entry, dict) and isinstance(entry.get("rfilename"), str)
    }


def _listed(entry: Mapping[str, Any]) -> Listed:
    lfs = entry.get("lfs")
    told = lfs if isinstance(lfs, dict) else {}
    size = told.get("size", entry.get("size"))
    named = told.get("sha256") if told else entry.get("blobId")
    return Listed(
        named if isinstance(named, str) and _ID.fullmatch(named) else None,
        size if type(size) is int and size >= 0 else None,
    )


def told_id(headers: Mapping[str, str]) -> str | None:
    """Read the id that an answer of the Hub itself tells of the content; None where its tag is none."""
    found = _ETAG.fullmatch(headers.get("x-linked-etag") or headers.get("etag") or "")
    return found.group(1) if found else None


def ids_of(data: bytes) -> frozenset[str]:
    """Both ids that the content could have."""
    sums = Sums(len(data))
    sums.add(data)
    return sums.ids()


class Sums:
    """Both ids of a content that comes in pieces; `length` is what it is said to have, for git's begins with it."""

    def __init__(self, length: int | None) -> None:
        self.size = 0
        self._length = length
        self._sha256 = hashlib.sha256()
        self._git = hashlib.sha1(b"blob %d\0" % length, usedforsecurity=False) if length is not None else None

    def add(self, piece: bytes) -> None:
        """Take the next piece."""
        self.size += len(piece)
        self._sha256.update(piece)
        if self._git:
            self._git.update(piece)

    def ids(self) -> frozenset[str]:
        """The ids of what came; git's is missing where it did not have the length that it was said to have."""
        git = {self._git.hexdigest()} if self._git and self.size == self._length else set()
        return frozenset({self._sha256.hexdigest(), *git})


def mismatch(listed: Listed, told: Iterable[str], size: int, ids: frozenset[str]) -> str | None:
    """Say why a content of these ids is not the one that the Hub lists, and its answer tells of; None where it is."""
    wanted = {*told, *({listed.id} if listed.id else ())}
    if not wanted:
        return "the Hub tells no hash of it, so that what came cannot be held to anything"
    if listed.size is not None and size != listed.size:
        return f"{size} bytes came of the {listed.size} that the Hub lists"
    if wanted - ids:
        return "what came is not the file that the Hub lists: its hash is another"
    return None
