"""The Hub's client, the one place that knows it: its address, headers and session, each loaded when it is needed."""

from __future__ import annotations

import atexit
import builtins
import functools
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from osaudit import __version__
from osaudit.sources.budget import Until
from osaudit.sources.redirects import origin_of

if TYPE_CHECKING:
    import httpx2

_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
_MOST_REDIRECTS = 5
_loading = threading.Lock()


def is_offline() -> bool:
    """Tell whether the environment forbids the network, in the words of huggingface_hub."""
    return any(os.environ.get(name, "").upper() in {"1", "ON", "YES", "TRUE"} for name in _OFFLINE)


def load_client() -> None:
    """Import the client, one thread at a time: its modules load each other late."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # else it asks one question more, once a day
    with _loading:
        from huggingface_hub import constants  # noqa: F401, PLC0415 - here it is loaded, below it is used

        import osaudit.sources.wire  # noqa: F401, PLC0415 - likewise

        _session()


def endpoint() -> str:
    """Give the Hub's address: `HF_ENDPOINT`, else the client's own."""
    from huggingface_hub import constants  # noqa: PLC0415 - a heavy import, needed only here

    return (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")


def request_headers() -> Mapping[str, str]:
    """Give the headers of a request, with the user's token where there is one."""
    if not _may_be_logged_in():
        return {"user-agent": _user_agent(), "accept-encoding": "identity"}
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined] # noqa: PLC0415 - public, if late-bound

    headers: dict[str, str] = build_hf_headers(library_name="osaudit", library_version=__version__)
    return {**headers, "accept-encoding": "identity"}  # sizes and bounds are those of the file


_TOKENS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_OIDC_RESOURCE")
"""What may hold a token, or lead to one, in the environment."""


def _may_be_logged_in() -> bool:
    """Tell whether a token could be found, or the environment adds to the headers: else the client's search is idle.

    It looks into the environment, a file, and a notebook's vault, and takes as long to load as all that asks the Hub.
    """
    from huggingface_hub import constants  # noqa: PLC0415 - a heavy import, needed only here

    told = any(os.environ.get(name) for name in _TOKENS) or constants.HF_HUB_USER_AGENT_ORIGIN is not None
    return told or os.path.lexists(constants.HF_TOKEN_PATH) or hasattr(builtins, "get_ipython")


def _user_agent() -> str:
    """Name the program, the client and the Python, as the client does without telemetry."""
    import huggingface_hub  # noqa: PLC0415 - as above

    python = ".".join(map(str, sys.version_info[:3]))
    return f"osaudit/{__version__}; hf_hub/{huggingface_hub.__version__}; python/{python}"


def has_token(headers: Mapping[str, str]) -> bool:
    """Tell whether a request goes out with a token."""
    return "authorization" in headers


@contextmanager
def ask(url: str, headers: Mapping[str, str], *, wait: float, until: Until, is_file: bool) -> Iterator[httpx2.Response]:
    """GET over the one pooled session; the answer's head is there, its body is for the caller to read.

    `wait` bounds each wait for the network, `until` the whole request. A redirect is followed by the rules of
    `osaudit.sources.redirects`; BarredError where they forbid it.
    """
    from osaudit.sources.wire import Bounds, bounded  # noqa: PLC0415 - a heavy import, needed only here

    try:
        bounds = Bounds(until, origin_of(endpoint()), is_file)
    except ValueError as error:
        raise _bad_address(error) from error
    with (
        bounded(bounds),
        _session().stream("GET", url, headers=headers, timeout=wait) as response,
    ):
        yield response


def _bad_address(error: ValueError) -> Exception:
    import httpx2  # noqa: PLC0415 - as above

    return httpx2.InvalidURL(str(error))


def network_errors() -> tuple[type[Exception], ...]:
    """The errors that a request may end in, for lack of a whole answer."""
    import httpx2  # noqa: PLC0415 - as above

    return (httpx2.RequestError, httpx2.InvalidURL, httpx2.StreamError, OSError)


@functools.cache
def _session() -> httpx2.Client:
    from osaudit.sources.wire import guarded_client  # noqa: PLC0415 - as above

    made = guarded_client(_MOST_REDIRECTS)
    atexit.register(made.close)
    return made
