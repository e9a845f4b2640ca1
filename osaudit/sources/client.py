"""The Hub's client, the one place that knows it: its address, headers and session, each loaded when it is needed."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from osaudit import __version__

if TYPE_CHECKING:
    import httpx2

_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
_loading = threading.Lock()


def is_offline() -> bool:
    """Tell whether the environment forbids the network, in the words of huggingface_hub."""
    return any(os.environ.get(name, "").upper() in {"1", "ON", "YES", "TRUE"} for name in _OFFLINE)


def load_client() -> None:
    """Import the client, one thread at a time: its modules load each other late."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # else it asks one question more, once a day
    with _loading:
        import httpx2  # noqa: F401, PLC0415 - here it is loaded, below it is used
        from huggingface_hub import constants, get_session, utils  # noqa: F401, PLC0415 - likewise


def endpoint() -> str:
    """Give the Hub's address: `HF_ENDPOINT`, else the client's own."""
    from huggingface_hub import constants  # noqa: PLC0415 - a heavy import, needed only here

    return (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")


def request_headers() -> Mapping[str, str]:
    """Give the headers of a request, with the user's token where there is one."""
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined] # noqa: PLC0415 - public, if late-bound

    headers: dict[str, str] = build_hf_headers(library_name="osaudit", library_version=__version__)
    return {**headers, "accept-encoding": "identity"}  # sizes and bounds are those of the file


def has_token(headers: Mapping[str, str]) -> bool:
    """Tell whether a request goes out with a token."""
    return "authorization" in headers


def session() -> httpx2.Client:
    """Give the client's one pooled session."""
    from huggingface_hub import get_session  # noqa: PLC0415 - as above

    return get_session()
