"""Bytes of a repository's text file as a bounded text, or why they are none."""

from __future__ import annotations

import base64
import codecs
import hashlib
from collections.abc import Iterator

from osaudit.evidence import Fact, Seen, Unknown
from osaudit.gguf import BadGgufError, general_words
from osaudit.snapshot import FetchedText, GgufWords

READ_LIMIT = 5 * 1024 * 1024

_LFS_POINTER = b"version https://git-lfs.github.com/spec/v1"
_HTML_OPENINGS = (b"<!doctype html", b"<html")
_HTML_SUFFIXES = (".html", ".htm", ".xhtml")
_BAD_SHARE = 100  # one unreadable character in so many is still a text


def as_text(path: str, data: bytes, *, truncated: bool = False) -> Fact[FetchedText]:
    """Decode what was read of `path`; the sha256 and the size are those of the bytes, a BOM is left out of the text."""
    if data.startswith(_LFS_POINTER):
        return Unknown("a Git LFS pointer stands where the text should be")
    if is_web_page(path, data):
        return Unknown("a web page stands where the text should be")
    text = _decode(data, truncated=truncated)
    if text is None:
        return Unknown("binary file")
    encoded = "" if truncated or data in possible_bytes(text) else base64.b64encode(data).decode()
    return Seen(FetchedText(text, hashlib.sha256(data).hexdigest(), len(data), truncated, encoded))


def possible_bytes(text: str, encoded: str = "") -> Iterator[bytes]:
    """Give what a text may have been decoded from; `encoded` are its bytes in base 64 where they are known."""
    try:
        if encoded:
            yield base64.b64decode(encoded)
            return
        yield text.encode()
        yield codecs.BOM_UTF8 + text.encode()
        yield codecs.BOM_UTF16_LE + text.encode("utf-16-le")
        yield codecs.BOM_UTF16_BE + text.encode("utf-16-be")
    except ValueError:  # half a character, or no base 64: nothing that was ever read
        return


def as_gguf(path: str, data: bytes) -> Fact[GgufWords]:
    """Read what the first bytes of a GGUF file say of its model."""
    try:
        return Seen(GgufWords(path, general_words(data)))
    except BadGgufError as error:
        return Unknown(f"the file {error.because}")


def is_web_page(path: str, data: bytes) -> bool:
    """Tell whether a page was served, or saved, in place of a file that is no page by its name."""
    opening = data[:256].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return opening.startswith(_HTML_OPENINGS) and not path.lower().endswith(_HTML_SUFFIXES)


def _decode(data: bytes, *, truncated: bool) -> str | None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _mostly_readable(data, "utf-16", truncated=truncated)
    if b"\0" in data:
        return None
    return _mostly_readable(data, "utf-8-sig", truncated=truncated)


def _mostly_readable(data: bytes, encoding: str, *, truncated: bool) -> str | None:
    """Decode with a few bad bytes replaced; a cut through a character at the end is no bad byte."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        is_cut = truncated and len(data) - error.start < 4  # noqa: PLR2004 - the bytes of one character
        if is_cut:
            return data[: error.start].decode(encoding)
    text = data.decode(encoding, "replace")
    return text if text.count("\ufffd") <= max(8, len(text) // _BAD_SHARE) else None
