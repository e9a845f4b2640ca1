"""Files as they stand at a commit of the user's own repository: what a pull request cannot rewrite.

The repository is read as `scan` reads one: by git, which obeys nothing of it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from osaudit.errors import OsauditError, UsageError
from osaudit.gate.scan import gitread


@dataclass(frozen=True, slots=True)
class Trusted:
    """A commit of the repository that `top` is the root of; `asked` is how the user named it."""

    top: Path
    commit: str
    asked: str

    def read(self, path: Path) -> bytes | None:
        """Give a file's bytes at the commit; None where there is none, or a link. UsageError for a path outside."""
        place = path.absolute()
        place = place.parent.resolve() / place.name
        if not place.is_relative_to(self.top):
            raise UsageError(f"{path} lies outside of the repository, and --trust reads it at {self.asked}: move it in")
        inner = place.relative_to(self.top).as_posix()
        listed = gitread.asked(self.top, "ls-tree", "-z", self.commit, "--", inner)
        kind = (listed or b"").split(b"\0")[0].split(b"\t")[0].split()
        if len(kind) != 3 or kind[0] not in gitread.PLAIN:  # noqa: PLR2004 - mode, kind, id
            if listed is None:
                raise OsauditError(f"git cannot list {self.asked}: fetch it whole first")
            return None
        data = gitread.asked(self.top, "cat-file", "blob", kind[2].decode())
        if data is None:
            raise OsauditError(f"git does not have {path.name} of {self.asked}: fetch it whole first")
        return data


def trusted(revision: str, folder: Path) -> Trusted:
    """Find the commit that a revision means in the repository around a folder; UsageError where there is none."""
    top = gitread.asked(folder, "rev-parse", "--show-toplevel")
    if top is None:
        raise UsageError(f"--trust {revision[:80]}: {folder} is in no git repository, or git is not there")
    commit = gitread.commit_of(folder, revision)
    if commit is None:
        raise UsageError(f"--trust {revision[:80]}: no such commit is here: fetch it first, or name another")
    return Trusted(Path(os.fsdecode(top.rstrip(b"\n"))).resolve(), commit, revision)
