"""A seal of this machine on what the cache keeps and nothing outside vouches for: an HMAC-SHA256 (RFC 2104).

Its key stands outside the cache, in a file that its owner alone can read. Who can write the cache, such as a fork whose
pipeline shares it, cannot seal. Where there is no such key, what needs a seal is not kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import logging
import os
import secrets
import stat
import tempfile
from pathlib import Path
from typing import Any

import platformdirs

KEY_BYTES = 32

_log = logging.getLogger(__name__)


def seal(key: bytes, what: bytes, told: bytes) -> str:
    """Seal some bytes for one purpose, in hexadecimal digits."""
    return hmac.new(key, what + b"\0" + told, hashlib.sha256).hexdigest()


def sealed(key: bytes, name: str, data: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """JSON under a seal that holds it to the name of its file."""
    return {"seal": _of_json(key, name, data), "data": data}


def unsealed(key: bytes, name: str, stored: Any) -> Any:  # noqa: ANN401 - JSON
    """What was sealed under a name; None where it was not, or was changed since."""
    match stored:
        case {"seal": str(told), "data": data} if hmac.compare_digest(
            told.encode("utf-8", "replace"), _of_json(key, name, data).encode()
        ):
            return data
        case _:
            return None


def _of_json(key: bytes, name: str, data: Any) -> str:  # noqa: ANN401 - JSON
    return seal(key, name.encode(), json.dumps(data, sort_keys=True, separators=(",", ":")).encode())


def key_of(cache: Path, folder: Path | None = None) -> bytes:
    """Give the key for a cache, from `folder` or the state folder; empty where it cannot be had, or is no secret."""
    try:
        folder = folder or state_folder()
    except RuntimeError:  # a home that is nobody's
        return b""
    if _is_within(folder, cache) or _is_within(cache, folder):
        _log.info("nothing is sealed: the key would stand in the cache")
        return b""
    return _key(folder / "reading.key")


def state_folder() -> Path:
    """Give the folder of the key: `OSAUDIT_STATE`, else the user's state folder for osaudit."""
    named = os.environ.get("OSAUDIT_STATE")
    return Path(named).expanduser() if named else platformdirs.user_state_path("osaudit")


def _is_within(path: Path, folder: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _key(path: Path) -> bytes:
    """Read the key, or make one; empty where it cannot be had, or others could have read or written it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not os.path.lexists(path):
            _make_key(path)
        with os.fdopen(os.open(path, os.O_RDONLY | _NO_LINK), "rb") as file:
            seen = os.fstat(file.fileno())
            key = file.read(KEY_BYTES + 1)
    except OSError as error:
        _log.info("nothing is sealed: %s cannot be used (%s)", path, type(error).__name__)
        return b""
    if not stat.S_ISREG(seen.st_mode) or len(key) != KEY_BYTES or _is_of_others(seen):
        _log.info("nothing is sealed: %s is no key that its owner alone can read", path)
        return b""
    return key


def _make_key(path: Path) -> None:
    """Write a key beside, its owner's alone, and give it its name at once; another process may have been first."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


def _is_of_others(seen: os.stat_result) -> bool:
    return hasattr(os, "getuid") and (seen.st_uid != os.getuid() or bool(seen.st_mode & 0o077))
