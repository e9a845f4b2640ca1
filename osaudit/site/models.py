"""A page a model: the audit report in the site's frame where the store keeps what it is made from, else a small page.

Above `Options.large` models pages are small, but for the models that `Options.reports` names.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import quote

from osaudit.audit import Asking, asking
from osaudit.errors import OsauditError
from osaudit.reading.reread import load_evidence
from osaudit.render.html import legend
from osaudit.render.jsonread import held, scorecards_from_json
from osaudit.render.neutral import plain, web_url
from osaudit.render.pageviews import card_view
from osaudit.render.words import score_words, short
from osaudit.site.board import USES, Row, rows
from osaudit.site.dots import tally_words
from osaudit.site.frame import View, date_words, page
from osaudit.site.naming import family_page, file_name, licence_page, model_page, publisher_page
from osaudit.site.options import Site
from osaudit.site.rowviews import (
    KINDS,
    basis_words,
    label_view,
    licence_words,
    range_words,
    row_view,
    rung_of,
    use_view,
)
from osaudit.site.symbols import badge_drawn
from osaudit.site.writer import Made
from osaudit.verdict import Scorecard

_SLICE = 10_000
"""Models whose keys are held at a time."""
_EVIDENCE = 16
"""Texts of evidence in memory at a time."""
_PAST = """
CREATE TABLE past AS
SELECT model, list({'at': CAST(epoch(collected_at) AS BIGINT), 'label': label, 'low': score_low, 'high': score_high,
  'licence': licence_name, 'commit': commit, 'error': error} ORDER BY seq DESC) AS told
FROM all_models SEMI JOIN superseded ON model = old_model GROUP BY model
"""
_TOLD = """
SELECT b.model, stand, rank, whole, coalesce(root, ''), coalesce(md5(CAST(told AS VARCHAR)), '') FROM board b
LEFT JOIN families ON member = b.model LEFT JOIN past p ON p.model = b.model
WHERE place > ? AND place <= ? ORDER BY place
"""
"""What decides whether a page is made again, model by model."""
Past: TypeAlias = Sequence[Mapping[str, Any]]
_REMEMBERED = 20_000
SMALL = 5_000
"""Bytes below which a large site's page of a model stays, whatever strangers called things."""


@dataclass(frozen=True, slots=True)
class _Room:
    """How much of what is long a page holds: bases, earlier sweeps, letters of a failure, of words and of the name.

    `ways`: with links that repeat the name; `brief`: what a link of the list tells is not told a second time.
    """

    bases: int = 6
    past: int = 12
    message: int = 600
    words: int = 120
    name: int = 200
    ways: bool = True
    brief: bool = True


_WHOLE = _Room(brief=False)
_BRIEF = (_Room(past=3), _Room(2, 2, 200, 60, 100), _Room(0, 0, 30, 8, 20, ways=False))
"""The first in which the page is small is taken."""
_OTHERWISE = (
    "No full report: what the store keeps does not give this row with this osaudit and its definitions. Sweep it "
    "again, or `osaudit store rejudge` the store."
)
_HUB = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A model whose page is to be made: its row, its former rows, the end of its lineage, and the page's key."""

    row: Row
    past: Past
    family: str
    key: str


def make(site: Site) -> Iterator[Made]:
    """Every model's page: no more is read of those that stay than what tells that they do."""
    site.connection.execute(_PAST)
    waiting: dict[str, _Waiting] = {}
    for start in range(0, site.summary.models, _SLICE):
        stale = {}
        found = site.connection.execute(_TOLD, [start, start + _SLICE]).fetchall()
        for model, stand, rank, whole, family, past in found:
            path = model_page(model)
            key = _key(site, (model, stand, rank), (whole, family, past))
            if site.former.kept(path, key):
                yield site.former.keep(path, key)
            else:
                stale[model] = (family, key)
        pasts = _past(site, list(stale))
        for row in rows(site.connection, "model IN (SELECT unnest(?))", list(stale)) if stale else ():
            entry = _Waiting(row, pasts.get(row.model, ()), *stale[row.model])
            if _has_report(site, row.model, row.stand):
                waiting[row.model] = entry
            else:
                yield _small(site, entry)
    yield from _reports(site, waiting)


def _has_report(site: Site, model: str, stand: str) -> bool:
    return stand in {"ranked", "untold"} and (not site.large or model in site.options.reports)


def _key(site: Site, row: tuple[str, str, int | None], told: tuple[str, ...]) -> str:
    """A large site's pages tell no rank, so that one model that moves makes no other page anew."""
    model, stand, rank = row
    ranked = "" if site.large else f"{rank} of {site.summary.stands['ranked']}"
    return site.key("model", model, site.large, ranked, _has_report(site, model, stand), *told)


def _past(site: Site, models: list[str]) -> dict[str, Past]:
    sql = "SELECT model, told FROM past WHERE model IN (SELECT unnest(?))"
    return dict(site.connection.execute(sql, [models]).fetchall()) if models else {}


def _reports(site: Site, waiting: dict[str, _Waiting]) -> Iterator[Made]:
    """The reports of the models that wait, in the order in which the store keeps what they are made from."""
    if waiting:
        site.connection.execute("CREATE OR REPLACE TABLE wanted AS SELECT unnest(?) AS wanted_model", [list(waiting)])
        sql = "SELECT model, form, json FROM evidence JOIN wanted ON model = wanted_model"
        for batch in site.connection.sql(sql).to_arrow_reader(_EVIDENCE):
            for one in batch.to_pylist():
                entry = waiting.pop(one["model"], None)
                if entry is not None:
                    yield _report(site, entry, one["form"], one["json"])
    for entry in waiting.values():
        yield _small(site, entry)


def _report(site: Site, entry: _Waiting, form: str, text: str) -> Made:
    """The report of what the store keeps; the small page where that is not what its row was made from."""
    row = entry.row
    try:
        card = _card(row, form, text)
    except OsauditError:
        card = None
    if card is None or (card.label.id, score_words(card.score)) != (row.label, _words(row)):
        return _small(site, entry, _OTHERWISE)
    path = model_page(row.model)
    view = _around(site, entry, _WHOLE)
    data = page(site, "report.html.j2", path, dated=False, card=card_view(card), legend=legend(), view=view)
    return Made(path, data, entry.key)


def _words(row: Row) -> str:
    """The score's range as a scorecard gives it."""
    from osaudit.verdict import Score  # noqa: PLC0415 - one of its two uses

    return score_words(Score(row.low, row.high))


def _card(row: Row, form: str, text: str) -> Scorecard | None:
    """The scorecard: as kept, or judged of the evidence by the packs that the row was judged by."""
    if form == "scorecard":
        return held(scorecards_from_json(text)[0], row.model)
    asked = _asking(row.packs)
    return asked.judge(load_evidence(text, row.model)) if asked else None


@functools.lru_cache(maxsize=8)
def _asking(packs: str) -> Asking | None:
    """The packs of a row; None where they are no longer those, or where attestations were laid over them."""
    try:
        asked = asking(tuple(one.partition("@")[0] for one in packs.split()))
    except OsauditError:
        return None
    return asked if packs.split() == [f"{pack.id}@{pack.version}" for pack in asked.packs] else None


def _around(site: Site, entry: _Waiting, room: _Room) -> View:
    """What stands about a model on its page, be it small or a report."""
    row, past = entry.row, entry.past
    name, query = plain(row.model, room.name), quote(row.model, safe="/")
    commit = plain(row.commit or "", 64)
    shown = [_past_view(one) for one in past[1 : room.past + 1]]
    return {
        "model": name,
        "rank": "" if site.large or row.rank is None else row.rank,
        "of": site.summary.stands["ranked"],
        "owner": plain(row.owner, room.words),
        "owner_href": publisher_page(row.owner) if row.owner else "",
        "ways": _ways(entry, query, room) if room.ways else [],
        "dispute": f"{query}&commit={commit}" if room.ways else "",
        "file": file_name(row.model),
        "commit": commit,
        "address": site.options.address or "https://YOUR-SITE/",
        "badge": label_view(row)["label_words"],
        "past": shown,
        "older": max(0, len(past) - 1 - len(shown)),
    }


def _ways(entry: _Waiting, query: str, room: _Room) -> list[tuple[str, str, str]]:
    """The ways from a model's page: address, words, and how it relates where it leads away from the site."""
    row = entry.row
    hub = web_url(f"https://huggingface.co/{row.model}") if _HUB.fullmatch(row.model) else None
    told = (
        (licence_page(row.licence) if row.licence and not room.brief else "", licence_words(row), ""),
        (family_page(entry.family) if entry.family else "", "Family", ""),
        (f"compare.html#m={query}", "Compare", ""),
        (hub or "", "On the Hub", "noreferrer noopener external"),
    )
    return [one for one in told if one[0]]


def _past_view(one: Mapping[str, Any]) -> View:
    low, high = one["low"], one["high"]
    told = {
        "date": date_words(one["at"]),
        "label": plain(one["error"] or "", 40) or rung_of(one["label"] or ""),
        "score": range_words(low, high) if low is not None and high is not None else "",
        "licence": plain(one["licence"] or "", 120),
        "commit": short(one["commit"]),
    }
    return told | {"words": ", ".join(filter(None, (told["label"], told["score"], told["licence"])))}


def _small(site: Site, entry: _Waiting, why: str = "") -> Made:
    """A page of a few kilobytes: what the store's row tells, and why that is all."""
    path = model_page(entry.row.model)
    for room in _BRIEF if site.large else (_WHOLE,):
        view = _small_view(site, entry, room, why)
        data = page(site, "model.html.j2", path, dated=False, brief=site.large, view=view)
        if len(data) < SMALL:
            break
    return Made(path, data, entry.key)


def _small_view(site: Site, entry: _Waiting, room: _Room, why: str) -> View:
    row = entry.row
    shown = row_view(row)
    target = f"{row.model}@{row.commit}" if row.commit and _HUB.fullmatch(row.model) and room.ways else ""
    return {
        **shown,
        **_around(site, entry, room),
        "symbol": badge_drawn(shown["label"]),
        "short": short(row.commit),
        "seen": date_words(row.collected),
        "why": plain(row.message, room.message) or why,
        "answers": answers_of(row.uses),
        "tally": tally_words(row.dots),
        "known": _known(row, shown, room),
        "command": f"osaudit audit {target}" if target else "",
    }


@functools.lru_cache(_REMEMBERED)
def answers_of(uses: str) -> list[tuple[str, str, str]]:
    """The uses by their answer, the most open first: the mark, the answer, the uses' names."""
    found = [use_view(use, uses) for use in USES if uses]
    kinds = {one["kind"]: one["answer"] for kind in KINDS.values() for one in found if one["kind"] == kind}
    return [
        (kind, answer, "; ".join(one["name"] for one in found if one["kind"] == kind)) for kind, answer in kinds.items()
    ]


def _known(row: Row, view: View, room: _Room) -> list[tuple[str, str, str]]:
    """What is told of a model: name, words, a way; nothing of what is not known."""
    licence = " · ".join(filter(None, (licence_words(row), basis_words(row)))) if row.stand != "failed" else ""
    told = {
        "Licence": plain(licence, room.words * 2),
        "Open questions": str(row.reviews) if row.dots else "",
        "Contradictions": str(row.conflicts) if row.uses else "",
        "Made from": ", ".join(plain(one, room.words) for one in row.bases[: room.bases]),
        "Task": plain(row.task, room.words),
        "Architecture": plain(row.architecture, room.words),
        "Library": plain(row.library, room.words),
        "Parameters": f"{row.parameters:,}" if row.parameters else "",
        "Weights": view["size"] if not row.parameters else "",
        "Downloads, 30 days": f"{row.downloads:,}" if row.downloads is not None else "",
        "Gate": "" if row.gated in {"", "open"} else plain(row.gated, 20),
        "Probe": view["probe"],
        "Made or changed": view["date"],
        "Evidence": f"sha256 {short(row.evidence) if room.brief else plain(row.evidence, 64)}" if row.evidence else "",
    }
    hrefs = {"Licence": licence_page(row.licence) if row.licence else ""}
    return [(name, words, hrefs.get(name, "")) for name, words in told.items() if words]
