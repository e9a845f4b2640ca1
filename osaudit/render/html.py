"""The report as one self-contained page, without script or network: words in reports/*.j2, look in reports/*.css."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Mapping, Sequence

import jinja2
from markupsafe import Markup

from osaudit.decision import Decision
from osaudit.render.cellviews import View
from osaudit.render.comparison import MOST, comparison_view
from osaudit.render.grid import with_ranks
from osaudit.render.neutral import plain, unordered_html
from osaudit.render.pageviews import card_view, summary_view
from osaudit.render.words import MARKS, NOTHING
from osaudit.resources import data_path
from osaudit.verdict import Scorecard


def render_html(cards: Sequence[Scorecard], decision: Decision | None = None, max_age: int | None = None) -> str:
    """Return one model's page, some models side by side, or the ranked table of many."""
    if 1 < len(cards) <= MOST:
        return render_compare_html(cards)
    if len(cards) != 1:
        return render_summary_html(cards)
    view = card_view(cards[0], decision, max_age)
    return page("scorecard.html.j2", card=view, legend=legend(), versions=[view["tool"]])


def render_summary_html(cards: Sequence[Scorecard], links: Mapping[int, str] | None = None) -> str:
    """Return the ranked table of several models; `links` are the reports beside it, by the cards' places in `cards`."""
    at = {id(card): index for index, card in enumerate(cards)}
    known = links or {}
    views = [
        {**summary_view(card), "rank": rank, "href": known.get(at[id(card)], "")} for rank, card in with_ranks(cards)
    ]
    versions = list(dict.fromkeys(view["tool"] for view in views))
    script = data_path("reports", "summary.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return page("summary.html.j2", cards=views, versions=versions, script=Markup(script), script_sha256=digest)  # noqa: S704 - the project's own


def render_compare_html(cards: Sequence[Scorecard], links: Mapping[int, str] | None = None) -> str:
    """Return some models column by column; `links` as for the ranked table."""
    versions = list(dict.fromkeys(f"osaudit {plain(card.tool_version, 40)}" for card in cards))
    return page("compare.html.j2", card=comparison_view(cards, links or {}), legend=legend(), versions=versions)


def page(name: str, **values: object) -> str:
    """Fill a template: every value is escaped, and a log's reader obeys nothing of it."""
    return unordered_html(_template(name).render(**values))


def legend() -> list[View]:
    """What the marks mean."""
    entries = [{"kind": outcome, "word": mark.word, "meaning": mark.meaning} for outcome, mark in MARKS.items()]
    return [*entries, {"kind": "nothing", "word": NOTHING.word, "meaning": NOTHING.meaning}]


@functools.cache
def _template(name: str) -> jinja2.Template:
    return _environment().get_template(name)


def macro(template: str, name: str, *values: object) -> Markup:
    """What a macro of a template makes of values: a piece of a page, escaped as the page would."""
    made: Markup = getattr(_template(template).module, name)(*values)
    return made


@functools.cache
def _environment() -> jinja2.Environment:
    """One for all templates, which are read once: a site fills them a hundred thousand times."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(data_path("reports")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
