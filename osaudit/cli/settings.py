"""Defaults from `osaudit.toml` or `[tool.osaudit]` in pyproject.toml; a flag or the environment outranks them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from osaudit.errors import UsageError

_MAX_BYTES = 256 * 1024


def defaults(folder: Path) -> dict[str, Any]:
    """Read the nearest settings file at or above `folder` as click's default map; UsageError where it is broken."""
    for place in (folder, *folder.parents):
        own = _table(place / "osaudit.toml")
        if own is not None:
            return _by_flag(own)
        project = _table(place / "pyproject.toml")
        if project is not None:
            table = project.get("tool", {}).get("osaudit")
            return _by_flag(table) if isinstance(table, dict) else {}
    return {}


def _table(path: Path) -> dict[str, Any] | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if len(data) > _MAX_BYTES:
        raise UsageError(f"{path.name} is over {_MAX_BYTES // 1024} KB: is it a settings file?")
    try:
        return tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path.name} is not readable TOML: {error}") from error


def _by_flag(table: dict[str, Any]) -> dict[str, Any]:
    """Turn `fail-under = 60` under `[audit]` into click's parameter names."""
    return {
        key.replace("-", "_"): _by_flag(value) if isinstance(value, dict) else value for key, value in table.items()
    }
