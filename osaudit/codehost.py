"""Addresses of code repositories on hosts of git: what a link leads to, and how a file there is shown at a commit.

Pure functions of names: nothing here asks a host. An address is taken apart and put together again from its parts, so
that what a card writes never reaches a command as it stands.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import quote, unquote, urlsplit

from osaudit.compiled import regex
from osaudit.frozen import dataclass

HOSTS = ("github.com", "gitlab.com", "codeberg.org", "bitbucket.org", "huggingface.co")
"""The hosts that are asked; a user names further ones."""

MAX_ADDRESS = 500
_PLAIN = regex(r"[!-~]+")  # a path in another script is cut off: it leads to a place inside
_HOST = regex(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_OWNER = regex(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,98}[A-Za-z0-9_])?")
_NAME = regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_REF = regex(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}")
_TREES = frozenset({"tree", "blob", "src", "raw", "resolve"})
_NO_REPOSITORIES = frozenset({"datasets", "spaces", "models", "papers", "docs", "blog", "collections", "join", "tasks"})
_NO_OWNERS = frozenset(
    {
        "features",
        "topics",
        "settings",
        "marketplace",
        "about",
        "pricing",
        "orgs",
        "sponsors",
        "users",
        "explore",
        "search",
    }
)
_OWNER_AND_NAME = 2
_FOR_USERS = regex(
    r"(?i)(?:^|[-_.])(?:fine-?tun\w*|finetune|recipes?|cookbook|tutorials?|examples?|demos?|inference)(?:[-_.]|$)"
)


@dataclass(frozen=True, slots=True)
class CodeAddress:
    """A repository on a host of git; `ref` is the branch, tag or commit that a link names, empty for the default."""

    host: str
    owner: str
    name: str
    ref: str = ""
    path: str = ""

    @property
    def repo(self) -> str:
        """The repository's name with its host: `github.com/org/name`."""
        return f"{self.host}/{self.owner}/{self.name}"

    @property
    def key(self) -> str:
        """By what two links to one repository are known for one: hosts take any case."""
        return f"{self.repo}@{self.ref}".casefold()

    @property
    def url(self) -> str:
        """The address by which git asks for it: hosts but GitHub send on an address without the ending."""
        ending = "" if self.host in {"github.com", "huggingface.co"} else ".git"
        return f"https://{self.repo}{ending}"


def code_address(link: str, hosts: Collection[str] = HOSTS) -> CodeAddress | None:
    """Take a link apart; None where it leads to none of the hosts, or to no repository there.

    The host has to stand in it as it is written in `hosts`: no user, no port, no name that only looks alike.
    """
    parts = _split(link)
    if parts is None:
        return None
    host, steps = parts
    if host not in hosts or len(steps) < _OWNER_AND_NAME:
        return None
    owner, name = steps[0], steps[1].removesuffix(".git")
    left_out = _NO_REPOSITORIES if host == "huggingface.co" else _NO_OWNERS
    if owner.lower() in left_out or not _OWNER.fullmatch(owner) or not _NAME.fullmatch(name) or ".." in owner + name:
        return None
    ref, path = _within(steps[2:])
    return CodeAddress(host, owner, name, ref, path)


def _split(link: str) -> tuple[str, list[str]] | None:
    """The host as it is written, in lower case, and the steps of the path; None where it is no plain web address."""
    plain = _PLAIN.match(link.strip()[:MAX_ADDRESS])
    try:
        parts = urlsplit(plain.group() if plain else "")
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or ":" in parts.netloc or "\\" in link:
        return None
    host = parts.netloc.lower().removeprefix("www.")
    return (host, [step for step in parts.path.split("/") if step]) if is_host(host) else None


def is_host(name: str) -> bool:
    """Tell whether a text is the name of a host, with a dot in it and no port: no number, no `localhost`."""
    return _HOST.fullmatch(name) is not None


def _within(steps: list[str]) -> tuple[str, str]:
    """The revision and the path that a link to a folder or a file names: `tree/v1.0/scripts`, `-/blob/main/a.py`."""
    steps = steps[1:] if steps[:1] == ["-"] else steps
    if len(steps) < _OWNER_AND_NAME or steps[0] not in _TREES:
        return "", ""
    rest = steps[2:] if steps[1] in {"commit", "branch", "tag"} and len(steps) > _OWNER_AND_NAME else steps[1:]
    ref = unquote(rest[0])
    return (ref, unquote("/".join(rest[1:]))) if _REF.fullmatch(ref) and ".." not in ref else ("", "")


def is_for_users(repo: str) -> bool:
    """Tell whether a repository's own name says that it serves those who use a model: `llama-recipes`.

    What trains in it is there for them, and tells nothing of how the model was made.
    """
    return _FOR_USERS.search(repo.rpartition("/")[2]) is not None


def folder_of_licence(path: str) -> str:
    """The folder for which a licence text stands: that in which it lies, or the one above a folder of licences."""
    folder = path.rpartition("/")[0]
    last = folder.rpartition("/")[2].lower()
    return folder.rpartition("/")[0] if last in {"licenses", "licences", "license", "licence"} else folder


def shown_at(repo: str, commit: str, path: str, lines: tuple[int, int] | None = None) -> str:
    """The page that shows a file of `host/owner/name` at a commit."""
    host = repo.partition("/")[0]
    middle = {"github.com": "blob", "huggingface.co": "blob", "bitbucket.org": "src", "codeberg.org": "src/commit"}
    anchor = ""
    if lines:
        first, last = lines
        forms = {"bitbucket.org": f"#lines-{first}:{last}", "gitlab.com": f"#L{first}-{last}"}
        anchor = forms.get(host, f"#L{first}-L{last}")
    return f"https://{repo}/{middle.get(host, '-/blob')}/{commit}/{quote(path)}{anchor}"
