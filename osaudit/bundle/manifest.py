"""The manifest of a bundle: what is in it, by hash; what is not, and why; with what it was judged."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from osaudit.errors import OsauditError
from osaudit.jsontext import shown
from osaudit.resources import data_path

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

NAME = "manifest.json"
SIGNATURE = f"{NAME}.sig"
BUNDLE_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Held:
    """A file of the bundle: `what` it is in a word, its size in bytes, its SHA-256."""

    path: str
    what: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`criteria_sha256` stands for packs, clause table and rules; `packs` are ids, or paths of files in the bundle."""

    tool_version: str
    criteria_sha256: str
    model: str
    commit: str | None
    evidence_sha256: str
    packs: tuple[str, ...]
    files: tuple[Held, ...]
    left_out: tuple[tuple[str, str], ...]


def held(path: str, what: str, data: bytes) -> Held:
    """Return a file's line."""
    return Held(path, what, len(data), hashlib.sha256(data).hexdigest())


def write_manifest(manifest: Manifest) -> bytes:
    """Return the manifest as JSON whose own digest stands in it, so that none of its bytes can change unseen."""
    data = _plain(manifest)
    return _text({**data, "sha256": _digest(data)})


def read_manifest(text: bytes, name: str) -> Manifest:
    """Read what `write_manifest` wrote; OsauditError where it is anything else."""
    try:
        data = json.loads(text)
        error = next(iter(_validator().iter_errors(data)), None)
    except (ValueError, RecursionError) as found:
        raise OsauditError(f"{name}: the manifest is no JSON that can be read") from found
    if error is not None:
        words = " ".join(error.message.split())[:150]
        raise OsauditError(f"{name}: the manifest is not of this form: {error.json_path}: {words}")
    digest = data.pop("sha256")
    if digest != _digest(data) or text != _text({**data, "sha256": digest}):
        raise OsauditError(f"{name}: the manifest was changed: it does not have its own digest")
    return Manifest(
        tool_version=data["tool"]["version"],
        criteria_sha256=data["criteria_sha256"],
        model=data["model"],
        commit=data["commit"],
        evidence_sha256=data["evidence_sha256"],
        packs=tuple(data["packs"]),
        files=tuple(Held(**row) for row in data["files"]),
        left_out=tuple((row["what"], row["why"]) for row in data["left_out"]),
    )


def _plain(manifest: Manifest) -> dict[str, Any]:
    return {
        "schema": BUNDLE_SCHEMA,
        "tool": {"name": "osaudit", "version": manifest.tool_version},
        "criteria_sha256": manifest.criteria_sha256,
        "model": manifest.model,
        "commit": manifest.commit,
        "evidence_sha256": manifest.evidence_sha256,
        "packs": list(manifest.packs),
        "files": [
            {"path": one.path, "what": one.what, "bytes": one.bytes, "sha256": one.sha256} for one in manifest.files
        ],
        "left_out": [{"what": what, "why": why} for what, why in manifest.left_out],
    }


def _text(data: Mapping[str, Any]) -> bytes:
    return (shown(json.dumps(data, ensure_ascii=False, indent=2)) + "\n").encode()


def _digest(data: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@functools.cache
def criteria_digest() -> str:
    """Return the SHA-256 of all that judging reads from `criteria/`: every file's path and hash, by path."""
    root, total = data_path("criteria"), hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file():
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{path.relative_to(root).as_posix()} {digest}\n".encode())
    return total.hexdigest()


@functools.cache
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - a tenth of a second, for bundles alone

    return Draft202012Validator(json.loads(data_path("reports", "bundle.schema.json").read_text(encoding="utf-8")))
