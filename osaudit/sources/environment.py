"""The environment held to what it has to be, before anything is asked: what is wrong is told by its variable."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from osaudit.errors import UsageError

_MAX_TOKEN = 64 * 1024


def require_environment(*, keeps: bool) -> None:
    """Raise a UsageError for an address, a cache or a token's file that cannot be one; `keeps`: the cache is used."""
    _require_endpoint(os.environ.get("HF_ENDPOINT", ""))
    _require_token()
    if keeps:
        _require_cache(os.environ.get("OSAUDIT_CACHE", ""))


def _require_endpoint(endpoint: str) -> None:
    if not endpoint:
        return
    try:
        parts = urlsplit(endpoint)
        right = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        right = False
    if not right or not endpoint.isprintable() or " " in endpoint:
        raise UsageError(
            f"HF_ENDPOINT is {endpoint[:100]!r}, which is no address: write https://host, or unset it for the Hub"
        )


def _require_token() -> None:
    """See that the file of the token can be read, where it will be: the Hub's client fails over it otherwise."""
    if os.environ.get("HF_TOKEN") or os.environ.get("HUGGING_FACE_HUB_TOKEN"):
        return
    variable = "HF_TOKEN_PATH" if os.environ.get("HF_TOKEN_PATH") else "HF_HOME"
    named = os.environ.get(variable, "")
    path = Path(named).joinpath(*(() if variable == "HF_TOKEN_PATH" else ("token",)))
    if not named:
        return
    try:
        with open(os.path.expanduser(path), encoding="utf-8") as file:  # noqa: PTH111, PTH123 - as the Hub's client does
            file.read(_MAX_TOKEN)
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or "it is no text"
        raise UsageError(
            f"{variable} is {named[:200]!r}, where no token can be looked for ({why}): set another"
        ) from error


def _require_cache(named: str) -> None:
    if not named:
        return
    try:
        path = Path(named).expanduser()
        found = next(place for place in (path, *path.absolute().parents) if place.exists())
        right = found.is_dir()
    except (OSError, RuntimeError, ValueError):
        right = False
    if not right:
        raise UsageError(
            f"OSAUDIT_CACHE is {named[:200]!r}, which is no folder and cannot be one: set another, or unset it"
        )
