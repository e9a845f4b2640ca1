"""The nearest id to one that the Hub does not have: asked of its list of the owner's models, a request more."""

from __future__ import annotations

from osaudit.audit import hub_source
from osaudit.cli.looking import Looking
from osaudit.errors import OsauditError, meant
from osaudit.render.neutral import plain
from osaudit.sources.catalogue import Filters, list_models
from osaudit.sources.refs import parse_ref

_MOST = 1_000


def nearest(asked: str, looking: Looking) -> str:
    """Name the model that is likely meant, as the end of a message; nothing where none is near, or none can be asked.

    Only models of the same owner are near: a name of another's is another's work.
    """
    repo = parse_ref(asked, revision=looking.revision).repo
    owner = repo.partition("/")[0]
    if looking.offline or "/" not in repo:
        return ""
    try:
        page = next(list_models(hub_source(looking), Filters(author=owner, limit=_MOST), (), pages=1), [])
    except OsauditError:
        return ""
    ids = (one.get("id") for one in page)
    return meant(repo, [plain(name, 200) for name in ids if isinstance(name, str) and name.startswith(f"{owner}/")])
