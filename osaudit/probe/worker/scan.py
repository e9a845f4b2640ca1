"""A second opinion on pickles from a scanner that others keep, where it is installed. Nothing is unpickled."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def scan(job: Mapping[str, Any]) -> dict[str, Any]:
    """What picklescan calls dangerous, by file."""
    scanner = importlib.import_module("picklescan.scanner")
    found: list[list[str]] = []
    for path in job["files"]:
        result = scanner.scan_file_path(str(Path(job["folder"]) / path))
        dangerous = [one for one in result.globals if one.safety.value == "dangerous"]
        found += [[path, f"{one.module}.{one.name}"] for one in dangerous]
    return {"event": "scanned", "dangerous": found[:100]}
