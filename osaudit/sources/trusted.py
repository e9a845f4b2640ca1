"""Files as they stand at a commit of the user's own repository: what a pull request cannot rewrite.

`git` reads objects and nothing else: no hook, filter, file monitor or pager runs, and nothing is fetched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from osaudit.errors import UsageError

_PATIENCE = 60
_QUIET = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.pager=cat")


@dataclass(frozen=True, slots=True)
class Trusted:
    """A commit of the repository that `top` is the root of; `asked` is how the user named it."""

    top: Path
    commit: str
    asked: str

    def read(self, path: Path) -> bytes | None:
        """Give a file's bytes at the commit; None where there is none. UsageError for a path outside."""
        place = path.absolute()
        place = place.parent.resolve() / place.name
        if not place.is_relative_to(self.top):
            raise UsageError(f"{path} lies outside of the repository, and --trust reads it at {self.asked}: move it in")
        inner = place.relative_to(self.top).as_posix()
        listed = _git(self.top, "ls-tree", "-z", self.commit, "--", f":(literal){inner}")
        kind = listed.split(b"\0")[0].split(b"\t")[0].split()
        if len(kind) != 3 or kind[1] != b"blob" or kind[0] == b"120000":  # noqa: PLR2004 - mode, kind, id; no links
            return None
        return _git(self.top, "cat-file", "blob", kind[2].decode())


def trusted(revision: str, folder: Path) -> Trusted:
    """Find the commit that a revision means in the repository around a folder; UsageError where there is none."""
    try:
        top = Path(os.fsdecode(_git(folder, "rev-parse", "--show-toplevel").rstrip(b"\n"))).resolve()
    except UsageError as error:
        raise UsageError(f"--trust {revision[:80]}: {folder} is in no git repository ({error})") from error
    try:
        named = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        commit = _git(top, *named).decode("ascii", "replace").strip()
    except UsageError as error:
        raise UsageError(f"--trust {revision[:80]}: no such commit is here: fetch it first, or name another") from error
    return Trusted(top, commit, revision)


def _git(folder: Path, *args: str) -> bytes:
    program = shutil.which("git")
    if program is None:
        raise UsageError("git is not installed, and --trust reads files with it")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(  # noqa: S603 - git by its path, arguments that are no options
            [program, *_QUIET, *args],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"git did not answer: {error}"[:300]) from error
    if done.returncode:
        raise UsageError(" ".join(done.stderr.decode("utf-8", "replace").split())[:200] or "git failed")
    return done.stdout
