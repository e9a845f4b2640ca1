"""What this installation of osaudit is: its version, the commit that it was built from, and what is installed."""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path

from osaudit import __version__
from osaudit.frozen import dataclass
from osaudit.resources import data_path

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Built:
    """`commit`: 40 hex digits, or `unknown` where it was built without git, or runs from a checkout.

    `record_sha256`: of the installed RECORD (PEP 376, PyPA "Recording installed projects"), which names every installed
    file with its hash; None in a checkout. Installers may write it in other orders: it tells one installation.
    """

    version: str
    commit: str
    record_sha256: str | None


@functools.cache
def built() -> Built:
    """Return what this installation is."""
    return Built(__version__, _commit(), _record())


def built_lines() -> tuple[str, ...]:
    """Say what this installation is, a line a fact."""
    made = built()
    record = f"sha256 of the installed RECORD: {made.record_sha256 or 'none, it runs from a checkout'}"
    return f"source commit: {made.commit}", record


def _commit() -> str:
    try:
        commit = json.loads(data_path("build.json").read_bytes())["commit"]
    except (OSError, ValueError, KeyError, TypeError):
        return UNKNOWN
    return commit if isinstance(commit, str) else UNKNOWN


def _record() -> str | None:
    package = Path(__file__).resolve().parent
    try:
        return hashlib.sha256((package.parent / f"osaudit-{__version__}.dist-info/RECORD").read_bytes()).hexdigest()
    except OSError:
        return None
