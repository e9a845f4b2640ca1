"""A page a family: the models that were made from one another, drawn, with the terms that each step drops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from osaudit.render.graph import graph
from osaudit.render.neutral import plain
from osaudit.site.board import Row, rows
from osaudit.site.descent import Step, steps_of
from osaudit.site.frame import View, page, paged
from osaudit.site.groups import INDEX, line_view, listed
from osaudit.site.naming import family_page, model_page
from osaudit.site.options import Site
from osaudit.site.rowviews import label_of, licence_words
from osaudit.site.symbols import badges_defined
from osaudit.site.writer import Made
from osaudit.verdict import Lineage, LineageEdge, LineageNode

DRAWN = 40
"""Steps that a drawing holds; a table lists up to `INDEX`."""
_FEW = 50
_FAMILIES = """
SELECT f.root, count(DISTINCT b.model), count(*) FILTER (len(s.dropped) > 0), count(s.child),
  md5(string_agg(concat_ws('|', f.member, b.listed, s.told, p.listed), ';' ORDER BY f.member, s.child, s.parent))
FROM families f LEFT JOIN board b ON b.model = f.member LEFT JOIN steps s ON s.child = f.member
  LEFT JOIN board p ON p.model = s.parent
GROUP BY 1 ORDER BY 2 DESC, 4 DESC, lower(f.root), 1
"""


@dataclass(frozen=True, slots=True)
class Family:
    """A family: its root's name, how many of its models are on the board, how many of its steps drop terms."""

    root: str
    models: int
    drops: int
    steps: int
    digest: str


def make(site: Site) -> Iterator[Made]:
    """The index of families, and a page for each. The tables of `families` are laid out before."""
    found = [Family(*one) for one in site.connection.execute(_FAMILIES).fetchall()]
    pages = paged(len(found), INDEX)
    for number, (start, end) in pages.items():
        path = _index(number)
        view = {
            "rows": [_line(one) for one in found[start:end]],
            "count": f"{len(found):,}",
            "page": number,
            "pages": len(pages),
            "before": _index(number - 1) if number > 1 else "",
            "after": _index(number + 1) if number < len(pages) else "",
        }
        yield Made(path, page(site, "families.html.j2", path, view=view))
    stale = []
    for one in found:
        path, key = family_page(one.root), site.key("family", site.large, one.root, one.digest)
        if site.former.kept(path, key):
            yield site.former.keep(path, key)
        else:
            stale.append(one)
    for at in range(0, len(stale), _FEW):
        yield from _pages(site, stale[at : at + _FEW])


def _index(number: int) -> str:
    return "families/index.html" if number == 1 else f"families/index-{number}.html"


def _line(one: Family) -> View:
    return {
        "name": plain(one.root, 160),
        "href": family_page(one.root),
        "models": f"{one.models:,}",
        "steps": f"{one.steps:,}",
        "drops": f"{one.drops:,}" if one.drops else "",
    }


def _pages(site: Site, found: Sequence[Family]) -> Iterator[Made]:
    steps: dict[str, list[Step]] = {one.root: [] for one in found}
    for root, step in steps_of(site.connection, list(steps), listed(site)):
        steps[root].append(step)
    names = {name for told in steps.values() for step in told for name in (step.child, step.parent)}
    known = {row.model: row for row in rows(site.connection, "model IN (SELECT unnest(?))", sorted(names))}
    for one in found:
        path = family_page(one.root)
        view = (
            _line(one)
            | _view(steps[one.root], known, listed(site))
            | {"left": max(0, one.steps - len(steps[one.root]))}
        )
        key = site.key("family", site.large, one.root, one.digest)
        yield Made(path, page(site, "family.html.j2", path, dated=False, brief=site.large, view=view), key)


def _view(steps: Sequence[Step], known: dict[str, Row], most: int) -> View:
    names = dict.fromkeys(name for step in steps for name in (step.parent, step.child))
    members = sorted((known[name] for name in names if name in known), key=lambda row: row.place)
    drawn = _drawn(steps)
    return {
        "graph": graph(_lineage(drawn, known)),
        "hidden": len(steps) - len(drawn),
        "symbols": badges_defined(map(label_of, members[:most])),
        "rows": [line_view(row) for row in members[:most]],
        "more": max(0, len(members) - most),
        "told": [_step(step, known) for step in steps],
    }


def _drawn(steps: Sequence[Step]) -> list[Step]:
    """One step to each model, as a tree has it: the one that drops terms, else the surest."""
    best: dict[str, Step] = {}
    for step in sorted(steps, key=lambda step: (not step.dropped, step.confidence != "high", step.parent)):
        best.setdefault(step.child, step)
    return list(best.values())[:DRAWN]


def _lineage(steps: Sequence[Step], known: dict[str, Row]) -> Lineage:
    """The family, its root on top: a report draws a model above its bases, so that each step is turned round."""
    terms = {step.parent: (step.parent_licence, step.parent_seen) for step in steps}
    names = dict.fromkeys(name for step in steps for name in (step.parent, step.child))
    nodes = tuple(_node(name, known.get(name), terms.get(name, ("", False))) for name in names)
    edges = (
        LineageEdge(step.parent, step.child, step.relation, step.named_by, step.confidence, step.dropped)
        for step in steps
    )
    return Lineage(nodes, tuple(edges))


def _node(name: str, row: Row | None, terms: tuple[str, bool]) -> LineageNode:
    if row is None or row.stand == "failed":
        licence, seen = terms
        return LineageNode(name, None, "" if licence == "not seen" else licence, "", seen)
    return LineageNode(name, row.commit, licence_words(row), row.label, seen=True)


def _step(step: Step, known: dict[str, Row]) -> View:
    return {
        "child": _name(step.child, known),
        "parent": _name(step.parent, known),
        "relation": plain(step.relation, 40),
        "named_by": plain(step.named_by, 60),
        "confidence": plain(step.confidence, 20),
        "dropped": [plain(term, 160) for term in step.dropped],
        "seen": step.parent_seen,
    }


def _name(name: str, known: dict[str, Row]) -> View:
    return {"name": plain(name, 200), "href": model_page(name) if name in known else ""}
