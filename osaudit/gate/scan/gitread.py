"""A stranger's git repository read by git itself, which obeys none of it: no hook, filter, monitor, alias or fetch."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from osaudit.errors import OsauditError, UsageError

PATIENCE = 120
"""Seconds that one command of git's may take."""

# What a repository's own settings could have git run, or ask of the network, is set to nothing for each command.
_OBEYS_NOTHING = (
    *("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "core.pager=cat"),
    *("-c", "core.untrackedCache=false", "-c", "core.preloadIndex=false", "-c", "protocol.allow=never"),
    *("-c", "core.sshCommand=false", "-c", "credential.helper=", "-c", "core.askPass=", "-c", "safe.directory=*"),
)
_COMMIT = re.compile(rb"[0-9a-f]{40,64}")
PLAIN = frozenset({b"100644", b"100755"})
"""The modes of plain files: no link, no submodule."""
_REVISION = re.compile(r"(?!-)[^\x00-\x20\x7f:?*\[\\]{1,200}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a commit."""

    path: str
    blob: str
    size: int


def listed(root: Path) -> list[str] | None:
    """Files below a folder that git tracks, or would: none that it ignores. None where git tells nothing of it."""
    found = asked(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ".")
    return None if found is None else sorted({os.fsdecode(one) for one in found.split(b"\0") if one})


def base_of(root: Path, revision: str) -> str:
    """The commit where this branch left a revision, or the revision's own where they have none in common.

    UsageError where the text can be no revision or names none; OsauditError where there is no repository or no git.
    """
    if not _REVISION.fullmatch(revision) or ".." in revision:
        raise UsageError(f"{revision[:100]!r} cannot be a revision: write a branch, a tag or a commit")
    if asked(root, "rev-parse", "--git-dir") is None:
        raise OsauditError(
            f"{root.name or 'the folder'} is in no git repository, or git is not there: leave --changed-since out"
        )
    commit = commit_of(root, revision)
    if commit is None:
        raise UsageError(
            f"git knows no revision {revision[:100]!r} here: fetch it first, with as much history as it takes"
        )
    common = asked(root, "merge-base", commit, "HEAD")
    return common.decode().strip() if common else commit


def commit_of(root: Path, revision: str) -> str | None:
    """The commit that a revision names; None where the repository has none of that name."""
    told = asked(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    named = (told or b"").split()[-1:]
    return named[0].decode() if named and _COMMIT.fullmatch(named[0]) else None


def files_of(root: Path, commit: str) -> list[Entry]:
    """The plain files of a commit below a folder; OsauditError where git cannot tell them."""
    told = asked(root, "ls-tree", "-r", "-z", "-l", commit, "--", ".")
    if told is None:
        raise OsauditError(f"git cannot list the commit {commit[:12]}: fetch it whole first")
    entries = []
    for row in told.split(b"\0"):
        head, _, path = row.partition(b"\t")
        parts = head.split()
        if len(parts) == 4 and parts[0] in PLAIN and parts[3].isdigit():  # noqa: PLR2004 - mode, kind, id, size
            entries.append(Entry(os.fsdecode(path), parts[2].decode(), int(parts[3])))
    return entries


@contextmanager
def blobs(root: Path) -> Iterator[Blobs]:
    """Let blobs be read by their ids, all by one process."""
    process = subprocess.Popen(  # noqa: S603 - git, with arguments of our own
        [_git(), *_OBEYS_NOTHING, "cat-file", "--batch"],
        cwd=root,
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        if process.stdin is None or process.stdout is None:
            raise OsauditError("git cannot be read from")
        yield Blobs(process.stdin, process.stdout)
    finally:
        process.kill()
        process.communicate()


@dataclass(frozen=True, slots=True)
class Blobs:
    """What git's `cat-file --batch` is asked, and what it answers."""

    asks: IO[bytes]
    answers: IO[bytes]

    def read(self, blob: str) -> bytes | None:
        """Give a blob's content; None where the repository lacks it."""
        self.asks.write(f"{blob}\n".encode())
        self.asks.flush()
        head = self.answers.readline().split()
        if len(head) != 3 or head[1] != b"blob":  # noqa: PLR2004 - id, kind, size
            return None
        data = self.answers.read(int(head[2]))
        self.answers.read(1)
        return data


def asked(root: Path, *arguments: str) -> bytes | None:
    """What a command of git's tells; None where it fails, or where there is no git."""
    try:
        done = subprocess.run(  # noqa: S603 - git, with arguments of our own and a revision that is no option
            [_git(), *_OBEYS_NOTHING, *arguments],
            cwd=root,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _git() -> str:
    found = shutil.which("git")
    if found is None:
        raise OsauditError("git is not there: install it, or leave --changed-since and --trust out")
    return found


def _environment() -> dict[str, str]:
    """An environment in which nothing is git's but what stands here."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP") if name in os.environ}
    return kept | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_LITERAL_PATHSPECS": "1",
        "HOME": os.devnull,
        "LC_ALL": "C",
    }
