"""A page a licence: what the clause table says of it, what it permits and asks, and who uses it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from osaudit.adopter import NOBODY
from osaudit.licences.grants import load_vocabulary
from osaudit.licences.table import Licence, load_table
from osaudit.limits import effect_of
from osaudit.packs import load_pack
from osaudit.render.neutral import plain
from osaudit.render.words import RUNGS
from osaudit.site.board import Row
from osaudit.site.frame import View
from osaudit.site.groups import Group, Kind, make_groups, tops
from osaudit.site.naming import licence_page, publisher_page
from osaudit.site.options import Site
from osaudit.site.writer import Made

_READINGS = {"pass": ("pass", "pass"), "fail": ("fail", "fail"), "unclear": ("review", "unclear")}


def make(site: Site) -> Iterator[Made]:
    """The index of licences, and a page for each that a model is under."""
    return make_groups(site, LICENCES)


def _more(site: Site, group: Group, _: Sequence[Row]) -> View:
    entry = load_table().get(group.value)
    sql = (
        "SELECT owner, count(*) FROM board WHERE licence = ? AND owner <> '' GROUP BY 1 "
        "ORDER BY 2 DESC, lower(owner), 1 LIMIT 12"
    )
    bases = "SELECT licence_basis, count(*) FROM board WHERE licence = ? GROUP BY 1 ORDER BY 2 DESC, 1"
    return {
        "owners": [
            {"name": plain(owner, 120), "href": publisher_page(owner), "count": count}
            for owner, count in tops(site, sql, group.value)
        ],
        "bases": [
            {"words": plain(basis, 60) or "unknown", "count": count} for basis, count in tops(site, bases, group.value)
        ],
        "entry": entry_view(entry) if entry else None,
        "query": f"licence={quote(plain(group.name, 120), safe='')}",
    }


def entry_view(entry: Licence) -> View:
    """An entry of the clause table: the ten criteria, the uses that it closes or narrows, duties and risks."""
    words, conditions = load_vocabulary(), _conditions(entry)
    titles = {one.id: one.title for one in load_pack().criteria}
    return {
        "key": entry.key,
        "spdx": entry.spdx or "",
        "category": entry.category,
        "summary": f"{entry.summary[:1].upper()}{entry.summary[1:]}",
        "conditions": list(conditions),
        "osi": entry.osi.approved,
        "ceiling": next(
            (name for rung, name in RUNGS.items() if rung == entry.g7_ceiling.removesuffix("-or-better")), ""
        ),
        "unbounded": entry.g7_ceiling.endswith("-or-better"),
        "criteria": [
            {
                "id": f"OSD-{one.criterion}",
                "title": titles.get(f"OSD-{one.criterion}", ""),
                "kind": _READINGS[one.v][0],
                "word": _READINGS[one.v][1],
                "clause": one.clause,
                "why": one.why,
                "basis": one.basis,
            }
            for one in entry.osd
        ],
        "uses": [_use(entry, use, conditions) for use in words.uses],
        "duties": [
            {"text": words.duties[due.id].text, "who": words.duties[due.id].who, "clause": due.clause, "note": due.note}
            for due in entry.duties
        ],
        "risks": [{"text": words.risks[one.id], "clause": one.clause, "note": one.note} for one in entry.risks],
        "eu": {"v": entry.eu.v, "why": entry.eu.why},
        "sources": list(entry.sources),
    }


def _conditions(entry: Licence) -> dict[str, int]:
    """What the limits of a licence say, with the clause, numbered from 1."""
    told = (
        f"{effect.words.removesuffix('.')} ({limit.clause})"
        for limit in entry.limits
        for use in load_vocabulary().uses
        if (effect := effect_of(limit, use, NOBODY, None)) is not None
    )
    return {words: number for number, words in enumerate(dict.fromkeys(told), 1)}


def _use(entry: Licence, use: str, conditions: Mapping[str, int]) -> View:
    """What the licence alone says to a use: the strictest of its limits' answers, with their conditions' numbers."""
    effects = [(limit, effect) for limit in entry.limits if (effect := effect_of(limit, use, NOBODY, None)) is not None]
    duties = sum(use in due.uses for due in entry.duties)
    answers = {effect.answer for _, effect in effects}
    worst = next((one for one in ("no", "not-known", "yes-if") if one in answers), "yes-if" if duties else "yes")
    kinds = {"yes": "pass", "yes-if": "partial", "no": "fail", "not-known": "review"}
    numbers = sorted(
        {
            conditions[f"{effect.words.removesuffix('.')} ({limit.clause})"]
            for limit, effect in effects
            if effect.answer == worst
        }
    )
    by = f"{'limit' if len(numbers) == 1 else 'limits'} {', '.join(map(str, numbers))}" if numbers else ""
    dues = f"{duties} {'duty' if duties == 1 else 'duties'} to keep" if duties and worst != "no" else ""
    return {
        "name": load_vocabulary().uses[use].name,
        "kind": kinds[worst],
        "answer": {"yes-if": "yes, if", "not-known": "not known"}.get(worst, worst),
        "words": "; ".join(filter(None, (by, dues))),
    }


LICENCES = Kind("licence", "licence_name", "licence", "licences", licence_page, _more)
