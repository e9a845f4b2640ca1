"""What the cache keeps of a text is taken where the Hub's list of today vouches for it, and nowhere else.

The list comes with the one request that settles the commit. A stored text is turned back into the bytes that were read,
their id is compared with the listed one, and the text is made anew from them: no other word of the cache is believed.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from osaudit.evidence import Fact, Seen, Unknown
from osaudit.snapshot import FetchedText, Snapshot
from osaudit.sources import refusal
from osaudit.sources.blobs import UNLISTED, Listed, ids_of
from osaudit.sources.text import as_text, possible_bytes

UNVERIFIED = "It was read from this machine's cache, offline, and nothing beside the cache vouches for it."

_log = logging.getLogger(__name__)


def held(
    stored: Snapshot | None, fresh: Snapshot, listed: Mapping[str, Listed], *, with_token: bool
) -> Mapping[str, Fact[FetchedText]]:
    """Give the stored texts that are what the Hub lists today, and what a gate still refuses.

    What was changed in the cache is told, and left out so that it is fetched again.
    """
    found: dict[str, Fact[FetchedText]] = {}
    for path, fact in (stored.texts if stored else {}).items():
        if isinstance(fact, Seen):
            text = held_text(path, fact.value, listed.get(path, UNLISTED))
            if text is not None:
                found[path] = text
            elif listed.get(path, UNLISTED).id and not fact.value.truncated:
                _log.warning(
                    "%s: %s in the cache is not the file that the Hub lists: it is fetched again", fresh.ref.path, path
                )
        elif isinstance(fact, Unknown) and refusal.is_gated_still(fact, fresh.gated, with_token=with_token):
            found[path] = fact
    return found


def held_text(path: str, text: FetchedText, listed: Listed) -> Fact[FetchedText] | None:
    """Make a text anew from its bytes; None where they are not those of the listed file, or cannot be told."""
    if text.truncated or listed.id is None:
        return None
    same = (data for data in possible_bytes(text.text, text.encoded) if listed.id in ids_of(data))
    data = next(same, None)
    return None if data is None else as_text(path, data)
