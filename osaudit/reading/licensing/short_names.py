"""Names of licences cut short: "Apache License" beside a tag that tells the version."""

from __future__ import annotations

import re
from collections.abc import Iterable

from osaudit.compiled import regex
from osaudit.evidence import LicenceClaim
from osaudit.licences.table import load_table


def without_short_names(claims: Iterable[LicenceClaim]) -> tuple[LicenceClaim, ...]:
    """Drop a name without a version ("Apache License") beside the licence whose name it begins."""
    kept = tuple(claims)
    known = {_plain_name(found.name) for claim in kept for key in claim.keys if (found := load_table().get(key))}
    return tuple(claim for claim in kept if claim.keys or not _begins_one(_plain_name(claim.name), known))


def _plain_name(name: str) -> str:
    words = regex(r"[a-z\d]+").findall(name.lower())
    return " ".join(word for word in words if word not in {"the", "license", "licence"})


def _begins_one(name: str, known: Iterable[str]) -> bool:
    return bool(name) and any(re.fullmatch(rf"{name} \d+(?: \d+)*", other) for other in known)
