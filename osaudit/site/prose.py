"""The pages that explain: how verdicts are made, how often they are right, how to say that one is wrong; the data."""

from __future__ import annotations

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markupsafe import Markup

from osaudit import __version__
from osaudit.attest.entries import Attestation
from osaudit.packs import load_pack
from osaudit.render.html import legend
from osaudit.render.neutral import plain, web_url
from osaudit.render.words import BASES, FACET_HEADS, MARKS, RUNG_MEANINGS, RUNGS
from osaudit.resources import data_path
from osaudit.site.board import RECENT
from osaudit.site.fields import described
from osaudit.site.frame import View, date_words, page
from osaudit.site.naming import model_page
from osaudit.site.options import Site
from osaudit.site.writer import Made

_TABLE = '<div class="scroll" role="region" aria-label="Figures" tabindex="0"><table class="figures">'


def make(site: Site) -> Iterator[Made]:
    """Methodology, accuracy, disputes and data."""
    yield Made("methodology.html", page(site, "methodology.html.j2", "methodology.html", view=_methodology(site)))
    yield Made("accuracy.html", page(site, "accuracy.html.j2", "accuracy.html", text=measured()))
    view = {"answered": [_answered(one, site) for one in site.options.answered]}
    yield Made("disputes.html", page(site, "disputes.html.j2", "disputes.html", view=view))
    columns = [dict(zip(("name", "type", "files", "what"), one, strict=True)) for one in described()]
    data = {"columns": columns, "release": site.options.release}
    data |= {"licence": plain(site.options.licence, 60), "by": plain(site.options.by, 120)}
    yield Made("data.html", page(site, "data.html.j2", "data.html", view=data))


def measured() -> Markup:
    """What `docs/accuracy.md` tells, as HTML: the figures stand there alone, and are not written a second time."""
    text = data_path("docs", "accuracy.md").read_text(encoding="utf-8")
    _, _, body = text.partition("\n")
    shown = MarkdownIt("commonmark", {"html": False}).enable("table").render(body)
    shown = shown.replace("<table>", _TABLE).replace("</table>", "</table></div>")
    return Markup(shown)  # noqa: S704 - the project's own document, without HTML


def _methodology(site: Site) -> View:
    told = site.summary
    return {
        "rungs": [{"id": rung, "name": RUNGS[rung], "meaning": RUNG_MEANINGS[rung]} for rung in reversed(tuple(RUNGS))],
        "facets": list(FACET_HEADS.values()),
        "bases": list(BASES.values()),
        "legend": legend(),
        "pack": load_pack(),
        "packs": [plain(one, 60) for one in told.packs],
        "tools": [plain(one, 40) for one in told.tools],
        "readers": [plain(one, 20) for one in told.readers],
        "since": date_words(told.since),
        "until": date_words(told.as_of),
        "counts": {stand: f"{count:,}" for stand, count in told.stands.items()},
        "models": f"{told.models:,}",
        "sweeps": told.sweeps,
        "sources": plain(site.options.sources, 600),
        "version": __version__,
        "recent": RECENT,
    }


def _answered(one: Attestation, site: Site) -> View:
    """A dispute that was answered: who answered which cell of which model how, on what, until when."""
    (known,) = site.connection.execute("SELECT count(*) FROM board WHERE model = ?", [one.model]).fetchone()
    return {
        "model": plain(one.model, 200),
        "href": model_page(one.model) if known else "",
        "commit": plain(one.commit, 64),
        "cell": plain(one.cell, 80),
        "kind": one.outcome,
        "outcome": MARKS[one.outcome].word,
        "reason": plain(one.reason, 1000),
        "who": plain(one.who, 200),
        "date": plain(one.date, 20),
        "expires": plain(one.expires, 20),
        "evidence": plain(one.evidence, 300),
        "url": web_url(one.evidence),
    }
