"""Opening a file of a stranger's folder: the one that was looked at, by no link, and a regular file or none."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

_AT = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_FILE = (
    os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
)  # without waiting: a pipe may have taken the file's place


def open_regular(resolved: Path) -> BinaryIO:
    """Open a resolved path for reading, folder by folder; OSError where a part of it is a link by now, or no file."""
    handle = _opened(resolved)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return os.fdopen(handle, "rb")
    os.close(handle)
    raise OSError(None, "no regular file")


def _opened(resolved: Path) -> int:
    if not _AT:  # where the system opens nothing relative to a folder
        return os.open(resolved, _FILE | getattr(os, "O_BINARY", 0))
    top, *folders, name = resolved.parts
    at = os.open(top, _FOLDER & ~getattr(os, "O_NOFOLLOW", 0))
    try:
        for folder in folders:
            inner = os.open(folder, _FOLDER, dir_fd=at)
            os.close(at)
            at = inner
        return os.open(name, _FILE, dir_fd=at)
    finally:
        os.close(at)


def is_real_folder(path: Path) -> bool:
    """Tell whether a folder itself stands there, and not a link to one."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False
