"""Which words name a repository on the Hub, and which a folder, a file or something else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from osaudit.evidence import Kind
from osaudit.sources.refs import is_hub_id

_PINNED = re.compile(r"[0-9a-f]{40}|(?=[0-9a-f]{0,38}[a-f])(?=[0-9a-f]{0,38}[0-9])[0-9a-f]{7,39}")
_FILE = re.compile(
    r"\.(?:safetensors|bin|gguf|ggml|pt|pth|ckpt|onnx|pkl|h5|msgpack|model|json|ya?ml|txt|zip|tar|gz|py)$",
    re.IGNORECASE,
)
_LOCAL = re.compile(r"^(?:[./~\\$%{]|[A-Za-z]:[\\/]|file:)|[\\\s]|/$")
_PAGE = re.compile(
    r"^(?:https?://|ssh://)?(?:\w+(?::[\w.-]+)?@)?(?:www\.)?(?:huggingface\.co|hf\.co)(?:/|(?<=co):(?=[A-Za-z]))",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"^(?:hf|huggingface)://", re.IGNORECASE)
_TAG = re.compile(r":([A-Za-z0-9_.-]{1,40})$")
_VIEWS = frozenset({"resolve", "blob", "raw", "tree", "commit", "commits", "revision"})
_KINDS = frozenset({"datasets", "models"})
_NO_MODELS = frozenset(
    {"spaces", "collections", "papers", "docs", "blog", "organizations", "buckets", "kernels", "api", "settings"}
    | {"join", "learn", "chat", "tasks", "pricing", "new", "models", "datasets", "posts", "login", "inference"}
)
_NO_WEIGHTS = re.compile(
    r"\.(?:png|jpe?g|gif|svg|webp|bmp|ico|md|rst|html?|pdf)$|(?:^|/)(?:LICEN[CS]E|NOTICE)$", re.IGNORECASE
)
_FOLDERS = frozenset(
    {"models", "model", "checkpoints", "checkpoint", "ckpt", "ckpts", "output", "outputs", "out", "results", "result"}
    | {"data", "weights", "saved_models", "saved_model", "artifacts", "runs", "experiments", "logs", "tmp", "temp"}
    | {"pretrained", "pretrained_models", "pretrained_weights", "assets", "resources", "trained_models", "exp", "build"}
    | {"dist", "src", "path", "local", "my_models", "finetuned", "save", "saves", "saved", "cache", "downloads"}
)
ADDRESS = re.compile(
    r"""(?:hf|huggingface)://[^\s"'`<>|;,()\[\]{}\\$]+
    |(?:(?:https?|ssh)://)?(?:\w+(?::[\w.-]+)?@)?(?:www\.)?(?:huggingface\.co|hf\.co)[/:][^\s"'`<>|;,()\[\]{}\\$]+""",
    re.IGNORECASE | re.VERBOSE,
)
"""An address of the Hub within other words."""


@dataclass(frozen=True, slots=True)
class Named:
    """A repository that words name: its id, its kind, and the revision that the words themselves ask for."""

    repo: str
    kind: Kind = "model"
    revision: str | None = None


def is_pinned(revision: str | None) -> bool:
    """Tell whether a revision is a commit: 40 hex digits, or 7 and more with both letters and digits among them."""
    return revision is not None and bool(_PINNED.fullmatch(revision))


def reads_as_folder(words: str) -> bool:
    """Tell whether words may name a folder that a program makes: its first part is what such folders are called."""
    return words.partition("/")[0].lower().replace("-", "_") in _FOLDERS and "/" in words


def is_local(words: str) -> bool:
    """Tell whether words mean a folder or file: how a path begins, a file's suffix, more than one slash."""
    return reads_as_folder(words) or bool(_LOCAL.search(words)) or bool(_FILE.search(words)) or words.count("/") > 1


def repository(words: str, *, bare: bool, kind: Kind = "model") -> Named | None:
    """Read `org/name` (or `name`, where a `bare` one is an id) as it is handed to a loader; None where it is none.

    An address of the Hub is read as one, whatever stands behind the repository.
    """
    plain = words.strip()
    if _PAGE.match(plain) or _SCHEME.match(plain):
        return address(plain, pages=True)
    plain, at, revision = plain.partition("@")
    if (at and not revision) or is_local(plain) or not is_hub_id(plain) or not (bare or "/" in plain):
        return None
    return Named(plain, kind, revision or None)


def quantised(words: str) -> Named | None:
    """Read `org/name:Q4_K_M` as llama.cpp does; the part behind the colon is a file of the repository."""
    return repository(_TAG.sub("", words.strip()), bare=False)


def address(words: str, *, pages: bool = False) -> Named | None:
    """Read an address of the Hub: a file's download, `hf://`, Ollama's `hf.co/org/name:TAG`; None where it is none.

    `pages` takes a repository's own page as well, which elsewhere is a link and no adoption.
    """
    plain = words.strip().rstrip(".")
    if scheme := _SCHEME.match(plain):
        return _of_scheme(plain[scheme.end() :])
    page = _PAGE.match(plain)
    if page is None:
        return None
    schemeless = "://" not in page.group()
    path = plain[page.end() :].partition("?")[0].partition("#")[0]
    parts = [unquote(part) for part in path.split("/") if part]
    kind: Kind = "dataset" if parts[:1] == ["datasets"] else "model"
    parts = parts[1:] if parts[:1] and parts[0] in _KINDS and len(parts) > 2 else parts  # noqa: PLR2004 - and owner, name
    return _of_page(parts, kind, pages=pages or (schemeless and len(parts) == 2))  # noqa: PLR2004 - owner and name


def _of_page(parts: list[str], kind: Kind, *, pages: bool) -> Named | None:
    at = next((place for place in range(1, min(3, len(parts))) if parts[place] in _VIEWS), None)
    repo = "/".join(parts[: at if at is not None else 2])
    repo = _TAG.sub("", repo) if at is None else repo
    repo = repo.removesuffix(".git")
    if not is_hub_id(repo) or parts[0] in _NO_MODELS or (at is None and "/" not in repo):
        return None
    rest = parts[at:] if at is not None else []
    downloaded = rest[:1] == ["resolve"] and len(rest) > 2 and not _NO_WEIGHTS.search("/".join(rest[2:]))  # noqa: PLR2004 - view, revision, file
    if not downloaded and not pages:
        return None
    return Named(repo, kind, rest[1] if len(rest) > 1 else None)


def _of_scheme(words: str) -> Named | None:
    """`[datasets/]org/name[@revision][/path]`, or KServe's `org/name:revision`."""
    parts = [part for part in words.partition("?")[0].split("/") if part]
    kind: Kind = "dataset" if parts[:1] == ["datasets"] else "model"
    if parts[:1] and parts[0] in {"spaces", "buckets"}:
        return None
    parts = parts[1:] if parts[:1] and parts[0] in _KINDS else parts
    if len(parts) < 2:  # noqa: PLR2004 - owner and name
        return None
    name, at, revision = "/".join(parts[:2]).partition("@")
    if not at:
        name, _, revision = name.partition(":")
    if not is_hub_id(name):
        return None
    return Named(name, kind, unquote(revision) or None)
