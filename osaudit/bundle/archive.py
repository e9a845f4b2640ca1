"""The archive itself: the same files give the same bytes, and nothing of a strange archive is taken on trust."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping

from osaudit.errors import OsauditError

MAX_BYTES = 256 * 1024 * 1024
MAX_FILES = 1_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,150}(?:/[A-Za-z0-9][A-Za-z0-9._@+-]{0,150}){0,2}")
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest that the format can tell
_MODE = 0o100644 << 16
_UNIX = 3
_NOT_A_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ValueError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    OverflowError,
)


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return the archive of some files: by name, stored as they are, without times. ValueError for a strange name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            if not _NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no name for a file of a bundle")
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.create_system, entry.external_attr = _UNIX, _MODE
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def unpacked(data: bytes, name: str) -> dict[str, bytes]:
    """Return the files of a bundle, in memory alone; OsauditError where it is not exactly what `packed` writes.

    Nothing is ever unpacked on the disk: entries are stored, so no byte grows, and a path that leads anywhere, a second
    entry of a name, bytes before, between or behind the entries, and any other header are refused.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _bounded(entries, len(data), name)
            files = {entry.filename: archive.read(entry) for entry in entries}
    except _NOT_A_ZIP as error:
        why = " ".join(str(error).split())[:150] or type(error).__name__
        raise OsauditError(f"{name} is no bundle that can be read: {why}") from error
    if packed(files) != data:
        raise OsauditError(f"{name} is not as osaudit wrote it: bytes outside its files were changed")
    return files


def _bounded(entries: list[zipfile.ZipInfo], size: int, name: str) -> None:
    if len(entries) > MAX_FILES:
        raise OsauditError(f"{name} holds {len(entries)} files, and a bundle holds {MAX_FILES} at most")
    seen: set[str] = set()
    for entry in entries:
        if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits or entry.file_size != entry.compress_size:
            raise OsauditError(f"{name} is not as osaudit wrote it: its entries are compressed or encrypted")
        if entry.file_size > size or not _NAME.fullmatch(entry.filename) or entry.filename in seen:
            raise OsauditError(f"{name} is not as osaudit wrote it: an entry has a name or a size that none has")
        seen.add(entry.filename)
