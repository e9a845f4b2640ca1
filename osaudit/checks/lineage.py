"""The chain of models that this one was made from: what each node says, and what each edge drops."""

from __future__ import annotations

from collections.abc import Iterable

from osaudit.checks.case import Case, Parent
from osaudit.checks.licence import parent_answer
from osaudit.checks.ruling import ruling
from osaudit.evidence import Seen
from osaudit.licences.table import Licence
from osaudit.verdict import Lineage, LineageEdge, LineageNode

RELICENSED = "by the owner's own relicensing"
_LICENCE_CRITERIA = (1, 3, 5, 6, 7, 8, 9, 10)


def dropped_terms(case: Case, parent: Parent) -> tuple[int, ...]:
    """The criteria under which the base's terms fail and the model's own do not say so.

    A base that states no licence drops nothing: what it withholds is told by the cells. Nor can a model be said to drop
    terms whose own could not be seen.
    """
    if case.weights.state == "unseen":
        return ()
    if parent.case is not None and parent.case.weights.state in {"silent", "unseen"} and not parent.case.parents:
        return ()
    fails = (n for n in _LICENCE_CRITERIA if parent_answer(parent, n).outcome == "fail")
    return tuple(n for n in fails if ruling(case.weights, n).outcome != "fail" and not _carries_on(case, parent, n))


def _carries_on(case: Case, parent: Parent, criterion: int) -> bool:
    """Whether the model names, among others, the base's licence that fails the criterion: it is not dropped then."""
    own = {licence.key for licence in case.weights.licences}
    return any(licence.key in own and licence.verdict(criterion).v == "fail" for licence in _licences_of(parent))


def _licences_of(parent: Parent) -> tuple[Licence, ...]:
    if parent.case is not None:
        return parent.case.weights.licences
    return (parent.family,) if parent.family else ()


def told(parent: Parent, criterion: int) -> str:
    """The dropped term in a few words: the licence and its clause."""
    failing = [licence for licence in _licences_of(parent) if licence.verdict(criterion).v == "fail"]
    if failing:
        return f"OSD-{criterion}: {failing[0].name}, {failing[0].verdict(criterion).clause}"
    return f"OSD-{criterion}: terms that {parent.base.name} hands down"


def lineage(case: Case) -> Lineage:
    """Nodes and edges, the model first, each node once."""
    nodes: dict[str, LineageNode] = {}
    edges: dict[tuple[str, str], LineageEdge] = {}
    for node, edge in _walk(case):
        nodes.setdefault(node.id, node)
        if edge:
            edges.setdefault((edge.child, edge.parent), edge)
    return Lineage(tuple(nodes.values()), tuple(edges.values()))


def _walk(case: Case) -> Iterable[tuple[LineageNode, LineageEdge | None]]:
    yield _node(case), None
    for parent in case.parents:
        edge = _edge(case, parent)
        if parent.case is None:
            how = "told" if parent.confirmed else "perhaps told"
            licence = f"{parent.family.name} ({how} by its name)" if parent.family else "not seen"
            yield LineageNode(parent.base.name, None, licence, "", seen=False), edge
            continue
        yield _node(parent.case), edge
        yield from _walk(parent.case)


def _node(case: Case) -> LineageNode:
    evidence = case.evidence
    commit = evidence.commit.value if isinstance(evidence.commit, Seen) else None
    ceiling = min((_ceiling(licence) for licence in case.weights.licences), default="")
    return LineageNode(evidence.ref.repo, commit, case.weights.name, "", seen=True, ceiling=ceiling)


def _ceiling(licence: Licence) -> str:
    """The highest label that the licence alone permits."""
    return licence.g7_ceiling


def _edge(case: Case, parent: Parent) -> LineageEdge:
    base = parent.base
    name = parent.case.evidence.ref.repo if parent.case else base.name
    whose = f", {RELICENSED}" if parent.same_owner else ""
    dropped = tuple(f"{told(parent, number)}{whose}" for number in dropped_terms(case, parent))
    return LineageEdge(case.evidence.ref.repo, name, base.relation, base.named_by, base.confidence, dropped)
