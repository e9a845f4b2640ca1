"""A second opinion on texts that the index lacks: the SPDX library, which may propose and never decide.

It overlooks words that stand before, after and even within what it recognises, so that its word is a variant at most.
"""

from __future__ import annotations

from osaudit.evidence import TextMatch
from osaudit.licences.spdx import spdx_list
from osaudit.licences.table import load_table

MAX_CHARS = 100_000
_LEAST_PERCENT = 90.0
_MOST = 4


def proposals(text: str, known: frozenset[str] = frozenset()) -> tuple[TextMatch, ...]:
    """Return the SPDX licences that a text resembles, each as a variant.

    Those of `known` keys are left out: the index has their texts, and did not find them here.
    """
    from licenseclassifier import identify_license  # noqa: PLC0415 loads its tables, and most texts do not need it

    if len(text) > MAX_CHARS:
        return ()
    found: dict[str, TextMatch] = {}
    for result in identify_license(text, _LEAST_PERCENT):
        spdx = spdx_list().current(result.id)
        if spdx is None:
            continue
        licence = load_table().of_spdx(spdx)
        cover = min(0.999, round((result.end - result.start) / len(text), 3))
        lines = (text.count("\n", 0, result.start) + 1, text.count("\n", 0, result.end) + 1)
        key = licence.key if licence else spdx.casefold()
        if key not in known:
            found.setdefault(key, TextMatch(key, spdx, "variant", cover, lines))
    return tuple(found.values()) if len(found) <= _MOST else ()
