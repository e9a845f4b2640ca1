"""How cells become the humans' open, partial or closed (docs/accuracy.md tells it in words)."""

from __future__ import annotations

from benchmarks.agreement.measures import ABSTAIN
from osaudit.verdict import Scorecard, Verdict

FACETS = ("weights", "training_data", "training_code", "licence")
_LICENCE_GATE = ("OSD-1", "OSD-3", "OSD-5", "OSD-6", "OSD-7")
_PUBLISHED = {"pass": "open", "partial": "open", "fail": "closed"}
_DISCLOSED = {"pass": "open", "partial": "partial", "fail": "closed", "review": ABSTAIN, "not_applicable": ABSTAIN}


def facets_of(card: Scorecard, *, partial_list: bool) -> dict[str, str]:
    """Our judgment of the four facets: open, partial, closed, or abstain."""
    cells = {(verdict.criterion, verdict.facet): verdict for verdict in card.verdicts if verdict.pack == "osd"}
    weights = _PUBLISHED.get(cells["OSD-2", "weights"].answer.outcome, ABSTAIN)
    return {
        "weights": ABSTAIN if partial_list else weights,
        "training_data": _DISCLOSED[cells["OSD-2", "data"].answer.outcome],
        "training_code": _DISCLOSED[cells["OSD-2", "training"].answer.outcome],
        "licence": _licence([cells[criterion, "licence"] for criterion in _LICENCE_GATE]),
    }


def cells_of(card: Scorecard, facet: str) -> list[Verdict]:
    """The verdicts that our judgment of the facet rests on."""
    wanted = {
        "weights": [("OSD-2", "weights")],
        "training_data": [("OSD-2", "data")],
        "training_code": [("OSD-2", "training")],
        "licence": [(criterion, "licence") for criterion in _LICENCE_GATE],
    }[facet]
    osd = (verdict for verdict in card.verdicts if verdict.pack == "osd")
    return [verdict for verdict in osd if (verdict.criterion, verdict.facet) in wanted]


def _licence(gate: list[Verdict]) -> str:
    outcomes = {verdict.answer.outcome for verdict in gate}
    if "fail" in outcomes:
        return "closed"
    return ABSTAIN if "review" in outcomes else "open"
