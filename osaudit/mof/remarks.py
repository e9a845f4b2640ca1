"""The remarks that the framework asks for beside a class: what may stand elsewhere, or stands for another part."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from osaudit.mof.components import PAPER, REPORT


def remarks(opened: Collection[str], present: Collection[str]) -> Iterable[tuple[str, str]]:
    """Remarks on what is there and not there, by the names of the components; kind and sentence."""
    if PAPER in opened and REPORT not in opened:
        yield "paper-stands-in", "The research paper stands in for the technical report, and counts once."
    if "Evaluation results" not in present and {REPORT, PAPER, "Model card"} & set(present):
        words = "Evaluation results may stand in the technical report, the research paper or the model card"
        yield "may-stand-elsewhere", f"{words}: where they do, the component is included."
    if "Data card" not in present and "Model card" in present:
        yield "may-stand-elsewhere", "The model card may hold what a data card tells: where it does, it is included."
