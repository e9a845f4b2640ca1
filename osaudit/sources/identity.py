"""A folder that is said to be a repository at a commit: its files held to the ids that the Hub gives of them there.

Where each file of the folder is the repository's own, what the Hub's record says holds for the folder. Where one is
another, nothing vouches for it: the folder is judged by itself, and what differs is a conflict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from osaudit.evidence import Seen
from osaudit.snapshot import Snapshot
from osaudit.sources.blobs import Listed, Sums
from osaudit.sources.folder import walk
from osaudit.sources.opening import open_regular

_PIECE = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class HeldFolder:
    """Paths of a folder held to a repository: `differing` have other content or are not the repository's at all.

    `missing` are listed there and not here; `unheld` are in both, and no id was at hand to hold them to.
    """

    differing: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unheld: tuple[str, ...] = ()


def hold_folder(folder: Path, listed: Mapping[str, Listed]) -> HeldFolder:
    """Hash every file of the folder and hold it to the repository's list."""
    found = walk(folder, is_cached=False)
    here = {file.path for file in found.listed.entries}
    differing = sorted(here - listed.keys())
    unheld: list[str] = []
    for path in sorted(here & listed.keys()):
        wanted = listed[path]
        size, ids = _ids(found.real[path])
        if wanted.size is not None and size != wanted.size:
            differing.append(path)
        elif wanted.id is None:
            unheld.append(path)
        elif wanted.id not in ids:
            differing.append(path)
    if not found.listed.complete:
        differing.append("what is no regular file of its own, and was left out")
    return HeldFolder(tuple(differing), tuple(sorted(listed.keys() - here)), tuple(unheld))


def listed_offline(snapshot: Snapshot) -> Mapping[str, Listed]:
    """The ids that a stored snapshot knows: those of files that LFS keeps, and of texts that were read whole."""
    if not isinstance(snapshot.files, Seen):
        return {}
    listed = {file.path: Listed(file.sha256, file.size) for file in snapshot.files.value.entries}
    for path, fact in snapshot.texts.items():
        if isinstance(fact, Seen) and not fact.value.truncated and path in listed:
            listed[path] = Listed(fact.value.sha256, fact.value.size)
    return listed


def _ids(path: Path) -> tuple[int, frozenset[str]]:
    try:
        with open_regular(path) as file:
            sums = Sums(path.stat().st_size)
            while piece := file.read(_PIECE):
                sums.add(piece)
    except OSError:
        return -1, frozenset()
    return sums.size, sums.ids()
