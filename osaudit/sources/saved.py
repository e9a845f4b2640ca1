"""Saved evidence, each file under its own digest: whoever knows the digest, from a lock file, knows what is in it."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from osaudit import codec
from osaudit.errors import OsauditError, UsageError
from osaudit.evidence import Evidence
from osaudit.frozen import dataclass

MAX_BYTES = 256 * 1024 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class SavedEvidence:
    """A folder of evidence files, `<digest>.json`."""

    root: Path

    def load(self, digest: str) -> Evidence | None:
        """Give the evidence of a digest; None where it is not there, or is not what its digest says."""
        if not _DIGEST.fullmatch(digest):
            return None
        path = self.root / f"{digest}.json"
        try:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
            evidence = codec.load(data, path.name) if len(data) <= MAX_BYTES else None
        except (OSError, OsauditError):
            return None
        return evidence if evidence is not None and codec.digest(evidence) == digest else None

    def save(self, evidence: Evidence) -> str:
        """Write evidence under its digest, whole or not at all; give the digest. UsageError where it cannot be."""
        digest = codec.digest(evidence)
        path = self.root / f"{digest}.json"
        if self.load(digest) is not None:
            return digest
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.root, prefix=f".{digest[:12]}.")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(codec.dump(evidence))
            Path(name).replace(path)
        except OSError as error:
            raise UsageError(f"cannot write evidence into {self.root}: {error.strerror or error}") from error
        return digest
