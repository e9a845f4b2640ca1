"""Names of repositories as people write them: ids, links, several in one text."""

from __future__ import annotations

from osaudit.compiled import regex

MAX_NAME = 200

_URL = regex(
    r"(?i)^(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co)/(?:datasets/|"
    r"models/)?([\w.-]+(?:/[\w.-]+)?)/?(?:[?#].*|/?(?:tree|blob|resolve)/.*)?$"
)
_BETWEEN = regex(r"\s*[,;|]\s*|\s+(?:and|&|\+|und|et)\s+")
_ID = regex(r"(?a)[\w.-]+/[\w.-]+")
_REVISION = regex(r"(?a)^([\w.-]+/[\w.-]+)@[\w./-]{1,100}$")


def hub_name(value: str) -> str:
    """Reduce a Hub link to its id; any other name stays as it is."""
    plain = value.strip()
    found = _URL.match(plain) or _REVISION.match(plain)
    name = found.group(1) if found else plain.removeprefix("datasets/")
    return name[:MAX_NAME]


def hub_names(value: str) -> tuple[str, ...]:
    """Read one name, or the several ids that one text lists."""
    parts = tuple(hub_name(part) for part in _BETWEEN.split(value.strip()[: MAX_NAME * 20]) if part)
    return parts if len(parts) > 1 and all(map(_ID.fullmatch, parts)) else (hub_name(value),)


def is_repository(name: str) -> bool:
    """Tell whether a name is an owner's and a model's, as the Hub writes them."""
    return len(name) <= MAX_NAME and _ID.fullmatch(name) is not None
