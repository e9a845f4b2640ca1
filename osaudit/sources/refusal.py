"""What it means when the Hub says no, and what to do about it: pure functions of its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from osaudit.errors import OsauditError
from osaudit.evidence import Fact, GateMode, ModelRef, Seen, Unknown
from osaudit.sources.record import disabled

Meaning: TypeAlias = Literal["missing", "bad token", "gated", "disabled", "bad revision", "no such file", "refused"]

GATED = "gated: "
REFUSED = "refused: "

_CODES: Mapping[str, Meaning] = {
    "RepoNotFound": "missing",
    "GatedRepo": "gated",
    "RevisionNotFound": "bad revision",
    "EntryNotFound": "no such file",
}
_BAD_TOKEN = ("invalid credentials", "invalid username or password", "invalid token", "expired token")
_DISABLED = ("access to this resource is disabled", "repository is disabled", "repo is disabled")


def meaning(
    status: int, headers: Mapping[str, str], body: bytes, *, with_token: bool, of_file: bool = False
) -> Meaning:
    """Tell what the Hub means by an answer of 400 or above; header names are in lower case."""
    said = f"{headers.get('x-error-message', '')} {body[:2000].decode('utf-8', 'replace')}".lower()
    if status == 401 and with_token and any(words in said for words in _BAD_TOKEN):  # noqa: PLR2004 - Unauthorized
        return "bad token"
    if any(words in said for words in _DISABLED):
        return "disabled"
    # The Hub hides what is private behind 401, and says no more than that where it is missing.
    uncoded: Mapping[int, Meaning] = {401: "missing", 404: "no such file" if of_file else "missing"}
    return _CODES.get(headers.get("x-error-code", "")) or uncoded.get(status, "refused")


def error_for(
    why: Meaning, ref: ModelRef, status: int, headers: Mapping[str, str], *, with_token: bool
) -> OsauditError:
    """Put a refusal that ends the audit of `ref` into one line that says what to do."""
    if why == "disabled":
        return disabled(ref)
    name, page = ref.path, f"https://huggingface.co/{ref.path}"
    token = "the token's account cannot see it" if with_token else "no token is set: set HF_TOKEN if it is private"
    messages: Mapping[Meaning, str] = {
        "missing": f"{name}: no such repository on the Hub, or it is private ({token}): {_advice(ref)}",
        "bad token": f"{name}: the Hub refuses the token as invalid: renew it (`hf auth login`), or unset HF_TOKEN",
        "gated": f"{name}: gated, {gated_why(with_token=with_token)} (request it at {page})",
        "bad revision": f"{name}: no revision {ref.revision!r}: give a branch, a tag or a full commit of it",
    }
    said = _clean(headers.get("x-error-message", ""))
    other = f"{name}: the Hub refuses the request ({status}{': ' + said if said else ''}): check HF_TOKEN's permissions"
    return OsauditError(messages.get(why, other), kind=why.replace(" ", "-"))


def unread(why: Meaning, status: int, *, gate: Fact[GateMode], with_token: bool) -> Unknown | None:
    """Say why one file could not be read; None where the refusal concerns the whole repository."""
    is_gated = isinstance(gate, Seen) and gate.value != "open"
    if why == "gated" or (is_gated and status in {401, 403} and why in {"missing", "refused"}):
        return Unknown(f"{GATED}{gated_why(with_token=with_token)}")
    if why == "no such file":
        return Unknown("listed, but the Hub has no such file at this commit")
    return Unknown(f"{REFUSED}the Hub answers {status}") if why == "refused" else None


def is_gated_still(text: Unknown, gate: Fact[GateMode], *, with_token: bool) -> bool:
    """Tell whether a text that a gate refused before need not be asked for again at the same commit."""
    is_open = isinstance(gate, Seen) and gate.value == "open"
    return text.why == f"{GATED}{gated_why(with_token=False)}" and not is_open and not with_token


def gated_why(*, with_token: bool) -> str:
    """Say what a gated repository's files still need."""
    return "the token's account was not granted access" if with_token else "no token is set: set HF_TOKEN"


def _advice(ref: ModelRef) -> str:
    if "/" not in ref.repo:
        return "if it is an organisation or a person, name one of its models, as org/name"
    return "check the spelling"


def _clean(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text[:200]).split())
