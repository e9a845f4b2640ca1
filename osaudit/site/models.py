"""A page a model: the audit report in the site's frame where the store keeps what it is made from, else a small page.

Above `Options.large` models pages are small, but for the models that `Options.reports` names.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import quote

from markupsafe import Markup

from osaudit.audit import Asking, asking
from osaudit.errors import OsauditError
from osaudit.reading.reread import load_evidence
from osaudit.render.html import legend
from osaudit.render.jsonread import held, scorecards_from_json
from osaudit.render.neutral import plain, web_url
from osaudit.render.pageviews import card_view
from osaudit.render.words import score_words, short
from osaudit.resources import data_path
from osaudit.site.board import BATCH, USES, Row, rows
from osaudit.site.descent import family_of
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
from osaudit.site.writer import Made
from osaudit.verdict import Scorecard

_EVIDENCE = 16
"""Texts of evidence in memory at a time."""
_PAST = """
CREATE TABLE past AS
SELECT model, list({'at': CAST(epoch(collected_at) AS BIGINT), 'label': label, 'low': score_low, 'high': score_high,
  'licence': licence_name, 'commit': commit, 'error': error} ORDER BY seq DESC) AS told
FROM all_models GROUP BY model HAVING count(*) > 1
"""
Past: TypeAlias = Sequence[Mapping[str, Any]]
_MOST_PAST = 12
_OTHERWISE = (
    "No full report: what the store keeps does not give this row with this osaudit and its definitions. Sweep it "
    "again, or `osaudit store rejudge` the store."
)
_HUB = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A model whose page is to be made, its former rows, and the end of its lineage."""

    row: Row
    past: Past
    family: str


def make(site: Site) -> Iterator[Made]:
    """Every model's page."""
    site.connection.execute(_PAST)
    waiting: dict[str, _Waiting] = {}
    found = rows(site.connection)
    while batch := list(itertools.islice(found, BATCH)):
        stale = []
        families = family_of(site.connection, [row.model for row in batch])
        for row in batch:
            path, key = model_page(row.model), _key(site, row, families.get(row.model, ""))
            if site.former.kept(path, key):
                yield site.former.keep(path, key)
            else:
                stale.append(row)
        past = _past(site, stale)
        for row in stale:
            entry = _Waiting(row, past.get(row.model, ()), families.get(row.model, ""))
            if _has_report(site, row):
                waiting[row.model] = entry
            else:
                yield _small(site, entry)
    yield from _reports(site, waiting)


def _has_report(site: Site, row: Row) -> bool:
    return row.stand in {"ranked", "untold"} and (not site.large or row.model in site.options.reports)


def _key(site: Site, row: Row, family: str) -> str:
    """A large site's pages tell no rank, so that one model that moves makes no other page anew."""
    rank = "" if site.large else f"{row.rank} of {site.summary.stands['ranked']}"
    return site.key("model", row.model, row.seq, row.evidence, rank, family, _has_report(site, row))


def _past(site: Site, batch: Sequence[Row]) -> dict[str, Past]:
    if not batch:
        return {}
    sql = "SELECT model, told FROM past WHERE model IN (SELECT unnest(?))"
    return dict(site.connection.execute(sql, [[row.model for row in batch]]).fetchall())


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
    view = _around(site, entry)
    data = page(site, "report.html.j2", path, dated=False, card=card_view(card), legend=legend(), view=view)
    return Made(path, data, _key(site, row, entry.family))


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


def _around(site: Site, entry: _Waiting) -> View:
    """What stands about a model on its page, be it small or a report."""
    row, past = entry.row, entry.past
    return {
        "model": plain(row.model, 200),
        "model_query": quote(row.model, safe="/"),
        "rank": "" if site.large or row.rank is None else row.rank,
        "of": site.summary.stands["ranked"],
        "owner": plain(row.owner, 120),
        "owner_href": publisher_page(row.owner) if row.owner else "",
        "licence": licence_words(row),
        "licence_href": licence_page(row.licence) if row.licence else "",
        "family_href": family_page(entry.family) if entry.family else "",
        "file": file_name(row.model),
        "commit": plain(row.commit or "", 64),
        "address": site.options.address or "https://YOUR-SITE/",
        "badge": label_view(row)["label_words"],
        "hub": web_url(f"https://huggingface.co/{row.model}") if _HUB.fullmatch(row.model) else None,
        "past": [_past_view(one) for one in past[1 : _MOST_PAST + 1]],
    }


def _past_view(one: Mapping[str, Any]) -> View:
    low, high = one["low"], one["high"]
    return {
        "date": date_words(one["at"]),
        "label": plain(one["error"] or "", 40) or rung_of(one["label"] or ""),
        "score": range_words(low, high) if low is not None and high is not None else "",
        "licence": plain(one["licence"] or "", 120),
        "commit": short(one["commit"]),
    }


def _small(site: Site, entry: _Waiting, why: str = "") -> Made:
    """A page of a few kilobytes: what the store's row tells, and why that is all."""
    row = entry.row
    path = model_page(row.model)
    shown = row_view(row)
    view = {**shown, **_around(site, entry), **label_view(row)}
    target = f"{row.model}@{row.commit}" if row.commit and _HUB.fullmatch(row.model) else ""
    view |= {
        "symbol": _symbol(view["label"]),
        "short": short(row.commit),
        "seen": date_words(row.collected),
        "why": plain(row.message, 600) or why,
        "answers": _answers(row),
        "tally": tally_words(row.dots),
        "known": _known(row, shown),
        "command": f"osaudit audit {target} --format json" if target else "",
    }
    return Made(
        path, page(site, "model.html.j2", path, dated=False, brief=site.large, view=view), _key(site, row, entry.family)
    )


def _answers(row: Row) -> list[View]:
    """The uses by their answer, the most open first."""
    found = [use_view(use, row.uses) for use in USES if row.uses]
    kinds = {one["kind"]: one["answer"] for kind in KINDS.values() for one in found if one["kind"] == kind}
    return [
        {"kind": kind, "answer": answer, "names": "; ".join(one["name"] for one in found if one["kind"] == kind)}
        for kind, answer in kinds.items()
    ]


def _known(row: Row, view: View) -> list[tuple[str, str]]:
    """What is told of a model, name by name; nothing of what is not known."""
    told = {
        "Licence": " · ".join(filter(None, (licence_words(row), basis_words(row)))) if row.stand != "failed" else "",
        "Open questions": str(row.reviews) if row.dots else "",
        "Contradictions": str(row.conflicts) if row.uses else "",
        "Made from": ", ".join(plain(one, 120) for one in row.bases[:6]),
        "Task": plain(row.task, 60),
        "Architecture": plain(row.architecture, 80),
        "Library": plain(row.library, 60),
        "Parameters": f"{row.parameters:,}" if row.parameters else "",
        "Weights": view["size"] if not row.parameters else "",
        "Downloads, 30 days": f"{row.downloads:,}" if row.downloads is not None else "",
        "Gate": "" if row.gated in {"", "open"} else plain(row.gated, 20),
        "Probe": view["probe"],
        "Made or changed": view["date"],
        "Evidence sha256": plain(row.evidence, 64),
    }
    return [(name, words) for name, words in told.items() if words]


@functools.cache
def _symbol(label: str) -> Markup:
    """The one symbol of a label that a small page needs, out of the list of all."""
    text = data_path("reports", "site", "symbols.html.j2").read_text(encoding="utf-8")
    found = re.search(rf'<symbol id="l-{re.escape(label)}".*?</symbol>', text)
    return Markup(found.group() if found else "")  # noqa: S704 - the project's own
