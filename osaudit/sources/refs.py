"""Names of repositories: what is a Hub id, and what a user means by the text that he passes."""

from __future__ import annotations

import os
from urllib.parse import unquote, urlsplit

from osaudit.compiled import regex
from osaudit.errors import UsageError
from osaudit.evidence import Kind, ModelRef
from osaudit.files import is_safe_path

# The Hub's own rules: https://huggingface.co/docs/huggingface_hub/package_reference/utilities (validate_repo_id)
_PART = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?"
_ID = regex(rf"(?:{_PART}/)?{_PART}")
_COMMIT = regex(r"[0-9a-f]{40}")
_REVISION = regex(r"[^\x00-\x20\x7f~^:?*\[\\]{1,200}")
_HUB_HOSTS = ("huggingface.co", "www.huggingface.co", "hf.co")
_SCHEME = "hf://"
_QUANTISED = regex(r":[A-Za-z0-9_.-]{1,40}$")
"""What Ollama and llama.cpp put behind a name: which of a repository's GGUF files is meant."""
_PAGES_OF_AN_ORG = frozenset({"models", "datasets", "spaces", "collections", "activity", "followers", "papers"})
_REVISION_VIEWS = frozenset({"tree", "blob", "resolve", "raw", "commit", "commits", "revision"})
_FILE_VIEWS = frozenset({"blob", "resolve", "raw"})
_NOT_AUDITED = frozenset({"spaces", "collections", "papers", "docs", "blog", "organizations", "buckets", "kernels"})


def is_hub_id(name: str) -> bool:
    """Tell whether the Hub could have a repository of that name: `name` or `org/name`."""
    return bool(_ID.fullmatch(name)) and "--" not in name and ".." not in name and not name.endswith(".git")


def is_commit(text: str) -> bool:
    """Tell whether the text is a full commit id: 40 hex digits, lower case."""
    return bool(_COMMIT.fullmatch(text))


def parse_ref(text: str, *, revision: str | None = None, kind: Kind = "model") -> ModelRef:
    """Read `org/name`, `org/name@revision`, `datasets/org/name` or a Hub URL; UsageError where it is none of them.

    `hf://org/name` and a name with a quantisation behind it (`org/name:Q4_K_M`) mean the repository.

    `revision` is one asked for apart; it must not contradict the text's own.
    """
    plain = text.strip()
    named = plain[len(_SCHEME) :] if plain.lower().startswith(_SCHEME) else plain
    is_url = "://" in named or named.lower().startswith(tuple(f"{host}/" for host in _HUB_HOSTS))
    repo, own, kind = (
        _from_url(named, kind) if is_url else _from_id(named.rstrip("/") if "/" in named.rstrip("/") else named, kind)
    )
    repo = _QUANTISED.sub("", repo)
    if not is_hub_id(repo):
        raise UsageError(f"{plain[:200]!r} is no Hub id: write org/name, org/name@revision or the URL of its page")
    if own and revision and own != revision:
        raise UsageError(f"{plain[:200]!r} names the revision {own!r} and {revision!r} is asked for: leave one out")
    return ModelRef(repo, _checked_revision(own or revision), kind)


def parse_file(text: str, *, revision: str | None = None) -> tuple[ModelRef, str] | None:
    """Read the address of a file on the Hub, or `org/name/path@revision`; None where the text means no such file.

    The address is that of the file's page, its raw text or its download, on the Hub or on `HF_ENDPOINT`, or one that
    begins with `hf://`. UsageError where it is an address of anything else.
    """
    plain = text.strip()
    if plain.lower().startswith("hf://"):
        return _file_of(plain, *_from_hf(plain[len("hf://") :]), revision)
    if "://" in plain or plain.lower().startswith(tuple(f"{host}/" for host in _HUB_HOSTS)):
        return _file_of(plain, *_file_parts(plain), revision)
    if "@" in plain and not plain.startswith((".", "/", "~")):
        return _file_of(plain, *_from_hf(plain), revision)
    return None


def _file_of(
    text: str, kind: Kind, repo: str, own: str | None, path: str, revision: str | None
) -> tuple[ModelRef, str]:
    if not is_hub_id(repo) or not is_safe_path(path):
        raise UsageError(
            f"{text[:200]!r} names no file on the Hub: write https://huggingface.co/org/name/blob/main/LICENSE, "
            "or org/name/LICENSE@main"
        )
    if own and revision and own != revision:
        raise UsageError(f"{text[:200]!r} names the revision {own!r} and {revision!r} is asked for: leave one out")
    return ModelRef(repo, _checked_revision(own or revision), kind), path


def _from_hf(text: str) -> tuple[Kind, str, str | None, str]:
    """Split `[datasets/]org/name[@revision]/path`, or the same with the revision at its end."""
    parts = text.split("/")
    kind: Kind = "dataset" if parts[0] == "datasets" else "model"
    parts = parts[1:] if parts[0] in {"datasets", "models"} else parts
    if len(parts) < 3:  # noqa: PLR2004 - owner, name and a file
        return kind, "", None, ""
    name, _, inner = parts[1].partition("@")
    path, _, last = "/".join(parts[2:]).partition("@")
    return kind, f"{parts[0]}/{name}", unquote(inner or last) or None, path


def _file_parts(text: str) -> tuple[Kind, str, str | None, str]:
    """Take the address of a file's page, its raw text or its download apart."""
    scheme, host, path = _url_parts(text)
    if scheme not in {"http", "https"} or host not in {*_HUB_HOSTS, _own_host()}:
        raise UsageError(f"{text[:200]!r} is not on the Hub: save the text and name the file, or pipe it in with -")
    parts = [unquote(part) for part in path.split("/") if part]
    kind: Kind = "dataset" if parts[:1] == ["datasets"] else "model"
    parts = parts[1:] if kind == "dataset" else parts
    at = next((place for place in range(1, min(3, len(parts))) if parts[place] in _FILE_VIEWS), None)
    if at is None or len(parts) < at + 3:
        return kind, "", None, ""
    return kind, "/".join(parts[:at]), parts[at + 1], "/".join(parts[at + 2 :])


def _checked_revision(revision: str | None) -> str | None:
    if revision is not None and (not _REVISION.fullmatch(revision) or ".." in revision):
        raise UsageError(f"{revision[:100]!r} cannot be a revision: write a branch, a tag or a commit")
    return revision


def _from_id(text: str, kind: Kind) -> tuple[str, str | None, Kind]:
    repo, at, revision = text.partition("@")
    if at and not revision:
        raise UsageError(f"{text[:200]!r} ends in @: write the revision behind it, or leave the @ out")
    return _of_kind(repo, kind, revision or None)


def _of_kind(repo: str, kind: Kind, revision: str | None) -> tuple[str, str | None, Kind]:
    prefix, _, rest = repo.partition("/")
    if prefix == "datasets" and rest:
        return rest, revision, "dataset"
    return (rest, revision, "model") if prefix == "models" and "/" in rest else (repo, revision, kind)


def _from_url(text: str, kind: Kind) -> tuple[str, str | None, Kind]:
    scheme, host, path = _url_parts(text)
    parts = [unquote(part) for part in path.split("/") if part]
    if scheme not in {"http", "https"} or host not in {*_HUB_HOSTS, _own_host()} or not parts:
        raise UsageError(f"{text[:200]!r} is no page of a model: write org/name or https://huggingface.co/org/name")
    if parts[0] in _NOT_AUDITED:
        raise UsageError(f"{text[:200]!r} is a page of {parts[0]}, which cannot be audited: name a model or data set")
    if parts[0] == "api":
        parts = parts[1:]
    if parts and parts[0] in {"datasets", "models"}:
        kind, parts = ("dataset" if parts[0] == "datasets" else "model"), parts[1:]
    if len(parts) > 1 and parts[1] in _PAGES_OF_AN_ORG:
        raise UsageError(
            f"{text[:200]!r} is the page of an organisation or a person: name one of its models, as org/name"
        )
    at = next((place for place in range(1, min(3, len(parts))) if parts[place] in _REVISION_VIEWS), 2)
    revision = parts[at + 1] if len(parts) > at + 1 and parts[at] in _REVISION_VIEWS else None
    return "/".join(parts[:at]), revision, kind


def _url_parts(text: str) -> tuple[str, str, str]:
    try:
        url = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError:
        return "", "", ""
    return url.scheme.lower(), url.netloc.lower(), url.path


def _own_host() -> str:
    """The host of the Hub that the environment names in place of the public one."""
    return _url_parts(os.environ.get("HF_ENDPOINT", ""))[1] or _HUB_HOSTS[0]
